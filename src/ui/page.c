/* Pages made of rows that are all at hand: sorted by several keys, with sums of their columns, found by words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct ui_page *ui_page_of(struct arena *arena, const struct ui_ask_rows *ask, struct ui_row *rows,
                           size_t count)
{
	struct ui_page *p = arena_alloc(arena, sizeof *p);

	p->arena = arena;
	p->generation = ask->generation;
	p->rows = rows;
	p->count = count;
	p->at_start = p->at_end = true;
	p->total = (int64_t)count;
	return p;
}

/* ---- what a cell is worth ---- */

/* The texts that measurements have and num_parse does not take. */
static bool not_finite(const char *text, double *value)
{
	static const struct {
		const char *text;
		double value;
	} words[] = {{"nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcmp(text, words[i].text)) {
			*value = words[i].value;
			return true;
		}
	return false;
}

bool table_text_number(const char *text, double *value)
{
	char plain[NUM_TEXT];
	size_t len = strlen(text), n = 0;

	if (num_parse(text, len, value) || not_finite(text, value))
		return true;
	/* "1,284" and "71%" are numbers as people write them. */
	if (len && text[len - 1] == '%')
		len--;
	for (size_t i = 0; i < len && n < sizeof plain; i++)
		if (text[i] != ',')
			plain[n++] = text[i];
	return n && n < sizeof plain && num_parse(plain, n, value);
}

/* Its own key to sort by, or a text that reads as a number. */
static bool cell_number(const struct ui_cell *c, double *value)
{
	if (c->has_sort || (c->gauge && c->n)) {
		*value = c->has_sort ? c->sort : c->spark[0];
		return true;
	}
	return !c->spark && c->text && table_text_number(c->text, value);
}

static bool is_missing(const struct ui_cell *c)
{
	return !c->has_sort && (c->spark ? !c->gauge || !c->n : !c->text || !*c->text);
}

/* ---- order ---- */

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Words in any case, runs of digits by their value: "run-9" before "Run-10". */
static int compare_words(const char *a, const char *b)
{
	const char *whole_a = a, *whole_b = b;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			size_t na, nb;
			int c;

			a += strspn(a, "0");
			b += strspn(b, "0");
			na = strspn(a, "0123456789");
			nb = strspn(b, "0123456789");
			c = na != nb ? (na < nb ? -1 : 1) : memcmp(a, b, na);
			if (c)
				return c;
			a += na;
			b += nb;
		} else if (lower(*a) != lower(*b)) {
			return lower(*a) < lower(*b) ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(whole_a, whole_b);
}

struct sort_value {
	enum { VALUE_NUMBER, VALUE_TEXT, VALUE_MISSING } kind;
	double number;
	const char *text;
};
struct sort_item { /* a row on its way to its place */
	size_t at;
	struct sort_value value[UI_SORT_KEYS];
};
struct sort_keys {
	bool descending[UI_SORT_KEYS];
	int count;
};

static struct sort_value value_of(const struct ui_cell *c)
{
	struct sort_value v = {.kind = VALUE_MISSING};

	if (is_missing(c))
		return v;
	if (!cell_number(c, &v.number)) {
		v.kind = VALUE_TEXT;
		v.text = c->text;
	} else if (!isnan(v.number)) {
		v.kind = VALUE_NUMBER;
	}
	return v;
}

static int compare_values(const struct sort_value *a, const struct sort_value *b, bool descending)
{
	int c = 0;

	if (a->kind != b->kind && (a->kind == VALUE_MISSING || b->kind == VALUE_MISSING))
		return a->kind == VALUE_MISSING ? 1 : -1; /* last both ways */
	if (a->kind != b->kind)
		c = a->kind < b->kind ? -1 : 1;
	else if (a->kind == VALUE_NUMBER)
		c = (a->number > b->number) - (a->number < b->number);
	else if (a->kind == VALUE_TEXT)
		c = compare_words(a->text, b->text);
	return descending ? -c : c;
}

static int compare_items(const void *pa, const void *pb, void *user)
{
	const struct sort_item *a = pa, *b = pb;
	const struct sort_keys *keys = user;

	for (int i = 0; i < keys->count; i++) {
		int c = compare_values(&a->value[i], &b->value[i], keys->descending[i]);

		if (c)
			return c;
	}
	return a->at < b->at ? -1 : 1;
}

static void sort_rows(const struct ui_ask_rows *ask, const struct ui_column *columns, size_t column_count,
                      struct ui_row *rows, size_t count)
{
	struct sort_keys keys = {0};
	size_t column[UI_SORT_KEYS];
	struct sort_item *items;
	struct ui_row *sorted;

	for (int i = 0; i < ask->sort_count; i++)
		for (size_t k = 0; k < column_count; k++)
			if (!strcmp(columns[k].id, ask->sort[i].column)) {
				column[keys.count] = k;
				keys.descending[keys.count++] = ask->sort[i].descending;
				break;
			}
	if (!keys.count || count < 2)
		return;
	items = xcalloc(count, sizeof *items);
	sorted = xcalloc(count, sizeof *sorted);
	for (size_t i = 0; i < count; i++) {
		items[i].at = i;
		for (int k = 0; k < keys.count; k++)
			items[i].value[k] = value_of(&rows[i].cells[column[k]]);
	}
	qsort_r(items, count, sizeof *items, compare_items, &keys);
	for (size_t i = 0; i < count; i++)
		sorted[i] = rows[items[i].at];
	memcpy(rows, sorted, count * sizeof *rows);
	free(items);
	free(sorted);
}

struct ui_page *ui_page_sorted(struct arena *arena, const struct ui_ask_rows *ask,
                               const struct ui_column *columns, size_t column_count, struct ui_row *rows,
                               size_t count)
{
	struct ui_page *page = ui_page_of(arena, ask, rows, count);

	sort_rows(ask, columns, column_count, rows, count);
	if (ask->summary)
		ui_page_summary(page, column_count, rows, count);
	return page;
}

/* ---- sums of columns ---- */

enum { SUM_MIN, SUM_MEDIAN, SUM_MAX, SUM_DISTINCT, SUMS };

struct sample {
	double value;
	const struct ui_cell *cell;
};

static int compare_samples(const void *pa, const void *pb)
{
	const struct sample *a = pa, *b = pb;

	return (a->value > b->value) - (a->value < b->value);
}

/* Of the sorted samples; n > 0. */
static struct ui_cell median_of(struct arena *arena, const struct sample *s, size_t n)
{
	const struct sample *low = &s[(n - 1) / 2], *high = &s[n / 2];
	struct ui_cell cell = {.text = low->cell->text};
	char text[NUM_TEXT];
	double a, b, mean = low->value / 2 + high->value / 2;

	/* Only plain numbers can be taken the mean of: not a time, which is a number to sort by and another text. */
	if (low->value != high->value && isfinite(mean) && low->cell->text && high->cell->text &&
	    num_parse(low->cell->text, strlen(low->cell->text), &a) &&
	    num_parse(high->cell->text, strlen(high->cell->text), &b))
		cell.text = arena_strdup(arena, num_people(mean, 4, text));
	return cell;
}

static void sum_column(struct arena *arena, const struct ui_row *rows, size_t count, size_t column,
                       struct ui_row *sums)
{
	struct sample *samples = xcalloc(count ? count : 1, sizeof *samples);
	struct intern distinct;
	size_t n = 0;
	bool numbers = true;
	double value;

	intern_init(&distinct);
	for (size_t i = 0; i < count; i++) {
		const struct ui_cell *c = &rows[i].cells[column];

		if (is_missing(c) || !c->text)
			continue;
		intern_add(&distinct, c->text, strlen(c->text));
		if (!cell_number(c, &value))
			numbers = false;
		else if (!isnan(value))
			samples[n++] = (struct sample){value, c};
	}
	for (size_t i = 0; i < SUMS; i++)
		sums[i].cells[column].text = "";
	if (distinct.count)
		sums[SUM_DISTINCT].cells[column].text = arena_printf(arena, "%zu", distinct.count);
	if (numbers && n) {
		qsort(samples, n, sizeof *samples, compare_samples);
		sums[SUM_MIN].cells[column].text = samples[0].cell->text;
		sums[SUM_MEDIAN].cells[column] = median_of(arena, samples, n);
		sums[SUM_MAX].cells[column].text = samples[n - 1].cell->text;
	}
	intern_release(&distinct);
	free(samples);
}

void ui_page_summary(struct ui_page *page, size_t column_count, const struct ui_row *rows, size_t count)
{
	static const char *const names[SUMS] = {"min", "median", "max", "distinct"};
	struct ui_row *head = arena_array(page->arena, page->head_count + SUMS, sizeof *head);
	struct ui_row *sums = head + page->head_count;

	if (page->head_count)
		memcpy(head, page->head, page->head_count * sizeof *head);
	for (size_t i = 0; i < SUMS; i++) {
		sums[i].style = STYLE_MUTED;
		sums[i].cells = arena_array(page->arena, column_count ? column_count : 1, sizeof *sums[i].cells);
		if (column_count)
			sums[i].cells[0].text = names[i];
	}
	for (size_t k = 1; k < column_count; k++)
		sum_column(page->arena, rows, count, k, sums);
	page->head = head;
	page->head_count += SUMS;
}

/* ---- words ---- */

static bool holds(const char *text, const char *word, size_t len)
{
	for (; *text; text++) {
		size_t i = 0;

		while (i < len && lower(text[i]) == lower(word[i]))
			i++; /* the end of the text is no part of a word */
		if (i == len)
			return true;
	}
	return false;
}

bool ui_row_has_words(const struct ui_row *row, size_t column_count, const char *text)
{
	const char *blanks = " \t";

	for (const char *p = text + strspn(text, blanks); *p; p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks), i = 0;

		while (i < column_count && !(row->cells[i].text && holds(row->cells[i].text, p, len)))
			i++;
		if (i == column_count)
			return false;
		p += len;
	}
	return true;
}
