/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMs and vCPUs; functions of struct hv_backend. */
#ifndef HV_SVM_VM_H
#define HV_SVM_VM_H

#include "svm.h"

int svm_vm_create(struct hv_vm *vm, char *why);
void svm_vm_destroy(struct hv_vm *vm);
int svm_vcpu_create(struct hv_vcpu *vcpu, char *why);
void svm_vcpu_destroy(struct hv_vcpu *vcpu);
int svm_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);

#endif
