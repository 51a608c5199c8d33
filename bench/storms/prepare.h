/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rows name for .prepare (once a VM) and .rearm (before each batch); on the host, untimed. */
#ifndef BENCH_STORMS_PREPARE_H
#define BENCH_STORMS_PREPARE_H

#include "storm.h"

/* kvm_coalesced_mmio_ring: a page of 24-byte entries after an 8-byte head; one stays empty. */
#define COALESCED_MAX ((4096 - 8) / 24 - 1)

/* A device from arg[]: type, address, bytes, value to be matched + 1; at a port or in memory. */
int prepare_port(struct hv_vm *vm, const struct storm *storm, char *why);
int prepare_memory(struct hv_vm *vm, const struct storm *storm, char *why);
int prepare_hypercall(struct hv_vm *vm, const struct storm *storm, char *why);
/* Tells each vCPU how many there are. */
int prepare_round(struct hv_vm *vm, const struct storm *storm, char *why);

int rearm_absent(struct hv_vcpu *vcpu, char *why);
int rearm_unmapped(struct hv_vcpu *vcpu, char *why);
int rearm_clean(struct hv_vcpu *vcpu, char *why);

#endif
