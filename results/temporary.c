// SPDX-License-Identifier: GPL-2.0-or-later
#include "temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notice.h"
#include "program.h"
#include "trust.h"
#include "walk.h"
#include "why.h"

#define SUFFIX	     6 /* characters that tell those of one name apart */
#define TRIES	     100
#define REMOVE_TRIES 3
#define DEPTH	     16 /* of folders in a folder that is removed */

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

struct removal {
	unsigned int depth;
	int error; /* the first one: it must not keep the other files */
};

static int remove_entry(int parent, const char *name, unsigned int depth);

static int remove_one(void *arg, int folder, const char *name)
{
	struct removal *removal = arg;
	int error = remove_entry(folder, name, removal->depth);

	if (!removal->error)
		removal->error = error;
	return 0;
}

static int remove_content(int folder, unsigned int depth)
{
	struct removal removal = {.depth = depth};
	int error = walk_names(folder, remove_one, &removal);

	return error ? error : removal.error;
}

static int remove_entry(int parent, const char *name, unsigned int depth)
{
	int folder, error;

	if (!unlinkat(parent, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -errno;
	if (depth == DEPTH)
		return -ELOOP;
	folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	error = remove_content(folder, depth + 1);
	close(folder);
	return unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : error;
}

/* Again where that helps: after a passing error, or entries that another process made meanwhile. */
static int remove_tree(const char *path)
{
	int error = -EAGAIN;

	for (int tries = 0; tries < REMOVE_TRIES && error; tries++)
		error = remove_entry(AT_FDCWD, path, 0);
	return error;
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
	const char *slash = strrchr(parent, '/');
	unsigned char random[SUFFIX];
	int length;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	length = snprintf(temporary->path, TEMPORARY_PATH, "%s%s%s-", parent,
			  slash && !slash[1] ? "" : "/", name);
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
	remove_tree(path);
	return fd;
}

static void remove_hooked(void *temporary)
{
	temporary_remove(temporary);
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
		if (!error) {
			fatal_hook(&temporary->hook, remove_hooked, temporary);
			return 0;
		}
		if (error == -EAGAIN)
			error = -EEXIST;
		else
			remove_tree(temporary->path);
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

void temporary_keep(struct temporary *temporary)
{
	if (!temporary->path[0])
		return;
	fatal_unhook(&temporary->hook);
	temporary->path[0] = 0;
	close(temporary->fd);
	temporary->fd = -1;
}

int temporary_rename(struct temporary *temporary, const char *path)
{
	if (rename(temporary->path, path))
		return -errno;
	temporary_keep(temporary);
	return 0;
}

int temporary_move(struct temporary *temporary, const char *path)
{
	if (strlen(path) >= TEMPORARY_PATH)
		return -ENAMETOOLONG;
	if (rename(temporary->path, path))
		return -errno;
	fatal_unhook(&temporary->hook);
	strcpy(temporary->path, path);
	return 0;
}

int temporary_take(struct temporary *temporary, const char *path)
{
	int error;

	*temporary = (struct temporary){.fd = -1};
	if (strlen(path) >= TEMPORARY_PATH)
		return -ENAMETOOLONG;
	temporary->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (temporary->fd < 0)
		return -errno;
	strcpy(temporary->path, path);
	error = lock(temporary);
	if (error)
		temporary_keep(temporary);
	return error == -EAGAIN ? -EBUSY : error;
}

void temporary_remove(struct temporary *temporary)
{
	int error;

	if (!temporary->path[0])
		return;
	error = remove_tree(temporary->path);
	if (error)
		notice("%s: cannot be removed: %s", why_path(temporary->path), strerror(-error));
	temporary_keep(temporary);
}
