/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included before hv/vmx's files when they are compiled for test_vmx_enable: privileged
 * instructions are calls of a simulated CPU.
 */
#ifndef TESTS_FAKE_VMX_CPU_H
#define TESTS_FAKE_VMX_CPU_H

#include "fake_cpu.h"

#include "../../hv/vmx/cpu.h"
#include "../../hv/vmx/intrin.h"
#include "../../hv/vmx/vmx.h"

u64 fake_read_cr0(void);
void fake_write_cr0(u64 value);
unsigned char fake_vmxon(const unsigned long long *region);
void fake_vmxoff(void);
unsigned char fake_vmclear(const unsigned long long *vmcs);
unsigned char fake_vmptrld(const unsigned long long *vmcs);
void fake_vmwrite(u32 field, u64 value);

#define cpu_read_cr0  fake_read_cr0
#define cpu_write_cr0 fake_write_cr0
#define __vmx_on      fake_vmxon
#define __vmx_off     fake_vmxoff
#define __vmx_vmclear fake_vmclear
#define __vmx_vmptrld fake_vmptrld
#define vmcs_write    fake_vmwrite

#endif
