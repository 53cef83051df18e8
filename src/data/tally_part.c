/* A tally as text that another machine reads: a line that says what it is, then a line for each column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

const char *const TALLY_MODES[4] = {"num", "time", "bool", "text"};
const char *const TALLY_WEIGHTS[3] = {"each", "frequency", "sampling"};

/* JSON holds characters; bytes that are none are told apart by standing in an object. */
static void write_bytes(struct json_writer *j, const char *key, const char *text)
{
	struct str coded;

	if (!text || utf8_valid((const unsigned char *)text, strlen(text))) {
		jw_string(j, key, text);
		return;
	}
	str_init(&coded);
	base64_encode(text, strlen(text), &coded);
	jw_object(j, key);
	jw_string_n(j, "base64", coded.data, coded.len);
	jw_object_end(j);
	str_release(&coded);
}

static void write_weight(struct json_writer *j, const char *key, const struct weight_sum *w)
{
	char text[48];

	snprintf(text, sizeof(text), "%llx %llx", (unsigned long long)w->whole, (unsigned long long)w->part);
	jw_string(j, key, text);
}

static void write_head(const struct tally *t, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "assay", "part");
	jw_int(&j, "version", TALLY_VERSION);
	jw_int(&j, "rows", (int64_t)t->rows);
	jw_int(&j, "lines", (int64_t)t->lines);
	jw_int(&j, "columns", (int64_t)t->column_count);
	jw_int(&j, "room", (int64_t)t->room);
	jw_string(&j, "weights", TALLY_WEIGHTS[t->weights]);
	jw_int(&j, "weight", t->weight);
	write_weight(&j, "weight_all", &t->weight_all);
	jw_array(&j, "missing");
	for (size_t i = 0; i < t->missing_count; i++)
		write_bytes(&j, NULL, t->missing[i]);
	jw_array_end(&j);
	write_bytes(&j, "positive", t->positive);
	jw_bool(&j, "resolved", t->resolved);
	jw_array(&j, "files");
	for (size_t i = 0; i < t->file_count; i++) {
		jw_object(&j, NULL);
		write_bytes(&j, "path", t->files[i].path);
		jw_string(&j, "sha256", t->files[i].sha256);
		jw_int(&j, "bytes", (int64_t)t->files[i].bytes);
		jw_int(&j, "rows", (int64_t)t->files[i].rows);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
}

static void write_sums(struct json_writer *j, const char *key, const struct stats_sums *s)
{
	struct str text;

	if (!s)
		return;
	str_init(&text);
	stats_sums_text(s, &text);
	jw_string_n(j, key, text.data, text.len);
	str_release(&text);
}

static void write_numbers(struct json_writer *j, const char *key, struct number_sketch *s)
{
	struct str text;

	if (!s)
		return;
	str_init(&text);
	number_sketch_text(s, &text);
	jw_string_n(j, key, text.data, text.len);
	str_release(&text);
}

static void write_texts(struct json_writer *j, const char *key, const struct text_sketch *s)
{
	struct str text;

	if (!s)
		return;
	str_init(&text);
	text_sketch_text(s, &text);
	jw_string_n(j, key, text.data, text.len);
	str_release(&text);
}

static void write_written(struct json_writer *j, const struct tally_column *c)
{
	if (!c->written)
		return;
	text_counter_write(c->written, j, "written");
	jw_int(j, "text_bytes", (int64_t)c->text_bytes);
	jw_bool(j, "all_numbers", c->all_numbers);
	jw_bool(j, "not_utf8", c->not_utf8);
}

static void write_column(const struct tally *t, const struct tally_column *c, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	write_bytes(&j, "name", c->name);
	jw_string(&j, "mode", TALLY_MODES[c->mode]);
	jw_string(&j, "type", column_type_name(c->forced));
	jw_int(&j, "roles", c->roles);
	jw_int(&j, "empty", (int64_t)c->empty);
	jw_bool(&j, "number", c->saw_number);
	jw_bool(&j, "whole", c->all_whole);
	jw_bool(&j, "rounded", c->rounded);
	jw_array(&j, "missing_by");
	for (size_t i = 0; i < t->missing_count; i++)
		jw_int(&j, NULL, (int64_t)c->missing_by[i]);
	jw_array_end(&j);
	write_weight(&j, "missing_weight", &c->missing_weight);
	write_sums(&j, "sums", c->sums);
	write_sums(&j, "weighed", c->weighed);
	write_numbers(&j, "numbers", c->numbers);
	write_numbers(&j, "plain_numbers", c->plain_numbers);
	jw_bool(&j, "climbs", c->climbs);
	if (c->any) {
		jw_array(&j, "ends");
		jw_num(&j, NULL, c->first, NULL);
		jw_num(&j, NULL, c->last, NULL);
		jw_array_end(&j);
	}
	if (c->mode == CELL_TIME)
		time_counter_write(c->times, &j, "times");
	write_texts(&j, "texts", c->texts);
	write_texts(&j, "plain_texts", c->plain_texts);
	write_written(&j, c);
	jw_object_end(&j);
}

/* ---- what shows that nothing was changed ---- */

static void seal_of(const char *text, size_t len, char out[TALLY_SEAL + 1])
{
	char hex[SHA256_TEXT];

	sha256_hex(text, len, hex);
	snprintf(out, TALLY_SEAL + 1, "{\"sha256\":\"%s\"}\n", hex);
}

void tally_seal(struct str *text, size_t from)
{
	char line[TALLY_SEAL + 1];

	seal_of(text->data + from, text->len - from, line);
	str_add(text, line, TALLY_SEAL);
}

bool tally_has_seal(const char *text, size_t len)
{
	return len > TALLY_SEAL && text[len - TALLY_SEAL - 1] == '\n' &&
	       !memcmp(text + len - TALLY_SEAL, "{\"sha256\":\"", 11) && !memcmp(text + len - 3, "\"}\n", 3);
}

bool tally_seal_holds(const char *text, size_t len)
{
	char line[TALLY_SEAL + 1];

	seal_of(text, len - TALLY_SEAL, line);
	return !memcmp(text + len - TALLY_SEAL, line, TALLY_SEAL);
}

void tally_write(const struct tally *t, struct str *out)
{
	const size_t from = out->len;

	write_head(t, out);
	str_addc(out, '\n');
	for (size_t i = 0; i < t->column_count; i++) {
		write_column(t, &t->columns[i], out);
		str_addc(out, '\n');
	}
	tally_seal(out, from);
}
