/* Data, on the reader's thread: lists of versions, profiles copied into the answer's arena. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "data.h"
#include "view_inside.h"

int view_data_read_sets(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	struct sets_list *list = arena_alloc(a, sizeof *list);
	struct dataset_row *rows;

	(void)arg;
	*result = list;
	if (store_datasets(desk->store, a, &rows, &list->count, err) != 0)
		return -1;
	list->rows = arena_array(a, list->count + 1, sizeof *list->rows);
	for (size_t i = 0; i < list->count; i++) {
		struct ui_cell *cells = arena_array(a, 6, sizeof *cells);

		cells[0].text = rows[i].name;
		cells[1].text = arena_printf(a, "%lld", (long long)rows[i].version);
		cells[2].text = view_cell_count(a, (int64_t)rows[i].rows);
		cells[3].text = view_cell_count(a, (int64_t)rows[i].column_count);
		cells[4].text = view_cell_age(a, rows[i].created, view_desk_now(desk));
		cells[4].style = STYLE_MUTED;
		cells[5].text = arena_printf(a, "%.12s", rows[i].digest);
		cells[5].style = STYLE_MUTED;
		list->rows[i] = (struct ui_row){.id = rows[i].id, .cells = cells};
	}
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
}

static int read_one(struct store *s, const struct work_data *d, struct arena *a, struct features *out,
                    struct error *err)
{
	struct profile p;
	struct column_profile *columns;
	const char **files;
	bool found;

	if (work_data_profile_kept(s, d, &p, &found, err) != 0)
		return -1;
	/* Not kept (an old cache was cleared): it has to be computed, and Esc cancels that. */
	if (!found && work_data_profile(s, d, 0, &p, err) != 0)
		return -1;
	columns = arena_array(a, p.column_count + 1, sizeof *columns);
	for (size_t i = 0; i < p.column_count; i++)
		copy_column(a, &p.columns[i], &columns[i]);
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
	                         .file_count = d->file_count};
	profile_release(&p);
	return 0;
}

int view_data_read_features(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct features_ask *ask = arg;
	struct features_pair *pair = arena_alloc(a, sizeof *pair);
	struct work_data d;
	int status;

	*result = pair;
	if ((ask->id ? work_data_find_id(desk->store, ask->id, &d, err)
	             : work_data_find(desk->store, ask->ref, &d, err)) != 0)
		return -1;
	status = read_one(desk->store, &d, a, &pair->now, err);
	work_data_release(&d);
	if (status != 0 || !ask->against)
		return status;
	if (work_data_find_id(desk->store, ask->against, &d, err) != 0)
		return -1;
	status = read_one(desk->store, &d, a, &pair->other, err);
	work_data_release(&d);
	pair->has_other = status == 0;
	return status;
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
		chart_spark_bins(&out, width, &bins, charset);
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
