/* assay bias RUN|MODEL, assay bias --table FILE. */
#include <math.h>

#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

/* ---- what was asked ---- */

struct asked {
	struct work_bias how;
	char **by;
	struct work_bias_cut *cuts;
	struct bias_reference *references;
	struct arena *mem;
};

static int ask_cuts(struct cli *c, struct asked *a)
{
	const char *pair;
	size_t count = 0, key;
	while (cli_get_at(c, "cut", count))
		count++;
	a->cuts = arena_array(a->mem, count + 1, sizeof *a->cuts);
	for (size_t i = 0; (pair = cli_get_at(c, "cut", i)); i++) {
		if (cli_split_pair(c, "cut", pair, &key) != 0)
			return -1;
		size_t numbers;
		char **list = cli_split_list(pair + key + 1, &numbers);
		double *at = arena_array(a->mem, numbers + 1, sizeof *at);
		bool good = numbers > 0;
		for (size_t k = 0; k < numbers && good; k++)
			good = num_parse(list[k], strlen(list[k]), &at[k]) && isfinite(at[k]) &&
			       (k == 0 || at[k] > at[k - 1]);
		free(list);
		if (!good)
			return error_set(&c->err, ERR_USAGE, "--cut %s: rising numbers are wanted, as in age=25,40,60",
			                 pair);
		a->cuts[i] = (struct work_bias_cut){arena_memdup0(a->mem, pair, key), at, numbers};
	}
	a->how.cuts = a->cuts;
	a->how.cut_count = count;
	return 0;
}

static int ask_references(struct cli *c, struct asked *a)
{
	const char *pair;
	size_t count = 0, key;
	while (cli_get_at(c, "reference", count))
		count++;
	a->references = arena_array(a->mem, count + 1, sizeof *a->references);
	for (size_t i = 0; (pair = cli_get_at(c, "reference", i)); i++) {
		if (cli_split_pair(c, "reference", pair, &key) != 0)
			return -1;
		a->references[i] = (struct bias_reference){arena_memdup0(a->mem, pair, key), pair + key + 1};
	}
	a->how.settings.references = a->references;
	a->how.settings.reference_count = count;
	return 0;
}

static int ask(struct cli *c, struct asked *a)
{
	struct bias_settings *s = &a->how.settings;
	int64_t replicates = BIAS_REPLICATES, seed = 1, threads = 0;
	const char *as = cli_get(c, "as"), *by = cli_get(c, "by");
	work_bias_init(&a->how);
	a->mem = arena_new();
	a->by = by ? cli_split_list(by, &a->how.by_count) : NULL;
	a->how.by = (const char *const *)a->by;
	a->how.stratum = cli_get(c, "strata");
	a->how.depth = cli_has(c, "intersect") ? BIAS_DEPTH_MAX : 1;
	s->all_pairs = cli_has(c, "pairs");
	s->plain = cli_has(c, "plain");
	s->exact = cli_has(c, "exact");
	s->mean_odds = cli_has(c, "mean-odds");
	if (as && !bias_convention_parse(as, &s->convention))
		return error_set(&c->err, ERR_USAGE,
		                 "--as %s: there are assay, fairlearn, aif360, clarify and aequitas", as);
	if (cli_get_num(c, "threshold", -1e300, 1e300, &s->threshold) != 0 ||
	    cli_get_int(c, "bootstrap", 0, 10000000, &replicates) != 0 ||
	    cli_get_int(c, "seed", 0, INT64_MAX, &seed) != 0 ||
	    cli_get_int(c, "threads", 1, 1024, &threads) != 0 || ask_cuts(c, a) != 0 || ask_references(c, a) != 0)
		return -1;
	a->how.replicates = (uint64_t)replicates;
	a->how.seed = (uint64_t)seed;
	a->how.threads = (int)threads;
	return 0;
}

static void asked_release(struct asked *a)
{
	free(a->by);
	arena_free(a->mem);
}

/* ---- the report as text ---- */

static enum listing_style style_of(enum bias_verdict verdict)
{
	static const enum listing_style styles[] = {[BIAS_NO_LIMIT] = GRID_PLAIN,
	                                            [BIAS_OK] = GRID_GOOD,
	                                            [BIAS_AT_LIMIT] = GRID_WARN,
	                                            [BIAS_FAILS] = GRID_BAD,
	                                            [BIAS_TOO_FEW] = GRID_MUTED};
	return styles[verdict];
}

static void interval_cell(struct listing *g, double low, double high)
{
	char a[NUM_TEXT], b[NUM_TEXT], text[2 * NUM_TEXT + 8];
	if (isnan(low) || isnan(high)) {
		listing_none(g);
		return;
	}
	snprintf(text, sizeof text, "[%s, %s]", num_people(low, 3, a), num_people(high, 3, b));
	listing_text(g, text, GRID_PLAIN);
}

static void verdict_cell(struct listing *g, enum bias_verdict verdict)
{
	const char *name = bias_verdict_name(verdict);
	if (name)
		listing_text(g, name, style_of(verdict));
	else
		listing_none(g);
}

static void value_cells(struct listing *g, const struct bias_value *v)
{
	listing_num(g, v->value, 3);
	interval_cell(g, v->low, v->high);
}

static void groups_print(const struct bias_report *r, size_t by, const struct cli *c)
{
	static const struct {
		enum bias_rate rate;
		const char *title;
	} shown[] = {{BIAS_SELECTION_RATE, "selected"}, {BIAS_TPR, "TPR"}, {BIAS_FPR, "FPR"}, {BIAS_PPV, "PPV"}};
	const struct bias_partition *p = &r->partitions[by];
	bool ranks = cli_has(c, "all") && p->group_count &&
	             !isnan(r->groups[r->first[by]].rate[BIAS_MEAN_SCORE].value) && p->depth == 1;
	struct listing g;
	char *title =
	    p->pruned ? xasprintf("By %s (%zu of %zu groups; %llu cases are in smaller ones)", p->name,
	                          p->group_count, p->group_count + p->pruned, (unsigned long long)p->pruned_cases)
	              : xasprintf("By %s", p->name);
	heading_print(title, c, stdout);
	free(title);
	listing_init(&g);
	listing_column(&g, "group", "group", GRID_LEFT);
	listing_column(&g, "n", "n", GRID_RIGHT);
	listing_column(&g, "base", "base", GRID_POINT);
	for (size_t k = 0; k < COUNT_OF(shown); k++) {
		listing_column(&g, shown[k].title, shown[k].title, GRID_POINT);
		listing_column(&g, "95 %", "interval", GRID_LEFT);
	}
	if (ranks) {
		listing_column(&g, "AUC", "auc", GRID_POINT);
		listing_column(&g, "95 %", "interval", GRID_LEFT);
	}
	listing_column(&g, "verdict", "verdict", GRID_LEFT);
	for (size_t i = r->first[by]; i < r->first[by + 1]; i++) {
		const struct bias_group *group = &r->groups[i];
		listing_text(&g, group->name, GRID_PLAIN);
		listing_int(&g, (int64_t)group->n);
		listing_num(&g, group->rate[BIAS_BASE_RATE].value, 3);
		for (size_t k = 0; k < COUNT_OF(shown); k++)
			value_cells(&g, &group->rate[shown[k].rate]);
		if (ranks)
			value_cells(&g, &group->auc);
		if (group->reference)
			listing_text(&g, "reference", GRID_MUTED);
		else
			verdict_cell(&g, group->verdict);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void who_cell(struct listing *g, const struct bias_report *r, const struct bias_measure *m)
{
	struct str who;
	str_init(&who);
	if (m->a != BIAS_NONE)
		str_adds(&who, r->groups[m->a].name);
	if (m->b != BIAS_NONE)
		str_addf(&who, ", %s", r->groups[m->b].name);
	if (m->left_out)
		str_addf(&who, "%s(%zu left out)", who.len ? " " : "", m->left_out);
	listing_text(g, who.data, GRID_PLAIN);
	str_release(&who);
}

static void limit_cell(struct listing *g, const struct bias_limit *limit)
{
	char number[NUM_TEXT], text[NUM_TEXT + 8];
	if (!limit) {
		listing_none(g);
		return;
	}
	snprintf(text, sizeof text, "%s %s", limit->at_least ? sign("≥", ">=") : sign("≤", "<="),
	         num_people(limit->limit, 4, number));
	listing_text(g, text, GRID_PLAIN);
}

/* The measures that people ask for by name; of the others `--json` and --all tell. */
static bool is_famous(const char *name)
{
	static const char *const beginnings[] = {"demographic", "equal",       "predictive",
	                                         "treatment",   "conditional", "calibration"};
	for (size_t i = 0; i < COUNT_OF(beginnings); i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static bool is_shown(const struct bias_report *r, const struct bias_measure *m, size_t by,
                     const struct cli *c)
{
	if (m->by != by)
		return false;
	if (cli_has(c, "all") || r->settings.convention != BIAS_AS_ASSAY || m->scope == BIAS_OVERALL)
		return true;
	if (m->scope == BIAS_REFERENCE)
		return m->limit && (r->partitions[by].depth == 1 || m->v.verdict == BIAS_FAILS);
	return m->limit || (is_famous(m->name) && strcmp(m->name, "demographic_disparity") != 0);
}

static void measures_print(const struct bias_report *r, size_t by, const struct cli *c)
{
	struct listing g;
	size_t shown = 0;
	listing_init(&g);
	listing_column(&g, "measure", "measure", GRID_LEFT);
	listing_column(&g, "of", "scope", GRID_LEFT);
	listing_column(&g, "value", "value", GRID_POINT);
	listing_column(&g, "interval", "interval", GRID_LEFT);
	listing_column(&g, "p", "p", GRID_POINT);
	listing_column(&g, "limit", "limit", GRID_LEFT);
	listing_column(&g, "verdict", "verdict", GRID_LEFT);
	listing_column(&g, "groups", "groups", GRID_LEFT);
	for (size_t i = 0; i < r->measure_count; i++) {
		const struct bias_measure *m = &r->measures[i];
		if (!is_shown(r, m, by, c))
			continue;
		shown++;
		listing_text(&g, m->name, GRID_PLAIN);
		listing_text(&g, bias_scope_name(m->scope), GRID_MUTED);
		listing_num(&g, m->v.value, 4);
		interval_cell(&g, m->v.low, m->v.high);
		if (isnan(m->p))
			listing_none(&g);
		else
			listing_num(&g, m->p, 2);
		limit_cell(&g, m->limit);
		verdict_cell(&g, m->v.verdict);
		who_cell(&g, r, m);
	}
	if (shown) {
		fputc('\n', stdout);
		listing_print(&g, c, stdout);
	}
	listing_release(&g);
}

static void explain_print(const struct bias_report *r, const struct cli *c)
{
	struct arena *mem = arena_new();
	for (size_t i = 0; i < r->measure_count; i++) {
		struct bias_explanation e;
		const struct bias_measure *m = &r->measures[i];
		if (m->scope != BIAS_WORST && m->scope != BIAS_OVERALL && !(m->limit && m->scope == BIAS_REFERENCE))
			continue;
		bias_explain_measure(r, i, mem, &e);
		const struct fact facts[] = {
		    {"definition", e.definition}, {"formula", e.formula},
		    {"counts", e.counts},         {"interval", e.interval},
		    {"verdict", e.verdict},       {"convention", *e.convention ? e.convention : NULL}};
		heading_print(e.title, c, stdout);
		facts_print(facts, COUNT_OF(facts), c, stdout);
	}
	arena_free(mem);
}

static void report_print(const struct work_biased *b, struct cli *c)
{
	const struct bias_report *r = &b->report;
	char cases[64], n[NUM_TEXT], threshold[NUM_TEXT];
	bool scores = bias_has_scores(b->cases.table);
	snprintf(cases, sizeof cases, "%s", count_people((int64_t)r->n, n));
	const struct fact facts[] = {
	    {"data", b->cases.data_name},
	    {"cases", cases},
	    {"threshold", scores ? number_text(r->settings.threshold, threshold) : NULL},
	    {"convention", bias_convention_name(r->settings.convention)},
	    {"evidence", *b->evidence ? b->evidence : NULL},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	for (size_t by = 0; by < r->partition_count; by++) {
		groups_print(r, by, c);
		measures_print(r, by, c);
	}
	for (size_t i = 0; i < r->measure_count; i++)
		if (r->measures[i].scope == BIAS_OVERALL) {
			heading_print("All cases", c, stdout);
			measures_print(r, BIAS_NONE, c);
			break;
		}
	if (cli_has(c, "explain"))
		explain_print(r, c);
	fflush(stdout);
}

static void notes(const struct work_biased *b, const struct cli *c)
{
	char n[NUM_TEXT];
	if (c->quiet)
		return;
	if (b->cases.notes.len)
		safe_fprintf(stderr, "%s", b->cases.notes.data);
	if (b->cases.unlabelled)
		fprintf(stderr, "%s cases without a label were left out\n",
		        count_people((int64_t)b->cases.unlabelled, n));
	if (b->cases.undecided)
		fprintf(stderr, "%s cases without a score or decision were left out\n",
		        count_people((int64_t)b->cases.undecided, n));
}

/* ---- the command ---- */

static int of_table(struct cli *c, const struct asked *a, struct work_biased *done)
{
	struct reading reading;
	const struct work_bias_file file = {
	    .path = cli_get(c, "table"),
	    .reading = &reading,
	    .label = cli_get(c, "label"),
	    .positive = cli_get(c, "positive"),
	    .decision = cli_get(c, "decision"),
	    .selected = cli_get(c, "selected"),
	    .score = cli_get(c, "score"),
	};
	if (cli_get(c, "data"))
		return error_set(&c->err, ERR_USAGE, "--data goes with a model: a table is data itself");
	if (file.decision && cli_get(c, "threshold"))
		return error_set(&c->err, ERR_USAGE, "--threshold goes with --score: decisions are made");
	reading_init(&reading);
	int status = reading_from_options(c, &reading);
	if (status == 0)
		status = work_bias_of_file(&file, &a->how, done, &c->err);
	reading_release(&reading);
	return status;
}

/* NAME@3, NAME@production; @last is a run. */
static bool is_version(const char *ref)
{
	return strchr(ref, '@') && *ref != '@' && !work_model_is_file(ref) && strncmp(ref, "run:", 4) != 0;
}

static int run_of_version(struct cli *c, struct store *store, struct arena *mem, const char **ref)
{
	struct trust *trust;
	struct work_version v;
	if (work_trust_open(store, &trust, &c->err) != 0)
		return -1;
	int status = work_version_find(trust, *ref, mem, &v, &c->err);
	if (status == 0 && !v.run)
		status = error_set(&c->err, ERR_NO, "the run that made %s is not in the store any more", *ref);
	if (status == 0)
		*ref = arena_printf(mem, "run:%s", v.run_uuid);
	work_trust_close(trust);
	return status;
}

static int of_model(struct cli *c, const struct asked *a, struct work_biased *done)
{
	static const char *const of_tables[] = {"label", "decision", "selected", "score", "positive"};
	struct store *store = NULL;
	for (size_t i = 0; i < COUNT_OF(of_tables); i++)
		if (cli_get(c, of_tables[i]))
			return error_set(&c->err, ERR_USAGE, "--%s goes with --table: a model brings its own",
			                 of_tables[i]);
	if (work_open(c->store, STORE_WRITE, &store, &c->err) != 0)
		return -1;
	const char *ref = c->args[0];
	int status = is_version(ref) ? run_of_version(c, store, a->mem, &ref) : 0;
	if (status == 0)
		status = work_bias(store, ref, cli_get(c, "data"), &a->how, done, &c->err);
	store_close(store);
	return status;
}

int cmd_bias(struct cli *c)
{
	struct asked a = {0};
	struct work_biased done;
	bool table = cli_get(c, "table");
	if (table == (c->arg_count > 0))
		return error_set(&c->err, ERR_USAGE,
		                 "say what is to be looked at: %sa run or a model, or --table FILE",
		                 table ? "either " : "");
	int status = ask(c, &a);
	if (status == 0)
		status = table ? of_table(c, &a, &done) : of_model(c, &a, &done);
	if (status == 0) {
		if (c->json)
			json_print(&done.json, stdout);
		else
			report_print(&done, c);
		notes(&done, c);
		work_biased_release(&done);
	}
	asked_release(&a);
	return status;
}
