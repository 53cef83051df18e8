/* What each kind of gate measures. Whatever cannot be computed is missing, with the reason. */
#include <math.h>
#include <stdlib.h>

#include "gate.h"

enum { REPLICATES = 2000, SEED = 1, DAY_MS = 86400000 };

static int missing(struct gate_answer *a, const char *why)
{
	a->measured = a->low = a->high = NAN;
	a->result = GATE_MISSING;
	a->why = why;
	return 0;
}

static double threshold_of(const struct policy_gate *gate)
{
	return isnan(gate->threshold) ? 0.5 : gate->threshold;
}

/* ---- metrics ---- */

static const struct {
	const char *name, *interval;
	enum stats_metric resampled;
} metrics[] = {
    {"auc", "delong", STATS_ACCURACY},
    {"accuracy", "wilson", STATS_ACCURACY},
    {"average_precision", "bootstrap", STATS_AVERAGE_PRECISION},
    {"log_loss", "bootstrap", STATS_LOG_LOSS},
    {"brier", "bootstrap", STATS_BRIER},
    {"ece", "bootstrap", STATS_ECE},
    {"mce", "bootstrap", STATS_MCE},
};
enum { METRIC_AUC, METRIC_ACCURACY };

static int find_metric(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(metrics); i++)
		if (strcmp(metrics[i].name, name) == 0)
			return (int)i;
	return -1;
}

static const char *unknown_metric(struct gate_run *g, const char *name)
{
	static const char *const numeric[] = {"r2", "rmse", "mae"};
	for (size_t i = 0; i < COUNT_OF(numeric); i++)
		if (strcmp(name, numeric[i]) == 0)
			return arena_printf(g->mem, "%s is about numbers; the model gives the probability of a class",
			                    name);
	return arena_printf(
	    g->mem,
	    "there is no metric %s that Assay computes (auc, accuracy, average_precision, log_loss, "
	    "brier, ece, mce)",
	    name);
}

/* How it was computed, keys sorted; the words that do not apply are left out. */
static void settings(struct gate_answer *a, const struct policy_gate *gate, const char *kind, int metric,
                     const struct gate_cases *c, const char *against)
{
	struct json_writer j;
	bool paired = against != NULL, boot = metric > METRIC_ACCURACY || (paired && metric != METRIC_AUC);
	jw_init(&j, &a->settings);
	jw_object(&j, NULL);
	if (paired)
		jw_string(&j, "against", against);
	jw_string(&j, "cases", c->split ? "split" : "all");
	jw_string(&j, "data", c->data->digest);
	jw_string(&j, "interval", boot ? "bootstrap" : metrics[metric].interval);
	jw_string(&j, "kind", kind);
	jw_num(&j, "level", gate->level, NULL);
	jw_string(&j, "metric", metrics[metric].name);
	if (boot) {
		jw_int(&j, "replicates", REPLICATES);
		jw_int(&j, "seed", SEED);
	}
	if (metric == METRIC_ACCURACY)
		jw_num(&j, "threshold", threshold_of(gate), NULL);
	jw_object_end(&j);
}

static void measure(const struct gate_cases *c, int metric, const struct policy_gate *gate, bool interval,
                    struct gate_answer *a)
{
	struct auc auc;
	struct confusion confusion;
	struct stats_resampled r;
	struct stats_cases cases = {
	    .score = c->score, .label = c->label, .n = c->n, .threshold = threshold_of(gate)};
	switch (metric) {
	case METRIC_AUC:
		stats_auc(c->score, c->label, c->n, gate->level, &auc);
		a->measured = auc.value;
		a->low = auc.low;
		a->high = auc.high;
		break;
	case METRIC_ACCURACY:
		stats_confusion(c->score, c->label, c->n, threshold_of(gate), &confusion);
		a->measured = (double)(confusion.tp + confusion.tn) / (double)c->n;
		stats_wilson((double)(confusion.tp + confusion.tn), (double)c->n, gate->level, &a->low, &a->high);
		break;
	default:
		stats_resample(&cases, metrics[metric].resampled, interval ? REPLICATES : 1, SEED, gate->level, 0,
		               &r);
		a->measured = r.value;
		a->low = r.low;
		a->high = r.high;
	}
}

static void decide(const struct policy_gate *gate, struct gate_answer *a)
{
	a->level = gate->level;
	a->result = policy_gate_decide(gate, a->measured, a->low, a->high);
	if (a->result == GATE_MISSING && isnan(a->measured))
		missing(a, "it cannot be computed: the cases are all of one class");
	else if (a->result == GATE_MISSING)
		missing(a, "there is no interval: too few cases");
}

/* The version in the stage, unless it is this one; *none: nobody is there to compare with. */
static int find_champion(struct gate_run *g, struct gate_model **out, bool *none, struct error *err)
{
	const struct ledger_stage *s = ledger_stage_find(g->t->state, g->v->model, g->stage);
	*out = NULL;
	*none = !s || !s->version;
	if (*none)
		return 0;
	*out = gate_model(g, s->model, s->version, s->subject, err);
	return *out ? 0 : -1;
}

static int compute_metric(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a,
                          struct error *err)
{
	int metric = find_metric(gate->metric);
	struct gate_model *own = gate_model(g, g->v->model, g->v->version, g->v->subject, err), *champion;
	struct gate_answer its = {.measured = NAN};
	bool none;
	if (!own || find_champion(g, &champion, &none, err) != 0)
		return -1;
	if (metric < 0)
		return missing(a, unknown_metric(g, gate->metric));
	struct gate_cases *c = gate_cases(g, own, gate->data, err), *like;
	if (!c)
		return -1;
	if (c->why)
		return missing(a, c->why);
	gate_uses(g, c);
	settings(a, gate, "metric", metric, c, NULL);
	measure(c, metric, gate, true, a);
	a->candidate = a->measured;
	if (champion && champion != own) {
		/* Beside it, for the reader; it decides nothing, so nothing is made for it. */
		like = gate_cases_like(g, champion, c, false, err);
		if (!like)
			return -1;
		if (!like->why) {
			measure(like, metric, gate, false, &its);
			a->champion = its.measured;
		}
	}
	decide(gate, a);
	return 0;
}

/* ---- against the champion ---- */

static void compare(const struct gate_cases *c, const struct gate_cases *champion, int metric,
                    const struct policy_gate *gate, struct gate_answer *a)
{
	struct auc_pair pair;
	struct stats_resampled r;
	struct stats_cases cases = {.score = c->score,
	                            .against = champion->score,
	                            .label = c->label,
	                            .n = c->n,
	                            .threshold = threshold_of(gate)};
	if (metric == METRIC_AUC) {
		stats_auc_pair(c->score, champion->score, c->label, c->n, gate->level, &pair);
		a->candidate = pair.a.value;
		a->champion = pair.b.value;
		a->measured = pair.difference;
		a->low = pair.low;
		a->high = pair.high;
	} else {
		stats_resample(&cases, metrics[metric].resampled, REPLICATES, SEED, gate->level, 0, &r);
		a->candidate = r.a;
		a->champion = r.b;
		a->measured = r.value;
		a->low = r.low;
		a->high = r.high;
	}
}

static int compute_champion(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a,
                            struct error *err)
{
	int metric = find_metric(gate->metric);
	struct gate_model *own = gate_model(g, g->v->model, g->v->version, g->v->subject, err), *champion;
	struct gate_cases *c, *its;
	bool none;
	if (!own || find_champion(g, &champion, &none, err) != 0)
		return -1;
	if (metric < 0)
		return missing(a, unknown_metric(g, gate->metric));
	/* The first version of a stage has nobody to be worse than: no numbers, and the text says `baseline
	 * none`. */
	if (none) {
		a->result = GATE_PASS;
		a->why = arena_printf(g->mem, "nothing is in %s yet: there is no champion to compare with", g->stage);
		return 0;
	}
	c = gate_cases(g, own, gate->data, err);
	if (!c)
		return -1;
	if (c->why)
		return missing(a, c->why);
	its = gate_cases_like(g, champion, c, true, err);
	if (!its)
		return -1;
	if (its->why)
		return missing(a, its->why);
	gate_uses(g, c);
	gate_uses(g, its);
	settings(a, gate, "champion", metric, c, champion->subject);
	compare(c, its, metric, gate, a);
	decide(gate, a);
	return 0;
}

/* ---- bias ---- */

static void bias_settings_text(struct gate_answer *a, const struct policy_gate *gate,
                               const struct gate_cases *c, const struct work_bias *how)
{
	struct json_writer j;
	jw_init(&j, &a->settings);
	jw_object(&j, NULL);
	jw_string(&j, "by", gate->by);
	jw_string(&j, "cases", c->split ? "split" : "all");
	jw_string(&j, "data", c->data->digest);
	jw_string(&j, "few", gate->leave_out_few ? "leave-out" : "undecided");
	jw_string(&j, "kind", "bias");
	jw_num(&j, "level", gate->level, NULL);
	jw_string(&j, "measure", gate->measure);
	jw_int(&j, "minimum", gate->minimum);
	jw_string(&j, "reference", gate->reference);
	jw_int(&j, "replicates", (int64_t)how->replicates);
	jw_int(&j, "seed", (int64_t)how->seed);
	jw_num(&j, "threshold", how->settings.threshold, NULL);
	jw_object_end(&j);
}

/* How the report's model and data are named, so that they are the version's: by its run, if that still has
 * the same model, else by the object's file. NULL: it cannot be. */
static const char *model_ref(struct gate_run *g, const struct gate_model *m, const struct gate_cases *c,
                             const char **data, struct error *err)
{
	struct run_artifact *files;
	size_t count;
	*data = c->split ? NULL
	                 : arena_printf(g->mem, "%s@%lld", c->data->data.name, (long long)c->data->data.version);
	if (!c->split) {
		char *path = store_object_path(g->t->store, m->digest);
		const char *ref = arena_printf(g->mem, "model:%s", path);
		free(path);
		return ref;
	}
	if (!m->run || store_artifacts(g->t->store, m->run, g->mem, &files, &count, err) != 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i].kind, "model") == 0 && strcmp(files[i].digest, m->digest) == 0)
			return arena_printf(g->mem, "run:%s", g->v->run_uuid);
	return NULL;
}

/* Whoever made the same evidence first. */
static int bias_producer(struct gate_run *g, const struct gate_model *m, const char *evidence,
                         const char **who, struct error *err)
{
	struct store_bias_report *all;
	size_t count;
	if (store_bias_reports(g->t->store, m->digest, g->mem, &all, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].evidence, evidence) == 0 &&
		    text_is_plain(all[i].producer, strlen(all[i].producer))) {
			*who = all[i].producer;
			return 0;
		}
	if (!g->looking)
		bug("a bias report that was made is not in the store");
	*who = "nobody";
	return 0;
}

/* A group that is too small neither passes nor fails, whatever its numbers look like; the policy may say that
 * the others are enough. */
static void decide_bias(struct gate_run *g, const struct policy_gate *gate,
                        const struct work_bias_measured *m, struct gate_answer *a)
{
	decide(gate, a);
	if (a->result == GATE_MISSING)
		return;
	if (m->verdict == BIAS_TOO_FEW || (m->left_out && !gate->leave_out_few && a->result == GATE_PASS)) {
		a->result = GATE_UNDECIDED;
		a->why = arena_printf(g->mem, "too few: a group has fewer than %lld cases", (long long)gate->minimum);
	} else if (m->groups[0][0] && m->groups[1][0]) {
		a->why = arena_printf(g->mem, m->left_out ? "%s and %s; %zu left out: too few" : "%s and %s",
		                      m->groups[0], m->groups[1], m->left_out);
	} else if (m->groups[0][0]) {
		a->why = arena_strdup(g->mem, m->groups[0]);
	}
}

static int compute_bias(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a,
                        struct error *err)
{
	struct gate_model *own = gate_model(g, g->v->model, g->v->version, g->v->subject, err);
	struct work_bias how;
	struct work_bias_measured m;
	struct error why = {.code = ERR_NO};
	const struct bias_limit limit = {
	    .measure = gate->measure, .by = gate->by, .limit = gate->limit, .at_least = !gate->at_most};
	const struct bias_reference reference = {.by = gate->by, .group = gate->reference};
	const char *data, *producer = "", *by[BIAS_DEPTH_MAX];
	char *columns = arena_strdup(g->mem, gate->by);
	if (!own)
		return -1;
	struct gate_cases *c = gate_cases(g, own, gate->data, err);
	if (!c)
		return -1;
	if (c->why)
		return missing(a, c->why);
	work_bias_init(&how);
	/* "sex,age" is an intersection. */
	for (char *p = columns; *p && how.by_count < COUNT_OF(by);) {
		size_t len = strcspn(p, ",");
		by[how.by_count++] = p;
		p += len;
		if (*p)
			*p++ = 0;
	}
	how.by = by;
	how.depth = (int)how.by_count;
	how.settings.threshold = threshold_of(gate);
	how.settings.level = gate->level;
	how.settings.minimum = (uint64_t)gate->minimum;
	how.settings.limits = &limit;
	how.settings.limit_count = 1;
	how.settings.references = &reference;
	how.settings.reference_count = gate->reference ? 1 : 0;
	how.looking = g->looking;
	const char *ref = model_ref(g, own, c, &data, &why);
	if (!ref)
		return missing(a, "the run that has its split is gone, or its model is another one");
	if (work_bias_gate(g->t->store, ref, data, &how, gate->measure, gate->by, &m, &why) != 0) {
		if (why.code == ERR_STORE || why.code == ERR_TAMPER) {
			if (err)
				*err = why;
			return -1;
		}
		return missing(a, arena_strdup(g->mem, why.text));
	}
	if (bias_producer(g, own, m.evidence, &producer, err) != 0)
		return -1;
	gate_uses(g, c);
	gate_uses_evidence(g, "bias-report", m.evidence, producer);
	bias_settings_text(a, gate, c, &how);
	a->measured = a->candidate = m.value;
	a->low = m.low;
	a->high = m.high;
	decide_bias(g, gate, &m, a);
	return 0;
}

/* ---- the others ---- */

static int compute_data_age(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a,
                            struct error *err)
{
	struct gate_model *own = gate_model(g, g->v->model, g->v->version, g->v->subject, err);
	struct dataset_row row;
	struct run_row run;
	struct error unimportant;
	bool found;
	if (!own)
		return -1;
	if (own->why || !own->info.data_version)
		return missing(a, own->why ? own->why : "the model does not say what it was trained on");
	if (store_dataset_by_digest(g->t->store, own->info.data_version, g->mem, &row, &found, err) != 0)
		return -1;
	if (!found)
		return missing(a, "the data that the model was trained on is not registered any more");
	/* The date in the store has no seal. It is not later than what has one: the registration of the version
	 * in the ledger, and the start of the run. */
	const struct ledger_version *v = ledger_version_find(g->t->state, g->v->model, g->v->version);
	if (v && v->at < row.created)
		row.created = v->at;
	if (own->run && store_run_get(g->t->store, own->run, g->mem, &run, &unimportant) == 0 && run.started &&
	    run.started < row.created)
		row.created = run.started;
	/* Whole days: what was true this morning is not another result this afternoon. */
	a->measured = floor((double)(g->now - row.created) / DAY_MS);
	a->candidate = a->measured;
	a->result = policy_gate_decide(gate, a->measured, a->measured, a->measured);
	a->why = arena_printf(g->mem, "%s@%lld was registered %.0f days ago", row.name, (long long)row.version,
	                      a->measured);
	return 0;
}

/* Columns whose type or roles differ between two versions, the first of them in words; NULL: none. */
static const char *broken_column(struct gate_run *g, const struct dataset_row *train,
                                 const struct dataset_row *test)
{
	for (size_t i = 0; i < train->column_count; i++) {
		const struct dataset_column *a = &train->columns[i], *b = NULL;
		for (size_t k = 0; k < test->column_count && !b; k++)
			if (strcmp(test->columns[k].name, a->name) == 0)
				b = &test->columns[k];
		if (!b)
			return arena_printf(g->mem, "%s@%lld has no column %s", test->name, (long long)test->version,
			                    a->name);
		if (strcmp(a->type, b->type) != 0)
			return arena_printf(g->mem, "the column %s is %s in %s@%lld and %s in %s@%lld", a->name, a->type,
			                    train->name, (long long)train->version, b->type, test->name,
			                    (long long)test->version);
		if (strcmp(a->roles, b->roles) != 0)
			return arena_printf(g->mem, "the column %s is %s in %s@%lld and %s in %s@%lld", a->name,
			                    *a->roles ? a->roles : "without a role", train->name,
			                    (long long)train->version, *b->roles ? b->roles : "without a role",
			                    test->name, (long long)test->version);
	}
	return NULL;
}

/* The version of that digest, if its rows are what was registered; else *why says what is wrong. */
static int by_digest(struct gate_run *g, const char *digest, struct dataset_row *out, const char **why,
                     struct error *err)
{
	struct dataset_row row;
	struct work_data data;
	struct error fault;
	bool found = false;
	if (digest && store_dataset_by_digest(g->t->store, digest, g->mem, &row, &found, err) != 0)
		return -1;
	if (!found) {
		*why = "its training or test data is not registered any more";
		return 0;
	}
	if (work_data_find_id(g->t->store, row.id, &data, &fault) != 0) {
		*why = arena_strdup(g->mem, fault.text);
		return 0;
	}
	work_data_release(&data);
	return store_dataset_get(g->t->store, row.id, g->mem, out, err);
}

static int compute_contract(struct gate_run *g, struct gate_answer *a, struct error *err)
{
	struct gate_model *own = gate_model(g, g->v->model, g->v->version, g->v->subject, err);
	struct dataset_row train, test;
	struct str problems;
	const char *why = NULL;
	if (!own)
		return -1;
	if (own->why)
		return missing(a, own->why);
	if (!own->info.test_version) {
		a->result = GATE_PASS;
		a->why = "the test cases are a part of the training data";
		return 0;
	}
	if (by_digest(g, own->info.data_version, &train, &why, err) != 0 ||
	    by_digest(g, own->info.test_version, &test, &why, err) != 0)
		return -1;
	if (why)
		return missing(a, why);
	struct gate_cases *c = gate_cases(g, own, "test", err);
	if (!c)
		return -1;
	if (!c->data || !c->data->loaded)
		return missing(a, c->why);
	gate_uses_table(g, c->data);
	str_init(&problems);
	a->why = broken_column(g, &train, &test);
	if (!a->why && model_check(own->model, &c->data->table, &problems) > 0)
		a->why = arena_memdup0(g->mem, problems.data, strcspn(problems.data, "\n"));
	str_release(&problems);
	a->result = a->why ? GATE_FAIL : GATE_PASS;
	return 0;
}

static int compute_manifest(struct gate_run *g, struct gate_answer *a, struct error *err)
{
	const char *problem;
	if (manifest_check(g->t->store, g->v->subject, g->mem, NULL, NULL, &problem, err) != 0)
		return -1;
	a->result = problem ? GATE_FAIL : GATE_PASS;
	a->why = problem;
	return 0;
}

int gate_compute(struct gate_run *g, const struct policy_gate *gate, struct gate_answer *a, struct error *err)
{
	*a = (struct gate_answer){.measured = NAN,
	                          .low = NAN,
	                          .high = NAN,
	                          .level = NAN,
	                          .champion = NAN,
	                          .candidate = NAN,
	                          .result = GATE_MISSING};
	str_init(&a->settings);
	switch (gate->kind) {
	case POLICY_METRIC:
		return compute_metric(g, gate, a, err);
	case POLICY_CHAMPION:
		return compute_champion(g, gate, a, err);
	case POLICY_BIAS:
		return compute_bias(g, gate, a, err);
	case POLICY_DATA_AGE:
		return compute_data_age(g, gate, a, err);
	case POLICY_CONTRACT:
		return compute_contract(g, a, err);
	case POLICY_MANIFEST:
		return compute_manifest(g, a, err);
	case POLICY_REPLAY:
		return missing(a, "the run was not replayed");
	case POLICY_SCAN:
		return missing(a, "its files were not scanned");
	}
	return missing(a, "this version of Assay does not know the gate");
}
