/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privileges of this process, for explanations of what was refused. */
#ifndef TRACE_PRIVILEGE_H
#define TRACE_PRIVILEGE_H

#include <stdbool.h>

enum { CAP_SYS_ADMIN = 21, CAP_PERFMON = 38, CAP_BPF = 39 };

/* An effective capability (CAP_SYS_ADMIN includes the other two). */
bool privilege_has(int capability);
/* True in a rootless container: its capabilities are not those of the host. */
bool privilege_in_user_namespace(void);
/* Which part of the system may refuse a call that capabilities allow. */
const char *privilege_filter(void);

#endif
