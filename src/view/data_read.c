/* Data, on the reader's thread: lists of versions, profiles copied into the answer's arena. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "data.h"
#include "view_inside.h"

#define FEATURE_COLUMNS 12

/* Cells of a row of the list of data sets. */
static struct ui_cell *set_cells(struct arena *a, const struct dataset_row *row, int64_t now)
{
	struct ui_cell *cells = arena_array(a, 6, sizeof *cells);

	cells[0] = list_cell(row->name, 0);
	cells[1] = list_cell(arena_printf(a, "%lld", (long long)row->version), 0);
	cells[2] = list_cell_by(view_cell_count(a, (int64_t)row->rows), 0, (double)row->rows);
	cells[3] = list_cell_by(view_cell_count(a, (int64_t)row->column_count), 0, (double)row->column_count);
	cells[4] = list_cell_age(a, row->created, now);
	cells[5] = list_cell(arena_printf(a, "%.12s", row->digest), STYLE_MUTED);
	return cells;
}

int view_data_read_sets(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct sets_list *list = arena_alloc(a, sizeof *list);
	struct dataset_row *rows;

	*result = list;
	list->list.store = store_change(desk->store);
	list->list.same = ask && ask->store != 0 && ask->store == list->list.store;
	if (list->list.same)
		return 0;
	if (store_datasets(desk->store, a, &rows, &list->list.count, err) != 0)
		return -1;
	list->list.rows = arena_array(a, list->list.count + 1, sizeof *list->list.rows);
	for (size_t i = 0; i < list->list.count; i++)
		list->list.rows[i] =
		    (struct ui_row){.id = rows[i].id, .cells = set_cells(a, &rows[i], view_desk_now(desk))};
	return 0;
}

static void *copied(struct arena *a, const void *from, size_t count, size_t size)
{
	void *to = arena_array(a, count + 1, size);

	if (count > 0)
		memcpy(to, from, count * size);
	return to;
}

static struct value_count *copied_values(struct arena *a, const struct value_count *from, size_t count)
{
	struct value_count *to = copied(a, from, count, sizeof *to);

	for (size_t i = 0; i < count; i++)
		to[i].value = arena_memdup0(a, from[i].value, from[i].len);
	return to;
}

static void copy_column(struct arena *a, const struct column_profile *from, struct column_profile *to)
{
	*to = *from;
	to->name = arena_strdup(a, from->name);
	to->missing_by = copied_values(a, from->missing_by, from->missing_by_count);
	to->top = copied_values(a, from->top, from->top_count);
	to->edges = copied(a, from->edges, from->bins ? from->bins + 1 : 0, sizeof *to->edges);
	to->bin_counts = copied(a, from->bin_counts, from->bins, sizeof *to->bin_counts);
	if (from->text) {
		struct text_facts *text = copied(a, from->text, 1, sizeof *text);

		text->shapes = copied_values(a, from->text->shapes, from->text->shape_count);
		to->text = text;
	}
	to->time = from->time ? copied(a, from->time, 1, sizeof *to->time) : NULL;
	to->bounds = from->bounds ? copied(a, from->bounds, 1, sizeof *to->bounds) : NULL;
	if (from->weighted) {
		struct weighted_profile *weighted = copied(a, from->weighted, 1, sizeof *weighted);

		weighted->bins =
		    from->weighted->bins ? copied(a, from->weighted->bins, from->bins, sizeof(double)) : NULL;
		to->weighted = weighted;
	}
}

static const char *as_json(const struct profile *p, struct arena *a)
{
	struct str json;
	const char *text;

	str_init(&json);
	profile_json(p, &json);
	text = arena_memdup0(a, json.data, json.len);
	str_release(&json);
	return text;
}

static int read_one(const struct desk *desk, const struct work_data *d, struct arena *a, struct features *out,
                    struct error *err)
{
	struct profile p;
	struct column_profile *columns;
	const char **files;
	bool found;

	if (work_data_profile_kept(desk->store, d, &p, &found, err) != 0)
		return -1;
	/* Not kept (an old cache was cleared): it has to be computed, and Esc stops that. */
	if (!found && work_data_profile(desk->store, d, &(struct profile_options){.progress = desk->progress}, &p,
	                                err) != 0)
		return -1;
	columns = arena_array(a, p.column_count + 1, sizeof *columns);
	for (size_t i = 0; i < p.column_count; i++) {
		struct column_profile kept;

		copy_column(a, &p.columns[i], &kept);
		profile_draw(&kept, a, &columns[i]);
	}
	files = arena_array(a, d->file_count + 1, sizeof *files);
	for (size_t i = 0; i < d->file_count; i++)
		files[i] = arena_strdup(a, d->files[i].path);
	*out = (struct features){.id = d->id,
	                         .name = arena_strdup(a, d->name),
	                         .label = arena_strdup(a, reading_label(&d->reading)),
	                         .version = d->version,
	                         .rows = d->rows,
	                         .columns = columns,
	                         .count = p.column_count,
	                         .files = files,
	                         .file_count = d->file_count,
	                         .fresh = found || desk->app->read_only ? NULL : as_json(&p, a)};
	profile_release(&p);
	return 0;
}

/* ---- rows of the columns ---- */

static style_id role_style(unsigned roles)
{
	return roles & ROLE_LABEL ? STYLE_ACCENT : roles & ROLE_PROTECTED ? STYLE_WARN : STYLE_MUTED;
}

/* A point of a time column is a day, not a number of milliseconds. */
static struct ui_cell value_cell(struct arena *a, const struct column_profile *c, double value)
{
	char text[TIME_TEXT > NUM_TEXT ? TIME_TEXT : NUM_TEXT];

	if (!c->numeric)
		return list_cell("", 0);
	if (c->type != COLUMN_TIME || !isfinite(value))
		return list_cell_by(isnan(value) ? NULL : arena_strdup(a, num_value(value, text)), 0, value);
	return list_cell_by(arena_printf(a, "%.10s", time_rfc3339((int64_t)value, text)), 0, value);
}

static struct ui_cell spread_cell(struct arena *a, const struct column_profile *c)
{
	if (c->type == COLUMN_TIME && isfinite(c->sd))
		return list_cell_by(view_cell_span(a, 0, (int64_t)c->sd), 0, c->sd);
	return c->numeric ? list_cell_by(view_cell_number(a, c->sd, 4), 0, c->sd) : list_cell("", 0);
}

const char *view_data_roles(struct arena *a, const struct column_profile *c)
{
	struct str text;
	const char *roles;

	str_init(&text);
	column_roles_text(c->roles, &text);
	roles = c->roles && strcmp(text.data, column_type_name(c->type)) != 0 ? arena_strdup(a, text.data) : "";
	str_release(&text);
	return roles;
}

static struct ui_cell *feature_cells(const struct features_pair *pair, struct arena *a,
                                     const struct column_profile *c, enum term_charset charset)
{
	struct ui_cell *cells = arena_array(a, FEATURE_COLUMNS, sizeof *cells);
	const struct column_profile *other = pair->has_other ? view_data_column(&pair->other, c->name) : NULL;
	double rows = (double)(c->count + c->missing), share = rows > 0 ? (double)c->missing / rows : (double)NAN;
	size_t n = 0;

	cells[n++] = list_cell(c->name, 0);
	cells[n++] = list_cell(column_type_name(c->type), 0);
	cells[n++] = list_cell(view_data_roles(a, c), role_style(c->roles));
	cells[n++] = list_cell_by(view_cell_percent(a, share), c->missing > 0 ? 0 : STYLE_MUTED, share);
	cells[n++] = list_cell_by(view_cell_count(a, (int64_t)c->distinct), 0, (double)c->distinct);
	cells[n++] = list_cell(view_data_spark(a, c, FEATURE_SPARK, charset), STYLE_HISTOGRAM);
	if (pair->has_other)
		cells[n++] = list_cell(other ? view_data_spark(a, other, FEATURE_SPARK, charset) : "not there",
		                       STYLE_HISTOGRAM_OTHER);
	cells[n++] = c->type == COLUMN_TIME ? value_cell(a, c, c->mean)
	             : c->numeric           ? list_cell_by(view_cell_number(a, c->mean, 4), 0, c->mean)
	                                    : list_cell("", 0);
	cells[n++] = spread_cell(a, c);
	cells[n++] = value_cell(a, c, c->min);
	cells[n++] = value_cell(a, c, c->quantiles[3]);
	cells[n++] = value_cell(a, c, c->max);
	return cells;
}

static void feature_rows(struct features_pair *pair, struct arena *a, enum term_charset charset)
{
	pair->list.count = pair->now.count;
	pair->list.rows = arena_array(a, pair->now.count + 1, sizeof *pair->list.rows);
	for (size_t i = 0; i < pair->now.count; i++)
		pair->list.rows[i] = (struct ui_row){.id = (int64_t)i + 1,
		                                     .cells = feature_cells(pair, a, &pair->now.columns[i], charset)};
}

int view_data_read_features(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct features_pair *pair = arena_alloc(a, sizeof *pair);
	struct work_data d;
	int status;

	*result = pair;
	/* A version does not change. */
	pair->list.store = 1;
	pair->list.same = ask->store == pair->list.store;
	if (pair->list.same)
		return 0;
	if ((ask->id ? work_data_find_id(desk->store, ask->id, &d, err)
	             : work_data_find(desk->store, ask->what, &d, err)) != 0)
		return -1;
	status = read_one(desk, &d, a, &pair->now, err);
	work_data_release(&d);
	if (status == 0 && ask->other) {
		if (work_data_find_id(desk->store, ask->other, &d, err) != 0)
			return -1;
		status = read_one(desk, &d, a, &pair->other, err);
		work_data_release(&d);
		pair->has_other = status == 0;
		pair->other_title = pair->has_other
		                        ? arena_printf(a, "%s@%lld", pair->other.name, (long long)pair->other.version)
		                        : NULL;
	}
	if (status == 0)
		feature_rows(pair, a, desk->app->charset);
	return status;
}

struct keep_ask {
	int64_t id;
	const char *made; /* in the request's arena */
	view_data_keep_fn *keep;
};

static int keep(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct keep_ask *ask = arg;
	struct work_data d;

	(void)a;
	(void)result;
	(void)err;
	/* Only a cache: that it could not be kept takes nothing from what is shown. */
	if (work_data_find_id(desk->store, ask->id, &d, NULL) == 0) {
		ask->keep(desk->store, &d, ask->made, NULL);
		work_data_release(&d);
	}
	return 0;
}

void view_data_keep(struct view *v, int64_t id, const char *made, view_data_keep_fn *how)
{
	struct keep_ask ask = {.id = id, .keep = how};
	struct arena *mem;

	if (!made)
		return;
	mem = arena_new();
	ask.made = arena_strdup(mem, made);
	ui_do(v, VIEW_DATA_TAG_KEEP, keep, &ask, sizeof ask, mem);
}

void view_data_bins(struct arena *a, const struct column_profile *c, const char *name, struct chart_bins *out)
{
	double *counts = arena_array(a, c->bins + 1, sizeof *counts);

	for (size_t i = 0; i < c->bins; i++)
		counts[i] = (double)c->bin_counts[i];
	*out = (struct chart_bins){.name = name, .edges = c->edges, .counts = counts, .count = c->bins};
}

const struct column_profile *view_data_column(const struct features *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->columns[i].name, name) == 0)
			return &f->columns[i];
	return NULL;
}

const char *view_data_spark(struct arena *a, const struct column_profile *c, int width,
                            enum term_charset charset)
{
	struct str out;
	const char *text;

	str_init(&out);
	if (c->numeric && c->bins > 0 && c->type != COLUMN_BOOL) {
		struct chart_bins bins;

		view_data_bins(a, c, NULL, &bins);
		chart_spark_bins(&out, width, &bins, false, charset);
	} else if (c->top_count > 0 && c->distinct < c->count) {
		/* Values, each with its share of all as a bar, as many as there is room for: hundreds of rare ones
		 * look like what they are. */
		int used = 0;

		for (size_t i = 0; i < c->top_count; i++) {
			struct str safe;
			size_t fit;
			int w, room = width - used - 2 - (used ? 1 : 0);

			if (room < (used ? 4 : 2))
				break;
			str_init(&safe);
			safe_text(&safe, c->top[i].value, c->top[i].len, charset == TERM_ASCII ? SAFE_ASCII : 0);
			fit = text_fit(safe.data, safe.len, room < 8 ? room : 8, &w);
			str_addf(&out, "%s%.*s %s", used ? " " : "", (int)fit, safe.data,
			         chart_level_text((double)c->top[i].count / (double)c->count, charset));
			used += (used ? 1 : 0) + w + 2;
			str_release(&safe);
		}
	}
	text = arena_memdup0(a, out.data, out.len);
	str_release(&out);
	return text;
}
