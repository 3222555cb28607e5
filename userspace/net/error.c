/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/error.h"

#include "base/text.h"

int net_error_say(struct net_error *ret_error, int code, const char *format, ...)
{
	struct base_text text = base_text_of(ret_error->text, sizeof(ret_error->text));
	va_list list;

	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	return code;
}
