// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest memory before the first entry: image, GDT, IDT, one TSS per vCPU, page tables. GUEST_SYSTEM
 * holds GDT and IDT (a page each), the TSSs, and the I/O permission map that all TSSs share. 32-bit
 * mode has one more TSS, GUEST_TASK's, and no gate in the IDT.
 */
#include "backend.h"
#include "host.h"
#include "paging.h"

enum {
	GDT = GUEST_SYSTEM,
	IDT = GUEST_IDT,
	TSS = GUEST_TSSS,
	IO_MAP = GUEST_SYSTEM + 0x4000,
	IO_MAP_BYTES = 0x10000 / 8 + 1, /* the last byte has all bits set, SDM Vol. 1 19.5.2 */
	TSS_BYTES = 104,		/* Intel SDM Vol. 3A figure 8-11 */
	TSS_STRIDE = GUEST_TSS_STRIDE,
	TSS_RSP0 = 4,
	TSS_IO_MAP = 102,
	TSS_DESCRIPTOR = 16,
	GATE_BYTES = 16,
	VECTORS = 256,
	TASK = GUEST_SYSTEM + 0x8000, /* the TSS of selector GUEST_TASK */
	GDT_LIMIT = GUEST_TASK + 8 - 1,
};

_Static_assert(GDT_LIMIT < 0x1000, "the GDT fits its page");
_Static_assert(VECTORS *GATE_BYTES <= 0x1000, "the IDT fits its page");
_Static_assert(TSS + GUEST_MAX_VCPUS * TSS_STRIDE <= IO_MAP, "the TSSs fit before the map");
_Static_assert(TSS_BYTES <= TSS_STRIDE, "one TSS ends before the next");
_Static_assert(IO_MAP + IO_MAP_BYTES <= TASK, "the map ends before the task");
_Static_assert(TASK + TSS_BYTES <= GUEST_SYSTEM + GUEST_SYSTEM_SIZE, "the task fits");
_Static_assert(GUEST_TASK == GUEST_TSS + GUEST_MAX_VCPUS * TSS_DESCRIPTOR, "behind the TSSs");

/* Access rights as struct hv_segment has them: type, S, DPL, P, then L, D/B, G. */
enum {
	RIGHTS_CODE64 = 0xa09b,
	RIGHTS_CODE32 = 0xc09b,
	RIGHTS_DATA = 0xc093,
	RIGHTS_TSS_FREE = 0x0089,
	RIGHTS_TSS_BUSY = 0x008b,
	RIGHTS_DPL3 = 3 << 5,
	GATE_INTERRUPT = 0x8e, /* P, DPL 0, 64-bit interrupt gate */
	RPL3 = 3,
};

#define CR0_PE	       (1 << 0)
#define CR0_MP	       (1 << 1)
#define CR0_ET	       (1 << 4)
#define CR0_NE	       (1 << 5)
#define CR0_WP	       (1 << 16)
#define CR0_AM	       (1 << 18)
#define CR0_PG	       (1U << 31)
#define CR4_PSE	       (1 << 4)
#define CR4_PAE	       (1 << 5)
#define CR4_PGE	       (1 << 7)
#define CR4_PCE	       (1 << 8)
#define CR4_OSFXSR     (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define PDE_PRESENT    (1 << 0)
#define PDE_WRITE      (1 << 1)
#define PDE_USER       (1 << 2)
#define PDE_UNCACHED   (3 << 3)
#define PDE_LARGE      (1 << 7)
#define EFER_SCE       (1 << 0)
#define EFER_LME       (1 << 8)
#define EFER_LMA       (1 << 10)
#define RFLAGS_FIXED   (1 << 1)
#define RFLAGS_TF      (1 << 8)
#define RFLAGS_IF      (1 << 9)
#define RFLAGS_DF      (1 << 10)
#define RFLAGS_IOPL3   (3 << 12)

static void put(struct hv_vm *vm, u64 address, const void *from, u64 bytes)
{
	__builtin_memcpy(vm->memory + address, from, bytes);
}

static bool inside(u64 address, u64 bytes, u32 size)
{
	return address >= GUEST_IMAGE && bytes <= size && address - GUEST_IMAGE <= size - bytes;
}

static int refuse(char *why, const char *text)
{
	host_format(why, HV_WHY, "the guest image is not one that this build can run: %s", text);
	return -EINVAL;
}

static int image_load(struct hv_vm *vm, char *why)
{
	const struct hv_config *config = &vm->config;
	const struct guest_header *header = &vm->header;

	if (!config->image || config->image_size < sizeof(*header))
		return refuse(why, "it is shorter than its header");
	if (config->image_size > GUEST_IMAGE_SIZE)
		return refuse(why, "it is longer than the room for it");
	__builtin_memcpy(&vm->header, config->image, sizeof(vm->header));
	if (header->magic != GUEST_MAGIC)
		return refuse(why, "it does not start with the magic number");
	if (header->version != GUEST_VERSION)
		return refuse(why, "its header is of another version");
	if (header->size < config->image_size || header->size > GUEST_IMAGE_SIZE)
		return refuse(why, "its header gives it a wrong size");
	if (!inside(header->entry64, 1, header->size) ||
	    (config->mode == HV_MODE_32 && !inside(header->entry32, 1, header->size)) ||
	    !inside(header->vectors, VECTORS * GUEST_STUB_SIZE, header->size) ||
	    !inside(header->syscall, 1, header->size) ||
	    !inside(header->call, 1, header->size) || !inside(header->left, 1, header->size) ||
	    !inside(header->table, (u64)header->storms * sizeof(struct guest_storm), header->size))
		return refuse(why, "its header points out of it");
	if (header->table % _Alignof(struct guest_storm))
		return refuse(why, "its table of storms is not aligned");
	put(vm, GUEST_IMAGE, config->image, config->image_size);
	__builtin_memset(vm->memory + GUEST_IMAGE + config->image_size, 0,
			 header->size - config->image_size);
	return 0;
}

/* An 8-byte descriptor; of a 16-byte one the lower half. Intel SDM Vol. 3A figure 3-8. */
static u64 descriptor(u32 base, u32 limit, u16 rights)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)(rights & 0xf0ff) << 40 |
	       (u64)(limit >> 16 & 0xf) << 48 | (u64)(base >> 24) << 56;
}

static u32 tss_of(u32 vcpu)
{
	return TSS + vcpu * TSS_STRIDE;
}

/* The TSS's limit is the end of the shared I/O permission map. */
static u32 tss_limit(u32 vcpu)
{
	return IO_MAP + IO_MAP_BYTES - 1 - tss_of(vcpu);
}

static u16 code_rights(const struct hv_config *config)
{
	return config->mode == HV_MODE_32 ? RIGHTS_CODE32 : RIGHTS_CODE64;
}

static void gdt_build(struct hv_vm *vm)
{
	const u16 code = code_rights(&vm->config);
	const struct {
		u16 selector, rights;
	} flat[] = {
		{GUEST_KERNEL_CS, code},
		{GUEST_KERNEL_DS, RIGHTS_DATA},
		{GUEST_USER_DS, RIGHTS_DATA | RIGHTS_DPL3},
		{GUEST_USER_CS, code | RIGHTS_DPL3},
	};
	u64 entry;

	for (u32 i = 0; i < sizeof(flat) / sizeof(flat[0]); i++) {
		entry = descriptor(0, 0xfffff, flat[i].rights);
		put(vm, GDT + flat[i].selector, &entry, sizeof(entry));
	}
	for (u32 i = 0; i < vm->config.vcpus; i++) {
		entry = descriptor(tss_of(i), tss_limit(i), RIGHTS_TSS_FREE);
		put(vm, GDT + GUEST_TSS + i * TSS_DESCRIPTOR, &entry, sizeof(entry));
	}
	if (vm->config.mode == HV_MODE_32) {
		entry = descriptor(TASK, TSS_BYTES - 1, RIGHTS_TSS_FREE);
		put(vm, GDT + GUEST_TASK, &entry, sizeof(entry));
	}
}

static u64 stack_of(u32 vcpu)
{
	return GUEST_STACK + (u64)vcpu * GUEST_STACK_SIZE;
}

static void tss_build(struct hv_vm *vm)
{
	/* IOPL 3 would be enough, but not every KVM keeps it: so the map allows all ports. */
	vm->memory[IO_MAP + IO_MAP_BYTES - 1] = 0xff;
	for (u32 i = 0; i < vm->config.vcpus; i++) {
		u64 rsp0 = stack_of(i) + GUEST_STACK_SIZE / 2;
		u16 io_map = IO_MAP - tss_of(i);

		put(vm, tss_of(i) + TSS_RSP0, &rsp0, sizeof(rsp0));
		put(vm, tss_of(i) + TSS_IO_MAP, &io_map, sizeof(io_map));
	}
}

void hv_set_gate(struct hv_vm *vm, u8 vector, u64 handler)
{
	/* DPL 3, so that INT3 and INT n work at CPL3, too. */
	u64 gate[2] = {
		(handler & 0xffff) | GUEST_KERNEL_CS << 16 |
			(u64)(GATE_INTERRUPT | RIGHTS_DPL3) << 40 | (handler >> 16 & 0xffff) << 48,
		handler >> 32,
	};

	put(vm, IDT + vector * GATE_BYTES, gate, sizeof(gate));
}

/* Identity mapping. */
static int tables_build(struct hv_vm *vm, char *why)
{
	const u32 rights = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			   PAGING_BIT(PAGING_EXECUTE) |
			   (vm->config.cpl == 3 ? PAGING_BIT(PAGING_USER) : 0);
	const u32 cached = rights | PAGING_BIT(PAGING_CACHED);
	const struct {
		u64 address, bytes, page_bytes;
		u32 rights;
	} map[] = {
		{0, GUEST_RING, PAGING_2M, cached},
		{GUEST_RING, vm->memory_bytes - GUEST_RING, PAGING_4K, cached},
		{GUEST_FILL, vm->fill_bytes, PAGING_4K, cached},
		{GUEST_MMIO, GUEST_MMIO_SIZE, PAGING_4K, rights},
		{GUEST_APIC, PAGING_4K, PAGING_4K, rights},
	};
	struct paging paging;
	int err = paging_init(&paging, &paging_guest, vm->memory + GUEST_TABLES, GUEST_TABLES,
			      GUEST_TABLES_SIZE);

	for (u32 i = 0; !err && i < sizeof(map) / sizeof(map[0]); i++)
		err = paging_map(&paging, map[i].address, map[i].address, map[i].bytes,
				 map[i].page_bytes, map[i].rights);
	if (err)
		host_format(why, HV_WHY, "the guest's page tables do not fit their room (%u vCPUs)",
			    vm->config.vcpus);
	return err;
}

/*
 * Identity mapping of 4 GiB by pages of 4 MiB; the second-level tables decide what exists. Intel
 * SDM Vol. 3, "32-Bit Paging".
 */
static void tables32_build(struct hv_vm *vm)
{
	u32 *directory = (u32 *)(vm->memory + GUEST_TABLES);
	u32 bits = PDE_PRESENT | PDE_WRITE | PDE_LARGE | (vm->config.cpl == 3 ? PDE_USER : 0);

	for (u32 i = 0; i < 1024; i++)
		directory[i] = i << 22 | bits | (i << 22 >= GUEST_MMIO ? PDE_UNCACHED : 0);
}

int machine_build(struct hv_vm *vm, char *why)
{
	int err = image_load(vm, why);

	if (err)
		return err;
	gdt_build(vm);
	tss_build(vm);
	if (vm->config.mode == HV_MODE_32) {
		tables32_build(vm);
		return 0;
	}
	for (u32 vector = 0; vector < VECTORS; vector++)
		hv_set_gate(vm, vector, vm->header.vectors + vector * GUEST_STUB_SIZE);
	return tables_build(vm, why);
}

/* The differences of 32-bit mode. */
static void start_in_32(const struct hv_vcpu *vcpu, struct hv_start *start)
{
	start->rip = vcpu->vm->header.entry32;
	start->cr4 = CR4_PSE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	start->efer = 0;
	start->idt_limit = 0;
}

void hv_start_state(const struct hv_vcpu *vcpu, struct hv_start *start)
{
	const struct hv_config *config = &vcpu->vm->config;
	bool user = config->cpl == 3;
	struct hv_segment code = {
		.selector = user ? GUEST_USER_CS | RPL3 : GUEST_KERNEL_CS,
		.rights = code_rights(config) | (user ? RIGHTS_DPL3 : 0),
		.limit = ~0U,
	};
	/* KVM takes the CPL from SS, hardware from either: both must say the same. */
	struct hv_segment data = {
		.selector = user ? GUEST_USER_DS | RPL3 : GUEST_KERNEL_DS,
		.rights = RIGHTS_DATA | (user ? RIGHTS_DPL3 : 0),
		.limit = ~0U,
	};

	*start = (struct hv_start){
		.segment =
			{
				[HV_ES] = data,
				[HV_CS] = code,
				[HV_SS] = data,
				[HV_DS] = data,
				[HV_FS] = data,
				[HV_GS] = data,
				[HV_LDTR] = {.rights = HV_SEGMENT_UNUSABLE},
				[HV_TR] =
					{
						.selector =
							GUEST_TSS + vcpu->index * TSS_DESCRIPTOR,
						.rights = RIGHTS_TSS_BUSY,
						.limit = tss_limit(vcpu->index),
						.base = tss_of(vcpu->index),
					},
			},
		.gdt_base = GDT,
		.gdt_limit = GDT_LIMIT,
		.idt_base = IDT,
		.idt_limit = VECTORS * GATE_BYTES - 1,
		.cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG,
		.cr3 = GUEST_TABLES,
		.cr4 = CR4_PAE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT,
		.efer = EFER_SCE | EFER_LME | EFER_LMA,
		.rip = vcpu->vm->header.entry64,
		.rsp = stack_of(vcpu->index) + GUEST_STACK_SIZE,
		.rdi = GUEST_SHARED + vcpu->index * 0x1000ULL,
		.rflags = RFLAGS_FIXED | RFLAGS_IOPL3,
		/* SYSRET takes SS from bits 63:48 + 8 and CS from + 16. */
		.star = (u64)((GUEST_USER_DS - 8) | RPL3) << 48 | (u64)GUEST_KERNEL_CS << 32,
		.lstar = vcpu->vm->header.syscall,
		.sfmask = RFLAGS_TF | RFLAGS_IF | RFLAGS_DF,
	};
	if (config->mode == HV_MODE_32)
		start_in_32(vcpu, start);
}
