/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions for the .prepare (once per VM) and .rearm (before each batch) of a row. Untimed. */
#ifndef BENCH_STORMS_PREPARE_H
#define BENCH_STORMS_PREPARE_H

#include "storm.h"

/* Adds a device by arg[]: type, address, bytes, value to match + 1 (0: any). */
int prepare_port(struct hv_vm *vm, const struct storm *storm, char *why);
int prepare_memory(struct hv_vm *vm, const struct storm *storm, char *why);
int prepare_hypercall(struct hv_vm *vm, const struct storm *storm, char *why);

/* For rows of vmx.def. */
#define FEATURE(name)                                                    \
	.arg = {0, 0, 0, HV_FEATURE_##name}, .prepare = prepare_feature, \
	.needs = NEED_CPL0 | NEED_RAW
#define ARMED(name) FEATURE(ARM_##name)

/* arg[3] is an enum hv_feature. */
int prepare_feature(struct hv_vm *vm, const struct storm *storm, char *why);

int rearm_unlogged(struct hv_vcpu *vcpu, char *why);
int rearm_sub_page(struct hv_vcpu *vcpu, char *why);
int rearm_misconfigured(struct hv_vcpu *vcpu, char *why);
int rearm_absent(struct hv_vcpu *vcpu, char *why);
int rearm_code(struct hv_vcpu *vcpu, char *why);
int rearm_unmapped(struct hv_vcpu *vcpu, char *why);
int rearm_clean(struct hv_vcpu *vcpu, char *why);

#endif
