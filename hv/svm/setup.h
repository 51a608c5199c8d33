/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCB of a vCPU: its first contents, and changes to it. */
#ifndef HV_SVM_SETUP_H
#define HV_SVM_SETUP_H

#include "svm.h"

void vmcb_setup(struct svm_vcpu *vcpu);
/* All that has a meaning in it. */
void vmcb_copy(struct vmcb *to, const struct vmcb *from);
void vmcb_asid(struct svm_vcpu *vcpu); /* the vCPU's own */
/* The parts of the VMCB that the bits stand for were changed: the next VMRUN loads them. */
void vmcb_changed(struct svm_vcpu *vcpu, u32 clean_bits);
/* The next VMRUN, and no later one, flushes what is cached of this guest's translations. */
void vmcb_flush(struct svm_vcpu *vcpu);
/* The next VMRUN gives the guest an event, in the form of EVENTINJ. */
void vmcb_inject(struct svm_vcpu *vcpu, u64 event);
/* After the VMRUN that was meant. */
void vmcb_one_shot_clear(struct svm_vcpu *vcpu);

#endif
