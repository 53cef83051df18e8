/* Gates: each kind passing, failing and not to be computed (test_work_gates_forged.c: that only what Assay computed
 * counts). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/gates_scene.h"

/* The cases of the run's own evaluation, by the public way. */
static void own_cases(struct gates_scene *s, size_t at, double **score, uint8_t **label, size_t *n)
{
	struct error err;
	struct store_evaluation *e;
	struct work_predictions p;
	size_t count;
	scene_must(store_evaluations(s->f.store, s->v.run, s->mem, &e, &count, &err), &err);
	assert_true(count > at);
	scene_must(work_predictions(s->f.store, &e[at], &p, &err), &err);
	*n = p.n;
	*score = arena_array(s->mem, p.n, sizeof **score);
	*label = arena_array(s->mem, p.n, 1);
	for (size_t i = 0; i < p.n; i++) {
		(*score)[i] = p.score[i];
		(*label)[i] = p.label[i] == 1;
	}
	work_predictions_release(&p);
}

/* ---- metrics ---- */

static void metrics_are_measured_with_their_intervals(void **state)
{
	(void)state;
	struct gates_scene s;
	scene_begin(&s,
	            "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n"
	            "[gate auc.high]\nkind = metric\nmetric = auc\nlimit = >= 0.99\n"
	            "[gate auc.value]\nkind = metric\nmetric = auc\nlimit = >= 0.7\nbound = value\n"
	            "[gate accuracy]\nkind = metric\nmetric = accuracy\nlimit = >= 0.5\nthreshold = 0.4\n"
	            "[gate brier]\nkind = metric\nmetric = brier\nlimit = <= 0.24\n"
	            "[gate brier.low]\nkind = metric\nmetric = brier\nlimit = <= 0.01\n"
	            "[gate loss]\nkind = metric\nmetric = log_loss\nlimit = <= 0.69\n"
	            "[gate ap]\nkind = metric\nmetric = average_precision\nlimit = >= 0.5\n"
	            "[gate ece]\nkind = metric\nmetric = ece\nlimit = <= 0.3\n"
	            "[gate production-only]\nstages = production\nkind = metric\nmetric = auc\nlimit = >= 0.6\n"
	            "[gate r2]\nkind = metric\nmetric = r2\nlimit = >= 0.1\n"
	            "[gate odd]\nkind = metric\nmetric = gini\nlimit = >= 0.1\n",
	            "set-test", NULL);
	double *score;
	uint8_t *label;
	size_t n;
	struct auc auc;
	struct confusion c;
	double low, high;
	scene_compute(&s);
	assert_int_equal(s.g.count, 11);
	own_cases(&s, 0, &score, &label, &n);
	stats_auc(score, label, n, 0.95, &auc);
	const struct ledger_gate *g = &s.g.gates[scene_gate(&s, "auc")];
	assert_true(g->measured == auc.value && g->low == auc.low && g->high == auc.high && g->level == 0.95);
	assert_string_equal(g->rule, "low>=0.6");
	assert_int_equal(strlen(g->settings), 64);
	scene_expect(&s, "auc", GATE_PASS, NULL);
	scene_expect(&s, "auc.high", GATE_FAIL, NULL);
	scene_expect(&s, "auc.value", GATE_PASS, NULL);
	stats_confusion(score, label, n, 0.4, &c);
	stats_wilson((double)(c.tp + c.tn), (double)n, 0.95, &low, &high);
	g = &s.g.gates[scene_gate(&s, "accuracy")];
	assert_true(g->measured == (double)(c.tp + c.tn) / (double)n && g->low == low && g->high == high);
	g = &s.g.gates[scene_gate(&s, "brier")];
	assert_true(g->measured == stats_brier(score, label, n));
	assert_true(g->low < g->measured && g->measured < g->high && g->high - g->low < 0.1);
	scene_expect(&s, "brier", GATE_PASS, NULL);
	scene_expect(&s, "brier.low", GATE_FAIL, NULL);
	scene_expect(&s, "loss", GATE_PASS, NULL);
	scene_expect(&s, "ap", GATE_PASS, NULL);
	scene_expect(&s, "ece", GATE_PASS, NULL);
	scene_expect(&s, "r2", GATE_MISSING, "probability");
	scene_expect(&s, "odd", GATE_MISSING, "no metric gini");
	scene_end(&s);

	/* The limit lies within the interval: nobody knows. */
	char *gates = xasprintf("[gate auc]\nkind = metric\nmetric = auc\nlimit = >= %.6f\n", auc.value - 0.001);
	scene_begin(&s, gates, "set-test", NULL);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_UNDECIDED, NULL);
	scene_end(&s);
	free(gates);
}

static void the_data_of_a_gate_is_what_the_policy_names(void **state)
{
	(void)state;
	struct gates_scene s;
	scene_begin(&s,
	            "[gate other]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = other\n"
	            "[gate test]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = test\n"
	            "[gate newest]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n"
	            "[gate split]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = split\n"
	            "[gate train]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = set\n"
	            "[gate nowhere]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = nowhere\n",
	            "set-test", NULL);
	struct store_evaluation *e;
	struct error err;
	size_t count;
	char me[512];
	work_user(me, sizeof me);
	scene_compute(&s);
	scene_expect(&s, "other", GATE_PASS, NULL);
	scene_expect(&s, "test", GATE_PASS, NULL);
	assert_true(s.g.gates[scene_gate(&s, "test")].measured == s.g.gates[scene_gate(&s, "newest")].measured);
	assert_true(s.g.gates[scene_gate(&s, "test")].measured != s.g.gates[scene_gate(&s, "other")].measured);
	scene_expect(&s, "split", GATE_MISSING, "split");
	scene_expect(&s, "train", GATE_MISSING, "trained on");
	scene_expect(&s, "nowhere", GATE_MISSING, "nowhere");
	/* What was missing was made, once, by whoever ran the gates. */
	scene_must(store_evaluations(s.f.store, s.v.run, s.mem, &e, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(e[1].producer, me);
	scene_compute(&s);
	scene_must(store_evaluations(s.f.store, s.v.run, s.mem, &e, &count, &err), &err);
	assert_int_equal(count, 2);
	scene_end(&s);

	scene_begin(&s,
	            "[gate split]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = split\n"
	            "[gate test]\nkind = metric\nmetric = auc\nlimit = >= 0.6\ndata = test\n"
	            "[gate newest]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n",
	            NULL, NULL);
	scene_compute(&s);
	scene_expect(&s, "split", GATE_PASS, NULL);
	scene_expect(&s, "newest", GATE_PASS, NULL);
	scene_expect(&s, "test", GATE_MISSING, "without a test set");
	scene_end(&s);
}

static void what_is_not_a_number_does_not_pass(void **state)
{
	(void)state;
	struct gates_scene s;
	struct error err;
	struct reading reading;
	struct work_data_added added;
	scene_begin(&s, "[gate one]\nkind = metric\nmetric = auc\nlimit = >= 0\ndata = one\n", "set-test", NULL);
	char *file = path_join(s.f.folder, "one.csv");
	static const char csv[] =
	    "case,x,noise,colour,y\na,1.5,0.5,red,good\nb,0.5,0.25,blue,good\nc,1.1,0.1,red,good\n";
	const char *const paths[] = {file};
	scene_must(file_write_atomic(file, csv, strlen(csv), 0644, &err), &err);
	reading_init(&reading);
	scene_must(reading_set(&reading, "label", "y", &err), &err);
	scene_must(reading_set(&reading, "positive", "good", &err), &err);
	scene_must(reading_set(&reading, "id", "case", &err), &err);
	scene_must(work_data_add(s.f.store, "one", paths, 1, &reading, NULL, &added, &err), &err);
	scene_compute(&s);
	scene_expect(&s, "one", GATE_MISSING, "one class");
	str_release(&added.notes);
	reading_release(&reading);
	free(file);
	scene_end(&s);
}

/* ---- the row ---- */

static void results_are_a_row_once(void **state)
{
	(void)state;
	struct gates_scene s;
	struct ledger_facts facts;
	struct ledger_row *rows;
	struct ledger_text text;
	struct error err;
	struct str json;
	size_t count;
	scene_begin(&s,
	            "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n[gate manifest]\nkind = manifest\n",
	            "set-test", NULL);
	scene_compute(&s);
	int64_t row = s.g.row;
	scene_compute(&s);
	assert_int_equal(s.g.row, row);
	scene_must(ledger_rows(work_trust_ledger(s.f.trust), row, 0, s.mem, &rows, &count, &err), &err);
	assert_int_equal(count, 1);
	scene_must(ledger_text_parse(rows[0].body, rows[0].body_len, s.mem, &text, &err), &err);
	assert_int_equal(text.kind, LEDGER_GATE_RESULTS);
	assert_string_equal(text.subject, s.v.subject);
	assert_int_equal(text.gate_count, 2);
	/* Data that the run read and data that was measured on; evidence, and who made it. */
	assert_int_equal(text.data_count, 3);
	assert_int_equal(text.evidence_count, 2);
	const char *producers = NULL;
	for (size_t i = 0; i < text.evidence_count; i++)
		if (strcmp(text.evidence[i].kind, "producers") == 0)
			producers = text.evidence[i].digest;
	assert_non_null(producers);
	str_init(&json);
	scene_must(store_object_read(s.f.store, producers, &json, 0, &err), &err);
	assert_non_null(strstr(json.data, "{\"kind\":\"producers\",\"producers\":[{\"evidence\":\"sha256:"));
	str_release(&json);
	scene_must(work_facts(s.f.trust, &s.v, "staging", s.mem, &facts, &err), &err);
	assert_int_equal(facts.gate_count, 2);
	assert_int_equal(facts.evidence_count, 2);
	assert_int_equal(facts.data_count, 3);
	scene_must(work_facts(s.f.trust, &s.v, "production", s.mem, &facts, &err), &err);
	assert_int_equal(facts.gate_count, 0);
	assert_int_equal(work_gates(s.f.trust, &s.v, "prodution", s.mem, &s.g, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "did you mean production"));
	/* Another handle finds the same. */
	registry_fixture_reopen(&s.f);
	scene_compute(&s);
	assert_int_equal(s.g.row, row);
	scene_end(&s);
}

/* ---- the champion ---- */

/* Puts a version into the stage, for this process: what a promotion would have done. */
static void crown(struct gates_scene *s, struct ledger_stage *place, const struct work_version *v)
{
	struct ledger_state *state = (struct ledger_state *)work_trust_state(s->f.trust);
	*place = (struct ledger_stage){.model = "credit", .stage = "staging", .version = v->version};
	memcpy(place->subject, v->subject, sizeof place->subject);
	state->stages = place;
	state->stage_count = 1;
}

static void the_champion_is_compared_on_the_same_cases(void **state)
{
	(void)state;
	struct gates_scene s;
	struct work_version first, blind;
	struct ledger_stage place;
	struct auc_pair pair;
	double *a, *b;
	uint8_t *label;
	size_t n;
	scene_begin(&s,
	            "[gate auc]\nkind = champion\nmetric = auc\nlimit = >= 0\n"
	            "[gate near]\nkind = champion\nmetric = auc\nlimit = >= -0.9\n"
	            "[gate brier]\nkind = champion\nmetric = brier\nlimit = <= 0\n"
	            "[gate accuracy]\nkind = champion\nmetric = accuracy\nlimit = >= 0\n"
	            "[gate r2]\nkind = champion\nmetric = r2\nlimit = >= 0\n",
	            "set-test", NULL);
	/* Nobody is there: nothing to be worse than, and no number is made up. */
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_PASS, "no champion");
	assert_true(isnan(s.g.gates[scene_gate(&s, "auc")].measured));
	assert_string_equal(s.g.gates[scene_gate(&s, "auc")].settings, "");
	first = s.v;
	registry_fixture_run(&s.f, "blind", "set-test", "x");
	registry_fixture_register(&s.f, "blind", "credit", s.mem, &blind);

	/* Against itself: exactly no difference. */
	crown(&s, &place, &first);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_PASS, NULL);
	assert_true(s.g.gates[scene_gate(&s, "auc")].measured == 0);
	scene_expect(&s, "brier", GATE_PASS, NULL);

	/* One that does not see what matters is worse. */
	s.v = blind;
	crown(&s, &place, &first);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_FAIL, NULL);
	scene_expect(&s, "near", GATE_PASS, NULL);
	scene_expect(&s, "brier", GATE_FAIL, NULL);
	scene_expect(&s, "accuracy", GATE_FAIL, NULL);
	scene_expect(&s, "r2", GATE_MISSING, NULL);
	own_cases(&s, 0, &a, &label, &n);
	s.v = first;
	own_cases(&s, 0, &b, &label, &n);
	stats_auc_pair(a, b, label, n, 0.95, &pair);
	const struct ledger_gate *g = &s.g.gates[scene_gate(&s, "auc")];
	assert_true(g->measured == pair.difference && g->low == pair.low && g->high == pair.high);
	assert_true(s.g.champion[scene_gate(&s, "auc")] == pair.b.value &&
	            s.g.candidate[scene_gate(&s, "auc")] == pair.a.value);
	crown(&s, &place, &blind);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_PASS, NULL);
	scene_expect(&s, "brier", GATE_PASS, NULL);
	scene_end(&s);
}

static void a_champion_of_other_cases_cannot_be_compared(void **state)
{
	(void)state;
	struct gates_scene s;
	struct work_version split;
	struct ledger_stage place;
	scene_begin(&s, "[gate auc]\nkind = champion\nmetric = auc\nlimit = >= 0\ndata = split\n", "set-test",
	            NULL);
	registry_fixture_run(&s.f, "split", NULL, NULL);
	registry_fixture_register(&s.f, "split", "credit", s.mem, &split);
	/* The champion was tested on a set of its own: it kept nothing back of these. */
	crown(&s, &place, &s.v);
	s.v = split;
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_MISSING, "version 1");
	scene_end(&s);
}

/* ---- bias ---- */

static void bias_is_measured_by_group(void **state)
{
	(void)state;
	struct gates_scene s;
	scene_begin(
	    &s,
	    "[gate parity]\nkind = bias\nmeasure = demographic_parity_difference\nby = colour\nlimit = <= 0.6\n"
	    "minimum = 30\n"
	    "[gate tight]\nkind = bias\nmeasure = demographic_parity_difference\nby = colour\nlimit = <= "
	    "0.00001\n"
	    "minimum = 30\n"
	    "[gate few]\nkind = bias\nmeasure = demographic_parity_difference\nby = colour\nlimit = <= 0.6\n"
	    "minimum = 200\n"
	    "[gate odd]\nkind = bias\nmeasure = niceness\nby = colour\nlimit = <= 0.6\n"
	    "[gate nobody]\nkind = bias\nmeasure = demographic_parity_difference\nby = sex\nlimit = <= 0.6\n",
	    "set-test", NULL);
	scene_compute(&s);
	scene_expect(&s, "parity", GATE_PASS, NULL);
	assert_true(s.g.gates[scene_gate(&s, "tight")].result != GATE_PASS);
	scene_expect(&s, "few", GATE_UNDECIDED, "too few");
	scene_expect(&s, "odd", GATE_MISSING, "niceness");
	scene_expect(&s, "nobody", GATE_MISSING, "sex");
	size_t reports = 0;
	for (size_t i = 0; i < s.g.evidence_count; i++)
		reports += strcmp(s.g.evidence[i].kind, "bias-report") == 0;
	assert_true(reports >= 1);
	int64_t row = s.g.row;
	scene_compute(&s);
	assert_int_equal(s.g.row, row);
	scene_end(&s);
}

/* ---- what has no metric ---- */

static void files_data_and_schema_are_looked_at(void **state)
{
	(void)state;
	struct gates_scene s;
	scene_begin(
	    &s,
	    "[gate manifest]\nkind = manifest\n[gate contract]\nkind = contract\n"
	    "[gate age]\nkind = data-age\nlimit = <= 30\n[gate replay]\nkind = replay\n[gate scan]\nkind = "
	    "scan\n",
	    "set-test", NULL);
	scene_compute(&s);
	scene_expect(&s, "manifest", GATE_PASS, NULL);
	scene_expect(&s, "contract", GATE_PASS, NULL);
	scene_expect(&s, "age", GATE_PASS, NULL);
	assert_true(s.g.gates[scene_gate(&s, "age")].measured == 0);
	scene_expect(&s, "replay", GATE_MISSING, "replayed");
	scene_expect(&s, "scan", GATE_MISSING, "scanned");
	assert_string_equal(s.g.gates[scene_gate(&s, "manifest")].rule, "intact");

	registry_fixture_sql(&s.f, "assay.db", "UPDATE dataset_version SET created = created - 3456000000");
	scene_compute(&s);
	scene_expect(&s, "age", GATE_FAIL, "40 days");

	char *object = store_object_path(s.f.store, s.v.files[0].digest);
	assert_int_equal(truncate(object, 0) == 0 || (chmod(object, 0644) == 0 && truncate(object, 0) == 0), 1);
	scene_compute(&s);
	scene_expect(&s, "manifest", GATE_FAIL, "not what it was");
	/* Without its files nothing else of it can be known. */
	scene_expect(&s, "contract", GATE_MISSING, NULL);
	scene_expect(&s, "age", GATE_MISSING, NULL);
	free(object);
	scene_end(&s);
}

static void a_broken_schema_fails_the_contract(void **state)
{
	(void)state;
	struct gates_scene s;
	struct error err;
	struct reading reading;
	struct work_data_added added;
	scene_begin(&s, "[gate contract]\nkind = contract\n", "set-test", NULL);
	char *file = path_join(s.f.folder, "set-test.csv");
	const char *const paths[] = {file};
	reading_init(&reading);
	scene_must(reading_set(&reading, "label", "y", &err), &err);
	scene_must(reading_set(&reading, "positive", "good", &err), &err);
	scene_must(reading_set(&reading, "id", "case", &err), &err);
	scene_must(reading_set(&reading, "type", "noise=cat", &err), &err);
	scene_must(work_data_add(s.f.store, "odd-test", paths, 1, &reading, NULL, &added, &err), &err);
	registry_fixture_run(&s.f, "odd", "odd-test", "noise");
	registry_fixture_register(&s.f, "odd", "credit", s.mem, &s.v);
	scene_compute(&s);
	scene_expect(&s, "contract", GATE_FAIL, "noise");
	str_release(&added.notes);
	reading_release(&reading);
	free(file);
	scene_end(&s);
	/* A split is a part of the training data. */
	scene_begin(&s, "[gate contract]\nkind = contract\n", NULL, NULL);
	scene_compute(&s);
	scene_expect(&s, "contract", GATE_PASS, "part of the training data");
	scene_end(&s);
}

/* ---- intervals by resampling ---- */

static void resampling_does_not_depend_on_threads(void **state)
{
	(void)state;
	enum { N = 400 };
	double a[N], b[N];
	uint8_t label[N];
	struct rng r;
	struct stats_resampled one, four, same;
	rng_init(&r, 9, 0);
	for (int i = 0; i < N; i++) {
		a[i] = rng_unit(&r);
		b[i] = a[i] * 0.9 + 0.05;
		label[i] = rng_unit(&r) < a[i];
	}
	const struct stats_cases alone = {.score = a, .label = label, .n = N, .threshold = 0.5},
	                         pair = {.score = a, .against = b, .label = label, .n = N, .threshold = 0.5},
	                         self = {.score = a, .against = a, .label = label, .n = N, .threshold = 0.5};
	for (int metric = STATS_AVERAGE_PRECISION; metric <= STATS_MCE; metric++) {
		enum stats_metric m = (enum stats_metric)metric;
		stats_resample(&alone, m, 500, 1, 0.95, 1, &one);
		stats_resample(&alone, m, 500, 1, 0.95, 4, &four);
		assert_true(one.value == four.value && one.low == four.low && one.high == four.high);
		assert_true(one.low < one.high && one.undefined == 0);
		stats_resample(&pair, m, 500, 1, 0.95, 1, &one);
		assert_true(one.value == one.a - one.b);
		stats_resample(&self, m, 500, 1, 0.95, 1, &same);
		assert_true(same.value == 0 && same.low == 0 && same.high == 0);
	}
	/* For a mean the percentiles are those of the normal law, but for chance. */
	double sum = 0, square = 0;
	for (int i = 0; i < N; i++) {
		double miss = (a[i] - label[i]) * (a[i] - label[i]);
		sum += miss / N;
		square += miss * miss / N;
	}
	double half = 1.96 * sqrt((square - sum * sum) / N);
	stats_resample(&alone, STATS_BRIER, 4000, 1, 0.95, 0, &one);
	assert_true(fabs(one.low - (sum - half)) < 0.1 * half && fabs(one.high - (sum + half)) < 0.1 * half);
	/* Without a positive case there is no average precision. */
	memset(label, 0, sizeof label);
	stats_resample(&alone, STATS_AVERAGE_PRECISION, 100, 1, 0.95, 1, &one);
	assert_true(isnan(one.value) && isnan(one.low));
	label[0] = 1;
	stats_resample(&alone, STATS_AVERAGE_PRECISION, 500, 1, 0.95, 1, &one);
	assert_true(!isnan(one.value) && isnan(one.low) && one.undefined > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(metrics_are_measured_with_their_intervals),
	    cmocka_unit_test(the_data_of_a_gate_is_what_the_policy_names),
	    cmocka_unit_test(what_is_not_a_number_does_not_pass),
	    cmocka_unit_test(results_are_a_row_once),
	    cmocka_unit_test(the_champion_is_compared_on_the_same_cases),
	    cmocka_unit_test(a_champion_of_other_cases_cannot_be_compared),
	    cmocka_unit_test(bias_is_measured_by_group),
	    cmocka_unit_test(files_data_and_schema_are_looked_at),
	    cmocka_unit_test(a_broken_schema_fails_the_contract),
	    cmocka_unit_test(resampling_does_not_depend_on_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
