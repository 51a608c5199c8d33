// SPDX-License-Identifier: GPL-2.0-or-later
#include "replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy(int from, int to)
{
	char block[65536];
	ssize_t have, done;

	while ((have = read(from, block, sizeof(block))) > 0)
		for (char *at = block; have; at += done, have -= done) {
			done = write(to, at, have);
			if (done < 0 && errno == EINTR)
				done = 0;
			else if (done < 0)
				return -errno;
		}
	return have < 0 ? -errno : 0;
}

/* Makes a temporary file in the target's folder, where a rename can put it in its place. */
static int open_beside(const char *target, char temporary[PATH_MAX])
{
	const char *slash = strrchr(target, '/');
	int length = slash ? slash - target + 1 : 0;
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (snprintf(temporary, PATH_MAX, "%.*s.exitstorm-XXXXXX", length, target) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd >= 0)
		fchmod(fd, 0666 & ~mask);
	return fd < 0 ? -errno : fd;
}

static int replace(int from, const char *target)
{
	char temporary[PATH_MAX];
	int fd = open_beside(target, temporary), error;

	if (fd < 0)
		return fd;
	error = copy(from, fd);
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(temporary, target))
		error = -errno;
	if (error)
		unlink(temporary);
	return error;
}

/* A device or a pipe is written to, not replaced. */
static int write_into(int from, const char *target)
{
	int fd = open(target, O_WRONLY | O_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = copy(from, fd);
	if (close(fd) && !error)
		error = -errno;
	return error;
}

int replace_file(int from, const char *out)
{
	char target[PATH_MAX];
	struct stat stat_out;

	if (!strcmp(out, "-"))
		return copy(from, STDOUT_FILENO);
	if (stat(out, &stat_out))
		return errno == ENOENT ? replace(from, out) : -errno;
	if (S_ISDIR(stat_out.st_mode))
		return -EISDIR;
	if (!S_ISREG(stat_out.st_mode))
		return write_into(from, out);
	/* A symbolic link stays, its target is replaced. */
	return realpath(out, target) ? replace(from, target) : -errno;
}
