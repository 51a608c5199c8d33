/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ANALYSIS_OUTPUT_REPLACE_FILE_H
#define ANALYSIS_OUTPUT_REPLACE_FILE_H

/*
 * Writes all that can be read from `from` to `out`, the one way to write an output. A regular file
 * is replaced by a rename once its content is complete and on the disk: a new one gets the mode
 * that the umask gives, one that is there keeps its owner and mode. Of a symbolic link the target
 * is replaced. Written to in place are devices, pipes, mount points (bind mounts), and files in a
 * folder where no file can be made. "-" is stdout. 0 or -errno.
 */
int replace_file(int from, const char *out);
/*
 * The same for one that must not wait for a FIFO's reader: -ENXIO if there is none, -EAGAIN if it
 * does not read for a second.
 */
int replace_file_at_once(int from, const char *out);

#endif
