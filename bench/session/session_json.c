// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_json.h"

#include "../../results/compose.h"
#include "../machine/environment.h"
#include "../machine/version.h"
#include "../plan/plan_json.h"

json_t *session_json(const struct session *session, const struct variant *variant,
		     const json_t *host, const char *started, double seconds)
{
	json_t *target = session->target->describe(&variant->plan);
	u32 index = variant - session->variant;

	collect_check_clock(variant->collect, target);
	return compose_pack("{s:{s:s, s:s}, s:o, s:s, s:f, s:o, s:O, s:o, s:o, s:o, s:o}", "tool",
			    "version", EXITSTORM_VERSION, "commit", EXITSTORM_COMMIT, "uuid",
			    identity_uuid(session->id, index), "started", started, "duration_s",
			    seconds, "target", target, "host", host, "settings",
			    settings_json(&variant->plan, session->target->bit), "controls",
			    collect_controls(variant->collect), "plan", plan_json(&variant->plan),
			    "storms", collect_storms(variant->collect));
}

json_t *session_json_now(const struct session *session, const struct variant *variant,
			 const struct journal_time *time)
{
	json_t *json =
		session_json(session, variant, session->host, session->started, time->seconds);

	compose_set(json, "meanwhile", background_load_json(&session->load, time));
	compose_set(json, "in_turn", json_incref(session->in_turn));
	if (json_array_size(session->resumed))
		compose_set(json, "resumed", json_incref(session->resumed));
	if (json_object_size(session->labels))
		compose_set(json, "labels", json_incref(session->labels));
	environment_add_unread(json_object_get(json, "host"));
	return json;
}
