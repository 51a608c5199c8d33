// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bare metal as host. Memory comes from one range of RAM, first fit by pages: it is allocated
 * between measurements only, so its speed does not matter.
 */
#include "../cpu.h"
#include "../host.h"

#include "format.h"
#include "metal.h"

#define PAGE_SIZE   4096
#define LARGE_PAGES 512		       /* 2 MiB */
#define GIANT_PAGES (512 * 512)	       /* 1 GiB */
#define MAX_PAGES   (3ULL << 30 >> 12) /* 3 GiB */

static u64 memory_start;
static u32 page_count;
static u32 page_hint; /* all pages before it are in use */
static u8 page_used[MAX_PAGES];
static volatile u8 memory_lock;

static void lock(void)
{
	while (__atomic_test_and_set(&memory_lock, __ATOMIC_ACQUIRE))
		__asm__ volatile("pause");
}

static void unlock(void)
{
	__atomic_clear(&memory_lock, __ATOMIC_RELEASE);
}

void metal_memory_init(u64 start, u64 end)
{
	memory_start = (start + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
	if (end > memory_start)
		page_count = (end - memory_start) / PAGE_SIZE;
	if (page_count > MAX_PAGES)
		page_count = MAX_PAGES;
}

u64 metal_memory_free(void)
{
	u64 free = 0;

	for (u32 page = 0; page < page_count; page++)
		free += page_used[page] ? 0 : PAGE_SIZE;
	return free;
}

/* First of so many free pages, or -1. Aligned so that they can be mapped with large pages. */
static s64 find_pages(u32 pages)
{
	u32 align = pages >= GIANT_PAGES ? GIANT_PAGES : pages >= LARGE_PAGES ? LARGE_PAGES : 1;
	u32 run = 0;

	for (u32 page = page_hint; page < page_count; page++) {
		bool fits = run || !((memory_start / PAGE_SIZE + page) % align);

		run = page_used[page] || !fits ? 0 : run + 1;
		if (run == pages)
			return page + 1 - pages;
	}
	return -1;
}

/* By 8 bytes: emulators count each iteration of REP STOS as an instruction. */
static void clear_pages(void *memory, u64 pages)
{
	u64 words = pages * PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(memory), "+c"(words) : "a"(0ULL) : "memory");
}

void *host_pages_reserve(size_t bytes)
{
	u32 pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
	void *memory = NULL;
	s64 first;

	lock();
	first = pages ? find_pages(pages) : -1;
	if (first >= 0) {
		__builtin_memset(page_used + first, 1, pages);
		while (page_hint < page_count && page_used[page_hint])
			page_hint++;
		memory = (void *)(memory_start + first * PAGE_SIZE);
	}
	unlock();
	return memory;
}

void *host_pages_alloc(size_t bytes)
{
	void *memory = host_pages_reserve(bytes);

	if (memory)
		clear_pages(memory, (bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	return memory;
}

void host_pages_free(void *memory, size_t bytes)
{
	u32 first = ((u64)memory - memory_start) / PAGE_SIZE;

	if (!memory)
		return;
	lock();
	__builtin_memset(page_used + first, 0, (bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	if (first < page_hint)
		page_hint = first;
	unlock();
}

void *host_alloc(size_t bytes)
{
	return host_pages_alloc(bytes);
}

void host_free(void *memory, size_t bytes)
{
	host_pages_free(memory, bytes);
}

void host_format(char *text, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_text(text, size, format, args);
	va_end(args);
}

/* Memory is identity-mapped. */
u64 host_physical(const void *memory)
{
	return (u64)memory;
}

/* All memory can be executed. */
void *host_code_map(const void *code, size_t bytes)
{
	(void)bytes;
	return (void *)code;
}

void host_code_unmap(void *code, size_t bytes)
{
	(void)code;
	(void)bytes;
}

/* Each CPU has its own TSS, in the order of their numbers. */
u32 host_cpu(void)
{
	u16 selector;

	__asm__ volatile("str %0" : "=r"(selector));
	return (selector - METAL_TSS) / 16;
}

/* There are no other tasks, and no other code uses the state that a guest may change. */
void host_batch_begin(void)
{
}

void host_batch_end(void)
{
}

void host_cr4(u64 set, u64 clear)
{
	cpu_write_cr4((cpu_read_cr4() | set) & ~clear);
}

bool host_keeps_cr4(void)
{
	return true;
}

bool host_interrupts_take(void)
{
	__asm__ volatile("sti; nop; cli" : : : "memory");
	return false;
}

/* There are no threads. */
u64 host_context_switches(void)
{
	return 0;
}
