/* Words for the parts of a review. All texts stand in the arena. */
#ifndef ASSAY_VIEW_REVIEW_TEXT_H
#define ASSAY_VIEW_REVIEW_TEXT_H

#include "assay/ledger.h"
#include "assay/work.h"

enum { REVIEW_TEXT_WIDTH = 56 }; /* of sentences: they stand beside the review on a wide screen */

/* "auc on holdout", "demographic parity ratio, sex" */
const char *review_gate_label(const struct policy_gate *g, struct arena *mem);
/* "low ≥ 0.8"; NULL for gates without a number */
const char *review_gate_limit(const struct policy_gate *g, struct arena *mem);
bool review_gate_has_number(const struct policy_gate *g);
/* In four digits, more where four would stand on the other side of the limit. NULL for NaN. */
const char *review_number(double value, double limit, bool sign, struct arena *mem);
/* "[0.7871, 0.8154]"; NULL if one end is NaN. */
const char *review_interval(double low, double high, double limit, struct arena *mem);
/* "passes", "fails", "missing", "at the limit", "a group is too small" */
const char *review_gate_word(const struct ledger_gate_standing *s);
/* "2026-11-23 09:12" */
const char *review_time(int64_t ms, struct arena *mem);
const char *review_date(int64_t ms, struct arena *mem);
/* Up to `columns` columns a line, words whole; `indent` blanks before all lines but the first. */
void review_wrap(struct str *out, const char *text, int columns, int indent);
/* "label       value\n", the value wrapped. */
void review_fact(struct str *out, const char *label, const char *value);

/* What is to be read about a gate: rule, values, interval, waiver. */
const char *review_gate_text(const struct work_review *r, size_t at, struct arena *mem);
const char *review_vote_text(const struct ledger_standing *s, struct arena *mem);
const char *review_changes_text(const struct work_review *r, struct arena *mem);
const char *review_proposal_text(const struct work_review *r, struct arena *mem);
const char *review_champion_text(const struct work_review *r, int64_t now, struct arena *mem);
const char *review_policy_text(const struct policy *p, const char *stage, struct arena *mem);
const char *review_level(int level); /* "software", "touch", "PIN or fingerprint" */
/* "Alice Ng", or the principal of one who has no other name. */
const char *review_person(const char *name, const char *principal);

#endif
