// SPDX-License-Identifier: GPL-2.0-or-later
#include "replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../../results/notice.h"
#include "../../results/temporary.h"
#include "../../results/why.h"

#define SECOND 1000 /* ms */

/* Of a FIFO that is opened without waiting: until it has room. */
static int wait_for_room(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int ready = poll(&wait, 1, SECOND);

	return ready > 0 ? 0 : ready ? -errno : -EAGAIN;
}

static int copy(int from, int to)
{
	int error;

	char block[16384];
	ssize_t have, done;

	while ((have = read(from, block, sizeof(block))) > 0)
		for (char *at = block; have; at += done, have -= done) {
			done = write(to, at, have);
			if (done >= 0)
				continue;
			error = errno == EAGAIN ? wait_for_room(to) : errno == EINTR ? 0 : -errno;
			if (error)
				return error;
			done = 0;
		}
	return have < 0 ? -errno : 0;
}

/* A file that is there keeps its owner and mode: it may hold what others must not read. */
static void take_over(int fd, const struct stat *before)
{
	if (fchown(fd, before->st_uid, before->st_gid) && errno != EPERM)
		return;
	fchmod(fd, before->st_mode & 07777);
}

static int replace(int from, const char *target, const struct stat *before)
{
	const char *slash = strrchr(target, '/');
	struct temporary temporary;
	char folder[PATH_MAX];
	int error;

	if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - target) + 1 : 1,
		     slash ? target : ".") >= PATH_MAX)
		return -ENAMETOOLONG;
	error = temporary_file(&temporary, folder, ".exitstorm-file", 0666);
	if (error)
		return error;
	if (before)
		take_over(temporary.fd, before);
	error = copy(from, temporary.fd);
	if (!error && fsync(temporary.fd) && errno != EINVAL)
		error = -errno;
	if (!error)
		error = temporary_rename(&temporary, target);
	temporary_remove(&temporary);
	return error;
}

/* Not replaced but written to: a device, a pipe, a mount point, a file in a folder that is not
 * ours. */
static int write_into(int from, const char *target, int flags)
{
	int fd = open(target, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY | flags), error;

	if (fd < 0)
		return -errno;
	if (lseek(from, 0, SEEK_SET) < 0 && errno != ESPIPE)
		error = -errno;
	else
		error = copy(from, fd);
	if (close(fd) && !error)
		error = -errno;
	return error;
}

/* A file that is written in place is lost if there is no room for the new content. */
static int check_room(int from, const char *target, const struct stat *before)
{
	struct statvfs disk;
	struct stat content;

	if (fstat(from, &content) || statvfs(target, &disk) || !S_ISREG(content.st_mode))
		return 0;
	return (double)content.st_size > (double)disk.f_bavail * disk.f_frsize +
						 (double)before->st_blocks * 512
		       ? -ENOSPC
		       : 0;
}

static int replace_or_write(int from, const char *target, const struct stat *before)
{
	int error = replace(from, target, before), cause = error;

	if (error != -EBUSY && error != -EXDEV && error != -EACCES && error != -EPERM &&
	    error != -EROFS)
		return error;
	error = check_room(from, target, before);
	if (!error)
		error = write_into(from, target, 0);
	if (!error)
		notice("%s: is written in place (its folder: %s): a kill or a full disk would "
		       "leave "
		       "a part of it",
		       why_path(target), strerror(-cause));
	return error;
}

static int write_output(int from, const char *out, int flags)
{
	char target[PATH_MAX];
	struct stat before;

	if (!strcmp(out, "-"))
		return copy(from, STDOUT_FILENO);
	if (stat(out, &before))
		return errno == ENOENT ? replace(from, out, NULL) : -errno;
	if (S_ISDIR(before.st_mode))
		return -EISDIR;
	if (!S_ISREG(before.st_mode))
		return write_into(from, out, S_ISFIFO(before.st_mode) ? flags : 0);
	/* A symbolic link stays, its target is replaced. */
	return realpath(out, target) ? replace_or_write(from, target, &before) : -errno;
}

int replace_file(int from, const char *out)
{
	return write_output(from, out, 0);
}

int replace_file_at_once(int from, const char *out)
{
	return write_output(from, out, O_NONBLOCK);
}
