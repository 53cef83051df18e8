/* Saved views and named filters. */
#include <stdlib.h>

#include "edit.h"

static int no_such(struct store *s, const struct store_saved *saved, struct error *err)
{
	struct arena *mem = arena_new();
	struct store_saved *all;
	size_t count;
	int result = store_saved_list(s, saved->kind, saved->experiment, mem, &all, &count, err);

	if (!result) {
		const char **names = arena_array(mem, count + 1, sizeof(*names)), *near;

		for (size_t i = 0; i < count; i++)
			names[i] = all[i].name;
		near = name_nearest(saved->name, names, count);
		result = error_set(err, ERR_NO, "there is no %s \"%s\"%s%s%s%s%s%s", saved->kind, saved->name,
		                   saved->experiment[0] ? " of " : "", saved->experiment, near ? "; there is \"" : "",
		                   near ? near : "", near ? "\"" : "", count ? "" : "; none is saved");
	}
	arena_free(mem);
	return result;
}

static int set_saved(struct store *s, const char *who, const struct store_saved *saved, struct error *err)
{
	const struct edit_thing thing = {
	    .kind = edit_kind_find(saved->kind), .experiment = saved->experiment, .key = saved->name};
	struct edit_new edit = {.s = s, .who = who, .at = time_now_ms()};
	struct str was;
	char *what = xasprintf("the %s %s%s%s", saved->kind, saved->name, saved->experiment[0] ? " of " : "",
	                       saved->experiment);
	bool there = false;
	int result;

	str_init(&was);
	result = edit_read(s, &thing, &was, &there, err);
	if (!result && !there && !saved->text)
		result = no_such(s, saved, err);
	else if (!result && !(there && saved->text && strcmp(was.data, saved->text) == 0))
		result = edit_add(&edit, &thing, there ? was.data : NULL, saved->text, err) ||
		                 edit_finish(&edit,
		                             !saved->text ? "removed"
		                             : there      ? "changed"
		                                          : "saved",
		                             what, NULL, err)
		             ? -1
		             : 0;
	str_release(&was);
	free(what);
	return result;
}

int store_saved_set(struct store *s, const char *who, const struct store_saved *saved, struct error *err)
{
	if (strcmp(saved->kind, "view") != 0 && strcmp(saved->kind, "filter") != 0)
		return error_set(err, ERR_USAGE, "views and filters can be saved, not \"%s\"", saved->kind);
	if (!saved->name[0])
		return error_set(err, ERR_USAGE, "a %s needs a name", saved->kind);
	if (edit_ready(s, who, err) || store_enter(s, err))
		return -1;
	return store_leave(s, set_saved(s, who, saved, err), err);
}

int store_saved_list(struct store *s, const char *kind, const char *experiment, struct arena *mem,
                     struct store_saved **out, size_t *count, struct error *err)
{
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (store_schema(s) < SCHEMA_ARCHIVED)
		return list_hand_over(&l, sizeof(struct store_saved), 0, mem, out, count);
	stmt = store_prepare(s,
	                     "SELECT kind, experiment, name, text FROM saved WHERE kind = ?1 AND (?2 IS NULL OR "
	                     "experiment = ?2 OR "
	                     "experiment = '') ORDER BY experiment = '', experiment, name",
	                     err);
	if (!stmt)
		return -1;
	bind_text(stmt, 1, kind);
	bind_text(stmt, 2, experiment);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_saved *v = list_add(&l, sizeof(*v));

		v->kind = column_text(mem, stmt, 0);
		v->experiment = column_text(mem, stmt, 1);
		v->name = column_text(mem, stmt, 2);
		v->text = column_text(mem, stmt, 3);
	}
	return list_hand_over(&l, sizeof(struct store_saved), rc, mem, out, count);
}
