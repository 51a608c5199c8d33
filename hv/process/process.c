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
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "../backend.h"
#include "../host.h"
#include "process.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* Linux 4.17 */
#endif

enum { PAGE = 0x1000, KICKED = -1 };

/* Raised in a process by an instruction that is not allowed or not known. */
static const struct {
	int signal;
	const char *name;
} faults[] = {
	{SIGILL, "SIGILL"}, {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},
	{SIGFPE, "SIGFPE"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

struct mapping {
	void *at;
	size_t bytes;
};

struct process_vm {
	struct mapping image, shared, rings, fill;
	struct sigaction before[FAULTS];
	u32 handled; /* faults[] whose handler is ours */
};

struct process_vcpu {
	sigjmp_buf leave;
	volatile sig_atomic_t running, kicked;
	volatile u64 rip, address; /* of the signal that has ended the loop */
	bool up;
};

/* The one whose loop this thread runs. */
static __thread struct process_vcpu *own;

static void faulted(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *state = context;

	if (own && own->running) {
		own->running = 0;
		own->rip = state->uc_mcontext.gregs[REG_RIP];
		own->address = (u64)info->si_addr;
		siglongjmp(own->leave, signal);
	}
	/* Not of a loop: the default action, when the instruction is executed again. */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	if (info->si_code <= 0) /* sent by a process: there is no such instruction */
		raise(signal);
}

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

static int map_failed(const struct mapping *mapping, u64 at, char *why)
{
	host_format(why, HV_WHY,
		    "the guest's loops need address 0x%llx of this process (%zu KiB): %s",
		    (unsigned long long)at, mapping->bytes >> 10,
		    errno == EEXIST ? "it is in use" : strerror(errno));
	return -ENOMEM;
}

/* At exactly this address, where nothing else is. */
static int map(struct mapping *mapping, u64 at, size_t bytes, int fd, u64 offset, char *why)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
	void *got = mmap((void *)at, bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, fd,
			 fd < 0 ? 0 : (off_t)offset);

	mapping->bytes = bytes;
	if (got == MAP_FAILED)
		return map_failed(mapping, at, why);
	mapping->at = got;
	if ((u64)got == at)
		return 0;
	errno = EEXIST; /* an older kernel takes the address as a hint */
	return map_failed(mapping, at, why);
}

static void unmap(const struct mapping *mapping)
{
	if (mapping->at)
		munmap(mapping->at, mapping->bytes);
}

static int image_map(struct hv_vm *vm, struct process_vm *process, char *why)
{
	u32 size = (vm->header.size + PAGE - 1) / PAGE * PAGE;
	int err = map(&process->image, GUEST_IMAGE, size, -1, 0, why);

	if (err)
		return err;
	memcpy(process->image.at, vm->memory + GUEST_IMAGE, vm->header.size);
	if (!mprotect(process->image.at, size, PROT_READ | PROT_EXEC))
		return 0;
	host_format(why, HV_WHY,
		    "this process may not execute memory that it has written (%s): a security "
		    "module's rule, such as SELinux's execmem, forbids it",
		    strerror(errno));
	return -EPERM;
}

/*
 * The guest's memory becomes a file in memory, so that it has two addresses: the host's, where it
 * stays, and the guest's.
 */
static int memory_share(struct hv_vm *vm, int *fd, char *why)
{
	const u64 used = GUEST_IMAGE + GUEST_IMAGE_SIZE;

	*fd = memfd_create("exitstorm", MFD_CLOEXEC);
	if (*fd >= 0 && !ftruncate(*fd, (off_t)vm->room_bytes) &&
	    pwrite(*fd, vm->memory, used, 0) == (ssize_t)used &&
	    mmap(vm->memory, vm->room_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, *fd,
		 0) == vm->memory)
		return 0;
	host_format(why, HV_WHY, "no memory that has two addresses: %s", strerror(errno));
	return -ENOMEM;
}

static int memory_map(struct hv_vm *vm, struct process_vm *process, char *why)
{
	u32 vcpus = vm->config.vcpus;
	int fd, err = memory_share(vm, &fd, why);

	if (!err)
		err = map(&process->shared, GUEST_SHARED, vcpus * (size_t)PAGE, fd, GUEST_SHARED,
			  why);
	if (!err)
		err = map(&process->rings, GUEST_RING, vcpus * (size_t)GUEST_RING_SIZE, fd,
			  GUEST_RING, why);
	if (!err)
		err = map(&process->fill, GUEST_FILL, vcpus * (size_t)GUEST_FILL_SIZE, -1, 0, why);
	if (!err) /* fails only on kernels without transparent huge pages */
		madvise(process->fill.at, process->fill.bytes, MADV_NOHUGEPAGE);
	if (fd >= 0)
		close(fd);
	return err;
}

static void process_vm_destroy(struct hv_vm *vm)
{
	struct process_vm *process = vm->priv;

	if (!process)
		return;
	while (process->handled) {
		process->handled--;
		sigaction(faults[process->handled].signal, &process->before[process->handled],
			  NULL);
	}
	unmap(&process->fill);
	unmap(&process->rings);
	unmap(&process->shared);
	unmap(&process->image);
	host_free(process, sizeof(*process));
	vm->priv = NULL;
}

static int process_vm_create(struct hv_vm *vm, char *why)
{
	struct sigaction action = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};
	struct process_vm *process = host_alloc(sizeof(*process));
	int err;

	if (!process) {
		host_format(why, HV_WHY, "not enough memory");
		return -ENOMEM;
	}
	vm->priv = process;
	err = image_map(vm, process, why);
	if (!err)
		err = memory_map(vm, process, why);
	for (; !err && process->handled < FAULTS; process->handled++)
		sigaction(faults[process->handled].signal, &action,
			  &process->before[process->handled]);
	if (err)
		process_vm_destroy(vm);
	return err;
}

static int process_vcpu_create(struct hv_vcpu *vcpu, char *why)
{
	vcpu->priv = host_alloc(sizeof(struct process_vcpu));
	if (vcpu->priv)
		return 0;
	host_format(why, HV_WHY, "not enough memory");
	return -ENOMEM;
}

static void process_vcpu_destroy(struct hv_vcpu *vcpu)
{
	host_free(vcpu->priv, sizeof(struct process_vcpu));
}

static int process_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	(void)vm;
	(void)feature;
	host_format(why, HV_WHY, "needs a VM of ours");
	return -EOPNOTSUPP;
}

static int process_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	(void)device;
	return process_enable(vm, 0, why);
}

/* ABSENT: this kernel maps the pages anew, and the hypervisor where it has none for them. */
static int process_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why)
{
	u8 *fill = (u8 *)GUEST_FILL + (u64)vcpu->index * GUEST_FILL_SIZE;

	if (state != HV_PAGES_ABSENT)
		return process_enable(vcpu->vm, 0, why);
	if (!madvise(fill, GUEST_FILL_SIZE, MADV_DONTNEED))
		return 0;
	host_format(why, HV_WHY, "the pages cannot be given back: %s", strerror(errno));
	return -ENOMEM;
}

static const char *signal_name(int signal)
{
	for (size_t i = 0; i < FAULTS; i++)
		if (faults[i].signal == signal)
			return faults[i].name;
	return "a signal";
}

static int left(const struct hv_vcpu *vcpu, int signal, struct hv_exit *unexpected)
{
	const struct process_vcpu *process = vcpu->priv;

	unexpected->kind = EXIT_EXCEPTION;
	unexpected->rip = process->rip;
	unexpected->qualification = process->address;
	host_format(unexpected->why, HV_WHY,
		    "an instruction raised %s, at rip 0x%llx, address 0x%llx, operation %u: not "
		    "allowed at CPL 3, or not known to this CPU or hypervisor",
		    signal_name(signal), (unsigned long long)process->rip,
		    (unsigned long long)process->address,
		    ((struct guest_shared *)(GUEST_SHARED + vcpu->index * (u64)PAGE))->index);
	return -EPROTO;
}

static int kicked(struct process_vcpu *process, struct hv_exit *unexpected)
{
	process->kicked = 0;
	unexpected->kind = EXIT_EXTERNAL_INTERRUPT;
	host_format(unexpected->why, HV_WHY, "the loop was stopped from outside");
	return -EINTR;
}

/* A signal that an instruction raises ends the process if the thread blocks it. */
static void unblock(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < FAULTS; i++)
		sigaddset(&set, faults[i].signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* The first call of a vCPU, up to its first "batch done", has nothing to start here. */
static int process_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct process_vcpu *process = vcpu->priv;
	struct guest_shared *shared =
		(struct guest_shared *)(GUEST_SHARED + vcpu->index * (u64)PAGE);
	int signal;

	(void)loop;
	*unexpected = (struct hv_exit){.raw_reason = ~0U};
	if (!process->up) {
		process->up = true;
		unblock();
		return 0;
	}
	own = process;
	/* With the mask: the signal that ends a loop is blocked in its handler. */
	signal = sigsetjmp(process->leave, 1);
	if (!signal) {
		process->running = 1;
		if (!process->kicked)
			((void (*)(struct guest_shared *))shared->loop)(shared);
		process->running = 0;
	}
	own = NULL;
	if (process->kicked)
		return kicked(process, unexpected);
	return signal ? left(vcpu, signal, unexpected) : 0;
}

static void process_kick(struct hv_vcpu *vcpu)
{
	struct process_vcpu *process = vcpu->priv;

	process->kicked = 1;
	if (own == process && process->running) {
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
