/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test_told SOCKET: what a service manager is told there (sd_notify(3)), a
 * message a line, its own line ends as blanks, until it is killed.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[4096];
	ssize_t length;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		return 2;
	strcpy(at.sun_path, argv[1]);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		perror(argv[1]);
		return 1;
	}
	while ((length = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[length] = '\0';
		for (char *end = text; (end = strchr(end, '\n'));)
			*end = ' ';
		puts(text);
		fflush(stdout);
	}
	return 1;
}
