// SPDX-License-Identifier: GPL-2.0-or-later
#include "error.h"

#include <errno.h>
#include <string.h>

#include "../hv.h"
#include "../host.h"

int kvm_failed(char *why, const char *what)
{
	int error = errno;

	host_format(why, HV_WHY, "%s failed: %s", what, strerror(error));
	return error ? -error : -EIO;
}
