/*
 * ui: the frame, the loop and the widgets of the workbench. It knows terminals (term) and nothing of
 * stores, runs or data: those come in through views (struct view_ops) and worker functions.
 *
 * Threads: everything here is called on the screen's thread, except worker functions (ui_work_fn), which
 * run on a reader's, the writer's or the files' thread with that thread's own context. The screen's thread never
 * waits for disk, database or pipe: a view asks (ui_ask), draws what it has, and gets the answer in
 * on_result.
 *
 * Rows are 64-bit ids (never 0), never indexes.
 */
#ifndef ASSAY_UI_H
#define ASSAY_UI_H

#include "assay/base.h"
#include "assay/base_progress.h"
#include "assay/term.h"
#include "assay/theme.h"

struct ui;
struct view;

/* ---- actions: the one table ---- */

enum {
	ACT_NEEDS_ROW = 1, /* acts on the current row */
	ACT_MARKED = 2,    /* acts on the marked rows, or else on the current one */
	ACT_WRITES = 4,    /* changes the store; absent in read-only mode */
	ACT_FOOTER = 16,   /* has a place in the footer, in the order of this table */
	ACT_HIDDEN = 32,   /* not in the palette (movement, digits) */
};

/*
 * X(constant, name, default keys (blank-separated), context, flags, footer word, one-line help)
 *
 * A context is a name that a view lists in view_ops.contexts; "app" holds everywhere and comes last, "list"
 * holds wherever a table has the keyboard. The first context of the view that binds a key and has the action
 * enabled gets it. A key may be a sequence, its parts joined by "+": ",+g" is a comma, then g; after the first
 * part the second ones are shown. Feeds dispatch, footer, `?`, `:`, keys.ini and the manual. A screen's verbs are added
 * here.
 */
/* clang-format off */
#define UI_ACTIONS(X)                                                                                              \
	X(LIST_OPEN, "list.open", "Enter l Right", "list", ACT_NEEDS_ROW | ACT_FOOTER | ACT_HIDDEN, "open", "open the current row") \
	X(RUN_COMPARE, "run.compare", "c", "runs", ACT_MARKED | ACT_FOOTER, "compare", "compare the marked runs")      \
	X(RUN_LAUNCH, "run.launch", "n", "runs run", ACT_WRITES | ACT_FOOTER, "launch", "launch a run: recipe, data, parameters")   \
	X(RUN_STOP, "run.stop", "x", "runs run", ACT_MARKED | ACT_WRITES | ACT_FOOTER, "stop", "stop the run: interrupt, then terminate, then kill") \
	X(RUN_LOG, "run.log", "o", "runs", ACT_NEEDS_ROW, "log", "open the run's output")                              \
	X(RUN_ARCHIVE, "run.archive", "X", "runs run", ACT_MARKED | ACT_WRITES, "archive", "archive: out of the lists, not out of the store; what is archived: back again") \
	X(RUN_REMOVE, "run.remove", "D", "runs run", ACT_MARKED | ACT_WRITES, "remove", "remove, to be purged later: asks, and says how much it is; what is removed: back again") \
	X(RUN_PURGE, "run.purge", "", "runs", ACT_WRITES, "purge", "delete all removed runs for good: asks, and says how much it is") \
	X(RUN_TAG, "run.tag", "T", "runs run", ACT_MARKED | ACT_WRITES, "tag", "set a tag, KEY=VALUE; KEY= takes it away") \
	X(RUN_NOTE, "run.note", "m", "runs run", ACT_NEEDS_ROW | ACT_WRITES, "note", "write a note about the run")          \
	X(RUN_RENAME, "run.rename", ",+r", "runs run", ACT_NEEDS_ROW | ACT_WRITES, "rename", "give the run another name")   \
	X(RUN_RECOGNISED, "run.recognised", ",+f", "run", 0, "recognised", "what was recognised in its output, and by what") \
	X(RECOGNISED_SWITCH, "recognised.switch", "o", "recognised", ACT_NEEDS_ROW | ACT_WRITES | ACT_FOOTER, "off/on", "switch it off, or on again, for the runs to come") \
	X(RUNS_BASELINE, "runs.baseline", "B", "runs", ACT_NEEDS_ROW | ACT_FOOTER, "baseline", "pin the run on top to compare with; on it again: take it away") \
	X(RUNS_DIFFERENCE, "runs.difference", "d", "runs", 0, "difference", "numbers as they are, less the baseline's, or in per cent of them") \
	X(RUNS_EXPERIMENT, "runs.experiment", "E", "runs", 0, "experiment", "one experiment alone: columns, order and filter of its own") \
	X(RUNS_GROUP, "runs.group", ",+g", "runs", 0, "group", "group by a parameter, or over seeds: means and their intervals") \
	X(RUNS_QUALIFIER, "runs.qualifier", ",+q", "runs", 0, "which value", "of the current metric: last, best, min, max, mean, first, or at the best step of another") \
	X(RUNS_VIEWS, "runs.views", ",+v", "runs", 0, "views", "saved views: columns, order, filter, groups")              \
	X(RUNS_SAVE_VIEW, "runs.save-view", ",+w", "runs", ACT_WRITES, "save view", "save columns, order, filter and groups under a name") \
	X(RUNS_FILTERS, "runs.filters", ",+f", "runs", 0, "filters", "filters that were given names")                      \
	X(RUNS_NAME_FILTER, "runs.name-filter", ",+n", "runs", ACT_WRITES, "name filter", "give the filter a name")        \
	X(REVIEW_READ, "review.read", "Enter l Right", "review", ACT_FOOTER, "read", "read the evidence behind the line")             \
	X(REVIEW_APPROVE, "review.approve", "a", "review", ACT_WRITES | ACT_FOOTER, "approve", "approve: reason, the exact text, code, signature") \
	X(REVIEW_REJECT, "review.reject", "x", "review", ACT_WRITES | ACT_FOOTER, "reject", "reject, with a signature")       \
	X(REVIEW_WAIVE, "review.waive", "w", "review", ACT_WRITES | ACT_FOOTER, "waive", "let a gate through: reasoned, bounded, until a day") \
	X(REVIEW_PROMOTE, "review.promote", "P", "review", ACT_WRITES | ACT_FOOTER, "promote", "put the approved version into its stage") \
	X(REVIEW_BIAS, "review.bias", "b", "review", ACT_FOOTER, "bias", "the candidate's bias report")                \
	X(REVIEW_DATA, "review.data", "v", "review", ACT_FOOTER, "data", "the data that it learned from and was measured on") \
	X(REVIEW_DIFF, "review.diff", "D", "review", ACT_FOOTER, "diff", "compare with the champion's run")             \
	X(REVIEW_REVOKE, "review.revoke", "V", "review", ACT_WRITES, "revoke", "take a signature of your own back")     \
	X(SIGN_NEXT, "sign.next", "Enter Ctrl-S", "sign", ACT_FOOTER, "next", "show the exact text that will be signed") \
	X(SIGN_AGAIN, "sign.again", "Enter", "failed", ACT_FOOTER, "again", "try again; what was written is still there") \
	X(SIGN_DONE, "sign.done", "Enter", "receipt", ACT_FOOTER, "done", "back to where the decision was asked for") \
	X(SIGN_BACK, "sign.back", "Esc", "sign code signing", ACT_FOOTER, "back", "back, nothing is signed; while signing: give up") \
	X(CODE_UP, "code.up", "Up", "code", ACT_HIDDEN, "up", "the text one line up")                                  \
	X(CODE_DOWN, "code.down", "Down", "code", ACT_HIDDEN, "down", "the text one line down")                        \
	X(CODE_PAGE_UP, "code.page-up", "PgUp", "code", ACT_HIDDEN, "page up", "the text one page up")                 \
	X(CODE_PAGE_DOWN, "code.page-down", "PgDn", "code", ACT_HIDDEN, "page down", "the text one page down")         \
	X(CODE_TOP, "code.top", "Home", "code", ACT_HIDDEN, "top", "to the beginning of the text")                     \
	X(CODE_END, "code.end", "End", "code", ACT_HIDDEN, "end", "to the end of the text")                            \
	X(BIAS_EXPLAIN, "bias.explain", "Enter l", "bias", ACT_FOOTER, "explain", "what this number is: definition, formula, counts, interval") \
	X(BIAS_LOWER, "bias.lower", "Left", "bias", ACT_FOOTER, "lower", "threshold lower by 0.01")                    \
	X(BIAS_HIGHER, "bias.higher", "Right", "bias", ACT_FOOTER, "higher", "threshold higher by 0.01")               \
	X(BIAS_LOWER_MORE, "bias.lower-more", "< Shift-Left", "bias", 0, "much lower", "threshold lower by 0.1")       \
	X(BIAS_HIGHER_MORE, "bias.higher-more", "> Shift-Right", "bias", 0, "much higher", "threshold higher by 0.1")  \
	X(BIAS_OWN, "bias.own", "=", "bias", ACT_FOOTER, "own", "the model's own threshold again")                     \
	X(BIAS_SET, "bias.set", "T", "bias", 0, "threshold", "type a threshold")                                       \
	X(BIAS_BY, "bias.by", "b", "bias", ACT_FOOTER, "by", "next column to compare by")                              \
	X(BIAS_RATE, "bias.rate", "m ]", "bias", ACT_FOOTER, "rate", "next rate: its cell is explained, and plotted where one fits") \
	X(BIAS_RATE_BACK, "bias.rate-back", "[", "bias", 0, "previous rate", "previous rate")                          \
	X(BIAS_REFERENCE, "bias.reference", "v", "bias", ACT_FOOTER, "reference", "compare the others with this group") \
	X(MAP_OPEN, "map.open", "Enter", "map", ACT_FOOTER, "open", "open the pair under the cursor; on the diagonal the column") \
	X(DATA_AGAINST, "data.against", "v", "data relations", ACT_FOOTER, "against", "compare with another version or data set") \
	X(DATA_RELATIONS, "data.relations", "c", "data", ACT_FOOTER, "relations", "what columns have to do with the label and each other, what is missing together or there twice") \
	X(MAP_LEFT, "map.left", "Left h", "map", ACT_HIDDEN, "left", "cursor to the left")                            \
	X(MAP_RIGHT, "map.right", "Right l", "map", ACT_HIDDEN, "right", "cursor to the right")                       \
	X(MAP_ORDER, "map.order", "s", "map", ACT_FOOTER, "order", "columns as in the data set, or what goes together side by side") \
	X(GAPS_OTHER, "gaps.other", "o", "gaps", ACT_FOOTER, "patterns/pairs", "rows by what is missing in them, or pairs of columns by what is missing in both") \
	X(OVERLAP_THERE, "overlap.there", "o", "overlap", ACT_NEEDS_ROW | ACT_FOOTER, "rows here", "the rows of this data set that those of the other one are like") \
	X(FEATURE_BY, "feature.by", "b", "feature", ACT_FOOTER, "by", "split the column by another: choose which, or by file") \
	X(FEATURE_NEXT, "feature.next", "]", "feature", ACT_FOOTER, "next", "the next column of the data set")         \
	X(FEATURE_PREVIOUS, "feature.previous", "[", "feature", 0, "previous", "the column before it")                 \
	X(FEATURE_LEFT, "feature.left", "Left", "feature", ACT_HIDDEN, "left", "the number to the left; in a histogram the bin") \
	X(FEATURE_RIGHT, "feature.right", "Right", "feature", ACT_HIDDEN, "right", "the number to the right; in a histogram the bin") \
	X(DATA_ROWS, "data.rows", "o", "sets data", ACT_NEEDS_ROW | ACT_FOOTER, "rows", "the rows of the data set, at the current column") \
	X(ROWS_COLUMN, "rows.column", "c", "rows", ACT_FOOTER, "column", "go to a column by its name")                 \
	X(ROWS_ROW, "rows.row", "#", "rows", ACT_FOOTER, "row", "go to a row by its number")                           \
	X(ROW_NEXT, "row.next", "n ]", "row", ACT_FOOTER, "next", "the next row")                                      \
	X(ROW_PREVIOUS, "row.previous", "N [", "row", ACT_FOOTER, "previous", "the row before it")                     \
	X(RUN_REGISTER, "run.register", "P", "runs run", ACT_NEEDS_ROW | ACT_WRITES, "register", "give the run's model a version in the registry") \
	X(MODEL_REVIEW, "model.review", "a", "overview models model version", ACT_FOOTER, "review", "open the proposal that waits, to sign it") \
	X(MODEL_PROPOSE, "model.propose", "p", "models model version", ACT_WRITES | ACT_FOOTER, "propose", "propose the version for a stage") \
	X(MODEL_HALT, "model.halt", "H", "models model version", ACT_WRITES, "halt", "stop a stage: nothing may use the model there; signed") \
	X(MODEL_RESUME, "model.resume", "R", "models model version", ACT_WRITES, "resume", "sign that a stopped stage may be used again") \
	X(MODEL_ROLLBACK, "model.rollback", "B", "models model version", ACT_WRITES, "roll back", "put an earlier version back into a stage, signed") \
	X(MODEL_ALIAS, "model.alias", "L", "model version", ACT_WRITES, "alias", "point an alias at the version; -NAME takes one away") \
	X(AUDIT_VERIFY, "audit.verify", "V", "audit", ACT_FOOTER, "verify", "verify the chain and every signature")      \
	X(COMPARE_EQUAL, "compare.equal", "=", "compare", ACT_FOOTER, "equal", "show or hide what is equal")           \
	X(CHART_ZOOM, "chart.zoom", "z Enter", "chart", ACT_FOOTER, "zoom", "one chart large, or all of them")         \
	X(CHART_LEFT, "chart.left", "Left", "chart", ACT_HIDDEN, "left", "crosshair to the left")                      \
	X(CHART_RIGHT, "chart.right", "Right", "chart", ACT_HIDDEN, "right", "crosshair to the right")                 \
	X(CHART_LOG, "chart.log", "L", "chart feature", ACT_FOOTER, "log", "logarithmic or linear scale")              \
	X(CHART_SMOOTH, "chart.smooth", "S", "chart", ACT_FOOTER, "smooth", "smoothing: none, light, strong")          \
	X(CHART_AXIS, "chart.axis", "X", "chart", ACT_FOOTER, "axis", "horizontal axis: step, time, time since start") \
	X(CHART_MORE, "chart.more", "+", "chart", 0, "closer", "zoom in around the crosshair")                         \
	X(CHART_LESS, "chart.less", "-", "chart", 0, "wider", "zoom out")                                              \
	X(THEME_COLOUR, "theme.colour", "Enter c", "theme", ACT_FOOTER, "colour", "type a colour: a name, #rrggbb, r g b; NAME = … for all that have it") \
	X(THEME_LESS, "theme.less", "Left", "theme", ACT_FOOTER, "less", "less red, green or blue")                    \
	X(THEME_MORE, "theme.more", "Right", "theme", ACT_FOOTER, "more", "more red, green or blue")                   \
	X(THEME_MUCH_LESS, "theme.much-less", "< Shift-Left", "theme", 0, "much less", "much less of it")              \
	X(THEME_MUCH_MORE, "theme.much-more", "> Shift-Right", "theme", 0, "much more", "much more of it")             \
	X(THEME_SIDE, "theme.side", "o", "theme", ACT_FOOTER, "on", "change the text's colour, or what it stands on")  \
	X(THEME_ATTRIBUTES, "theme.attributes", "a", "theme", ACT_FOOTER, "attributes", "bold, dim, underline, reverse, italic") \
	X(THEME_RESET, "theme.reset", "Ctrl-R", "theme", ACT_FOOTER, "reset", "the role as it was")                    \
	X(THEME_WRITE, "theme.write", "Ctrl-S", "theme", ACT_FOOTER, "write", "write the theme into your own folder")  \
	X(PAGER_FOLLOW, "pager.follow", "F", "pager", ACT_FOOTER, "follow", "follow the end as it grows")              \
	X(PAGER_SEARCH, "pager.search", "/", "pager", ACT_FOOTER, "search", "search the text")                         \
	X(PAGER_NEXT, "pager.next", "n", "pager", ACT_FOOTER, "next", "next match")                                    \
	X(PAGER_PREVIOUS, "pager.previous", "N", "pager", 0, "previous", "previous match")                             \
	X(PAGER_WRAP, "pager.wrap", "w", "pager", ACT_FOOTER, "wrap", "wrap or cut long lines")                        \
	X(FORM_SUBMIT, "form.submit", "Ctrl-S F10", "form", ACT_WRITES | ACT_FOOTER, "start", "check the form and carry it out") \
	X(FORM_RESET, "form.reset", "Ctrl-R", "form", ACT_FOOTER, "reset", "the field's default again")                \
	X(LIST_FILTER, "list.filter", "/", "list", ACT_FOOTER, "filter", "filter: an expression or plain words")       \
	X(LIST_SORT, "list.sort", "s", "list", ACT_FOOTER, "sort", "sort by the current column; again: turn round")    \
	X(LIST_REVERSE, "list.reverse", "S", "list", 0, "reverse", "turn the order round")                             \
	X(LIST_SORT_ALSO, "list.sort-also", "&", "list", 0, "then by", "sort rows that are equal so far by the current column") \
	X(LIST_COLUMNS, "list.columns", "C", "list", ACT_FOOTER, "columns", "choose columns")                          \
	X(RUN_BIAS, "run.bias", "b", "runs run", ACT_NEEDS_ROW | ACT_FOOTER, "bias", "bias report of the run's model on its test data") \
	X(LIST_MARK, "list.mark", "Space", "list", ACT_NEEDS_ROW | ACT_FOOTER, "mark", "mark the row, or unmark it")   \
	X(LIST_MARK_ALL, "list.mark-all", "*", "list", 0, "mark all", "mark all rows that match")                      \
	X(LIST_MARK_RANGE, "list.mark-range", "A", "list", ACT_NEEDS_ROW, "mark to here", "mark the rows from the last mark to the current one") \
	X(LIST_UNMARK, "list.unmark", "u", "list", 0, "unmark", "unmark all rows")                                     \
	X(LIST_SUMMARY, "list.summary", ",+s", "list", 0, "summary", "min, median, max and distinct values of each column, under the header") \
	X(LIST_COPY, "list.copy", "y", "list", ACT_MARKED, "copy", "copy the marked rows as they are shown")              \
	X(LIST_EXPORT, "list.export", "e", "list", 0, "export", "write all rows as they are shown to a file: .csv, .tsv, .json") \
	X(LIST_UP, "list.up", "Up k", "list pager", ACT_HIDDEN, "up", "one row up")                                    \
	X(LIST_DOWN, "list.down", "Down j", "list pager", ACT_HIDDEN, "down", "one row down")                          \
	X(LIST_PAGE_UP, "list.page-up", "PgUp Ctrl-B", "list pager", ACT_HIDDEN, "page up", "one page up")             \
	X(LIST_PAGE_DOWN, "list.page-down", "PgDn Ctrl-F", "list pager", ACT_HIDDEN, "page down", "one page down")     \
	X(LIST_HALF_UP, "list.half-up", "Ctrl-U", "list pager", ACT_HIDDEN, "half up", "half a page up")               \
	X(LIST_HALF_DOWN, "list.half-down", "Ctrl-D", "list pager", ACT_HIDDEN, "half down", "half a page down")       \
	X(LIST_TOP, "list.top", "g Home", "list pager", ACT_HIDDEN, "top", "to the first row")                         \
	X(LIST_BOTTOM, "list.bottom", "G End", "list pager", ACT_HIDDEN, "bottom", "to the last row")                  \
	X(LIST_LEFT, "list.left", "<", "list pager", ACT_HIDDEN, "left", "previous column; scrolls sideways")          \
	X(LIST_RIGHT, "list.right", ">", "list pager", ACT_HIDDEN, "right", "next column; scrolls sideways")           \
	X(LIST_BACK, "list.back", "h Left", "list", ACT_HIDDEN, "back", "back to where you came from")                 \
	X(APP_NEXT_PART, "app.next-part", "Tab", "app", ACT_HIDDEN, "next part", "next part or tab of the view") \
	X(APP_PREVIOUS_PART, "app.previous-part", "Shift-Tab", "app", ACT_HIDDEN, "previous part", "previous part or tab of the view") \
	X(APP_BACK, "app.back", "Esc", "app", ACT_HIDDEN, "back", "back; never leaves the program")                    \
	X(APP_QUIT, "app.quit", "q", "app", ACT_FOOTER, "back", "back; at the top: leave the program")                 \
	X(APP_EXIT, "app.exit", "Ctrl-C", "app", 0, "leave", "leave the program; runs go on")                          \
	X(APP_SCREEN_1, "app.screen-1", "1", "app", ACT_HIDDEN, "", "go to screen 1")                                  \
	X(APP_SCREEN_2, "app.screen-2", "2", "app", ACT_HIDDEN, "", "go to screen 2")                                  \
	X(APP_SCREEN_3, "app.screen-3", "3", "app", ACT_HIDDEN, "", "go to screen 3")                                  \
	X(APP_SCREEN_4, "app.screen-4", "4", "app", ACT_HIDDEN, "", "go to screen 4")                                  \
	X(APP_SCREEN_5, "app.screen-5", "5", "app", ACT_HIDDEN, "", "go to screen 5")                                  \
	X(APP_SCREEN_6, "app.screen-6", "6", "app", ACT_HIDDEN, "", "go to screen 6")                                  \
	X(APP_SCREEN_7, "app.screen-7", "7", "app", ACT_HIDDEN, "", "go to screen 7")                                  \
	X(APP_SCREEN_8, "app.screen-8", "8", "app", ACT_HIDDEN, "", "go to screen 8")                                  \
	X(APP_REFRESH, "app.refresh", "r F5", "app", 0, "refresh", "look again now (it looks by itself, too)")         \
	X(APP_UNDO, "app.undo", "U", "app", ACT_WRITES, "undo", "take back the last change")                              \
	X(APP_REDO, "app.redo", "Ctrl-R", "app", ACT_WRITES, "redo", "make the change again that was taken back")         \
	X(APP_JUMP_BACK, "app.jump-back", "Ctrl-O Alt-Left", "app", 0, "earlier place", "back to where you were before, through all screens") \
	X(APP_JUMP_FORWARD, "app.jump-forward", "Ctrl-P Alt-Right", "app", 0, "later place", "forward again")             \
	X(APP_PLACES, "app.places", ",+p", "app", 0, "places", "everything that was visited, newest first")               \
	X(APP_JOURNAL, "app.journal", "J", "app", 0, "journal", "what was done and said since the start, with the commands that do the same") \
	X(APP_GUIDE, "app.guide", "", "app", 0, "guide", "the first steps, on one page")                                  \
	X(APP_THEME, "app.theme", "t", "app", 0, "theme", "next theme")                                                \
	X(APP_THEME_EDITOR, "app.theme-editor", "", "app", 0, "theme editor", "see what each role colours, and change it") \
	X(APP_MOUSE, "app.mouse", "M", "app", 0, "mouse", "mouse on or off (off: select text as usual)") \
	X(APP_REDRAW, "app.redraw", "Ctrl-L", "app", 0, "redraw", "draw the whole screen again")                       \
	X(APP_SUSPEND, "app.suspend", "Ctrl-Z", "app", 0, "suspend", "stop the program; fg brings it back")            \
	X(APP_PALETTE, "app.palette", ":", "app", ACT_FOOTER | ACT_HIDDEN, "commands", "every command, by name")       \
	X(APP_HELP, "app.help", "? F1", "app", ACT_FOOTER, "help", "keys and help for here")
/* clang-format on */

enum action {
	ACTION_NONE,
#define X(id, name, keys, context, flags, word, help) ACTION_##id,
	UI_ACTIONS(X)
#undef X
	    ACTIONS
};

struct ui_action {
	enum action id;
	const char *name, *keys, *context;
	unsigned flags;
	const char *word, *help;
};
/* The house's table, in the order above; *count in it. */
const struct ui_action *ui_action_table(size_t *count);
/* Every fault of a table (two actions of one context on one key, unknown key names, doubled names), a line
 * each. */
int ui_actions_check(const struct ui_action *actions, size_t count, struct error *err);
/* The key tables of the manual page, in mdoc, by context. */
void ui_actions_mdoc(const struct ui_action *actions, size_t count, struct str *out);

/* ---- views ---- */

/*
 * Runs on a worker's thread. `context` is what ui_worker.open made there; arg a copy of what was given. What
 * is to be handed back is allocated in `arena`, *result points to it. Returns 0 or -1 with err.
 */
typedef int ui_work_fn(void *context, struct arena *arena, const void *arg, void **result, struct error *err);

struct ui_result;
struct ui_shown_list;

struct view_ops {
	const char *name;     /* "runs": in save/load and --once */
	const char *contexts; /* blank-separated, most particular first: "runs list" ("app" is added) */
	size_t state_size;    /* v->state: that many bytes, zeroed before open */
	/* args: what ui_open was given (lives during the call), NULL for a screen of the tab bar. On -1 the view
	 * is not shown and the error is. Must not wait: ask. */
	int (*open)(struct view *v, const void *args, struct error *err);
	void (*close)(struct view *v);
	void (*draw)(struct view *v, struct surface *s); /* the body; s starts blank */
	/* True if it did something with it. Actions of ui itself (help, palette, screens…) do not come here;
	 * APP_BACK and APP_QUIT do first: true keeps the view open. */
	bool (*action)(struct view *v, enum action action);
	/* NULL: it can be done now; else why not (static or owned by the view): "nothing is marked", or "not in a
	 * review" of what lists have and this view never has, which help leaves out. Optional: all enabled. */
	const char *(*why_not)(struct view *v, enum action action);
	/* Sees every event before the key table does; true: taken. For text fields, mouse. Optional. */
	bool (*event)(struct view *v, const struct term_event *event);
	/* The answer to a ui_ask or ui_do of this view. */
	void (*on_result)(struct view *v, struct ui_result *result);
	/* "swift-otter-412": where am I, after the name of the screen. Optional. */
	void (*title)(struct view *v, struct str *out);
	/* The view as a place that can be gone to again (ui_options.go), by the name that --once takes: "run:0197…/log".
	 * Its first view of a screen needs none. Optional: views without one are not remembered as places. */
	void (*place)(struct view *v, struct str *out);
	/* Something was begun here that would be lost: going elsewhere does not close the view. Optional. */
	bool (*unsaved)(struct view *v);
	/* Lists that it shows besides its tables, in the order in which they stand: calls fn with each, for ui_twin.
	 * Optional. */
	void (*lists)(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user);
	/* Contexts of this moment, if they depend on the part that has the keyboard; NULL: .contexts. */
	const char *(*contexts_now)(struct view *v);
	/* About every tick_ms (0: never) while it is on top: time to ask for what is new. */
	int tick_ms;
	void (*tick)(struct view *v);
	/* It is on top again after another was closed above it. Optional. */
	void (*resume)(struct view *v);
	/* The pulse has told of a change since the view was opened or told last: at once while it is on top, else when
	 * it comes on top again (after resume). Optional. */
	void (*changed)(struct view *v);
	/* The program is about to end and will wait for the writer: give up what would take long. Optional. */
	void (*leaving)(struct view *v);
	/* The terminal that must be there for all that binds to be seen: in a smaller one that is said instead, and no
	 * key counts; nothing else is drawn over the view either. 0: any from 12x4 on. */
	int least_w, least_h;
	/* A page for a moment: a key that does not move in it closes it, and acts on what was below, unless it means a
	 * row there. */
	bool passing;
};

struct view {
	const struct view_ops *ops;
	struct ui *ui;
	void *state;
	int body_w, body_h; /* size of the body at the last draw; of the coming one during open */
	struct view_private *private_;
};

/* Opens a view above the present one. */
int ui_open(struct ui *ui, const struct view_ops *ops, const void *args);
/* Closes the view on top (the last one stays). */
void ui_back(struct ui *ui);
struct view *ui_top(struct ui *ui);
void ui_show_screen(struct ui *ui, int number); /* as its digit key does */
/*
 * Opens a place by its name (view_ops.place), or shows it where it is open already. -1: it cannot be; else it is
 * there, or is being looked for: keys wait for it then, Esc gives it up. ui_went: what came of the last one when
 * nothing is asked any more (ui_settle); err->text may be empty where the view has said why itself.
 */
int ui_go(struct ui *ui, const char *place, struct error *err);
int ui_went(const struct ui *ui, struct error *err);
/* Of the view on top, when nothing is asked any more: -1 and why, if it has not got what it is for (an answer with a
 * status of -1 that was not `beside`, and none with its tag after it). */
int ui_shown(struct ui *ui, struct error *err);
/* For ui_options.go. `find` is done on the reader, then `open` gets its answer. */
void ui_go_ask(struct ui *ui, ui_work_fn *find, const void *arg, size_t size,
               int (*open)(struct ui *ui, const void *found, struct error *err));
/* For `open`: the screen, with all closed above its first view but what is unsaved. */
void ui_go_screen(struct ui *ui, int number);
/* The keys of an action as they are bound now, "c / Enter", or only the first; nothing if it has none. */
void ui_action_keys(struct ui *ui, enum action id, bool first, struct str *out);
void ui_quit(struct ui *ui);
/* Calls fn(v, user) once, in about `ms`, unless v is closed; a newer call with the same two replaces an older one; at
 * most UI_LATERS wait. In the memory back end: as soon as nothing else is to be done. */
#define UI_LATERS 8
void ui_later(struct view *v, int ms, void (*fn)(struct view *v, void *user), void *user);
void ui_dirty(
    struct ui *ui); /* draw soon: something that was not a key or a result has changed what is seen */
/* The app's own pointer (options.app). */
void *ui_app(struct ui *ui);
/* Now, in UTC milliseconds; fixed in tests. Views ask this, never the clock. */
int64_t ui_now(const struct ui *ui);
/* Before a question that binds: what was typed, pasted or clicked is dropped until the coming frame stands on
 * the terminal and a person can have read it; what waits in the terminal already is dropped with it. Resizing
 * and hanging up go on. */
void ui_flush_input(struct ui *ui);
/* Which turn of the loop it is. Keys of one turn came all at once, as no fingers type them: a paste into a
 * terminal that does not mark pastes. */
uint64_t ui_turn(const struct ui *ui);

/* What is remembered of a view between starts, by ops->name. Values are any text. get: NULL if none. */
const char *ui_state_get(struct view *v, const char *key);
void ui_state_set(struct view *v, const char *key, const char *value);

/* ---- workers ---- */

struct ui_worker {
	int (*open)(void *user, void **context, struct error *err); /* on the thread, before its first work */
	void (*close)(void *context);
	void (*interrupt)(void *context); /* from the screen's thread, while work is running; may be NULL */
	/* On the thread, before each work: how far that has come is told there; NULL once it is over. May be NULL. */
	void (*watch)(void *context, struct progress *progress);
	void *user;
};

struct ui_result {
	int tag;
	int status; /* 0 or -1 */
	struct error err;
	void *data;
	struct arena *arena; /* holds data; set to NULL to keep it (then arena_free is yours) */
	bool cancelled;      /* Esc has stopped it: status is -1, which is no error; ui has said so */
	/* Set by on_result: the view shows what it is for without this answer, whatever became of it. It may as well set
	 * status and err: what came cannot be shown. */
	bool beside;
};
/*
 * What takes long. Every work has a struct progress of its own: ui_worker.watch gives it to the context (in src/view:
 * desk->progress), and the work hands it on to what does it (table_options.progress, relation_options.progress…). Once
 * it has told of a stage (progress_begin) and has been at it for 100 ms, the frame shows what it does, how fast and
 * for how long still, in the message row of the view that has asked, if that is on top; Esc sets `stop` there (and
 * interrupts the reader), and the answer comes with status -1 and `cancelled`. A view does nothing for this but to say
 * what it shows without the answer, and not to ask again by itself. Work of seconds belongs on the third thread
 * (ui_ask_aside; list_spec.aside), so that other screens need not wait for it.
 */
/*
 * Asks the reader. A newer ask of the same view and tag replaces an older one: that one is taken from the
 * queue or interrupted, and its answer never arrives. Closing the view does the same for all. arg is copied
 * (size bytes; what it points to must outlive the answer, or be in `keep`, an arena that is freed with the
 * request; may be NULL). Asks of ui_ask_front are done before those that wait.
 */
void ui_ask(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep);
void ui_ask_front(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep);
/* As ui_ask, on a third thread with a reader's context of its own: for what takes so long that other screens must
 * not wait for it. */
void ui_ask_aside(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep);
bool ui_asking(const struct view *v, int tag); /* an answer is still to come; tag -1: any */
/* Tells the writer. Done in order, never dropped, even if the view closes; the answer comes to the view if it
 * is still open; an error is shown as a message in any case. */
void ui_do(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep);

/* ---- messages ---- */

/* One line for the person, until the next key; an error that came by itself (not while a key was handled)
 * stays until Esc or another message. Style: STYLE_MESSAGE, STYLE_ERROR… */
void ui_message(struct ui *ui, enum style style, const char *format, ...) PRINTF_LIKE(3, 4);
void ui_error(struct ui *ui, const struct error *err);
/* The command line that would have done the same: "assay stop swift-otter-412". Shown with "$ " before it. */
void ui_command(struct ui *ui, const char *format, ...) PRINTF_LIKE(2, 3);
/* Into the person's clipboard by way of the terminal (OSC 52), where that is allowed ([terminal] clipboard = yes in
 * config.ini); a message says what came of it, and what to do where it is not. what: "3 rows". */
void ui_copy(struct ui *ui, const char *text, size_t len, const char *what);
/* Something that happened by itself: in a corner for a few seconds, and in the journal. place: what Enter in the
 * journal opens; NULL: nothing. */
void ui_toast(struct ui *ui, enum style style, const char *place, const char *format, ...) PRINTF_LIKE(4, 5);
/* What was just done is not among the things that U takes back, and why: U says so, once. The view's next ui_do
 * ends that. */
void ui_lasting(struct ui *ui, const char *why);
/* Row 0: the place ("lending") and what needs the person ("3 running"); "" for nothing. */
void ui_set_place(struct ui *ui, const char *place);
void ui_set_needs(struct ui *ui, const char *text);

/* ---- dialogs: one at a time, above the view; they call back and are gone ---- */

#define UI_CHECK_TEXT 256
struct ui_check {
	bool ok;
	size_t at; /* byte offset of the fault */
	char message[UI_CHECK_TEXT];
};
struct ui_completions {
	struct arena *arena;
	size_t from; /* the completion replaces text[from, cursor) */
	const char **items;
	size_t count, cap;
};
void ui_completions_add(struct ui_completions *c, const char *text); /* copied */

struct ui_prompt {
	const char *label;   /* "/" or "name" */
	const char *text;    /* to begin with */
	const char *history; /* name of its history, kept between starts; NULL: none */
	void *user;          /* must outlive the prompt; a view's state does */
	/* Is it valid as it stands? Called after each change. Optional. */
	void (*check)(void *user, const char *text, struct ui_check *out);
	void (*complete)(void *user, const char *text, size_t cursor, struct ui_completions *out); /* optional */
	void (*change)(void *user, const char *text); /* as it is typed and valid; optional */
	void (*accept)(void *user, const char *text); /* Enter */
	void (*cancel)(void *user);                   /* Esc; optional */
};
/* A line to type in the message row. Prompts of a view go with it. */
void ui_prompt(struct view *v, const struct ui_prompt *prompt);
/* What complete() has to offer is more now: the view's prompt, if it is open, asks it again. */
void ui_prompt_complete(struct view *v);

/* A question whose default is No; `yes` says what Yes does ("stop 2 runs"). y or the button; Enter takes what
 * is selected (No at first). Keys typed before it was drawn do not count. */
void ui_confirm(struct view *v, const char *title, const char *text, const char *yes,
                void (*accept)(void *user), void *user);

struct ui_menu_item {
	const char *text, *detail; /* detail: muted, in a column of its own; may be NULL */
	const char *key;           /* at the right edge; may be NULL */
	int64_t id;
	bool checked;
	const char *why_not; /* greyed, with the reason */
	bool elsewhere;      /* seen only when nothing else matches what is typed */
};
struct ui_menu {
	const char *title;
	const struct ui_menu_item *items; /* copied */
	size_t count;
	bool multiple; /* Space checks, Enter accepts all; order kept, items can be moved with Shift-Up/Down if
	                  `ordered` */
	bool ordered;
	int64_t current; /* id to start on */
	void *user;
	void (*accept)(void *user, int64_t id); /* single */
	/* multiple: the checked ids in the order of the list, good during the call */
	void (*accept_many)(void *user, const int64_t *ids, size_t count);
	void (*remove)(void *user,
	               int64_t id); /* Del on an item, then the menu is gone; NULL: nothing can be removed */
};
/* A list to choose from, narrowed as one types: fuzzily by text, then by the words of the details. */
void ui_menu(struct view *v, const struct ui_menu *menu);
/* Score of a fuzzy match of `pattern` in `text` (case ignored, letters in order, starts of words first); -1:
 * no match. */
int ui_fuzzy(const char *pattern, const char *text);

/* ---- line editor (prompts, form fields) ---- */

struct ui_editor {
	struct str text;
	size_t cursor; /* byte offset, at a grapheme's start */
	int scroll;    /* columns cut off at the left */
};
void ui_editor_init(struct ui_editor *e, const char *text);
void ui_editor_release(struct ui_editor *e);
void ui_editor_set(struct ui_editor *e, const char *text);
/* Printable keys, Left, Right, Home, End, Ctrl-A E B F K U W Y? , Alt-b f, Backspace, Delete, paste (one
 * line). True: taken. */
bool ui_editor_event(struct ui_editor *e, const struct term_event *event);
void ui_editor_draw(struct ui_editor *e, struct surface *s, int x, int y, int width, style_id style,
                    bool focused);

/* ---- table ---- */

#include "assay/ui_table.h"

/* ---- form ---- */

enum ui_field_kind { UI_TEXT, UI_NUMBER, UI_INTEGER, UI_CHOICE, UI_TOGGLE, UI_MULTI, UI_HEADING, UI_NOTE };
struct ui_field {
	const char *name, *label, *help;
	enum ui_field_kind kind;
	const char *value;          /* default. TOGGLE "yes"/"no"; MULTI: comma-separated */
	double low, high;           /* NUMBER, INTEGER: both 0: any */
	const char *const *choices; /* CHOICE, MULTI; all strings are copied */
	size_t choice_count;
	bool required;
	const char *empty_means; /* shown muted while empty: "from the data" */
};
struct ui_form;
struct ui_form *ui_form_new(struct view *v, void (*changed)(void *user, const char *name), void *user);
void ui_form_free(struct ui_form *f);
/* Another set of fields; a value that the person has entered stays where name and kind are the same. */
void ui_form_fields(struct ui_form *f, const struct ui_field *fields, size_t count);
const char *ui_form_get(const struct ui_form *f, const char *name); /* current text, "" if none such */
const char *ui_form_at(const struct ui_form *f);                    /* name of the field with the cursor */
bool ui_form_is_default(const struct ui_form *f, const char *name);
void ui_form_set(struct ui_form *f, const char *name, const char *value);
/* A fault of a field found outside (NULL text: none any more). */
void ui_form_complain(struct ui_form *f, const char *name, const char *text);
/* NULL when all fields hold; else the first fault, "label: what", and that field has the cursor. */
const char *ui_form_fault(struct ui_form *f);
void ui_form_draw(struct ui_form *f, struct surface *s, bool focused);
bool ui_form_event(struct ui_form *f, const struct term_event *event); /* call from view_ops.event */
bool ui_form_action(struct ui_form *f, enum action action);            /* reset, movement */

/* ---- pager ---- */

/* Text that may grow at its end. A line that a program redraws with \r (progress bars) is one line: the last
 * state. */
struct ui_pager;
struct ui_pager *ui_pager_new(struct view *v);
void ui_pager_free(struct ui_pager *p);
void ui_pager_add(struct ui_pager *p, const char *bytes, size_t len); /* appends a copy */
void ui_pager_follow(struct ui_pager *p, bool on);
void ui_pager_empty(struct ui_pager *p, const char *text);
void ui_pager_draw(struct ui_pager *p, struct surface *s, bool focused);
bool ui_pager_action(struct ui_pager *p, enum action action);
bool ui_pager_event(struct ui_pager *p, const struct term_event *event); /* wheel */

/* ---- small parts ---- */

/* Tabs inside a view; returns columns used. Where not all have room, the active one is in sight. ui_tabs_hit: which
 * lies at column x of so many, or -1. */
int ui_tabs_draw(struct surface *s, int y, const char *const *names, int count, int active);
int ui_tabs_hit(const char *const *names, int count, int active, int width, int x);
/* "label  value" at x, y; the label in `label_width` columns. */
void ui_label(struct surface *s, int x, int y, int label_width, const char *label, style_id style,
              const char *value);
/* Divides w (or h) among parts by minimum and weight; parts of weight 0 get their minimum; what has no room
 * gets 0, from the last on. gaps: columns between parts. */
void ui_layout(int size, int gap, const int *minimum, const int *weight, int count, int *out);
/* Paragraph within the surface from row y on, words kept whole; returns rows used. */
int ui_paragraph(struct surface *s, int x, int y, style_id style, const char *text);
/* Bytes of the text that make its first row of `width` columns, no byte left out: up to a blank in the second
 * half of the row, else in the middle of a word. At least one character, so that a loop ends. */
size_t ui_row_len(const struct surface *s, const char *text, size_t len, int width);
/* Status words of runs to style and sign. */
style_id ui_status_style(const char *status);
enum glyph ui_status_glyph(const char *status);

/* ---- themes ---- */

/* The theme that was chosen last. Its files are read again when they change, on a thread of its own. */
const struct theme *ui_theme(const struct ui *ui);
/* Another one by its name: found and read behind the screen, then shown and remembered; or a message. */
void ui_theme_use(struct ui *ui, const char *name);
/* theme_save behind the screen (both are copied); then it is the theme. What came of it is said in a message.
 */
void ui_theme_save(struct ui *ui, const struct theme *was, const struct theme *now, const char *name);
uint64_t ui_theme_writes(const struct ui *ui); /* how many of those have been done */
/* Shown in its place until NULL is given, and told again after each change; it stays the caller's. */
void ui_theme_preview(struct ui *ui, const struct theme *theme);
const struct theme *ui_theme_previewed(const struct ui *ui); /* or NULL */
enum term_colours ui_colours(const struct ui *ui);           /* of the terminal */

/* ---- the workbench ---- */

#define UI_FIND_TEXT 128
struct ui_find_ask {
	char pattern[UI_FIND_TEXT];
	int limit;
};
struct ui_found {
	struct ui_found_place {
		const char *text, *detail, *place; /* "swift-otter-412", "run, 4m", "run:0197…" */
	} * places;                            /* best first */
	size_t count;
};
struct ui_undone {
	const char *text;    /* "archived 3 runs"; NULL: there is nothing to take back */
	const char *command; /* "assay undo" */
};
struct ui_pulse {
	int64_t change;    /* another number after any commit; 0: as before */
	const char *needs; /* row 0: "3 running  2 to sign"; "" */
	bool more;         /* what is to be told takes longer than others may wait: ask on the third thread */
	bool tend;         /* something runs that has to be looked after */
	struct ui_pulse_event { /* what has happened by itself since the last pulse */
		enum style style;
		const char *text, *place;
	} * events;
	size_t event_count;
};
struct ui_screen {
	int number;        /* its digit */
	const char *title; /* "Runs" */
	const struct view_ops *ops;
};
struct ui_options {
	struct term *term; /* stays the caller's */
	const struct ui_screen *screens;
	size_t screen_count;
	int first_screen; /* number; 0: the first */
	const char *place;
	const char *theme;      /* name; NULL: the one remembered, else "dark" */
	const char *state_path; /* where view state, histories and the theme are remembered; NULL: nowhere */
	const char *keys_path;  /* keys.ini; NULL: none. A fault in it is shown, the rest holds. */
	const struct ui_action *actions; /* NULL: the house's */
	size_t action_count;
	struct ui_worker reader, writer; /* two threads read, one for ui_ask_aside */
	/*
	 * Going anywhere. go: opens the place of that name (view_ops.place; --once SCREEN); it may ask the reader
	 * first and open later. find: what is called so, for the palette: takes a ui_find_ask, gives ui_found.
	 */
	int (*go)(struct ui *ui, const char *place, struct error *err);
	bool restore; /* begins where the last session was left; first_screen where nothing is remembered */
	ui_work_fn *find;
	/* On the writer: takes nothing, gives ui_undone. NULL: nothing can be taken back. */
	ui_work_fn *undo, *redo;
	/* On the reader, about every second whatever is on top, and after everything that is done: takes a bool, gives
	 * ui_pulse. true: it is the third thread, as ui_pulse.more asked for. */
	ui_work_fn *pulse;
	ui_work_fn *tend; /* on the writer, every few seconds while the pulse says so: takes and gives nothing */
	const struct view_ops *guide;        /* the first steps */
	bool guide_first;                    /* opened by itself, at the start */
	const struct view_ops *theme_editor; /* what app.theme-editor opens; NULL: nothing */
	bool read_only;
	int64_t fixed_now; /* 0: the clock */
	void *app;
};
int ui_new(struct ui **out, const struct ui_options *options, struct error *err);
void ui_free(struct ui *ui);            /* waits for the writer, interrupts the readers */
bool ui_in_sight(const struct view *v); /* it is the view that the person looks at */
/* The loop, until the person leaves or the terminal goes. Returns 0, or -1 when it could not go on. */
int ui_run(struct ui *ui, struct error *err);
/* Memory back end: works until nothing is to be done any more, and draws. Ticks do not happen by themselves.
 */
void ui_settle(struct ui *ui);
/*
 * Memory back end: what the view on top shows, as one JSON object and a line end, appended to `out`; the manual says
 * what is in it. Lists are whole, up to `limit` rows of each, whatever has room on the screen. `screen` as it was
 * asked for.
 */
void ui_twin(struct ui *ui, const char *screen, size_t limit, struct str *out);
/*
 * Memory back end: a session from text, one step a line; after each the program is let come to rest.
 *     key Down Down Enter       keys by name          type some text         as if typed
 *     paste some text           bracketed paste       size 80x24             resize
 *     expect some text          must be on screen     refuse some text       must not be
 *     save                      screen to `out`       styles                 styles to `out`
 *     tick 1000                 time goes on (fixed_now) and the tick of the view on top happens
 *     open PLACE                a screen or another place                    # comment
 * -1 at the first step that fails, with its line in err; the screen is as it was then (grid_text).
 */
int ui_script(struct ui *ui, const char *name, const char *text, struct str *out, struct error *err);

#endif
