/* The bias room: counts at any threshold, intersections, references, verdicts, resampling, words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "assay/bias.h"

enum { N = 4000, COLUMNS = 3 };

static const char *const sexes[] = {"Female", "Male"}, *const ages[] = {"young", "middle", "old"},
                         *const places[] = {"n", "e", "s", "w", "far"};

/* Made-up cases; the last place is rare, and some ages are missing. */
struct made {
	uint8_t label[N];
	double score[N];
	uint32_t code[COLUMNS][N];
	struct bias_column columns[COLUMNS];
	struct bias_cases cases;
};

static struct made *made_new(uint64_t seed)
{
	struct made *m = xcalloc(1, sizeof *m);
	struct rng r;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < N; i++) {
		m->code[0][i] = rng_unit(&r) < 0.4 ? 0 : 1;
		m->code[1][i] = rng_unit(&r) < 0.01 ? BIAS_MISSING : (uint32_t)rng_below(&r, 3);
		m->code[2][i] = rng_unit(&r) < 0.004 ? 4 : (uint32_t)rng_below(&r, 4);
		/* Few different scores: there are ties at every threshold. */
		m->score[i] = floor(100 * rng_unit(&r)) / 100;
		m->label[i] = rng_unit(&r) < 0.2 + 0.6 * m->score[i] - 0.1 * m->code[0][i];
	}
	m->columns[0] = (struct bias_column){"sex", m->code[0], sexes, 2};
	m->columns[1] = (struct bias_column){"age", m->code[1], ages, 3};
	m->columns[2] = (struct bias_column){"place", m->code[2], places, 5};
	m->cases = (struct bias_cases){
	    .n = N, .label = m->label, .score = m->score, .columns = m->columns, .column_count = COLUMNS};
	return m;
}

static struct bias_table *table(const struct bias_cases *cases, int depth, size_t support)
{
	struct bias_table *t;
	struct error err;
	const struct bias_table_options options = {.depth = depth, .support = support};
	if (bias_table_new(cases, &options, &t, &err) != 0)
		fail_msg("%s", err.text);
	return t;
}

static void report(const struct bias_table *t, const struct bias_settings *s, struct bias_report *r)
{
	struct error err;
	if (bias_report(t, s, r, &err) != 0)
		fail_msg("%s", err.text);
}

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
	struct bias_table *t = table(&m->cases, 3, 1);
	const struct bias_partition *parts;
	size_t part_count = bias_partitions(t, &parts);
	size_t(*member)[N] = xcalloc(part_count, sizeof *member);
	struct bias_settings s;
	(void)state;
	bias_settings_init(&s);
	for (size_t by = 0; by < part_count; by++)
		for (size_t i = 0; i < N; i++)
			while (!belongs(m, &parts[by], member[by][i], i))
				member[by][i]++;
	for (size_t k = 0; k < COUNT_OF(thresholds); k++) {
		struct bias_report r;
		s.threshold = thresholds[k];
		report(t, &s, &r);
		assert_int_equal(r.partition_count, 7);
		for (size_t g = 0; g < r.group_count; g++) {
			const struct bias_group *group = &r.groups[g];
			uint64_t tp = 0, fp = 0, fn = 0, tn = 0;
			double sum = 0;
			for (size_t i = 0; i < N; i++)
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
			assert_int_equal(n, N);
		}
		bias_report_release(&r);
	}
	free(member);
	bias_table_free(t);
	free(m);
}

static void small_intersections_are_pruned(void **state)
{
	struct made *m = made_new(2);
	struct bias_table *all = table(&m->cases, 3, 1), *some = table(&m->cases, 3, 100);
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
	for (size_t i = 0; i < N; i++) {
		m->code[1][i] = (uint32_t)(i * 7 % MANY);
		m->code[2][i] = m->code[0][i];
	}
	m->columns[1] = (struct bias_column){"one", m->code[1], names, MANY};
	m->columns[0] = (struct bias_column){"two", m->code[1], names, MANY};
	m->columns[2] = (struct bias_column){"sex", m->code[2], sexes, 2};
	struct bias_table *t = table(&m->cases, 1, 1);
	assert_int_equal(bias_partitions(t, &parts), 3);
	assert_int_equal(parts[1].group_count, MANY);
	uint64_t women = 0;
	for (size_t i = 0; i < N; i++)
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
	uint32_t order[N];
	struct rng rng;
	(void)state;
	for (uint32_t i = 0; i < N; i++)
		order[i] = i;
	rng_init(&rng, 5, 0);
	rng_shuffle(&rng, order, N);
	for (size_t i = 0; i < N; i++) {
		mixed->label[i] = m->label[order[i]];
		mixed->score[i] = m->score[order[i]];
		for (size_t c = 0; c < COLUMNS; c++)
			mixed->code[c][i] = m->code[c][order[i]];
	}
	char *first = NULL;
	for (unsigned k = 0; k < 4; k++) {
		struct bias_table *t = table(k % 2 ? &mixed->cases : &m->cases, 2, 30);
		struct bias_settings s;
		struct bias_report r;
		bias_settings_init(&s);
		report(t, &s, &r);
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
	struct bias_table *t = table(&m->cases, 1, 0);
	struct bias_settings s;
	double low[3];
	(void)state;
	bias_settings_init(&s);
	for (int k = 0; k < 3; k++) {
		struct bias_report r;
		report(t, &s, &r);
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
	struct bias_table *t = table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	atomic_bool stop;
	(void)state;
	atomic_init(&stop, true);
	bias_settings_init(&s);
	report(t, &s, &r);
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

/* ---- references, limits, verdicts ---- */

static void references_are_named_or_largest(void **state)
{
	struct made *m = made_new(8);
	struct bias_table *t = table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	bias_settings_init(&s);
	report(t, &s, &r);
	assert_string_equal(r.groups[r.reference[0]].name, "Male");
	assert_true(r.groups[r.reference[0]].reference);
	bias_report_release(&r);
	struct bias_reference refs[] = {{"sex", "Female"}, {"sex,age", "Male & old"}};
	s.references = refs;
	s.reference_count = 2;
	report(t, &s, &r);
	assert_string_equal(r.groups[r.reference[0]].name, "Female");
	assert_string_equal(r.groups[r.reference[3]].name, "Male & old");
	/* Signed: the group less the reference. */
	const struct bias_measure *d =
	    bias_find(&r, "demographic_parity_difference", "sex", BIAS_REFERENCE, BIAS_NONE);
	assert_string_equal(r.groups[d->a].name, "Male");
	assert_true(d->v.value == r.groups[d->a].rate[BIAS_SELECTION_RATE].value -
	                              r.groups[d->b].rate[BIAS_SELECTION_RATE].value);
	bias_report_release(&r);
	refs[0].group = "male";
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "Female, Male"));
	refs[0].by = "race";
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "race"));
	bias_table_free(t);
	free(m);
}

/* Two groups, TPR and so on told by counts. */
static struct bias_table *of_named_counts(const uint64_t cells[][4], const char *const *names, size_t groups,
                                          size_t n)
{
	size_t at = 0;
	uint8_t *label = xmalloc(n), *decision = xmalloc(n);
	uint32_t *code = xreallocarray(NULL, n, sizeof *code);
	for (size_t g = 0; g < groups; g++)
		for (unsigned k = 0; k < 4; k++)
			for (uint64_t i = 0; i < cells[g][k]; i++, at++) {
				code[at] = (uint32_t)g;
				label[at] = k >= 2;
				decision[at] = (uint8_t)(k % 2);
			}
	const struct bias_column column = {"g", code, names, groups};
	const struct bias_cases cases = {
	    .n = n, .label = label, .decision = decision, .columns = &column, .column_count = 1};
	struct bias_table *t = table(&cases, 1, 0);
	free(label);
	free(decision);
	free(code);
	return t;
}

static struct bias_table *of_counts(const uint64_t cells[][4], size_t groups)
{
	static const char *const names[] = {"A", "B", "C", "D"};
	size_t n = 0;
	for (size_t g = 0; g < groups; g++)
		for (unsigned k = 0; k < 4; k++)
			n += cells[g][k];
	return of_named_counts(cells, names, groups, n);
}

static enum bias_verdict verdict(const struct bias_table *t, const char *measure, double limit, bool at_least)
{
	struct bias_settings s;
	struct bias_report r;
	const struct bias_limit l = {measure, "g", limit, at_least};
	bias_settings_init(&s);
	s.limits = &l;
	s.limit_count = 1;
	report(t, &s, &r);
	enum bias_verdict v = bias_find(&r, measure, "g", BIAS_WORST, BIAS_NONE)->v.verdict;
	bias_report_release(&r);
	return v;
}

static void verdicts_follow_the_interval(void **state)
{
	/* Selected: 300 of 1000, 400 of 1000. */
	const uint64_t cells[2][4] = {{400, 100, 300, 200}, {350, 150, 250, 250}};
	struct bias_table *t = of_counts(cells, 2);
	struct estimate a = {.value = 0.3}, b = {.value = 0.4};
	struct bias_settings s;
	struct bias_report r;
	double low, high;
	(void)state;
	stats_wilson(300, 1000, 0.95, &a.low, &a.high);
	stats_wilson(400, 1000, 0.95, &b.low, &b.high);
	stats_difference(&b, &a, &low, &high);
	bias_settings_init(&s);
	report(t, &s, &r);
	/* Of two groups, the worst case is the pair: Newcombe's interval to the last digit. */
	const struct bias_measure *m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_true(fabs(m->v.low - low) < 1e-15 && fabs(m->v.high - high) < 1e-15);
	assert_string_equal(r.groups[m->a].name, "A");
	assert_string_equal(r.groups[m->b].name, "B");
	stats_ratio(300, 1000, 400, 1000, 0.95, &low, &high);
	m = bias_find(&r, "demographic_parity_ratio", "g", BIAS_WORST, BIAS_NONE);
	assert_true(fabs(m->v.low - low) < 1e-12 && fabs(m->v.high - high) < 1e-12);
	bias_report_release(&r);
	stats_difference(&b, &a, &low, &high);
	const char *gap = "demographic_parity_difference";
	assert_int_equal(verdict(t, gap, high + 1e-9, false), BIAS_OK);
	assert_int_equal(verdict(t, gap, high - 1e-9, false), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, gap, low + 1e-9, false), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, gap, low - 1e-9, false), BIAS_FAILS);
	stats_ratio(300, 1000, 400, 1000, 0.95, &low, &high);
	const char *ratio = "demographic_parity_ratio";
	assert_int_equal(verdict(t, ratio, low - 1e-9, true), BIAS_OK);
	assert_int_equal(verdict(t, ratio, low + 1e-9, true), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, ratio, high - 1e-9, true), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, ratio, high + 1e-9, true), BIAS_FAILS);
	bias_table_free(t);
}

static void a_signed_gap_is_judged_by_its_size(void **state)
{
	/* B is selected far less, and the reference is A: the difference is negative. */
	const uint64_t cells[2][4] = {{400, 600, 400, 600}, {700, 300, 700, 300}};
	struct bias_table *t = of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	struct bias_value size;
	const struct bias_limit limits[] = {{"demographic_parity_difference", NULL, 0.1, false},
	                                    {"demographic_parity_ratio", NULL, 0.8, true}};
	const struct bias_reference refs[2][1] = {{{"g", "A"}}, {{"g", "B"}}};
	(void)state;
	bias_settings_init(&s);
	s.limits = limits;
	s.limit_count = 2;
	for (int k = 0; k < 2; k++) {
		s.references = refs[k];
		s.reference_count = 1;
		report(t, &s, &r);
		const struct bias_measure *m = bias_find(&r, limits[0].measure, "g", BIAS_REFERENCE, BIAS_NONE);
		assert_true(k ? m->v.value > 0 : m->v.value < 0);
		assert_int_equal(m->v.verdict, BIAS_FAILS);
		bias_size(&r, m, &size);
		assert_true(size.low > 0.2 && size.low < size.value && size.value < size.high);
		m = bias_find(&r, limits[1].measure, "g", BIAS_REFERENCE, BIAS_NONE);
		assert_int_equal(m->v.verdict, BIAS_FAILS);
		bias_size(&r, m, &size);
		assert_true(size.high < 0.8 && fabs(size.value - 0.5) < 1e-12);
		assert_int_equal(r.groups[m->a].verdict, BIAS_FAILS);
		bias_report_release(&r);
	}
	bias_table_free(t);
}

static void too_few_take_no_part(void **state)
{
	/* C has 40 cases and is selected never: without the rule it would decide everything. */
	const uint64_t cells[3][4] = {{300, 300, 300, 300}, {290, 310, 295, 305}, {20, 0, 20, 0}};
	const uint64_t tiny[2][4] = {{10, 5, 5, 10}, {10, 5, 10, 5}};
	struct bias_table *t = of_counts(cells, 3);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	report(t, &s, &r);
	const struct bias_measure *m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_int_equal(m->left_out, 1);
	assert_int_equal(m->v.verdict, BIAS_OK);
	assert_true(m->v.value < 0.02);
	assert_int_equal(r.groups[2].verdict, BIAS_TOO_FEW);
	assert_int_equal(r.groups[2].rate[BIAS_SELECTION_RATE].verdict, BIAS_TOO_FEW);
	assert_false(isnan(r.groups[2].rate[BIAS_SELECTION_RATE].high));
	m = bias_find(&r, "demographic_parity_difference", "g", BIAS_REFERENCE, 2);
	assert_int_equal(m->v.verdict, BIAS_TOO_FEW);
	bias_report_release(&r);
	/* As Fairlearn has it, every group counts. */
	s.convention = BIAS_AS_FAIRLEARN;
	report(t, &s, &r);
	assert_true(bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE)->v.value > 0.5);
	bias_report_release(&r);
	bias_table_free(t);
	/* None is enough: all are shown, and nothing is said. */
	t = of_counts(tiny, 2);
	s.convention = BIAS_AS_ASSAY;
	report(t, &s, &r);
	m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_false(isnan(m->v.value) || isnan(m->v.low));
	assert_int_equal(m->v.verdict, BIAS_TOO_FEW);
	bias_report_release(&r);
	bias_table_free(t);
}

/* A group with enough cases but few of one label: only what is a rate of them is too few. */
static void a_denominator_can_be_too_small(void **state)
{
	const uint64_t cells[2][4] = {{300, 300, 300, 300}, {300, 300, 10, 10}};
	struct bias_table *t = of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	report(t, &s, &r);
	assert_int_equal(r.groups[1].rate[BIAS_TPR].verdict, BIAS_TOO_FEW);
	assert_int_equal(r.groups[1].rate[BIAS_FPR].verdict, BIAS_NO_LIMIT);
	assert_int_equal(bias_find(&r, "equal_opportunity_difference", "g", BIAS_WORST, BIAS_NONE)->v.verdict,
	                 BIAS_TOO_FEW);
	assert_int_equal(bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE)->v.verdict,
	                 BIAS_OK);
	bias_report_release(&r);
	bias_table_free(t);
}

static void one_group_cannot_be_compared(void **state)
{
	const uint64_t cells[1][4] = {{100, 100, 100, 100}};
	struct bias_table *t = of_counts(cells, 1);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	report(t, &s, &r);
	const struct bias_measure *m = bias_find(&r, "demographic_parity_ratio", "g", BIAS_WORST, BIAS_NONE);
	assert_true(isnan(m->v.value));
	assert_non_null(m->v.why);
	assert_int_equal(m->v.verdict, BIAS_AT_LIMIT); /* not a pass */
	const struct bias_resampling how = {.replicates = 200, .seed = 1};
	assert_true(bias_resample(t, &how, &r));
	bias_report_release(&r);
	bias_table_free(t);
}

static void a_rate_can_have_a_limit(void **state)
{
	const uint64_t cells[2][4] = {{300, 300, 100, 500}, {300, 300, 300, 300}};
	struct bias_table *t = of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	const struct bias_limit l = {"tpr", NULL, 0.7, true};
	(void)state;
	bias_settings_init(&s);
	s.limits = &l;
	s.limit_count = 1;
	report(t, &s, &r);
	assert_int_equal(r.groups[0].rate[BIAS_TPR].verdict, BIAS_OK);
	assert_int_equal(r.groups[1].rate[BIAS_TPR].verdict, BIAS_FAILS);
	assert_int_equal(r.groups[1].verdict, BIAS_FAILS);
	bias_report_release(&r);
	bias_table_free(t);
}

static void scores_need_not_be_probabilities(void **state)
{
	struct made *m = made_new(14);
	struct bias_settings s;
	struct bias_report r;
	struct bias_calibration c[3];
	const struct bias_limit l = {"calibration_gap", NULL, 0.1, false};
	(void)state;
	for (size_t i = 0; i < N; i++)
		m->score[i] = 10 * m->score[i] - 3;
	struct bias_table *t = table(&m->cases, 1, 0);
	bias_settings_init(&s);
	s.threshold = 2;
	s.limits = &l;
	s.limit_count = 1;
	report(t, &s, &r);
	assert_false(isnan(r.groups[0].rate[BIAS_MEAN_SCORE].low));
	assert_true(isnan(r.groups[0].rate[BIAS_CALIBRATION_GAP].value));
	assert_non_null(strstr(r.groups[0].rate[BIAS_CALIBRATION_GAP].why, "no probabilities"));
	assert_int_equal(r.groups[0].rate[BIAS_CALIBRATION_GAP].verdict, BIAS_AT_LIMIT); /* not a pass */
	assert_null(bias_find(&r, "calibration_gap_difference", "sex", BIAS_WORST, BIAS_NONE));
	assert_non_null(bias_find(&r, "mean_score_difference", "sex", BIAS_WORST, BIAS_NONE));
	assert_false(bias_calibrate(t, 0, 0.95, NULL, c));
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

static void what_is_wrong_is_said(void **state)
{
	struct made *m = made_new(9);
	struct bias_table *t;
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	const struct bias_cases good = m->cases;
	m->cases.n = 0;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->cases = good;
	m->cases.column_count = 0;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->cases = good;
	m->columns[1].name = "sex";
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	assert_non_null(strstr(err.text, "sex is named twice"));
	m->columns[1].name = "age";
	m->code[2][17] = 5;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	assert_non_null(strstr(err.text, "case 18"));
	m->code[2][17] = 0;
	m->label[3] = 2;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->label[3] = 0;
	m->score[5] = (double)NAN;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->score[5] = 0;
	t = table(&m->cases, 1, 0);
	bias_settings_init(&s);
	s.level = 1;
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	s.level = 0.95;
	const struct bias_limit l = {"niceness", NULL, 0.1, false};
	s.limits = &l;
	s.limit_count = 1;
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "niceness"));
	bias_table_free(t);
	free(m);
}

/* The worst case is found without looking at all pairs: here they are all looked at. */
static void the_worst_is_the_worst_of_all_pairs(void **state)
{
	enum { GROUPS = 24 };
	uint64_t cells[GROUPS][4];
	static const char *names[GROUPS];
	char name[GROUPS][8];
	struct rng rng;
	size_t checked = 0;
	(void)state;
	rng_init(&rng, 13, 0);
	for (int round = 0; round < 6; round++) {
		size_t n = 0;
		for (size_t g = 0; g < GROUPS; g++) {
			snprintf(name[g], sizeof name[g], "g%zu", g);
			names[g] = name[g];
			for (int k = 0; k < 4; k++) {
				cells[g][k] = rng_below(&rng, 5) ? rng_below(&rng, round < 3 ? 20 : 200) : 0;
				n += cells[g][k];
			}
		}
		struct bias_table *t = of_named_counts((const uint64_t(*)[4])cells, names, GROUPS, n);
		struct bias_settings s;
		struct bias_report r;
		bias_settings_init(&s);
		s.minimum = s.minimum_denominator = 0;
		s.plain = s.all_pairs = true;
		report(t, &s, &r);
		for (size_t i = 0; i < r.measure_count; i++) {
			const struct bias_measure *m = &r.measures[i];
			bool ratio = strstr(m->name, "_ratio");
			if (m->scope != BIAS_WORST || isnan(m->v.value))
				continue;
			double low = ratio ? 1 : 0, high = low;
			for (size_t k = 0; k < r.measure_count; k++) {
				struct bias_value v;
				const char *name_of = r.measures[k].name, *end = ratio ? "_ratio" : "_difference";
				/* Of odds, either rate's pairs: a group may have but one of the two. */
				bool odds =
				    strncmp(m->name, "equalized_odds", 14) == 0 && strstr(name_of, end) &&
				    (strncmp(name_of, "equal_opportunity", 17) == 0 || strncmp(name_of, "fpr", 3) == 0);
				if (r.measures[k].scope != BIAS_PAIR || (!odds && strcmp(name_of, m->name) != 0) ||
				    strncmp(name_of, "equalized_odds", 14) == 0)
					continue;
				bias_size(&r, &r.measures[k], &v);
				if (isnan(v.low))
					continue;
				low = ratio ? fmin(low, v.low) : fmax(low, v.low);
				high = ratio ? fmin(high, v.high) : fmax(high, v.high);
			}
			if (fabs(m->v.low - low) > 1e-12 || fabs(m->v.high - high) > 1e-12)
				fail_msg("%s: [%g, %g], of all pairs [%g, %g]", m->name, m->v.low, m->v.high, low, high);
			checked++;
		}
		bias_report_release(&r);
		bias_table_free(t);
	}
	assert_true(checked > 100);
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
	struct bias_table *t = table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	s.all_pairs = true;
	report(t, &s, &r);
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
	struct bias_table *t = table(&m->cases, 2, 30);
	struct bias_settings s;
	struct arena *mem = arena_new();
	(void)state;
	for (enum bias_convention c = BIAS_AS_ASSAY; c <= BIAS_AS_AEQUITAS; c++) {
		struct bias_report r;
		struct bias_explanation e;
		bias_settings_init(&s);
		s.convention = c;
		report(t, &s, &r);
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
	struct bias_table *t = of_counts(cells, 2);
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
	report(t, &s, &r);
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
	    cmocka_unit_test(small_intersections_are_pruned),
	    cmocka_unit_test(many_groups_are_sorted),
	    cmocka_unit_test(order_and_threads_do_not_matter),
	    cmocka_unit_test(a_seed_decides),
	    cmocka_unit_test(stopped_leaves_the_report),
	    cmocka_unit_test(references_are_named_or_largest),
	    cmocka_unit_test(verdicts_follow_the_interval),
	    cmocka_unit_test(a_signed_gap_is_judged_by_its_size),
	    cmocka_unit_test(too_few_take_no_part),
	    cmocka_unit_test(a_denominator_can_be_too_small),
	    cmocka_unit_test(one_group_cannot_be_compared),
	    cmocka_unit_test(a_rate_can_have_a_limit),
	    cmocka_unit_test(scores_need_not_be_probabilities),
	    cmocka_unit_test(what_is_wrong_is_said),
	    cmocka_unit_test(the_worst_is_the_worst_of_all_pairs),
	    cmocka_unit_test(json_is_sorted_and_whole),
	    cmocka_unit_test(every_number_can_be_explained),
	    cmocka_unit_test(cells_are_resampled_like_rows),
	};
	return cmocka_run_group_tests_name("bias", tests, NULL, NULL);
}
