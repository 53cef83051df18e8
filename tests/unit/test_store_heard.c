/* What is known of runs of other hosts, by when they were heard of; and what is left of a run by its progress. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/store_place.h"

/* A running run that began so long ago. */
static int64_t running(struct store_place *p, const char *name, const char *host, const char *source,
                       int64_t ago)
{
	struct run_new new = {.name = name, .kind = "command", .command = "[]", .host = host, .source = source};
	const struct run_process somebody = {.pid = 1, .start_ticks = 1, .boot_id = "another"};
	char uuid[ID_TEXT];
	int64_t id;

	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	must(p, store_run_start(p->store, id, &somebody, time_now_ms() - ago, &p->err));
	return id;
}

static struct run_row row(struct store_place *p, int64_t id)
{
	struct run_row r;

	must(p, store_run_get(p->store, id, p->mem, &r, &p->err));
	return r;
}

static void is_found(struct store_place *p, const char *filter, const char *names)
{
	const struct runs_order order = {.key = "name"};
	const struct runs_query q = {.filter = filter, .order = &order, .order_count = 1};
	struct runs_page page;
	struct str all;

	str_init(&all);
	must(p, store_runs_page(p->store, &q, RUNS_FIRST, 0, 20, p->mem, &page, &p->err));
	for (size_t i = 0; i < page.count; i++)
		str_addf(&all, "%s ", page.rows[i].name);
	assert_string_equal(all.len ? all.data : "", names);
	str_release(&all);
}

static void other_hosts(void **state)
{
	struct store_place *p = *state;
	int64_t silent = running(p, "silent", "gpu7", NULL, 7200000), id;
	struct run_row r;
	char own[256] = "";

	gethostname(own, sizeof own - 1);
	running(p, "own", own, NULL, 7200000);
	running(p, "fresh", "gpu7", NULL, STORE_SILENT_MS - 5000);
	id = running(p, "heard", "gpu7", NULL, 7200000);
	must(p, store_run_heard(p->store, id, time_now_ms() - STORE_SILENT_MS + 5000, &p->err));
	/* Clients report when they have something to say. */
	running(p, "client", "", "mlflow", STORE_CLIENT_SILENT_MS - 5000);
	running(p, "mute client", "", "mlflow", STORE_CLIENT_SILENT_MS + 1000);
	id = running(p, "nan", "gpu7", NULL, 7200000);
	must(p, store_run_flag(p->store, id, "loss is nan at step 3", 5, &p->err));
	id = running(p, "over", "gpu7", NULL, 7200000);
	must(p, store_run_end(p->store, id, &(struct run_ending){.status = RUN_DONE}, &p->err));

	must(p, store_run_heard(p->store, silent, time_now_ms() - STORE_SILENT_MS - 1000, &p->err));
	r = row(p, silent);
	assert_string_equal(r.flag, "nothing heard for 3m (host gpu7)");
	assert_int_equal(r.status, RUN_RUNNING);
	assert_string_equal(r.reason, "");
	assert_int_equal(r.flagged, r.heard);
	is_found(p, "flag like 'nothing heard%'", "mute client silent ");
	is_found(p, "flag like '%host gpu7%' and status = running", "silent ");
	is_found(p, "flag is missing", "client fresh heard over own ");
	is_found(p, "status = lost or status = failed", "");
	/* It is heard of again: nothing of it stays. */
	must(p, store_run_heard(p->store, silent, time_now_ms(), &p->err));
	assert_string_equal(row(p, silent).flag, "");
	assert_int_equal(row(p, silent).flagged, 0);
	/* A clock that goes ahead of ours says nothing. */
	must(p, store_run_heard(p->store, silent, time_now_ms() + 7200000, &p->err));
	assert_string_equal(row(p, silent).flag, "");
	/* What is over hears nothing. */
	must(p, store_run_heard(p->store, id, 77, &p->err));
	assert_int_equal(row(p, id).heard, 0);
}

/* Thousandths of a millisecond are cut. */
static bool about(int64_t got, int64_t wanted)
{
	return got >= wanted - 1 && got <= wanted + 1;
}

static void what_is_left(void **state)
{
	struct store_place *p = *state;
	int64_t now = time_now_ms(), id = running(p, "bar", "", NULL, 600000);

	assert_int_equal(row(p, id).ends, 0);
	must(p, store_progress_set(p->store, id, 0.25, now - 120000, &p->err));
	assert_int_equal(row(p, id).ends, 0);
	/* A quarter in 100 s: a half takes 200 s, of which 20 are past. */
	must(p, store_progress_set(p->store, id, 0.5, now - 20000, &p->err));
	assert_true(about(row(p, id).ends, now + 180000));
	must(p, store_progress_set(p->store, id, 0.5, now - 20000, &p->err));
	assert_true(about(row(p, id).ends, now + 180000));
	/* Another bar begins. */
	must(p, store_progress_set(p->store, id, 0.1, now - 10000, &p->err));
	assert_int_equal(row(p, id).ends, 0);
	must(p, store_progress_set(p->store, id, 0.2, now, &p->err));
	assert_true(about(row(p, id).ends, now + 80000));
	/* What was told does not hold. */
	must(p, store_progress_set(p->store, id, (double)NAN, now, &p->err));
	assert_int_equal(row(p, id).ends, 0);
	must(p, store_progress_set(p->store, id, 0.5, now - 40000, &p->err));
	assert_int_equal(row(p, id).ends, 0);
	/* What is over by now is said as well: it takes longer. */
	must(p, store_progress_set(p->store, id, 0.75, now - 30000, &p->err));
	assert_true(about(row(p, id).ends, now - 20000));
	/* In half a second nothing is to be seen. */
	must(p, store_progress_set(p->store, id, 0.1, now - 400, &p->err));
	must(p, store_progress_set(p->store, id, 0.8, now, &p->err));
	assert_int_equal(row(p, id).ends, 0);
	must(p, store_progress_set(p->store, id, 0.9, now + 1000, &p->err));
	assert_true(row(p, id).ends > now + 1000);
	must(p, store_run_end(p->store, id, &(struct run_ending){.status = RUN_KILLED}, &p->err));
	assert_int_equal(row(p, id).ends, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_place_empty, store_place_end)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(other_hosts), TEST(what_is_left)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
