/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expands a row of storms.def into loops of shared->batch operations:
 *
 *   storm_plain      the storm alone, unrolled: an interpreted guest pays for every instruction
 *   storm_stamped    a stamp before and after each operation, stored in a record
 *   storm_stamped_2  the same around each two operations, storm_stamped_4: around each four
 *   control_plain    the same loops without the exiting instruction
 *   control_stamped
 *
 * A body is one of
 *   ASM("template", operands)       one asm statement; the control has the same operands and an
 *                                   empty template, so it loads the same registers
 *   CODE(statements, statements)    C, for the storm and for its control
 * and may be wrapped in
 *   WITH(expression, body)          computes `value` once before the loop; default: shared->arg[0]
 *   BEFORE(statements, body)        runs before each operation's first stamp, in storm and control
 * They can use `shared`, `value`, and `i`, the operation's number in the batch.
 */
#ifndef BENCH_GUEST_LOOPS_H
#define BENCH_GUEST_LOOPS_H

#include "../../hv/guest.h"

#define GUEST_INLINE static inline __attribute__((always_inline, unused))

#define VALUE_ASM(...)		return shared->arg[0]
#define VALUE_CODE(...)		return shared->arg[0]
#define VALUE_WITH(value, ...)	return (value)
#define VALUE_BEFORE(code, ...) VALUE_##__VA_ARGS__

#define EACH_ASM(...)
#define EACH_CODE(...)
#define EACH_WITH(value, ...)  EACH_##__VA_ARGS__
#define EACH_BEFORE(code, ...) code

/* Whether several operations may follow each other: not where code must run before each. */
#define REPEATS_ASM(...)	  1
#define REPEATS_CODE(...)	  1
#define REPEATS_WITH(value, ...)  REPEATS_##__VA_ARGS__
#define REPEATS_BEFORE(code, ...) 0

#define STORM_ASM(insn, ...)	__asm__ volatile(insn __VA_ARGS__)
#define STORM_CODE(storm, ...)	storm
#define STORM_WITH(value, ...)	STORM_##__VA_ARGS__
#define STORM_BEFORE(code, ...) STORM_##__VA_ARGS__

#define CONTROL_ASM(insn, ...)	  __asm__ volatile("" __VA_ARGS__)
#define CONTROL_CODE(storm, ...)  __VA_ARGS__
#define CONTROL_WITH(value, ...)  CONTROL_##__VA_ARGS__
#define CONTROL_BEFORE(code, ...) CONTROL_##__VA_ARGS__

/* EDX:EAX as RDTSC returns them: joining them would add instructions between two stamps. */
struct guest_stamp {
	u32 low, high;
};

/*
 * The sequence of trace/stamp.h. .fences lists its LFENCEs, so that the host can replace them
 * (setting `fence`). The moves free EAX and EDX for the operation.
 */
#define GUEST_STAMP(stamp)                                         \
	__asm__ volatile("661: lfence\n\t"                         \
			 "rdtsc\n"                                 \
			 "662: lfence\n\t"                         \
			 "movl %%eax, %0\n\t"                      \
			 "movl %%edx, %1\n\t"                      \
			 ".pushsection .fences, \"a\"\n\t"         \
			 ".long 661b, 662b\n\t"                    \
			 ".popsection"                             \
			 : "=&r"((stamp).low), "=&r"((stamp).high) \
			 :                                         \
			 : "eax", "edx", "memory")

/* VMCALL, listed in .fences, too: on AMD CPUs the host replaces it by VMMCALL. */
#define GUEST_HYPERCALL                   \
	"663: vmcall\n\t"                 \
	".pushsection .fences, \"a\"\n\t" \
	".long 663b\n\t"                  \
	".popsection"

typedef u32 __attribute__((may_alias)) half;

GUEST_INLINE void guest_keep(volatile u64 *ticks, struct guest_stamp stamp)
{
	((volatile half *)ticks)[0] = stamp.low;
	((volatile half *)ticks)[1] = stamp.high;
}

/* Keeps a constant in a register: loading it for each operation costs thousands of ticks if
 * interpreted. */
#define GUEST_HIDE(value) __asm__("" : "+r"(value))

#define GUEST_OPERATION(body, id, number) \
	each_##id(shared, value, number); \
	body(shared, value, number)

/* Stores nothing per operation: only the loop as a whole is timed. */
#define GUEST_PLAIN(loop, body, id)                                           \
	static __attribute__((noinline, aligned(64), unused)) void loop(      \
		struct guest_shared *shared)                                  \
	{                                                                     \
		u64 value = value_##id(shared), batch = shared->batch, i = 0; \
		struct guest_stamp began, ended;                              \
                                                                              \
		GUEST_HIDE(value);                                            \
		GUEST_STAMP(began);                                           \
		for (; batch - i >= 8; i += 8) {                              \
			GUEST_OPERATION(body, id, i);                         \
			GUEST_OPERATION(body, id, i + 1);                     \
			GUEST_OPERATION(body, id, i + 2);                     \
			GUEST_OPERATION(body, id, i + 3);                     \
			GUEST_OPERATION(body, id, i + 4);                     \
			GUEST_OPERATION(body, id, i + 5);                     \
			GUEST_OPERATION(body, id, i + 6);                     \
			GUEST_OPERATION(body, id, i + 7);                     \
		}                                                             \
		for (; i < batch; i++) {                                      \
			GUEST_OPERATION(body, id, i);                         \
		}                                                             \
		GUEST_STAMP(ended);                                           \
		guest_keep(&shared->began, began);                            \
		guest_keep(&shared->ended, ended);                            \
	}

/*
 * Fetches a record's line for writing (Intel SDM Vol. 2B, PREFETCHW; a CPU without it takes it as a
 * NOP). It never faults.
 */
#define GUEST_PREFETCH(record) __asm__ volatile("prefetchw %0" : : "m"(*(record)))

/* So many between one pair of stamps. */
#define GUEST_OPERATIONS_1(body) body(shared, value, i)
#define GUEST_OPERATIONS_2(body)       \
	body(shared, value, 2ULL * i); \
	body(shared, value, 2ULL * i + 1)
#define GUEST_OPERATIONS_4(body)           \
	body(shared, value, 4ULL * i);     \
	body(shared, value, 4ULL * i + 1); \
	body(shared, value, 4ULL * i + 2); \
	body(shared, value, 4ULL * i + 3)

/*
 * Stores guest_out and guest_in; the other fields of the record are the host's. The next record's
 * line is fetched an operation ahead, outside of the stamps: else the store of the host's first
 * stamp would miss, and the VM entry would wait for it in the resume leg.
 */
#define GUEST_STAMPED(loop, body, id, OPERATIONS)                               \
	static __attribute__((noinline, aligned(64), unused)) void loop(        \
		struct guest_shared *shared)                                    \
	{                                                                       \
		u64 value = value_##id(shared);                                 \
		u32 batch = shared->batch;                                      \
		volatile struct record *record = (struct record *)shared->ring; \
		struct guest_stamp began, ended, out, in;                       \
                                                                                \
		GUEST_HIDE(value);                                              \
		GUEST_PREFETCH(record);                                         \
		GUEST_STAMP(began);                                             \
		for (u32 i = 0; i < batch; i++, record++) {                     \
			GUEST_PREFETCH(record + 1);                             \
			shared->index = i;                                      \
			each_##id(shared, value, i);                            \
			GUEST_STAMP(out);                                       \
			OPERATIONS(body);                                       \
			GUEST_STAMP(in);                                        \
			guest_keep(&record->guest_out, out);                    \
			guest_keep(&record->guest_in, in);                      \
		}                                                               \
		GUEST_STAMP(ended);                                             \
		/* The exit that ends the batch belongs to no operation. */     \
		shared->index = batch;                                          \
		guest_keep(&shared->began, began);                              \
		guest_keep(&shared->ended, ended);                              \
	}

#define GUEST_BODY(name)                                                            \
	GUEST_INLINE void name(__attribute__((unused)) struct guest_shared *shared, \
			       __attribute__((unused)) u64 value, __attribute__((unused)) u64 i)

#define GUEST_FUNCTIONS(id, body)                                                        \
	GUEST_INLINE u64 value_##id(__attribute__((unused)) struct guest_shared *shared) \
	{                                                                                \
		VALUE_##body;                                                            \
	}                                                                                \
	GUEST_BODY(each_##id)                                                            \
	{                                                                                \
		EACH_##body;                                                             \
	}                                                                                \
	GUEST_BODY(storm_##id)                                                           \
	{                                                                                \
		STORM_##body;                                                            \
	}                                                                                \
	GUEST_BODY(control_##id)                                                         \
	{                                                                                \
		CONTROL_##body;                                                          \
	}                                                                                \
	GUEST_PLAIN(storm_plain_##id, storm_##id, id)                                    \
	GUEST_STAMPED(storm_stamped_##id, storm_##id, id, GUEST_OPERATIONS_1)            \
	GUEST_STAMPED(storm_stamped_2_##id, storm_##id, id, GUEST_OPERATIONS_2)          \
	GUEST_STAMPED(storm_stamped_4_##id, storm_##id, id, GUEST_OPERATIONS_4)          \
	GUEST_PLAIN(control_plain_##id, control_##id, id)                                \
	GUEST_STAMPED(control_stamped_##id, control_##id, id, GUEST_OPERATIONS_1)

#endif
