/* assay archive, restore, tag, note, rename: changes of runs, which `assay undo` takes back. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cli_care.h"
#include "cli_edit.h"
#include "cli_run.h"
#include "commands.h"

void edited_print(struct cli *c, const struct work_edited *done)
{
	if (c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		jw_object(&j, NULL);
		jw_int(&j, "asked", done->asked);
		jw_int(&j, "changed", done->changed);
		jw_int(&j, "left", done->left);
		jw_int(&j, "edits", done->edits);
		jw_string(&j, "text", done->edits ? done->text : NULL);
		jw_object_end(&j);
		json_print(&json, stdout);
		str_release(&json);
		return;
	}
	if (c->quiet)
		return;
	if (done->edits == 1)
		safe_fprintf(stdout, "%s   (`assay undo` takes it back)\n", done->text);
	else if (done->edits)
		safe_fprintf(stdout, "%s   (`assay undo %lld` takes it back)\n", done->text, (long long)done->edits);
	else
		fputs("nothing to change: it is so already\n", stdout);
	if (done->left)
		fprintf(stdout, "%lld %s not over, and left as %s\n", (long long)done->left,
		        done->left == 1 ? "is" : "are", done->left == 1 ? "it is" : "they are");
}

int which_runs(struct cli *c, struct store *store, size_t count, struct arena *mem, struct work_which *out)
{
	const char *where = cli_get(c, "where");
	*out = (struct work_which){.filter = where};
	if (where && count)
		return error_set(&c->err, ERR_USAGE, "name the runs, or say --where; not both (\"%s\")", c->args[0]);
	/* Most often a variable of a script that is not set. */
	if (where && !where[strspn(where, " \t\r\n")])
		return error_set(&c->err, ERR_USAGE,
		                 "--where is empty, and would be every run: say which, or name them");
	if (!where && !count)
		return error_set(&c->err, ERR_USAGE, "which runs? usage: assay %s RUN… or --where EXPR",
		                 c->command->name);
	int64_t *ids = arena_array(mem, count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		if (store_run_find(store, c->args[i], &ids[i], &c->err) != 0)
			return -1;
	out->ids = ids;
	out->count = count;
	return 0;
}

static int archive(struct cli *c, bool archived)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_which which;
	struct work_edited done;
	int status = work_open(c->store, STORE_WRITE, &store, &c->err);
	if (status == 0)
		status = which_runs(c, store, c->arg_count, mem, &which);
	if (status == 0)
		status = work_archive(store, &which, archived, mem, &done, &c->err);
	if (status == 0)
		edited_print(c, &done);
	store_close(store);
	arena_free(mem);
	return status;
}

int cmd_archive(struct cli *c)
{
	return archive(c, true);
}

/* A name without a slash may be a file's and a run's. */
static int refuse_both(struct cli *c)
{
	struct store *store = NULL;
	struct error none;
	int64_t id;
	bool both = !strchr(c->args[0], '/') && work_open(c->store, STORE_READ, &store, &none) == 0 &&
	            store_run_find(store, c->args[0], &id, &none) == 0;
	store_close(store);
	return both ? error_set(&c->err, ERR_USAGE,
	                        "\"%s\" is a backup and a run: ./%s is the file, run:%s the run", c->args[0],
	                        c->args[0], c->args[0])
	            : 0;
}

/* Who meant a backup hears of the file as well. */
static int say_of_file(struct cli *c)
{
	const char *name = c->arg_count == 1 ? c->args[0] : "";
	size_t len = strlen(name);
	struct stat st;
	bool there = stat(name, &st) == 0 && S_ISREG(st.st_mode);
	struct error run = c->err;
	if (run.code == ERR_NO && (there || (len > 4 && strcmp(name + len - 4, ".tar") == 0)))
		error_set(&c->err, ERR_NO, "%s; nor is a backup there: %s %s", run.text, name,
		          there ? "is none that `assay backup` made" : "is no file of this folder");
	return -1;
}

int cmd_restore(struct cli *c)
{
	size_t backups = 0;
	for (size_t i = 0; i < c->arg_count; i++)
		backups += work_is_backup(c->args[i]);
	if (!backups && cli_has(c, "force"))
		return error_set(&c->err, ERR_USAGE, "--force goes with a backup, and %s is none",
		                 c->arg_count ? c->args[0] : "there");
	if (!backups && c->arg_count == 1 && strchr(c->args[0], '/'))
		return error_set(&c->err, file_exists(c->args[0]) ? ERR_USAGE : ERR_ENV, "%s is no backup%s",
		                 c->args[0],
		                 file_exists(c->args[0]) ? " that `assay backup` made" : ": there is no such file");
	if (!backups)
		return archive(c, false) == 0 ? 0 : say_of_file(c);
	if (c->arg_count > 1 || cli_has(c, "where"))
		return error_set(&c->err, ERR_USAGE, "a backup is restored alone: assay restore FILE [--store DIR]");
	return refuse_both(c) == 0 ? cmd_restore_backup(c) : -1;
}

/* How many of the last words are K=V. */
static size_t tag_words(const struct cli *c)
{
	size_t count = 0;
	while (count < c->arg_count && strchr(c->args[c->arg_count - 1 - count], '='))
		count++;
	return count;
}

static int read_tags(struct cli *c, size_t count, struct arena *mem, struct work_set *tags)
{
	for (size_t i = 0; i < count; i++) {
		const char *pair = c->args[c->arg_count - count + i], *equals = strchr(pair, '=');
		if (equals == pair)
			return error_set(&c->err, ERR_USAGE, "\"%s\": a tag needs a name before the \"=\"", pair);
		tags[i].key = arena_memdup0(mem, pair, (size_t)(equals - pair));
		tags[i].value = equals[1] ? equals + 1 : NULL;
	}
	return count ? 0
	             : error_set(&c->err, ERR_USAGE, "which tag? usage: assay tag RUN… K=V… (K= takes it away)");
}

int cmd_tag(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_which which;
	struct work_edited done;
	size_t count = tag_words(c);
	struct work_set *tags = arena_array(mem, count + 1, sizeof *tags);
	int status = read_tags(c, count, mem, tags);
	if (status == 0)
		status = work_open(c->store, STORE_WRITE, &store, &c->err);
	if (status == 0)
		status = which_runs(c, store, c->arg_count - count, mem, &which);
	if (status == 0)
		status = work_tag(store, &which, tags, count, mem, &done, &c->err);
	if (status == 0)
		edited_print(c, &done);
	store_close(store);
	arena_free(mem);
	return status;
}

static int edit_one(struct cli *c, int (*edit)(struct store *, int64_t, const char *, struct arena *,
                                               struct work_edited *, struct error *))
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	struct work_edited done;
	int status = run_open(c, STORE_WRITE, c->args[0], &store, mem, &run);
	if (status == 0)
		status = edit(store, run.id, c->args[1], mem, &done, &c->err);
	if (status == 0)
		edited_print(c, &done);
	store_close(store);
	arena_free(mem);
	return status;
}

int cmd_note(struct cli *c)
{
	return edit_one(c, work_note);
}

int cmd_rename(struct cli *c)
{
	return edit_one(c, work_rename);
}
