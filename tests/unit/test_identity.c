// SPDX-License-Identifier: GPL-2.0-or-later
/* UUIDs and labels of runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../bench/session/identity.h"

static char *uuid_of(const char *id, u32 variant)
{
	json_t *json = identity_uuid(id, variant);
	char *text = strdup(json_string_value(json));

	json_decref(json);
	return text;
}

static void uuids_are_of_version_8(void **state)
{
	char id[IDENTITY_BYTES];

	(void)state;
	for (int i = 0; i < 64; i++) {
		char *text;

		identity_random(id);
		assert_true(identity_valid(id));
		text = uuid_of(id, i);
		assert_int_equal(strlen(text), 36);
		assert_int_equal(strspn(text, "0123456789abcdef-"), 36);
		assert_int_equal(text[14], '8');
		assert_non_null(strchr("89ab", text[19]));
		free(text);
	}
}

static void uuids_are_of_session_and_variant(void **state)
{
	char one[IDENTITY_BYTES], other[IDENTITY_BYTES];
	char *text[4];

	(void)state;
	identity_random(one);
	identity_random(other);
	text[0] = uuid_of(one, 0);
	text[1] = uuid_of(one, 1);
	text[2] = uuid_of(other, 0);
	text[3] = uuid_of(one, 0);
	assert_string_not_equal(text[0], text[1]);
	assert_string_not_equal(text[0], text[2]);
	assert_string_equal(text[0], text[3]);
	for (int i = 0; i < 4; i++)
		free(text[i]);
}

static void labels_are_read(void **state)
{
	json_t *labels = json_object();

	(void)state;
	assert_null(identity_add_labels(labels, "rack=7,,pool=a b=c"));
	assert_null(identity_add_labels(labels, "rack=8"));
	assert_null(identity_add_labels(labels, "site=K\xc3\xb6ln"));
	assert_int_equal(json_object_size(labels), 3);
	assert_string_equal(json_string_value(json_object_get(labels, "rack")), "8");
	assert_string_equal(json_string_value(json_object_get(labels, "pool")), "a b=c");
	assert_string_equal(json_string_value(json_object_get(labels, "site")), "K\xc3\xb6ln");
	assert_true(identity_labels_valid(labels));
	json_decref(labels);
}

static void bad_labels_are_refused(void **state)
{
	static const char *const bad[] = {"x",	  "=1",	   "a b=1", "a=\x1b[31m",
					  "a=\n", "a=1,b", "\xc3=1"};
	json_t *labels = json_object();
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(identity_add_labels(labels, bad[i]));
	memset(text, 'k', sizeof(text));
	strcpy(text + 65, "=1");
	assert_non_null(identity_add_labels(labels, text));
	memset(text, 'v', sizeof(text) - 1);
	memcpy(text, "a=", 2);
	text[sizeof(text) - 1] = '\0';
	assert_non_null(identity_add_labels(labels, text));
	json_object_set_new(labels, "a b", json_string("1"));
	assert_false(identity_labels_valid(labels));
	json_object_clear(labels);
	json_object_set_new(labels, "a", json_integer(1));
	assert_false(identity_labels_valid(labels));
	json_decref(labels);
	assert_false(identity_labels_valid(NULL));
	assert_false(identity_valid("12ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids_are_of_version_8),
		cmocka_unit_test(uuids_are_of_session_and_variant),
		cmocka_unit_test(labels_are_read),
		cmocka_unit_test(bad_labels_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
