/* exchange: files of runs and what clients keep as models, call by call, without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../lib/exchange_place.h"

static void artifacts(void **state)
{
	static const char *const outside[] = {
	    "../../../etc/passwd", "a/../../b", "/etc/passwd", "a//b", "a/./b", "a/", "a\\b", "a\nb", ".."};
	struct exchange_place *p = *state;
	const char *id = exchange_run_of(p, "0");
	struct str bytes;

	exchange_put(p, 200, F("0/%s/artifacts/f.txt", id), "hello", 5, true);
	exchange_put(p, 200, F("0/%s/artifacts/dir/g.bin", id), "\0\1", 2, true);
	exchange_put(p, 200, F("0/%s/artifacts/dir/sub/h", id), "", 0, true);
	exchange_put(p, 200, F("0/%s/artifacts/dir-2/\xC3\xBC", id), "x", 1, true);
	exchange_put(p, 200, F("0/%s/artifacts/cut", id), "half", 4, false);
	assert_string_equal(exchange_ask(p, 200, F("GET " FILES "?path=0/%s/artifacts", id), NULL),
	                    "{\"files\":[{\"path\":\"dir-2\",\"is_dir\":true},{\"path\":\"dir\",\"is_dir\":true},"
	                    "{\"path\":\"f.txt\",\"is_dir\":false,\"file_size\":5}]}");
	assert_string_equal(
	    exchange_ask(p, 200, F("GET " FILES "?path=0/%s/artifacts/dir", id), NULL),
	    "{\"files\":[{\"path\":\"g.bin\",\"is_dir\":false,\"file_size\":2},{\"path\":\"sub\",\"is_dir\":"
	    "true}]}");
	answer_has(exchange_ask(p, 200, F("GET artifacts/list?run_id=%s&path=dir", id), NULL),
	           "\"path\":\"dir/g.bin\"");
	exchange_ask(p, 200, F("GET " FILES "/0/%s/artifacts/f.txt", id), NULL);
	assert_non_null(p->answer.file);
	str_init(&bytes);
	assert_int_equal(file_read(p->answer.file, &bytes, 0, &p->err), 0);
	assert_string_equal(bytes.data, "hello");
	str_release(&bytes);
	exchange_ask(p, 404, F("GET " FILES "/0/%s/artifacts/none", id), NULL);
	exchange_ask(p, 404, F("GET " FILES "/0/%s/artifacts/cut", id), NULL);
	exchange_ask(p, 404, "GET " FILES "/0/0123/artifacts/f.txt", NULL);
	exchange_ask(p, 404, F("GET " FILES "/0/%s/elsewhere/f.txt", id), NULL);
	exchange_ask(p, 501, F("DELETE " FILES "/0/%s/artifacts/f.txt", id), NULL);
	exchange_ask(p, 501, "POST /api/2.0/mlflow-artifacts/mpu/create/0/x", "{}");
	exchange_put(p, 400, F("0/%s/artifacts", id), "x", 1, true);
	for (size_t i = 0; i < COUNT_OF(outside); i++) {
		exchange_put(p, 400, F("0/%s/artifacts/%s", id, outside[i]), "x", 1, true);
		exchange_ask(p, 400, F("GET " FILES "?path=0/%s/artifacts/%s", id, outside[i]), NULL);
	}
}

static void logged_models(void **state)
{
	struct exchange_place *p = *state;
	const char *run = exchange_run_of(p, "0"), *id, *text;

	text = exchange_ask(
	    p, 200, "POST logged-models",
	    F("{\"experiment_id\":\"0\",\"name\":\"m\",\"source_run_id\":\"%s\",\"params\":[{\"key\":"
	      "\"C\",\"value\":"
	      "\"1\"}],\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}",
	      run));
	answer_has(text, "\"status\":\"LOGGED_MODEL_PENDING\"");
	id = answer_value(p, text, "model_id");
	answer_has(text, F("mlflow-artifacts:/0/models/%s/artifacts", id));
	exchange_put(p, 200, F("0/models/%s/artifacts/MLmodel", id), "yaml", 4, true);
	answer_has(exchange_ask(p, 200, F("GET " FILES "?path=0/models/%s/artifacts", id), NULL),
	           "\"path\":\"MLmodel\"");
	/* Its files are its own, and the run's files are the run's. */
	answer_lacks(exchange_ask(p, 200, F("GET " FILES "?path=0/%s/artifacts", run), NULL), "MLmodel");
	answer_has(exchange_ask(p, 200, F("PATCH logged-models/%s", id), "{\"status\":\"LOGGED_MODEL_READY\"}"),
	           "LOGGED_MODEL_READY");
	answer_has(exchange_ask(p, 200, F("PATCH logged-models/%s", id), "{\"status\":3}"),
	           "LOGGED_MODEL_UPLOAD_FAILED");
	exchange_ask(p, 400, F("PATCH logged-models/%s", id), "{\"status\":\"GOOD\"}");
	exchange_ask(p, 400, F("PATCH logged-models/%s", id), "{}");
	exchange_ask(
	    p, 200, "POST runs/log-batch",
	    F("{\"run_id\":\"%s\",\"metrics\":[{\"key\":\"auc\",\"value\":0.8,\"timestamp\":1,\"model_id\":\"%"
	      "s\"},{\"key\":"
	      "\"auc\",\"value\":0.9,\"timestamp\":2,\"model_id\":\"%s\"},{\"key\":\"x\",\"value\":1,"
	      "\"timestamp\":1,"
	      "\"model_id\":\"m-none\"}]}",
	      run, id, id));
	text = exchange_ask(p, 200, F("GET logged-models/%s", id), NULL);
	answer_has(text, "\"value\":0.9");
	answer_lacks(text, "\"value\":0.8");
	exchange_ask(p, 200, F("POST logged-models/%s/params", id),
	             "{\"params\":[{\"key\":\"D\",\"value\":\"2\"}]}");
	answer_has(exchange_ask(p, 200, F("PATCH logged-models/%s/tags", id),
	                        "{\"tags\":[{\"key\":\"a\",\"value\":\"c\"}]}"),
	           "[{\"key\":\"a\",\"value\":\"c\"}]");
	exchange_ask(p, 200, F("DELETE logged-models/%s/tags/a", id), NULL);
	exchange_ask(p, 404, F("DELETE logged-models/%s/tags/a", id), NULL);
	answer_has(exchange_ask(
	               p, 200, "POST logged-models/search",
	               F("{\"experiment_ids\":[\"0\"],\"filter\":\"name = 'm' AND source_run_id = '%s'\"}", run)),
	           id);
	answer_lacks(exchange_ask(p, 200, "POST logged-models/search",
	                          "{\"experiment_ids\":[\"0\"],\"filter\":\"name = 'n'\"}"),
	             id);
	exchange_ask(p, 400, "POST logged-models/search",
	             "{\"experiment_ids\":[\"0\"],\"filter\":\"creation_time > 5\"}");
	exchange_ask(p, 200, "POST runs/outputs",
	             F("{\"run_id\":\"%s\",\"models\":[{\"model_id\":\"%s\",\"step\":0}]}", run, id));
	exchange_ask(
	    p, 200, "POST runs/log-inputs",
	    F("{\"run_id\":\"%s\",\"datasets\":[{\"tags\":[{\"key\":\"mlflow.data.context\",\"value\":"
	      "\"training\"}],"
	      "\"dataset\":{\"name\":\"ds\",\"digest\":\"30\",\"source_type\":\"code\",\"source\":\"{}\"}}]}",
	      run));
	text = exchange_ask(p, 200, F("GET runs/get?run_id=%s", run), NULL);
	answer_has(text, "\"model_outputs\":[{\"model_id\":");
	answer_has(text, "\"digest\":\"30\"");
	exchange_ask(p, 400, "POST runs/log-inputs",
	             F("{\"run_id\":\"%s\",\"datasets\":[{\"dataset\":{\"name\":\"ds\"}}]}", run));
	exchange_ask(p, 200, F("DELETE logged-models/%s", id), NULL);
	exchange_ask(p, 404, F("GET logged-models/%s", id), NULL);
	exchange_ask(p, 404, "GET logged-models/m-none", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_place_open, exchange_place_close)
	const struct CMUnitTest tests[] = {
	    TEST(artifacts),
	    TEST(logged_models),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
