// SPDX-License-Identifier: GPL-2.0-or-later
#include "resume_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../results/fields.h"
#include "../../results/inside.h"
#include "../machine/environment.h"
#include "../machine/sysfs.h"
#include "../machine/version.h"
#include "../plan/plan_json.h"
#include "../targets/registry.h"

#define SCHEMA	  "exitstorm-resume/1"
#define MAX_BYTES (4 << 20)

static int no_memory(char *why)
{
	return why_say(why, -ENOMEM, "no memory");
}

/* Writing */

static json_t *storms_json(const struct session *session)
{
	json_t *array = json_array();

	for (u32 i = 0; i < session->storms; i++)
		compose_add(array, compose_text(session->storm[i]->name));
	return array;
}

static json_t *variants_json(const struct session *session)
{
	json_t *array = json_array();

	for (u32 i = 0; i < session->variants; i++) {
		const struct variant *variant = &session->variant[i];

		compose_add(array,
			    compose_pack("{s:o, s:o, s:o}", "folder", compose_text(variant->name),
					 "plan", plan_json(&variant->plan), "settings",
					 settings_json(&variant->plan, session->target->bit)));
	}
	return array;
}

/* null for an anonymous run: it would tell that two runs are of one machine. */
static json_t *boot_json(bool anonymous)
{
	return anonymous ? json_null() : sysfs_json(ENVIRONMENT_BOOT_ID);
}

static json_t *labels_json(const struct session *session)
{
	return session->labels ? json_incref(session->labels) : json_object();
}

static json_t *resume_json(const struct session *session)
{
	return compose_pack(
		"{s:s, s:{s:s, s:s}, s:s, s:b, s:s, s:o, s:s, s:O, s:o, s:O, s:o, s:o, s:O, s:f}",
		"schema", SCHEMA, "tool", "version", EXITSTORM_VERSION, "commit", EXITSTORM_COMMIT,
		"target", session->target->name, "anonymous", (int)session->anonymous, "id",
		session->id, "labels", labels_json(session), "started", session->started, "host",
		session->host, "boot", boot_json(session->anonymous), "in_turn", session->in_turn,
		"storms", storms_json(session), "variants", variants_json(session), "resumed",
		session->resumed, "until", session->until);
}

/* As a whole or not at all: a process that is killed leaves the one before. */
int resume_file_write(const struct session *session, char *why)
{
	char path[PATH_MAX], new[PATH_MAX];
	const char *folder = session->folder.temporary.path;
	json_t *json = resume_json(session);
	int err;

	if (snprintf(path, sizeof(path), "%s/" RESUME_NAME, folder) >= (int)sizeof(path) ||
	    snprintf(new, sizeof(new), "%s/" RESUME_NAME ".new", folder) >= (int)sizeof(new)) {
		json_decref(json);
		return why_say(why, -ENAMETOOLONG, "%s: the path is too long", why_path(folder));
	}
	unlink(new);
	err = compose_write(json, new, JSON_INDENT(2));
	if (err)
		why_say(why, err, "%s: cannot be written: %s", why_path(new), strerror(-err));
	json_decref(json);
	if (!err)
		err = run_sync(new, why);
	if (!err && rename(new, path))
		err = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	return err;
}

/* Reading: the folder may come from elsewhere. */

static int damaged(char *why, const char *what)
{
	return why_say(why, -EBADMSG, RESUME_NAME ": %s", what);
}

int resume_file_read(const char *folder, json_t **json, char *why)
{
	int fd = inside_open(folder, RESUME_NAME, why), err = 0;
	json_error_t at;
	struct stat stat;
	char *text;
	FILE *file;
	size_t got;

	if (fd < 0)
		return fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return no_memory(why);
	}
	text = malloc(MAX_BYTES);
	if (!text || fstat(fd, &stat)) {
		fclose(file);
		free(text);
		return no_memory(why);
	}
	got = fread(text, 1, MAX_BYTES, file);
	if (ferror(file) || got == MAX_BYTES)
		err = damaged(why, got == MAX_BYTES ? "is too large" : "cannot be read");
	fclose(file);
	if (!err)
		err = field_check_text(text, got, why);
	*json = err ? NULL : json_loadb(text, got, JSON_REJECT_DUPLICATES, &at);
	free(text);
	return err || *json ? err : damaged(why, at.text);
}

const char *resume_file_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

/* The tool that wrote it must be this one: numbers of storms and what they do may differ. */
static int check_tool(const json_t *json, char *why)
{
	const json_t *tool = json_object_get(json, "tool");

	if (strcmp(resume_file_text(json, "schema"), SCHEMA))
		return damaged(why, "does not say that it is of an interrupted run");
	if (!strcmp(resume_file_text(tool, "version"), EXITSTORM_VERSION) &&
	    !strcmp(resume_file_text(tool, "commit"), EXITSTORM_COMMIT))
		return 0;
	return why_say(why, -EPROTO, "the run is of exitstorm %.40s (%.60s), this is %s (%s)",
		       resume_file_text(tool, "version"), resume_file_text(tool, "commit"),
		       EXITSTORM_VERSION, EXITSTORM_COMMIT);
}

static int read_storms(struct session *session, const json_t *list, char *why)
{
	const json_t *name;
	size_t i;

	session->storm = calloc(storm_count, sizeof(*session->storm));
	if (!session->storm)
		return no_memory(why);
	json_array_foreach ((json_t *)list, i, name) {
		const char *text = json_string_value(name);
		const struct storm *storm = text ? storm_find(text) : NULL;

		if (!storm || (session->storms && storm <= session->storm[session->storms - 1]))
			return damaged(why, "names a storm that there is not, or twice");
		session->storm[session->storms++] = storm;
	}
	return session->storms ? 0 : damaged(why, "names no storm");
}

/* A name that cannot lead out of the folder. */
static bool name_valid(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < 256;
}

static int read_variant(struct session *session, const json_t *json, bool only, char *why)
{
	struct variant *variant = &session->variant[session->variants];
	const json_t *folder = json_object_get(json, "folder");
	char text[HV_WHY];

	if (only ? !json_is_null(folder)
		 : !json_is_string(folder) || !name_valid(json_string_value(folder)))
		return damaged(why, "names an impossible folder");
	if (plan_from_json(&variant->plan, session->target->bit, json_object_get(json, "plan"),
			   json_object_get(json, "settings"), text))
		return damaged(why, text);
	session->variants++;
	variant->name = only ? NULL : strdup(json_string_value(folder));
	return only || variant->name ? 0 : no_memory(why);
}

/* Variants share all but settings, as --vary makes them: they are measured in turn. */
static int check_variant(const struct session *session, u32 index, char *why)
{
	const struct variant *one = &session->variant[index], *first = &session->variant[0];
	json_t *plan = plan_json(&one->plan), *wanted = plan_json(&first->plan);
	bool same = json_equal(plan, wanted);

	json_decref(plan);
	json_decref(wanted);
	if (!same)
		return damaged(why, "has plans that are not measured in turn");
	for (u32 i = 0; i < index; i++)
		if (!strcmp(session->variant[i].name, one->name))
			return damaged(why, "names a folder twice");
	return 0;
}

static int read_variants(struct session *session, const json_t *list, char *why)
{
	size_t count = json_array_size(list);
	int err = 0;

	session->variant = calloc(count + 1, sizeof(*session->variant));
	if (!session->variant)
		return no_memory(why);
	for (size_t i = 0; i < count && !err; i++) {
		const json_t *one = json_array_get(list, i);

		err = read_variant(session, one,
				   count == 1 && json_is_null(json_object_get(one, "folder")), why);
		if (!err && i)
			err = check_variant(session, i, why);
	}
	return err || count ? err : damaged(why, "has no plan");
}

static bool is_time(const char *text)
{
	const char *form = "dddd-dd-ddTdd:dd:ddZ";

	for (; *form && (*form == 'd' ? *text >= '0' && *text <= '9' : *text == *form); form++)
		text++;
	return !*form && !*text;
}

/* They are written into the run as they are. */
static bool parts_valid(const struct session *session, const json_t *json)
{
	const json_t *entry, *rebooted;
	size_t i;

	if (!json_is_object(session->host) || !json_is_array(session->resumed) ||
	    !identity_valid(session->id) || !identity_labels_valid(session->labels) ||
	    !is_time(resume_file_text(json, "started")))
		return false;
	json_array_foreach (session->resumed, i, entry) {
		rebooted = json_object_get(entry, "rebooted");
		if (json_object_size(entry) != 2 || !is_time(resume_file_text(entry, "at")) ||
		    !(json_is_boolean(rebooted) || json_is_null(rebooted)))
			return false;
	}
	return json_is_null(session->in_turn) ||
	       (json_is_string(session->in_turn) &&
		strspn(json_string_value(session->in_turn), "0123456789abcdef") ==
			json_string_length(session->in_turn));
}

int resume_file_apply(struct session *session, const json_t *json, char *why)
{
	int err = check_tool(json, why);

	if (err)
		return err;
	session->target = target_find(resume_file_text(json, "target"));
	if (!session->target)
		return damaged(why, "names an unknown target");
	session->until = json_number_value(json_object_get(json, "until"));
	session->anonymous = json_is_true(json_object_get(json, "anonymous"));
	snprintf(session->started, sizeof(session->started), "%s",
		 resume_file_text(json, "started"));
	snprintf(session->id, sizeof(session->id), "%s", resume_file_text(json, "id"));
	session->labels = json_incref(json_object_get(json, "labels"));
	session->host = json_incref(json_object_get(json, "host"));
	session->in_turn = json_incref(json_object_get(json, "in_turn"));
	session->resumed = json_incref(json_object_get(json, "resumed"));
	if (!parts_valid(session, json))
		return damaged(
			why,
			"lacks id, labels, started, host, in_turn or resumed, or has another form");
	err = read_storms(session, json_object_get(json, "storms"), why);
	return err ? err : read_variants(session, json_object_get(json, "variants"), why);
}
