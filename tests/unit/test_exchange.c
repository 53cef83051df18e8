/* exchange: experiments, searches and what there is not, as MLflow's calls are answered, without HTTP
 * (tests/script/mlflow_api.sh has that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/exchange_place.h"
#include "assay/store_tracking.h"

static void experiments(void **state)
{
	struct exchange_place *p = *state;
	const char *id;

	answer_has(exchange_ask(p, 404, "GET experiments/get-by-name?experiment_name=one", NULL),
	           "RESOURCE_DOES_NOT_EXIST");
	id = answer_value(p,
	                  exchange_ask(p, 200, "POST experiments/create",
	                               "{\"name\":\"one\",\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}"),
	                  "experiment_id");
	answer_has(exchange_ask(p, 400, "POST experiments/create", "{\"name\":\"one\"}"),
	           "RESOURCE_ALREADY_EXISTS");
	answer_has(exchange_ask(p, 400, "POST experiments/create", "{\"name\":\"\"}"), "Invalid experiment name");
	answer_has(exchange_ask(p, 400, "POST experiments/create",
	                        "{\"name\":\"x\",\"artifact_location\":\"s3://elsewhere\"}"),
	           "artifact_location");
	answer_has(exchange_ask(p, 200, "GET experiments/get-by-name?experiment_name=one", NULL),
	           "\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]");
	/* MLflow's experiment 0 is ours called default. */
	answer_has(exchange_ask(p, 200, "GET experiments/get?experiment_id=0", NULL), "\"name\":\"Default\"");
	answer_has(exchange_ask(p, 200, "GET experiments/get-by-name?experiment_name=Default", NULL),
	           "\"experiment_id\":\"0\"");
	answer_has(exchange_ask(p, 404, "GET experiments/get?experiment_id=77", NULL),
	           "No Experiment with id=77 exists");
	answer_has(exchange_ask(p, 400, "GET experiments/get?experiment_id=x", NULL), "INVALID_PARAMETER_VALUE");
	exchange_ask(p, 200, "POST experiments/update", F("{\"experiment_id\":\"%s\",\"new_name\":\"two\"}", id));
	answer_has(
	    exchange_ask(p, 400, "POST experiments/update", "{\"experiment_id\":\"0\",\"new_name\":\"two\"}"),
	    "RESOURCE_ALREADY_EXISTS");
	exchange_ask(p, 200, "POST experiments/set-experiment-tag",
	             F("{\"experiment_id\":\"%s\",\"key\":\"c\",\"value\":\"d\"}", id));
	exchange_ask(p, 200, "POST experiments/delete-experiment-tag",
	             F("{\"experiment_id\":\"%s\",\"key\":\"a\"}", id));
	exchange_ask(p, 404, "POST experiments/delete-experiment-tag",
	             F("{\"experiment_id\":\"%s\",\"key\":\"a\"}", id));
	answer_has(exchange_ask(p, 200, "POST experiments/search",
	                        "{\"filter\":\"name LIKE 't%' AND tags.c = 'd'\",\"max_results\":5}"),
	           "\"name\":\"two\"");
	answer_lacks(
	    exchange_ask(p, 200, "POST experiments/search", "{\"filter\":\"name ILIKE 'T%' and tags.c != 'd'\"}"),
	    "two");
	answer_has(exchange_ask(p, 400, "POST experiments/search", "{\"filter\":\"name 't'\"}"),
	           "Invalid clause");
	exchange_ask(p, 200, "POST experiments/delete", F("{\"experiment_id\":\"%s\"}", id));
	answer_lacks(exchange_ask(p, 200, "GET experiments/search?max_results=10", NULL), "two");
	answer_has(exchange_ask(p, 200, "GET experiments/search?view_type=DELETED_ONLY", NULL),
	           "\"lifecycle_stage\":\"deleted\"");
	answer_has(exchange_ask(p, 400, "POST runs/create", F("{\"experiment_id\":\"%s\"}", id)),
	           "must be in the 'active' state");
	exchange_ask(p, 200, "POST experiments/restore", F("{\"experiment_id\":\"%s\"}", id));
	exchange_ask(p, 404, "POST experiments/restore", F("{\"experiment_id\":\"%s\"}", id));
}

static void experiment_pages(void **state)
{
	struct exchange_place *p = *state;
	const char *page;

	for (int i = 0; i < 5; i++)
		exchange_ask(p, 200, "POST experiments/create", F("{\"name\":\"e%d\"}", i));
	page = exchange_ask(p, 200, "POST experiments/search",
	                    "{\"filter\":\"name LIKE 'e%'\",\"order_by\":[\"name ASC\"],\"max_results\":3}");
	answer_has(page, "\"e2\"");
	answer_lacks(page, "\"e3\"");
	page = exchange_ask(p, 200, "POST experiments/search",
	                    F("{\"filter\":\"name LIKE 'e%%'\",\"order_by\":[\"name "
	                      "ASC\"],\"max_results\":3,\"page_token\":\"%s\"}",
	                      answer_value(p, page, "next_page_token")));
	answer_has(page, "\"e4\"");
	answer_lacks(page, "\"e2\"");
	answer_lacks(page, "next_page_token");
}

static void search(void **state)
{
	static const struct {
		const char *filter, *found; /* the last digits of the names */
	} cases[] = {
	    {"metrics.loss < 0.25", "012"},
	    {"metrics.loss >= 0.2 and params.kind = 'a'", "24"},
	    {"params.kind != 'a'", "135"},
	    {"params.`kind` LIKE 'A'", ""},
	    {"params.\"kind\" ILIKE 'A'", "024"},
	    {"params.number = '1'", ""}, /* it is 1.0: parameters are texts */
	    {"params.number = '1.0'", "1"},
	    {"tags.even IS NULL", "135"},
	    {"tags.even IS NOT NULL AND metrics.loss > 0", "24"},
	    {"attributes.status = 'FINISHED'", "012"},
	    {"status != 'FINISHED'", "345"},
	    {"status = 'nonsense'", ""},
	    {"attribute.start_time > 1003", "45"},
	    {"attributes.end_time <= 2001", "01"},
	    {"run_name IN ('r1', 'r5')", "15"},
	    {"run_name NOT IN ('r1', 'r5')", "0234"},
	    {"tags.mlflow.runName = 'r3'", "3"},
	    {"tags.`it''s` = 'x'", ""},
	    {"metrics.loss < 0.1 OR (metrics.loss > 0.4 AND NOT params.kind = 'a')", "05"},
	};
	static const char *const wrong[] = {
	    "metrics.loss < 'a'", "metrics.loss LIKE 'a'", "params.kind > 'a'",
	    "params.kind = a",    "status > 'FINISHED'",   "nothing = 'x'",
	    "metrics.loss <",     "(metrics.loss < 1",     "metrics.loss < 1 metrics.loss > 0",
	    "run_id IN 'a'",      "metrics.loss ! 1",      "'; DROP",
	    "params. = 'a'",      "start_time > 1e300",
	};
	struct exchange_place *p = *state;
	const char *text;

	for (int i = 0; i < 6; i++) {
		const char *id = answer_value(
		    p,
		    exchange_ask(p, 200, "POST runs/create",
		                 F("{\"experiment_id\":\"0\",\"run_name\":\"r%d\",\"start_time\":%d}", i, 1000 + i)),
		    "run_id");

		exchange_ask(
		    p, 200, "POST runs/log-batch",
		    F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"loss\",\"value\":%d.0e-1,\"timestamp\":1}],"
		      "\"params\":[{"
		      "\"key\":\"kind\",\"value\":\"%s\"},{\"key\":\"number\",\"value\":\"%d.0\"}]%s}",
		      id, i, i % 2 ? "b" : "a", i, i % 2 ? "" : ",\"tags\":[{\"key\":\"even\",\"value\":\"yes\"}]"));
		if (i < 3)
			exchange_ask(p, 200, "POST runs/update",
			             F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":%d}", id, 2000 + i));
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str found, quoted;

		str_init(&found);
		str_init(&quoted);
		for (const char *c = cases[i].filter; *c; c++)
			str_addf(&quoted, *c == '"' ? "\\%c" : "%c", *c);
		text = exchange_ask(
		    p, 200, "POST runs/search",
		    F("{\"experiment_ids\":[\"0\"],\"filter\":\"%s\",\"order_by\":[\"attributes.start_time\"]}",
		      quoted.data));
		for (const char *at = text; (at = strstr(at, "\"run_name\":\"r"));)
			str_addc(&found, *(at += strlen("\"run_name\":\"r")));
		str_adds(&found, "");
		if (strcmp(found.data, cases[i].found) != 0)
			fail_msg("%s finds %s, not %s", cases[i].filter, found.data, cases[i].found);
		str_release(&found);
		str_release(&quoted);
	}
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		answer_has(exchange_ask(p, 400, "POST runs/search",
		                        F("{\"experiment_ids\":[\"0\"],\"filter\":\"%s\"}", wrong[i])),
		           "INVALID_PARAMETER_VALUE");
	exchange_ask(p, 501, "POST runs/search",
	             "{\"experiment_ids\":[\"0\"],\"filter\":\"datasets.name = 'x'\"}");
	exchange_ask(p, 400, "POST runs/search",
	             "{\"experiment_ids\":[\"0\"],\"order_by\":[\"metrics.loss sideways\"]}");
	exchange_ask(p, 400, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"max_results\":50001}");
	exchange_ask(p, 400, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"page_token\":\"x\"}");
	assert_string_equal(exchange_ask(p, 200, "POST runs/search", "{\"experiment_ids\":[\"77\"]}"), "{}");
	assert_string_equal(exchange_ask(p, 200, "POST runs/search", "{}"), "{}");
	/* Pages: each run once, in order. */
	text =
	    exchange_ask(p, 200, "POST runs/search",
	                 "{\"experiment_ids\":[\"0\"],\"max_results\":4,\"order_by\":[\"metrics.loss DESC\"]}");
	answer_has(text, "\"r2\"");
	answer_lacks(text, "\"r1\"");
	text = exchange_ask(p, 200, "POST runs/search",
	                    F("{\"experiment_ids\":[\"0\"],\"max_results\":4,\"order_by\":[\"metrics.loss "
	                      "DESC\"],\"page_token\":\"%s\"}",
	                      answer_value(p, text, "next_page_token")));
	answer_has(text, "\"r1\"");
	answer_lacks(text, "\"r2\"");
	answer_lacks(text, "next_page_token");
}

static void begin_purge(const struct exchange_place *p)
{
	char *file = path_join(p->folder, ".assay/assay.db");
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE run SET removed = -removed WHERE removed > 0", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(file);
}

static void removed_runs_are_deleted_ones(void **state)
{
	struct exchange_place *p = *state;
	const char *kept = exchange_run_of(p, "0"), *gone = exchange_run_of(p, "0"), *text;

	exchange_ask(p, 200, "POST runs/delete", F("{\"run_id\":\"%s\"}", gone));
	text = exchange_ask(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"]}");
	answer_has(text, kept);
	answer_lacks(text, gone);
	text = exchange_ask(p, 200, "POST runs/search",
	                    "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"DELETED_ONLY\"}");
	answer_has(text, gone);
	answer_lacks(text, kept);
	text = exchange_ask(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"ALL\"}");
	answer_has(text, gone);
	answer_has(text, kept);
	/* A purge that was killed has taken a part of it: it is no longer there for clients, and does not come back. */
	begin_purge(p);
	exchange_ask(p, 404, "POST runs/restore", F("{\"run_id\":\"%s\"}", gone));
	exchange_ask(p, 404, F("GET runs/get?run_id=%s", gone), NULL);
	answer_lacks(
	    exchange_ask(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"ALL\"}"),
	    gone);
}

static void what_there_is_not(void **state)
{
	const struct exchange_options only_reads = {.read_only = true};
	struct exchange_place *p = *state;
	const char *id = exchange_run_of(p, "0");

	answer_has(exchange_ask(p, 501, "POST registered-models/create", "{\"name\":\"m\"}"), "assay register");
	answer_has(exchange_ask(p, 501, "GET model-versions/search", NULL), "NOT_IMPLEMENTED");
	answer_has(exchange_ask(p, 404, "GET /api/2.0/mlflow/none", NULL), "ENDPOINT_NOT_FOUND");
	answer_has(exchange_ask(p, 404, "GET /", NULL), "ENDPOINT_NOT_FOUND");
	answer_has(exchange_ask(p, 404, "DELETE runs/get", NULL), "ENDPOINT_NOT_FOUND");
	answer_has(exchange_ask(p, 200, "GET /api/3.0/mlflow/server-info", NULL),
	           "\"multipart_uploads_enabled\":false");
	assert_string_equal(exchange_ask(p, 200, "GET /health", NULL), "OK");
	answer_has(exchange_ask(p, 400, "POST runs/create", "[1]"), "BAD_REQUEST");
	answer_has(exchange_ask(p, 400, "POST runs/create", "{\"a\":1} x"), "BAD_REQUEST");
	answer_has(exchange_ask(p, 400, "POST runs/create", "{\"tags\":{\"key\":1}}"), "INVALID_PARAMETER_VALUE");
	answer_has(
	    exchange_ask(
	        p, 400, "POST runs/create",
	        "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	        "]]]]]]]]]]]]]]]]]]]]]"
	        "]]]]]]]]]]]]]}"),
	    "BAD_REQUEST");
	exchange_free(p->exchange);
	p->exchange = exchange_new(p->store, &only_reads);
	answer_has(
	    exchange_ask(p, 403, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id)),
	    "PERMISSION_DENIED");
	exchange_put(p, 403, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
	exchange_ask(p, 200, F("GET runs/get?run_id=%s", id), NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_place_open, exchange_place_close)
	const struct CMUnitTest tests[] = {
	    TEST(experiments),       TEST(experiment_pages), TEST(search), TEST(removed_runs_are_deleted_ones),
	    TEST(what_there_is_not),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
