/* store: groups of runs, held against counting everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/store/order.h"
#include "../lib/group_world.h"

enum key { DEPTH, ODD, TAG, EXPERIMENT, USER, STATUS, KEYS };
static const char *const key_names[KEYS] = {
    "params.depth", "params.odd `name, x", "tags.team", "experiment", "user", "status"};

static const char *key_text(const struct group_truth *t, enum key key)
{
	switch (key) {
	case DEPTH:
	case ODD:
		return t->params[key];
	case TAG:
		return t->tag;
	case EXPERIMENT:
		return group_experiments[t->experiment];
	case USER:
		return group_users[t->user][0] ? group_users[t->user] : NULL;
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

static bool same_group(const struct group_truth *a, const struct group_truth *b, const enum key *keys,
                       size_t count, bool over_seeds)
{
	for (size_t i = 0; i < count; i++)
		if (!same_text(key_text(a, keys[i]), key_text(b, keys[i])))
			return false;
	for (int k = 0; k < GROUP_PARAMS && over_seeds; k++)
		if (k != 2 && !same_text(a->params[k], b->params[k]))
			return false;
	return true;
}

static bool is_newer(const struct group_truth *a, const struct group_truth *b)
{
	return a->created != b->created ? a->created > b->created : a->id > b->id;
}

struct expected {
	const struct group_truth *members[GROUP_RUNS], *newest, *oldest;
	size_t count;
	double sum, squares;
	int64_t n;
};

static size_t expect_groups(struct group_world *p, int filter, const enum key *keys, size_t count,
                            bool over_seeds, struct expected *out)
{
	size_t groups = 0;

	for (int i = 0; i < GROUP_RUNS; i++) {
		const struct group_truth *t = &p->runs[i];
		struct expected *e = out;

		if (!group_keeps(t, filter))
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
static void check_filter(struct group_world *p, const struct runs_group *g, const struct expected *e,
                         const char *own)
{
	struct arena *mem = arena_new();
	struct runs_query q = {.filter =
	                           arena_printf(mem, "%s%s%s%s%s", own ? "(" : "", own ? own : "", own ? ")" : "",
	                                        own && *g->filter ? " and " : "", g->filter)};
	struct error err;
	int64_t *ids;
	size_t count;

	if (store_runs_ids(p->store, &q, GROUP_RUNS, mem, &ids, &count, &err))
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

static void check_group(struct group_world *p, const struct runs_group *g, const struct expected *e,
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
	static struct expected wanted[GROUP_RUNS];
	static const char *const columns[] = {"metrics.auc", "params.depth"};
	struct group_world *p = *in;

	for (int trial = 0; trial < 300; trial++) {
		enum key keys[3];
		const char *names[3];
		struct runs_order order[2];
		int filter = (int)group_draw(p, COUNT_OF(group_filters)), by = (int)group_draw(p, 4);
		struct runs_query q = {.filter = group_filters[filter],
		                       .columns = columns,
		                       .column_count = COUNT_OF(columns),
		                       .order = order};
		struct runs_groups_query gq = {
		    .runs = &q, .keys = names, .key_count = group_draw(p, 4), .over_seeds = group_draw(p, 3) == 0};
		struct arena *mem = arena_new();
		size_t n, total, groups, limit = 1 + group_draw(p, 40);
		struct runs_group *g;
		struct error err;

		for (size_t i = 0; i < gq.key_count; i++) {
			keys[i] = (enum key)((group_draw(p, 2) + 2 * i + (unsigned)trial) % KEYS);
			names[i] = key_names[keys[i]];
		}
		order[0] = (struct runs_order){by == 0   ? "count"
		                               : by == 1 ? "metrics.auc"
		                                         : names[0],
		                               group_draw(p, 2)};
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
			check_group(p, &g[i], e, keys, gq.key_count, group_filters[filter]);
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
	struct group_world *p = *in;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_as_counting_everything),
	    cmocka_unit_test(settings_are_what_groups_differ_in),
	};

	return cmocka_run_group_tests(tests, group_world_open, group_world_close);
}
