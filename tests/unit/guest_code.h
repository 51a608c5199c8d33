/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest image as the build embeds it: header, table of storms, stamps. */
#ifndef TESTS_GUEST_CODE_H
#define TESTS_GUEST_CODE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/storms/storm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* LFENCE, RDTSC, LFENCE */
static const u8 stamp[] = {0x0f, 0xae, 0xe8, 0x0f, 0x31, 0x0f, 0xae, 0xe8};

static inline const struct guest_header *header(void)
{
	return (const struct guest_header *)guest_image;
}

static inline u32 image_size(void)
{
	return guest_image_end - guest_image;
}

static inline const u8 *at(u64 address)
{
	assert_in_range(address, GUEST_IMAGE, GUEST_IMAGE + image_size() - 1);
	return guest_image + (address - GUEST_IMAGE);
}

static inline const struct guest_storm *guest_table(void)
{
	return (const struct guest_storm *)at(header()->table);
}

static inline const struct guest_storm *guest_find(const char *name)
{
	for (u32 i = 0; i < header()->storms; i++)
		if (!strcmp(guest_table()[i].name, name))
			return &guest_table()[i];
	return NULL;
}

/* The next stamp at or after p. */
static inline const u8 *stamp_after(const u8 *p)
{
	while (memcmp(p, stamp, sizeof(stamp)))
		p++;
	return p;
}

#endif
