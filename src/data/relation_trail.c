/* What should have nothing to do with the label: the order of the rows, and what names them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

/* ---- places ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_at(const struct intern_entry *e, size_t at)
{
	size_t n = 0;

	while (at + n < e->len && is_digit(e->bytes[at + n]))
		n++;
	return n;
}

/* Of two runs of digits; and moves behind them. */
static int compare_digits(const struct intern_entry *a, size_t *i, const struct intern_entry *b, size_t *j)
{
	size_t la = digits_at(a, *i), lb = digits_at(b, *j);
	const size_t end_a = *i + la, end_b = *j + lb;
	int order = 0;

	while (la > 1 && a->bytes[end_a - la] == '0')
		la--;
	while (lb > 1 && b->bytes[end_b - lb] == '0')
		lb--;
	if (la != lb)
		order = la < lb ? -1 : 1;
	else
		order = memcmp(a->bytes + end_a - la, b->bytes + end_b - lb, la);
	*i = end_a;
	*j = end_b;
	return order;
}

/* Natural order; those that are the same in it ("7", "07") by their bytes. */
static int compare_entries(const struct intern_entry *a, const struct intern_entry *b)
{
	const size_t least = a->len < b->len ? a->len : b->len;
	size_t i = 0, j = 0;
	int order;

	while (i < a->len && j < b->len) {
		if (is_digit(a->bytes[i]) && is_digit(b->bytes[j])) {
			if ((order = compare_digits(a, &i, b, &j)) != 0)
				return order;
		} else if (a->bytes[i] != b->bytes[j]) {
			return (unsigned char)a->bytes[i] < (unsigned char)b->bytes[j] ? -1 : 1;
		} else {
			i++;
			j++;
		}
	}
	if (i < a->len || j < b->len)
		return i < a->len ? 1 : -1;
	order = memcmp(a->bytes, b->bytes, least);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* What most texts are told apart by: where their bytes begin to differ, a run of digits as "0", how many there are (at
 * most 255: where there are more, nothing follows) and they. In this order texts are in natural order as far as it goes. */
struct head {
	uint64_t bytes[2];
	const struct intern_entry *entry;
};

enum { HEAD = 16 };

/* Whether there is room for more. */
static bool head_add(unsigned char *out, size_t *at, unsigned char byte)
{
	if (*at < HEAD)
		out[(*at)++] = byte;
	return *at < HEAD;
}

static struct head head_of(const struct intern_entry *e, size_t from)
{
	unsigned char out[HEAD] = {0};
	struct head head = {.entry = e};
	size_t at = 0;

	while (from < e->len) {
		size_t digits = digits_at(e, from);

		if (!digits) {
			if (!head_add(out, &at, (unsigned char)e->bytes[from++]))
				break;
			continue;
		}
		for (; digits > 1 && e->bytes[from] == '0'; digits--)
			from++;
		if (!head_add(out, &at, '0') || !head_add(out, &at, digits < 255 ? (unsigned char)digits : 255) ||
		    digits >= 255)
			break;
		for (; digits; digits--)
			head_add(out, &at, (unsigned char)e->bytes[from++]);
	}
	for (size_t i = 0; i < HEAD; i++)
		head.bytes[i / 8] = head.bytes[i / 8] << 8 | out[i];
	return head;
}

static int compare_heads(const void *x, const void *y)
{
	const struct head *a = x, *b = y;

	if (a->bytes[0] != b->bytes[0])
		return a->bytes[0] < b->bytes[0] ? -1 : 1;
	if (a->bytes[1] != b->bytes[1])
		return a->bytes[1] < b->bytes[1] ? -1 : 1;
	return compare_entries(a->entry, b->entry);
}

/* So many bytes are the same in all texts, the digits at their end left out. */
static size_t common_bytes(const struct intern *dict)
{
	const struct intern_entry *first = dict->entries;
	size_t same = dict->count ? first->len : 0;

	for (size_t i = 1; i < dict->count; i++) {
		const struct intern_entry *e = &dict->entries[i];
		size_t k = 0;

		while (k < same && k < e->len && e->bytes[k] == first->bytes[k])
			k++;
		same = k;
	}
	while (same && is_digit(first->bytes[same - 1]))
		same--;
	return same;
}

/* By code, where its text stands among all. */
static double *text_places(const struct intern *dict)
{
	struct head *sorted = xcalloc(dict->count + 1, sizeof(*sorted));
	double *place = xmalloc(size_mul(dict->count + 1, sizeof(*place)));
	const size_t from = common_bytes(dict);

	for (size_t i = 0; i < dict->count; i++)
		sorted[i] = head_of(&dict->entries[i], from);
	qsort(sorted, dict->count, sizeof(*sorted), compare_heads);
	for (size_t i = 0; i < dict->count; i++)
		place[sorted[i].entry - dict->entries] = (double)i;
	free(sorted);
	return place;
}

/* One number a row, NaN where it or the label is missing. */
static void order_values(const struct column *label, size_t n, double *values)
{
	size_t place = 0;

	for (size_t i = 0; i < n; i++)
		values[i] = column_is_missing(label, i) ? (double)NAN : (double)++place;
}

static void id_values(const struct column *id, const struct column *label, size_t n,
                      const struct progress *progress, double *values)
{
	uint32_t *ranks;
	double *place = id->codes ? text_places(id->dict) : NULL;

	for (size_t i = 0; i < n; i++)
		values[i] = column_is_missing(id, i) || column_is_missing(label, i) ? (double)NAN
		            : place                                                 ? place[id->codes[i]]
		                                                                    : column_number(id, i);
	free(place);
	ranks = xmalloc(size_mul(n + 1, sizeof(*ranks)));
	stats_ranks_twice(values, n, ranks, progress);
	for (size_t i = 0; i < n && !progress_stop(progress); i++)
		values[i] = ranks[i] ? ranks[i] / 2.0 : (double)NAN;
	free(ranks);
}

/* ---- what they tell ---- */

/* Of how many rows a row's value stands in, on average. */
static double rows_a_value(const struct side *s)
{
	uint64_t *rows = xcalloc(s->n + 1, sizeof(*rows));
	double all = 0, squares = 0;

	for (size_t i = 0; i < s->n; i++)
		rows[s->ranks[i] / 2] += s->ranks[i] > 0;
	for (size_t i = 0; i <= s->n; i++) {
		all += (double)rows[i];
		squares += (double)rows[i] * (double)rows[i];
	}
	free(rows);
	return all > 0 ? squares / all : 1;
}

static void judge(struct relation_trail *trail, const struct side *place, size_t trails)
{
	const struct relation *p = &trail->with;
	const bool numbers = p->kind == RELATION_NUMBERS, has_auc = !isnan(p->auc.value);
	const double share = numbers ? p->spearman.r * p->spearman.r : p->anova.eta2,
	             strength = numbers && !has_auc ? fabs(p->spearman.r) : p->strength;
	const size_t n = numbers ? p->spearman.n : p->n;

	trail->p = stats_rank_p(share, n, numbers ? 1 : p->anova.df_between, rows_a_value(place));
	trail->tells = trail->p <= RELATION_TELLS_P / (double)trails && strength >= RELATION_TELLS;
	trail->leaks = trail->tells && (has_auc ? p->auc.low >= RELATION_LEAK || p->auc.high <= 1 - RELATION_LEAK
	                                        : strength >= RELATION_LEAK);
}

static void say(const struct relations *r, const struct relation_trail *trail, struct note_list *notes)
{
	const char *label = r->names[r->label], *knows = trail->leaks ? "knows the label" : "tells of the label";

	if (trail->kind == TRAIL_ORDER)
		note_add(notes, "the order of the rows %s %s: were they sorted, or joined from parts, by it?", knows,
		         label);
	else
		note_add(notes, "%s, which names rows, %s %s: was it given out by class?", r->names[trail->with.a],
		         knows, label);
}

static void relate_trail(struct relations *r, const struct table *t, struct side *sides,
                         struct relation_trail *trail, double *values, int threads, struct progress *progress)
{
	static const uint32_t at[] = {0, 1};
	const size_t column = trail->with.a;
	const struct column place = {.name = r->names[column], .type = COLUMN_NUM, .values = values};
	struct pairs p = {
	    .sides = sides, .at = at, .list = &trail->with, .count = 1, .for_label = true, .binary = r->binary};

	if (trail->kind == TRAIL_ORDER)
		order_values(&sides[1].column, t->row_count, values);
	else
		id_values(&t->columns[column], &sides[1].column, t->row_count, progress, values);
	side_init(&sides[0], &place, t->row_count, progress);
	relate_pairs(&p, threads, progress);
	if (!progress_stop(progress))
		judge(trail, &sides[0], r->trail_count);
	side_release(&sides[0]);
}

void relate_trails(struct relations *r, const struct table *t, const struct column *label, int threads,
                   struct progress *progress, struct note_list *notes)
{
	struct side sides[2];
	double *values = xmalloc(size_mul(t->row_count + 1, sizeof(*values)));

	r->trails = arena_array(r->arena, t->column_count + 1, sizeof(*r->trails));
	r->trails[r->trail_count++].with.a = t->column_count;
	for (size_t i = 0; i < t->column_count; i++)
		if (names_rows(&t->columns[i]) && (long)i != r->label) {
			r->trails[r->trail_count].kind = t->columns[i].codes ? TRAIL_TEXTS : TRAIL_NUMBERS;
			r->trails[r->trail_count++].with.a = i;
		}
	side_init(&sides[1], label, t->row_count, progress);
	for (size_t i = 0; i < r->trail_count && !progress_stop(progress); i++) {
		r->trails[i].with.b = (size_t)r->label;
		relate_trail(r, t, sides, &r->trails[i], values, threads, progress);
		if (r->trails[i].tells)
			say(r, &r->trails[i], notes);
	}
	side_release(&sides[1]);
	free(values);
}
