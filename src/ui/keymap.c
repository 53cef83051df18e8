/* Keys to actions: the table's own, then those of the person's keys.ini. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

static void bind(struct keymap *m, const struct ui_action *a, uint32_t key, unsigned mods)
{
	m->bindings = vec_reserve(m->bindings, &m->cap, m->count + 1, sizeof *m->bindings);
	m->bindings[m->count++] = (struct binding){a, key, mods};
}

static int bind_words(struct keymap *m, const struct ui_action *a, const char *keys, struct error *err)
{
	for (const char *p = keys + strspn(keys, " \t"); *p; p += strspn(p, " \t")) {
		char name[TERM_KEY_TEXT];
		size_t n = strcspn(p, " \t");
		uint32_t key;
		unsigned mods;

		snprintf(name, sizeof name, "%.*s", (int)n, p);
		if (n >= sizeof name || !term_key_parse(name, &key, &mods))
			return error_set(err, ERR_USAGE,
			                 "no key is called \"%s\"; names are like c, Ctrl-K, Alt-x, F5, PgDn, Space",
			                 name);
		bind(m, a, key, mods);
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
			bind(m, a, fresh[i].key, fresh[i].mods);
		free(fresh);
	}
	return 0;
}

int keymap_read(struct keymap *m, const char *path, struct error *err)
{
	if (!file_exists(path))
		return 0;
	return ini_read(path, on_key, m, err);
}

const char *keymap_keys(const struct keymap *m, const struct ui_action *a, bool first_only, struct str *out)
{
	str_clear(out);
	for (size_t i = 0; i < m->count; i++) {
		char name[TERM_KEY_TEXT];

		if (m->bindings[i].action != a)
			continue;
		str_addf(out, "%s%s", out->len ? " " : "",
		         term_key_name(m->bindings[i].key, m->bindings[i].mods, name));
		if (first_only)
			break;
	}
	return out->data;
}
