/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads small files of /proc and /sys. Paths are printf formats. */
#ifndef BENCH_MACHINE_SYSFS_H
#define BENCH_MACHINE_SYSFS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Paths are taken below this folder. NULL or "": below /. For tests alone, which make up machines
 * of files: every reader of /proc, /sys and /dev comes here, so none needs a parameter for them.
 */
void sysfs_set_root(const char *root);
/* The path of a file below that folder. Returns `path`. */
const char *sysfs_path(char *path, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Files that are there and could not be read: strings "FILE: reason" in the order of reading, each
 * once. A new reference; NULL: nothing.
 */
json_t *sysfs_unread(void);
/* Adds one, unless `error` (errno) says that there is no such thing. */
void sysfs_add_unread(const char *name, int error);

/* The file without leading and trailing white space, cut at size. False: cannot be read. */
bool sysfs_text(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* False: cannot be read, or is not one number. */
bool sysfs_number(long long *number, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The file as a string; null: cannot be read. A new reference. */
json_t *sysfs_json(const char *format, ...) __attribute__((format(printf, 1, 2)));
/*
 * `size` bytes from `offset` of a file that few may read: false if not all of them can be, and then
 * sysfs_unread() does not list it.
 */
bool sysfs_bytes(void *bytes, size_t size, off_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
bool sysfs_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Calls entry() for each name in the folder, in version order (state2 before state10). Returns
 * their number; 0 also if there is no such folder.
 */
size_t sysfs_each(const char *folder, void (*entry)(void *arg, const char *name), void *arg);

/* Parses "0,2-4". Returns the number of CPUs in the list; stores at most `room`. */
size_t sysfs_cpu_list(const char *list, unsigned short *cpu, size_t room);
/* "always [madvise] never" -> "madvise". False: nothing in brackets. */
bool sysfs_choice(const char *text, char *choice, size_t size);

#endif
