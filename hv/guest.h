/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guest and host have in common: the layout of guest-physical memory, the header of the guest
 * image, the page that they share. Linear addresses equal physical ones. Assembly may include it.
 *
 *   GUEST_SYSTEM   GDT, one TSS a vCPU, IDT: made by hv before the first entry
 *   GUEST_TABLES   page tables
 *   GUEST_IMAGE    the image, linked to run here
 *   GUEST_SHARED   one page a vCPU: what is asked of the guest, what it answers
 *   GUEST_STACK    two stacks a vCPU: the storm's, and the one that exceptions at CPL3 come in on
 *   GUEST_RING     records, 4 KiB pages, never logged or write-protected, so that they cost no exit
 *   GUEST_FILL     pages that storms touch; the host can take them away again
 *   GUEST_MMIO     no memory: an access goes to the hypervisor
 *
 * Every vCPU starts at entry64, in 64-bit mode, at the CPL of its VM, interrupts off, with
 *   RDI = address of its guest_shared    RSP = top of its storm's stack, 16-byte aligned
 * A VM in 32-bit mode starts them at entry32, in protected mode with 32-bit paging (EDI, ESP), and
 * has no IDT: an exception there is a triple fault.
 * All other general registers are 0. It says that it is up by an OUT to GUEST_PORT_DONE; from then
 * on each OUT there ends a batch, and what follows it reads guest_shared again. Exceptions at CPL3
 * come in at CPL0 on the other stack (TSS.RSP0). SYSCALL leads to header.syscall at CPL0, on the
 * stack of before. IN and OUT are allowed by IOPL 3 and by the TSS's map.
 *
 * kvm-pvm, a KVM that is software, differs: at CPL3 it drops IOPL, so that CLI and STI fault; its
 * SYSCALL comes to header.syscall without a change of CPL, so that SYSRET faults (IRETQ works); at
 * CPL0, where it interprets, it does not know INT3.
 *
 * Of a record the guest writes guest_out and guest_in and nothing else; all other fields are the
 * host's, which finds the record by guest_shared.index: so that is written before the operation.
 */
#ifndef HV_GUEST_H
#define HV_GUEST_H

#define GUEST_MAX_VCPUS 64

#define GUEST_SYSTEM	   0x10000
#define GUEST_SYSTEM_SIZE  0x10000
#define GUEST_IDT	   (GUEST_SYSTEM + 0x1000)
#define GUEST_TSSS	   (GUEST_SYSTEM + 0x2000) /* GUEST_TSS_STRIDE apart */
#define GUEST_TSS_STRIDE   128
#define GUEST_TABLES	   0x20000
#define GUEST_TABLES_SIZE  0xc0000
#define GUEST_IMAGE	   0x100000
#define GUEST_IMAGE_SIZE   0x100000
#define GUEST_SHARED	   0x200000 /* + vcpu * 0x1000 */
#define GUEST_STACK	   0x300000 /* + vcpu * GUEST_STACK_SIZE: its lower half for exceptions */
#define GUEST_STACK_SIZE   0x4000
#define GUEST_RING	   0x800000 /* + vcpu * GUEST_RING_SIZE */
#define GUEST_RING_RECORDS 4096
#define GUEST_RING_SIZE	   (GUEST_RING_RECORDS * 64)
#define GUEST_FILL	   0x40000000 /* + vcpu * GUEST_FILL_SIZE */
#define GUEST_FILL_SIZE	   (GUEST_FILL_PAGES * 0x1000)
#define GUEST_FILL_PAGES   1024
#define GUEST_MMIO	   0xd0000000
#define GUEST_MMIO_SIZE	   0x10000
#define GUEST_APIC	   0xfee00000

/* Ports. The first two belong to exitstorm, nothing else may answer there. */
#define GUEST_PORT_DONE	 0x5e0 /* OUT: a batch is done, or the guest is up */
#define GUEST_PORT_FAULT 0x5e1 /* OUT: an exception that nobody expected, see guest_shared */
#define GUEST_PORT_STORM 0x5e4 /* what storms write to and read from */

/* Selectors of the GDT that hv makes. */
#define GUEST_KERNEL_CS 0x08
#define GUEST_KERNEL_DS 0x10
#define GUEST_USER_DS	0x18 /* this order is SYSRET's */
#define GUEST_USER_CS	0x20
#define GUEST_TSS	0x28
#define GUEST_TASK	0x428 /* behind them, in 32-bit mode only: the TSS of a task to switch to */

#define GUEST_MAGIC   0x58455453 /* "STEX" */
#define GUEST_VERSION 1

#define GUEST_STUB_SIZE 16 /* bytes from one vector's stub to the next */

#ifndef __ASSEMBLER__
#include "../trace/record.h"

/* One storm's code in the image. Guest-linear addresses; 0: there is none. */
struct guest_storm {
	char name[32];
	u64 storm, storm_stamped;     /* void loop(struct guest_shared *) */
	u64 control, control_stamped; /* the same without what exits */
	u64 partner;		      /* what the other vCPU of a pair runs meanwhile */
	u64 handler;		      /* goes into the IDT's gate of .vector */
	u64 vector;
};

/* At offset 0 of the image. */
struct guest_header {
	u32 magic, version;
	u64 entry64, entry32; /* entry32: 0 if there is none */
	u64 vectors;	      /* 256 stubs, GUEST_STUB_SIZE bytes apart */
	u64 syscall;	      /* LSTAR */
	u64 table;	      /* struct guest_storm[storms] */
	u32 storms, size;     /* size: of the image in memory, .bss included */
	u64 fences;	      /* u32[fence_count]: where the LFENCEs of the guest's stamps are */
	u32 fence_count, reserved;
};

struct guest_shared {
	u64 loop;	    /* in: what to call */
	u32 batch, vcpu;    /* in: operations to make; the index of this vCPU */
	u64 ring;	    /* in: linear address of the records */
	u64 arg[4];	    /* in: the storm's */
	volatile u32 index; /* out: the operation under way; the host begins each batch with 0 */
	u32 vector;	    /* out, valid after GUEST_PORT_FAULT */
	u64 error, rip, cr2;
	u64 began, ended;    /* out: stamps around the whole loop */
	volatile u64 count;  /* storm's own use: interrupts seen, whose turn it is */
	volatile u64 stop;   /* to a partner: leave the loop */
	u32 vcpus, reserved; /* in: how many there are */
};
#endif

#endif
