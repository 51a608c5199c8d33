// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm.h"

/* All instructions that replace each other have this length. */
enum { FENCE_BYTES = 3 };

/* Intel SDM Vol. 2, LFENCE, MFENCE, NOP (three-byte form); AMD APM Vol. 3, VMMCALL. */
static const u8 lfence[FENCE_BYTES] = {0x0f, 0xae, 0xe8};
static const u8 vmcall[FENCE_BYTES] = {0x0f, 0x01, 0xc1};
static const u8 vmmcall[FENCE_BYTES] = {0x0f, 0x01, 0xd9};
static const u8 instruction[][FENCE_BYTES] = {
	[FENCE_LFENCE] = {0x0f, 0xae, 0xe8},
	[FENCE_NONE] = {0x0f, 0x1f, 0x00},
	[FENCE_MFENCE] = {0x0f, 0xae, 0xf0},
};

static bool is(const u8 *bytes, const u8 *instruction)
{
	return !__builtin_memcmp(bytes, instruction, FENCE_BYTES);
}

/* The image's table of replaceable instructions; NULL: it does not lie within the image. */
static const u32 *places(const void *image, u32 size)
{
	const struct guest_header *header = image;
	u64 table;

	if (size < sizeof(*header))
		return NULL;
	table = header->fences - GUEST_IMAGE;
	if (table % _Alignof(u32) || table > size ||
	    header->fence_count > (size - table) / sizeof(u32))
		return NULL;
	return (const u32 *)((const u8 *)image + table);
}

static int replace(void *image, u32 size, const u8 *from, const u8 *to)
{
	const struct guest_header *header = image;
	const u32 *at = places(image, size);
	u8 *bytes = image;

	if (!at)
		return -EINVAL;
	for (u32 i = 0; i < header->fence_count; i++) {
		u64 offset = (u64)at[i] - GUEST_IMAGE;

		if (offset > size - FENCE_BYTES)
			return -EINVAL;
		if (is(bytes + offset, from))
			__builtin_memcpy(bytes + offset, to, FENCE_BYTES);
		else if (from == lfence && !is(bytes + offset, vmcall) &&
			 !is(bytes + offset, vmmcall))
			return -EINVAL;
	}
	return 0;
}

int storm_fence(void *image, u32 size, u8 fence)
{
	if (fence >= sizeof(instruction) / sizeof(instruction[0]))
		return -EINVAL;
	return replace(image, size, lfence, instruction[fence]);
}

int storm_vmmcall(void *image, u32 size)
{
	return replace(image, size, vmcall, vmmcall);
}
