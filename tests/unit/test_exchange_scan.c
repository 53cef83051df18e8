/* exchange: plain bodies of log-metric and log-batch are read in place. What comes of them is what comes of the same
 * said in a way that is not plain, and what is wrong is refused in the same words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/exchange_place.h"

#define RUN "@" /* in a body: the id of the run */

/* "200 {}", the id of the run written as RUN in both. */
static const char *call(struct exchange_place *p, const char *method, const char *what, const char *run,
                        const char *body, size_t len)
{
	const struct exchange_field field = {"run_id", run};
	struct exchange_call c = {.method = method,
	                          .path = arena_printf(p->mem, API "%s", what),
	                          .fields = &field,
	                          .field_count = run ? 1 : 0};
	struct exchange_answer answer;
	struct str text;
	const char *out;

	str_init(&text);
	for (size_t i = 0; i < len; i++)
		if (run && body[i] == RUN[0])
			str_adds(&text, run);
		else
			str_addc(&text, body[i]);
	c.body = text.data;
	c.body_len = text.len;
	exchange_answer_init(&answer);
	exchange_call(p->exchange, &c, &answer);
	str_clear(&text);
	str_addf(&text, "%d ", answer.status);
	for (const char *at = answer.body.data; *at;) {
		bool id = run && strncmp(at, run, strlen(run)) == 0;

		str_addc(&text, id ? RUN[0] : *at);
		at += id ? strlen(run) : 1;
	}
	out = arena_memdup0(p->mem, text.data, text.len);
	exchange_answer_release(&answer);
	str_release(&text);
	return out;
}

static const char *new_run(struct exchange_place *p)
{
	static const char body[] = "{\"experiment_id\":\"0\",\"start_time\":1000,\"run_name\":\"r\"}";
	const char *text = call(p, "POST", "runs/create", NULL, body, strlen(body));
	const char *at = strstr(text, "\"run_id\":\"");

	assert_non_null(at);
	return arena_memdup0(p->mem, at + 10, 32);
}

/* Of the run that was told this: the answer, and the run as it is then. */
static const char *told(struct exchange_place *p, const char *what, const char *body, size_t len)
{
	const char *run = new_run(p), *answer = call(p, "POST", what, run, body, len);

	return arena_printf(p->mem, "%s\n%s", answer, call(p, "GET", "runs/get", run, "", 0));
}

static const char *said(struct exchange_place *p, const char *what, const char *body)
{
	return told(p, what, body, strlen(body));
}

static void same(struct exchange_place *p, const char *what, const char *plain, const char *otherwise)
{
	assert_string_equal(said(p, what, plain), said(p, what, otherwise));
}

static void as_otherwise(void **state)
{
	struct exchange_place *p = *state;
	const char *text;

	same(
	    p, "runs/log-metric",
	    "{\"run_id\":\"@\",\"key\":\"a b/c\",\"value\":-1.5e-3,\"timestamp\":7,\"step\":-2}",
	    "{\"run_id\":\"@\",\"key\":\"a\\u0020b\\/c\",\"value\":-0.0015,\"timestamp\":\"7\",\"step\":\"-2\"}");
	same(p, "runs/log-metric",
	     " {\n\t\"run_uuid\" : \"@\" , \"key\":\"a\",\"value\" :12,\"timestamp\":0 } \r\n",
	     "{\"run_uuid\":\"@\",\"key\":\"a\",\"value\":12.0,\"timestamp\":0,\"unknown\":{\"a\":[]}}");
	same(p, "runs/log-batch",
	     "{\"run_id\":\"@\",\"metrics\":[{\"key\":\"a\",\"value\":1,\"timestamp\":1},{\"key\":\"b\","
	     "\"value\":2,"
	     "\"timestamp\":1,\"step\":5,\"run_id\":\"x\"},{\"key\":\"a\",\"value\":3,\"timestamp\":2}],"
	     "\"params\":[],\"tags\":[]}",
	     "{\"run_id\":\"@\",\"metrics\":[{\"key\":\"a\",\"value\":1,\"timestamp\":1,\"step\":null},{\"key\":"
	     "\"b\",\"value\":2,\"timestamp\":1,\"step\":5.0},{\"key\":\"a\",\"value\":3,\"timestamp\":2}]}");
	same(p, "runs/log-batch", "{\"run_id\":\"@\",\"metrics\":[]}", "{\"run_id\":\"@\"}");
	/* And it is what was said. */
	text = said(p, "runs/log-batch",
	            "{\"metrics\":[{\"key\":\"a\",\"value\":0.25,\"timestamp\":1}],\"run_id\":\"@\"}");
	assert_non_null(strstr(text, "200 {}\n"));
	assert_non_null(strstr(text, "{\"key\":\"a\",\"value\":0.25,\"timestamp\":1,\"step\":0}"));
	/* A member that is said twice counts as it is said last. */
	text = said(p, "runs/log-metric",
	            "{\"run_id\":\"@\",\"key\":\"a\",\"key\":\"b\",\"value\":1,\"value\":2,\"timestamp\":1}");
	assert_non_null(strstr(text, "[{\"key\":\"b\",\"value\":2,"));
}

/* Every beginning of a body, and every byte of it in the place of which another stands: as without the scanner, which a
 * member that it does not know keeps away. */
static void damaged(void **state)
{
	static const char body[] =
	    "{\"run_id\":\"@\",\"metrics\":[{\"key\":\"a.b\",\"value\":-1.5e1,\"timestamp\":12,"
	    "\"step\":3},{\"key\":\"c\",\"value\":0,\"timestamp\":1}],\"tags\":[]}";
	static const char bytes[] = {'"', '\\', '0', '-',    '.',    'e',    '}', ']',
	                             ',', ':',  ' ', '\x01', '\x7f', '\xc3', '$'};
	struct exchange_place *p = *state;
	size_t len = strlen(body);
	char changed[sizeof body], slow[sizeof body + 16];

	for (size_t i = 0; i < len * (1 + sizeof bytes); i++) {
		size_t at = i % len, kind = i / len;

		memcpy(changed, body, sizeof body);
		if (kind)
			changed[at] = bytes[kind - 1];
		if (changed[0] != '{' || (kind ? body[at] == '@' : at < 2))
			continue;
		snprintf(slow, sizeof slow, "{\"q\":0,%s", changed + 1);
		const char *a = told(p, "runs/log-batch", changed, kind ? len : at);
		const char *b = told(p, "runs/log-batch", slow, (kind ? len : at) + 6);
		if (strcmp(a, b) != 0)
			fail_msg("%.*s:\n%s\nand with another member:\n%s", (int)(kind ? len : at), changed, a, b);
	}
}

/* The server holds what it knows of a run's series while others write, and while the run goes. */
static void beside_others(void **state)
{
	static const char metric[] = "{\"run_id\":\"@\",\"key\":\"m\",\"value\":%d,\"timestamp\":%d,\"step\":%d}";
	struct exchange_place *p = *state;
	const char *run = new_run(p), *text;
	struct run_row row;
	struct store *other;
	struct error err;

	assert_int_equal(store_open(&other, store_path(p->store), STORE_WRITE, &err), 0);
	assert_int_equal(store_run_by_uuid(other, run, p->mem, &row, &err), 0);
	for (int i = 0; i < 200; i++) {
		const struct point point = {i, i, -i};

		text = arena_printf(p->mem, metric, i, i, i);
		assert_string_equal(call(p, "POST", "runs/log-metric", run, text, strlen(text)), "200 {}");
		if (i % 3 == 0)
			assert_int_equal(store_series_append(other, row.id, SERIES_METRIC, "m", "", &point, 1, &err), 0);
	}
	struct series series;
	assert_int_equal(store_series_find(other, row.id, SERIES_METRIC, "m", "", p->mem, &series, &err), 0);
	assert_int_equal(series.count, 267);
	assert_true(series.min.value == -198 && series.max.value == 199 && series.last.value == 199);
	text = arena_printf(p->mem, "{\"run_id\":\"%s\"}", run);
	assert_string_equal(call(p, "POST", "runs/delete", run, text, strlen(text)), "200 {}");
	text = arena_printf(p->mem, metric, 7, 7, 7);
	text = call(p, "POST", "runs/log-metric", run, text, strlen(text));
	assert_non_null(strstr(text, "must be in the 'active' state"));
	store_close(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_place_open, exchange_place_close)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(as_otherwise), TEST(damaged), TEST(beside_others)};

	return cmocka_run_group_tests_name("exchange_scan", tests, NULL, NULL);
}
