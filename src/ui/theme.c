/*
 * The theme that is shown: chosen, changed and read again while the program runs. Its files are looked at
 * once a second on a thread of their own: by stat, which sees through links and works on network folders,
 * where notification does not; and the screen's thread waits for no disk.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { LOOK_MS = 1000 };

struct ask {
	struct theme present;
	struct theme *save;    /* `present` with changes, to be written under the name `want`; or NULL */
	char want[THEME_NAME]; /* "": see whether the present one has changed */
	int steps;             /* that many further in the list of names */
};
struct answer {
	bool news, chosen, ok; /* chosen: because a person asked for it */
	struct theme theme;
	struct error err;
	char saved[THEME_PATH]; /* "": nothing was written */
};

/* ---- on the thread of files ---- */

static const char *further(struct arena *arena, const char *from, int steps)
{
	size_t count, at = 0;
	const char **names = theme_names(arena, &count);

	while (at < count && strcmp(names[at], from) != 0)
		at++;
	return count ? names[(at % count + (at < count) * (size_t)steps) % count] : NULL;
}

static int look(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct ask *ask = arg;
	struct answer *answer = arena_alloc(arena, sizeof *answer);
	const char *name = *ask->want ? ask->want : ask->present.name;

	(void)context;
	*result = answer;
	answer->chosen = *ask->want || ask->steps;
	answer->news = answer->chosen || theme_changed(&ask->present);
	if (!answer->news)
		return 0;
	if (ask->save && theme_save(&ask->present, ask->save, name, answer->saved, err))
		return -1;
	if (ask->steps && !(name = further(arena, name, ask->steps)))
		return error_set(err, ERR_ENV, "no theme file was found");
	answer->ok = theme_find(&answer->theme, name, &answer->err) == 0;
	/* A broken one is told and passed by, or nobody would get beyond it. */
	for (const char *at = name; ask->steps && !answer->ok;) {
		at = further(arena, at, 1);
		if (!strcmp(at, name))
			break;
		answer->ok = theme_find(&answer->theme, at, NULL) == 0;
	}
	return 0;
}

/* ---- on the screen's thread ---- */

static void show(struct ui *ui)
{
	const struct theme *t = ui->preview ? ui->preview : &ui->theme;

	term_set_looks(ui->term, t->looks[term_colours(ui->term)]);
	ui->key_dirty = true;
}

static void take(struct ui *ui, const struct answer *answer)
{
	if (!answer->news)
		return;
	if (!answer->ok) {
		ui_error(ui, &answer->err);
		/* Told once: the next look asks whether it has changed since. */
		if (!answer->chosen) {
			memcpy(ui->theme.files, answer->theme.files, sizeof ui->theme.files);
			ui->theme.file_count = answer->theme.file_count;
		}
		return;
	}
	ui->theme = answer->theme;
	show(ui);
	if (answer->chosen)
		state_set(&ui->state, "ui", "theme", ui->theme.name);
	if (*answer->saved) {
		ui->theme_writes++;
		ui_message(ui, STYLE_MESSAGE, "theme %s written: %s", ui->theme.name, answer->saved);
	} else if (*answer->err.text) {
		ui_error(ui, &answer->err);
	} else if (answer->chosen) {
		ui_message(ui, STYLE_MESSAGE, "theme %s%s%s", ui->theme.name, ui->theme.about[0] ? ": " : "",
		           ui->theme.about);
	}
}

static void answered(struct ui *ui, struct request *r)
{
	if (r->result.status)
		ui_error(ui, &r->result.err);
	else
		take(ui, r->result.data);
}

static void ask(struct ui *ui, const char *want, int steps, const struct theme *was, const struct theme *now)
{
	struct request *r = xcalloc(1, sizeof *r);
	struct ask *ask = xcalloc(1, sizeof *ask);

	ask->present = was ? *was : ui->theme;
	snprintf(ask->want, sizeof ask->want, "%s", want);
	ask->steps = steps;
	if (now) {
		r->keep = arena_new();
		ask->save = arena_alloc(r->keep, sizeof *now);
		*ask->save = *now;
	}
	r->fn = look;
	r->done = answered;
	r->arg = ask;
	worker_add(ui->files, r, false);
}

void themes_step(struct ui *ui)
{
	if (!ui->theme_steps || !worker_idle(ui->files))
		return;
	ask(ui, "", ui->theme_steps, NULL, NULL);
	ui->theme_steps = 0;
}

void themes_look(struct ui *ui, int64_t now)
{
	if (now < ui->theme_at)
		return;
	ui->theme_at = now + LOOK_MS;
	if (ui->theme.file_count && worker_idle(ui->files))
		ask(ui, "", 0, NULL, NULL);
}

/* A theme that was asked for by name is there or the program does not start; one that is remembered may have
 * gone. */
int themes_begin(struct ui *ui, struct error *fault)
{
	const char *name = ui->options.theme;
	struct error err;

	if (name && theme_find(&ui->theme, name, fault))
		return -1;
	if (!name)
		name = state_get(&ui->state, "ui", "theme");
	if (!name)
		name = "dark";
	if (!ui->options.theme && theme_find(&ui->theme, name, &err)) {
		if (!ui->theme.file_count)
			theme_parse(&ui->theme, "plain", "", NULL, NULL);
		ui_error(ui, &err);
	}
	ui->theme_at = time_mono_ms() + LOOK_MS;
	show(ui);
	return 0;
}

void ui_next_theme(struct ui *ui)
{
	/* Pressed again before the answer: one more step from what comes. */
	ui->theme_steps++;
	themes_step(ui);
}

const struct theme *ui_theme(const struct ui *ui)
{
	return &ui->theme;
}

void ui_theme_use(struct ui *ui, const char *name)
{
	ask(ui, name, 0, NULL, NULL);
}

void ui_theme_save(struct ui *ui, const struct theme *was, const struct theme *now, const char *name)
{
	ask(ui, name, 0, was, now);
}

uint64_t ui_theme_writes(const struct ui *ui)
{
	return ui->theme_writes;
}

void ui_theme_preview(struct ui *ui, const struct theme *theme)
{
	ui->preview = theme;
	show(ui);
}

const struct theme *ui_theme_previewed(const struct ui *ui)
{
	return ui->preview;
}

enum term_colours ui_colours(const struct ui *ui)
{
	return term_colours(ui->term);
}
