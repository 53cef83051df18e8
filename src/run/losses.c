/*
 * losses: NaN and divergence. Careful in one direction: what a person is told of here is so. An infinite value between
 * finite ones is ordinary where mixed precision is used, and losses of games grow with the skill; so it takes three
 * values in a row, or one after which nothing came, and a factor that no learning explains.
 */
#include <math.h>

#include "assay/store_capture.h"
#include "flags.h"

enum { PAGE = 512, IN_A_ROW = 3, LAST_MS = 2000, FIRST_POINTS = 5, HIGH_POINTS = 10 };

/* How many points at the end are not finite, and where the first of them is. */
static int bad_tail(struct store *store, const struct series *s, int64_t *bad, struct point *first,
                    struct error *err)
{
	int64_t end = s->count;

	*bad = 0;
	while (end > 0) {
		int64_t from = end > PAGE ? end - PAGE : 0;
		struct arena *mem = arena_new();
		struct point *points;
		size_t count;
		bool found = false;
		if (store_series_points(store, s->id, (size_t)from, (size_t)(end - from), mem, &points, &count, err) <
		    0) {
			arena_free(mem);
			return -1;
		}
		for (size_t i = count; i-- > 0 && !found;) {
			found = isfinite(points[i].value);
			if (!found) {
				*first = points[i];
				++*bad;
			}
		}
		arena_free(mem);
		if (found || count == 0)
			break;
		end = from;
	}
	return 0;
}

static int look_at_bad(struct store *store, const struct series *s, bool final, char *out, size_t size,
                       struct error *err)
{
	struct point first = {0};
	int64_t bad;
	char *context = s->context[0] ? xasprintf("[%s]", s->context) : xstrdup("");

	if (bad_tail(store, s, &bad, &first, err) < 0) {
		free(context);
		return -1;
	}
	/* The latest by its step is not the one that came last: what came last is finite again. */
	if (bad > 0 && (final || bad >= IN_A_ROW || (s->last_time && time_now_ms() - s->last_time >= LAST_MS)))
		snprintf(out, size, "%.100s%.60s is %s at step %lld", s->name, context,
		         isnan(first.value) ? "nan"
		         : first.value > 0  ? "inf"
		                            : "-inf",
		         (long long)first.step);
	free(context);
	return 0;
}

static int look_at_high(struct store *store, const struct series *s, double factor, char *out, size_t size,
                        struct error *err)
{
	struct arena *mem = arena_new();
	struct point *points;
	size_t count;
	double high = 0, low = INFINITY;
	char text[2][NUM_TEXT];
	int result = -1;

	if (s->count < FIRST_POINTS + HIGH_POINTS) {
		result = 0;
		goto out;
	}
	if (store_series_points(store, s->id, 0, FIRST_POINTS, mem, &points, &count, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++)
		high = points[i].value > high ? points[i].value : high;
	if (store_series_points(store, s->id, (size_t)s->count - HIGH_POINTS, HIGH_POINTS, mem, &points, &count,
	                        err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++)
		low = points[i].value < low || isnan(points[i].value) ? points[i].value : low;
	if (high > 0 && count == HIGH_POINTS && low > factor * high)
		snprintf(out, size, "%.100s%s%.60s%s has diverged: %s at step %lld, %s at first", s->name,
		         s->context[0] ? "[" : "", s->context, s->context[0] ? "]" : "",
		         num_people(s->last.value, 3, text[0]), (long long)s->last.step,
		         num_people(s->first.value, 3, text[1]));
	result = 0;
out:
	arena_free(mem);
	return result;
}

int losses_look(struct store *store, int64_t run, const struct watch_settings *set, bool final, char *out,
                size_t size, struct error *err)
{
	struct arena *mem = arena_new();
	struct series *odd;
	size_t count;
	int result = store_losses_odd(store, run, set->diverged, mem, &odd, &count, err);

	out[0] = 0;
	for (size_t i = 0; result == 0 && i < count && !out[0]; i++)
		if (!isfinite(odd[i].last.value))
			result = look_at_bad(store, &odd[i], final, out, size, err);
	for (size_t i = 0; result == 0 && i < count && !out[0] && set->diverged > 0; i++)
		if (isfinite(odd[i].last.value))
			result = look_at_high(store, &odd[i], set->diverged, out, size, err);
	arena_free(mem);
	return result;
}
