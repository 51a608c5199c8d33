// SPDX-License-Identifier: GPL-2.0-or-later
#include "values.h"

#include <stdlib.h>
#include <string.h>

#include "../plan/number.h"

int value_count(const char *option, const char *text, u64 min, u64 max, u64 *number)
{
	u64 value;

	if (!number_read(text, 1000, &value) || value < min || value > max)
		return cli_usage("%s: '%.64s' is not a number from %llu to %llu (also as 10k, 1M, "
				 "2e6)",
				 option, text, (unsigned long long)min, (unsigned long long)max);
	*number = value;
	return STATUS_OK;
}

int value_size(const char *option, const char *text, u64 min, u64 max, u64 *bytes)
{
	u64 value;

	if (!number_read(text, 1024, &value) || value < min || value > max)
		return cli_usage("%s: '%.64s' is not a size from %llu to %llu bytes (also as 64k, "
				 "16M)",
				 option, text, (unsigned long long)min, (unsigned long long)max);
	*bytes = value;
	return STATUS_OK;
}

/* False: not a number from low to high, or `unit` does not follow it. */
static bool real(const char *text, const char *unit, double low, double high, double *number)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || strcmp(end, unit) || !(value >= low && value <= high))
		return false;
	*number = value;
	return true;
}

int value_number(const char *option, const char *text, double low, double high, double *number)
{
	if (real(text, "", low, high, number))
		return STATUS_OK;
	return cli_usage("%s: '%.64s' is not a number from %g to %g", option, text, low, high);
}

int value_percent(const char *option, const char *text, double low, double high, double *percent)
{
	if (real(text, "", low, high, percent) || real(text, "%", low, high, percent))
		return STATUS_OK;
	return cli_usage("%s: '%.64s' is not a percentage from %g to %g", option, text, low, high);
}

int value_seconds(const char *option, const char *text, double low, double *seconds)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"", 1},	   {"s", 1},	{"ms", 1e-3}, {"us", 1e-6},
		     {"ns", 1e-9}, {"min", 60}, {"m", 60},    {"h", 3600}};
	double number;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (real(text, units[i].unit, 0, 1e9, &number) && number > 0 &&
		    number * units[i].seconds >= low) {
			*seconds = number * units[i].seconds;
			return STATUS_OK;
		}
	if (low > 0)
		return cli_usage("%s: '%.64s' is not a time from %g s on (10, 0.5, 100ms)", option,
				 text, low);
	return cli_usage("%s: '%.64s' is not a time above 0 (10, 0.5, 100us, 2min)", option, text);
}
