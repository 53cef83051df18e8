/* A small company for tests of the ledger's rules: people, a policy, two versions of a model, and what they
 * sign. */
#ifndef ASSAY_TEST_LEDGER_WORLD_H
#define ASSAY_TEST_LEDGER_WORLD_H

#include "ledger_rows.h"

/*
 * alice@lab  owner               launches the runs (login alice@gpu1)
 * pat@lab    peer                proposes
 * bob@lab    risk-reviewer
 * carol@lab  risk-reviewer,peer
 * vera@lab   risk-reviewer       (login vera@gpu1)
 * dave@lab   peer
 * erin@lab   fairness-reviewer,owner
 * olga@lab   operator
 * otto@lab   operator,owner
 * rita@lab   roster-admin
 * rolf@lab   roster-admin
 * aud@lab    auditor
 *
 * Keys are called as the part before the @.
 *
 * Stages dev (no approvals), touched (1, level A2), production (2, one of a risk-reviewer).
 * Gates manifest, replay; auc (low>=0.8, waivable), scan (waivable).
 */
struct world {
	struct ledger_rows r;
	struct ledger_facts facts; /* what holds now; texts are made from them */
	struct ledger_gate gates[8];
	struct ledger_data data[4];
	struct ledger_evidence evidence[4];
	const char *stage; /* that is worked with: "production" */
	int64_t version;
	int64_t proposal; /* the last one that was made */
	struct ledger_judgement judgement;
};

#define DAY         ((int64_t)86400000)
#define LONG_REASON "the interval is wide because the test data are few; more come in spring"

/* Genesis, version 1 and 2 registered. */
void world_init(struct world *w);
void world_release(struct world *w);
/* The people's roster, with the line of one replaced (NULL line: left out) or, when new, added. */
const char *world_roster(struct world *w, const char *principal, const char *line);
/* A registration; each of the logins may be NULL. */
int64_t world_register(struct world *w, int64_t version, const char *launcher, const char *editor,
                       const char *registrar);
/* A text of the kind by that person, in their first role, about what is worked with. */
struct ledger_text world_text(struct world *w, enum ledger_kind kind, const char *who);
/* Adds it, signed with the person's own key. */
int64_t world_sign(struct world *w, struct ledger_text t);
/* The usual ones; the row. */
int64_t world_propose(struct world *w);
int64_t world_approve(struct world *w, const char *who);
int64_t world_reject(struct world *w, const char *who);
int64_t world_revoke(struct world *w, const char *who, int64_t row);
struct ledger_text world_waiver(struct world *w, const char *who, const char *gate, double bound,
                                int64_t until);
int64_t world_waive(struct world *w, const char *who, const char *gate, double bound, int64_t until);
int64_t world_promote(struct world *w);               /* by olga */
int64_t world_results(struct world *w);               /* a gate-results row of the facts */
int64_t world_halt(struct world *w, const char *who); /* NULL: unsigned */
int64_t world_resume(struct world *w, const char *who, int64_t halt);
int64_t world_rollback(struct world *w, int64_t to);
int64_t world_break_glass(struct world *w, const char *who);
int64_t world_retro(struct world *w, const char *who, int64_t row);
/* One signature for a roster or policy text. */
int64_t world_change(struct world *w, enum ledger_kind kind, const char *text, const char *who);
/* Both admins sign. */
void world_roster_in_force(struct world *w, const char *text);
/* Approved by two and promoted; the row. */
int64_t world_promoted(struct world *w);

/* The last proposal, judged by the facts at the time of the next row. */
const struct ledger_judgement *world_judge(struct world *w);
const struct ledger_standing *world_standing(struct world *w, int64_t row);
/* Fails unless the vote does not count, for this reason and no other, whose text has the piece. */
void world_expect(struct world *w, int64_t row, enum ledger_why why, const char *piece);
void world_expect_counts(struct world *w, int64_t row);
/* Fails unless the row is void because of a text with the piece. */
void world_expect_void(struct world *w, int64_t row, const char *piece);
void world_expect_stands(struct world *w, int64_t row);
void world_expect_block(struct world *w, const char *piece);
const struct ledger_gate_standing *world_gate(struct world *w, const char *id);
struct ledger_gate *world_fact(struct world *w, const char *id);

#endif
