/* What a promotion needs, gates and waivers: a test a rule (src/ledger/rules.h). */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../lib/ledger_world.h"

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_release(&w);
	return 0;
}

static void promotion_needs_the_quorum(void **state)
{
	(void)state;
	world_propose(&w);
	world_approve(&w, "bob@lab");
	world_expect_block(&w, "1 of 2 approvals");
	world_expect_void(&w, world_promote(&w), "1 of 2 approvals");
}

/* Requirement T7. */
static void promotion_needs_every_role(void **state)
{
	(void)state;
	world_propose(&w);
	world_approve(&w, "dave@lab");
	world_approve(&w, "erin@lab");
	assert_int_equal(world_judge(&w)->have, 2);
	assert_int_equal(w.judgement.roles_missing_count, 1);
	world_expect_block(&w, "no approval of a risk-reviewer");
	/* Somebody who holds the role but signs in another does not bring it. */
	{
		struct ledger_text t = world_text(&w, LEDGER_APPROVE, "carol@lab");

		t.role = "peer";
		world_sign(&w, t);
	}
	assert_int_equal(world_judge(&w)->have, 3);
	world_expect_void(&w, world_promote(&w), "no approval of a risk-reviewer");
}

static void reject_vetoes_the_subject(void **state)
{
	(void)state;
	int64_t first, reject;

	w.stage = "dev";
	first = world_propose(&w);
	reject = world_reject(&w, "carol@lab");
	world_expect_block(&w, "carol@lab rejected it in row");
	assert_true(w.judgement.vetoed);
	/* Proposing the same bytes again does not help; other bytes do. */
	assert_true(world_propose(&w) != first);
	world_expect_block(&w, "carol@lab rejected it in row");
	w.version = 2;
	w.facts.subject[0] = '\0';
	world_propose(&w);
	assert_true(world_judge(&w)->approved);
	w.version = 1;
	w.facts.subject[0] = '\0';
	world_propose(&w);
	assert_true(world_judge(&w)->vetoed);
	world_expect_stands(&w, world_revoke(&w, "carol@lab", reject));
	assert_false(world_judge(&w)->vetoed);
	assert_true(w.judgement.approved);
	/* A key that was not carol's any more rejects nothing. */
	reject = world_reject(&w, "carol@lab");
	assert_true(world_judge(&w)->vetoed);
	{
		const char *line =
		    rows_line(&w.r, "carol@lab", "carol",
		              arena_printf(w.r.mem, "roles=risk-reviewer,peer;compromised=%lld", (long long)reject));

		world_roster_in_force(&w, world_roster(&w, "carol@lab", line));
	}
	assert_false(world_judge(&w)->vetoed);
}

static void promotion_needs_the_proposed_bytes(void **state)
{
	(void)state;
	w.stage = "dev";
	world_propose(&w);
	assert_true(world_judge(&w)->approved);
	snprintf(w.facts.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
	world_expect_block(&w, "the manifest of the model changed from ");
}

static void promotion_needs_an_open_proposal(void **state)
{
	(void)state;
	int64_t first;

	w.stage = "dev";
	first = world_propose(&w);
	world_propose(&w);
	w.proposal = first;
	world_expect_block(&w, "gave way to a later one");
	w.proposal = first + 1;
	world_expect_stands(&w, world_promote(&w));
	world_expect_block(&w, "was promoted already");
}

static void promotion_needs_a_stage_that_is_not_halted(void **state)
{
	(void)state;
	w.stage = "dev";
	world_halt(&w, "bob@lab");
	world_propose(&w);
	world_expect_block(&w, "stage dev is halted");
	world_expect_void(&w, world_promote(&w), "stage dev is halted");
}

static void unmapped_author_blocks(void **state)
{
	(void)state;
	world_register(&w, 3, "ghost@gpu9", NULL, "alice@gpu1");
	w.version = 3;
	w.stage = "dev";
	world_propose(&w);
	world_expect_block(&w, "no one in the roster is the user ghost@gpu9");
	w.stage = "production";
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "bob@lab"), "ghost@gpu9");
	world_roster_in_force(
	    &w, world_roster(&w, "dave@lab", rows_line(&w.r, "dave@lab", "dave", "roles=peer;user=ghost@gpu9")));
	world_expect_stands(&w, world_approve(&w, "bob@lab"));
}

/* Requirement T10. */
static void promotion_needs_its_gates(void **state)
{
	(void)state;
	static const enum gate_result results[] = {GATE_FAIL, GATE_UNDECIDED, GATE_MISSING};

	w.stage = "dev";
	for (size_t i = 0; i < COUNT_OF(results); i++) {
		char says[40];

		world_fact(&w, "replay")->result = results[i];
		world_propose(&w);
		snprintf(says, sizeof says, "gate replay: %s", gate_result_name(results[i]));
		world_expect_block(&w, says);
		world_expect_void(&w, world_promote(&w), says);
	}
	world_fact(&w, "replay")->result = GATE_PASS;
	world_propose(&w);
	assert_true(world_judge(&w)->approved);
	w.facts.gate_count = 3;
	world_expect_block(&w, "gate scan: missing");
	assert_null(world_gate(&w, "scan")->result);
}

/* ---- gates ---- */

static void gate_of_another_rule_is_missing(void **state)
{
	(void)state;
	world_propose(&w);
	assert_true(world_gate(&w, "auc")->lets_through);
	world_fact(&w, "auc")->rule = "low>=0.7";
	assert_false(world_gate(&w, "auc")->lets_through);
	assert_int_equal(world_gate(&w, "auc")->verdict, GATE_MISSING);
	world_fact(&w, "replay")->rule = "clean";
	assert_int_equal(world_gate(&w, "replay")->verdict, GATE_MISSING);
}

static void gate_whose_numbers_disagree_is_missing(void **state)
{
	(void)state;
	world_propose(&w);
	world_fact(&w, "auc")->low = 0.79;
	assert_int_equal(world_gate(&w, "auc")->verdict, GATE_MISSING);
	world_fact(&w, "auc")->low = 0.82;
	world_fact(&w, "auc")->measured = NAN;
	assert_int_equal(world_gate(&w, "auc")->verdict, GATE_MISSING);
	/* What came out worse than its numbers (too few cases) stays as it came out. */
	world_fact(&w, "auc")->measured = 0.85;
	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	assert_int_equal(world_gate(&w, "auc")->verdict, GATE_UNDECIDED);
}

static void gate_of_old_rules_does_not_pass(void **state)
{
	(void)state;
	world_propose(&w);
	world_fact(&w, "scan")->dated = w.r.now - 30 * DAY + 10000;
	assert_true(world_gate(&w, "scan")->lets_through);
	w.r.now += 20000;
	assert_int_equal(world_gate(&w, "scan")->verdict, GATE_MISSING);
	assert_false(world_gate(&w, "scan")->lets_through);
}

/* ---- waivers ---- */

static void undecided(const char *gate)
{
	world_fact(&w, gate)->result = GATE_UNDECIDED;
	if (!strcmp(gate, "auc"))
		world_fact(&w, gate)->low = 0.78;
}

static void waiver_needs_a_waivable_gate(void **state)
{
	(void)state;
	undecided("replay");
	world_propose(&w);
	world_expect_void(&w, world_waive(&w, "carol@lab", "replay", NAN, w.r.now + DAY),
	                  "does not let this gate be waived");
}

static void waiver_never_for_a_malicious_scan(void **state)
{
	(void)state;
	undecided("scan");
	world_propose(&w);
	/* What the scan does not know can be waived … */
	world_expect_stands(&w, world_waive(&w, "carol@lab", "scan", NAN, w.r.now + DAY));
	assert_true(world_gate(&w, "scan")->lets_through);
	/* … but not what it found dangerous. */
	world_fact(&w, "scan")->result = GATE_FAIL;
	assert_false(world_gate(&w, "scan")->lets_through);
	assert_non_null(strstr(world_gate(&w, "scan")->waiver_no, "dangerous"));
	world_propose(&w);
	world_expect_void(&w, world_waive(&w, "carol@lab", "scan", NAN, w.r.now + DAY), "dangerous");
}

static void waiver_is_bounded(void **state)
{
	(void)state;
	undecided("auc");
	world_propose(&w);
	world_expect_void(&w, world_waive(&w, "carol@lab", "auc", 0.9, w.r.now + DAY),
	                  "not within its bound of at least 0.9");
	world_expect_void(&w, world_waive(&w, "carol@lab", "auc", NAN, w.r.now + DAY), "not within its bound");
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY));
	assert_true(world_gate(&w, "auc")->lets_through);
	world_fact(&w, "auc")->measured = 0.83;
	assert_false(world_gate(&w, "auc")->lets_through);
	assert_non_null(strstr(world_gate(&w, "auc")->waiver_no, "bound"));
	/* A value that is not there keeps no bound: that it is missing is waived as such. */
	world_fact(&w, "auc")->measured = NAN;
	world_fact(&w, "auc")->result = GATE_MISSING;
	assert_false(world_gate(&w, "auc")->lets_through);
	world_propose(&w);
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", NAN, w.r.now + DAY));
	assert_true(world_gate(&w, "auc")->lets_through);
	world_fact(&w, "auc")->measured = 0.5;
	world_fact(&w, "auc")->result = GATE_FAIL;
	assert_false(world_gate(&w, "auc")->lets_through);
}

static void waiver_ends(void **state)
{
	(void)state;
	undecided("auc");
	world_propose(&w);
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY));
	assert_non_null(world_gate(&w, "auc")->waiver);
	w.r.now += DAY;
	assert_null(world_gate(&w, "auc")->waiver);
	assert_non_null(strstr(world_gate(&w, "auc")->waiver_no, "it ended at"));
}

static void waiver_can_be_taken_back(void **state)
{
	(void)state;
	int64_t waive;

	undecided("auc");
	world_propose(&w);
	waive = world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	assert_true(world_gate(&w, "auc")->lets_through);
	world_expect_stands(&w, world_revoke(&w, "carol@lab", waive));
	assert_false(world_gate(&w, "auc")->lets_through);
	assert_non_null(strstr(world_gate(&w, "auc")->waiver_no, "took it back"));
	world_expect(&w, waive, WHY_WAIVER, "took it back");
}

static void waiver_is_for_one_subject(void **state)
{
	(void)state;
	undecided("auc");
	world_propose(&w);
	world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	snprintf(w.facts.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
	assert_false(world_gate(&w, "auc")->lets_through);
	assert_non_null(strstr(world_gate(&w, "auc")->waiver_no, "it is for the manifest"));
}

static void waiver_needs_a_good_key_still(void **state)
{
	(void)state;
	undecided("auc");
	world_propose(&w);
	world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	assert_true(world_gate(&w, "auc")->lets_through);
	world_roster_in_force(&w,
	                      world_roster(&w, "carol@lab", rows_line(&w.r, "carol@lab", "carol", "roles=peer")));
	assert_false(world_gate(&w, "auc")->lets_through);
	assert_non_null(strstr(world_gate(&w, "auc")->waiver_no, "any more"));
}

static void waiver_names_one_gate(void **state)
{
	(void)state;
	struct ledger_text t;

	undecided("auc");
	world_propose(&w);
	t = world_waiver(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	t.waivers[0].row = w.proposal - 1;
	world_expect_void(&w, world_sign(&w, t), "one waiver line");
	t = world_waiver(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	t.waivers[0].signer = "bob@lab";
	world_expect_void(&w, world_sign(&w, t), "one waiver line");
	t = world_waiver(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	t.waivers = arena_array(w.r.mem, 2, sizeof *t.waivers);
	t.waivers[0] = (struct ledger_waiver){"auc", 0.84, w.r.now + DAY, "carol@lab", w.proposal};
	t.waivers[1] = (struct ledger_waiver){"scan", NAN, w.r.now + DAY, "carol@lab", w.proposal};
	t.waiver_count = 2;
	world_expect_void(&w, world_sign(&w, t), "one waiver line");
	t.waiver_count = 0;
	world_expect_void(&w, world_sign(&w, t), "one waiver line");
}

static void waiver_needs_forty_characters(void **state)
{
	(void)state;
	struct ledger_text t;

	undecided("auc");
	world_propose(&w);
	t = world_waiver(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	t.reason = "ääääääääääääääääääääääääääääääääääääää1";
	world_expect_void(&w, world_sign(&w, t), "at least 40 characters; this one has 39");
	t.reason = "          thirty-three characters        ";
	world_expect_void(&w, world_sign(&w, t), "at least 40 characters; this one has 23");
	t.reason = "ääääääääääääääääääääääääääääääääääääää12";
	world_expect_stands(&w, world_sign(&w, t));
}

static void waiver_ends_within_ninety_days(void **state)
{
	(void)state;
	undecided("auc");
	world_propose(&w);
	world_expect_void(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + 90 * DAY + 1000),
	                  "within 90 days");
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + 90 * DAY - 5000));
}

static void waiver_needs_a_risk_reviewer(void **state)
{
	(void)state;
	struct ledger_text t;

	undecided("auc");
	world_propose(&w);
	t = world_waiver(&w, "carol@lab", "auc", 0.84, w.r.now + DAY);
	t.role = "peer";
	world_expect_void(&w, world_sign(&w, t), "only a risk-reviewer waives");
}

static void waiver_not_by_an_approver(void **state)
{
	(void)state;
	int64_t approve;

	undecided("auc");
	world_propose(&w);
	approve = world_approve(&w, "carol@lab");
	world_expect_void(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY),
	                  "has approved this proposal");
	world_revoke(&w, "carol@lab", approve);
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY));
}

static void waiver_not_by_an_author(void **state)
{
	(void)state;
	undecided("auc");
	world_register(&w, 3, "vera@gpu1", NULL, "alice@gpu1");
	w.version = 3;
	world_propose(&w);
	world_expect_void(&w, world_waive(&w, "vera@lab", "auc", 0.84, w.r.now + DAY),
	                  "vera@lab launched the run");
	{
		struct ledger_text t = world_text(&w, LEDGER_PROPOSE, "carol@lab");

		w.proposal = world_sign(&w, t);
	}
	world_expect_void(&w, world_waive(&w, "carol@lab", "auc", 0.84, w.r.now + DAY), "proposed the version");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(promotion_needs_the_quorum),
	    T(promotion_needs_every_role),
	    T(reject_vetoes_the_subject),
	    T(promotion_needs_the_proposed_bytes),
	    T(promotion_needs_an_open_proposal),
	    T(promotion_needs_a_stage_that_is_not_halted),
	    T(unmapped_author_blocks),
	    T(promotion_needs_its_gates),
	    T(gate_of_another_rule_is_missing),
	    T(gate_whose_numbers_disagree_is_missing),
	    T(gate_of_old_rules_does_not_pass),
	    T(waiver_needs_a_waivable_gate),
	    T(waiver_never_for_a_malicious_scan),
	    T(waiver_is_bounded),
	    T(waiver_ends),
	    T(waiver_can_be_taken_back),
	    T(waiver_is_for_one_subject),
	    T(waiver_needs_a_good_key_still),
	    T(waiver_names_one_gate),
	    T(waiver_needs_forty_characters),
	    T(waiver_ends_within_ninety_days),
	    T(waiver_needs_a_risk_reviewer),
	    T(waiver_not_by_an_approver),
	    T(waiver_not_by_an_author),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
