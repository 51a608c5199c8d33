// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../trace/range.h"

static const char *root = "";

void sysfs_set_root(const char *folder)
{
	root = folder ? folder : "";
}

static const char *rooted(char *path, size_t size, const char *format, va_list arguments)
{
	int length = snprintf(path, size, "%s", root);

	if (length >= 0 && (size_t)length < size)
		vsnprintf(path + length, size - length, format, arguments);
	return path;
}

const char *sysfs_path(char *path, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	rooted(path, size, format, arguments);
	va_end(arguments);
	return path;
}

static json_t *unread;

json_t *sysfs_unread(void)
{
	return json_incref(unread);
}

/* The kernel has no such file, or the file no value here. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ENODEV || error == ENXIO ||
	       error == ENODATA || error == EINVAL || error == EOPNOTSUPP;
}

void sysfs_add_unread(const char *name, int error)
{
	json_t *line, *before;
	size_t i;

	if (is_absence(error))
		return;
	line = compose_format("%s: %s", name, strerror(error));
	if (!unread)
		unread = json_array();
	json_array_foreach (unread, i, before) {
		if (json_equal(before, line)) {
			json_decref(line);
			return;
		}
	}
	compose_add(unread, line);
}

static void note_unread(const char *path, int error)
{
	sysfs_add_unread(path + strlen(root), error);
}

static bool read_text(char *text, size_t size, const char *path)
{
	size_t length = 0, start;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

	if (fd < 0) {
		note_unread(path, errno);
		return false;
	}
	do {
		got = read(fd, text + length, size - 1 - length);
		if (got > 0)
			length += got;
	} while (got > 0 && length < size - 1);
	error = errno;
	close(fd);
	if (got < 0) {
		note_unread(path, error);
		return false;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	start = strspn(text, " \t\n");
	memmove(text, text + start, length - start + 1);
	return true;
}

bool sysfs_text(char *text, size_t size, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	rooted(path, sizeof(path), format, arguments);
	va_end(arguments);
	return read_text(text, size, path);
}

bool sysfs_number(long long *number, const char *format, ...)
{
	char path[PATH_MAX], text[64], *end;
	va_list arguments;

	va_start(arguments, format);
	rooted(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (!read_text(text, sizeof(text), path))
		return false;
	*number = strtoll(text, &end, 0);
	return end != text && *end == '\0';
}

json_t *sysfs_json(const char *format, ...)
{
	char path[PATH_MAX], text[4096];
	va_list arguments;

	va_start(arguments, format);
	rooted(path, sizeof(path), format, arguments);
	va_end(arguments);
	return compose_text(read_text(text, sizeof(text), path) ? text : NULL);
}

bool sysfs_bytes(void *bytes, size_t size, off_t offset, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	ssize_t got;
	int fd;

	va_start(arguments, format);
	rooted(path, sizeof(path), format, arguments);
	va_end(arguments);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	got = pread(fd, bytes, size, offset);
	close(fd);
	return got == (ssize_t)size;
}

bool sysfs_exists(const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	rooted(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (!access(path, F_OK))
		return true;
	note_unread(path, errno);
	return false;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

size_t sysfs_each(const char *folder, void (*entry)(void *arg, const char *name), void *arg)
{
	char path[PATH_MAX];
	struct dirent **list;
	int count, i;

	count = scandir(sysfs_path(path, sizeof(path), "%s", folder), &list, visible, versionsort);
	if (count < 0) {
		note_unread(path, errno);
		return 0;
	}
	for (i = 0; i < count; i++) {
		entry(arg, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return count;
}

size_t sysfs_cpu_list(const char *list, unsigned short *cpu, size_t room)
{
	unsigned long first, last;
	size_t count = 0;

	while (range_next(&list, &first, &last) && last <= USHRT_MAX) {
		for (; first <= last; first++, count++) {
			if (count < room)
				cpu[count] = first;
		}
		list += *list == ',';
	}
	return count;
}

bool sysfs_choice(const char *text, char *choice, size_t size)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	if (!close)
		return false;
	snprintf(choice, size, "%.*s", (int)(close - open - 1), open + 1);
	return true;
}
