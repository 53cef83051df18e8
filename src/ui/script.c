/* Sessions from text, for tests: the program is let come to rest after each step, so nothing waits for time.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

static int press(struct ui *ui, const char *names, struct error *err)
{
	for (const char *p = names; *p; p += strspn(p, " ")) {
		struct term_event e = {.kind = TERM_EVENT_KEY};
		char name[TERM_KEY_TEXT];
		size_t n = strcspn(p, " ");

		snprintf(name, sizeof name, "%.*s", (int)n, p);
		if (n >= sizeof name || !term_key_parse(name, &e.key, &e.mods))
			return error_set(err, ERR_USAGE, "no key is called \"%s\"", name);
		term_feed_event(ui->term, &e);
		ui_settle(ui);
		p += n;
	}
	return 0;
}

static bool on_screen(struct ui *ui, const char *text)
{
	struct str screen;
	bool found;

	str_init(&screen);
	grid_text(term_grid(ui->term), &screen);
	found = strstr(screen.data, text) != NULL;
	str_release(&screen);
	return found;
}

static int set_size(struct ui *ui, const char *text, struct error *err)
{
	const char *by = strchr(text, 'x');
	int64_t w, h;

	if (!by || !int_parse(text, (size_t)(by - text), &w) || !int_parse(by + 1, strlen(by + 1), &h) || w < 1 ||
	    h < 1 || w > 1000 || h > 1000)
		return error_set(err, ERR_USAGE, "size: two numbers like 80x24");
	term_set_size(ui->term, (int)w, (int)h);
	return 0;
}

static int tick_step(struct ui *ui, const char *text, struct error *err)
{
	struct view *v = ui_top(ui);
	int64_t ms;

	if (!int_parse(text, strlen(text), &ms))
		return error_set(err, ERR_USAGE, "tick: a number of milliseconds");
	if (ui->now)
		ui->now += ms;
	toasts_expire(ui, loop_ms(ui));
	if (v && v->ops->tick)
		v->ops->tick(v);
	pulse_ask(ui);
	ui->theme_at = 0;
	themes_look(ui, 0);
	ui->save_at = 0;
	places_save(ui, time_mono_ms());
	return 0;
}

static int open_step(struct ui *ui, const char *name, struct error *err)
{
	for (size_t i = 0; i < ui->options.screen_count; i++)
		if (!strcmp(ui->options.screens[i].ops->name, name)) {
			ui_show_screen(ui, ui->options.screens[i].number);
			return 0;
		}
	if (ui_go(ui, name, err))
		return -1;
	ui_settle(ui);
	return ui_went(ui, err);
}

static int step(struct ui *ui, const char *verb, const char *rest, struct str *out, struct error *err)
{
	if (!strcmp(verb, "key"))
		return press(ui, rest, err);
	if (!strcmp(verb, "type")) {
		term_feed(ui->term, rest, strlen(rest));
	} else if (!strcmp(verb, "paste")) {
		term_feed(ui->term, "\x1b[200~", 6);
		term_feed(ui->term, rest, strlen(rest));
		term_feed(ui->term, "\x1b[201~", 6);
	} else if (!strcmp(verb, "size")) {
		return set_size(ui, rest, err);
	} else if (!strcmp(verb, "expect")) {
		return on_screen(ui, rest) ? 0 : error_set(err, ERR_NO, "\"%s\" is not on the screen", rest);
	} else if (!strcmp(verb, "refuse")) {
		return on_screen(ui, rest) ? error_set(err, ERR_NO, "\"%s\" is on the screen", rest) : 0;
	} else if (!strcmp(verb, "save")) {
		grid_text(term_grid(ui->term), out);
	} else if (!strcmp(verb, "styles")) {
		grid_styles(term_grid(ui->term), out);
	} else if (!strcmp(verb, "tick")) {
		return tick_step(ui, rest, err);
	} else if (!strcmp(verb, "open")) {
		return open_step(ui, rest, err);
	} else {
		return error_set(err, ERR_USAGE, "no step is called \"%s\"", verb);
	}
	return 0;
}

int ui_script(struct ui *ui, const char *name, const char *text, struct str *out, struct error *err)
{
	int number = 0, rc = 0;

	ui_settle(ui);
	while (*text && !rc) {
		size_t len = strcspn(text, "\n"), verb_len;
		char *line = xmemdup0(text, len), *rest;

		text += len + (text[len] == '\n');
		number++;
		verb_len = strcspn(line, " ");
		rest = line + verb_len;
		if (*rest)
			*rest++ = 0;
		if (*line && *line != '#') {
			rc = step(ui, line, rest, out, err);
			ui_settle(ui);
		}
		if (rc)
			error_prefix(err, "%s:%d", name, number);
		free(line);
	}
	return rc;
}
