// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WIDTH	   80
#define LEFT_BYTES 64

static const struct cli_option help_option = {
	.letter = 'h', .name = "help", .text = "print this text"};

/* "  -n, --exits N", "      --json", "  RUN...". Returns the length. */
static int left(const struct cli_option *option, char text[LEFT_BYTES])
{
	const char *value = option->value ? option->value : "";

	if (option->kind == OPTION_OPERAND)
		return snprintf(text, LEFT_BYTES, "  %s", value);
	if (!option->letter)
		return snprintf(text, LEFT_BYTES, "      --%s%s%s", option->name, *value ? " " : "",
				value);
	return snprintf(text, LEFT_BYTES, "  -%c, --%s%s%s", option->letter, option->name,
			*value ? " " : "", value);
}

/* Breaks between the parts in brackets, not within them. */
static void print_usage(const struct command *command)
{
	int indent = printf("usage: exitstorm %s", command->name), column = indent, length, depth;
	const char *usage = command->usage;

	while (*usage) {
		for (length = depth = 0; usage[length] && (usage[length] != ' ' || depth); length++)
			depth += (usage[length] == '[') - (usage[length] == ']');
		if (column + 1 + length > WIDTH)
			column = printf("\n%*s", indent, "") - 1;
		column += printf(" %.*s", length, usage);
		usage += length + strspn(usage + length, " ");
	}
	putchar('\n');
}

static void print_option(const struct cli_option *option, int column)
{
	const char *line = option->text;
	char text[LEFT_BYTES];

	left(option, text);
	printf("%-*s", column, text);
	for (;;) {
		char part[512];
		size_t length = strcspn(line, "\n");

		snprintf(part, sizeof(part), "%.*s", (int)length, line);
		cli_wrap(part, column, WIDTH, "");
		if (!line[length])
			break;
		line += length + 1;
		printf("%*s", column, "");
	}
}

int help_print(const struct command *command)
{
	const struct cli_option *option;
	char text[LEFT_BYTES];
	int column = left(&help_option, text);

	for (option = command->options; option->text; option++) {
		int length = left(option, text);

		if (length > column)
			column = length;
	}
	column += 2;
	print_usage(command);
	printf("%s\n\n", command->text);
	for (option = command->options; option->text; option++)
		print_option(option, column);
	print_option(&help_option, column);
	if (command->notes)
		printf("\n%s", command->notes);
	return cli_finish(STATUS_OK);
}

/* Text for scdoc: no character of it is markup. */
static void put_plain(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("++\n", stdout);
			continue;
		}
		if (ispunct((unsigned char)*text) && strchr("\\*_#[]|+.-~<>`", *text))
			putchar('\\');
		putchar(*text);
	}
}

/* Names of values underlined, options bold. */
static void put_usage(const char *usage)
{
	while (*usage) {
		size_t length = strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (length) {
			printf("_%.*s_", (int)length, usage);
		} else if (*usage == '-') {
			length = strcspn(usage, " ]|");
			printf("*%.*s*", (int)length, usage);
		} else if (*usage == '.') {
			length = 1;
			fputs("\\.", stdout);
		} else {
			length = 1;
			putchar(*usage);
		}
		usage += length;
	}
}

int help_synopsis(const struct command *command)
{
	printf("*exitstorm %s* ", command->name);
	put_usage(command->usage);
	putchar('\n');
	return cli_finish(STATUS_OK);
}

int help_list(const struct command *command)
{
	for (const struct cli_option *option = command->options; option->text; option++) {
		if (option > command->options)
			putchar('\n');
		if (option->kind != OPTION_OPERAND) {
			if (option->letter)
				printf("*-%c*, ", option->letter);
			printf("*--%s*%s", option->name, option->value ? " " : "");
		}
		if (option->value) {
			putchar('_');
			put_plain(option->value);
			putchar('_');
		}
		fputs("\n\t", stdout);
		put_plain(option->text);
		putchar('\n');
	}
	return cli_finish(STATUS_OK);
}

static void put_source(const struct cli_option *option)
{
	static const char *const source[] = {
		[COMPLETE_NOTHING] = "nothing",	  [COMPLETE_FILE] = "file",
		[COMPLETE_FOLDER] = "folder",	  [COMPLETE_STORMS] = "storms",
		[COMPLETE_TARGETS] = "targets",	  [COMPLETE_KINDS] = "kinds",
		[COMPLETE_FORMATS] = "formats",	  [COMPLETE_SETTING] = "setting",
		[COMPLETE_SETTINGS] = "settings",
	};

	if (!option->value) {
		puts("flag");
		return;
	}
	if (!option->word_count) {
		puts(source[option->complete]);
		return;
	}
	fputs(option->kind == OPTION_WORDS ? "list" : "one", stdout);
	for (size_t i = 0; i < option->word_count; i++)
		printf(" %s", option->words[i]);
	printf("%s%s\n", option->last_word ? " " : "", option->last_word ? option->last_word : "");
}

int help_completion(const struct command *command)
{
	printf("-h flag\n--help flag\n");
	for (const struct cli_option *option = command->options; option->text; option++) {
		if (option->kind == OPTION_OPERAND) {
			fputs("operand ", stdout);
			put_source(option);
			continue;
		}
		if (option->letter) {
			printf("-%c ", option->letter);
			put_source(option);
		}
		printf("--%s ", option->name);
		put_source(option);
	}
	return cli_finish(STATUS_OK);
}
