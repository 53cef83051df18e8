/* How the texts of a column are written: lengths, words, blanks, shapes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "facts.h"

__extension__ typedef unsigned __int128 wide;

/* Characters that a shape keeps, level by level. */
static const uint8_t shape_cuts[] = {SHAPE_LONGEST, 16, 12, 8, 6, 4, 3, 2, 1, 0};

struct text_counter {
	uint64_t count;
	uint64_t least, most;  /* lengths, where there is a text */
	wide lengths, squares; /* sums of lengths and of their squares */
	wide words;
	uint64_t blank, edge_blanks, not_ascii, not_utf8;
	unsigned level; /* of shape_cuts */
	struct intern shapes;
	uint64_t *shape_counts; /* by id of the shape */
	size_t shape_cap;
};

struct text_counter *text_counter_new(void)
{
	struct text_counter *t = xcalloc(1, sizeof(*t));

	intern_init(&t->shapes);
	return t;
}

void text_counter_free(struct text_counter *t)
{
	if (!t)
		return;
	intern_release(&t->shapes);
	free(t->shape_counts);
	free(t);
}

/* ---- characters ---- */

enum { NO_CHARACTER = 0xFFFD };

/* The character at the beginning and its bytes; one byte that begins none is NO_CHARACTER, *good is false then. */
static uint32_t character(const unsigned char *bytes, size_t len, size_t *taken, bool *good)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char first = bytes[0];
	const size_t size = first < 0x80                    ? 1
	                    : first >= 0xC2 && first < 0xE0 ? 2
	                    : first >= 0xE0 && first < 0xF0 ? 3
	                    : first >= 0xF0 && first < 0xF5 ? 4
	                                                    : 0;
	uint32_t code;

	*taken = 1;
	*good = true;
	if (size == 1)
		return first;
	code = size ? first & (0x7Fu >> size) : 0;
	for (size_t i = 1; size && i < size; i++) {
		if (i >= len || (bytes[i] & 0xC0) != 0x80)
			goto bad;
		code = code << 6 | (bytes[i] & 0x3F);
	}
	if (size && code >= least[size] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF)) {
		*taken = size;
		return code;
	}
bad:
	*good = false;
	return NO_CHARACTER;
}

/* As Python's str.isspace has it. */
static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

/* Beyond ASCII: capitals of the scripts that have them (most of Latin, Greek, Cyrillic), signs, and the rest are letters.
 * It need not be more than a help to the eye, but the same on every machine, whatever its locale knows. */
static char letter_beyond(uint32_t c)
{
	if (c < 0xC0)
		return c == 0xAA || c == 0xB5 || c == 0xBA ? 'a' : 0;
	if (c < 0x100)
		return c == 0xD7 || c == 0xF7 ? 0 : c < 0xDF ? 'A' : 'a';
	if (c <
	    0x180) /* in pairs, of which the capital is even up to 0x137, from 0x14A to 0x177 and odd elsewhere */
		return c == 0x138 || c == 0x149 || c == 0x17F  ? 'a'
		       : c == 0x178                            ? 'A'
		       : (c > 0x138 && c < 0x149) || c > 0x178 ? (c & 1 ? 'A' : 'a')
		                                               : (c & 1 ? 'a' : 'A');
	if ((c >= 0x386 && c <= 0x3AB && c != 0x387 && c != 0x390) || (c >= 0x400 && c <= 0x42F))
		return 'A';
	if (c >= 0x460 && c < 0x482)
		return c & 1 ? 'a' : 'A';
	if ((c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x303F) || (c >= 0xE000 && c <= 0xF8FF) ||
	    (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
	    c == NO_CHARACTER || c >= 0x1F000)
		return 0;
	return 'a';
}

/* Of ASCII: '9', 'A', 'a'; 0: stands for itself. */
#define EIGHT "\0\0\0\0\0\0\0\0"
static const char kinds[] = EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT "9999999999\0\0\0\0\0\0\0"
                                                                "AAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\0\0\0\0"
                                                                "aaaaaaaaaaaaaaaaaaaaaaaaaa\0\0\0\0";
_Static_assert(sizeof(kinds) == 0x80, "a kind for each character of ASCII");

static char kind_of(uint32_t c)
{
	return c < 0x80 ? kinds[c] : letter_beyond(c);
}

/* ---- shapes ---- */

#define SHAPE_CUT "…"
/* The longest one, and room for a mark behind any place in it. */
enum { SHAPE_MOST = SHAPE_LONGEST * 4 + sizeof(SHAPE_CUT) - 1, SHAPE_BYTES = SHAPE_MOST + sizeof(SHAPE_CUT) };

struct shape {
	char bytes[SHAPE_BYTES];
	size_t len;
	unsigned characters, most;
	char last; /* the kind of the last character */
	bool full;
};

static inline void shape_add(struct shape *s, uint32_t c, const unsigned char *bytes, size_t len)
{
	char kind = kind_of(c);

	if (kind && kind == s->last)
		return;
	if (s->characters == s->most) {
		memcpy(s->bytes + s->len, SHAPE_CUT, sizeof(SHAPE_CUT) - 1);
		s->len += sizeof(SHAPE_CUT) - 1;
		s->full = true;
		return;
	}
	s->last = kind;
	s->characters++;
	if (kind || c < 0x80) {
		s->bytes[s->len++] = kind ? kind : (char)c;
	} else if (c == NO_CHARACTER) {
		memcpy(s->bytes + s->len, "\xEF\xBF\xBD", 3);
		s->len += 3;
	} else {
		memcpy(s->bytes + s->len, bytes, len);
		s->len += len;
	}
}

static void count_shape(struct text_counter *t, const char *bytes, size_t len, uint64_t times)
{
	uint32_t id = intern_add(&t->shapes, bytes, len);
	size_t before = t->shape_cap;

	if (id >= before) {
		t->shape_counts =
		    vec_reserve(t->shape_counts, &t->shape_cap, (size_t)id + 1, sizeof(*t->shape_counts));
		memset(t->shape_counts + before, 0, (t->shape_cap - before) * sizeof(*t->shape_counts));
	}
	t->shape_counts[id] += times;
}

/* A shape, or one that was cut, to `most` characters: its length. It has room for the mark. */
static size_t cut_shape(char *bytes, size_t len, unsigned most)
{
	size_t at = 0;

	for (unsigned i = 0; i < most && at < len; i++)
		for (at++; at < len && ((unsigned char)bytes[at] & 0xC0) == 0x80;)
			at++;
	/* What is left over may be the mark itself, or what the mark is to stand for. */
	if (at == len)
		return len;
	memcpy(bytes + at, SHAPE_CUT, sizeof(SHAPE_CUT) - 1);
	return at + sizeof(SHAPE_CUT) - 1;
}

/* Cuts all shapes to a level that is not below the present one. */
static void lower_to(struct text_counter *t, unsigned level)
{
	struct intern old = t->shapes;
	uint64_t *counts = t->shape_counts;

	if (level == t->level)
		return;
	t->level = level;
	intern_init(&t->shapes);
	t->shape_counts = NULL;
	t->shape_cap = 0;
	for (size_t i = 0; i < old.count; i++) {
		char bytes[SHAPE_BYTES];
		size_t len = old.entries[i].len;

		memcpy(bytes, old.entries[i].bytes, len);
		count_shape(t, bytes, cut_shape(bytes, len, shape_cuts[level]), counts[i]);
	}
	intern_release(&old);
	free(counts);
}

static void fit_shapes(struct text_counter *t)
{
	while (t->shapes.count > SHAPE_ROOM)
		lower_to(t, t->level + 1);
}

/* ---- one text ---- */

struct look {
	struct shape shape;
	uint64_t characters, words;
	bool blank_before, blank_behind, not_ascii, not_utf8;
};

static void look_at(const unsigned char *bytes, size_t len, struct look *out)
{
	bool blank = true;

	for (size_t at = 0, taken; at < len; at += taken) {
		const bool before = blank;
		bool good = true;
		uint32_t c = bytes[at];

		taken = 1;
		if (c >= 0x80) {
			c = character(bytes + at, len - at, &taken, &good);
			out->not_ascii = true;
			out->not_utf8 = out->not_utf8 || !good;
		}
		blank = c > ' ' && c < 0x80 ? false : is_blank(c);
		out->words += before && !blank;
		out->blank_before = out->blank_before || (at == 0 && blank);
		out->characters++;
		if (!out->shape.full)
			shape_add(&out->shape, c, bytes + at, taken);
	}
	out->blank_behind = len > 0 && blank;
}

void text_counter_add(struct text_counter *t, const char *bytes, size_t len, uint64_t times)
{
	struct look l = {.shape.most = shape_cuts[t->level]};

	if (!times)
		return;
	look_at((const unsigned char *)bytes, len, &l);
	t->least = t->count && t->least < l.characters ? t->least : l.characters;
	t->most = t->most > l.characters ? t->most : l.characters;
	t->count += times;
	t->lengths += (wide)l.characters * times;
	t->squares += (wide)l.characters * l.characters * times;
	t->words += (wide)l.words * times;
	t->blank += l.words ? 0 : times;
	t->edge_blanks += l.blank_before || l.blank_behind ? times : 0;
	t->not_ascii += l.not_ascii ? times : 0;
	t->not_utf8 += l.not_utf8 ? times : 0;
	count_shape(t, l.shape.bytes, l.shape.len, times);
	fit_shapes(t);
}

/* A shape that was cut stands for all that begin as it does and go on. */
static bool has_shape(const struct shape *s, const char *text)
{
	const size_t len = strlen(text), mark = sizeof(SHAPE_CUT) - 1;

	if (s->len == len && memcmp(s->bytes, text, len) == 0)
		return true;
	return len >= mark && strcmp(text + len - mark, SHAPE_CUT) == 0 && s->len > len - mark &&
	       memcmp(s->bytes, text, len - mark) == 0;
}

bool text_fact_holds(const char *bytes, size_t len, const struct fact_ask *ask)
{
	struct look l = {.shape.most = SHAPE_LONGEST};

	look_at((const unsigned char *)bytes, len, &l);
	switch (ask->kind) {
	case FACT_BLANK:
		return !l.words;
	case FACT_EDGE_BLANKS:
		return l.blank_before || l.blank_behind;
	case FACT_NOT_ASCII:
		return l.not_ascii;
	case FACT_NOT_UTF8:
		return l.not_utf8;
	case FACT_LENGTH:
		return l.characters == ask->number;
	case FACT_SHAPE:
		return has_shape(&l.shape, ask->text);
	default:
		return false;
	}
}

void text_counter_merge(struct text_counter *to, const struct text_counter *from)
{
	if (!from->count)
		return;
	to->least = to->count && to->least < from->least ? to->least : from->least;
	to->most = to->most > from->most ? to->most : from->most;
	to->count += from->count;
	to->lengths += from->lengths;
	to->squares += from->squares;
	to->words += from->words;
	to->blank += from->blank;
	to->edge_blanks += from->edge_blanks;
	to->not_ascii += from->not_ascii;
	to->not_utf8 += from->not_utf8;
	if (to->level < from->level)
		lower_to(to, from->level);
	for (size_t i = 0; i < from->shapes.count; i++) {
		const struct intern_entry *e = &from->shapes.entries[i];
		char bytes[SHAPE_BYTES];

		memcpy(bytes, e->bytes, e->len);
		count_shape(to, bytes, cut_shape(bytes, e->len, shape_cuts[to->level]), from->shape_counts[i]);
	}
	fit_shapes(to);
}

/* ---- the facts ---- */

/* n-1, from whole numbers: around the whole part of the mean, so that nothing that matters is beyond 128 bits. */
static double length_variance(const struct text_counter *t)
{
	const wide n = t->count, middle = t->lengths / n, over = t->lengths - middle * n;
	const wide around = t->squares + middle * middle * n - 2 * middle * t->lengths;
	wide times;

	if (n < 2)
		return NAN;
	/* The second sum is below n^2: where the first does not fit, taking it away as doubles loses nothing. */
	if (__builtin_mul_overflow(around, n, &times))
		return ((double)around - (double)over * ((double)over / (double)n)) / (double)(n - 1);
	return (double)(times - over * over) / (double)n / (double)(n - 1);
}

static int by_count(const void *a, const void *b)
{
	const struct value_count *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	order = memcmp(x->value, y->value, len);
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* By count, ties by their bytes; caller frees. */
static struct value_count *shapes_in_order(const struct text_counter *t)
{
	struct value_count *all = xmalloc(size_mul(t->shapes.count + 1, sizeof(*all)));

	for (size_t i = 0; i < t->shapes.count; i++)
		all[i] =
		    (struct value_count){t->shapes.entries[i].bytes, t->shapes.entries[i].len, t->shape_counts[i]};
	qsort(all, t->shapes.count, sizeof(*all), by_count);
	return all;
}

void text_counter_facts(const struct text_counter *t, struct arena *a, struct text_facts *out)
{
	struct value_count *all = shapes_in_order(t);
	size_t shown = t->shapes.count < PROFILE_TOP ? t->shapes.count : PROFILE_TOP;
	double n = (double)t->count;

	*out = (struct text_facts){
	    .length_min = t->least,
	    .length_max = t->most,
	    .length_mean = t->count ? (double)t->lengths / n : (double)NAN,
	    .length_sd = t->count ? sqrt(length_variance(t)) : (double)NAN,
	    .words_mean = t->count ? (double)t->words / n : (double)NAN,
	    .blank = t->blank,
	    .edge_blanks = t->edge_blanks,
	    .not_ascii = t->not_ascii,
	    .not_utf8 = t->not_utf8,
	    .shapes = arena_array(a, shown + 1, sizeof(*out->shapes)),
	    .shape_count = shown,
	    .shape_all = t->shapes.count,
	};
	for (size_t i = 0; i < shown; i++)
		out->shapes[i] =
		    (struct value_count){arena_memdup0(a, all[i].value, all[i].len), all[i].len, all[i].count};
	free(all);
}

/* ---- out and back ---- */

static void write_wide(struct json_writer *j, const char *key, wide value)
{
	char text[33];

	snprintf(text, sizeof(text), "%016llx%016llx", (unsigned long long)(value >> 64),
	         (unsigned long long)value);
	jw_string(j, key, text);
}

/* Numbers of 64 bits, in the order of the text; the wide ones follow as hexadecimal digits. */
static const struct {
	const char *key;
	size_t offset;
} counts[] =
    {
        {"count", offsetof(struct text_counter, count)},
        {"least", offsetof(struct text_counter, least)},
        {"most", offsetof(struct text_counter, most)},
        {"blank", offsetof(struct text_counter, blank)},
        {"edge_blanks", offsetof(struct text_counter, edge_blanks)},
        {"not_ascii", offsetof(struct text_counter, not_ascii)},
        {"not_utf8", offsetof(struct text_counter, not_utf8)},
},
  wides[] = {
      {"lengths", offsetof(struct text_counter, lengths)},
      {"squares", offsetof(struct text_counter, squares)},
      {"words", offsetof(struct text_counter, words)},
};

void text_counter_write(const struct text_counter *t, struct json_writer *j, const char *key)
{
	struct value_count *all = shapes_in_order(t);

	jw_object(j, key);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		uint64_t value;

		memcpy(&value, (const char *)t + counts[i].offset, sizeof(value));
		jw_int(j, counts[i].key, (int64_t)value);
	}
	for (size_t i = 0; i < COUNT_OF(wides); i++) {
		wide value;

		memcpy(&value, (const char *)t + wides[i].offset, sizeof(value));
		write_wide(j, wides[i].key, value);
	}
	jw_int(j, "level", t->level);
	jw_array(j, "shapes");
	for (size_t i = 0; i < t->shapes.count; i++) {
		jw_array(j, NULL);
		jw_string_n(j, NULL, all[i].value, all[i].len);
		jw_int(j, NULL, (int64_t)all[i].count);
		jw_array_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
	free(all);
}

static bool read_count(json_object *value, uint64_t *out)
{
	int64_t n = value && json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;

	*out = (uint64_t)n;
	return n >= 0;
}

static bool read_wide(json_object *value, wide *out)
{
	const char *text =
	    value && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

	*out = 0;
	for (size_t i = 0; i < 32; i++) {
		const char *digits = "0123456789abcdef", *at = text[i] ? strchr(digits, text[i]) : NULL;

		if (!at)
			return false;
		*out = *out << 4 | (wide)(at - digits);
	}
	return text[32] == 0;
}

static bool read_shapes(json_object *shapes, struct text_counter *t)
{
	uint64_t left = t->count;

	if (!json_object_is_type(shapes, json_type_array) || json_object_array_length(shapes) > SHAPE_ROOM)
		return false;
	for (size_t i = 0; i < json_object_array_length(shapes); i++) {
		json_object *one = json_object_array_get_idx(shapes, i), *text;
		char bytes[SHAPE_BYTES];
		uint64_t count;
		size_t len;

		if (!json_object_is_type(one, json_type_array) || json_object_array_length(one) != 2)
			return false;
		text = json_object_array_get_idx(one, 0);
		if (!json_object_is_type(text, json_type_string) ||
		    !read_count(json_object_array_get_idx(one, 1), &count) || count == 0 || count > left)
			return false;
		len = (size_t)json_object_get_string_len(text);
		if (len > SHAPE_MOST || intern_find(&t->shapes, json_object_get_string(text), len) != INTERN_NONE)
			return false;
		memcpy(bytes, json_object_get_string(text), len);
		if (cut_shape(bytes, len, shape_cuts[t->level]) != len ||
		    memcmp(bytes, json_object_get_string(text), len) != 0)
			return false;
		count_shape(t, bytes, len, count);
		left -= count;
	}
	/* Every text has one shape. */
	return left == 0;
}

struct text_counter *text_counter_read(struct json_object *from)
{
	struct text_counter *t = text_counter_new();
	json_object *value;
	uint64_t level;

	if (!json_object_is_type(from, json_type_object))
		goto bad;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		uint64_t n;

		if (!json_object_object_get_ex(from, counts[i].key, &value) || !read_count(value, &n))
			goto bad;
		memcpy((char *)t + counts[i].offset, &n, sizeof(n));
	}
	for (size_t i = 0; i < COUNT_OF(wides); i++) {
		wide n;

		if (!json_object_object_get_ex(from, wides[i].key, &value) || !read_wide(value, &n))
			goto bad;
		memcpy((char *)t + wides[i].offset, &n, sizeof(n));
	}
	if (!json_object_object_get_ex(from, "level", &value) || !read_count(value, &level) ||
	    level >= COUNT_OF(shape_cuts) || !json_object_object_get_ex(from, "shapes", &value))
		goto bad;
	t->level = (unsigned)level;
	if (read_shapes(value, t))
		return t;
bad:
	text_counter_free(t);
	return NULL;
}
