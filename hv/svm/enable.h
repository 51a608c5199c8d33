/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SVM on the host's CPUs. 0, or -errno and why. */
#ifndef HV_SVM_ENABLE_H
#define HV_SVM_ENABLE_H

#include "svm.h"

int svm_probe(char *why);
int svm_cpu_on(char *why);
void svm_cpu_off(void);
void svm_capabilities_read(struct svm_capabilities *can);
/* Before a vCPU runs on the calling CPU. */
int svm_vcpu_load(struct svm_vcpu *vcpu, char *why);

#endif
