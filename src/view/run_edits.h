/*
 * What a person changes of runs: archived or not, removed or not, tags, notes, names. Asked on the screen, written by
 * the writer in one edit that can be taken back, by the runs' ids: what has changed meanwhile is looked at there. And
 * purging, which cannot be taken back.
 */
#ifndef ASSAY_VIEW_RUN_EDITS_H
#define ASSAY_VIEW_RUN_EDITS_H

#include "assay/ui.h"
#include "assay/work.h"

struct run_edits {
	struct view *view;
	int tag;
	enum action what;
	int64_t *ids;
	size_t count;
	char *filter;
	bool weighing; /* the next answer says how much it is, and leads to a question */
};
/* ACTION_RUN_ARCHIVE at once; ACTION_RUN_TAG, _NOTE, _RENAME after a prompt; ACTION_RUN_REMOVE, _PURGE (which takes no
 * runs: it is about all that are removed) after a question that says how much it is. name: of the run, to begin with. `tag`
 * is what the answer comes with: give it to run_edits_show. e is part of the view's state. filter: what the list shows, or NULL: the command that does the same says it where
 * it finds these runs and no others. */
void run_edits_begin(struct run_edits *e, struct view *v, int tag, enum action what, const int64_t *ids,
                     size_t count, const char *name, const char *filter);
/* True if something was changed: it is not when the answer led to a question. */
bool run_edits_show(struct run_edits *e, const struct ui_result *result);
void run_edits_release(struct run_edits *e);

#endif
