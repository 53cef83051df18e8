/* Review: what the reader hands to the screen, and how it is laid out. Nothing here points into the ledger's
 * state, which the reader's thread may change. */
#ifndef ASSAY_VIEW_REVIEW_H
#define ASSAY_VIEW_REVIEW_H

#include "assay/base.h"
#include "assay/ledger.h"
#include "assay/ui.h"
#include "assay/work.h"

/* A line that can be opened. */
enum review_kind {
	REVIEW_PROPOSAL,
	REVIEW_CHAMPION,
	REVIEW_POLICY,
	REVIEW_GATE,
	REVIEW_CHANGES,
	REVIEW_VOTE
};
struct review_item {
	enum review_kind kind;
	const char *title;
	const char *text;     /* what is to be read about it, lines of at most about 76 columns */
	const char *key;      /* remembered under this when it was opened; NULL: it is no evidence */
	const char **objects; /* "bias-report sha256:…": read when it is opened */
	size_t object_count;
	int64_t row; /* of the ledger, whose exact text and signature are read; 0: none */
};

struct review_gate {
	size_t item;
	const char *id, *label;
	const char *champion, *candidate, *limit; /* NULL: none */
	const char *measured;    /* of a difference: "+0.0081"; NULL: it is the candidate's value */
	const char *interval;    /* "[0.787, 0.815]"; NULL */
	double value, low, high; /* as signed; NaN */
	bool number;             /* false: stands on the line of those without numbers */
	enum gate_result verdict;
	bool lets_through, waivable, bias;
	const char *note; /* why it does not pass, and what lets it through; NULL */
	bool more;        /* the note is more than the bare word */
};
struct review_vote {
	size_t item;
	int64_t row;
	enum ledger_kind kind;
	bool counts, gone;            /* gone: revoked, nothing to worry about */
	const char *who, *what, *key; /* "Li Wei", "peer, approve", "SHA256:kx… software key" */
	const char *why;              /* it does not count; NULL */
	int64_t at;
	const char *reason;
};
struct review_data {
	const char *role, *name;
	char digest[SHA256_TEXT];
};

struct review_seen {
	int64_t proposal, at;
	enum proposal_status status;
	const char *model, *stage;
	int64_t version;
	const char *subject;       /* its first eight digits */
	const char *asks, *reason; /* "Mara Lind <mara@lab>" */
	const char *against, *policy;
	const char *champion_name;           /* "v6"; NULL: none */
	int64_t candidate_run, champion_run; /* 0: gone */
	struct review_gate *gates;
	size_t gate_count;
	bool has_champion; /* a gate has a value of the champion */
	struct review_vote *votes;
	size_t vote_count;
	const char *changes, *waiting;
	size_t changes_item;
	bool approved, vetoed;
	int have, need;
	const char **blocks; /* everything that stands in the way */
	size_t block_count;
	const char **obstacles; /* those of them that no line below shows */
	size_t obstacle_count;
	const char **warnings;
	size_t warning_count;
	struct review_data *data;
	size_t data_count;
	const char **bias; /* the bias reports among the evidence, as items name objects */
	size_t bias_count;
	struct review_item *items;
	size_t item_count;
	int64_t results_row;
};

struct review_ask {
	int64_t proposal;
};
ui_work_fn view_review_read; /* gives review_seen */
/* Whether anything has been appended: gives int64_t, another number after any change. */
ui_work_fn view_review_read_pulse;
/* The data set version that an evidence line names: const char *NAME@N; gives its id, int64_t. */
struct review_data_ask {
	char name[256];
};
ui_work_fn view_review_read_data;
/* What a review looks like; strings are copied into the arena. `now` is for "41 d". */
struct review_seen *view_review_seen(const struct work_review *r, const struct ledger_state *state,
                                     int64_t now, struct arena *mem);

/* ---- laid out: lines of pieces ---- */

struct review_piece {
	int x, width; /* width > 0: right-aligned within it; < 0: cut at -width; 0: as it is */
	style_id style;
	const char *text;
	size_t item; /* SIZE_MAX: none */
};
struct review_line {
	struct review_piece *pieces;
	size_t count, cap;
	size_t item; /* that the cursor's sign stands for; SIZE_MAX */
};
struct review_page {
	struct arena *mem;
	struct review_line *lines;
	size_t count, cap;
};
/* For the size of s: in full where all of it has room, else as short as it can be said. */
void view_review_lay(struct review_page *p, const struct review_seen *seen, const struct surface *s);
void view_review_page_release(struct review_page *p);

#endif
