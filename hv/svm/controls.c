// SPDX-License-Identifier: GPL-2.0-or-later
/* Names are those of AMD APM Vol. 2, appendices B and C. */
#include "controls.h"

#define ROW_WORD(first) ((first) / 32)
#define ROW_MASK(count) ((count) == 32 ? ~0U : (1U << (count)) - 1)

/* The intercepts of every batch; that of the expected exit is added per batch. */
static const struct {
	u32 code, count;
	const char *name;
} intercepts[] = {
#define SVM_EXIT(code, NAME, kind, text)	  {code, 1, #NAME},
#define SVM_EXITS(first, count, NAME, kind, text) {first, count, #NAME},
#include "exits.def"
};

static u32 list_intercepts(const struct svm_vm *svm, struct hv_control *list)
{
	u32 used = 0;

	for (u32 i = 0; i < sizeof(intercepts) / sizeof(intercepts[0]); i++) {
		u32 code = intercepts[i].code;

		if (VMCB_INTERCEPTED(code))
			list[used++] =
				(struct hv_control){"intercepts", intercepts[i].name,
						    svm->intercept[ROW_WORD(code)] >> code % 32 &
							    ROW_MASK(intercepts[i].count)};
	}
	return used;
}

/* Fields that each vCPU has are those of vCPU 0. */
u32 svm_controls(const struct hv_vm *vm, struct hv_control *list)
{
	const struct svm_vm *svm = vm->priv;
	const struct svm_vcpu *vcpu = vm->vcpu[0].priv;
	const struct vmcb_control *control = &vcpu->vmcb->control;
	u32 used = list_intercepts(svm, list);
	const struct hv_control fields[] = {
		{"VMCB", "ASID", control->asid},
		{"VMCB", "TLB_CONTROL", vcpu->tlb},
		{"VMCB", "NP_ENABLE", !!(control->nested_paging & VMCB_NESTED_PAGING)},
		{"VMCB", "INVLPGB in the guest", !!(control->nested_paging & VMCB_GUEST_INVLPGB)},
		{"VMCB", "PML", !!(control->nested_paging & VMCB_PAGE_LOG)},
		{"VMCB", "V_INTR_MASKING", !!(control->virtual_interrupt & VMCB_V_INTR_MASKING)},
		{"VMCB", "AVIC", !!(control->virtual_interrupt & VMCB_V_AVIC)},
		{"VMCB", "PAUSE filter count", control->pause_filter_count},
		{"VMCB", "PAUSE filter threshold", control->pause_filter_threshold},
		{"VMCB", "EFER of the guest", vcpu->vmcb->save.efer},
		/* Used if the CPU has them. */
		{"CPU", "clean bits", !!(svm->can.features & SVM_FEATURE_CLEAN)},
		{"CPU", "nRIP", !!(svm->can.features & SVM_FEATURE_NRIP)},
		{"CPU", "flush by ASID", !!(svm->can.features & SVM_FEATURE_FLUSH_ASID)},
	};

	__builtin_memcpy(list + used, fields, sizeof(fields));
	return used + sizeof(fields) / sizeof(fields[0]);
}
