// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../analysis/output/table.h"

/* The table as text, which the caller frees. */
static char *printed(const struct table *table, enum table_form form, int width)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(table_print(table, out, form, width), 0);
	fclose(out);
	return text;
}

static void prints(const struct table *table, enum table_form form, int width, const char *wanted)
{
	char *text = printed(table, form, width);

	assert_string_equal(text, wanted);
	free(text);
}

static struct table *small(const char *title)
{
	struct table *table = table_new(title);

	table_column(table, "storm", false);
	table_column(table, "p50", true);
	table_row(table);
	table_cell(table, "pio_out");
	table_cell(table, "%s", "22,592");
	table_row(table);
	table_cell(table, "hlt");
	table_cell(table, "%d", 7);
	return table;
}

static void test_text_aligns_columns(void **state)
{
	struct table *table = small(NULL);

	(void)state;
	prints(table, TABLE_TEXT, 80,
	       "storm       p50\n"
	       "pio_out  22,592\n"
	       "hlt           7\n");
	table_free(table);
}

static void test_title_sections_and_notes(void **state)
{
	struct table *table = small("Title");

	(void)state;
	table_section(table, "Others - %s", "more");
	table_row(table);
	table_cell(table, "x");
	table_note(table, "A note of %d words", 5);
	prints(table, TABLE_TEXT, 80,
	       "Title\n"
	       "storm       p50\n"
	       "pio_out  22,592\n"
	       "hlt           7\n"
	       "\n"
	       "Others - more\n"
	       "x\n"
	       "A note of 5 words\n");
	/* CSV has no title, sections or notes. */
	prints(table, TABLE_CSV, 80, "storm,p50\r\npio_out,\"22,592\"\r\nhlt,7\r\nx,\r\n");
	table_free(table);
}

static void test_columns_can_be_made_wider(void **state)
{
	struct table *table = table_new(NULL);

	(void)state;
	table_column(table, "a", false);
	table_column_width(table, 5);
	table_column(table, "b", true);
	table_row(table);
	table_cell(table, "x");
	table_cell(table, "1");
	prints(table, TABLE_TEXT, 0,
	       "a      b\n"
	       "x      1\n");
	table_free(table);
}

static struct table *reasons(void)
{
	struct table *table = table_new(NULL);

	table_column(table, "storm", false);
	table_column(table, "n", true);
	table_column(table, "why", false);
	table_row(table);
	table_cell(table, "vmcall");
	table_cell(table, "0");
	table_cell(table, "the guest did not come back within a second, so it was ended");
	return table;
}

static void test_the_last_left_column_is_wrapped(void **state)
{
	struct table *table = reasons();

	(void)state;
	prints(table, TABLE_TEXT, 40,
	       "storm   n  why\n"
	       "vmcall  0  the guest did not come back\n"
	       "           within a second, so it was\n"
	       "           ended\n");
	prints(table, TABLE_TEXT, 0,
	       "storm   n  why\n"
	       "vmcall  0  the guest did not come back within a second, so it was ended\n");
	table_free(table);
}

static void test_no_line_is_wider_than_asked(void **state)
{
	struct table *table = reasons();

	(void)state;
	table_row(table);
	table_cell(table, "x");
	table_cell(table, "1");
	table_cell(table, "awordthatislongerthananylineoftheoutputcouldbeinthiswidthofcolumns");
	for (int width = 30; width < 90; width++) {
		char *text = printed(table, TABLE_TEXT, width);

		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			assert_true(strlen(line) <= (size_t)width);
		free(text);
	}
	table_free(table);
}

static void test_width_counts_characters_not_bytes(void **state)
{
	struct table *table = table_new(NULL);

	(void)state;
	table_column(table, "\302\265s", true);
	table_row(table);
	table_cell(table, "\302\2611"); /* plus-minus 1 */
	table_row(table);
	table_cell(table, "123");
	prints(table, TABLE_TEXT, 0,
	       " \302\265s\n"
	       " \302\2611\n"
	       "123\n");
	table_free(table);
}

static void test_csv_quotes_what_needs_it(void **state)
{
	struct table *table = table_new(NULL);

	(void)state;
	table_column(table, "a,b", false);
	table_column(table, "c", false);
	table_row(table);
	table_cell(table, "say \"hi\"");
	table_cell(table, "plain");
	prints(table, TABLE_CSV, 0, "\"a,b\",c\r\n\"say \"\"hi\"\"\",plain\r\n");
	table_free(table);
}

static void test_markdown(void **state)
{
	struct table *table = small("T_1");

	(void)state;
	table_row(table);
	table_cell(table, "a|b*<c>");
	prints(table, TABLE_MARKDOWN, 0,
	       "T\\_1\n\n"
	       "| storm | p50 |\n"
	       "|---|---:|\n"
	       "| pio\\_out | 22,592 |\n"
	       "| hlt | 7 |\n"
	       "| a\\|b\\*&lt;c> |  |\n");
	table_free(table);
}

static void test_latex(void **state)
{
	struct table *table = small("50 % of $x");

	(void)state;
	table_section(table, "S_1");
	table_row(table);
	table_cell(table, "\\^~{}&#");
	prints(table, TABLE_LATEX, 0,
	       "% needs \\usepackage{booktabs}\n"
	       "\\begin{table}\n"
	       "\\centering\n"
	       "\\caption{50 \\% of \\$x}\n"
	       "\\begin{tabular}{@{}lr@{}}\n"
	       "\\toprule\n"
	       "storm & p50 \\\\\n"
	       "\\midrule\n"
	       "pio\\_out & 22,592 \\\\\n"
	       "hlt & 7 \\\\\n"
	       "\\addlinespace\n"
	       "\\multicolumn{2}{@{}l}{\\emph{S\\_1}} \\\\\n"
	       "\\textbackslash{}\\textasciicircum{}\\textasciitilde{}\\{\\}\\&\\# &  \\\\\n"
	       "\\bottomrule\n"
	       "\\end{tabular}\n"
	       "\\end{table}\n");
	table_free(table);
}

static void test_cells_cannot_steer_a_terminal(void **state)
{
	struct table *table = table_new("a\033]0;x\007");

	(void)state;
	table_column(table, "h\r", false);
	table_row(table);
	table_cell(table, "a\nb\t\033[31m\302\233m");
	prints(table, TABLE_TEXT, 0,
	       "a?]0;x?\n"
	       "h \n"
	       "a b ?[31m??m\n");
	table_free(table);
}

static void test_cells_past_the_last_column_are_left_out(void **state)
{
	struct table *table = table_new(NULL);

	(void)state;
	table_cell(table, "before any row");
	table_column(table, "a", false);
	table_row(table);
	table_cell(table, "1");
	table_cell(table, "2");
	prints(table, TABLE_TEXT, 0, "a\n1\n");
	table_free(table);
	table_free(NULL);
}

static void test_wrap_indents_what_follows(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_wrap(out, "one two three four", 9, 2);
	table_wrap(out, "", 9, 2);
	table_wrap(out, "one two three four", 0, 2);
	fclose(out);
	assert_string_equal(text, "one two\n  three\n  four\n\none two three four\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_aligns_columns),
		cmocka_unit_test(test_title_sections_and_notes),
		cmocka_unit_test(test_columns_can_be_made_wider),
		cmocka_unit_test(test_the_last_left_column_is_wrapped),
		cmocka_unit_test(test_no_line_is_wider_than_asked),
		cmocka_unit_test(test_width_counts_characters_not_bytes),
		cmocka_unit_test(test_csv_quotes_what_needs_it),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_latex),
		cmocka_unit_test(test_cells_cannot_steer_a_terminal),
		cmocka_unit_test(test_cells_past_the_last_column_are_left_out),
		cmocka_unit_test(test_wrap_indents_what_follows),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
