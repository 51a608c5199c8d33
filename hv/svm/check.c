// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "names.h"

#define CR0_PE	     (1ULL << 0)
#define CR0_WP	     (1ULL << 16)
#define CR0_NW	     (1ULL << 29)
#define CR0_CD	     (1ULL << 30)
#define CR0_PG	     (1ULL << 31)
#define CR4_PAE	     (1ULL << 5)
#define CR4_CET	     (1ULL << 23)
#define CR4_RESERVED (~0ULL << 24 | 1ULL << 19 | 1ULL << 15 | 1ULL << 14 | 1ULL << 13)
#define S_CET_KNOWN  3ULL /* SH_STK_EN, WR_SHSTK_EN */
#define EFER_LME     (1ULL << 8)
#define EFER_LMA     (1ULL << 10)
#define EFER_SVME    (1ULL << 12)
/* SCE, LME, LMA, NXE, SVME, LMSLE, FFXSR, TCE, MCOMMIT, INTWB, UAIE, AIBRSE: APM Vol. 2, "EFER". */
#define EFER_KNOWN  0x36fd01ULL
#define CS_LONG	    (1 << 9)
#define CS_BIG	    (1 << 10)
#define IOPM_BYTES  0x3000
#define MSRPM_BYTES 0x2000
#define VECTOR_NMI  2

static bool broken(struct svm_check *check, const char *field, u64 value, const char *rule)
{
	check->field = field;
	check->value = value;
	check->rule = rule;
	return true;
}

static u64 beyond(const struct svm_check *check)
{
	return check->physical_bits && check->physical_bits < 64 ? ~0ULL << check->physical_bits
								 : 0;
}

static bool check_cr(const struct vmcb_save *save, struct svm_check *check)
{
	u64 upper = ~0xffffffffULL;

	if (!(save->efer & EFER_SVME))
		return broken(check, "EFER", save->efer, "EFER.SVME is zero");
	if (save->cr0 & CR0_NW && !(save->cr0 & CR0_CD))
		return broken(check, "CR0", save->cr0, "CR0.CD is zero and CR0.NW is set");
	if (save->cr0 & upper)
		return broken(check, "CR0", save->cr0, "CR0[63:32] are not zero");
	if (save->efer & EFER_LMA && save->cr3 & beyond(check))
		return broken(check, "CR3", save->cr3, "an MBZ bit of CR3 is set");
	if (save->cr4 & CR4_RESERVED)
		return broken(check, "CR4", save->cr4, "an MBZ bit of CR4 is set");
	if (save->cr4 & CR4_CET && !(save->cr0 & CR0_WP))
		return broken(check, "CR4", save->cr4, "CR4.CET is set and CR0.WP is zero");
	if (save->s_cet & ~S_CET_KNOWN)
		return broken(check, "S_CET", save->s_cet, "a reserved bit of S_CET is set");
	if (save->dr6 & upper)
		return broken(check, "DR6", save->dr6, "DR6[63:32] are not zero");
	if (save->dr7 & upper)
		return broken(check, "DR7", save->dr7, "DR7[63:32] are not zero");
	return false;
}

static bool check_long_mode(const struct vmcb_save *save, struct svm_check *check)
{
	bool long_paging = save->efer & EFER_LME && save->cr0 & CR0_PG;

	if (save->efer & ~EFER_KNOWN)
		return broken(check, "EFER", save->efer, "an MBZ bit of EFER is set");
	if (long_paging && !(save->cr4 & CR4_PAE))
		return broken(check, "CR4", save->cr4,
			      "EFER.LME and CR0.PG are set and CR4.PAE is zero");
	if (long_paging && !(save->cr0 & CR0_PE))
		return broken(check, "CR0", save->cr0,
			      "EFER.LME and CR0.PG are set and CR0.PE is zero");
	if (long_paging && save->cs.rights & CS_LONG && save->cs.rights & CS_BIG)
		return broken(check, "CS attributes", save->cs.rights,
			      "EFER.LME, CR0.PG, CR4.PAE, CS.L and CS.D are all set");
	return false;
}

static bool check_maps(const struct vmcb_control *control, struct svm_check *check)
{
	u64 limit = beyond(check);

	if (!(control->intercept[SVM_EXIT_VMRUN / 32] & VMCB_INTERCEPT_BIT(SVM_EXIT_VMRUN)))
		return broken(check, "intercepts", control->intercept[SVM_EXIT_VMRUN / 32],
			      "the VMRUN intercept bit is clear");
	if ((control->iopm_base + IOPM_BYTES - 1) & limit)
		return broken(check, "IOPM_BASE_PA", control->iopm_base,
			      "the I/O permissions map extends past the largest physical address");
	if ((control->msrpm_base + MSRPM_BYTES - 1) & limit)
		return broken(check, "MSRPM_BASE_PA", control->msrpm_base,
			      "the MSR permissions map extends past the largest physical address");
	if (!control->asid)
		return broken(check, "ASID", 0, "ASID is zero, which is the host's");
	if (check->asids && control->asid >= check->asids)
		return broken(check, "ASID", control->asid, "there is no such ASID on this CPU");
	return false;
}

static bool check_event(const struct vmcb_control *control, struct svm_check *check)
{
	u64 event = control->event_injection;
	u32 type = VMCB_EVENT_TYPE(event), vector = event & 0xff;

	if (!(event & VMCB_EVENT_VALID))
		return false;
	if (type == 1 || type > VMCB_EVENT_SOFTWARE)
		return broken(check, "EVENTINJ", event, "the event's TYPE is reserved");
	if (type == VMCB_EVENT_EXCEPTION && (vector == VECTOR_NMI || vector > 31))
		return broken(check, "EVENTINJ", event,
			      "TYPE is 3 (exception) and VECTOR is none of an exception");
	return false;
}

static bool bad_memory_types(u64 pat)
{
	for (u32 entry = 0; entry < 8; entry++, pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return true;
	return false;
}

static bool check_nested(const struct vmcb *vmcb, struct svm_check *check)
{
	const struct vmcb_control *control = &vmcb->control;

	if (!(control->nested_paging & VMCB_NESTED_PAGING))
		return false;
	if (control->nested_cr3 & (beyond(check) | 0xfe7))
		return broken(check, "N_CR3", control->nested_cr3, "an MBZ bit of nCR3 is set");
	if (bad_memory_types(vmcb->save.pat))
		return broken(check, "G_PAT", vmcb->save.pat,
			      "G_PAT has a memory type that is not one");
	return false;
}

/* APM Vol. 2, 15.29.4.3. */
static bool check_avic(const struct vmcb_control *control, struct svm_check *check)
{
	u64 limit = beyond(check);

	if (!(control->virtual_interrupt & VMCB_V_AVIC))
		return false;
	if ((control->avic_backing_page | control->avic_logical_table |
	     control->avic_physical_table) &
	    limit)
		return broken(check, "AVIC pointers", control->avic_backing_page,
			      "an AVIC pointer is past the largest physical address");
	if ((control->avic_physical_table & 0xfff) > 0xff)
		return broken(check, "AVIC PHYSICAL_MAX_INDEX",
			      control->avic_physical_table & 0xfff,
			      "AVIC_PHYSICAL_MAX_INDEX is above 255 in xAVIC mode");
	return false;
}

bool svm_check(const struct vmcb *vmcb, struct svm_check *check)
{
	return check_cr(&vmcb->save, check) || check_long_mode(&vmcb->save, check) ||
	       check_maps(&vmcb->control, check) || check_event(&vmcb->control, check) ||
	       check_nested(vmcb, check) || check_avic(&vmcb->control, check);
}
