/* The one table of actions, its check and its manual. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

static const struct ui_action table[] = {
#define X(id, name, keys, context, flags, word, help) {ACTION_##id, name, keys, context, flags, word, help},
    UI_ACTIONS(X)
#undef X
};

const struct ui_action *ui_action_table(size_t *count)
{
	*count = COUNT_OF(table);
	return table;
}

bool words_have(const char *words, const char *word, size_t len)
{
	for (const char *p = words; *p;) {
		size_t n = strcspn(p, " ");

		if (n == len && !memcmp(p, word, len))
			return true;
		p += n;
		p += strspn(p, " ");
	}
	return false;
}

static bool share_context(const struct ui_action *a, const struct ui_action *b)
{
	for (const char *p = a->context; *p;) {
		size_t n = strcspn(p, " ");

		if (words_have(b->context, p, n))
			return true;
		p += n;
		p += strspn(p, " ");
	}
	return false;
}

static void add_fault(struct str *faults, const char *text, const char *a, const char *b)
{
	str_addf(faults, "%s%s: %s%s%s", faults->len ? "\n" : "", a, text, b ? " " : "", b ? b : "");
}

void keymap_clashes(const struct keymap *m, struct str *faults)
{
	for (size_t i = 0; i < m->count; i++)
		for (size_t k = i + 1; k < m->count; k++) {
			const struct binding *a = &m->bindings[i], *b = &m->bindings[k];
			const struct binding *less = a->count <= b->count ? a : b, *more = less == a ? b : a;

			if (!binding_begins(more, less->parts, less->count) || !share_context(a->action, b->action))
				continue;
			str_addf(faults, "%s%s and %s: ", faults->len ? "\n" : "", a->action->name, b->action->name);
			/* A key that does something cannot also begin a sequence: it would never be waited for. */
			str_adds(faults, less->count == more->count ? "both on " : "a sequence begins with all of ");
			binding_name(less, 0, faults);
		}
}

int ui_actions_check(const struct ui_action *actions, size_t count, struct error *err)
{
	struct keymap m;
	struct str faults;
	int rc = 0;

	str_init(&faults);
	for (size_t i = 0; i < count; i++) {
		const struct ui_action *a = &actions[i];

		if (!strchr(a->name, '.'))
			add_fault(&faults, "a name has the form part.verb", a->name, NULL);
		if (!*a->help || !*a->context)
			add_fault(&faults, "needs a context and a line of help", a->name, NULL);
		for (const char *p = a->keys; *p; p += strspn(p, " ")) {
			char key[KEY_PARTS * TERM_KEY_TEXT];
			size_t n = strcspn(p, " ");
			struct binding b;

			snprintf(key, sizeof key, "%.*s", (int)n, p);
			if (!binding_parse(key, &b))
				add_fault(&faults, "no such key:", a->name, key);
			p += n;
		}
		for (size_t k = 0; k < i; k++)
			if (!strcmp(actions[k].name, a->name))
				add_fault(&faults, "is there twice", a->name, NULL);
	}
	keymap_init(&m, actions, count);
	keymap_clashes(&m, &faults);
	keymap_release(&m);
	if (faults.len)
		rc = error_set(err, ERR_USAGE, "%s", faults.data);
	str_release(&faults);
	return rc;
}

static void add_mdoc(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			str_adds(out, "\\e");
		else if (*text == '-')
			str_adds(out, "\\-");
		else if (*text == '"')
			str_adds(out, "\\(dq");
		else
			str_addc(out, *text);
	}
}

void ui_actions_mdoc(const struct ui_action *actions, size_t count, struct str *out)
{
	struct keymap m;

	keymap_init(&m, actions, count);
	for (size_t i = 0; i < count; i++) {
		const char *context = actions[i].context;
		bool seen = false;

		for (size_t k = 0; k < i; k++)
			seen |= !strcmp(actions[k].context, context);
		if (seen)
			continue;
		str_addf(out, ".Ss Keys: %s\n.Bl -tag -width 16n -compact\n", context);
		for (size_t k = i; k < count; k++) {
			struct str keys;

			if (strcmp(actions[k].context, context) != 0)
				continue;
			str_init(&keys);
			keymap_keys(&m, &actions[k], false, &keys);
			/* \& keeps a key that is a delimiter of mdoc, such as [, in its place. */
			str_adds(out, ".It \"\\&");
			add_mdoc(out, keys.len ? keys.data : "(none)");
			str_adds(out, "\"\n");
			add_mdoc(out, actions[k].help);
			str_adds(out, "\n.Pq Ic ");
			add_mdoc(out, actions[k].name);
			str_addc(out, '\n');
			str_release(&keys);
		}
		str_adds(out, ".El\n");
	}
	keymap_release(&m);
}
