/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface of guest and host: layout of guest-physical memory, header of the guest image, the
 * shared page. Linear addresses equal physical ones. Assembly may include it.
 *
 *   GUEST_SYSTEM   GDT, one TSS per vCPU, IDT: filled by hv before the first entry
 *   GUEST_TABLES   page tables
 *   GUEST_IMAGE    the image, linked to run here
 *   GUEST_SHARED   one page per vCPU: requests to the guest and its results
 *   GUEST_STACK    two stacks per vCPU: the storm's, and one for exceptions at CPL 3
 *   GUEST_RING     records, in 4 KiB pages that are never logged or write-protected: no exit by
 * them GUEST_FILL     pages that storms access; the host can unmap them GUEST_MMIO     no memory:
 * accesses exit
 *
 * Every vCPU starts at entry64, in 64-bit mode, at the CPL of its VM, interrupts disabled, with
 *   RDI = address of its guest_shared    RSP = top of its storm's stack, 16-byte aligned
 * and all other general registers 0. In 32-bit mode it starts at entry32, in protected mode with
 * 32-bit paging (EDI, ESP), without an IDT: an exception is a triple fault.
 *
 * The guest reports that it is up by an OUT to GUEST_PORT_DONE; each later OUT there ends a batch,
 * after which it reads guest_shared again. Exceptions at CPL 3 are handled at CPL 0 on the other
 * stack (TSS.RSP0). SYSCALL enters header.syscall at CPL 0 and does not switch stacks. IN and OUT
 * are allowed by IOPL 3 and by the TSS's I/O permission map.
 *
 * kvm-pvm, a KVM in software, differs: at CPL 3 it drops IOPL, so CLI and STI fault; SYSCALL enters
 * header.syscall without a change of CPL, so SYSRET faults (IRETQ works); at CPL 0, where it
 * emulates, it does not know INT3.
 *
 * Of a record the guest writes guest_out and guest_in only. The host writes the other fields and
 * finds the record by guest_shared.index: so the guest writes index before the operation.
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
#define GUEST_LARGE	   0x60000000 /* + vcpu * GUEST_LARGE_SIZE; in a process only */
#define GUEST_LARGE_PAGES  16	      /* of 2 MiB */
#define GUEST_LARGE_SIZE   (GUEST_LARGE_PAGES * 0x200000UL)
#define GUEST_MMIO	   0xd0000000
#define GUEST_MMIO_SIZE	   0x10000
#define GUEST_APIC	   0xfee00000

/* Ports. No device may be registered at the first two. */
#define GUEST_PORT_DONE	 0x5e0 /* OUT: a batch is done, or the guest is up */
#define GUEST_PORT_FAULT 0x5e1 /* OUT: an unexpected exception, see guest_shared */
#define GUEST_PORT_STORM 0x5e4 /* written and read by storms */

#define GUEST_SIGNAL 12 /* SIGUSR2, in a process */

/* Selectors of the GDT that hv makes. */
#define GUEST_KERNEL_CS 0x08
#define GUEST_KERNEL_DS 0x10
#define GUEST_USER_DS	0x18 /* SYSRET needs this order */
#define GUEST_USER_CS	0x20
#define GUEST_TSS	0x28
#define GUEST_TASK	0x428 /* after all TSSs, in 32-bit mode only: the TSS of a task to switch to */

#define GUEST_MAGIC   0x58455453 /* "STEX" */
#define GUEST_VERSION 2

#define GUEST_STUB_SIZE 16 /* bytes per vector's stub */

#ifndef __ASSEMBLER__
#include "../trace/record.h"

/* One storm's code in the image. Guest-linear addresses; 0: none. */
struct guest_storm {
	char name[32];
	u64 storm, storm_stamped;     /* void loop(struct guest_shared *) */
	u64 control, control_stamped; /* the same without the exiting instruction */
	u64 partner;		      /* code that the other vCPU of a pair runs at the same time */
	u64 handler;		      /* installed in the IDT's gate of .vector */
	u64 vector;
	/* As storm_stamped, with 2 and with 4 operations between the stamps; 0: none. */
	u64 many[2];
};

/* At offset 0 of the image. */
struct guest_header {
	u32 magic, version;
	u64 entry64, entry32; /* entry32: 0 if there is none */
	u64 vectors;	      /* 256 stubs, GUEST_STUB_SIZE bytes apart */
	u64 syscall;	      /* LSTAR */
	u64 table;	      /* struct guest_storm[storms] */
	u32 storms, size;     /* size: of the image in memory, .bss included */
	u64 fences; /* u32[fence_count]: offsets in the image of the LFENCEs of the guest's stamps
		     */
	u32 fence_count, reserved;
	/*
	 * In place (hv/inplace): int call(u64 *rsp, loop, struct guest_shared *) keeps its RSP, calls
	 * the loop and returns 0. After an exception in the loop it goes on at `left`, with that RSP,
	 * and returns 1. CPL 0.
	 */
	u64 call, left;
};

struct guest_shared {
	u64 loop;	    /* in: the function to call */
	u32 batch, vcpu;    /* in: operations to execute; the index of this vCPU */
	u64 ring;	    /* in: linear address of the records */
	u64 arg[4];	    /* in: of the storm */
	volatile u32 index; /* out: the operation under way; the host writes 0 before each batch */
	u32 vector;	    /* out, valid after GUEST_PORT_FAULT */
	u64 error, rip, cr2;
	u64 began, ended;    /* out: stamps around the whole loop */
	volatile u64 count;  /* for the storm: interrupts seen, a turn counter */
	volatile u64 stop;   /* to a partner: return from the loop */
	u32 vcpus, reserved; /* in: of the VM */
	u64 apic;	     /* in place, in: linear address of the local APIC's page; 0: none */
};
#endif

#endif
