/* Periods of the calendar, in UTC: the finest that are few enough. */
#include <string.h>

#include "split.h"

#define HOUR_MS 3600000
#define DAY_MS  (24 * (int64_t)HOUR_MS)

enum { HOUR, DAY, WEEK, MONTH, QUARTER, YEAR }; /* and those of more years */

/* How many years a period of YEAR and above has. */
static const int64_t spans[] = {1, 5, 10, 20, 50, 100, 200, 500, 1000, 10000};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of the first of a month, which counts from January of year 0; and back. The year is taken to
 * begin in March, so that the leap day is its last. */
static int64_t days_of_month(int64_t month)
{
	int64_t from_march = month - 2, year = floor_div(from_march, 12), within = from_march - year * 12;

	return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) +
	       (153 * within + 2) / 5 - 719468;
}

static int64_t month_of_days(int64_t days)
{
	/* An estimate that is off by one at most. */
	int64_t month = floor_div((days + 719528) * 4800, 146097);

	while (days_of_month(month) > days)
		month--;
	while (days_of_month(month + 1) <= days)
		month++;
	return month;
}

static int64_t period_of(int unit, int64_t ms)
{
	const int64_t days = floor_div(ms, DAY_MS);

	switch (unit) {
	case HOUR:
		return floor_div(ms, HOUR_MS);
	case DAY:
		return days;
	case WEEK:
		/* 1970 began on a Thursday. */
		return floor_div(days + 3, 7);
	case MONTH:
		return month_of_days(days);
	case QUARTER:
		return floor_div(month_of_days(days), 3);
	default:
		return floor_div(month_of_days(days), 12 * spans[unit - YEAR]);
	}
}

static int64_t start_of(int unit, int64_t period)
{
	switch (unit) {
	case HOUR:
		return period * HOUR_MS;
	case DAY:
		return period * DAY_MS;
	case WEEK:
		return (period * 7 - 3) * DAY_MS;
	case MONTH:
		return days_of_month(period) * DAY_MS;
	case QUARTER:
		return days_of_month(period * 3) * DAY_MS;
	default:
		return days_of_month(period * 12 * spans[unit - YEAR]) * DAY_MS;
	}
}

void split_periods(int64_t first, int64_t last, size_t most, bool days, struct split_periods *out)
{
	for (out->unit = days ? DAY : HOUR;; out->unit++) {
		out->from = period_of(out->unit, first);
		out->count = (size_t)(period_of(out->unit, last) - out->from) + 1;
		if (out->count <= most || out->unit == YEAR + (int)COUNT_OF(spans) - 1)
			return;
	}
}

int64_t split_period_start(const struct split_periods *p, size_t at)
{
	return start_of(p->unit, p->from + (int64_t)at);
}

char *split_period_name(const struct split_periods *p, size_t at, struct arena *a)
{
	const int64_t period = p->from + (int64_t)at;
	int64_t year, days;
	char text[TIME_TEXT];

	switch (p->unit) {
	case HOUR:
	case DAY:
		time_rfc3339(start_of(p->unit, period), text);
		text[p->unit == DAY ? strlen("2026-10-05") : strlen("2026-10-05T13:00")] = '\0';
		if (p->unit == HOUR)
			text[strlen("2026-10-05")] = ' ';
		return arena_strdup(a, text);
	case WEEK:
		/* A week belongs to the year of its Thursday (ISO 8601). */
		days = period * 7;
		year = floor_div(month_of_days(days), 12);
		return arena_printf(a, "%04lld-W%02lld", (long long)year,
		                    (long long)((days - days_of_month(year * 12)) / 7 + 1));
	case MONTH:
		return arena_printf(a, "%04lld-%02lld", (long long)floor_div(period, 12),
		                    (long long)(period - floor_div(period, 12) * 12 + 1));
	case QUARTER:
		return arena_printf(a, "%04lld Q%lld", (long long)floor_div(period, 4),
		                    (long long)(period - floor_div(period, 4) * 4 + 1));
	case YEAR:
		return arena_printf(a, "%04lld", (long long)period);
	default:
		year = period * spans[p->unit - YEAR];
		return arena_printf(a, "%04lld to %04lld", (long long)year,
		                    (long long)(year + spans[p->unit - YEAR] - 1));
	}
}

bool split_time_text(int64_t ms, char out[TIME_TEXT])
{
	const int64_t year = floor_div(month_of_days(floor_div(ms, DAY_MS)), 12);

	time_rfc3339(ms, out);
	if (ms - floor_div(ms, DAY_MS) * DAY_MS == 0)
		out[strlen("2026-10-05")] = '\0';
	return year >= 0 && year <= 9999;
}
