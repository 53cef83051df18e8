/* A tally's text, as tally_part.c writes it, read back: whatever it is, it ends in a tally that can be used, or in what is
 * wrong with which line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tally.h"

enum { DEPTH = 8 };

/* One line, and what is wrong with it: the first thing that is. */
struct line {
	json_object *root;
	char wrong[160];
};

static bool wrong(struct line *l, const char *key)
{
	if (!*l->wrong)
		snprintf(l->wrong, sizeof(l->wrong), "its \"%s\" is not as this program writes it", key);
	return false;
}

static json_object *get(struct line *l, const char *key, enum json_type type)
{
	json_object *value;

	if (json_object_object_get_ex(l->root, key, &value) && json_object_is_type(value, type))
		return value;
	wrong(l, key);
	return NULL;
}

static uint64_t count_from(struct line *l, const char *key, json_object *value, uint64_t most)
{
	int64_t n = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;

	if (n < 0 || (uint64_t)n > most)
		wrong(l, key);
	return n < 0 || (uint64_t)n > most ? 0 : (uint64_t)n;
}

static uint64_t get_count(struct line *l, const char *key, uint64_t most)
{
	json_object *value = get(l, key, json_type_int);

	return value ? count_from(l, key, value, most) : 0;
}

static bool get_bool(struct line *l, const char *key)
{
	json_object *value = get(l, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}

/* Index of a word. */
static size_t get_word(struct line *l, const char *key, const char *const words[], size_t count)
{
	json_object *value = get(l, key, json_type_string);

	for (size_t i = 0; value && i < count; i++)
		if (!strcmp(json_object_get_string(value), words[i]))
			return i;
	wrong(l, key);
	return 0;
}

/* Bytes without a NUL; the caller frees them. */
static char *bytes_from(struct line *l, const char *key, json_object *value)
{
	struct str text;
	json_object *coded;
	char *bytes = NULL;

	str_init(&text);
	if (json_object_is_type(value, json_type_string))
		str_add(&text, json_object_get_string(value), (size_t)json_object_get_string_len(value));
	else if (!json_object_is_type(value, json_type_object) ||
	         !json_object_object_get_ex(value, "base64", &coded) ||
	         !json_object_is_type(coded, json_type_string) ||
	         !base64_decode(json_object_get_string(coded), (size_t)json_object_get_string_len(coded), &text))
		wrong(l, key);
	if (strlen(text.data) != text.len)
		wrong(l, key);
	bytes = xmemdup0(text.data, text.len);
	str_release(&text);
	return bytes;
}

static char *get_bytes(struct line *l, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(l->root, key, &value)) {
		wrong(l, key);
		return xstrdup("");
	}
	return bytes_from(l, key, value);
}

static void get_weight(struct line *l, const char *key, struct weight_sum *out)
{
	json_object *value = get(l, key, json_type_string);
	unsigned long long limb[2] = {0, 0};
	const char *p = value ? json_object_get_string(value) : "";

	for (int i = 0; i < 2; i++) {
		int digits = 0;

		for (; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++, digits++)
			limb[i] = limb[i] << 4 | (unsigned)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
		if (digits < 1 || digits > 16 || *p++ != (i == 0 ? ' ' : '\0')) {
			wrong(l, key);
			return;
		}
	}
	*out = (struct weight_sum){.whole = limb[0], .part = limb[1]};
}

static json_object *get_array(struct line *l, const char *key, size_t least, size_t most, size_t *count)
{
	json_object *array = get(l, key, json_type_array);

	*count = array ? json_object_array_length(array) : 0;
	if (array && (*count < least || *count > most)) {
		wrong(l, key);
		*count = 0;
	}
	return array;
}

static void read_files(struct line *l, struct tally *t)
{
	size_t count;
	json_object *files = get_array(l, "files", 1, SIZE_MAX, &count), *root = l->root;

	t->files = xcalloc(count + 1, sizeof(*t->files));
	t->file_cap = count + 1;
	for (size_t i = 0; i < count; i++) {
		struct tally_file *f = &t->files[t->file_count];
		json_object *digest;

		l->root = json_object_array_get_idx(files, i);
		if (!json_object_is_type(l->root, json_type_object)) {
			wrong(l, "files");
			break;
		}
		f->path = get_bytes(l, "path");
		t->file_count++;
		digest = get(l, "sha256", json_type_string);
		/* Empty: nobody asked for it. */
		if (digest && json_object_get_string_len(digest) == SHA256_TEXT - 1 &&
		    strspn(json_object_get_string(digest), "0123456789abcdef") == SHA256_TEXT - 1)
			memcpy(f->sha256, json_object_get_string(digest), SHA256_TEXT);
		else if (!digest || json_object_get_string_len(digest) > 0)
			wrong(l, "sha256");
		f->bytes = get_count(l, "bytes", INT64_MAX);
		f->rows = get_count(l, "rows", INT64_MAX);
	}
	l->root = root;
}

static bool read_head(struct line *l, struct tally *t)
{
	static const char *const part[] = {"part"};
	json_object *value, *missing;
	size_t count;

	get_word(l, "assay", part, 1);
	if (*l->wrong) {
		snprintf(l->wrong, sizeof(l->wrong), "this is no part of a profile (assay data profile --out)");
		return false;
	}
	if (get_count(l, "version", INT64_MAX) != TALLY_VERSION && !*l->wrong) {
		snprintf(l->wrong, sizeof(l->wrong), "it was written by another version of this program");
		return false;
	}
	t->rows = get_count(l, "rows", INT64_MAX);
	t->lines = get_count(l, "lines", INT64_MAX);
	t->column_count = get_count(l, "columns", UINT32_MAX);
	t->room = get_count(l, "room", UINT32_MAX / 2);
	t->weights = (enum stats_weights)get_word(l, "weights", TALLY_WEIGHTS, COUNT_OF(TALLY_WEIGHTS));
	value = get(l, "weight", json_type_int);
	t->weight = value ? (long)json_object_get_int64(value) : -1;
	if (t->weight < -1 || t->weight >= (long)t->column_count ||
	    (t->weight < 0 && t->weights != STATS_ONE_EACH))
		wrong(l, "weight");
	if (t->room < 16 || !t->column_count)
		wrong(l, t->column_count ? "room" : "columns");
	get_weight(l, "weight_all", &t->weight_all);
	missing = get_array(l, "missing", 0, 100000, &count);
	t->missing = xcalloc(count + 1, sizeof(*t->missing));
	for (size_t i = 0; i < count; i++)
		t->missing[t->missing_count++] = bytes_from(l, "missing", json_object_array_get_idx(missing, i));
	if (!json_object_object_get_ex(l->root, "positive", &value))
		wrong(l, "positive");
	else if (value)
		t->positive = bytes_from(l, "positive", value);
	t->resolved = get_bool(l, "resolved");
	read_files(l, t);
	return !*l->wrong;
}

static struct stats_sums *read_sums(struct line *l, const char *key, enum stats_weights kind)
{
	json_object *text = get(l, key, json_type_string);
	struct stats_sums *s = NULL;

	if (text)
		s = stats_sums_parse(json_object_get_string(text), (size_t)json_object_get_string_len(text), NULL);
	if (s && stats_sums_kind(s) == kind)
		return s;
	stats_sums_free(s);
	wrong(l, key);
	return NULL;
}

static struct number_sketch *number_sketch_of(struct line *l, const char *key)
{
	json_object *text = get(l, key, json_type_string);
	struct number_sketch *s = NULL;

	if (text)
		s = number_sketch_parse(json_object_get_string(text), (size_t)json_object_get_string_len(text), NULL);
	if (!s)
		wrong(l, key);
	return s;
}

static struct text_sketch *text_sketch_of(struct line *l, const char *key)
{
	json_object *text = get(l, key, json_type_string);
	struct text_sketch *s = NULL;

	if (text)
		s = text_sketch_parse(json_object_get_string(text), (size_t)json_object_get_string_len(text), NULL);
	if (!s)
		wrong(l, key);
	return s;
}

/* What is kept twice must agree. */
static bool numbers_agree(const struct tally *t, const struct tally_column *c)
{
	struct moments m;
	uint64_t rows = number_sketch_rows(c->numbers);

	if (number_sketch_weighted(c->numbers) != (t->weights == STATS_SAMPLING))
		return false;
	stats_sums_moments(c->sums, &m);
	return rows == m.count && rows <= t->rows && m.pos_inf <= t->rows - rows &&
	       m.neg_inf <= t->rows - rows - m.pos_inf && c->missing == t->rows - rows - m.pos_inf - m.neg_inf;
}

static void read_numbers(struct line *l, const struct tally *t, struct tally_column *c)
{
	const bool sampling = t->weights == STATS_SAMPLING;

	c->sums = read_sums(l, "sums", sampling ? STATS_ONE_EACH : t->weights);
	c->weighed = sampling ? read_sums(l, "weighed", STATS_SAMPLING) : NULL;
	c->numbers = number_sketch_of(l, "numbers");
	if (!*l->wrong && !numbers_agree(t, c))
		wrong(l, "numbers");
}

static void read_texts(struct line *l, const struct tally *t, struct tally_column *c)
{
	json_object *written = get(l, "written", json_type_object);

	c->texts = text_sketch_of(l, "texts");
	if (c->texts &&
	    (text_sketch_rows(c->texts) > t->rows || t->rows - text_sketch_rows(c->texts) != c->missing))
		wrong(l, "texts");
	if (written)
		c->written = text_counter_read(written);
	if (!c->written)
		wrong(l, "written");
	c->text_bytes = get_count(l, "text_bytes", INT64_MAX);
	c->all_numbers = get_bool(l, "all_numbers");
	c->not_utf8 = get_bool(l, "not_utf8");
}

/* Of rows as they stand. */
static void read_plain(struct line *l, const struct tally *t, struct tally_column *c)
{
	if (c->mode == CELL_CODES) {
		c->plain_texts = text_sketch_of(l, "plain_texts");
		if (c->plain_texts && text_sketch_rows(c->plain_texts) != t->lines - c->empty)
			wrong(l, "plain_texts");
	} else if (tally_may_be_id(c)) {
		c->plain_numbers = number_sketch_of(l, "plain_numbers");
		if (c->plain_numbers && (number_sketch_weighted(c->plain_numbers) ||
		                         number_sketch_rows(c->plain_numbers) > t->lines - c->empty))
			wrong(l, "plain_numbers");
	}
}

static void read_ends(struct line *l, struct tally_column *c)
{
	json_object *ends;
	size_t count;

	c->climbs = get_bool(l, "climbs");
	if (!json_object_object_get_ex(l->root, "ends", &ends))
		return;
	get_array(l, "ends", 2, 2, &count);
	for (size_t i = 0; i < count; i++) {
		json_object *end = json_object_array_get_idx(ends, i);

		if (!json_object_is_type(end, json_type_int) && !json_object_is_type(end, json_type_double))
			wrong(l, "ends");
		*(i == 0 ? &c->first : &c->last) = json_object_get_double(end);
	}
	c->any = true;
}

/* A type that was said is read in one way, but for ids. */
static bool goes_with(enum cell_mode mode, enum column_type forced)
{
	switch (forced) {
	case COLUMN_BOOL:
		return mode == CELL_BOOL;
	case COLUMN_INT:
	case COLUMN_NUM:
		return mode == CELL_NUM;
	case COLUMN_TIME:
		return mode == CELL_TIME;
	case COLUMN_CAT:
	case COLUMN_TEXT:
		return mode == CELL_CODES;
	case COLUMN_ID:
		return mode == CELL_NUM || mode == CELL_CODES;
	default:
		return mode != CELL_BOOL;
	}
}

static bool read_column(struct line *l, const struct tally *t, struct tally_column *c)
{
	json_object *value, *missing;
	uint64_t all = 0;
	size_t count;

	c->name = get_bytes(l, "name");
	c->mode = (enum cell_mode)get_word(l, "mode", TALLY_MODES, COUNT_OF(TALLY_MODES));
	value = get(l, "type", json_type_string);
	c->forced = COLUMN_GUESS;
	if (value && strcmp(json_object_get_string(value), column_type_name(COLUMN_GUESS)) != 0 &&
	    !column_type_parse(json_object_get_string(value), &c->forced))
		wrong(l, "type");
	if (!goes_with(c->mode, c->forced))
		wrong(l, "type");
	c->roles = (unsigned)get_count(l, "roles", 63);
	c->empty = get_count(l, "empty", t->lines);
	c->saw_number = get_bool(l, "number");
	c->all_whole = get_bool(l, "whole");
	c->rounded = get_bool(l, "rounded");
	missing = get_array(l, "missing_by", t->missing_count, t->missing_count, &count);
	c->missing_by = xcalloc(t->missing_count + 1, sizeof(*c->missing_by));
	for (size_t i = 0; i < count; i++) {
		c->missing_by[i] = count_from(l, "missing_by", json_object_array_get_idx(missing, i), t->rows - all);
		all += c->missing_by[i];
	}
	c->missing = all;
	get_weight(l, "missing_weight", &c->missing_weight);
	if (c->mode != CELL_CODES || json_object_object_get_ex(l->root, "sums", &value))
		read_numbers(l, t, c);
	read_ends(l, c);
	if (c->mode == CELL_TIME)
		c->times = xcalloc(1, sizeof(*c->times));
	if (c->mode == CELL_TIME && !time_counter_read(get(l, "times", json_type_object), c->times))
		wrong(l, "times");
	if (c->mode == CELL_CODES)
		read_texts(l, t, c);
	if (t->weights == STATS_FREQUENCY)
		read_plain(l, t, c);
	return !*l->wrong;
}

struct tally *tally_parse(const char *name, const char *text, size_t len, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct tally *t = xcalloc(1, sizeof(*t));
	struct line line = {.root = NULL};
	/* What is wrong in a line is said of that line; that it is another part, but one, in the end. */
	const bool sealed = tally_has_seal(text, len);
	const char *at = text, *end = text + len - (sealed ? TALLY_SEAL : 0), *stop;
	size_t number = 0, columns = 0;

	if (!tokener) {
		error_set(err, ERR_ENV, "no memory to read a part");
		goto fail;
	}
	for (; at < end; at = stop + 1) {
		number++;
		stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop || stop - at > INT32_MAX || number > columns + 1) {
			snprintf(line.wrong, sizeof(line.wrong), "%s",
			         !stop                  ? "the line does not end: the part is cut off"
			         : number > columns + 1 ? "there are more lines than columns"
			                                : "the line is longer than 2 GiB");
			goto wrong_line;
		}
		json_tokener_reset(tokener);
		line.root = json_tokener_parse_ex(tokener, at, (int)(stop - at));
		if (!json_object_is_type(line.root, json_type_object) ||
		    json_tokener_get_error(tokener) != json_tokener_success ||
		    json_tokener_get_parse_end(tokener) != (size_t)(stop - at)) {
			snprintf(line.wrong, sizeof(line.wrong), "%s",
			         number == 1 ? "this is no part of a profile (assay data profile --out)"
			                     : "this is not one JSON object");
			goto wrong_line;
		}
		if (number == 1 ? !read_head(&line, t) : !read_column(&line, t, &t->columns[number - 2]))
			goto wrong_line;
		if (number == 1) {
			/* A line takes some bytes: memory for columns that cannot be there is not asked for. */
			if (t->column_count > len / 16) {
				wrong(&line, "columns");
				goto wrong_line;
			}
			columns = t->column_count;
			t->columns = xcalloc(columns, sizeof(*t->columns));
		}
		json_object_put(line.root);
		line.root = NULL;
	}
	if (number == 0 || number < columns + 1 || !sealed || !tally_seal_holds(text, len)) {
		error_set(err, ERR_USAGE, "%s: %s", name,
		          number == 0            ? "this is no part of a profile: it is empty"
		          : number < columns + 1 ? "the part is cut off: columns are missing"
		          : !sealed              ? "the part is cut off: its last line is missing"
		                                 : "the part was changed since it was written: make it again");
		goto fail;
	}
	json_tokener_free(tokener);
	return t;
wrong_line:
	error_set(err, ERR_USAGE, "%s, line %zu: %s", name, number, line.wrong);
fail:
	json_object_put(line.root);
	if (tokener)
		json_tokener_free(tokener);
	if (!t->columns)
		t->column_count = 0;
	tally_free(t);
	return NULL;
}
