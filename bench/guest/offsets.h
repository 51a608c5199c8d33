/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offsets of C structs for assembly; guest.c asserts them. */
#ifndef BENCH_GUEST_OFFSETS_H
#define BENCH_GUEST_OFFSETS_H

#define SHARED_LOOP   0x00
#define SHARED_BATCH  0x08
#define SHARED_RING   0x10
#define SHARED_INDEX  0x38
#define SHARED_VECTOR 0x3c
#define SHARED_ERROR  0x40
#define SHARED_RIP    0x48
#define SHARED_CR2    0x50
#define SHARED_BEGAN  0x58
#define SHARED_ENDED  0x60
#define SHARED_COUNT  0x68

#define RECORD_GUEST_OUT 0x00 /* struct record */
#define RECORD_GUEST_IN	 0x28
#define RECORD_BYTES	 64

#define STORM_BYTES 104 /* struct guest_storm */

/* Local APIC: a register's offset and x2APIC MSR (Intel SDM Vol. 3A, "Local APIC Register Address
 * Map"). */
#define APIC_EOI	0xb0
#define APIC_X2_EOI_MSR 0x80b

#endif
