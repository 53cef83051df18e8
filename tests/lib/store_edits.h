/* Runs to edit, and edits taken back and made again, in a store of a test's own. */
#ifndef TESTS_STORE_EDITS_H
#define TESTS_STORE_EDITS_H

#include "store_place.h"

int64_t make_run(struct store_place *p, const char *name, bool over); /* of the experiment "lending" */
const char *tags_of(struct store_place *p, int64_t run);              /* "team=risk 0.5 …" */
const char *notes_of(struct store_place *p, int64_t run);             /* "the first|the second" */
/* What is saved of the kind, for the experiment: "lending/mine=text …". */
const char *saved_of(struct store_place *p, const char *kind, const char *experiment);
struct run_row run_of(struct store_place *p, int64_t id);
/* The text of the edit; "" when there was nothing to take back, or to make again. */
const char *undo(struct store_place *p, const char *who);
const char *redo(struct store_place *p, const char *who);
/* It is stale, and the message says so. taking_back: undo, else redo. */
void refused(struct store_place *p, bool taking_back, const char *who, const char *says);

#endif
