#include "store_place.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "store_fixture.h"

int store_place_empty(void **state)
{
	struct store_place *p = xcalloc(1, sizeof(*p));

	if (store_fixture_open("store", &p->folder, &p->store))
		return -1;
	p->path = path_join(p->folder, ".assay");
	p->mem = arena_new();
	*state = p;
	return 0;
}

int store_place_report(void **state)
{
	const struct run_new new = {.kind = "command", .command = "[]"};
	struct store_place *p;
	char uuid[ID_TEXT];

	if (store_place_empty(state))
		return -1;
	p = *state;
	must(p, store_run_create(p->store, &new, &p->run, uuid, &p->err));
	p->live = path_join(p->folder, "live");
	must(p, dir_make(p->live, &p->err));
	p->events = store_events_new(p->live);
	return 0;
}

int store_place_end(void **state)
{
	struct store_place *p = *state;

	store_events_free(p->events);
	store_close(p->store);
	dir_remove(p->folder, NULL);
	arena_free(p->mem);
	free(p->live);
	free(p->folder);
	free(p->path);
	free(p);
	return 0;
}

void absorb_all(struct store_place *p, unsigned flags)
{
	do
		must(p, store_events_absorb(p->store, p->run, p->events, flags, &p->got, &p->err));
	while (p->got.more);
}

void absorb_all_anew(struct store_place *p, unsigned flags)
{
	do
		must(p, absorb_once(p->store, p->run, p->live, flags, &p->got, &p->err));
	while (p->got.more);
}

int64_t store_place_ask(const struct store_place *p, const char *sql)
{
	char *file = path_join(store_path(p->store), "assay.db");
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t number = -1;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
	return number;
}
