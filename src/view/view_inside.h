/* What the screens share: the app, the workers' context, the views that open each other. */
#ifndef ASSAY_VIEW_INSIDE_H
#define ASSAY_VIEW_INSIDE_H

#include "assay/base.h"
#include "assay/store.h"
#include "assay/ui.h"
#include "assay/view.h"
#include "assay/work.h"

/* What the review and the signing have done on the workers' threads: VIEW_WORK; tests put another in its
 * place. */
struct view_work {
	ui_work_fn *review;      /* review_ask: gives review_seen */
	ui_work_fn *evidence;    /* evidence_ask: gives evidence_text */
	ui_work_fn *sign_who;    /* nothing: gives sign_who */
	ui_work_fn *sign_draft;  /* sign_draft_ask: gives sign_drafted */
	ui_work_fn *sign_decide; /* sign_decide_ask: gives sign_receipt */
};
extern const struct view_work VIEW_WORK;
struct session;
struct bias_shelf;
struct rows_shelf;
struct pulse;

/* ui_app(). Nothing in it changes while the workbench is open, but for the session. */
struct app {
	char *store_dir;
	char *state_path;
	int64_t fixed_now;
	uint64_t replicates;       /* of a resampling; 0: the house's */
	enum term_charset charset; /* for texts that are built on the reader's thread */
	bool mono;
	bool read_only; /* the store cannot be written */
	const struct view_work *work;
	struct session *session; /* of the screen's thread */
	struct term *term;       /* its own only in view_workbench and view_once */
	struct pulse *pulse;     /* what is new; has a lock of its own */
	struct bias_shelf *bias; /* what the bias screens share; has a lock of its own */
	struct rows_shelf *rows; /* tables whose rows are looked at; has a lock of its own */
};
struct app *view_app_of(struct view *v);

/* The context of both workers: its thread's own handles. */
struct desk {
	const struct app *app;
	struct store *store;
	int64_t first_change; /* store_change before anything was read here */
	/* Each is opened by the first that asks for it (desk.c). */
	struct trust *trust;
	struct ledger *ledger;
	struct error broken; /* why trust could not be opened … */
	int64_t broken_at;   /* … at this ledger_change; 0: it has not been tried */
	struct desk_person *person;
	struct audit_trail *trail; /* view_audit_trail */
	/* Set from the screen's thread when nobody waits for what is being done any more. What looks at it clears it
	 * first. */
	_Atomic bool stop;
	/* How far what is done here has come, for the person who waits for it (ui.h, "What takes long"): give it to what
	 * does it. NULL: nobody looks. */
	struct progress *progress;
};
int64_t view_desk_now(const struct desk *desk);
/* The store with its ledger as it is now: opened once, then refreshed when the ledger has changed. A ledger
 * that does not hold is looked at again when it changes, and ERR_TAMPER until then. */
int view_desk_trust(struct desk *desk, struct trust **out, struct error *err);
/* The ledger as it stands, nothing verified. *out NULL: there is none. */
int view_desk_ledger(struct desk *desk, struct ledger **out, struct error *err);
/* Changes when the ledger does; 0: there is none, or it cannot be opened. */
int64_t view_desk_change(struct desk *desk);
/* Whose key signs here; NULL: nobody's, and *why says what is missing. Both last until the next call. */
const struct work_person *view_desk_person(struct desk *desk, struct trust *t, const char **why);
struct desk_waiting {
	int64_t row;      /* of the proposal */
	const char *text; /* "credit-risk v7 for production" */
};
/* Proposals that wait for this person's signature; *broken: the ledger does not hold. Counted anew when it
 * changes; good until the next call. */
const struct desk_waiting *view_desk_waiting(struct desk *desk, size_t *count, bool *broken);
void view_desk_release(struct desk *desk);

/* ---- the views ---- */

extern const struct view_ops RUNS_VIEW, RUN_VIEW, COMPARE_VIEW, LAUNCH_VIEW, DATA_VIEW, FEATURES_VIEW,
    FEATURE_VIEW, BIAS_VIEW, BIAS_REPORT_VIEW, OVERVIEW_VIEW, MODELS_VIEW, MODEL_VIEW, VERSION_VIEW,
    AUDIT_VIEW, REVIEW_VIEW, REVIEWS_VIEW, EVIDENCE_VIEW, SIGN_VIEW, THEME_EDITOR_VIEW, GUIDE_VIEW,
    RECOGNISED_VIEW, ROWS_VIEW, RELATIONS_VIEW;

/* The list of runs as a place: one experiment, or all; in the shape of a saved view, or as it was there last. */
struct runs_args {
	const char *experiment; /* "": all */
	const char *view;       /* its name; NULL: none */
	const char *shape;      /* the view's text */
};
struct run_args {
	int64_t id;
	const char *tab; /* NULL: the one that was open last */
};
struct recognised_args {
	int64_t run;
};
struct compare_args {
	const int64_t *ids; /* the first is the baseline */
	size_t count;
};
struct launch_args {
	const char *recipe; /* NULL: the first */
	const char *data;   /* NULL: the first */
	int64_t like;       /* a run to fill the form in from; 0: none */
};
struct features_args {
	int64_t id; /* version of a data set */
};
struct review_args {
	int64_t proposal; /* its row in the ledger */
};
/* Something to read: a text, then objects by digest, then a row of the ledger as it was signed. */
struct evidence_args {
	const char *title, *text;
	const char *const *objects; /* "bias-report sha256:…" */
	size_t object_count;
	int64_t row; /* 0: none */
};
struct bias_args {
	int64_t run;
	const char *tab; /* NULL: the first */
};
struct feature_args {
	int64_t id, against; /* against 0: none */
	const char *column;
};
/* The rows behind a number. */
struct rows_args {
	int64_t id;         /* version of a data set */
	const char *where;  /* as table_where has it; NULL: all rows */
	const char *column; /* where the cursor stands; NULL: the first */
	const uint64_t *at; /* these rows alone, from 0, instead of where; NULL: none */
	size_t at_count;
	const char *which; /* these, or those equal, in words; NULL: `where` says it */
	bool equal;        /* those alone that are equal to `first` */
	uint64_t first;    /* the row where the cursor stands, from 0 */
	bool other;        /* of another version than the view below it is of */
};
/* ui_open of ROWS_VIEW. */
int view_rows_open(struct ui *ui, const struct rows_args *args);
struct relations_args {
	int64_t id, against; /* versions of data sets; against, whose rows may stand in this one, too: 0 none */
	const char *column;  /* whose relations come first; NULL: the label's */
	/* "pairs", "map", "missing", "same", "rows", "overlap", "overlap:NAME@V" of another one; NULL: the first */
	const char *tab;
};

/* Another experiment in the list of runs that is open; -1: the view's text is none of ours. */
int view_runs_show(struct view *v, const struct runs_args *args, struct error *err);

/* The guide is due: this person, whose state is kept beside `state_path`, has opened no store yet. */
bool view_guide_due(const char *state_path);

/* ---- small things ---- */

/* What stands where an answer would, had Esc not stopped the work (ui_result.cancelled). */
void view_draw_stopped(struct view *v, struct surface *s);

/* ui_command of these words, ended by NULL, as a shell reads them back. */
void view_command(struct ui *ui, const char *const *words);

/* The number for people, in the arena; NULL for NaN. */
const char *view_cell_number(struct arena *a, double value, int digits);
/* "+0.0081": a difference, with its sign, in as many decimals as the values like `like` are shown with; NULL
 * for NaN. */
const char *view_cell_difference(struct arena *a, double value, double like);
const char *view_cell_count(struct arena *a, int64_t count);
const char *view_cell_percent(struct arena *a, double share);
const char *view_cell_age(struct arena *a, int64_t then, int64_t now); /* "4m", "<1m"; NULL: then is 0 */
const char *view_cell_span(struct arena *a, int64_t from, int64_t to); /* "4.5s" */
/* "a-very-l… v7 production": to so many columns by the first word, so that version and stage are never cut; in
 * the arena. */
const char *view_cut_name(struct arena *a, const char *text, int columns);
/* Which of the tabs has this name, in capitals or not; -1: none, or no name. */
int view_tab_named(const char *const *names, int count, const char *name);
const char *view_lower(struct arena *a, const char *word); /* of a tab: as places have it */
/* "e1b2c3d4": the eight digits of a run's id that people see. */
const char *view_short_id(const char *uuid);
/* Words of a command line as a shell reads them, without expansion; NULL-terminated. ERR_USAGE: an open
 * quote. */
int view_words(const char *text, struct arena *a, const char ***words, struct error *err);

#endif
