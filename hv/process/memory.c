// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory of the guest's loops in this process, at the linear addresses of guest.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../host.h"
#include "vm.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* Linux 4.17 */
#endif

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
	u32 size = (vm->header.size + PROCESS_PAGE - 1) / PROCESS_PAGE * PROCESS_PAGE;
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
		err = map(&process->shared, GUEST_SHARED, vcpus * (size_t)PROCESS_PAGE, fd,
			  GUEST_SHARED, why);
	if (!err)
		err = map(&process->rings, GUEST_RING, vcpus * (size_t)GUEST_RING_SIZE, fd,
			  GUEST_RING, why);
	if (!err)
		err = map(&process->fill, GUEST_FILL, vcpus * (size_t)GUEST_FILL_SIZE, -1, 0, why);
	if (!err)
		err = map(&process->large, GUEST_LARGE, vcpus * (size_t)GUEST_LARGE_SIZE, -1, 0,
			  why);
	/* They fail only on kernels without transparent huge pages: see large_pages(). */
	if (!err)
		madvise(process->fill.at, process->fill.bytes, MADV_NOHUGEPAGE);
	if (!err)
		madvise(process->large.at, process->large.bytes, MADV_HUGEPAGE);
	if (fd >= 0)
		close(fd);
	return err;
}

int process_memory_map(struct hv_vm *vm, char *why)
{
	struct process_vm *process = vm->priv;
	int err = image_map(vm, process, why);

	return err ? err : memory_map(vm, process, why);
}

void process_memory_unmap(const struct process_vm *process)
{
	unmap(&process->large);
	unmap(&process->fill);
	unmap(&process->rings);
	unmap(&process->shared);
	unmap(&process->image);
}

int process_large_pages(char *why)
{
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
	char text[64] = "[never]";

	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = 0;
		fclose(file);
	}
	if (!strstr(text, "[never]"))
		return 0;
	host_format(why, HV_WHY,
		    "this kernel gives no pages of 2 MiB on first touch "
		    "(transparent_hugepage/enabled: never)");
	return -EOPNOTSUPP;
}

/* ABSENT: this kernel maps the pages anew, and the hypervisor where it has none for them. */
int process_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why)
{
	u8 *fill = (u8 *)GUEST_FILL + (u64)vcpu->index * GUEST_FILL_SIZE;
	u8 *large = (u8 *)GUEST_LARGE + (u64)vcpu->index * GUEST_LARGE_SIZE;

	if (state == HV_PAGES_ABSENT && !madvise(fill, GUEST_FILL_SIZE, MADV_DONTNEED) &&
	    !madvise(large, GUEST_LARGE_SIZE, MADV_DONTNEED))
		return 0;
	host_format(why, HV_WHY, "the pages cannot be given back: %s", strerror(errno));
	return -ENOMEM;
}
