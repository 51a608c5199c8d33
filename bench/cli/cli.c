// SPDX-License-Identifier: GPL-2.0-or-later
/* What the subcommands share: messages, options, the end of the output. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../results/why.h"

#define MESSAGE_BYTES 2048
#define SHORTOPTS     64

static const char *command_name;

void cli_begin(const struct command *command)
{
	command_name = command->name;
}

/* What a user's file name may hold must not reach the terminal as a command or a second line. */
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

static void message(const char *name, const char *kind, const char *format, va_list arguments,
		    const char *tail)
{
	char text[MESSAGE_BYTES];

	vsnprintf(text, sizeof(text), format, arguments);
	/* Results that are still in the buffer come before the message about their end. */
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
	message(command_name, "", format, arguments, "");
	va_end(arguments);
	return STATUS_FAILED;
}

void cli_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	message(command_name, "warning: ", format, arguments, "");
	va_end(arguments);
}

int cli_usage(const struct command *command, const char *format, ...)
{
	const char *name = command ? command->name : NULL;
	char tail[64];
	va_list arguments;

	snprintf(tail, sizeof(tail), " (see 'exitstorm%s%s --help')", name ? " " : "",
		 name ? name : "");
	va_start(arguments, format);
	message(name, "", format, arguments, tail);
	va_end(arguments);
	return STATUS_USAGE;
}

/* Breaks between the parts in brackets, not within them. */
static void put_usage(const struct command *command)
{
	int indent = printf("usage: exitstorm %s", command->name), column = indent, length, depth;
	const char *usage = command->usage + strspn(command->usage, " ");

	while (*usage) {
		for (length = depth = 0; usage[length] && (usage[length] != ' ' || depth); length++)
			depth += (usage[length] == '[') - (usage[length] == ']');
		if (column + 1 + length > 80)
			column = printf("\n%*s", indent, "") - 1;
		column += printf(" %.*s", length, usage);
		usage += length + strspn(usage + length, " ");
	}
	putchar('\n');
}

int cli_help(const struct command *command)
{
	put_usage(command);
	printf("%s\n", command->text);
	if (command->help && *command->help)
		printf("\n%s", command->help);
	return cli_finish(STATUS_OK);
}

int cli_finish(int status)
{
	static bool reported;
	int error;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
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

/* Edits (insert, delete, replace, swap of neighbours) that make one word of the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][48], m = strlen(a), n = strlen(b), i, j, least;

	if (m >= 48 || n >= 48)
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		row[1][j] = j;
	for (i = 1; i <= m; i++) {
		row[2][0] = i;
		for (j = 1; j <= n; j++) {
			least = row[1][j - 1] + (a[i - 1] != b[j - 1]);
			if (row[1][j] + 1 < least)
				least = row[1][j] + 1;
			if (row[2][j - 1] + 1 < least)
				least = row[2][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    row[0][j - 2] + 1 < least)
				least = row[0][j - 2] + 1;
			row[2][j] = least;
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
		/* The beginning of exactly the one meant, or a slip of the fingers. */
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

static const char *long_name(const struct option *options, int value)
{
	for (; options->name; options++) {
		if (options->val == value && !options->flag)
			return options->name;
	}
	return NULL;
}

/* How the user wrote the option that getopt stumbled over. */
static void written(char *text, size_t size, const char *argument, int value)
{
	if (strncmp(argument, "--", 2) == 0)
		snprintf(text, size, "%.*s", (int)strcspn(argument, "="), argument);
	else
		snprintf(text, size, "-%c", value);
}

static int bad_long(const struct command *command, const char *word, const struct option *options)
{
	const char *names[SHORTOPTS], *nearest;
	size_t count = 0, matches = 0, length = strlen(word + 2), i;

	for (; options->name && count < SHORTOPTS; options++)
		names[count++] = options->name;
	for (i = 0; i < count; i++)
		matches += strncmp(names[i], word + 2, length) == 0;
	if (matches > 1)
		return cli_usage(command, "option '%s' is ambiguous", word);
	nearest = cli_nearest(word + 2, names, count);
	if (nearest)
		return cli_usage(command, "unknown option '%s'; did you mean '--%s'?", word,
				 nearest);
	return cli_usage(command, "unknown option '%s'", word);
}

int cli_option(const struct command *command, int argc, char **argv, const char *shortopts,
	       const struct option *longopts, int *status)
{
	char optstring[SHORTOPTS], word[256];
	bool plus = *shortopts == '+';
	const char *argument;
	int value;

	/* ':' in front makes getopt tell a missing argument from an unknown option. */
	snprintf(optstring, sizeof(optstring), "%s:h%s", plus ? "+" : "", shortopts + plus);
	opterr = 0;
	value = getopt_long(argc, argv, optstring, longopts, NULL);
	if (value != '?' && value != ':' && value != 'h')
		return value;
	if (value == 'h') {
		*status = cli_help(command);
		return CLI_STOP;
	}

	argument = argv[optind - 1];
	written(word, sizeof(word), argument, optopt);
	if (value == ':')
		*status = cli_usage(command, "option '%s' needs a value", word);
	else if (strncmp(argument, "--", 2) != 0 || !word[2])
		*status = cli_usage(command, "unknown option '-%c'", optopt);
	else if (optopt && long_name(longopts, optopt))
		*status = cli_usage(command, "option '%s' takes no value", word);
	else
		*status = bad_long(command, word, longopts);
	return CLI_STOP;
}
