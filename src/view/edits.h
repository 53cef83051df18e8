/*
 * What a person changes on a screen and can take back: work for the writer (ui_do). Texts and ids of an ask lie
 * in the arena that is handed over with it.
 */
#ifndef VIEW_EDITS_H
#define VIEW_EDITS_H

#include "assay/ui.h"
#include "assay/work.h"

struct edits_archive {
	struct work_which which;
	bool archived; /* false: restore */
};
struct edits_tag {
	struct work_which which;
	const char *key, *value; /* value NULL: the tag goes */
};
struct edits_note {
	int64_t run;
	const char *text;
};
struct edits_rename {
	int64_t run;
	const char *name;
};
struct edits_saved {
	struct store_saved saved; /* text NULL: it goes */
};

/* Each takes the struct of its name and gives work_edited. */
ui_work_fn view_write_archive, view_write_tag, view_write_note, view_write_rename, view_write_saved;
/* Takes work_which, gives work_edited. */
ui_work_fn view_write_remove;
/* Of ui_options: take nothing, give ui_undone. */
ui_work_fn view_undo, view_redo;

#endif
