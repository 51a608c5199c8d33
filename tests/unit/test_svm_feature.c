// SPDX-License-Identifier: GPL-2.0-or-later
/* Features of hv/svm, and SVM enabled and disabled on a CPU; the CPU is simulated. */
#include "fake_svm.h"

/* Optional features: an error that names a missing one, and the fields of the VMCB where it exists.
 */
static void test_features(void **state)
{
	static const struct {
		enum hv_feature feature;
		const char *why;
	} missing[] = {
		{HV_FEATURE_AVIC, "no AVIC (CPUID Fn8000_000A EDX"},
		{HV_FEATURE_APIC_WRITE, "no AVIC"},
		{HV_FEATURE_PAUSE_LOOP, "no PAUSE filter"},
		{HV_FEATURE_BUS_LOCK, "no bus lock threshold"},
		{HV_FEATURE_IDLE_HLT, "no idle HLT intercept"},
		{HV_FEATURE_ARM_DIRTY_LOG, "no page-modification logging"},
		{HV_FEATURE_RDPRU, "no RDPRU (CPUID Fn8000_0008 EBX[4] is 0)"},
		{HV_FEATURE_MCOMMIT, "no MCOMMIT (CPUID Fn8000_0008 EBX[8] is 0)"},
		{HV_FEATURE_INVLPGB, "no INVLPGB and TLBSYNC (CPUID Fn8000_0008 EBX[3] is 0)"},
		{HV_FEATURE_ENCLS, "SVM has no such feature"},
	};
	const struct vmcb_control *control;
	char why[HV_WHY];

	(void)state;
	vm_make(0, (struct hv_config){0});
	for (u32 i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		assert_int_equal(hv_enable(vm, missing[i].feature, why), -EOPNOTSUPP);
		assert_non_null(strstr(why, missing[i].why));
	}
	vm_end();
	vm_make(SVM_FEATURE_AVIC | SVM_FEATURE_PAUSE_FILTER | SVM_FEATURE_TLB_CONTROL |
			SVM_FEATURE_CLEAN,
		(struct hv_config){0});
	fake.instructions = 1 << 3 | 1 << 4 | 1 << 8;
	assert_int_equal(hv_enable(vm, HV_FEATURE_RDPRU, why), 0);
	assert_int_equal(hv_enable(vm, HV_FEATURE_MCOMMIT, why), 0);
	assert_int_equal(hv_enable(vm, HV_FEATURE_INVLPGB, why), 0);
	assert_int_equal(hv_enable(vm, HV_FEATURE_PAUSE_LOOP, why), 0);
	assert_int_equal(hv_enable(vm, HV_FEATURE_AVIC, why), 0);
	control = &((struct svm_vcpu *)hv_vcpu(vm, 1)->priv)->vmcb->control;
	assert_true(vcpu->vmcb->save.efer & EFER_MCOMMIT);
	assert_int_equal(control->nested_paging, 1 | 1 << 7);
	assert_int_equal(control->pause_filter_count, 33);
	assert_true(control->virtual_interrupt & VMCB_V_AVIC);
	assert_int_equal(control->avic_apic_bar, GUEST_APIC);
	assert_true(control->avic_backing_page == host_physical(vcpu->vm->avic + 3 * 0x1000));
	assert_true(control->avic_physical_table == (host_physical(vcpu->vm->avic) | 0xff));
	assert_true(((u64 *)vcpu->vm->avic)[1] == (control->avic_backing_page | 1ULL << 63));
	assert_int_equal(((u64 *)vcpu->vm->avic)[2], 0);
	assert_int_equal(leaf_of(GUEST_APIC) & 7, 7);
	act(SVM_EXIT_CPUID, "\x0f\xa2");
	assert_int_equal(batch(SVM_EXIT_CPUID), 0);
	vm_end();
	vm_make(SVM_FEATURE_CLEAN, (struct hv_config){0});
	vcpu->vm->can.more_features = SVM_MORE_PAGE_LOG;
	assert_int_equal(hv_enable(vm, HV_FEATURE_ARM_DIRTY_LOG, why), 0);
	assert_int_equal(vcpu->vmcb->control.nested_paging, 1 | 1 << 11);
	assert_true(vcpu->vmcb->control.pml_base == host_physical(vcpu->vm->page_log));
	act(SVM_EXIT_VMMCALL, "\x0f\x01\xd9");
	assert_int_equal(batch(SVM_EXIT_PML_FULL), 0);
	assert_int_equal(vcpu->vmcb->control.pml_index, 0);
	vm_end();
}

/* Enabling and disabling SVM. */
static void test_cpu(void **state)
{
	char why[HV_WHY] = "";
	u64 hsave;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.features = SVM_FEATURE_NESTED_PAGING;
	fake.asids = 2;
	fake.efer = 0xd01;
	assert_int_equal(hv_svm.cpu_on(why), 0);
	assert_int_equal(fake.efer, 0x1d01);
	assert_true(fake.hsave && !(fake.hsave & 0xfff));
	assert_int_equal(fake.de_cfg, 2);
	hsave = fake.hsave;
	assert_int_equal(hv_svm.cpu_on(why), -EBUSY); /* the first one's pages stay */
	assert_non_null(strstr(why, "SVM is already on on CPU 0"));
	assert_int_equal(fake.efer, 0x1d01);
	assert_true(fake.hsave == hsave);
	hv_svm.cpu_off();
	assert_int_equal(fake.efer, 0xd01);
	assert_int_equal(fake.hsave, 0);
	assert_int_equal(fake.de_cfg, 0);
	fake.efer |= EFER_SVME; /* another hypervisor */
	assert_int_equal(hv_svm.cpu_on(why), -EBUSY);
	assert_non_null(strstr(why, "another hypervisor uses SVM on CPU 0"));
	assert_int_equal(fake.efer, 0x1d01);
	assert_int_equal(fake.hsave, 0);
	fake.efer = 0xd01;
	fake.hypervisor = true;
	fake.writes_of_de_cfg = fake.de_cfg = 0;
	assert_int_equal(hv_svm.cpu_on(why), 0);
	assert_int_equal(fake.writes_of_de_cfg, 0);
	hv_svm.cpu_off();
	fake.vm_cr = VM_CR_SVMDIS; /* not locked: cleared, and set again */
	assert_int_equal(hv_svm.cpu_on(why), 0);
	assert_int_equal(fake.vm_cr, 0);
	hv_svm.cpu_off();
	assert_int_equal(fake.vm_cr, VM_CR_SVMDIS);
	fake.vm_cr = 0;
	fake.features |= SVM_FEATURE_TSC_RATIO; /* another hypervisor's guests run slower */
	fake.tsc_ratio = 1ULL << 31;
	assert_int_equal(hv_svm.cpu_on(why), 0);
	assert_true(fake.tsc_ratio == 1ULL << 32);
	hv_svm.cpu_off();
	assert_true(fake.tsc_ratio == 1ULL << 31);
}

/* The errors where the CPU or its firmware does not allow SVM. */
static void test_cpu_refused(void **state)
{
	char why[HV_WHY] = "";

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.features = SVM_FEATURE_NESTED_PAGING;
	fake.asids = 2;
	fake.efer = 0xd01;
	fake.cpu = SVM_MAX_CPUS;
	assert_int_equal(hv_svm.cpu_on(why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "CPU 1024 is beyond"));
	hv_svm.cpu_off();
	fake.cpu = 0;
	fake.vm_cr = VM_CR_SVMDIS | VM_CR_LOCK;
	fake.features |= SVM_FEATURE_LOCK;
	assert_int_equal(hv_svm.cpu_on(why), -EPERM);
	assert_non_null(strstr(why, "the firmware has locked SVM off (VM_CR is 0x18)"));
	fake.vm_cr = 0;
	fake.asids = 1;
	assert_int_equal(hv_svm.cpu_on(why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "no ASID for a guest"));
	fake.features = 0;
	assert_int_equal(hv_svm.cpu_on(why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "no nested paging"));
}

/* SME in use: refused, and nothing is written. Merely present, or only SEV's, it is no obstacle. */
static void test_encrypted(void **state)
{
	static const struct {
		u32 eax, ebx;
		u64 cr3;
		bool refused;
	} rows[] = {
		{0x1, 47, 0x1000, false},
		{0x1, 47, 1ULL << 47 | 0x1000, true},
		{0x1, 51, 1ULL << 51 | 0x1000, true},
		{0x1, 51, 1ULL << 47 | 0x1000, false},
		{0x2, 47, 1ULL << 47 | 0x1000, false},
		{0, 0, 0x1001, false},
	};
	char why[HV_WHY] = "";

	(void)state;
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&fake, 0, sizeof(fake));
		fake.features = SVM_FEATURE_NESTED_PAGING;
		fake.asids = 2;
		fake.efer = 0xd01;
		fake.vm_cr = VM_CR_SVMDIS;
		fake.encryption[0] = rows[i].eax;
		fake.encryption[1] = rows[i].ebx | 5 << 6; /* other fields */
		fake.cr3 = rows[i].cr3;
		assert_int_equal(hv_svm.probe(why), rows[i].refused ? -EOPNOTSUPP : 0);
		assert_int_equal(hv_svm.cpu_on(why), rows[i].refused ? -EOPNOTSUPP : 0);
		if (!rows[i].refused) {
			hv_svm.cpu_off();
			continue;
		}
		assert_non_null(strstr(why, "(SME)"));
		assert_int_equal(fake.efer, 0xd01);
		assert_int_equal(fake.vm_cr, VM_CR_SVMDIS);
		assert_int_equal(fake.hsave + fake.writes_of_de_cfg, 0);
	}
}

static bool is_large(u64 physical)
{
	return !(physical & 0x1fffff);
}

/* No VMCB, save area or AVIC page at a multiple of 2 MiB, however many such pages come first. */
static void test_large_pages(void **state)
{
	char why[HV_WHY] = "";

	(void)state;
	for (u32 large = 0; large < 4; large++) {
		vm_make(SVM_FEATURE_AVIC, (struct hv_config){0});
		hv_vm_destroy(vm);
		hv_svm.cpu_off();
		fake.large_pages = large;
		assert_int_equal(hv_svm.cpu_on(why), 0);
		assert_int_equal(fake.large_pages, 0);
		assert_false(is_large(fake.hsave));
		fake.large_pages = large;
		vm = NULL;
		assert_int_equal(hv_vm_create(&vm,
					      &(struct hv_config){.backend = &hv_svm,
								  .image = guest_image,
								  .image_size = guest_image_end -
										guest_image,
								  .vcpus = 2},
					      why),
				 0);
		vcpu = hv_vcpu(vm, 0)->priv;
		assert_false(is_large(vcpu->frame.vmcb_physical));
		fake.large_pages = large;
		assert_int_equal(hv_enable(vm, HV_FEATURE_AVIC, why), 0);
		assert_int_equal(fake.large_pages, 0);
		for (u32 page = 0; page < 4; page++)
			assert_false(is_large(host_physical(vcpu->vm->avic + page * 0x1000)));
		vm_end();
	}
	/* Nothing but such pages: an error, and no SVM. */
	memset(&fake, 0, sizeof(fake));
	fake.features = SVM_FEATURE_NESTED_PAGING;
	fake.asids = 2;
	fake.large_pages = 1000;
	assert_int_equal(hv_svm.cpu_on(why), -ENOMEM);
	assert_int_equal(fake.efer, 0);
}

/* AVIC where SEV-SNP is enabled: only on CPUs that allow it. */
static void test_avic_with_snp(void **state)
{
	static const struct {
		u32 eax;
		u64 syscfg;
		int err;
	} rows[] = {
		{0x10, 1 << 24, -EOPNOTSUPP},
		{0x10, 1 << 23, 0},
		{0x10 | 1 << 30, 1 << 24, 0},
		{0, 0, 0},
	};
	char why[HV_WHY];

	(void)state;
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vm_make(SVM_FEATURE_AVIC, (struct hv_config){0});
		fake.encryption[0] = rows[i].eax;
		fake.syscfg = rows[i].syscfg;
		assert_int_equal(hv_enable(vm, HV_FEATURE_APIC_WRITE, why), rows[i].err);
		if (rows[i].err)
			assert_non_null(strstr(why, "with SEV-SNP enabled"));
		vm_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_features),    cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_cpu_refused), cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_large_pages), cmocka_unit_test(test_avic_with_snp),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
