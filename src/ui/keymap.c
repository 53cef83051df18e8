/* Keys to actions: the table's own, then those of the person's keys.ini. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

bool binding_parse(const char *name, struct binding *out)
{
	const char *rest = name;

	out->count = 0;
	while (out->count < KEY_PARTS) {
		struct key_press *part = &out->parts[out->count];
		char first[TERM_KEY_TEXT];
		size_t n;

		if (term_key_parse(rest, &part->key, &part->mods)) {
			out->count++;
			return true;
		}
		/* A plus that stands first or last is a key, not what joins two. */
		if (!*rest || !rest[1])
			return false;
		n = 1 + strcspn(rest + 1, "+");
		if (!rest[n] || !rest[n + 1] || n >= sizeof first)
			return false;
		snprintf(first, sizeof first, "%.*s", (int)n, rest);
		if (!term_key_parse(first, &part->key, &part->mods))
			return false;
		out->count++;
		rest += n + 1;
	}
	return false;
}

void binding_name(const struct binding *b, int from, struct str *out)
{
	for (int i = from; i < b->count; i++) {
		char name[TERM_KEY_TEXT];

		str_addf(out, "%s%s", i > from ? " " : "", term_key_name(b->parts[i].key, b->parts[i].mods, name));
	}
}

bool binding_begins(const struct binding *b, const struct key_press *keys, int count)
{
	for (int i = 0; i < count; i++)
		if (i >= b->count || b->parts[i].key != keys[i].key || b->parts[i].mods != keys[i].mods)
			return false;
	return true;
}

static void bind(struct keymap *m, const struct binding *b)
{
	m->bindings = vec_reserve(m->bindings, &m->cap, m->count + 1, sizeof *m->bindings);
	m->bindings[m->count++] = *b;
}

static int bind_words(struct keymap *m, const struct ui_action *a, const char *keys, struct error *err)
{
	for (const char *p = keys + strspn(keys, " \t"); *p; p += strspn(p, " \t")) {
		char name[KEY_PARTS * TERM_KEY_TEXT];
		size_t n = strcspn(p, " \t");
		struct binding b = {.action = a};

		snprintf(name, sizeof name, "%.*s", (int)n, p);
		if (n >= sizeof name || !binding_parse(name, &b))
			return error_set(err, ERR_USAGE,
			                 "no key is called \"%s\"; names are like c, Ctrl-K, Alt-x, F5, PgDn, Space, and "
			                 ",+g for a comma, then g",
			                 name);
		bind(m, &b);
		p += n;
	}
	return 0;
}

void keymap_init(struct keymap *m, const struct ui_action *actions, size_t count)
{
	memset(m, 0, sizeof *m);
	m->actions = actions;
	m->action_count = count;
	for (size_t i = 0; i < count; i++)
		bind_words(m, &actions[i], actions[i].keys, NULL);
}

void keymap_release(struct keymap *m)
{
	free(m->bindings);
	memset(m, 0, sizeof *m);
}

static void unbind(struct keymap *m, const struct ui_action *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (m->bindings[i].action != a)
			m->bindings[kept++] = m->bindings[i];
	m->count = kept;
}

static int on_key(void *user, const char *section, const char *key, const char *value, int line,
                  struct error *err)
{
	struct keymap *m = user;
	const struct ui_action *a = NULL;
	size_t before;

	(void)line;
	if (*section && strcmp(section, "keys") != 0)
		return error_set(err, ERR_USAGE, "unknown section [%s]; keys stand in [keys]", section);
	for (size_t i = 0; i < m->action_count && !a; i++)
		if (!strcmp(m->actions[i].name, key))
			a = &m->actions[i];
	if (!a)
		return error_set(err, ERR_USAGE, "no action is called \"%s\"; `?` in the workbench lists them", key);
	before = m->count;
	if (bind_words(m, a, value, err)) {
		m->count = before;
		return -1;
	}
	/* The new keys were added at the end: take the old ones away, then put those back. */
	{
		size_t added = m->count - before;
		struct binding *fresh = xreallocarray(NULL, added + 1, sizeof *fresh);

		memcpy(fresh, m->bindings + before, added * sizeof *fresh);
		m->count = before;
		unbind(m, a);
		for (size_t i = 0; i < added; i++)
			bind(m, &fresh[i]);
		free(fresh);
	}
	return 0;
}

int keymap_read(struct keymap *m, const char *path, struct error *err)
{
	struct str clashes;
	int rc = 0;

	if (!file_exists(path))
		return 0;
	if (ini_read(path, on_key, m, err))
		return -1;
	/* The table itself has none. All hold; one is hidden behind the other. */
	str_init(&clashes);
	keymap_clashes(m, &clashes);
	if (clashes.len)
		rc = error_set(err, ERR_USAGE, "%s: %.*s; give one of them another key", path,
		               (int)strcspn(clashes.data, "\n"), clashes.data);
	str_release(&clashes);
	return rc;
}

const char *keymap_keys(const struct keymap *m, const struct ui_action *a, bool first_only, struct str *out)
{
	const char *between = " ";

	for (size_t i = 0; i < m->count; i++)
		if (m->bindings[i].action == a && m->bindings[i].count > 1)
			between = " / ";
	str_clear(out);
	for (size_t i = 0; i < m->count; i++) {
		if (m->bindings[i].action != a)
			continue;
		if (out->len)
			str_adds(out, between);
		binding_name(&m->bindings[i], 0, out);
		if (first_only)
			break;
	}
	return out->data;
}
