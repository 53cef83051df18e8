/* Rows: going to one by its number, marks, copies, export. */
#include <stdlib.h>
#include <string.h>

#include "rows_inside.h"

enum { MARKED_MOST = 10000 }; /* by one key */

static void row_check(void *user, const char *text, struct ui_check *out)
{
	const struct rows_view *r = user;
	int64_t row;

	out->ok = int_parse(text, strlen(text), &row) && row >= 1 && (uint64_t)row <= r->held->table.row_count;
	if (out->ok)
		return;
	out->at = strlen(text); /* the whole of it is wrong, and typed anew from its end */
	if (r->held->table.row_count == 0)
		snprintf(out->message, sizeof out->message, "there is no row");
	else
		snprintf(out->message, sizeof out->message, "rows have the numbers 1 to %zu",
		         r->held->table.row_count);
}

static void row_accept(void *user, const char *text)
{
	struct rows_view *r = user;
	int64_t row;
	size_t at;

	if (!int_parse(text, strlen(text), &row) || !r->match)
		return;
	at = rows_match_near(r->match, (uint64_t)row - 1);
	if (at == SIZE_MAX)
		return;
	if (rows_match_row(r->match, at) + 1 != (size_t)row)
		ui_message(r->list.view->ui, STYLE_WARN, "row %lld is not among these; %s is row %zu", (long long)row,
		           rows_match_row(r->match, at) + 1 > (size_t)row ? "the next" : "the last",
		           rows_match_row(r->match, at) + 1);
	ui_table_set_cursor(r->list.table, (int64_t)rows_match_row(r->match, at) + 1);
}

void rows_go_to(struct rows_view *r)
{
	ui_prompt(r->list.view, &(struct ui_prompt){.label = "row",
	                                            .text = "",
	                                            .history = "rows-row",
	                                            .user = r,
	                                            .check = row_check,
	                                            .accept = row_accept});
}

static void find_marks(void *user, int64_t from_id, int64_t to_id)
{
	struct list *l = user;
	struct rows_view *r = l->view->state;
	size_t from = 0, to = r->match ? r->match->count : 0, count;
	int64_t *ids;

	if (from_id && r->match) {
		from = rows_match_find(r->match, (uint64_t)from_id - 1);
		to = rows_match_find(r->match, (uint64_t)to_id - 1);
		if (from == SIZE_MAX || to == SIZE_MAX) {
			from = to = 0;
		} else {
			size_t least = from < to ? from : to;

			to = (from < to ? to : from) + 1;
			from = least;
		}
	}
	count = to - from < MARKED_MOST ? to - from : MARKED_MOST;
	ids = xcalloc(count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = (int64_t)rows_match_row(r->match, from + i) + 1;
	ui_table_found(l->table, ids, count, count < to - from);
	free(ids);
}

struct stand {
	int64_t id;
	size_t at;
};

static int by_place(const void *a, const void *b)
{
	const struct stand *p = a, *q = b;

	return p->at != q->at ? (p->at > q->at) - (p->at < q->at) : (p->id > q->id) - (p->id < q->id);
}

static int by_id(const void *a, const void *b)
{
	const struct stand *p = a, *q = b;

	return (p->id > q->id) - (p->id < q->id);
}

/* Where each stands among the rows that are shown; those that are not come last. In another order than the file's all
 * places are looked at once, not once for each. */
static void find_places(const struct rows_match *m, struct stand *stands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		stands[i].at = m->sort_count ? SIZE_MAX : rows_match_find(m, (uint64_t)stands[i].id - 1);
	if (count && m->sort_count) {
		qsort(stands, count, sizeof *stands, by_id);
		for (size_t at = 0; at < m->count; at++) {
			struct stand key = {.id = (int64_t)rows_match_row(m, at) + 1}, *found;

			found = bsearch(&key, stands, count, sizeof *stands, by_id);
			if (found)
				found->at = at;
		}
	}
	if (count)
		qsort(stands, count, sizeof *stands, by_place);
}

void rows_copy(struct rows_view *r)
{
	size_t count, columns = r->list.all_count - 1;
	const int64_t *ids = ui_table_targets(r->list.table, &count);
	struct stand *stands = xcalloc(count + 1, sizeof *stands);
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++)
		stands[i].id = ids[i];
	find_places(r->match, stands, count);
	for (size_t i = 0; i < count; i++)
		rows_row(&r->held->table, r->first_column, columns, (size_t)stands[i].id - 1, true, a, &rows[i]);
	ui_table_copy(r->list.table, rows, count);
	arena_free(a);
	free(stands);
}

static void export_rows(void *user, const struct ui_export_ask *file)
{
	struct rows_view *r = ((struct list *)user)->view->state;
	struct rows_export_ask ask = {.id = r->held->id, .count = r->match->count, .file = *file};
	struct arena *keep = arena_new();

	memcpy(r->export_path, file->path, sizeof r->export_path);
	if (r->match->rows) {
		uint32_t *rows = arena_array(keep, r->match->count + 1, sizeof *rows);

		memcpy(rows, r->match->rows, r->match->count * sizeof *rows);
		ask.rows = rows;
	}
	ui_ask_aside(r->list.view, ROWS_TAG_EXPORT, view_rows_export, &ask, sizeof ask, keep);
}

void rows_acts_init(struct rows_view *r)
{
	ui_table_on_find(r->list.table, find_marks);
	ui_table_on_export(r->list.table, export_rows);
}
