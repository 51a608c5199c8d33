/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the backend, as its files share it. */
#ifndef HV_PROCESS_VM_H
#define HV_PROCESS_VM_H

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

#include "../backend.h"

enum { PROCESS_PAGE = 0x1000, PROCESS_FAULTS = 6 };

struct mapping {
	void *at; /* NULL: none */
	size_t bytes;
};

struct process_vm {
	struct mapping image, shared, rings, fill, large, device;
	struct sigaction before[PROCESS_FAULTS], before_signal;
	u32 handled;	 /* faults whose handler is ours */
	bool signals;	 /* GUEST_SIGNAL has a handler of ours */
	u32 port, ports; /* this process may read them; ports 0: none */
	u64 argument;	 /* guest_shared.arg[1] of each batch; 0: the storm's own */
	bool msrs;	 /* arg[1] is of files that each vCPU opens */
};

struct process_vcpu {
	sigjmp_buf leave;
	volatile sig_atomic_t running, kicked;
	volatile u64 rip, address; /* of the signal that has ended the loop */
	bool up;
	int msr, zero; /* files; -1: not open */
};

/* signals.c */
extern __thread struct process_vcpu *process_own; /* whose loop this thread runs; NULL: none */
void process_signals_handle(struct process_vm *process);
void process_signals_restore(struct process_vm *process);
/* On the vCPU's thread: a signal that an instruction raises ends the process if it is blocked. */
void process_signals_unblock(void);
const char *process_signal_name(int signal);
/* False: an instruction of the call raised a signal. After process_signals_handle. */
bool process_guarded(void (*call)(void *arg), void *arg);

/* memory.c */
int process_memory_map(struct hv_vm *vm, char *why);
void process_memory_unmap(const struct process_vm *process);
int process_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);
/* Whether this kernel gives pages of 2 MiB on first touch. */
int process_large_pages(char *why);

/* device.c */
int process_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);
void process_device_remove(struct process_vm *process);
/* On the vCPU's thread and CPU, once. 0, or -errno and why. */
int process_files_open(struct process_vcpu *vcpu, char *why);
void process_files_close(const struct process_vcpu *vcpu);

#endif
