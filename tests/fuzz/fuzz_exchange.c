/*
 * Calls of MLflow's clients on any bytes: each gets one answer, which is JSON where it says so, an error in MLflow's
 * form where it is no success, and leaves the store fit for the next. The input is a line "METHOD PATH?QUERY" and a
 * body. Run 0…01 is one that a client made, m-1 its model.
 */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/exchange.h"
#include "assay/store_tracking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RUN "00000000000000000000000000000001"

static struct store *store;
static struct exchange *exchange;
static char folder[] = "/tmp/assay-fuzz-XXXXXX";

static void must(int status, const struct error *err)
{
	if (status)
		bug("exchange: %s", err->text);
}

static void remove_folder(void)
{
	exchange_free(exchange);
	store_close(store);
	dir_remove(folder, NULL);
}

static void make_store(void)
{
	const struct exchange_options options = {0};
	const struct run_process nobody = {0};
	const struct run_new new = {.uuid = RUN, .name = "one", .source = "mlflow"};
	const struct point points[] = {{0, 1000, 0.5}, {1, 2000, 0.25}};
	struct store_record model = {.kind = "mlflow.model",
	                             .key = "m-1",
	                             .json = "{\"name\":\"model\",\"run\":\"" RUN
	                                     "\",\"status\":\"LOGGED_MODEL_READY\"}"};
	struct run_artifact file = {.name = "dir/f.txt", .kind = "file", .bytes = 5};
	struct error err;
	char *path, uuid[ID_TEXT];
	int64_t run;

	if (!mkdtemp(folder))
		bug("exchange: no folder");
	atexit(remove_folder);
	path = path_join(folder, ".assay");
	must(store_init(path, &err), &err);
	must(store_open(&store, path, STORE_WRITE, &err), &err);
	must(store_run_create(store, &new, &run, uuid, &err), &err);
	must(store_run_start(store, run, &nobody, 1000, &err), &err);
	must(store_series_append(store, run, SERIES_METRIC, "loss", "", points, 2, &err), &err);
	must(store_param_set(store, run, "lr", "0.1", &err), &err);
	must(store_tag_set(store, run, "team", "risk", &err), &err);
	must(store_object_put(store, "hello", 5, file.digest, &err), &err);
	must(store_artifact_add(store, run, &file, &err), &err);
	model.run = run;
	model.experiment = 1;
	must(store_record_put(store, &model, &err), &err);
	exchange = exchange_new(store, &options);
	free(path);
}

static void check_answer(const struct exchange_answer *a)
{
	struct json_object *json, *code, *message;

	if (a->status < 200 || a->status > 599)
		bug("exchange: a status of %d", a->status);
	if (a->file || strcmp(a->type, "application/json") != 0)
		return;
	if (a->status == 200 && a->body.len == 0)
		return; /* a file that was put */
	json = json_tokener_parse(a->body.data);
	if (!json || json_object_get_type(json) != json_type_object)
		bug("exchange: no JSON object: %s", a->body.data);
	if (a->status != 200 &&
	    (!json_object_object_get_ex(json, "error_code", &code) ||
	     !json_object_object_get_ex(json, "message", &message) || !json_object_get_string(message)[0]))
		bug("exchange: an error that says nothing: %s", a->body.data);
	json_object_put(json);
}

/* a=b&c=d; bytes as they are: HTTP's escapes are the library's business. */
static size_t read_fields(char *query, struct exchange_field *out, size_t most)
{
	size_t n = 0;

	for (char *p; n < most && (p = strsep(&query, "&"));) {
		char *value = strchr(p, '=');

		if (value)
			*value++ = 0;
		out[n++] = (struct exchange_field){p, value ? value : ""};
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	char *text = arena_memdup0(mem, (const char *)data, size), *line = text, *body, *query, *space;
	struct exchange_field fields[32];
	struct exchange_call call = {.fields = fields};
	struct exchange_answer answer;
	struct exchange_upload *upload;
	struct error err;

	if (!store)
		make_store();
	body = memchr(text, '\n', size);
	if (body)
		*body++ = 0;
	space = strchr(line, ' ');
	if (!space)
		goto out;
	*space = 0;
	query = strchr(space + 1, '?');
	if (query)
		*query++ = 0;
	call.method = line;
	call.path = space + 1;
	call.field_count = query ? read_fields(query, fields, COUNT_OF(fields)) : 0;
	call.body = body ? body : "";
	call.body_len = body ? size - (size_t)(body - text) : 0;
	exchange_answer_init(&answer);
	/* Taken back, so that each input meets the same store. */
	must(store_begin(store, STORE_NORMAL, &err), &err);
	if (exchange_is_upload(&call)) {
		upload = exchange_upload_begin(exchange, &call, &answer);
		if (upload) {
			must(exchange_upload_add(upload, call.body, call.body_len, &err), &err);
			exchange_upload_end(upload, size % 2, &answer);
		}
	} else {
		exchange_call(exchange, &call, &answer);
	}
	must(store_end(store, false, &err), &err);
	check_answer(&answer);
	exchange_answer_release(&answer);
out:
	arena_free(mem);
	return 0;
}
