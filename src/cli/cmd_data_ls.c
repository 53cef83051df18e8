/* assay data ls, assay data rm NAME. */
#include "assay/work.h"

#include "cli.h"
#include "commands.h"

static void rows_json(const struct dataset_row *rows, size_t count)
{
	struct str json;
	struct json_writer j;
	char at[TIME_TEXT];
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "name", rows[i].name);
		jw_int(&j, "version", rows[i].version);
		jw_string(&j, "digest", rows[i].digest);
		jw_int(&j, "rows", (int64_t)rows[i].rows);
		jw_int(&j, "columns", (int64_t)rows[i].column_count);
		jw_int(&j, "files", (int64_t)rows[i].file_count);
		jw_string(&j, "created", time_rfc3339(rows[i].created, at));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void rows_text(const struct cli *c, const struct dataset_row *rows, size_t count)
{
	struct listing g;
	char at[TIME_TEXT], machine[TIME_TEXT];
	listing_init(&g);
	listing_column(&g, "data set", "name", GRID_LEFT);
	listing_column(&g, "version", "version", GRID_RIGHT);
	listing_column(&g, "rows", "rows", GRID_RIGHT);
	listing_column(&g, "columns", "columns", GRID_RIGHT);
	listing_column(&g, "digest", "digest", GRID_LEFT);
	listing_column(&g, "registered", "created", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		char digest[13];
		snprintf(digest, sizeof digest, "%s", rows[i].digest);
		listing_text(&g, rows[i].name, GRID_PLAIN);
		listing_int(&g, rows[i].version);
		listing_int(&g, (int64_t)rows[i].rows);
		listing_int(&g, (int64_t)rows[i].column_count);
		listing_both(&g, digest, rows[i].digest, false, GRID_MUTED);
		listing_both(&g, time_local(rows[i].created, at), time_rfc3339(rows[i].created, machine), false,
		             GRID_PLAIN);
	}
	if (count || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		fputs("no data sets yet; `assay data add NAME FILE` registers one\n", stderr);
	listing_release(&g);
}

int cmd_data_ls(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct dataset_row *rows;
	size_t count;
	int status = work_open(c->store, STORE_READ, &store, &c->err);
	if (status == 0)
		status = store_datasets(store, mem, &rows, &count, &c->err);
	if (status == 0) {
		if (c->json)
			rows_json(rows, count);
		else
			rows_text(c, rows, count);
	}
	store_close(store);
	arena_free(mem);
	return status;
}

int cmd_data_rm(struct cli *c)
{
	struct store *store = NULL;
	size_t removed = 0;
	int status = work_open(c->store, STORE_WRITE, &store, &c->err);
	if (status == 0)
		status = work_data_rm(store, c->args[0], &removed, &c->err);
	if (status == 0 && !c->quiet)
		safe_fprintf(stdout, "forgot %s: %zu version%s\n", c->args[0], removed, removed == 1 ? "" : "s");
	store_close(store);
	return status;
}
