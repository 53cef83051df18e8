/* Event files: what lines say, what is wrong with bad ones, and that every line counts once. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/store/event.h"
#include "../lib/store_fixture.h"
#include "../lib/store_place.h"

static void put(struct store_place *f, const char *name, const char *how, const char *text, size_t len)
{
	char *path = path_join(f->live, name);
	FILE *file = fopen(path, how);

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	free(path);
}

static void add(struct store_place *f, const char *text)
{
	put(f, "events-a.jsonl", "a", text, strlen(text));
}

static void absorb(struct store_place *f, unsigned flags)
{
	must(f, absorb_once(f->store, f->run, f->live, flags, &f->got, &f->err));
}

static struct series find(struct store_place *f, const char *name, const char *context)
{
	struct series series;

	must(f, store_series_find(f->store, f->run, SERIES_METRIC, name, context, f->mem, &series, &f->err));
	return series;
}

static void points_are(struct store_place *f, const char *name, const struct point *want, size_t count)
{
	struct point *points;
	size_t n;

	must(f, store_series_points(f->store, find(f, name, NULL).id, 0, 0, f->mem, &points, &n, &f->err));
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(points[i].step, want[i].step);
		if (want[i].time)
			assert_int_equal(points[i].time, want[i].time);
		assert_true(points[i].value == want[i].value || (isnan(points[i].value) && isnan(want[i].value)));
	}
}

static size_t bad_lines(struct store_place *f, struct bad_line **bad)
{
	size_t count;

	must(f, store_bad_lines(f->store, f->run, f->mem, bad, &count, &f->err));
	return count;
}

static void every_kind(void **at)
{
	struct store_place *f = *at;
	struct store_pair *pairs;
	struct run_artifact *artifacts;
	struct run_input *inputs;
	struct run_row row;
	struct bad_line *bad;
	size_t count;

	add(f, "{\"metric\":\"loss\",\"value\":0.31,\"step\":120,\"time\":1763888000123}\n"
	       "{\"metric\":\"loss\",\"value\":NaN,\"step\":121}\n"
	       " { \"step\" : 122 , \"value\" : -Infinity , \"metric\" : \"loss\" } \r\n"
	       "\n"
	       "{\"metric\":\"loss\",\"value\":Infinity,\"step\":1.23e2,\"new\":{\"a\":[1,{}]}}\n"
	       "{\"metric\":\"loss\",\"value\":-0.5,\"step\":-7,\"context\":\"eval\"}\n"
	       "{\"metrics\":{\"a\":1,\"b\":2.5e-3},\"step\":3}\n"
	       "{\"metrics\":{}}\n"
	       "{\"param\":\"lr\",\"value\":\"0.05\"}\n{\"param\":\"depth\",\"value\":6}\n{\"param\":\"on\","
	       "\"value\":true}\n"
	       "{\"param\":\"lr\",\"value\":\"0.05\"}\n"
	       "{\"tag\":\"team\",\"value\":\"risk\"}\n{\"tag\":\"team\",\"value\":\"r\\u00eesk \\ud83d\\ude00 "
	       "\\ud800\"}\n"
	       "{\"artifact\":\"model.bin\"}\n{\"dataset\":\"train.csv\",\"role\":\"train\"}\n{\"dataset\":\"x."
	       "csv\"}\n"
	       "{\"progress\":0.25}\n{\"progress\":0.62}\n{\"note\":\"a "
	       "\\\"note\\\"\",\"time\":5}\n{\"alert\":\"hot\"}\n");
	absorb(f, 0);
	assert_int_equal(f->got.bad_lines, 0);
	assert_int_equal(f->got.lines, 20);
	assert_int_equal(f->got.points, 7);
	assert_false(f->got.more);
	points_are(
	    f, "loss",
	    (struct point[]){{120, 1763888000123, 0.31}, {121, 0, NAN}, {122, 0, -INFINITY}, {123, 0, INFINITY}},
	    4);
	assert_true(find(f, "loss", "eval").last.value == -0.5 && find(f, "loss", "eval").last.step == -7);
	assert_true(find(f, "b", NULL).last.value == 2.5e-3);
	must(f, store_params(f->store, f->run, f->mem, &pairs, &count, &f->err));
	assert_int_equal(count, 3);
	assert_string_equal(pairs[0].value, "6");
	assert_true(pairs[0].is_number);
	assert_string_equal(pairs[1].value, "0.05");
	assert_string_equal(pairs[2].value, "true");
	must(f, store_tags(f->store, f->run, f->mem, &pairs, &count, &f->err));
	assert_int_equal(count, 1);
	assert_string_equal(pairs[0].value, "r\xc3\xaesk \xf0\x9f\x98\x80 \xef\xbf\xbd");
	must(f, store_notes(f->store, f->run, f->mem, &pairs, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(pairs[0].value, "a \"note\"");
	assert_int_equal(pairs[0].at, 5);
	assert_string_equal(pairs[1].value, "alert: hot");
	must(f, store_artifacts(f->store, f->run, f->mem, &artifacts, &count, &f->err));
	assert_int_equal(count, 1);
	assert_string_equal(artifacts[0].digest, "");
	must(f, store_inputs(f->store, f->run, f->mem, &inputs, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(inputs[0].role, "train");
	must(f, store_run_get(f->store, f->run, f->mem, &row, &f->err));
	assert_true(row.progress == 0.62);
	assert_int_equal(bad_lines(f, &bad), 0);
	/* Nothing new: nothing absorbed. */
	absorb(f, 0);
	assert_int_equal(f->got.lines + f->got.bytes, 0);
}

/* Each line is bad, and what is said about it. */
static void bad_ones(void **at)
{
	struct store_place *f = *at;
	static const struct {
		const char *line, *why;
	} cases[] = {
	    {"hello", "a line is an object"},
	    {"{", "a key is missing"},
	    {"{}", "none of metric"},
	    {"[]", "a line is an object"},
	    {"{\"metric\":\"a\"}", "\"value\" is missing"},
	    {"{\"metric\":\"a\",\"value\":null}", "\"value\" wants a number"},
	    {"{\"metric\":\"a\",\"value\":\"1\"}", "\"value\" wants a number"},
	    {"{\"metric\":\"a\",\"value\":1e999}", "too large"},
	    {"{\"metric\":\"a\",\"value\":01}", "\",\" or \"}\" is missing"},
	    {"{\"metric\":\"a\",\"value\":+1}", "a value is missing"},
	    {"{\"metric\":\"a\",\"value\":.5}", "a value is missing"},
	    {"{\"metric\":\"a\",\"value\":5.}", "after the point"},
	    {"{\"metric\":\"a\",\"value\":1,}", "a key is missing"},
	    {"{\"metric\":\"a\",\"value\":1} x", "behind the object"},
	    {"{\"metric\":\"a\",\"value\":1,\"value\":2}", "twice"},
	    {"{\"metric\":\"\",\"value\":1}", "without a name"},
	    {"{\"metric\":7,\"value\":1}", "\"metric\" wants text"},
	    {"{\"metric\":\"a\\u0000b\",\"value\":1}", "NUL"},
	    {"{\"metric\":\"a\tb\",\"value\":1}", "control character"},
	    {"{\"metric\":\"a\\x\",\"value\":1}", "no such escape"},
	    {"{\"metric\":\"a\\u12g4\",\"value\":1}", "four hex digits"},
	    {"{\"metric\":\"a\",\"value\":1,\"step\":1.5}", "whole number"},
	    {"{\"metric\":\"a\",\"value\":1,\"step\":99999999999999999999}", "64 bits"},
	    {"{\"metric\":\"a\",\"value\":1,\"step\":NaN}", "whole number"},
	    {"{\"metric\":\"a\",\"value\":1,\"note\":\"b\"}", "says two"},
	    {"{\"metrics\":{\"a\":1,\"b\":\"x\"}}", "\"metrics\" wants a number"},
	    {"{\"metrics\":7}", "object of numbers"},
	    {"{\"param\":\"lr\",\"value\":[1]}", "\"value\" wants text"},
	    {"{\"progress\":1.5}", "0 to 1"},
	    {"{\"progress\":-0.5}", "0 to 1"},
	    {"{'metric':'a'}", "a key is missing"},
	    {"{\"metric\":\"a\",\"value\":tru}", "no such word"},
	    {"{\"param\":\"fixed\",\"value\":\"2\"}", "does not change"},
	    {"{\"param\":\"\",\"value\":\"2\"}", "needs a name"},
	};
	struct bad_line *bad;
	struct run_row row;
	struct series *list;
	size_t count;

	add(f, "{\"param\":\"fixed\",\"value\":\"1\"}\n");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		add(f, cases[i].line);
		add(f, "\n");
	}
	add(f, "{\"metric\":\"good\",\"value\":1}\n");
	absorb(f, 0);
	assert_int_equal(f->got.bad_lines, COUNT_OF(cases));
	assert_int_equal(bad_lines(f, &bad), COUNT_OF(cases));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_string_equal(bad[i].text, cases[i].line);
		if (!strstr(bad[i].why, cases[i].why))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].line, bad[i].why, cases[i].why);
	}
	assert_string_equal(bad[0].file, "events-a.jsonl");
	assert_int_equal(bad[0].offset, strlen("{\"param\":\"fixed\",\"value\":\"1\"}\n"));
	must(f, store_series_list(f->store, f->run, SERIES_METRIC, f->mem, &list, &count, &f->err));
	assert_int_equal(count, 1); /* no bad line has left a series */
	/* The first hundred are kept, all are counted; text is cut. */
	for (int i = 0; i < 200; i++)
		add(f, "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
		       "3456789"
		       "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
		       "3456789!\n");
	absorb(f, 0);
	assert_int_equal(bad_lines(f, &bad), 100);
	assert_int_equal(strlen(bad[99].text), 200);
	must(f, store_run_get(f->store, f->run, f->mem, &row, &f->err));
	assert_int_equal(row.bad_lines, COUNT_OF(cases) + 200);
}

static void steps_count_up(void **at)
{
	struct store_place *f = *at;

	add(f,
	    "{\"metric\":\"a\",\"value\":10}\n{\"metric\":\"a\",\"value\":11}\n{\"metric\":\"b\",\"value\":1}\n");
	absorb(f, 0);
	add(f, "{\"metric\":\"a\",\"value\":12}\n{\"metric\":\"a\",\"value\":13,\"step\":50}\n{\"metric\":\"a\","
	       "\"value\":14}\n");
	add(f, "{\"metric\":\"a\",\"value\":15,\"step\":7}\n{\"metric\":\"a\",\"value\":16}\n");
	absorb(f, 0);
	points_are(f, "a",
	           (struct point[]){
	               {0, 0, 10}, {1, 0, 11}, {2, 0, 12}, {50, 0, 13}, {51, 0, 14}, {7, 0, 15}, {52, 0, 16}},
	           7);
	add(f, "{\"metric\":\"a\",\"value\":17,\"step\":3}\n{\"metric\":\"a\",\"value\":18}\n");
	add(f, "{\"metric\":\"b\",\"value\":1,\"step\":9223372036854775807}\n{\"metric\":\"b\",\"value\":2}\n");
	absorb(f, 0);
	assert_int_equal(find(f, "a", NULL).last.step, 53);
	assert_int_equal(find(f, "b", NULL).last.step, INT64_MAX);
	assert_int_equal(find(f, "b", NULL).count, 3);
}

static void torn_lines(void **at)
{
	struct store_place *f = *at;
	const char *line = "{\"metric\":\"a\",\"value\":1,\"step\":1}\n";

	/* A byte at a time. */
	for (size_t i = 0; line[i]; i++) {
		put(f, "events-a.jsonl", "a", line + i, 1);
		absorb(f, 0);
		assert_int_equal(f->got.lines, !line[i + 1]);
	}
	/* The end is missing: waited for, unless nobody writes any more. */
	add(f, "{\"metric\":\"a\",\"value\":2,\"step\":2}");
	absorb(f, 0);
	assert_int_equal(f->got.lines, 0);
	absorb(f, ABSORB_FINAL);
	assert_int_equal(f->got.lines, 1);
	absorb(f, ABSORB_FINAL);
	assert_int_equal(f->got.lines, 0);
	assert_int_equal(find(f, "a", NULL).count, 2);
	put(f, "events-b.jsonl", "a", "{\"metric\":\"a\",\"val", 18);
	absorb(f, ABSORB_FINAL);
	assert_int_equal(f->got.bad_lines, 1);
}

static void long_lines(void **at)
{
	struct store_place *f = *at;
	struct str text;
	struct bad_line *bad;
	uint64_t bytes = 0;

	str_init(&text);
	str_adds(&text, "{\"metric\":\"a\",\"value\":1}\n{\"note\":\"");
	for (int i = 0; i < 5 << 20; i++)
		str_addc(&text, 'x');
	str_adds(&text, "\"}\n{\"metric\":\"a\",\"value\":2}\n{\"note\":\"");
	for (int i = 0; i < 900000; i++)
		str_addc(&text, 'y');
	str_adds(&text, "\"}\n{\"metric\":\"a\",\"value\":3}\n");
	put(f, "events-a.jsonl", "w", text.data, text.len);
	do {
		absorb(f, 0);
		bytes += f->got.bytes;
		assert_true(f->got.bytes <= 4 << 20);
	} while (f->got.more);
	assert_int_equal(bytes, text.len);
	assert_int_equal(find(f, "a", NULL).count, 3);
	assert_int_equal(bad_lines(f, &bad), 1);
	assert_non_null(strstr(bad[0].why, "1 MiB"));
	str_release(&text);
}

static void replaced_files(void **at)
{
	struct store_place *f = *at;
	struct bad_line *bad;
	char *path = path_join(f->live, "events-a.jsonl"), *copy = path_join(f->live, "copy");

	add(f, "{\"metric\":\"a\",\"value\":1,\"step\":1}\n{\"metric\":\"a\",\"value\":2,\"step\":2}\n");
	absorb(f, 0);
	/* A copy of it, continued, is the same file. */
	put(f, "copy", "w",
	    "{\"metric\":\"a\",\"value\":1,\"step\":1}\n{\"metric\":\"a\",\"value\":2,\"step\":2}\n"
	    "{\"metric\":\"a\",\"value\":3,\"step\":3}\n",
	    105 - 3);
	assert_int_equal(rename(copy, path), 0);
	absorb(f, 0);
	assert_int_equal(f->got.bad_lines, 0);
	assert_int_equal(find(f, "a", NULL).count, 3);
	/* Cut short and written anew: read from the beginning, and said. */
	put(f, "events-a.jsonl", "w", "{\"metric\":\"b\",\"value\":9}\n", 25);
	absorb(f, 0);
	assert_int_equal(f->got.bad_lines, 1);
	assert_int_equal(find(f, "b", NULL).count, 1);
	assert_int_equal(bad_lines(f, &bad), 1);
	assert_non_null(strstr(bad[0].why, "from its beginning"));
	/* Others, longer than what was known. */
	put(f, "events-a.jsonl", "w", "{\"metric\":\"c\",\"value\":9}\n{\"metric\":\"c\",\"value\":10}\n", 51);
	absorb(f, 0);
	assert_int_equal(f->got.bad_lines, 1);
	assert_int_equal(find(f, "c", NULL).count, 2);
	free(path);
	free(copy);
}

static void other_files(void **at)
{
	struct store_place *f = *at;
	char *path = path_join(f->live, "events-link.jsonl"),
	     *pipe_path = path_join(f->live, "events-pipe.jsonl");
	char *folder = path_join(f->live, "events-dir.jsonl"), *none = path_join(f->folder, "none");

	put(f, "other.jsonl", "w", "{\"metric\":\"x\",\"value\":9}\n", 25);
	put(f, "events-.jsonl", "w", "{\"metric\":\"x\",\"value\":9}\n", 25);
	assert_int_equal(symlink("other.jsonl", path), 0);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	absorb(f, ABSORB_FINAL);
	assert_int_equal(f->got.lines, 0);
	must(f, absorb_once(f->store, f->run, none, 0, &f->got, &f->err));
	assert_int_equal(absorb_once(f->store, 12345, f->live, 0, &f->got, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NO);
	/* Many writers. */
	for (int i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof(name), "events-%d.jsonl", i);
		put(f, name, "w", "{\"metric\":\"m\",\"value\":1}\n", 25);
	}
	absorb(f, 0);
	assert_int_equal(f->got.points, 50);
	assert_int_equal(find(f, "m", NULL).last.step, 49);
	free(path);
	free(pipe_path);
	free(folder);
	free(none);
}

/* ---- against json-c ---- */

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* A line of pieces that are mostly right. */
static void make_line(struct str *out)
{
	static const char *const pieces[] = {
	    "{\"metric\":\"loss\",\"value\":",
	    "0.31",
	    ",\"step\":120",
	    ",\"time\":1763888000123}",
	    "}",
	    "{",
	    "\"metric\"",
	    ":",
	    ",",
	    "\"a\\u00e9\\n\\ud83d\\ude00\"",
	    "1e5",
	    "-0",
	    "-0.0",
	    "12345678901234567890",
	    "1.7976931348623157e308",
	    "4.9e-324",
	    "0.1e-7",
	    "NaN",
	    "-Infinity",
	    " ",
	    "true",
	    "null",
	    "[1,2,{}]",
	    "{\"metrics\":{\"a\":1,\"b\":0.30000000000000004},\"step\":3}",
	    "\"step\"",
	    "\"context\":\"eval\"",
	    "\"\\\\\\\"\"",
	    "\"tab\t\"",
	    "00",
	    "]",
	};

	str_clear(out);
	if (draw(3)) { /* a whole line with one change */
		char number[NUM_TEXT];
		double value;
		uint64_t bits = draw(UINT64_MAX);

		memcpy(&value, &bits, sizeof(value));
		str_addf(out, "{\"metric\":\"loss\",\"value\":%s,\"step\":%lld}",
		         isfinite(value) ? num_shortest(value, number) : "0", (long long)draw(UINT64_MAX));
		if (draw(2))
			out->data[draw(out->len)] = "{}[]\",:0123456789eE+-.nN \\"[draw(26)];
		return;
	}
	for (uint64_t n = 1 + draw(7); n; n--)
		str_adds(out, pieces[draw(COUNT_OF(pieces))]);
}

/* A number that begins with a zero too many. */
static bool leading_zero(const char *line)
{
	for (size_t i = 1; line[i]; i++)
		if (line[i] == '0' && strchr(":,[ -", line[i - 1]) && line[i + 1] >= '0' && line[i + 1] <= '9')
			return true;
	return false;
}

/* What json-c takes for an object and what we do agree, and so do the numbers. */
static void as_json_c_does(void **unused)
{
	struct json_tokener *tok = json_tokener_new();
	struct event e;
	struct str line;
	int taken = 0;

	(void)unused;
	event_init(&e);
	str_init(&line);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	for (int i = 0; i < 60000; i++) {
		struct json_object *o, *metric, *value, *step;
		bool parsed, json;

		make_line(&line);
		json_tokener_reset(tok);
		o = json_tokener_parse_ex(tok, line.data, (int)line.len + 1);
		json =
		    json_tokener_get_error(tok) == json_tokener_success && json_object_is_type(o, json_type_object);
		parsed = event_parse(&e, line.data, line.len);
		/* What we take is JSON. What we refuse is none, or says why it is not an event. */
		if (parsed && !json)
			fail_msg("only we take %s", line.data);
		if (!parsed && json && !strncmp(e.why, "not JSON", 8)) {
			/* Even strict, json-c takes control characters in text, "5.", "-.5" and "05". */
			if (!strstr(e.why, "a control character") && !strstr(e.why, "a digit is missing") &&
			    !leading_zero(line.data))
				fail_msg("only json-c takes %s: %s", line.data, e.why);
		}
		if (parsed && e.kind == EVENT_METRIC && json_object_object_get_ex(o, "metric", &metric) &&
		    json_object_object_get_ex(o, "value", &value)) {
			const char *text = json_object_get_string(metric);
			double number = json_object_get_double(value);

			taken++;
			assert_int_equal(strlen(text), e.subject.len);
			assert_memory_equal(text, e.subject.text, e.subject.len);
			/* Whole numbers beyond 64 bits are cut by json-c. */
			if (json_object_is_type(value, json_type_double) || fabs(number) < 1e15)
				assert_true(number == e.number || (isnan(number) && isnan(e.number)));
			if (e.has_step && json_object_object_get_ex(o, "step", &step) &&
			    json_object_is_type(step, json_type_int) && json_object_get_int64(step) != INT64_MAX)
				assert_int_equal(json_object_get_int64(step), e.step);
		}
		json_object_put(o);
	}
	assert_true(taken > 5000);
	json_tokener_free(tok);
	event_release(&e);
	str_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_kind, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(bad_ones, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(steps_count_up, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(torn_lines, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(long_lines, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(replaced_files, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(other_files, store_place_report, store_place_end),
	    cmocka_unit_test(as_json_c_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
