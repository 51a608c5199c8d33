// SPDX-License-Identifier: GPL-2.0-or-later
/* A Linux process as host, for the backends kvm and process. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "../host.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

enum { CACHE_LINE = 64, PAGE = 4096 };

void *host_alloc(size_t bytes)
{
	size_t rounded = (bytes + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	void *memory = rounded < bytes ? NULL : aligned_alloc(CACHE_LINE, rounded);

	if (memory)
		memset(memory, 0, rounded);
	return memory;
}

void host_free(void *memory, size_t bytes)
{
	(void)bytes;
	free(memory);
}

void *host_pages_alloc(size_t bytes)
{
	char *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	/* Fails only on kernels without transparent huge pages. */
	madvise(pages, bytes, MADV_NOHUGEPAGE);
	/* Page faults must not fall into a measurement. */
	if (!madvise(pages, bytes, MADV_POPULATE_WRITE))
		return pages;
	if (errno != EINVAL) { /* EINVAL: before Linux 5.14 */
		munmap(pages, bytes);
		return NULL;
	}
	for (size_t at = 0; at < bytes; at += PAGE)
		*(volatile char *)(pages + at) = 0;
	return pages;
}

void *host_pages_reserve(size_t bytes)
{
	return host_pages_alloc(bytes);
}

void host_pages_free(void *pages, size_t bytes)
{
	if (pages)
		munmap(pages, bytes);
}

void host_format(char *text, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
}

/* Backends here are not privileged, and a process cannot read MSRs. */
void host_batch_begin(void)
{
}

void host_batch_end(void)
{
}

void host_counters(struct host_counters *now)
{
	*now = (struct host_counters){0};
}

u64 host_context_switches(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage))
		return 0;
	return (u64)usage.ru_nvcsw + (u64)usage.ru_nivcsw;
}
