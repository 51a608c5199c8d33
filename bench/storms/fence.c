// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm.h"

enum { FENCE_BYTES = 3 };

/* Intel SDM Vol. 2: LFENCE, MFENCE, and the NOP of the same length. */
static const u8 lfence[FENCE_BYTES] = {0x0f, 0xae, 0xe8};
static const u8 instruction[][FENCE_BYTES] = {
	[FENCE_LFENCE] = {0x0f, 0xae, 0xe8},
	[FENCE_NONE] = {0x0f, 0x1f, 0x00},
	[FENCE_MFENCE] = {0x0f, 0xae, 0xf0},
};

int storm_fence(void *image, u32 size, u8 fence)
{
	const struct guest_header *header = image;
	u8 *bytes = image;
	const u32 *at;
	u64 table;

	if (fence >= sizeof(instruction) / sizeof(instruction[0]) || size < sizeof(*header))
		return -EINVAL;
	table = header->fences - GUEST_IMAGE;
	if (table % _Alignof(u32) || table > size ||
	    header->fence_count > (size - table) / sizeof(*at))
		return -EINVAL;
	at = (const u32 *)(bytes + table);
	for (u32 i = 0; i < header->fence_count; i++) {
		u64 offset = (u64)at[i] - GUEST_IMAGE;

		if (offset > size - FENCE_BYTES ||
		    __builtin_memcmp(bytes + offset, lfence, FENCE_BYTES))
			return -EINVAL;
		__builtin_memcpy(bytes + offset, instruction[fence], FENCE_BYTES);
	}
	return 0;
}
