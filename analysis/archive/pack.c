// SPDX-License-Identifier: GPL-2.0-or-later
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/program.h"
#include "../../results/why.h"
#include "../output/replace_file.h"

static const struct {
	const char *end, *option;
} packers[] = {
	{".tar", "--no-auto-compress"},
	{".tar.gz", "--gzip"},
	{".tgz", "--gzip"},
	{".tar.xz", "--xz"},
	{".tar.zst", "--zstd"},
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
 * No user and no time in the archive, and no options of the user's, so that equal content gives
 * equal bytes. The errno of an exec
 * that fails goes into a pipe, because the loader ends with the status 127, too.
 */
static void become_tar(const char *top, const char *root, const char *packed, const char *option,
		       int failed)
{
	static const char *const options[] = {"TAR_OPTIONS", "GZIP", "XZ_OPT", "XZ_DEFAULTS",
					      "ZSTD_CLEVEL"};
	const char *const argv[] = {"tar",
				    "--create",
				    "--file",
				    packed,
				    option,
				    "--directory",
				    top,
				    "--sort=name",
				    "--owner=0",
				    "--group=0",
				    "--numeric-owner",
				    "--mtime=@0",
				    "--mode=u=rwX,go=rX",
				    "--force-local",
				    strrchr(root, '/') + 1,
				    NULL};
	int null = open("/dev/null", O_WRONLY), error;

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(126);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		unsetenv(options[i]);
	error = -program_exec("tar", argv);
	if (write(failed, &error, sizeof(error)) != sizeof(error))
		_exit(126);
	_exit(127);
}

/* Runs tar. Its status, or -errno if it could not be started. */
static int run_tar(const char *top, const char *root, const char *packed, const char *option)
{
	int failed[2], status = 0, error = 0;
	pid_t child;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		become_tar(top, root, packed, option, failed[1]);
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

int archive_pack(const char *top, const char *root, const char *out, char *why)
{
	char packed[PATH_MAX], path[PATH_MAX];
	int status, from, error;

	/* No top folder has a name that begins with a dot: words_name(). */
	if (snprintf(packed, sizeof(packed), "%s/.packed", top) >= PATH_MAX)
		return why_say(why, -ENAMETOOLONG, "%s: %s", why_path(top), strerror(ENAMETOOLONG));
	if (!program_find("tar", path))
		return why_say(why, -ENOPKG, "tar is not installed, it packs the archive");
	status = run_tar(top, root, packed, packer(out));
	if (status < 0)
		return why_say(why, status, "tar: %s", strerror(-status));
	if (status)
		return why_say(why, -EIO, "tar could not pack %s", why_path(out));
	from = open(packed, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return why_say(why, -errno, "%s: %s", why_path(packed), strerror(errno));
	error = replace_file(from, out);
	close(from);
	if (error)
		why_say(why, error, "%s: cannot be written: %s", why_path(out), strerror(-error));
	return error;
}
