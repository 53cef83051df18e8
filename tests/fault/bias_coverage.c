/*
 * Do the intervals of a bias report hold what they promise? Cases are drawn from populations whose measures
 * are known, reported, and the truth is looked for in each interval; and how often a verdict is wrong is
 * counted. TRIALS=N     trials a population (200; with LONG=1 2,000, and never more than 10,000) PRINT=1
 * every figure as well A population has whole numbers of cases, so that its own report is the truth. Every
 * check is also made with intervals that are a fifth too narrow, and must then fail.
 */
#include <math.h>

#include "assay/bias.h"

enum { GROUPS = 5, SCALE = 100, CELLS = 4, MOST = 10000, FEW_REPLICATES = 200, LIMITS = 5 };

struct group {
	int share; /* of the cases, in hundredths */
	double base, tpr, fpr;
};
struct population {
	const char *name;
	size_t n, groups;
	bool strata; /* groups 0, 2 are A in two strata, groups 1, 3 are B */
	struct group group[GROUPS];
};

static const struct population POPULATIONS[] = {
    {"two", 300, 2, false, {{60, 0.4, 0.7, 0.2}, {40, 0.3, 0.5, 0.3}}},
    {"small", 150, 3, false, {{50, 0.5, 0.7, 0.3}, {30, 0.4, 0.6, 0.2}, {20, 0.5, 0.5, 0.4}}},
    {"null",
     600,
     4,
     false,
     {{40, 0.4, 0.6, 0.3}, {20, 0.4, 0.6, 0.3}, {20, 0.4, 0.6, 0.3}, {20, 0.4, 0.6, 0.3}}},
    {"ties",
     1500,
     5,
     false,
     {{20, 0.5, 0.7, 0.3},
      {20, 0.5, 0.7, 0.3},
      {20, 0.5, 0.7, 0.3},
      {20, 0.5, 0.6, 0.2},
      {20, 0.5, 0.6, 0.2}}},
    {"large", 20000, 3, false, {{50, 0.3, 0.6, 0.1}, {30, 0.4, 0.7, 0.2}, {20, 0.2, 0.5, 0.1}}},
    {"strata",
     400,
     4,
     true,
     {{40, 0.4, 0.7, 0.2}, {20, 0.3, 0.6, 0.2}, {15, 0.6, 0.8, 0.4}, {25, 0.5, 0.6, 0.3}}},
};

static int tests, failed;

static void check(bool good, const char *format, ...) PRINTF_LIKE(2, 3);
static void check(bool good, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	printf("%sok %d - ", good ? "" : "not ", ++tests);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	failed += !good;
}

/* ---- tables from counts ---- */

static struct bias_table *table_of(const uint64_t *cells, const struct population *p)
{
	static const char *const names[GROUPS] = {"A", "B", "C", "D", "E"};
	static const char *const strata[] = {"1", "2"};
	size_t n = 0, at = 0;
	struct bias_table *t;
	struct error err;
	for (size_t i = 0; i < p->groups * CELLS; i++)
		n += cells[i];
	uint8_t *label = xmalloc(n + 1), *decision = xmalloc(n + 1);
	uint32_t *code = xreallocarray(NULL, n + 1, sizeof *code), *stratum = xcalloc(n + 1, sizeof *stratum);
	for (size_t i = 0; i < p->groups * CELLS; i++)
		for (uint64_t k = 0; k < cells[i]; k++, at++) {
			size_t g = i / CELLS;
			code[at] = (uint32_t)(p->strata ? g % 2 : g);
			stratum[at] = p->strata ? (uint32_t)(g / 2) : 0;
			label[at] = i % CELLS >= 2;
			decision[at] = i % 2;
		}
	const struct bias_column column = {"g", code, names, p->strata ? 2 : p->groups};
	const struct bias_column within = {"s", stratum, strata, 2};
	const struct bias_cases cases = {.n = n,
	                                 .label = label,
	                                 .decision = decision,
	                                 .columns = &column,
	                                 .column_count = 1,
	                                 .stratum = p->strata ? &within : NULL};
	if (bias_table_new(&cases, &(const struct bias_table_options){.threads = 1}, &t, &err) != 0)
		bug("%s", err.text);
	free(stratum);
	free(code);
	free(decision);
	free(label);
	return t;
}

/* Whole numbers: shares in hundredths, rates in tenths. */
static void population_cells(const struct population *p, uint64_t *cells)
{
	for (size_t g = 0; g < p->groups; g++) {
		const struct group *k = &p->group[g];
		double n = k->share * SCALE, positive = n * k->base, negative = n - positive;
		cells[g * 4 + 3] = (uint64_t)lround(positive * k->tpr);
		cells[g * 4 + 2] = (uint64_t)lround(positive) - cells[g * 4 + 3];
		cells[g * 4 + 1] = (uint64_t)lround(negative * k->fpr);
		cells[g * 4 + 0] = (uint64_t)lround(negative) - cells[g * 4 + 1];
	}
}

static void settings(struct bias_settings *s)
{
	bias_settings_init(s);
	s->minimum = s->minimum_denominator = 0;
	static const struct bias_reference first = {"g", "A"};
	s->references = &first;
	s->reference_count = 1;
}

static void report(const struct bias_table *t, const struct bias_settings *s, struct bias_report *r)
{
	struct error err;
	if (bias_report(t, s, r, &err) != 0)
		bug("%s", err.text);
}

/* ---- what is counted ---- */

/* The ways in which intervals are made: each has a promise of its own. */
enum way { RATE, MEAN, PAIR, PAIR_RATIO, WORST, BOOTSTRAP, ECE, WAYS };
static const struct promise {
	const char *name;
	double least, most; /* coverage over everything that is made this way */
} PROMISES[WAYS] = {
    [RATE] = {"rates, Wilson and log of odds", 0.94, 0.97},
    [MEAN] = {"mean score and calibration gap, t", 0.935, 0.965},
    [PAIR] = {"differences with the reference, simultaneous", 0.945, 0.995},
    [PAIR_RATIO] = {"ratios with the reference, simultaneous", 0.945, 0.995},
    [WORST] = {"worst cases", 0.945, 1},
    [BOOTSTRAP] = {"bootstrap of cells", 0.925, 0.985},
    [ECE] = {"calibration error", 0.945, 1},
};

struct tally {
	long inside, narrow, there;
};
static struct tally pooled[WAYS];
static bool print;

static bool holds(double value, double low, double high, double truth)
{
	double slack = 1e-12 * fmax(1, fabs(value));
	return truth >= low - slack && truth <= high + slack;
}

/* Whether the truth lies within, and whether it would if the interval were a fifth narrower on either side.
 */
static void count(struct tally *t, const struct bias_value *v, double truth)
{
	if (isnan(v->value) || isnan(v->low) || isnan(v->high) || isnan(truth))
		return;
	t->there++;
	t->inside += holds(v->value, v->low, v->high, truth);
	t->narrow +=
	    holds(v->value, v->value - 0.8 * (v->value - v->low), v->value + 0.8 * (v->high - v->value), truth);
}

static void pool(enum way way, const struct tally *t, const char *population, const char *name,
                 const char *group)
{
	double share = (double)t->inside / (double)t->there;
	if (t->there == 0)
		return;
	pooled[way].inside += t->inside;
	pooled[way].narrow += t->narrow;
	pooled[way].there += t->there;
	if (print)
		printf("# %-7s %-44s %-10s %.4f of %ld\n", population, name, group, share, t->there);
	/* One by one with more room: the coverage of discrete things goes up and down with n. */
	double least = PROMISES[way].least - 0.02, spread = sqrt(least * (1 - least) / (double)t->there);
	if (share < least - 4 * spread)
		check(false, "%s: %s of %s covers %.4f of %ld", population, name, group, share, t->there);
}

static enum way way_of(const struct bias_measure *m)
{
	const char *name = m->name;
	if (m->scope == BIAS_WORST || strncmp(name, "equalized_odds", 14) == 0)
		return WORST;
	if (m->scope == BIAS_OVERALL || strstr(name, "divergence") || strncmp(name, "conditional", 11) == 0)
		return BOOTSTRAP;
	return strstr(name, "_ratio") ? PAIR_RATIO : PAIR;
}

/* ---- decisions ---- */

struct limits {
	struct bias_limit limit[LIMITS];
	long ok[LIMITS], fails[LIMITS];
};

/* Limits that are the truth itself: whoever says ok or fails is wrong. */
static void limits_at_truth(const struct bias_report *truth, struct limits *l)
{
	static const char *const names[LIMITS] = {"demographic_parity_difference", "demographic_parity_ratio",
	                                          "equal_opportunity_difference", "equalized_odds_difference",
	                                          "predictive_parity_difference"};
	*l = (struct limits){0};
	for (size_t i = 0; i < LIMITS; i++) {
		double value = bias_find(truth, names[i], "g", BIAS_WORST, BIAS_NONE)->v.value;
		/* A hair inside, where ok would be right by rounding alone. */
		l->limit[i] = (struct bias_limit){names[i], NULL,
		                                  i == 1 ? fmin(1, value + 1e-9) : fmax(0, value - 1e-9), i == 1};
	}
}

static void count_verdicts(const struct bias_report *r, struct limits *l)
{
	for (size_t i = 0; i < LIMITS; i++) {
		enum bias_verdict v = bias_find(r, l->limit[i].measure, "g", BIAS_WORST, BIAS_NONE)->v.verdict;
		l->ok[i] += v == BIAS_OK;
		l->fails[i] += v == BIAS_FAILS;
	}
}

static void check_verdicts(const struct population *p, const struct limits *l, long trials)
{
	double n = (double)trials, room = 4 * sqrt(0.05 * 0.95 / n);
	for (size_t i = 0; i < LIMITS; i++) {
		double wrong = (double)(l->ok[i] + l->fails[i]) / n, ok = (double)l->ok[i] / n;
		if (print)
			printf("# %-7s verdicts on %s: ok %.4f, fails %.4f\n", p->name, l->limit[i].measure, ok,
			       wrong - ok);
		check(wrong <= 0.05 + room && ok <= 0.025 + 4 * sqrt(0.025 * 0.975 / n),
		      "%s: a verdict on %s at its limit is wrong in %.4f, ok in %.4f, of %ld", p->name,
		      l->limit[i].measure, wrong, ok, trials);
	}
}

static void trial(const struct population *p, const uint64_t *cells, struct rng *rng, uint64_t seed,
                  const struct bias_settings *s, struct bias_table **t, struct bias_report *r)
{
	uint64_t drawn[GROUPS * CELLS];
	rng_multinomial(rng, p->n, cells, p->groups * CELLS, drawn);
	*t = table_of(drawn, p);
	report(*t, s, r);
	const struct bias_resampling how = {.replicates = FEW_REPLICATES, .seed = seed, .threads = 1};
	bias_resample(*t, &how, r);
}

static void decisions(const struct population *p, uint64_t stream, long trials)
{
	uint64_t cells[GROUPS * CELLS];
	struct bias_settings s;
	struct bias_report truth, r;
	struct bias_table *t;
	struct rng rng;
	struct limits limits;
	long small = 0, boot_there = 0;
	struct tally rates[GROUPS][BIAS_RATES] = {{{0}}};
	population_cells(p, cells);
	settings(&s);
	struct bias_table *whole = table_of(cells, p);
	report(whole, &s, &truth);
	limits_at_truth(&truth, &limits);
	s.limits = limits.limit;
	s.limit_count = LIMITS;
	struct tally *m = xcalloc(truth.measure_count, sizeof *m);
	rng_init(&rng, 1, stream);
	for (long i = 0; i < trials; i++) {
		trial(p, cells, &rng, (uint64_t)i, &s, &t, &r);
		for (size_t g = 0; g < r.group_count; g++)
			for (enum bias_rate k = 0; k < BIAS_RATES; k++)
				count(&rates[g][k], &r.groups[g].rate[k], truth.groups[g].rate[k].value);
		for (size_t k = 0; k < r.measure_count; k++)
			count(&m[k], &r.measures[k].v, truth.measures[k].v.value);
		count_verdicts(&r, &limits);
		const struct bias_measure *gap =
		    bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
		small += gap->p <= 0.05;
		boot_there += gap->boot_low <= 0;
		bias_report_release(&r);
		bias_table_free(t);
	}
	for (size_t g = 0; g < truth.group_count; g++)
		for (enum bias_rate k = 0; k < BIAS_RATES; k++)
			pool(RATE, &rates[g][k], p->name, bias_rate_name(k), truth.groups[g].name);
	for (size_t k = 0; k < truth.measure_count; k++) {
		const struct bias_measure *of = &truth.measures[k];
		pool(way_of(of), &m[k], p->name, of->name,
		     of->scope == BIAS_WORST ? "worst"
		     : of->a == BIAS_NONE    ? "all"
		                             : truth.groups[of->a].name);
	}
	check_verdicts(p, &limits, trials);
	double share = (double)small / (double)trials, room = 4 * sqrt(0.05 * 0.95 / (double)trials);
	if (strcmp(p->name, "null") == 0) {
		check(share <= 0.05 + room && (share >= 0.005 || trials < 200),
		      "null: the permutation p is at most 0.05 in %.4f of %ld, where there is no gap", share, trials);
		check(boot_there == 0, "null: the percentile bootstrap of max - min never reaches 0 (%ld of %ld do)",
		      boot_there, trials);
	}
	if (strcmp(p->name, "ties") == 0)
		check(share > 0.7, "ties: a gap of 0.1 in 1,500 cases is seen by the permutation p in %.4f", share);
	free(m);
	bias_report_release(&truth);
	bias_table_free(whole);
}

/* A group below the minimum: never passed, never failed, and no part of the worst case. */
static void too_few(long trials)
{
	const struct population *p = &POPULATIONS[1];
	uint64_t cells[GROUPS * CELLS];
	struct bias_settings s;
	struct bias_report r;
	struct bias_table *t;
	struct rng rng;
	long judged = 0, taken = 0;
	population_cells(p, cells);
	settings(&s);
	s.minimum = 60;
	rng_init(&rng, 1, 99);
	for (long i = 0; i < trials; i++) {
		trial(p, cells, &rng, (uint64_t)i, &s, &t, &r);
		for (size_t g = 0; g < r.group_count; g++)
			judged += r.groups[g].n < 60 && r.groups[g].verdict != BIAS_TOO_FEW;
		for (size_t k = 0; k < r.measure_count; k++) {
			const struct bias_measure *m = &r.measures[k];
			bool tiny = (m->a != BIAS_NONE && r.groups[m->a].too_few) ||
			            (m->b != BIAS_NONE && r.groups[m->b].too_few);
			taken += tiny && m->v.verdict != BIAS_TOO_FEW;
		}
		bias_report_release(&r);
		bias_table_free(t);
	}
	check(judged == 0 && taken == 0, "groups that are too few are never passed nor failed (%ld, %ld)", judged,
	      taken);
}

/* ---- scores ---- */

/* Scores are even over [0, 1]; a label is positive with `slope` times the score. */
static void scores(double slope, size_t n, long trials)
{
	static const char *const names[] = {"A"};
	struct tally mean = {0}, gap = {0}, ece = {0};
	struct rng rng;
	struct bias_settings s;
	double *score = xreallocarray(NULL, n, sizeof *score);
	uint8_t *label = xmalloc(n);
	uint32_t *code = xcalloc(n, sizeof *code);
	char name[64];
	rng_init(&rng, 2, n);
	settings(&s);
	for (long i = 0; i < trials; i++) {
		struct bias_table *t;
		struct bias_report r;
		struct bias_calibration c;
		struct error err;
		for (size_t k = 0; k < n; k++) {
			score[k] = rng_unit(&rng);
			label[k] = rng_unit(&rng) < slope * score[k];
		}
		const struct bias_column column = {"g", code, names, 1};
		const struct bias_cases cases = {
		    .n = n, .label = label, .score = score, .columns = &column, .column_count = 1};
		if (bias_table_new(&cases, &(const struct bias_table_options){.threads = 1}, &t, &err) != 0)
			bug("%s", err.text);
		report(t, &s, &r);
		count(&mean, &r.groups[0].rate[BIAS_MEAN_SCORE], 0.5);
		count(&gap, &r.groups[0].rate[BIAS_CALIBRATION_GAP], 0.5 * (1 - slope));
		bias_calibrate(t, 0, 0.95, NULL, &c);
		count(&ece, &c.ece, 0.5 * (1 - slope));
		bias_report_release(&r);
		bias_table_free(t);
	}
	snprintf(name, sizeof name, "n %zu, slope %g", n, slope);
	pool(MEAN, &mean, "scores", "mean_score", name);
	pool(MEAN, &gap, "scores", "calibration_gap", name);
	pool(ECE, &ece, "scores", "ece", name);
	free(code);
	free(label);
	free(score);
}

int main(void)
{
	const char *asked = getenv("TRIALS");
	long trials = getenv("LONG") ? 2000 : 200;
	if (asked)
		trials = strtol(asked, NULL, 10);
	trials = trials < 1 ? 1 : trials > MOST ? MOST : trials;
	print = getenv("PRINT");
	for (size_t p = 0; p < COUNT_OF(POPULATIONS); p++)
		decisions(&POPULATIONS[p], p, trials);
	too_few(trials);
	scores(0.8, 60, trials);
	scores(0.8, 1000, trials);
	scores(1, 200, trials);
	for (enum way way = 0; way < WAYS; way++) {
		const struct tally *t = &pooled[way];
		const struct promise *p = &PROMISES[way];
		double share = (double)t->inside / (double)t->there, narrow = (double)t->narrow / (double)t->there;
		/* Trials of one population hang together: as many independent ones as trials, at least. */
		double room = 3 * sqrt(0.05 * 0.95 / (double)trials) / 2;
		check(share >= p->least - room && share <= p->most + room, "%s: %.4f of %ld intervals hold the truth",
		      p->name, share, t->there);
		check(narrow < share - 0.02, "%s: a fifth narrower, %.4f do", p->name, narrow);
	}
	printf("1..%d\n", tests);
	return failed != 0;
}
