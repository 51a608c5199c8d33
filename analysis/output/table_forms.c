// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_forms.h"

#include <string.h>

static void csv_cell(FILE *out, const char *text, bool last)
{
	if (strpbrk(text, ",\"\r\n")) {
		putc('"', out);
		for (; *text; text++) {
			if (*text == '"')
				putc('"', out);
			putc(*text, out);
		}
		putc('"', out);
	} else {
		fputs(text, out);
	}
	fputs(last ? "\r\n" : ",", out);
}

void table_csv(const struct table *table, FILE *out)
{
	for (size_t i = 0; i < table->columns; i++)
		csv_cell(out, table->column[i].head, i + 1 == table->columns);
	for (size_t j = 0; j < table->rows; j++)
		for (size_t i = 0; !table->row[j].section && i < table->columns; i++)
			csv_cell(out, table_at(&table->row[j], i), i + 1 == table->columns);
}

/* The text that replaces a character; NULL: it stays. */
typedef const char *escape(char c);

static const char *markdown_escape(char c)
{
	static const struct {
		char c;
		const char *text;
	} as[] = {{'|', "\\|"},	 {'\\', "\\\\"}, {'*', "\\*"}, {'_', "\\_"}, {'`', "\\`"},
		  {'<', "&lt;"}, {'&', "&amp;"}, {'[', "\\["}, {'#', "\\#"}, {'~', "\\~"}};

	for (size_t i = 0; i < sizeof(as) / sizeof(*as); i++)
		if (as[i].c == c)
			return as[i].text;
	return NULL;
}

static const char *latex_escape(char c)
{
	static const struct {
		char c;
		const char *text;
	} as[] = {{'&', "\\&"},
		  {'%', "\\%"},
		  {'$', "\\$"},
		  {'#', "\\#"},
		  {'_', "\\_"},
		  {'{', "\\{"},
		  {'}', "\\}"},
		  {'~', "\\textasciitilde{}"},
		  {'^', "\\textasciicircum{}"},
		  {'\\', "\\textbackslash{}"},
		  {'<', "\\textless{}"},
		  {'>', "\\textgreater{}"},
		  {'|', "\\textbar{}"}};

	for (size_t i = 0; i < sizeof(as) / sizeof(*as); i++)
		if (as[i].c == c)
			return as[i].text;
	return NULL;
}

static void put_escaped(FILE *out, const char *text, escape *escape)
{
	for (; *text; text++) {
		const char *as = escape(*text);

		if (as)
			fputs(as, out);
		else
			putc(*text, out);
	}
}

void table_markdown_text(const char *text, FILE *out)
{
	put_escaped(out, text, markdown_escape);
}

void table_markdown(const struct table *table, FILE *out)
{
	if (table->title) {
		put_escaped(out, table->title, markdown_escape);
		fputs("\n\n", out);
	}
	for (size_t i = 0; i < table->columns; i++) {
		fputs(i ? " " : "| ", out);
		put_escaped(out, table->column[i].head, markdown_escape);
		fputs(" |", out);
	}
	fputs("\n|", out);
	for (size_t i = 0; i < table->columns; i++)
		fputs(table->column[i].right ? "---:|" : "---|", out);
	putc('\n', out);
	for (size_t j = 0; j < table->rows; j++) {
		const struct row *row = &table->row[j];

		if (row->section) {
			fputs("| **", out);
			put_escaped(out, row->section, markdown_escape);
			fputs("** |", out);
		}
		for (size_t i = row->section ? 1 : 0; i < table->columns; i++) {
			fputs(i ? " " : "| ", out);
			put_escaped(out, table_at(row, i), markdown_escape);
			fputs(" |", out);
		}
		putc('\n', out);
	}
	for (size_t i = 0; i < table->notes; i++) {
		putc('\n', out);
		put_escaped(out, table->note[i], markdown_escape);
		putc('\n', out);
	}
}

static void latex_row(const struct table *table, FILE *out, const struct row *row)
{
	if (row->section) {
		if (row != table->row)
			fputs("\\addlinespace\n", out);
		fprintf(out, "\\multicolumn{%zu}{@{}l}{\\emph{", table->columns);
		put_escaped(out, row->section, latex_escape);
		fputs("}} \\\\\n", out);
		return;
	}
	for (size_t i = 0; i < table->columns; i++) {
		fputs(i ? " & " : "", out);
		put_escaped(out, table_at(row, i), latex_escape);
	}
	fputs(" \\\\\n", out);
}

void table_latex(const struct table *table, FILE *out)
{
	fputs("% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n", out);
	if (table->title) {
		fputs("\\caption{", out);
		put_escaped(out, table->title, latex_escape);
		fputs("}\n", out);
	}
	fputs("\\begin{tabular}{@{}", out);
	for (size_t i = 0; i < table->columns; i++)
		putc(table->column[i].right ? 'r' : 'l', out);
	fputs("@{}}\n\\toprule\n", out);
	for (size_t i = 0; i < table->columns; i++) {
		fputs(i ? " & " : "", out);
		put_escaped(out, table->column[i].head, latex_escape);
	}
	fputs(" \\\\\n\\midrule\n", out);
	for (size_t j = 0; j < table->rows; j++)
		latex_row(table, out, &table->row[j]);
	fputs("\\bottomrule\n\\end{tabular}\n", out);
	for (size_t i = 0; i < table->notes; i++) {
		fputs("\n\\smallskip\n{\\footnotesize ", out);
		put_escaped(out, table->note[i], latex_escape);
		fputs("\\par}\n", out);
	}
	fputs("\\end{table}\n", out);
}
