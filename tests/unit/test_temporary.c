// SPDX-License-Identifier: GPL-2.0-or-later
/* Temporary files and folders: locked while their process lives, removed by the next one. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "../../results/temporary.h"

static struct temporary made;

static void test_a_folder_of_a_dead_process_goes(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		char path[PATH_MAX];

		if (temporary_folder(&made, folder, "x", 0700))
			_exit(1);
		snprintf(path, sizeof(path), "%s/file", made.path);
		close(open(path, O_WRONLY | O_CREAT, 0600));
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(entries(folder), 1);
	assert_int_equal(temporary_folder(&made, folder, "y", 0700), 0); /* not of this name */
	assert_int_equal(entries(folder), 2);
	temporary_remove(&made);
	assert_int_equal(temporary_file(&made, folder, "x", 0600), 0);
	assert_int_equal(entries(folder), 1);
	temporary_remove(&made);
	temporary_remove(&made); /* nothing to do */
	assert_int_equal(entries(folder), 0);
}

static void test_what_is_in_use_stays(void **state)
{
	struct temporary other;

	(void)state;
	assert_int_equal(temporary_folder(&made, folder, "x", 0700), 0);
	assert_int_equal(temporary_folder(&other, folder, "x", 0700), 0);
	assert_int_equal(entries(folder), 2);
	temporary_remove(&other);
	assert_int_equal(access(made.path, F_OK), 0);
	temporary_remove(&made);
}

/* A sweep must not touch what has only a similar name, is a link, or is another user's. */
static void test_what_is_not_ours_stays(void **state)
{
	static const char *const names[] = {"x-abc",	 "x-abcdefg", "x-ABCDEF",
					    "xx-abcdef", "x-abcde.",  "x-zzzzzz"};

	(void)state;
	mkdir(in_folder("target"), 0700);
	for (size_t i = 0; i + 1 < sizeof(names) / sizeof(*names); i++)
		write_file(in_folder(names[i]), "", 0);
	assert_int_equal(symlink("target", in_folder("x-linked")), 0);
	mkdir(in_folder("x-zzzzzz"), 0700);
	if (geteuid() == 0)
		assert_int_equal(chown(in_folder("x-zzzzzz"), 1, 1), 0);
	assert_int_equal(temporary_folder(&made, folder, "x", 0700), 0);
	temporary_remove(&made);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) - (geteuid() != 0); i++)
		assert_int_equal(access(in_folder(names[i]), F_OK), 0);
	assert_int_equal(access(in_folder("x-linked"), F_OK), 0);
	assert_int_equal(access(in_folder("target"), F_OK), 0);
}

static void test_modes_and_rename(void **state)
{
	mode_t before = umask(027);
	struct stat stat_it;

	(void)state;
	assert_int_equal(temporary_file(&made, folder, "x", 0666), 0);
	umask(before);
	assert_int_equal(stat(made.path, &stat_it), 0);
	assert_int_equal(stat_it.st_mode & 0777, 0640);
	assert_int_equal(temporary_rename(&made, in_folder("final")), 0);
	temporary_remove(&made);
	assert_int_equal(access(in_folder("final"), F_OK), 0);
	assert_int_equal(temporary_folder(&made, in_folder("no/such"), "x", 0700), -ENOENT);
	temporary_remove(&made);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_folder_of_a_dead_process_goes),
		TEST(test_what_is_in_use_stays),
		TEST(test_what_is_not_ours_stays),
		TEST(test_modes_and_rename),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
