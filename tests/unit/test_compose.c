// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON without silent losses, and fatal(): its message, its hooks, its status. */
#include "folder.h"

#include <errno.h>
#include <jansson.h>
#include <sys/wait.h>

#include "../../results/compose.h"
#include "../../results/fatal.h"
#include "../../results/memory.h"

static char said[512];

/* Calls end() in a child process, which must end with status 1. said[]: its stderr. */
static void child_ends(void (*end)(void))
{
	int fd[2], status;
	size_t used = 0;
	ssize_t size = 1;
	pid_t child;

	assert_int_equal(pipe(fd), 0);
	child = fork();
	if (!child) {
		dup2(fd[1], STDERR_FILENO);
		end();
		_exit(0);
	}
	close(fd[1]);
	while (size > 0) {
		size = read(fd[0], said + used, sizeof(said) - 1 - used);
		used += size > 0 ? size : 0;
	}
	said[used] = 0;
	close(fd[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *composed;
	} cases[] = {{"plain", "plain"},
		     {"\303\244", "\303\244"},
		     {"cut \303", "cut ?"},
		     {"\377\n\033", "???"},
		     {"", ""}};
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json = compose_text(cases[i].text);
		assert_string_equal(json_string_value(json), cases[i].composed);
		json_decref(json);
	}
	json = compose_format("%.2s!", "\303\244\303");
	assert_string_equal(json_string_value(json), "\303\244!");
	json_decref(json);
	assert_true(json_is_null(compose_text(NULL)));
	assert_true(json_is_null(compose_text_or_null("")));
	assert_true(json_is_null(compose_copy(NULL)));
}

static void set_nothing(void)
{
	compose_set(json_object(), "member", NULL);
}

static void append_to_nothing(void)
{
	compose_add(NULL, json_null());
}

static void pack_what_is_not_utf8(void)
{
	compose_pack("{s:s}", "member", "\377");
}

static void pack_what_is_no_number(void)
{
	compose_pack("[f]", 0.0 / 0.0);
}

static void test_mistakes_end_the_process(void **state)
{
	(void)state;
	child_ends(set_nothing);
	assert_string_equal(said, "exitstorm: cannot compose JSON: member: cannot be set\n");
	child_ends(append_to_nothing);
	assert_non_null(strstr(said, "cannot compose JSON"));
	child_ends(pack_what_is_not_utf8);
	assert_non_null(strstr(said, "UTF-8"));
	child_ends(pack_what_is_no_number);
	assert_non_null(strstr(said, "cannot compose JSON"));
}

/* ASan's allocators, too. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void get_too_much(void)
{
	json_malloc_t get;

	compose_begin();
	json_get_alloc_funcs(&get, NULL);
	get(PTRDIFF_MAX - 4096);
}

static void resize_too_far(void)
{
	memory_resize(NULL, (size_t)1 << 40, (size_t)1 << 40);
}

static void test_no_memory(void **state)
{
	(void)state;
	child_ends(get_too_much);
	assert_non_null(strstr(said, "exitstorm: no memory\n")); /* after a warning of ASan's */
	child_ends(resize_too_far);
	assert_non_null(strstr(said, "exitstorm: no memory\n"));
}

static void say(void *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		abort();
}

static void report(const char *text)
{
	fprintf(stderr, "[%s]", text);
}

static void end_with_hooks(void)
{
	static struct fatal_hook one, two, three, four;

	fatal_hook(&one, say, "one ");
	fatal_hook(&two, say, "two ");
	fatal_hook(&three, say, "three ");
	fatal_unhook(&two);
	fatal_unhook(&two);
	fatal_unhook(&four);
	fatal_report_with(report);
	fatal("%d", 7);
}

static void test_hooks(void **state)
{
	(void)state;
	child_ends(end_with_hooks);
	assert_string_equal(said, "three one [7]");
}

static unsigned int writes, failing;

/* As a disk that is full for a moment. */
static ssize_t write_but_once(void *cookie, const char *bytes, size_t size)
{
	(void)cookie;
	(void)bytes;
	if (++writes != failing)
		return size;
	errno = ENOSPC;
	return 0; /* of a cookie: an error */
}

static int dump_with_small_buffer(const json_t *json)
{
	const cookie_io_functions_t functions = {.write = write_but_once};
	FILE *file = fopencookie(NULL, "w", functions);
	static char buffer[8];
	int error;

	assert_non_null(file);
	assert_int_equal(setvbuf(file, buffer, _IOFBF, sizeof(buffer)), 0);
	writes = 0;
	error = compose_dump(json, file, 0);
	fclose(file);
	return error;
}

/* Each write fails once: the buffer gets full in keys, in values and between them. */
static void test_dump(void **state)
{
	json_t *json = compose_pack("{s:i, s:[s, s], s:{s:n}}", "a longer key", 1, "values", "one",
				    "another one", "another object", "another key");
	unsigned int all;

	(void)state;
	failing = 0;
	assert_int_equal(dump_with_small_buffer(json), 0);
	all = writes;
	assert_true(all > 10);
	for (failing = 1; failing <= all; failing++)
		assert_int_equal(dump_with_small_buffer(json), -ENOSPC);
	json_decref(json);
}

static void test_write(void **state)
{
	char folder[] = "/tmp/exitstorm-compose-XXXXXX", path[64], text[64] = "";
	json_t *json = compose_pack("{s:i}", "one", 1);
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/json", folder);
	assert_int_equal(compose_write(json, path, 0), 0);
	assert_int_equal(compose_write(json, path, 0), -EEXIST);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 11);
	assert_string_equal(text, "{\"one\": 1}\n");
	fclose(file);
	unlink(path);
	rmdir(folder);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	  cmocka_unit_test(test_mistakes_end_the_process),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_dump),	  cmocka_unit_test(test_write),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
