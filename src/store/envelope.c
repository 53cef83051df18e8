/*
 * Envelopes for drawing.
 *
 * The walk goes down from the greatest nodes of spans to the parts that one bucket takes as a whole; only where a border
 * between buckets (or of the range) falls, down to the points. So a chart costs its borders, not the points between
 * them. What comes after the last node is fewer than 64 nodes a level, 64 chunks and the tail.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "span.h"

struct envelope {
	double from, to;
	int buckets;
	enum series_axis axis;
	struct series_bucket *bucket;
	struct ends {
		double first, last;
	} * at;     /* where first and last of the bucket lie */
	bool spans; /* the store has them */
};

static int bucket_of(const struct envelope *e, double x)
{
	double place = e->buckets > 1 && e->to > e->from ? (x - e->from) / (e->to - e->from) * e->buckets : 0;

	return place >= e->buckets ? e->buckets - 1 : (int)place;
}

enum place { OUTSIDE, WITHIN, ACROSS };

/* Whether one bucket takes all that lies between two places. */
static enum place place_of(const struct envelope *e, double low, double high)
{
	if (high < e->from || low > e->to)
		return OUTSIDE;
	return low >= e->from && high <= e->to && bucket_of(e, low) == bucket_of(e, high) ? WITHIN : ACROSS;
}

/* Points that lie in one bucket; they came after what is in it. */
static void add_part(struct envelope *e, const struct span_axis *more)
{
	int i = bucket_of(e, (double)more->low);
	struct series_bucket *b = &e->bucket[i];
	struct ends *at = &e->at[i];

	b->x_low = !b->count || (double)more->low < b->x_low ? (double)more->low : b->x_low;
	b->x_high = !b->count || (double)more->high > b->x_high ? (double)more->high : b->x_high;
	b->count += more->count;
	b->nan_count += more->nan_count;
	if (isnan(more->min))
		return;
	b->min = isnan(b->min) || more->min < b->min ? more->min : b->min;
	b->max = isnan(b->max) || more->max > b->max ? more->max : b->max;
	if (isnan(b->first) || (double)more->first_at < at->first) {
		b->first = more->first;
		at->first = (double)more->first_at;
	}
	if (isnan(b->last) || (double)more->last_at >= at->last) {
		b->last = more->last;
		at->last = (double)more->last_at;
	}
}

/* The same for one point at a time: most of the work of a long series. */
static void add_points(struct envelope *e, const struct point *points, size_t count)
{
	for (const struct point *p = points; p < points + count; p++) {
		int64_t place = e->axis == AXIS_TIME ? p->time : p->step;
		double x = (double)place, v = p->value;
		struct series_bucket *b;
		int i;

		if ((e->axis == AXIS_TIME && !place) || x < e->from || x > e->to)
			continue;
		i = bucket_of(e, x);
		b = &e->bucket[i];
		b->x_low = !b->count || x < b->x_low ? x : b->x_low;
		b->x_high = !b->count || x > b->x_high ? x : b->x_high;
		b->count++;
		if (isnan(v)) {
			b->nan_count++;
			continue;
		}
		b->min = !(v >= b->min) ? v : b->min; /* the first one where it is NaN */
		b->max = !(v <= b->max) ? v : b->max;
		if (isnan(b->first) || x < e->at[i].first) {
			b->first = v;
			e->at[i].first = x;
		}
		if (isnan(b->last) || x >= e->at[i].last) {
			b->last = v;
			e->at[i].last = x;
		}
	}
}

/* Chunks from number `first` to `last`. Those that are rising and without NaN are known from their columns. */
static int add_chunks(struct store *s, int64_t series, int64_t first, int64_t last, struct envelope *e,
                      struct error *err)
{
	static const char by_step[] =
	    "SELECT count, nan_count, rising, step_low, step_high, min, max, first, last, points FROM chunk "
	    "WHERE id BETWEEN ? AND ? ORDER BY id";
	static const char by_time[] =
	    "SELECT count, nan_count, rising, time_low, time_high, min, max, first, last, points FROM chunk "
	    "WHERE id BETWEEN ? AND ? AND time_low <> 0 ORDER BY id";
	struct point block[BLOCK_POINTS];
	sqlite3_stmt *stmt =
	    e->axis == AXIS_TIME ? store_prepare(s, by_time, err) : store_prepare(s, by_step, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, series << CHUNK_BITS | first);
	sqlite3_bind_int64(stmt, 2, series << CHUNK_BITS | last);
	while ((rc = store_step(s, stmt, err)) > 0) {
		int64_t count = sqlite3_column_int64(stmt, 0);
		struct span_axis all = {.count = count,
		                        .low = sqlite3_column_int64(stmt, 3),
		                        .high = sqlite3_column_int64(stmt, 4),
		                        .min = column_double(stmt, 5),
		                        .max = column_double(stmt, 6),
		                        .first = column_double(stmt, 7),
		                        .last = column_double(stmt, 8)};
		enum place place = place_of(e, (double)all.low, (double)all.high);

		all.first_at = all.low;
		all.last_at = all.high;
		if (place == OUTSIDE)
			continue;
		if (place == WITHIN && sqlite3_column_int(stmt, 2) && !sqlite3_column_int64(stmt, 1)) {
			add_part(e, &all);
			continue;
		}
		if (series_unpack(s, stmt, 9, series, block, count, err)) {
			sqlite3_reset(stmt);
			return -1;
		}
		add_points(e, block, (size_t)count);
	}
	return rc;
}

/* Of level 0, a chunk. */
static int add_node(struct store *s, int64_t series, int level, int64_t number, struct envelope *e,
                    struct error *err)
{
	struct span parts[SPAN_PARTS];
	int rc = level ? span_read(s, series, level, number, parts, err) : 0;

	if (rc < 0 || store_interrupted(s, err))
		return -1;
	if (!rc && level <= 1) {
		int64_t first = number << SPAN_BITS * level, count = (int64_t)1 << SPAN_BITS * level;

		return add_chunks(s, series, first, first + count - 1, e, err);
	}
	for (int i = 0; i < SPAN_PARTS; i++) {
		const struct span_axis *part = &parts[i].axis[e->axis];
		enum place place = !rc           ? ACROSS
		                   : part->count ? place_of(e, (double)part->low, (double)part->high)
		                                 : OUTSIDE;

		if (place == WITHIN)
			add_part(e, part);
		else if (place == ACROSS && add_node(s, series, level - 1, (number << SPAN_BITS) + i, e, err))
			return -1;
	}
	return 0;
}

/* All points, in the order in which they came. */
static int walk(struct store *s, const struct series_head *head, struct envelope *e, struct error *err)
{
	int64_t full = head->stored / BLOCK_POINTS, done = 0;

	for (int level = SPAN_LEVELS; e->spans && level > 0; level--)
		for (; done >> SPAN_BITS * level < full >> SPAN_BITS * level; done += (int64_t)1 << SPAN_BITS * level)
			if (add_node(s, head->id, level, done >> SPAN_BITS * level, e, err))
				return -1;
	if (done * BLOCK_POINTS < head->stored &&
	    add_chunks(s, head->id, done, (head->stored - 1) / BLOCK_POINTS, e, err))
		return -1;
	add_points(e, head->tail, head->tail_count);
	return 0;
}

static void clear(struct envelope *e)
{
	for (int i = 0; i < e->buckets; i++)
		e->bucket[i] = (struct series_bucket){.first = NAN, .last = NAN, .min = NAN, .max = NAN};
}

static int envelope(struct store *s, int64_t series, struct envelope *e, struct error *err)
{
	struct series_head head;

	if (series_head(s, series, &head, err))
		return -1;
	if (e->from > e->to) {
		/* The whole range: where the points of one bucket lie that takes them all. */
		struct envelope all = *e;

		all.buckets = 1;
		all.from = -DBL_MAX;
		all.to = DBL_MAX;
		clear(&all);
		if (walk(s, &head, &all, err))
			return -1;
		if (!all.bucket->count || e->buckets == 1)
			return 0;
		e->from = all.bucket->x_low;
		e->to = all.bucket->x_high;
	}
	clear(e);
	return walk(s, &head, e, err);
}

int store_series_envelope(struct store *s, int64_t series, enum series_axis axis, double from, double to,
                          int buckets, struct arena *mem, struct series_bucket **out, size_t *count,
                          struct error *err)
{
	struct envelope e = {from, to, buckets, axis, NULL, NULL, store_schema(s) >= SCHEMA_SPANS};
	int rc;

	*out = NULL;
	*count = 0;
	if (buckets < 1 || buckets > 1000000 || !isfinite(from) || !isfinite(to))
		return error_set(err, ERR_USAGE, "a curve is asked for in 1 to 1000000 parts of a finite range");
	e.bucket = arena_array(mem, (size_t)buckets, sizeof(*e.bucket));
	e.at = xcalloc((size_t)buckets, sizeof(*e.at));
	rc = store_enter_read(s, err);
	if (!rc) {
		rc = envelope(s, series, &e, err);
		store_leave_read(s);
	}
	free(e.at);
	if (rc)
		return -1;
	for (int i = 0; i < buckets; i++)
		if (e.bucket[i].count)
			e.bucket[(*count)++] = e.bucket[i];
	*out = e.bucket;
	return 0;
}
