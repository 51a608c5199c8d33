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
