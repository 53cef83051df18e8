/* Relations: what the columns of a data set have to do with the label and each other, what is missing together,
 * what is there twice, what another data set has, too. */
#include <string.h>

#include "assay/work_data.h"
#include "data.h"
#include "models.h"
#include "relations.h"
#include "view_inside.h"

enum { TAG_READ = 1 };
enum { TAB_LABEL, TAB_PAIRS, TAB_MAP, TAB_MISSING, TAB_SAME, TAB_ROWS, TAB_OVERLAP, TABS };
static const char *const TAB_NAMES[TABS] = {"Label", "Pairs", "Map", "Missing", "Same", "Rows", "Overlap"};

struct relations_view {
	struct relations_ask ask;
	int tab;
	bool pairs_missing; /* of the tab Missing: pairs of columns, not patterns */
	struct arena *arena;
	const struct relations_seen *seen;
	struct list lists[RELATIONS_LISTS];
	struct map_tab map;
	struct overlap_tab overlap;
	struct error fault; /* code 0: none */
	bool stopped;
};

const struct relations_seen *view_relations_seen(struct view *v)
{
	return ((struct relations_view *)v->state)->seen;
}

struct overlap_tab *view_relations_overlap(struct view *v)
{
	return &((struct relations_view *)v->state)->overlap;
}

static void show_tab(struct view *v, int tab)
{
	struct relations_view *d = v->state;

	d->tab = tab;
	ui_state_set(v, "tab", TAB_NAMES[tab]);
	if (tab == TAB_OVERLAP)
		view_overlap_begin(&d->overlap);
}

/* Which list is seen; of the map, which shows pairs, that of the pairs. */
static enum relations_list which_now(const struct relations_view *d)
{
	static const enum relations_list of[TABS] = {
	    [TAB_LABEL] = RELATIONS_LABEL,      [TAB_PAIRS] = RELATIONS_PAIRS, [TAB_MAP] = RELATIONS_PAIRS,
	    [TAB_MISSING] = RELATIONS_PATTERNS, [TAB_SAME] = RELATIONS_SAME,   [TAB_ROWS] = RELATIONS_ROWS,
	    [TAB_OVERLAP] = RELATIONS_OVERLAP};

	return d->tab == TAB_MISSING && d->pairs_missing ? RELATIONS_MISSING : of[d->tab];
}

/* NULL: the map is seen. */
static struct list *list_now(struct relations_view *d)
{
	return d->tab == TAB_MAP ? NULL : &d->lists[which_now(d)];
}

/* Of 10^6 rows that takes seconds: no other screen waits for it. */
static void read(struct view *v)
{
	struct relations_view *d = v->state;

	d->stopped = false;
	d->fault.code = 0;
	ui_ask_aside(v, TAG_READ, view_relations_read, &d->ask, sizeof d->ask, NULL);
}

/* The part of a place, "overlap:loans@2": which tab, and what else it names. */
static int tab_of(const char *part, const char **ref)
{
	static const char overlap[] = "overlap:";

	*ref = "";
	if (!part || strncmp(part, overlap, strlen(overlap)) != 0)
		return view_tab_named(TAB_NAMES, TABS, part);
	*ref = part + strlen(overlap);
	return TAB_OVERLAP;
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct relations_view *d = v->state;
	const struct relations_args *in = args;
	const char *ref;
	int tab = tab_of(in->tab, &ref);

	if (in->tab && tab < 0)
		return error_set(err, ERR_USAGE,
		                 "relations have no part \"%s\": label, pairs, map, missing, same, rows, overlap, "
		                 "overlap:NAME@V",
		                 in->tab);
	if (strlen(ref) >= OVERLAP_REF)
		return error_set(err, ERR_USAGE, "there is no data set with a name of more than %d bytes",
		                 OVERLAP_REF - 1);
	if (in->column && strlen(in->column) >= sizeof d->ask.column)
		return error_set(err, ERR_USAGE, "the name of this column is longer than %zu bytes",
		                 sizeof d->ask.column - 1);
	d->ask.id = in->id;
	snprintf(d->ask.column, sizeof d->ask.column, "%s", in->column ? in->column : "");
	if (tab < 0)
		tab = in->column ? TAB_PAIRS : view_tab_named(TAB_NAMES, TABS, ui_state_get(v, "tab"));
	d->tab = tab < 0 ? TAB_LABEL : tab;
	for (int i = 0; i < RELATIONS_LISTS; i++)
		list_init(&d->lists[i], v, i == RELATIONS_OVERLAP ? &VIEW_OVERLAP_LIST : &VIEW_RELATIONS_LISTS[i]);
	/* Who asks for the pairs of one column sees those, whatever the last order was. */
	if (in->column)
		ui_table_set_sort(d->lists[RELATIONS_PAIRS].table, (const struct ui_sort[1]){0}, 0);
	view_overlap_init(&d->overlap, v, &d->lists[RELATIONS_OVERLAP], in->id, in->against, ref);
	if (d->tab == TAB_OVERLAP)
		view_overlap_begin(&d->overlap);
	read(v);
	return 0;
}

static void close_view(struct view *v)
{
	struct relations_view *d = v->state;

	for (int i = 0; i < RELATIONS_LISTS; i++)
		list_release(&d->lists[i]);
	arena_free(d->arena);
	view_overlap_release(&d->overlap);
}

/* ---- drawing ---- */

static void draw(struct view *v, struct surface *s)
{
	struct relations_view *d = v->state;
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);

	ui_tabs_draw(s, 0, TAB_NAMES, TABS, d->tab);
	if (d->tab == TAB_OVERLAP) {
		view_overlap_draw(&d->overlap, &body);
		return;
	}
	if (d->fault.code) {
		body = surface_part(s, 0, 2, s->w, s->h - 2);
		view_draw_fault(&body, &d->fault);
		return;
	}
	if (d->stopped) {
		body = surface_part(s, 0, 2, s->w, s->h - 2);
		view_draw_stopped(v, &body);
		return;
	}
	if (d->seen) {
		body.h -= view_relations_draw_below(d->seen, which_now(d), &body);
		body = surface_part(&body, 0, 0, body.w, body.h);
	}
	if (list_now(d))
		list_draw(list_now(d), &body);
	else if (d->seen)
		view_map_draw(&d->map, d->seen, &body, ui_colours(v->ui));
	else
		surface_put(&body, 3, 1, STYLE_MUTED, "Reading…");
}

/* ---- acts ---- */

static void open_cell(struct view *v)
{
	struct relations_view *d = v->state;
	size_t a, b;

	if (!d->seen || !view_map_at(&d->map, d->seen, &a, &b))
		return;
	if (a == b) {
		struct feature_args args = {.id = d->seen->id, .column = d->seen->r.names[a]};

		ui_open(v->ui, &FEATURE_VIEW, &args);
		return;
	}
	view_relation_open(v->ui, d->seen, a, b);
}

static void against_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct relations_view *d = v->state;

	view_overlap_choose(&d->overlap, id);
	show_tab(v, TAB_OVERLAP);
}

static void refresh(struct view *v)
{
	struct relations_view *d = v->state;

	if (d->tab == TAB_OVERLAP)
		view_overlap_refresh(&d->overlap);
	else if (!ui_asking(v, TAG_READ))
		read(v);
}

static bool action(struct view *v, enum action what)
{
	struct relations_view *d = v->state;

	switch ((int)what) {
	case ACTION_APP_NEXT_PART:
		show_tab(v, (d->tab + 1) % TABS);
		return true;
	case ACTION_APP_PREVIOUS_PART:
		show_tab(v, (d->tab + TABS - 1) % TABS);
		return true;
	case ACTION_APP_REFRESH:
		refresh(v);
		return true;
	case ACTION_DATA_AGAINST:
		ui_ask(v, OVERLAP_TAG_SETS, view_data_read_sets, NULL, 0, NULL);
		return true;
	case ACTION_OVERLAP_THERE:
		view_overlap_rows(&d->overlap, true);
		return true;
	case ACTION_GAPS_OTHER:
		d->pairs_missing = !d->pairs_missing;
		return true;
	case ACTION_MAP_OPEN:
		open_cell(v);
		return true;
	default:
		if (list_now(d))
			return list_action(list_now(d), what);
		return d->seen && view_map_action(&d->map, d->seen, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct relations_view *d = v->state;

	if (what == ACTION_GAPS_OTHER)
		return !d->seen ? "it is being read" : d->seen->r.pattern_all == 0 ? "nothing is missing" : NULL;
	if (what == ACTION_OVERLAP_THERE && !d->overlap.seen)
		return "nothing is compared yet";
	if (list_now(d))
		return list_why_not(list_now(d), what);
	if (what == ACTION_MAP_OPEN || what == ACTION_MAP_ORDER)
		return !d->seen ? "it is being read" : d->seen->map.count < 2 ? "there is no pair" : NULL;
	return list_none(what);
}

static const char *contexts_now(struct view *v)
{
	const struct relations_view *d = v->state;

	return d->tab == TAB_MAP       ? "map relations list"
	       : d->tab == TAB_MISSING ? "gaps relations list"
	       : d->tab == TAB_OVERLAP ? "overlap relations list"
	                               : "relations list";
}

static bool event(struct view *v, const struct term_event *e)
{
	struct relations_view *d = v->state;

	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_PRESS && e->y == 0) {
		int hit = ui_tabs_hit(TAB_NAMES, TABS, d->tab, v->body_w, e->x);

		if (hit >= 0)
			show_tab(v, hit);
		return hit >= 0;
	}
	if (list_now(d))
		return list_event(list_now(d), e);
	return d->seen && view_map_event(&d->map, e, 1);
}

/* ---- answers ---- */

static void take(struct view *v, struct ui_result *r)
{
	struct relations_view *d = v->state;
	struct arena *before = d->arena;
	char *name;

	d->arena = r->arena;
	d->seen = r->data;
	r->arena = NULL;
	for (int i = 0; i < RELATIONS_OVERLAP; i++)
		list_set_rows(&d->lists[i], d->seen->lists[i].rows, d->seen->lists[i].count);
	list_set_columns(&d->lists[RELATIONS_PATTERNS]);
	for (size_t i = 0; d->ask.column[0] && !d->map.placed && i < d->seen->r.column_count; i++)
		if (strcmp(d->seen->r.names[i], d->ask.column) == 0)
			view_map_go(&d->map, d->seen, i);
	/* The pages that were seen until now had their cells there. */
	arena_free(before);
	view_data_keep(v, d->seen->id, d->seen->fresh, work_data_relations_keep);
	if (d->tab == TAB_OVERLAP)
		return;
	name = xasprintf("%s@%lld", d->seen->name, (long long)d->seen->version);
	view_command(v->ui, (const char *[]){"assay", "data", "relations", name, NULL});
	free(name);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct relations_view *d = v->state;

	for (int i = 0; i < RELATIONS_LISTS; i++)
		if (list_on_result(&d->lists[i], r))
			return;
	if (view_overlap_on_result(&d->overlap, r))
		return;
	if (r->tag == OVERLAP_TAG_SETS && r->status == 0)
		view_data_choose_against(v, r->data, d->ask.id, d->overlap.ask.other, against_accept);
	if (r->tag != TAG_READ)
		return;
	if (r->status == 0)
		take(v, r);
	else if (r->cancelled)
		d->stopped = !d->seen;
	else
		d->fault = r->err;
}

static void title(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "relations");
}

static void place(struct view *v, struct str *out)
{
	const struct relations_view *d = v->state;
	struct arena *a = arena_new();

	if (d->tab == TAB_OVERLAP && d->overlap.seen)
		str_addf(out, "relations:%s/overlap:%s", d->overlap.seen->name, d->overlap.seen->other_name);
	else if (d->seen)
		str_addf(out, "relations:%s@%lld/%s", d->seen->name, (long long)d->seen->version,
		         view_lower(a, TAB_NAMES[d->tab]));
	arena_free(a);
}

/* The map as a list of its pairs, in its order. */
static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	const struct relations_view *d = v->state;

	if (d->tab == TAB_MAP && d->seen)
		view_map_list(&d->map, d->seen, fn, user);
}

const struct view_ops RELATIONS_VIEW = {
    .name = "relations",
    .contexts = "relations list",
    .state_size = sizeof(struct relations_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .lists = lists,
    .contexts_now = contexts_now,
};
