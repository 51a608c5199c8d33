// SPDX-License-Identifier: GPL-2.0-or-later
/* The examples of FIPS 180-4 (NIST, "SHA256.pdf" and "SHA2_Additional.pdf"), and sha256sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../analysis/output/sha256.h"

static const char *hex(const char *text, size_t times)
{
	static char digits[2 * SHA256_BYTES + 1];
	u8 digest[SHA256_BYTES];
	struct sha256 sha;

	sha256_begin(&sha);
	while (times--)
		sha256_add(&sha, text, strlen(text));
	sha256_end(&sha, digest);
	sha256_hex(digest, digits);
	return digits;
}

static void test_examples_of_the_standard(void **state)
{
	(void)state;
	assert_string_equal(hex("", 1),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(hex("abc", 1),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1),
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_string_equal(hex("a", 1000000),
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_base64(void **state)
{
	u8 digest[SHA256_BYTES];
	struct sha256 sha;
	char text[45];

	(void)state;
	sha256_begin(&sha);
	sha256_add(&sha, "abc", 3);
	sha256_end(&sha, digest);
	sha256_base64(digest, text);
	assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_of_the_standard),
		cmocka_unit_test(test_base64),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
