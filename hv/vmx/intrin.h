/* SPDX-License-Identifier: GPL-2.0-or-later OR MIT */
/*
 * The VMX instructions as intrinsics for GCC and Clang, with the names and the contract of those
 * of Microsoft's compiler. One header, C and C++, 32-bit and 64-bit, no other file needed.
 *
 * Those that return unsigned char return
 *   0  the operation succeeded
 *   1  it failed; the VM-instruction error field (0x4400) of the current VMCS has the reason
 *   2  it failed without a status (there is no current VMCS)
 * which is VMsucceed, VMfailValid and VMfailInvalid (Intel SDM Vol. 3, "VMX Instruction
 * Reference", "Conventions"). All need CPL 0; outside VMX operation all but __vmx_on raise #UD.
 *
 * After a successful VM entry the guest runs, and the VM exit continues at HOST_RIP with HOST_RSP:
 * __vmx_vmlaunch and __vmx_vmresume return only if the entry failed early. They return 0 only if
 * the code at HOST_RIP does so for them.
 */
#ifndef EXITSTORM_VMX_INTRIN_H
#define EXITSTORM_VMX_INTRIN_H

#if !defined(__x86_64__) && !defined(__i386__)
#error "VMX exists on x86 only"
#endif

/* GCC and Clang predefine __SIZE_TYPE__: it is size_t, also where there is no <stddef.h>. */

/* ZF: VMfailValid; CF: VMfailInvalid. */
#define EXITSTORM_VMX_STATUS(error, invalid) ((unsigned char)((invalid) ? 2 : (error)))

/* Enters VMX operation. *vmxon_region: physical address, 4 KiB-aligned, revision in its first word.
 */
static inline unsigned char __vmx_on(unsigned long long *vmxon_region)
{
	unsigned char error, invalid;

	__asm__ volatile("vmxon %2"
			 : "=@ccz"(error), "=@ccc"(invalid)
			 : "m"(*vmxon_region)
			 : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Leaves VMX operation. */
static inline void __vmx_off(void)
{
	__asm__ volatile("vmxoff" : : : "cc", "memory");
}

/* Writes a VMCS to memory and makes its launch state clear; it is then not active, nor current. */
static inline unsigned char __vmx_vmclear(unsigned long long *vmcs)
{
	unsigned char error, invalid;

	__asm__ volatile("vmclear %2" : "=@ccz"(error), "=@ccc"(invalid) : "m"(*vmcs) : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Makes a VMCS active and current. */
static inline unsigned char __vmx_vmptrld(unsigned long long *vmcs)
{
	unsigned char error, invalid;

	__asm__ volatile("vmptrld %2" : "=@ccz"(error), "=@ccc"(invalid) : "m"(*vmcs) : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Stores the address of the current VMCS; all ones: there is none. */
static inline void __vmx_vmptrst(unsigned long long *vmcs)
{
	__asm__ volatile("vmptrst %0" : "=m"(*vmcs) : : "cc");
}

/* Reads a field of the current VMCS. *value is written only on success. */
static inline unsigned char __vmx_vmread(__SIZE_TYPE__ field, __SIZE_TYPE__ *value)
{
	unsigned char error, invalid;
	__SIZE_TYPE__ read;

	__asm__ volatile("vmread %3, %2"
			 : "=@ccz"(error), "=@ccc"(invalid), "=r"(read)
			 : "r"(field)
			 : "memory");
	if (!error && !invalid)
		*value = read;
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Writes a field of the current VMCS. */
static inline unsigned char __vmx_vmwrite(__SIZE_TYPE__ field, __SIZE_TYPE__ value)
{
	unsigned char error, invalid;

	__asm__ volatile("vmwrite %3, %2"
			 : "=@ccz"(error), "=@ccc"(invalid)
			 : "r"(field), "rm"(value)
			 : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Enters the guest of the current VMCS, whose launch state must be clear. */
static inline unsigned char __vmx_vmlaunch(void)
{
	unsigned char error, invalid;

	__asm__ volatile("vmlaunch" : "=@ccz"(error), "=@ccc"(invalid) : : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Enters the guest of the current VMCS, whose launch state must be launched. */
static inline unsigned char __vmx_vmresume(void)
{
	unsigned char error, invalid;

	__asm__ volatile("vmresume" : "=@ccz"(error), "=@ccc"(invalid) : : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

enum { INVEPT_SINGLE_CONTEXT = 1, INVEPT_ALL_CONTEXTS = 2 };

struct invept_descriptor {
	unsigned long long eptp, reserved; /* reserved: 0 */
};

enum {
	INVVPID_ADDRESS = 0,
	INVVPID_SINGLE_CONTEXT = 1,
	INVVPID_ALL_CONTEXTS = 2,
	INVVPID_RETAIN_GLOBALS = 3
};

struct invvpid_descriptor {
	unsigned long long vpid; /* bits 63:16: 0 */
	unsigned long long linear_address;
};

/* Invalidates what is cached of guest-physical and combined mappings. */
static inline unsigned char invept(__SIZE_TYPE__ type, const struct invept_descriptor *descriptor)
{
	unsigned char error, invalid;

	__asm__ volatile("invept %2, %3"
			 : "=@ccz"(error), "=@ccc"(invalid)
			 : "m"(*descriptor), "r"(type)
			 : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

/* Invalidates what is cached of linear and combined mappings of a VPID. */
static inline unsigned char invvpid(__SIZE_TYPE__ type, const struct invvpid_descriptor *descriptor)
{
	unsigned char error, invalid;

	__asm__ volatile("invvpid %2, %3"
			 : "=@ccz"(error), "=@ccc"(invalid)
			 : "m"(*descriptor), "r"(type)
			 : "memory");
	return EXITSTORM_VMX_STATUS(error, invalid);
}

#endif
