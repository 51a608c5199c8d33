// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal.h"
#include "notice.h"
#include "walk.h"
#include "why.h"

#define NAMES 1000

static int no_memory(char *why)
{
	return why_say(why, -ENOMEM, "no memory");
}

static int check_empty(const char *path, char *why)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	bool empty = true;
	int error;

	if (!stream)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	errno = 0;
	while (empty && (entry = readdir(stream)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	error = empty ? -errno : 0;
	closedir(stream);
	if (error)
		return why_say(why, error, "%s: %s", why_path(path), strerror(-error));
	return empty ? 0
		     : why_say(why, -EEXIST, "%s: is there already and is not empty",
			       why_path(path));
}

/*
 * The final rename replaces an existing empty folder. That fails for a mount point and would pull
 * the current folder away, which is better reported before the measurement than after it.
 */
static int check_replaceable(const char *path, const struct stat *target, char *why)
{
	struct stat here, above;
	char *parent;
	int error = 0;

	if (asprintf(&parent, "%s/..", path) < 0)
		return no_memory(why);
	if (stat(parent, &above) < 0)
		error = why_say(why, -errno, "%s: %s", why_path(parent), strerror(errno));
	else if (above.st_dev != target->st_dev || above.st_ino == target->st_ino)
		error = why_say(why, -EBUSY, "%s: is a mount point: name a folder in it",
				why_path(path));
	else if (stat(".", &here) == 0 && here.st_dev == target->st_dev &&
		 here.st_ino == target->st_ino)
		error = why_say(why, -EBUSY, "%s: is the current folder: name one in it",
				why_path(path));
	free(parent);
	return error;
}

/* Sets folder->path: without trailing slashes, and with a symbolic link to a folder resolved. */
static int resolve(struct run_folder *folder, const char *path, char *why)
{
	size_t length = strlen(path);
	struct stat target;
	int error;

	while (length > 1 && path[length - 1] == '/')
		length--;
	folder->path = strndup(path, length);
	if (!folder->path)
		return no_memory(why);
	if (!length)
		return why_say(why, -EINVAL, "the run's folder has no name");
	if (lstat(folder->path, &target) < 0) {
		const char *slash = strrchr(folder->path, '/');
		const char *name = slash ? slash + 1 : folder->path;

		if (errno != ENOENT)
			return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			return why_say(why, -ENOENT, "%s: there is no such folder", why_path(path));
		return 0;
	}
	if (stat(folder->path, &target) < 0)
		return why_say(why, -EEXIST, "%s: is a link that leads nowhere", why_path(path));
	if (!S_ISDIR(target.st_mode))
		return why_say(why, -ENOTDIR, "%s: is there already and is not a folder",
			       why_path(path));
	error = check_empty(folder->path, why);
	if (!error)
		error = check_replaceable(folder->path, &target, why);
	if (!error) {
		char *real = realpath(folder->path, NULL);

		if (!real)
			return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
		free(folder->path);
		folder->path = real;
	}
	return error;
}

/* As mkdir -p. Counts the folders made. */
static int make_parent(struct run_folder *folder, char *why)
{
	char *slash = strrchr(folder->path, '/');
	char *at;

	if (!slash)
		folder->parent = strdup(".");
	else
		folder->parent =
			strndup(folder->path, slash == folder->path ? 1 : slash - folder->path);
	if (!folder->parent)
		return no_memory(why);
	for (at = folder->parent; *at; at += strspn(at, "/")) {
		struct stat there;
		int error = 0;
		char after;

		at += strspn(at, "/");
		at += strcspn(at, "/");
		after = *at;
		*at = 0;
		if (mkdir(folder->parent, 0777) == 0)
			folder->made++;
		else if (stat(folder->parent, &there) == 0)
			error = S_ISDIR(there.st_mode) ? 0 : ENOTDIR;
		else
			error = errno;
		if (error)
			return why_say(why, -error, "%s: cannot be made: %s",
				       why_path(folder->parent), strerror(error));
		*at = after;
	}
	return 0;
}

void run_folder_remove(struct run_folder *folder)
{
	fatal_unhook(&folder->hook);
	if (folder->shown) {
		temporary_keep(&folder->temporary);
		return;
	}
	temporary_remove(&folder->temporary);
	/* rmdir() fails for folders that are no longer empty. */
	while (folder->made && rmdir(folder->parent) == 0) {
		char *slash = strrchr(folder->parent, '/');

		folder->made--;
		if (slash)
			*slash = 0;
	}
}

void run_folder_free(struct run_folder *folder)
{
	fatal_unhook(&folder->hook);
	free(folder->parent);
	free(folder->path);
}

static void remove_hooked(void *folder)
{
	run_folder_remove(folder);
}

int run_folder_create(struct run_folder *folder, const char *path, char *why)
{
	int error;

	*folder = (struct run_folder){0};
	fatal_hook(&folder->hook, remove_hooked, folder);
	error = resolve(folder, path, why);
	if (!error)
		error = make_parent(folder, why);
	if (error)
		return error;
	error = temporary_folder(&folder->temporary, folder->parent, ".exitstorm-run", 0777);
	return error ? why_say(why, error, "%s: cannot be written to: %s", why_path(folder->parent),
			       strerror(-error))
		     : 0;
}

/* Some file systems do not sync folders. */
static int sync_open(int fd)
{
	return fsync(fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
}

static int sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), error;

	if (fd < 0)
		return -errno;
	error = sync_open(fd);
	close(fd);
	return error;
}

int run_sync(const char *path, char *why)
{
	int error = sync_path(path);

	return error ? why_say(why, error, "%s: cannot be written: %s", why_path(path),
			       strerror(-error))
		     : 0;
}

/* A file, or a folder after all that is in it. */
static int sync_tree(void *arg, int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), error = 0;
	struct stat stat;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat))
		error = -errno;
	else if (S_ISDIR(stat.st_mode))
		error = walk_names(fd, sync_tree, arg);
	if (!error)
		error = sync_open(fd);
	close(fd);
	return error;
}

/*
 * Renames it to folder->path and `suffix`, or to the first free of PATH-2, PATH-3, …. A rename onto
 * a folder that is not empty fails, so that no name is tested first and taken later.
 */
static int take_free_name(struct run_folder *folder, const char *suffix,
			  int (*name)(struct temporary *, const char *))
{
	int stem = strlen(folder->path) - folder->numbered, error = -EEXIST;

	/* First the path itself, which messages have named. */
	for (int number = 1; (error == -EEXIST || error == -ENOTEMPTY) && number < NAMES;
	     number++) {
		char *path, text[16] = "", full[PATH_MAX];

		if (number > 1)
			snprintf(text, sizeof(text), "-%d", number);
		if (number > 1 ? asprintf(&path, "%.*s%s", stem, folder->path, text) < 0
			       : asprintf(&path, "%s", folder->path) < 0)
			return -ENOMEM;
		if (snprintf(full, sizeof(full), "%s%s", path, suffix) >= (int)sizeof(full))
			error = -ENAMETOOLONG;
		else
			error = name(&folder->temporary, full);
		if (error) {
			free(path);
		} else {
			free(folder->path);
			folder->path = path;
			folder->numbered = number > 1 ? strlen(text) : folder->numbered;
		}
	}
	return error;
}

static void note_partial(struct run_folder *folder)
{
	folder->shown = true;
	fatal_note("%s" RUN_PARTIAL " is there: 'exitstorm run --resume' continues it",
		   why_path(folder->path));
}

int run_folder_show(struct run_folder *folder, char *why)
{
	int error = take_free_name(folder, RUN_PARTIAL, temporary_move);

	if (!error)
		note_partial(folder);
	return error ? why_say(why, error, "%s" RUN_PARTIAL ": %s", why_path(folder->path),
			       strerror(-error))
		     : 0;
}

int run_folder_take(struct run_folder *folder, const char *path, char *why)
{
	char *slash, *partial;
	int error;

	*folder = (struct run_folder){.path = strdup(path)};
	slash = folder->path ? strrchr(folder->path, '/') : NULL;
	if (folder->path)
		folder->parent =
			!slash ? strdup(".")
			       : strndup(path, slash == folder->path ? 1 : slash - folder->path);
	if (!folder->parent || asprintf(&partial, "%s" RUN_PARTIAL, path) < 0)
		return no_memory(why);
	error = temporary_take(&folder->temporary, partial);
	if (error)
		folder->shown = true;
	else
		note_partial(folder);
	if (error == -EBUSY)
		why_say(why, error, "%s: is being measured by another process", why_path(partial));
	else if (error)
		why_say(why, error, "%s: %s", why_path(partial), strerror(-error));
	free(partial);
	return error;
}

int run_folder_commit(struct run_folder *folder, char *why)
{
	int error = sync_tree(NULL, AT_FDCWD, folder->temporary.path);

	if (error)
		return why_say(why, error, "%s: cannot be written: %s", why_path(folder->path),
			       strerror(-error));
	error = take_free_name(folder, "", temporary_rename);
	if (error)
		return why_say(why, error, "%s: %s", why_path(folder->path), strerror(-error));
	fatal_note("%s is there and whole", why_path(folder->path));
	/* Its name alone may not be on the disk yet. */
	error = sync_path(folder->parent);
	if (error)
		notice("%s: a power cut may lose it: its folder cannot be synced: %s",
		       why_path(folder->path), strerror(-error));
	return 0;
}
