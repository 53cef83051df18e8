/* store: groups and summaries held against counting everything; values, experiments, runs by what they are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "../../src/store/order.h"
#include "../lib/store_fixture.h"

enum { RUNS = 150, PARAMS = 4 };

static const char *const param_names[PARAMS] = {"depth", "odd `name, x", "seed", "model"};
/* Different texts of one number, numbers as texts, quotes, blanks, nothing. */
static const char *const param_values[PARAMS][5] = {{"1", "1.0", "-0", "0", "x"},
                                                    {"it's", "a b", "", "and", "7"},
                                                    {"1", "2", "3", "4", "5"},
                                                    {"m", "m", "m", "m", "m"}};
static const char *const experiments[] = {"credit", "it's \"odd\"", "a"};
static const char *const users[] = {"", "ada", "bob's"};

struct truth {
	int64_t id, created;
	const char *params[PARAMS]; /* NULL: none */
	const char *tag;            /* NULL: none */
	double auc, best;           /* NaN: none or NaN */
	bool has_auc, archived;
	int experiment, user;
	enum run_status status;
	char name[16];
};

struct place {
	char *folder;
	struct store *store;
	struct truth runs[RUNS];
};

static uint64_t state = 88172645463325252u;
static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

static void add_run(struct place *p, int i)
{
	struct truth *t = &p->runs[i];
	struct run_new new = {.created = 1000 + (int64_t)draw(40), .name = t->name};
	struct run_process nobody = {.pid = 1};
	struct run_ending end = {.status = RUN_DONE, .reason = "", .at = 9000};
	char uuid[ID_TEXT], *sql;

	snprintf(t->name, sizeof(t->name), "run-%u", draw(60));
	t->experiment = (int)draw(3);
	t->user = (int)draw(3);
	t->created = new.created;
	new.experiment = experiments[t->experiment];
	new.user = users[t->user];
	assert_int_equal(store_run_create(p->store, &new, &t->id, uuid, NULL), 0);
	for (int k = 0; k < PARAMS; k++) {
		if (k != 3 && draw(6) == 0)
			continue;
		t->params[k] = param_values[k][draw(5)];
		assert_int_equal(store_param_set(p->store, t->id, param_names[k], t->params[k], NULL), 0);
	}
	if (draw(2)) {
		t->tag = draw(2) ? "risk team" : "3";
		assert_int_equal(store_tag_set(p->store, t->id, "team", t->tag, NULL), 0);
	}
	t->auc = t->best = (double)NAN;
	t->has_auc = draw(5);
	if (t->has_auc) {
		struct point points[2] = {{.step = 1, .value = 0.125 * draw(5)}, {.step = 2}};

		points[1].value = draw(4) ? 0.125 * draw(5) : (double)NAN;
		t->auc = points[1].value;
		t->best = t->auc > points[0].value ? t->auc : points[0].value;
		assert_int_equal(store_series_append(p->store, t->id, SERIES_METRIC, "auc", "", points, 2, NULL), 0);
	}
	if (!draw(3))
		return;
	t->status = RUN_DONE;
	assert_int_equal(store_run_start(p->store, t->id, &nobody, 2000, NULL), 0);
	assert_int_equal(store_run_end(p->store, t->id, &end, NULL), 0);
	if (draw(4))
		return;
	t->archived = true;
	sql = xasprintf("UPDATE run SET archived = 9500 WHERE id = %lld", (long long)t->id);
	assert_int_equal(sqlite3_exec(p->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
}

static int fill(void **out)
{
	struct place *p = xcalloc(1, sizeof(*p));

	if (store_fixture_open("groups", &p->folder, &p->store))
		return -1;
	assert_int_equal(store_begin(p->store, STORE_NORMAL, NULL), 0);
	for (int i = 0; i < RUNS; i++)
		add_run(p, i);
	assert_int_equal(store_end(p->store, true, NULL), 0);
	*out = p;
	return 0;
}

static int clear(void **in)
{
	struct place *p = *in;

	store_close(p->store);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

/* ---- filters: what they keep ---- */

static const char *const filters[] = {NULL, "archived", "best(metrics.auc) >= 0.25",
                                      "params.depth = 1 and tags.team", "id = nothing"};

static bool is_one(const char *depth)
{
	return depth && (!strcmp(depth, "1") || !strcmp(depth, "1.0"));
}

static bool keeps(const struct truth *t, int which)
{
	if (t->archived != (which == 1))
		return false;
	switch (which) {
	case 2:
		return t->best >= 0.25;
	case 3:
		return is_one(t->params[0]) && t->tag;
	case 4:
		return false;
	default:
		return true;
	}
}

/* ---- groups ---- */

enum key { DEPTH, ODD, TAG, EXPERIMENT, USER, STATUS, KEYS };
static const char *const key_names[KEYS] = {
    "params.depth", "params.odd `name, x", "tags.team", "experiment", "user", "status"};

static const char *key_text(const struct truth *t, enum key key)
{
	switch (key) {
	case DEPTH:
	case ODD:
		return t->params[key];
	case TAG:
		return t->tag;
	case EXPERIMENT:
		return experiments[t->experiment];
	case USER:
		return users[t->user][0] ? users[t->user] : NULL;
	default:
		return store_status_name(t->status);
	}
}

static bool same_text(const char *a, const char *b)
{
	double x, y;

	if (!a || !b)
		return a == b;
	if (num_parse(a, strlen(a), &x) && num_parse(b, strlen(b), &y))
		return x == y;
	return !strcmp(a, b);
}

static bool same_group(const struct truth *a, const struct truth *b, const enum key *keys, size_t count,
                       bool over_seeds)
{
	for (size_t i = 0; i < count; i++)
		if (!same_text(key_text(a, keys[i]), key_text(b, keys[i])))
			return false;
	for (int k = 0; k < PARAMS && over_seeds; k++)
		if (k != 2 && !same_text(a->params[k], b->params[k]))
			return false;
	return true;
}

static bool is_newer(const struct truth *a, const struct truth *b)
{
	return a->created != b->created ? a->created > b->created : a->id > b->id;
}

struct expected {
	const struct truth *members[RUNS], *newest, *oldest;
	size_t count;
	double sum, squares;
	int64_t n;
};

static size_t expect_groups(struct place *p, int filter, const enum key *keys, size_t count, bool over_seeds,
                            struct expected *out)
{
	size_t groups = 0;

	for (int i = 0; i < RUNS; i++) {
		const struct truth *t = &p->runs[i];
		struct expected *e = out;

		if (!keeps(t, filter))
			continue;
		while (e < out + groups && !same_group(e->members[0], t, keys, count, over_seeds))
			e++;
		if (e == out + groups) {
			*e = (struct expected){.newest = t, .oldest = t};
			groups++;
		}
		e->members[e->count++] = t;
		e->newest = is_newer(t, e->newest) ? t : e->newest;
		e->oldest = is_newer(e->oldest, t) ? t : e->oldest;
		if (!isnan(t->auc)) {
			e->n++;
			e->sum += t->auc;
			e->squares += t->auc * t->auc;
		}
	}
	return groups;
}

/* The filter of the group, with the query's own, finds its members and no others. */
static void check_filter(struct place *p, const struct runs_group *g, const struct expected *e,
                         const char *own)
{
	struct arena *mem = arena_new();
	struct runs_query q = {.filter =
	                           arena_printf(mem, "%s%s%s%s%s", own ? "(" : "", own ? own : "", own ? ")" : "",
	                                        own && *g->filter ? " and " : "", g->filter)};
	struct error err;
	int64_t *ids;
	size_t count;

	if (store_runs_ids(p->store, &q, RUNS, mem, &ids, &count, &err))
		fail_msg("%s: %s", q.filter, err.text);
	if (count != e->count)
		fail_msg("%s: finds %zu, not %zu", q.filter, count, e->count);
	for (size_t i = 0; i < e->count; i++) {
		bool found = false;

		for (size_t k = 0; k < count; k++)
			found = found || ids[k] == e->members[i]->id;
		assert_true(found);
	}
	arena_free(mem);
}

static void check_group(struct place *p, const struct runs_group *g, const struct expected *e,
                        const enum key *keys, size_t key_count, const char *own)
{
	const struct runs_group_value *v = &g->values[0];

	assert_int_equal(g->id, e->oldest->id);
	assert_int_equal(g->count, e->count);
	for (size_t i = 0; i < key_count; i++) {
		const char *text = key_text(e->oldest, keys[i]);

		assert_int_equal(g->keys[i].kind == CELL_NONE, text == NULL);
		if (text)
			assert_string_equal(g->keys[i].text, text);
	}
	assert_int_equal(v->n, e->n);
	assert_int_equal(isnan(v->mean), e->n == 0);
	if (e->n) {
		double mean = e->sum / (double)e->n;

		assert_true(fabs(v->mean - mean) < 1e-12);
		assert_true(fabs(v->m2 - (e->squares - mean * e->sum)) < 1e-9);
	}
	check_filter(p, g, e, own);
}

/* Means may differ in their last bits from those that are summed here. */
static int sign(double x)
{
	x = fabs(x) < 1e-12 ? 0 : x;
	return (x > 0) - (x < 0);
}

/* -1, 0, 1: of keys as lists of runs have them. */
static int compare_texts(const char *a, const char *b, bool down)
{
	double x = 0, y = 0;
	bool p, q;

	if (!a || !b)
		return !a - !b;
	p = num_parse(a, strlen(a), &x);
	q = num_parse(b, strlen(b), &y);
	if (p != q)
		return p ? -1 : 1;
	return (p ? sign(x - y) : sign(strcmp(a, b))) * (down ? -1 : 1);
}

static void groups_are_as_counting_everything(void **in)
{
	static struct expected wanted[RUNS];
	static const char *const columns[] = {"metrics.auc", "params.depth"};
	struct place *p = *in;

	for (int trial = 0; trial < 300; trial++) {
		enum key keys[3];
		const char *names[3];
		struct runs_order order[2];
		int filter = (int)draw(COUNT_OF(filters)), by = (int)draw(4);
		struct runs_query q = {
		    .filter = filters[filter], .columns = columns, .column_count = COUNT_OF(columns), .order = order};
		struct runs_groups_query gq = {
		    .runs = &q, .keys = names, .key_count = draw(4), .over_seeds = draw(3) == 0};
		struct arena *mem = arena_new();
		size_t n, total, groups, limit = 1 + draw(40);
		struct runs_group *g;
		struct error err;

		for (size_t i = 0; i < gq.key_count; i++) {
			keys[i] = (enum key)((draw(2) + 2 * i + (unsigned)trial) % KEYS);
			names[i] = key_names[keys[i]];
		}
		order[0] = (struct runs_order){by == 0 ? "count" : by == 1 ? "metrics.auc" : names[0], draw(2)};
		q.order_count = by < 2 || (by == 2 && gq.key_count);
		if (store_runs_groups(p->store, &gq, limit, mem, &g, &n, &total, &err))
			fail_msg("%s", err.text);
		groups = expect_groups(p, filter, keys, gq.key_count, gq.over_seeds, wanted);
		assert_int_equal(total, groups);
		assert_int_equal(n, groups < limit ? groups : limit);
		for (size_t i = 0; i < n; i++) {
			const struct expected *e = wanted, *last = NULL;

			while (e < wanted + groups && e->oldest->id != g[i].id)
				e++;
			assert_true(e < wanted + groups);
			check_group(p, &g[i], e, keys, gq.key_count, filters[filter]);
			for (const struct expected *k = wanted; i && k < wanted + groups; k++)
				last = k->oldest->id == g[i - 1].id ? k : last;
			if (!last)
				continue;
			int c = by == 0                      ? sign((double)last->count - (double)e->count)
			        : by == 1 && last->n && e->n ? sign(last->sum / (double)last->n - e->sum / (double)e->n)
			        : by == 1                    ? (last->n == 0) - (e->n == 0)
			        : by == 2 && gq.key_count && keys[0] == STATUS
			            ? sign((double)last->oldest->status - (double)e->oldest->status)
			        : by == 2 && gq.key_count
			            ? compare_texts(key_text(last->oldest, keys[0]), key_text(e->oldest, keys[0]),
			                            order[0].descending)
			            : 0;
			bool turned = order[0].descending && (by == 0 || (by == 1 && last->n && e->n) ||
			                                      (by == 2 && gq.key_count && keys[0] == STATUS));

			c = turned ? -c : c;
			assert_true(c < 0 || (c == 0 && (by == 1 || is_newer(last->newest, e->newest))));
		}
		arena_free(mem);
	}
}

static void settings_are_what_groups_differ_in(void **in)
{
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_query q = {0};
	struct runs_groups_query gq = {.runs = &q, .over_seeds = true};
	struct runs_group *g;
	size_t n, total;

	assert_int_equal(store_runs_groups(p->store, &gq, 1000, mem, &g, &n, &total, NULL), 0);
	assert_true(n > 5);
	for (size_t i = 0; i < n; i++) {
		assert_null(strstr(g[i].setting, "seed"));
		assert_null(strstr(g[i].setting, "model=m"));
		assert_null(strstr(g[i].filter, "model"));
		assert_non_null(strstr(g[i].filter, "params.depth"));
	}
	gq.keys = (const char *const[]){"metrics.auc"};
	gq.key_count = 1;
	assert_int_equal(store_runs_groups(p->store, &gq, 10, mem, &g, &n, &total, NULL), -1);
	gq.key_count = 0;
	q.order = (const struct runs_order[]){{"params.depth", false}};
	q.order_count = 1;
	assert_int_equal(store_runs_groups(p->store, &gq, 10, mem, &g, &n, &total, NULL), -1);
	arena_free(mem);
}

/* ---- summaries ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void check_numbers(const struct runs_summary *s, double *all, size_t n, size_t nans)
{
	int64_t distinct = nans > 0;

	qsort(all, n, sizeof(*all), by_value);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || all[i] != all[i - 1];
	assert_int_equal(s->count, n + nans);
	assert_int_equal(s->distinct, distinct);
	if (n) {
		assert_true(s->min == all[0] && s->max == all[n - 1] && s->median == all[(n - 1) / 2]);
		return;
	}
	assert_true(isnan(s->min) && isnan(s->median) && isnan(s->max));
	assert_int_equal(s->kind, nans ? CELL_NUMBER : CELL_NONE);
}

static void check_texts(const struct runs_summary *s, const char *const *all, size_t n)
{
	const char *first = NULL, *last = NULL;
	int64_t distinct = 0;

	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known = known || !strcmp(all[k], all[i]);
		distinct += !known;
		first = !first || strcmp(all[i], first) < 0 ? all[i] : first;
		last = !last || strcmp(all[i], last) > 0 ? all[i] : last;
	}
	assert_int_equal(s->kind, n ? CELL_TEXT : CELL_NONE);
	assert_int_equal(s->count, n);
	assert_int_equal(s->distinct, distinct);
	if (n) {
		assert_string_equal(s->first, first);
		assert_string_equal(s->last, last);
		assert_true(isnan(s->median));
	}
}

static void summaries_are_as_counting_everything(void **in)
{
	static const char *const columns[] = {
	    "metrics.auc", "best(metrics.auc)", "params.depth", "params.seed",
	    "user",        "created",           "status",       "at(metrics.auc, metrics.auc)"};
	struct place *p = *in;

	for (int filter = 0; filter < (int)COUNT_OF(filters); filter++) {
		struct runs_query q = {
		    .filter = filters[filter], .columns = columns, .column_count = COUNT_OF(columns)};
		double aucs[RUNS], bests[RUNS], seeds[RUNS], created[RUNS];
		const char *depths[RUNS], *names[RUNS], *states[RUNS];
		size_t auc = 0, nan = 0, best = 0, depth = 0, texts = 0, seed = 0, user = 0, all = 0;
		struct arena *mem = arena_new();
		struct runs_summary *s;
		struct error err;

		if (store_runs_summary(p->store, &q, mem, &s, &err))
			fail_msg("%s", err.text);
		for (int i = 0; i < RUNS; i++) {
			const struct truth *t = &p->runs[i];
			double number;

			if (!keeps(t, filter))
				continue;
			created[all] = (double)t->created;
			states[all++] = store_status_name(t->status);
			nan += t->has_auc && isnan(t->auc);
			if (!isnan(t->auc))
				aucs[auc++] = t->auc;
			if (!isnan(t->best))
				bests[best++] = t->best;
			if (t->params[0]) {
				depths[depth++] = t->params[0];
				texts += !num_parse(t->params[0], strlen(t->params[0]), &number);
			}
			if (t->params[2])
				seeds[seed++] = strtod(t->params[2], NULL);
			if (users[t->user][0])
				names[user++] = users[t->user];
		}
		check_numbers(&s[0], aucs, auc, nan);
		check_numbers(&s[1], bests, best, 0);
		if (texts)
			check_texts(&s[2], depths, depth);
		check_numbers(&s[3], seeds, seed, 0);
		check_texts(&s[4], names, user);
		check_numbers(&s[5], created, all, 0);
		assert_int_equal(s[5].kind, all ? CELL_TIME : CELL_NONE);
		check_texts(&s[6], states, all);
		check_numbers(&s[7], bests, best, 0);
		arena_free(mem);
	}
}

/* ---- values, experiments, names ---- */

static void expect_values(struct place *p, const char *field, const char *prefix, size_t limit,
                          const char *wanted)
{
	struct arena *mem = arena_new();
	const char **values;
	struct error err;
	struct str all;
	size_t n;

	if (store_values(p->store, field, prefix, limit, mem, &values, &n, &err))
		fail_msg("%s", err.text);
	str_init(&all);
	for (size_t i = 0; i < n; i++)
		str_addf(&all, "%s%s", i ? " | " : "", values[i]);
	if (strcmp(all.data, wanted) != 0)
		fail_msg("%s %s: %s, not %s", field, prefix, all.data, wanted);
	str_release(&all);
	arena_free(mem);
}

static void values_are_listed_as_the_language_reads_them(void **in)
{
	struct place *p = *in;

	expect_values(p, "params.depth", "", 50, "0 | 1 | x");
	expect_values(p, "params.depth", "1", 50, "1");
	expect_values(p, "params.seed", "", 3, "1 | 2 | 3");
	expect_values(p, "params.`odd ``name, x`", "", 50, "7 | '' | 'a b' | 'and' | 'it''s'");
	expect_values(p, "params.`odd ``name, x`", "a", 1, "'a b'");
	expect_values(p, "params.none", "", 50, "");
	expect_values(p, "tags.team", "r", 50, "'risk team'");
	expect_values(p, "experiment", "", 50, "a | credit | 'it''s \"odd\"'");
	expect_values(p, "experiment", "c", 50, "credit");
	expect_values(p, "status", "", 50, "done | queued");
	expect_values(p, "user", "", 50, "ada | 'bob''s'");
	expect_values(p, "user", "b", 50, "'bob''s'");
	expect_values(p, "kind", "", 50, "command");
	expect_values(p, "source", "nat", 50, "native");
	expect_values(p, "name", "run-1", 2, "run-1 | run-10");
	expect_values(p, "metrics.auc", "", 50, "");
}

static void experiments_are_counted(void **in)
{
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct store_experiment *e;
	size_t n;

	for (int64_t most = 5; most <= RUNS; most += RUNS - 5) {
		assert_int_equal(store_experiments(p->store, most, mem, &e, &n, NULL), 0);
		assert_int_equal(n, 3);
		for (size_t i = 0; i < n; i++) {
			int64_t runs = 0;

			assert_true(i == 0 || strcmp(e[i - 1].name, e[i].name) < 0);
			for (int k = 0; k < RUNS; k++)
				runs += !p->runs[k].archived && !strcmp(experiments[p->runs[k].experiment], e[i].name);
			assert_int_equal(e[i].runs, runs < most ? runs : most);
		}
	}
	arena_free(mem);
}

static void runs_are_found_by_what_they_are_called(void **in)
{
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_page page;
	size_t begin = 0, inside = 0;
	char piece[ID_TEXT];

	for (int i = 0; i < RUNS; i++) {
		begin += !p->runs[i].archived && !strncmp(p->runs[i].name, "run-1", 5);
		inside += !p->runs[i].archived && strstr(p->runs[i].name, "N-1" + 1) != NULL;
	}
	assert_int_equal(store_runs_called(p->store, "run-1", RUNS, RUNS, mem, &page, NULL), 0);
	assert_int_equal(page.count, begin);
	for (size_t i = 0; i < page.count; i++) {
		assert_memory_equal(page.rows[i].name, "run-1", 5);
		assert_int_equal(page.rows[i].archived, 0);
		assert_true(i == 0 || page.rows[i - 1].created >= page.rows[i].created);
	}
	assert_int_equal(store_runs_called(p->store, "N-1", RUNS, RUNS, mem, &page, NULL), 0);
	assert_int_equal(page.count, inside);
	assert_int_equal(store_runs_called(p->store, "run-", RUNS, 7, mem, &page, NULL), 0);
	assert_int_equal(page.count, 7);
	assert_int_equal(store_runs_called(p->store, "", RUNS, 7, mem, &page, NULL), 0);
	assert_int_equal(page.count, 0);
	/* By the first digits, the last ones, and the first of those that are shown. */
	for (int i = 0; i < RUNS; i++) {
		struct run_row run;

		if (p->runs[i].archived)
			continue;
		assert_int_equal(store_run_get(p->store, p->runs[i].id, mem, &run, NULL), 0);
		for (int way = 0; way < 3; way++) {
			bool found = false;

			snprintf(piece, sizeof(piece), "%s",
			         way == 0   ? run.uuid
			         : way == 1 ? run.uuid + 27
			                    : run.uuid + 24);
			piece[way == 0 ? 30 : way == 1 ? 5 : 6] = '\0';
			assert_int_equal(store_runs_called(p->store, piece, RUNS, RUNS, mem, &page, NULL), 0);
			for (size_t k = 0; k < page.count; k++)
				found = found || page.rows[k].id == run.id;
			assert_true(found);
			assert_true(page.count < 5);
		}
	}
	arena_free(mem);
}

/* A sum with infinite values is one whatever their order. */
static void infinite_values_make_infinite_means(void **in)
{
	const double inf = (double)INFINITY;
	const struct {
		const char *kind;
		double values[3], mean;
	} cases[] = {{"first", {inf, 1, 2}, inf},
	             {"last", {1, 2, inf}, inf},
	             {"least", {3, -inf, 5}, -inf},
	             {"both", {inf, -inf, 1}, (double)NAN},
	             {"none", {1, 2, 6}, 3}};
	const char *columns[] = {"metrics.wild"}, *keys[] = {"kind"};
	struct runs_query q = {.filter = "metrics.wild", .columns = columns, .column_count = 1};
	struct runs_groups_query groups = {.runs = &q, .keys = keys, .key_count = 1};
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_group *found;
	size_t count, total;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t k = 0; k < 3; k++) {
			struct run_new new = {.kind = cases[i].kind};
			struct point point = {.step = 1, .value = cases[i].values[k]};
			char uuid[ID_TEXT];
			int64_t id;

			assert_int_equal(store_run_create(p->store, &new, &id, uuid, NULL), 0);
			assert_int_equal(store_series_append(p->store, id, SERIES_METRIC, "wild", "", &point, 1, NULL),
			                 0);
		}
	assert_int_equal(store_runs_groups(p->store, &groups, 100, mem, &found, &count, &total, NULL), 0);
	assert_int_equal(count, COUNT_OF(cases));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < COUNT_OF(cases); k++) {
			const struct runs_group_value *v = &found[i].values[0];
			double wanted = cases[k].mean;

			if (strcmp(found[i].keys[0].text, cases[k].kind) != 0)
				continue;
			assert_int_equal(v->n, 3);
			assert_true(isnan(wanted) ? isnan(v->mean) : v->mean == wanted);
			assert_int_equal(isnan(v->m2), !isfinite(wanted));
		}
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_as_counting_everything),
	    cmocka_unit_test(settings_are_what_groups_differ_in),
	    cmocka_unit_test(summaries_are_as_counting_everything),
	    cmocka_unit_test(values_are_listed_as_the_language_reads_them),
	    cmocka_unit_test(experiments_are_counted),
	    cmocka_unit_test(runs_are_found_by_what_they_are_called),
	    cmocka_unit_test(infinite_values_make_infinite_means),
	};

	return cmocka_run_group_tests(tests, fill, clear);
}
