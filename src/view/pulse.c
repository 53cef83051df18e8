/*
 * The pulse, on the workers' threads. The reader's share is cheap: two numbers that say whether anything was
 * committed; only then what runs is counted, and what ran before is looked at. Reading and verifying a ledger may
 * take long: where the reader has it open it is asked there, else the third thread is.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "assay/run.h"

#include "pulse.h"
#include "view_inside.h"

enum {
	TRACKED = 200,  /* runs that are watched for their end */
	NEWEST = 50,    /* runs that may have begun and ended between two looks */
	TOLD_ALONE = 3, /* more that end at once are told in one line */
	COUNTED = 1000,
	LEDGER_EVERY_MS = 30000, /* a key may have come to the agent meanwhile */
};

struct pulse {
	pthread_mutex_t lock;
	/* under the lock */
	int64_t running, queued; /* -1: not counted yet */
	int64_t to_sign;
	bool broken;
	int64_t ledger, ledger_at; /* the change that these are of; -1: none yet; when (monotonic) */
	int64_t *waiting;          /* rows of the proposals that have been told of */
	size_t waiting_count;
	/* the reader's alone */
	int64_t change, store_change, ledger_change;
	int64_t tracked[TRACKED], newest;
	char flags[TRACKED][12]; /* of those: the word of the flag that has been told */
	size_t tracked_count;
	bool looked;
};

struct pulse *view_pulse_new(void)
{
	struct pulse *p = xcalloc(1, sizeof *p);

	pthread_mutex_init(&p->lock, NULL);
	p->running = p->queued = p->ledger = -1;
	return p;
}

void view_pulse_free(struct pulse *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p->waiting);
	free(p);
}

int64_t view_pulse_running(struct ui *ui)
{
	struct pulse *p = ((struct app *)ui_app(ui))->pulse;
	int64_t n;

	pthread_mutex_lock(&p->lock);
	n = p->running < 0 ? -1 : p->running + p->queued;
	pthread_mutex_unlock(&p->lock);
	return n;
}

static void add_event(struct ui_pulse *out, struct arena *a, style_id style, const char *text,
                      const char *place)
{
	struct ui_pulse_event *events = arena_array(a, out->event_count + 1, sizeof *events);

	if (out->event_count)
		memcpy(events, out->events, out->event_count * sizeof *events);
	events[out->event_count++] = (struct ui_pulse_event){(enum style)style, text, place};
	out->events = events;
}

/* ---- runs ---- */

struct ended {
	struct run_row rows[TRACKED + NEWEST];
	size_t count;
};

/* One that ended well is told quietly: it was expected. */
static style_id style_of(const struct run_row *run)
{
	return run->status == RUN_DONE ? STYLE_MUTED : ui_status_style(store_status_name(run->status));
}

static void tell_ended(const struct desk *desk, struct arena *a, const struct ended *e, struct ui_pulse *out)
{
	size_t failed = 0;

	for (size_t i = 0; i < e->count; i++)
		failed += e->rows[i].status != RUN_DONE;
	if (e->count > TOLD_ALONE) {
		add_event(out, a, failed ? STYLE_FAILED : STYLE_MUTED,
		          failed ? arena_printf(a, "%zu runs have ended, %zu of them not well", e->count, failed)
		                 : arena_printf(a, "%zu runs are done", e->count),
		          "runs");
		return;
	}
	for (size_t i = 0; i < e->count; i++) {
		const struct run_row *run = &e->rows[i];
		const char *word = store_status_name(run->status);

		add_event(out, a, style_of(run),
		          arena_printf(a, "%s %s %s%s%s", term_glyph(desk->app->charset, ui_status_glyph(word)),
		                       run->name, word, *run->reason ? ": " : "", run->reason),
		          arena_printf(a, "run:%s", run->uuid));
	}
}

/* Runs that were running at the last look, or have come since, and are over now. */
static int find_ended(const struct desk *desk, struct pulse *p, struct arena *a, struct ended *e,
                      struct error *err)
{
	struct runs_order newest = {"id", true};
	struct runs_query q = {.filter = "", .order = &newest, .order_count = 1, .now = desk->app->fixed_now};
	struct runs_page page;
	int64_t highest = p->newest;

	for (size_t i = 0; p->looked && i < p->tracked_count; i++) {
		struct run_row *run = &e->rows[e->count];
		struct error gone;

		if (store_run_get(desk->store, p->tracked[i], a, run, &gone) == 0 && store_status_over(run->status))
			e->count++;
	}
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, p->looked ? NEWEST : 1, a, &page, err) != 0)
		return -1;
	for (size_t i = 0; i < page.count && (!p->looked || page.rows[i].id > p->newest); i++) {
		struct run_row *run = &e->rows[e->count];
		bool known = false;

		highest = page.rows[i].id > highest ? page.rows[i].id : highest;
		for (size_t k = 0; k < p->tracked_count && !known; k++)
			known = p->tracked[k] == page.rows[i].id;
		if (p->looked && !known && store_status_over(page.rows[i].status) &&
		    store_run_get(desk->store, page.rows[i].id, a, run, NULL) == 0)
			e->count++;
	}
	p->newest = highest;
	return 0;
}

/* What was raised since the last look; what was there when the workbench was opened the lists say. */
static void tell_flag(const struct desk *desk, struct pulse *p, size_t at, const struct runs_row *row,
                      const char *told, struct arena *a, struct ui_pulse *out)
{
	const char *word = run_flag_word(row->flag);

	if (*word && p->looked && strcmp(word, told) != 0)
		add_event(
		    out, a, STYLE_WARN,
		    arena_printf(a, "%s %s: %s", term_glyph(desk->app->charset, GLYPH_WARN), row->name, row->flag),
		    arena_printf(a, "run:%s", row->uuid));
	snprintf(p->flags[at], sizeof p->flags[at], "%s", word);
}

static int track(const struct desk *desk, struct pulse *p, struct arena *a, struct ui_pulse *out,
                 struct error *err)
{
	struct runs_query q = {.filter = "status = running or status = queued", .now = desk->app->fixed_now};
	int64_t *ids = arena_array(a, TRACKED, sizeof *ids);
	size_t known = p->tracked_count;
	char(*flags)[sizeof p->flags[0]] = arena_alloc(a, sizeof p->flags);
	struct runs_page page;

	memcpy(ids, p->tracked, known * sizeof *ids);
	memcpy(flags, p->flags, sizeof p->flags);
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, TRACKED, a, &page, err) != 0)
		return -1;
	for (size_t i = 0; i < page.count; i++) {
		const char *told = "";

		for (size_t k = 0; k < known; k++)
			told = ids[k] == page.rows[i].id ? flags[k] : told;
		p->tracked[i] = page.rows[i].id;
		tell_flag(desk, p, i, &page.rows[i], told, a, out);
	}
	p->tracked_count = page.count;
	return 0;
}

static int look_at_runs(const struct desk *desk, struct pulse *p, struct arena *a, struct ui_pulse *out,
                        struct error *err)
{
	struct runs_query running = {.filter = "status = running"}, queued = {.filter = "status = queued"};
	struct ended *ended = arena_alloc(a, sizeof *ended);
	int64_t runs, waits;
	bool exact;

	if (store_runs_count(desk->store, &running, COUNTED, &runs, &exact, err) != 0 ||
	    store_runs_count(desk->store, &queued, COUNTED, &waits, &exact, err) != 0 ||
	    find_ended(desk, p, a, ended, err) != 0 || track(desk, p, a, out, err) != 0)
		return -1;
	tell_ended(desk, a, ended, out);
	p->looked = true;
	pthread_mutex_lock(&p->lock);
	p->running = runs;
	p->queued = waits;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

/* ---- the ledger ---- */

static bool was_told(const struct pulse *p, int64_t row)
{
	for (size_t i = 0; i < p->waiting_count; i++)
		if (p->waiting[i] == row)
			return true;
	return false;
}

/* Costs little where the ledger is open and has not changed. */
static void look_at_ledger(struct desk *desk, struct pulse *p, struct arena *a, struct ui_pulse *out)
{
	int64_t change = view_desk_change(desk);
	size_t count;
	bool broken;
	const struct desk_waiting *waiting = view_desk_waiting(desk, &count, &broken);

	pthread_mutex_lock(&p->lock);
	/* What waited already when the workbench was opened is no news: row 0 says it. */
	for (size_t i = 0; p->ledger >= 0 && i < count; i++)
		if (!was_told(p, waiting[i].row))
			add_event(out, a, STYLE_ACCENT, arena_printf(a, "%s waits for your signature", waiting[i].text),
			          arena_printf(a, "review:%lld", (long long)waiting[i].row));
	if (broken && !p->broken)
		add_event(out, a, STYLE_BAD, "the ledger does not hold: nothing can be signed", "overview");
	if (!broken) {
		p->waiting = xrealloc(p->waiting, (count + 1) * sizeof *p->waiting);
		for (size_t i = 0; i < count; i++)
			p->waiting[i] = waiting[i].row;
		p->waiting_count = count;
	}
	p->to_sign = (int64_t)count;
	p->broken = broken;
	p->ledger = change;
	p->ledger_at = time_mono_ms();
	pthread_mutex_unlock(&p->lock);
}

static bool ledger_is_due(struct pulse *p)
{
	bool due;

	pthread_mutex_lock(&p->lock);
	due = p->ledger != p->ledger_change || (p->ledger > 0 && time_mono_ms() - p->ledger_at > LEDGER_EVERY_MS);
	pthread_mutex_unlock(&p->lock);
	return due;
}

/* ---- both ---- */

static const char *needs(struct pulse *p, struct arena *a)
{
	char number[NUM_TEXT];
	struct str text;
	const char *kept;

	str_init(&text);
	pthread_mutex_lock(&p->lock);
	if (p->running > 0)
		str_addf(&text, "%s running", count_people(p->running, number));
	if (p->queued > 0)
		str_addf(&text, "%s%s queued", text.len ? "  " : "", count_people(p->queued, number));
	if (p->to_sign > 0)
		str_addf(&text, "%s%s to sign", text.len ? "  " : "", count_people(p->to_sign, number));
	if (p->broken)
		str_addf(&text, "%sledger broken", text.len ? "  " : "");
	pthread_mutex_unlock(&p->lock);
	kept = arena_strdup(a, text.data);
	str_release(&text);
	return kept;
}

static int read_all(struct desk *desk, struct pulse *p, struct arena *a, struct ui_pulse *out,
                    struct error *err)
{
	bool first = p->change == 0;
	int64_t store = store_change(desk->store), ledger = view_desk_change(desk);

	/* The first number is that of before anything was read. */
	if (first)
		p->store_change = desk->first_change;
	if (first || store != p->store_change || ledger != p->ledger_change) {
		if ((first || store != p->store_change) && look_at_runs(desk, p, a, out, err) != 0)
			return -1;
		p->change++;
	}
	if (!first)
		p->store_change = store;
	p->ledger_change = ledger;
	if (!ledger_is_due(p))
		return 0;
	if (desk->trust || ledger == 0)
		look_at_ledger(desk, p, a, out);
	else
		out->more = true;
	return 0;
}

int view_pulse_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	struct pulse *p = desk->app->pulse;
	struct ui_pulse *out = arena_alloc(a, sizeof *out);

	*result = out;
	if (*(const bool *)arg) {
		look_at_ledger(desk, p, a, out);
	} else {
		if (read_all(desk, p, a, out, err) != 0)
			return -1;
		out->change = p->change;
		out->tend = p->tracked_count > 0;
	}
	out->needs = needs(p, a);
	return 0;
}

int view_pulse_tend(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct run_reaped reaped;

	(void)a;
	(void)arg;
	(void)result;
	return run_reap(((struct desk *)context)->store, &reaped, err);
}
