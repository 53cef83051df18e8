/*
 * The theme editor: every role in the look that it has, and its colours to be changed. What is changed is
 * shown at once, on this screen and on all others, and written when the person says so.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "theme_editor.h"
#include "view_inside.h"

enum { STEP = 4, LEAP = 32, PANEL_H = 7, PANEL_SMALL_H = 3, SAMPLE_FROM = 120, SAMPLE_W = 46 };

static const char *const attribute_names[] = {"bold", "dim", "underline", "reverse", "italic"};

int theme_editor_role(const struct theme_editor *e)
{
	int64_t id = ui_table_cursor(e->table);

	return id > 0 ? (int)id - 1 : STYLE_TEXT;
}

int32_t theme_editor_rgb(const struct theme *t, int role, bool on)
{
	const struct theme_role *look = &t->roles[theme_role_owner(t, role)];
	const struct theme_colour *c = theme_colour_find(t, on ? look->bg : look->fg);

	return (c ? c : on ? &t->background : &t->foreground)->value[TERM_TRUE];
}

/* ---- the list ---- */

static struct ui_cell *cells_of(struct view *v, struct arena *a, int role)
{
	struct theme_editor *e = v->state;
	struct ui_cell *cells = arena_array(a, 6, sizeof *cells);
	const struct theme *t = &e->now;
	int owner = theme_role_owner(t, role);
	const struct theme_role *look = &t->roles[owner];
	enum term_colours level = ui_colours(v->ui) == TERM_MONO ? TERM_TRUE : ui_colours(v->ui);
	double ratio = theme_contrast(t, level, role), wanted = theme_contrast_wanted(role);
	struct str attr;

	str_init(&attr);
	theme_attr_text(ui_colours(v->ui) == TERM_MONO ? t->looks[TERM_MONO][role].attr : look->attr, &attr);
	cells[0] = (struct ui_cell){.text = style_role_name(role)};
	cells[1] = (struct ui_cell){.text = theme_role_sample(role), .style = (style_id)role};
	cells[2].text = owner == role ? arena_strdup(a, look->fg[0] ? look->fg : "default")
	                              : arena_printf(a, "as %s", style_role_name(owner));
	cells[2].style = owner == role ? STYLE_TEXT : STYLE_MUTED;
	cells[3] = (struct ui_cell){
	    .text = look->bg[0] && strcmp(look->bg, "default") != 0 ? arena_strdup(a, look->bg) : ""};
	cells[4] = (struct ui_cell){.text = arena_strdup(a, attr.data)};
	/* Cut, not rounded: what does not reach the limit does not look as if it did. */
	if (!isnan(ratio))
		cells[5] = (struct ui_cell){
		    .text = arena_printf(a, "%.1f%s", floor(ratio * 10) / 10, ratio < wanted ? " !" : ""),
		    .style = ratio < wanted ? STYLE_BAD : STYLE_TEXT};
	str_release(&attr);
	return cells;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, STYLE_ROLES, sizeof *rows);

	for (int role = 0; role < STYLE_ROLES; role++)
		rows[role] = (struct ui_row){.id = role + 1, .cells = cells_of(v, a, role)};
	ui_table_page(((struct theme_editor *)v->state)->table, ui_page_of(a, ask, rows, STYLE_ROLES));
}

/* ---- what is shown ---- */

static void changed(struct view *v)
{
	struct theme_editor *e = v->state;

	ui_theme_preview(v->ui, &e->now);
	ui_table_refresh(e->table);
}

/* Another theme was chosen, or its file has changed: unless there are changes that would be lost by it. */
static void follow(struct view *v)
{
	struct theme_editor *e = v->state;
	const struct theme *t = ui_theme(v->ui);

	if (!strcmp(t->name, e->was.name) && !memcmp(t->files, e->was.files, sizeof t->files))
		return;
	if (ui_theme_writes(v->ui) == e->writes) {
		if (theme_differs(&e->was, &e->now))
			return;
	} else {
		/* What was changed since it was told to be written is still to be written. */
		e->writes = ui_theme_writes(v->ui);
		e->was = *t;
		if (memcmp(e->written.looks, e->now.looks, sizeof t->looks) != 0)
			return;
	}
	e->was = e->now = *t;
	changed(v);
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "role", .title = "role", .min = 15, .max = 16, .no_sort = true},
	    {.id = "sample", .title = "looks like", .min = 14, .max = 14, .no_sort = true},
	    {.id = "colour", .title = "text", .min = 10, .max = 18, .no_sort = true},
	    {.id = "on", .title = "on", .min = 8, .max = 14, .no_sort = true, .priority = 2},
	    {.id = "attributes", .title = "attributes", .min = 10, .max = 22, .no_sort = true, .priority = 3},
	    {.id = "contrast",
	     .title = "contrast",
	     .align = UI_DECIMAL,
	     .min = 8,
	     .max = 8,
	     .no_sort = true,
	     .priority = 1},
	};
	struct theme_editor *e = v->state;

	(void)args;
	/* There is one preview, and it is that one's. */
	if (ui_theme_previewed(v->ui))
		return error_set(err, ERR_USAGE, "the theme editor is open already, on another screen");
	e->was = e->now = *ui_theme(v->ui);
	e->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(e->table, columns, COUNT_OF(columns));
	e->writes = ui_theme_writes(v->ui);
	ui_theme_preview(v->ui, &e->now);
	return 0;
}

static void close_view(struct view *v)
{
	struct theme_editor *e = v->state;

	ui_theme_preview(v->ui, NULL);
	ui_table_free(e->table);
}

static void draw(struct view *v, struct surface *s)
{
	struct theme_editor *e = v->state;
	int panel = s->h >= PANEL_H + 6 ? PANEL_H : s->h >= PANEL_SMALL_H + 5 ? PANEL_SMALL_H : 0;
	int sample = s->w >= SAMPLE_FROM ? SAMPLE_W : 0;
	struct surface list = surface_part(s, 0, 0, s->w - (sample ? sample + 3 : 0), s->h - panel), part;

	follow(v);
	ui_table_draw(e->table, &list, true);
	if (panel) {
		surface_hline(s, 1, s->h - panel, list.w - 2, STYLE_BORDER);
		part = surface_part(s, 1, s->h - panel + 1, list.w - 2, panel - 1);
		theme_editor_draw_role(e, &part);
	}
	if (sample) {
		surface_vline(s, list.w, 0, s->h, STYLE_BORDER);
		part = surface_part(s, list.w + 2, 0, sample, s->h);
		theme_editor_draw_sample(&part, theme_editor_role(e));
	}
}

static void title(struct view *v, struct str *out)
{
	struct theme_editor *e = v->state;

	str_addf(out, "theme %s%s", e->now.name, theme_differs(&e->was, &e->now) ? ", changed" : "");
}

/* ---- a colour, typed ---- */

/* "green", "#6cb6ff", "108 182 255" for this role, or "green = #6cb6ff" for all that are green. */
static int apply(struct theme *t, int role, bool on, const char *text, struct error *err)
{
	const char *equal = strchr(text, '=');
	struct arena *a = arena_new();
	char *name = arena_memdup0(a, text, equal ? (size_t)(equal - text) : strlen(text));
	int32_t rgb;
	int status;

	name += strspn(name, " ");
	while (*name && name[strlen(name) - 1] == ' ')
		name[strlen(name) - 1] = 0;
	if (equal && !theme_rgb_parse(equal + 1 + strspn(equal + 1, " "), &rgb))
		status = error_set(err, ERR_USAGE, "%s: a colour like #6cb6ff or 108 182 255", name);
	else if (equal)
		status = theme_set_palette(t, name, rgb, err);
	else if (theme_rgb_parse(name, &rgb))
		status = theme_set_rgb(t, role, on, rgb, err);
	else
		status = theme_set_name(t, role, on, name, err);
	arena_free(a);
	return status;
}

static void check_colour(void *user, const char *text, struct ui_check *out)
{
	struct view *v = user;
	struct theme_editor *e = v->state;
	struct theme *try = xcalloc(1, sizeof *try);
	struct error err;

	*try = e->before;
	out->ok = apply(try, theme_editor_role(e), e->on, text, &err) == 0;
	if (!out->ok) {
		out->at = 0;
		snprintf(out->message, sizeof out->message, "%s", err.text);
	}
	free(try);
}

static void change_colour(void *user, const char *text)
{
	struct view *v = user;
	struct theme_editor *e = v->state;
	struct error err;

	e->now = e->before;
	if (apply(&e->now, theme_editor_role(e), e->on, text, &err))
		ui_error(v->ui, &err);
	changed(v);
}

static void cancel_colour(void *user)
{
	struct view *v = user;
	struct theme_editor *e = v->state;

	e->now = e->before;
	changed(v);
}

static void complete_colour(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	struct theme_editor *e = ((struct view *)user)->state;

	if (memchr(text, ' ', cursor) || memchr(text, '#', cursor))
		return;
	for (size_t i = 0; i < e->before.colour_count; i++)
		if (!strncmp(e->before.palette[i].name, text, cursor))
			ui_completions_add(out, e->before.palette[i].name);
	if (!strncmp("default", text, cursor))
		ui_completions_add(out, "default");
}

static void ask_colour(struct view *v)
{
	struct theme_editor *e = v->state;
	char *label = xasprintf("%s%s", style_role_name(theme_editor_role(e)), e->on ? " on" : "");

	e->before = e->now;
	ui_prompt(v, &(struct ui_prompt){.label = label,
	                                 .text = "",
	                                 .history = "theme-colour",
	                                 .user = v,
	                                 .check = check_colour,
	                                 .complete = complete_colour,
	                                 .change = change_colour,
	                                 .accept = change_colour,
	                                 .cancel = cancel_colour});
	free(label);
}

/* ---- a colour, by steps ---- */

static void step(struct view *v, int by)
{
	struct theme_editor *e = v->state;
	int role = theme_editor_role(e), shift = 16 - 8 * e->channel;
	int32_t rgb = theme_editor_rgb(&e->now, role, e->on);
	struct error err;
	int value;

	if (rgb < 0) {
		ui_message(v->ui, STYLE_WARN, "the terminal's own colour has no value here: Enter, then type one");
		return;
	}
	value = (rgb >> shift & 255) + by;
	value = value < 0 ? 0 : value > 255 ? 255 : value;
	rgb = (rgb & ~(255 << shift)) | value << shift;
	if (theme_set_rgb(&e->now, role, e->on, rgb, &err))
		ui_error(v->ui, &err);
	changed(v);
}

/* ---- attributes ---- */

static void take_attributes(void *user, const int64_t *ids, size_t count)
{
	struct view *v = user;
	struct theme_editor *e = v->state;
	unsigned attr = 0;

	for (size_t i = 0; i < count; i++)
		attr |= (unsigned)ids[i];
	if (ui_colours(v->ui) == TERM_MONO)
		theme_set_mono(&e->now, theme_editor_role(e), attr);
	else
		theme_set_attr(&e->now, theme_editor_role(e), attr);
	changed(v);
}

static void ask_attributes(struct view *v)
{
	struct theme_editor *e = v->state;
	struct ui_menu_item items[COUNT_OF(attribute_names)] = {0};
	unsigned attr = e->now.looks[ui_colours(v->ui)][theme_editor_role(e)].attr;

	for (size_t i = 0; i < COUNT_OF(items); i++) {
		items[i].text = attribute_names[i];
		items[i].id = theme_attr_find(attribute_names[i]);
		items[i].checked = attr & (unsigned)items[i].id;
	}
	ui_menu(v, &(struct ui_menu){.title = "Attributes",
	                             .items = items,
	                             .count = COUNT_OF(items),
	                             .multiple = true,
	                             .user = v,
	                             .accept_many = take_attributes});
}

/* ---- writing, leaving ---- */

static void check_name(void *user, const char *text, struct ui_check *out)
{
	(void)user;
	out->ok = theme_name_is_valid(text);
	if (!out->ok)
		snprintf(out->message, sizeof out->message,
		         "the name of a theme is the name of a file, without \"/\"");
}

static void save(void *user, const char *text)
{
	struct view *v = user;
	struct theme_editor *e = v->state;

	e->written = e->now;
	ui_theme_save(v->ui, &e->was, &e->now, text);
}

static void ask_name(struct view *v)
{
	struct theme_editor *e = v->state;
	char *name = theme_is_own(&e->was) ? xstrdup(e->was.name) : xasprintf("my-%s", e->was.name);

	ui_prompt(v, &(struct ui_prompt){
	                 .label = "write as", .text = name, .user = v, .check = check_name, .accept = save});
	free(name);
}

static void leave(void *user)
{
	ui_back(((struct view *)user)->ui);
}

static bool goes_back(struct view *v)
{
	struct theme_editor *e = v->state;

	if (!theme_differs(&e->was, &e->now))
		return false;
	ui_confirm(v, "Leave without writing?", "What was changed in this theme is lost.", "leave", leave, v);
	return true;
}

static void reset(struct view *v)
{
	struct theme_editor *e = v->state;

	theme_take_role(&e->now, &e->was, theme_editor_role(e));
	changed(v);
}

static bool action(struct view *v, enum action what)
{
	struct theme_editor *e = v->state;

	switch ((int)what) {
	case ACTION_THEME_COLOUR:
		ask_colour(v);
		return true;
	case ACTION_THEME_SIDE:
		e->on = !e->on;
		return true;
	case ACTION_APP_NEXT_PART:
	case ACTION_APP_PREVIOUS_PART:
		e->channel = (e->channel + (what == ACTION_APP_NEXT_PART ? 1 : 2)) % 3;
		return true;
	case ACTION_THEME_LESS:
	case ACTION_THEME_MORE:
		step(v, what == ACTION_THEME_MORE ? STEP : -STEP);
		return true;
	case ACTION_THEME_MUCH_LESS:
	case ACTION_THEME_MUCH_MORE:
		step(v, what == ACTION_THEME_MUCH_MORE ? LEAP : -LEAP);
		return true;
	case ACTION_THEME_ATTRIBUTES:
		ask_attributes(v);
		return true;
	case ACTION_THEME_RESET:
		reset(v);
		return true;
	case ACTION_THEME_WRITE:
		ask_name(v);
		return true;
	case ACTION_APP_BACK:
	case ACTION_APP_QUIT:
	case ACTION_LIST_BACK:
		return goes_back(v);
	default:
		return ui_table_action(e->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct theme_editor *e = v->state;

	switch ((int)what) {
	case ACTION_LIST_COPY:
	case ACTION_LIST_EXPORT:
		return NULL;
	case ACTION_THEME_WRITE:
	case ACTION_THEME_RESET:
		return theme_differs(&e->was, &e->now) ? NULL : "nothing is changed";
	case ACTION_APP_THEME:
		return theme_differs(&e->was, &e->now) ? "the changes would be lost: write them, or reset" : NULL;
	default:
		return list_none(what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct theme_editor *)v->state)->table, e);
}

static void place(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "theme");
}

static bool unsaved(struct view *v)
{
	const struct theme_editor *e = v->state;

	return theme_differs(&e->was, &e->now);
}

const struct view_ops THEME_EDITOR_VIEW = {
    .name = "theme",
    .contexts = "theme list",
    .state_size = sizeof(struct theme_editor),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .title = title,
    .place = place,
    .unsaved = unsaved,
};
