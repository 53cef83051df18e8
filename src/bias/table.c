/* The table: cases sorted into cells once, counted at any threshold. */
#include "inside.h"

/* Rows are looked at and moved in blocks, side by side. */
enum { DIRECT_KEYS = 1 << 22, BLOCK = 1 << 16 };

void spread_add(struct spread *to, const struct spread *from)
{
	double n = to->n + from->n, apart = from->mean - to->mean;
	if (!(from->n > 0))
		return;
	to->m2 += from->m2 + apart * apart * to->n * from->n / n;
	to->mean += apart * from->n / n;
	to->n = n;
}

/* ---- what comes in ---- */

struct looking {
	const struct bias_cases *in;
	atomic_bool wrong;
};

static bool codes_fit(const struct bias_column *c, size_t from, size_t to)
{
	uint32_t most = 0; /* of code + 1: 0 where it is missing */
	for (size_t i = from; i < to; i++)
		most = c->code[i] + 1 > most ? c->code[i] + 1 : most;
	return most <= c->group_count;
}

/* Whether there is anything wrong with the rows of a block; what it is, check_rows looks up. */
static void look_at_block(void *user, size_t block)
{
	struct looking *l = user;
	const struct bias_cases *in = l->in;
	size_t from = block * BLOCK, to = from + BLOCK < in->n ? from + BLOCK : in->n;
	bool fit = !in->stratum || codes_fit(in->stratum, from, to);
	uint8_t bits = 0;
	uint64_t largest = 0; /* score, as bits without the sign: infinity and NaN come last */
	for (size_t c = 0; c < in->column_count; c++)
		fit &= codes_fit(&in->columns[c], from, to);
	for (size_t i = from; i < to; i++)
		bits |= in->label[i];
	for (size_t i = from; i < to && in->decision; i++)
		bits |= in->decision[i];
	for (size_t i = from; i < to && in->score; i++) {
		uint64_t score;
		memcpy(&score, &in->score[i], sizeof score);
		largest = score << 1 > largest ? score << 1 : largest;
	}
	if (!fit || bits > 1 || largest >= UINT64_C(0x7ff) << 53)
		atomic_store_explicit(&l->wrong, true, memory_order_relaxed);
}

static int check_column(const struct bias_column *c, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (c->code[i] >= c->group_count && c->code[i] != BIAS_MISSING)
			return error_set(err, ERR_USAGE, "%s: case %zu has a group that is not there", c->name, i + 1);
	return 0;
}

/* The first thing that is wrong. */
static int check_rows(const struct bias_cases *in, struct error *err)
{
	for (size_t c = 0; c < in->column_count; c++)
		if (check_column(&in->columns[c], in->n, err) != 0)
			return -1;
	if (in->stratum && check_column(in->stratum, in->n, err) != 0)
		return -1;
	for (size_t i = 0; i < in->n; i++) {
		if (in->label[i] > 1)
			return error_set(err, ERR_USAGE, "case %zu: the label is neither 0 nor 1", i + 1);
		if (in->decision && in->decision[i] > 1)
			return error_set(err, ERR_USAGE, "case %zu: the decision is neither 0 nor 1", i + 1);
		if (in->score && !isfinite(in->score[i]))
			return error_set(err, ERR_USAGE, "case %zu: the score is not a number", i + 1);
	}
	return 0;
}

static int check_names(const struct bias_cases *in, struct error *err)
{
	for (size_t i = 0; i < in->column_count; i++) {
		if (in->columns[i].group_count >= BIAS_MISSING)
			return error_set(err, ERR_USAGE, "%s: too many groups", in->columns[i].name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(in->columns[i].name, in->columns[j].name) == 0)
				return error_set(err, ERR_USAGE, "%s is named twice", in->columns[i].name);
	}
	if (in->stratum && in->stratum->group_count >= BIAS_MISSING)
		return error_set(err, ERR_USAGE, "%s: too many groups", in->stratum->name);
	return 0;
}

static int check(const struct bias_cases *in, int threads, struct error *err)
{
	if (in->n == 0)
		return error_set(err, ERR_USAGE, "there are no cases to compare");
	if (in->column_count == 0)
		return error_set(err, ERR_USAGE, "there is no column to divide the cases by");
	if (in->column_count > BIAS_COLUMNS_MAX)
		return error_set(err, ERR_USAGE, "%zu columns to divide the cases by: %d at most", in->column_count,
		                 BIAS_COLUMNS_MAX);
	if (!in->score == !in->decision)
		bug("bias: either scores or decisions");
	if (check_names(in, err) != 0)
		return -1;
	struct looking l = {.in = in};
	parallel_chunks((in->n + BLOCK - 1) / BLOCK, threads, look_at_block, &l);
	return atomic_load(&l.wrong) ? check_rows(in, err) : 0;
}

static void copy_column(struct bias_table *t, const struct bias_column *from)
{
	struct bias_column *to = &t->columns[t->column_count++];
	const char **names = arena_array(t->mem, from->group_count + 1, sizeof *names);
	for (size_t g = 0; g < from->group_count; g++)
		names[g] = arena_strdup(t->mem, from->group[g]);
	names[from->group_count] = "(missing)";
	*to = (struct bias_column){
	    .name = arena_strdup(t->mem, from->name), .group = names, .group_count = from->group_count};
}

/* ---- cells ---- */

static int by_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Rare: more combinations than a table of them can hold. */
static uint64_t *keys_sorted(const uint32_t *cell, const uint32_t *code, uint64_t radix, size_t n,
                             size_t *count)
{
	uint64_t *keys = xreallocarray(NULL, n, sizeof *keys);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		keys[i] = cell[i] * radix + (code[i] == BIAS_MISSING ? radix - 1 : code[i]);
	qsort(keys, n, sizeof *keys, by_key);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || keys[kept - 1] != keys[i])
			keys[kept++] = keys[i];
	*count = kept;
	return keys;
}

/* Divides the cells by one more column: cell[i] becomes the rank of (cell, code) among those that occur, so
 * that cells do not depend on the order of the rows. *keys: (old cell) * radix + code of each new cell. */
static size_t divide_cells(uint32_t *cell, size_t cells, const uint32_t *code, uint64_t radix, size_t n,
                           uint64_t **keys)
{
	size_t count = 0;
	bool same = true;
	if (cells * radix > DIRECT_KEYS) {
		*keys = keys_sorted(cell, code, radix, n, &count);
		for (size_t i = 0; i < n; i++) {
			uint64_t key = cell[i] * radix + (code[i] == BIAS_MISSING ? radix - 1 : code[i]);
			cell[i] = (uint32_t)((uint64_t *)bsearch(&key, *keys, count, sizeof key, by_key) - *keys);
		}
		return count;
	}
	uint32_t none = (uint32_t)(radix - 1), *rank = xcalloc(cells * radix, sizeof *rank);
	for (size_t i = 0; i < n; i++) {
		cell[i] = cell[i] * (uint32_t)radix + (code[i] == BIAS_MISSING ? none : code[i]);
		rank[cell[i]] = 1;
	}
	*keys = xreallocarray(NULL, cells * radix, sizeof **keys);
	for (size_t key = 0; key < cells * radix; key++)
		if (rank[key]) {
			same = same && key == count;
			(*keys)[count] = key;
			rank[key] = (uint32_t)count++;
		}
	for (size_t i = 0; i < n && !same; i++)
		cell[i] = rank[cell[i]];
	free(rank);
	return count;
}

static void add_codes(struct bias_table *t, const uint64_t *keys, size_t count, size_t column, uint64_t radix)
{
	uint32_t *code = arena_array(t->mem, size_mul(count, t->column_count), sizeof *code);
	for (size_t i = 0; i < count; i++) {
		if (column > 0)
			memcpy(&code[i * t->column_count], &t->code[keys[i] / radix * t->column_count],
			       column * sizeof *code);
		code[i * t->column_count + column] = (uint32_t)(keys[i] % radix);
	}
	t->code = code;
	t->cell_count = count;
}

/* The cell of every case; the codes of every cell. Caller frees. */
static uint32_t *sort_into_cells(struct bias_table *t, const struct bias_cases *in)
{
	uint32_t *cell = xcalloc(in->n, sizeof *cell);
	t->cell_count = 1;
	for (size_t i = 0; i < t->column_count; i++) {
		const struct bias_column *from = i == t->stratum ? in->stratum : &in->columns[i];
		uint64_t *keys, radix = from->group_count + 1;
		size_t count = divide_cells(cell, t->cell_count, from->code, radix, in->n, &keys);
		add_codes(t, keys, count, i, radix);
		free(keys);
	}
	return cell;
}

static void count_decisions(struct bias_table *t, const struct bias_cases *in, const uint32_t *cell)
{
	for (size_t i = 0; i < in->n; i++)
		t->cells[cell[i]].decided.c[in->label[i] * 2 + in->decision[i]]++;
}

static void sort_cell(void *user, size_t chunk)
{
	struct bias_table *t = user;
	struct cell *c = &t->cells[chunk / 2];
	size_t label = chunk % 2, n = c->end[label] - c->first[label];
	double *score = t->score + c->first[label], sum = 0, m2 = 0;
	if (n == 0)
		return;
	stats_sort(score, n);
	for (size_t i = 0; i < n; i++)
		sum += score[i];
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		m2 += (score[i] - mean) * (score[i] - mean);
	c->score[label] = (struct spread){(double)n, mean, m2};
}

/* Where the scores of each block go: next[block][cell and label]. */
struct moving {
	struct bias_table *t;
	const struct bias_cases *in;
	const uint32_t *cell;
	size_t rows, places; /* of a block */
	size_t *next;
};

static void count_block(void *user, size_t block)
{
	const struct moving *m = user;
	size_t *next = m->next + block * m->places, end = (block + 1) * m->rows;
	for (size_t i = block * m->rows; i < end && i < m->in->n; i++)
		next[m->cell[i] * 2 + m->in->label[i]]++;
}

static void move_block(void *user, size_t block)
{
	const struct moving *m = user;
	size_t *next = m->next + block * m->places, end = (block + 1) * m->rows;
	for (size_t i = block * m->rows; i < end && i < m->in->n; i++)
		m->t->score[next[m->cell[i] * 2 + m->in->label[i]]++] = m->in->score[i];
}

static void sort_scores(struct bias_table *t, const struct bias_cases *in, const uint32_t *cell, int threads)
{
	struct moving m = {.t = t, .in = in, .cell = cell, .places = t->cell_count * 2};
	/* Blocks so long that their counts are fewer than their rows. */
	m.rows = m.places > BLOCK ? m.places : BLOCK;
	size_t at = 0, blocks = (in->n + m.rows - 1) / m.rows;
	m.next = xcalloc(size_mul(blocks, m.places), sizeof *m.next);
	parallel_chunks(blocks, threads, count_block, &m);
	for (size_t i = 0; i < m.places; i++) {
		struct cell *c = &t->cells[i / 2];
		c->first[i % 2] = at;
		for (size_t b = 0; b < blocks; b++) {
			size_t here = m.next[b * m.places + i];
			m.next[b * m.places + i] = at;
			at += here;
		}
		c->end[i % 2] = at;
	}
	t->score = xreallocarray(NULL, in->n, sizeof *t->score);
	parallel_chunks(blocks, threads, move_block, &m);
	free(m.next);
	parallel_chunks(t->cell_count * 2, threads, sort_cell, t);
	t->probabilities = true;
	for (size_t i = 0; i < t->cell_count * 2; i++) {
		const struct cell *c = &t->cells[i / 2];
		if (c->first[i % 2] < c->end[i % 2])
			t->probabilities &= t->score[c->first[i % 2]] >= 0 && t->score[c->end[i % 2] - 1] <= 1;
	}
}

int bias_table_new(const struct bias_cases *in, const struct bias_table_options *options,
                   struct bias_table **out, struct error *err)
{
	int threads = options ? options->threads : 0;
	if (check(in, threads, err) != 0)
		return -1;
	struct bias_table *t = xcalloc(1, sizeof *t);
	t->mem = arena_new();
	t->n = in->n;
	t->has_scores = in->score;
	t->stratum = in->stratum ? in->column_count : BIAS_NONE;
	t->columns = arena_array(t->mem, in->column_count + 1, sizeof *t->columns);
	for (size_t i = 0; i < in->column_count; i++)
		copy_column(t, &in->columns[i]);
	if (in->stratum)
		copy_column(t, in->stratum);
	uint32_t *cell = sort_into_cells(t, in);
	t->cells = arena_array(t->mem, t->cell_count, sizeof *t->cells);
	if (in->score)
		sort_scores(t, in, cell, threads);
	else
		count_decisions(t, in, cell);
	free(cell);
	partitions_make(t, options && options->depth > 0 ? options->depth : 1,
	                options && options->support ? options->support : BIAS_SUPPORT);
	*out = t;
	return 0;
}

void bias_table_free(struct bias_table *t)
{
	if (!t)
		return;
	free(t->score);
	arena_free(t->mem);
	free(t);
}

size_t bias_cases_count(const struct bias_table *t)
{
	return t->n;
}

bool bias_has_scores(const struct bias_table *t)
{
	return t->has_scores;
}

/* ---- counting ---- */

/* Scores at or above the threshold, of score[first, end). */
static uint64_t selected(const double *score, size_t first, size_t end, double threshold)
{
	size_t low = first, high = end;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (score[middle] < threshold)
			low = middle + 1;
		else
			high = middle;
	}
	return end - low;
}

static struct counts cell_counts(const struct bias_table *t, const struct cell *c, double threshold)
{
	struct counts k = c->decided;
	if (!t->has_scores)
		return k;
	k.c[FP] = selected(t->score, c->first[0], c->end[0], threshold);
	k.c[TP] = selected(t->score, c->first[1], c->end[1], threshold);
	k.c[TN] = c->end[0] - c->first[0] - k.c[FP];
	k.c[FN] = c->end[1] - c->first[1] - k.c[TP];
	return k;
}

void table_counts(const struct bias_table *t, size_t by, double threshold, struct counts *out)
{
	const struct partition *p = &t->partitions[by];
	memset(out, 0, p->about.group_count * sizeof *out);
	for (size_t i = 0; i < t->cell_count; i++)
		if (p->group_of[i] != BIAS_NONE) {
			struct counts k = cell_counts(t, &t->cells[i], threshold);
			counts_add(&out[p->group_of[i]], &k);
		}
}

struct counts *table_strata(const struct bias_table *t, size_t by, double threshold, size_t *strata)
{
	const struct partition *p = &t->partitions[by];
	size_t groups = p->about.group_count, count = 1;
	if (t->stratum != BIAS_NONE)
		count = t->columns[t->stratum].group_count + 1;
	struct counts *out = xcalloc(size_mul(count, groups) + 1, sizeof *out);
	for (size_t i = 0; i < t->cell_count; i++)
		if (p->group_of[i] != BIAS_NONE) {
			size_t s = t->stratum == BIAS_NONE ? 0 : t->code[i * t->column_count + t->stratum];
			struct counts k = cell_counts(t, &t->cells[i], threshold);
			counts_add(&out[s * groups + p->group_of[i]], &k);
		}
	*strata = count;
	return out;
}
