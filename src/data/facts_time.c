/* What is regular in the times of a column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "assay/stats.h"
#include "facts.h"

#define DAY INT64_C(86400000)

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"day", DAY}, {"hour", 3600000}, {"minute", 60000}, {"second", 1000}, {"millisecond", 1}};

/* The month, from 0, of a day counted from the first of March of the year 0: five months of 153 days, of 31 and 30 in
 * turn, make a little less than half a year, and leap days come last in it. */
static unsigned month_of(int64_t days)
{
	enum { YEAR = 365, FOUR = 4 * YEAR + 1, HUNDRED = 25 * FOUR - 1, FOUR_HUNDRED = 4 * HUNDRED + 1 };
	int64_t of_400 = days % FOUR_HUNDRED + (days % FOUR_HUNDRED < 0 ? FOUR_HUNDRED : 0);
	int64_t century = of_400 / HUNDRED < 3 ? of_400 / HUNDRED : 3, of_100 = of_400 - century * HUNDRED;
	int64_t of_4 = of_100 % FOUR, year = of_4 / YEAR < 3 ? of_4 / YEAR : 3;

	return (unsigned)((((of_4 - year * YEAR) * 5 + 2) / 153 + 2) % 12);
}

void time_counter_add(struct time_counter *t, double ms, uint64_t times)
{
	/* Of 1970-01-01, a Thursday, since 0000-03-01. */
	enum { EPOCH = 719468, THURSDAY = 3 };
	const int64_t at = (int64_t)ms, days = at / DAY - (at % DAY < 0);
	const uint32_t rest = (uint32_t)(at - days * DAY);

	if (!times)
		return;
	if (!t->day_known || days != t->day) {
		t->day_known = true;
		t->day = days;
		t->weekday = (unsigned)((days % 7 + 7 + THURSDAY) % 7);
		t->month = month_of(days + EPOCH);
	}
	while (t->finest + 1 < COUNT_OF(units) && rest % (uint32_t)units[t->finest].ms != 0)
		t->finest++;
	t->by_hour[rest / units[1].ms] += times;
	t->by_weekday[t->weekday] += times;
	t->by_month[t->month] += times;
	t->falls = t->falls || (t->any && ms < t->last);
	if (!t->any)
		t->first = ms;
	t->last = ms;
	t->any = true;
}

void time_counter_merge(struct time_counter *to, const struct time_counter *next)
{
	if (!next->any)
		return;
	for (size_t i = 0; i < COUNT_OF(to->by_hour); i++)
		to->by_hour[i] += next->by_hour[i];
	for (size_t i = 0; i < COUNT_OF(to->by_weekday); i++)
		to->by_weekday[i] += next->by_weekday[i];
	for (size_t i = 0; i < COUNT_OF(to->by_month); i++)
		to->by_month[i] += next->by_month[i];
	to->finest = to->finest > next->finest ? to->finest : next->finest;
	to->falls = to->falls || next->falls || (to->any && next->first < to->last);
	if (!to->any)
		to->first = next->first;
	to->last = next->last;
	to->any = true;
}

void time_counter_facts(const struct time_counter *t, struct time_facts *out)
{
	out->unit = units[t->finest].name;
	memcpy(out->by_hour, t->by_hour, sizeof(out->by_hour));
	memcpy(out->by_weekday, t->by_weekday, sizeof(out->by_weekday));
	memcpy(out->by_month, t->by_month, sizeof(out->by_month));
	out->rising = !t->falls;
	out->step = out->gap = out->gap_from = (double)NAN;
}

/* The median of steps that all fit 32 bits, which sort in a quarter of the time. */
static double median_short(const double *different, size_t n)
{
	int32_t *steps = xmalloc(size_mul(n, sizeof(*steps))), *spare = xmalloc(size_mul(n, sizeof(*spare)));
	const int32_t *sorted;
	double two[2];

	for (size_t i = 0; i < n; i++)
		steps[i] = (int32_t)(different[i + 1] - different[i]);
	sorted = stats_sort_ints(steps, spare, n);
	two[0] = sorted[(n - 1) / 2];
	two[1] = sorted[n / 2];
	free(steps);
	free(spare);
	return stats_quantile(two, 2, 0.5);
}

static double median_long(const double *different, size_t n)
{
	double *steps = xmalloc(size_mul(n, sizeof(*steps))), median;

	for (size_t i = 0; i < n; i++)
		steps[i] = different[i + 1] - different[i];
	stats_sort(steps, n);
	median = stats_quantile(steps, n, 0.5);
	free(steps);
	return median;
}

void time_facts_steps(const double *different, size_t n, struct time_facts *out)
{
	out->step = out->gap = out->gap_from = (double)NAN;
	if (n < 2)
		return;
	for (size_t i = 0; i + 1 < n; i++) {
		double step = different[i + 1] - different[i];

		if (!(step <= out->gap)) {
			out->gap = step;
			out->gap_from = different[i];
		}
	}
	out->step = (out->gap <= INT32_MAX && n < UINT32_MAX ? median_short : median_long)(different, n - 1);
}

/* ---- out and back ---- */

static void write_counts(struct json_writer *j, const char *key, const uint64_t *counts, size_t n)
{
	jw_array(j, key);
	for (size_t i = 0; i < n; i++)
		jw_int(j, NULL, (int64_t)counts[i]);
	jw_array_end(j);
}

void time_counter_write(const struct time_counter *t, struct json_writer *j, const char *key)
{
	jw_object(j, key);
	write_counts(j, "hours", t->by_hour, COUNT_OF(t->by_hour));
	write_counts(j, "weekdays", t->by_weekday, COUNT_OF(t->by_weekday));
	write_counts(j, "months", t->by_month, COUNT_OF(t->by_month));
	jw_int(j, "finest", t->finest);
	jw_bool(j, "falls", t->falls);
	if (t->any) {
		jw_int(j, "first", (int64_t)t->first);
		jw_int(j, "last", (int64_t)t->last);
	}
	jw_object_end(j);
}

static bool read_counts(json_object *from, const char *key, uint64_t *counts, size_t n)
{
	json_object *array;

	if (!json_object_object_get_ex(from, key, &array) || !json_object_is_type(array, json_type_array) ||
	    json_object_array_length(array) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_object *one = json_object_array_get_idx(array, i);
		int64_t count = one && json_object_is_type(one, json_type_int) ? json_object_get_int64(one) : -1;

		if (count < 0)
			return false;
		counts[i] = (uint64_t)count;
	}
	return true;
}

static bool read_ms(json_object *value, double *out)
{
	const int64_t most = INT64_C(1) << 53;
	int64_t ms = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : INT64_MAX;

	*out = (double)ms;
	return ms >= -most && ms <= most;
}

bool time_counter_read(struct json_object *from, struct time_counter *out)
{
	json_object *finest, *falls, *first, *last;

	memset(out, 0, sizeof(*out));
	if (!json_object_is_type(from, json_type_object) ||
	    !read_counts(from, "hours", out->by_hour, COUNT_OF(out->by_hour)) ||
	    !read_counts(from, "weekdays", out->by_weekday, COUNT_OF(out->by_weekday)) ||
	    !read_counts(from, "months", out->by_month, COUNT_OF(out->by_month)) ||
	    !json_object_object_get_ex(from, "finest", &finest) || !json_object_is_type(finest, json_type_int) ||
	    json_object_get_int64(finest) < 0 || json_object_get_int64(finest) >= (int64_t)COUNT_OF(units) ||
	    !json_object_object_get_ex(from, "falls", &falls) || !json_object_is_type(falls, json_type_boolean))
		return false;
	out->finest = (unsigned)json_object_get_int64(finest);
	out->falls = json_object_get_boolean(falls);
	out->any = json_object_object_get_ex(from, "first", &first);
	return json_object_object_get_ex(from, "last", &last) == out->any &&
	       (!out->any || (read_ms(first, &out->first) && read_ms(last, &out->last)));
}
