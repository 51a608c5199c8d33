// SPDX-License-Identifier: GPL-2.0-or-later
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/program.h"
#include "../../results/why.h"
#include "../output/replace_file.h"

#define NOT_COMPRESSED "--no-auto-compress"

static const struct {
	const char *end, *option;
} packers[] = {
	{".tar", NOT_COMPRESSED}, {".tar.gz", "--gzip"},  {".tgz", "--gzip"},
	{".tar.xz", "--xz"},	  {".tar.zst", "--zstd"},
};

static const char *packer(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(packers) / sizeof(*packers); i++) {
		size_t end = strlen(packers[i].end);

		if (length > end && !strcmp(name + length - end, packers[i].end))
			return packers[i].option;
	}
	return NULL;
}

bool archive_name_ok(const char *name)
{
	return packer(name);
}

/*
 * No options of the user's. The errno of an exec that fails goes into a pipe, because the loader
 * ends with the status 127, too.
 */
static void become_tar(const char *const *argv, bool quiet, int failed, pid_t parent)
{
	static const char *const options[] = {"TAR_OPTIONS", "GZIP", "XZ_OPT", "XZ_DEFAULTS",
					      "ZSTD_CLEVEL"};
	int null = open("/dev/null", O_WRONLY), error;

	program_die_with(parent);
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || (quiet && dup2(null, STDERR_FILENO) < 0))
		_exit(126);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		unsetenv(options[i]);
	error = -program_exec("tar", argv);
	if (write(failed, &error, sizeof(error)) != sizeof(error))
		_exit(126);
	_exit(127);
}

/* Its status, or -errno if it could not be started. */
static int run_tar(const char *const *argv, bool quiet)
{
	int failed[2], status = 0, error = 0;
	const pid_t parent = getpid();
	pid_t child;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		become_tar(argv, quiet, failed[1], parent);
	if (child < 0)
		error = -errno;
	close(failed[1]);
	while (!error && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			error = -errno;
	if (!error && status && read(failed[0], &error, sizeof(error)) == sizeof(error))
		error = -error;
	close(failed[0]);
	return error ? error : status;
}

/* No user and no time in the archive, so that equal content gives equal bytes. */
static int pack(const char *top, const char *root, const char *packed, const char *option)
{
	return run_tar((const char *const[]){"tar", "--create", "--file", packed, option,
					     "--directory", top, "--sort=name", "--owner=0",
					     "--group=0", "--numeric-owner", "--mtime=@0",
					     "--mode=u=rwX,go=rX", "--force-local",
					     strrchr(root, '/') + 1, NULL},
		       false);
}

/*
 * tar's status does not prove its file. Read back, a compressed one that is cut is an error; one
 * that is not compressed may be cut between two files, and has 1,024 zeros at its end.
 */
static int check(int fd, const char *packed, const char *option)
{
	int status = run_tar((const char *const[]){"tar", "--list", "--file", packed, option,
						   "--force-local", NULL},
			     true);
	char end[1024] = "", zeros[sizeof(end)] = "";
	struct stat stat;

	if (status || strcmp(option, NOT_COMPRESSED))
		return status > 0 ? -EIO : status;
	if (fstat(fd, &stat) || pread(fd, end, sizeof(end), stat.st_size - sizeof(end)) < 0)
		return -errno;
	return stat.st_size % 512 || memcmp(end, zeros, sizeof(end)) ? -EIO : 0;
}

int archive_pack(const char *top, const char *root, const char *out, char *why)
{
	char packed[PATH_MAX], path[PATH_MAX];
	int status, from, error = program_find("tar", path);

	/* No top folder has a name that begins with a dot: words_name(). */
	if (snprintf(packed, sizeof(packed), "%s/.packed", top) >= PATH_MAX)
		return why_say(why, -ENAMETOOLONG, "%s: %s", why_path(top), strerror(ENAMETOOLONG));
	if (error)
		return program_missing(error, "tar", path,
				       "tar is not installed, it packs the archive", why, RUN_WHY);
	status = pack(top, root, packed, packer(out));
	if (status < 0)
		return why_say(why, status, "tar: %s", strerror(-status));
	if (WIFSIGNALED(status))
		return why_say(why, -EINTR, "tar was ended by signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	if (status)
		return why_say(why, -EIO, "tar could not pack %s", why_path(out));
	from = open(packed, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return why_say(why, -errno, "%s: %s", why_path(packed), strerror(errno));
	error = check(from, packed, packer(out));
	if (error == -EIO)
		why_say(why, error, "%s: tar has left a part of it only", why_path(out));
	else if (error)
		why_say(why, error, "%s: cannot be checked: %s", why_path(out), strerror(-error));
	else if ((error = replace_file(from, out)))
		why_say(why, error, "%s: cannot be written: %s", why_path(out), strerror(-error));
	close(from);
	return error;
}
