#include "exchange_place.h"

#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

int exchange_place_open(void **state)
{
	const struct exchange_options options = {0};
	struct exchange_place *p = xcalloc(1, sizeof *p);

	if (store_fixture_open("assay-exchange-XXXXXX", &p->folder, &p->store) < 0)
		return -1;
	p->exchange = exchange_new(p->store, &options);
	exchange_answer_init(&p->answer);
	p->mem = arena_new();
	*state = p;
	return 0;
}

int exchange_place_close(void **state)
{
	struct exchange_place *p = *state;

	exchange_answer_release(&p->answer);
	exchange_free(p->exchange);
	store_close(p->store);
	dir_remove(p->folder, NULL);
	arena_free(p->mem);
	free(p->folder);
	free(p);
	return 0;
}

const char *exchange_ask(struct exchange_place *p, int status, const char *what, const char *body)
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

void answer_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

void answer_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s in %s", part, text);
}

const char *answer_value(struct exchange_place *p, const char *text, const char *key)
{
	const char *at = strstr(text, arena_printf(p->mem, "\"%s\":\"", key));

	if (!at)
		fail_msg("no %s in %s", key, text);
	at += strlen(key) + 4;
	return arena_memdup0(p->mem, at, strcspn(at, "\""));
}

const char *exchange_run_of(struct exchange_place *p, const char *experiment)
{
	return answer_value(
	    p,
	    exchange_ask(p, 200, "POST runs/create",
	                 arena_printf(p->mem, "{\"experiment_id\":\"%s\",\"start_time\":1000}", experiment)),
	    "run_id");
}

void exchange_put(struct exchange_place *p, int status, const char *path, const char *bytes, size_t len,
                  bool complete)
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
