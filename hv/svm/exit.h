/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit handlers. They return 0, or how the batch ends (enum raw_end). */
#ifndef HV_SVM_EXIT_H
#define HV_SVM_EXIT_H

#include "cpu.h"
#include "svm.h"

/*
 * Functions of hv/host.h that a handler calls, and interrupts, need the host's FS, GS, TR, LDTR and
 * SYSCALL MSRs: a kernel's per-CPU data is addressed by GS. With vmload=batch a handler runs with
 * the guest's (VMRUN and #VMEXIT do not switch them: APM Vol. 2, "VMSAVE and VMLOAD"), and switches
 * to the host's between these two. With vmload=each enter.S has done it before the handler.
 */
static inline void svm_host_begin(const struct svm_frame *frame)
{
	if (frame->vmload_each)
		return;
	cpu_vmsave(frame->vmcb_physical);
	cpu_vmload(frame->host);
}

static inline void svm_host_end(const struct svm_frame *frame)
{
	if (!frame->vmload_each)
		cpu_vmload(frame->vmcb_physical);
}

int (*svm_exit_handler(u32 code))(struct svm_frame *frame);
bool svm_handler_is_skip(u32 code);
int svm_handle_and_learn(struct svm_frame *frame);

#endif
