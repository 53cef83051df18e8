/*
 * Every action of the table, taken out of it, is gone from keys, footer, help, palette and manual; and was there
 * before. One view for all: its contexts are those of the action.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/ui.h"
#include "../../src/ui/menu.h"

struct seen {
	const char *contexts;
	enum action done; /* what the view was asked to do last */
};

static int stage_open(struct view *v, const void *args, struct error *err)
{
	(void)v;
	(void)args;
	(void)err;
	return 0;
}

static void stage_draw(struct view *v, struct surface *s)
{
	(void)v;
	(void)s;
}

static bool stage_action(struct view *v, enum action action)
{
	((struct seen *)ui_app(v->ui))->done = action;
	return true;
}

static const char *stage_contexts(struct view *v)
{
	return ((struct seen *)ui_app(v->ui))->contexts;
}

static const struct view_ops stage_ops = {
    .name = "stage",
    .contexts = "",
    .open = stage_open,
    .draw = stage_draw,
    .action = stage_action,
    .contexts_now = stage_contexts,
};
static const struct ui_screen screens[] = {{1, "Stage", &stage_ops}};

static int nothing(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)arena;
	(void)arg;
	(void)result;
	(void)err;
	return 0;
}

struct stage {
	struct term *term;
	struct ui *ui;
	struct seen seen;
	struct str screen;
	char contexts[128];
};

/* "app" alone is a context that holds everywhere, not one of the view. */
static void begin(struct stage *s, const struct ui_action *actions, size_t count, const char *contexts)
{
	struct ui_options o = {.screens = screens,
	                       .screen_count = 1,
	                       .actions = actions,
	                       .action_count = count,
	                       .fixed_now = 1700000000000};

	snprintf(s->contexts, sizeof s->contexts, "%s", strcmp(contexts, "app") ? contexts : "");
	s->seen = (struct seen){.contexts = s->contexts};
	/* As wide and high as needed to show all that there is. */
	s->term = term_open_memory(400, 160, TERM_ASCII, TERM_256);
	o.term = s->term;
	o.app = &s->seen;
	o.theme_editor = &stage_ops;
	o.guide = &stage_ops;
	o.undo = o.redo = nothing;
	str_init(&s->screen);
	assert_int_equal(ui_new(&s->ui, &o, NULL), 0);
	ui_settle(s->ui);
}

static void end(struct stage *s)
{
	ui_free(s->ui);
	term_close(s->term);
	str_release(&s->screen);
}

static void press(struct stage *s, const struct binding *b)
{
	for (int i = 0; i < b->count; i++) {
		struct term_event e = {.kind = TERM_EVENT_KEY, .key = b->parts[i].key, .mods = b->parts[i].mods};

		ui_event(s->ui, &e);
	}
}

static const char *screen(struct stage *s)
{
	ui_draw(s->ui);
	str_clear(&s->screen);
	grid_text(term_grid(s->term), &s->screen);
	return s->screen.data;
}

static char *footer(struct stage *s)
{
	const char *text = screen(s), *last = text;
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		len--;
	for (const char *p = text; p < text + len; p++)
		if (*p == '\n')
			last = p + 1;
	return xmemdup0(last, (size_t)(text + len - last));
}

/* "c compare", as footer and hints have it. */
static void hint_of(const struct binding *b, const struct ui_action *a, struct str *out)
{
	str_clear(out);
	binding_name(b, 0, out);
	str_addf(out, " %s", a->word);
}

static bool means(struct stage *s, const struct binding *b, const char *name)
{
	struct meaning m = keys_mean(s->ui, b->parts, b->count);

	return m.action && !strcmp(m.action->name, name);
}

static bool shown(struct stage *s, const char *text)
{
	return strstr(screen(s), text) != NULL;
}

static void close_dialog(struct stage *s)
{
	if (s->ui->dialog)
		dialog_close(s->ui);
	bury_dead(s->ui);
}

static bool in_help(struct stage *s, const struct ui_action *a)
{
	char begins[41];
	bool found;

	/* Long ones go on in the next row. */
	snprintf(begins, sizeof begins, "%s", a->help);
	if (strlen(a->help) > 40 && strrchr(begins, ' '))
		*strrchr(begins, ' ') = 0;
	help_open(s->ui);
	found = shown(s, begins);
	close_dialog(s);
	return found;
}

static bool in_palette(struct stage *s, const struct ui_action *a)
{
	const struct menu *m;
	bool found = false;

	palette_open(s->ui);
	for (const char *p = a->name; *p; p++) {
		struct term_event e = {.kind = TERM_EVENT_KEY, .key = (uint32_t)*p};

		ui_event(s->ui, &e);
	}
	/* Drawn first: what was typed takes hold when it is looked at. Helps are cut there, so the entry is asked. */
	screen(s);
	m = (const struct menu *)s->ui->dialog;
	for (size_t i = 0; i < m->shown_count; i++)
		found |= !strcmp(m->items[m->shown[i]].text, a->name);
	close_dialog(s);
	return found;
}

static bool in_manual(const struct ui_action *actions, size_t count, const struct ui_action *a)
{
	struct str all, part, want;
	bool found;

	str_init(&all);
	str_init(&part);
	str_init(&want);
	ui_actions_mdoc(actions, count, &all);
	ui_actions_mdoc(a, 1, &part);
	/* Its own entry, from the help line on: the name stands in it. */
	str_adds(&want, strstr(part.data, ".Pq Ic "));
	*strchr(want.data, '\n') = 0;
	want.len = strlen(want.data);
	str_addc(&want, '\n');
	found = strstr(all.data, want.data) != NULL;
	str_release(&all);
	str_release(&part);
	str_release(&want);
	return found;
}

static bool bound(const struct ui_action *a, struct binding *out)
{
	char first[KEY_PARTS * TERM_KEY_TEXT];

	snprintf(first, sizeof first, "%.*s", (int)strcspn(a->keys, " "), a->keys);
	return binding_parse(first, out);
}

static void look(const struct ui_action *actions, size_t count, const struct ui_action *a, bool there)
{
	struct stage s = {0};
	struct binding b = {0};
	bool has_key = bound(a, &b);
	struct str hint;

	str_init(&hint);
	begin(&s, actions, count, a->context);
	if (has_key && means(&s, &b, a->name) != there)
		fail_msg("%s: its key %s it", a->name, there ? "does not mean" : "still means");
	/* What cannot be done has no place in the footer, and screens that there are not none in the help. */
	if (a->flags & ACT_FOOTER && has_key && !ui_why_not(s.ui, a) && a->id != ACTION_APP_QUIT) {
		char *row = footer(&s);

		hint_of(&b, a, &hint);
		if ((strstr(row, hint.data) != NULL) != there)
			fail_msg("%s: \"%s\" %s the footer: %s", a->name, hint.data, there ? "is not in" : "is still in",
			         row);
		free(row);
	}
	if (!ui_why_not(s.ui, a) || a->id < ACTION_APP_SCREEN_1 || a->id > ACTION_APP_SCREEN_8)
		if (in_help(&s, a) != there)
			fail_msg("%s: %s the help", a->name, there ? "is not in" : "is still in");
	if (!(a->flags & ACT_HIDDEN) && in_palette(&s, a) != there)
		fail_msg("%s: %s the palette", a->name, there ? "is not in" : "is still in");
	if (a->flags & ACT_HIDDEN && in_palette(&s, a))
		fail_msg("%s: is in the palette, though hidden", a->name);
	if (in_manual(actions, count, a) != there)
		fail_msg("%s: %s the manual", a->name, there ? "is not in" : "is still in");
	/* A view's action reaches it by its key, or does not. */
	if (has_key && !words_have(a->context, "app", 3)) {
		s.seen.done = ACTION_NONE;
		press(&s, &b);
		if ((s.seen.done == a->id) != there)
			fail_msg("%s: its key %s", a->name, there ? "does nothing" : "still does it");
	}
	str_release(&hint);
	end(&s);
}

static void taken_out(void **state)
{
	size_t count, kept;
	const struct ui_action *all = ui_action_table(&count);
	struct ui_action *some = xcalloc(count, sizeof *some);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		kept = 0;
		for (size_t k = 0; k < count; k++)
			if (k != i)
				some[kept++] = all[k];
		look(all, count, &all[i], true);
		look(some, kept, &all[i], false);
	}
	free(some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(taken_out)};

	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
