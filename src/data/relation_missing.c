/* Columns that go missing together: counts of every two, and of the sets that occur. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

enum { ROWS = 1 << 16, WORD = 64 };

/* The sets of missing columns in some rows: their bits as text, in order of first appearance. */
struct pattern_set {
	struct intern texts;
	uint64_t *counts, *first;
	size_t cap;
	uint64_t complete;
};

struct missing_work {
	const struct table *table;
	const size_t *columns;
	size_t count, words; /* words of a row's pattern */
	atomic_uint_fast64_t *both;
	struct pattern_set *sets; /* by part of the rows */
	struct progress *progress;
};

static void count_pattern(struct pattern_set *s, const void *bits, size_t len, uint64_t rows, uint64_t first)
{
	uint32_t id = intern_add(&s->texts, bits, len);

	if (id >= s->cap) {
		size_t cap = s->cap;

		s->counts = vec_reserve(s->counts, &cap, (size_t)id + 1, sizeof(*s->counts));
		s->first = xreallocarray(s->first, cap, sizeof(*s->first));
		memset(s->counts + s->cap, 0, (cap - s->cap) * sizeof(*s->counts));
		s->cap = cap;
	}
	if (!s->counts[id])
		s->first[id] = first;
	s->counts[id] += rows;
}

static void pattern_set_release(struct pattern_set *s)
{
	intern_release(&s->texts);
	free(s->counts);
	free(s->first);
}

/* Bit i: the column is missing in row from + i. */
static void missing_bits(const struct column *c, size_t from, size_t rows, uint64_t *bits)
{
	memset(bits, 0, (rows + WORD - 1) / WORD * sizeof(*bits));
	if (c->codes)
		for (size_t i = 0; i < rows; i++)
			bits[i / WORD] |= (uint64_t)(c->codes[from + i] == CODE_MISSING) << i % WORD;
	else if (c->packed)
		for (size_t i = 0; i < rows; i++)
			bits[i / WORD] |= (uint64_t)(c->packed[from + i] == PACKED_MISSING) << i % WORD;
	else
		for (size_t i = 0; i < rows; i++)
			bits[i / WORD] |= (uint64_t)isnan(c->values[from + i]) << i % WORD;
}

static void count_both(struct missing_work *w, const uint64_t *bits, size_t stride)
{
	for (size_t a = 0; a < w->count; a++)
		for (size_t b = a + 1; b < w->count; b++) {
			const uint64_t *x = bits + a * stride, *y = bits + b * stride;
			uint64_t both = 0;

			for (size_t i = 0; i < stride; i++)
				both += (uint64_t)__builtin_popcountll(x[i] & y[i]);
			if (both)
				atomic_fetch_add(&w->both[a * w->count + b], both);
		}
}

static void count_part(void *user, size_t part)
{
	struct missing_work *w = user;
	struct pattern_set *s = &w->sets[part];
	const size_t from = part * ROWS, left = w->table->row_count - from, rows = left < ROWS ? left : ROWS,
	             stride = (rows + WORD - 1) / WORD;
	uint64_t *bits, *pattern;

	intern_init(&s->texts);
	if (progress_stop(w->progress))
		return;
	bits = xmalloc(size_mul(size_mul(w->count, stride), sizeof(*bits)));
	pattern = xcalloc(w->words, sizeof(*pattern));
	for (size_t k = 0; k < w->count; k++)
		missing_bits(&w->table->columns[w->columns[k]], from, rows, bits + k * stride);
	count_both(w, bits, stride);
	for (size_t word = 0; word < stride; word++) {
		const size_t here = rows - word * WORD;
		uint64_t any = 0;

		for (size_t k = 0; k < w->count; k++)
			any |= bits[k * stride + word];
		s->complete += (here < WORD ? here : WORD) - (size_t)__builtin_popcountll(any);
		for (; any; any &= any - 1) {
			const int i = __builtin_ctzll(any);

			memset(pattern, 0, w->words * sizeof(*pattern));
			for (size_t k = 0; k < w->count; k++)
				pattern[k / WORD] |= (bits[k * stride + word] >> i & 1) << k % WORD;
			count_pattern(s, pattern, w->words * sizeof(*pattern), 1, from + word * WORD + (size_t)i);
		}
	}
	progress_add(w->progress, rows);
	free(pattern);
	free(bits);
}

/* ---- what came of it ---- */

static int by_phi(const void *a, const void *b)
{
	const struct relation_missing *x = a, *y = b;

	if (isnan(x->phi) != isnan(y->phi))
		return isnan(x->phi) ? 1 : -1;
	if (!isnan(x->phi) && x->phi != y->phi)
		return x->phi > y->phi ? -1 : 1;
	if (x->both != y->both)
		return x->both > y->both ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

static void take_pairs(struct relations *r, const struct missing_work *w)
{
	double n = (double)r->rows;

	r->missing = arena_array(r->arena, w->count * (w->count - 1) / 2 + 1, sizeof(*r->missing));
	for (size_t i = 0; i < w->count; i++)
		for (size_t j = i + 1; j < w->count; j++) {
			struct relation_missing *m = &r->missing[r->missing_count++];
			double a, b, both, spread;

			m->a = w->columns[i];
			m->b = w->columns[j];
			m->a_missing = w->table->columns[m->a].missing;
			m->b_missing = w->table->columns[m->b].missing;
			m->both = atomic_load(&w->both[i * w->count + j]);
			a = (double)m->a_missing;
			b = (double)m->b_missing;
			both = (double)m->both;
			spread = a * (n - a) * b * (n - b);
			m->phi = spread > 0 ? (n * both - a * b) / (sqrt(a * (n - a)) * sqrt(b * (n - b))) : (double)NAN;
			m->jaccard = both / (a + b - both);
		}
	qsort(r->missing, r->missing_count, sizeof(*r->missing), by_phi);
}

static bool is_before(const struct pattern_set *s, uint32_t a, uint32_t b)
{
	if (s->counts[a] != s->counts[b])
		return s->counts[a] > s->counts[b];
	return s->first[a] < s->first[b];
}

static void take_patterns(struct relations *r, const struct missing_work *w, const struct pattern_set *s)
{
	uint32_t best[RELATION_PATTERNS];
	size_t count = 0;

	for (uint32_t id = 0; id < s->texts.count; id++) {
		size_t at;

		if (count == RELATION_PATTERNS && !is_before(s, id, best[count - 1]))
			continue;
		count += count < RELATION_PATTERNS;
		for (at = count - 1; at > 0 && is_before(s, id, best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = id;
	}
	r->patterns = arena_array(r->arena, count + 1, sizeof(*r->patterns));
	r->pattern_count = count;
	r->pattern_all = s->texts.count;
	for (size_t i = 0; i < count; i++) {
		struct relation_pattern *p = &r->patterns[i];
		const char *bytes = s->texts.entries[best[i]].bytes;
		size_t *columns = arena_array(r->arena, w->count + 1, sizeof(*columns));

		for (size_t k = 0; k < w->count; k++) {
			uint64_t word;

			memcpy(&word, bytes + k / WORD * sizeof(word), sizeof(word));
			if (word >> k % WORD & 1)
				columns[p->column_count++] = w->columns[k];
		}
		p->columns = columns;
		p->rows = s->counts[best[i]];
		p->first_row = s->first[best[i]];
	}
}

/* The columns in which something is missing, in their order; where there are more than `most`, those in which most
 * is. */
static size_t *holed_columns(const struct table *t, size_t most, size_t *count, size_t *all)
{
	size_t *columns = xcalloc(t->column_count + 1, sizeof(*columns)), least = 1, kept = 0;

	*all = 0;
	for (size_t i = 0; i < t->column_count; i++)
		*all += t->columns[i].missing > 0;
	if (*all > most) {
		double *missing = xcalloc(t->column_count, sizeof(*missing));

		for (size_t i = 0; i < t->column_count; i++)
			missing[i] = (double)t->columns[i].missing;
		stats_sort(missing, t->column_count);
		least = (size_t)missing[t->column_count - most];
		free(missing);
	}
	/* Those above the bound first, so that columns just at it take what room is left. */
	size_t above = 0;
	for (size_t i = 0; i < t->column_count; i++)
		above += t->columns[i].missing > least;
	for (size_t i = 0; i < t->column_count; i++) {
		bool at = t->columns[i].missing == least && above < most;

		above += at;
		if (at || t->columns[i].missing > least)
			columns[kept++] = i;
	}
	*count = kept;
	return columns;
}

void relate_missing(struct relations *r, const struct table *t, size_t most, int threads,
                    struct progress *progress, struct note_list *notes)
{
	size_t count, all, parts = (t->row_count + ROWS - 1) / ROWS;
	size_t *columns = holed_columns(t, most, &count, &all);
	struct missing_work w = {.table = t, .columns = columns, .count = count, .progress = progress};
	struct pattern_set joined = {0};
	char a[NUM_TEXT], b[NUM_TEXT];

	r->complete_rows = t->row_count;
	if (count) {
		if (all > count)
			note_add(notes, NOTE_MISSING_OF "the %s of %s columns in which most is missing",
			         count_people((int64_t)count, a), count_people((int64_t)all, b));
		r->complete_rows = 0;
		w.words = (count + WORD - 1) / WORD;
		w.both = xcalloc(size_mul(count, count), sizeof(*w.both));
		w.sets = xcalloc(parts + 1, sizeof(*w.sets));
		progress_begin(progress, "looking for what is missing", "rows", t->row_count);
		parallel_chunks(parts, threads, count_part, &w);
		intern_init(&joined.texts);
		for (size_t i = 0; i < parts; i++) {
			struct pattern_set *s = &w.sets[i];

			for (uint32_t id = 0; id < s->texts.count; id++)
				count_pattern(&joined, s->texts.entries[id].bytes, s->texts.entries[id].len, s->counts[id],
				              s->first[id]);
			r->complete_rows += s->complete;
			pattern_set_release(s);
		}
		take_pairs(r, &w);
		take_patterns(r, &w, &joined);
		pattern_set_release(&joined);
		free(w.sets);
		free(w.both);
	}
	free(columns);
}
