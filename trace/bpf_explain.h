/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel refuses eBPF programs: one explanation for traces and for stamps. */
#ifndef TRACE_BPF_EXPLAIN_H
#define TRACE_BPF_EXPLAIN_H

#include "types.h"

/* libbpf has left a skeleton's bss NULL. */
#define BPF_NOT_MAPPED                                                                        \
	"the programs' variables cannot be mapped: this kernel refused libbpf's trial of it " \
	"(before "                                                                            \
	"Linux 5.5, no memory, or no permission)"

/*
 * Explains a failure in one line, with the step that failed, its error, and a remedy where the
 * cause can be found out. step: "loading the programs", "attaching kvm_exit by tp_btf"; tracefs:
 * the step reads trace events. Returns the error.
 */
int bpf_explain(int error, const char *step, bool tracefs, char *why, size_t size);

/* Has libbpf's warnings kept for bpf_explain() instead of printed; EXITSTORM_LIBBPF prints them,
 * too. */
void bpf_explain_listen(void);

/* Whether /sys shows kernel modules. False: nothing can be concluded from a module that is not
 * there. */
bool bpf_explain_sysfs(void);

/* "v1.1": libbpf's version. NULL: built without eBPF. */
const char *bpf_library(void);

#endif
