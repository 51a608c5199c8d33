// SPDX-License-Identifier: GPL-2.0-or-later
#include "personal.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "memory.h"

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS
#define BLANKS	" \t\n\r"

void personal_add(struct personal *personal, const char *name, int length)
{
	char *to = personal->name[personal->names];

	if (personal->names == PERSONAL_NAMES || length < 2)
		return;
	snprintf(to, sizeof(personal->name[0]), "%.*s", length, name);
	/* In messages root is a privilege, no person. */
	if (strcmp(to, "root"))
		personal->names++;
}

static void add_all(struct personal *personal, const char *name)
{
	if (name)
		personal_add(personal, name, (int)strlen(name));
}

void personal_add_machine(struct personal *personal)
{
	static const char *const variables[] = {"SUDO_USER", "LOGNAME", "USER"};
	const struct passwd *user = getpwuid(getuid());
	struct utsname host;

	if (!uname(&host)) {
		add_all(personal, host.nodename);
		personal_add(personal, host.nodename, (int)strcspn(host.nodename, "."));
	}
	add_all(personal, user ? user->pw_name : NULL);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		add_all(personal, getenv(variables[i]));
}

/* "-kvm", "-kvm-2" or "" at the end of a folder's name. */
static bool ends_a_name(const char *text, const char *target)
{
	size_t length = strlen(target);

	if (text[0] != '-' || strncmp(text + 1, target, length))
		return false;
	text += 1 + length;
	if (*text == '-')
		text += 1 + strspn(text + 1, DIGITS);
	return !*text || *text == '/';
}

void personal_add_folder(struct personal *personal, const char *path, const char *target)
{
	const char *end = path + strlen(path), *name, *host;

	while (end > path && end[-1] == '/')
		end--;
	for (name = end; name > path && name[-1] != '/';)
		name--;
	host = name + strspn(name, DIGITS "TZ");
	if (host - name < 8 || *host != '-')
		return;
	host++;
	for (const char *c = host; c < end; c++)
		if (ends_a_name(c, target))
			personal_add(personal, host, (int)(c - host));
}

/* Finds `word` as a whole word, in upper or lower case; NULL: it is none. */
static const char *find_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)); at++)
		if ((at == text || !strchr(LETTERS, at[-1])) &&
		    (!at[length] || !strchr(LETTERS, at[length])))
			return at;
	return NULL;
}

/* Takes over `text`, and replaces the bytes from `begin` to `end`. */
static char *replace(char *text, const char *begin, const char *end)
{
	char *made = memory_format("%.*s" PERSONAL_LEFT_OUT "%s", (int)(begin - text), text, end);

	free(text);
	return made;
}

char *personal_without_names(const struct personal *personal, const char *text)
{
	char *made = memory_text(text);

	for (int i = 0; i < personal->names; i++) {
		const char *name = personal->name[i], *at;

		/* A name that is part of the replacement would be found for ever. */
		if (find_word(PERSONAL_LEFT_OUT, name))
			continue;
		while ((at = find_word(made, name)))
			made = replace(made, at, at + strlen(name));
	}
	return made;
}

char *personal_without_paths(const char *text)
{
	char *made = memory_text(text);
	const char *begin, *end;

	begin = strchr(made, '/');
	if (!begin)
		return made;
	while (begin > made && !strchr(BLANKS, begin[-1]))
		begin--;
	end = strrchr(made, '/');
	end += strcspn(end, BLANKS);
	/* "/a/b c: No such file": the last name of the path has a blank. */
	if (strchr(":,;)", end[-1]))
		end--;
	else if (strchr(end, ':'))
		end = strchr(end, ':');
	return replace(made, begin, end);
}
