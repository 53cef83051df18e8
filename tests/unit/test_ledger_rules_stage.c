/* Going back, stopping, going on, breaking the glass, and use: a test a rule (src/ledger/rules.h). */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../lib/ledger_world.h"

static struct world w;
static struct error err;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	err = (struct error){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_release(&w);
	return 0;
}

static void use(const char *piece)
{
	err = (struct error){0};
	if (!ledger_may_use(rows_state(&w.r), "credit", w.stage, w.r.now, &err)) {
		if (piece)
			fail_msg("it may be used");
		return;
	}
	assert_int_equal(err.code, ERR_NO);
	if (!piece || !strstr(err.text, piece))
		fail_msg("\"%s\" does not say \"%s\"", err.text, piece ? piece : "nothing");
}

static void version(int64_t v)
{
	w.version = v;
	w.facts.subject[0] = '\0';
}

/* Version 1, then 2 in production; the row that put 1 there. */
static int64_t two_promotions(void)
{
	int64_t first = world_promoted(&w);

	version(2);
	world_promoted(&w);
	version(1);
	return first;
}

static struct ledger_text back_to(int64_t row, const char *who)
{
	struct ledger_text t = world_text(&w, LEDGER_ROLLBACK, who);

	t.target = row;
	t.reason = "errors in the night";
	return t;
}

/* ---- rollback (requirement T13) ---- */

static void rollback_by_an_operator(void **state)
{
	(void)state;
	int64_t first = two_promotions();

	world_expect_void(&w, world_sign(&w, back_to(first, "alice@lab")), "only an operator rolls back");
	world_expect_stands(&w, world_sign(&w, back_to(first, "otto@lab")));
}

static void rollback_to_a_proper_promotion(void **state)
{
	(void)state;
	int64_t glass = world_break_glass(&w, "olga@lab");

	version(2);
	world_promoted(&w);
	version(1);
	world_expect_void(&w, world_rollback(&w, glass), "never properly promoted");
	world_expect_void(&w, world_rollback(&w, 2), "put nothing into a stage");
}

static void rollback_names_what_was_promoted(void **state)
{
	(void)state;
	int64_t first = two_promotions();
	struct ledger_text t = back_to(first, "olga@lab");

	snprintf(t.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
	world_expect_void(&w, world_sign(&w, t), "other than this text says");
	t = back_to(first, "olga@lab");
	t.version = 2;
	world_expect_void(&w, world_sign(&w, t), "other than this text says");
	t = back_to(first, "olga@lab");
	t.stage = "dev";
	world_expect_void(&w, world_sign(&w, t), "other than this text says");
}

static void rollback_to_another_version(void **state)
{
	(void)state;
	int64_t first = world_promoted(&w);

	world_expect_void(&w, world_rollback(&w, first), "is what is in production now");
}

static void rollback_not_to_what_was_halted(void **state)
{
	(void)state;
	int64_t first = world_promoted(&w), second;

	version(2);
	second = world_promoted(&w);
	world_halt(&w, "bob@lab");
	version(1);
	world_expect_stands(&w, world_rollback(&w, first));
	version(2);
	world_expect_void(&w, world_rollback(&w, second), "was halted in production");
}

static void rollback_needs_intact_files(void **state)
{
	(void)state;
	int64_t first = two_promotions();
	struct ledger_text t = back_to(first, "olga@lab");

	memcpy(t.store, ROWS_STORE, sizeof t.store);
	w.facts.now = w.r.now;
	memcpy(w.facts.subject, t.subject, sizeof w.facts.subject);
	assert_int_equal(ledger_may(rows_state(&w.r), &t, NULL, &w.facts, &err), 0);
	snprintf(w.facts.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
	assert_int_equal(ledger_may(w.r.state, &t, NULL, &w.facts, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
}

static void rollback_needs_a_reason(void **state)
{
	(void)state;
	struct ledger_text t = back_to(two_promotions(), "olga@lab");

	t.reason = NULL;
	world_expect_void(&w, world_sign(&w, t), "give a reason");
}

/* ---- resume (requirement T15) ---- */

static void resume_answers_the_halt(void **state)
{
	(void)state;
	int64_t first = world_promoted(&w), halt;

	world_expect_void(&w, world_resume(&w, "bob@lab", first), "is not the halt");
	halt = world_halt(&w, "bob@lab");
	world_halt(&w, "dave@lab");
	world_expect_void(&w, world_resume(&w, "bob@lab", halt), "is not the halt");
}

static void resume_is_about_what_is_in_the_stage(void **state)
{
	(void)state;
	int64_t halt;

	world_promoted(&w);
	halt = world_halt(&w, "bob@lab");
	version(2);
	world_expect_void(&w, world_resume(&w, "bob@lab", halt), "is version 1, not version 2");
}

static void resume_not_by_an_author(void **state)
{
	(void)state;
	int64_t halt;

	world_register(&w, 3, "vera@gpu1", NULL, "alice@gpu1");
	version(3);
	world_promoted(&w);
	halt = world_halt(&w, "bob@lab");
	world_expect_void(&w, world_resume(&w, "vera@lab", halt), "vera@lab launched the run");
}

static bool halted(void)
{
	return ledger_stage_find(rows_state(&w.r), "credit", "production")->halted;
}

static void resume_needs_the_quorum(void **state)
{
	(void)state;
	int64_t halt;

	world_promoted(&w);
	halt = world_halt(&w, "bob@lab");
	world_resume(&w, "dave@lab", halt);
	assert_true(halted());
	world_resume(&w, "erin@lab", halt); /* two, but no risk-reviewer */
	assert_true(halted());
	world_resume(&w, "carol@lab", halt);
	assert_false(halted());
}

/* ---- break-glass (requirement T14) ---- */

static struct ledger_text glass(const char *who)
{
	struct ledger_text t = world_text(&w, LEDGER_BREAK_GLASS, who);

	t.reason = "INC-12";
	t.expires = w.r.now + DAY / 2;
	w.r.level = 2;
	return t;
}

static void break_glass_for_a_registered_version(void **state)
{
	(void)state;
	version(9);
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "has no version 9");
}

static void break_glass_by_owner_or_operator(void **state)
{
	(void)state;
	world_expect_void(&w, world_break_glass(&w, "bob@lab"), "only an owner or an operator breaks the glass");
	world_expect_stands(&w, world_break_glass(&w, "alice@lab"));
}

static void break_glass_needs_a_touch(void **state)
{
	(void)state;
	struct ledger_text t = glass("olga@lab");

	w.r.level = 1;
	world_expect_void(&w, world_sign(&w, t), "level A2");
}

static void break_glass_needs_a_reason(void **state)
{
	(void)state;
	struct ledger_text t = glass("olga@lab");

	memcpy(t.store, ROWS_STORE, sizeof t.store);
	t.reason = NULL;
	/* Such a text cannot even be written: it is asked before. */
	w.facts.now = w.r.now;
	assert_int_equal(ledger_may(rows_state(&w.r), &t, NULL, &w.facts, &err), -1);
	assert_non_null(strstr(err.text, "names the incident"));
}

static void break_glass_lasts_a_day(void **state)
{
	(void)state;
	struct ledger_text t = glass("olga@lab");

	t.expires = 0;
	world_expect_void(&w, world_sign(&w, t), "ends within 24 hours");
	t = glass("olga@lab");
	t.expires = w.r.now + DAY + 1000;
	world_expect_void(&w, world_sign(&w, t), "ends within 24 hours");
}

static void break_glass_once_at_a_time(void **state)
{
	(void)state;
	int64_t row = world_break_glass(&w, "olga@lab");

	w.stage = "dev";
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "is not reviewed yet");
	w.stage = "production";
	world_retro(&w, "bob@lab", row);
	world_retro(&w, "bob@lab", row);
	w.stage = "dev";
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "is not reviewed yet");
	w.stage = "production";
	world_retro(&w, "carol@lab", row);
	w.stage = "dev";
	world_expect_stands(&w, world_break_glass(&w, "olga@lab"));
}

static void break_glass_never_over_a_failed_scan(void **state)
{
	(void)state;
	enum gate_result *scan = &world_fact(&w, "scan")->result;

	/* By what it says itself, and by the last results of the ledger. */
	*scan = GATE_FAIL;
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "the scan found the model dangerous");
	world_results(&w);
	*scan = GATE_PASS;
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "the scan found the model dangerous");
	/* Other gates can be broken through: that is what it is for. */
	world_fact(&w, "auc")->result = GATE_FAIL;
	world_results(&w);
	world_expect_stands(&w, world_break_glass(&w, "olga@lab"));
}

static void break_glass_not_into_a_halted_stage(void **state)
{
	(void)state;
	world_halt(&w, "bob@lab");
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "is halted");
}

static void retro_review_answers_break_glass(void **state)
{
	(void)state;
	int64_t first = world_promoted(&w);

	world_expect_void(&w, world_retro(&w, "bob@lab", first), "did not break a glass");
	world_expect_void(&w, world_retro(&w, "bob@lab", 1), "did not break a glass");
}

static void retro_review_names_the_stage(void **state)
{
	(void)state;
	int64_t row = world_break_glass(&w, "olga@lab");

	w.stage = "dev";
	world_expect_void(&w, world_retro(&w, "bob@lab", row), "another model or stage");
}

static void retro_review_by_others(void **state)
{
	(void)state;
	int64_t row = world_break_glass(&w, "olga@lab");

	world_expect_void(&w, world_retro(&w, "olga@lab", row), "others review it");
}

/* ---- use ---- */

static void use_needs_a_version(void **state)
{
	(void)state;
	use("credit has no version in production");
	world_propose(&w);
	use("credit has no version in production");
	world_halt(&w, "bob@lab");
	w.stage = "dev";
	use("credit has no version in dev");
}

static void use_stops_at_a_halt(void **state)
{
	(void)state;
	world_promoted(&w);
	use(NULL);
	world_halt(&w, NULL);
	use("is halted, unsigned");
	world_halt(&w, "aud@lab");
	use("is halted (row");
}

static void use_ends_with_break_glass(void **state)
{
	(void)state;
	int64_t row = world_break_glass(&w, "olga@lab");

	use(NULL);
	world_retro(&w, "bob@lab", row);
	world_retro(&w, "dave@lab", row);
	w.r.now += DAY / 2;
	use("ended at");
}

static void use_needs_the_retro_review(void **state)
{
	(void)state;
	int64_t row = world_break_glass(&w, "olga@lab");

	world_retro(&w, "bob@lab", row);
	w.r.now += 3 * DAY;
	use("was not reviewed by 2 others within 3 days");
}

static void use_ends_after_the_grace(void **state)
{
	(void)state;
	world_promoted(&w);
	w.r.now += 194 * DAY - 10000;
	use(NULL); /* overdue, but within the grace */
	assert_true(ledger_stage_find(w.r.state, "credit", "production")->review_by < w.r.now);
	w.r.now += 20000;
	use("was due for review at");
}

static void use_ends_with_its_waiver(void **state)
{
	(void)state;
	struct ledger_waiver line;
	struct ledger_text t;
	int64_t waive;

	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	world_propose(&w);
	waive = world_waive(&w, "carol@lab", "auc", 0.8, w.r.now + DAY);
	line = (struct ledger_waiver){"auc", 0.8, w.r.now - 1000 + DAY, "carol@lab", waive};
	for (int i = 0; i < 2; i++) {
		t = world_text(&w, LEDGER_APPROVE, i ? "dave@lab" : "bob@lab");
		t.waivers = &line;
		t.waiver_count = 1;
		world_sign(&w, t);
	}
	/* The promote text need not say so: the ledger knows what let the gate through. */
	world_expect_stands(&w, world_promote(&w));
	use(NULL);
	w.r.now += DAY;
	use("the waiver of gate auc");
	w.r.now -= DAY;
	world_expect_stands(&w, world_revoke(&w, "carol@lab", waive));
	use("was taken back");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(rollback_by_an_operator),
	    T(rollback_to_a_proper_promotion),
	    T(rollback_names_what_was_promoted),
	    T(rollback_to_another_version),
	    T(rollback_not_to_what_was_halted),
	    T(rollback_needs_intact_files),
	    T(rollback_needs_a_reason),
	    T(resume_answers_the_halt),
	    T(resume_is_about_what_is_in_the_stage),
	    T(resume_not_by_an_author),
	    T(resume_needs_the_quorum),
	    T(break_glass_for_a_registered_version),
	    T(break_glass_by_owner_or_operator),
	    T(break_glass_needs_a_touch),
	    T(break_glass_needs_a_reason),
	    T(break_glass_lasts_a_day),
	    T(break_glass_once_at_a_time),
	    T(break_glass_never_over_a_failed_scan),
	    T(break_glass_not_into_a_halted_stage),
	    T(retro_review_answers_break_glass),
	    T(retro_review_names_the_stage),
	    T(retro_review_by_others),
	    T(use_needs_a_version),
	    T(use_stops_at_a_halt),
	    T(use_ends_with_break_glass),
	    T(use_needs_the_retro_review),
	    T(use_ends_after_the_grace),
	    T(use_ends_with_its_waiver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
