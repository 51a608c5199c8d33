// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED 127

bool boot_in_path(const char *program)
{
	const char *path = getenv("PATH");
	char name[4096];

	while (path && *path) {
		size_t length = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/%s", (int)length, path, program);
		if (!access(name, X_OK))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

int boot_write(const struct boot *boot, const char *name, const void *data, size_t bytes, char *why)
{
	char path[BOOT_PATH];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", boot->folder, name);
	file = fopen(path, "we");
	good = file && fwrite(data, 1, bytes, file) == bytes;
	if (file && fclose(file))
		good = false;
	if (good)
		return 0;
	snprintf(why, HV_WHY, "%.150s: %s", path, strerror(errno));
	return -EIO;
}

void boot_plan(const struct wire_plan *wire, u8 *file)
{
	static const u8 nothing[1];
	struct frame frame = {.type = WIRE_PLAN, .storm = WIRE_NO_STORM};

	wire_seal(&frame, wire, sizeof(*wire), nothing, 0);
	memcpy(file, &frame, sizeof(frame));
	memcpy(file + sizeof(frame), wire, sizeof(*wire));
}

static int write_plan(const struct boot *boot, const struct wire_plan *wire, char *why)
{
	u8 file[BOOT_PLAN_BYTES];

	boot_plan(wire, file);
	return boot_write(boot, BOOT_PLAN, file, sizeof(file), why);
}

static void child(const struct boot *boot, const struct wire_plan *wire)
{
	int null = open("/dev/null", O_RDWR);
	int log;

	setpgid(0, 0); /* so that Ctrl-C reaches only the parent, which ends the emulator */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(boot->folder) || null < 0)
		_exit(NOT_STARTED);
	log = open(BOOT_STDERR, O_WRONLY | O_CREAT, 0600);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO); /* Bochs' terminal display writes control codes */
	dup2(log < 0 ? null : log, STDERR_FILENO);
	boot->emulator->exec(wire);
	_exit(NOT_STARTED);
}

static int start(struct boot *boot, const struct wire_plan *wire, char *why)
{
	boot->pid = fork();
	if (boot->pid < 0) {
		boot->pid = 0;
		snprintf(why, HV_WHY, "cannot start %s: %s", boot->emulator->name, strerror(errno));
		return -errno;
	}
	if (!boot->pid)
		child(boot, wire);
	return 0;
}

int boot_read(struct boot *boot, struct decoder *decoder)
{
	char path[BOOT_PATH], bytes[1 << 14];
	bool some = false;
	ssize_t count;
	int err;

	if (boot->serial < 0) {
		snprintf(path, sizeof(path), "%s/" BOOT_SERIAL, boot->folder);
		boot->serial = open(path, O_RDONLY | O_CLOEXEC);
		if (boot->serial < 0)
			return 0;
	}
	while ((count = read(boot->serial, bytes, sizeof(bytes))) > 0) {
		some = true;
		err = decoder_feed(decoder, bytes, count);
		if (err)
			return err;
	}
	return some;
}

bool boot_over(struct boot *boot)
{
	if (boot->pid && waitpid(boot->pid, &boot->status, WNOHANG) != boot->pid)
		return false;
	boot->pid = 0;
	return true;
}

void boot_failure(const struct boot *boot, char *text, size_t size)
{
	*text = 0;
	if (WIFSIGNALED(boot->status))
		snprintf(text, size, "%s was killed by signal %d (%s)", boot->emulator->name,
			 WTERMSIG(boot->status), strsignal(WTERMSIG(boot->status)));
	else if (WEXITSTATUS(boot->status) == NOT_STARTED)
		snprintf(text, size, "%s could not be started", boot->emulator->name);
}

/* The folder holds plain files only, also those that the emulator created. */
static void folder_remove(const char *folder)
{
	DIR *list = opendir(folder);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
	rmdir(folder);
}

void boot_end(struct boot *boot)
{
	if (!*boot->folder)
		return;
	if (boot->pid > 0) {
		kill(boot->pid, SIGKILL); /* Bochs ignores SIGTERM */
		waitpid(boot->pid, NULL, 0);
	}
	if (boot->serial >= 0)
		close(boot->serial);
	if (!boot->keep)
		folder_remove(boot->folder);
}

static int folder_make(struct boot *boot, char *why)
{
	const char *keep = getenv("EXITSTORM_KEEP"), *root = getenv("TMPDIR");
	size_t room = sizeof(boot->folder);

	boot->keep = keep && *keep;
	if (boot->keep)
		root = keep;
	else if (!root || !*root)
		root = "/tmp";
	if (snprintf(boot->folder, room, "%s/exitstorm-%s-XXXXXX", root, boot->emulator->program) >=
	    (int)room)
		errno = ENAMETOOLONG;
	else if (mkdtemp(boot->folder))
		return 0;
	snprintf(why, HV_WHY, "%.150s: %s", root, strerror(errno));
	*boot->folder = 0;
	return -EIO;
}

int boot_start(struct boot *boot, const struct emulator *emulator, const struct wire_plan *wire,
	       char *why)
{
	int err;

	*boot = (struct boot){.emulator = emulator, .serial = -1};
	err = folder_make(boot, why);
	if (!err)
		err = write_plan(boot, wire, why);
	if (!err)
		err = emulator->write_files(boot, wire, why);
	return err ? err : start(boot, wire, why);
}
