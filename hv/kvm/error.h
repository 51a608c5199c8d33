/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A failed system call of the kvm backend, in words. */
#ifndef HV_KVM_ERROR_H
#define HV_KVM_ERROR_H

/* Writes "WHAT failed: " and the text of errno to `why` (HV_WHY bytes). Returns -errno. */
int kvm_failed(char *why, const char *what);
/*
 * KVM_CHECK_EXTENSION on /dev/kvm or a VM: its value, above 0; -EOPNOTSUPP and why: this KVM lacks
 * `name`. Other -errno and why: the call failed.
 */
int kvm_capability(int fd, int number, const char *name, char *why);

#endif
