/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run described in words, for titles, captions and the methods paragraph. All functions that take
 * `text` write at most `size` bytes and return `text`; values that the run does not have are left
 * out.
 */
#ifndef ANALYSIS_DESCRIBE_DESCRIBE_H
#define ANALYSIS_DESCRIBE_DESCRIBE_H

#include "../../results/run.h"

/* The number at a path of run.json; NAN: there is none. */
double describe_number(const struct run *run, const char *path);
/* TSC ticks per second; 0: not known, or the ticks are not time (an emulator's). */
double describe_hz(const struct run *run);
/* Are rates of two runs one, but for the error with which each run measured it? */
bool describe_same_rate(double hz, double other);
bool describe_emulated(const struct run *run);
/*
 * CPUs that other load and steal time took during the run: of the measured CPUs and their siblings,
 * or of the whole machine if the run does not have theirs. NAN: the run has neither.
 */
double describe_others(const struct run *run);
/* Other load took so much that it may have changed the run's figures. */
bool describe_busy(const struct run *run);

/*
 * A name of the boot in which the run was made. Each run of bare metal boots the image anew. "":
 * not known.
 */
const char *describe_boot(const struct run *run);

/* The folder's own name. */
char *describe_name(const struct run *run, char *text, size_t size);
/* "Intel Xeon Platinum 8481C (06-8f-08), under Xen" */
char *describe_host(const struct run *run, char *text, size_t size);
/* "TSC at 2.300 GHz", "EMULATED: one tick is one instruction" */
char *describe_clock(const struct run *run, char *text, size_t size);
/* "n = 10,000 x 5 repeats, 2 vCPUs" */
char *describe_plan(const struct run *run, char *text, size_t size);
/*
 * "INTERRUPTED at 2026-11-27T09:30:00Z: 3 of 12 storms are complete, 40 of 60 repeats",
 * "INCOMPLETE: ..."; "": the run is complete
 */
char *describe_incomplete(const struct run *run, char *text, size_t size);
/* "was interrupted, and resumed at 2026-11-27T09:31:00Z after a reboot"; "": was not */
char *describe_resumed(const struct run *run, char *text, size_t size);
/* "kernel's stamps: kvm_exit, kvm_entry; ktime, +-100 ticks"; "": the run has none */
char *describe_kernel(const struct run *run, char *text, size_t size);
/* "cpl=3 stamps=off"; "": all are "auto" */
char *describe_settings(const struct run *run, char *text, size_t size);

/*
 * The leg that stands for a storm: the round trip, else the leg that it has in its place. LEGS: the
 * storm has no figure.
 */
enum leg describe_main_leg(const struct run_storm *storm);
bool describe_has(const struct run_storm *storm, enum leg leg);
bool describe_measured(const struct run_storm *storm);
/* Ticks of the control loop, measured as the storm's main leg was; NAN: not known. */
double describe_control(const struct run_storm *storm);

#endif
