/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a run, which come from elsewhere, in file names, commands and Markdown. */
#ifndef ANALYSIS_ARCHIVE_WORDS_H
#define ANALYSIS_ARCHIVE_WORDS_H

#include <stdio.h>

/*
 * Makes `name` a file's name that needs no quotes in a shell, tar or Markdown, in place. Letters
 * that are not ASCII stay: none of them interprets these.
 */
void words_name(char *name);
/* One word of a shell command: in quotes where it needs them. What does not print becomes '?'. */
void words_shell(const char *word, FILE *file);
/* Text within a paragraph of Markdown: no element of it. More than 1,000 bytes are cut off. */
void words_markdown(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
