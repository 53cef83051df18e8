/* Inside ui: what its files share. */
#ifndef UI_PRIVATE_H
#define UI_PRIVATE_H

#include "assay/ui.h"

/* ---- state.c: what is remembered ---- */

struct ui_state {
	struct state_entry {
		char *section, *key, *value;
	} * entries;
	size_t count, cap;
	bool changed;
};
void state_init(struct ui_state *s);
void state_release(struct ui_state *s);
/* A missing file is an empty one. */
int state_load(struct ui_state *s, const char *path, struct error *err);
int state_save(struct ui_state *s, const char *path, struct error *err);
const char *state_get(const struct ui_state *s, const char *section, const char *key);
void state_set(struct ui_state *s, const char *section, const char *key, const char *value);
/* The file's text, and writing it: apart, so that another thread can write. */
void state_text(struct ui_state *s, struct str *out);
int state_write(const char *path, const char *text, size_t len, struct error *err);

/* ---- worker.c ---- */

/* What the reader does for longer is said in the title, with its seconds. */
enum { BUSY_STEP_MS = 1000, PROGRESS_FROM_MS = 100, PROGRESS_STEP_MS = 200 };

struct worker;
struct request {
	struct request *next;
	struct view *owner; /* NULL: closed meanwhile */
	int tag;
	ui_work_fn *fn;
	void *arg;
	struct arena *keep;
	struct ui_result result;
	bool stale;  /* nobody waits for it any more */
	bool urgent; /* asked because of a key: its answer is drawn at once */
	bool chore;  /* no person has told the writer to: leaving does not wait for it */
	struct progress progress;
	struct progress_seen seen; /* of it, by the screen's thread */
	/* ui itself has asked: takes the answer in place of a view. */
	void (*done)(struct ui *ui, struct request *r);
};
/* wake_fd: a byte is written there when an answer has come. */
struct worker *worker_new(const struct ui_worker *ops, int wake_fd);
void worker_free(struct worker *w, bool finish); /* finish: does all its work first, but for chores */
void worker_add(struct worker *w, struct request *r, bool front);
/* Takes back what `owner` has asked with the tag (-1: all); `drop`: also interrupts. Without drop only the
 * owner is forgotten. */
void worker_forget(struct worker *w, struct view *owner, int tag, bool drop);
bool worker_has(struct worker *w, const struct view *owner, int tag);
bool worker_idle(struct worker *w);
/* For how long it has been at what it does now; 0: it does nothing. */
int64_t worker_busy_ms(struct worker *w);
/* What it does now for `owner`, if that has told of a stage and for so long that people want to know; false: nothing. */
bool worker_progress(struct worker *w, const struct view *owner, struct progress_seen *out);
/* Stops that; `interrupt`: and whatever else it waits for. */
void worker_stop(struct worker *w, const struct view *owner, bool interrupt);
struct request *worker_take(struct worker *w); /* an answer, or NULL */
void request_free(struct request *r);

/* ---- keymap.c ---- */

enum { KEY_PARTS = 3 };
struct key_press {
	uint32_t key;
	unsigned mods;
};
struct binding {
	const struct ui_action *action;
	struct key_press parts[KEY_PARTS]; /* pressed one after the other */
	int count;
};
/* "x", "Ctrl-K", ",+g": a key of that name, else keys joined by "+". */
bool binding_parse(const char *name, struct binding *out);
/* "x", ", g": from part `from` on; appended. */
void binding_name(const struct binding *b, int from, struct str *out);
bool binding_begins(const struct binding *b, const struct key_press *keys, int count);
struct keymap {
	const struct ui_action *actions;
	size_t action_count;
	struct binding *bindings;
	size_t count, cap;
};
void keymap_init(struct keymap *m, const struct ui_action *actions, size_t count);
void keymap_release(struct keymap *m);
/* keys.ini: section [keys], `run.stop = x Ctrl-K` replaces that action's keys; an empty value takes them
 * away. */
int keymap_read(struct keymap *m, const char *path, struct error *err);
/* Keys of one context that mean two actions, or begin what another one ends, a line each; appended. */
void keymap_clashes(const struct keymap *m, struct str *faults);
/* The action's keys, "c Enter", or ", r / Alt-r" where some are sequences; or only the first. "" if it has none. */
const char *keymap_keys(const struct keymap *m, const struct ui_action *a, bool first_only, struct str *out);
bool words_have(const char *words, const char *word, size_t len); /* blank-separated */

/* ---- dialogs ---- */

struct dialog;
struct dialog_ops {
	void (*event)(struct dialog *d, const struct term_event *e);
	void (*draw)(struct dialog *d, struct surface *all); /* the whole screen; message row is h - 2 */
	void (*release)(struct dialog *d);
	bool in_line;    /* a prompt: stands in the message row, the view stays in sight */
	bool wait_drawn; /* keys typed before it was drawn do not count */
};
struct dialog {
	const struct dialog_ops *ops;
	struct ui *ui;
	struct view *owner;
	struct dialog *next_dead;
	bool drawn;
	int64_t drawn_ms; /* first time, monotonic */
};
/* Replaces the dialog that is open. */
void dialog_open(struct ui *ui, struct view *owner, struct dialog *d);
void dialog_close(struct ui *ui); /* from its own event function too: freed after it returns */
void help_open(struct ui *ui);
void palette_open(struct ui *ui);
void palette_found(struct ui *ui, struct ui_result *r);
/* A box in the middle of the screen, its inside blanked; returns the inside. */
struct surface dialog_box(struct surface *all, int w, int h, const char *title);
/* The row inside it that says what keys do; -1: rows are worth more. */
int dialog_hint_row(const struct surface *box);

enum {
	SEEN_MS = 150, /* sooner after a frame no person can have read it */
	LEAST_W = 12,  /* the smallest terminal that anything is drawn in */
	LEAST_H = 4,
};

/* ---- rows.c: the frame's rows at a height; what has no room is left out, -1 ---- */

struct frame_rows {
	int title, tabs, body, body_h;
	int message, footer; /* one row at last: what is said covers the keys */
};
void frame_rows(int h, struct frame_rows *out);

/* ---- toast.c ---- */

enum { TOASTS_MOST = 3 };
struct toast {
	char *text;
	style_id style;
	int64_t until; /* loop_ms; 0: it has not been drawn yet */
};
void toasts_draw(struct ui *ui, struct surface *s);
void toasts_seen(struct ui *ui);                /* a key: what was drawn goes */
void toasts_expire(struct ui *ui, int64_t now); /* loop_ms */
int64_t toasts_at(const struct ui *ui);         /* when the next one goes, loop_ms; INT64_MAX */
void toasts_release(struct ui *ui);

/* ---- journal.c ---- */

enum { JOURNAL_MOST = 1000 };
enum journal_kind { JOURNAL_SAID, JOURNAL_COMMAND, JOURNAL_EVENT };
struct journal;
struct journal *journal_new(void);
void journal_free(struct journal *j);
void journal_add(struct ui *ui, enum journal_kind kind, style_id style, const char *place, const char *text);
void journal_open(struct ui *ui);

/* ---- pulse.c: what is new, whatever is on top; undo.c ---- */

void pulse_begin(struct ui *ui);
void pulse_ask(struct ui *ui); /* unless its answer is still to come */
void pulse_look(struct ui *ui, int64_t now);
/* Tells the view on top of what has changed since it was told last. */
void pulse_tell(struct ui *ui);
void ui_undo(struct ui *ui, bool redo);

/* ---- the workbench ---- */

struct view_private {
	int screen;
	int64_t next_tick; /* monotonic ms */
	int64_t change;    /* ui->change when it was told last */
	struct later {
		void (*fn)(struct view *v, void *user); /* NULL: nothing */
		void *user;
		int64_t at; /* monotonic ms */
	} later[UI_LATERS];
	struct ui_table *table;    /* that has the keyboard, as last drawn */
	struct ui_table *drawn[8]; /* all that the last frame shows */
	size_t drawn_count;
	uint64_t serial; /* no two views have the same */
	int64_t cursor;  /* row to go to as soon as there are rows; 0: none */
	/* Of the last answer that failed it; code 0: none. */
	struct error fault;
	int fault_tag;
};

/* ---- places ---- */

#define JUMPS_MOST 200
struct jump {
	int64_t id;        /* in the menu of places; no two have the same */
	char *place;       /* as ui_go takes it */
	char *text, *kind; /* for people: "swift-otter-412", "run" */
	uint64_t view;     /* serial of the view that it was seen in last */
	int64_t cursor;    /* of its list; 0: none */
};
struct jumps {
	struct jump *list; /* in the order of the visits, each place once */
	int64_t last_id;
	size_t count, cap, at; /* at: where one is, or was last */
};
struct going {
	bool on;    /* it is being looked for */
	bool jump;  /* by the list of jumps: what is gone is dropped from it */
	bool quiet; /* by itself, at the start */
	bool failed;
	bool opened;    /* it was not open, or showed something else */
	int64_t cursor; /* row to go to there; 0 */
	struct str place;
	int (*open)(struct ui *ui, const void *found, struct error *err);
	struct error err; /* failed */
};
struct crumb { /* a part of row 0 that can be clicked */
	int x0, x1;
	int depth; /* in the stack; -1: the first screen */
	bool name; /* of a screen, before what of it is shown: leads to all of it */
};
struct hit { /* something on rows 0, 1, h-1 that can be clicked */
	int x0, x1, y;
	enum action action;
};
struct stack {
	struct view **views;
	size_t count, cap;
};

struct ui {
	struct ui_options options;
	struct term *term;
	struct keymap keymap;
	struct theme theme;
	const struct theme *preview; /* shown in its place; its owner's */
	struct worker *files;        /* reads and writes the person's own: themes, state, settings, exports */
	uint64_t theme_writes;
	int theme_steps;  /* further in the list than what has been asked for */
	int64_t theme_at; /* when to look at its files again, monotonic */
	struct ui_state state;
	struct stack *stacks; /* one a screen */
	size_t screen;
	struct view *own; /* owns what no view asks for; never shown */
	uint64_t last_serial;
	struct jumps jumps;
	struct going going;
	bool place_changed; /* since the state was saved last */
	bool saving;        /* the state is being saved behind the screen */
	int64_t save_at;    /* not sooner, monotonic */
	struct worker *reader, *aside, *writer;
	int wake[2];
	struct dialog *dialog, *dead_dialogs;
	struct str place, needs, message, command;
	enum style message_style;
	bool message_stays; /* an error that no key of the person has caused: Esc or another message ends it */
	bool quit, key_dirty, data_dirty;
	bool in_key;        /* what is asked now is waited for by a person */
	bool in_event;      /* a key is being handled */
	int64_t busy_steps; /* of BUSY_STEP_MS, of the reader, when last looked at */
	bool progressing;   /* the last frame showed how far something has come */
	bool too_small;     /* the last frame could not be drawn: what cannot be seen takes no keys */
	int body_y;         /* of the last frame */
	struct journal *journal;
	struct toast toasts[TOASTS_MOST];
	size_t toast_count;
	char *lasting;             /* why U does not take back what was done last; NULL */
	int64_t change;            /* as the pulse has told it; 0: not yet */
	int64_t pulse_at, tend_at; /* monotonic; ui_now */
	bool pulse_asked, pulse_aside, pulse_failed, tending;
	bool draw_pending; /* a frame has not gone out whole, as the line is slow */
	bool line_full;    /* something has not */
	uint64_t turn;
	enum { FLUSH_NOT, FLUSH_WANTED, FLUSH_DRAWN, FLUSH_SHOWN } flush; /* what is typed is dropped, until … */
	int64_t flush_ms;                    /* when the frame was on the terminal, monotonic */
	int64_t last_data_frame, now;        /* when one was drawn that only data asked for */
	struct key_press pending[KEY_PARTS]; /* of a sequence that is not at its end */
	int pending_count;
	struct term_event *held; /* keys that wait for rows */
	size_t held_count, held_cap;
	bool releasing;
	struct hit hits[64];
	size_t hit_count;
	struct crumb crumbs[16];
	size_t crumb_count;
	bool mouse;
	int64_t click_ms;
	int click_x, click_y;
	struct view **dying; /* closed while their own code may run: freed at the end of the turn */
	size_t dying_count, dying_cap;
};

/* stack.c */
struct view *view_new(struct ui *ui, const struct view_ops *ops, int screen);
int view_open_screen(struct ui *ui, size_t screen, struct error *err);
void view_close(struct view *v);
void bury_dead(struct ui *ui); /* frees closed views and dialogs */
void body_size(const struct ui *ui, int *w, int *h);

/* places.c: going, coming back at the next start */
enum { OWN_GO = 1, OWN_FIND };
extern const struct view_ops OWN_VIEW;
/* "run:0197…/log"; "" for a view that is no place. */
void place_of(struct view *v, struct str *out);
bool ui_going(const struct ui *ui);
void ui_stay(struct ui *ui); /* what is being looked for is not wanted any more */
/* Moves the cursor of the view on top to where it was, once there are rows. */
void places_cursor(struct ui *ui);
/* What is remembered from the last session: at the start, and of a screen that is opened for the first time. */
size_t places_first(struct ui *ui, size_t otherwise);
void places_restore(struct ui *ui);
/* When it is time, on the thread of files. */
void places_save(struct ui *ui, int64_t now);
void places_remember(struct ui *ui); /* into the state */
int64_t places_save_at(const struct ui *ui);

/* jumps.c */
void jumps_note(struct ui *ui); /* where one is now; call it after whatever may have led elsewhere */
void jumps_move(struct ui *ui, int step);
void jumps_menu(struct ui *ui);
const char *jumps_why_not(struct ui *ui, int step);
void jumps_arrived(struct ui *ui, const char *place);
void jumps_drop(struct ui *ui, const char *place);
void jumps_release(struct jumps *j);
void places_jump(struct ui *ui, const char *place); /* as jumps do: what is gone is dropped */

/* parts.c */
/* "Enter choose|Esc back" as the footer has its keys: what has no room goes, the last one never. Returns the columns of
 * all of them. */
int hints_draw(struct surface *s, int y, const char *hints, bool draw);

/* crumbs.c */
void crumbs_draw(struct ui *ui, struct surface *s);
bool crumbs_clicked(struct ui *ui, int x, int y);

/* dispatch.c */
void ui_event(struct ui *ui, const struct term_event *event);
/* Carries out an action, as its key would. */
void ui_perform(struct ui *ui, const struct ui_action *a);
const char *ui_why_not(struct ui *ui, const struct ui_action *a); /* NULL: can be done */
const char *ui_contexts(struct ui *ui);
/* The action is one of the contexts of this moment; which (0 first), or -1. */
int ui_context_rank(struct ui *ui, const struct ui_action *a);
/* To the dialog, the view or the table of actions. */
void ui_carry_out(struct ui *ui, const struct term_event *e);

/* keys.c */
struct meaning {
	const struct ui_action *action; /* may be one that cannot be done now; NULL: nothing */
	bool begins;                    /* they begin a sequence; action is NULL */
};
struct meaning keys_mean(struct ui *ui, const struct key_press *keys, int count);
struct meaning key_means(struct ui *ui, const struct term_event *e); /* by itself */
/* Keeps a key back that is meant for rows, or for a place, that are not there yet. */
bool keys_hold(struct ui *ui, const struct term_event *e);
void ui_release_held(struct ui *ui);
/* A key that neither a dialog nor the view has taken. */
void keys_event(struct ui *ui, const struct term_event *e);
void keys_draw_next(struct ui *ui, struct surface *s);
/* What lists have and this view never has would only be in the way; why: it cannot be done now, or NULL. */
bool keys_never_here(const struct ui_action *a, const char *why);

/* progress.c: of what the view on top waits for */
bool progress_now(struct ui *ui, struct progress_seen *out); /* false: there is none to be shown */
bool progress_waits(struct ui *ui);                          /* there may be soon */
bool progress_stopped_by(struct ui *ui, const struct term_event *e);
void progress_draw(struct surface *s, int y, const struct progress_seen *seen);

/* theme.c */
int themes_begin(struct ui *ui, struct error *fault);
void themes_step(struct ui *ui); /* asks for what keys have asked for, when nothing is on its way */
void themes_look(struct ui *ui, int64_t now);
void ui_next_theme(struct ui *ui);

/* frame.c */
int messages_height(struct ui *ui,
                    const struct surface *s); /* rows that what is said takes, from the last one up */
void ui_draw(struct ui *ui);
void ui_add_hit(struct ui *ui, int x0, int x1, int y, enum action action);

/* loop.c */
void ui_deliver(struct ui *ui);
int64_t loop_ms(const struct ui *ui); /* monotonic; in tests the time that is set */
bool ui_flushing(struct ui *ui);

/* table.c: the view's table waits for rows that keys are meant for */
bool table_holds_keys(const struct ui_table *t);
/* The frame that was drawn last is on the terminal. */
void table_seen(struct ui_table *t);
/* The cursor's row is another one than the person can know: nothing is to be done to it. */
bool table_refuses(struct ui_table *t);
/* It is, until a frame after this has been seen. */
void table_displace(struct ui_table *t);
/* A key is held back: it was typed about the rows that have been seen. */
void table_holds_one(struct ui_table *t);
/* marks.c: "3 marked, 1 not shown", or "". */
const char *table_marks_text(const struct ui_table *t, struct str *out);

#endif
