// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

struct out {
	char *text;
	size_t used, size;
};

struct spec {
	unsigned int width;
	bool zero, left;
	unsigned int longs;
	int precision; /* -1: none */
};

static void put(struct out *out, char c)
{
	if (out->used + 1 < out->size)
		out->text[out->used++] = c;
}

static void put_field(struct out *out, const struct spec *spec, const char *text, size_t length)
{
	size_t fill = spec->width > length ? spec->width - length : 0;

	for (size_t i = 0; !spec->left && i < fill; i++)
		put(out, spec->zero ? '0' : ' ');
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	for (size_t i = 0; spec->left && i < fill; i++)
		put(out, ' ');
}

static void put_number(struct out *out, struct spec *spec, u64 value, u32 base, bool negative)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative && spec->zero) {
		put(out, '-');
		spec->width -= spec->width > 0;
	} else if (negative) {
		digits[--at] = '-';
	}
	put_field(out, spec, digits + at, sizeof(digits) - at);
}

static void put_string(struct out *out, const struct spec *spec, const char *string)
{
	size_t length = 0;

	if (!string)
		string = "(null)";
	while ((spec->precision < 0 || length < (size_t)spec->precision) && string[length])
		length++;
	put_field(out, spec, string, length);
}

static const char *parse(const char *at, struct spec *spec)
{
	*spec = (struct spec){.precision = -1};
	for (;; at++) {
		if (*at == '0')
			spec->zero = true;
		else if (*at == '-')
			spec->left = true;
		else
			break;
	}
	while (*at >= '0' && *at <= '9')
		spec->width = spec->width * 10 + (*at++ - '0');
	if (*at == '.') {
		spec->precision = 0;
		for (at++; *at >= '0' && *at <= '9'; at++)
			spec->precision = spec->precision * 10 + (*at - '0');
	}
	for (; *at == 'l' || *at == 'z'; at++)
		spec->longs++;
	return at;
}

void format_text(char *text, size_t size, const char *format, va_list args)
{
	struct out out = {text, 0, size};
	struct spec spec;
	s64 number;

	for (const char *at = format; *at; at++) {
		if (*at != '%') {
			put(&out, *at);
			continue;
		}
		at = parse(at + 1, &spec);
		if (!*at)
			break;
		switch (*at) {
		case 'd':
		case 'i':
			number = spec.longs ? va_arg(args, long) : va_arg(args, int);
			put_number(&out, &spec, number < 0 ? -(u64)number : (u64)number, 10,
				   number < 0);
			break;
		case 'u':
			put_number(&out, &spec,
				   spec.longs ? va_arg(args, unsigned long)
					      : va_arg(args, unsigned int),
				   10, false);
			break;
		case 'x':
			put_number(&out, &spec,
				   spec.longs ? va_arg(args, unsigned long)
					      : va_arg(args, unsigned int),
				   16, false);
			break;
		case 'p':
			put_number(&out, &spec, (u64)va_arg(args, void *), 16, false);
			break;
		case 'c':
			put(&out, va_arg(args, int));
			break;
		case 's':
			put_string(&out, &spec, va_arg(args, const char *));
			break;
		default:
			put(&out, *at);
		}
	}
	if (size)
		out.text[out.used] = 0;
}
