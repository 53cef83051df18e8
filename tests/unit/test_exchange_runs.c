/* exchange: what MLflow's clients report of a run and how it ends, call by call, without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../lib/exchange_place.h"
#include "assay/store_tracking.h"

static void run_of_a_client(void **state)
{
	struct exchange_place *p = *state;
	const char *text, *id, *child;
	struct run_row row;

	text = exchange_ask(
	    p, 200, "POST runs/create",
	    "{\"experiment_id\":\"0\",\"user_id\":\"ada\",\"start_time\":\"1000\",\"run_name\":\"first\","
	    "\"unknown\":1,"
	    "\"tags\":[{\"key\":\"mlflow.source.git.commit\",\"value\":\"abc\"},"
	    "{\"key\":\"mlflow.note.content\",\"value\":\"a note\"}]}");
	answer_has(text, "\"status\":\"RUNNING\"");
	answer_has(text, "{\"key\":\"mlflow.runName\",\"value\":\"first\"}");
	id = answer_value(p, text, "run_id");
	answer_has(text, F("\"artifact_uri\":\"mlflow-artifacts:/0/%s/artifacts\"", id));
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.name, "first");
	assert_string_equal(row.user, "ada");
	assert_string_equal(row.code_commit, "abc");
	assert_string_equal(row.source, "mlflow");
	assert_int_equal(row.started, 1000);
	child = answer_value(
	    p,
	    exchange_ask(
	        p, 200, "POST runs/create",
	        F("{\"experiment_id\":\"0\",\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"%s\"}]}", id)),
	    "run_id");
	assert_int_equal(store_run_by_uuid(p->store, child, p->mem, &row, &p->err), 0);
	assert_string_equal(row.parent, id);
	/* Ended, taken up again, ended another way. */
	text = exchange_ask(
	    p, 200, "POST runs/update",
	    F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":2000,\"run_name\":\"renamed\"}", id));
	answer_has(text, "\"end_time\":2000");
	answer_has(text, "\"run_name\":\"renamed\"");
	answer_lacks(
	    exchange_ask(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"RUNNING\"}", id)),
	    "end_time");
	answer_has(exchange_ask(p, 200, "POST runs/update",
	                        F("{\"run_id\":\"%s\",\"status\":\"KILLED\",\"end_time\":3000}", id)),
	           "\"status\":\"KILLED\"");
	answer_has(exchange_ask(p, 200, "POST runs/update",
	                        F("{\"run_id\":\"%s\",\"status\":\"FAILED\",\"end_time\":3000}", id)),
	           "\"status\":\"FAILED\"");
	exchange_ask(p, 400, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"DONE\"}", id));
	exchange_ask(p, 404, "POST runs/update", "{\"run_id\":\"0123\",\"status\":\"FINISHED\"}");
	answer_has(exchange_ask(p, 400, "GET runs/get", NULL), "Missing value for required parameter 'run_id'");
	/* Removed and brought back. */
	exchange_ask(p, 200, "POST runs/delete", F("{\"run_id\":\"%s\"}", id));
	answer_has(exchange_ask(p, 200, F("GET runs/get?run_id=%s", id), NULL),
	           "\"lifecycle_stage\":\"deleted\"");
	answer_has(
	    exchange_ask(p, 400, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id)),
	    "must be in the 'active' state");
	exchange_ask(p, 200, "POST runs/restore", F("{\"run_id\":\"%s\"}", id));
	exchange_ask(p, 200, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id));
	exchange_ask(p, 200, "POST runs/delete-tag", F("{\"run_id\":\"%s\",\"key\":\"a\"}", id));
	exchange_ask(p, 404, "POST runs/delete-tag", F("{\"run_id\":\"%s\",\"key\":\"a\"}", id));
}

static void metrics_and_their_history(void **state)
{
	struct exchange_place *p = *state;
	const char *id = exchange_run_of(p, "0"), *text;
	const char *metric =
	    F("{\"run_id\":\"%s\",\"key\":\"loss\",\"value\":0.5,\"timestamp\":\"10\",\"step\":\"1\"}", id);

	exchange_ask(p, 200, "POST runs/log-metric", metric);
	/* The answer was lost, and the client says it again. */
	exchange_ask(p, 200, "POST runs/log-metric", metric);
	exchange_ask(
	    p, 200, "POST runs/log-metric",
	    F("{\"run_uuid\":\"%s\",\"key\":\"loss\",\"value\":\"NaN\",\"timestamp\":20,\"step\":2}", id));
	exchange_ask(
	    p, 200, "POST runs/log-metric",
	    F("{\"run_id\":\"%s\",\"key\":\"loss\",\"value\":\"-Infinity\",\"timestamp\":30,\"step\":3}", id));
	assert_string_equal(
	    exchange_ask(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=loss", id), NULL),
	    "{\"metrics\":[{\"key\":\"loss\",\"value\":0.5,\"timestamp\":10,\"step\":1},"
	    "{\"key\":\"loss\",\"value\":\"NaN\",\"timestamp\":20,\"step\":2},"
	    "{\"key\":\"loss\",\"value\":\"-Infinity\",\"timestamp\":30,\"step\":3}]}");
	text =
	    exchange_ask(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=loss&max_results=2", id), NULL);
	answer_lacks(text, "Infinity");
	text = exchange_ask(p, 200,
	                    F("GET metrics/get-history?run_id=%s&metric_key=loss&max_results=2&page_token=%s", id,
	                      answer_value(p, text, "next_page_token")),
	                    NULL);
	answer_has(text, "Infinity");
	answer_lacks(text, "next_page_token");
	assert_string_equal(
	    exchange_ask(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=none", id), NULL), "{}");
	answer_has(exchange_ask(p, 200, F("GET metrics/get-history-bulk?run_id=%s&metric_key=loss", id), NULL),
	           F("\"run_id\":\"%s\"", id));
	/* What is wrong is refused, and nothing is kept of it. */
	exchange_ask(p, 400, "POST runs/log-metric",
	             F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":\"much\",\"timestamp\":1}", id));
	exchange_ask(p, 400, "POST runs/log-metric", F("{\"run_id\":\"%s\",\"key\":\"x\",\"timestamp\":1}", id));
	exchange_ask(p, 400, "POST runs/log-metric", F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1}", id));
	exchange_ask(p, 400, "POST runs/log-metric",
	             F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1,\"timestamp\":-1}", id));
	exchange_ask(p, 400, "POST runs/log-metric",
	             F("{\"run_id\":\"%s\",\"key\":\"../x\",\"value\":1,\"timestamp\":1}", id));
	exchange_ask(p, 400, "POST runs/log-metric",
	             F("{\"run_id\":\"%s\",\"key\":\"a$b\",\"value\":1,\"timestamp\":1}", id));
	exchange_ask(p, 400, "POST runs/log-metric",
	             F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1,\"timestamp\":1.5}", id));
	answer_lacks(exchange_ask(p, 200, F("GET runs/get?run_id=%s", id), NULL), "\"x\"");
}

static void a_batch_is_all_or_nothing(void **state)
{
	struct exchange_place *p = *state;
	const char *id = exchange_run_of(p, "0"), *text;
	struct str body;

	exchange_ask(p, 200, "POST runs/log-parameter",
	             F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.1\"}", id));
	exchange_ask(p, 200, "POST runs/log-parameter",
	             F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.1\"}", id));
	answer_has(
	    exchange_ask(p, 400, "POST runs/log-parameter",
	                 F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.2\"}", id)),
	    "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1'");
	exchange_ask(
	    p, 200, "POST runs/log-batch",
	    F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"a\",\"value\":1,\"timestamp\":1},{\"key\":\"b\","
	      "\"value\":2,"
	      "\"timestamp\":1},{\"key\":\"a\",\"value\":3,\"timestamp\":2,\"step\":1}],\"params\":[{\"key\":"
	      "\"p\",\"value\":"
	      "\"\"}],\"tags\":[{\"key\":\"t\",\"value\":\"v\"}]}",
	      id));
	text = exchange_ask(p, 200, F("GET runs/get?run_id=%s", id), NULL);
	answer_has(text, "{\"key\":\"a\",\"value\":3,\"timestamp\":2,\"step\":1}");
	answer_has(text, "{\"key\":\"b\",\"value\":2,\"timestamp\":1,\"step\":0}");
	answer_has(text, "{\"key\":\"p\",\"value\":\"\"}");
	/* The changed parameter takes the new metric with it, and so does a bad one at the end. */
	exchange_ask(
	    p, 400, "POST runs/log-batch",
	    F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1}],\"params\":[{"
	      "\"key\":\"lr\","
	      "\"value\":\"9\"}]}",
	      id));
	exchange_ask(
	    p, 400, "POST runs/log-batch",
	    F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1},{\"key\":\"d\","
	      "\"value\":{}}]}",
	      id));
	exchange_ask(p, 400, "POST runs/log-batch",
	             F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1},7]}", id));
	answer_has(
	    exchange_ask(
	        p, 400, "POST runs/log-batch",
	        F("{\"run_id\":\"%s\",\"params\":[{\"key\":\"q\",\"value\":\"1\"},{\"key\":\"q\",\"value\":"
	          "\"1\"}]}",
	          id)),
	    "Duplicate parameter keys");
	answer_lacks(exchange_ask(p, 200, F("GET runs/get?run_id=%s", id), NULL), "\"c\"");
	/* The limits of the reference server. */
	str_init(&body);
	str_addf(&body, "{\"run_id\":\"%s\",\"params\":[", id);
	for (int i = 0; i <= 100; i++)
		str_addf(&body, "%s{\"key\":\"k%d\",\"value\":\"\"}", i ? "," : "", i);
	str_adds(&body, "]}");
	answer_has(exchange_ask(p, 400, "POST runs/log-batch", body.data), "at most 100 params. Got 101");
	str_clear(&body);
	str_addf(&body, "{\"run_id\":\"%s\",\"metrics\":[", id);
	for (int i = 0; i <= 1000; i++)
		str_addf(&body, "%s{\"key\":\"k\",\"value\":1,\"timestamp\":1,\"step\":%d}", i ? "," : "", i);
	str_adds(&body, "]}");
	answer_has(exchange_ask(p, 400, "POST runs/log-batch", body.data), "at most 1000 metrics. Got 1001");
	while (body.len <= EXCHANGE_BATCH_MAX)
		str_adds(&body, "                                        ");
	answer_has(exchange_ask(p, 400, "POST runs/log-batch", body.data), "must be at most 1000000 bytes");
	str_release(&body);
}

/* A run that a supervisor watches: a client may name it, move it before it is taken up, report into it, but not end it. */
static void a_watched_run(void **state)
{
	struct exchange_place *p = *state;
	const struct run_process self = {1, 1, "boot"};
	const struct run_new new = {.experiment = "default"};
	char uuid[ID_TEXT];
	struct run_row row;
	int64_t id;
	struct exchange_options options = {.run = uuid, .supervisor = &self, .command = &self};

	assert_int_equal(store_run_create(p->store, &new, &id, uuid, &p->err), 0);
	assert_int_equal(store_run_start(p->store, id, &self, 1000, &p->err), 0);
	exchange_free(p->exchange);
	p->exchange = exchange_new(p->store, &options);
	exchange_ask(p, 200, "POST experiments/create", "{\"name\":\"theirs\"}");
	assert_int_equal(store_run_get(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.experiment, "theirs");
	exchange_ask(p, 200, "POST experiments/create", "{\"name\":\"later\"}");
	exchange_ask(p, 200, "GET experiments/get-by-name?experiment_name=theirs", NULL);
	exchange_ask(p, 200, "POST runs/update",
	             F("{\"run_id\":\"%s\",\"status\":\"RUNNING\",\"run_name\":\"said\"}", uuid));
	exchange_ask(p, 200, "GET experiments/get-by-name?experiment_name=later", NULL);
	answer_has(exchange_ask(p, 200, "POST runs/update",
	                        F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":5}", uuid)),
	           "\"status\":\"RUNNING\"");
	exchange_ask(p, 400, "POST runs/delete", F("{\"run_id\":\"%s\"}", uuid));
	assert_int_equal(store_run_get(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.experiment, "theirs");
	assert_string_equal(row.name, "said");
	assert_int_equal(row.status, RUN_RUNNING);
	/* What its program made and did not end is lost with it. */
	const char *other = exchange_run_of(p, "0"), *ended = exchange_run_of(p, "0");
	exchange_ask(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", ended));
	exchange_end_open(p->exchange, "its program ended");
	assert_int_equal(store_run_by_uuid(p->store, other, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_LOST);
	assert_string_equal(row.reason, "its program ended");
	assert_int_equal(store_run_by_uuid(p->store, ended, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_DONE);
	answer_has(exchange_ask(p, 200, F("GET runs/get?run_id=%s", other), NULL), "\"status\":\"FAILED\"");
}

struct judged {
	int looks, ends;
	int64_t run, heard;
};

static void judge(void *user, struct store *store, int64_t run, int64_t heard, bool over)
{
	struct judged *j = user;

	j->looks += !over;
	j->ends += over;
	j->run = run;
	j->heard = heard;
	/* In time: a run that is over takes no flag. */
	if (over)
		assert_int_equal(store_run_flag(store, run, "judged", 1, NULL), 0);
}

static void clients_runs_are_judged(void **state)
{
	struct exchange_place *p = *state;
	struct judged j = {0};
	const struct exchange_options options = {.judge = judge, .judge_user = &j};
	struct run_row row;
	const char *id;
	int64_t began = time_mono_ms(), now = time_now_ms();

	assert_false(exchange_judge(p->exchange));
	exchange_free(p->exchange);
	p->exchange = exchange_new(p->store, &options);
	assert_false(exchange_judge(p->exchange));
	id = exchange_run_of(p, "0");
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_true(row.heard >= now);
	assert_true(exchange_judge(p->exchange));
	assert_int_equal(j.looks, 1);
	assert_int_equal(j.run, row.id);
	assert_true(j.heard >= began && j.heard <= time_mono_ms());
	exchange_ask(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", id));
	assert_int_equal(j.ends, 1);
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_DONE);
	assert_string_equal(row.flag, "judged");
	assert_false(exchange_judge(p->exchange));
	/* Those that are left open, too. */
	id = exchange_run_of(p, "0");
	exchange_end_open(p->exchange, "its program ended");
	assert_int_equal(j.ends, 2);
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.flag, "judged");
}

static void what_is_sealed_stays(void **state)
{
	struct exchange_place *p = *state;
	const char *id = exchange_run_of(p, "0");
	struct run_row row;

	exchange_ask(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", id));
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	exchange_ask(p, 200, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id));
	assert_int_equal(store_run_seal_set(p->store, row.id,
	                                    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	                                    &p->err),
	                 0);
	answer_has(exchange_ask(p, 400, "POST runs/log-metric",
	                        F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":1,\"timestamp\":1}", id)),
	           "is sealed");
	exchange_put(p, 400, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_place_open, exchange_place_close)
	const struct CMUnitTest tests[] = {
	    TEST(run_of_a_client), TEST(metrics_and_their_history), TEST(a_batch_is_all_or_nothing),
	    TEST(a_watched_run),   TEST(clients_runs_are_judged),   TEST(what_is_sealed_stays),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
