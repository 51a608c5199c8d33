// SPDX-License-Identifier: GPL-2.0-or-later
#include "bpf_explain.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"

static char last_warning[200]; /* of libbpf, or the verifier's message if there is one */
static bool verifier_spoke;
static char
	failed_probe[200]; /* libbpf's trial of a property of the kernel, of which others follow */
static bool files_ran_out; /* libbpf passes on only what its next step made of it */

/* The last line of the verifier's log before its statistics: why it rejects the program. */
static char *verifier_message(char *log)
{
	char *end = strstr(log, "\nprocessed "), *line;

	if (!strstr(log, "BEGIN PROG LOAD LOG") || !end)
		return NULL;
	*end = '\0';
	line = strrchr(log, '\n');
	return line ? line + 1 : log;
}

static void print(const char *format, va_list arguments)
{
	va_list copy;

	va_copy(copy, arguments);
	vfprintf(stderr, format, copy);
	va_end(copy);
}

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text, *line;

	if (level != LIBBPF_DEBUG && getenv("EXITSTORM_LIBBPF"))
		print(format, arguments);
	if (level != LIBBPF_WARN || vasprintf(&text, format, arguments) < 0)
		return 0;
	if (strstr(text, "Error in probe_") && !*failed_probe)
		snprintf(failed_probe, sizeof(failed_probe), "%.*s", (int)strcspn(text, "\n"),
			 text);
	if (strstr(text, ".rodata' is referenced but wasn't created") && !*failed_probe)
		strcpy(failed_probe, "libbpf's trial of global data was refused");
	if (strstr(text, strerror(EMFILE)))
		files_ran_out = true;
	if (verifier_spoke) {
		free(text);
		return 0;
	}
	line = verifier_message(text);
	verifier_spoke = line;
	if (!line)
		line = text;
	snprintf(last_warning, sizeof(last_warning), "%.*s", (int)strcspn(line, "\n"), line);
	free(text);
	return 0;
}

static bool is_there(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0;
}

const char *bpf_library(void)
{
	return libbpf_version_string();
}

void bpf_explain_listen(void)
{
	*last_warning = *failed_probe = '\0';
	verifier_spoke = files_ran_out = false;
	libbpf_set_print(keep_warning);
}

bool bpf_explain_sysfs(void)
{
	return is_there("/sys/module");
}

/* Causes: each is looked for in turn, and writes its text if it is there. */

struct failure {
	int error;
	const char *step;
	bool tracefs;
	char *why;
	size_t size;
};

static bool first_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(text, size, file);

	if (file)
		fclose(file);
	return read;
}

static bool refused(const struct failure *failure)
{
	return failure->error == -EPERM || failure->error == -EACCES;
}

static bool no_descriptor(const struct failure *failure)
{
	struct rlimit limit = {0};

	if (failure->error != -EMFILE && failure->error != -ENFILE && !files_ran_out)
		return false;
	getrlimit(RLIMIT_NOFILE, &limit);
	snprintf(
		failure->why, failure->size,
		"%s: %s: this process may have %llu files open (ulimit -n), and eBPF takes one for "
		"each map, program and hook",
		failure->step, strerror(failure->error == -ENFILE ? ENFILE : EMFILE),
		(unsigned long long)limit.rlim_cur);
	return true;
}

/*
 * bpf(2) on a descriptor that is not one: without a filter it is EBADF (EINVAL before any check of
 * permissions in old kernels), whatever the caller may do.
 */
static bool bpf_filtered(const struct failure *failure)
{
	char attribute[128] = {0};
	if (!refused(failure) && failure->error != -ENOSYS)
		return false;
	memset(attribute, 0xff, 4); /* map_fd of BPF_MAP_LOOKUP_ELEM */
	if (syscall(SYS_bpf, 1, attribute, 32) == 0 || errno == EBADF || errno == EINVAL)
		return false;
	snprintf(failure->why, failure->size, "%s: %s: even bpf(2) on no map is refused (%s): %s%s",
		 failure->step, strerror(-failure->error), strerror(errno), privilege_filter(),
		 errno == ENOSYS ? " hides bpf(2), or this kernel has none" : " forbids bpf(2)");
	return true;
}

/* root of a container without privileges has all capabilities, of its namespace only. */
static bool in_user_namespace(const struct failure *failure)
{
	if (!refused(failure) || !privilege_in_user_namespace())
		return false;
	snprintf(failure->why, failure->size,
		 "%s: %s: this process is in a user namespace (a rootless container), and eBPF "
		 "takes capabilities of the host",
		 failure->step, strerror(-failure->error));
	return true;
}

static bool lacks_capabilities(const struct failure *failure)
{
	bool bpf = privilege_has(CAP_BPF), perfmon = privilege_has(CAP_PERFMON);

	if (!refused(failure) || (bpf && perfmon))
		return false;
	snprintf(failure->why, failure->size,
		 "%s: %s: it takes root, or CAP_BPF and CAP_PERFMON: %s missing", failure->step,
		 strerror(-failure->error),
		 bpf	   ? "CAP_PERFMON is"
		 : perfmon ? "CAP_BPF is"
			   : "CAP_BPF and CAP_PERFMON are");
	return true;
}

/* The verifier only reports that helpers which read kernel memory are unknown. */
static bool locked_down(const struct failure *failure)
{
	char lockdown[128];

	if (!first_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)) ||
	    !strstr(lockdown, "[confidentiality]"))
		return false;
	snprintf(
		failure->why, failure->size,
		"%s: %s: the kernel is locked down (lockdown=confidentiality): until the next boot "
		"eBPF may not read its memory",
		failure->step, strerror(-failure->error));
	return true;
}

static bool no_trace_events(const struct failure *failure)
{
	char paranoid[32] = "";

	if (!failure->tracefs)
		return false;
	if (failure->error == -ENOENT && !is_there("/sys/kernel/tracing/events") &&
	    !is_there("/sys/kernel/debug/tracing/events")) {
		snprintf(failure->why, failure->size,
			 "%s needs tracefs: mount -t tracefs nodev /sys/kernel/tracing",
			 failure->step);
		return true;
	}
	if (!refused(failure) || privilege_has(CAP_SYS_ADMIN))
		return false;
	first_line("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof(paranoid));
	paranoid[strcspn(paranoid, "\n")] = '\0';
	snprintf(failure->why, failure->size,
		 "%s: the kernel does not open its trace events: tracefs must be readable "
		 "(/sys/kernel/tracing), and it takes CAP_PERFMON or sysctl "
		 "kernel.perf_event_paranoid at -1 (now %s)",
		 failure->step, paranoid);
	return true;
}

static bool no_btf(const struct failure *failure)
{
	const char *cause = "it cannot be read";
	int error;

	if (refused(failure) || failure->error == -ENOMEM || !access(BTF_FILE, R_OK))
		return false;
	error = errno;
	if (!is_there("/sys/kernel"))
		cause = "/sys is not mounted here, or hidden";
	else if (error == ENOENT)
		cause = "hidden here, or a kernel without CONFIG_DEBUG_INFO_BTF";
	/* The error is libbpf's own: it says nothing. */
	snprintf(failure->why, failure->size,
		 "%s: there is no BTF, which has the layout of the kernel's structures: " BTF_FILE
		 ": %s (%s)",
		 failure->step, strerror(error), cause);
	return true;
}

static bool forbidden(const struct failure *failure)
{
	if (failure->error != -EPERM)
		return false;
	snprintf(failure->why, failure->size,
		 "%s: %s although the capabilities are there: %s forbids it", failure->step,
		 strerror(-failure->error), privilege_filter());
	return true;
}

int bpf_explain(int error, const char *step, bool tracefs, char *why, size_t size)
{
	static bool (*const cause[])(const struct failure *) = {
		no_descriptor, in_user_namespace, lacks_capabilities, bpf_filtered,
		locked_down,   no_trace_events,	  forbidden,	      no_btf,
	};
	const struct failure failure = {error, step, tracefs, why, size};

	for (size_t i = 0; i < sizeof(cause) / sizeof(*cause); i++)
		if (cause[i](&failure))
			return error;
	if (*failed_probe)
		snprintf(why, size, "%s: %.180s", step, failed_probe);
	else
		snprintf(why, size, "%s: %s%s%.180s", step, strerror(-error),
			 *last_warning ? ": " : "", last_warning);
	return error;
}
