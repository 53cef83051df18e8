/* Which rows are shown: where one stands among them, and which of them a page has. */
#include <string.h>

#include "rows.h"

void rows_match_give(struct rows_match *m)
{
	if (m && --m->holders == 0)
		arena_free(m->arena);
}

bool rows_match_is(const struct rows_match *m, const char *filter, const struct ui_sort *sort, int count)
{
	if (strcmp(m->filter, filter) != 0 || m->sort_count != count)
		return false;
	for (int i = 0; i < count; i++)
		if (strcmp(m->sort[i].column, sort[i].column) != 0 || m->sort[i].descending != sort[i].descending)
			return false;
	return true;
}

/* The first place, among rows in the order of the file, of one that does not stand before it. */
static size_t lower_bound(const struct rows_match *m, uint64_t row)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->rows[mid] < row)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t rows_match_find(const struct rows_match *m, uint64_t row)
{
	size_t at;

	if (!m->rows)
		return row < m->count ? (size_t)row : SIZE_MAX;
	if (m->sort_count == 0) {
		at = lower_bound(m, row);
		return at < m->count && m->rows[at] == row ? at : SIZE_MAX;
	}
	for (at = 0; at < m->count; at++)
		if (m->rows[at] == row)
			return at;
	return SIZE_MAX;
}

size_t rows_match_near(const struct rows_match *m, uint64_t row)
{
	size_t after = SIZE_MAX, before = SIZE_MAX;

	if (m->count == 0)
		return SIZE_MAX;
	if (!m->rows)
		return row < m->count ? (size_t)row : m->count - 1;
	if (m->sort_count == 0) {
		after = lower_bound(m, row);
		return after < m->count ? after : m->count - 1;
	}
	for (size_t at = 0; at < m->count; at++) {
		if (m->rows[at] >= row && (after == SIZE_MAX || m->rows[at] < m->rows[after]))
			after = at;
		if (m->rows[at] < row && (before == SIZE_MAX || m->rows[at] > m->rows[before]))
			before = at;
	}
	return after != SIZE_MAX ? after : before;
}

void rows_match_span(const struct rows_match *m, const struct ui_ask_rows *ask, size_t *from, size_t *to)
{
	size_t count = ask->count > 0 ? (size_t)ask->count : 1,
	       before = ask->before > 0 ? (size_t)ask->before : 0;

	*from = 0;
	if (ask->where == UI_FROM_END)
		*from = m->count > count ? m->count - count : 0;
	for (int i = 0; ask->where == UI_AROUND && i < ask->anchor_count; i++) {
		size_t at = ask->anchors[i] > 0 ? rows_match_find(m, (uint64_t)ask->anchors[i] - 1) : SIZE_MAX;

		if (at == SIZE_MAX)
			continue;
		*from = at > before ? at - before : 0;
		count = at - *from + (count > before ? count - before : 1);
		break;
	}
	*to = m->count - *from > count ? *from + count : m->count;
}
