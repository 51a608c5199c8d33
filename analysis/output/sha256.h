/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4): of an archive's files, and of what a report's content policy lets run. */
#ifndef ANALYSIS_OUTPUT_SHA256_H
#define ANALYSIS_OUTPUT_SHA256_H

#include <stddef.h>

#include "../../trace/types.h"

#define SHA256_BYTES 32

struct sha256 {
	u32 state[8];
	u64 size;
	u8 block[64];
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);
void sha256_end(struct sha256 *sha, u8 digest[SHA256_BYTES]);
/* As `sha256sum` prints it. */
void sha256_hex(const u8 digest[SHA256_BYTES], char text[2 * SHA256_BYTES + 1]);
/* As Content-Security-Policy has it (RFC 4648, section 4). */
void sha256_base64(const u8 digest[SHA256_BYTES], char text[45]);

#endif
