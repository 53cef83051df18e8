/*
 * Groups of runs: those that have the same values in some keys, summed up.
 *
 * Each key becomes a column of small numbers, one for each different value, and a group is a row of those. Numbers
 * are the same if they are equal, however they were written: so the language compares them too, and the filter of
 * a group finds what is in it.
 */
#include <math.h>
#include <stdlib.h>

#include "order.h"

enum { MISSING = 0 }; /* of the numbers of a key's values */

struct key {
	struct field field;
	struct intern values; /* "\1" for MISSING; "n0.1", "ttext" */
	uint32_t *of_run;     /* by place */
};

struct grouping {
	const struct runs_groups_query *query;
	struct store *store;
	struct arena *mem;
	struct gather g;
	struct field *columns;
	struct key *keys;
	/* over_seeds: names and values of parameters, and the sets of them that runs have: (name, value) … */
	struct intern names, values, settings;
	uint32_t *setting_of; /* by place */
	const char **varying; /* names that are not the same in all groups */
	size_t varying_count;
	/* Groups, in the order in which their first runs came. */
	struct intern tuples;
	uint32_t *group_of; /* by place */
	struct member {
		int64_t count;
		size_t oldest, newest; /* places */
	} * members;
	struct runs_group_value **sums; /* of the columns that order; by group */
	struct sort {
		enum { BY_KEY, BY_COUNT, BY_COLUMN } by;
		size_t which;
		bool descending;
	} * sorts;
	size_t sort_count;
};

/* ---- keys ---- */

static uint32_t value_id(struct intern *values, const struct runs_cell *cell)
{
	char number[NUM_TEXT + 1] = "n";
	struct str text;
	uint32_t id;

	if (cell->kind != CELL_TEXT) {
		num_shortest(cell->number == 0 ? 0 : cell->number, number + 1);
		return intern_add(values, number, strlen(number));
	}
	str_init(&text);
	str_addc(&text, 't');
	str_adds(&text, cell->text);
	id = intern_add(values, text.data, text.len);
	str_release(&text);
	return id;
}

static void take_key(void *user, size_t at, const struct runs_cell *cell)
{
	struct key *k = user;

	k->of_run[at] = value_id(&k->values, cell);
}

static int parse_keys(struct grouping *w, struct error *err)
{
	const struct runs_groups_query *q = w->query;

	w->keys = arena_array(w->mem, q->key_count + 1, sizeof(*w->keys));
	for (size_t i = 0; i < q->key_count; i++) {
		struct field *f = &w->keys[i].field;

		if (field_parse(q->keys[i], w->mem, f, err))
			return error_prefix(err, "group");
		if (f->kind == FIELD_METRIC || f->kind >= FIELD_CREATED)
			return error_set(err, ERR_USAGE,
			                 "runs are grouped by parameters, tags, or attributes with words (experiment, "
			                 "status, kind, user, host, source, name), not by %s",
			                 q->keys[i]);
	}
	return 0;
}

static int read_keys(struct grouping *w, struct error *err)
{
	for (size_t i = 0; i < w->query->key_count; i++) {
		struct key *k = &w->keys[i];

		intern_init(&k->values);
		intern_add(&k->values, "\1", 1);
		k->of_run = xcalloc(w->g.count + 1, sizeof(*k->of_run));
		if (gather_column(&w->g, &k->field, false, take_key, k, err))
			return -1;
	}
	return 0;
}

/* ---- settings: all other parameters of a run ---- */

static bool is_own(const struct grouping *w, const char *name)
{
	static const char *const seeds[] = {"seed", "random_seed", "random_state", "seed_everything"};

	for (size_t i = 0; i < COUNT_OF(seeds); i++)
		if (!strcmp(name, seeds[i]))
			return true;
	for (size_t i = 0; i < w->query->key_count; i++)
		if (w->keys[i].field.kind == FIELD_PARAM && !strcmp(w->keys[i].field.name, name))
			return true;
	return false;
}

static void take_param(struct grouping *w, sqlite3_stmt *stmt, struct str *pairs)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 1);
	bool number = sqlite3_column_type(stmt, 3) != SQLITE_NULL;
	struct runs_cell cell = {number ? CELL_NUMBER : CELL_TEXT, sqlite3_column_double(stmt, 3),
	                         (const char *)sqlite3_column_text(stmt, 2)};
	uint32_t pair[2];

	if (is_own(w, name))
		return;
	pair[0] = intern_add(&w->names, name, strlen(name));
	pair[1] = value_id(&w->values, &cell);
	str_add(pairs, pair, sizeof(pair));
}

/* All parameters of the runs from the one id to the other: those of one run come together. */
static int read_params(struct grouping *w, int64_t from, int64_t to, struct str *pairs, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    w->store, "SELECT run, key, value, number FROM param WHERE run BETWEEN ? AND ? ORDER BY run, key",
	    err);
	uint32_t place = 0;
	int64_t run = 0;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	do {
		int64_t id = 0;

		rc = store_step(w->store, stmt, err);
		if (rc > 0)
			id = sqlite3_column_int64(stmt, 0);
		if (id != run) {
			if (place)
				w->setting_of[place - 1] = intern_add(&w->settings, pairs->data, pairs->len);
			str_clear(pairs);
			run = id;
			place = id > 0 && id <= w->g.most ? w->g.places[id] : 0;
		}
		if (place)
			take_param(w, stmt, pairs);
	} while (rc > 0);
	return rc;
}

static int read_settings(struct grouping *w, struct error *err)
{
	struct str pairs;
	int result = 0;

	w->setting_of = xcalloc(w->g.count + 1, sizeof(*w->setting_of));
	intern_add(&w->settings, "", 0); /* 0: of runs without parameters */
	str_init(&pairs);
	if (gather_is_few(&w->g)) {
		for (size_t i = 0; i < w->g.count && !result; i++)
			result = store_interrupted(w->store, err) || read_params(w, w->g.ids[i], w->g.ids[i], &pairs, err)
			             ? -1
			             : 0;
	} else {
		result = read_params(w, 1, w->g.most, &pairs, err);
	}
	str_release(&pairs);
	return result;
}

/* ---- groups ---- */

static bool is_newer(const struct gather *g, size_t a, size_t b)
{
	return g->created[a] != g->created[b] ? g->created[a] > g->created[b] : a > b;
}

static void make_groups(struct grouping *w)
{
	size_t width = w->query->key_count + 1, cap = 0;
	uint32_t *tuple = xcalloc(width, sizeof(*tuple));

	w->group_of = xcalloc(w->g.count + 1, sizeof(*w->group_of));
	for (size_t at = 0; at < w->g.count; at++) {
		size_t known = w->tuples.count;
		struct member *m;
		uint32_t id;

		for (size_t i = 0; i + 1 < width; i++)
			tuple[i] = w->keys[i].of_run[at];
		tuple[width - 1] = w->setting_of ? w->setting_of[at] : 0;
		id = w->group_of[at] = intern_add(&w->tuples, tuple, width * sizeof(*tuple));
		w->members = vec_reserve(w->members, &cap, (size_t)id + 1, sizeof(*w->members));
		m = &w->members[id];
		if (id == known)
			*m = (struct member){0, at, at};
		m->count++;
		m->oldest = is_newer(&w->g, m->oldest, at) ? at : m->oldest;
		m->newest = is_newer(&w->g, at, m->newest) ? at : m->newest;
	}
	free(tuple);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the parameters that not all groups have alike, in the order of their bytes. */
static void find_varying(struct grouping *w)
{
	size_t groups = w->tuples.count, names = w->names.count, width = w->query->key_count + 1;
	uint32_t *first = xcalloc(names + 1, sizeof(*first)), pair[2];
	size_t *have = xcalloc(names + 1, sizeof(*have));
	bool *varies = xcalloc(names + 1, sizeof(*varies));

	for (size_t group = 0; group < groups; group++) {
		uint32_t tuple_end;
		const struct intern_entry *setting;

		memcpy(&tuple_end, w->tuples.entries[group].bytes + (width - 1) * sizeof(uint32_t),
		       sizeof(tuple_end));
		setting = &w->settings.entries[tuple_end];
		for (size_t at = 0; at < setting->len; at += sizeof(pair)) {
			memcpy(pair, setting->bytes + at, sizeof(pair));
			if (have[pair[0]]++ == 0)
				first[pair[0]] = pair[1];
			else if (first[pair[0]] != pair[1])
				varies[pair[0]] = true;
		}
	}
	w->varying = arena_array(w->mem, names + 1, sizeof(*w->varying));
	for (uint32_t i = 0; i < names; i++)
		if (varies[i] || have[i] < groups)
			w->varying[w->varying_count++] = arena_strdup(w->mem, intern_text(&w->names, i));
	qsort(w->varying, w->varying_count, sizeof(*w->varying), by_text);
	free(first);
	free(have);
	free(varies);
}

/* ---- sums ---- */

static void take_number(void *user, size_t at, const struct runs_cell *cell)
{
	double *numbers = user;

	if (cell->kind == CELL_NUMBER)
		numbers[at] = cell->number;
}

/* Of a column, by group; caller frees. */
static struct runs_group_value *sum_up(const struct grouping *w, const struct field *f, struct error *err)
{
	struct runs_group_value *sums = xcalloc(w->tuples.count + 1, sizeof(*sums));
	double *numbers = xcalloc(w->g.count + 1, sizeof(*numbers));

	for (size_t i = 0; i < w->g.count; i++)
		numbers[i] = NAN;
	if (gather_column(&w->g, f, false, take_number, numbers, err)) {
		free(sums);
		free(numbers);
		return NULL;
	}
	for (size_t i = 0; i < w->tuples.count; i++)
		sums[i].mean = sums[i].min = sums[i].max = NAN;
	for (size_t i = 0; i < w->g.count; i++) {
		struct runs_group_value *v = &sums[w->group_of[i]];
		double x = numbers[i], d;

		if (isnan(x))
			continue;
		if (v->n++ == 0) {
			v->mean = v->min = v->max = x;
			continue;
		}
		if (isfinite(x) && isfinite(v->mean)) {
			d = x - v->mean;
			v->mean += d / (double)v->n;
			v->m2 += d * (x - v->mean);
		} else {
			/* As a sum of them is, in whatever order they come: NaN where both infinities are. */
			v->mean += x;
			v->m2 = NAN;
		}
		v->min = x < v->min ? x : v->min;
		v->max = x > v->max ? x : v->max;
	}
	free(numbers);
	return sums;
}

/* ---- their order ---- */

static int parse_order(struct grouping *w, struct error *err)
{
	const struct runs_query *q = w->query->runs;

	w->sorts = arena_array(w->mem, q->order_count + 1, sizeof(*w->sorts));
	for (size_t i = 0; i < q->order_count; i++) {
		struct sort *sort = &w->sorts[w->sort_count++];
		struct field f;
		bool found = false;

		sort->descending = q->order[i].descending;
		if (!strcasecmp(q->order[i].key, "count")) {
			sort->by = BY_COUNT;
			continue;
		}
		if (field_parse(q->order[i].key, w->mem, &f, err))
			return error_prefix(err, "order");
		for (size_t k = 0; k < w->query->key_count && !found; k++) {
			found = field_same(&f, &w->keys[k].field);
			sort->by = BY_KEY;
			sort->which = k;
		}
		for (size_t c = 0; c < q->column_count && !found; c++) {
			found = field_same(&f, &w->columns[c]);
			sort->by = BY_COLUMN;
			sort->which = c;
		}
		if (!found)
			return error_set(err, ERR_USAGE,
			                 "groups are ordered by one of their keys, by count, or by a column, not by %s",
			                 q->order[i].key);
	}
	return 0;
}

static int way(int c, bool descending)
{
	return descending ? -c : c;
}

/* As lists of runs are: numbers, then texts, then none. */
static int compare_keys(const struct key *k, uint32_t a, uint32_t b, bool descending)
{
	const char *x = intern_text(&k->values, a), *y = intern_text(&k->values, b);
	enum run_status s = RUN_QUEUED, t = RUN_QUEUED;
	double p = 0, q = 0;

	if (a == b)
		return 0;
	if (a == MISSING || b == MISSING)
		return a == MISSING ? 1 : -1;
	if (x[0] != y[0])
		return x[0] == 'n' ? -1 : 1;
	if (k->field.kind == FIELD_STATUS) {
		store_status_parse(x + 1, &s);
		store_status_parse(y + 1, &t);
		return way((s > t) - (s < t), descending);
	}
	if (x[0] == 't')
		return way(strcmp(x, y), descending);
	num_parse(x + 1, strlen(x + 1), &p);
	num_parse(y + 1, strlen(y + 1), &q);
	return way((p > q) - (p < q), descending);
}

static int compare_numbers(double a, double b, bool descending)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return way((a > b) - (a < b), descending);
}

struct place { /* of a group in the order */
	const struct grouping *w;
	uint32_t group;
};

static int compare(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	const struct grouping *w = a->w;
	const struct member *m = &w->members[a->group], *n = &w->members[b->group];

	for (size_t i = 0; i < w->sort_count; i++) {
		const struct sort *s = &w->sorts[i];
		int c;

		if (s->by == BY_COUNT)
			c = compare_numbers((double)m->count, (double)n->count, s->descending);
		else if (s->by == BY_COLUMN)
			c = compare_numbers(w->sums[s->which][a->group].mean, w->sums[s->which][b->group].mean,
			                    s->descending);
		else
			c = compare_keys(&w->keys[s->which], w->keys[s->which].of_run[m->oldest],
			                 w->keys[s->which].of_run[n->oldest], s->descending);
		if (c)
			return c;
	}
	if (m->newest == n->newest)
		return 0;
	return is_newer(&w->g, m->newest, n->newest) ? -1 : 1;
}

/* ---- what is handed out ---- */

static void condition(struct str *out, size_t *nodes, const char *key, const struct runs_cell *cell,
                      struct arena *mem)
{
	char number[NUM_TEXT];

	*nodes += cell->kind == CELL_NONE ? 3 : 2;
	str_adds(out, out->len ? " and " : "");
	str_adds(out, key);
	if (cell->kind == CELL_NONE)
		str_adds(out, " is missing");
	else if (cell->kind == CELL_NUMBER)
		str_addf(out, " = %s", num_shortest(cell->number == 0 ? 0 : cell->number, number));
	else
		str_addf(out, " = %s", store_quoted(cell->text, mem));
}

/* The parameters in which the groups differ, as this one's oldest run has them. */
static int describe_setting(struct grouping *w, int64_t oldest, struct str *filter, size_t *nodes,
                            struct str *setting, struct error *err)
{
	struct store_pair *params;
	size_t count, at = 0;

	if (store_params(w->store, oldest, w->mem, &params, &count, err))
		return -1;
	for (size_t i = 0; i < w->varying_count; i++) {
		const char *name = w->varying[i];
		struct runs_cell cell = {.kind = CELL_NONE};

		while (at < count && strcmp(params[at].key, name) < 0)
			at++;
		if (at < count && !strcmp(params[at].key, name)) {
			cell = (struct runs_cell){params[at].is_number ? CELL_NUMBER : CELL_TEXT, params[at].number,
			                          params[at].value};
			str_addf(setting, "%s%s=%s", setting->len ? " " : "", name, cell.text);
		}
		condition(filter, nodes, name_as_key(w->mem, "params", name), &cell, w->mem);
	}
	return 0;
}

static int describe(struct grouping *w, uint32_t group, struct runs_group *out, struct error *err)
{
	const struct member *m = &w->members[group];
	struct str filter, setting;
	size_t nodes = 0;
	int result = 0;

	str_init(&filter);
	str_init(&setting);
	out->id = w->g.ids[m->oldest];
	out->count = m->count;
	out->keys = arena_array(w->mem, w->query->key_count + 1, sizeof(*out->keys));
	for (size_t i = 0; i < w->query->key_count && !result; i++) {
		const struct key *k = &w->keys[i];

		result = cell_load(w->store, &k->field, out->id, w->g.now, w->mem, &out->keys[i], err);
		if (k->of_run[m->oldest] == MISSING)
			out->keys[i] = (struct runs_cell){.kind = CELL_NONE};
		if (!result)
			condition(&filter, &nodes, field_key(&k->field, w->mem), &out->keys[i], w->mem);
	}
	if (!result && w->query->over_seeds) {
		result = describe_setting(w, out->id, &filter, &nodes, &setting, err);
		out->setting = arena_memdup0(w->mem, setting.data, setting.len);
	}
	/* Half of what the language takes is left to the filter that it is put beside. */
	if (filter.len <= FILTER_LONGEST / 2 && nodes <= FILTER_MOST_NODES / 2)
		out->filter = arena_memdup0(w->mem, filter.data, filter.len);
	str_release(&filter);
	str_release(&setting);
	return result;
}

static int hand_out(struct grouping *w, size_t limit, struct runs_group **out, size_t *count,
                    struct error *err)
{
	size_t groups = w->tuples.count, n = groups < limit ? groups : limit,
	       columns = w->query->runs->column_count;
	struct place *places = xcalloc(groups + 1, sizeof(*places));
	int result = 0;

	for (uint32_t i = 0; i < groups; i++)
		places[i] = (struct place){w, i};
	qsort(places, groups, sizeof(*places), compare);
	*out = arena_array(w->mem, n + 1, sizeof(**out));
	*count = n;
	for (size_t i = 0; i < n && !result; i++) {
		(*out)[i].values = arena_array(w->mem, columns + 1, sizeof(struct runs_group_value));
		result = describe(w, places[i].group, &(*out)[i], err);
	}
	for (size_t c = 0; c < columns && !result; c++) {
		struct runs_group_value *sums = w->sums[c] ? w->sums[c] : sum_up(w, &w->columns[c], err);

		w->sums[c] = NULL;
		for (size_t i = 0; i < n && sums; i++)
			(*out)[i].values[c] = sums[places[i].group];
		result = sums ? 0 : -1;
		free(sums);
	}
	free(places);
	return result;
}

static int group(struct grouping *w, struct error *err)
{
	if (gather_runs(w->store, w->query->runs, w->mem, &w->g, err) || read_keys(w, err) ||
	    (w->query->over_seeds && read_settings(w, err)))
		return -1;
	make_groups(w);
	if (w->query->over_seeds)
		find_varying(w);
	for (size_t i = 0; i < w->sort_count; i++) {
		size_t c = w->sorts[i].which;

		if (w->sorts[i].by == BY_COLUMN && !w->sums[c] && !(w->sums[c] = sum_up(w, &w->columns[c], err)))
			return -1;
	}
	return 0;
}

static void grouping_release(struct grouping *w)
{
	for (size_t i = 0; i < w->query->key_count; i++) {
		intern_release(&w->keys[i].values);
		free(w->keys[i].of_run);
	}
	for (size_t i = 0; i < w->query->runs->column_count; i++)
		free(w->sums[i]);
	intern_release(&w->names);
	intern_release(&w->values);
	intern_release(&w->settings);
	intern_release(&w->tuples);
	free(w->setting_of);
	free(w->group_of);
	free(w->members);
	gather_release(&w->g);
}

int store_runs_groups(struct store *s, const struct runs_groups_query *q, size_t limit, struct arena *mem,
                      struct runs_group **out, size_t *count, size_t *total, struct error *err)
{
	struct grouping w = {.query = q, .store = s, .mem = mem};
	int result = -1;

	if (columns_parse(q->runs, mem, &w.columns, err) || parse_keys(&w, err) || parse_order(&w, err) ||
	    store_enter_read(s, err))
		return -1;
	w.sums = arena_array(mem, q->runs->column_count + 1, sizeof(struct runs_group_value *));
	intern_init(&w.names);
	intern_init(&w.values);
	intern_init(&w.settings);
	intern_init(&w.tuples);
	if (!group(&w, err)) {
		*total = w.tuples.count;
		result = hand_out(&w, limit, out, count, err);
	}
	store_leave_read(s);
	grouping_release(&w);
	return result;
}
