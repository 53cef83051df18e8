/* Pieces of columns, in order, to the columns of the table. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "decimal.h"
#include "slice.h"

enum { LARGE_PAGE = 2 << 20 };

static void advise(void *items, size_t bytes, int advice)
{
	const size_t page = LARGE_PAGE;
	uintptr_t from = ((uintptr_t)items + page - 1) / page * page,
	          to = ((uintptr_t)items + bytes) / page * page;

	if (to > from)
		madvise((void *)from, to - from, advice);
}

void large_pages(void *items, size_t bytes)
{
	advise(items, bytes, MADV_HUGEPAGE);
}

void *large_array(size_t *bytes)
{
	size_t whole = size_add(*bytes, LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	void *items;

	if (whole - *bytes <= *bytes / 8)
		*bytes = whole;
	items = xaligned(LARGE_PAGE, whole);
	large_pages(items, *bytes);
	return items;
}

/* Room for `need` rows, at once for as many as the file seems to hold. */
static void *grown(const struct build_column *c, void *items, size_t *cap, size_t need, size_t expected,
                   size_t size)
{
	size_t bytes;
	void *larger;

	if (need <= *cap)
		return items;
	if (need < expected)
		need = expected;
	bytes = size_mul(need, size);
	if (c->small_pages) {
		items = vec_reserve(items, cap, need, size);
		advise(items, *cap * size, MADV_NOHUGEPAGE);
		return items;
	}
	if (*cap > 0 || bytes < LARGE_PAGE) {
		items = vec_reserve(items, cap, need, size);
		large_pages(items, *cap * size);
		return items;
	}
	larger = large_array(&bytes);
	*cap = bytes / size;
	free(items);
	return larger;
}

/* ---- codes ---- */

/* A table beside the dictionary that remembers where texts were found lately: it stays in the cache where the
 * dictionary may not, and asks for no hash of every byte. */
struct code_memo {
	uint64_t key[2];
	uint32_t code; /* INTERN_NONE: free */
};
enum { MEMO_LEAST = 1 << 10, MEMO_MOST = 1 << 17, MANY_COLUMNS = 1000 };

uint64_t build_memo_bytes(size_t size)
{
	return (uint64_t)(size < MEMO_MOST ? size : MEMO_MOST) * sizeof(struct code_memo);
}

/* As large as the dictionary asks for; none if every text seems to be another. */
static void memo_grow(struct build_column *c, size_t least)
{
	size_t size = c->memo_size ? c->memo_size : least;

	while (size < MEMO_MOST && size < c->dict->count * 2)
		size *= 2;
	if (c->dict->count > 4 * (size_t)MEMO_MOST)
		size = 0;
	if (size == c->memo_size)
		return;
	free(c->memo);
	c->memo = size ? xmalloc(size_mul(size, sizeof(*c->memo))) : NULL;
	c->memo_size = size;
	for (size_t i = 0; i < size; i++)
		c->memo[i].code = INTERN_NONE;
}

/* Equal for equal texts; of short ones it is the whole text. */
static void text_key(const struct text *t, uint64_t key[2])
{
	uint64_t middle, end;

	memcpy(key, t, sizeof(*t));
	if (t->len <= TEXT_SHORT)
		return;
	memcpy(&middle, t->bytes + t->len / 2 - 4, sizeof(middle));
	memcpy(&end, t->bytes + t->len - 8, sizeof(end));
	key[1] = middle * 0xD6E8FEB86659FD93u ^ end;
}

/* Every bit of a key decides about the lowest ones: short texts differ in a few high bits of the first word. */
static size_t place_of(const uint64_t key[2])
{
	uint64_t h = key[0] * 0x9E3779B97F4A7C15u ^ key[1] * 0xC2B2AE3D27D4EB4Fu;

	h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
	return (size_t)(h >> 40);
}

static uint32_t code_of(struct build_column *c, const struct text *t)
{
	const bool is_short = t->len <= TEXT_SHORT;
	const char *bytes = is_short ? t->start : t->bytes;
	struct code_memo *m;
	uint64_t key[2];

	if (!c->memo)
		return intern_add(c->dict, bytes, t->len);
	text_key(t, key);
	m = &c->memo[place_of(key) & (c->memo_size - 1)];
	if (m->code != INTERN_NONE && m->key[0] == key[0] && m->key[1] == key[1] &&
	    (is_short || !memcmp(c->dict->entries[m->code].bytes, bytes, t->len)))
		return m->code;
	*m = (struct code_memo){{key[0], key[1]}, intern_add(c->dict, bytes, t->len)};
	return m->code;
}

static void join_texts(const struct build *b, struct build_column *c, const struct slice_column *from,
                       size_t rows, size_t at)
{
	const struct text *texts = from->texts;
	uint32_t *codes = c->passing ? NULL : c->codes + at, code;

	/* Of very many columns each holds few texts. */
	memo_grow(c, b->column_count < MANY_COLUMNS ? MEMO_LEAST : MEMO_LEAST / 16);
	for (size_t k = 0; k < rows; k++) {
		code = texts[k].len == TEXT_MISSING ? CODE_MISSING : code_of(c, &texts[k]);
		if (codes)
			codes[k] = code;
	}
}

/* ---- numbers ---- */

/* From here on the column holds doubles. */
static void unpack(struct build_column *c, size_t rows, size_t room)
{
	c->values = grown(c, c->values, &c->value_cap, rows, room, sizeof(*c->values));
	packed_values(c->packed, rows, c->decimals, c->values);
	free(c->packed);
	c->packed = NULL;
	c->packed_cap = 0;
	c->packs = false;
}

/* Brings the piece and the column to the same decimals; false if one of them cannot follow. */
static bool same_decimals(struct build_column *c, struct slice_column *from, size_t rows, size_t at)
{
	if (from->decimals > c->decimals) {
		if (!packed_rescale(c->packed, at, from->decimals - c->decimals))
			return false;
		c->decimals = from->decimals;
	} else if (from->decimals < c->decimals) {
		if (!packed_rescale(from->packed, rows, c->decimals - from->decimals))
			return false;
		from->decimals = c->decimals;
	}
	return true;
}

static void join_numbers(struct build_column *c, struct slice_column *from, size_t rows, size_t at,
                         size_t room)
{
	if (c->packs && !(from->packs && same_decimals(c, from, rows, at)))
		unpack(c, at, room);
	if (c->packs) {
		c->packed = grown(c, c->packed, &c->packed_cap, at + rows, room, sizeof(*c->packed));
		memcpy(c->packed + at, from->packed, rows * sizeof(*c->packed));
		return;
	}
	c->values = grown(c, c->values, &c->value_cap, at + rows, room, sizeof(*c->values));
	if (from->packs)
		packed_values(from->packed, rows, from->decimals, c->values + at);
	else
		memcpy(c->values + at, from->values, rows * sizeof(*c->values));
}

void join_column(struct build *b, const struct batch *t, size_t column)
{
	struct build_column *c = &b->columns[column];
	size_t at = b->rows;

	if (c->skipped)
		return;
	if (c->passing)
		;
	else if (c->mode == CELL_CODES)
		c->codes = grown(c, c->codes, &c->code_cap, at + t->rows, t->expected, sizeof(*c->codes));
	else if (!c->packs)
		c->values = grown(c, c->values, &c->value_cap, at + t->rows, t->expected, sizeof(*c->values));
	for (size_t i = 0; i < t->count; i++) {
		const struct slice *s = &t->slices[i];
		struct slice_column *from = &s->columns[column];
		const size_t before = c->missing - c->missing_taken;

		for (size_t k = 0; k < b->missing.count; k++)
			c->missing_by[k] += from->missing_by[k];
		if (b->spellings && from->missing && !c->passing) {
			c->spelled =
			    vec_reserve(c->spelled, &c->spelled_cap, before + from->missing, sizeof(*c->spelled));
			memcpy(c->spelled + before, from->spelled, from->missing * sizeof(*c->spelled));
		}
		c->missing += from->missing;
		c->failed = c->failed || from->failed;
		c->failed_no_time = c->failed_no_time || from->failed_no_time;
		c->saw_number = c->saw_number || from->saw_number;
		c->all_whole = c->all_whole && from->all_whole;
		c->rounded = c->rounded || from->rounded;
		c->unpackable = c->unpackable || from->unpackable;
		if (s->rows == 0)
			continue;
		if (c->mode == CELL_CODES)
			join_texts(b, c, from, s->rows, at);
		else if (!c->passing)
			join_numbers(c, from, s->rows, at, t->expected);
		at += s->rows;
	}
}
