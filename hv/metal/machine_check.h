/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HV_METAL_MACHINE_CHECK_H
#define HV_METAL_MACHINE_CHECK_H

/* Once, for all CPUs: #MC prints the banks and ends the image. */
void machine_check_init(void);

#endif
