/* assay data show NAME: how it is read, its columns, files and versions. */
#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

/* The versions of the same name, newest first, as "3, 2, 1". */
static int versions(struct cli *c, struct store *store, const char *name, struct arena *mem, int64_t **out,
                    size_t *count)
{
	struct dataset_row *rows;
	size_t all;
	*count = 0;
	if (store_datasets(store, mem, &rows, &all, &c->err) != 0)
		return -1;
	*out = arena_array(mem, all + 1, sizeof **out);
	for (size_t i = 0; i < all; i++)
		if (strcmp(rows[i].name, name) == 0)
			(*out)[(*count)++] = rows[i].version;
	return 0;
}

static void show_json(const struct work_data *d, const int64_t *version, size_t count)
{
	struct str json, text;
	struct json_writer j;
	char at[TIME_TEXT];
	str_init(&json);
	str_init(&text);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "name", d->name);
	jw_int(&j, "version", d->version);
	jw_string(&j, "digest", d->digest);
	jw_int(&j, "rows", (int64_t)d->rows);
	jw_string(&j, "created", time_rfc3339(d->created, at));
	jw_array(&j, "versions");
	for (size_t i = 0; i < count; i++)
		jw_int(&j, NULL, version[i]);
	jw_array_end(&j);
	jw_array(&j, "files");
	for (size_t i = 0; i < d->file_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "path", d->files[i].path);
		jw_string(&j, "sha256", d->files[i].sha256);
		jw_int(&j, "bytes", (int64_t)d->files[i].bytes);
		jw_int(&j, "rows", (int64_t)d->files[i].rows);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "columns");
	for (size_t i = 0; i < d->reading.column_count; i++) {
		const struct reading_column *k = &d->reading.columns[i];
		str_clear(&text);
		jw_object(&j, NULL);
		jw_string(&j, "name", k->name);
		jw_string(&j, "type", column_type_name(k->type));
		jw_string(&j, "roles", column_roles_text(k->roles, &text));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	str_clear(&text);
	reading_canonical(&d->reading, &text);
	jw_string_n(&j, "reading", text.data, text.len);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&text);
	str_release(&json);
}

static const char *byte_text(int byte, char out[16])
{
	if (byte == READ_BLANKS)
		return "blanks";
	if (byte == '\t')
		return "tabs";
	if (byte <= 0)
		return "none";
	snprintf(out, 16, "\"%c\"", byte);
	return out;
}

static void show_text(const struct cli *c, const struct work_data *d, const int64_t *version, size_t count)
{
	char at[TIME_TEXT], number[NUM_TEXT], a[16], b[16];
	struct str list, missing, roles;
	struct listing g;
	str_init(&list);
	str_init(&missing);
	str_init(&roles);
	for (size_t i = 0; i < count; i++)
		str_addf(&list, "%s%lld", i ? ", " : "", (long long)version[i]);
	for (size_t i = 0; i < d->reading.missing_count; i++)
		str_addf(&missing, "%s\"%s\"", i ? " " : "", d->reading.missing[i]);
	char *name = xasprintf("%s@%lld", d->name, (long long)d->version);
	char *rows = xasprintf("%s row%s x %zu column%s", count_people((int64_t)d->rows, number), PLURAL(d->rows),
	                       d->reading.column_count, PLURAL(d->reading.column_count));
	char *layout = xasprintf("separated by %s, quote %s, %s", byte_text(d->reading.delimiter, a),
	                         byte_text(d->reading.quote, b),
	                         d->reading.header == READ_YES ? "names in the first record" : "no header");
	const struct fact facts[] = {
	    {"data set", name},
	    {"size", rows},
	    {"digest", d->digest},
	    {"registered", time_local(d->created, at)},
	    {"versions", list.data},
	    {"read as", layout},
	    {"missing", missing.len ? missing.data : "the empty field"},
	    {"positive", d->reading.positive},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	heading_print("Files", c, stdout);
	for (size_t i = 0; i < d->file_count; i++)
		safe_fprintf(stdout, "%s  %s  %.12s\n", d->files[i].path, bytes_people(d->files[i].bytes, number),
		             d->files[i].sha256);
	heading_print("Columns", c, stdout);
	listing_init(&g);
	listing_column(&g, "column", "column", GRID_LEFT);
	listing_column(&g, "type", "type", GRID_LEFT);
	listing_column(&g, "role", "role", GRID_LEFT);
	for (size_t i = 0; i < d->reading.column_count; i++) {
		const struct reading_column *k = &d->reading.columns[i];
		str_clear(&roles);
		listing_text(&g, k->name, GRID_PLAIN);
		listing_text(&g, column_type_name(k->type), GRID_MUTED);
		listing_text(&g, column_roles_text(k->roles, &roles), k->roles ? GRID_ACCENT : GRID_MUTED);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	free(name);
	free(rows);
	free(layout);
	str_release(&list);
	str_release(&missing);
	str_release(&roles);
}

int cmd_data_show(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_data data;
	int64_t *version;
	size_t count;
	int status = work_open(c->store, STORE_READ, &store, &c->err);
	if (status == 0)
		status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		status = versions(c, store, data.name, mem, &version, &count);
		if (status == 0) {
			if (c->json)
				show_json(&data, version, count);
			else
				show_text(c, &data, version, count);
		}
		work_data_release(&data);
	}
	store_close(store);
	arena_free(mem);
	return status;
}
