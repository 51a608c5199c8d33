/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a folder that comes from elsewhere and is not trusted. */
#ifndef RESULTS_INSIDE_H
#define RESULTS_INSIDE_H

/*
 * Opens the regular file `path`/`relative` for reading without following symbolic links below
 * `path`, so that the folder cannot have us read other files. FIFOs, devices and sockets are
 * refused and not opened, because opening one may block or act. A descriptor, or -errno and one
 * line in `why` (RUN_WHY bytes).
 */
int inside_open(const char *path, const char *relative, char *why);
/* The same without opening it: 0, or -errno and `why`. */
int inside_check(const char *path, const char *relative, char *why);

#endif
