// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's code: the loops of every row of storms.def, their table, and the main loop. */
#include "loops.h"
#include "offsets.h"
#include "own.h"
#include "processor.h"
#include "system_call.h"

_Static_assert(offsetof(struct guest_shared, vector) == SHARED_VECTOR, "offsets.h");
_Static_assert(offsetof(struct guest_shared, error) == SHARED_ERROR, "offsets.h");
_Static_assert(offsetof(struct guest_shared, rip) == SHARED_RIP, "offsets.h");
_Static_assert(offsetof(struct guest_shared, cr2) == SHARED_CR2, "offsets.h");
_Static_assert(offsetof(struct guest_shared, count) == SHARED_COUNT, "offsets.h");
_Static_assert(offsetof(struct guest_shared, loop) == SHARED_LOOP, "offsets.h");
_Static_assert(offsetof(struct guest_shared, batch) == SHARED_BATCH, "offsets.h");
_Static_assert(offsetof(struct guest_shared, ring) == SHARED_RING, "offsets.h");
_Static_assert(offsetof(struct guest_shared, index) == SHARED_INDEX, "offsets.h");
_Static_assert(offsetof(struct guest_shared, began) == SHARED_BEGAN, "offsets.h");
_Static_assert(offsetof(struct guest_shared, ended) == SHARED_ENDED, "offsets.h");
_Static_assert(offsetof(struct record, guest_out) == RECORD_GUEST_OUT, "offsets.h");
_Static_assert(offsetof(struct record, guest_in) == RECORD_GUEST_IN, "offsets.h");
_Static_assert(sizeof(struct record) == RECORD_BYTES, "offsets.h");
_Static_assert(sizeof(struct guest_storm) == STORM_BYTES, "offsets.h");
_Static_assert(sizeof(struct guest_header) == 88, "guest_entry.S writes it field by field");

/* Each row's functions. */
#define STORM(id, kind, legs, exits, body, ...) GUEST_FUNCTIONS(id, body)
#define STORM32(id, ...)                                          \
	extern const u8 storm_plain_##id[], storm_stamped_##id[]; \
	extern const u8 control_plain_##id[], control_stamped_##id[];
#define GATE(id, vector, handler)
#define PARTNER(id, function)
#include "../storms/storms.def"

enum row {
#define STORM(id, ...)	 ROW_##id,
#define STORM32(id, ...) ROW_##id,
#define GATE(id, vector, handler)
#define PARTNER(id, function)
#include "../storms/storms.def"
};

static const struct guest_storm table[] __attribute__((section(".table"), used)) = {
#define LOOPS(id)                                                        \
	[ROW_##id].name = #id, [ROW_##id].storm = (u64)storm_plain_##id, \
	[ROW_##id].storm_stamped = (u64)storm_stamped_##id,              \
	[ROW_##id].control = (u64)control_plain_##id,                    \
	[ROW_##id].control_stamped = (u64)control_stamped_##id,
/* Several operations in a row need ones that exit by themselves: see refuses_ops(). */
#define IN_A_ROW_SYNC	   1
#define IN_A_ROW_ASYNC	   0
#define IN_A_ROW_NORESUME  0
#define IN_A_ROW_ENTRYFAIL 0
#define IN_A_ROW_NOGUEST   0
#define MANY(legs, body, loop) \
	__builtin_choose_expr(IN_A_ROW_##legs && REPEATS_##body, (u64)(loop), 0)
#define STORM(id, kind, legs, exits, body, ...)                    \
	LOOPS(id)                                                  \
	[ROW_##id].many = {MANY(legs, body, storm_stamped_2_##id), \
			   MANY(legs, body, storm_stamped_4_##id)},
#define STORM32(id, ...)	LOOPS(id)
#define GATE(id, number, entry) [ROW_##id].vector = (number), [ROW_##id].handler = (u64)(entry),
#define PARTNER(id, function)	[ROW_##id].partner = (u64)(function),
#include "../storms/storms.def"
};

/* Called once by guest_entry.S. Each OUT exits to the host, which then sets shared->loop. */
void guest_main(struct guest_shared *shared)
{
	for (;;) {
		__asm__ volatile("outb %%al, %%dx"
				 :
				 : "a"(0), "d"((u16)GUEST_PORT_DONE)
				 : "memory");
		((void (*)(struct guest_shared *))shared->loop)(shared);
	}
}
