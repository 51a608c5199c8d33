/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up machine whose CPUID and MSRs are made up, too. */
#ifndef TESTS_UNIT_MADE_UP_CPUID_H
#define TESTS_UNIT_MADE_UP_CPUID_H

#include "machine_folder.h"

#include <fcntl.h>

#include "../../bench/machine/cpuid.h"
#include "../../bench/machine/hypervisor.h"

#define VIRTUAL                         \
	{                               \
		1, 0,                   \
		{                       \
			.ecx = 1U << 31 \
		}                       \
	}
#define SIGNED(leaf_, max, a, b, c)  \
	{                            \
		leaf_, 0,            \
		{                    \
			max, a, b, c \
		}                    \
	}

/* Registers of the signatures, as the sources of hypervisors.def have them. */
#define KVM(base, max)	  SIGNED(base, max, 0x4b4d564b, 0x564b4d56, 0x4d)
#define HYPERV(max)	  SIGNED(0x40000000, max, 0x7263694d, 0x666f736f, 0x76482074)
#define XEN(base, max)	  SIGNED(base, max, 0x566e6558, 0x65584d4d, 0x4d4d566e)
#define VMWARE(base, max) SIGNED(base, max, 0x61774d56, 0x4d566572, 0x65726177)

#define pretend(...)                                                        \
	do {                                                                \
		static const struct cpuid_answer made_up[] = {__VA_ARGS__}; \
		cpuid_pretend(made_up, sizeof(made_up) / sizeof(*made_up)); \
	} while (0)

static inline int remove_all(void **state)
{
	cpuid_pretend(NULL, 0);
	return remove_machine(state);
}

#define on_a_vm(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_all)

#define MAX_LEAF(max)                \
	{                            \
		0, 0,                \
		{                    \
			max, 0, 0, 0 \
		}                    \
	}
#define TDX                                                   \
	{                                                     \
		0x21, 0,                                      \
		{                                             \
			0, 0x65746e49, 0x20202020, 0x5844546c \
		}                                             \
	}

/* An MSR as /dev/cpu/0/msr gives it: 8 bytes at the offset of its number. */
static inline void put_msr(unsigned int msr, unsigned long long value)
{
	char path[PATH_MAX];
	int fd;

	put("/dev/cpu/0/msr", "");
	fd = open(sysfs_path(path, sizeof(path), "/dev/cpu/0/msr"), O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &value, sizeof(value), msr), sizeof(value));
	close(fd);
}

#endif
