// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/program.h"
#include "../../results/trust.h"
#include "../machine/clock.h"
#include "../machine/limits.h"

#define NOT_STARTED	127
#define TIMEOUT_SECONDS 60

double boot_timeout(void)
{
	const char *given = getenv("EXITSTORM_TIMEOUT");
	double seconds = given ? atof(given) : 0;

	return seconds > 0 ? seconds : TIMEOUT_SECONDS;
}

/* Reads up to `size` bytes or the end, or until `until` of clock_seconds(). Bytes, or -errno. */
static ssize_t read_until(int fd, char *text, size_t size, double until)
{
	size_t used = 0;
	ssize_t count = 1;

	while (count > 0 && used < size) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		double left = until - clock_seconds();

		if (left <= 0)
			break;
		count = poll(&wait, 1, left * 1000 + 1);
		if (count > 0)
			count = read(fd, text + used, size - used);
		if (count > 0)
			used += count;
		else if (count < 0 && errno != EINTR)
			return -errno;
		else if (count < 0)
			count = 1;
	}
	return used;
}

void boot_output(const char *const *argv, char *text, size_t size)
{
	const pid_t parent = getpid();
	ssize_t used;
	int fd[2];
	pid_t pid;

	/* Without an answer a program would seem to lack what it has. */
	if (pipe2(fd, O_CLOEXEC) || (pid = fork()) < 0)
		fatal("cannot run %s %s: %s", argv[0], argv[1], strerror(errno));
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		setpgid(0, 0);
		program_die_with(parent);
		dup2(null, STDIN_FILENO);
		dup2(fd[1], STDOUT_FILENO);
		dup2(fd[1], STDERR_FILENO);
		program_exec(argv[0], argv);
		_exit(NOT_STARTED);
	}
	close(fd[1]);
	used = read_until(fd[0], text, size - 1, clock_seconds() + boot_timeout());
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd[0]);
	if (used < 0)
		fatal("the output of %s %s cannot be read: %s", argv[0], argv[1], strerror(-used));
	text[used] = '\0';
}

int boot_write(const struct boot *boot, const char *name, const void *data, size_t bytes, char *why)
{
	char path[BOOT_PATH];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", boot->folder.path, name);
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

static void child(const struct boot *boot, const struct wire_plan *wire, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	int log;

	setpgid(0, 0); /* so that Ctrl-C reaches only the parent, which ends the emulator */
	program_die_with(parent);
	if (chdir(boot->folder.path) || null < 0)
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
	const pid_t parent = getpid();
	char text[200];
	int err;

	boot->pid = fork();
	if (boot->pid < 0) {
		err = -errno;
		boot->pid = 0;
		snprintf(why, HV_WHY, "cannot start %s: %s", boot->emulator->name,
			 limits_task_error(-err, text, sizeof(text)));
		return err;
	}
	if (!boot->pid)
		child(boot, wire, parent);
	return 0;
}

int boot_read(struct boot *boot, struct decoder *decoder)
{
	char path[BOOT_PATH], bytes[1 << 14];
	bool some = false;
	ssize_t count;
	int err;

	if (boot->serial < 0) {
		snprintf(path, sizeof(path), "%s/" BOOT_SERIAL, boot->folder.path);
		boot->serial = open(path, O_RDONLY | O_CLOEXEC);
		if (boot->serial < 0) {
			boot->error = errno == ENOENT ? 0 : -errno;
			return 0;
		}
	}
	while ((count = read(boot->serial, bytes, sizeof(bytes))) > 0) {
		some = true;
		err = decoder_feed(decoder, bytes, count);
		if (err)
			return err;
	}
	if (count < 0)
		boot->error = -errno;
	return some;
}

bool boot_over(struct boot *boot)
{
	if (boot->pid && waitpid(boot->pid, &boot->status, WNOHANG) != boot->pid)
		return false;
	boot->pid = 0;
	return true;
}

bool boot_disk_full(const struct boot *boot)
{
	struct statvfs disk;

	return !statvfs(boot->folder.path, &disk) && !disk.f_bavail;
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

void boot_end(struct boot *boot)
{
	if (!*boot->folder.path)
		return;
	if (boot->pid > 0) {
		kill(boot->pid, SIGKILL); /* Bochs ignores SIGTERM */
		waitpid(boot->pid, NULL, 0);
	}
	if (boot->serial >= 0)
		close(boot->serial);
	if (boot->keep)
		temporary_keep(&boot->folder);
	else
		temporary_remove(&boot->folder);
	fatal_unhook(&boot->hook);
}

/* Before the folder is removed, which the process would write to. */
static void end_hooked(void *boot)
{
	boot_end(boot);
}

/* A folder that is kept has another name, so that no later run removes it. */
static int folder_make(struct boot *boot, char *why)
{
	const char *keep = getenv("EXITSTORM_KEEP"), *top;
	char name[64];
	int error;

	boot->keep = keep && *keep;
	top = boot->keep ? keep : temporary_top();
	if (boot->keep && trust_is_root() && !access(keep, F_OK) && !trust_temporary_folder(keep)) {
		snprintf(why, HV_WHY,
			 "EXITSTORM_KEEP: %.100s: others than root can change it, and the emulator "
			 "is run in it",
			 keep);
		return -EPERM;
	}
	snprintf(name, sizeof(name), "exitstorm-%s%s", boot->emulator->program,
		 boot->keep ? "-kept" : "");
	error = temporary_folder(&boot->folder, top, name, 0700);
	if (error)
		snprintf(why, HV_WHY, "%.150s: %s", top, strerror(-error));
	return error;
}

int boot_start(struct boot *boot, const struct emulator *emulator, const struct wire_plan *wire,
	       char *why)
{
	int err;

	*boot = (struct boot){.emulator = emulator, .serial = -1};
	err = folder_make(boot, why);
	if (err)
		return err;
	fatal_hook(&boot->hook, end_hooked, boot);
	err = write_plan(boot, wire, why);
	if (!err)
		err = emulator->write_files(boot, wire, why);
	return err ? err : start(boot, wire, why);
}
