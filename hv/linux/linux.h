/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel as host: what it has beyond hv/host.h. */
#ifndef HV_LINUX_LINUX_H
#define HV_LINUX_LINUX_H

#include "../../trace/types.h"

int linux_host_init(void);
void linux_host_exit(void);
/* A CPU that is in a batch leaves it soon, if it has been kicked: by an NMI where nothing else can. */
void linux_poke(u32 cpu, bool irqs_off);
/* 0, or -EBUSY and why: somebody else uses VMX or SVM on a CPU that is on. */
int linux_others(char *why, size_t size);

#endif
