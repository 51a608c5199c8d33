// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_names.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../results/compose.h"
#include "sysfs.h"

#define DMI "/sys/class/dmi/id/"

static json_t *host_name(void)
{
	struct utsname host;

	if (!uname(&host))
		return compose_text_or_null(host.nodename);
	sysfs_add_unread("uname", errno);
	return json_null();
}

/*
 * machine-id(5) asks for a hash in its place, with something of the application's own. 128 bits of
 * it stay, as many as the id has.
 */
static json_t *machine_id(void)
{
	char id[64], text[128], hex[SHA256_DIGEST_STRING_LENGTH];

	if (!sysfs_text(id, sizeof(id), "/etc/machine-id") || strlen(id) != 32)
		return json_null();
	snprintf(text, sizeof(text), "exitstorm machine %s", id);
	SHA256Data((const u_int8_t *)text, strlen(text), hex);
	hex[32] = '\0';
	return compose_text(hex);
}

/* Clouds whose product name is the instance type. */
static const char *const typed_vendors[] = {"Amazon EC2"};

static json_t *instance_type(void)
{
	char vendor[128];

	if (!sysfs_text(vendor, sizeof(vendor), DMI "sys_vendor"))
		return json_null();
	for (size_t i = 0; i < sizeof(typed_vendors) / sizeof(*typed_vendors); i++)
		if (!strcmp(vendor, typed_vendors[i]))
			return sysfs_json(DMI "product_name");
	return json_null();
}

void host_names_add(json_t *host, bool anonymous)
{
	compose_set(host, "name", anonymous ? json_null() : host_name());
	compose_set(host, "machine_id", anonymous ? json_null() : machine_id());
	compose_set(host, "dmi",
		    compose_pack("{so so so so}", "vendor", sysfs_json(DMI "sys_vendor"), "product",
				 sysfs_json(DMI "product_name"), "board",
				 sysfs_json(DMI "board_name"), "bios",
				 sysfs_json(DMI "bios_version")));
	compose_set(host, "instance_type", instance_type());
}
