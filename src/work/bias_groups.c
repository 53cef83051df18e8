/* Columns of a table as groups of cases. */
#include <math.h>

#include "bias.h"

/* More values than this are no groups; so many different numbers stand for themselves. */
enum { GROUPS_MAX = 1000, NUMBERS_MAX = 10, PARTS = 4 };

static size_t row_at(const size_t *rows, size_t i)
{
	return rows ? rows[i] : i;
}

/* ---- categories ---- */

struct value {
	const char *text;
	uint32_t code;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(((const struct value *)a)->text, ((const struct value *)b)->text);
}

static int of_codes(const struct column *c, const size_t *rows, size_t n, struct arena *mem,
                    struct bias_column *out, struct error *err)
{
	size_t size = c->dict->count, count = 0;
	uint32_t *rank = xcalloc(size + 1, sizeof *rank), *code = arena_array(mem, n + 1, sizeof *code);
	struct value *values = xreallocarray(NULL, size + 1, sizeof *values);
	for (size_t i = 0; i < n; i++) {
		uint32_t v = c->codes[row_at(rows, i)];
		if (v != CODE_MISSING && !rank[v]) {
			rank[v] = 1;
			values[count++] = (struct value){intern_text(c->dict, v), v};
		}
	}
	int status =
	    count > GROUPS_MAX
	        ? error_set(err, ERR_USAGE, "%s has %zu different values: too many to be groups (%d at most)",
	                    c->name, count, GROUPS_MAX)
	        : 0;
	if (status == 0) {
		const char **names = arena_array(mem, count + 1, sizeof *names);
		qsort(values, count, sizeof *values, by_bytes);
		for (size_t k = 0; k < count; k++) {
			names[k] = arena_strdup(mem, values[k].text);
			rank[values[k].code] = (uint32_t)k;
		}
		for (size_t i = 0; i < n; i++) {
			uint32_t v = c->codes[row_at(rows, i)];
			code[i] = v == CODE_MISSING ? BIAS_MISSING : rank[v];
		}
		*out = (struct bias_column){.name = c->name, .code = code, .group = names, .group_count = count};
	}
	free(values);
	free(rank);
	return status;
}

/* ---- numbers ---- */

/* A value of the column as a person reads it: yes and no, a day, a number. */
static const char *number_name(const struct column *c, double x, struct arena *mem)
{
	char text[TIME_TEXT > NUM_TEXT ? TIME_TEXT : NUM_TEXT];
	if (c->type == COLUMN_BOOL)
		return x != 0 ? "true" : "false";
	if (c->type == COLUMN_TIME)
		return arena_strdup(mem, time_rfc3339((int64_t)x, text));
	return arena_strdup(mem, num_shortest(x, text));
}

/* The different values, if there are few: rising, *count of them. */
static bool few_values(const struct column *c, const size_t *rows, size_t n, double few[NUMBERS_MAX],
                       size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		double x = c->values[row_at(rows, i)];
		size_t at = 0;
		if (isnan(x))
			continue;
		while (at < *count && few[at] < x)
			at++;
		if (at < *count && few[at] == x)
			continue;
		if (*count == NUMBERS_MAX)
			return false;
		memmove(&few[at + 1], &few[at], (*count - at) * sizeof *few);
		few[at] = x;
		++*count;
	}
	return true;
}

static size_t quartiles(const struct column *c, const size_t *rows, size_t n, double cuts[PARTS - 1])
{
	double *sorted = xreallocarray(NULL, n + 1, sizeof *sorted);
	size_t count = 0, kept = 0;
	for (size_t i = 0; i < n; i++)
		if (isfinite(c->values[row_at(rows, i)]))
			sorted[count++] = c->values[row_at(rows, i)];
	stats_sort(sorted, count);
	for (int q = 1; q < PARTS && count > 0; q++) {
		double cut = stats_quantile(sorted, count, (double)q / PARTS);
		/* Nothing lies below the lowest value, and two cuts at one place are one. */
		if (cut > sorted[0] && (kept == 0 || cut > cuts[kept - 1]))
			cuts[kept++] = cut;
	}
	free(sorted);
	return kept;
}

/* Value k stands for values[k] itself (cuts false), or for what lies below cuts[k] and not below cuts[k - 1].
 */
static void of_numbers(const struct column *c, const size_t *rows, size_t n, const double *at, size_t count,
                       bool cuts, struct arena *mem, struct bias_column *out)
{
	size_t groups = count + cuts;
	uint32_t *code = arena_array(mem, n + 1, sizeof *code);
	const char **names = arena_array(mem, groups + 1, sizeof *names);
	for (size_t k = 0; k < groups; k++)
		names[k] = !cuts        ? number_name(c, at[k], mem)
		           : count == 0 ? "all"
		           : k == 0     ? arena_printf(mem, "under %s", number_name(c, at[0], mem))
		           : k == count ? arena_printf(mem, "%s and over", number_name(c, at[k - 1], mem))
		                        : arena_printf(mem, "%s to under %s", number_name(c, at[k - 1], mem),
		                                       number_name(c, at[k], mem));
	for (size_t i = 0; i < n; i++) {
		double x = c->values[row_at(rows, i)];
		size_t k = 0;
		while (k < count && (cuts ? x >= at[k] : x != at[k]))
			k++;
		code[i] = isnan(x) ? BIAS_MISSING : (uint32_t)k;
	}
	*out = (struct bias_column){.name = c->name, .code = code, .group = names, .group_count = groups};
}

static const struct work_bias_cut *cut_of(const struct work_bias *how, const char *name)
{
	for (size_t i = 0; i < how->cut_count; i++)
		if (strcmp(how->cuts[i].column, name) == 0)
			return &how->cuts[i];
	return NULL;
}

int bias_groups(const struct table *t, const char *name, const struct work_bias *how, const size_t *rows,
                size_t n, struct arena *mem, struct bias_column *out, struct str *notes, struct error *err)
{
	long at = table_need(t, name, err);
	if (at < 0)
		return -1;
	const struct column *c = &t->columns[at];
	const struct work_bias_cut *cut = cut_of(how, name);
	if (!c->values) {
		if (cut)
			return error_set(err, ERR_USAGE, "%s is not a number column: it cannot be cut", name);
		return of_codes(c, rows, n, mem, out, err);
	}
	double few[NUMBERS_MAX], quarters[PARTS - 1] = {0};
	size_t count;
	if (cut) {
		of_numbers(c, rows, n, cut->at, cut->count, true, mem, out);
	} else if (few_values(c, rows, n, few, &count)) {
		of_numbers(c, rows, n, few, count, false, mem, out);
	} else {
		count = quartiles(c, rows, n, quarters);
		of_numbers(c, rows, n, quarters, count, true, mem, out);
		str_addf(notes, "%s: cut at its quartiles", name);
		for (size_t k = 0; k < count; k++)
			str_addf(notes, "%s %s", k ? "," : "", number_name(c, quarters[k], mem));
		str_addc(notes, '\n');
	}
	return 0;
}

int bias_columns(const struct table *t, const struct work_bias *how, const size_t *rows, size_t n,
                 struct arena *mem, struct bias_column *out, size_t *count, struct bias_column *stratum,
                 struct str *notes, struct error *err)
{
	*count = 0;
	*stratum = (struct bias_column){0};
	if (how->by_count > BIAS_COLUMNS_MAX)
		return error_set(err, ERR_USAGE, "by: %zu columns, %d at most", how->by_count, BIAS_COLUMNS_MAX);
	for (size_t i = 0; i < how->by_count; i++)
		if (bias_groups(t, how->by[i], how, rows, n, mem, &out[(*count)++], notes, err) != 0)
			return -1;
	for (size_t i = 0; i < t->column_count && how->by_count == 0; i++)
		if (t->columns[i].roles & ROLE_PROTECTED && *count < BIAS_COLUMNS_MAX &&
		    bias_groups(t, t->columns[i].name, how, rows, n, mem, &out[(*count)++], notes, err) != 0)
			return -1;
	if (*count == 0)
		return error_set(err, ERR_USAGE,
		                 "no column of the data is called protected: say which divide the cases, "
		                 "--by a,b");
	for (size_t i = 0; i < how->cut_count; i++) {
		bool used = false;
		for (size_t k = 0; k < *count; k++)
			used = used || strcmp(out[k].name, how->cuts[i].column) == 0;
		if (!used)
			return error_set(err, ERR_USAGE, "cut: the cases are not divided by %s", how->cuts[i].column);
	}
	if (how->stratum)
		return bias_groups(t, how->stratum, how, rows, n, mem, stratum, notes, err);
	return 0;
}
