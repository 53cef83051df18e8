/* assay undo, redo, edits: a person's own edits taken back, made again, listed. */
#include "cli_edit.h"
#include "cli_run.h"
#include "commands.h"

static void edit_json(struct json_writer *j, const struct work_edit *e)
{
	char at[TIME_TEXT];
	jw_object(j, NULL);
	jw_int(j, "id", e->edit.id);
	jw_string(j, "at", time_rfc3339(e->edit.at, at));
	jw_string(j, "text", e->edit.text);
	jw_bool(j, "undone", e->edit.undone);
	jw_string(j, "command", e->command);
	jw_object_end(j);
}

static int how_many(struct cli *c, int64_t *out)
{
	enum { MOST = 10000 };
	*out = 1;
	if (c->arg_count == 0)
		return 0;
	if (!int_parse(c->args[0], strlen(c->args[0]), out) || *out < 1 || *out > MOST)
		return error_set(&c->err, ERR_USAGE, "\"%s\": how many edits? a number from 1 to %d", c->args[0],
		                 MOST);
	return 0;
}

struct turning {
	struct store *store;
	bool undoing;
	int64_t wanted, done;
	struct json_writer json;
};

static int turn_one(struct cli *c, struct turning *t, struct arena *mem)
{
	struct work_edit edit = {.command = NULL};

	if ((t->undoing ? work_undo : work_redo)(t->store, mem, &edit, &c->err) != 0)
		return -1;
	if (!edit.edit.id) {
		const char *what = t->undoing ? "taken back" : "made again";
		return t->done
		           ? error_set(&c->err, ERR_NO, "there was nothing more to be %s than %lld of %lld", what,
		                       (long long)t->done, (long long)t->wanted)
		           : error_set(&c->err, ERR_NO, "there is nothing to be %s: `assay edits` lists yours", what);
	}
	t->done++;
	if (c->json)
		edit_json(&t->json, &edit);
	else if (!c->quiet)
		safe_fprintf(stdout, "%s: %s%s%s\n", t->undoing ? "took back" : "did again", edit.edit.text,
		             edit.command ? "\n  as if by: " : "", edit.command ? edit.command : "");
	return 0;
}

/* What was done before one was refused stays done, and is told. */
static int turn(struct cli *c, bool undoing)
{
	struct turning t = {.undoing = undoing};
	struct str text;
	str_init(&text);
	jw_init(&t.json, &text);
	jw_array(&t.json, NULL);
	int status = how_many(c, &t.wanted);
	if (status == 0)
		status = work_open(c->store, STORE_WRITE, &t.store, &c->err);
	while (status == 0 && t.done < t.wanted) {
		struct arena *mem = arena_new();
		status = turn_one(c, &t, mem);
		arena_free(mem);
	}
	jw_array_end(&t.json);
	if (c->json && (status == 0 || t.done))
		json_print(&text, stdout);
	store_close(t.store);
	str_release(&text);
	return status;
}

int cmd_undo(struct cli *c)
{
	return turn(c, true);
}

int cmd_redo(struct cli *c)
{
	return turn(c, false);
}

static void edits_json(const struct work_edit *edits, size_t count)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++)
		edit_json(&j, &edits[i]);
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void edits_text(struct cli *c, const struct work_edit *edits, size_t count)
{
	struct listing g;
	char age[TIME_TEXT], at[TIME_TEXT];
	listing_init(&g);
	listing_column(&g, "edit", "text", GRID_LEFT);
	listing_column(&g, "age", "at", GRID_RIGHT);
	listing_column(&g, "can be", "state", GRID_LEFT);
	listing_column(&g, "which does the same as", "command", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		const struct work_edit *e = &edits[i];
		listing_text(&g, e->edit.text, GRID_PLAIN);
		listing_both(&g, age_text(e->edit.at, age), time_rfc3339(e->edit.at, at), false, GRID_PLAIN);
		listing_both(&g, e->edit.undone ? "made again" : "taken back", e->edit.undone ? "undone" : "done",
		             false, e->edit.undone ? GRID_MUTED : GRID_PLAIN);
		if (e->command)
			listing_text(&g, e->command, GRID_MUTED);
		else
			listing_none(&g);
	}
	if (count || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		fputs("nothing to be taken back\n", stderr);
	listing_release(&g);
}

int cmd_edits(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_edit *edits;
	size_t count;
	int64_t limit = 50;
	int status = cli_get_int(c, "limit", 0, INT32_MAX, &limit);
	if (status == 0)
		status = work_open(c->store, STORE_READ, &store, &c->err);
	if (status == 0)
		status = work_edits(store, limit ? (size_t)limit : SIZE_MAX, mem, &edits, &count, &c->err);
	if (status == 0) {
		if (c->json)
			edits_json(edits, count);
		else
			edits_text(c, edits, count);
	}
	store_close(store);
	arena_free(mem);
	return status;
}
