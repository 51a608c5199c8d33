/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU's way into SVM and out of it. */
#ifndef HV_SVM_ENABLE_H
#define HV_SVM_ENABLE_H

#include "svm.h"

int svm_probe(char *why);
int svm_cpu_on(char *why);
void svm_cpu_off(void);
void svm_capabilities_read(struct svm_capabilities *can);
/* The vCPU will run on the calling CPU. */
int svm_vcpu_load(struct svm_vcpu *vcpu, char *why);

#endif
