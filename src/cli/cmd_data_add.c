/* assay data add NAME FILE…: registers files as a version of a data set. */
#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

static void added_json(const char *name, const struct work_data_added *a)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "name", name);
	jw_int(&j, "version", a->version);
	jw_string(&j, "digest", a->digest);
	jw_int(&j, "rows", (int64_t)a->rows);
	jw_int(&j, "columns", (int64_t)a->columns);
	jw_bool(&j, "known", a->known);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

int cmd_data_add(struct cli *c)
{
	struct store *store = NULL;
	struct reading reading;
	struct work_data_added added;
	int status = -1;
	reading_init(&reading);
	str_init(&added.notes);
	if (reading_from_options(c, &reading) != 0 || work_open(c->store, STORE_WRITE, &store, &c->err) != 0 ||
	    work_data_add(store, c->args[0], c->args + 1, c->arg_count - 1, &reading,
	                  &(struct profile_options){.progress = watch_begin(c)}, &added, &c->err) != 0)
		goto out;
	watch_end(c);
	if (c->json) {
		added_json(c->args[0], &added);
	} else if (!c->quiet) {
		char rows[NUM_TEXT];
		safe_fprintf(stdout, "%s@%lld  %s row%s x %zu column%s%s\n", c->args[0], (long long)added.version,
		             count_people((int64_t)added.rows, rows), PLURAL(added.rows), added.columns,
		             PLURAL(added.columns), added.known ? "  (registered already)" : "");
		for (const char *p = added.notes.data; *p;) {
			size_t len = strcspn(p, "\n");
			safe_fprintf(stderr, "  %.*s\n", (int)len, p);
			p += len + (p[len] == '\n');
		}
	}
	status = 0;
out:
	str_release(&added.notes);
	reading_release(&reading);
	store_close(store);
	return status;
}
