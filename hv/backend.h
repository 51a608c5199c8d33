/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend is the hypervisor's vendor part: one const object each for vmx, svm and kvm, chosen at
 * run time. Nothing in it is optional. See hv.h for what the functions owe to their callers.
 */
#ifndef HV_BACKEND_H
#define HV_BACKEND_H

#include "hv.h"

struct hv_vm {
	struct hv_config config;
	void *priv;    /* the backend's */
	u8 *memory;    /* host address of guest-physical 0; GUEST_FILL is apart */
	u8 *fill;      /* host address of GUEST_FILL */
	struct hv_vcpu *vcpu; /* config.vcpus of them */
};

struct hv_vcpu {
	struct hv_vm *vm;
	void *priv; /* the backend's */
	u32 index;
};

struct hv_backend {
	const char *name;
	const char *raw_space;
	int (*probe)(char *why);
	int (*cpu_on)(char *why); /* the calling CPU can enter guests from here on */
	void (*cpu_off)(void);
	int (*vm_create)(struct hv_vm *vm, char *why);
	void (*vm_destroy)(struct hv_vm *vm);
	int (*vcpu_create)(struct hv_vcpu *vcpu, char *why);
	void (*vcpu_destroy)(struct hv_vcpu *vcpu);
	int (*enable)(struct hv_vm *vm, enum hv_feature feature, char *why);
	int (*device_add)(struct hv_vm *vm, const struct hv_device *device, char *why);
	int (*pages)(struct hv_vcpu *vcpu, enum hv_pages state, char *why);
	int (*run)(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
	void (*kick)(struct hv_vcpu *vcpu);
	int (*counts)(struct hv_vcpu *vcpu, struct hv_counts *counts);
	u32 (*raw_reason)(enum exit_kind kind);
	const char *(*raw_name)(u32 raw_reason);
};

extern const struct hv_backend hv_kvm;

#endif
