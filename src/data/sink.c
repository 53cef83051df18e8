/* When rows are taken from the columns while files are read, and how much is read at a time then. */
#include <stdlib.h>

#include "slice.h"

/* What a different text takes beside its bytes: its entry, its slots, an end. */
enum { TEXT_BYTES = sizeof(struct intern_entry) + 24 };

size_t build_row_bytes(const struct build_column *c)
{
	return c->mode == CELL_CODES || c->packs ? sizeof(uint32_t) : sizeof(double);
}

static size_t row_bytes(const struct build *b)
{
	size_t bytes = 0;

	for (size_t i = 0; i < b->column_count; i++)
		bytes += build_row_bytes(&b->columns[i]);
	return bytes;
}

uint64_t build_text_bytes(struct build_column *c)
{
	for (; c->dict_weighed < c->dict->count; c->dict_weighed++)
		c->dict_bytes += c->dict->entries[c->dict_weighed].len + TEXT_BYTES;
	return c->dict_bytes;
}

static uint64_t text_bytes(struct build *b)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < b->column_count; i++)
		bytes += build_text_bytes(&b->columns[i]);
	return bytes;
}

uint64_t build_bytes(struct build *b)
{
	return (uint64_t)b->rows * row_bytes(b) + text_bytes(b);
}

size_t build_rows_within(const struct build *b, uint64_t bytes)
{
	return (size_t)(bytes / row_bytes(b)) + 1;
}

size_t sink_rows(const struct build *b)
{
	return build_rows_within(b, b->sink->bytes);
}

/* A table is then profiled by threads of which each needs a column three times more. */
uint64_t sink_keep(const struct build *b, uint64_t memory, int threads)
{
	const uint64_t row = row_bytes(b);
	const uint64_t busy = (size_t)threads < b->column_count ? (uint64_t)threads : b->column_count;

	return (uint64_t)((double)memory * 0.9 * (double)row / (double)(row + 3 * sizeof(double) * busy));
}

void build_forget_texts(struct build_column *c)
{
	if (c->dict->text)
		intern_release(c->dict);
	intern_init(c->dict);
	free(c->memo); /* its codes are of the dictionary that is gone */
	c->memo = NULL;
	c->memo_size = c->dict_weighed = c->dict_bytes = 0;
}

void build_forget_rows(struct build_column *c)
{
	free(c->values);
	free(c->packed);
	free(c->codes);
	free(c->spelled);
	c->values = NULL;
	c->packed = NULL;
	c->codes = NULL;
	c->spelled = NULL;
	c->value_cap = c->packed_cap = c->code_cap = c->spelled_cap = 0;
}

int sink_offer(struct build *b, bool end, struct error *err)
{
	struct sink *s = b->sink;
	uint64_t texts;

	if (!s || (end && !s->always && b->taken == 0))
		return 0;
	texts = text_bytes(b);
	if (!end && (uint64_t)b->rows * row_bytes(b) + texts < s->bytes)
		return 0;
	if (b->rows > 0 && s->take(s, b, err) < 0)
		return -1;
	b->taken += b->rows;
	b->rows = 0;
	for (size_t i = 0; i < b->column_count; i++)
		b->columns[i].missing_taken = b->columns[i].missing;
	/* Few texts are likely to come again. */
	if (texts > s->bytes / 4)
		for (size_t i = 0; i < b->column_count; i++)
			build_forget_texts(&b->columns[i]);
	return 0;
}

/* A slice takes, beside its bytes, their columns and the places of separators: about four times as much. In each there
 * is something for every column, which counts where there are very many. */
void sink_slices(const struct build *b, size_t *slices, size_t *bytes)
{
	const size_t least = (size_t)16 << 10,
	             column = sizeof(struct slice_column) + sizeof(struct field) + 8 * b->missing.count + 64;
	const uint64_t reading = b->reading_bytes;
	size_t fit;

	if (!reading)
		return;
	while (*bytes > least && 2 * *slices * (4 * *bytes + column * b->column_count) > reading)
		*bytes /= 2;
	fit = (size_t)(reading / (2 * (4 * *bytes + column * b->column_count)));
	if (fit < *slices)
		*slices = fit ? fit : 1;
}
