/* The columns of a data set with their distributions, beside those of another version. */
#include <math.h>
#include <string.h>

#include "data.h"
#include "view_inside.h"

enum { TAG_FEATURES = 1, TAG_SETS };
#define SPARK_WIDTH     16
#define FEATURE_COLUMNS 12

struct features_view {
	struct ui_table *table;
	struct arena *arena;
	const struct features_pair *pair;
	int64_t id, against;
	char filter[128];
	char fault[1024];
};

static bool matches(const char *name, const char *filter)
{
	return !*filter || strcasestr(name, filter) != NULL;
}

static style_id role_style(unsigned roles)
{
	return roles & ROLE_LABEL ? STYLE_ACCENT : roles & ROLE_PROTECTED ? STYLE_WARN : STYLE_MUTED;
}

/* A point of a time column is a day, not a number of milliseconds. */
static const char *value_text(struct arena *a, const struct column_profile *c, double value)
{
	char text[TIME_TEXT];

	if (!c->numeric)
		return "";
	if (c->type != COLUMN_TIME || !isfinite(value))
		return view_cell_number(a, value, 4);
	return arena_printf(a, "%.10s", time_rfc3339((int64_t)value, text));
}

static struct ui_cell *cells_of(const struct features_view *f, struct arena *a,
                                const struct column_profile *c, enum term_charset charset)
{
	struct ui_cell *cells = arena_array(a, FEATURE_COLUMNS, sizeof *cells);
	const struct column_profile *other =
	    f->pair->has_other ? view_data_column(&f->pair->other, c->name) : NULL;
	double rows = (double)(c->count + c->missing);
	struct str roles;
	size_t n = 0;

	str_init(&roles);
	cells[n++].text = c->name;
	cells[n++].text = column_type_name(c->type);
	cells[n].style = c->missing > 0 ? 0 : STYLE_MUTED;
	cells[n++].text = rows > 0 ? view_cell_percent(a, (double)c->missing / rows) : NULL;
	cells[n++].text = view_cell_count(a, (int64_t)c->distinct);
	cells[n].style = STYLE_HISTOGRAM;
	cells[n++].text = view_data_spark(a, c, SPARK_WIDTH, charset);
	if (f->pair->has_other) {
		cells[n].style = STYLE_HISTOGRAM_OTHER;
		cells[n++].text = other ? view_data_spark(a, other, SPARK_WIDTH, charset) : "not there";
	}
	cells[n++].text = value_text(a, c, c->mean);
	cells[n].style = role_style(c->roles);
	cells[n++].text = c->roles ? arena_strdup(a, column_roles_text(c->roles, &roles)) : "";
	cells[n++].text = c->type == COLUMN_TIME && isfinite(c->sd) ? view_cell_span(a, 0, (int64_t)c->sd)
	                  : c->numeric                              ? view_cell_number(a, c->sd, 4)
	                                                            : "";
	cells[n++].text = value_text(a, c, c->min);
	cells[n++].text = value_text(a, c, c->quantiles[3]);
	cells[n++].text = value_text(a, c, c->max);
	str_release(&roles);
	return cells;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct features_view *f = v->state;
	struct arena *a = arena_new();
	size_t total = f->pair ? f->pair->now.count : 0, shown = 0;
	struct ui_row *rows = arena_array(a, total + 1, sizeof *rows);

	for (size_t i = 0; i < total; i++) {
		if (!matches(f->pair->now.columns[i].name, f->filter))
			continue;
		rows[shown++] = (struct ui_row){
		    .id = (int64_t)i + 1, .cells = cells_of(f, a, &f->pair->now.columns[i], view_app_of(v)->charset)};
	}
	ui_table_page(f->table, ui_page_of(a, ask, rows, shown));
}

static void set_columns(struct features_view *f, int width)
{
	struct ui_column columns[FEATURE_COLUMNS] = {
	    {.id = "feature", .title = "feature", .min = 14, .max = width > 78 ? width / 3 : 26, .no_sort = true},
	    {.id = "type", .title = "type", .min = 4, .no_sort = true, .priority = 2},
	    {.id = "miss", .title = "miss", .align = UI_RIGHT, .min = 5, .no_sort = true, .priority = 3},
	    {.id = "distinct", .title = "distinct", .align = UI_RIGHT, .min = 8, .no_sort = true, .priority = 4},
	    {.id = "distribution",
	     .title = "distribution",
	     .min = SPARK_WIDTH,
	     .max = SPARK_WIDTH,
	     .no_sort = true,
	     .priority = 1},
	};
	static const struct ui_column rest[] = {
	    {.id = "mean", .title = "mean", .align = UI_DECIMAL, .min = 7, .no_sort = true, .priority = 6},
	    {.id = "role", .title = "role", .min = 5, .max = 20, .no_sort = true, .priority = 5},
	    {.id = "sd", .title = "sd", .align = UI_DECIMAL, .min = 6, .no_sort = true, .priority = 7},
	    {.id = "min", .title = "min", .align = UI_DECIMAL, .min = 6, .no_sort = true, .priority = 8},
	    {.id = "median", .title = "median", .align = UI_DECIMAL, .min = 6, .no_sort = true, .priority = 9},
	    {.id = "max", .title = "max", .align = UI_DECIMAL, .min = 6, .no_sort = true, .priority = 8},
	};
	size_t count = 5;
	char title[64];

	if (f->pair->has_other) {
		snprintf(title, sizeof title, "%.40s@%lld", f->pair->other.name, (long long)f->pair->other.version);
		columns[count++] = (struct ui_column){.id = "other",
		                                      .title = title,
		                                      .min = SPARK_WIDTH,
		                                      .max = SPARK_WIDTH,
		                                      .no_sort = true,
		                                      .priority = 1};
	}
	for (size_t i = 0; i < COUNT_OF(rest); i++)
		columns[count++] = rest[i];
	ui_table_columns(f->table, columns, count);
}

static void ask_features(struct view *v)
{
	struct features_view *f = v->state;
	struct features_ask ask = {.id = f->id, .against = f->against};

	ui_ask(v, TAG_FEATURES, view_data_read_features, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct features_view *f = v->state;
	const struct features_args *in = args;

	(void)err;
	f->id = in->id;
	f->table = ui_table_new(v, ask_rows, v);
	ui_table_empty(f->table, "No column has this in its name.\n/  changes the filter");
	ask_features(v);
	return 0;
}

static void close_view(struct view *v)
{
	struct features_view *f = v->state;

	ui_table_free(f->table);
	arena_free(f->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct features_view *f = v->state;
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);
	const struct features *now;
	char number[NUM_TEXT];
	struct str text;

	if (f->fault[0]) {
		ui_paragraph(&body, 2, 1, STYLE_ERROR, f->fault);
		return;
	}
	if (!f->pair) {
		surface_put(&body, 2, 1, STYLE_MUTED, "Reading…");
		return;
	}
	now = &f->pair->now;
	str_init(&text);
	str_addf(&text, "%s rows x %zu columns", count_people((int64_t)now->rows, number), now->count);
	if (now->label)
		str_addf(&text, "   label %s", now->label);
	if (f->pair->has_other)
		str_addf(&text, "   against %s@%lld", f->pair->other.name, (long long)f->pair->other.version);
	if (f->filter[0])
		str_addf(&text, "   / %s", f->filter);
	surface_put_cut(s, 2, 0, s->w - 3, STYLE_MUTED, text.data, text.len);
	str_release(&text);
	ui_table_draw(f->table, &body, true);
}

/* ---- filter, other version ---- */

static void filter_change(void *user, const char *text)
{
	struct features_view *f = ((struct view *)user)->state;

	snprintf(f->filter, sizeof f->filter, "%.127s", text);
	ui_table_restart(f->table);
}

static void filter_cancel(void *user)
{
	filter_change(user, "");
}

static void against_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct features_view *f = v->state;

	f->against = id == f->id || id < 0 ? 0 : id;
	ask_features(v);
}

static bool action(struct view *v, enum action what)
{
	struct features_view *f = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		int64_t id = ui_table_cursor(f->table);
		struct feature_args args = {.id = f->id, .against = f->against};

		if (id > 0 && f->pair && (size_t)id <= f->pair->now.count) {
			args.column = f->pair->now.columns[id - 1].name;
			ui_open(v->ui, &FEATURE_VIEW, &args);
		}
		return true;
	}
	case ACTION_DATA_AGAINST:
		ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
		return true;
	case ACTION_LIST_FILTER: {
		struct ui_prompt prompt = {.label = "/",
		                           .text = f->filter,
		                           .history = "features-filter",
		                           .user = v,
		                           .change = filter_change,
		                           .accept = filter_change,
		                           .cancel = filter_cancel};

		ui_prompt(v, &prompt);
		return true;
	}
	default:
		return ui_table_action(f->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct features_view *f = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return ui_table_cursor(f->table) ? NULL : "there is no column here";
	case ACTION_LIST_SORT:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_UNMARK:
		return "not in this list";
	default:
		return NULL;
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct features_view *)v->state)->table, e);
}

static void say_against(struct view *v, const struct features *other)
{
	struct arena *a = arena_new();

	view_command(v->ui, (const char *[]){"assay", "data", "profile",
	                                     arena_printf(a, "%s@%lld", other->name, (long long)other->version), NULL});
	arena_free(a);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct features_view *f = v->state;

	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(f->fault, sizeof f->fault, "%s", r->err.text);
		return;
	}
	if (r->tag == TAG_SETS) {
		view_data_choose_against(v, r->data, f->id, f->against, against_accept);
		return;
	}
	arena_free(f->arena);
	f->arena = r->arena;
	f->pair = r->data;
	r->arena = NULL;
	f->fault[0] = 0;
	if (f->pair->has_other)
		say_against(v, &f->pair->other);
	set_columns(f, v->body_w);
	ui_table_restart(f->table);
}

static void title(struct view *v, struct str *out)
{
	const struct features_view *f = v->state;

	if (f->pair)
		str_addf(out, "%s@%lld", f->pair->now.name, (long long)f->pair->now.version);
}

const struct view_ops FEATURES_VIEW = {
    .name = "features",
    .contexts = "data list",
    .state_size = sizeof(struct features_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
};
