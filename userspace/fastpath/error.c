// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "fastpath/state.h"

#define LOG_TAIL 400 /* bytes of the verifier's last words */

int fastpath_fail(struct fastpath_error *error, int code, const char *format, ...)
{
	struct base_text text = base_text_of(error->text, sizeof(error->text));
	va_list list;

	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	return code;
}

/* The end of the verifier's log without the line of figures that closes it. */
static const char *log_tail(const char *log, size_t *ret_length)
{
	const char *end = strstr(log, "\nprocessed ");
	size_t length = end ? (size_t)(end - log) : strlen(log);
	size_t skip = length > LOG_TAIL ? length - LOG_TAIL : 0;

	*ret_length = length - skip;
	return log + skip;
}

int fastpath_fail_load(struct fastpath_error *error, int code, const char *what, const char *log)
{
	char tail[LOG_TAIL + 1];
	size_t length;

	if (code == -EPERM) {
		return fastpath_fail(
			error, code,
			"%s: the kernel does not let us load BPF programs: start as root, "
			"or with CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN, or with --xdp off",
			what);
	}
	if (!log || !*log)
		return fastpath_fail(error, code, "%s: cannot load: %s", what, strerror(-code));
	log = log_tail(log, &length);
	memcpy(tail, log, length);
	tail[length] = '\0';
	for (char *c = tail; *c; c++) {
		if (*c == '\n')
			*c = ' ';
	}
	return fastpath_fail(error, code, "%s: refused by the kernel's verifier (%s): … %s", what,
			     strerror(-code), tail);
}
