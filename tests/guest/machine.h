/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the tests of hv on the real /dev/kvm: a VM that runs hv_guest.S, of each of four kinds
 * (CPL 0 or 3, with or without irqchip).
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

/* A VM, its vCPU 0, and the results of the last hv_run. */
struct machine {
	struct hv_vm *vm;
	struct hv_vcpu *vcpu;
	struct hv_exit exit;
	char why[HV_WHY];
};

/* hv_guest.S. guest_address: the guest address of one of its labels. */
extern u8 hv_guest[], hv_guest_end[], hv_guest_ud2[], hv_guest_hang[], hv_guest_handler[];
u64 guest_address(const u8 *label);

struct hv_config config_of(const struct kind *kind);
/* Fails the test with the message, unless err is 0. */
void must(int err, const char *why);
/* Boots a VM up to its first batch. boot_kind: of the kind in a test's state. */
void boot(struct machine *machine, const struct hv_config *config);
void boot_kind(struct machine *machine, void **state);

/* Sets the next batch: `batch` operations of a body of hv_guest.S. */
struct guest_shared *ask(struct machine *machine, const char *body, u32 batch);
int run(struct machine *machine, struct hv_loop loop);
/* A loop that expects `count` exits for I/O. */
struct hv_loop io(struct machine *machine, u32 count, bool stamped);

/* A test's rows in the table: for one kind of VM, or for each. */
extern struct kind kinds[];
enum { CPL0, CPL0_IRQCHIP, CPL3, CPL3_IRQCHIP };
#define ROW(test, kind)                                              \
	{                                                            \
#test " (" #kind ")", test, NULL, NULL, &kinds[kind] \
	}
#define EACH(test) \
	ROW(test, CPL0), ROW(test, CPL0_IRQCHIP), ROW(test, CPL3), ROW(test, CPL3_IRQCHIP)

/*
 * For main(): sets up TAP and the time limit. False without a usable KVM, after printing the skip.
 */
bool machine_ready(void);

#endif
