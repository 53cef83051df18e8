/* TensorBoard's event files: against TensorBoard's own reader on files of real writers, and cut, torn and spoiled. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/exchange_tensorboard.h"

static struct json_object *oracle;

struct got {
	struct str text; /* a line a scalar: tag, step, time, value; a line a parameter */
};

static void on_scalar(void *user, const char *tag, size_t len, int64_t step, int64_t time, double value)
{
	struct got *g = user;
	char number[NUM_TEXT];

	str_addf(&g->text, "%.*s %lld %lld %s\n", (int)len, tag, (long long)step, (long long)time,
	         num_shortest(value, number));
}

static void on_param(void *user, const char *key, const char *value)
{
	str_addf(&((struct got *)user)->text, "param %s=%s\n", key, value);
}

static struct str unhex(const char *hex)
{
	struct str out;

	str_init(&out);
	for (; hex[0] && hex[1]; hex += 2) {
		char pair[3] = {hex[0], hex[1], 0};
		str_addc(&out, (char)strtol(pair, NULL, 16));
	}
	return out;
}

static struct str file_of(const char *writer, int which)
{
	struct json_object *files = oracle_get(oracle, "files");

	for (size_t i = 0; i < json_object_array_length(files); i++) {
		struct json_object *f = json_object_array_get_idx(files, i);
		if (strcmp(oracle_text(f, "writer"), writer) == 0 && which-- == 0)
			return unhex(oracle_text(f, "bytes"));
	}
	fail_msg("there is no file of %s", writer);
	return (struct str){0};
}

static struct tensorboard_read read_all(const struct str *bytes, struct got *g)
{
	struct tensorboard_sink sink = {g, on_scalar, on_param};
	struct tensorboard_read r = {0};
	struct error err;
	int fd = child_file(bytes->data, bytes->len);

	str_init(&g->text);
	assert_true(fd >= 0);
	if (tensorboard_read(fd, SIZE_MAX, &sink, &r, &err) < 0)
		fail_msg("%s", err.text);
	close(fd);
	return r;
}

/* Every value that TensorBoard reads is there, in its place, and there are no others. */
static void judge_file(struct json_object *f)
{
	struct json_object *series = oracle_get(f, "series");
	struct str bytes = unhex(oracle_text(f, "bytes"));
	uint64_t wanted = 0;
	struct got g;
	struct tensorboard_read r = read_all(&bytes, &g);

	for (size_t i = 0; i < json_object_array_length(series); i++) {
		struct json_object *one = json_object_array_get_idx(series, i), *points = oracle_get(one, "points");
		for (size_t k = 0; k < json_object_array_length(points); k++) {
			struct json_object *p = json_object_array_get_idx(points, k);
			char number[NUM_TEXT];
			double value;
			const char *text = json_object_get_string(json_object_array_get_idx(p, 2));
			char *line;
			value = strcmp(text, "nan") == 0   ? (double)NAN
			        : strcmp(text, "inf") == 0 ? (double)INFINITY
			                                   : -(double)INFINITY;
			assert_true(num_parse(text, strlen(text), &value) || strcmp(text, "nan") == 0 ||
			            strcmp(text + (text[0] == '-'), "inf") == 0);
			line = xasprintf("%s %lld %lld %s\n", oracle_text(one, "name"),
			                 (long long)json_object_get_int64(json_object_array_get_idx(p, 0)),
			                 (long long)json_object_get_int64(json_object_array_get_idx(p, 1)),
			                 num_shortest(value, number));
			if (!strstr(g.text.data, line))
				fail_msg("%s: not read: %sbut:\n%s", oracle_text(f, "writer"), line, g.text.data);
			wanted++;
			free(line);
		}
	}
	assert_int_equal(r.scalars, wanted);
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.offset, (int64_t)bytes.len);
	assert_false(r.broken);
	str_release(&bytes);
	str_release(&g.text);
}

static void test_oracle(void **state)
{
	struct json_object *files = oracle_get(oracle, "files");

	(void)state;
	assert_true(json_object_array_length(files) >= 12);
	for (size_t i = 0; i < json_object_array_length(files); i++)
		judge_file(json_object_array_get_idx(files, i));
}

static void test_hparams(void **state)
{
	/* torch takes a truth for a number. */
	static const char *const writers[] = {"tensorboardX", "torch"};
	static const char *const flags[] = {"param flag=true\n", "param flag=1\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(writers); i++) {
		struct str bytes = file_of(writers[i], 1);
		struct got g;
		read_all(&bytes, &g);
		assert_non_null(strstr(g.text.data, "param lr=0.1\n"));
		assert_non_null(strstr(g.text.data, "param batch=32\n"));
		assert_non_null(strstr(g.text.data, "param name=a b\n"));
		assert_non_null(strstr(g.text.data, flags[i]));
		str_release(&bytes);
		str_release(&g.text);
	}
}

/* A file that grows by one byte at a time gives each value once, as soon as its record is whole. */
static void test_torn(void **state)
{
	struct str bytes = file_of("tensorflow", 0);
	struct got whole, g;
	struct tensorboard_sink sink = {&g, on_scalar, on_param};
	struct tensorboard_read r = {0};
	int fd = child_file("", 0);

	(void)state;
	read_all(&bytes, &whole);
	str_init(&g.text);
	for (size_t i = 0; i < bytes.len; i++) {
		assert_int_equal(pwrite(fd, bytes.data + i, 1, (off_t)i), 1);
		assert_int_equal(tensorboard_read(fd, SIZE_MAX, &sink, &r, NULL), 0);
		assert_int_equal(r.bad, 0);
		assert_false(r.broken);
	}
	assert_string_equal(g.text.data, whole.text.data);
	assert_int_equal(r.offset, (int64_t)bytes.len);
	close(fd);
	str_release(&bytes);
	str_release(&whole.text);
	str_release(&g.text);
}

/* One byte spoiled anywhere: a bad record, or the end of the frames; never another value. */
static void test_spoiled(void **state)
{
	struct str bytes = file_of("tensorboard", 0);
	struct got whole, g;

	(void)state;
	read_all(&bytes, &whole);
	for (size_t i = 0; i < bytes.len; i++) {
		struct tensorboard_read r;
		bytes.data[i] ^= 0x40;
		r = read_all(&bytes, &g);
		assert_int_equal(r.bad, 1);
		assert_true(r.why[0] != 0);
		/* What is left are lines of the whole. */
		for (const char *p = g.text.data; *p; p = strchr(p, '\n') + 1) {
			char *line = xasprintf("%.*s\n", (int)strcspn(p, "\n"), p);
			assert_non_null(strstr(whole.text.data, line));
			free(line);
		}
		str_release(&g.text);
		bytes.data[i] ^= 0x40;
	}
	str_release(&bytes);
	str_release(&whole.text);
}

static void add_record(struct str *out, const void *bytes, size_t len)
{
	unsigned char head[12];
	uint32_t sum;

	for (int i = 0; i < 8; i++)
		head[i] = (unsigned char)((uint64_t)len >> (8 * i));
	sum = tensorboard_checksum(head, 8);
	for (int i = 0; i < 4; i++)
		head[8 + i] = (unsigned char)(sum >> (8 * i));
	str_add(out, (const char *)head, sizeof head);
	str_add(out, bytes, len);
	sum = tensorboard_checksum(bytes, len);
	for (int i = 0; i < 4; i++)
		str_addc(out, (char)(sum >> (8 * i)));
}

/* What is too long to be a scalar is passed over, once all of it is there. */
static void test_long(void **state)
{
	struct str bytes = file_of("tensorboard", 0), all;
	size_t len = TENSORBOARD_RECORD_MAX + 1000;
	char *image = xcalloc(1, len);
	struct tensorboard_read r;
	struct got g;

	(void)state;
	str_init(&all);
	add_record(&all, image, len);
	str_add(&all, bytes.data, bytes.len);
	r = read_all(&all, &g);
	assert_int_equal(r.scalars, 8);
	assert_int_equal(r.others, 1);
	assert_int_equal(r.offset, (int64_t)all.len);
	str_release(&g.text);
	all.len = len;
	r = read_all(&all, &g);
	assert_int_equal(r.offset, 0);
	assert_int_equal(r.bad, 0);
	str_release(&g.text);
	str_release(&all);
	str_release(&bytes);
	free(image);
}

/* Half precision, a tensor of several values, one whose shape is cut: by hand, from the formats' descriptions. */
static void test_tensors(void **state)
{
	static const struct {
		const char *tensor;
		size_t len;
		int scalars, others;
		const char *value;
	} cases[] = {
	    /* dtype 19 (half), tensor_content 0x3555 = 0.333251953125 */
	    {"\x08\x13\x12\x00\x22\x02\x55\x35", 8, 1, 0, "0.333251953125"},
	    /* the same in half_val (13), packed */
	    {"\x08\x13\x12\x00\x6a\x02\xd5\x6a", 8, 1, 0, "0.333251953125"},
	    /* bfloat16 -2.5 = 0xc020 */
	    {"\x08\x0e\x12\x00\x22\x02\x20\xc0", 8, 1, 0, "-2.5"},
	    /* int64_val -7, not packed */
	    {"\x08\x09\x12\x00\x50\xf9\xff\xff\xff\xff\xff\xff\xff\xff\x01", 15, 1, 0, "-7"},
	    /* a list that is left out is zero */
	    {"\x08\x02\x12\x00", 4, 1, 0, "0"},
	    /* shape [1] */
	    {"\x08\x01\x12\x04\x12\x02\x08\x01\x22\x04\x00\x00\x80\x3f", 14, 1, 0, "1"},
	    /* shape [2]: no scalar */
	    {"\x08\x01\x12\x04\x12\x02\x08\x02\x22\x08\x00\x00\x80\x3f\x00\x00\x80\x3f", 18, 0, 1, ""},
	    /* a string */
	    {"\x08\x07\x12\x00\x42\x02hi", 8, 0, 1, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str value, summary, event;
		struct got g;
		struct tensorboard_sink sink = {&g, on_scalar, on_param};
		uint64_t scalars = 0, others = 0;
		const char *why;
		str_init(&value);
		str_init(&summary);
		str_init(&event);
		str_init(&g.text);
		str_add(&value, "\x0a\x01t\x42", 4);
		str_addc(&value, (char)cases[i].len);
		str_add(&value, cases[i].tensor, cases[i].len);
		str_addc(&summary, '\x0a');
		str_addc(&summary, (char)value.len);
		str_add(&summary, value.data, value.len);
		str_add(&event, "\x10\x05\x2a", 3);
		str_addc(&event, (char)summary.len);
		str_add(&event, summary.data, summary.len);
		if (!tensorboard_event(event.data, event.len, &sink, &scalars, &others, &why))
			fail_msg("case %zu: %s", i, why);
		assert_int_equal(scalars, cases[i].scalars);
		assert_int_equal(others, cases[i].others);
		if (cases[i].scalars) {
			char *line = xasprintf("t 5 0 %s\n", cases[i].value);
			assert_string_equal(g.text.data, line);
			free(line);
		}
		/* Cut anywhere it is refused, or says no more than it did. */
		for (size_t n = 0; n < event.len; n++) {
			str_clear(&g.text);
			tensorboard_event(event.data, n, &sink, &scalars, &others, &why);
		}
		str_release(&value);
		str_release(&summary);
		str_release(&event);
		str_release(&g.text);
	}
}

static void test_names(void **state)
{
	(void)state;
	/* RFC 3720, B.4: 32 bytes of zeros have CRC-32C 0x8a9136aa; masked by hand. */
	assert_int_equal(
	    tensorboard_checksum("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32),
	    (uint32_t)((0x8a9136aau >> 15 | 0x8a9136aau << 17) + 0xa282ead8u));
	assert_true(tensorboard_is_name("events.out.tfevents.1795762246.vm.2180.0.v2"));
	assert_false(tensorboard_is_name("events-1.jsonl"));
	assert_int_equal(tensorboard_name_time("events.out.tfevents.1795762246.vm"), 1795762246);
	assert_int_equal(tensorboard_name_time("events.out.tfevents"), 0);
	assert_int_equal(tensorboard_name_time("x.tfevents.host"), 0);
}

static int begin(void **state)
{
	(void)state;
	oracle = oracle_open("tests/oracle/event_files.json");
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_object_put(oracle);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_oracle),  cmocka_unit_test(test_hparams), cmocka_unit_test(test_torn),
	    cmocka_unit_test(test_spoiled), cmocka_unit_test(test_long),    cmocka_unit_test(test_tensors),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
