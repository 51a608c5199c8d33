// SPDX-License-Identifier: GPL-2.0-or-later
/* The members of an anonymous run: an allow-list of members, texts without paths and names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../results/anonymous.h"
#include "../../results/personal.h"

static void without_paths(const char *text, const char *wanted)
{
	char *got = personal_without_paths(text);

	assert_string_equal(got, wanted);
	free(got);
}

static void test_paths(void **state)
{
	(void)state;
	without_paths("", "");
	without_paths("the guest met vector 13", "the guest met vector 13");
	without_paths("/srv/alice-acme/exitstorm-bochs-1/log: No space left on device",
		      "(left out): No space left on device");
	without_paths("cannot open /dev/kvm: Permission denied",
		      "cannot open (left out): Permission denied");
	without_paths("needs nesting (kvm_amd.nested, and /dev/kvm)",
		      "needs nesting (kvm_amd.nested, and (left out))");
	without_paths("'relative/alice', too", "(left out), too");
	/* Blanks in the middle of a path, and in its last name. */
	without_paths("/srv/alice and bob/x/log: full", "(left out): full");
	without_paths("/srv/x/alice and bob: full", "(left out): full");
	without_paths("copied a/b to c/d", "copied (left out)");
	without_paths("a\n/home/alice\tb", "a\n(left out)\tb");
}

static void without_names(const char *text, const char *wanted)
{
	struct personal personal = {0};
	char *got;

	personal_add(&personal, "alice", 5);
	personal_add(&personal, "box7.acme.test", 14);
	personal_add(&personal, "box7", 4);
	personal_add(&personal, "root", 4);
	personal_add(&personal, "left", 4);
	personal_add(&personal, "x", 1);
	got = personal_without_names(&personal, text);
	assert_string_equal(got, wanted);
	free(got);
}

static void test_names(void **state)
{
	(void)state;
	without_names("seen on box7: x", "seen on (left out): x");
	without_names("Alice's box7.acme.test, ALICE", "(left out)'s (left out), (left out)");
	without_names("malice, box77", "malice, box77");
	without_names("alice_vm", "(left out)_vm");
	without_names("needs root; x left", "needs root; x left");
}

static bool folder_tells(const char *path, const char *target, const char *name)
{
	struct personal personal = {0};

	personal_add_folder(&personal, path, target);
	for (int i = 0; i < personal.names; i++)
		if (!strcmp(personal.name[i], name))
			return true;
	return personal.names == 0 && !name[0];
}

/* The host that made a run is not the one that packs it. */
static void test_the_name_in_a_folder(void **state)
{
	(void)state;
	assert_true(folder_tells("runs/20261127T065423Z-box7-kvm", "kvm", "box7"));
	assert_true(folder_tells("/a/20261127T065423Z-box-7-kvm/", "kvm", "box-7"));
	assert_true(folder_tells("20261127T065423Z-box7-bochs-2", "bochs", "box7"));
	assert_true(folder_tells("20261127-box7-kvm", "kvm", "box7"));
	assert_true(folder_tells("20261127T065423Z-kvm-kvm", "kvm", "kvm"));
	assert_true(folder_tells("runs/mine", "kvm", ""));
	assert_true(folder_tells("1-box7-kvm", "kvm", ""));
}

/* A member that no version of this list knows, each text that comes from outside, a trace. */
static const char run[] =
	"{\"schema\": \"exitstorm-run/1\", \"owner\": \"alice\", \"imported\": \"alice.cap\","
	" \"ab\": {\"side\": \"a\", \"command\": \"alice\", \"steps\": [{\"status\": 0, \"by\": "
	"[]}]},"
	" \"incomplete\": \"/srv/alice/x: cut off\", \"target\": {\"name\": \"kvm\", \"path\": "
	"\"/a\","
	" \"nesting\": \"under box7\"},"
	" \"host\": {\"cmdline\": \"root=UUID=1\", \"name\": \"box7\", \"kernel\": \"Linux 6.1 "
	"box7\","
	" \"cpu\": {\"brand\": \"box7 CPU\", \"serial\": 17, \"family\": 6},"
	" \"cpus\": null, \"governor\": {\"deep\": \"alice\"},"
	" \"mitigations\": {\"spectre_v1\": \"usercopy/swapgs barriers\", \"/home/alice\": \"x\"},"
	" \"kvm_params\": {\"kvm.x\": \"/home/alice/y\"}},"
	" \"settings\": {\"cpl\": \"box7\"}, \"plan\": {\"cpus\": [1, {\"alice\": 1}, \"2\"]},"
	" \"trace\": {\"lost\": {\"events\": 0}, \"vcpus\": [{\"vm\": 1, \"vcpu\": null, \"pid\": "
	"7,"
	" \"tid\": 8, \"process\": \"acme\"}]},"
	" \"storms\": [{\"name\": \"box7\", \"why\": \"box7: /tmp/alice: full\", \"comment\": "
	"\"alice\","
	" \"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"p50\": 1.5}, \"p50_ci95\": null,"
	" \"note\": \"alice\"}}, \"counters\": {\"msr/tsc/\": {\"host\": {\"why\": \"/x alice\"}}},"
	" \"repeats\": [{\"repeat\": 0, \"pid\": 9}], \"samples\": \"samples/box7.npy\"}, "
	"\"alice\"]}";

static const char stripped[] =
	"{\"ab\": {\"command\": \"(left out)\", \"side\": \"a\", \"steps\": [{\"status\": 0}]},"
	" \"host\": {\"cmdline\": null, \"cpu\": {\"brand\": \"(left out) CPU\", \"family\": 6},"
	" \"cpus\": null, \"kernel\": \"Linux 6.1 (left out)\", \"kvm_params\": {\"kvm.x\":"
	" \"(left out)\"}, \"mitigations\": {\"spectre_v1\": \"usercopy/swapgs barriers\"},"
	" \"name\": null},"
	" \"imported\": \"(left out)\", \"incomplete\": \"(left out): cut off\","
	" \"plan\": {\"cpus\": [1, \"2\"]}, \"schema\": \"exitstorm-run/1\","
	" \"settings\": {\"cpl\": \"box7\"}, \"storms\": [{\"counters\": {\"msr/tsc/\": {\"host\":"
	" {\"why\": \"(left out) alice\"}}}, \"legs\": {\"exit\": {\"all\": {\"p50\": 1.5},"
	" \"p50_ci95\": null, \"site\": \"guest\"}}, \"name\": \"box7\", \"repeats\": [{\"repeat\":"
	" 0}], \"samples\": \"samples/box7.npy\", \"why\": \"(left out): (left out): full\"}],"
	" \"target\": {\"name\": \"kvm\", \"nesting\": \"under (left out)\"},"
	" \"trace\": {\"lost\": {\"events\": 0}, \"vcpus\": [{\"vcpu\": null, \"vm\": 1}]}}";

static void test_a_run(void **state)
{
	json_t *json = json_loads(run, 0, NULL);
	char *text;

	(void)state;
	assert_non_null(json);
	assert_int_equal(anonymous_strip(json, "20261127T065423Z-box7-kvm"), 0);
	text = json_dumps(json, JSON_SORT_KEYS | JSON_REAL_PRECISION(5));
	assert_string_equal(text, stripped);
	free(text);
	json_decref(json);
}

static void test_this_machine(void **state)
{
	json_t *json = json_object(), *host = json_object();
	struct utsname machine;

	(void)state;
	assert_int_equal(uname(&machine), 0);
	setenv("SUDO_USER", "carol", 1);
	json_object_set_new(json, "host", host);
	json_object_set_new(host, "kernel", json_sprintf("%s carol", machine.nodename));
	assert_int_equal(anonymous_strip(json, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(host, "kernel")),
			    "(left out) (left out)");
	json_decref(json);
}

/* Everything that exitstorm writes is in the list, but the command line. */
static void test_runs_of_this_version(void **state)
{
	static const char *const names[] = {"kvm-cpl0", "bochs-haswell"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		json_t *json, *before;

		snprintf(path, sizeof(path), "results/reference/%s/run.json", names[i]);
		json = json_load_file(path, 0, NULL);
		before = json_deep_copy(json);
		assert_non_null(before);
		assert_int_equal(anonymous_strip(json, NULL), 0);
		assert_true(json_equal(json, before));
		json_decref(json);
		json_decref(before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_the_name_in_a_folder),
		cmocka_unit_test(test_a_run),
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test(test_runs_of_this_version),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
