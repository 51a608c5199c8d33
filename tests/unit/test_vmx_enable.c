// SPDX-License-Identifier: GPL-2.0-or-later
/* VMX operation begins and ends, and a vCPU's VMCSs are loaded and cleared, on a simulated CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/vmx/arm.h"
#include "../../hv/vmx/cpu.h"
#include "../../hv/vmx/enable.h"
#include "../../hv/vmx/flush.h"
#include "../../hv/vmx/setup.h"

#define ALL_ALLOWED 0xffffffff00000000ULL /* a control's MSR: none must be 1, each may be 1 */
#define PT	    (1U << 25)		  /* CPUID.7.0:EBX */
#define MISC_PT	    (1U << 14)

static struct {
	u64 cr0, cr4, feature_control, misc, trace;
	u32 max_leaf, leaf_7_ebx, cpu;
	bool operation; /* in VMX operation */
	bool keeps_cr4;
	u64 cleared[8]; /* by VMCLEAR, in order */
	u32 clears, writes;
	u64 current, link;
} fake;

static void changes(void)
{
	fake.writes++;
}

u64 host_physical(const void *memory)
{
	return (u64)memory & 0xfffffffffffULL;
}

u32 host_cpu(void)
{
	return fake.cpu;
}

void host_cr4(u64 set, u64 clear)
{
	assert_false(fake.operation && clear & CR4_VMXE);
	changes();
	fake.cr4 = (fake.cr4 | set) & ~clear;
}

bool host_keeps_cr4(void)
{
	return fake.keeps_cr4;
}

void host_interrupt_self(void)
{
}

void host_signal_begin(enum host_signal signal)
{
	(void)signal;
}

u64 fake_rdmsr(u32 msr)
{
	switch (msr) {
	case MSR_FEATURE_CONTROL:
		return fake.feature_control;
	case MSR_VMX_BASIC:
		return 0x12345;
	case MSR_VMX_MISC:
		return fake.misc;
	case MSR_RTIT_CTL:
		assert_true(fake.leaf_7_ebx & PT && fake.max_leaf >= 7); /* #GP without it */
		return fake.trace;
	case MSR_VMX_CR0_FIXED0:
		return 0x80000021;
	case MSR_VMX_CR4_FIXED0:
		return CR4_VMXE;
	case MSR_VMX_CR0_FIXED1:
	case MSR_VMX_CR4_FIXED1:
		return 0xffffffff;
	default:
		return ALL_ALLOWED;
	}
}

void fake_wrmsr(u32 msr, u64 value)
{
	assert_int_equal(msr, MSR_FEATURE_CONTROL);
	assert_false(fake.feature_control & FEATURE_CONTROL_LOCK); /* #GP */
	changes();
	fake.feature_control = value;
}

void fake_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	(void)subleaf;
	memset(out, 0, 4 * sizeof(*out));
	if (leaf == 0)
		out[0] = fake.max_leaf;
	else if (leaf == 1)
		out[2] = 1U << 5;
	else if (leaf == 7)
		out[1] = fake.leaf_7_ebx;
}

u64 fake_read_cr0(void)
{
	return fake.cr0;
}

void fake_write_cr0(u64 value)
{
	changes();
	fake.cr0 = value;
}

u64 fake_read_cr4(void)
{
	return fake.cr4;
}

unsigned char fake_vmxon(const unsigned long long *region)
{
	assert_true(*region && fake.cr4 & CR4_VMXE && !fake.operation);
	changes();
	fake.operation = true;
	if (!(fake.misc & MISC_PT))
		fake.trace &= ~1ULL;
	return 0;
}

void fake_vmxoff(void)
{
	assert_true(fake.operation); /* #UD */
	fake.operation = false;
}

unsigned char fake_vmclear(const unsigned long long *vmcs)
{
	assert_true(fake.operation);
	fake.cleared[fake.clears++ % 8] = *vmcs;
	return 0;
}

unsigned char fake_vmptrld(const unsigned long long *vmcs)
{
	assert_true(fake.operation);
	fake.current = *vmcs;
	return 0;
}

void fake_vmwrite(u32 field, u64 value)
{
	if (field == VMCS_VMCS_LINK_POINTER)
		fake.link = value;
}

/* Of setup.c and flush.c. */
void vmcs_setup(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
}

void vmx_flush_ept(const struct vmx_vm *vmx)
{
	(void)vmx;
}

void vmx_flush_vpid(const struct vmx_vcpu *vcpu)
{
	(void)vcpu;
}

static void cpu_make(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.keeps_cr4 = true;
	fake.feature_control = FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX;
	fake.cr0 = 0x80000021;
	fake.max_leaf = 0x20;
	fake.leaf_7_ebx = PT;
}

static struct vmx_vm vm;
static struct vmx_vcpu vcpu;

static void vcpu_make(void)
{
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.vm = &vm;
	vcpu.cpu = VMX_NO_CPU;
	vcpu.region = host_pages_alloc(VMX_REGION_BYTES);
	vcpu.vmcs = host_physical(vcpu.region);
	vm.pages = host_pages_alloc(VMX_PAGES * 0x1000);
}

static void vcpu_end(void)
{
	host_pages_free(vcpu.region, VMX_REGION_BYTES);
	host_pages_free(vm.pages, VMX_PAGES * 0x1000);
}

/* Both VMCSs are cleared when they leave the CPU, in VMX operation, in whichever way. */
static void test_shadow(void **state)
{
	char why[HV_WHY];

	(void)state;
	for (u32 way = 0; way < 3; way++) {
		cpu_make();
		fake.keeps_cr4 = way != 2;
		vcpu_make();
		assert_int_equal(vmx_cpu_on(why), 0);
		assert_int_equal(vmx_vcpu_load(&vcpu, why), 0);
		assert_true(fake.current == vcpu.vmcs);
		vmx_load_shadow(&vcpu);
		assert_true(fake.link && fake.link != vcpu.vmcs);
		assert_true(*(u32 *)(vcpu.region + 0x1000) >> 31);
		fake.clears = 0;
		switch (way) {
		case 0:
			vmx_vcpu_unload(&vcpu);
			break;
		case 1:
			vmx_cpu_off();
			break;
		default:
			vmx_batch_end();
			assert_false(fake.operation);
		}
		assert_int_equal(fake.clears, 2);
		assert_true(fake.cleared[0] == fake.link && fake.cleared[1] == vcpu.vmcs);
		vmx_vcpu_unload(&vcpu); /* it is not loaded */
		assert_int_equal(fake.clears, 2);
		vmx_cpu_off();
		vcpu_end();
	}
	/* No shadow VMCS has been used. */
	cpu_make();
	vcpu_make();
	assert_int_equal(vmx_cpu_on(why), 0);
	assert_int_equal(vmx_vcpu_load(&vcpu, why), 0);
	fake.clears = 0;
	vmx_cpu_off();
	assert_int_equal(fake.clears, 1);
	assert_true(fake.cleared[0] == vcpu.vmcs);
	vcpu_end();
}

/* A trace by Intel PT that VMXON would end: refused, and nothing is written. */
static void test_trace(void **state)
{
	static const struct {
		u32 max_leaf, ebx, misc;
		u64 trace;
		bool refused;
	} rows[] = {
		{0x20, PT, 0, 0x2521, true},  {0x20, PT, MISC_PT, 0x2521, false},
		{0x20, PT, 0, 0x2520, false}, {0x20, 0, 0, 0, false},
		{6, PT, 0, 0, false},
	};
	char why[HV_WHY];

	(void)state;
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cpu_make();
		fake.cpu = 3;
		fake.feature_control = 0;
		fake.max_leaf = rows[i].max_leaf;
		fake.leaf_7_ebx = rows[i].ebx;
		fake.misc = rows[i].misc;
		fake.trace = rows[i].trace;
		assert_int_equal(vmx_probe(why), rows[i].refused ? -EBUSY : 0);
		assert_int_equal(vmx_cpu_on(why), rows[i].refused ? -EBUSY : 0);
		assert_true(fake.trace == rows[i].trace);
		if (!rows[i].refused) {
			assert_true(fake.operation);
			vmx_cpu_off();
			assert_false(fake.operation);
			continue;
		}
		assert_non_null(strstr(why, "Intel PT traces CPU 3"));
		assert_int_equal(fake.writes, 0);
	}
}

/* Where VMX is on within batches only, a trace may begin between two of them. */
static void test_trace_between_batches(void **state)
{
	char why[HV_WHY];

	(void)state;
	cpu_make();
	fake.keeps_cr4 = false;
	vcpu_make();
	assert_int_equal(vmx_cpu_on(why), 0);
	assert_false(fake.operation);
	assert_int_equal(vmx_vcpu_load(&vcpu, why), 0);
	vmx_batch_end();
	fake.trace = 1;
	assert_int_equal(vmx_vcpu_load(&vcpu, why), -EBUSY);
	assert_false(fake.operation);
	assert_int_equal(fake.trace, 1);
	vmx_cpu_off();
	vcpu_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_between_batches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
