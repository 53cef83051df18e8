/*
 * What people change by hand, one thing at a time: an item is a thing with what it was before and after.
 *
 * The value of a thing is a text, or NULL when it is not there. That of a tag or a note begins with the time it
 * is of, "1795435200000 risk", so that what is taken back is what it was.
 */
#ifndef ASSAY_STORE_EDIT_H
#define ASSAY_STORE_EDIT_H

#include "internal.h"

struct edit_kind; /* archived, tag, name, note; view, filter */
const struct edit_kind *edit_kind_find(const char *name);
const char *edit_kind_name(const struct edit_kind *kind);
/* The value without its time. */
const char *edit_value_text(const struct edit_kind *kind, const char *value);

struct edit_thing {
	const struct edit_kind *kind;
	int64_t run;                  /* 0: not of a run */
	const char *experiment, *key; /* NULL where the kind has none */
};
/* Both in the transaction of the caller. */
int edit_read(struct store *s, const struct edit_thing *t, struct str *value, bool *there, struct error *err);
/* value NULL: it goes. The item's key follows the number of a note. */
int edit_write(struct store *s, const struct edit_thing *t, int64_t edit, int64_t seq, const char *value,
               struct error *err);

/* An edit that is being made: its row is there as soon as there is an item. */
struct edit_new {
	struct store *s;
	const char *who;
	int64_t id, items, at;
	bool many; /* in several transactions, between edit_many_begin and edit_many_end */
};
/* Keeps the item and changes the thing. */
int edit_add(struct edit_new *e, const struct edit_thing *t, const char *before, const char *after,
             struct error *err);
/* "archived" "3 runs": the text of the edit, and the line of the log, which says more (NULL: the same). */
int edit_finish(struct edit_new *e, const char *verb, const char *what, const char *more, struct error *err);

/* ---- things of an edit (edit_undo.c) ---- */

struct edit_item {
	int64_t seq;
	struct edit_thing thing;
	const char *left, *target; /* what the thing must be now, and what it is to become; until the next item */
};
/* How long a transaction goes on: shorter where committing it takes long. */
struct edit_slice {
	bool many;            /* false: to the end */
	int things, budget;   /* ms; 0: none has been made */
	int64_t begun, until; /* monotonic ms */
};
struct edit_walk {
	int64_t edit;
	bool undo;    /* from what its things became to what they were; false: the other way */
	int64_t next; /* the item to go on from */
	struct edit_slice slice;
};
/* Calls `each` for every item; it may change the item that it is called with, and the thing. 1: the slice is full, and
 * there may be more. */
int edit_each(struct store *s, struct edit_walk *walk,
              int (*each)(struct store *s, int64_t edit, const struct edit_item *item, void *user,
                          struct error *err),
              void *user, struct error *err);

/* ---- edits of many things (edit_many.c) ---- */

enum { EDIT_MAKING = 2 /* in edit.undone: it is not whole yet */ };

/* Before the transaction of any edit of this person (NULL: of none): puts back what a killed one has left in the
 * middle. ERR_NO while one of his is going on, since edits are taken back in the order in which they were made. */
int edit_ready(struct store *s, const char *who, struct error *err);
/* The same once more within that transaction: one may have begun since. ERR_NO. */
int edit_is_free(struct store *s, const char *who, struct error *err);
/* Waits until no other edit of many things is going on. Not within a transaction. */
int edit_many_begin(struct store *s, struct error *err);
/* whole: it has come to its end; else all that it has changed is put back. */
void edit_many_end(struct store *s, bool whole);
/* In its first and in its last transaction. */
int edit_goes(struct store *s, int64_t edit, struct error *err);
int edit_went(struct store *s, struct error *err);

void edit_slice_begin(struct edit_slice *slice);
/* After each thing. */
bool edit_slice_full(struct edit_slice *slice);
/* Between two transactions: others get their turn. -1: interrupted. */
int edit_slice_pause(struct store *s, struct edit_slice *slice, struct error *err);

/* In the caller's transaction, for about so long: takes away edits that are nobody's (who = ''). *gone is added to.
 * 1: there may be more. */
int edit_sweep(struct store *s, int ms, int64_t *gone, struct error *err);

#endif
