// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages, and the end of the output. */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../results/why.h"

#define MESSAGE_BYTES 2048

static const struct command *current;

void cli_begin(const struct command *command)
{
	current = command;
}

/* A control character in a file name must not reach the terminal, nor begin a second line. */
static void put_escaped(FILE *out, const char *text)
{
	static const char named[][3] = {"\nn", "\tt", "\rr"};
	size_t length, i;

	while (*text) {
		length = why_printable(text);
		if (length) {
			fwrite(text, 1, length, out);
			text += length;
			continue;
		}
		for (i = 0; i < 3 && named[i][0] != *text; i++)
			;
		if (i < 3)
			fprintf(out, "\\%c", named[i][1]);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
		text++;
	}
}

static void message(const char *kind, const char *format, va_list arguments, const char *tail)
{
	const char *name = current ? current->name : NULL;
	char text[MESSAGE_BYTES];

	vsnprintf(text, sizeof(text), format, arguments);
	/* On one terminal the results printed so far come before the message. */
	fflush(stdout);
	flockfile(stderr);
	fprintf(stderr, "exitstorm%s%s: %s", name ? " " : "", name ? name : "", kind);
	put_escaped(stderr, text);
	fprintf(stderr, "%s\n", tail);
	funlockfile(stderr);
}

int cli_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message("", format, arguments, "");
	va_end(arguments);
	return STATUS_FAILED;
}

void cli_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message("warning: ", format, arguments, "");
	va_end(arguments);
}

void cli_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message("", format, arguments, "");
	va_end(arguments);
}

int cli_usage(const char *format, ...)
{
	char tail[64];
	va_list arguments;

	snprintf(tail, sizeof(tail), " (see 'exitstorm%s%s --help')", current ? " " : "",
		 current ? current->name : "");
	va_start(arguments, format);
	message("", format, arguments, tail);
	va_end(arguments);
	return STATUS_USAGE;
}

/* A pipe or socket on stdout that nothing reads any more. */
static bool is_closed(int error)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return error == EPIPE || (!error && poll(&out, 1, 0) > 0 && (out.revents & POLLERR));
}

int cli_finish(int status)
{
	static bool reported;
	int error;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	error = errno;
	if (is_closed(error))
		return status == STATUS_OK ? STATUS_PIPE : status;
	/* An earlier write has failed: one more, which ends the line that was cut, tells why. */
	if (!error && write(STDOUT_FILENO, "\n", 1) < 0)
		error = errno;
	if (!reported)
		cli_fail("cannot write to standard output: %s",
			 error ? strerror(error) : "an earlier write failed");
	reported = true;
	return status == STATUS_OK ? STATUS_FAILED : status;
}

int cli_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
	    size.ws_col < 20)
		return 80;
	return size.ws_col;
}

void cli_wrap(const char *text, int column, int width, const char *at_break)
{
	int room = width - column - (int)strlen(at_break), length;

	while ((int)strlen(text) > width - column) {
		for (length = room; length > 0 && text[length] != ' '; length--)
			;
		if (length == 0) /* a word longer than the line */
			length = strcspn(text, " ");
		if (!text[length])
			break;
		printf("%.*s%s\n%*s", length, text, at_break, column, "");
		text += length + strspn(text + length, " ");
	}
	printf("%s\n", text);
}

/* Edits (insert, delete, replace, swap of neighbours) that make one word of the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][48], m = strlen(a), n = strlen(b), i, j, min;

	if (m >= 48 || n >= 48)
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		row[1][j] = j;
	for (i = 1; i <= m; i++) {
		row[2][0] = i;
		for (j = 1; j <= n; j++) {
			min = row[1][j - 1] + (a[i - 1] != b[j - 1]);
			if (row[1][j] + 1 < min)
				min = row[1][j] + 1;
			if (row[2][j - 1] + 1 < min)
				min = row[2][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    row[0][j - 2] + 1 < min)
				min = row[0][j - 2] + 1;
			row[2][j] = min;
		}
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
	}
	return row[1][n];
}

const char *cli_nearest(const char *word, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t best_distance = SIZE_MAX, length = strlen(word), i, d;

	for (i = 0; i < count; i++) {
		/* The beginning of a name counts as one edit, however much is missing. */
		d = length > 1 && strncmp(names[i], word, length) == 0 ? 1
								       : distance(word, names[i]);
		if (d < best_distance) {
			best_distance = d;
			best = names[i];
		}
	}
	if (best_distance > 2 && best_distance > length / 3)
		return NULL;
	return best_distance < length ? best : NULL;
}
