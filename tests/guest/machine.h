/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of hv on the real /dev/kvm share: a machine that runs hv_guest.S, of each of four
 * kinds (CPL 0 or 3, with or without irqchip).
 */
#ifndef TESTS_GUEST_MACHINE_H
#define TESTS_GUEST_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../hv/backend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { OPERATIONS = 200 };

struct kind {
	u8 cpl;
	bool irqchip;
};

/* A VM, its vCPU 0, and what the last hv_run said. */
struct machine {
	struct hv_vm *vm;
	struct hv_vcpu *vcpu;
	struct hv_exit exit;
	char why[HV_WHY];
};

/* hv_guest.S; guest_address: where one of its labels is in the guest. */
extern u8 hv_guest[], hv_guest_end[], hv_guest_ud2[], hv_guest_hang[], hv_guest_handler[];
u64 guest_address(const u8 *label);

struct hv_config config_of(const struct kind *kind);
/* Fails the test, and says why, unless err is 0. */
void must(int err, const char *why);
/* Up, and waiting for its first batch. boot_kind: of a test's state. */
void boot(struct machine *machine, const struct hv_config *config);
void boot_kind(struct machine *machine, void **state);

/* What is to run next: `batch` operations of a body of hv_guest.S. */
struct guest_shared *ask(struct machine *machine, const char *body, u32 batch);
int run(struct machine *machine, struct hv_loop loop);
/* A loop that expects `count` exits for I/O. */
struct hv_loop io(struct machine *machine, u32 count, bool stamped);

/* A test's row in its table: on one kind of machine, or on each. */
extern struct kind kinds[];
enum { CPL0, CPL0_IRQCHIP, CPL3, CPL3_IRQCHIP };
#define ROW(test, kind)                                              \
	{                                                            \
#test " (" #kind ")", test, NULL, NULL, &kinds[kind] \
	}
#define EACH(test) \
	ROW(test, CPL0), ROW(test, CPL0_IRQCHIP), ROW(test, CPL3), ROW(test, CPL3_IRQCHIP)

/*
 * main's: whether there is a KVM (if not, says that all is skipped); sets up TAP and a time limit.
 */
bool machine_ready(void);

#endif
