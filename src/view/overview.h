/* Overview: what goes between the screen and the reader. */
#ifndef ASSAY_VIEW_OVERVIEW_H
#define ASSAY_VIEW_OVERVIEW_H

#include "assay/ui.h"
#include "assay/work.h"

struct overview_ask {
	int64_t ledger, store; /* the changes that are known: nothing is read again while they hold; 0: none */
	bool runs_only;        /* loading a ledger may take a while: what runs is shown before */
};

struct overview_proposal {
	int64_t row, at;
	const char *model, *stage, *by, *reason;
	int64_t version;
	size_t passed, waived, not_passed; /* gates */
	int approvals, needed;
	bool mine; /* this person may sign it */
	/* By the second look, which hashes files and asks every rule: */
	bool looked;
	bool approved;     /* complete: somebody may promote it */
	const char *stale; /* a signature that does not count any more, and why; NULL */
};
struct overview_stage {
	const char *model, *stage, *owner, *standing;
	int64_t version, since, row;
	bool halted, unsigned_halt, break_glass, top; /* top: the policy's highest stage */
	const char *why;                              /* it was stopped */
	const char *who;
	int64_t review_by;
};
struct overview_run {
	int64_t id, at, ended;
	const char *name, *experiment, *status, *reason, *flag;
	double progress, metric; /* NaN: none */
	int64_t ends;            /* when it will, as it seems; 0: cannot be told */
	const double *trend;
	size_t trend_count;
};
struct overview_count {
	const char *stage;
	int64_t models;
};
struct overview {
	bool same;
	bool runs_only; /* nothing is said of the ledger yet */
	int64_t ledger, store;
	const char *broken; /* the ledger does not hold; NULL */
	bool no_ledger, no_roster;
	const char *no_key; /* why this person signs nothing; "" when a key was found */
	struct overview_proposal *proposals;
	size_t proposal_count;
	struct overview_stage *stages; /* versions in stages, the highest stage first */
	size_t stage_count;
	struct overview_run *running, *ended; /* ended: failed or lost within a day */
	size_t running_count, ended_count;
	const char *metric; /* of running; NULL: none */
	int64_t runs, registered, in_review;
	bool runs_more;
	struct overview_count *counts; /* the policy's stages, in order */
	size_t count_count;
	const char *top_stage;
	int64_t lead_median; /* ms from registration to the top stage; 0: none yet */
	size_t lead_count;
	size_t pending; /* drafts of roster or policy that lack signatures */
	const char *pending_what;
	int64_t pending_row;
};
ui_work_fn view_overview_read;

/* The second look: does what was signed still hold? Costs the hashing of the files of what waits. */
struct overview_checks {
	int64_t ledger;
	struct overview_check {
		int64_t row;
		bool approved;
		const char *stale;
	} * checks;
	size_t count;
};
ui_work_fn view_overview_check;

#endif
