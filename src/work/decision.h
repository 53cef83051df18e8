/* Inside the room: what the files about decisions share. */
#ifndef WORK_DECISION_H
#define WORK_DECISION_H

#include "work.h"

/* A text as a kind needs it, and what it stands on; everything lives in the arena. */
struct subject {
	struct work_version version;
	struct ledger_facts facts;
};
/* The version and what holds of it now. */
int subject_find(struct trust *t, const char *model, int64_t version, const char *stage, struct arena *mem,
                 struct subject *out, struct error *err);
/* One row's text. ERR_NO if there is no such row. */
int decision_row(struct trust *t, int64_t seq, struct arena *mem, struct ledger_row *row,
                 struct ledger_text *text, struct error *err);
/* The row that a request made: 0 if there is none. text may be NULL. */
int decision_by_request(struct trust *t, const char *request, struct arena *mem, int64_t *seq,
                        struct ledger_text *text, struct error *err);
/* The text of a halt that nobody signs. */
int draft_halt_unsigned(struct trust *t, const char *model, const char *stage, const char *reason,
                        struct arena *mem, struct str *out, struct error *err);
/* A sentence about a halt that nobody has signed yet; NULL: there is none. */
const char *halt_owed(const struct ledger_state *s, const char *model, const char *stage, struct arena *mem);
/* As ledger_judge; of a proposal that was promoted, what its approvals are worth now: they were used in time,
 * and the champion that they were compared with gave way to it, so that neither makes them stale. */
void judge_proposal(const struct ledger_state *s, const struct ledger_proposal *p,
                    const struct ledger_facts *now, struct ledger_judgement *out);
/* Fills gate_champion, gate_candidate and gate_why. */
void review_gates(struct trust *t, struct work_review *out);
/* Fills what changed since the champion. */
int changes_find(struct trust *t, struct work_review *out, struct error *err);
/* Writes the folder of a stage and swaps the link to it, then runs the store's hook. */
int stage_publish(struct trust *t, const struct ledger_text *text, int64_t row, struct error *err);

#endif
