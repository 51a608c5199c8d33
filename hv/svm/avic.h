/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVIC: the guest's local APIC in hardware. */
#ifndef HV_SVM_AVIC_H
#define HV_SVM_AVIC_H

#include "svm.h"

int svm_avic_build(struct hv_vm *vm, char *why);
void svm_avic_free(struct hv_vm *vm, struct svm_vm *svm);
void svm_avic_load(struct svm_vcpu *vcpu);
int svm_handle_avic(struct svm_frame *frame);

#endif
