/* Models: what goes between the screens and the workers. */
#ifndef ASSAY_VIEW_MODELS_H
#define ASSAY_VIEW_MODELS_H

#include "assay/ui.h"
#include "assay/work.h"

#include "list.h"
#include "trail.h"

/* ---- the list ---- */

struct models_list {
	struct list_rows list; /* ids: view_model_id of the names */
	struct work_model_row *models;
	int64_t *waiting;            /* one a model: the newest proposal's row that waits; 0 */
	struct model_stage **stages; /* one array a model: those where a version is, the highest first */
	size_t *stage_count;
	bool no_roster;
};
ui_work_fn view_models_read; /* list_ask */
/* Names stay when rows come and go. */
int64_t view_model_id(const char *name);

struct model_version {
	struct work_version v;
	double metric;   /* NaN: none */
	int64_t waiting; /* proposal's row; 0 */
	const char *waiting_stage;
};
struct model_stage {
	const char *stage;
	int64_t version, since; /* version 0: none */
	bool halted, unsigned_halt, break_glass;
};
struct model_seen {
	struct list_rows list; /* ids are the versions */
	struct work_model_row model;
	struct model_version *versions; /* newest first; list.count of them */
	const struct trail_row *last;   /* what was decided last about it; NULL: nothing, or not asked for */
	const char *metric_name;        /* NULL: none */
	struct model_stage *stages;     /* of the policy, in its order */
	size_t stage_count;
	bool no_roster;
};
ui_work_fn view_model_read; /* list_ask: `what` is the name, `other` not 0: with what was decided last */

/* ---- one version ---- */

struct version_gate {
	const char *id, *rule, *stage;
	double measured, low, high;
	enum gate_result result;
	const char *waived; /* by whom; NULL: not */
};
struct version_proposal {
	int64_t row, at;
	const char *stage, *by, *status, *reason;
	int approvals, needed;
};
struct version_link { /* of the lineage */
	struct work_lineage line;
	int64_t data, run; /* what Enter opens; 0 */
};
enum version_tab { VERSION_FILES, VERSION_GATES, VERSION_DECISIONS, VERSION_LINEAGE, VERSION_TABS };
enum { VERSION_PLOT = 24 }; /* columns of the picture of an interval */
enum { VERSION_METRICS = 12 };
struct version_seen {
	struct list_rows list; /* no rows: they are those of the tabs */
	struct work_version v;
	const char *owner;
	struct series *metrics;
	size_t metric_count;        /* VERSION_METRICS at most */
	struct model_stage *stages; /* where it is */
	size_t stage_count;
	struct model_stage *model_stages; /* where its model is, in any version */
	size_t model_stage_count;
	struct ledger_author *authors;
	size_t author_count;
	struct version_proposal *proposals; /* newest first */
	size_t proposal_count;
	struct version_gate *gates; /* newest results of each stage */
	size_t gate_count;
	int64_t gates_at, gates_row;
	struct trail_row *decisions; /* newest first */
	size_t decision_count;
	int64_t sealed_to;
	struct version_link *lineage;
	size_t lineage_count;
	const char **policy_stages;
	size_t policy_stage_count;
	int64_t waiting; /* the newest proposal's row that waits; 0 */
	bool no_roster, foreign_letters;
	struct {
		struct ui_row *rows; /* ids are places, from 1 on */
		size_t count;
	} tabs[VERSION_TABS];
};
ui_work_fn view_version_read; /* list_ask: `what` is NAME@V */

/* Fills tabs from the rest. */
void view_version_rows(struct version_seen *s, struct arena *a, enum term_charset charset, int64_t now);
/* In short: beside the list of versions. */
void view_draw_version(struct surface *s, const struct version_seen *seen, enum term_charset charset,
                       int64_t now);

/* ---- small things ---- */

/* Style and sign of a standing. */
style_id view_standing_style(const char *standing);
enum glyph view_standing_glyph(const char *standing);
/* "low>=0.8" for people: "low end >= 0.8". */
const char *view_rule_text(struct arena *a, const char *rule, enum term_charset charset);
/* "0.787 [0.781, 0.793]"; NULL for none. */
const char *view_interval_text(struct arena *a, double value, double low, double high);
/* The interval against the limit of its rule, in `width` cells: "   +--o--+  :". NULL: it cannot be drawn. */
const char *view_interval_plot(struct arena *a, const struct version_gate *g, int width,
                               enum term_charset charset);
/* Whether a name holds letters that look like others: more than ASCII. */
bool view_is_foreign(const char *name);

/* What keeps a screen from being shown; for a ledger that does not hold also what that means, and where to
 * look. */
void view_draw_fault(struct surface *s, const struct error *fault);

/* ---- acts ---- */

/* Opens the review of a proposal above v. */
void view_open_review(struct view *v, int64_t proposal);

/* Asks name and description, and registers the run's model. The answer comes to the view's on_result with the
 * tag: give it to view_register_show. `d` is part of the view's state. */
struct register_ask {
	int64_t run;
	char name[128], description[512];
};
struct register_done {
	int64_t version;
	bool known;             /* it was that already */
	const char *name, *run; /* the run's short id */
};
ui_work_fn view_register_write;
struct register_dialog {
	struct view *view;
	int tag;
	struct register_ask ask;
};
void view_register_begin(struct register_dialog *d, struct view *v, int tag, int64_t run);
void view_register_show(struct view *v, const struct register_done *done);

/* Asks the stage, and opens the view that signs the proposal. */
#define PROPOSE_STAGES 8
struct propose_dialog {
	struct view *view;
	char ref[300], subject[300], digest[16];
	char stages[PROPOSE_STAGES][64];
	size_t stage_count;
};
void view_propose_begin(struct propose_dialog *d, struct view *v, const struct work_version *version,
                        const char *const *stages, size_t stage_count);

/* Stops, resumes or rolls back a stage of the model: asks which, where there are several, and opens the view that signs
 * it. version: where to roll back to, 0: the one before. */
struct stage_dialog {
	struct view *view;
	enum ledger_kind kind;
	char model[256], stages[PROPOSE_STAGES][64];
	int64_t version;
	size_t stage_count;
};
void view_stage_begin(struct stage_dialog *d, struct view *v, enum ledger_kind kind, const char *model,
                      const struct model_stage *stages, size_t count, int64_t version);
/* Why none of the stages can be, or NULL. */
const char *view_stage_why_not(enum ledger_kind kind, const struct model_stage *stages, size_t count);
/* The kind of decision that an action is about; false: it is none of these. */
bool view_stage_kind(enum action action, enum ledger_kind *kind);

/* Asks a name and points it at the version. The answer comes with the tag: view_alias_show. */
struct alias_ask {
	char ref[300], model[256], name[128];
	bool remove;
};
ui_work_fn view_alias_write; /* gives the alias_ask as it was done */
struct alias_dialog {
	struct view *view;
	int tag;
	struct alias_ask ask;
};
void view_alias_begin(struct alias_dialog *d, struct view *v, int tag, const char *model, int64_t version);
void view_alias_show(struct view *v, const struct alias_ask *done);

struct model_args {
	const char *name;
};
struct version_args {
	const char *ref; /* NAME@V */
	const char *tab; /* NULL: the one that was open last */
	bool below;      /* the model's own view stands above it in the path */
};

#endif
