// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of places and clocks; also in builds without eBPF. */
#include "stamps.h"

const struct stamps_place_name stamps_place_name[STAMPS_PLACES] = {
	[STAMPS_AT_EXIT] = {"kvm_exit", "kvm_entry"},
	[STAMPS_AT_SYSCALL] = {"kvm_userspace_exit", "sys_enter of KVM_RUN"},
};

const char *const stamps_clock_name[STAMPS_CLOCKS] = {
	[STAMPS_KFUNC] = "tsc",
	[STAMPS_EVENT] = "msr/tsc/",
	[STAMPS_KTIME] = "ktime",
};
