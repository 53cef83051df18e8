/*
 * The rules by which a decision counts, each with a name. Every rule is asked at one place of the code,
 * through RULE_ASKED, and has a test of its own, which fails when the rule is taken out: compiled with
 * -DRULE_OUT=RULE_SUBJECT that one rule is not asked (tests/long/rule_removal.sh does so for all of them).
 */
#ifndef ASSAY_LEDGER_RULES_H
#define ASSAY_LEDGER_RULES_H

#include "assay/ledger.h"

/* clang-format off */
/* name, test of it in tests/unit/test_ledger_rules*.c */
#define LEDGER_RULES(RULE) \
	/* what makes an approval stale */ \
	RULE(SUBJECT, stale_when_the_manifest_changes) \
	RULE(EVIDENCE, stale_when_evidence_changes) \
	RULE(GATE, stale_when_a_gate_comes_out_differently) \
	RULE(POLICY, stale_when_another_policy_is_in_force) \
	RULE(ROSTER_LEFT, stale_when_the_signer_left_the_roster) \
	RULE(ROSTER_ROLE, stale_when_the_signer_lost_the_role) \
	RULE(KEY_GONE, stale_when_the_key_left_the_roster) \
	RULE(KEY_DEPARTED, stale_when_the_key_departed) \
	RULE(KEY_COMPROMISED, stale_when_the_key_is_compromised) \
	RULE(RULES_AGE, stale_when_scanner_rules_are_old) \
	RULE(SOURCE_CODE, stale_when_code_changes) \
	RULE(SOURCE_ENV, stale_when_the_environment_changes) \
	RULE(SOURCE_DATA, stale_when_data_changes) \
	RULE(SOURCE_SEAL, stale_when_the_seal_of_the_run_changes) \
	RULE(AUTHOR_LATER, stale_when_the_signer_becomes_an_author) \
	RULE(BASELINE, stale_when_another_champion_is_in_the_stage) \
	RULE(EXPIRED, stale_when_unused_for_too_long) \
	RULE(REVOKED, no_count_when_taken_back) \
	RULE(LEVEL, no_count_below_the_assurance) \
	RULE(ROLE_SIGNS, no_count_of_an_auditor) \
	RULE(SAME_PERSON, no_count_of_the_same_person_twice) \
	RULE(SAME_KEY, no_count_of_the_same_key_twice) \
	RULE(WAIVER_RELIED, stale_when_a_waiver_ended) \
	RULE(WAIVER_SEEN, stale_when_a_waiver_was_not_seen) \
	/* what a promotion needs */ \
	RULE(QUORUM, promotion_needs_the_quorum) \
	RULE(ROLES, promotion_needs_every_role) \
	RULE(VETO, reject_vetoes_the_subject) \
	RULE(PROPOSAL_SUBJECT, promotion_needs_the_proposed_bytes) \
	RULE(IN_REVIEW, promotion_needs_an_open_proposal) \
	RULE(NOT_HALTED, promotion_needs_a_stage_that_is_not_halted) \
	RULE(UNMAPPED, unmapped_author_blocks) \
	RULE(GATES, promotion_needs_its_gates) \
	/* gates and waivers */ \
	RULE(GATE_RULE, gate_of_another_rule_is_missing) \
	RULE(GATE_NUMBERS, gate_whose_numbers_disagree_is_missing) \
	RULE(GATE_AGE, gate_of_old_rules_does_not_pass) \
	RULE(WAIVABLE, waiver_needs_a_waivable_gate) \
	RULE(SCAN_MALICIOUS, waiver_never_for_a_malicious_scan) \
	RULE(WAIVER_BOUND, waiver_is_bounded) \
	RULE(WAIVER_ENDED, waiver_ends) \
	RULE(WAIVER_REVOKED, waiver_can_be_taken_back) \
	RULE(WAIVER_SUBJECT, waiver_is_for_one_subject) \
	RULE(WAIVER_KEY, waiver_needs_a_good_key_still) \
	RULE(WAIVER_LINE, waiver_names_one_gate) \
	RULE(WAIVER_REASON, waiver_needs_forty_characters) \
	RULE(WAIVER_TERM, waiver_ends_within_ninety_days) \
	RULE(WAIVER_ROLE, waiver_needs_a_risk_reviewer) \
	RULE(WAIVER_APPROVER, waiver_not_by_an_approver) \
	RULE(WAIVER_AUTHOR, waiver_not_by_an_author) \
	/* who may sign what */ \
	RULE(STORE, text_of_another_store) \
	RULE(REQUEST_ONCE, request_counts_once) \
	RULE(SEEN, rows_between_make_void) \
	RULE(SIGNED, decision_needs_a_signature) \
	RULE(SIGNER, signer_stands_in_the_roster) \
	RULE(SIGNER_NAME, name_is_the_roster_s) \
	RULE(KEY_OWNER, key_belongs_to_the_signer) \
	RULE(ROLE_HELD, role_is_held_by_the_signer) \
	RULE(SAME_POLICY, text_of_another_policy_is_stale) \
	RULE(SAME_ROSTER, text_of_another_roster_is_stale) \
	RULE(SAME_CHAMPION, text_of_another_champion_is_stale) \
	RULE(STAGE_KNOWN, stage_stands_in_the_policy) \
	RULE(REGISTERED, version_is_registered) \
	RULE(RUN_KEPT, text_names_the_run_as_it_was_registered) \
	RULE(REGISTER_ONCE, version_is_never_used_again) \
	RULE(AUTHORS_TOLD, version_says_who_made_it) \
	RULE(RESULTS_SUBJECT, results_are_about_the_registered_bytes) \
	RULE(TARGET, proposal_is_there_and_open) \
	RULE(TARGET_FIELDS, answer_is_about_what_was_proposed) \
	RULE(AUTHOR, author_may_not_approve) \
	RULE(REVOKE_TARGET, revoke_needs_a_row_that_stands) \
	RULE(REVOKE_OWN, revoke_only_one_s_own) \
	RULE(REVOKE_FIELDS, revoke_names_what_it_is_about) \
	RULE(OPERATOR, promote_by_operator_or_owner) \
	/* going back, stopping, going on */ \
	RULE(ROLLBACK_ROLE, rollback_by_an_operator) \
	RULE(ROLLBACK_PROPER, rollback_to_a_proper_promotion) \
	RULE(ROLLBACK_FIELDS, rollback_names_what_was_promoted) \
	RULE(ROLLBACK_CURRENT, rollback_to_another_version) \
	RULE(ROLLBACK_HALTED, rollback_not_to_what_was_halted) \
	RULE(ROLLBACK_INTACT, rollback_needs_intact_files) \
	RULE(ROLLBACK_REASON, rollback_needs_a_reason) \
	RULE(RESUME_TARGET, resume_answers_the_halt) \
	RULE(RESUME_FIELDS, resume_is_about_what_is_in_the_stage) \
	RULE(RESUME_AUTHOR, resume_not_by_an_author) \
	RULE(RESUME_QUORUM, resume_needs_the_quorum) \
	RULE(GLASS_REGISTERED, break_glass_for_a_registered_version) \
	RULE(GLASS_ROLE, break_glass_by_owner_or_operator) \
	RULE(GLASS_LEVEL, break_glass_needs_a_touch) \
	RULE(GLASS_REASON, break_glass_needs_a_reason) \
	RULE(GLASS_EXPIRES, break_glass_lasts_a_day) \
	RULE(GLASS_ONE, break_glass_once_at_a_time) \
	RULE(GLASS_SCAN, break_glass_never_over_a_failed_scan) \
	RULE(GLASS_HALTED, break_glass_not_into_a_halted_stage) \
	RULE(RETRO_TARGET, retro_review_answers_break_glass) \
	RULE(RETRO_FIELDS, retro_review_names_the_stage) \
	RULE(RETRO_OTHER, retro_review_by_others) \
	/* rosters and policies */ \
	RULE(ADMIN, change_needs_an_admin) \
	RULE(OLD_ADMINS, change_needs_the_old_admins) \
	RULE(NEW_ADMINS, roster_needs_its_new_admins) \
	RULE(ADMINS_DROP, roster_keeps_two_admins) \
	/* what a deployment asks */ \
	RULE(USE_VERSION, use_needs_a_version) \
	RULE(USE_HALTED, use_stops_at_a_halt) \
	RULE(USE_EXPIRED, use_ends_with_break_glass) \
	RULE(USE_RETRO, use_needs_the_retro_review) \
	RULE(USE_REVIEW, use_ends_after_the_grace) \
	RULE(USE_WAIVER, use_ends_with_its_waiver)
/* clang-format on */

enum ledger_rule {
#define RULE(name, test) RULE_##name,
	LEDGER_RULES(RULE)
#undef RULE
	    RULES
};

#ifdef RULE_OUT
#define RULE_ASKED(name) (RULE_##name != RULE_OUT)
#else
#define RULE_ASKED(name) ((void)RULE_##name, true)
#endif

/* ---- the state, with what only this room looks at ---- */

struct state_row {
	int64_t seq;
	const struct ledger_text *text;
	bool is_signed, is_void;
};

struct state_inside {
	struct ledger_state s; /* first: a state that is handed out leads back here */
	struct state_row *rows;
	size_t row_count;
	struct intern requests; /* ids: index into request_rows */
	int64_t *request_rows;
	struct intern versions; /* "model\nversion" -> index into s.versions */
	struct intern results;  /* "model\nversion\nstage" -> index into results_rows: its newest gate-results */
	struct state_row *results_rows;
	const struct ledger_objects *objects; /* while rows are added */
	struct arena **texts; /* arenas that the rows' texts stand in, beside s.mem; freed with it */
	size_t text_arenas;
};

/* An empty state, for state_add; freed by ledger_state_free(&in->s). */
struct state_inside *state_new(const struct ledger_objects *objects);
/* An array of the arena with one more place at its end; it doubles at powers of two, so that no capacity is
 * kept. */
void *state_grow(struct arena *mem, void *items, size_t count, size_t size);
/* One row. ERR_TAMPER: an object that it needs cannot be had. What breaks a rule is not an error (ignored).
 */
int state_add(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
              const struct ledger_signature *key, struct error *err);
void state_ignore(struct state_inside *in, int64_t row, const char *why);
/* What a decision that may be does. */
void state_decide(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                  const struct ledger_signature *key);
/* registration, gate-results, genesis. */
int state_record(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                 struct error *err);
/* Roster and policy: the draft of a row (kind roster; ERR_NO when it is no good), its signature, its coming
 * into force. */
int state_draft(struct state_inside *in, const struct ledger_text *t, const struct ledger_signature *key,
                struct roster *draft, bool *known, struct error *err);
int state_accept(struct state_inside *in, const struct ledger_text *t, const struct ledger_vote *vote,
                 const struct roster *draft, struct error *err);
int state_read_roster(struct state_inside *in, const char *digest, struct roster *out, struct error *err);
int state_read_policy(struct state_inside *in, const char *digest, struct policy *out, struct error *err);
struct ledger_vote state_vote(struct arena *mem, const struct ledger_row *row, const struct ledger_text *t,
                              const struct ledger_signature *key);
/* The newest gate-results of a version for a stage; NULL: none. */
const struct state_row *state_results(const struct ledger_state *s, const char *model, int64_t version,
                                      const char *stage);
bool state_same_store(const struct ledger_state *s, const struct ledger_text *t);
/* Would a decision that had not seen this row be stale by it? */
bool state_touches(const struct ledger_text *row, const struct ledger_text *t);

/* ---- questions that several rules ask ---- */

#define SHORT_DIGEST 13
/* "8f43a1b2…" or "none". */
const char *digest_short(const char *hex, char out[SHORT_DIGEST]);
bool role_signs(const char *role);
/* NULL, or why this key of the person counts for nothing that is signed in that row: the end of a sentence.
 */
const char *key_trust(const struct roster_person *person, const char *fingerprint, int64_t row);
bool level_reaches(const struct policy_stage *stage, int level);
/* NULL, or what that person did for the version ("launched the run"); evidence: what is listed. */
const char *author_what(const struct ledger_state *s, const struct ledger_version *v,
                        const struct ledger_evidence *evidence, size_t count, const char *principal);
/* NULL, or the login of an author whom the roster does not know. */
const char *author_unmapped(const struct ledger_state *s, const struct ledger_version *v,
                            const struct ledger_evidence *evidence, size_t count);
bool roster_is_admin(const struct roster *r, const char *principal, const char *fingerprint, int64_t row);
int roster_admins(const struct roster *r, int64_t row);

/* ---- judging ---- */

struct judging {
	const struct ledger_state *s;
	const struct ledger_proposal *p;      /* NULL: of a stage that is to resume */
	const struct ledger_facts *facts;     /* NULL: none are known */
	const struct policy_stage *stage;     /* NULL: the policy has no such stage */
	const struct ledger_stage *place;     /* NULL: nothing was ever there */
	const struct ledger_version *version; /* NULL: not registered */
	int64_t now;
	struct arena *mem;
	struct ledger_gate_standing *gates;
	size_t gate_count;
};
struct reasons {
	struct arena *mem;
	struct ledger_reason *items;
	size_t count;
	int64_t row;
};
void reason_add(struct reasons *r, enum ledger_why why, const char *format, ...) PRINTF_LIKE(3, 4);
/* The text against the facts: reasons 1, 2, 3, 7 and 8. */
void judge_text(const struct judging *j, const struct ledger_text *t, struct reasons *out);
/* The champion that the text names against the one that is there: reason 10. */
void judge_baseline(const struct judging *j, const struct ledger_text *t, struct reasons *out);
/* A vote by who signed it and when: 4, 5, 6, 9, 11, revoked, level, role; author_rule is asked by the caller.
 */
void judge_signer(const struct judging *j, const struct ledger_vote *v, struct reasons *out);
/* NULL, or why this waive row does not let the gate through. */
const char *judge_waiver(const struct judging *j, const struct policy_gate *g,
                         const struct ledger_gate *result, const struct ledger_vote *v);
/* Gates of the policy for the stage, with their waivers. */
void judge_gates(struct judging *j);
/* What the ledger itself knows of a text's facts, for replay: the text, with the newest results. */
struct ledger_facts facts_of_text(const struct ledger_text *t, const struct ledger_proposal *p, int64_t now);

/* ---- may ---- */

struct asking {
	const struct ledger_state *s;
	const struct ledger_text *t;
	const struct ledger_signature *key; /* NULL: not signed yet */
	const struct ledger_facts *facts;   /* NULL: none */
	const struct roster *draft;         /* of kind roster; NULL: not known */
	int64_t now, row;                   /* the row that it would be */
	/* Found on the way: */
	const struct roster_person *person; /* NULL: an unsigned halt */
	const struct ledger_proposal *p;
	const struct policy_stage *stage;
	const struct ledger_stage *place;
	const struct ledger_version *version;
};
int may_ask(struct asking *a, struct error *err);
int may_review(struct asking *a, struct error *err); /* propose approve reject waive revoke */
int may_stage(struct asking *a, struct error *err);  /* promote rollback resume break-glass retro-review */
int may_change(struct asking *a, struct error *err); /* roster policy */
/* ERR_NO unless the proposal that is answered is there, open, and about the same; ERR_STALE unless the text
 * says what the facts and the champion are. */
int may_same_target(const struct asking *a, struct error *err);
int may_same_facts(const struct asking *a, struct error *err);
/* Of the key that signed, or that the person would sign with. */
const char *may_fingerprint(const struct asking *a);
/* Have the stage's people signed to resume? */
bool resume_complete(const struct ledger_state *s, const struct ledger_stage *st, int64_t now);
/* Retro-reviews that count: distinct people other than who broke the glass. */
int retro_reviews(const struct ledger_state *s, const struct ledger_move *m);

#endif
