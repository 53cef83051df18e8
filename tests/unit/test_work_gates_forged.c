/* Gates: only what Assay computed counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/gates_scene.h"

/* Predictions as somebody would like them to be, in the place of those that were kept. */
static void forge(struct gates_scene *s)
{
	struct error err;
	struct store_evaluation *e;
	struct str text, better;
	size_t count;
	char hex[SHA256_TEXT], *sql;
	str_init(&text);
	str_init(&better);
	scene_must(store_evaluations(s->f.store, s->v.run, s->mem, &e, &count, &err), &err);
	scene_must(store_object_read(s->f.store, e[count - 1].predictions, &text, 0, &err), &err);
	char *body = strstr(text.data, "\n\n") + 2;
	str_add(&better, text.data, (size_t)(body - text.data));
	for (char *line = body, *next; *line; line = next) {
		next = strchr(line, '\n') + 1;
		str_addf(&better, "%.*s,%s\n", (int)strcspn(line, ","), line, (line - body) % 2 ? "0.9" : "0.1");
	}
	scene_must(store_object_put(s->f.store, better.data, better.len, hex, &err), &err);
	sql = xasprintf("UPDATE evaluation SET predictions = '%s'", hex);
	registry_fixture_sql(&s->f, "assay.db", sql);
	free(sql);
	str_release(&text);
	str_release(&better);
}

static void forged_predictions_are_no_evidence(void **state)
{
	(void)state;
	struct gates_scene s;
	static const char gates[] = "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n";
	scene_begin(&s, gates, "set-test", NULL);
	scene_compute(&s);
	double truth = s.g.gates[0].measured;
	forge(&s);
	/* What the model really gives is computed anew. */
	scene_compute(&s);
	assert_true(s.g.gates[0].measured == truth);
	scene_end(&s);
	/* Which cases were kept back is known from the kept predictions alone. */
	scene_begin(&s, gates, NULL, NULL);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_PASS, NULL);
	forge(&s);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_MISSING, "not those that the model gives");
	scene_end(&s);
}

/* Gives every evaluation evidence that praises more than its predictions do. */
static void forge_evidence(struct gates_scene *s)
{
	struct store_evaluation *e;
	struct str text, better;
	struct error err;
	size_t count;
	char hex[SHA256_TEXT], *sql;
	str_init(&text);
	str_init(&better);
	scene_must(store_evaluations(s->f.store, s->v.run, s->mem, &e, &count, &err), &err);
	scene_must(store_object_read(s->f.store, e[0].evidence, &text, 0, &err), &err);
	const char *at = strstr(text.data, "\"accuracy\":");
	assert_non_null(at);
	at = strstr(at, "0.");
	assert_non_null(at);
	str_addf(&better, "%.*s0.99%s", (int)(at - text.data), text.data, at + 2);
	scene_must(store_object_put(s->f.store, better.data, better.len, hex, &err), &err);
	sql = xasprintf("UPDATE evaluation SET evidence = '%s'", hex);
	registry_fixture_sql(&s->f, "assay.db", sql);
	free(sql);
	str_release(&text);
	str_release(&better);
}

static void forged_evidence_is_none(void **state)
{
	(void)state;
	struct gates_scene s;
	scene_begin(&s, "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n", NULL, NULL);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_PASS, NULL);
	forge_evidence(&s);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_MISSING, "does not say what its predictions say");
	scene_end(&s);
}

static void edited_data_sets_are_not_measured_on(void **state)
{
	(void)state;
	struct gates_scene s;
	static const char gates[] = "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.6\n"
	                            "[gate kept]\nkind = contract\n"
	                            "[gate age]\nkind = data-age\nlimit = <= 30\n";
	static const char *const edits[] = {
	    "UPDATE dataset_version SET reading = replace(reading, 'good', 'bad')",
	    "UPDATE dataset_column SET roles = 'protected' WHERE name = 'colour'",
	    "UPDATE dataset_file SET rows = 0, digest = replace(digest, substr(digest, 1, 8), '00000000')",
	};
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		scene_begin(&s, gates, "set-test", NULL);
		scene_compute(&s);
		scene_expect(&s, "auc", GATE_PASS, NULL);
		scene_expect(&s, "kept", GATE_PASS, NULL);
		registry_fixture_sql(&s.f, "assay.db", edits[i]);
		scene_compute(&s);
		scene_expect(&s, "auc", GATE_MISSING, "not what was registered");
		scene_expect(&s, "kept", GATE_MISSING, "not what was registered");
		scene_end(&s);
	}
	/* What has no seal, the date, is bounded by what has one: the start of the run that read it. */
	scene_begin(&s, gates, "set-test", NULL);
	registry_fixture_sql(&s.f, "assay.db", "UPDATE dataset_version SET created = created + 86400000000");
	scene_compute(&s);
	scene_expect(&s, "age", GATE_PASS, "registered 0 days ago");
	assert_true(s.g.gates[scene_gate(&s, "age")].measured == 0);
	scene_end(&s);
}

static size_t reports(struct gates_scene *s)
{
	struct store_bias_report *b;
	struct store_evaluation *e;
	struct error err;
	struct manifest_file *files;
	const char *problem;
	size_t reports, evaluations, count;
	scene_must(manifest_check(s->f.store, s->v.subject, s->mem, &files, &count, &problem, &err), &err);
	assert_int_equal(count, 1);
	scene_must(store_bias_reports(s->f.store, files[0].digest, s->mem, &b, &reports, &err), &err);
	scene_must(store_evaluations(s->f.store, s->v.run, s->mem, &e, &evaluations, &err), &err);
	return reports + evaluations;
}

static void who_only_signs_makes_nothing(void **state)
{
	(void)state;
	struct gates_scene s;
	struct error err;
	scene_begin(
	    &s,
	    "[gate auc]\nkind = metric\nmetric = auc\ndata = other\nlimit = >= 0.1\n"
	    "[gate parity]\nkind = bias\nmeasure = demographic_parity_difference\nby = colour\nlimit = <= 0.5\n",
	    "set-test", NULL);
	scene_compute(&s);
	size_t before = reports(&s);
	scene_must(gates_confirm(s.f.trust, &s.v, "staging", s.mem, &err), &err);
	assert_int_equal(reports(&s), before);
	registry_fixture_sql(&s.f, "assay.db", "DELETE FROM evaluation; DELETE FROM bias_report");
	registry_fixture_reopen(&s.f);
	assert_int_equal(gates_confirm(s.f.trust, &s.v, "staging", s.mem, &err), -1);
	assert_int_equal(err.code, ERR_STALE);
	assert_non_null(strstr(err.text, "`assay gate credit@1 staging`"));
	assert_int_equal(reports(&s), 0);
	scene_end(&s);
}

static void what_a_program_reports_never_counts(void **state)
{
	(void)state;
	struct gates_scene s;
	struct error err;
	const struct point perfect = {.step = 1, .value = 1};
	scene_begin(&s, "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.1\n", NULL, NULL);
	registry_fixture_sql(&s.f, "assay.db", "DELETE FROM evaluation");
	scene_must(store_series_append(s.f.store, s.v.run, SERIES_METRIC, "auc", "", &perfect, 1, &err), &err);
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_MISSING, "no predictions");
	scene_end(&s);
	/* Nor does an evaluation of which nobody knows who made it. */
	scene_begin(&s, "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.1\n", NULL, NULL);
	registry_fixture_sql(&s.f, "assay.db", "UPDATE evaluation SET producer = NULL");
	scene_compute(&s);
	scene_expect(&s, "auc", GATE_MISSING, "no predictions");
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forged_predictions_are_no_evidence),
	    cmocka_unit_test(forged_evidence_is_none),
	    cmocka_unit_test(edited_data_sets_are_not_measured_on),
	    cmocka_unit_test(who_only_signs_makes_nothing),
	    cmocka_unit_test(what_a_program_reports_never_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
