/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backend that runs the guest's loops in this process. */
#ifndef HV_PROCESS_PROCESS_H
#define HV_PROCESS_PROCESS_H

#include "../backend.h"

/* One VM at a time, because the loops have a fixed address. */
extern const struct hv_backend hv_process;

#endif
