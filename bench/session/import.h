/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `exitstorm import`: makes a run of the serial output of an image. */
#ifndef BENCH_SESSION_IMPORT_H
#define BENCH_SESSION_IMPORT_H

/*
 * *folder: the run's (allocated), NULL: one below the default folder; replaced by the one that the
 * run got. 0 or -errno and why (RUN_WHY bytes). On success `incomplete` (RUN_WHY bytes) is "", or
 * says which frames are missing: the run is there, without figures of the storms concerned.
 */
int import_capture(const char *file, char **folder, char *incomplete, char *why);

#endif
