/* SPDX-License-Identifier: GPL-2.0-only */
/* Any JSON as aligned text: what a daemon of another version says is shown too. */
#ifndef XDHCP_TOOL_TABLE_H
#define XDHCP_TOOL_TABLE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Members of an object, a line each: single values first, then objects
 * (indented below their name) and lists of objects (as tables). '_' in names
 * becomes a space; "since" is shown as a time.
 */
void tool_table_object(FILE *out, const json_t *object, int indent);

/* A list of objects as a table; columns are the members of the first. */
void tool_table_rows(FILE *out, const json_t *rows, int indent);

/* Text from the network: control characters become '?'. */
void tool_text(FILE *out, const char *text);
/* The same of a text of several lines, in which a caret may stand under its column; ends the last one. */
void tool_text_lines(FILE *out, const char *text);

#define TOOL_TIME_TEXT 48

/* "in 3m", "2h05m ago", "now". Returns `text`. */
char *tool_time_relative(int64_t when, int64_t now, char text[TOOL_TIME_TEXT]);
/* "2026-08-01 12:00:00", local time. Returns `text`. */
char *tool_time_local(int64_t when, char text[TOOL_TIME_TEXT]);

#endif
