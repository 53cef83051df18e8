/* Sums under the header: min, median, max and distinct values of each column over all runs that match. */
#include <string.h>

#include "runs_inside.h"

/* A store that changes all the time is not summed up all the time. */
#define SUM_EVERY_MS 5000

static void ask(struct runs *r)
{
	struct ui_ask_rows rows = {0};
	struct runs_page_ask page;

	runs_page_ask_now(r, &rows, &page);
	r->summed_at = ui_now(r->view->ui);
	ui_ask_aside(r->view, TAG_SUMMARY, view_runs_read_summary, &page, sizeof page, NULL);
}

void runs_summary_old(struct runs *r)
{
	r->sums_stale = true;
	if (ui_table_summary(r->table) && !runs_grouped(r))
		ask(r);
}

/* The values may be others: what is seen stays until it is time. */
void runs_summary_tick(struct runs *r)
{
	if (r->sums_stale && ui_table_summary(r->table) && !runs_grouped(r) && !ui_asking(r->view, TAG_SUMMARY) &&
	    ui_now(r->view->ui) - r->summed_at >= SUM_EVERY_MS)
		ask(r);
}

void runs_summary_take(struct runs *r, struct ui_result *result)
{
	arena_free(r->sums_arena);
	r->sums_arena = result->arena;
	r->sums = result->data;
	result->arena = NULL;
	r->sums_stale = false;
	ui_table_refresh(r->table);
}

void runs_summary_add(struct runs *r, struct ui_page *page)
{
	static const char *const words[] = {"min", "median", "max", "distinct"};
	size_t columns = r->shape.column_count;
	bool known = r->sums && r->sums->columns == columns;
	struct ui_row *head = arena_array(page->arena, COUNT_OF(words) + page->head_count + 1, sizeof *head);
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct ui_cell *cells = arena_array(page->arena, columns + 1, sizeof *cells);

		for (size_t k = 0; k < columns; k++) {
			cells[k] = known && i < r->sums->count ? r->sums->rows[i].cells[k] : (struct ui_cell){.text = ""};
			if (cells[k].text)
				cells[k].text = arena_strdup(page->arena, cells[k].text);
			cells[k].style = known && !r->sums_stale ? STYLE_MUTED : STYLE_DISABLED;
		}
		cells[0].text = words[i];
		head[count++] = (struct ui_row){.cells = cells};
	}
	/* The baseline stands next to the rows that are compared with it. */
	if (page->head_count)
		memcpy(head + count, page->head, page->head_count * sizeof *head);
	page->head = head;
	page->head_count += count;
}

void runs_summary_release(struct runs *r)
{
	arena_free(r->sums_arena);
}
