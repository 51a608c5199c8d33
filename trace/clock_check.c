// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock_check.h"

#define ROUNDS 16
#define SHARE  16 /* a NOP takes at least this part of an ADD */
#define RATIO  2  /* an IMUL takes at least as long as this number of ADDs */
/* Instructions between the RDTSCs that are not the sequence's: see CLOCK_TICKS, the last is RDTSC.
 */
#define AROUND 6

/*
 * One block of assembly: no compiler can move, add or remove an instruction between the stamps.
 * %1 is the first stamp, %2 the operand of the sequence.
 */
#define CLOCK_TICKS(name, before, times, instruction)                                      \
	static u64 name(void)                                                              \
	{                                                                                  \
		u64 ticks, began, value = 3;                                               \
                                                                                           \
		__asm__ volatile(before "\n\t"                                             \
					"lfence\n\t"                                       \
					"rdtsc\n\t"                                        \
					"lfence\n\t"                                       \
					"shlq $32, %%rdx\n\t"                              \
					"orq %%rdx, %%rax\n\t"                             \
					"movq %%rax, %1\n\t"                               \
					".rept " #times "\n\t" instruction "\n\t.endr\n\t" \
					"lfence\n\t"                                       \
					"rdtsc\n\t"                                        \
					"lfence\n\t"                                       \
					"shlq $32, %%rdx\n\t"                              \
					"orq %%rdx, %%rax\n\t"                             \
					"subq %1, %%rax"                                   \
				 : "=&a"(ticks), "=&r"(began), "+r"(value)                 \
				 :                                                         \
				 : "rcx", "rdx", "cc");                                    \
		return ticks;                                                              \
	}
CLOCK_TICKS(ticks_nop, "", 1000, "nop")
CLOCK_TICKS(ticks_add, "", 1000, "addq %2, %2")
CLOCK_TICKS(ticks_imul, "", 1000, "imulq %2, %2")
CLOCK_TICKS(ticks_none, "", 0, "nop")
CLOCK_TICKS(ticks_nop_1, "", 1, "nop")
CLOCK_TICKS(ticks_nop_2, "", 2, "nop")
CLOCK_TICKS(ticks_nop_3, "", 3, "nop")
CLOCK_TICKS(ticks_nop_5, "", 5, "nop")
CLOCK_TICKS(ticks_nop_8, "", 8, "nop")
CLOCK_TICKS(ticks_nop_13, "", 13, "nop")
CLOCK_TICKS(ticks_nop_21, "", 21, "nop")
CLOCK_TICKS(ticks_nop_34, "", 34, "nop")
CLOCK_TICKS(ticks_jump, "", 100, "jmp 1f; 1:")
CLOCK_TICKS(ticks_loop, "movl $100, %%ecx", 1, "1: decl %%ecx; jnz 1b")

/* An emulator may count the end of a block of instructions only: so short ones, and branches. */
static const struct {
	u64 (*ticks)(void);
	u32 instructions;
} sequences[] = {
	[CLOCK_NONE] = {ticks_none, 0},
	[CLOCK_NOP] = {ticks_nop, CLOCK_LENGTH},
	[CLOCK_ADD] = {ticks_add, CLOCK_LENGTH},
	[CLOCK_IMUL] = {ticks_imul, CLOCK_LENGTH},
	{ticks_nop_1, 1},
	{ticks_nop_2, 2},
	{ticks_nop_3, 3},
	{ticks_nop_5, 5},
	{ticks_nop_8, 8},
	{ticks_nop_13, 13},
	{ticks_nop_21, 21},
	{ticks_nop_34, 34},
	{ticks_jump, 100},
	{ticks_loop, 200},
};
#define COUNT (sizeof(sequences) / sizeof(sequences[0]))
_Static_assert(COUNT <= CLOCK_SEQUENCES, "readings have room");

void clock_read(struct clock_readings *readings)
{
	readings->count = COUNT;
	for (u32 i = 0; i < COUNT; i++)
		readings->of[i] =
			(struct clock_reading){sequences[i].instructions + AROUND, ~0ULL, 0};
	for (u32 round = 0; round < ROUNDS; round++)
		for (u32 i = 0; i < COUNT; i++) {
			struct clock_reading *reading = &readings->of[i];
			u64 ticks = sequences[i].ticks();

			if (ticks < reading->min)
				reading->min = ticks;
			if (ticks > reading->max)
				reading->max = ticks;
		}
}

static u32 saturated(u64 value)
{
	return value < ~0U ? value : ~0U;
}

static u64 distance(u64 one, u64 other)
{
	return one < other ? other - one : one - other;
}

static u64 error_of(const struct clock_readings *readings)
{
	u64 error = 0;

	for (u32 i = 0; i < readings->count; i++) {
		const struct clock_reading *reading = &readings->of[i];
		u64 low = distance(reading->min, reading->instructions),
		    high = distance(reading->max, reading->instructions);

		if (low > error)
			error = low;
		if (high > error)
			error = high;
	}
	return error;
}

/*
 * `none` is the time that the stamps themselves take, long where a hypervisor intercepts RDTSC.
 * Without it a NOP of TCG takes nothing.
 */
static bool is_hardware(u64 none, u64 nop, u64 add, u64 imul)
{
	if (nop <= none || add <= none || imul <= none)
		return false;
	return (imul - none) / RATIO >= add - none && nop - none >= (add - none) / SHARE;
}

void clock_classify(const struct clock_readings *readings, struct clock_finding *finding)
{
	u64 none = readings->of[CLOCK_NONE].min, nop = readings->of[CLOCK_NOP].min,
	    add = readings->of[CLOCK_ADD].min, imul = readings->of[CLOCK_IMUL].min;

	*finding = (struct clock_finding){
		.step = readings->step,
		.error = saturated(error_of(readings)),
		.nop = saturated(nop),
		.add = saturated(add),
		.imul = saturated(imul),
	};
	if (finding->error < readings->step)
		finding->kind = CLOCK_INSTRUCTIONS;
	else if (is_hardware(none, nop, add, imul) && !readings->tcg)
		finding->kind = CLOCK_TSC;
	else
		finding->kind = CLOCK_EMULATED;
}

void clock_combine(struct clock_finding *finding, const struct clock_finding *other)
{
	bool differ = finding->kind != other->kind;
	bool keep = differ || finding->cpus == other->cpus ? finding->error >= other->error
							   : finding->cpus < other->cpus;

	if (!keep)
		*finding = *other;
	if (differ)
		finding->kind = CLOCK_EMULATED;
}
