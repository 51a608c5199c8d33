/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend is the hypervisor's vendor part: one const object each for vmx, svm and kvm, chosen at
 * run time. Every member but .controls is required. hv.h documents the functions.
 */
#ifndef HV_BACKEND_H
#define HV_BACKEND_H

#include "../trace/record.h"
#include "hv.h"

struct hv_vm {
	struct hv_config config;
	struct guest_header
		header; /* a copy, checked once: the guest can change the one in its memory */
	void *priv;	/* the backend's */
	u8 *memory;	/* host address of guest-physical 0; GUEST_FILL is a separate allocation */
	u64 memory_bytes; /* the rings come last */
	u64 room_bytes;	  /* allocated at `memory`, in whole pages of slat_page_bytes */
	u8 *fill;	  /* host address of GUEST_FILL */
	u64 fill_bytes;
	struct hv_vcpu *vcpu; /* config.vcpus of them */
	u32 vcpus_created;
	bool created; /* the backend's vm_create has succeeded */
};

struct hv_vcpu {
	struct hv_vm *vm;
	void *priv; /* the backend's */
	u32 index;
};

/* The state that a vCPU starts in, by the entry contract in guest.h. */
enum hv_segment_name { HV_ES, HV_CS, HV_SS, HV_DS, HV_FS, HV_GS, HV_LDTR, HV_TR, HV_SEGMENTS };
struct hv_segment {
	u16 selector;
	u16 rights; /* bits 40-47 and 52-55 of a descriptor; HV_SEGMENT_UNUSABLE */
	u32 limit;
	u64 base;
};
#define HV_SEGMENT_UNUSABLE 0x800 /* not a bit of a descriptor */

struct hv_start {
	struct hv_segment segment[HV_SEGMENTS];
	u64 gdt_base, idt_base;
	u32 gdt_limit, idt_limit;
	u64 cr0, cr3, cr4, efer;
	u64 rip, rsp, rdi, rflags;
	u64 star, lstar, sfmask;
};
void hv_start_state(const struct hv_vcpu *vcpu, struct hv_start *start);

/* machine.c: fills guest memory before the first entry. 0, or -errno and why. */
int machine_build(struct hv_vm *vm, char *why);

/* After an OUT to GUEST_PORT_FAULT: copies the guest's report of its exception. Returns -EPROTO. */
int hv_guest_fault(struct hv_vcpu *vcpu, struct hv_exit *unexpected);

struct hv_backend {
	const char *name;
	const char *title; /* for messages */
	const char *raw_space;
	enum hv_vendor vendor;
	u8 place;	 /* enum hv_place */
	bool every_exit; /* the backend sees, stamps and counts each VM exit */
	int (*probe)(char *why);
	/* Enables virtualization on the calling CPU. -EBUSY: it is enabled already. */
	int (*cpu_on)(char *why);
	void (*cpu_off)(void);
	int (*vm_create)(struct hv_vm *vm, char *why);
	void (*vm_destroy)(struct hv_vm *vm);
	int (*vcpu_create)(struct hv_vcpu *vcpu, char *why);
	void (*vcpu_destroy)(struct hv_vcpu *vcpu);
	int (*enable)(struct hv_vm *vm, enum hv_feature feature, char *why);
	u32 (*controls)(const struct hv_vm *vm, struct hv_control *controls); /* NULL: unknown */
	int (*device_add)(struct hv_vm *vm, const struct hv_device *device, char *why);
	int (*pages)(struct hv_vcpu *vcpu, enum hv_pages state, char *why);
	int (*run)(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
	void (*kick)(struct hv_vcpu *vcpu);
	int (*counts)(struct hv_vcpu *vcpu, struct hv_counts *counts);
	u32 (*raw_reason)(enum exit_kind kind);
	const char *(*raw_name)(u32 raw_reason);
};

extern const struct hv_backend hv_kvm;
extern const struct hv_backend hv_vmx;
extern const struct hv_backend hv_svm;

#endif
