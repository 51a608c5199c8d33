/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of perf events: its limits, and the sides that each event is counted on. */
#ifndef TRACE_COUNTER_LIST_H
#define TRACE_COUNTER_LIST_H

#define COUNTERS_MAX  16  /* events of a list */
#define COUNTERS_NAME 64  /* bytes of an event's name, with the 0 */
#define COUNTERS_WHY  256 /* bytes of `why` */

enum counter_side { COUNTER_HOST, COUNTER_GUEST, COUNTER_BOTH, COUNTER_SIDES };
extern const char *const counter_side_name[COUNTER_SIDES]; /* counter_event.c */

#endif
