// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A backend without a VM: the guest's loops run in this process, at CPL 3, and what exits does so
 * to the hypervisor that this machine runs on. Only the image, the shared pages, the rings and
 * GUEST_FILL exist, at the linear addresses of guest.h: the loops are the same bytes as in a VM.
 *
 * The loops are called as functions. A signal that one of their instructions raises, and hv_kick,
 * leave the loop by siglongjmp.
 */
#include <errno.h>
#include <string.h>

#include "../host.h"
#include "process.h"
#include "vm.h"

enum { KICKED = -1 };

static int process_probe(char *why)
{
	(void)why;
	return 0;
}

static int process_cpu_on(char *why)
{
	(void)why;
	return 0;
}

static void process_cpu_off(void)
{
}

static void process_vm_destroy(struct hv_vm *vm)
{
	struct process_vm *process = vm->priv;

	if (!process)
		return;
	process_signals_restore(process);
	if (process->signals)
		sigaction(GUEST_SIGNAL, &process->before_signal, NULL);
	process_device_remove(process);
	process_memory_unmap(process);
	host_free(process, sizeof(*process));
	vm->priv = NULL;
}

static int process_vm_create(struct hv_vm *vm, char *why)
{
	struct process_vm *process = host_alloc(sizeof(*process));
	int err;

	if (!process) {
		host_format(why, HV_WHY, "not enough memory");
		return -ENOMEM;
	}
	vm->priv = process;
	err = process_memory_map(vm, why);
	if (!err)
		process_signals_handle(process);
	if (err)
		process_vm_destroy(vm);
	return err;
}

static int process_vcpu_create(struct hv_vcpu *vcpu, char *why)
{
	struct process_vcpu *process = host_alloc(sizeof(*process));

	vcpu->priv = process;
	if (!process) {
		host_format(why, HV_WHY, "not enough memory");
		return -ENOMEM;
	}
	process->msr = process->zero = -1;
	return 0;
}

static void process_vcpu_destroy(struct hv_vcpu *vcpu)
{
	process_files_close(vcpu->priv);
	host_free(vcpu->priv, sizeof(struct process_vcpu));
}

static void handled(int signal)
{
	(void)signal;
}

static int process_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	struct process_vm *process = vm->priv;

	if (feature == HV_FEATURE_LARGE_PAGES)
		return process_large_pages(why);
	if (feature == HV_FEATURE_SIGNAL) {
		sigaction(GUEST_SIGNAL, &(struct sigaction){.sa_handler = handled},
			  &process->before_signal);
		process->signals = true;
		return 0;
	}
	host_format(why, HV_WHY, "needs a VM of ours");
	return -EOPNOTSUPP;
}

static int left(const struct hv_vcpu *vcpu, int signal, struct hv_exit *unexpected)
{
	const struct process_vcpu *process = vcpu->priv;

	unexpected->kind = EXIT_EXCEPTION;
	unexpected->rip = process->rip;
	unexpected->qualification = process->address;
	host_format(
		unexpected->why, HV_WHY,
		"an instruction raised %s, at rip 0x%llx, address 0x%llx, operation %u: not "
		"allowed at CPL 3, or not known to this CPU or hypervisor",
		process_signal_name(signal), (unsigned long long)process->rip,
		(unsigned long long)process->address,
		((struct guest_shared *)(GUEST_SHARED + vcpu->index * (u64)PROCESS_PAGE))->index);
	return -EPROTO;
}

static int kicked(struct process_vcpu *process, struct hv_exit *unexpected)
{
	process->kicked = 0;
	unexpected->kind = EXIT_EXTERNAL_INTERRUPT;
	host_format(unexpected->why, HV_WHY, "the loop was stopped from outside");
	return -EINTR;
}

/* On the vCPU's own thread: signals, and files of its CPU. */
static int start(struct hv_vcpu *vcpu, struct hv_exit *unexpected)
{
	const struct process_vm *vm = vcpu->vm->priv;
	struct process_vcpu *process = vcpu->priv;

	process->up = true;
	process_signals_unblock();
	return vm->msrs ? process_files_open(process, unexpected->why) : 0;
}

static void share_argument(struct hv_vcpu *vcpu, struct guest_shared *shared)
{
	const struct process_vm *vm = vcpu->vm->priv;
	const struct process_vcpu *process = vcpu->priv;

	if (vm->argument)
		shared->arg[1] = vm->argument;
	if (vm->msrs)
		shared->arg[1] = (u64)process->zero << 32 | (u32)process->msr;
}

/* The first call of a vCPU, up to its first "batch done", has nothing to start here. */
static int process_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct process_vcpu *process = vcpu->priv;
	struct guest_shared *shared =
		(struct guest_shared *)(GUEST_SHARED + vcpu->index * (u64)PROCESS_PAGE);
	int signal;

	(void)loop;
	*unexpected = (struct hv_exit){.raw_reason = ~0U};
	if (!process->up)
		return start(vcpu, unexpected);
	share_argument(vcpu, shared);
	process_own = process;
	/* With the mask: the signal that ends a loop is blocked in its handler. */
	signal = sigsetjmp(process->leave, 1);
	if (!signal) {
		process->running = 1;
		if (!process->kicked)
			((void (*)(struct guest_shared *))shared->loop)(shared);
		process->running = 0;
	}
	process_own = NULL;
	if (process->kicked)
		return kicked(process, unexpected);
	return signal ? left(vcpu, signal, unexpected) : 0;
}

static void process_kick(struct hv_vcpu *vcpu)
{
	struct process_vcpu *process = vcpu->priv;

	process->kicked = 1;
	if (process_own == process && process->running) {
		process->running = 0;
		siglongjmp(process->leave, KICKED);
	}
}

static int process_counts(struct hv_vcpu *vcpu, struct hv_counts *counts)
{
	(void)vcpu;
	*counts = (struct hv_counts){0};
	return 0;
}

static u32 process_raw_reason(enum exit_kind kind)
{
	(void)kind;
	return ~0U;
}

static const char *process_raw_name(u32 raw_reason)
{
	(void)raw_reason;
	return NULL;
}

const struct hv_backend hv_process = {
	.name = "none",
	.title = "this process",
	.raw_space = "none",
	.vendor = HV_VENDOR_NONE,
	.place = HV_PLACE_USER,
	.probe = process_probe,
	.cpu_on = process_cpu_on,
	.cpu_off = process_cpu_off,
	.vm_create = process_vm_create,
	.vm_destroy = process_vm_destroy,
	.vcpu_create = process_vcpu_create,
	.vcpu_destroy = process_vcpu_destroy,
	.enable = process_enable,
	.device_add = process_device_add,
	.pages = process_pages,
	.run = process_run,
	.kick = process_kick,
	.counts = process_counts,
	.raw_reason = process_raw_reason,
	.raw_name = process_raw_name,
};
