// SPDX-License-Identifier: GPL-2.0-or-later
#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Numbers from here on are abbreviated, so that columns stay narrow. */
#define LONG_TICKS 1e8

static char *dash(char *text, size_t size)
{
	snprintf(text, size, "-");
	return text;
}

/* The number with a comma before each group of three digits. */
static void separate(char *text, size_t size, double number)
{
	char digits[32];
	size_t n, out = 0;

	snprintf(digits, sizeof(digits), "%.0f", number);
	n = strlen(digits);
	for (size_t i = 0; i < n && out + 1 < size; i++) {
		text[out++] = digits[i];
		if ((n - i) % 3 == 1 && i + 1 < n && digits[i] != '-' && out + 1 < size)
			text[out++] = ',';
	}
	text[out] = '\0';
}

/* Three significant digits, without an exponent. */
static int decimals(double number)
{
	number = fabs(number);
	return number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
}

char *units_short(char *text, size_t size, double ticks)
{
	static const struct {
		const char *name;
		double unit, below;
	} large[] = {{"", 1, 999.5},	    {" k", 1e3, 999.5e3},   {" M", 1e6, 999.5e6},
		     {" G", 1e9, 999.5e9},  {" T", 1e12, 999.5e12}, {" P", 1e15, 999.5e15},
		     {" E", 1e18, 999.5e18}};

	if (!isfinite(ticks))
		return dash(text, size);
	for (size_t i = 0; i < sizeof(large) / sizeof(*large); i++) {
		double number = ticks / large[i].unit;

		if (fabs(ticks) >= large[i].below)
			continue;
		snprintf(text, size, "%.*f%s", decimals(number), number, large[i].name);
		return text;
	}
	snprintf(text, size, "%s1,000 E", ticks < 0 ? "under -" : "over ");
	return text;
}

/* Removes zeros after the point, and a point without digits. */
static void trim(char *text)
{
	char *end = strchr(text, '.') ? text + strlen(text) : text;

	while (end > text && end[-1] == '0')
		*--end = '\0';
	if (end > text && end[-1] == '.')
		*--end = '\0';
}

/* Two significant digits down to 0.01, and one digit after the point where 100 would be wrong. */
char *units_percent(char *text, size_t size, double percent)
{
	double magnitude = fabs(percent);
	int digits = magnitude >= 9.95 ? 0 : magnitude >= 0.995 ? 1 : magnitude >= 0.0995 ? 2 : 3;
	char number[32];

	if (!isfinite(percent))
		return dash(text, size);
	if (percent >= 99.5 && percent < 100)
		snprintf(number, sizeof(number), "%.1f", floor(percent * 10) / 10);
	else if (percent > 0 && percent < 0.001)
		snprintf(number, sizeof(number), "under 0.001");
	else
		snprintf(number, sizeof(number), "%.*f", digits, percent);
	trim(number);
	snprintf(text, size, "%s %%", number);
	return text;
}

char *units_half(char *text, size_t size, double percent)
{
	if (!isfinite(percent))
		return dash(text, size);
	if (percent > 0 && percent < 0.05)
		snprintf(text, size, "<0.1");
	else
		snprintf(text, size, "%.*f", percent > 0 && percent < 9.95 ? 1 : 0, percent);
	return text;
}

char *units_plain(char *text, size_t size, double number)
{
	int digits;

	if (!isfinite(number))
		return dash(text, size);
	digits = 5 - (number ? (int)floor(log10(fabs(number))) : 0);
	snprintf(text, size, "%.*f", digits > 0 ? digits : 0, number);
	trim(text);
	return text;
}

char *units_ticks(char *text, size_t size, double ticks)
{
	if (!isfinite(ticks))
		return dash(text, size);
	if (fabs(ticks) >= LONG_TICKS)
		return units_short(text, size, ticks);
	separate(text, size, ticks);
	return text;
}

char *units_ns(char *text, size_t size, double ticks, double hz)
{
	static const struct {
		const char *name;
		double ns, below; /* below: the limit up to which rounding gives at most three
				     digits */
	} unit[] = {
		{"ns", 1, 999.5}, {"us", 1e3, 999.5e3}, {"ms", 1e6, 999.5e6}, {"s", 1e9, INFINITY}};
	double ns = ticks / hz * 1e9;
	size_t i = 0;

	if (!isfinite(ns) || !(hz > 0))
		return dash(text, size);
	while (fabs(ns) >= unit[i].below)
		i++;
	snprintf(text, size, "%.*f %s", decimals(ns / unit[i].ns), ns / unit[i].ns, unit[i].name);
	return text;
}

char *units_duration(char *text, size_t size, double seconds)
{
	unsigned long long whole;

	if (!isfinite(seconds) || seconds < 0)
		return dash(text, size);
	if (seconds < 9.95) {
		snprintf(text, size, "%.1f s", seconds);
		return text;
	}
	whole = seconds + 0.5;
	if (whole < 60)
		snprintf(text, size, "%llu s", whole);
	else if (whole < 3600)
		snprintf(text, size, "%llu min %llu s", whole / 60, whole % 60);
	else
		snprintf(text, size, "%llu h %llu min", whole / 3600, whole % 3600 / 60);
	return text;
}
