/* The columns of a data set with their distributions, beside those of another version. */
#include <math.h>
#include <string.h>

#include "data.h"
#include "view_inside.h"

enum { TAG_SETS = 1 };

struct features_view {
	struct list_view list;
	int64_t id, against;
};

static const struct features_pair *pair_of(struct view *v)
{
	return (const struct features_pair *)((struct list_view *)v->state)->got;
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct features_pair *pair = pair_of(l->view);
	const struct ui_column first[] = {
	    {.id = "feature", .title = "feature", .min = 14, .max = width > 78 ? width / 3 : 26},
	    {.id = "type", .title = "type", .min = 4, .priority = 2},
	    {.id = "role", .title = "role", .min = 5, .max = width > 78 ? 20 : 11, .priority = 5},
	    {.id = "miss", .title = "miss", .align = UI_RIGHT, .min = 5, .priority = 3},
	    {.id = "distinct", .title = "distinct", .align = UI_RIGHT, .min = 8, .priority = 4},
	    {.id = "distribution",
	     .title = "distribution",
	     .min = FEATURE_SPARK,
	     .max = FEATURE_SPARK,
	     .no_sort = true,
	     .priority = 1},
	};
	static const struct ui_column rest[] = {
	    {.id = "mean", .title = "mean", .align = UI_DECIMAL, .min = 7, .priority = 5},
	    {.id = "sd", .title = "sd", .align = UI_DECIMAL, .min = 6, .priority = 6},
	    {.id = "min", .title = "min", .align = UI_DECIMAL, .min = 6, .priority = 8},
	    {.id = "median", .title = "median", .align = UI_DECIMAL, .min = 6, .priority = 7},
	    {.id = "max", .title = "max", .align = UI_DECIMAL, .min = 6, .priority = 8},
	};
	size_t count = COUNT_OF(first);

	memcpy(out, first, sizeof first);
	if (pair && pair->has_other)
		out[count++] = (struct ui_column){.id = "other",
		                                  .title = pair->other_title,
		                                  .min = FEATURE_SPARK,
		                                  .max = FEATURE_SPARK,
		                                  .no_sort = true,
		                                  .called = true,
		                                  .priority = 1};
	memcpy(out + count, rest, sizeof rest);
	return count + COUNT_OF(rest);
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct features_pair *pair = pair_of(l->view);
	const struct features *now;

	(void)style;
	if (!pair)
		return NULL;
	now = &pair->now;
	return arena_printf(a, "%s row%s%s%s%s%s", view_cell_count(a, (int64_t)now->rows), PLURAL(now->rows),
	                    now->label ? "   label " : "", now->label ? now->label : "",
	                    pair->has_other ? "   against " : "", pair->has_other ? pair->other_title : "");
}

static void preview(struct list *l, struct surface *s)
{
	size_t at = list_at(l);

	if (at < pair_of(l->view)->now.count)
		view_data_draw_small(s, pair_of(l->view), &pair_of(l->view)->now.columns[at]);
}

/* A number beside its name, or two of them. */
static int preview_least(struct list *l)
{
	return pair_of(l->view) && pair_of(l->view)->has_other ? 44 : 32;
}

static void open_column(struct list *l, int64_t id)
{
	struct features_view *f = l->view->state;
	struct feature_args args = {
	    .id = f->id, .against = f->against, .column = pair_of(l->view)->now.columns[id - 1].name};

	ui_open(l->view->ui, &FEATURE_VIEW, &args);
}

static void ask(struct view *v, struct list_ask *out)
{
	struct features_view *f = v->state;

	out->id = f->id;
	out->other = f->against;
}

static void taken(struct view *v)
{
	const struct features_pair *pair = pair_of(v);

	view_data_keep(v, pair->now.id, pair->now.fresh, work_data_profile_keep);
	view_data_keep(v, pair->other.id, pair->other.fresh, work_data_profile_keep);
	if (pair->has_other)
		view_command(v->ui, (const char *[]){"assay", "data", "profile", pair->other_title, NULL});
	list_set_columns(&((struct list_view *)v->state)->list);
}

static void against_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct features_view *f = v->state;

	f->against = id == f->id || id < 0 ? 0 : id;
	list_view_read(v, true);
}

static bool action(struct view *v, enum action what)
{
	if (what == ACTION_DATA_RELATIONS) {
		const struct features_view *f = v->state;
		struct relations_args args = {.id = f->id, .against = f->against};

		ui_open(v->ui, &RELATIONS_VIEW, &args);
		return true;
	}
	if (what == ACTION_DATA_ROWS) {
		struct features_view *f = v->state;
		size_t at = list_at(&f->list.list);
		struct rows_args rows = {.id = f->id};

		if (at < pair_of(v)->now.count)
			rows.column = pair_of(v)->now.columns[at].name;
		view_rows_open(v->ui, &rows);
		return true;
	}
	if (what != ACTION_DATA_AGAINST)
		return false;
	ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
	return true;
}

static void result(struct view *v, struct ui_result *r)
{
	struct features_view *f = v->state;

	if (r->tag == TAG_SETS)
		view_data_choose_against(v, r->data, f->id, f->against, against_accept);
}

static const struct list_spec FEATURES = {
    .one = "column",
    .many = "columns",
    .empty = "This data set has no columns.",
    .of_object = true,
    .columns = columns,
    .note = note,
    .preview = preview,
    .preview_least = preview_least,
    .open = open_column,
    .read = view_data_read_features,
    .aside = true,
    .ask = ask,
    .taken = taken,
    .action = action,
    .result = result,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)err;
	((struct features_view *)v->state)->id = ((const struct features_args *)args)->id;
	list_view_begin(v, &FEATURES);
	return 0;
}

static void title(struct view *v, struct str *out)
{
	const struct features_pair *pair = pair_of(v);

	if (pair)
		str_addf(out, "%s@%lld", pair->now.name, (long long)pair->now.version);
}

static void place(struct view *v, struct str *out)
{
	const struct features_pair *pair = pair_of(v);

	if (pair)
		str_addf(out, "data:%s@%lld", pair->now.name, (long long)pair->now.version);
}

const struct view_ops FEATURES_VIEW = {
    .name = "features",
    .contexts = "data list",
    .state_size = sizeof(struct features_view),
    .open = open,
    .title = title,
    .place = place,
    LIST_VIEW_OPS,
};
