// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_EXIT_* by name, and the text for an exit that ends a batch. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../host.h"
#include "kvm.h"

static const struct reason {
	u32 number;
	enum exit_kind kind;
	const char *name;
} reasons[] = {
#define KVM_REASON(NAME, kind, name) {KVM_EXIT_##NAME, EXIT_##kind, name},
#include "exits.def"
};
enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

/* Kinds with several reasons have no single one to wait for. */
u32 kvm_raw_reason(enum exit_kind kind)
{
	if (kind == EXIT_OTHER || kind == EXIT_EXCEPTION)
		return ~0U;
	for (u32 i = 0; i < REASONS; i++)
		if (reasons[i].kind == kind)
			return reasons[i].number;
	return ~0U;
}

static const struct reason *reason_find(u32 number)
{
	static const struct reason unknown = {~0U, EXIT_OTHER, "unknown"};

	for (u32 i = 0; i < REASONS; i++)
		if (reasons[i].number == number)
			return &reasons[i];
	return &unknown;
}

const char *kvm_raw_name(u32 raw_reason)
{
	return reason_find(raw_reason)->name;
}

static void explain_internal(const struct kvm_run *run, char *text, size_t size)
{
	static const char *const suberrors[] = {
		[KVM_INTERNAL_ERROR_EMULATION] = "KVM could not emulate an instruction",
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "two exceptions at once",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = "an exit while an event was being delivered",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "an exit that KVM did not expect",
	};
	u32 suberror = run->internal.suberror;
	const char *name =
		suberror < sizeof(suberrors) / sizeof(suberrors[0]) ? suberrors[suberror] : NULL;
	char bytes[3 * sizeof(run->emulation_failure.insn_bytes) + 1] = "";
	u32 count = 0;

	if (suberror == KVM_INTERNAL_ERROR_EMULATION && run->emulation_failure.ndata >= 3 &&
	    run->emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)
		count = run->emulation_failure.insn_size;
	for (u32 i = 0; i < count && i < sizeof(run->emulation_failure.insn_bytes); i++)
		host_format(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x",
			    run->emulation_failure.insn_bytes[i]);
	host_format(text, size, "%s (suberror %u%s%s)", name ? name : "internal error", suberror,
		    count ? ", bytes" : "", bytes);
}

static void explain_exit(const struct kvm_run *run, char *text, size_t size)
{
	u32 reason = run->exit_reason;

	switch (reason) {
	case KVM_EXIT_SHUTDOWN:
		host_format(text, size,
			    "the guest shut down (triple fault): its exception handlers could not "
			    "run");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		explain_internal(run, text, size);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		host_format(text, size,
			    "the CPU refused to enter the guest (hardware reason 0x%llx)",
			    (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_UNKNOWN:
		host_format(text, size, "KVM does not know the hardware's exit reason 0x%llx",
			    (unsigned long long)run->hw.hardware_exit_reason);
		break;
	case KVM_EXIT_HLT:
		host_format(text, size,
			    "the guest halted without being asked to, and nothing wakes it");
		break;
	case KVM_EXIT_IO:
		host_format(text, size, "an unexpected %s port 0x%x of %u x %u bytes",
			    run->io.direction == KVM_EXIT_IO_OUT ? "OUT to" : "IN from",
			    run->io.port, run->io.count, run->io.size);
		break;
	case KVM_EXIT_MMIO:
		host_format(text, size, "an unexpected %s of %u bytes at address 0x%llx",
			    run->mmio.is_write ? "write" : "read", run->mmio.len,
			    (unsigned long long)run->mmio.phys_addr);
		break;
	default:
		host_format(text, size, "an unexpected exit, reason %u (%s)", reason,
			    kvm_raw_name(reason));
	}
}

static void explain_error(int error, char *text, size_t size)
{
	if (error == -EFAULT)
		host_format(text, size,
			    "KVM_RUN failed: guest memory that the host cannot give (%s)",
			    strerror(-error));
	else
		host_format(text, size, "KVM_RUN failed: %s", strerror(-error));
}

/* A hint for the user. */
static const char *advice(int error, u32 reason, u32 cpl)
{
	if (error || reason == KVM_EXIT_FAIL_ENTRY || reason == KVM_EXIT_UNKNOWN)
		return "; the kernel's log (dmesg) may say more";
	/* Some KVMs interpret a guest at CPL 0, and fail at one level only. */
	if (reason == KVM_EXIT_SHUTDOWN || reason == KVM_EXIT_INTERNAL_ERROR)
		return cpl ? "; try --set cpl=0" : "; try --set cpl=3";
	return "";
}

bool kvm_rip(const struct kvm_vcpu *vcpu, u64 *rip)
{
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return false;
	*rip = regs.rip;
	return true;
}

int kvm_explain(struct kvm_vcpu *vcpu, int error, struct hv_exit *unexpected)
{
	u32 cpl = vcpu->hv->vm->config.cpl;
	char text[HV_WHY - 120];
	char where[40] = "an unknown rip";

	if (kvm_rip(vcpu, &unexpected->rip))
		host_format(where, sizeof(where), "rip 0x%llx",
			    (unsigned long long)unexpected->rip);
	if (error) {
		unexpected->raw_reason = ~0U;
		unexpected->kind = EXIT_ERROR;
		unexpected->qualification = -error;
		explain_error(error, text, sizeof(text));
	} else {
		unexpected->raw_reason = vcpu->run->exit_reason;
		unexpected->kind = reason_find(vcpu->run->exit_reason)->kind;
		explain_exit(vcpu->run, text, sizeof(text));
	}
	host_format(unexpected->why, HV_WHY, "%s, at %s, CPL %u, operation %u%s", text, where, cpl,
		    vcpu->shared->index, advice(error, unexpected->raw_reason, cpl));
	return error ? error : -EPROTO;
}
