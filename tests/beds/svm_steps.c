// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * svm_steps IMAGE SVM_HANDLE HANDLER NRIP BYTES: counts the instructions of svm_handle in the image
 * for the #VMEXIT of an instruction (BYTES, in hexadecimal) by single-stepping it in a process. The
 * image is mapped at its link address, with a fake vCPU beside it. NRIP 1: the VMCB has nRIP; 0:
 * svm_handle decodes the instruction, in branches and loops that cannot be counted in the
 * disassembly.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../hv/svm/svm.h"

#define PAGE	  0x1000UL
#define MOST	  100000
#define GUEST_RIP (GUEST_IMAGE + 0x100)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Writable, too: some pages have both code and data. */
static void load_image(const char *path)
{
	static unsigned char file[16 << 20];
	FILE *in = fopen(path, "re");
	size_t bytes = in ? fread(file, 1, sizeof(file), in) : 0;
	const Elf64_Ehdr *elf = (const void *)file;
	const Elf64_Phdr *part = (const void *)(file + elf->e_phoff);

	if (bytes < sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] != ELFCLASS64)
		fail(path);
	fclose(in);
	for (int i = 0; i < elf->e_phnum; i++, part++) {
		size_t from = part->p_vaddr & ~(PAGE - 1);
		size_t end = (part->p_vaddr + part->p_memsz + PAGE - 1) & ~(PAGE - 1);

		if (part->p_type != PT_LOAD || !part->p_memsz)
			continue;
		if (mmap((void *)from, end - from, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			fail("mmap");
		memcpy((void *)part->p_vaddr, file + part->p_offset, part->p_filesz);
	}
}

static void *memory(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		fail("mmap");
	return pages;
}

/* A vCPU right after the expected exit. */
static struct svm_frame *made_up(u64 handler, bool nrip, const char *bytes)
{
	struct svm_vcpu *vcpu = memory(sizeof(*vcpu));
	struct hv_vcpu *hv = memory(PAGE);
	struct vmcb *vmcb = memory(sizeof(*vmcb));
	u32 length = strlen(bytes) / 2;

	hv->vm = memory(PAGE);
	hv->vm->memory_bytes = GUEST_IMAGE + GUEST_IMAGE_SIZE;
	hv->vm->memory = memory(hv->vm->memory_bytes);
	for (u32 i = 0; i < length; i++)
		sscanf(bytes + 2 * i, "%2hhx", &hv->vm->memory[GUEST_RIP + i]);
	vcpu->vm = memory(PAGE);
	vcpu->vcpu = hv;
	vcpu->vmcb = vcpu->frame.vmcb = vmcb;
	vcpu->frame.handler = (int (*)(struct svm_frame *))handler;
	vmcb->control.exit_code = vcpu->frame.batch.raw_reason = SVM_EXIT_CPUID;
	vmcb->control.next_rip = nrip ? GUEST_RIP + length : 0;
	vmcb->save.rip = GUEST_RIP;
	vmcb->save.efer = 0x1500;
	vmcb->save.cs.rights = 0xa9b;
	return &vcpu->frame;
}

int main(int argc, char **argv)
{
	struct user_regs_struct regs;
	struct svm_frame *frame;
	int (*handle)(struct svm_frame *);
	u64 stack = 0;
	u32 steps = 0;
	pid_t child;
	int status;

	if (argc != 6) {
		fprintf(stderr, "usage: svm_steps IMAGE SVM_HANDLE HANDLER NRIP BYTES\n");
		return 2;
	}
	load_image(argv[1]);
	handle = (int (*)(struct svm_frame *))strtoul(argv[2], NULL, 16);
	frame = made_up(strtoul(argv[3], NULL, 16), argv[4][0] == '1', argv[5]);
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(handle(frame));
	}
	waitpid(child, &status, 0);
	for (u32 all = 0; all < MOST; all++) {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL))
			fail("ptrace");
		waitpid(child, &status, 0);
		if (WIFEXITED(status) || ptrace(PTRACE_GETREGS, child, NULL, &regs))
			break;
		if (!stack && regs.rip == (u64)handle)
			stack = regs.rsp;
		else if (stack)
			steps++;
		if (stack && regs.rsp > stack) /* svm_handle has returned */
			break;
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (!steps || steps == MOST) {
		fprintf(stderr, "svm_steps: svm_handle did not come back\n");
		return 1;
	}
	printf("%u\n", steps);
	return 0;
}
