/* The profile of every column: statistics.md "One column". Exact; the formulas are in stats. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "assay/stats.h"
#include "decimal.h"
#include "facts.h"
#include "tally.h"

const double PROFILE_QUANTILE_AT[PROFILE_QUANTILES] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

/* One column's results own what they hold until they are moved, in column order, to the profile's arena. */
struct work {
	const struct table *table;
	struct column_profile *out;
	struct arena **arenas;
	struct progress *progress; /* columns */
	atomic_size_t next;
	bool
	    consumes; /* a column's values are not needed afterwards: what is done in another order is done in place */
};

/* ---- the most frequent values ---- */

struct leader {
	uint64_t count;
	double value;
	uint32_t code;
};

struct leaders {
	struct leader items[PROFILE_TOP];
	size_t count;
	const struct intern *dict; /* NULL: numbers */
};

static int entry_compare(const struct intern *d, uint32_t a, uint32_t b)
{
	const struct intern_entry *x = &d->entries[a], *y = &d->entries[b];
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->bytes, y->bytes, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool leads(const struct leaders *l, const struct leader *a, const struct leader *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return l->dict ? entry_compare(l->dict, a->code, b->code) < 0 : a->value < b->value;
}

static void offer(struct leaders *l, struct leader one)
{
	size_t at;

	if (l->count == PROFILE_TOP && !leads(l, &one, &l->items[PROFILE_TOP - 1]))
		return;
	if (l->count < PROFILE_TOP)
		l->count++;
	for (at = l->count - 1; at > 0 && leads(l, &one, &l->items[at - 1]); at--)
		l->items[at] = l->items[at - 1];
	l->items[at] = one;
}

static void take_leaders(struct column_profile *p, const struct column *c, const struct leaders *l,
                         struct arena *a)
{
	char text[TIME_TEXT];

	p->top = arena_array(a, l->count ? l->count : 1, sizeof(*p->top));
	p->top_count = l->count;
	for (size_t i = 0; i < l->count; i++) {
		const struct leader *from = &l->items[i];

		p->top[i].count = from->count;
		if (l->dict) {
			const struct intern_entry *e = &l->dict->entries[from->code];

			p->top[i].value = arena_memdup0(a, e->bytes, e->len);
			p->top[i].len = e->len;
		} else {
			p->top[i].value = arena_strdup(a, value_text(c->type, from->value, text));
			p->top[i].len = strlen(p->top[i].value);
		}
	}
}

/* ---- numbers ---- */

static bool is_sorted(const double *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i] < values[i - 1])
			return false;
	return true;
}

static void histogram(struct column_profile *p, const struct stats_sorted *sorted, struct arena *a)
{
	p->bins = stats_bin_count(sorted);
	p->edges = arena_array(a, p->bins + 1, sizeof(double));
	p->bin_counts = arena_array(a, p->bins, sizeof(uint64_t));
	stats_edges(stats_at(sorted, 0), stats_at(sorted, sorted->n - 1), p->bins, p->edges);
	stats_sorted_histogram(sorted, p->edges, p->bins, p->bin_counts);
}

/* ---- times ---- */

/* In the order of the rows; what is missing is passed over. */
static bool times_rise(const double *ms, size_t rows)
{
	double last = -(double)INFINITY;

	for (size_t i = 0; i < rows; i++) {
		if (ms[i] < last)
			return false;
		last = isnan(ms[i]) ? last : ms[i];
	}
	return true;
}

/* Of the sorted times, of which only the different ones are left. */
static void take_times(struct column_profile *p, double *sorted, size_t n, bool rising, struct arena *a)
{
	struct time_counter counter = {.any = false};
	struct time_facts *facts = arena_alloc(a, sizeof(*facts));
	size_t different = 0;

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && sorted[end] == sorted[i]; end++)
			;
		time_counter_add(&counter, sorted[i], end - i);
		sorted[different++] = sorted[i];
	}
	time_counter_facts(&counter, facts);
	time_facts_steps(sorted, different, facts);
	facts->rising = rising;
	p->time = facts;
}

/* ---- columns of numbers ---- */

/* What a thread needs for a column of numbers, kept from one to the next. */
struct scratch {
	double *values;
	int32_t *mantissas, *spare;
};

static void scratch_release(struct scratch *s)
{
	free(s->values);
	free(s->mantissas);
	free(s->spare);
}

static void *room_for(void *items, size_t count, size_t size)
{
	size_t bytes = size_mul(count, size);

	return items ? items : large_array(&bytes);
}

/* The finite values of a column: in their order first, then sorted. */
struct finite {
	double *values;
	int32_t *mantissas; /* NULL: not packed */
	size_t n;
};

static void take_packed(const struct column *c, size_t rows, bool consumes, struct scratch *s,
                        struct finite *f)
{
	const int32_t *from = c->packed;
	int32_t *to = f->mantissas =
	    consumes ? c->packed : (s->mantissas = room_for(s->mantissas, rows + 1, sizeof(*to)));

	if (c->missing == 0) {
		if (!consumes)
			memcpy(to, from, rows * sizeof(*to));
		f->n = rows;
		return;
	}
	for (size_t i = 0; i < rows; i++) {
		to[f->n] = from[i];
		f->n += from[i] != PACKED_MISSING;
	}
}

/* With the moments, since these are of the rows in their order. */
static void take_finite(const struct column *c, size_t rows, bool consumes, struct scratch *s,
                        struct finite *f, struct moments *m)
{
	*f = (struct finite){0};
	if (c->packed) {
		take_packed(c, rows, consumes, s, f);
		stats_moments_decimals(f->mantissas, f->n, c->decimals, m);
		return;
	}
	stats_moments(c->values, rows, m);
	f->values = consumes ? c->values : (s->values = room_for(s->values, rows + 1, sizeof(*s->values)));
	f->n = stats_finite(c->values, rows, f->values);
}

static struct stats_sorted sort_finite(const struct column *c, size_t rows, struct scratch *s,
                                       struct finite *f)
{
	if (f->mantissas && f->n < UINT32_MAX) {
		s->spare = room_for(s->spare, rows + 1, sizeof(*s->spare));
		return (struct stats_sorted){
		    .whole = stats_sort_ints(f->mantissas, s->spare, f->n), .places = c->decimals, .n = f->n};
	}
	if (f->mantissas) {
		f->values = s->values = room_for(s->values, rows + 1, sizeof(*s->values));
		packed_values(f->mantissas, f->n, c->decimals, f->values);
	}
	if (!is_sorted(f->values, f->n))
		stats_sort(f->values, f->n);
	return (struct stats_sorted){.values = f->values, .n = f->n};
}

/* The place behind a run of equal values, `last` being one of them. */
static size_t run_end(const struct stats_sorted *s, size_t last)
{
	const double value = stats_at(s, last);
	size_t step = 1;

	for (; last + step < s->n && stats_at(s, last + step) == value; step *= 2)
		last += step;
	for (; step > 0; step /= 2)
		if (last + step < s->n && stats_at(s, last + step) == value)
			last += step;
	return last + 1;
}

/* Runs of equal values in sorted order. They come in rising order, so that a tie never takes a place, and once there
 * are enough of them a run matters only if it is longer than the last. */
static void offer_runs(const struct stats_sorted *s, struct leaders *top)
{
	for (size_t i = 0, end; i < s->n; i = end) {
		size_t length = top->count < PROFILE_TOP ? 1 : top->items[PROFILE_TOP - 1].count + 1;

		i = s->whole ? stats_run_ints(s->whole, s->n, i, length) : stats_run(s->values, s->n, i, length);
		if (i == s->n)
			break;
		end = run_end(s, i + length - 1);
		offer(top, (struct leader){.count = end - i, .value = stats_at(s, i)});
	}
}

static void profile_values(struct column_profile *p, const struct column *c, size_t rows, bool consumes,
                           struct scratch *s, struct arena *a)
{
	struct finite f;
	struct moments m;
	struct leaders top = {.count = 0};
	size_t pos_inf = 0, n;
	struct stats_sorted sorted;
	const bool rising = c->type == COLUMN_TIME && times_rise(c->values, rows);

	take_finite(c, rows, consumes, s, &f, &m);
	n = f.n;
	p->infinite = p->count - n;
	if (c->type != COLUMN_ID) {
		p->numeric = true;
		p->mean = m.mean;
		p->sd = m.sd;
		p->variance = m.variance;
		p->skewness = m.skewness;
		p->kurtosis = m.kurtosis;
		p->min = m.min;
		p->max = m.max;
		p->sum = m.sum;
		p->lag1 = m.lag1;
		p->decimals = c->type == COLUMN_INT || c->type == COLUMN_NUM ? m.places : -1;
		if (m.neg_inf)
			offer(&top, (struct leader){.count = m.neg_inf, .value = -(double)INFINITY});
		pos_inf = m.pos_inf;
		p->distinct = (m.neg_inf > 0) + (m.pos_inf > 0);
	}
	sorted = sort_finite(c, rows, s, &f);
	/* Different ones by one unit of 32 bits are different as doubles. */
	p->distinct += sorted.whole ? stats_distinct_ints(sorted.whole, n) : stats_distinct(sorted.values, n);
	offer_runs(&sorted, &top);
	if (pos_inf)
		offer(&top, (struct leader){.count = pos_inf, .value = (double)INFINITY});
	if (p->numeric && n > 0) {
		p->mad = stats_mad(&sorted);
		for (size_t i = 0; i < PROFILE_QUANTILES; i++)
			p->quantiles[i] = stats_sorted_quantile(&sorted, PROFILE_QUANTILE_AT[i]);
		histogram(p, &sorted, a);
	}
	if (c->type == COLUMN_INT || c->type == COLUMN_NUM)
		stats_fences(&sorted, &p->fences);
	if (c->type == COLUMN_BOOL) {
		uint64_t counts[2] = {0, 0};

		for (size_t i = 0; i < n; i++)
			counts[stats_at(&sorted, i) != 0]++;
		p->entropy = stats_entropy(counts, 2);
		p->imbalance = stats_imbalance(counts, 2);
	}
	take_leaders(p, c, &top, a);
	if (c->type == COLUMN_TIME && n > 0)
		take_times(p, f.values, n, rising, a);
}

/* ---- categories ---- */

static void take_texts(struct column_profile *p, const struct intern *dict, const uint64_t *counts,
                       struct arena *a)
{
	struct text_counter *counter = text_counter_new();
	struct text_facts *facts = arena_alloc(a, sizeof(*facts));

	for (size_t i = 0; i < dict->count; i++)
		text_counter_add(counter, dict->entries[i].bytes, dict->entries[i].len, counts[i]);
	text_counter_facts(counter, a, facts);
	text_counter_free(counter);
	p->text = facts;
}

static void profile_codes(struct column_profile *p, const struct column *c, size_t rows, struct arena *a)
{
	const uint32_t *codes = c->codes;
	size_t k = c->dict->count;
	uint64_t *counts = xcalloc(k + 1, sizeof(*counts));
	struct leaders top = {.dict = c->dict};

	for (size_t i = 0; i < rows; i++)
		if (codes[i] != CODE_MISSING)
			counts[codes[i]]++;
	for (size_t i = 0; i < k; i++) {
		if (!counts[i])
			continue;
		p->distinct++;
		offer(&top, (struct leader){.count = counts[i], .code = (uint32_t)i});
	}
	if (p->distinct > 0 && c->type != COLUMN_ID) {
		p->entropy = stats_entropy(counts, k);
		p->imbalance = stats_imbalance(counts, k);
	}
	take_leaders(p, c, &top, a);
	if (p->distinct > 0)
		take_texts(p, c->dict, counts, a);
	free(counts);
}

static int by_count(const void *a, const void *b)
{
	const struct value_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->value, y->value);
}

static void take_missing(struct column_profile *p, const struct column *c, const struct reading *r,
                         struct arena *a)
{
	if (!c->missing_by || !c->missing)
		return;
	p->missing_by = arena_array(a, r->missing_count, sizeof(*p->missing_by));
	for (size_t i = 0; i < r->missing_count; i++)
		if (c->missing_by[i])
			p->missing_by[p->missing_by_count++] =
			    (struct value_count){arena_strdup(a, r->missing[i]), strlen(r->missing[i]), c->missing_by[i]};
	qsort(p->missing_by, p->missing_by_count, sizeof(*p->missing_by), by_count);
}

static void profile_column(struct work *w, size_t at, struct scratch *s)
{
	const struct column *c = &w->table->columns[at];
	struct column_profile *p = &w->out[at];
	struct arena *a = w->arenas[at] = arena_new();

	p->name = arena_strdup(a, c->name);
	p->type = c->type;
	p->roles = c->roles;
	p->missing = c->missing;
	p->count = w->table->row_count - c->missing;
	p->mean = p->sd = p->variance = p->skewness = p->kurtosis = p->min = p->max = p->sum = p->mad = p->lag1 =
	    (double)NAN;
	p->entropy = p->imbalance = (double)NAN;
	p->decimals = -1;
	p->fences = (struct fences){NAN, NAN, NAN, NAN, 0, 0, 0, 0};
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		p->quantiles[i] = (double)NAN;
	p->exact = !c->rounded;
	take_missing(p, c, &w->table->reading, a);
	if (c->codes)
		profile_codes(p, c, w->table->row_count, a);
	else
		profile_values(p, c, w->table->row_count, w->consumes, s, a);
}

/* One thread: the next column until there is none. */
static void profile_columns(void *user, size_t thread)
{
	struct work *w = user;
	struct scratch s = {0};
	size_t at;

	(void)thread;
	while ((at = atomic_fetch_add(&w->next, 1)) < w->table->column_count && !progress_stop(w->progress)) {
		profile_column(w, at, &s);
		progress_add(w->progress, 1);
	}
	scratch_release(&s);
}

static int profile(struct profile *p, const struct table *t, const struct profile_options *options,
                   bool consumes, struct error *err)
{
	int threads = options && options->threads > 0 ? options->threads : cpu_count();
	struct work w = {.table = t, .consumes = consumes, .progress = options ? options->progress : NULL};

	memset(p, 0, sizeof(*p));
	p->arena = arena_new();
	p->rows = t->row_count;
	p->column_count = t->column_count;
	p->columns = w.out = arena_array(p->arena, t->column_count + 1, sizeof(*w.out));
	/* An arena takes one thread at a time, so each column fills its own. */
	w.arenas = p->parts = arena_array(p->arena, t->column_count + 1, sizeof(struct arena *));
	p->part_count = t->column_count;
	progress_begin(w.progress, "summing up", "columns", t->column_count);
	if (options && options->weights != STATS_ONE_EACH) {
		if (profile_weighted(p, t, options, err) == 0)
			return 0;
		profile_release(p);
		return -1;
	}
	atomic_init(&w.next, 0);
	parallel_chunks((size_t)threads < t->column_count ? (size_t)threads : t->column_count, threads,
	                profile_columns, &w);
	if (!progress_stop(w.progress))
		return 0;
	profile_release(p);
	return progress_stopped(err);
}

int profile_table(struct profile *p, const struct table *t, const struct profile_options *options,
                  struct error *err)
{
	return profile(p, t, options, false, err);
}

/* Says what the profile says of bounds, beside what was inferred. */
static void add_notes(struct table *about, const char *text)
{
	const char **notes;

	if (!*text)
		return;
	notes = arena_array(about->owner->arena, about->note_count + 1, sizeof(*notes));
	memcpy(notes, about->notes, about->note_count * sizeof(*notes));
	notes[about->note_count++] = arena_memdup0(about->owner->arena, text, strcspn(text, "\n"));
	about->notes = notes;
}

int profile_files(struct profile *p, struct table *about, const char *const paths[], size_t path_count,
                  const struct reading *r, const struct profile_options *options, struct error *err)
{
	const bool said = options && options->memory;
	const uint64_t memory = memory_allowed(said ? options->memory : 0);
	struct tally *t;
	struct str bounds;
	int rc = 0;

	if (tally_read(&t, about, paths, path_count, r, options, memory, !said, err) < 0)
		return -1;
	str_init(&bounds);
	if (t) {
		progress_begin(options ? options->progress : NULL, "summing up", "columns", 0);
		tally_profile(t, p, NULL);
		tally_say_bounds(p, t->room, &bounds);
		add_notes(about, bounds.data);
	} else {
		rc = profile(p, about, options, true, err);
		table_drop_rows(about);
	}
	if (rc < 0)
		table_release(about);
	tally_free(t);
	str_release(&bounds);
	return rc;
}

void profile_release(struct profile *p)
{
	for (size_t i = 0; i < p->part_count; i++)
		arena_free(p->parts[i]);
	arena_free(p->arena);
	memset(p, 0, sizeof(*p));
}

const struct column_profile *profile_find(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->column_count; i++)
		if (!strcmp(p->columns[i].name, name))
			return &p->columns[i];
	return NULL;
}

/* What follows from the numbers of values alone is known of an id too. */
static bool all_different(const struct column_profile *c)
{
	return c->type == COLUMN_ID && !c->bounds && c->count > 1 && c->distinct == c->count;
}

double profile_entropy(const struct column_profile *c)
{
	return all_different(c) ? log2((double)c->count) : c->entropy;
}

double profile_imbalance(const struct column_profile *c)
{
	return all_different(c) ? 0 : c->imbalance;
}

uint64_t profile_top_count(const struct column_profile *c, const char *value, size_t len)
{
	for (size_t i = 0; i < c->top_count; i++)
		if (c->top[i].len == len && !memcmp(c->top[i].value, value, len))
			return c->top[i].count;
	return 0;
}

void profile_rebin(const struct column_profile *c, const double *edges, size_t bins, double *share)
{
	double total = 0;

	for (size_t i = 0; i < bins; i++)
		share[i] = 0;
	for (size_t i = 0; i < c->bins; i++)
		total += (double)c->bin_counts[i];
	if (total == 0 || bins == 0)
		return;
	for (size_t i = 0, k = 0; i < c->bins; i++) {
		double low = c->edges[i], high = c->edges[i + 1], width = high - low;

		if (!c->bin_counts[i])
			continue;
		if (!(width > 0)) {
			/* In the first that ends above it, or in the last. */
			for (k = 0; k + 1 < bins && edges[k + 1] <= low;)
				k++;
			if (low >= edges[k] && low <= edges[k + 1])
				share[k] += (double)c->bin_counts[i] / total;
			continue;
		}
		while (k > 0 && edges[k] > low)
			k--;
		for (; k < bins && edges[k] < high; k++) {
			double from = edges[k] > low ? edges[k] : low, to = edges[k + 1] < high ? edges[k + 1] : high;

			if (to > from)
				share[k] += (double)c->bin_counts[i] / total * ((to - from) / width);
		}
	}
}
