/* The rows behind what is known of a column: spellings, how texts are written, when times are, what is near a value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

static void keep_spelling(const struct table *t, const struct column *c, const char *text, uint8_t *keep)
{
	const size_t count = t->reading.missing_count ? t->reading.missing_count : READING_MISSING_DEFAULT_COUNT;
	const char *const *spellings =
	    t->reading.missing_count ? (const char *const *)t->reading.missing : READING_MISSING_DEFAULT;
	size_t which = 0, at = 0;

	while (which < count && strcmp(spellings[which], text) != 0)
		which++;
	for (size_t i = 0; c->spelled && i < t->row_count; i++)
		if (column_is_missing(c, i))
			keep[i] = c->spelled[at++] == which;
}

static void keep_texts(const struct table *t, const struct column *c, const struct fact_ask *ask,
                       uint8_t *keep)
{
	uint8_t *verdict;

	if (!c->codes)
		return;
	verdict = xmalloc(c->dict->count + 1);
	for (size_t i = 0; i < c->dict->count; i++)
		verdict[i] = text_fact_holds(c->dict->entries[i].bytes, c->dict->entries[i].len, ask);
	for (size_t i = 0; i < t->row_count; i++)
		keep[i] = c->codes[i] != CODE_MISSING && verdict[c->codes[i]];
	free(verdict);
}

static void keep_times(const struct table *t, const struct column *c, const struct fact_ask *ask,
                       uint8_t *keep)
{
	for (size_t i = 0; c->type == COLUMN_TIME && i < t->row_count; i++) {
		struct time_counter one = {0};
		double ms = column_number(c, i);

		if (isnan(ms))
			continue;
		time_counter_add(&one, ms, 1);
		keep[i] = ask->kind == FACT_HOUR      ? ask->number < 24 && one.by_hour[ask->number]
		          : ask->kind == FACT_WEEKDAY ? ask->number < 7 && one.by_weekday[ask->number]
		                                      : ask->number < 12 && one.by_month[ask->number];
	}
}

static void keep_nearest(const struct table *t, const struct column *c, double value, uint8_t *keep)
{
	double below = (double)NAN, above = (double)NAN;

	if (c->codes)
		return;
	for (size_t i = 0; i < t->row_count; i++) {
		double x = column_number(c, i);

		if (x <= value && !(x <= below))
			below = x;
		if (x >= value && !(x >= above))
			above = x;
	}
	for (size_t i = 0; i < t->row_count; i++) {
		double x = column_number(c, i);

		keep[i] = x == below || x == above;
	}
}

size_t table_fact_rows(const struct table *t, size_t column, const struct fact_ask *ask, uint8_t *keep)
{
	const struct column *c = &t->columns[column];
	size_t count = 0;

	memset(keep, 0, t->row_count);
	switch (ask->kind) {
	case FACT_SPELLING:
		keep_spelling(t, c, ask->text, keep);
		break;
	case FACT_HOUR:
	case FACT_WEEKDAY:
	case FACT_MONTH:
		keep_times(t, c, ask, keep);
		break;
	case FACT_NEAREST:
		keep_nearest(t, c, ask->value, keep);
		break;
	default:
		keep_texts(t, c, ask, keep);
	}
	for (size_t i = 0; i < t->row_count; i++)
		count += keep[i];
	return count;
}
