/* The guide: the first steps, on one page. Its keys are those of the table of actions, as they are bound. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "view_inside.h"

struct guide {
	int top, rows, height; /* first row in sight, of how many, in how many */
};

static const struct {
	int number;
	const char *name, *what;
} SCREENS[] = {
    {1, "Overview", "what needs you, what runs, what is in use"},
    {2, "Runs", "every training: filter, sort, mark, compare, launch"},
    {3, "Data", "data sets, their columns, and what changed between versions"},
    {4, "Bias", "whom a model hurts, by how much, how sure that is"},
    {5, "Models", "versions, stages, and what waits for a signature"},
    {8, "Audit", "every decision and act; verifies every signature"},
};

/* Up to two actions, whose keys stand together before the words. */
static const struct {
	enum action first, second;
	const char *what;
} STEPS[] = {
    {ACTION_LIST_DOWN, ACTION_LIST_UP, "move; PgUp, PgDn, Home, End as well"},
    {ACTION_LIST_OPEN, ACTION_APP_BACK, "open what the cursor is on, and back"},
    {ACTION_LIST_FILTER, ACTION_NONE, "filter: words, or metrics.auc > 0.8 and status = done"},
    {ACTION_LIST_SORT, ACTION_LIST_COLUMNS, "sort by the current column; choose columns"},
    {ACTION_LIST_MARK, ACTION_RUN_COMPARE, "mark runs, then compare them"},
    {ACTION_RUN_LAUNCH, ACTION_NONE, "launch a run from a form"},
    {ACTION_APP_PALETTE, ACTION_APP_HELP, "every command by name; the keys of where you are"},
    {ACTION_APP_UNDO, ACTION_APP_JOURNAL, "take the last change back; what was done, as commands"},
};

static const char *const FIRST_RUN[] = {
    "assay run -- CMD                  captures any program as it is",
    "assay data add NAME FILE.csv      registers a data set",
    "assay train logistic --data NAME  trains on it",
};

enum { KEYS_W = 14, NAME_W = 11 };

/* ---- drawing: rows are counted whether they are in sight or not ---- */

struct page {
	struct surface *s;
	int y;
};

static void heading(struct page *p, const char *text)
{
	surface_put(p->s, 1, p->y++, STYLE_HEADING, text);
}

/* A sign and what it stands for; what is too long goes on below itself. */
static void item(struct page *p, style_id style, const char *sign, int width, const char *text)
{
	bool narrow = p->s->w < 50 && width > 4;
	int x = narrow ? 3 : 3 + width;
	struct surface rest;

	surface_put_cut(p->s, 3, p->y, p->s->w - 4, style, sign, strlen(sign));
	if (narrow)
		p->y++;
	rest = surface_part(p->s, x, p->y, p->s->w - x - 1, p->s->h > p->y ? p->s->h - p->y : 0);
	p->y += ui_paragraph(&rest, 0, 0, STYLE_TEXT, text);
}

static void put_screens(struct view *v, struct page *p)
{
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct str sign;

		str_init(&sign);
		ui_action_keys(v->ui, (enum action)(ACTION_APP_SCREEN_1 + SCREENS[i].number - 1), true, &sign);
		str_addf(&sign, "%s%s", sign.len ? " " : "", SCREENS[i].name);
		item(p, STYLE_KEY, sign.data, NAME_W + 3, SCREENS[i].what);
		str_release(&sign);
	}
}

static void put_steps(struct view *v, struct page *p)
{
	for (size_t i = 0; i < COUNT_OF(STEPS); i++) {
		struct str sign, second;

		str_init(&sign);
		str_init(&second);
		ui_action_keys(v->ui, STEPS[i].first, true, &sign);
		if (STEPS[i].second)
			ui_action_keys(v->ui, STEPS[i].second, true, &second);
		if (second.len)
			str_addf(&sign, "%s%s", sign.len ? " " : "", second.data);
		if (!sign.len)
			str_adds(&sign, "(no key)");
		item(p, STYLE_KEY, sign.data, KEYS_W, STEPS[i].what);
		str_release(&sign);
		str_release(&second);
	}
}

static void draw(struct view *v, struct surface *s)
{
	struct guide *g = v->state;
	int height = s->h > 0 ? s->h : 1;
	/* As wide as is read well; higher than what is shown, so that all rows are counted. */
	struct surface all = surface_part(s, 0, -g->top, s->w > 90 ? 90 : s->w, 200);
	struct page p = {.s = &all};

	heading(&p, "A digit goes to a screen");
	put_screens(v, &p);
	heading(&p, "The same keys everywhere");
	put_steps(v, &p);
	heading(&p, "A first run, from a shell");
	for (size_t i = 0; i < COUNT_OF(FIRST_RUN); i++)
		item(&p, STYLE_COMMAND, "$", 2, FIRST_RUN[i]);
	g->rows = p.y;
	g->height = height;
	if (g->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
	if (g->top + height < g->rows && s->h > 1)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
	surface_cursor(s, 0, 0, false);
}

static void move(struct guide *g, int by)
{
	int last = g->rows > g->height ? g->rows - g->height : 0;

	g->top += by;
	if (g->top > last)
		g->top = last;
	if (g->top < 0)
		g->top = 0;
}

static int step_of(const struct guide *g, enum action what)
{
	int page = g->height > 1 ? g->height - 1 : 1;

	switch ((int)what) {
	case ACTION_LIST_UP:
		return -1;
	case ACTION_LIST_DOWN:
		return 1;
	case ACTION_LIST_PAGE_UP:
		return -page;
	case ACTION_LIST_PAGE_DOWN:
		return page;
	case ACTION_LIST_HALF_UP:
		return -(page + 1) / 2;
	case ACTION_LIST_HALF_DOWN:
		return (page + 1) / 2;
	case ACTION_LIST_TOP:
		return -g->rows;
	case ACTION_LIST_BOTTOM:
		return g->rows;
	default:
		return 0;
	}
}

static bool action(struct view *v, enum action what)
{
	struct guide *g = v->state;
	int by = step_of(g, what);

	move(g, by);
	return by != 0;
}

static const char *why_not(struct view *v, enum action what)
{
	const struct guide *g = v->state;
	bool is_list = what >= ACTION_LIST_FILTER && what <= ACTION_LIST_BACK;

	if ((what == ACTION_LIST_OPEN || is_list) && what != ACTION_LIST_BACK && step_of(g, what) == 0)
		return "not in a guide";
	return NULL;
}

static bool event(struct view *v, const struct term_event *e)
{
	if (e->kind != TERM_EVENT_MOUSE || (e->mouse != TERM_MOUSE_WHEEL_UP && e->mouse != TERM_MOUSE_WHEEL_DOWN))
		return false;
	move(v->state, e->mouse == TERM_MOUSE_WHEEL_UP ? -3 : 3);
	return true;
}

const struct view_ops GUIDE_VIEW = {
    .name = "guide",
    .contexts = "list",
    .state_size = sizeof(struct guide),
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .passing = true,
};

/* ---- when it comes by itself ---- */

bool view_guide_due(const char *state_path)
{
	char *folder = xstrdup(state_path), *slash = strrchr(folder, '/');
	const struct dirent *entry;
	bool due = true;
	DIR *dir;

	if (slash)
		*slash = 0;
	dir = opendir(folder);
	while (dir && due && (entry = readdir(dir)) != NULL)
		due = strncmp(entry->d_name, "view-", 5) != 0;
	if (dir)
		closedir(dir);
	free(folder);
	return due;
}
