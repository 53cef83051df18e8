/* Edits, on the writer's thread. */
#include "edits.h"
#include "view_inside.h"

int view_write_archive(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edits_archive *ask = arg;

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_archive(desk->store, &ask->which, ask->archived, a, *result, err);
}

int view_write_remove(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_remove(desk->store, arg, a, *result, err);
}

int view_write_tag(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edits_tag *ask = arg;
	struct work_set tag = {.key = ask->key, .value = ask->value};

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_tag(desk->store, &ask->which, &tag, 1, a, *result, err);
}

int view_write_note(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edits_note *ask = arg;

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_note(desk->store, ask->run, ask->text, a, *result, err);
}

int view_write_rename(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edits_rename *ask = arg;

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_rename(desk->store, ask->run, ask->name, a, *result, err);
}

int view_write_saved(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct edits_saved *ask = arg;

	*result = arena_alloc(a, sizeof(struct work_edited));
	return work_saved(desk->store, &ask->saved, a, *result, err);
}

int view_undo(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct ui_undone *undone = arena_alloc(a, sizeof *undone);
	struct work_edit edit;

	(void)arg;
	*result = undone;
	if (work_undo(desk->store, a, &edit, err) != 0)
		return -1;
	*undone = (struct ui_undone){.text = edit.edit.id ? edit.edit.text : NULL, .command = "assay undo"};
	return 0;
}

int view_redo(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct ui_undone *redone = arena_alloc(a, sizeof *redone);
	struct work_edit edit;

	(void)arg;
	*result = redone;
	if (work_redo(desk->store, a, &edit, err) != 0)
		return -1;
	*redone = (struct ui_undone){.text = edit.edit.id ? edit.edit.text : NULL, .command = "assay redo"};
	return 0;
}
