/* exchange: what MLflow's calls are answered, call by call, without HTTP (tests/script/mlflow_api.sh has that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/store_fixture.h"
#include "assay/exchange.h"
#include "assay/store_tracking.h"

#define API   "/api/2.0/mlflow/"
#define FILES "/api/2.0/mlflow-artifacts/artifacts"

struct place {
	char *folder;
	struct store *store;
	struct exchange *exchange;
	struct exchange_answer answer;
	struct arena *mem;
	struct error err;
};

static int set_up(void **state)
{
	const struct exchange_options options = {0};
	struct place *p = xcalloc(1, sizeof *p);

	if (store_fixture_open("assay-exchange-XXXXXX", &p->folder, &p->store) < 0)
		return -1;
	p->exchange = exchange_new(p->store, &options);
	exchange_answer_init(&p->answer);
	p->mem = arena_new();
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	exchange_answer_release(&p->answer);
	exchange_free(p->exchange);
	store_close(p->store);
	dir_remove(p->folder, NULL);
	arena_free(p->mem);
	free(p->folder);
	free(p);
	return 0;
}

/* "GET runs/get?run_id=x": the query is a=b&c=d. Gives the body of the answer. */
static const char *call(struct place *p, int status, const char *what, const char *body)
{
	struct exchange_field fields[8];
	struct exchange_call c = {.fields = fields, .body = body, .body_len = body ? strlen(body) : 0};
	char *text = arena_strdup(p->mem, what), *query, *space = strchr(text, ' ');

	*space++ = 0;
	query = strchr(space, '?');
	if (query)
		*query++ = 0;
	for (char *part; c.field_count < COUNT_OF(fields) && (part = strsep(&query, "&"));) {
		char *value = strchr(part, '=');
		*value++ = 0;
		fields[c.field_count++] = (struct exchange_field){part, value};
	}
	c.method = text;
	c.path = space[0] == '/' ? space : arena_printf(p->mem, API "%s", space);
	exchange_answer_release(&p->answer);
	exchange_answer_init(&p->answer);
	exchange_call(p->exchange, &c, &p->answer);
	if (p->answer.status != status)
		fail_msg("%s %s: %d %s", what, body ? body : "", p->answer.status, p->answer.body.data);
	return arena_strdup(p->mem, p->answer.body.data);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s in %s", part, text);
}

/* What stands behind "KEY":" in an answer. */
static const char *value(struct place *p, const char *text, const char *key)
{
	const char *at = strstr(text, arena_printf(p->mem, "\"%s\":\"", key));

	if (!at)
		fail_msg("no %s in %s", key, text);
	at += strlen(key) + 4;
	return arena_memdup0(p->mem, at, strcspn(at, "\""));
}

static const char *new_run(struct place *p, const char *experiment)
{
	return value(p,
	             call(p, 200, "POST runs/create",
	                  arena_printf(p->mem, "{\"experiment_id\":\"%s\",\"start_time\":1000}", experiment)),
	             "run_id");
}

#define F(...) arena_printf(p->mem, __VA_ARGS__)

static void experiments(void **state)
{
	struct place *p = *state;
	const char *id;

	has(call(p, 404, "GET experiments/get-by-name?experiment_name=one", NULL), "RESOURCE_DOES_NOT_EXIST");
	id = value(p,
	           call(p, 200, "POST experiments/create",
	                "{\"name\":\"one\",\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}"),
	           "experiment_id");
	has(call(p, 400, "POST experiments/create", "{\"name\":\"one\"}"), "RESOURCE_ALREADY_EXISTS");
	has(call(p, 400, "POST experiments/create", "{\"name\":\"\"}"), "Invalid experiment name");
	has(call(p, 400, "POST experiments/create", "{\"name\":\"x\",\"artifact_location\":\"s3://elsewhere\"}"),
	    "artifact_location");
	has(call(p, 200, "GET experiments/get-by-name?experiment_name=one", NULL),
	    "\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]");
	/* MLflow's experiment 0 is ours called default. */
	has(call(p, 200, "GET experiments/get?experiment_id=0", NULL), "\"name\":\"Default\"");
	has(call(p, 200, "GET experiments/get-by-name?experiment_name=Default", NULL), "\"experiment_id\":\"0\"");
	has(call(p, 404, "GET experiments/get?experiment_id=77", NULL), "No Experiment with id=77 exists");
	has(call(p, 400, "GET experiments/get?experiment_id=x", NULL), "INVALID_PARAMETER_VALUE");
	call(p, 200, "POST experiments/update", F("{\"experiment_id\":\"%s\",\"new_name\":\"two\"}", id));
	has(call(p, 400, "POST experiments/update", "{\"experiment_id\":\"0\",\"new_name\":\"two\"}"),
	    "RESOURCE_ALREADY_EXISTS");
	call(p, 200, "POST experiments/set-experiment-tag",
	     F("{\"experiment_id\":\"%s\",\"key\":\"c\",\"value\":\"d\"}", id));
	call(p, 200, "POST experiments/delete-experiment-tag", F("{\"experiment_id\":\"%s\",\"key\":\"a\"}", id));
	call(p, 404, "POST experiments/delete-experiment-tag", F("{\"experiment_id\":\"%s\",\"key\":\"a\"}", id));
	has(call(p, 200, "POST experiments/search",
	         "{\"filter\":\"name LIKE 't%' AND tags.c = 'd'\",\"max_results\":5}"),
	    "\"name\":\"two\"");
	lacks(call(p, 200, "POST experiments/search", "{\"filter\":\"name ILIKE 'T%' and tags.c != 'd'\"}"),
	      "two");
	has(call(p, 400, "POST experiments/search", "{\"filter\":\"name 't'\"}"), "Invalid clause");
	call(p, 200, "POST experiments/delete", F("{\"experiment_id\":\"%s\"}", id));
	lacks(call(p, 200, "GET experiments/search?max_results=10", NULL), "two");
	has(call(p, 200, "GET experiments/search?view_type=DELETED_ONLY", NULL),
	    "\"lifecycle_stage\":\"deleted\"");
	has(call(p, 400, "POST runs/create", F("{\"experiment_id\":\"%s\"}", id)),
	    "must be in the 'active' state");
	call(p, 200, "POST experiments/restore", F("{\"experiment_id\":\"%s\"}", id));
	call(p, 404, "POST experiments/restore", F("{\"experiment_id\":\"%s\"}", id));
}

static void experiment_pages(void **state)
{
	struct place *p = *state;
	const char *page;

	for (int i = 0; i < 5; i++)
		call(p, 200, "POST experiments/create", F("{\"name\":\"e%d\"}", i));
	page = call(p, 200, "POST experiments/search",
	            "{\"filter\":\"name LIKE 'e%'\",\"order_by\":[\"name ASC\"],\"max_results\":3}");
	has(page, "\"e2\"");
	lacks(page, "\"e3\"");
	page = call(p, 200, "POST experiments/search",
	            F("{\"filter\":\"name LIKE 'e%%'\",\"order_by\":[\"name "
	              "ASC\"],\"max_results\":3,\"page_token\":\"%s\"}",
	              value(p, page, "next_page_token")));
	has(page, "\"e4\"");
	lacks(page, "\"e2\"");
	lacks(page, "next_page_token");
}

static void run_of_a_client(void **state)
{
	struct place *p = *state;
	const char *text, *id, *child;
	struct run_row row;

	text = call(p, 200, "POST runs/create",
	            "{\"experiment_id\":\"0\",\"user_id\":\"ada\",\"start_time\":\"1000\",\"run_name\":\"first\","
	            "\"unknown\":1,"
	            "\"tags\":[{\"key\":\"mlflow.source.git.commit\",\"value\":\"abc\"},"
	            "{\"key\":\"mlflow.note.content\",\"value\":\"a note\"}]}");
	has(text, "\"status\":\"RUNNING\"");
	has(text, "{\"key\":\"mlflow.runName\",\"value\":\"first\"}");
	id = value(p, text, "run_id");
	has(text, F("\"artifact_uri\":\"mlflow-artifacts:/0/%s/artifacts\"", id));
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.name, "first");
	assert_string_equal(row.user, "ada");
	assert_string_equal(row.code_commit, "abc");
	assert_string_equal(row.source, "mlflow");
	assert_int_equal(row.started, 1000);
	child = value(
	    p,
	    call(p, 200, "POST runs/create",
	         F("{\"experiment_id\":\"0\",\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"%s\"}]}", id)),
	    "run_id");
	assert_int_equal(store_run_by_uuid(p->store, child, p->mem, &row, &p->err), 0);
	assert_string_equal(row.parent, id);
	/* Ended, taken up again, ended another way. */
	text =
	    call(p, 200, "POST runs/update",
	         F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":2000,\"run_name\":\"renamed\"}", id));
	has(text, "\"end_time\":2000");
	has(text, "\"run_name\":\"renamed\"");
	lacks(call(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"RUNNING\"}", id)), "end_time");
	has(call(p, 200, "POST runs/update",
	         F("{\"run_id\":\"%s\",\"status\":\"KILLED\",\"end_time\":3000}", id)),
	    "\"status\":\"KILLED\"");
	has(call(p, 200, "POST runs/update",
	         F("{\"run_id\":\"%s\",\"status\":\"FAILED\",\"end_time\":3000}", id)),
	    "\"status\":\"FAILED\"");
	call(p, 400, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"DONE\"}", id));
	call(p, 404, "POST runs/update", "{\"run_id\":\"0123\",\"status\":\"FINISHED\"}");
	has(call(p, 400, "GET runs/get", NULL), "Missing value for required parameter 'run_id'");
	/* Removed and brought back. */
	call(p, 200, "POST runs/delete", F("{\"run_id\":\"%s\"}", id));
	has(call(p, 200, F("GET runs/get?run_id=%s", id), NULL), "\"lifecycle_stage\":\"deleted\"");
	has(call(p, 400, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id)),
	    "must be in the 'active' state");
	call(p, 200, "POST runs/restore", F("{\"run_id\":\"%s\"}", id));
	call(p, 200, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id));
	call(p, 200, "POST runs/delete-tag", F("{\"run_id\":\"%s\",\"key\":\"a\"}", id));
	call(p, 404, "POST runs/delete-tag", F("{\"run_id\":\"%s\",\"key\":\"a\"}", id));
}

static void metrics_and_their_history(void **state)
{
	struct place *p = *state;
	const char *id = new_run(p, "0"), *text;
	const char *metric =
	    F("{\"run_id\":\"%s\",\"key\":\"loss\",\"value\":0.5,\"timestamp\":\"10\",\"step\":\"1\"}", id);

	call(p, 200, "POST runs/log-metric", metric);
	/* The answer was lost, and the client says it again. */
	call(p, 200, "POST runs/log-metric", metric);
	call(p, 200, "POST runs/log-metric",
	     F("{\"run_uuid\":\"%s\",\"key\":\"loss\",\"value\":\"NaN\",\"timestamp\":20,\"step\":2}", id));
	call(p, 200, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"loss\",\"value\":\"-Infinity\",\"timestamp\":30,\"step\":3}", id));
	assert_string_equal(call(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=loss", id), NULL),
	                    "{\"metrics\":[{\"key\":\"loss\",\"value\":0.5,\"timestamp\":10,\"step\":1},"
	                    "{\"key\":\"loss\",\"value\":\"NaN\",\"timestamp\":20,\"step\":2},"
	                    "{\"key\":\"loss\",\"value\":\"-Infinity\",\"timestamp\":30,\"step\":3}]}");
	text = call(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=loss&max_results=2", id), NULL);
	lacks(text, "Infinity");
	text = call(p, 200,
	            F("GET metrics/get-history?run_id=%s&metric_key=loss&max_results=2&page_token=%s", id,
	              value(p, text, "next_page_token")),
	            NULL);
	has(text, "Infinity");
	lacks(text, "next_page_token");
	assert_string_equal(call(p, 200, F("GET metrics/get-history?run_id=%s&metric_key=none", id), NULL), "{}");
	has(call(p, 200, F("GET metrics/get-history-bulk?run_id=%s&metric_key=loss", id), NULL),
	    F("\"run_id\":\"%s\"", id));
	/* What is wrong is refused, and nothing is kept of it. */
	call(p, 400, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":\"much\",\"timestamp\":1}", id));
	call(p, 400, "POST runs/log-metric", F("{\"run_id\":\"%s\",\"key\":\"x\",\"timestamp\":1}", id));
	call(p, 400, "POST runs/log-metric", F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1}", id));
	call(p, 400, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1,\"timestamp\":-1}", id));
	call(p, 400, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"../x\",\"value\":1,\"timestamp\":1}", id));
	call(p, 400, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"a$b\",\"value\":1,\"timestamp\":1}", id));
	call(p, 400, "POST runs/log-metric",
	     F("{\"run_id\":\"%s\",\"key\":\"x\",\"value\":1,\"timestamp\":1.5}", id));
	lacks(call(p, 200, F("GET runs/get?run_id=%s", id), NULL), "\"x\"");
}

static void a_batch_is_all_or_nothing(void **state)
{
	struct place *p = *state;
	const char *id = new_run(p, "0"), *text;
	struct str body;

	call(p, 200, "POST runs/log-parameter", F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.1\"}", id));
	call(p, 200, "POST runs/log-parameter", F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.1\"}", id));
	has(call(p, 400, "POST runs/log-parameter",
	         F("{\"run_id\":\"%s\",\"key\":\"lr\",\"value\":\"0.2\"}", id)),
	    "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1'");
	call(p, 200, "POST runs/log-batch",
	     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"a\",\"value\":1,\"timestamp\":1},{\"key\":\"b\","
	       "\"value\":2,"
	       "\"timestamp\":1},{\"key\":\"a\",\"value\":3,\"timestamp\":2,\"step\":1}],\"params\":[{\"key\":"
	       "\"p\",\"value\":"
	       "\"\"}],\"tags\":[{\"key\":\"t\",\"value\":\"v\"}]}",
	       id));
	text = call(p, 200, F("GET runs/get?run_id=%s", id), NULL);
	has(text, "{\"key\":\"a\",\"value\":3,\"timestamp\":2,\"step\":1}");
	has(text, "{\"key\":\"b\",\"value\":2,\"timestamp\":1,\"step\":0}");
	has(text, "{\"key\":\"p\",\"value\":\"\"}");
	/* The changed parameter takes the new metric with it, and so does a bad one at the end. */
	call(p, 400, "POST runs/log-batch",
	     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1}],\"params\":[{"
	       "\"key\":\"lr\","
	       "\"value\":\"9\"}]}",
	       id));
	call(p, 400, "POST runs/log-batch",
	     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1},{\"key\":\"d\","
	       "\"value\":{}}]}",
	       id));
	call(p, 400, "POST runs/log-batch",
	     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"c\",\"value\":1,\"timestamp\":1},7]}", id));
	has(call(p, 400, "POST runs/log-batch",
	         F("{\"run_id\":\"%s\",\"params\":[{\"key\":\"q\",\"value\":\"1\"},{\"key\":\"q\",\"value\":"
	           "\"1\"}]}",
	           id)),
	    "Duplicate parameter keys");
	lacks(call(p, 200, F("GET runs/get?run_id=%s", id), NULL), "\"c\"");
	/* The limits of the reference server. */
	str_init(&body);
	str_addf(&body, "{\"run_id\":\"%s\",\"params\":[", id);
	for (int i = 0; i <= 100; i++)
		str_addf(&body, "%s{\"key\":\"k%d\",\"value\":\"\"}", i ? "," : "", i);
	str_adds(&body, "]}");
	has(call(p, 400, "POST runs/log-batch", body.data), "at most 100 params. Got 101");
	str_clear(&body);
	str_addf(&body, "{\"run_id\":\"%s\",\"metrics\":[", id);
	for (int i = 0; i <= 1000; i++)
		str_addf(&body, "%s{\"key\":\"k\",\"value\":1,\"timestamp\":1,\"step\":%d}", i ? "," : "", i);
	str_adds(&body, "]}");
	has(call(p, 400, "POST runs/log-batch", body.data), "at most 1000 metrics. Got 1001");
	while (body.len <= EXCHANGE_BATCH_MAX)
		str_adds(&body, "                                        ");
	has(call(p, 400, "POST runs/log-batch", body.data), "must be at most 1000000 bytes");
	str_release(&body);
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
	struct place *p = *state;
	const char *text;

	for (int i = 0; i < 6; i++) {
		const char *id =
		    value(p,
		          call(p, 200, "POST runs/create",
		               F("{\"experiment_id\":\"0\",\"run_name\":\"r%d\",\"start_time\":%d}", i, 1000 + i)),
		          "run_id");

		call(p, 200, "POST runs/log-batch",
		     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"loss\",\"value\":%d.0e-1,\"timestamp\":1}],"
		       "\"params\":[{"
		       "\"key\":\"kind\",\"value\":\"%s\"},{\"key\":\"number\",\"value\":\"%d.0\"}]%s}",
		       id, i, i % 2 ? "b" : "a", i, i % 2 ? "" : ",\"tags\":[{\"key\":\"even\",\"value\":\"yes\"}]"));
		if (i < 3)
			call(p, 200, "POST runs/update",
			     F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":%d}", id, 2000 + i));
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str found, quoted;

		str_init(&found);
		str_init(&quoted);
		for (const char *c = cases[i].filter; *c; c++)
			str_addf(&quoted, *c == '"' ? "\\%c" : "%c", *c);
		text =
		    call(p, 200, "POST runs/search",
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
		has(call(p, 400, "POST runs/search", F("{\"experiment_ids\":[\"0\"],\"filter\":\"%s\"}", wrong[i])),
		    "INVALID_PARAMETER_VALUE");
	call(p, 501, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"filter\":\"datasets.name = 'x'\"}");
	call(p, 400, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"order_by\":[\"metrics.loss sideways\"]}");
	call(p, 400, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"max_results\":50001}");
	call(p, 400, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"page_token\":\"x\"}");
	assert_string_equal(call(p, 200, "POST runs/search", "{\"experiment_ids\":[\"77\"]}"), "{}");
	assert_string_equal(call(p, 200, "POST runs/search", "{}"), "{}");
	/* Pages: each run once, in order. */
	text = call(p, 200, "POST runs/search",
	            "{\"experiment_ids\":[\"0\"],\"max_results\":4,\"order_by\":[\"metrics.loss DESC\"]}");
	has(text, "\"r2\"");
	lacks(text, "\"r1\"");
	text = call(p, 200, "POST runs/search",
	            F("{\"experiment_ids\":[\"0\"],\"max_results\":4,\"order_by\":[\"metrics.loss "
	              "DESC\"],\"page_token\":\"%s\"}",
	              value(p, text, "next_page_token")));
	has(text, "\"r1\"");
	lacks(text, "\"r2\"");
	lacks(text, "next_page_token");
}

static void begin_purge(const struct place *p)
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
	struct place *p = *state;
	const char *kept = new_run(p, "0"), *gone = new_run(p, "0"), *text;

	call(p, 200, "POST runs/delete", F("{\"run_id\":\"%s\"}", gone));
	text = call(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"]}");
	has(text, kept);
	lacks(text, gone);
	text =
	    call(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"DELETED_ONLY\"}");
	has(text, gone);
	lacks(text, kept);
	text = call(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"ALL\"}");
	has(text, gone);
	has(text, kept);
	/* A purge that was killed has taken a part of it: it is no longer there for clients, and does not come back. */
	begin_purge(p);
	call(p, 404, "POST runs/restore", F("{\"run_id\":\"%s\"}", gone));
	call(p, 404, F("GET runs/get?run_id=%s", gone), NULL);
	lacks(call(p, 200, "POST runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"ALL\"}"), gone);
}

/* ---- artifacts ---- */

static void put(struct place *p, int status, const char *path, const char *bytes, size_t len, bool complete)
{
	struct exchange_call c = {.method = "PUT", .path = arena_printf(p->mem, FILES "/%s", path)};
	struct exchange_upload *u;

	exchange_answer_release(&p->answer);
	exchange_answer_init(&p->answer);
	assert_true(exchange_is_upload(&c));
	u = exchange_upload_begin(p->exchange, &c, &p->answer);
	if (u) {
		for (size_t i = 0; i < len; i++)
			assert_int_equal(exchange_upload_add(u, bytes + i, 1, &p->err), 0);
		exchange_upload_end(u, complete, &p->answer);
	}
	if (p->answer.status != status)
		fail_msg("%s: %d %s", path, p->answer.status, p->answer.body.data);
}

static void artifacts(void **state)
{
	static const char *const outside[] = {
	    "../../../etc/passwd", "a/../../b", "/etc/passwd", "a//b", "a/./b", "a/", "a\\b", "a\nb", ".."};
	struct place *p = *state;
	const char *id = new_run(p, "0");
	struct str bytes;

	put(p, 200, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
	put(p, 200, F("0/%s/artifacts/dir/g.bin", id), "\0\1", 2, true);
	put(p, 200, F("0/%s/artifacts/dir/sub/h", id), "", 0, true);
	put(p, 200, F("0/%s/artifacts/dir-2/\xC3\xBC", id), "x", 1, true);
	put(p, 200, F("0/%s/artifacts/cut", id), "half", 4, false);
	assert_string_equal(call(p, 200, F("GET " FILES "?path=0/%s/artifacts", id), NULL),
	                    "{\"files\":[{\"path\":\"dir-2\",\"is_dir\":true},{\"path\":\"dir\",\"is_dir\":true},"
	                    "{\"path\":\"f.txt\",\"is_dir\":false,\"file_size\":5}]}");
	assert_string_equal(
	    call(p, 200, F("GET " FILES "?path=0/%s/artifacts/dir", id), NULL),
	    "{\"files\":[{\"path\":\"g.bin\",\"is_dir\":false,\"file_size\":2},{\"path\":\"sub\",\"is_dir\":"
	    "true}]}");
	has(call(p, 200, F("GET artifacts/list?run_id=%s&path=dir", id), NULL), "\"path\":\"dir/g.bin\"");
	call(p, 200, F("GET " FILES "/0/%s/artifacts/f.txt", id), NULL);
	assert_non_null(p->answer.file);
	str_init(&bytes);
	assert_int_equal(file_read(p->answer.file, &bytes, 0, &p->err), 0);
	assert_string_equal(bytes.data, "hello");
	str_release(&bytes);
	call(p, 404, F("GET " FILES "/0/%s/artifacts/none", id), NULL);
	call(p, 404, F("GET " FILES "/0/%s/artifacts/cut", id), NULL);
	call(p, 404, "GET " FILES "/0/0123/artifacts/f.txt", NULL);
	call(p, 404, F("GET " FILES "/0/%s/elsewhere/f.txt", id), NULL);
	call(p, 501, F("DELETE " FILES "/0/%s/artifacts/f.txt", id), NULL);
	call(p, 501, "POST /api/2.0/mlflow-artifacts/mpu/create/0/x", "{}");
	put(p, 400, F("0/%s/artifacts", id), "x", 1, true);
	for (size_t i = 0; i < COUNT_OF(outside); i++) {
		put(p, 400, F("0/%s/artifacts/%s", id, outside[i]), "x", 1, true);
		call(p, 400, F("GET " FILES "?path=0/%s/artifacts/%s", id, outside[i]), NULL);
	}
}

static void logged_models(void **state)
{
	struct place *p = *state;
	const char *run = new_run(p, "0"), *id, *text;

	text = call(p, 200, "POST logged-models",
	            F("{\"experiment_id\":\"0\",\"name\":\"m\",\"source_run_id\":\"%s\",\"params\":[{\"key\":"
	              "\"C\",\"value\":"
	              "\"1\"}],\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}",
	              run));
	has(text, "\"status\":\"LOGGED_MODEL_PENDING\"");
	id = value(p, text, "model_id");
	has(text, F("mlflow-artifacts:/0/models/%s/artifacts", id));
	put(p, 200, F("0/models/%s/artifacts/MLmodel", id), "yaml", 4, true);
	has(call(p, 200, F("GET " FILES "?path=0/models/%s/artifacts", id), NULL), "\"path\":\"MLmodel\"");
	/* Its files are its own, and the run's files are the run's. */
	lacks(call(p, 200, F("GET " FILES "?path=0/%s/artifacts", run), NULL), "MLmodel");
	has(call(p, 200, F("PATCH logged-models/%s", id), "{\"status\":\"LOGGED_MODEL_READY\"}"),
	    "LOGGED_MODEL_READY");
	has(call(p, 200, F("PATCH logged-models/%s", id), "{\"status\":3}"), "LOGGED_MODEL_UPLOAD_FAILED");
	call(p, 400, F("PATCH logged-models/%s", id), "{\"status\":\"GOOD\"}");
	call(p, 400, F("PATCH logged-models/%s", id), "{}");
	call(p, 200, "POST runs/log-batch",
	     F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"auc\",\"value\":0.8,\"timestamp\":1,\"model_id\":\"%"
	       "s\"},{\"key\":"
	       "\"auc\",\"value\":0.9,\"timestamp\":2,\"model_id\":\"%s\"},{\"key\":\"x\",\"value\":1,"
	       "\"timestamp\":1,"
	       "\"model_id\":\"m-none\"}]}",
	       run, id, id));
	text = call(p, 200, F("GET logged-models/%s", id), NULL);
	has(text, "\"value\":0.9");
	lacks(text, "\"value\":0.8");
	call(p, 200, F("POST logged-models/%s/params", id), "{\"params\":[{\"key\":\"D\",\"value\":\"2\"}]}");
	has(call(p, 200, F("PATCH logged-models/%s/tags", id), "{\"tags\":[{\"key\":\"a\",\"value\":\"c\"}]}"),
	    "[{\"key\":\"a\",\"value\":\"c\"}]");
	call(p, 200, F("DELETE logged-models/%s/tags/a", id), NULL);
	call(p, 404, F("DELETE logged-models/%s/tags/a", id), NULL);
	has(call(p, 200, "POST logged-models/search",
	         F("{\"experiment_ids\":[\"0\"],\"filter\":\"name = 'm' AND source_run_id = '%s'\"}", run)),
	    id);
	lacks(call(p, 200, "POST logged-models/search", "{\"experiment_ids\":[\"0\"],\"filter\":\"name = 'n'\"}"),
	      id);
	call(p, 400, "POST logged-models/search",
	     "{\"experiment_ids\":[\"0\"],\"filter\":\"creation_time > 5\"}");
	call(p, 200, "POST runs/outputs",
	     F("{\"run_id\":\"%s\",\"models\":[{\"model_id\":\"%s\",\"step\":0}]}", run, id));
	call(p, 200, "POST runs/log-inputs",
	     F("{\"run_id\":\"%s\",\"datasets\":[{\"tags\":[{\"key\":\"mlflow.data.context\",\"value\":"
	       "\"training\"}],"
	       "\"dataset\":{\"name\":\"ds\",\"digest\":\"30\",\"source_type\":\"code\",\"source\":\"{}\"}}]}",
	       run));
	text = call(p, 200, F("GET runs/get?run_id=%s", run), NULL);
	has(text, "\"model_outputs\":[{\"model_id\":");
	has(text, "\"digest\":\"30\"");
	call(p, 400, "POST runs/log-inputs",
	     F("{\"run_id\":\"%s\",\"datasets\":[{\"dataset\":{\"name\":\"ds\"}}]}", run));
	call(p, 200, F("DELETE logged-models/%s", id), NULL);
	call(p, 404, F("GET logged-models/%s", id), NULL);
	call(p, 404, "GET logged-models/m-none", NULL);
}

/* A run that a supervisor watches: a client may name it, move it before it is taken up, report into it, but not end it. */
static void a_watched_run(void **state)
{
	struct place *p = *state;
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
	call(p, 200, "POST experiments/create", "{\"name\":\"theirs\"}");
	assert_int_equal(store_run_get(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.experiment, "theirs");
	call(p, 200, "POST experiments/create", "{\"name\":\"later\"}");
	call(p, 200, "GET experiments/get-by-name?experiment_name=theirs", NULL);
	call(p, 200, "POST runs/update",
	     F("{\"run_id\":\"%s\",\"status\":\"RUNNING\",\"run_name\":\"said\"}", uuid));
	call(p, 200, "GET experiments/get-by-name?experiment_name=later", NULL);
	has(call(p, 200, "POST runs/update",
	         F("{\"run_id\":\"%s\",\"status\":\"FINISHED\",\"end_time\":5}", uuid)),
	    "\"status\":\"RUNNING\"");
	call(p, 400, "POST runs/delete", F("{\"run_id\":\"%s\"}", uuid));
	assert_int_equal(store_run_get(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.experiment, "theirs");
	assert_string_equal(row.name, "said");
	assert_int_equal(row.status, RUN_RUNNING);
	/* What its program made and did not end is lost with it. */
	const char *other = new_run(p, "0"), *ended = new_run(p, "0");
	call(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", ended));
	exchange_end_open(p->exchange, "its program ended");
	assert_int_equal(store_run_by_uuid(p->store, other, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_LOST);
	assert_string_equal(row.reason, "its program ended");
	assert_int_equal(store_run_by_uuid(p->store, ended, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_DONE);
	has(call(p, 200, F("GET runs/get?run_id=%s", other), NULL), "\"status\":\"FAILED\"");
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
	struct place *p = *state;
	struct judged j = {0};
	const struct exchange_options options = {.judge = judge, .judge_user = &j};
	struct run_row row;
	const char *id;
	int64_t began = time_mono_ms(), now = time_now_ms();

	assert_false(exchange_judge(p->exchange));
	exchange_free(p->exchange);
	p->exchange = exchange_new(p->store, &options);
	assert_false(exchange_judge(p->exchange));
	id = new_run(p, "0");
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_true(row.heard >= now);
	assert_true(exchange_judge(p->exchange));
	assert_int_equal(j.looks, 1);
	assert_int_equal(j.run, row.id);
	assert_true(j.heard >= began && j.heard <= time_mono_ms());
	call(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", id));
	assert_int_equal(j.ends, 1);
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_int_equal(row.status, RUN_DONE);
	assert_string_equal(row.flag, "judged");
	assert_false(exchange_judge(p->exchange));
	/* Those that are left open, too. */
	id = new_run(p, "0");
	exchange_end_open(p->exchange, "its program ended");
	assert_int_equal(j.ends, 2);
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	assert_string_equal(row.flag, "judged");
}

static void what_is_sealed_stays(void **state)
{
	struct place *p = *state;
	const char *id = new_run(p, "0");
	struct run_row row;

	call(p, 200, "POST runs/update", F("{\"run_id\":\"%s\",\"status\":\"FINISHED\"}", id));
	assert_int_equal(store_run_by_uuid(p->store, id, p->mem, &row, &p->err), 0);
	call(p, 200, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id));
	assert_int_equal(store_run_seal_set(p->store, row.id,
	                                    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	                                    &p->err),
	                 0);
	has(call(p, 400, "POST runs/log-metric",
	         F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":1,\"timestamp\":1}", id)),
	    "is sealed");
	put(p, 400, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
}

static void what_there_is_not(void **state)
{
	const struct exchange_options only_reads = {.read_only = true};
	struct place *p = *state;
	const char *id = new_run(p, "0");

	has(call(p, 501, "POST registered-models/create", "{\"name\":\"m\"}"), "assay register");
	has(call(p, 501, "GET model-versions/search", NULL), "NOT_IMPLEMENTED");
	has(call(p, 404, "GET /api/2.0/mlflow/none", NULL), "ENDPOINT_NOT_FOUND");
	has(call(p, 404, "GET /", NULL), "ENDPOINT_NOT_FOUND");
	has(call(p, 404, "DELETE runs/get", NULL), "ENDPOINT_NOT_FOUND");
	has(call(p, 200, "GET /api/3.0/mlflow/server-info", NULL), "\"multipart_uploads_enabled\":false");
	assert_string_equal(call(p, 200, "GET /health", NULL), "OK");
	has(call(p, 400, "POST runs/create", "[1]"), "BAD_REQUEST");
	has(call(p, 400, "POST runs/create", "{\"a\":1} x"), "BAD_REQUEST");
	has(call(p, 400, "POST runs/create", "{\"tags\":{\"key\":1}}"), "INVALID_PARAMETER_VALUE");
	has(call(p, 400, "POST runs/create",
	         "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	         "]]]]]]]]]]]]]]]]]]]]]"
	         "]]]]]]]]]]]]]}"),
	    "BAD_REQUEST");
	exchange_free(p->exchange);
	p->exchange = exchange_new(p->store, &only_reads);
	has(call(p, 403, "POST runs/set-tag", F("{\"run_id\":\"%s\",\"key\":\"a\",\"value\":\"b\"}", id)),
	    "PERMISSION_DENIED");
	put(p, 403, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
	call(p, 200, F("GET runs/get?run_id=%s", id), NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(experiments),
	    TEST(experiment_pages),
	    TEST(run_of_a_client),
	    TEST(metrics_and_their_history),
	    TEST(a_batch_is_all_or_nothing),
	    TEST(search),
	    TEST(removed_runs_are_deleted_ones),
	    TEST(artifacts),
	    TEST(logged_models),
	    TEST(a_watched_run),
	    TEST(clients_runs_are_judged),
	    TEST(what_is_sealed_stays),
	    TEST(what_there_is_not),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
