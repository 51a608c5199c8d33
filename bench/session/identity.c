// SPDX-License-Identifier: GPL-2.0-or-later
#include "identity.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../../results/why.h"

#define MAX_KEY	  64
#define MAX_VALUE 256

_Static_assert(IDENTITY_BYTES == SHA256_DIGEST_STRING_LENGTH, "an id is a SHA-256 in hexadecimal");

void identity_random(char id[IDENTITY_BYTES])
{
	struct {
		u8 random[32];
		struct timespec now;
		pid_t pid;
	} seed;

	memset(&seed, 0, sizeof(seed));
	if (getrandom(seed.random, sizeof(seed.random), 0) != sizeof(seed.random)) {
		clock_gettime(CLOCK_REALTIME, &seed.now);
		seed.pid = getpid();
	}
	SHA256Data((const u8 *)&seed, sizeof(seed), id);
}

int identity_of_file(const char *path, char id[IDENTITY_BYTES])
{
	return SHA256File(path, id) ? 0 : -errno;
}

json_t *identity_uuid(const char *id, u32 variant)
{
	char text[IDENTITY_BYTES + 16], hex[SHA256_DIGEST_STRING_LENGTH];

	snprintf(text, sizeof(text), "%s %u", id, variant);
	SHA256Data((const u8 *)text, strlen(text), hex);
	hex[12] = '8'; /* version */
	hex[16] = "89ab"[hex[16] & 3];
	return compose_format("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
			      hex + 20);
}

static bool key_ok(const char *key, size_t length)
{
	return length && length <= MAX_KEY &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") >=
		       length;
}

static bool value_ok(const char *value)
{
	size_t length;

	if (strlen(value) > MAX_VALUE)
		return false;
	while (*value) {
		length = why_printable(value);
		if (!length)
			return false;
		value += length;
	}
	return true;
}

static const char *add_label(json_t *labels, const char *label)
{
	size_t length = strcspn(label, "=");
	char key[MAX_KEY + 1];

	if (!label[length])
		return "is not KEY=VALUE";
	if (!key_ok(label, length))
		return "has a key that is empty, too long, or has other than letters, digits and "
		       "_-.";
	if (!value_ok(label + length + 1))
		return "has a value that is too long, or has control characters";
	memcpy(key, label, length);
	key[length] = '\0';
	compose_set(labels, key, compose_text(label + length + 1));
	return NULL;
}

const char *identity_add_labels(json_t *labels, const char *text)
{
	char *copy = memory_text(text), *rest = copy, *label;
	const char *wrong = NULL;

	while (!wrong && (label = strsep(&rest, ",")))
		if (*label)
			wrong = add_label(labels, label);
	free(copy);
	return wrong;
}

bool identity_labels_valid(const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)labels, key, value)
		if (!key_ok(key, strlen(key)) || !json_is_string(value) ||
		    strlen(json_string_value(value)) != json_string_length(value) ||
		    !value_ok(json_string_value(value)))
			return false;
	return json_is_object(labels);
}

bool identity_valid(const char *id)
{
	return strlen(id) == IDENTITY_BYTES - 1 &&
	       strspn(id, "0123456789abcdef") == IDENTITY_BYTES - 1;
}
