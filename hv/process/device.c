// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices of this machine, for storms that read them: ports by ioperm(2), registers by /dev/mem or
 * a PCI resource's file, MSRs by /dev/cpu/N/msr. All need root.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../host.h"
#include "vm.h"

#define PCI "/sys/bus/pci/devices"

/* PCI 3.0, 6.1 and 6.7; virtio 1.1, 4.1.4 "Virtio Structure PCI Capabilities" and 4.2.2. */
enum {
	PCI_CONFIG_BYTES = 256,
	PCI_VENDOR_VIRTIO = 0x1af4,
	PCI_CAPABILITIES = 0x34,
	PCI_CAPABILITY_VENDOR = 0x09,
	VIRTIO_COMMON = 1,
	HPET_COUNTER = 0xf0, /* IA-PC HPET 1.0a, 2.3.7 */
};

static int absent(const char *device, char *why)
{
	host_format(why, HV_WHY, "this machine has no %s, or its kernel lists none", device);
	return -EOPNOTSUPP;
}

static int refused(const char *what, char *why)
{
	int error = errno;

	if (error == EPERM || error == EACCES)
		host_format(why, HV_WHY, "%s: needs root, or this kernel forbids it", what);
	else if (error == ENOSYS || error == ENOENT || error == ENXIO)
		host_format(why, HV_WHY, "%s: this kernel has no such interface (%s)", what,
			    strerror(error));
	else
		host_format(why, HV_WHY, "%s: %s", what, strerror(error));
	return -EOPNOTSUPP;
}

/* The first address of the line that has the text, of /proc/ioports or /proc/iomem; 0: none. */
static u64 listed(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	unsigned long long from = 0, at;
	char line[256];

	while (file && !from && fgets(line, sizeof(line), file))
		if (strstr(line, text) && sscanf(line, "%llx", &at) == 1)
			from = at;
	if (file)
		fclose(file);
	return from;
}

struct port_read {
	u32 port, bytes, value;
};

static void port_read(void *arg)
{
	struct port_read *read = arg;

	read->value = read->bytes == 4 ? inl(read->port) : inb(read->port);
}

static int port_add(struct process_vm *process, const struct hv_device *device, char *why)
{
	u64 port = device->address;
	struct port_read read = {.bytes = device->size};
	u32 ones = device->size == 4 ? ~0U : 0xff;

	if (port == HV_MACHINE_PM_TIMER)
		port = listed("/proc/ioports", "ACPI PM_TMR");
	if (!port)
		return absent("ACPI PM timer", why);
	if (ioperm(port, device->size, 1))
		return refused("ports by ioperm", why);
	process->port = port;
	process->ports = device->size;
	process->argument = port;
	read.port = port;
	/* QEMU's TCG faults in a nested guest: it takes the busy TSS for one without a map of
	 * ports. */
	if (!process_guarded(port_read, &read)) {
		host_format(why, HV_WHY,
			    "IN from port 0x%llx faults, although the kernel has allowed it",
			    (unsigned long long)port);
		return -EOPNOTSUPP;
	}
	if (!device->match || read.value != ones)
		return 0;
	host_format(why, HV_WHY, "nothing answers at port 0x%llx: it reads as all ones",
		    (unsigned long long)port);
	return -EOPNOTSUPP;
}

/* Maps the page of a file that has the register. */
static int file_map(struct process_vm *process, const char *path, u64 address, char *why)
{
	u64 page = address & ~(u64)(PROCESS_PAGE - 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_SYNC);
	void *at;

	if (fd < 0)
		return refused(path, why);
	at = mmap(NULL, PROCESS_PAGE, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (at == MAP_FAILED)
		refused(path, why);
	close(fd);
	if (at == MAP_FAILED)
		return -EOPNOTSUPP;
	process->device = (struct mapping){at, PROCESS_PAGE};
	process->argument = (u64)at + (address - page);
	return 0;
}

static int memory_add(struct process_vm *process, const char *name, u64 offset, char *why)
{
	u64 address = listed("/proc/iomem", name);

	return address ? file_map(process, "/dev/mem", address + offset, why) : absent(name, why);
}

/* The BAR and offset of a virtio device's common configuration, by its PCI configuration space. */
static bool virtio_common(const u8 *config, u32 bytes, u32 *bar, u32 *offset)
{
	u32 at = bytes > PCI_CAPABILITIES ? config[PCI_CAPABILITIES] : 0;

	if ((config[0] | config[1] << 8) != PCI_VENDOR_VIRTIO)
		return false;
	/* A damaged list may be a loop. */
	for (int i = 0; i < 48 && at >= 0x40 && at + 16 <= bytes; i++, at = config[at + 1]) {
		if (config[at] != PCI_CAPABILITY_VENDOR || config[at + 3] != VIRTIO_COMMON)
			continue;
		*bar = config[at + 4];
		memcpy(offset, config + at + 8, sizeof(*offset));
		return *bar < 6;
	}
	return false;
}

static int virtio_pci(struct process_vm *process, const char *device, char *why)
{
	u8 config[PCI_CONFIG_BYTES] = {0};
	char path[320];
	u32 bar, offset;
	ssize_t bytes;
	int fd;

	snprintf(path, sizeof(path), PCI "/%s/config", device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	bytes = fd < 0 ? -1 : read(fd, config, sizeof(config));
	if (fd >= 0)
		close(fd);
	if (bytes < 64 || !virtio_common(config, (u32)bytes, &bar, &offset))
		return -ENODEV;
	snprintf(path, sizeof(path), PCI "/%s/resource%u", device, bar);
	return file_map(process, path, offset, why);
}

/* The first virtio device on PCI, else one of virtio-mmio, whose first register is a constant. */
static int virtio_add(struct process_vm *process, char *why)
{
	DIR *folder = opendir(PCI);
	const struct dirent *entry;
	int err = -ENODEV;

	while (folder && err == -ENODEV && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			err = virtio_pci(process, entry->d_name, why);
	if (folder)
		closedir(folder);
	if (err != -ENODEV)
		return err;
	return memory_add(process, "virtio-mmio", 0, why);
}

int process_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	struct process_vm *process = vm->priv;

	if (device->type != HV_DEVICE_MACHINE) {
		host_format(why, HV_WHY, "needs a VM of ours");
		return -EOPNOTSUPP;
	}
	if (device->port)
		return port_add(process, device, why);
	switch (device->address) {
	case HV_MACHINE_HPET:
		return memory_add(process, "HPET", HPET_COUNTER, why);
	case HV_MACHINE_IO_APIC:
		return memory_add(process, "IOAPIC", 0, why);
	case HV_MACHINE_VIRTIO:
		return virtio_add(process, why);
	}
	process->msrs = true;
	if (!access("/dev/cpu/0/msr", R_OK))
		return 0;
	return refused("/dev/cpu/0/msr (modprobe msr)", why);
}

void process_device_remove(struct process_vm *process)
{
	if (process->ports)
		ioperm(process->port, process->ports, 0);
	if (process->device.at)
		munmap(process->device.at, process->device.bytes);
}

int process_files_open(struct process_vcpu *vcpu, char *why)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", sched_getcpu());
	vcpu->msr = open(path, O_RDONLY | O_CLOEXEC);
	if (vcpu->msr < 0)
		return refused(path, why);
	vcpu->zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	return vcpu->zero < 0 ? refused("/dev/zero", why) : 0;
}

void process_files_close(const struct process_vcpu *vcpu)
{
	if (vcpu->msr >= 0)
		close(vcpu->msr);
	if (vcpu->zero >= 0)
		close(vcpu->zero);
}
