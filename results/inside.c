// SPDX-License-Identifier: GPL-2.0-or-later
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "why.h"

/* An errno's meaning for a run's folder. */
static const char *reason(int error)
{
	switch (error) {
	case ELOOP:
		return "is a link: a run's files lie in its folder";
	case ENOTDIR:
		return "is not in a folder of the run's own";
	case ENOENT:
		return "is missing";
	default:
		return strerror(error);
	}
}

/* NULL: a regular file, or a link, which open() refuses. */
static const char *wrong_kind(mode_t mode)
{
	static const struct {
		mode_t kind;
		const char *text;
	} kinds[] = {
		{S_IFDIR, "is a folder"}, {S_IFIFO, "is a FIFO"},    {S_IFCHR, "is a device"},
		{S_IFBLK, "is a device"}, {S_IFSOCK, "is a socket"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((mode & S_IFMT) == kinds[i].kind)
			return kinds[i].text;
	return NULL;
}

static int open_folder(const char *path, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd < 0)
		return why_say(why, -errno, "%s: %s", why_path(path),
			       errno == ENOTDIR ? "is not a folder" : strerror(errno));
	return fd;
}

/* 0: a regular file. */
static int look(int folder, const char *name, const char **text)
{
	struct stat stat;

	if (fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (S_ISLNK(stat.st_mode))
		return -ELOOP;
	*text = wrong_kind(stat.st_mode);
	return *text ? -EBADMSG : 0;
}

/* Looked at once more after it was opened: it may have been replaced meanwhile. */
static int open_last(int folder, const char *name, const char **text)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	int error = look(folder, name, text), fd;
	struct stat stat;

	if (error)
		return error;
	fd = openat(folder, name, flags);
	if (fd < 0)
		return -errno;
	*text = fstat(fd, &stat) ? strerror(errno) : wrong_kind(stat.st_mode);
	if (!*text)
		return fd;
	close(fd);
	return -EBADMSG;
}

static int open_middle(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);

	return fd < 0 ? -errno : fd;
}

/* Walks to the folder of path/relative, where `last` gets its name and gives the result. */
static int walk(const char *path, const char *relative,
		int (*last)(int folder, const char *name, const char **text), char *why)
{
	const char *rest = relative;
	int fd = open_folder(path, why);
	bool more = true;

	while (fd >= 0 && more) {
		size_t length = strcspn(rest, "/");
		const char *text = NULL;
		char name[NAME_MAX + 1];
		int next = -ENAMETOOLONG;

		more = rest[length];
		/* Not cut: that would be the name of another file. */
		if (length <= NAME_MAX) {
			snprintf(name, sizeof(name), "%.*s", (int)length, rest);
			next = more ? open_middle(fd, name) : last(fd, name, &text);
		}
		if (next < 0)
			why_say(why, next, "%s: %.100s %s", why_path(path), relative,
				text ? text : reason(-next));
		close(fd);
		fd = next;
		rest += length + more;
	}
	return fd;
}

int inside_open(const char *path, const char *relative, char *why)
{
	return walk(path, relative, open_last, why);
}

int inside_check(const char *path, const char *relative, char *why)
{
	return walk(path, relative, look, why);
}
