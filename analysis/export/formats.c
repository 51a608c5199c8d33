// SPDX-License-Identifier: GPL-2.0-or-later
#include "formats.h"

#define ROW(name, text) {#name, text, format_##name},
const struct format formats[FORMAT_COUNT] = {FORMATS(ROW)};
#define WORD(name, text) #name,
const char *const format_words[FORMAT_COUNT] = {FORMATS(WORD)};
