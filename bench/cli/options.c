// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "help.h"
#include "values.h"

#define OPTIONS_MAX 64
#define LONG_VALUE  0x100 /* getopt_long returns it plus the row's number */
#define NAME_BYTES  64

struct parser {
	const struct command *command;
	char *values;
	struct option longs[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX];
	bool given[OPTIONS_MAX]; /* by row */
};

static void prepare(struct parser *parser)
{
	const struct cli_option *option = parser->command->options;
	struct option *next = parser->longs;
	char *letter = parser->letters;

	if (parser->command->options_first)
		*letter++ = '+';
	*letter++ = ':'; /* getopt tells a missing value from an unknown option */
	*letter++ = 'h';
	*next++ = (struct option){"help", no_argument, NULL, 'h'};
	for (int row = 0; option[row].text; row++) {
		if (option[row].kind == OPTION_OPERAND)
			continue;
		*next++ = (struct option){option[row].name,
					  option[row].value ? required_argument : no_argument, NULL,
					  LONG_VALUE + row};
		if (!option[row].letter)
			continue;
		*letter++ = option[row].letter;
		if (option[row].value)
			*letter++ = ':';
	}
}

static const struct cli_option *option_of(const struct parser *parser, int value)
{
	const struct cli_option *option = parser->command->options;

	if (value >= LONG_VALUE)
		return &option[value - LONG_VALUE];
	while (option->text && option->letter != value)
		option++;
	return option;
}

static int bad_long(const struct parser *parser, const char *word)
{
	const char *names[OPTIONS_MAX], *nearest;
	size_t count = 0, matches = 0, length = strlen(word + 2);

	for (const struct option *option = parser->longs; option->name; option++) {
		names[count++] = option->name;
		matches += strncmp(option->name, word + 2, length) == 0;
	}
	if (matches > 1)
		return cli_usage("option '%s' is ambiguous", word);
	nearest = cli_nearest(word + 2, names, count);
	if (nearest)
		return cli_usage("unknown option '%s'; did you mean '--%s'?", word, nearest);
	return cli_usage("unknown option '%s'", word);
}

/* `value`: '?' or ':', as getopt_long returned it. */
static int bad_option(const struct parser *parser, const char *argument, int value)
{
	char word[256];

	if (strncmp(argument, "--", 2) == 0)
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(argument, "="), argument);
	else
		snprintf(word, sizeof(word), "-%c", optopt);
	if (value == ':')
		return cli_usage("option '%s' needs a value", word);
	if (strncmp(word, "--", 2) != 0 || !word[2])
		return cli_usage("unknown option '-%c'", optopt);
	if (optopt)
		return cli_usage("option '%s' takes no value", word);
	return bad_long(parser, word);
}

static const char *word_at(const struct cli_option *option, size_t index)
{
	if (index < option->word_count)
		return option->words[index];
	return index == option->word_count ? option->last_word : NULL;
}

static int no_word(const struct cli_option *option, const char *written, const char *text)
{
	char list[512] = "";
	const char *names[OPTIONS_MAX], *nearest, *word;
	size_t used = 0, count = 0;

	for (; count < OPTIONS_MAX && (word = word_at(option, count)); count++) {
		names[count] = word;
		if (used < sizeof(list))
			used += snprintf(list + used, sizeof(list) - used, "%s%s",
					 count ? ", " : "", word);
	}
	nearest = cli_nearest(text, names, count);
	if (nearest)
		return cli_usage("%s: unknown '%s'; did you mean '%s'?", written, text, nearest);
	return cli_usage("%s: unknown '%s'; there are %s", written, text, list);
}

static int store_word(const struct cli_option *option, const char *written, const char *text,
		      int *index)
{
	const char *word;

	for (int i = 0; (word = word_at(option, i)); i++)
		if (!strcmp(text, word)) {
			*index = option->number + i;
			return STATUS_OK;
		}
	return no_word(option, written, text);
}

static int store_words(const struct cli_option *option, const char *written, const char *text,
		       u32 *mask)
{
	char *copy = memory_text(text), *rest = copy, *word;
	int status = STATUS_OK, index = 0;

	*mask = 0;
	while (status == STATUS_OK && (word = strsep(&rest, ","))) {
		status = store_word(option, written, word, &index);
		*mask |= 1U << index;
	}
	free(copy);
	return status;
}

static int store_item(const char *written, const char *text, struct option_list *list)
{
	if (list->count == OPTION_LIST_MAX)
		return cli_usage("%s is given more than %d times", written, OPTION_LIST_MAX);
	list->item[list->count++] = text;
	return STATUS_OK;
}

static int store(const struct cli_option *option, const char *written, const char *text, void *to)
{
	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		return STATUS_OK;
	case OPTION_SELECT:
		*(int *)to = option->number;
		return STATUS_OK;
	case OPTION_TEXT:
		*(const char **)to = text;
		return STATUS_OK;
	case OPTION_LIST:
		return store_item(written, text, to);
	case OPTION_WORD:
		return store_word(option, written, text, to);
	case OPTION_WORDS:
		return store_words(option, written, text, to);
	case OPTION_COUNT:
		return value_count(written, text, option->min, option->max, to);
	case OPTION_SIZE:
		return value_size(written, text, option->min, option->max, to);
	case OPTION_NUMBER:
		return value_number(written, text, option->low, option->high, to);
	case OPTION_PERCENT:
		return value_percent(written, text, option->low, option->high, to);
	case OPTION_SECONDS:
		return value_seconds(written, text, option->low, to);
	case OPTION_PARSED:
		return option->parse(written, text, to);
	case OPTION_OPERAND:
		break;
	}
	return STATUS_OK;
}

/* Refuses an option that excludes one given before, and a second one of those allowed once. */
static int conflict(const struct parser *parser, const struct cli_option *option)
{
	const struct cli_option *options = parser->command->options;

	if (option->once && parser->given[option - options])
		return cli_usage("--%s is given twice", option->name);
	for (int row = 0; option->kind == OPTION_SELECT && options[row].text; row++)
		if (parser->given[row] && &options[row] != option &&
		    options[row].kind == OPTION_SELECT && options[row].at == option->at)
			return cli_usage("--%s and --%s exclude each other", options[row].name,
					 option->name);
	return STATUS_OK;
}

static int parse_one(struct parser *parser, int value)
{
	const struct cli_option *option = option_of(parser, value);
	char written[NAME_BYTES];
	int status = conflict(parser, option);

	if (status != STATUS_OK)
		return status;
	parser->given[option - parser->command->options] = true;
	if (value >= LONG_VALUE)
		snprintf(written, sizeof(written), "--%s", option->name);
	else
		snprintf(written, sizeof(written), "-%c", value);
	return store(option, written, optarg, parser->values + option->at);
}

static int check_required(const struct parser *parser)
{
	const struct cli_option *options = parser->command->options;

	for (int row = 0; options[row].text; row++)
		if (options[row].required && !parser->given[row])
			return cli_usage("option --%s %s is missing", options[row].name,
					 options[row].value);
	return OPTIONS_PARSED;
}

static int check_operands(const struct command *command, int argc, char **argv)
{
	const struct cli_option *operand = command->options;
	u64 count = argc - optind, max;
	const char *hint = command->operand_hint;

	while (operand->text && operand->kind != OPTION_OPERAND)
		operand++;
	max = operand->text ? operand->max : 0;
	if (count > max)
		return cli_usage("unexpected operand '%s'%s%s", argv[optind + max],
				 hint ? "; " : "", hint ? hint : "");
	if (operand->text && count < operand->min)
		return cli_usage("operand %s is missing", operand->value);
	return OPTIONS_PARSED;
}

int options_parse(const struct command *command, int argc, char **argv, void *values)
{
	struct parser parser = {.command = command, .values = values};
	int value, status;

	prepare(&parser);
	opterr = 0;
	while ((value = getopt_long(argc, argv, parser.letters, parser.longs, NULL)) != -1) {
		if (value == 'h')
			return help_print(command);
		if (value == '?' || value == ':')
			return bad_option(&parser, argv[optind - 1], value);
		status = parse_one(&parser, value);
		if (status != STATUS_OK)
			return status;
	}
	status = check_operands(command, argc, argv);
	return status == OPTIONS_PARSED ? check_required(&parser) : status;
}

int options_parse_both(const struct command *command, int argc, char **argv, void *values,
		       const struct command *behind, void *behind_values)
{
	int split = 1, status;

	while (split < argc && strcmp(argv[split], "--"))
		split++;
	status = options_parse(command, split, argv, values);
	if (status != OPTIONS_PARSED || split == argc)
		return status;
	argv[split] = argv[0];
	optind = 0; /* getopt_long begins anew */
	return options_parse(behind, argc - split, argv + split, behind_values);
}
