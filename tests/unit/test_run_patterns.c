/* [patterns]: expressions of one's own, what is off, and the messages for what is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/run_finder.h"

static void note(void *user, const struct run_found *f)
{
	struct str *s = user;
	char num[NUM_TEXT];

	if (f->kind == RUN_FOUND_METRIC)
		str_addf(s, "%s%s:%s=%s@%lld", s->len ? " " : "", f->recogniser, f->name, num_shortest(f->value, num),
		         (long long)f->step);
	else if (f->kind == RUN_FOUND_PROGRESS)
		str_addf(s, "%s%s:%s", s->len ? " " : "", f->recogniser, num_shortest(f->value, num));
}

struct example {
	const char *ini, *text, *wanted;
};

static const struct example examples[] = {
    {"loss = ^step (?<step>[0-9]+) loss ([0-9.]+)", "step 7 loss 0.25\nloss=0.5\n",
     "own:loss=0.25@7 key_value:loss=0.5@0"},
    {"a = A([0-9]+)\nb = B(?<value>[0-9]+)", "A1B2 loss=0.5\n", "own:a=1@0 own:b=2@0"},
    {"x = ([a-z]+) (?<value>[0-9]+)", "is 3\n", "own:x=3@0"},
    {"x = [(]([0-9]+)[)] \\(([0-9]+)", "(3) (4)\n", "own:x=3@0"},
    {"x = []()[:digit:]]+ =([0-9]+)", "])1 =4\n", "own:x=4@0"},
    {"x = at ([-a-z0-9.]+)", "at -inf\nat nan\nat sea\n", "own:x=-inf@0 own:x=nan@1"},
    {"progress = ([0-9.]+)% done", "50% done\n", "own:0.5"},
    {"progress = ([0-9]+) of (?<total>[0-9]+)", "3 of 0\n3 of 4\n", "own:0.75"},
    {"off = key_value", "loss=0.5\nauc: 0.75\n", "key_colon:auc=0.75@0"},
    {"off = key_value:loss , key_colon", "loss=0.5 lr=0.1\nauc: 0.75\n", "key_value:lr=0.1@0"},
    {"off = all\nx = x ([0-9]+)", "loss=0.5\nx 3\n", "own:x=3@0"},
    {"off = own\nx = x=([0-9.]+)", "x=3.5\n", "key_value:x=3.5@0"},
    {"off = own:x\nx = x=([0-9.]+)", "x=3.5\n", ""},
    {"off = tqdm:(progress)", " 50%|##  | 5/10 [00:01<00:01, 5it/s, loss=0.5]\n", "tqdm:loss=0.5@5"},
};

static void test_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		struct run_patterns *p = run_patterns_new(), *again = run_patterns_new();
		struct run_finder *f;
		struct error err = {0};
		struct str got;
		char *ini = xasprintf("[other]\nloss = (\n[patterns]\n%s\n", examples[i].ini);

		/* What it says of itself is read back as the same. */
		if (run_patterns_text(p, "config.ini", ini, &err) ||
		    run_patterns_text(again, "again", run_patterns_ini(p), &err))
			fail_msg("%s: %s", examples[i].ini, err.text);
		assert_string_equal(run_patterns_ini(p), run_patterns_ini(again));
		str_init(&got);
		f = run_finder_new(again, note, &got);
		run_finder_feed(f, examples[i].text, strlen(examples[i].text));
		run_finder_end(f);
		if (strcmp(got.data, examples[i].wanted) != 0)
			fail_msg("%s\n   found  %s\n   wanted %s", examples[i].ini, got.data, examples[i].wanted);
		run_finder_free(f);
		run_patterns_free(p);
		run_patterns_free(again);
		str_release(&got);
		free(ini);
	}
}

static const struct example wrong[] = {
    {"x = (a", NULL, "c:2: x = (a is no POSIX extended regular expression: Unmatched ( or \\("},
    {"x = abc", NULL, "c:2: an expression needs a group, ( ), around the value"},
    {"x = (?<step>a)", NULL, "c:2: an expression needs a group, ( ), around the value"},
    {"x = (?<other>a)", NULL, "c:2: a group is called (?<value>…), (?<step>…), (?<total>…), or not at all"},
    {"x = (?:a)", NULL, "c:2: a group is called (?<value>…), (?<step>…), (?<total>…), or not at all"},
    {"x = (?<step>a)(?<step>b)", NULL, "c:2: a group is named twice"},
    {"x = (a)\\1", NULL, "c:2: \\1: an expression does not refer back"},
    {"x = ((a{100}){100})", NULL, "c:2: its repetitions multiply to more than 1000"},
    {"off = nix", NULL, "c:2: there is no recogniser \"nix\"; `assay patterns ls` lists them"},
    {"a = (b)\noff = key_vale", NULL,
     "c:3: there is no recogniser \"key_vale\"; did you mean key_value?; `assay patterns ls` lists them"},
    {"off = json:", NULL, "c:2: \"json:\" names nothing after the colon"},
    {"off =", NULL, "c:2: no recogniser is named; `assay patterns ls` lists them"},
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct run_patterns *p = run_patterns_new();
		struct error err = {0};
		char *ini = xasprintf("[patterns]\n%s\n", wrong[i].ini);

		assert_int_equal(run_patterns_text(p, "c", ini, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_string_equal(err.text, wrong[i].wanted);
		run_patterns_free(p);
		free(ini);
	}
}

/* More expressions than there is room for, and more groups. */
static void test_many(void **state)
{
	struct run_patterns *p = run_patterns_new();
	struct error err = {0};
	struct str ini;

	(void)state;
	str_init(&ini);
	str_adds(&ini, "[patterns]\n");
	for (int i = 0; i < 101; i++)
		str_addf(&ini, "m%d = ([0-9])\n", i);
	assert_int_equal(run_patterns_text(p, "c", ini.data, &err), -1);
	assert_string_equal(err.text, "c:102: there are more than 100 expressions");
	run_patterns_free(p);
	p = run_patterns_new();
	str_clear(&ini);
	str_adds(&ini, "[patterns]\nx = ");
	for (int i = 0; i < 20; i++)
		str_adds(&ini, "(a)");
	assert_int_equal(run_patterns_text(p, "c", ini.data, &err), -1);
	assert_string_equal(err.text, "c:2: an expression has 19 groups at most");
	run_patterns_free(p);
	str_release(&ini);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("run: own expressions", tests, NULL, NULL);
}
