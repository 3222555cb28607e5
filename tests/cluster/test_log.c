// SPDX-License-Identifier: GPL-2.0-only
/* test_log SOCKET: a node's syslog. Prints what is sent there, a line each, with the time. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

static int log_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666) ? -1
											   : fd;
}

/* <30>Nov 28 09:00:00 name[pid]: text → name[pid]: text */
static const char *text_of(const char *line)
{
	const char *text = strchr(line, '>');

	text = *line == '<' && text ? text + 1 : line;
	return strlen(text) > 16 && text[6] == ' ' && text[9] == ':' ? text + 16 : text;
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? log_open(argv[1]) : -1;
	char line[8192];
	ssize_t length;

	if (fd < 0) {
		perror("test_log SOCKET");
		return 2;
	}
	while ((length = recv(fd, line, sizeof(line) - 1, 0)) >= 0) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		line[length] = 0;
		printf("%lld.%03ld %s\n", (long long)now.tv_sec, now.tv_nsec / 1000000,
		       text_of(line));
		fflush(stdout);
	}
	return 1;
}
