/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system call by which faults.so tells inject that main() begins. */
#ifndef TESTS_FAULTS_FAULTS_H
#define TESTS_FAULTS_FAULTS_H

#define FAULT_MARK 0x66617573 /* of prctl() */

#endif
