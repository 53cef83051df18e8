/* assay compact: what is not used goes back to the disk. */
#include "assay/work_remove.h"

#include "cli.h"
#include "commands.h"

static void space_json(struct json_writer *j, const char *key, const struct store_space *s)
{
	jw_object(j, key);
	jw_int(j, "database", (int64_t)s->database);
	jw_int(j, "unused", (int64_t)s->unused);
	jw_int(j, "log", (int64_t)s->log);
	jw_int(j, "objects", (int64_t)s->objects);
	jw_int(j, "live", (int64_t)s->live);
	jw_object_end(j);
}

static void compact_json(const struct work_compacted *d, bool dry)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_bool(&j, "dry_run", dry);
	space_json(&j, "before", &d->before);
	space_json(&j, "after", &d->after);
	jw_int(&j, "objects", d->swept.objects);
	jw_int(&j, "object_bytes", (int64_t)d->swept.bytes);
	jw_int(&j, "objects_young", d->swept.young);
	jw_int(&j, "copies", d->swept.copies);
	jw_int(&j, "copy_bytes", (int64_t)d->swept.copy_bytes);
	jw_int(&j, "folders", d->swept.folders);
	jw_int(&j, "folder_bytes", (int64_t)d->swept.folder_bytes);
	jw_int(&j, "purged", d->purged);
	jw_int(&j, "edits", d->edits);
	jw_bool(&j, "written_anew", d->anew);
	jw_string(&j, "not_anew_why", d->not_anew);
	jw_bool(&j, "log_emptied", d->log_emptied);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void space_row(struct listing *g, const char *what, uint64_t before, uint64_t after)
{
	char text[NUM_TEXT], number[NUM_TEXT];
	listing_text(g, what, GRID_PLAIN);
	snprintf(number, sizeof number, "%llu", (unsigned long long)before);
	listing_both(g, bytes_people(before, text), number, true, GRID_PLAIN);
	snprintf(number, sizeof number, "%llu", (unsigned long long)after);
	listing_both(g, bytes_people(after, text), number, true, GRID_PLAIN);
}

static void count_line(const char *would, int64_t count, const char *one, const char *many, uint64_t bytes)
{
	char number[NUM_TEXT], size[NUM_TEXT];
	if (!count)
		return;
	printf("%s%s %s", would, count_people(count, number), count == 1 ? one : many);
	if (bytes)
		printf(", %s", bytes_people(bytes, size));
	putchar('\n');
}

static void compact_print(const struct cli *c, const struct work_compacted *d, bool dry)
{
	const struct store_space *b = &d->before, *a = &d->after;
	const char *would = dry ? "would remove " : "removed ";
	struct listing g;
	listing_init(&g);
	listing_column(&g, "", "what", GRID_LEFT);
	listing_column(&g, "before", "before", GRID_RIGHT);
	listing_column(&g, dry ? "after, at most" : "after", "after", GRID_RIGHT);
	space_row(&g, "database", b->database, a->database);
	space_row(&g, "its log", b->log, a->log);
	space_row(&g, "objects", b->objects, a->objects);
	space_row(&g, "live", b->live, a->live);
	listing_print(&g, c, stdout);
	listing_release(&g);
	count_line(would, d->swept.objects, "object that nothing names", "objects that nothing names",
	           d->swept.bytes);
	count_line(would, d->swept.copies, "copy that was left behind", "copies that were left behind",
	           d->swept.copy_bytes);
	count_line(would, d->swept.folders, "folder of a run that is gone", "folders of runs that are gone",
	           d->swept.folder_bytes);
	count_line(dry ? "would purge " : "purged ", d->purged, "run that a purge had begun with",
	           "runs that a purge had begun with", 0);
	count_line(dry ? "would forget " : "forgot ", d->edits, "edit older than 90 days",
	           "edits older than 90 days", 0);
	count_line("left ", d->swept.young, "object that nothing names, but was written within the last hour",
	           "objects that nothing names, but were written within the last hour", 0);
	if (d->not_anew)
		safe_fprintf(stdout, "the database is not written anew: %s\n", d->not_anew);
	if (!dry && !d->log_emptied)
		puts("the log is not empty: somebody reads the store just now");
}

int cmd_compact(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_compacted done;
	bool dry = cli_has(c, "dry-run");
	int status = work_open(c->store, dry ? STORE_READ : STORE_WRITE, &store, &c->err);
	if (status == 0)
		status = work_compact(store, dry, mem, &done, &c->err);
	if (status == 0 && c->json)
		compact_json(&done, dry);
	else if (status == 0 && !c->quiet)
		compact_print(c, &done, dry);
	store_close(store);
	arena_free(mem);
	return status;
}
