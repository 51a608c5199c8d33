// SPDX-License-Identifier: GPL-2.0-or-later
#include "task_time.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * proc(5), /proc/PID/stat: R runs or waits for a CPU, D waits for a disk or for memory, t is held
 * by a debugger. The name before the state may contain anything.
 */
static bool wants_to_run(pid_t pid, pid_t tid)
{
	char path[64], text[256];
	const char *end;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	end = strrchr(text, ')');
	return end && end[1] == ' ' && strchr("RDt", end[2]) && end[2];
}

static bool any_wants_to_run(pid_t pid)
{
	const struct dirent *entry;
	bool wants = false;
	char path[32];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && !wants && (entry = readdir(tasks)))
		wants = wants_to_run(pid, atoi(entry->d_name));
	if (tasks)
		closedir(tasks);
	return wants;
}

static bool used_now(const struct task_time *task, double *used)
{
	struct timespec now;

	if (clock_gettime(task->clock, &now))
		return false;
	*used = now.tv_sec + now.tv_nsec / 1e9;
	return true;
}

void task_time_of_this_thread(struct task_time *task)
{
	*task = (struct task_time){.pid = getpid(), .tid = gettid()};
	task->known =
		!pthread_getcpuclockid(pthread_self(), &task->clock) && used_now(task, &task->used);
}

void task_time_of_process(struct task_time *task, pid_t pid)
{
	*task = (struct task_time){.pid = pid};
	task->known = !clock_getcpuclockid(pid, &task->clock) && used_now(task, &task->used);
}

double task_time_passed(struct task_time *task, double passed)
{
	double before = task->used;

	task->known = task->known && used_now(task, &task->used);
	if (!task->known || task->used - before >= 0.9 * passed)
		return passed;
	if (task->tid ? wants_to_run(task->pid, task->tid) : any_wants_to_run(task->pid))
		return task->used - before;
	return passed;
}
