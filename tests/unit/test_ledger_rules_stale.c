/* What makes an approval stale, and what keeps one from counting: a test a rule (src/ledger/rules.h). */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../lib/ledger_world.h"

static struct world w;
static int64_t row; /* bob's approval of the proposal */

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	world_propose(&w);
	row = world_approve(&w, "bob@lab");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_release(&w);
	return 0;
}

static void other(char digest[SHA256_TEXT])
{
	snprintf(digest, SHA256_TEXT, "%s", rows_digest(&w.r, "something else"));
}

static void stale_when_the_manifest_changes(void **state)
{
	(void)state;
	world_expect_counts(&w, row);
	other(w.facts.subject);
	world_expect(&w, row, WHY_SUBJECT, "the manifest of the model changed from ");
	w.facts.subject[0] = '\0';
	w.facts.now = w.r.now;
	world_expect_counts(&w, row);
}

static void stale_when_evidence_changes(void **state)
{
	(void)state;
	struct ledger_evidence old = w.evidence[0];

	other(w.evidence[0].digest);
	world_expect(&w, row, WHY_EVIDENCE, "evidence bias-report changed from ");
	w.evidence[0] = old;
	w.facts.evidence_count = 1;
	world_expect(&w, row, WHY_EVIDENCE, "is no longer there");
	w.facts.evidence_count = 3;
	w.evidence[2].kind = "drift-report";
	other(w.evidence[2].digest);
	world_expect(&w, row, WHY_EVIDENCE, "evidence drift-report");
	/* Another of a kind that is there already. */
	w.evidence[2].kind = "evaluation";
	world_expect(&w, row, WHY_EVIDENCE, "added");
	w.facts.evidence_count = 2;
	world_expect_counts(&w, row);
}

static void stale_when_a_gate_comes_out_differently(void **state)
{
	(void)state;
	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	world_expect(&w, row, WHY_GATE, "gate auc changed from pass to undecided");
	world_fact(&w, "auc")->result = GATE_PASS;
	w.facts.gate_count = 3;
	world_expect(&w, row, WHY_GATE, "gate scan changed from pass to missing");
	w.facts.gate_count = 5;
	w.gates[4] = w.gates[0];
	w.gates[4].id = "drift";
	world_expect_counts(&w, row);
	w.gates[4].result = GATE_FAIL;
	world_expect(&w, row, WHY_GATE, "gate drift is new and came out as fail");
	/* A value that moves within its result changes nothing. */
	w.facts.gate_count = 4;
	world_fact(&w, "auc")->measured = 0.86;
	world_expect_counts(&w, row);
}

static void stale_when_another_policy_is_in_force(void **state)
{
	(void)state;
	static const char text[] = "[policy]\nstages = production\n[stage production]\napprovals = 1\n";

	world_change(&w, LEDGER_POLICY, text, "rita@lab");
	world_change(&w, LEDGER_POLICY, text, "rolf@lab");
	world_expect(&w, row, WHY_POLICY, "the policy changed from ");
}

static void stale_when_the_signer_left_the_roster(void **state)
{
	(void)state;
	world_roster_in_force(&w, world_roster(&w, "bob@lab", NULL));
	world_expect(&w, row, WHY_ROSTER, "bob@lab has left the roster");
}

static void stale_when_the_signer_lost_the_role(void **state)
{
	(void)state;
	world_roster_in_force(&w, world_roster(&w, "bob@lab", rows_line(&w.r, "bob@lab", "bob", "roles=peer")));
	world_expect(&w, row, WHY_ROSTER, "bob@lab is not risk-reviewer any more");
	/* Another role beside the old one takes nothing away. */
	world_roster_in_force(
	    &w, world_roster(&w, "bob@lab", rows_line(&w.r, "bob@lab", "bob", "roles=peer,risk-reviewer")));
	world_expect_counts(&w, row);
}

static void stale_when_the_key_left_the_roster(void **state)
{
	(void)state;
	world_roster_in_force(
	    &w, world_roster(&w, "bob@lab", rows_line(&w.r, "bob@lab", "bob2", "roles=risk-reviewer")));
	world_expect(&w, row, WHY_KEY, "is not a key of theirs");
}

static void stale_when_the_key_departed(void **state)
{
	(void)state;
	const char *line = rows_line(&w.r, "bob@lab", "bob", "roles=risk-reviewer;departed=yes");

	world_roster_in_force(&w, world_roster(&w, "bob@lab", line));
	world_expect(&w, row, WHY_KEY, "has departed");
	world_expect_void(&w, world_approve(&w, "bob@lab"), "has departed");
}

static void stale_when_the_key_is_compromised(void **state)
{
	(void)state;
	const char *line;

	line = rows_line(&w.r, "bob@lab", "bob",
	                 arena_printf(w.r.mem, "roles=risk-reviewer;compromised=%lld", (long long)row + 1));
	world_roster_in_force(&w, world_roster(&w, "bob@lab", line));
	/* What was signed before the key was lost stands; nothing new does. */
	world_expect_counts(&w, row);
	world_expect_void(&w, world_approve(&w, "bob@lab"), "is compromised");
	line = rows_line(&w.r, "bob@lab", "bob",
	                 arena_printf(w.r.mem, "roles=risk-reviewer;compromised=%lld", (long long)row));
	world_roster_in_force(&w, world_roster(&w, "bob@lab", line));
	world_expect(&w, row, WHY_KEY, "is compromised");
}

static void stale_when_scanner_rules_are_old(void **state)
{
	(void)state;
	world_fact(&w, "scan")->dated = w.r.now - 30 * DAY + 3600000;
	row = world_approve(&w, "carol@lab");
	world_expect_counts(&w, row);
	w.r.now += 2 * 3600000;
	world_expect(&w, row, WHY_RULES_AGE, "gate scan was computed by rules of ");
	/* The same result by newer rules. */
	world_fact(&w, "scan")->dated = w.r.now;
	world_expect_counts(&w, row);
	/* Without a result of today the approval's own rules count. */
	world_fact(&w, "scan")->rules[0] = '\0';
	world_expect(&w, row, WHY_RULES_AGE, "gate scan");
}

static void stale_when_code_changes(void **state)
{
	(void)state;
	snprintf(w.facts.code_commit, sizeof w.facts.code_commit, "%040d", 6);
	world_expect(&w, row, WHY_SOURCE, "the commit of the code changed from 00000000… to 00000000…");
	snprintf(w.facts.code_commit, sizeof w.facts.code_commit, "%040d", 5);
	world_expect_counts(&w, row);
	other(w.facts.code_diff);
	world_expect(&w, row, WHY_SOURCE, "the uncommitted changes of the code changed from none to ");
}

static void stale_when_the_environment_changes(void **state)
{
	(void)state;
	other(w.facts.env);
	world_expect(&w, row, WHY_SOURCE, "the environment changed");
}

static void stale_when_data_changes(void **state)
{
	(void)state;
	struct ledger_data old = w.data[1];

	other(w.data[1].digest);
	world_expect(&w, row, WHY_SOURCE, "train data applications@1");
	w.data[1] = old;
	w.facts.data_count = 1;
	world_expect(&w, row, WHY_SOURCE, "is no longer what the model comes from");
	w.facts.data_count = 3;
	w.data[2] = (struct ledger_data){.role = "train", .name = "more@1"};
	other(w.data[2].digest);
	world_expect(&w, row, WHY_SOURCE, "train data more@1");
}

static void stale_when_the_seal_of_the_run_changes(void **state)
{
	(void)state;
	char seal[SHA256_TEXT];

	memcpy(seal, w.facts.run_seal, sizeof seal);
	other(w.facts.run_seal);
	world_expect(&w, row, WHY_SOURCE, "the seal of the run changed");
	memcpy(w.facts.run_seal, seal, sizeof seal);
	snprintf(w.facts.run, sizeof w.facts.run, "%032d", 78);
	world_expect(&w, row, WHY_SOURCE, "the run changed");
}

/* Who is mapped to the author's login later; who waived; and whose evidence is listed. */
static void stale_when_the_signer_becomes_an_author(void **state)
{
	(void)state;
	const char *line = rows_line(&w.r, "bob@lab", "bob", "roles=risk-reviewer;user=alice@gpu1"), *roster;
	struct ledger_text proposal;

	/* Without its first line, which is alice's. */
	roster = world_roster(&w, "bob@lab", line);
	world_roster_in_force(&w, strchr(roster, '\n') + 1);
	world_expect(&w, row, WHY_AUTHOR, "bob@lab registered the version");
	/* And who proposed, if nothing before had kept them from signing. */
	world_roster_in_force(&w, world_roster(&w, NULL, NULL));
	proposal = *ledger_proposal_find(rows_state(&w.r), w.proposal)->text;
	proposal.signer = "bob@lab";
	w.r.state->proposals[0].text = &proposal;
	{
		struct ledger_judgement j;
		struct ledger_facts f = w.facts;

		memcpy(f.subject, proposal.subject, sizeof f.subject);
		f.now = w.r.now;
		ledger_judge(w.r.state, &w.r.state->proposals[0], &f, &j);
		assert_false(j.votes[0].counts);
		assert_int_equal(j.votes[0].reasons[0].why, WHY_AUTHOR);
		ledger_judgement_release(&j);
	}
}

static void stale_when_another_champion_is_in_the_stage(void **state)
{
	(void)state;
	w.version = 2;
	world_expect_stands(&w, world_break_glass(&w, "olga@lab"));
	w.version = 1;
	world_expect(&w, row, WHY_BASELINE,
	             "the champion of stage production changed from version 0 (none) to version 2");
}

static void stale_when_unused_for_too_long(void **state)
{
	(void)state;
	struct ledger_text t;

	w.r.now += 6 * DAY;
	world_expect_counts(&w, row);
	t = world_text(&w, LEDGER_APPROVE, "carol@lab");
	t.expires = w.r.now + 3600000;
	row = world_sign(&w, t);
	world_expect_counts(&w, row);
	w.r.now += 3600000;
	world_expect(&w, row, WHY_EXPIRED, "it expired unused");
	w.r.now += DAY;
	world_expect(&w, row - 1, WHY_EXPIRED, "lapses unused after 7d");
}

static void no_count_below_the_assurance(void **state)
{
	(void)state;
	struct ledger_state *s;
	struct ledger_judgement j;
	struct ledger_facts f = w.facts;

	w.stage = "touched";
	world_propose(&w);
	world_expect_void(&w, world_approve(&w, "bob@lab"), "wants a signature of level A2; this key makes A1");
	w.r.level = 2;
	row = world_approve(&w, "bob@lab");
	w.r.level = 1;
	world_expect_counts(&w, row);
	/* And when judged, whatever let it in. */
	s = rows_state(&w.r);
	s->proposals[1].votes[0].level = 1;
	memcpy(f.subject, s->proposals[1].text->subject, sizeof f.subject);
	f.now = w.r.now;
	ledger_judge(s, &s->proposals[1], &f, &j);
	assert_false(j.votes[0].counts);
	assert_int_equal(j.votes[0].reasons[0].why, WHY_LEVEL);
	ledger_judgement_release(&j);
}

static void no_count_of_an_auditor(void **state)
{
	(void)state;
	world_expect_void(&w, world_approve(&w, "aud@lab"), "an auditor signs no decisions");
	world_expect_void(&w, world_reject(&w, "aud@lab"), "an auditor signs no decisions");
}

/* Requirement T6: the same person again, also with another key. */
static void no_count_of_the_same_person_twice(void **state)
{
	(void)state;
	const char *two = arena_printf(w.r.mem, "%s%s", rows_line(&w.r, "bob@lab", "bob", "roles=risk-reviewer"),
	                               rows_line(&w.r, "bob@lab", "bob2", "roles=risk-reviewer"));

	world_roster_in_force(&w, world_roster(&w, "bob@lab", two));
	row = world_approve(&w, "bob@lab");
	world_expect(&w, row, WHY_DUPLICATE, "bob@lab has signed already");
	row = rows_add(&w.r, world_text(&w, LEDGER_APPROVE, "bob@lab"), "bob2");
	world_expect(&w, row, WHY_DUPLICATE, "bob@lab has signed already");
	assert_int_equal(world_judge(&w)->have, 1);
}

/* One key under two names: lint refuses such a roster; if one were in force all the same, it would count
 * once. */
static void no_count_of_the_same_key_twice(void **state)
{
	(void)state;
	struct ledger_state *s;
	struct ledger_judgement j;
	struct ledger_facts f = w.facts;
	struct roster_person *carol;
	struct ledger_vote *votes;

	world_approve(&w, "carol@lab");
	assert_int_equal(world_judge(&w)->have, 2);
	s = w.r.state;
	carol = (struct roster_person *)roster_find(&s->roster, "carol@lab");
	votes = s->proposals[0].votes;
	snprintf(carol->keys[0].fingerprint, sizeof carol->keys[0].fingerprint, "%s", votes[0].fingerprint);
	votes[1].fingerprint = votes[0].fingerprint;
	memcpy(f.subject, s->proposals[0].text->subject, sizeof f.subject);
	f.now = w.r.now;
	ledger_judge(s, &s->proposals[0], &f, &j);
	assert_int_equal(j.have, 1);
	assert_int_equal(j.votes[1].reasons[0].why, WHY_DUPLICATE);
	ledger_judgement_release(&j);
}

/* A gate that does not pass, waived by carol, and bob's approval that says so. */
static int64_t waived(const char *signer, int64_t until)
{
	struct ledger_text t;
	int64_t waive;

	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	world_fact(&w, "auc")->low = 0.78;
	world_propose(&w);
	waive = world_waive(&w, "carol@lab", "auc", 0.8, until);
	world_expect_stands(&w, waive);
	t = world_text(&w, LEDGER_APPROVE, signer);
	t.waivers = arena_alloc(w.r.mem, sizeof *t.waivers);
	t.waivers[0] = (struct ledger_waiver){"auc", 0.8, until, "carol@lab", waive};
	t.waiver_count = 1;
	row = world_sign(&w, t);
	return waive;
}

static void stale_when_a_waiver_ended(void **state)
{
	(void)state;
	int64_t waive = waived("bob@lab", w.r.now + DAY);

	world_expect_counts(&w, row);
	w.r.now += DAY;
	world_expect(&w, row, WHY_WAIVER, "the waiver of gate auc that it relied on ended at");
	w.r.now -= DAY;
	world_revoke(&w, "carol@lab", waive);
	world_expect(&w, row, WHY_WAIVER, "was taken back");
	/* A row that waives nothing. */
	{
		struct ledger_text t = world_text(&w, LEDGER_APPROVE, "dave@lab");

		t.waivers = arena_alloc(w.r.mem, sizeof *t.waivers);
		t.waivers[0] = (struct ledger_waiver){"auc", 0.8, w.r.now + DAY, "carol@lab", row};
		t.waiver_count = 1;
		row = world_sign(&w, t);
		world_expect(&w, row, WHY_WAIVER, "which waives nothing of this proposal");
	}
}

static void no_count_when_taken_back(void **state)
{
	(void)state;
	int64_t back = world_revoke(&w, "bob@lab", row);

	world_expect_stands(&w, back);
	world_expect(&w, row, WHY_REVOKED, "bob@lab took it back in row");
	assert_int_equal(world_standing(&w, row)->vote->revoked_by, back);
	assert_int_equal(world_judge(&w)->have, 0);
}

static void stale_when_a_waiver_was_not_seen(void **state)
{
	(void)state;
	world_fact(&w, "auc")->result = GATE_UNDECIDED;
	world_fact(&w, "auc")->low = 0.78;
	world_propose(&w);
	row = world_approve(&w, "bob@lab");
	world_expect_counts(&w, row);
	world_expect_stands(&w, world_waive(&w, "carol@lab", "auc", 0.8, w.r.now + DAY));
	world_expect(&w, row, WHY_WAIVER, "does not say that it relies on the waiver of gate auc");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(stale_when_the_manifest_changes),
	    T(stale_when_evidence_changes),
	    T(stale_when_a_gate_comes_out_differently),
	    T(stale_when_another_policy_is_in_force),
	    T(stale_when_the_signer_left_the_roster),
	    T(stale_when_the_signer_lost_the_role),
	    T(stale_when_the_key_left_the_roster),
	    T(stale_when_the_key_departed),
	    T(stale_when_the_key_is_compromised),
	    T(stale_when_scanner_rules_are_old),
	    T(stale_when_code_changes),
	    T(stale_when_the_environment_changes),
	    T(stale_when_data_changes),
	    T(stale_when_the_seal_of_the_run_changes),
	    T(stale_when_the_signer_becomes_an_author),
	    T(stale_when_another_champion_is_in_the_stage),
	    T(stale_when_unused_for_too_long),
	    T(no_count_when_taken_back),
	    T(no_count_below_the_assurance),
	    T(no_count_of_an_auditor),
	    T(no_count_of_the_same_person_twice),
	    T(no_count_of_the_same_key_twice),
	    T(stale_when_a_waiver_ended),
	    T(stale_when_a_waiver_was_not_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
