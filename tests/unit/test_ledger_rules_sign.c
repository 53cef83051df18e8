/* Who may sign what, and rosters and policies: a test a rule (src/ledger/rules.h). */
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
	world_propose(&w);
	err = (struct error){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_release(&w);
	return 0;
}

/* Before it is signed. */
static int may(const struct ledger_text *t)
{
	return ledger_may(rows_state(&w.r), t, NULL, NULL, &err);
}

static struct ledger_text bobs(void)
{
	return world_text(&w, LEDGER_APPROVE, "bob@lab");
}

/* Requirement T24, with text_of_… and answer_is_about_… below. */
static void text_of_another_store(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	snprintf(t.store, sizeof t.store, "%032d", 99);
	world_expect_void(&w, world_sign(&w, t), "another store");
	assert_int_equal(may(&t), -1);
	assert_int_equal(err.code, ERR_TAMPER);
}

static void request_counts_once(void **state)
{
	(void)state;
	struct ledger_text t = bobs(), again = world_text(&w, LEDGER_APPROVE, "dave@lab");

	snprintf(t.request, sizeof t.request, "%032d", 4711);
	memcpy(again.request, t.request, sizeof again.request);
	world_expect_stands(&w, world_sign(&w, t));
	world_expect_void(&w, world_sign(&w, again), "written twice counts once");
}

/* Requirement T33. */
static void rows_between_make_void(void **state)
{
	(void)state;
	struct ledger_text t = bobs(), halt = world_text(&w, LEDGER_HALT, "bob@lab");

	t.seen_seq = halt.seen_seq = w.proposal;
	memcpy(t.seen_head, w.r.rows[w.proposal - 1].link, sizeof t.seen_head);
	memcpy(halt.seen_head, t.seen_head, sizeof halt.seen_head);
	world_results(&w);
	world_expect_void(&w, world_sign(&w, t), "which its signer had not seen");
	/* Stopping is never too late. */
	world_expect_stands(&w, world_sign(&w, halt));
}

static void decision_needs_a_signature(void **state)
{
	(void)state;
	world_expect_void(&w, rows_add(&w.r, bobs(), NULL), "nobody signed");
}

static void signer_stands_in_the_roster(void **state)
{
	(void)state;
	struct ledger_text t = world_text(&w, LEDGER_APPROVE, "mallory@lab");

	world_expect_void(&w, world_sign(&w, t), "mallory@lab does not stand in the roster");
}

static void name_is_the_roster_s(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	t.name = "Alice Ng";
	world_expect_void(&w, world_sign(&w, t), "the name of bob@lab is bob@lab");
}

static void key_belongs_to_the_signer(void **state)
{
	(void)state;
	world_expect_void(&w, rows_add(&w.r, bobs(), "carol"), "is not a key of bob@lab: it is one of carol@lab");
	world_expect_void(&w, rows_add(&w.r, bobs(), "stranger"), "is not a key of bob@lab");
}

static void role_is_held_by_the_signer(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	t.role = "owner";
	world_expect_void(&w, world_sign(&w, t), "does not hold the role owner");
}

static void text_of_another_policy_is_stale(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	snprintf(t.policy, sizeof t.policy, "%s", rows_digest(&w.r, "another policy"));
	world_expect_void(&w, world_sign(&w, t), "it was made under the policy");
	assert_int_equal(may(&t), -1);
	t = bobs();
	snprintf(t.policy, sizeof t.policy, "%s", rows_digest(&w.r, "another policy"));
	snprintf(t.store, sizeof t.store, "%s", ROWS_STORE);
	assert_int_equal(may(&t), -1);
	assert_int_equal(err.code, ERR_STALE);
}

static void text_of_another_roster_is_stale(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	snprintf(t.roster, sizeof t.roster, "%s", rows_digest(&w.r, "another roster"));
	world_expect_void(&w, world_sign(&w, t), "it was made under the roster");
	snprintf(t.store, sizeof t.store, "%s", ROWS_STORE);
	assert_int_equal(may(&t), -1);
	assert_int_equal(err.code, ERR_STALE);
}

static void text_of_another_champion_is_stale(void **state)
{
	(void)state;
	struct ledger_text t = bobs();

	t.baseline_version = 2;
	snprintf(t.baseline_subject, SHA256_TEXT, "%s", rows_digest(&w.r, "manifest 2"));
	world_expect_void(&w, world_sign(&w, t), "the champion of stage production changed from version 2");
	snprintf(t.store, sizeof t.store, "%s", ROWS_STORE);
	assert_int_equal(may(&t), -1);
	assert_int_equal(err.code, ERR_STALE);
}

static void stage_stands_in_the_policy(void **state)
{
	(void)state;
	w.stage = "moon";
	world_expect_void(&w, world_sign(&w, world_text(&w, LEDGER_PROPOSE, "pat@lab")),
	                  "the policy has no stage moon");
	world_expect_void(&w, world_halt(&w, "bob@lab"), "the policy has no stage moon");
}

static void version_is_registered(void **state)
{
	(void)state;
	w.version = 7;
	world_expect_void(&w, world_propose(&w), "credit has no version 7");
	w.version = 1;
	{
		struct ledger_text t = world_text(&w, LEDGER_PROPOSE, "pat@lab");

		snprintf(t.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
		world_expect_void(&w, world_sign(&w, t), "is registered with the manifest");
	}
}

static void text_names_the_run_as_it_was_registered(void **state)
{
	(void)state;
	char seal[SHA256_TEXT];

	/* Somebody has edited the run in the store since: what is drafted now names another seal. */
	memcpy(seal, w.facts.run_seal, sizeof seal);
	snprintf(w.facts.run_seal, SHA256_TEXT, "%s", rows_digest(&w.r, "an edited run"));
	world_expect_void(&w, world_propose(&w), "is not what it was when version 1 of credit was registered");
	memcpy(w.facts.run_seal, seal, sizeof seal);
	world_expect_stands(&w, world_propose(&w));
}

static void version_is_never_used_again(void **state)
{
	(void)state;
	int64_t row = world_register(&w, 1, "bob@lab", NULL, "bob@lab");

	world_expect_void(&w, row, "a number is never used again");
	assert_int_equal(ledger_version_find(rows_state(&w.r), "credit", 1)->row, 2);
}

static void version_says_who_made_it(void **state)
{
	(void)state;
	struct ledger_text t = {.kind = LEDGER_REGISTRATION, .model = "credit", .version = 3};

	snprintf(t.subject, sizeof t.subject, "%s", rows_digest(&w.r, "manifest 3"));
	world_expect_void(&w, rows_add(&w.r, t, NULL), "does not say who made the version");
}

static void results_are_about_the_registered_bytes(void **state)
{
	(void)state;
	struct ledger_text t = {
	    .kind = LEDGER_GATE_RESULTS, .model = "credit", .version = 1, .stage = "production"};

	snprintf(t.subject, sizeof t.subject, "%s", rows_digest(&w.r, "other bytes"));
	world_expect_void(&w, rows_add(&w.r, t, NULL), "not about the files of a registered version");
	assert_int_equal(ledger_proposal_find(rows_state(&w.r), w.proposal)->results_row, w.proposal);
	{
		int64_t row = world_results(&w);

		assert_int_equal(ledger_proposal_find(rows_state(&w.r), w.proposal)->results_row, row);
	}
}

static void proposal_is_there_and_open(void **state)
{
	(void)state;
	struct ledger_text t = bobs();
	int64_t first = w.proposal;

	t.target = 1;
	world_expect_void(&w, world_sign(&w, t), "row 1 is no proposal");
	world_propose(&w);
	w.proposal = first;
	world_expect_void(&w, world_approve(&w, "bob@lab"), "is closed");
	world_expect_void(&w, world_reject(&w, "bob@lab"), "is closed");
}

static void answer_is_about_what_was_proposed(void **state)
{
	(void)state;
	struct ledger_text t;

	world_register(&w, 3, "alice@gpu1", NULL, "alice@gpu1");
	t = bobs();
	t.model = "debit";
	world_expect_void(&w, world_sign(&w, t), "proposes other things");
	t = bobs();
	t.version = 3;
	world_expect_void(&w, world_sign(&w, t), "proposes other things");
	t = bobs();
	t.stage = "dev";
	world_expect_void(&w, world_sign(&w, t), "proposes other things");
	t = bobs();
	snprintf(t.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "other bytes"));
	world_expect_void(&w, world_sign(&w, t), "proposes other things");
}

/* Requirement T5: launcher, editor, registrar, producer of evidence, signer of a waiver; and who proposed. */
static void author_may_not_approve(void **state)
{
	(void)state;
	struct ledger_text t;
	struct ledger_evidence producers = {.kind = "producers"};
	int64_t waive;

	world_register(&w, 3, "vera@gpu1", NULL, "alice@gpu1");
	world_register(&w, 4, "alice@gpu1", "vera@gpu1", "alice@gpu1");
	world_register(&w, 5, "alice@gpu1", NULL, "vera@gpu1");
	w.version = 3;
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "vera@lab"), "vera@lab launched the run");
	w.version = 4;
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "vera@lab"), "vera@lab edited the run's configuration");
	w.version = 5;
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "vera@lab"), "vera@lab registered the version");
	w.version = 1;
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "pat@lab"), "pat@lab proposed the version");
	/* Whoever made a piece of evidence is kept out where it is listed, and only there. */
	t = (struct ledger_text){.kind = LEDGER_GATE_RESULTS,
	                         .model = "credit",
	                         .version = 1,
	                         .stage = "production",
	                         .evidence = &producers,
	                         .evidence_count = 1};
	snprintf(t.subject, sizeof t.subject, "%s", rows_digest(&w.r, "manifest 1"));
	snprintf(
	    producers.digest, SHA256_TEXT, "%s",
	    rows_object(&w.r, arena_printf(w.r.mem,
	                                   "{\"kind\":\"producers\",\"producers\":[{\"evidence\":\"sha256:%s\","
	                                   "\"user\":\"vera@gpu1\"}]}",
	                                   w.evidence[0].digest)));
	rows_add(&w.r, t, NULL);
	world_expect_void(&w, world_approve(&w, "vera@lab"), "vera@lab produced evidence");
	w.facts.evidence = w.evidence + 1;
	w.facts.evidence_count = 1;
	world_expect_stands(&w, world_approve(&w, "vera@lab"));
	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	world_propose(&w);
	waive = world_waive(&w, "carol@lab", "auc", 0.8, w.r.now + DAY);
	world_expect_stands(&w, waive);
	t = world_text(&w, LEDGER_APPROVE, "carol@lab");
	t.waivers = &(struct ledger_waiver){"auc", 0.8, w.r.now + DAY, "carol@lab", waive};
	t.waiver_count = 1;
	world_expect_void(&w, world_sign(&w, t), "carol@lab waived a gate");
}

static void revoke_needs_a_row_that_stands(void **state)
{
	(void)state;
	int64_t approve = world_approve(&w, "bob@lab");

	world_expect_void(&w, world_revoke(&w, "bob@lab", 1), "nothing that could be taken back");
	world_expect_stands(&w, world_revoke(&w, "bob@lab", approve));
	world_expect_void(&w, world_revoke(&w, "bob@lab", approve), "does not stand any more");
	world_expect_stands(&w, world_revoke(&w, "pat@lab", w.proposal));
	world_expect_void(&w, world_revoke(&w, "pat@lab", w.proposal), "does not stand any more");
}

static void revoke_only_one_s_own(void **state)
{
	(void)state;
	int64_t approve = world_approve(&w, "bob@lab");

	world_expect_void(&w, world_revoke(&w, "carol@lab", approve), "is signed by bob@lab");
	world_expect_void(&w, world_revoke(&w, "carol@lab", w.proposal), "is signed by pat@lab");
}

static void revoke_names_what_it_is_about(void **state)
{
	(void)state;
	struct ledger_text t = world_text(&w, LEDGER_REVOKE, "pat@lab");

	t.target = w.proposal;
	t.stage = "dev";
	world_expect_void(&w, world_sign(&w, t), "another model or stage");
	t = world_text(&w, LEDGER_REVOKE, "pat@lab");
	t.target = w.proposal;
	t.model = NULL;
	world_expect_void(&w, world_sign(&w, t), "another model or stage");
}

static void promote_by_operator_or_owner(void **state)
{
	(void)state;
	world_approve(&w, "bob@lab");
	world_approve(&w, "dave@lab");
	world_expect_void(&w, world_sign(&w, world_text(&w, LEDGER_PROMOTE, "carol@lab")),
	                  "only an operator or an owner");
	/* erin is a fairness-reviewer and an owner: as the one she may not, as the other she may. */
	world_expect_void(&w, world_sign(&w, world_text(&w, LEDGER_PROMOTE, "erin@lab")),
	                  "only an operator or an owner");
	{
		struct ledger_text t = world_text(&w, LEDGER_PROMOTE, "erin@lab");

		t.role = "owner";
		world_expect_stands(&w, world_sign(&w, t));
	}
}

/* ---- rosters and policies (requirement T17) ---- */

static const char new_policy[] = "[policy]\nstages = production\n[stage production]\napprovals = 1\n";

static void change_needs_an_admin(void **state)
{
	(void)state;
	/* An object that is not there stops nobody if no admin named it. */
	struct ledger_text t = world_text(&w, LEDGER_POLICY, "bob@lab");

	snprintf(t.subject, SHA256_TEXT, "%s", rows_digest(&w.r, "not there"));
	world_expect_void(&w, world_sign(&w, t), "bob@lab is not a roster-admin");
	world_expect_void(&w, world_change(&w, LEDGER_ROSTER, world_roster(&w, "dave@lab", NULL), "bob@lab"),
	                  "bob@lab is not a roster-admin");
}

static void change_needs_the_old_admins(void **state)
{
	(void)state;
	const char *roster = world_roster(&w, "dave@lab", NULL);

	world_change(&w, LEDGER_POLICY, new_policy, "rita@lab");
	assert_int_equal(rows_state(&w.r)->policy.stage_count, 3);
	world_change(&w, LEDGER_ROSTER, roster, "rita@lab");
	assert_int_equal(rows_state(&w.r)->roster.count, 12);
	world_change(&w, LEDGER_ROSTER, roster, "rolf@lab");
	assert_int_equal(rows_state(&w.r)->roster.count, 11);
}

static void roster_needs_its_new_admins(void **state)
{
	(void)state;
	const char *line =
	               arena_printf(w.r.mem, "%s%s", rows_line(&w.r, "rosa@lab", "rosa", "roles=roster-admin"),
	                            rows_line(&w.r, "rene@lab", "rene", "roles=roster-admin")),
	           *roster = world_roster(&w, "rolf@lab", line);
	struct ledger_text t;

	/* rolf goes, rosa and rene come: rita counts on both sides, rolf on the old one only. */
	t = world_text(&w, LEDGER_ROSTER, "rosa@lab");
	t.role = "roster-admin";
	snprintf(t.subject, sizeof t.subject, "%s", rows_object(&w.r, roster));
	/* The admins of the roster in force sign first. */
	world_expect_void(&w, world_sign(&w, t), "rosa@lab");
	world_change(&w, LEDGER_ROSTER, roster, "rita@lab");
	world_change(&w, LEDGER_ROSTER, roster, "rolf@lab");
	assert_int_equal(rows_state(&w.r)->roster.count, 12);
	assert_int_equal(w.r.state->pending[0].signatures, 2);
	assert_int_equal(w.r.state->pending[0].accepted, 1);
	world_expect_stands(&w, world_sign(&w, t));
	assert_int_equal(rows_state(&w.r)->roster.count, 13);
}

static void roster_keeps_two_admins(void **state)
{
	(void)state;
	world_expect_void(&w, world_change(&w, LEDGER_ROSTER, world_roster(&w, "rolf@lab", NULL), "rita@lab"),
	                  "fewer than two roster-admins");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(text_of_another_store),
	    T(request_counts_once),
	    T(rows_between_make_void),
	    T(decision_needs_a_signature),
	    T(signer_stands_in_the_roster),
	    T(name_is_the_roster_s),
	    T(key_belongs_to_the_signer),
	    T(role_is_held_by_the_signer),
	    T(text_of_another_policy_is_stale),
	    T(text_of_another_roster_is_stale),
	    T(text_of_another_champion_is_stale),
	    T(stage_stands_in_the_policy),
	    T(version_is_registered),
	    T(text_names_the_run_as_it_was_registered),
	    T(version_is_never_used_again),
	    T(version_says_who_made_it),
	    T(results_are_about_the_registered_bytes),
	    T(proposal_is_there_and_open),
	    T(answer_is_about_what_was_proposed),
	    T(author_may_not_approve),
	    T(revoke_needs_a_row_that_stands),
	    T(revoke_only_one_s_own),
	    T(revoke_names_what_it_is_about),
	    T(promote_by_operator_or_owner),
	    T(change_needs_an_admin),
	    T(change_needs_the_old_admins),
	    T(roster_needs_its_new_admins),
	    T(roster_keeps_two_admins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
