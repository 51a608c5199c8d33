/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included before hv/svm's files when they are compiled for unit tests: privileged instructions are
 * calls of a simulated CPU (fake_svm.h).
 */
#ifndef TESTS_FAKE_CPU_H
#define TESTS_FAKE_CPU_H

#include "../../hv/svm/cpu.h"

u64 fake_rdmsr(u32 msr);
void fake_wrmsr(u32 msr, u64 value);
void fake_cpuid(u32 leaf, u32 subleaf, u32 out[4]);
u64 fake_read_dr6(void);
void fake_write_dr6(u64 value);
u64 fake_read_dr7(void);
void fake_write_dr7(u64 value);
u64 fake_read_cr2(void);
u64 fake_read_cr3(void);
u64 fake_read_cr4(void);
void fake_write_cr2(u64 value);
void fake_vmload(u64 physical);
void fake_vmsave(u64 physical);
void fake_gif_window(void);

#define cpu_rdmsr     fake_rdmsr
#define cpu_wrmsr     fake_wrmsr
#define cpu_cpuid     fake_cpuid
#define cpu_read_dr6  fake_read_dr6
#define cpu_write_dr6 fake_write_dr6
#define cpu_read_dr7  fake_read_dr7
#define cpu_write_dr7 fake_write_dr7
#define cpu_read_cr2  fake_read_cr2
#define cpu_write_cr2 fake_write_cr2
#define cpu_read_cr3  fake_read_cr3
#define cpu_read_cr4  fake_read_cr4
/* A process has no interrupts to turn off. */
#define cpu_interrupts_off()	      0ULL
#define cpu_interrupts_restore(flags) ((void)(flags))
#define cpu_vmload		      fake_vmload
#define cpu_vmsave		      fake_vmsave
#define cpu_gif_window		      fake_gif_window

#endif
