/* Audit: what goes between the screens and the reader. */
#ifndef ASSAY_VIEW_AUDIT_H
#define ASSAY_VIEW_AUDIT_H

#include <stdatomic.h>

#include "assay/store.h"
#include "assay/ui.h"

#include "list.h"
#include "trail.h"

struct desk;

/* An entry is a row of the ledger or an activity. Its id: 2 * seq, or 2 * activity + 1. */
struct audit_entry {
	int64_t id, at;
	const struct trail_row *row; /* one of these two */
	const struct activity *activity;
};

/* The ledger as a desk has read it last: pages are made of it until it changes. */
struct audit_trail {
	struct arena *mem;
	int64_t ledger;
	struct trail_row *rows; /* by seq */
	size_t count;
	int64_t sealed_to;
	size_t open;       /* rows that no signature seals yet */
	const char *fault; /* the ledger does not hold, or cannot be read; NULL */
	int64_t fault_row; /* that the fault names; 0 */
	bool no_ledger, no_roster;
};
const struct audit_trail *view_audit_trail(struct desk *desk);
void view_audit_trail_free(struct audit_trail *t);

/* What stands above the list. */
struct audit_state {
	struct list_rows list; /* without rows: those come by pages */
	size_t row_count, open;
	const char *fault;
	int64_t fault_row;
	bool no_ledger;
};
ui_work_fn view_audit_read; /* list_ask */

enum { AUDIT_COLUMNS = 7 };
struct audit_page_ask {
	struct ui_ask_rows rows;
	char filter[LIST_FILTER];
	int about_most; /* columns of what an act is about */
};
ui_work_fn view_audit_read_page; /* gives ui_page, cells in the order of all columns */
/* Every act that matches, into a file. */
struct audit_export_ask {
	struct audit_page_ask page;
	struct ui_export_ask file;
	struct ui_column columns[LIST_COLUMNS]; /* texts in the request's own arena */
	size_t place[LIST_COLUMNS], column_count;
};
struct audit_exported {
	size_t rows;
};
ui_work_fn view_audit_export;

struct audit_entry_ask {
	int64_t id;
	int width; /* to be broken at; 0: the usual */
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
