/* Names of keys, both ways. */
#include <stdlib.h>
#include <string.h>

#include "assay/term.h"

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
    {"Up", TERM_KEY_UP},
    {"Down", TERM_KEY_DOWN},
    {"Left", TERM_KEY_LEFT},
    {"Right", TERM_KEY_RIGHT},
    {"Home", TERM_KEY_HOME},
    {"End", TERM_KEY_END},
    {"PgUp", TERM_KEY_PAGE_UP},
    {"PgDn", TERM_KEY_PAGE_DOWN},
    {"Insert", TERM_KEY_INSERT},
    {"Delete", TERM_KEY_DELETE},
    {"Backspace", TERM_KEY_BACKSPACE},
    {"Enter", TERM_KEY_ENTER},
    {"Tab", TERM_KEY_TAB},
    {"Esc", TERM_KEY_ESC},
    {"Space", ' '},
};

static bool parse_base(const char *name, uint32_t *key)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t len = strlen(name);
	int64_t n;
	int width;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(name, names[i].name)) {
			*key = names[i].key;
			return true;
		}
	if (*name == 'F' && len > 1 && int_parse(name + 1, len - 1, &n) && n >= 1 && n <= 12) {
		*key = TERM_KEY_F1 + (uint32_t)n - 1;
		return true;
	}
	if (len == 1) {
		*key = p[0];
		return p[0] > 0x20 && p[0] < 0x7F;
	}
	if (len > 1 && text_grapheme(name, len, &width) == len && p[0] >= 0xC2 && len <= 4) {
		uint32_t c = p[0] & (0x7FU >> len);

		for (size_t i = 1; i < len; i++) {
			if ((p[i] & 0xC0) != 0x80)
				return false;
			c = c << 6 | (p[i] & 0x3F);
		}
		*key = c;
		return true;
	}
	return false;
}

bool term_key_parse(const char *name, uint32_t *key, unsigned *mods)
{
	static const struct {
		const char *prefix;
		unsigned mod;
	} prefixes[] = {{"Ctrl-", TERM_CTRL}, {"Alt-", TERM_ALT}, {"Shift-", TERM_SHIFT}};

	*mods = 0;
	for (size_t i = 0; i < COUNT_OF(prefixes);) {
		size_t n = strlen(prefixes[i].prefix);

		if (!strncmp(name, prefixes[i].prefix, n) && name[n] && !(*mods & prefixes[i].mod)) {
			*mods |= prefixes[i].mod;
			name += n;
			i = 0;
		} else {
			i++;
		}
	}
	if (!parse_base(name, key))
		return false;
	if (*mods & TERM_CTRL && *key >= 'A' && *key <= 'Z')
		*key += 'a' - 'A';
	/* A terminal sends the capital, not Shift with the letter. */
	if (*mods & TERM_SHIFT && *key < TERM_KEY_SPECIAL)
		return false;
	return true;
}

static void add_rune(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
	} else if (c < 0x800) {
		str_addc(out, (char)(0xC0 | c >> 6));
		str_addc(out, (char)(0x80 | (c & 0x3F)));
	} else {
		if (c < 0x10000) {
			str_addc(out, (char)(0xE0 | c >> 12));
		} else {
			str_addc(out, (char)(0xF0 | c >> 18));
			str_addc(out, (char)(0x80 | (c >> 12 & 0x3F)));
		}
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
		str_addc(out, (char)(0x80 | (c & 0x3F)));
	}
}

const char *term_key_name(uint32_t key, unsigned mods, char out[TERM_KEY_TEXT])
{
	struct str text;

	str_init(&text);
	str_addf(&text, "%s%s%s", mods & TERM_CTRL ? "Ctrl-" : "", mods & TERM_ALT ? "Alt-" : "",
	         mods & TERM_SHIFT ? "Shift-" : "");
	if (key >= TERM_KEY_F1 && key <= TERM_KEY_F12) {
		str_addf(&text, "F%u", (unsigned)(key - TERM_KEY_F1 + 1));
	} else {
		size_t i = 0;

		while (i < COUNT_OF(names) && names[i].key != key)
			i++;
		if (i < COUNT_OF(names))
			str_adds(&text, names[i].name);
		else if (mods & TERM_CTRL && key >= 'a' && key <= 'z')
			str_addc(&text, (char)(key - 'a' + 'A'));
		else
			add_rune(&text, key < TERM_KEY_SPECIAL ? key : '?');
	}
	snprintf(out, TERM_KEY_TEXT, "%s", text.data);
	str_release(&text);
	return out;
}
