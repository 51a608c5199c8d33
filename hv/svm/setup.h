/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vCPU's VMCB: initial contents and changes. */
#ifndef HV_SVM_SETUP_H
#define HV_SVM_SETUP_H

#include "svm.h"

void vmcb_setup(struct svm_vcpu *vcpu);
/* Copies the defined parts of a VMCB. */
void vmcb_copy(struct vmcb *to, const struct vmcb *from);
/* Clears VMCB clean bits, so that the next VMRUN loads these parts from memory. */
void vmcb_changed(struct svm_vcpu *vcpu, u32 clean_bits);
/* The next VMRUN, and no later one, flushes the guest's cached translations. */
void vmcb_flush(struct svm_vcpu *vcpu);
/* The next VMRUN injects an event, in the format of EVENTINJ. */
void vmcb_inject(struct svm_vcpu *vcpu, u64 event);
/* After that VMRUN: takes back what the three functions above have set. */
void vmcb_one_shot_clear(struct svm_vcpu *vcpu);

#endif
