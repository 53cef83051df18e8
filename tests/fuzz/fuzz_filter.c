/* The filter language on any text: it ends, points inside the text when it refuses, and whatever it accepts
 * SQLite accepts too. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/store/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A store in memory: the schema alone. */
static struct store *schema(void)
{
	static struct store s;

	if (!s.db) {
		s.path = (char *)"memory";
		s.schema = STORE_SCHEMA_VERSION;
		if (sqlite3_open(":memory:", &s.db) != SQLITE_OK || set_functions(&s) != SQLITE_OK ||
		    pattern_function(&s) != SQLITE_OK)
			bug("filter: no database");
		for (int i = 0; i < STORE_SCHEMA_VERSION; i++)
			if (sqlite3_exec(s.db, STORE_SCHEMAS[i], NULL, NULL, NULL) != SQLITE_OK)
				bug("filter: no schema");
	}
	return &s;
}

static void check_spans(const struct filter_node *n, size_t len)
{
	if (n->at > n->end || n->end > len)
		bug("filter: a part lies outside the text");
	if (n->left)
		check_spans(n->left, len);
	if (n->right)
		check_spans(n->right, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	char *text = arena_memdup0(mem, data, size);
	struct filter_node *tree;
	struct error err = {.text = ""};
	size_t at = 0;
	struct sql q;

	if (filter_parse(text, mem, &tree, &at, &err)) {
		if (err.code != ERR_USAGE || !err.text[0] || at > strlen(text))
			bug("filter: refused without a reason or a place");
	} else if (tree) {
		sqlite3_stmt *stmt;

		check_spans(tree, strlen(text));
		sql_init(&q, schema());
		sql_add(&q, "SELECT r.id FROM run r WHERE ");
		filter_sql(tree, 0, mem, &q);
		stmt = sql_prepare(schema(), &q, &err);
		if (!stmt)
			bug("filter: accepted, but SQLite says %s", err.text);
		sqlite3_finalize(stmt);
		sql_release(&q);
	}
	arena_free(mem);
	return 0;
}
