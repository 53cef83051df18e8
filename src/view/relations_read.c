/* Relations, on the reader's thread: computed or found, and copied into the answer's arena. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/work_data.h"
#include "relations.h"
#include "view_inside.h"

static void *copied(struct arena *a, const void *from, size_t count, size_t size)
{
	void *to = arena_array(a, count + 1, size);

	if (count > 0)
		memcpy(to, from, size_mul(count, size));
	return to;
}

static const char *const *copied_texts(struct arena *a, const char *const *from, size_t count)
{
	const char **to = arena_array(a, count + 1, sizeof *to);

	for (size_t i = 0; i < count; i++)
		to[i] = arena_strdup(a, from[i]);
	return to;
}

static struct relation_time *copied_times(struct arena *a, const struct relations *from)
{
	struct relation_time *to = copied(a, from->times, from->time_count, sizeof *to);

	for (size_t i = 0; i < from->time_count; i++) {
		struct relation_period *periods =
		    copied(a, from->times[i].periods, from->times[i].period_count, sizeof *periods);

		for (size_t k = 0; k < from->times[i].period_count; k++) {
			periods[k].name = arena_strdup(a, periods[k].name);
			periods[k].where = periods[k].where ? arena_strdup(a, periods[k].where) : NULL;
		}
		to[i].periods = periods;
	}
	return to;
}

/* An answer that nobody waits for any more goes with its arena: nothing of it may stand elsewhere. */
static void copy(struct arena *a, const struct relations *from, struct relations *to)
{
	*to = *from;
	to->arena = NULL;
	/* Behind the columns stands the order of the rows. */
	to->names = copied_texts(a, from->names, from->column_count + 1);
	to->label_why = from->label_why ? arena_strdup(a, from->label_why) : NULL;
	to->types = copied(a, from->types, from->column_count + 1, sizeof *from->types);
	to->to_label = copied(a, from->to_label, from->to_label_count, sizeof *to->to_label);
	to->trails = copied(a, from->trails, from->trail_count, sizeof *to->trails);
	to->times = copied_times(a, from);
	to->pairs = copied(a, from->pairs, from->pair_count, sizeof *to->pairs);
	to->missing = copied(a, from->missing, from->missing_count, sizeof *to->missing);
	to->patterns = copied(a, from->patterns, from->pattern_count, sizeof *to->patterns);
	for (size_t i = 0; i < to->pattern_count; i++)
		to->patterns[i].columns =
		    copied(a, from->patterns[i].columns, from->patterns[i].column_count, sizeof(size_t));
	to->same = copied(a, from->same, from->same_count, sizeof *to->same);
	to->sets = copied(a, from->sets, from->set_count, sizeof *to->sets);
	to->notes = copied_texts(a, from->notes, from->note_count);
}

/* ---- the map ---- */

static void set_cell(struct relations_map *m, const size_t *place, const struct relation *p)
{
	size_t a = place[p->a], b = place[p->b];

	if (a == SIZE_MAX || b == SIZE_MAX)
		return;
	m->cell[a * m->count + b] = m->cell[b * m->count + a] = p;
	m->negative = m->negative || view_relation_signed(p) < 0;
}

static void make_map(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct relations_map *m = &seen->map;
	size_t *place = arena_array(a, r->column_count + 1, sizeof *place), *columns, *alike;
	double *strength;
	bool *in = arena_array(a, r->column_count + 1, sizeof *in);

	for (size_t i = 0; i < r->pair_count; i++)
		in[r->pairs[i].a] = in[r->pairs[i].b] = true;
	/* One feature and a label are two. */
	for (size_t i = 0; i < r->to_label_count && r->label >= 0; i++)
		if (in[r->to_label[i].a] || r->pair_count == 0)
			in[r->to_label[i].a] = in[r->label] = true;
	columns = arena_array(a, r->column_count + 1, sizeof *columns);
	for (size_t i = 0; i < r->column_count; i++) {
		place[i] = in[i] ? m->count : SIZE_MAX;
		if (in[i])
			columns[m->count++] = i;
	}
	m->columns = columns;
	m->cell = arena_array(a, size_mul(m->count, m->count) + 1, sizeof(struct relation *));
	for (size_t i = 0; i < r->pair_count; i++)
		set_cell(m, place, &r->pairs[i]);
	for (size_t i = 0; i < r->to_label_count && r->label >= 0; i++)
		set_cell(m, place, &r->to_label[i]);
	strength = xcalloc(size_mul(m->count, m->count) + 1, sizeof *strength);
	for (size_t i = 0; i < m->count * m->count; i++)
		strength[i] = m->cell[i] ? m->cell[i]->strength : 0;
	alike = arena_array(a, m->count + 1, sizeof *alike);
	chart_heat_order(strength, m->count, alike);
	m->alike = alike;
	free(strength);
}

/* ---- reading ---- */

static const char *as_json(const struct relations *r, struct arena *a)
{
	struct str json;
	const char *text;

	str_init(&json);
	relations_json(r, 0, &json);
	text = arena_memdup0(a, json.data, json.len);
	str_release(&json);
	return text;
}

int view_relations_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct relations_ask *ask = arg;
	struct relations_seen *seen = arena_alloc(a, sizeof *seen);
	struct relations r;
	struct work_data d;
	bool kept = false;
	int status;

	*result = seen;
	if (work_data_find_id(desk->store, ask->id, &d, err) != 0)
		return -1;
	status = work_data_relations(desk->store, &d, NULL, false, desk->progress, &r, &kept, err);
	if (status == 0) {
		seen->arena = a;
		seen->id = d.id;
		seen->version = d.version;
		seen->column = arena_strdup(a, ask->column);
		seen->name = arena_strdup(a, d.name);
		copy(a, &r, &seen->r);
		if (!kept && !desk->app->read_only)
			seen->fresh = as_json(&r, a);
		relations_release(&r);
		make_map(seen, a);
		view_relations_gaps(seen, a);
		view_relations_cells(seen, a, desk->app->charset);
	}
	work_data_release(&d);
	return status;
}
