// SPDX-License-Identifier: GPL-2.0-or-later
#include "temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "trust.h"

#define SUFFIX 6 /* characters that tell those of one name apart */
#define TRIES  100

#define FALLBACK "/tmp"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

const char *temporary_top(void)
{
	const char *top = getenv("TMPDIR");

	if (!top || !*top)
		return FALLBACK;
	if (trust_is_root() && !access(top, F_OK) && !trust_temporary_folder(top)) {
		program_passed_over("TMPDIR", top);
		return FALLBACK;
	}
	return top;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	remove(path); /* an error must not keep the other files */
	return 0;
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool has_name(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(entry, name, length) && entry[length] == '-' &&
	       strlen(entry + length + 1) == SUFFIX &&
	       strspn(entry + length + 1, letters) == SUFFIX;
}

/*
 * Removes it if it is ours and no process has it locked; the lock is held until it is gone, so that
 * a process that has just made it cannot take it. A file system without locks keeps all.
 */
static void remove_left_behind(int parent, const char *entry, const char *path)
{
	struct stat stat;
	int fd;

	if (fstatat(parent, entry, &stat, AT_SYMLINK_NOFOLLOW) || stat.st_uid != geteuid() ||
	    (!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode)))
		return;
	fd = openat(parent, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		remove_tree(path);
	close(fd);
}

static void sweep(const char *parent, const char *name)
{
	DIR *stream = opendir(parent);
	char path[PATH_MAX];
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (has_name(entry->d_name, name) &&
		    snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) < PATH_MAX)
			remove_left_behind(dirfd(stream), entry->d_name, path);
	if (stream)
		closedir(stream);
}

static int random_path(struct temporary *temporary, const char *parent, const char *name)
{
	unsigned char random[SUFFIX];
	int length;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	length = snprintf(temporary->path, TEMPORARY_PATH, "%s/%s-", parent, name);
	if (length >= TEMPORARY_PATH - SUFFIX)
		return -ENAMETOOLONG;
	for (int i = 0; i < SUFFIX; i++)
		temporary->path[length + i] = letters[random[i] % (sizeof(letters) - 1)];
	temporary->path[length + SUFFIX] = 0;
	return 0;
}

/*
 * Another process may have swept it before it was locked: then it has no name any more, which is
 * -EAGAIN.
 */
static int lock(struct temporary *temporary)
{
	struct stat opened, named;

	if (flock(temporary->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return -EAGAIN;
	if (fstat(temporary->fd, &opened))
		return -errno;
	if (lstat(temporary->path, &named))
		return errno == ENOENT ? -EAGAIN : -errno;
	return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev ? 0 : -EAGAIN;
}

static int open_new(const char *path, bool folder, mode_t mode)
{
	int fd;

	if (!folder) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		return fd < 0 ? -errno : fd;
	}
	if (mkdir(path, mode))
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	fd = -errno;
	rmdir(path);
	return fd;
}

static int make(struct temporary *temporary, const char *parent, const char *name, bool folder,
		mode_t mode)
{
	int error = -EEXIST;

	sweep(parent, name);
	for (int tries = 0; tries < TRIES && (error == -EEXIST || error == -ENOENT); tries++) {
		error = random_path(temporary, parent, name);
		if (error)
			break;
		temporary->fd = open_new(temporary->path, folder, mode);
		if (temporary->fd < 0) {
			error = temporary->fd;
			if (error == -ENOENT && access(parent, F_OK))
				break;
			continue;
		}
		error = lock(temporary);
		if (!error)
			return 0;
		if (error == -EAGAIN)
			error = -EEXIST;
		else
			remove(temporary->path);
		close(temporary->fd);
	}
	temporary->path[0] = 0;
	temporary->fd = -1;
	return error;
}

int temporary_folder(struct temporary *temporary, const char *parent, const char *name, mode_t mode)
{
	return make(temporary, parent, name, true, mode);
}

int temporary_file(struct temporary *temporary, const char *parent, const char *name, mode_t mode)
{
	return make(temporary, parent, name, false, mode);
}

static void forget(struct temporary *temporary)
{
	temporary->path[0] = 0;
	close(temporary->fd);
	temporary->fd = -1;
}

int temporary_rename(struct temporary *temporary, const char *path)
{
	if (rename(temporary->path, path))
		return -errno;
	forget(temporary);
	return 0;
}

void temporary_remove(struct temporary *temporary)
{
	if (!temporary->path[0])
		return;
	remove_tree(temporary->path);
	forget(temporary);
}
