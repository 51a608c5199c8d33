// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In place nothing counts exits. Why an operation is believed to exit: because the architecture has
 * no other execution of it in a guest, or because it took longer than it can without an exit.
 */
#include "../../hv/cpu.h"
#include "../../hv/host.h"
#include "../../trace/clock_check.h"
#include "measure.h"

/* A core may run at half the rate that it had in evidence_begin. */
#define SLOWER 2

void evidence_begin(struct measurement *m)
{
	struct clock_readings readings;

	clock_read(&readings);
	/* A chain of ADDs takes a cycle each; the stamps around it, CLOCK_NONE. */
	m->cycles = readings.of[CLOCK_ADD].min - readings.of[CLOCK_NONE].min;
	if (readings.of[CLOCK_ADD].min <= readings.of[CLOCK_NONE].min)
		m->cycles = 0;
}

/* The middle of the median's bucket; 0: no values. */
static u64 median(const struct histogram *histogram)
{
	u64 seen = 0;

	if (!histogram || !histogram->count)
		return 0;
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (2 * seen >= histogram->count)
			return histogram_low(i, HISTOGRAM_SUB_BITS) +
			       histogram_width(i, HISTOGRAM_SUB_BITS) / 2;
	}
	return 0;
}

/* Of undisturbed records, or of all where there are none. */
static u64 leg_median(const struct measurement *m, enum leg leg)
{
	const struct leg_histograms *histograms = &m->fold.leg[leg];
	u64 clean = median(histograms->clean);

	return clean ? clean : median(histograms->disturbed);
}

/* With stamps the operation alone, else the loop: both are known of the control, too. */
static void compare(struct measurement *m)
{
	struct storm_result *result = &m->result;

	result->cost = leg_median(m, LEG_ROUND_TRIP);
	result->cost_control = result->control_round_trip;
	if (result->cost)
		return;
	result->cost = leg_median(m, LEG_PERIOD);
	result->cost_control =
		result->control_operations ? result->control_ticks / result->control_operations : 0;
}

/* Not where a hypervisor hides: the cost alone shows it there. */
static bool is_vm(void)
{
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	return leaf[2] >> 31;
}

/* QEMU's TCG: it has no exits, and its times tell nothing. */
static bool is_emulated(void)
{
	static const char tcg[] = "TCGTCGTCGTCG";
	u32 leaf[4];

	cpu_cpuid(0x40000000, 0, leaf);
	return is_vm() && !__builtin_memcmp(&leaf[1], tcg, sizeof(tcg) - 1);
}

static bool always_exits(const struct storm *storm)
{
	u32 vendor[4];

	cpu_cpuid(0, 0, vendor);
	/* EBX of "GenuineIntel"; "AuthenticAMD" and "HygonGenuine" (Hygon's CPUs have SVM). */
	if (vendor[1] == 0x756e6547)
		return storm->exits & EXITS_VMX;
	if (vendor[1] == 0x68747541 || vendor[1] == 0x6f677948)
		return storm->exits & EXITS_SVM;
	return false;
}

enum evidence evidence_possible(const struct storm *storm)
{
	if (always_exits(storm))
		return EVIDENCE_ARCHITECTURE;
	return storm->native_cycles ? EVIDENCE_COST : EVIDENCE_UNKNOWN;
}

static enum evidence evidence_of(const struct measurement *m)
{
	if (is_emulated())
		return EVIDENCE_UNKNOWN;
	if (is_vm() && always_exits(m->runner->storm))
		return EVIDENCE_ARCHITECTURE;
	if (m->result.threshold && m->result.cost > m->result.threshold)
		return EVIDENCE_COST;
	return EVIDENCE_UNKNOWN;
}

static void explain(struct measurement *m)
{
	struct storm_result *result = &m->result;

	if (is_emulated())
		host_format(result->why, sizeof(result->why),
			    "operation, exit not proven: an emulated CPU has none");
	else if (result->threshold)
		host_format(result->why, sizeof(result->why),
			    "operation, exit not proven: up to %llu ticks can be without an exit",
			    (unsigned long long)result->threshold);
	else
		host_format(
			result->why, sizeof(result->why),
			"operation, exit not proven: no bound is known of its time without one");
}

void evidence_decide(struct measurement *m)
{
	const struct storm *storm = m->runner->storm;
	struct storm_result *result = &m->result;

	compare(m);
	if (storm->native_cycles && m->cycles)
		result->threshold = result->cost_control +
				    SLOWER * storm->native_cycles * m->cycles / CLOCK_LENGTH;
	result->evidence = evidence_of(m);
	if (result->evidence != EVIDENCE_UNKNOWN || storm->needs & BASELINE)
		return;
	result->status = STORM_NO_EXIT;
	explain(m);
}
