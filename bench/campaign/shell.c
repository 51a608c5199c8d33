// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "engine.h"

void engine_quote(const char *text, FILE *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-/+:=@%";

	if (*text && !text[strspn(text, plain)]) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

static void put_hosts(const struct campaign *campaign, const char *between, FILE *out)
{
	const char *before = "";

	for (size_t i = 0; i < campaign->places; i++) {
		fprintf(out, "%s%s", before, campaign->place[i].name);
		before = between;
	}
}

/* Each host does its tasks one after the other, all hosts at the same time. */
int engine_ssh(const struct engine_request *request, char *why)
{
	static const struct {
		const char *before, *between, *behind, *host;
	} line[] = {
		{"pdsh -R exec -w ", ",", " ssh %h ", "%h"},
		{"clush --worker=exec -w ", ",", " ssh %h ", "%h"},
		{"parallel -j 0 ssh {} ", NULL, "", "{}"},
	};
	const struct campaign *campaign = request->campaign;

	for (size_t i = 0; i < campaign->places; i++)
		if (!campaign->place[i].host)
			return why_say(why, -EINVAL,
				       "hosts: '%s' has no names of hosts, which ssh needs",
				       campaign->place[i].name);
	fputs("# One of these lines:\n", request->out);
	for (size_t i = 0; i < sizeof(line) / sizeof(*line); i++) {
		fputs(line[i].before, request->out);
		if (line[i].between)
			put_hosts(campaign, line[i].between, request->out);
		fputs(line[i].behind, request->out);
		engine_quote(request->program, request->out);
		fputs(" campaign local ", request->out);
		engine_quote(campaign->file, request->out);
		fprintf(request->out, " --place %s", line[i].host);
		if (!line[i].between) {
			fputs(" ::: ", request->out);
			put_hosts(campaign, " ", request->out);
		}
		fputc('\n', request->out);
	}
	return 0;
}
