/* What was recognised in a run's output: kept by recogniser and name, and replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/store_fixture.h"

struct place {
	char *folder;
	struct store *store;
	struct arena *mem;
	int64_t run, other;
	struct error err;
};

static void must(struct place *p, int result)
{
	if (result < 0)
		fail_msg("%s", p->err.text);
}

static int64_t new_run(struct place *p)
{
	struct run_new new = {.kind = "command", .command = "[]"};
	char uuid[ID_TEXT];
	int64_t id;

	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	return id;
}

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	if (store_fixture_open("assay-recognised-XXXXXX", &p->folder, &p->store) < 0)
		return -1;
	p->mem = arena_new();
	p->run = new_run(p);
	p->other = new_run(p);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	arena_free(p->mem);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

/* "recogniser/name lines example|" of each. */
static void is_kept(struct place *p, int64_t run, const char *wanted)
{
	struct store_recognised *list;
	struct str all;
	size_t count;

	must(p, store_recognised(p->store, run, p->mem, &list, &count, &p->err));
	str_init(&all);
	for (size_t i = 0; i < count; i++)
		str_addf(&all, "%s/%s %lld %s|", list[i].recogniser, list[i].name, (long long)list[i].lines,
		         list[i].example);
	assert_string_equal(all.len ? all.data : "", wanted);
	str_release(&all);
}

static void put_and_read(void **state)
{
	static const struct store_recognised first[] = {{"tqdm", "loss", 3, "loss=1"},
	                                                {"keras", "val_loss", 2, "val_loss: 1"},
	                                                {"tqdm", "(progress)", 9, " 10%|\x1b\xff \xe6\x97\xa5"}},
	                                     second[] = {{"tqdm", "loss", 7, "loss=0.5"}};
	struct place *p = *state;

	is_kept(p, p->run, "");
	must(p, store_recognised_put(p->store, p->run, first, COUNT_OF(first), &p->err));
	/* By recogniser and name; bytes as they came; of no other run. */
	is_kept(p, p->run,
	        "keras/val_loss 2 val_loss: 1|tqdm/(progress) 9  10%|\x1b\xff \xe6\x97\xa5|tqdm/loss 3 loss=1|");
	is_kept(p, p->other, "");
	/* The same once more replaces it, and it alone. */
	must(p, store_recognised_put(p->store, p->run, second, COUNT_OF(second), &p->err));
	must(p, store_recognised_put(p->store, p->other, second, COUNT_OF(second), &p->err));
	must(p, store_recognised_put(p->store, p->run, NULL, 0, &p->err));
	is_kept(
	    p, p->run,
	    "keras/val_loss 2 val_loss: 1|tqdm/(progress) 9  10%|\x1b\xff \xe6\x97\xa5|tqdm/loss 7 loss=0.5|");
	is_kept(p, p->other, "tqdm/loss 7 loss=0.5|");
}

/* All of a list or nothing. */
static void one_transaction(void **state)
{
	static const struct store_recognised good = {"tqdm", "loss", 3, "x"},
	                                     list[] = {{"tqdm", "loss", 9, "y"}, {"tqdm", NULL, 1, "z"}};
	struct place *p = *state;

	must(p, store_recognised_put(p->store, p->run, &good, 1, &p->err));
	assert_int_equal(store_recognised_put(p->store, p->run, list, COUNT_OF(list), &p->err), -1);
	assert_int_equal(p->err.code, ERR_STORE);
	is_kept(p, p->run, "tqdm/loss 3 x|");
	/* A run that there is not. */
	assert_int_equal(store_recognised_put(p->store, 4711, &good, 1, &p->err), -1);
	is_kept(p, 4711, "");
}

static void in_a_larger_one(void **state)
{
	static const struct store_recognised good = {"tqdm", "loss", 3, "x"};
	struct place *p = *state;

	must(p, store_begin(p->store, STORE_NORMAL, &p->err));
	must(p, store_recognised_put(p->store, p->run, &good, 1, &p->err));
	must(p, store_end(p->store, false, &p->err));
	is_kept(p, p->run, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(put_and_read), TEST(one_transaction), TEST(in_a_larger_one)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
