// SPDX-License-Identifier: GPL-2.0-or-later
/* Bare metal as platform of bench/agent: the serial line, other CPUs. */
#include "../../hv/backend.h"
#include "../../hv/metal/metal.h"
#include "../agent/agent.h"

void agent_put(const void *data, u32 bytes)
{
	serial_write(data, bytes);
}

static volatile u8 line_lock;

void agent_line_lock(void)
{
	while (__atomic_test_and_set(&line_lock, __ATOMIC_ACQUIRE))
		agent_relax();
}

void agent_line_unlock(void)
{
	__atomic_clear(&line_lock, __ATOMIC_RELEASE);
}

bool agent_stopped(void)
{
	return false;
}

void agent_relax(void)
{
	__asm__ volatile("pause");
}

void agent_wake(void *vm, u32 vcpu)
{
	hv_kick(hv_vcpu(vm, vcpu));
	metal_cpu_poke(vcpu); /* it may run without exits */
}

void agent_cpu_run(u32 cpu, void (*run)(void *arg), void *arg)
{
	metal_cpu_run(cpu, run, arg);
}

void agent_cpu_wait(u32 cpu)
{
	metal_cpu_wait(cpu);
}
