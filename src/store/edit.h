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
};
/* Keeps the item and changes the thing. */
int edit_add(struct edit_new *e, const struct edit_thing *t, const char *before, const char *after,
             struct error *err);
/* "archived" "3 runs": the text of the edit, and the line of the log, which says more (NULL: the same). */
int edit_finish(struct edit_new *e, const char *verb, const char *what, const char *more, struct error *err);

#endif
