// SPDX-License-Identifier: GPL-2.0-or-later
#include "anonymous.h"

#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Does the text contain `word` as a whole word? */
static bool has_word(const char *text, const char *word)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t length = strlen(word);

	for (const char *at = text; length > 1 && (at = strstr(at, word)); at++)
		if ((at == text || !strchr(letters, at[-1])) &&
		    (!at[length] || !strchr(letters, at[length])))
			return true;
	return false;
}

static bool is_personal(const char *text)
{
	const struct passwd *user = getpwuid(getuid());
	struct utsname host;

	if (strstr(text, "/home/") || strstr(text, "/root/") || strstr(text, "/tmp/"))
		return true;
	if (!uname(&host) && has_word(text, host.nodename))
		return true;
	return user && user->pw_uid && has_word(text, user->pw_name);
}

static void strip(json_t *value)
{
	const char *key;
	json_t *member;
	size_t index;

	if (json_is_string(value) && is_personal(json_string_value(value)))
		json_string_set(value, "(left out)");
	json_object_foreach (value, key, member)
		strip(member);
	json_array_foreach (value, index, member)
		strip(member);
}

/*
 * Names of kinds, settings and targets stay, even if the host has the same name. Free text that may
 * name a person is in reasons, in the host's description, and in members that this version does not
 * know.
 */
void archive_strip(json_t *json)
{
	static const char *const kept[] = {"schema",   "tool",	   "started", "target",
					   "settings", "controls", "plan",    "storms"};
	json_t *host = json_object_get(json, "host"), *value;
	const char *key;
	size_t index;

	if (json_object_get(host, "cmdline"))
		json_object_set_new(host, "cmdline", json_null());
	/* The user chose the name of an imported capture. */
	if (json_object_get(json, "imported"))
		json_object_set_new(json, "imported", json_string("(left out)"));
	json_object_foreach (json, key, value) {
		bool keep = false;

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			keep |= !strcmp(key, kept[i]);
		if (!keep)
			strip(value);
	}
	json_array_foreach (json_object_get(json, "storms"), index, value)
		strip(json_object_get(value, "why"));
}
