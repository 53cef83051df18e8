/* What people change by hand, in the name of whoever runs this process. */
#include <stdlib.h>

#include "work.h"

enum { WHO = WORK_PERSON + 256 };

/* ---- which runs ---- */

/* Reads the ids of the runs that are meant. Those that are to come back are archived or removed, and lists leave them
 * out unless the filter speaks of that. */
static int meant(struct store *store, const struct work_which *which, bool archived, struct arena *mem,
                 const int64_t **ids, size_t *count, struct error *err)
{
	struct runs_query query = {.filter = which->filter};
	int64_t *found;
	size_t at;
	if (!which->filter) {
		*ids = which->ids;
		*count = which->count;
		return 0;
	}
	/* By itself first: what is added must not change what it means. */
	if (store_filter_check(which->filter, &at, err) != 0)
		return -1;
	if (archived)
		query.filter = which->filter[strspn(which->filter, " \t\r\n")]
		                   ? arena_printf(mem, "(%s) and (archived or removed)", which->filter)
		                   : "archived or removed";
	if (store_runs_ids(store, &query, INT32_MAX, mem, &found, count, err) != 0)
		return -1;
	*ids = found;
	return 0;
}

/* One transaction: what is said of the edits is what was done. Not where they are of so many runs that others would
 * wait for it; then each edit is whole by itself. */
struct doing {
	struct store *store;
	struct arena *mem;
	char who[WHO];
	bool apart;
	struct work_edited *out;
};

static int begin(struct doing *d, size_t count, struct error *err)
{
	*d->out = (struct work_edited){.asked = (int64_t)count};
	work_user(d->who, sizeof d->who);
	d->apart = count > STORE_EDIT_AT_ONCE;
	return d->apart ? 0 : store_begin(d->store, STORE_NORMAL, err);
}

/* "tagged one: team=risk, untagged one: owner". */
static int tell(struct doing *d, struct error *err)
{
	struct store_edit *edits;
	size_t count;
	struct str text;
	if (store_edits(d->store, d->who, (size_t)d->out->edits, d->mem, &edits, &count, err) != 0)
		return -1;
	str_init(&text);
	for (size_t i = count; i-- > 0;)
		str_addf(&text, "%s%s", text.len ? ", " : "", edits[i].text);
	d->out->text = arena_memdup0(d->mem, text.data, text.len);
	str_release(&text);
	return 0;
}

static int finish(struct doing *d, int status, struct error *err)
{
	if (status == 0)
		status = tell(d, err);
	if (d->apart)
		return status;
	return store_end(d->store, status == 0, status ? NULL : err) != 0 ? -1 : status;
}

int work_archive(struct store *store, const struct work_which *which, bool archived, struct arena *mem,
                 struct work_edited *out, struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	const int64_t *ids;
	size_t count;
	if (meant(store, which, !archived, mem, &ids, &count, err) != 0 || begin(&d, count, err) != 0)
		return -1;
	int status = store_archive(store, d.who, ids, count, archived, &out->changed, &out->left, err);
	out->edits = out->changed > 0;
	return finish(&d, status, err);
}

int work_remove(struct store *store, const struct work_which *which, struct arena *mem,
                struct work_edited *out, struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	const int64_t *ids;
	size_t count;
	if (meant(store, which, false, mem, &ids, &count, err) != 0 || begin(&d, count, err) != 0)
		return -1;
	int status = store_remove(store, d.who, ids, count, &out->changed, &out->left, err);
	out->edits = out->changed > 0;
	return finish(&d, status, err);
}

int work_tag(struct store *store, const struct work_which *which, const struct work_set *tags,
             size_t tag_count, struct arena *mem, struct work_edited *out, struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	const int64_t *ids;
	size_t count;
	int status = 0;
	if (meant(store, which, false, mem, &ids, &count, err) != 0 || begin(&d, count, err) != 0)
		return -1;
	for (size_t i = 0; i < tag_count && status == 0; i++) {
		int64_t changed = 0;
		status = store_tag_edit(store, d.who, ids, count, tags[i].key, tags[i].value, &changed, err);
		out->changed += changed;
		out->edits += changed > 0;
	}
	return finish(&d, status, err);
}

int work_note(struct store *store, int64_t run, const char *text, struct arena *mem, struct work_edited *out,
              struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	if (begin(&d, 1, err) != 0)
		return -1;
	out->asked = out->changed = out->edits = 1;
	return finish(&d, store_note_edit(store, d.who, run, text, err), err);
}

int work_rename(struct store *store, int64_t run, const char *name, struct arena *mem,
                struct work_edited *out, struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	struct run_row row;
	if (begin(&d, 1, err) != 0)
		return -1;
	int status = store_run_get(store, run, mem, &row, err);
	out->asked = 1;
	if (status == 0)
		out->changed = out->edits = strcmp(row.name, name) != 0;
	if (status == 0)
		status = store_rename(store, d.who, run, name, err);
	return finish(&d, status, err);
}

/* ---- views and filters ---- */

static int check_saved(const struct store_saved *saved, struct error *err)
{
	struct arena *mem = arena_new();
	struct work_view view;
	size_t at;
	int status = 0;
	if (saved->text && strcmp(saved->kind, "view") == 0)
		status = work_view_read(saved->text, mem, &view, err) != 0 ||
		                 store_filter_check(view.filter, &at, err) != 0
		             ? -1
		             : 0;
	else if (saved->text && strcmp(saved->kind, "filter") == 0)
		status = store_filter_check(saved->text, &at, err);
	arena_free(mem);
	return status;
}

/* Whether it is kept so already (or, without a text, whether it is not there: store_saved_set says that). */
static int is_kept(struct store *store, const struct store_saved *saved, struct arena *mem, bool *kept,
                   struct error *err)
{
	struct store_saved *all;
	size_t count;
	*kept = false;
	if (store_saved_list(store, saved->kind, saved->experiment, mem, &all, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && saved->text; i++)
		if (strcmp(all[i].experiment, saved->experiment) == 0 && strcmp(all[i].name, saved->name) == 0)
			*kept = strcmp(all[i].text, saved->text) == 0;
	return 0;
}

int work_saved(struct store *store, const struct store_saved *saved, struct arena *mem,
               struct work_edited *out, struct error *err)
{
	struct doing d = {.store = store, .mem = mem, .out = out};
	bool kept;
	if (check_saved(saved, err) != 0 || begin(&d, 0, err) != 0)
		return -1;
	int status = is_kept(store, saved, mem, &kept, err);
	if (status == 0)
		status = store_saved_set(store, d.who, saved, err);
	out->changed = out->edits = status == 0 && !kept;
	return finish(&d, status, err);
}

int work_saved_find(struct store *store, const char *kind, const char *experiment, const char *name,
                    struct arena *mem, struct store_saved *out, struct error *err)
{
	struct store_saved *all;
	size_t count;
	if (store_saved_list(store, kind, experiment, mem, &all, &count, err) != 0)
		return -1;
	const char **names = arena_array(mem, count + 1, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		names[i] = all[i].name;
		if (strcmp(all[i].name, name) == 0) {
			*out = all[i];
			return 0;
		}
	}
	const char *near = name_nearest(name, names, count);
	if (near)
		return error_set(err, ERR_NO, "there is no %s \"%s\"; there is \"%s\"", kind, name, near);
	return error_set(err, ERR_NO, "there is no %s \"%s\"%s%s; `assay views%s` lists them", kind, name,
	                 experiment[0] ? " of " : "", experiment,
	                 strcmp(kind, "filter") == 0 ? " --filters" : "");
}

/* ---- taking back ---- */

enum { LONGEST = 8 /* runs that a command is written out for */ };

struct line {
	const char *words[LONGEST + 10];
	size_t count;
};

static void word(struct line *l, const char *text)
{
	l->words[l->count++] = text;
}

/* As listings show ids. */
static const char *tail_of(const struct store_edit_item *item)
{
	return item->uuid && strlen(item->uuid) == ID_TEXT - 1 ? item->uuid + 24 : "?";
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The words behind "assay"; false if no command does it. */
static bool command_words(const struct store_edit_item *items, size_t count, bool undoing, struct arena *mem,
                          struct line *l)
{
	const char *kind = items[0].kind, *key = items[0].key,
	           *target = undoing ? items[0].before : items[0].after;
	bool removed = strcmp(kind, "removed") == 0, away = removed || strcmp(kind, "archived") == 0;
	for (size_t i = 1; i < count; i++) {
		const char *other = undoing ? items[i].before : items[i].after;
		/* Several things of one edit are of one kind, but for what `restore` puts back. */
		if (away ? !other != !target || (target && strcmp(items[i].kind, kind) != 0) : !same(other, target))
			return false;
	}
	if (away) {
		word(l, !target ? "restore" : removed ? "rm" : "archive");
		for (size_t i = 0; i < count; i++)
			if (i == 0 || items[i].run != items[i - 1].run)
				word(l, tail_of(&items[i]));
	} else if (strcmp(kind, "tag") == 0 && !strchr(key, '=') && (!target || *target)) {
		word(l, "tag");
		for (size_t i = 0; i < count; i++)
			word(l, tail_of(&items[i]));
		word(l, arena_printf(mem, "%s=%s", key, target ? target : ""));
	} else if (strcmp(kind, "name") == 0 || (strcmp(kind, "note") == 0 && target)) {
		word(l, strcmp(kind, "name") == 0 ? "rename" : "note");
		word(l, tail_of(&items[0]));
		word(l, target);
	} else if (strcmp(kind, "view") == 0 && !target) {
		word(l, "views");
		word(l, "rm");
		word(l, key);
	} else if (strcmp(kind, "filter") == 0) {
		word(l, "views");
		word(l, target ? "save" : "rm");
		word(l, key);
	} else {
		return false;
	}
	return true;
}

/* The command that does what undoing (or redoing) the edit does; NULL if there is none, or it is too long. */
static int command_of(struct store *store, int64_t edit, bool undoing, struct arena *mem, const char **out,
                      struct error *err)
{
	struct store_edit_item *items;
	size_t count;
	struct line body = {.count = 0}, all = {.count = 0};
	*out = NULL;
	if (store_edit_items(store, edit, LONGEST + 1, mem, &items, &count, err) != 0)
		return -1;
	if (count == 0 || count > LONGEST || !command_words(items, count, undoing, mem, &body))
		return 0;
	word(&all, "assay");
	bool saved = items[0].experiment != NULL, dashes = false;
	size_t verbs = saved ? 2 : 1;
	for (size_t i = verbs; i < body.count; i++)
		dashes = dashes || body.words[i][0] == '-';
	for (size_t i = 0; i < verbs; i++)
		word(&all, body.words[i]);
	if (saved && *items[0].experiment) {
		word(&all, "-e");
		word(&all, items[0].experiment);
	}
	if (strcmp(items[0].kind, "filter") == 0)
		word(&all, "--filters");
	if (saved && strcmp(body.words[1], "save") == 0) {
		word(&all, "--where");
		word(&all, undoing ? items[0].before : items[0].after);
	}
	if (dashes)
		word(&all, "--");
	for (size_t i = verbs; i < body.count; i++)
		word(&all, body.words[i]);
	word(&all, NULL);
	struct str line;
	str_init(&line);
	work_shell_line(all.words, &line);
	*out = arena_memdup0(mem, line.data, line.len);
	str_release(&line);
	return 0;
}

static int turn(struct store *store, bool undoing, struct arena *mem, struct work_edit *out,
                struct error *err)
{
	char who[WHO];
	work_user(who, sizeof who);
	*out = (struct work_edit){0};
	if ((undoing ? store_undo : store_redo)(store, who, mem, &out->edit, err) != 0)
		return -1;
	/* It is done: that its command cannot be told does not make it undone. */
	if (out->edit.id && command_of(store, out->edit.id, undoing, mem, &out->command, NULL) != 0)
		out->command = NULL;
	return 0;
}

int work_undo(struct store *store, struct arena *mem, struct work_edit *out, struct error *err)
{
	return turn(store, true, mem, out, err);
}

int work_redo(struct store *store, struct arena *mem, struct work_edit *out, struct error *err)
{
	return turn(store, false, mem, out, err);
}

int work_edits(struct store *store, size_t limit, struct arena *mem, struct work_edit **out, size_t *count,
               struct error *err)
{
	struct store_edit *edits;
	char who[WHO];
	work_user(who, sizeof who);
	if (store_edits(store, who, limit, mem, &edits, count, err) != 0)
		return -1;
	*out = arena_array(mem, *count + 1, sizeof **out);
	for (size_t i = 0; i < *count; i++) {
		(*out)[i].edit = edits[i];
		if (command_of(store, edits[i].id, !edits[i].undone, mem, &(*out)[i].command, err) != 0)
			return -1;
	}
	return 0;
}
