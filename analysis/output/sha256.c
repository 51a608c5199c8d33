// SPDX-License-Identifier: GPL-2.0-or-later
#include "sha256.h"

#include <stdio.h>
#include <string.h>

static const u32 first_state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const u32 constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2};

static u32 turn(u32 value, int bits)
{
	return value >> bits | value << (32 - bits);
}

static void add_block(u32 state[8], const u8 block[64])
{
	u32 word[64], v[8];

	for (int i = 0; i < 16; i++)
		word[i] = (u32)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 |
			  block[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		u32 a = word[i - 15], b = word[i - 2];

		word[i] = word[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + word[i - 7] +
			  (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		u32 one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
			  ((v[4] & v[5]) ^ (~v[4] & v[6])) + constant[i] + word[i];
		u32 two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
			  ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += one;
		v[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_begin(struct sha256 *sha)
{
	memcpy(sha->state, first_state, sizeof(first_state));
	sha->size = 0;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t size)
{
	for (const u8 *byte = bytes; size--; byte++) {
		sha->block[sha->size++ % 64] = *byte;
		if (sha->size % 64 == 0)
			add_block(sha->state, sha->block);
	}
}

void sha256_end(struct sha256 *sha, u8 digest[SHA256_BYTES])
{
	u64 bits = sha->size * 8;
	u8 length[8];

	sha256_add(sha, "\x80", 1);
	while (sha->size % 64 != 56)
		sha256_add(sha, "", 1);
	for (int i = 0; i < 8; i++)
		length[i] = bits >> (56 - 8 * i);
	sha256_add(sha, length, sizeof(length));
	for (int i = 0; i < SHA256_BYTES; i++)
		digest[i] = sha->state[i / 4] >> (24 - 8 * (i % 4));
}

void sha256_hex(const u8 digest[SHA256_BYTES], char text[2 * SHA256_BYTES + 1])
{
	for (int i = 0; i < SHA256_BYTES; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
}

void sha256_base64(const u8 digest[SHA256_BYTES], char text[45])
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int i = 0; i < SHA256_BYTES; i += 3) {
		u32 three = digest[i] << 16 | digest[i + 1] << 8 |
			    (i + 2 < SHA256_BYTES ? digest[i + 2] : 0);

		for (int j = 0; j < 4; j++)
			*text++ = letters[three >> (18 - 6 * j) & 63];
	}
	text[-1] = '='; /* 32 bytes are ten threes and two */
	*text = '\0';
}
