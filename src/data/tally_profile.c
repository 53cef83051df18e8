/* A tally's profile: what profile_table says of the same rows, in every bit while everything is kept; else within bounds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

/* ---- types ---- */

static void about_text(const struct estimate *e, char *out, size_t size)
{
	snprintf(out, size, "%.0f (%.0f to %.0f)", e->value, e->low, e->high);
}

static bool all_different(const struct column_facts *f, struct note_list *notes)
{
	const struct tally_column *c = f->of;
	struct estimate e;
	char text[80];

	if (c->mode == CELL_NUM && c->climbs)
		return true;
	if (c->mode == CELL_CODES)
		text_sketch_distinct(c->plain_texts ? c->plain_texts : c->texts, &e);
	else
		number_sketch_distinct(c->plain_numbers ? c->plain_numbers : c->numbers, &e);
	if (e.low == e.high)
		return e.value == (double)f->rows;
	if (e.high < (double)f->rows)
		return false;
	about_text(&e, text, sizeof(text));
	note_add(notes, "column %s has about %s different values in %llu rows: taken as all different", c->name,
	         text, (unsigned long long)f->rows);
	return true;
}

static void facts_of_texts(struct column_facts *f, const struct tally_column *c)
{
	struct estimate e;
	size_t count;
	const struct text_sketch *texts = c->plain_texts ? c->plain_texts : c->texts;
	struct text_count *all = text_sketch_all(texts, &count);
	double value;

	text_sketch_distinct(texts, &e);
	f->distinct = (uint64_t)(e.value + 0.5);
	f->all_numbers = c->all_numbers;
	f->not_utf8 = c->not_utf8 ? UINT64_MAX : 0;
	f->truth_words = c->sums && all && count > 0 && count <= TRUTH_WORDS_MOST;
	for (size_t i = 0; i < count; i++) {
		f->bytes += all[i].whole;
		f->truth_words = f->truth_words && cell_bool(all[i].bytes, all[i].len, &value);
	}
	/* As long as the texts of all rows are. */
	if (!all && f->rows > f->missing)
		f->bytes = (uint64_t)((double)c->text_bytes / (double)(f->rows - f->missing) * (double)f->distinct);
	free(all);
}

void tally_types(const struct tally *t, struct table *about, struct note_list *notes)
{
	struct column_facts *facts = xcalloc(t->column_count + 1, sizeof(*facts));
	struct reading asked;

	reading_init(&asked);
	asked.resolved = t->resolved;
	for (size_t i = 0; i < t->column_count; i++) {
		const struct tally_column *c = &t->columns[i];

		/* Only what was said of: there may be very many columns. */
		if (c->roles)
			reading_column(&asked, c->name)->roles = c->roles;
		facts[i] = (struct column_facts){.mode = c->mode,
		                                 .forced = c->forced,
		                                 .saw_number = c->saw_number,
		                                 .all_whole = c->all_whole,
		                                 .rounded = c->rounded,
		                                 .rows = t->lines,
		                                 .missing = c->empty,
		                                 .all_different = all_different,
		                                 .of = c};
		if (c->mode == CELL_CODES)
			facts_of_texts(&facts[i], c);
	}
	resolve_types(about, facts, &asked, notes);
	reading_release(&asked);
	free(facts);
}

int tally_check_positive(const struct tally *t, const struct table *about, struct error *err)
{
	const long at = table_role(about, ROLE_LABEL);
	const struct tally_column *c;
	bool found = false;

	if (!t->positive)
		return 0;
	if (at < 0)
		return error_set(err, ERR_USAGE, "--positive %s: needs --label, the column that holds it",
		                 t->positive);
	c = &t->columns[at];
	if (about->columns[at].type == COLUMN_CAT || about->columns[at].type == COLUMN_TEXT ||
	    about->columns[at].type == COLUMN_ID) {
		size_t count;
		struct text_count *all = c->texts ? text_sketch_all(c->texts, &count) : NULL;

		found = !all || text_sketch_rows(c->texts) == 0;
		for (size_t i = 0; all && i < count && !found; i++)
			found = all[i].len == strlen(t->positive) && !memcmp(all[i].bytes, t->positive, all[i].len);
		free(all);
	} else {
		struct stats_runs runs;
		double value;

		if (!column_positive(about->columns[at].type, t->positive, &value))
			value = (double)NAN;
		number_sketch_runs(c->numbers, &runs);
		found = !number_sketch_is_exact(c->numbers) || runs.count == 0;
		for (size_t i = 0; i < runs.count && !found; i++)
			found = runs.low[i] == value;
	}
	return found ? 0
	             : error_set(err, ERR_USAGE, "%s: the positive value '%s' never occurs in the label %s",
	                         about->files[0].path, t->positive, c->name);
}

/* ---- columns of numbers ---- */

struct maker {
	const struct tally *t;
	const struct tally_column *c;
	struct column_profile *p;
	struct arena *a;
	struct profile_bounds *bounds; /* where it is not exact */
};

static void put_top_number(struct maker *m, double value, uint64_t count)
{
	char text[TIME_TEXT > NUM_TEXT ? TIME_TEXT : NUM_TEXT];
	struct value_count *v = &m->p->top[m->p->top_count++];

	v->value = arena_strdup(m->a, value_text(m->p->type, value, text));
	v->len = strlen(v->value);
	v->count = count;
}

/* The sketch has the finite ones. */
static void top_numbers(struct maker *m, const struct moments *moments)
{
	struct number_count top[PROFILE_TOP + 2],
	    infinite[2] = {{-(double)INFINITY, moments->neg_inf}, {(double)INFINITY, moments->pos_inf}};
	uint64_t error;
	size_t n = number_sketch_top(m->c->numbers, top, PROFILE_TOP, &error);

	for (size_t i = 0; i < COUNT_OF(infinite) && m->p->type != COLUMN_ID; i++) {
		size_t at = n;

		if (!infinite[i].count)
			continue;
		for (; at > 0 && (top[at - 1].count < infinite[i].count ||
		                  (top[at - 1].count == infinite[i].count && top[at - 1].value > infinite[i].value));
		     at--)
			top[at] = top[at - 1];
		top[at] = infinite[i];
		n++;
		m->p->distinct++;
	}
	m->p->top = arena_array(m->a, PROFILE_TOP, sizeof(*m->p->top));
	for (size_t i = 0; i < n && i < PROFILE_TOP; i++)
		put_top_number(m, top[i].value, top[i].count);
	if (m->bounds)
		m->bounds->top_error = error;
}

static void take_moments(struct column_profile *p, const struct moments *m)
{
	p->numeric = true;
	p->mean = m->mean;
	p->sd = m->sd;
	p->variance = m->variance;
	p->skewness = m->skewness;
	p->kurtosis = m->kurtosis;
	p->min = m->min;
	p->max = m->max;
	p->sum = m->sum;
	p->lag1 = m->lag1;
}

static void take_shape(struct maker *m, const struct stats_runs *runs)
{
	struct column_profile *p = m->p;
	struct estimate e;
	uint64_t astray;

	stats_runs_mad(runs, &e);
	p->mad = e.value;
	if (m->bounds) {
		m->bounds->mad_low = e.low;
		m->bounds->mad_high = e.high;
	}
	for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
		stats_runs_quantile(runs, PROFILE_QUANTILE_AT[i], &e);
		p->quantiles[i] = e.value;
		if (m->bounds) {
			m->bounds->quantile_low[i] = e.low;
			m->bounds->quantile_high[i] = e.high;
		}
	}
	p->bins = stats_runs_bin_count(runs);
	p->edges = arena_array(m->a, p->bins + 1, sizeof(double));
	p->bin_counts = arena_array(m->a, p->bins, sizeof(uint64_t));
	stats_edges(runs->low[0], runs->high[runs->count - 1], p->bins, p->edges);
	stats_runs_histogram(runs, p->edges, p->bins, p->bin_counts, &astray);
	if (m->bounds)
		m->bounds->astray = astray;
}

static void take_times(struct maker *m, const struct stats_runs *runs)
{
	struct time_facts *facts = arena_alloc(m->a, sizeof(*facts));
	struct steps steps;

	time_counter_facts(m->c->times, facts);
	if (!m->bounds) {
		time_facts_steps(runs->low, runs->count, facts);
	} else {
		/* Of cells: the largest distance of two that stand side by side is known, the median is not. */
		stats_runs_steps(runs, &steps);
		facts->gap = steps.largest;
		facts->gap_from = steps.largest_from;
	}
	m->p->time = facts;
}

static void take_weighted(struct maker *m, const struct stats_runs *runs)
{
	struct weighted_profile *w = arena_alloc(m->a, sizeof(*w));
	double all = weight_sum_value(&m->t->weight_all);

	stats_sums_weighted(m->c->weighed, &w->moments);
	stats_runs_weighted(runs, PROFILE_QUANTILE_AT, PROFILE_QUANTILES, w->quantiles);
	w->missing = all > 0 ? weight_sum_value(&m->c->missing_weight) / all : (double)NAN;
	if (m->p->bins) {
		w->bins = arena_array(m->a, m->p->bins, sizeof(double));
		stats_runs_weighted_bins(runs, m->p->edges, m->p->bins, w->bins);
	}
	m->p->weighted = w;
}

static void take_distinct(struct maker *m, const struct estimate *e)
{
	const double most = (double)m->p->count;

	m->p->distinct = (uint64_t)(fmin(e->value, most) + 0.5);
	if (m->bounds)
		m->bounds->distinct =
		    (struct estimate){fmin(e->value, most), fmin(e->low, most), fmin(e->high, most)};
}

static void numbers_profile(struct maker *m)
{
	struct column_profile *p = m->p;
	struct stats_runs runs;
	struct moments moments;
	struct estimate distinct;
	uint64_t astray;

	number_sketch_runs(m->c->numbers, &runs);
	stats_sums_moments(m->c->sums, &moments);
	number_sketch_distinct(m->c->numbers, &distinct);
	/* Those that rise from row to row are all different. */
	if (m->bounds && m->c->any && m->c->climbs && m->t->weights != STATS_FREQUENCY)
		distinct.low = distinct.value = distinct.high = (double)number_sketch_rows(m->c->numbers);
	take_distinct(m, &distinct);
	p->infinite = moments.pos_inf + moments.neg_inf;
	top_numbers(m, &moments);
	if (p->type == COLUMN_ID)
		return;
	take_moments(p, &moments);
	if (p->type == COLUMN_INT || p->type == COLUMN_NUM)
		p->decimals = moments.places;
	if (runs.count > 0)
		take_shape(m, &runs);
	if (p->type == COLUMN_INT || p->type == COLUMN_NUM)
		stats_runs_fences(&runs, &p->fences, &astray);
	if (p->type == COLUMN_TIME && runs.count > 0)
		take_times(m, &runs);
	if (m->c->weighed)
		take_weighted(m, &runs);
	if (p->type == COLUMN_BOOL) {
		uint64_t counts[2] = {0, 0}, before = 0;

		for (size_t i = 0; i < runs.count; i++) {
			counts[runs.low[i] != 0] += runs.upto[i] - before;
			before = runs.upto[i];
		}
		p->entropy = stats_entropy(counts, 2);
		p->imbalance = stats_imbalance(counts, 2);
	}
}

/* ---- columns of texts ---- */

static void texts_profile(struct maker *m)
{
	struct column_profile *p = m->p;
	struct text_count top[PROFILE_TOP], *all;
	struct text_facts *facts;
	struct estimate distinct;
	uint64_t error;
	size_t n, count;

	text_sketch_distinct(m->c->texts, &distinct);
	take_distinct(m, &distinct);
	n = text_sketch_top(m->c->texts, top, PROFILE_TOP, &error);
	p->top = arena_array(m->a, n + 1, sizeof(*p->top));
	p->top_count = n;
	for (size_t i = 0; i < n; i++)
		p->top[i] =
		    (struct value_count){arena_memdup0(m->a, top[i].bytes, top[i].len), top[i].len, top[i].count};
	if (m->bounds)
		m->bounds->top_error = error;
	if (p->distinct == 0)
		return;
	all = text_sketch_all(m->c->texts, &count);
	if (all && p->type != COLUMN_ID) {
		uint64_t *counts = xcalloc(count + 1, sizeof(*counts));

		for (size_t i = 0; i < count; i++)
			counts[i] = all[i].count;
		p->entropy = stats_entropy(counts, count);
		p->imbalance = stats_imbalance(counts, count);
		free(counts);
	}
	free(all);
	facts = arena_alloc(m->a, sizeof(*facts));
	text_counter_facts(m->c->written, m->a, facts);
	p->text = facts;
}

/* ---- all ---- */

static int by_count(const void *a, const void *b)
{
	const struct value_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->value, y->value);
}

static void take_missing(struct maker *m)
{
	struct column_profile *p = m->p;

	if (!m->c->missing)
		return;
	p->missing_by = arena_array(m->a, m->t->missing_count, sizeof(*p->missing_by));
	for (size_t i = 0; i < m->t->missing_count; i++)
		if (m->c->missing_by[i])
			p->missing_by[p->missing_by_count++] = (struct value_count){
			    arena_strdup(m->a, m->t->missing[i]), strlen(m->t->missing[i]), m->c->missing_by[i]};
	qsort(p->missing_by, p->missing_by_count, sizeof(*p->missing_by), by_count);
}

void tally_column_profile(const struct tally *t, size_t at, const struct column *typed, struct arena *a,
                          struct column_profile *p)
{
	const struct tally_column *c = &t->columns[at];
	struct maker m = {.t = t, .c = c, .p = p, .a = a};
	const bool numbers = c->mode != CELL_CODES || typed->type == COLUMN_BOOL;
	const bool exact = numbers ? number_sketch_is_exact(c->numbers) : text_sketch_is_exact(c->texts);

	p->name = arena_strdup(a, c->name);
	p->type = typed->type;
	p->roles = typed->roles;
	p->missing = c->missing;
	p->count = t->rows - c->missing;
	p->mean = p->sd = p->variance = p->skewness = p->kurtosis = p->min = p->max = p->sum = p->mad = p->lag1 =
	    (double)NAN;
	p->entropy = p->imbalance = (double)NAN;
	p->decimals = -1;
	p->fences = (struct fences){NAN, NAN, NAN, NAN, 0, 0, 0, 0};
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		p->quantiles[i] = (double)NAN;
	p->exact = !c->rounded && exact;
	if (!exact) {
		p->bounds = m.bounds = arena_alloc(a, sizeof(*m.bounds));
		m.bounds->mad_low = m.bounds->mad_high = (double)NAN;
		for (size_t i = 0; i < PROFILE_QUANTILES; i++)
			m.bounds->quantile_low[i] = m.bounds->quantile_high[i] = (double)NAN;
	}
	take_missing(&m);
	if (numbers)
		numbers_profile(&m);
	else
		texts_profile(&m);
}

void tally_say_bounds(const struct profile *p, size_t room, struct str *notes)
{
	size_t columns = 0;

	for (size_t i = 0; i < p->column_count; i++)
		columns += p->columns[i].bounds != NULL;
	if (columns)
		str_addf(
		    notes,
		    "%zu column%s more than %zu different values, for which there is memory: quantiles, distinct and "
		    "frequent values are within bounds there (--memory)\n",
		    columns, columns == 1 ? " has" : "s have", room);
}

static int by_bytes(const void *a, const void *b)
{
	const struct tally_file *x = *(const struct tally_file *const *)a,
	                        *y = *(const struct tally_file *const *)b;

	return strcmp(x->sha256, y->sha256);
}

/* A part that is joined twice, or two that have a file in common. */
static void say_twice(const struct tally *t, struct str *notes)
{
	const struct tally_file **files = xcalloc(t->file_count + 1, sizeof(struct tally_file *)), *twice = NULL;
	size_t count = 0;

	for (size_t i = 0; i < t->file_count; i++)
		files[i] = &t->files[i];
	qsort(files, t->file_count, sizeof(struct tally_file *), by_bytes);
	for (size_t i = 1; i < t->file_count; i++)
		if (files[i]->sha256[0] && !strcmp(files[i]->sha256, files[i - 1]->sha256)) {
			twice = files[i];
			count++;
		}
	if (count)
		str_addf(notes, "%zu of %zu files %s the bytes of another (%s): their rows are counted each time\n",
		         count, t->file_count, count == 1 ? "has" : "have", twice->path);
	free(files);
}

void tally_profile(const struct tally *t, struct profile *p, struct str *notes)
{
	struct note_list said = {0};
	struct table about = {.column_count = t->column_count};

	memset(p, 0, sizeof(*p));
	p->arena = arena_new();
	p->rows = t->rows;
	p->weights = t->weights;
	p->weight = t->weights != STATS_ONE_EACH && t->weight >= 0
	                ? arena_strdup(p->arena, t->columns[t->weight].name)
	                : NULL;
	p->column_count = t->column_count;
	p->columns = arena_array(p->arena, t->column_count + 1, sizeof(*p->columns));
	reading_init(&about.reading);
	about.columns = arena_array(p->arena, t->column_count + 1, sizeof(*about.columns));
	for (size_t i = 0; i < t->column_count; i++)
		about.columns[i].name = t->columns[i].name;
	tally_types(t, &about, &said);
	for (size_t i = 0; i < t->column_count; i++)
		tally_column_profile(t, i, &about.columns[i], p->arena, &p->columns[i]);
	for (size_t i = 0; notes && i < said.count; i++)
		str_addf(notes, "%s\n", said.items[i]);
	if (notes) {
		if (p->weights == STATS_FREQUENCY && !p->rows)
			str_addf(notes, "column %s is the weight, and it is 0 in every row\n", p->weight);
		tally_say_bounds(p, t->room, notes);
		say_twice(t, notes);
	}
	note_list_release(&said);
	reading_release(&about.reading);
}
