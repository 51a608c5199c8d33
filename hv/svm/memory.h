/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory encryption and its consequences for SVM: SME, SEV-SNP. AMD APM Vol. 2, "Secure Encrypted
 * Virtualization" and "Secure Memory Encryption".
 */
#ifndef HV_SVM_MEMORY_H
#define HV_SVM_MEMORY_H

#include "../../trace/types.h"

/* 0, or -EOPNOTSUPP and why: the host's page tables are encrypted (SME). */
int svm_memory_check(char *why);
/*
 * Whether SEV-SNP is enabled and the CPU does not allow hypervisor writes to pages that are in use
 * (CPUID Fn8000_001F EAX[30]): AVIC's backing page cannot be used then.
 */
bool svm_memory_forbids_avic(void);
/*
 * As host_pages_alloc, and no page begins at a multiple of 2 MiB. For the VMCB, save areas and
 * AVIC's backing pages: while one is in use a CPU with SEV-SNP enabled may take the whole 2 MiB
 * that begin with it for in use, and raise #PF in other code that writes there (KVM:
 * snp_safe_alloc_page). NULL: out of memory. Freed by host_pages_free.
 */
void *svm_pages_alloc(size_t bytes);

#endif
