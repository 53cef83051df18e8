/* Time: UTC milliseconds, and how they are written and read. */
#include <time.h>

#include "assay/base.h"

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t time_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t time_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* Floor division: times before 1970 have their milliseconds counted upwards too. */
static time_t whole_seconds(int64_t ms, int *rest)
{
	int64_t s = ms / 1000;

	if (ms % 1000 < 0)
		s--;
	*rest = (int)(ms - s * 1000);
	return (time_t)s;
}

static char *put_digits(char *to, int value, int count, char end)
{
	for (int i = count; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	to[count] = end;
	return to + count + 1;
}

const char *time_rfc3339(int64_t ms, char out[TIME_TEXT])
{
	char *p = out;
	struct tm tm;
	int rest;
	time_t s = whole_seconds(ms, &rest);

	if (!gmtime_r(&s, &tm)) {
		snprintf(out, TIME_TEXT, "(time out of range)");
	} else if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900) {
		snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		         tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, rest);
	} else {
		p = put_digits(p, tm.tm_year + 1900, 4, '-');
		p = put_digits(p, tm.tm_mon + 1, 2, '-');
		p = put_digits(p, tm.tm_mday, 2, 'T');
		p = put_digits(p, tm.tm_hour, 2, ':');
		p = put_digits(p, tm.tm_min, 2, ':');
		p = put_digits(p, tm.tm_sec, 2, '.');
		p = put_digits(p, rest, 3, 'Z');
		*p = '\0';
	}
	return out;
}

const char *time_local(int64_t ms, char out[TIME_TEXT])
{
	struct tm tm;
	int rest;
	time_t s = whole_seconds(ms, &rest);

	if (!localtime_r(&s, &tm) || !strftime(out, TIME_TEXT, "%Y-%m-%d %H:%M:%S %Z", &tm))
		snprintf(out, TIME_TEXT, "(time out of range)");
	return out;
}

const char *time_span(int64_t ms, char out[TIME_TEXT])
{
	double s = (double)ms / 1000;

	if (s < 0)
		s = 0;
	if (s < 9.95)
		snprintf(out, TIME_TEXT, "%.1fs", s);
	else if (s < 59.5)
		snprintf(out, TIME_TEXT, "%.0fs", s);
	else if (s < 3570)
		snprintf(out, TIME_TEXT, "%.0fm", s / 60);
	else if (s < 84600)
		snprintf(out, TIME_TEXT, "%.0fh", s / 3600);
	else if (s < 86400.0 * 700)
		snprintf(out, TIME_TEXT, "%.0fd", s / 86400);
	else
		snprintf(out, TIME_TEXT, "%.0fy", s / (86400 * 365.25));
	return out;
}

/* ---- reading ---- */

struct scan {
	const char *p, *end;
};

/* Inlined, since the counts are known where it is called: files have columns of times. */
static inline __attribute__((always_inline)) bool scan_digits(struct scan *s, int count, int *value)
{
	*value = 0;
	if (s->end - s->p < count)
		return false;
	for (int i = 0; i < count; i++, s->p++) {
		if (*s->p < '0' || *s->p > '9')
			return false;
		*value = *value * 10 + (*s->p - '0');
	}
	return true;
}

static bool scan_char(struct scan *s, char c)
{
	if (s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; the year is made to begin in March so
 * that the leap day is its last. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool time_parse(const char *text, size_t len, int64_t *ms)
{
	static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct scan s = {text, text + len};
	int year, month, day, hour = 0, minute = 0, second = 0, milli = 0, zone_hour = 0, zone_minute = 0,
	                      zone = 1;

	while (s.p < s.end && *s.p == ' ')
		s.p++;
	while (s.end > s.p && s.end[-1] == ' ')
		s.end--;
	if (!scan_digits(&s, 4, &year) || !scan_char(&s, '-') || !scan_digits(&s, 2, &month) ||
	    !scan_char(&s, '-') || !scan_digits(&s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days[month - 1] + (month == 2 && leap(year)))
		return false;
	if (s.p < s.end) {
		if (!scan_char(&s, 'T') && !scan_char(&s, 't') && !scan_char(&s, ' '))
			return false;
		if (!scan_digits(&s, 2, &hour) || !scan_char(&s, ':') || !scan_digits(&s, 2, &minute))
			return false;
		if (scan_char(&s, ':')) {
			if (!scan_digits(&s, 2, &second))
				return false;
			if (scan_char(&s, '.')) {
				int unit = 100, count = 0;

				for (; s.p < s.end && *s.p >= '0' && *s.p <= '9'; s.p++, unit /= 10, count++)
					milli += (*s.p - '0') * unit;
				if (!count)
					return false;
			}
		}
		if (scan_char(&s, 'Z') || scan_char(&s, 'z')) {
			;
		} else if (s.p < s.end) {
			zone = *s.p == '-' ? -1 : 1;
			if (!scan_char(&s, '+') && !scan_char(&s, '-'))
				return false;
			if (!scan_digits(&s, 2, &zone_hour))
				return false;
			scan_char(&s, ':');
			if (!scan_digits(&s, 2, &zone_minute))
				return false;
		}
	}
	if (s.p != s.end || hour > 23 || minute > 59 || second > 60 || zone_hour > 23 || zone_minute > 59)
		return false;
	*ms = ((days_of(year, month, day) * 24 + hour - zone * zone_hour) * 60 + minute - zone * zone_minute) *
	          60000 +
	      second * 1000 + milli;
	return true;
}
