/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Makefile knows them; a build without it has no commit to name. */
#ifndef BENCH_MACHINE_VERSION_H
#define BENCH_MACHINE_VERSION_H

#ifndef EXITSTORM_VERSION
#define EXITSTORM_VERSION "0"
#endif
#ifndef EXITSTORM_COMMIT
#define EXITSTORM_COMMIT "unknown"
#endif

#endif
