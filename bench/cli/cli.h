/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a command and of its options; messages; the end of the output. */
#ifndef BENCH_CLI_CLI_H
#define BENCH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "../../trace/record.h"

/* STATUS_PIPE: the reader of stdout has closed it; main() then ends the process by SIGPIPE. */
enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_REGRESSION = 3,
	STATUS_UNDECIDED = 4,
	STATUS_SKIP_COMMIT = 125, /* git-bisect(1), "Bisect run" */
	STATUS_PIPE = 141
};

/* How the value of an option is read, and the type that its destination has. */
enum option_kind {
	OPTION_FLAG,	/* bool: takes no value, stores true */
	OPTION_SELECT,	/* int: takes no value, stores .number; one of those with the same .at */
	OPTION_TEXT,	/* const char * */
	OPTION_LIST,	/* struct option_list; may be given OPTION_LIST_MAX times */
	OPTION_WORD,	/* int: .number + index of the word */
	OPTION_WORDS,	/* u32: a bit for each word of a list with commas */
	OPTION_COUNT,	/* u64 from .min to .max; 10k, 1M, 2e6 */
	OPTION_SIZE,	/* u64, bytes from .min to .max; 64k, 16M, 1G are powers of 1024 */
	OPTION_NUMBER,	/* double from .low to .high */
	OPTION_PERCENT, /* double, percent from .low to .high; 2, 2% */
	OPTION_SECONDS, /* double, from .low; 0 excludes 0; 10, 0.5, 100us, 2min */
	OPTION_PARSED,	/* .parse() stores it */
	OPTION_OPERAND	/* an operand, given .min to .max times; stores nothing */
};

/* The source of the words that completion offers for a value; OPTION_WORD(S) have their own. */
enum option_complete {
	COMPLETE_NOTHING,
	COMPLETE_FILE,
	COMPLETE_FOLDER,
	COMPLETE_STORMS,
	COMPLETE_TARGETS,
	COMPLETE_KINDS,	  /* of figures */
	COMPLETE_FORMATS, /* of figures */
	COMPLETE_SETTING, /* KEY=VALUE */
	COMPLETE_SETTINGS /* KEY=VALUE,VALUE */
};

/* Fields of a row. */
/* Constants in the text of a row. */
#define OPTION_DEFAULT(number)	"(default " OPTION_TEXT_OF(number) ")"
#define OPTION_TEXT_OF(number)	OPTION_TEXT_OF_(number)
#define OPTION_TEXT_OF_(number) #number
#define OPTION_LEG_WORDS	.words = leg_name, .word_count = LEGS
/* The value of --leg: a leg, "all" (the last word after them), or as it is without the option. */
#define OPTION_ALL_LEGS LEGS
#define OPTION_NO_LEG	-1
/* The leg, or LEGS where no single one was chosen. */
#define OPTION_LEG(chosen) ((chosen) == OPTION_NO_LEG ? LEGS : (chosen))

#define OPTION_LIST_MAX 64

struct option_list {
	const char *item[OPTION_LIST_MAX];
	int count;
};

/*
 * One row gives getopt_long, --help, the list in the man page and the completion. A table ends with
 * an empty row. Every command has -h, --help without a row.
 */
struct cli_option {
	char letter; /* 0: none */
	bool once;   /* a second one is bad usage; else the last one holds */
	bool required;
	const char *name;  /* without "--" */
	const char *value; /* the name of its value; NULL: it takes none */
	const char *text;  /* --help, man page; '\n' begins a line */
	enum option_kind kind;
	enum option_complete complete;
	size_t at; /* offset of the destination */
	int number;
	const char *const *words;
	size_t word_count;
	const char *last_word; /* one more word after those; NULL: none */
	u64 min, max;
	double low, high;
	/* The option as the user wrote it, for messages. Returns a status. */
	int (*parse)(const char *option, const char *text, void *destination);
};

struct command {
	const char *name, *usage, *text; /* text: one line for `exitstorm --help` */
	const char *notes;		 /* the end of `exitstorm NAME --help` */
	const struct cli_option *options;
	const char *operand_hint;	   /* for the message about an operand too many; or NULL */
	bool options_first;		   /* the first operand ends the options */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the status */
};

extern const struct command cmd_list, cmd_doctor, cmd_selftest, cmd_run, cmd_ab, cmd_gate, cmd_show,
	cmd_plot, cmd_compare, cmd_report, cmd_archive, cmd_export, cmd_import, cmd_trace,
	cmd_image, cmd_campaign, cmd_collect, cmd_query, cmd_join;

/* The command that messages name from here on; before, they name exitstorm alone. */
void cli_begin(const struct command *command);

/*
 * "exitstorm NAME: ..." on stderr, one line; unprintable bytes are escaped. Returns STATUS_FAILED.
 */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for bad usage, with a pointer to --help. Returns STATUS_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "exitstorm NAME: warning: ..." */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same without "warning". */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The most similar of `count` names, for "did you mean"; NULL: none is similar. */
const char *cli_nearest(const char *word, const char *const *names, size_t count);

/*
 * Flushes stdout. An error becomes a message and STATUS_FAILED; a pipe that its reader has closed
 * becomes STATUS_PIPE without a message.
 */
int cli_finish(int status);
int cli_width(void); /* columns of the terminal on stdout; 80 where stdout is none */
/*
 * Prints text and a newline, broken at blanks into lines of `width` columns. The first begins in
 * `column`; the others are indented to it, and `at_break` stands at the end of each line broken.
 */
void cli_wrap(const char *text, int column, int width, const char *at_break);

#endif
