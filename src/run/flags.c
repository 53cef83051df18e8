/* flags: is a run still what "running" promises? Looked at every second, and cheap. */
#include <math.h>

#include "assay/store_capture.h"
#include "flags.h"

enum {
	LOOK_MS = 1000,
	POINTS_MS = 1000, /* and not more than a fiftieth of the time */
	AFTER_MS = 10000,
	TOGETHER_PART = 60, /* of least_ms: what comes closer together is one report */
	GAPS_LEAST = 5,     /* fewer are no habit */
	STOPPED_LOOKS = 2,  /* a stop for a moment is nothing to tell */
	PAUSE_MS = 5000     /* no look for so long: we were not running ourselves */
};

/* ---- silence ---- */

void quiet_begin(struct quiet *q, const struct watch_settings *set)
{
	*q = (struct quiet){.together = set->least_ms / TOGETHER_PART};
}

void quiet_heard(struct quiet *q, int64_t now)
{
	if (!q->first) {
		q->first = q->last = now;
		return;
	}
	if (now - q->last >= q->together)
		q->gaps[q->count++ % QUIET_GAPS] = now - q->last;
	q->last = now;
}

static int by_length(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int64_t quiet_too_long(struct quiet *q, const struct watch_settings *set, int64_t now, int64_t *usual)
{
	int64_t gaps[QUIET_GAPS], silent = now - q->last, most;
	size_t n = q->count < QUIET_GAPS ? q->count : QUIET_GAPS;
	bool paused = q->looked && now - q->looked > PAUSE_MS;

	q->looked = now;
	/* Whoever stopped us or the machine may have stopped the command, too: it gets its time again. */
	if (paused && q->first)
		q->last = now;
	if (paused || set->stalled <= 0 || n < GAPS_LEAST || q->last - q->first < set->least_ms ||
	    silent < set->least_ms)
		return 0;
	memcpy(gaps, q->gaps, n * sizeof *gaps);
	qsort(gaps, n, sizeof *gaps, by_length);
	*usual = gaps[n / 2];
	/* It has been silent for long before, and went on. */
	most = 2 * gaps[n - 1];
	if ((double)silent < set->stalled * (double)*usual || silent < most)
		return 0;
	return silent;
}

/* ---- the flag ---- */

void flags_begin(struct flags *f, const struct watch_settings *set)
{
	*f = (struct flags){.set = *set, .next = time_mono_ms() + LOOK_MS};
	quiet_begin(&f->quiet, set);
}

void flags_heard(struct flags *f)
{
	quiet_heard(&f->quiet, time_mono_ms());
}

/* Said in steps, so that the store is not written for every second of silence. */
static int64_t in_steps(int64_t ms)
{
	int64_t step = 1000;

	while (step * 2 <= ms)
		step *= 2;
	return ms - ms % (step / 4 > 1000 ? step / 4 : 1000);
}

/* The store has what came by any way, clients of other tools' interfaces included. */
static void look_at_points(struct flags *f, struct store *store, int64_t run)
{
	int64_t began = time_mono_ms(), points, spent;
	struct error err;

	if (f->told && f->counted > f->quiet.last + AFTER_MS)
		return;
	if (began < f->next_points || store_points_count(store, run, &points, &err) < 0)
		return;
	if (points != f->points) {
		f->points = points;
		f->points_at = began;
		/* What the supervisor itself brought it has heard already. */
		if (f->quiet.last <= f->counted)
			quiet_heard(&f->quiet, began);
	}
	f->counted = began;
	/* A value that nothing followed is judged a little later, too. */
	if (began - f->points_at < AFTER_MS)
		losses_look(store, run, &f->set, false, f->loss, sizeof f->loss, &err);
	spent = time_mono_ms() - began;
	f->next_points = began + (50 * spent > POINTS_MS ? 50 * spent : POINTS_MS);
}

void flags_look(struct flags *f, struct store *store, int64_t run, pid_t root)
{
	int64_t now = time_mono_ms(), usual, silent;
	char text[sizeof f->shown] = "", a[TIME_TEXT], b[TIME_TEXT];
	uint64_t ticks = 0;
	pid_t stopped = root ? proc_stopped(root, &ticks) : 0;

	f->next = now + LOOK_MS;
	look_at_points(f, store, run);
	silent = quiet_too_long(&f->quiet, &f->set, now, &usual);
	f->stopped = !stopped ? 0 : f->stopped && ticks != f->ticks ? 1 : f->stopped + 1;
	f->ticks = ticks;
	if (f->stopped >= STOPPED_LOOKS)
		snprintf(text, sizeof text, "stopped (SIGSTOP): kill -CONT %d lets it go on", (int)stopped);
	else if (f->loss[0])
		snprintf(text, sizeof text, "%s", f->loss);
	else if (silent)
		snprintf(text, sizeof text, "stalled: nothing for %s (usually every %s)",
		         time_span(in_steps(silent), a), time_span(usual < 1000 ? 1000 : usual, b));
	if (strcmp(text, f->shown) != 0 && store_run_flag(store, run, text, time_now_ms(), NULL) == 0)
		memcpy(f->shown, text, sizeof text);
}

int flags_settle(struct store *store, int64_t run, const struct watch_settings *set, bool final,
                 struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row row;
	char text[256];
	int result = -1;

	if (store_run_get(store, run, mem, &row, err) < 0 ||
	    losses_look(store, run, set, final, text, sizeof text, err) < 0)
		goto out;
	result =
	    strcmp(row.flag, text) == 0
	        ? 0
	        : store_run_flag(store, run, text, row.flagged && text[0] ? row.flagged : time_now_ms(), err);
out:
	arena_free(mem);
	return result;
}
