// SPDX-License-Identifier: GPL-2.0-or-later
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/memory.h"
#include "../../results/program.h"
#include "../../results/run_folder.h"

#define FILE_MODE 0666 /* less the umask */

const char *const work_state_name[WORK_STATES] = {"missing", "running", "failed", "done"};

static char *state_path(const struct campaign *campaign, const char *name, const char *extension)
{
	return memory_format("%s/%s/%s%s", campaign->runs, CAMPAIGN_STATE, name, extension);
}

char *work_plan(const char *runs)
{
	return memory_format("%s/%s/plan.json", runs, CAMPAIGN_STATE);
}

/* Creates a folder and those above it. */
static int make_folders(const char *path, char *why)
{
	char *copy = memory_text(path), *slash = copy;
	int error = 0;

	while (!error && slash) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			error = why_say(why, -errno, "%s: %s", why_path(copy), strerror(errno));
		if (slash)
			*slash = '/';
	}
	free(copy);
	return error;
}

/* The plan as it was read, whatever the form of the file. */
static int write_plan(const struct campaign *campaign, const char *path, char *why)
{
	char *own = memory_format("%s.%ld", path, (long)getpid());
	int error = 0;

	if (json_dump_file(campaign->json, own, JSON_INDENT(2)))
		error = why_say(why, -EIO, "%s: cannot be written: %s", why_path(own),
				strerror(errno));
	/* link(2) does not replace what another host has written meanwhile. */
	else if (link(own, path) && errno != EEXIST)
		error = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	unlink(own);
	free(own);
	return error;
}

int work_prepare(const struct campaign *campaign, char *why)
{
	char *folder = memory_format("%s/%s", campaign->runs, CAMPAIGN_STATE),
	     *plan = work_plan(campaign->runs);
	json_t *there = NULL;
	int error = make_folders(folder, why);

	if (!error && access(plan, F_OK))
		error = write_plan(campaign, plan, why);
	if (!error &&
	    (!(there = json_load_file(plan, 0, NULL)) || !json_equal(there, campaign->json)))
		error = why_say(why, -EEXIST,
				"%s: has tasks of another plan: give this one a folder of its own "
				"(\"runs\")",
				why_path(campaign->runs));
	json_decref(there);
	free(folder);
	free(plan);
	return error;
}

/*
 * A lock of the open file, which child processes inherit: it holds until the last one has ended.
 * The descriptor, or -errno; -EBUSY and `why`: another process has it.
 */
static int lock(const char *path, char *why)
{
	int file = open(path, O_RDWR | O_CREAT, FILE_MODE);
	char holder[256] = "";

	if (file < 0)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	if (fcntl(file, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK})) {
		int error = errno;

		if (read(file, holder, sizeof(holder) - 1) < 0)
			*holder = '\0';
		close(file);
		if (error != EAGAIN && error != EACCES)
			return why_say(why, -error, "%s: cannot be locked: %s", why_path(path),
				       strerror(error));
		return why_say(why, -EBUSY, "another process does this task: %s", holder);
	}
	return file;
}

static void name_holder(int file)
{
	char text[256], host[128] = "";
	int length;

	gethostname(host, sizeof(host) - 1);
	length = snprintf(text, sizeof(text), "%s, process %ld", host, (long)getpid());
	/* The name is for a message only. */
	if (!ftruncate(file, 0) && pwrite(file, text, length, 0) < 0)
		return;
}

static bool is_locked(const char *path)
{
	struct flock found = {.l_type = F_WRLCK};
	int file = open(path, O_RDONLY | O_CLOEXEC);
	bool locked = file >= 0 && !fcntl(file, F_OFD_GETLK, &found) && found.l_type != F_UNLCK;

	if (file >= 0)
		close(file);
	return locked;
}

/* The last line of a file that is not empty, of no more than RUN_WHY bytes. */
static void last_line(const char *path, char *line)
{
	char text[4 * RUN_WHY];
	FILE *file = fopen(path, "r");
	size_t size;
	char *begin;

	*line = '\0';
	if (!file)
		return;
	if (fseek(file, -(long)sizeof(text) + 1, SEEK_END))
		rewind(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	while (size && text[size - 1] == '\n')
		size--;
	text[size] = '\0';
	begin = strrchr(text, '\n');
	snprintf(line, RUN_WHY, "%s", why_clean(begin ? begin + 1 : text));
}

enum work_state work_state(const struct campaign *campaign, const struct campaign_task *task,
			   char *why)
{
	char *name = campaign_task_name(campaign, task),
	     *run = memory_format("%s/%s", campaign->runs, name),
	     *held = state_path(campaign, name, ".lock"),
	     *failed = state_path(campaign, name, ".failed");
	bool has_failed = !access(failed, F_OK);
	enum work_state state = !access(run, F_OK) ? WORK_DONE
				: is_locked(held)  ? WORK_RUNNING
				: has_failed	   ? WORK_FAILED
						   : WORK_MISSING;

	last_line(failed, why);
	free(name);
	free(run);
	free(held);
	free(failed);
	return state;
}

static pid_t child;
static volatile sig_atomic_t stopped;

bool work_stopped(void)
{
	return stopped;
}

static void forward(int signal)
{
	stopped = 1;
	if (child > 0)
		kill(child, signal);
}

/* The scheduler's signals go to the measurement, which saves what is finished. */
static void forward_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i],
			  &(struct sigaction){.sa_handler = forward, .sa_flags = SA_RESTART}, NULL);
}

static void execute(const char *log, char *const *argv, pid_t parent)
{
	int file = open(log, O_WRONLY | O_CREAT | O_APPEND, FILE_MODE);

	program_die_with(parent);
	if (file >= 0) {
		dup2(file, STDOUT_FILENO);
		dup2(file, STDERR_FILENO);
	}
	execv("/proc/self/exe", argv);
	_exit(127);
}

/* Runs exitstorm with these arguments. Its status, or -errno. */
static int measure(const char *log, char *const *argv)
{
	pid_t parent = getpid();
	int status;

	child = fork();
	if (child < 0)
		return -errno;
	if (!child)
		execute(log, argv, parent);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* run [-q -o RUN OPTION...], or what an interrupted run is continued with. */
static int measure_new(const struct campaign *campaign, const struct campaign_task *task,
		       const char *log, const char *run)
{
	char **option = campaign_options(campaign, task), **argv;
	char *output = memory_format("--output=%s", run);
	size_t count = 0;
	int status;

	while (option[count])
		count++;
	argv = memory_new(count + 5, sizeof(*argv));
	argv[0] = "exitstorm";
	argv[1] = "run";
	argv[2] = "--quiet";
	argv[3] = output;
	memcpy(argv + 4, option, count * sizeof(*argv));
	status = measure(log, argv);
	free(argv);
	free(output);
	campaign_options_free(option);
	return status;
}

static int measure_rest(const char *log, const char *run)
{
	char *argv[] = {"exitstorm", "run", "--quiet", memory_format("--resume=%s", run), NULL};
	int status = measure(log, argv);

	free(argv[3]);
	return status;
}

/*
 * Continues a run that was interrupted. Where that cannot be, because it was on another host, the
 * run is put aside and the task begins anew.
 */
static int measure_task(const struct campaign *campaign, const struct campaign_task *task,
			const char *name, const char *run)
{
	char *log = state_path(campaign, name, ".log"),
	     *partial = memory_format("%s" RUN_PARTIAL, run),
	     *aside = state_path(campaign, name, RUN_PARTIAL);
	bool interrupted = !access(partial, F_OK);
	int status = 1;

	unlink(log);
	if (interrupted)
		status = measure_rest(log, run);
	if (interrupted && access(run, F_OK) && !access(partial, F_OK)) {
		char *unique = memory_format("%s.%ld", aside, (long)getpid());

		if (rename(partial, unique))
			status = -errno;
		free(unique);
	}
	if (status >= 0 && !stopped && access(run, F_OK))
		status = measure_new(campaign, task, log, run);
	free(log);
	free(partial);
	free(aside);
	return status;
}

/* NAME.failed: its last line is the reason. Gone if the task has not failed. */
static int record(const struct campaign *campaign, const char *name, int status, char *why)
{
	char *log = state_path(campaign, name, ".log"),
	     *failed = state_path(campaign, name, ".failed"), line[RUN_WHY], host[128] = "";
	FILE *file;

	last_line(log, line);
	if (status < 0)
		snprintf(line, sizeof(line), "%s", strerror(-status));
	else if (status && !*line)
		snprintf(line, sizeof(line), "it ended with status %d and said nothing", status);
	if (!status) {
		unlink(failed);
	} else if ((file = fopen(failed, "w"))) {
		gethostname(host, sizeof(host) - 1);
		fprintf(file, "%s: %s\n", host, line);
		fclose(file);
	}
	free(log);
	free(failed);
	return status ? why_say(why, -ECHILD, "%s", line) : 0;
}

int work_run(const struct campaign *campaign, const struct campaign_task *task, char **path,
	     char *why)
{
	char *name = campaign_task_name(campaign, task),
	     *run = memory_format("%s/%s", campaign->runs, name),
	     *held = state_path(campaign, name, ".lock");
	int error = work_prepare(campaign, why), file = -1;

	if (!error && access(run, F_OK)) {
		error = file = lock(held, why);
		if (file >= 0) {
			name_holder(file);
			forward_signals();
			/* Another process may have ended it before the lock was taken. */
			error = access(run, F_OK) ? measure_task(campaign, task, name, run) : 0;
			error = record(campaign, name, error, why);
		}
	}
	if (file >= 0)
		close(file);
	free(held);
	free(name);
	*path = run;
	return error;
}
