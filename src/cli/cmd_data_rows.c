/* assay data rows NAME --where EXPR: the rows that match. */
#include "assay/work.h"

#include "cli_data.h"
#include "commands.h"

struct choice {
	long *columns;
	size_t count;
};

static int choose_columns(struct cli *c, const struct table *t, struct choice *choice)
{
	const char *list = cli_get(c, "columns");
	choice->columns = xcalloc(t->column_count + 1, sizeof *choice->columns);
	choice->count = 0;
	if (!list) {
		for (size_t k = 0; k < t->column_count; k++)
			choice->columns[choice->count++] = (long)k;
		return 0;
	}
	size_t count;
	char **names = cli_split_list(list, &count);
	int status = 0;
	choice->columns = xreallocarray(choice->columns, count + 1, sizeof *choice->columns);
	for (size_t i = 0; i < count && status == 0; i++) {
		long at = table_need(t, names[i], &c->err);
		if (at < 0)
			status = -1;
		else
			choice->columns[choice->count++] = at;
	}
	free(names);
	if (status == 0 && choice->count == 0)
		status = error_set(&c->err, ERR_USAGE, "--columns names no column");
	return status;
}

static bool is_number(const struct column *k)
{
	return !k->codes && k->type != COLUMN_TIME && k->type != COLUMN_BOOL;
}

static void row_json(struct json_writer *j, const struct table *t, const struct choice *choice, size_t row)
{
	struct str cell;
	str_init(&cell);
	jw_object(j, NULL);
	jw_int(j, "row", (int64_t)row + 1);
	jw_object(j, "values");
	for (size_t i = 0; i < choice->count; i++) {
		const struct column *k = &t->columns[choice->columns[i]];
		str_clear(&cell);
		column_cell(k, row, &cell);
		if (column_is_missing(k, row))
			jw_null(j, k->name);
		else if (k->type == COLUMN_BOOL)
			jw_bool(j, k->name, column_number(k, row) != 0);
		else if (is_number(k))
			jw_num(j, k->name, column_number(k, row), "infinite");
		else
			jw_string_n(j, k->name, cell.data, cell.len);
	}
	jw_object_end(j);
	jw_object_end(j);
	str_release(&cell);
}

static void row_cells(struct listing *g, const struct table *t, const struct choice *choice, size_t row)
{
	struct str cell;
	str_init(&cell);
	char number[NUM_TEXT];
	snprintf(number, sizeof number, "%zu", row + 1);
	listing_both(g, number, number, true, GRID_MUTED);
	for (size_t i = 0; i < choice->count; i++) {
		const struct column *k = &t->columns[choice->columns[i]];
		if (column_is_missing(k, row)) {
			listing_none(g);
			continue;
		}
		str_clear(&cell);
		column_cell(k, row, &cell);
		listing_both(g, cell.data, cell.data, is_number(k), GRID_PLAIN);
	}
	str_release(&cell);
}

static void print_rows(const struct cli *c, const struct table *t, const struct choice *choice,
                       const uint8_t *keep, size_t matched, size_t limit)
{
	struct listing g;
	struct str json;
	struct json_writer j;
	listing_init(&g);
	str_init(&json);
	jw_init(&j, &json);
	listing_column(&g, "row", "row", GRID_RIGHT);
	for (size_t i = 0; i < choice->count; i++) {
		const struct column *k = &t->columns[choice->columns[i]];
		struct str title;
		str_init(&title);
		safe_text(&title, k->name, strlen(k->name), 0);
		listing_column(&g, title.data, k->name, is_number(k) ? GRID_POINT : GRID_LEFT);
		str_release(&title);
	}
	jw_object(&j, NULL);
	jw_int(&j, "matched", (int64_t)matched);
	jw_array(&j, "rows");
	size_t shown = 0;
	for (size_t row = 0; row < t->row_count && (!limit || shown < limit); row++) {
		if (!keep[row])
			continue;
		shown++;
		if (c->json)
			row_json(&j, t, choice, row);
		else
			row_cells(&g, t, choice, row);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	if (c->json)
		json_print(&json, stdout);
	else
		listing_print(&g, c, stdout);
	if (!c->quiet && (shown < matched || (matched == 0 && !c->json))) {
		const char *that = cli_get(c, "where") ? " that match" : "";
		char a[NUM_TEXT], b[NUM_TEXT];
		fflush(stdout);
		if (matched == 0)
			fprintf(stderr, "none of %s rows\n", count_people((int64_t)t->row_count, a));
		else
			fprintf(stderr, "%s of %s rows%s; --limit 0 shows all\n", count_people((int64_t)shown, a),
			        count_people((int64_t)matched, b), that);
	}
	str_release(&json);
	listing_release(&g);
}

int cmd_data_rows(struct cli *c)
{
	struct store *store = NULL;
	struct work_data data;
	struct table table;
	struct choice choice = {0};
	int64_t limit = 50, threads = 0;
	if (cli_get_int(c, "limit", 0, INT64_MAX, &limit) != 0 ||
	    cli_get_int(c, "threads", 1, 1024, &threads) != 0 ||
	    work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status != 0)
		goto out_store;
	status = work_data_load(
	    store, &data,
	    &(struct table_options){.threads = (int)threads, .packed = true, .progress = watch_begin(c)}, &table,
	    &c->err);
	watch_end(c);
	if (status != 0)
		goto out_data;
	const char *where = cli_get(c, "where");
	uint8_t *keep = xmalloc(table.row_count + 1);
	size_t matched = table.row_count;
	memset(keep, 1, table.row_count + 1);
	status = choose_columns(c, &table, &choice);
	if (status == 0 && where) {
		status = table_where(&table, where, keep, &matched, NULL, &c->err);
		if (status != 0)
			error_prefix(&c->err, "--where");
	}
	if (status == 0)
		print_rows(c, &table, &choice, keep, matched, (size_t)limit);
	free(choice.columns);
	free(keep);
	table_release(&table);
out_data:
	work_data_release(&data);
out_store:
	store_close(store);
	return status;
}
