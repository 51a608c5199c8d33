/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor below the machine that measured (host.below), in words. */
#ifndef ANALYSIS_DESCRIBE_BELOW_H
#define ANALYSIS_DESCRIBE_BELOW_H

#include "../../results/run.h"

/*
 * "KVM, found by cpuid; 2 vCPUs on 2 cores in 1 package; not confidential; it advertises: KVM pv_eoi
 * pv_send_ipi". "": no hypervisor, a run without host.below, or one in an emulator, whose figures do
 * not depend on it.
 */
char *describe_below(const struct run *run, char *text, size_t size);

#endif
