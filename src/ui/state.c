/* What is remembered between starts: sections of keys and values in an INI file, values escaped as in URLs.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { PIECE = 120 };

void state_init(struct ui_state *s)
{
	memset(s, 0, sizeof *s);
}

void state_release(struct ui_state *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->entries[i].section);
		free(s->entries[i].key);
		free(s->entries[i].value);
	}
	free(s->entries);
	state_init(s);
}

static struct state_entry *find(const struct ui_state *s, const char *section, const char *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->entries[i].section, section) && !strcmp(s->entries[i].key, key))
			return &s->entries[i];
	return NULL;
}

const char *state_get(const struct ui_state *s, const char *section, const char *key)
{
	const struct state_entry *e = find(s, section, key);

	return e ? e->value : NULL;
}

void state_set(struct ui_state *s, const char *section, const char *key, const char *value)
{
	struct state_entry *e = find(s, section, key);

	if (e && !strcmp(e->value, value))
		return;
	s->changed = true;
	if (e) {
		free(e->value);
	} else {
		s->entries = vec_reserve(s->entries, &s->cap, s->count + 1, sizeof *s->entries);
		e = &s->entries[s->count++];
		e->section = xstrdup(section);
		e->key = xstrdup(key);
	}
	e->value = xstrdup(value);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err)
{
	const char *before = state_get(user, section, key);
	struct str text;

	(void)line;
	(void)err;
	str_init(&text);
	/* The same key again: its value goes on. */
	str_adds(&text, before ? before : "");
	for (const char *p = value; *p; p++) {
		if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			str_addc(&text, (char)(hex(p[1]) << 4 | hex(p[2])));
			p += 2;
		} else {
			str_addc(&text, *p);
		}
	}
	state_set(user, section, key, text.data);
	str_release(&text);
	return 0;
}

int state_load(struct ui_state *s, const char *path, struct error *err)
{
	int rc = file_exists(path) ? ini_read(path, on_key, s, err) : 0;

	s->changed = false;
	return rc;
}

static int by_section(const void *a, const void *b)
{
	const struct state_entry *x = a, *y = b;
	int order = strcmp(x->section, y->section);

	return order ? order : strcmp(x->key, y->key);
}

/* Readers of INI files have lines of 200 bytes at most: what is longer goes on in indented lines. */
static void add_escaped(struct str *out, const char *text)
{
	for (size_t from = out->len; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (out->len - from >= PIECE) {
			str_adds(out, "\n  ");
			from = out->len;
		}

		if (c < 0x21 || c == '%' || c == ';' || c == '#' || c == '=' || c == '"' || c == '\'' || c >= 0x7F)
			str_addf(out, "%%%02X", c);
		else
			str_addc(out, (char)c);
	}
}

void state_text(struct ui_state *s, struct str *out)
{
	const char *section = "";

	if (s->count)
		qsort(s->entries, s->count, sizeof *s->entries, by_section);
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(section, s->entries[i].section) != 0)
			str_addf(out, "[%s]\n", s->entries[i].section);
		section = s->entries[i].section;
		str_addf(out, "%s = ", s->entries[i].key);
		add_escaped(out, s->entries[i].value);
		str_addc(out, '\n');
	}
}

int state_write(const char *path, const char *text, size_t len, struct error *err)
{
	char *folder = xstrdup(path);
	int rc;

	if (strrchr(folder, '/'))
		*strrchr(folder, '/') = 0;
	rc = (*folder && dir_make(folder, err)) || file_write_atomic(path, text, len, 0600, err) ? -1 : 0;
	free(folder);
	return rc;
}

int state_save(struct ui_state *s, const char *path, struct error *err)
{
	struct str out;
	int rc;

	if (!s->changed)
		return 0;
	str_init(&out);
	state_text(s, &out);
	rc = state_write(path, out.data, out.len, err);
	if (!rc)
		s->changed = false;
	str_release(&out);
	return rc;
}
