// SPDX-License-Identifier: GPL-2.0-or-later
#include "findings.h"

#include "findings_list.h"

size_t findings_machine(struct finding *finding, size_t room)
{
	struct findings findings = {.finding = finding, .room = room};
	struct cpu cpu;

	cpu_read(&cpu);
	findings_kvm(&findings);
	findings_module(&findings, &cpu);
	findings_cpu(&findings);
	findings_system(&findings);
	return findings.count;
}
