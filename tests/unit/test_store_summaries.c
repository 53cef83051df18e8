/* store: summaries of columns held against counting everything; the values, experiments and names that there are. */
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
	struct group_world *p = *in;

	for (int filter = 0; filter < (int)COUNT_OF(group_filters); filter++) {
		struct runs_query q = {
		    .filter = group_filters[filter], .columns = columns, .column_count = COUNT_OF(columns)};
		double aucs[GROUP_RUNS], bests[GROUP_RUNS], seeds[GROUP_RUNS], created[GROUP_RUNS];
		const char *depths[GROUP_RUNS], *names[GROUP_RUNS], *states[GROUP_RUNS];
		size_t auc = 0, nan = 0, best = 0, depth = 0, texts = 0, seed = 0, user = 0, all = 0;
		struct arena *mem = arena_new();
		struct runs_summary *s;
		struct error err;

		if (store_runs_summary(p->store, &q, mem, &s, &err))
			fail_msg("%s", err.text);
		for (int i = 0; i < GROUP_RUNS; i++) {
			const struct group_truth *t = &p->runs[i];
			double number;

			if (!group_keeps(t, filter))
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
			if (group_users[t->user][0])
				names[user++] = group_users[t->user];
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

static void expect_values(struct group_world *p, const char *field, const char *prefix, size_t limit,
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
	struct group_world *p = *in;

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
	struct group_world *p = *in;
	struct arena *mem = arena_new();
	struct store_experiment *e;
	size_t n;

	for (int64_t most = 5; most <= GROUP_RUNS; most += GROUP_RUNS - 5) {
		assert_int_equal(store_experiments(p->store, most, mem, &e, &n, NULL), 0);
		assert_int_equal(n, 3);
		for (size_t i = 0; i < n; i++) {
			int64_t runs = 0;

			assert_true(i == 0 || strcmp(e[i - 1].name, e[i].name) < 0);
			for (int k = 0; k < GROUP_RUNS; k++)
				runs += !p->runs[k].archived && !strcmp(group_experiments[p->runs[k].experiment], e[i].name);
			assert_int_equal(e[i].runs, runs < most ? runs : most);
		}
	}
	arena_free(mem);
}

static void runs_are_found_by_what_they_are_called(void **in)
{
	struct group_world *p = *in;
	struct arena *mem = arena_new();
	struct runs_page page;
	size_t begin = 0, inside = 0;
	char piece[ID_TEXT];

	for (int i = 0; i < GROUP_RUNS; i++) {
		begin += !p->runs[i].archived && !strncmp(p->runs[i].name, "run-1", 5);
		inside += !p->runs[i].archived && strstr(p->runs[i].name, "N-1" + 1) != NULL;
	}
	assert_int_equal(store_runs_called(p->store, "run-1", GROUP_RUNS, GROUP_RUNS, mem, &page, NULL), 0);
	assert_int_equal(page.count, begin);
	for (size_t i = 0; i < page.count; i++) {
		assert_memory_equal(page.rows[i].name, "run-1", 5);
		assert_int_equal(page.rows[i].archived, 0);
		assert_true(i == 0 || page.rows[i - 1].created >= page.rows[i].created);
	}
	assert_int_equal(store_runs_called(p->store, "N-1", GROUP_RUNS, GROUP_RUNS, mem, &page, NULL), 0);
	assert_int_equal(page.count, inside);
	assert_int_equal(store_runs_called(p->store, "run-", GROUP_RUNS, 7, mem, &page, NULL), 0);
	assert_int_equal(page.count, 7);
	assert_int_equal(store_runs_called(p->store, "", GROUP_RUNS, 7, mem, &page, NULL), 0);
	assert_int_equal(page.count, 0);
	/* By the first digits, the last ones, and the first of those that are shown. */
	for (int i = 0; i < GROUP_RUNS; i++) {
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
			assert_int_equal(store_runs_called(p->store, piece, GROUP_RUNS, GROUP_RUNS, mem, &page, NULL), 0);
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
	struct group_world *p = *in;
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
	    cmocka_unit_test(summaries_are_as_counting_everything),
	    cmocka_unit_test(values_are_listed_as_the_language_reads_them),
	    cmocka_unit_test(experiments_are_counted),
	    cmocka_unit_test(runs_are_found_by_what_they_are_called),
	    cmocka_unit_test(infinite_values_make_infinite_means),
	};

	return cmocka_run_group_tests(tests, group_world_open, group_world_close);
}
