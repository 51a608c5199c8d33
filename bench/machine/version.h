/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Makefile defines both; these are defaults for builds without it. */
#ifndef BENCH_MACHINE_VERSION_H
#define BENCH_MACHINE_VERSION_H

#ifndef EXITSTORM_VERSION
#define EXITSTORM_VERSION "0"
#endif
#ifndef EXITSTORM_COMMIT
#define EXITSTORM_COMMIT "unknown"
#endif

#endif
