/* Columns summed up: one chunk of rows after the other, and one part after the other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "tally.h"

/* What a different value may take: a cell of number_sketch while its values are put in order, or what a text_sketch
 * needs beside the bytes; and as many bytes of texts. */
enum { VALUE_BYTES = 96, TEXT_LENGTH = 32, ROOM_LEAST = 32 };
/* The program itself, with its libraries. */
#define PROGRAM ((uint64_t)12 << 20)

/* Half of the memory: the rest is for reading and for the rows that wait. */
size_t tally_room(uint64_t memory, size_t columns)
{
	uint64_t kept = memory > 2 * PROGRAM ? memory - PROGRAM : memory;
	uint64_t room = kept / 2 / (columns ? columns : 1) / VALUE_BYTES;

	return room < ROOM_LEAST ? ROOM_LEAST : room > UINT32_MAX / 2 ? UINT32_MAX / 2 : (size_t)room;
}

/* ---- one column ---- */

static void drop_numbers(struct tally_column *c)
{
	stats_sums_free(c->sums);
	stats_sums_free(c->weighed);
	number_sketch_free(c->numbers);
	c->sums = c->weighed = NULL;
	c->numbers = NULL;
}

bool tally_may_be_id(const struct tally_column *c)
{
	return c->mode == CELL_NUM && (called_id(c->name) || c->roles & ROLE_ID);
}

void tally_column_begin(struct tally_column *c, const struct tally *t, enum cell_mode mode)
{
	const bool sampling = t->weights == STATS_SAMPLING;

	tally_column_end(c);
	c->mode = mode;
	c->all_whole = c->climbs = c->all_numbers = true;
	c->sums = stats_sums_new(sampling ? STATS_ONE_EACH : t->weights);
	c->weighed = sampling ? stats_sums_new(STATS_SAMPLING) : NULL;
	c->numbers = number_sketch_new(t->room, sampling);
	if (mode == CELL_TIME)
		c->times = xcalloc(1, sizeof(*c->times));
	if (mode == CELL_CODES) {
		c->texts = text_sketch_new(t->room, size_mul(t->room, TEXT_LENGTH));
		c->written = text_counter_new();
	}
	if (t->weights == STATS_FREQUENCY && mode == CELL_CODES)
		c->plain_texts = text_sketch_new(t->room, size_mul(t->room, TEXT_LENGTH));
	if (t->weights == STATS_FREQUENCY && tally_may_be_id(c))
		c->plain_numbers = number_sketch_new(t->room, false);
}

void tally_column_end(struct tally_column *c)
{
	drop_numbers(c);
	text_sketch_free(c->texts);
	text_counter_free(c->written);
	text_sketch_free(c->plain_texts);
	free(c->times);
	number_sketch_free(c->plain_numbers);
	*c = (struct tally_column){.name = c->name,
	                           .forced = c->forced,
	                           .roles = c->roles,
	                           .empty = c->empty,
	                           .missing = c->missing,
	                           .missing_by = c->missing_by,
	                           .missing_weight = c->missing_weight};
}

/* Numbers of rows in order, NaN where one is missing. */
static void add_numbers(struct tally_column *c, const struct tally *t, const double *values,
                        const struct tally_rows *rows)
{
	const size_t n = rows->count;

	stats_sums_add(c->sums, values, rows->times ? rows->weights : NULL, n);
	if (c->weighed)
		stats_sums_add(c->weighed, values, rows->weights, n);
	number_sketch_add(c->numbers, values, rows->times, c->weighed ? rows->weights : NULL, n);
	if (c->mode == CELL_TIME)
		for (size_t i = 0; i < n; i++)
			if (!isnan(values[i]))
				time_counter_add(c->times, values[i], rows->times ? rows->times[i] : 1);
	(void)t;
}

static void watch_order(struct tally_column *c, const double *values, const struct tally_rows *rows)
{
	if (c->plain_numbers)
		number_sketch_add(c->plain_numbers, values, NULL, NULL, rows->count);
	for (size_t i = 0; i < rows->count && c->climbs; i++) {
		if (isnan(values[i]))
			continue;
		c->climbs = !c->any || values[i] > c->last;
		if (!c->any)
			c->first = values[i];
		c->last = values[i];
		c->any = true;
	}
}

/* Which texts came, and how often. The dictionary may hold others, of rows before. */
static void add_texts(struct tally_column *c, const struct tally *t, const struct build_column *from,
                      const struct tally_rows *rows, double *values)
{
	const uint32_t *codes = from->codes + rows->from;
	const struct intern *dict = from->dict;
	uint64_t *counts = xcalloc(dict->count + 1, sizeof(*counts));
	uint64_t *plain = c->plain_texts ? xcalloc(dict->count + 1, sizeof(*plain)) : NULL;
	double truth[TRUTH_WORDS_MOST];

	for (size_t i = 0; i < rows->count; i++)
		if (codes[i] != CODE_MISSING)
			counts[codes[i]] += rows->times ? rows->times[i] : 1;
	for (size_t i = 0; plain && i < rows->count; i++)
		if (codes[i] != CODE_MISSING)
			plain[codes[i]]++;
	for (size_t i = 0; i < dict->count; i++) {
		const struct intern_entry *e = &dict->entries[i];
		struct number_facts number;
		double value;

		if (!(plain ? plain : counts)[i])
			continue;
		if (plain)
			text_sketch_add(c->plain_texts, e->bytes, e->len, plain[i]);
		text_sketch_add(c->texts, e->bytes, e->len, counts[i]);
		text_counter_add(c->written, e->bytes, e->len, counts[i]);
		c->text_bytes += e->len * (plain ? plain : counts)[i];
		c->all_numbers = c->all_numbers && cell_number(e->bytes, e->len, &value, &number);
		c->not_utf8 = c->not_utf8 || !utf8_valid((const unsigned char *)e->bytes, e->len);
		if (c->sums && (i >= TRUTH_WORDS_MOST || !cell_bool(e->bytes, e->len, &truth[i])))
			drop_numbers(c);
	}
	free(counts);
	free(plain);
	if (!c->sums)
		return;
	for (size_t i = 0; i < rows->count; i++)
		values[i] = codes[i] == CODE_MISSING ? (double)NAN : truth[codes[i]];
	add_numbers(c, t, values, rows);
}

/* Weighted: of frequencies by spelling. *spelled goes on with the missing cells. */
static void add_missing(struct tally_column *c, const double *values, const uint32_t *codes,
                        const struct tally_rows *rows, const uint32_t **spelled)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (codes ? codes[i] != CODE_MISSING : !values || !isnan(values[i]))
			continue;
		if (rows->times)
			c->missing_by[*(*spelled)++] += rows->times[i];
		else
			weight_sum_add(&c->missing_weight, rows->weights[i], 1);
	}
}

void tally_column_add(struct tally_column *c, const struct tally *t, const struct build_column *from,
                      const struct tally_rows *rows, const uint32_t **spelled, double *scratch)
{
	const double *values = scratch;

	if (from->mode == CELL_CODES) {
		add_texts(c, t, from, rows, scratch);
		if (rows->weights)
			add_missing(c, NULL, from->codes + rows->from, rows, spelled);
		return;
	}
	if (from->packs)
		packed_values(from->packed + rows->from, rows->count, from->decimals, scratch);
	else
		values = from->values + rows->from;
	add_numbers(c, t, values, rows);
	if (tally_may_be_id(c))
		watch_order(c, values, rows);
	if (rows->weights)
		add_missing(c, values, NULL, rows, spelled);
}

/* ---- parts ---- */

static const char *mode_text(enum cell_mode mode)
{
	return mode == CELL_NUM    ? "numbers"
	       : mode == CELL_TIME ? "times"
	       : mode == CELL_BOOL ? "truth values"
	                           : "texts";
}

static int check_column(const struct tally *to, const struct tally *next, size_t i, struct error *err)
{
	const struct tally_column *a = &to->columns[i], *b = &next->columns[i];

	if (strcmp(a->name, b->name) != 0)
		return error_set(err, ERR_USAGE, "column %zu is \"%s\" in one part and \"%s\" in the other", i + 1,
		                 a->name, b->name);
	if (a->roles != b->roles)
		return error_set(err, ERR_USAGE, "column %s does not have the same role in both parts", a->name);
	if (a->forced != b->forced)
		return error_set(err, ERR_USAGE,
		                 "column %s is read as %s in one part and as %s in the other: say the type to both "
		                 "(--type '%s=%s')",
		                 a->name, column_type_name(a->forced), column_type_name(b->forced), a->name,
		                 column_type_name(a->forced != COLUMN_GUESS ? a->forced : b->forced));
	if (a->mode != b->mode && a->empty < to->lines && b->empty < next->lines)
		return error_set(err, ERR_USAGE,
		                 "column %s holds %s in one part and %s in the other: say the type to both (--type "
		                 "'%s=cat')",
		                 a->name, mode_text(a->mode), mode_text(b->mode), a->name);
	return 0;
}

static int check_parts(const struct tally *to, const struct tally *next, struct error *err)
{
	bool same = to->missing_count == next->missing_count;

	if (to->column_count != next->column_count)
		return error_set(err, ERR_USAGE, "one part has %zu columns and the other %zu", to->column_count,
		                 next->column_count);
	for (size_t i = 0; i < to->column_count; i++)
		if (check_column(to, next, i, err) < 0)
			return -1;
	if (to->weights != next->weights || to->weight != next->weight)
		return error_set(err, ERR_USAGE, "the parts are not weighted alike (--weight, --weights)");
	for (size_t i = 0; same && i < to->missing_count; i++)
		same = !strcmp(to->missing[i], next->missing[i]);
	if (!same)
		return error_set(err, ERR_USAGE,
		                 "the parts do not have the same spellings of what is missing (--missing)");
	if (!to->positive != !next->positive || (to->positive && strcmp(to->positive, next->positive) != 0))
		return error_set(err, ERR_USAGE,
		                 "the parts do not have the same positive value of the label (--positive)");
	if (to->rows > INT64_MAX - next->rows || to->lines > INT64_MAX - next->lines)
		return error_set(err, ERR_USAGE, "the parts have too many rows together");
	return 0;
}

static void merge_numbers(struct tally_column *to, const struct tally_column *next)
{
	stats_sums_merge(to->sums, next->sums);
	if (to->weighed)
		stats_sums_merge(to->weighed, next->weighed);
	number_sketch_merge(to->numbers, next->numbers);
	if (to->mode == CELL_TIME)
		time_counter_merge(to->times, next->times);
}

static void merge_texts(struct tally_column *to, const struct tally_column *next)
{
	text_sketch_merge(to->texts, next->texts);
	text_counter_merge(to->written, next->written);
	if (to->plain_texts)
		text_sketch_merge(to->plain_texts, next->plain_texts);
	to->text_bytes += next->text_bytes;
	to->all_numbers = to->all_numbers && next->all_numbers;
	to->not_utf8 = to->not_utf8 || next->not_utf8;
}

static void merge_column(struct tally *t, const struct tally *part, size_t i)
{
	struct tally_column *to = &t->columns[i];
	const struct tally_column *next = &part->columns[i];
	const bool before = to->empty < t->lines;

	to->empty += next->empty;
	if (to->mode != next->mode && !before)
		tally_column_begin(to, t, next->mode);
	for (size_t k = 0; k < t->missing_count; k++)
		to->missing_by[k] += next->missing_by[k];
	to->missing += next->missing;
	weight_sum_merge(&to->missing_weight, &next->missing_weight);
	if (to->mode != next->mode)
		return;
	to->saw_number = to->saw_number || next->saw_number;
	to->all_whole = to->all_whole && next->all_whole;
	to->rounded = to->rounded || next->rounded;
	if (to->sums && next->sums)
		merge_numbers(to, next);
	else
		drop_numbers(to);
	if (to->mode == CELL_CODES)
		merge_texts(to, next);
	if (to->plain_numbers)
		number_sketch_merge(to->plain_numbers, next->plain_numbers);
	to->climbs = to->climbs && next->climbs && !(to->any && next->any && next->first <= to->last);
	if (!to->any)
		to->first = next->first;
	if (next->any)
		to->last = next->last;
	to->any = to->any || next->any;
}

int tally_merge(struct tally *to, const struct tally *next, struct error *err)
{
	if (check_parts(to, next, err) < 0)
		return -1;
	/* Where a column goes on with another mode, it begins with the smaller room; else its sketches see to that. */
	to->room = next->room < to->room ? next->room : to->room;
	for (size_t i = 0; i < to->column_count; i++)
		merge_column(to, next, i);
	to->lines += next->lines;
	to->rows += next->rows;
	weight_sum_merge(&to->weight_all, &next->weight_all);
	to->resolved = to->resolved && next->resolved;
	for (size_t i = 0; i < next->file_count; i++) {
		to->files = vec_reserve(to->files, &to->file_cap, to->file_count + 1, sizeof(*to->files));
		to->files[to->file_count] = next->files[i];
		to->files[to->file_count++].path = xstrdup(next->files[i].path);
	}
	return 0;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->column_count; i++) {
		tally_column_end(&t->columns[i]);
		free(t->columns[i].missing_by);
		free(t->columns[i].name);
	}
	for (size_t i = 0; i < t->file_count; i++)
		free(t->files[i].path);
	for (size_t i = 0; i < t->missing_count; i++)
		free(t->missing[i]);
	free(t->missing);
	free(t->files);
	free(t->positive);
	free(t->columns);
	free(t);
}
