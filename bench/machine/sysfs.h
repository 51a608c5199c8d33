/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small files of /proc and /sys. Paths are formats; what cannot be read is told apart. */
#ifndef BENCH_MACHINE_SYSFS_H
#define BENCH_MACHINE_SYSFS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A folder that stands for / : tests bring their own machine. NULL or "": this one. */
void sysfs_set_root(const char *root);
/* The real path of a file under that root. */
const char *sysfs_path(char *path, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The whole file without white space at its ends; cut at size. False: cannot be read. */
bool sysfs_text(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool sysfs_number(long long *number, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A string, or null. */
json_t *sysfs_json(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool sysfs_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Calls back for each entry of a folder, in the order of their names (state2 before state10).
 * Returns how many there are; 0 also if there is no such folder.
 */
size_t sysfs_each(const char *folder, void (*entry)(void *arg, const char *name), void *arg);

/* "0,2-4" into numbers. Returns how many; at most `room` are stored. */
size_t sysfs_cpu_list(const char *list, unsigned short *cpu, size_t room);
/* "always [madvise] never" -> "madvise". False: nothing in brackets. */
bool sysfs_choice(const char *text, char *choice, size_t size);

#endif
