/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An aggregate of the fake trace, in a folder of its own: set-up of tests of the tracer. */
#ifndef TESTS_UNIT_FAKE_AGGREGATE_H
#define TESTS_UNIT_FAKE_AGGREGATE_H

#include "folder.h"

#include <errno.h>
#include <sys/syscall.h>

#include "fake_trace.h"

#define SECOND 1000000000ULL

/* Raw reasons: SVM, SVM, KVM. */
enum { CPUID_SVM = 0x72, NPF = 0x400, KVM_IO = 2 };

static struct aggregate aggregate;

static inline int setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	aggregate =
		(struct aggregate){.trace = &fake, .updated = 100 * SECOND, .wants_exits = true};
	return folder_make(state);
}

static inline int teardown(void **state)
{
	aggregate_free(&aggregate);
	return folder_remove(state);
}

/* A vCPU whose thread exists: the one that runs the test. */
static inline struct traced_slot *thread_here(u16 number, u64 vm, s32 vcpu)
{
	return fake_thread(number, getpid(), syscall(SYS_gettid), vm, vcpu, 100 * SECOND);
}

static inline void look(u64 at_s)
{
	assert_int_equal(aggregate_update(&aggregate, at_s * SECOND), 0);
}

/* An exit of the thread. */
static inline void seen(u16 slot)
{
	fake_histogram(slot, TRACE_KVM, TRACE_AFTER, KVM_IO, 0)->exits = 1;
}

#endif
