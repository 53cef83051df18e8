/*
 * The rows of a table in groups. A column of numbers or times is cut where groups begin: its rows are in the last group
 * that does not begin above them. A column of categories has a group for each code. Every row is in one group.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"

const char *split_kind_name(enum split_kind kind)
{
	static const char *const names[] = {"values", "ranges", "time", "files"};

	return names[kind];
}

void split_quote(struct str *out, const char *text, char quote)
{
	str_addc(out, quote);
	for (; *text; text++) {
		if (*text == quote)
			str_addc(out, quote);
		str_addc(out, *text);
	}
	str_addc(out, quote);
}

/* Room for so many groups, "other" and "missing". */
static void make_groups(struct split_by *g, size_t most)
{
	g->groups = arena_array(g->arena, size_add(most, 2), sizeof(*g->groups));
}

/* A group whose rows are those that a condition on the column ("= 5", "IS MISSING") is true for; NULL: none is. */
static struct split_group *add_group(struct split_by *g, const char *name, const char *condition)
{
	struct split_group *one = &g->groups[g->group_count++];
	struct str where;

	one->name = arena_strdup(g->arena, name);
	if (condition) {
		str_init(&where);
		split_quote(&where, g->table->columns[g->by].name, '"');
		str_addf(&where, " %s", condition);
		one->where = arena_strdup(g->arena, where.data);
		str_release(&where);
	}
	return one;
}

/* The last ones. What is measured is what comes before "missing". */
static uint32_t add_other(struct split_by *g, size_t count, const char *what)
{
	char number[NUM_TEXT];
	char *name =
	    arena_printf(g->arena, "other (%s %s%s)", count_people((int64_t)count, number), what, PLURAL(count));

	add_group(g, name, NULL);
	return (uint32_t)g->group_count - 1;
}

/* A row of which nothing is told is in the first group, if there is none that it belongs to. */
static uint32_t end_groups(struct split_by *g, const struct column *c)
{
	bool missing = c->missing > 0;

	if (missing && g->times) {
		missing = false;
		for (size_t i = 0; i < g->table->row_count && !missing; i++)
			missing = g->times[i] && column_is_missing(c, i);
	}
	g->compared = g->group_count;
	if (missing)
		add_group(g, "missing", "IS MISSING");
	return missing ? (uint32_t)g->compared : 0;
}

/* ---- categories ---- */

struct ranking {
	const struct intern *dict;
	const uint64_t *counts;
};

static bool leads(const struct ranking *r, uint32_t a, uint32_t b)
{
	const struct intern_entry *x = &r->dict->entries[a], *y = &r->dict->entries[b];
	size_t len = x->len < y->len ? x->len : y->len;
	int order;

	if (r->counts[a] != r->counts[b])
		return r->counts[a] > r->counts[b];
	order = memcmp(x->bytes, y->bytes, len);
	return order ? order < 0 : x->len < y->len;
}

size_t split_leading(const struct intern *dict, const uint64_t *counts, size_t most, uint32_t *leading)
{
	const struct ranking r = {dict, counts};
	size_t used = 0, kept = 0, at;

	for (uint32_t i = 0; i < dict->count; i++) {
		if (!counts[i])
			continue;
		used++;
		if (kept == most && !leads(&r, i, leading[most - 1]))
			continue;
		if (kept < most)
			kept++;
		for (at = kept - 1; at > 0 && leads(&r, i, leading[at - 1]); at--)
			leading[at] = leading[at - 1];
		leading[at] = i;
	}
	return used;
}

static void group_codes(struct split_by *g, const struct column *c, size_t most)
{
	const size_t rows = g->table->row_count, k = c->dict->count;
	uint64_t *counts = xcalloc(k + 1, sizeof(*counts));
	uint32_t *leading = xcalloc(most + 1, sizeof(*leading)), *group = xcalloc(k + 1, sizeof(*group));
	struct str condition;
	size_t used, shown;
	uint32_t other = 0, missing;

	str_init(&condition);
	for (size_t i = 0; i < rows; i++)
		if (c->codes[i] != CODE_MISSING)
			counts[c->codes[i]] += split_times(g, i);
	used = split_leading(c->dict, counts, most, leading);
	shown = used > most ? most - 1 : used;
	make_groups(g, most);
	for (size_t i = 0; i < shown; i++) {
		const char *value = c->dict->entries[leading[i]].bytes;

		str_clear(&condition);
		str_adds(&condition, "= ");
		split_quote(&condition, value, '\'');
		add_group(g, value, condition.data);
	}
	if (used > shown)
		other = add_other(g, used - shown, "value");
	missing = end_groups(g, c);
	for (size_t i = 0; i < k; i++)
		group[i] = other;
	for (size_t i = 0; i < shown; i++)
		group[leading[i]] = (uint32_t)i;
	for (size_t i = 0; i < rows; i++)
		g->group_of[i] = c->codes[i] == CODE_MISSING ? missing : group[c->codes[i]];
	str_release(&condition);
	free(counts);
	free(leading);
	free(group);
}

/* ---- numbers and times ---- */

/* Adds to each of n groups how many of the starts its value is not below. */
TWO_WIDTHS static void count_starts(const double *values, size_t n, const double *starts, size_t count,
                                    uint32_t *group)
{
	int64_t at[SPLIT_BLOCK] = {0};

	for (size_t s = 0; s < count; s++) {
		const double start = starts[s];

		for (size_t i = 0; i < SPLIT_BLOCK; i++)
			at[i] += values[i] >= start;
	}
	for (size_t i = 0; i < n; i++)
		group[i] = (uint32_t)at[i];
}

/* Groups that begin at starts[1…], the first one below all of them. */
static void group_numbers(struct split_by *g, const struct column *c, const double *starts, size_t count,
                          uint32_t missing)
{
	const size_t rows = g->table->row_count;
	double room[SPLIT_BLOCK];

	for (size_t from = 0; from < rows; from += SPLIT_BLOCK) {
		const size_t n = rows - from < SPLIT_BLOCK ? rows - from : SPLIT_BLOCK;
		const double *values = split_block(c, from, n, room);

		/* A whole block is read. */
		if (n < SPLIT_BLOCK && values != room) {
			memcpy(room, values, n * sizeof(*room));
			values = room;
		}
		count_starts(values, n, starts + 1, count - 1, g->group_of + from);
		for (size_t i = 0; i < n && c->missing; i++)
			if (isnan(values[i]))
				g->group_of[from + i] = missing;
	}
}

/* What numbers are grouped by. */
struct rising {
	double *values; /* finite ones in rising order; with frequency weights each of them once */
	size_t count;
	double *edges; /* stats_quantile_edges: of at most `most` ranges */
	size_t ranges;
	bool below, above; /* there are infinite ones */
};

/* The values of rows that are told of, as often as the weights say. */
static void sort_weighted(const struct split_by *g, const struct column *c, size_t most, struct rising *out)
{
	const size_t rows = g->table->row_count;
	struct number_sketch *all = number_sketch_new(UINT32_MAX / 2, false);
	struct stats_runs runs;
	double room[SPLIT_BLOCK];

	for (size_t from = 0; from < rows; from += SPLIT_BLOCK) {
		const size_t n = rows - from < SPLIT_BLOCK ? rows - from : SPLIT_BLOCK;
		const double *values = split_block(c, from, n, room);

		number_sketch_add(all, values, g->times + from, NULL, n);
		for (size_t i = 0; i < n; i++) {
			out->below |= g->times[from + i] && isinf(values[i]) && values[i] < 0;
			out->above |= g->times[from + i] && isinf(values[i]) && values[i] > 0;
		}
	}
	number_sketch_runs(all, &runs);
	out->values = xmalloc(size_mul(runs.count + 1, sizeof(*out->values)));
	if (runs.count)
		memcpy(out->values, runs.low, runs.count * sizeof(*out->values));
	out->count = runs.count;
	out->ranges = stats_runs_edges(&runs, most, out->edges);
	number_sketch_free(all);
}

/* The finite values in rising order; how often the infinite ones occur. */
static double *sorted_values(const struct column *c, size_t rows, size_t *count, bool *below, bool *above)
{
	double *sorted = xmalloc(size_mul(rows + 1, sizeof(*sorted)));
	size_t n = 0;

	*below = *above = false;
	if (c->packed && rows < UINT32_MAX) {
		int32_t *mantissas = xmalloc(size_mul(rows + 1, sizeof(*mantissas)));
		int32_t *spare = (int32_t *)(void *)sorted;

		for (size_t i = 0; i < rows; i++) {
			mantissas[n] = c->packed[i];
			n += c->packed[i] != PACKED_MISSING;
		}
		if (stats_sort_ints(mantissas, spare, n) == spare)
			memcpy(mantissas, spare, n * sizeof(*spare));
		packed_values(mantissas, n, c->decimals, sorted);
		free(mantissas);
	} else {
		for (size_t i = 0; i < rows; i++) {
			const double v = column_number(c, i);

			sorted[n] = v;
			n += isfinite(v) != 0;
			*below |= isinf(v) && v < 0;
			*above |= isinf(v) && v > 0;
		}
		stats_sort(sorted, n);
	}
	*count = n;
	return sorted;
}

/* The different values as far as there are at most so many; false: there are more. */
static bool few_values(const struct rising *r, size_t most, double *starts, size_t *count)
{
	*count = 0;
	if (r->below)
		starts[(*count)++] = -(double)INFINITY;
	for (size_t i = 0; i < r->count; i++) {
		if (i && r->values[i] == r->values[i - 1])
			continue;
		if (*count == most)
			return false;
		starts[(*count)++] = r->values[i];
	}
	if (r->above && *count == most)
		return false;
	if (r->above)
		starts[(*count)++] = (double)INFINITY;
	return true;
}

static void add_value(struct split_by *g, const struct column *c, double value)
{
	char room[TIME_TEXT], *condition;
	const char *text = value_text(c->type, value, room);

	/* There is no word for infinity in expressions. */
	if (isinf(value))
		condition = arena_printf(g->arena, "%s",
		                         value > 0 ? "> 1.7976931348623157e+308" : "< -1.7976931348623157e+308");
	else
		condition = arena_printf(g->arena, "= %s", text);
	add_group(g, text, condition);
}

/* In so many digits, or all that there are where they are fewer. */
static const char *bound_text(const struct column *c, double value, int digits, char room[TIME_TEXT])
{
	char all[NUM_TEXT];

	if (c->type == COLUMN_INT)
		return value_text(c->type, value, room);
	num_people(value, digits, room);
	num_shortest(value, all);
	return strlen(all) <= strlen(room) && !strchr(all, 'e') ? memcpy(room, all, strlen(all) + 1) : room;
}

/* "12.5 to 18.2": from the least to the greatest value that is there, in so many digits as tell the groups apart. */
static char *range_name(struct split_by *g, const struct column *c, double low, double high, int digits)
{
	char a[TIME_TEXT], b[TIME_TEXT];
	const char *from = bound_text(c, low, digits, a), *to = bound_text(c, high, digits, b);

	return strcmp(from, to) ? arena_printf(g->arena, "%s to %s", from, to) : arena_strdup(g->arena, from);
}

/* Digits in which all bounds of the ranges are different, as they are. */
static int digits_needed(const double *bounds, size_t count)
{
	char a[NUM_TEXT], b[NUM_TEXT];
	int digits = 4;

	for (size_t i = 1; i < count && digits < 17;) {
		if (bounds[i] != bounds[i - 1] &&
		    !strcmp(num_people(bounds[i], digits, a), num_people(bounds[i - 1], digits, b)))
			digits++;
		else
			i++;
	}
	return digits;
}

static char *between(struct split_by *g, const char *low, const char *high)
{
	struct str name;
	char *condition;

	if (!low && !high)
		return arena_strdup(g->arena, "IS NOT MISSING");
	str_init(&name);
	split_quote(&name, g->table->columns[g->by].name, '"');
	condition = low && high ? arena_printf(g->arena, ">= %s AND %s < %s", low, name.data, high)
	            : low       ? arena_printf(g->arena, ">= %s", low)
	                        : arena_printf(g->arena, "< %s", high);
	str_release(&name);
	return condition;
}

/* Of near equal numbers of rows. Each begins with a value that is there. */
static size_t add_ranges(struct split_by *g, const struct column *c, const struct rising *r, double *starts)
{
	/* Only infinite values: one group. */
	const size_t n = r->count, count = r->ranges ? r->ranges : 1;
	const double *sorted = r->values;
	double *bounds = xcalloc(2 * count + 2, sizeof(*bounds));
	size_t at = 0;
	char low[NUM_TEXT], high[NUM_TEXT];
	int digits;

	for (size_t i = 0; i < count && n; i++) {
		while (at < n && sorted[at] < r->edges[i])
			at++;
		bounds[2 * i] = starts[i] = sorted[at];
		if (i)
			bounds[2 * i - 1] = sorted[at - 1];
	}
	bounds[2 * count - 1] = n ? sorted[n - 1] : 0;
	digits = digits_needed(bounds, 2 * count);
	for (size_t i = 0; i < count; i++)
		add_group(g, range_name(g, c, bounds[2 * i], bounds[2 * i + 1], digits),
		          between(g, i ? num_shortest(starts[i], low) : NULL,
		                  i + 1 < count ? num_shortest(starts[i + 1], high) : NULL));
	free(bounds);
	return count;
}

static void group_values(struct split_by *g, const struct column *c, size_t most)
{
	const size_t rows = g->table->row_count;
	double *starts = xcalloc(most + 1, sizeof(*starts));
	struct rising r = {.edges = xcalloc(most + 1, sizeof(*r.edges))};
	size_t count;

	if (g->times) {
		sort_weighted(g, c, most, &r);
	} else {
		r.values = sorted_values(c, rows, &r.count, &r.below, &r.above);
		r.ranges = stats_quantile_edges(r.values, r.count, most, r.edges);
	}
	make_groups(g, most);
	if (few_values(&r, most, starts, &count)) {
		for (size_t i = 0; i < count; i++)
			add_value(g, c, starts[i]);
	} else {
		g->kind = SPLIT_RANGES;
		count = add_ranges(g, c, &r, starts);
	}
	free(r.values);
	free(r.edges);
	group_numbers(g, c, starts, count ? count : 1, end_groups(g, c));
	free(starts);
}

/* Where a period starts, as an expression has it, or NULL. */
static const char *time_bound(struct split_by *g, const struct split_periods *periods, size_t at)
{
	char text[TIME_TEXT];

	if (!split_time_text(split_period_start(periods, at), text))
		return NULL;
	return arena_printf(g->arena, "'%s'", text);
}

static void group_times(struct split_by *g, const struct column *c, size_t most)
{
	const size_t rows = g->table->row_count;
	double room[SPLIT_BLOCK], first = (double)NAN, last = (double)NAN, *starts;
	struct split_periods periods = {.count = 0};
	bool days = true; /* each of them is midnight */

	g->kind = SPLIT_TIME;
	for (size_t from = 0; from < rows; from += SPLIT_BLOCK) {
		const size_t n = rows - from < SPLIT_BLOCK ? rows - from : SPLIT_BLOCK;
		const double *values = split_block(c, from, n, room);

		for (size_t i = 0; i < n; i++) {
			if (!split_times(g, from + i))
				continue;
			first = values[i] < first || isnan(first) ? values[i] : first;
			last = values[i] > last || isnan(last) ? values[i] : last;
			days = days && (isnan(values[i]) || fmod(values[i], 24 * 3600e3) == 0);
		}
	}
	if (!isnan(first))
		split_periods((int64_t)first, (int64_t)last, most, days, &periods);
	make_groups(g, periods.count);
	starts = xcalloc(periods.count + 1, sizeof(*starts));
	for (size_t i = 0; i < periods.count; i++) {
		const bool ends = i + 1 == periods.count;
		const char *low = i ? time_bound(g, &periods, i) : NULL;
		const char *high = ends ? NULL : time_bound(g, &periods, i + 1);

		starts[i] = (double)split_period_start(&periods, i);
		add_group(g, split_period_name(&periods, i, g->arena),
		          (i && !low) || (!ends && !high) ? NULL : between(g, low, high));
	}
	group_numbers(g, c, starts, periods.count ? periods.count : 1, end_groups(g, c));
	free(starts);
}

/* ---- files ---- */

static void group_files(struct split_by *g, size_t most)
{
	const struct table *t = g->table;
	const size_t shown = t->file_count > most ? most - 1 : t->file_count;
	uint32_t other = 0;

	g->kind = SPLIT_FILES;
	make_groups(g, most);
	for (size_t i = 0; i < shown; i++)
		add_group(g, t->files[i].path, NULL);
	if (t->file_count > shown)
		other = add_other(g, t->file_count - shown, "file");
	g->compared = g->group_count;
	for (size_t i = 0; i < t->file_count; i++)
		for (size_t k = 0; k < t->files[i].rows; k++)
			g->group_of[t->files[i].first_row + k] = i < shown ? (uint32_t)i : other;
}

/* ---- all ---- */

/* As table_label: the positive value that was said of a label, or 1 of a column of nothing but 0 and 1. */
static long find_positive(const struct split_by *g)
{
	const struct column *c = &g->table->columns[g->by];
	const char *positive = c->roles & ROLE_LABEL ? g->table->reading.positive : NULL;
	const bool other = g->compared && !g->groups[g->compared - 1].where;
	char text[TIME_TEXT];
	double value;

	if (g->kind != SPLIT_VALUES || g->compared < 2)
		return -1;
	if (!positive) {
		const struct split_group *two = g->groups;

		if (c->codes || other || g->compared != 2)
			return -1;
		return (!strcmp(two[0].name, "0") && !strcmp(two[1].name, "1")) || !strcmp(two[1].name, "true") ? 1
		                                                                                                : -1;
	}
	if (!c->codes && ((c->type == COLUMN_BOOL && cell_bool(positive, strlen(positive), &value)) ||
	                  num_parse(positive, strlen(positive), &value)))
		positive = value_text(c->type, value, text);
	for (size_t i = 0; i < g->compared - other; i++)
		if (!strcmp(g->groups[i].name, positive))
			return (long)i;
	return -1;
}

static void count_rows(struct split_by *g)
{
	for (size_t i = 0; i < g->table->row_count; i++) {
		struct split_group *one = &g->groups[g->group_of[i]];
		const uint64_t times = split_times(g, i);

		if (times && one->rows == 0)
			one->first_row = i;
		one->rows += times;
	}
}

int split_by_init(struct split_by *g, const struct table *t, long by, size_t groups,
                  enum stats_weights weights, struct progress *progress, struct error *err)
{
	const struct column *c = by < 0 ? NULL : &t->columns[by];
	const size_t periods = groups ? groups : SPLIT_PERIODS, values = groups ? groups : SPLIT_GROUPS;

	if (c && (c->type == COLUMN_TEXT || c->type == COLUMN_ID))
		return error_set(
		    err, ERR_USAGE,
		    "column %s is of type %s, nearly every value being different: rows are split by a bool, "
		    "int, num, cat or time",
		    c->name, column_type_name(c->type));
	progress_begin(progress, "grouping", "rows", t->row_count);
	*g = (struct split_by){
	    .table = t, .by = by < 0 ? -1 : by, .weight = -1, .positive = -1, .arena = arena_new()};
	if (split_take_weights(g, weights, err) < 0) {
		split_by_release(g);
		return -1;
	}
	g->group_of = xcalloc(t->row_count + 1, sizeof(*g->group_of));
	if (!c)
		group_files(g, periods);
	else if (c->codes)
		group_codes(g, c, values);
	else if (c->type == COLUMN_TIME)
		group_times(g, c, periods);
	else
		group_values(g, c, values);
	count_rows(g);
	if (weights == STATS_SAMPLING)
		split_weigh_groups(g);
	if (c)
		g->positive = find_positive(g);
	progress_add(progress, t->row_count);
	return 0;
}

/* Of a row: its group, its weight, and how often it is there. Of a column: its values, what sorts them, and once more
 * those of the groups but one; weighted, each different value in the cells of a sketch while they are put in order. */
uint64_t split_bytes(uint64_t rows, enum stats_weights weights, size_t threads)
{
	static const uint64_t of_row[] = {4, 20, 12}, of_column[] = {24, 120, 120};

	return rows * (of_row[weights] + of_column[weights] * threads);
}

void split_by_release(struct split_by *g)
{
	arena_free(g->arena);
	free(g->group_of);
	free(g->weight_of);
	free(g->times);
	memset(g, 0, sizeof(*g));
}

void split_take(const struct split_by *g, size_t group, struct table *out)
{
	size_t *rows = xmalloc(size_mul(g->table->row_count + 1, sizeof(*rows))), n = 0;

	for (size_t i = 0; i < g->table->row_count; i++)
		if (g->group_of[i] == group && split_times(g, i))
			rows[n++] = i;
	table_take(out, g->table, rows, n);
	free(rows);
}
