/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume.json: what an interrupted run was asked for, and on which machine. */
#ifndef BENCH_SESSION_RESUME_FILE_H
#define BENCH_SESSION_RESUME_FILE_H

#include "session_state.h"

#define RESUME_NAME "resume.json"

/* Writes the file into the session's folder. -errno and why (RUN_WHY bytes, as below). */
int resume_file_write(const struct session *session, char *why);
/* Reads it: a new reference. -errno and why. The folder may come from anywhere. */
int resume_file_read(const char *folder, json_t **json, char *why);
/* Fills in the session. -EPROTO: another build wrote it. -EBADMSG: damaged. */
int resume_file_apply(struct session *session, const json_t *json, char *why);
/* A member that is a string; "": there is none. */
const char *resume_file_text(const json_t *json, const char *key);

#endif
