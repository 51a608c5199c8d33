// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cache events by name: CACHE[-OPERATION][-RESULT], each with the aliases that perf(1) has for it.
 * Of a name without operation and result, loads are counted.
 */
#include <string.h>
#include <strings.h>

#include "counter_event.h"

#define NAMES	   5
#define OPERATIONS 3
#define RESULTS	   2

#define READ  (1 << PERF_COUNT_HW_CACHE_OP_READ)
#define WRITE (1 << PERF_COUNT_HW_CACHE_OP_WRITE)
#define AHEAD (1 << PERF_COUNT_HW_CACHE_OP_PREFETCH)

/* Indexed by PERF_COUNT_HW_CACHE_*; the operations are those that perf accepts for the cache. */
static const struct {
	unsigned int operations;
	const char *name[NAMES];
} cache[PERF_COUNT_HW_CACHE_MAX] = {
	{READ | WRITE | AHEAD, {"L1-dcache", "l1-d", "l1d", "L1-data"}},
	{READ | AHEAD, {"L1-icache", "l1-i", "l1i", "L1-instruction"}},
	{READ | WRITE | AHEAD, {"LLC", "L2"}},
	{READ | WRITE | AHEAD, {"dTLB", "d-tlb", "Data-TLB"}},
	{READ, {"iTLB", "i-tlb", "Instruction-TLB"}},
	{READ, {"branch", "branches", "bpu", "btb", "bpc"}},
	{READ | WRITE | AHEAD, {"node"}},
};

static const char *const operation[OPERATIONS][NAMES] = {
	{"load", "loads", "read"},
	{"store", "stores", "write"},
	{"prefetch", "prefetches", "speculative-read", "speculative-load"},
};

static const char *const result[RESULTS][NAMES] = {
	{"refs", "Reference", "ops", "access"},
	{"misses", "miss"},
};

/* Skips the longest of the names that *text begins with, and that ends at a '-' or the end. */
static bool skip_name(const char **text, const char *const name[NAMES])
{
	size_t longest = 0;

	for (int i = 0; i < NAMES && name[i]; i++) {
		size_t length = strlen(name[i]);

		if (length > longest && !strncasecmp(*text, name[i], length) &&
		    ((*text)[length] == '-' || !(*text)[length]))
			longest = length;
	}
	*text += longest;
	return longest;
}

/* The index of the list in which "-NAME" is found; -1: in none. */
static int skip_part(const char **text, const char *const list[][NAMES], int lists)
{
	const char *part = *text + 1;

	for (int i = 0; **text == '-' && i < lists; i++)
		if (skip_name(&part, list[i])) {
			*text = part;
			return i;
		}
	return -1;
}

bool counter_cache_name(const char *name, u64 *config)
{
	for (u64 i = 0; i < PERF_COUNT_HW_CACHE_MAX; i++) {
		const char *rest = name;
		int done, how;

		if (!skip_name(&rest, cache[i].name))
			continue;
		done = skip_part(&rest, operation, OPERATIONS);
		how = skip_part(&rest, result, RESULTS);
		if (done < 0)
			done = skip_part(&rest, operation, OPERATIONS);
		done = done < 0 ? PERF_COUNT_HW_CACHE_OP_READ : done;
		how = how < 0 ? PERF_COUNT_HW_CACHE_RESULT_ACCESS : how;
		*config = i | (u64)done << 8 | (u64)how << 16;
		return !*rest && cache[i].operations & 1 << done;
	}
	return false;
}
