// SPDX-License-Identifier: GPL-2.0-or-later
#include "gnuplot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../results/program.h"
#include "../../results/tried.h"
#include "../../results/why.h"
#include "../output/replace_file.h"

int gnuplot_begin(struct gnuplot *gnuplot, char *why)
{
	const char *top = temporary_top();
	int error = temporary_folder(&gnuplot->folder, top, "exitstorm-plot", 0700);

	return error ? why_say(why, error, "%s: no temporary folder: %s", top, strerror(-error))
		     : 0;
}

static void path_in(const struct gnuplot *gnuplot, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", gnuplot->folder.path, name);
}

FILE *gnuplot_file(const struct gnuplot *gnuplot, const char *name, char *why)
{
	char path[PATH_MAX];
	FILE *file;

	path_in(gnuplot, name, path);
	file = fopen(path, "ae");
	if (!file)
		why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	return file;
}

int gnuplot_close(FILE *file, const char *name, char *why)
{
	bool failed = ferror(file);

	if (!fclose(file) && !failed)
		return 0;
	return why_say(why, -EIO, "cannot write the temporary file %s: %s", name,
		       errno ? strerror(errno) : "it failed earlier");
}

/* In the child process. Returns only if gnuplot cannot be executed. */
static int become_gnuplot(const struct gnuplot *gnuplot, const char *script)
{
	const char *const argv[] = {"gnuplot", "-d", "-e", "print 'gnuplot ', GPVAL_VERSION",
				    script,    NULL};
	int null = open("/dev/null", O_RDONLY), log;

	if (chdir(gnuplot->folder.path) || null < 0)
		return 126;
	log = open("log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (log < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		return 126;
	/* -d and the locale: no file of the user's changes the figure. */
	setenv("LC_ALL", "C.UTF-8", 1);
	errno = -program_exec("gnuplot", argv);
	perror("gnuplot");
	return 126;
}

/* gnuplot prints the command and marks the column before its error message. */
static void find_message(const struct gnuplot *gnuplot, char *message, size_t size)
{
	char path[PATH_MAX], line[256];
	bool found = false;
	FILE *file;

	snprintf(message, size, "it gave no reason");
	path_in(gnuplot, "log", path);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strstr(line, " line ") || !strncmp(line, "line ", 5);
		if (strspn(line, " \t^") == strlen(line))
			continue;
		snprintf(message, size, "%.*s", (int)size - 1, line);
	}
	if (file)
		fclose(file);
}

/* become_gnuplot() has it print its version first. */
static void check_version(const struct gnuplot *gnuplot)
{
	char path[PATH_MAX], line[64] = "";
	FILE *file;

	path_in(gnuplot, "log", path);
	file = fopen(path, "re");
	if (file && fgets(line, sizeof(line), file) && !strncmp(line, "gnuplot ", 8))
		tried_notice("gnuplot", line);
	if (file)
		fclose(file);
}

static int wait_for(pid_t child, int *status)
{
	while (waitpid(child, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int gnuplot_run(const struct gnuplot *gnuplot, const char *script, char *why)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	const pid_t parent = getpid();
	char line[256], path[PATH_MAX];
	int status = 0, error = program_find("gnuplot", path);
	pid_t child;

	if (error)
		return program_missing(
			error, "gnuplot", path,
			"gnuplot is not installed, it draws the figures: apt install gnuplot-nox",
			why, RUN_WHY);
	/* Ctrl-C ends gnuplot only, so that the folder is removed. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	child = fork();
	if (child == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		program_die_with(parent);
		_exit(become_gnuplot(gnuplot, script));
	}
	error = child < 0 ? -errno : wait_for(child, &status);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	if (error)
		return why_say(why, error, "gnuplot: %s", strerror(-error));
	check_version(gnuplot);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFSIGNALED(status))
		return why_say(why, -EINTR, "gnuplot was ended by signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	find_message(gnuplot, line, sizeof(line));
	return why_say(why, -EIO, "gnuplot failed: %s", line);
}

/* Files that a data folder holds. One from an earlier figure may have more of them. */
static bool is_ours(const char *name)
{
	static const char *const begins[] = {"values", "output", "series", "run", "storm"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])) &&
		    !name[strlen(begins[i]) + strspn(name + strlen(begins[i]), "0123456789")])
			return true;
	return length > 3 && !strcmp(name + length - 3, ".gp");
}

/* Calls back for the names in `folder` that are ours. 0 or -errno, of reading too. */
static int each_of_ours(const char *folder,
			int (*call)(void *arg, const char *folder, const char *name), void *arg)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	int error = stream ? 0 : -errno;

	while (!error) {
		errno = 0;
		entry = readdir(stream);
		if (!entry) {
			error = -errno;
			break;
		}
		if (is_ours(entry->d_name))
			error = call(arg, folder, entry->d_name);
	}
	if (stream)
		closedir(stream);
	return error;
}

static int remove_file(void *arg, const char *folder, const char *name)
{
	char path[PATH_MAX];

	(void)arg;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return unlink(path) ? -errno : 0;
}

/* Between folders: `arg` is the other one's path. */
static int join(const char *folder, const char *name, const void *arg, char path[PATH_MAX],
		char target[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX ||
			       snprintf(target, PATH_MAX, "%s/%s", (const char *)arg, name) >=
				       PATH_MAX
		       ? -ENAMETOOLONG
		       : 0;
}

static int copy_file(void *arg, const char *folder, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	int from, error = join(folder, name, arg, path, target);

	if (error)
		return error;
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return -errno;
	error = replace_file(from, target);
	close(from);
	return error;
}

static int move_file(void *arg, const char *folder, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	int error = join(folder, name, arg, path, target);

	return !error && rename(path, target) ? -errno : error;
}

/* In the data folder the script draws the figure into the folder above. */
static int name_output(const struct gnuplot *gnuplot, const char *out, char *why)
{
	const char *slash = strrchr(out, '/');
	char path[PATH_MAX];
	FILE *file;

	path_in(gnuplot, "output", path);
	if (unlink(path) && errno != ENOENT)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	file = gnuplot_file(gnuplot, "output", why);
	if (!file)
		return -EIO;
	fputs("set output '../", file);
	for (const char *c = slash ? slash + 1 : out; *c; c++) {
		if (*c == '\'')
			putc('\'', file);
		putc(*c, file);
	}
	fputs("'\n", file);
	return gnuplot_close(file, "output", why);
}

int gnuplot_keep(const struct gnuplot *gnuplot, const char *out, char *why)
{
	struct temporary whole;
	char folder[PATH_MAX];
	bool made;
	int error;

	if (snprintf(folder, sizeof(folder), "%s.data", out) >= PATH_MAX)
		return why_say(why, -ENAMETOOLONG, "%s: %s", why_path(out), strerror(ENAMETOOLONG));
	error = name_output(gnuplot, out, why);
	if (error)
		return error;
	made = !mkdir(folder, 0777);
	if (!made && errno != EEXIST)
		return why_say(why, -errno, "%s: %s", why_path(folder), strerror(errno));
	/* Complete in a folder of its own first: a full disk must leave the files of before. */
	error = temporary_folder(&whole, folder, ".exitstorm-data", 0777);
	if (!error) {
		error = each_of_ours(gnuplot->folder.path, copy_file, whole.path);
		if (!error)
			error = each_of_ours(folder, remove_file, NULL);
		if (!error)
			error = each_of_ours(whole.path, move_file, folder);
		temporary_remove(&whole);
	}
	if (error && made)
		rmdir(folder);
	if (error)
		why_say(why, error, "%s: cannot write the figure's data: %s", why_path(folder),
			strerror(-error));
	return error;
}

const char *gnuplot_figure(const struct gnuplot *gnuplot, char *path, size_t size)
{
	snprintf(path, size, "%s/figure", gnuplot->folder.path);
	return path;
}

int gnuplot_replace_file(const struct gnuplot *gnuplot, const char *out, char *why)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	char figure[PATH_MAX];
	int from, error;

	path_in(gnuplot, "figure", figure);
	from = open(figure, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return why_say(why, -errno, "gnuplot drew nothing: %s", strerror(errno));
	/* A closed pipe is an error to report; the folder must be removed. */
	sigaction(SIGPIPE, &ignore, &before);
	error = replace_file(from, out);
	sigaction(SIGPIPE, &before, NULL);
	close(from);
	if (!error)
		return 0;
	return why_say(why, error, "%s: cannot write the figure: %s",
		       strcmp(out, "-") ? why_path(out) : "standard output", strerror(-error));
}

void gnuplot_end(struct gnuplot *gnuplot)
{
	temporary_remove(&gnuplot->folder);
}
