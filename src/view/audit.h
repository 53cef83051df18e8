/* Audit: what goes between the screens and the reader. */
#ifndef ASSAY_VIEW_AUDIT_H
#define ASSAY_VIEW_AUDIT_H

#include <stdatomic.h>

#include "assay/store.h"
#include "assay/ui.h"

#include "trail.h"

/* The newest activities are listed; what is older is not audited, only remembered. */
#define AUDIT_ACTIVITIES 5000

/* An entry is a row of the ledger or an activity. Its id: 2 * seq, or 2 * activity + 1. */
struct audit_entry {
	int64_t id, at;
	const struct trail_row *row; /* one of these two */
	const struct activity *activity;
};
struct audit_ask {
	int64_t ledger, store; /* the changes that are known: nothing is read again while they hold; 0: none */
};
struct audit_list {
	bool same;
	int64_t ledger, store;
	struct audit_entry *entries; /* newest first */
	size_t count;
	struct trail_row *rows;
	size_t row_count;
	int64_t sealed_to;
	size_t open;       /* rows that no signature seals yet */
	bool more;         /* there are older activities */
	const char *fault; /* the ledger does not hold, or cannot be read; NULL */
	int64_t fault_row; /* that the fault names; 0 */
	bool no_ledger, no_roster;
};
ui_work_fn view_audit_read;

struct audit_entry_ask {
	int64_t id;
};
struct audit_detail {
	const char *text; /* for the pager */
	const char *title;
	int64_t row; /* of the ledger; 0 */
};
ui_work_fn view_audit_read_entry;

/* Verification, on a thread of its own. The block stands in the request's own arena: the screen looks at it
 * while the request is alive (ui_asking). */
struct audit_progress {
	_Atomic int64_t done, total;
	_Atomic bool stop;
};
struct audit_verify_ask {
	struct audit_progress *progress;
};
struct audit_verdict {
	bool ok, unverifiable;
	const char *summary; /* one line */
	const char *report;  /* for the pager: every place that is wrong */
	size_t problems;
};
ui_work_fn view_audit_verify;

struct entry_args {
	int64_t id;
};
struct report_args {
	const char *title, *text;
};
extern const struct view_ops ENTRY_VIEW, REPORT_VIEW;

#endif
