/* The state that follows from the rows: versions, proposals, stages, what may be used, and what nobody may
 * break. */
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

static struct error err;

static int use(void)
{
	err = (struct error){0};
	return ledger_may_use(rows_state(&w.r), "credit", w.stage, w.r.now, &err);
}

static void from_proposal_to_promotion(void **state)
{
	(void)state;
	const struct ledger_proposal *p;
	const struct ledger_stage *st;
	const struct ledger_move *m;
	const struct ledger_version *v;
	const struct ledger_state *s;
	int64_t row;

	s = rows_state(&w.r);
	assert_string_equal(s->store, ROWS_STORE);
	assert_int_equal(s->seq, 3);
	assert_int_equal(s->version_count, 2);
	assert_int_equal(s->roster.count, 12);
	v = ledger_version_find(s, "credit", 2);
	assert_int_equal(v->row, 3);
	assert_int_equal(v->author_count, 2);
	assert_null(ledger_version_find(s, "credit", 3));
	assert_null(ledger_version_find(s, NULL, 3));
	assert_int_equal(use(), -1);
	world_propose(&w);
	assert_int_equal(world_judge(&w)->have, 0);
	assert_int_equal(w.judgement.need, 2);
	assert_int_equal(w.judgement.gate_count, 4);
	world_approve(&w, "bob@lab");
	row = world_approve(&w, "dave@lab");
	world_expect_counts(&w, row);
	assert_true(world_judge(&w)->approved);
	assert_int_equal(w.judgement.block_count, 0);
	row = world_promote(&w);
	world_expect_stands(&w, row);
	s = rows_state(&w.r);
	p = ledger_proposal_find(s, w.proposal);
	assert_int_equal(p->status, PROPOSAL_PROMOTED);
	assert_int_equal(p->promoted_by, row);
	st = ledger_stage_find(s, "credit", "production");
	assert_int_equal(st->version, 1);
	assert_int_equal(st->row, row);
	assert_int_equal(st->review_by, st->since + 180 * DAY);
	m = ledger_move_find(s, row);
	assert_int_equal(m->promotion, row);
	assert_int_equal(m->proposal, w.proposal);
	assert_int_equal(use(), 0);
	w.version = 2;
	memset(w.facts.subject, 0, sizeof w.facts.subject);
	world_promoted(&w);
	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_int_equal(st->version, 2);
	assert_int_equal(st->previous, 1);
	assert_int_equal(w.r.state->ignored_count, 0);
}

static void reject_and_its_withdrawal(void **state)
{
	(void)state;
	int64_t reject;

	world_propose(&w);
	world_approve(&w, "bob@lab");
	world_approve(&w, "dave@lab");
	reject = world_reject(&w, "erin@lab");
	assert_int_equal(ledger_proposal_find(rows_state(&w.r), w.proposal)->status, PROPOSAL_REJECTED);
	assert_true(world_judge(&w)->vetoed);
	world_expect_void(&w, world_promote(&w), "erin@lab rejected it");
	world_revoke(&w, "erin@lab", reject);
	assert_int_equal(ledger_proposal_find(rows_state(&w.r), w.proposal)->status, PROPOSAL_IN_REVIEW);
	world_expect_stands(&w, world_promote(&w));
}

static void withdrawn_and_superseded(void **state)
{
	(void)state;
	int64_t first = world_propose(&w), second;

	world_approve(&w, "bob@lab");
	second = world_propose(&w);
	assert_int_equal(ledger_proposal_find(rows_state(&w.r), first)->status, PROPOSAL_SUPERSEDED);
	world_revoke(&w, "pat@lab", second);
	assert_int_equal(ledger_proposal_find(rows_state(&w.r), second)->status, PROPOSAL_WITHDRAWN);
	world_expect_void(&w, world_approve(&w, "bob@lab"), "is closed");
}

static void taking_back_after_the_promotion_raises_a_review(void **state)
{
	(void)state;
	int64_t approve;

	world_propose(&w);
	approve = world_approve(&w, "bob@lab");
	world_approve(&w, "dave@lab");
	world_promote(&w);
	world_expect_stands(&w, world_revoke(&w, "bob@lab", approve));
	assert_true(ledger_stage_find(rows_state(&w.r), "credit", "production")->review_by < w.r.now);
	assert_int_equal(use(), 0);
	w.r.now += 15 * DAY;
	assert_int_equal(use(), -1);
	assert_non_null(strstr(err.text, "due for review"));
}

static void halt_and_resume(void **state)
{
	(void)state;
	const struct ledger_stage *st;
	int64_t row, first = world_promoted(&w), halt = world_halt(&w, NULL);

	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_true(st->halted && st->halt_unsigned);
	assert_int_equal(st->halt_row, halt);
	assert_int_equal(ledger_move_find(w.r.state, first)->halted_by, halt);
	assert_int_equal(use(), -1);
	/* The signature that was owed; who signed to resume before starts again. */
	world_resume(&w, "bob@lab", halt);
	halt = world_halt(&w, "aud@lab");
	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_false(st->halt_unsigned);
	assert_int_equal(st->resume_count, 0);
	world_resume(&w, "bob@lab", halt);
	row = world_resume(&w, "dave@lab", halt);
	world_expect_stands(&w, row);
	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_false(st->halted);
	assert_int_equal(ledger_move_find(w.r.state, first)->halted_by, 0);
	assert_int_equal(use(), 0);
}

static void rollback_keeps_what_the_promotion_said(void **state)
{
	(void)state;
	const struct ledger_stage *st;
	const struct ledger_move *m;
	int64_t first = world_promoted(&w), back, due = ledger_move_find(rows_state(&w.r), first)->review_by;

	w.version = 2;
	memset(w.facts.subject, 0, sizeof w.facts.subject);
	world_promoted(&w);
	world_halt(&w, "bob@lab");
	w.version = 1;
	back = world_rollback(&w, first);
	world_expect_stands(&w, back);
	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_int_equal(st->version, 1);
	assert_int_equal(st->previous, 2);
	assert_int_equal(st->review_by, due);
	assert_true(st->halted); /* going on still needs the quorum */
	m = ledger_move_find(w.r.state, back);
	assert_int_equal(m->promotion, first);
}

static void broken_glass_and_its_review(void **state)
{
	(void)state;
	const struct ledger_stage *st;
	int64_t row = world_break_glass(&w, "olga@lab");

	world_expect_stands(&w, row);
	st = ledger_stage_find(rows_state(&w.r), "credit", "production");
	assert_true(st->by_break_glass);
	assert_int_equal(st->version, 1);
	assert_int_equal(use(), 0);
	world_expect_stands(&w, world_retro(&w, "bob@lab", row));
	world_expect_stands(&w, world_retro(&w, "dave@lab", row));
	assert_int_equal(ledger_move_find(rows_state(&w.r), row)->review_count, 2);
	assert_non_null(ledger_vote_find(w.r.state, row + 1));
}

static void changes_come_into_force_with_their_quorum(void **state)
{
	(void)state;
	const char *text = "[policy]\nstages = production\n[stage production]\napprovals = 1\n";
	const struct ledger_state *s;
	int64_t row = world_change(&w, LEDGER_POLICY, text, "rita@lab");

	s = rows_state(&w.r);
	assert_int_equal(s->pending_count, 1);
	assert_int_equal(s->pending[0].signatures, 1);
	assert_int_equal(s->pending[0].needed, 2);
	assert_int_equal(s->pending[0].first_row, row);
	assert_int_equal(s->policy.stage_count, 3);
	/* The same admin again is no second one. */
	world_change(&w, LEDGER_POLICY, text, "rita@lab");
	assert_int_equal(rows_state(&w.r)->pending[0].signatures, 1);
	row = world_change(&w, LEDGER_POLICY, text, "rolf@lab");
	s = rows_state(&w.r);
	assert_int_equal(s->pending_count, 0);
	assert_int_equal(s->policy_row, row);
	assert_int_equal(s->policy.stage_count, 1);
	assert_int_equal(s->ignored_count, 0);
}

/* What was signed for a broken glass or a draft, and taken back, counts no more. */
static void taking_back_reviews_and_drafts(void **state)
{
	(void)state;
	static const char text[] = "[policy]\nstages = production\n[stage production]\napprovals = 1\n";
	struct ledger_text t = world_text(&w, LEDGER_REVOKE, "rita@lab");
	int64_t glass = world_break_glass(&w, "olga@lab");

	world_retro(&w, "dave@lab", glass);
	world_expect_stands(&w, world_revoke(&w, "dave@lab", world_retro(&w, "carol@lab", glass) - 1));
	w.stage = "dev";
	world_expect_void(&w, world_break_glass(&w, "olga@lab"), "is not reviewed yet");
	t.model = t.stage = NULL;
	t.target = world_change(&w, LEDGER_POLICY, text, "rita@lab");
	world_expect_stands(&w, world_sign(&w, t));
	world_change(&w, LEDGER_POLICY, text, "rolf@lab");
	assert_int_equal(rows_state(&w.r)->policy.stage_count, 3);
	world_change(&w, LEDGER_POLICY, text, "rita@lab");
	assert_int_equal(rows_state(&w.r)->policy.stage_count, 1);
}

static void an_admin_who_departed_is_none(void **state)
{
	(void)state;
	const char *line = rows_line(&w.r, "rolf@lab", "rolf", "roles=roster-admin;departed=yes");

	world_expect_void(&w, world_change(&w, LEDGER_ROSTER, world_roster(&w, "rolf@lab", line), "rita@lab"),
	                  "fewer than two roster-admins");
}

/* With two admins, each is needed on both sides: who changes keys signs with the old one and with the new
 * one. */
static void an_admin_changes_keys(void **state)
{
	(void)state;
	const char *roster =
	    world_roster(&w, "rita@lab", rows_line(&w.r, "rita@lab", "rita2", "roles=roster-admin"));
	struct ledger_text t;
	int64_t row;

	world_change(&w, LEDGER_ROSTER, roster, "rita@lab");
	world_change(&w, LEDGER_ROSTER, roster, "rolf@lab");
	assert_int_equal(rows_state(&w.r)->pending[0].signatures, 2);
	assert_int_equal(w.r.state->pending[0].accepted, 1);
	t = world_text(&w, LEDGER_ROSTER, "rita@lab");
	snprintf(t.subject, sizeof t.subject, "%s", rows_object(&w.r, roster));
	row = rows_add(&w.r, t, "rita2");
	world_expect_stands(&w, row);
	assert_int_equal(rows_state(&w.r)->roster_row, row);
	assert_int_equal(w.r.state->pending_count, 0);
}

static void a_draft_that_is_no_good_is_void(void **state)
{
	(void)state;
	world_expect_void(&w, world_change(&w, LEDGER_POLICY, "[policy]\nquorom 3\n", "rita@lab"), "policy:2");
	world_expect_void(&w, world_change(&w, LEDGER_ROSTER, "", "rita@lab"), "roster-admin");
}

static void first_roster_by_its_own_admins(void **state)
{
	(void)state;
	struct ledger_text t = {.kind = LEDGER_GENESIS};
	struct ledger_evidence first = {.kind = "policy"};
	const char *text = world_roster(&w, NULL, NULL);
	struct world fresh = {.stage = "production", .version = 1};
	const struct ledger_state *s;

	/* The default policy needs no object: everybody knows it. */
	rows_init(&fresh.r);
	sha256_hex(POLICY_DEFAULT, strlen(POLICY_DEFAULT), first.digest);
	t.evidence = &first;
	t.evidence_count = 1;
	rows_add(&fresh.r, t, NULL);
	assert_int_equal(rows_state(&fresh.r)->roster.count, 0);
	t = world_text(&fresh, LEDGER_ROSTER, "bob@lab");
	t.role = "risk-reviewer";
	snprintf(t.subject, sizeof t.subject, "%s", rows_object(&fresh.r, text));
	world_expect_void(&fresh, world_sign(&fresh, t), "not a roster-admin");
	t.role = "roster-admin";
	t.signer = t.name = "rita@lab";
	memset(t.request, 0, sizeof t.request);
	world_sign(&fresh, t);
	s = rows_state(&fresh.r);
	assert_int_equal(s->roster.count, 0);
	assert_int_equal(s->pending[0].signatures, 1);
	assert_int_equal(s->pending[0].needed, 2);
	t.signer = t.name = "rolf@lab";
	world_sign(&fresh, t);
	assert_int_equal(rows_state(&fresh.r)->roster.count, 12);
	world_release(&fresh);
}

static void counts_what_is_sealed(void **state)
{
	(void)state;
	assert_int_equal(rows_state(&w.r)->sealed_to, 0);
	world_propose(&w);
	assert_int_equal(rows_state(&w.r)->sealed_to, 4);
	world_results(&w);
	world_results(&w);
	world_results(&w);
	assert_int_equal(rows_state(&w.r)->seq - w.r.state->sealed_to, 3);
	world_sign(&w, world_text(&w, LEDGER_CHECKPOINT, "aud@lab"));
	assert_int_equal(rows_state(&w.r)->sealed_to, 8);
	assert_int_equal(w.r.state->ignored_count, 0);
}

/* Requirement T33: another model's rows disturb nobody; a gate of the same one does. */
static void two_reviewers_do_not_disturb_each_other(void **state)
{
	(void)state;
	struct ledger_text a, b;

	world_propose(&w);
	a = world_text(&w, LEDGER_APPROVE, "bob@lab");
	b = world_text(&w, LEDGER_APPROVE, "dave@lab");
	a.seen_seq = b.seen_seq = w.proposal;
	memcpy(a.seen_head, w.r.rows[w.proposal - 1].link, sizeof a.seen_head);
	memcpy(b.seen_head, a.seen_head, sizeof b.seen_head);
	world_sign(&w, a);
	rows_add(&w.r,
	         (struct ledger_text){.kind = LEDGER_REGISTRATION,
	                              .model = "other",
	                              .version = 1,
	                              .subject =
	                                  "7e"
	                                  "00000000000000000000000000000000000000000000000000000000000000"},
	         NULL);
	world_sign(&w, b);
	assert_int_equal(world_judge(&w)->have, 2);
}

static uint64_t seed;

static int64_t draw(int64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)below);
}

static void check_promotion(const struct ledger_state *s, const struct ledger_move *m)
{
	const struct ledger_proposal *p = ledger_proposal_find(s, m->proposal);
	size_t people = 0;

	assert_non_null(p);
	assert_string_equal(p->text->subject, m->subject);
	for (size_t i = 0; i < p->vote_count; i++) {
		const struct ledger_vote *v = &p->votes[i];
		bool first = v->kind == LEDGER_APPROVE && (!v->revoked || v->revoked_by > m->row);

		if (v->kind == LEDGER_REJECT)
			assert_true(v->row > m->row || (v->revoked && v->revoked_by < m->row));
		assert_string_not_equal(v->kind == LEDGER_APPROVE ? v->principal : "", "alice@lab");
		assert_string_not_equal(v->kind == LEDGER_APPROVE ? v->principal : "", p->text->signer);
		for (size_t k = 0; k < i; k++)
			first &= p->votes[k].kind != LEDGER_APPROVE || strcmp(p->votes[k].principal, v->principal);
		people += first;
	}
	assert_true(people >= (strcmp(m->stage, "production") ? 0 : 2));
}

/* Whatever stands in the rows, in whatever order: what holds of every state. */
static void random_rows_keep_what_always_holds(void **state)
{
	(void)state;
	static const char *const who[] = {"alice@lab", "pat@lab",  "bob@lab",  "carol@lab", "vera@lab",
	                                  "dave@lab",  "erin@lab", "olga@lab", "otto@lab",  "nobody@lab"};
	static const enum ledger_kind kinds[] = {
	    LEDGER_APPROVE,     LEDGER_APPROVE,     LEDGER_APPROVE, LEDGER_APPROVE, LEDGER_REJECT,
	    LEDGER_REVOKE,      LEDGER_WAIVE,       LEDGER_PROPOSE, LEDGER_PROMOTE, LEDGER_PROMOTE,
	    LEDGER_PROMOTE,     LEDGER_ROLLBACK,    LEDGER_HALT,    LEDGER_RESUME,  LEDGER_RESUME,
	    LEDGER_BREAK_GLASS, LEDGER_RETRO_REVIEW};
	const struct ledger_state *s;
	size_t promotions = 0, others = 0;

	seed = 88172645463325252u;
	w.r.level = 2;
	for (int v = 3; v <= 12; v++)
		world_register(&w, v, "alice@gpu1", NULL, "alice@gpu1");
	for (int i = 0; i < 140; i++) {
		enum ledger_kind kind = kinds[draw(COUNT_OF(kinds))];
		struct ledger_text t;
		int64_t row;

		/* Mostly about what is proposed, so that some of it comes to something. */
		if (kind == LEDGER_HALT && draw(4))
			kind = LEDGER_RESUME;
		if (kind == LEDGER_REJECT && draw(4))
			kind = LEDGER_APPROVE;
		if (kind == LEDGER_PROPOSE) {
			w.version = 1 + draw(12);
			w.stage = draw(4) ? "production" : "dev";
		}
		t = world_text(&w, kind,
		               kind == LEDGER_PROMOTE || kind == LEDGER_ROLLBACK ? "olga@lab"
		                                                                 : who[draw(COUNT_OF(who))]);
		t.reason = LONG_REASON;
		t.expires = kind == LEDGER_BREAK_GLASS ? w.r.now + DAY / 2 : 0;
		if (t.target && draw(8) == 0)
			t.target = 1 + draw((int64_t)w.r.count);
		if (kind == LEDGER_REVOKE)
			t.target = 1 + draw((int64_t)w.r.count);
		s = w.r.state;
		if ((kind == LEDGER_ROLLBACK || kind == LEDGER_RETRO_REVIEW) && s->move_count) {
			const struct ledger_move *m = &s->moves[draw((int64_t)s->move_count)];

			t.target = m->row;
			t.version = m->version;
			memcpy(t.subject, m->subject, sizeof t.subject);
			if (kind == LEDGER_RETRO_REVIEW)
				t.version = 0, t.subject[0] = '\0';
		}
		if (kind == LEDGER_RESUME) {
			const struct ledger_stage *st = ledger_stage_find(rows_state(&w.r), "credit", w.stage);

			t.target = st && st->halt_row ? st->halt_row : 1;
			t.version = st ? st->version : 0;
			memcpy(t.subject, st ? st->subject : "", st ? sizeof t.subject : 1);
		}
		if (t.target < 1)
			t.target = 1;
		if (kind == LEDGER_WAIVE) {
			t.waivers = arena_alloc(w.r.mem, sizeof *t.waivers);
			t.waivers[0] = (struct ledger_waiver){"auc", 0.7, w.r.now + DAY, t.signer, t.target};
			t.waiver_count = 1;
		}
		row = world_sign(&w, t);
		if (kind == LEDGER_PROPOSE && !rows_void(&w.r, row))
			w.proposal = row;
	}
	s = rows_state(&w.r);
	for (size_t i = 0; i < s->move_count; i++) {
		const struct ledger_move *m = &s->moves[i], *from = ledger_move_find(s, m->promotion);

		if (m->kind == LEDGER_PROMOTE) {
			promotions++;
			check_promotion(s, m);
			continue;
		}
		others++;
		assert_true((m->kind == LEDGER_ROLLBACK) == (from != NULL));
		if (from) {
			assert_int_equal(from->kind, LEDGER_PROMOTE);
			assert_string_equal(from->subject, m->subject);
			assert_string_equal(from->stage, m->stage);
		}
	}
	for (size_t i = 0; i < s->stage_count; i++) {
		const struct ledger_stage *st = &s->stages[i];
		size_t open = 0;

		if (st->halted)
			assert_int_equal(ledger_may_use(s, st->model, st->stage, w.r.now, NULL), -1);
		for (size_t k = 0; k < s->proposal_count; k++)
			open += s->proposals[k].status <= PROPOSAL_REJECTED &&
			        !strcmp(s->proposals[k].text->stage, st->stage);
		assert_true(open <= 1);
		assert_true(!st->version == !ledger_move_find(s, st->row));
	}
	/* The rows are many enough that something happened. */
	assert_true(promotions && others && s->ignored_count > 20);
}

static void refuses_what_cannot_be_read(void **state)
{
	(void)state;
	struct ledger_state *s = NULL;
	struct ledger_row rows[2] = {w.r.rows[1], w.r.rows[0]};

	assert_int_equal(ledger_replay(NULL, 0, NULL, &s, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	/* Not without its objects. */
	assert_int_equal(ledger_replay(w.r.rows, w.r.count, NULL, &s, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_non_null(strstr(err.text, "row 1"));
	assert_null(s);
	assert_int_equal(ledger_replay(rows, 2, NULL, &s, &err), -1);
	assert_non_null(strstr(err.text, "begins with its genesis"));
	rows[0] = w.r.rows[0];
	rows[0].body = "assay-record/9\n";
	rows[0].body_len = 15;
	assert_int_equal(ledger_replay(rows, 1, NULL, &s, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(from_proposal_to_promotion),
	    T(reject_and_its_withdrawal),
	    T(withdrawn_and_superseded),
	    T(taking_back_after_the_promotion_raises_a_review),
	    T(halt_and_resume),
	    T(rollback_keeps_what_the_promotion_said),
	    T(broken_glass_and_its_review),
	    T(changes_come_into_force_with_their_quorum),
	    T(taking_back_reviews_and_drafts),
	    T(an_admin_who_departed_is_none),
	    T(an_admin_changes_keys),
	    T(a_draft_that_is_no_good_is_void),
	    T(first_roster_by_its_own_admins),
	    T(counts_what_is_sealed),
	    T(two_reviewers_do_not_disturb_each_other),
	    T(random_rows_keep_what_always_holds),
	    T(refuses_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
