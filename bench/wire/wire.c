// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#define CRC32C_POLYNOMIAL 0x82f63b78 /* Castagnoli, reflected (RFC 3720, appendix B.4) */

static u32 table[256];

static void table_make(void)
{
	for (u32 i = 0; i < 256; i++) {
		u32 crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ CRC32C_POLYNOMIAL : crc >> 1;
		table[i] = crc;
	}
}

u32 wire_crc32c(u32 crc, const void *data, u64 bytes)
{
	const u8 *next = data;

	if (!table[1])
		table_make();
	crc = ~crc;
	while (bytes--)
		crc = table[(crc ^ *next++) & 0xff] ^ crc >> 8;
	return ~crc;
}

static const struct {
	const char *name, *values;
	u32 count;
} settings[] = {
#define WORD(enumerator, word)			 "|" word
#define NUMBER(ID, max, unit)			 "|0.." #max
#define SETTING(ID, name, targets, values, text) {name, values, ID##_WORDS},
#include "../plan/settings.def"
};

static u32 crc_text(u32 crc, const char *text)
{
	return wire_crc32c(crc, text, __builtin_strlen(text) + 1);
}

u32 wire_tables(void)
{
	u32 crc = 0;

	for (u32 i = 0; i < storm_count; i++)
		crc = crc_text(crc, storms[i].name);
	for (u32 i = 0; i < SETTINGS; i++)
		crc = crc_text(crc_text(crc, settings[i].name), settings[i].values);
	return crc;
}

static const char *numbers_fault(const struct plan *plan)
{
	if (!plan->exits || plan->exits > PLAN_MAX_EXITS || plan->warmup > PLAN_MAX_EXITS ||
	    !plan->repeats || plan->repeats > PLAN_MAX_REPEATS || !plan->vcpus ||
	    plan->vcpus > GUEST_MAX_VCPUS || plan->samples > PLAN_MAX_SAMPLES || plan->seed >> 63 ||
	    plan->cpu_count > PLAN_MAX_CPUS)
		return "a number of the plan is out of its range";
	if (plan->counters[PLAN_COUNTERS - 1])
		return "the plan's list of counters is too long";
	for (u32 i = 0; i < SETTINGS; i++)
		if (plan->setting[i] >= settings[i].count)
			return "a setting of the plan has an invalid value";
	if (!hv_delay_fits(plan->setting[SETTING_DELAY]))
		return "the plan's delay is odd or too short";
	return NULL;
}

const char *wire_plan_fault(const struct wire_plan *plan, u32 bytes)
{
	if (bytes != sizeof(*plan) || plan->size != sizeof(*plan) || plan->tables != wire_tables())
		return "the plan is of another build of exitstorm";
	if (plan->storms > WIRE_MAX_STORMS || plan->repeats > plan->plan.repeats ||
	    plan->first_repeat > plan->plan.repeats - plan->repeats)
		return "the plan asks for more storms or repeats than it has";
	for (u32 i = 0; i < plan->storms; i++)
		if (plan->storm[i] >= storm_count)
			return "the plan names an unknown storm";
	return numbers_fault(&plan->plan);
}

void wire_seal(struct frame *frame, const void *head, u32 head_bytes, const void *tail,
	       u32 tail_bytes)
{
	u32 crc;

	frame->magic = WIRE_MAGIC;
	frame->version = WIRE_VERSION;
	frame->length = head_bytes + tail_bytes;
	frame->crc32c = 0;
	crc = wire_crc32c(0, frame, sizeof(*frame));
	crc = wire_crc32c(crc, head, head_bytes);
	frame->crc32c = wire_crc32c(crc, tail, tail_bytes);
}

bool wire_intact(const struct frame *frame, const void *payload)
{
	struct frame header = *frame;

	header.crc32c = 0;
	return frame->magic == WIRE_MAGIC && frame->version == WIRE_VERSION &&
	       frame->length <= WIRE_MAX_PAYLOAD &&
	       wire_crc32c(wire_crc32c(0, &header, sizeof(header)), payload, frame->length) ==
		       frame->crc32c;
}
