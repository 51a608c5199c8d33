// SPDX-License-Identifier: GPL-2.0-or-later
#include "page.h"

#include <sha2.h>
#include <string.h>

#include "../../trace/types.h"

extern const char report_css[], report_js[];

/* As Content-Security-Policy takes it: base64 (RFC 4648, section 4). */
static void put_base64(FILE *out, const u8 *bytes, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		u32 group = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
			    (i + 2 < size ? bytes[i + 2] : 0);

		for (size_t j = 0; j < 4; j++)
			putc(i + j <= size ? letters[group >> (18 - 6 * j) & 63] : '=', out);
	}
}

static void put_hash(FILE *out, const char *text)
{
	u8 digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const u8 *)text, strlen(text));
	SHA256Final(digest, &context);
	fputs("'sha256-", out);
	put_base64(out, digest, sizeof(digest));
	putc('\'', out);
}

void page_begin(FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src ",
	      out);
	put_hash(out, report_css);
	fputs("; script-src ", out);
	put_hash(out, report_js);
	fputs("; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
	      "exitstorm: ",
	      out);
}

void page_body(FILE *out)
{
	fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", report_css);
}

void page_end(FILE *out, const char *source)
{
	fprintf(out,
		"</main>\n"
		"<footer><p>Made by exitstorm from %s alone. Columns and their limits: "
		"results/README.md, \"Threats to validity\".</p></footer>\n",
		source);
	fprintf(out, "<script>%s</script>\n</body>\n</html>\n", report_js);
}
