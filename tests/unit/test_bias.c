/* The bias room: counts at any threshold, intersections, resampling, words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "../lib/bias_cases.h"

static char *json_of(const struct bias_report *r)
{
	struct str out;
	struct json_writer j;
	str_init(&out);
	jw_init(&j, &out);
	jw_object(&j, NULL);
	bias_json(r, &j);
	jw_object_end(&j);
	return str_take(&out);
}

/* ---- counts ---- */

/* What a partition's group is, said anew: from its name. */
static bool belongs(const struct made *m, const struct bias_partition *p, size_t g, size_t row)
{
	char name[128] = "";
	for (int d = 0; d < p->depth; d++) {
		const struct bias_column *c = &m->columns[p->column[d]];
		uint32_t code = c->code[row];
		snprintf(name + strlen(name), sizeof name - strlen(name), "%s%s", d ? " & " : "",
		         code == BIAS_MISSING ? "(missing)" : c->group[code]);
	}
	return strcmp(name, p->group[g]) == 0;
}

static void counts_are_those_of_the_rows(void **state)
{
	static const double thresholds[] = {-1, 0, 0.1, 0.37, 0.5, 0.99, 2};
	struct made *m = made_new(1);
	struct bias_table *t = made_table(&m->cases, 3, 1);
	const struct bias_partition *parts;
	size_t part_count = bias_partitions(t, &parts);
	size_t(*member)[MADE_N] = xcalloc(part_count, sizeof *member);
	struct bias_settings s;
	(void)state;
	bias_settings_init(&s);
	for (size_t by = 0; by < part_count; by++)
		for (size_t i = 0; i < MADE_N; i++)
			while (!belongs(m, &parts[by], member[by][i], i))
				member[by][i]++;
	for (size_t k = 0; k < COUNT_OF(thresholds); k++) {
		struct bias_report r;
		s.threshold = thresholds[k];
		made_report(t, &s, &r);
		assert_int_equal(r.partition_count, 7);
		for (size_t g = 0; g < r.group_count; g++) {
			const struct bias_group *group = &r.groups[g];
			uint64_t tp = 0, fp = 0, fn = 0, tn = 0;
			double sum = 0;
			for (size_t i = 0; i < MADE_N; i++)
				if (member[group->by][i] == g - r.first[group->by]) {
					bool yes = m->score[i] >= s.threshold;
					tp += yes && m->label[i];
					fp += yes && !m->label[i];
					fn += !yes && m->label[i];
					tn += !yes && !m->label[i];
					sum += m->score[i];
				}
			assert_int_equal(group->tp, tp);
			assert_int_equal(group->fp, fp);
			assert_int_equal(group->fn, fn);
			assert_int_equal(group->tn, tn);
			assert_int_equal(group->n, tp + fp + fn + tn);
			assert_true(fabs(group->rate[BIAS_MEAN_SCORE].value - sum / (double)group->n) < 1e-12);
			if (tp + fn)
				assert_true(group->rate[BIAS_TPR].value == (double)tp / (double)(tp + fn));
			else
				assert_non_null(group->rate[BIAS_TPR].why);
		}
		/* Every partition holds every case. */
		for (size_t by = 0; by < r.partition_count; by++) {
			uint64_t n = 0;
			for (size_t g = r.first[by]; g < r.first[by + 1]; g++)
				n += r.groups[g].n;
			assert_int_equal(n, MADE_N);
		}
		bias_report_release(&r);
	}
	free(member);
	bias_table_free(t);
	free(m);
}

static void auc_and_brier_are_those_of_the_rows(void **state)
{
	struct made *m = made_new(21);
	struct bias_table *t = made_table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	double *score = xcalloc(MADE_N, sizeof *score);
	uint8_t *label = xcalloc(MADE_N, 1);
	(void)state;
	bias_settings_init(&s);
	made_report(t, &s, &r);
	assert_true(isnan(r.groups[0].auc.value));
	bias_score(t, &r);
	for (size_t g = 0; g < r.first[1]; g++) {
		const struct bias_group *of = &r.groups[g];
		struct auc want;
		size_t n = 0;
		double sum = 0, squares = 0;
		for (size_t i = 0; i < MADE_N; i++)
			if (m->code[0][i] == g) {
				double error = (m->score[i] - m->label[i]) * (m->score[i] - m->label[i]);
				score[n] = m->score[i];
				label[n++] = m->label[i];
				sum += error;
				squares += error * error;
			}
		stats_auc(score, label, n, 0.95, &want);
		assert_true(fabs(of->auc.value - want.value) < 1e-12 && fabs(of->auc.low - want.low) < 1e-12 &&
		            fabs(of->auc.high - want.high) < 1e-12);
		double mean = sum / (double)n, d = (double)n;
		double half = stats_t_quantile(0.975, d - 1) * sqrt((squares / d - mean * mean) / (d - 1));
		assert_true(fabs(of->brier.value - mean) < 1e-12 && fabs(of->brier.low - (mean - half)) < 1e-12 &&
		            fabs(of->brier.high - (mean + half)) < 1e-12);
	}
	assert_non_null(strstr(r.groups[r.group_count - 1].auc.why, "single columns"));
	free(label);
	free(score);
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

static void small_intersections_are_pruned(void **state)
{
	struct made *m = made_new(2);
	struct bias_table *all = made_table(&m->cases, 3, 1), *some = made_table(&m->cases, 3, 100);
	const struct bias_partition *a, *b;
	size_t pruned = 0;
	(void)state;
	assert_int_equal(bias_partitions(all, &a), 7);
	assert_int_equal(bias_partitions(some, &b), 7);
	assert_string_equal(a[3].name, "sex,age");
	assert_string_equal(a[6].name, "sex,age,place");
	for (size_t p = 0; p < 7; p++) {
		size_t kept = 0;
		uint64_t small = 0;
		for (size_t g = 0; g < a[p].group_count; g++) {
			bool keep = a[p].depth == 1 || a[p].n[g] >= 100;
			if (keep)
				assert_string_equal(a[p].group[g], b[p].group[kept]);
			kept += keep;
			small += keep ? 0 : a[p].n[g];
		}
		assert_int_equal(kept, b[p].group_count);
		assert_int_equal(b[p].pruned, a[p].group_count - kept);
		assert_int_equal(b[p].pruned_cases, small);
		pruned += b[p].pruned;
	}
	assert_true(pruned > 3);
	bias_table_free(all);
	bias_table_free(some);
	free(m);
}

/* More combinations than a table of them holds: sorted instead, and to the same end. */
static void many_groups_are_sorted(void **state)
{
	enum { MANY = 3000 };
	const char **names = xreallocarray(NULL, MANY, sizeof *names);
	struct made *m = made_new(3);
	const struct bias_partition *parts;
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		names[i] = "x";
	for (size_t i = 0; i < MADE_N; i++) {
		m->code[1][i] = (uint32_t)(i * 7 % MANY);
		m->code[2][i] = m->code[0][i];
	}
	m->columns[1] = (struct bias_column){"one", m->code[1], names, MANY};
	m->columns[0] = (struct bias_column){"two", m->code[1], names, MANY};
	m->columns[2] = (struct bias_column){"sex", m->code[2], made_sexes, 2};
	struct bias_table *t = made_table(&m->cases, 1, 1);
	assert_int_equal(bias_partitions(t, &parts), 3);
	assert_int_equal(parts[1].group_count, MANY);
	uint64_t women = 0;
	for (size_t i = 0; i < MADE_N; i++)
		women += m->code[2][i] == 0;
	assert_int_equal(parts[2].n[0], women);
	assert_int_equal(parts[1].n[0], 2);
	bias_table_free(t);
	free(names);
	free(m);
}

/* ---- neither the order of rows nor threads matter ---- */

static void order_and_threads_do_not_matter(void **state)
{
	struct made *m = made_new(4), *mixed = made_new(4);
	uint32_t order[MADE_N];
	struct rng rng;
	(void)state;
	for (uint32_t i = 0; i < MADE_N; i++)
		order[i] = i;
	rng_init(&rng, 5, 0);
	rng_shuffle(&rng, order, MADE_N);
	for (size_t i = 0; i < MADE_N; i++) {
		mixed->label[i] = m->label[order[i]];
		mixed->score[i] = m->score[order[i]];
		for (size_t c = 0; c < MADE_COLUMNS; c++)
			mixed->code[c][i] = m->code[c][order[i]];
	}
	char *first = NULL;
	for (unsigned k = 0; k < 4; k++) {
		struct bias_table *t = made_table(k % 2 ? &mixed->cases : &m->cases, 2, 30);
		struct bias_settings s;
		struct bias_report r;
		bias_settings_init(&s);
		made_report(t, &s, &r);
		const struct bias_resampling how = {.replicates = 700, .seed = 3, .threads = k < 2 ? 1 : 5};
		assert_true(bias_resample(t, &how, &r));
		char *json = json_of(&r);
		if (first)
			assert_string_equal(json, first);
		else
			first = xstrdup(json);
		free(json);
		bias_report_release(&r);
		bias_table_free(t);
	}
	free(first);
	free(mixed);
	free(m);
}

static void a_seed_decides(void **state)
{
	struct made *m = made_new(6);
	struct bias_table *t = made_table(&m->cases, 1, 0);
	struct bias_settings s;
	double low[3];
	(void)state;
	bias_settings_init(&s);
	for (int k = 0; k < 3; k++) {
		struct bias_report r;
		made_report(t, &s, &r);
		const struct bias_resampling how = {.replicates = 500, .seed = k == 1 ? 2 : 1};
		assert_true(bias_resample(t, &how, &r));
		low[k] = bias_find(&r, "generalized_entropy", NULL, BIAS_OVERALL, BIAS_NONE)->v.low;
		bias_report_release(&r);
	}
	assert_true(low[0] == low[2] && low[0] != low[1]);
	bias_table_free(t);
	free(m);
}

static void stopped_leaves_the_report(void **state)
{
	struct made *m = made_new(7);
	struct bias_table *t = made_table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	atomic_bool stop;
	(void)state;
	atomic_init(&stop, true);
	bias_settings_init(&s);
	made_report(t, &s, &r);
	char *before = json_of(&r);
	const struct bias_resampling how = {.replicates = 500, .seed = 1, .stop = &stop};
	assert_false(bias_resample(t, &how, &r));
	char *after = json_of(&r);
	assert_string_equal(before, after);
	free(before);
	free(after);
	struct bias_calibration *c = xcalloc(r.first[1], sizeof *c);
	assert_false(bias_calibrate(t, 0, 0.95, &stop, c));
	assert_true(bias_calibrate(t, 0, 0.95, NULL, c));
	for (size_t g = 0; g < r.first[1]; g++)
		assert_true(c[g].ece.low <= c[g].ece.value && c[g].ece.value <= c[g].ece.high);
	free(c);
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

/* ---- words ---- */

static bool is_sorted(struct json_object *o)
{
	const char *last = "";
	if (json_object_get_type(o) == json_type_array) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			if (!is_sorted(json_object_array_get_idx(o, i)))
				return false;
		return true;
	}
	if (json_object_get_type(o) != json_type_object)
		return true;
	json_object_object_foreach(o, key, value)
	{
		if (strcmp(last, key) >= 0 || !is_sorted(value))
			return false;
		last = key;
	}
	return true;
}

static void json_is_sorted_and_whole(void **state)
{
	struct made *m = made_new(10);
	struct bias_table *t = made_table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	s.all_pairs = true;
	made_report(t, &s, &r);
	const struct bias_resampling how = {.replicates = 300, .seed = 1};
	bias_resample(t, &how, &r);
	char *text = json_of(&r);
	struct json_object *o = json_tokener_parse(text);
	assert_non_null(o);
	assert_true(is_sorted(o));
	assert_int_equal(json_object_array_length(json_object_object_get(o, "measures")), r.measure_count);
	assert_int_equal(json_object_array_length(json_object_object_get(o, "groups")) +
	                     json_object_array_length(json_object_object_get(o, "intersections")),
	                 r.group_count);
	size_t pairs = 0;
	for (size_t i = 0; i < r.measure_count; i++)
		pairs += r.measures[i].scope == BIAS_PAIR && r.measures[i].by == 1 &&
		         strcmp(r.measures[i].name, "fpr_ratio") == 0;
	assert_int_equal(pairs, 6); /* of four ages, the missing ones counted */
	json_object_put(o);
	free(text);
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

static void every_number_can_be_explained(void **state)
{
	struct made *m = made_new(11);
	struct bias_table *t = made_table(&m->cases, 2, 30);
	struct bias_settings s;
	struct arena *mem = arena_new();
	(void)state;
	for (enum bias_convention c = BIAS_AS_ASSAY; c <= BIAS_AS_AEQUITAS; c++) {
		struct bias_report r;
		struct bias_explanation e;
		bias_settings_init(&s);
		s.convention = c;
		made_report(t, &s, &r);
		for (size_t i = 0; i < r.measure_count; i++) {
			bias_explain_measure(&r, i, mem, &e);
			assert_true(*e.title && *e.definition && *e.formula && *e.counts && *e.interval && *e.verdict);
			assert_true(c == BIAS_AS_ASSAY || *e.convention);
		}
		for (size_t g = 0; g < r.group_count; g++)
			for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
				bias_explain_rate(&r, g, rate, mem, &e);
				assert_true(*e.title && *e.definition && *e.formula && *e.counts && *e.interval &&
				            *e.verdict);
			}
		bias_report_release(&r);
	}
	arena_free(mem);
	bias_table_free(t);
	free(m);
}

/* Percentiles of the cells' bootstrap are those of a bootstrap of the rows, which is the same law. */
static void cells_are_resampled_like_rows(void **state)
{
	enum { ROWS = 400, REPLICATES = 4000 };
	const uint64_t cells[2][4] = {{80, 40, 30, 90}, {50, 30, 40, 40}};
	struct bias_table *t = made_of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	double gap[REPLICATES];
	struct rng rng;
	(void)state;
	rng_init(&rng, 12, 0);
	for (int k = 0; k < REPLICATES; k++) {
		uint64_t drawn[2][4] = {{0}};
		for (int i = 0; i < ROWS; i++) {
			uint64_t at = rng_below(&rng, ROWS);
			int c = 0;
			while (at >= cells[c / 4][c % 4])
				at -= cells[c / 4][c % 4], c++;
			drawn[c / 4][c % 4]++;
		}
		double a = (double)(drawn[0][1] + drawn[0][3]) /
		           (double)(drawn[0][0] + drawn[0][1] + drawn[0][2] + drawn[0][3]);
		double b = (double)(drawn[1][1] + drawn[1][3]) /
		           (double)(drawn[1][0] + drawn[1][1] + drawn[1][2] + drawn[1][3]);
		gap[k] = fabs(a - b);
	}
	stats_sort(gap, REPLICATES);
	bias_settings_init(&s);
	made_report(t, &s, &r);
	const struct bias_resampling how = {.replicates = REPLICATES, .seed = 1};
	bias_resample(t, &how, &r);
	const struct bias_measure *m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_true(fabs(m->boot_low - stats_quantile(gap, REPLICATES, 0.025)) < 0.01);
	assert_true(fabs(m->boot_high - stats_quantile(gap, REPLICATES, 0.975)) < 0.01);
	assert_true(m->p > 0 && m->p < 1);
	bias_report_release(&r);
	bias_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_are_those_of_the_rows),
	    cmocka_unit_test(auc_and_brier_are_those_of_the_rows),
	    cmocka_unit_test(small_intersections_are_pruned),
	    cmocka_unit_test(many_groups_are_sorted),
	    cmocka_unit_test(order_and_threads_do_not_matter),
	    cmocka_unit_test(a_seed_decides),
	    cmocka_unit_test(stopped_leaves_the_report),
	    cmocka_unit_test(json_is_sorted_and_whole),
	    cmocka_unit_test(every_number_can_be_explained),
	    cmocka_unit_test(cells_are_resampled_like_rows),
	};
	return cmocka_run_group_tests_name("bias", tests, NULL, NULL);
}
