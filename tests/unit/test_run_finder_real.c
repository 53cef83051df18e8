/* The finder on what real tools printed, against what they kept themselves (tests/oracle/output/README.md). */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/run_finder.h"

#define FOLDER "tests/oracle/output/"

struct value {
	char name[128];
	int64_t step;
	double value, within;
	bool used;
};
struct values {
	struct value *list;
	size_t count, cap;
	double progress[512];
	size_t progress_count;
	char by[64];
	bool mixed, full;
};

static struct value *add(struct values *v)
{
	v->list = vec_reserve(v->list, &v->cap, v->count + 1, sizeof *v->list);
	return &v->list[v->count++];
}

static void on_found(void *user, const struct run_found *f)
{
	struct values *v = user;
	struct value *one;

	if (f->kind == RUN_FOUND_PROGRESS) {
		if (v->progress_count < COUNT_OF(v->progress))
			v->progress[v->progress_count++] = f->value;
		return;
	}
	if (f->kind == RUN_FOUND_FULL) {
		v->full = true;
		return;
	}
	v->mixed |= v->by[0] && strcmp(v->by, f->recogniser) != 0;
	snprintf(v->by, sizeof v->by, "%s", f->recogniser);
	one = add(v);
	*one = (struct value){.step = f->step, .value = f->value};
	snprintf(one->name, sizeof one->name, "%s", f->name);
}

static void read_known(const char *path, struct values *known)
{
	struct str text;
	char *line, *next;

	str_init(&text);
	assert_int_equal(file_read(path, &text, 1 << 20, NULL), 0);
	for (line = text.data; *line; line = next) {
		next = strchr(line, '\n');
		assert_non_null(next);
		*next++ = 0;
		struct value *k = add(known);
		*k = (struct value){0};
		char *field[4], *at = line;
		for (int i = 0; i < 4; i++) {
			field[i] = at;
			at = strchr(at, '\t');
			if (at)
				*at++ = 0;
		}
		snprintf(k->name, sizeof k->name, "%s", field[0]);
		assert_true(int_parse(field[1], strlen(field[1]), &k->step));
		assert_true(num_parse(field[2], strlen(field[2]), &k->value));
		assert_true(num_parse(field[3], strlen(field[3]), &k->within));
	}
	str_release(&text);
}

static void feed(const char *text, size_t len, size_t piece, struct values *out)
{
	struct run_finder *f = run_finder_new(NULL, on_found, out);

	for (size_t at = 0; at < len; at += piece)
		run_finder_feed(f, text + at, len - at < piece ? len - at : piece);
	run_finder_end(f);
	run_finder_free(f);
}

enum { PART = 1, NO_PROGRESS = 2, ENDS_DONE = 4 };
static const struct real {
	const char *name, *by;
	unsigned flags;
} reals[] = {
    {"keras_bar", "keras", ENDS_DONE},
    {"keras_lines", "keras", ENDS_DONE},
    {"keras2_bar", "keras", ENDS_DONE},
    {"keras2_lines", "keras", ENDS_DONE},
    {"lightning_tqdm", "lightning", NO_PROGRESS},
    {"lightning_rich", "lightning", ENDS_DONE | PART}, /* through a pipe it shows the last epoch alone */
    {"tqdm_alone", "tqdm", ENDS_DONE},
    {"tqdm_nested", "", ENDS_DONE},
    {"xgboost_train", "xgboost", NO_PROGRESS},
    {"xgboost_sklearn", "xgboost", NO_PROGRESS},
    {"lightgbm_train", "lightgbm", NO_PROGRESS},
    {"catboost_train", "catboost", ENDS_DONE},
    {"sklearn_mlp", "sklearn", NO_PROGRESS},
    {"sklearn_hist", "sklearn", ENDS_DONE},
    {"sklearn_boost", "sklearn", NO_PROGRESS},
    {"sklearn_grid", "sklearn", ENDS_DONE},
    {"sklearn_forest", "", ENDS_DONE},
    {"trainer", "trainer", ENDS_DONE},
    {"key_value", "key_value", NO_PROGRESS},
    {"logging_lines", "key_colon", NO_PROGRESS},
    {"json_lines", "json", NO_PROGRESS},
};

static void compare(const struct real *r, const char *way)
{
	struct values known = {0}, got = {0}, split = {0};
	struct str text;
	char path[256];
	bool part = (r->flags & PART) && strcmp(way, "pipe") == 0;
	size_t used = 0;

	str_init(&text);
	snprintf(path, sizeof path, FOLDER "%s.%s.known", r->name, way);
	read_known(path, &known);
	snprintf(path, sizeof path, FOLDER "%s.%s.txt", r->name, way);
	assert_int_equal(file_read(path, &text, 1 << 20, NULL), 0);
	feed(text.data, text.len, text.len, &got);
	feed(text.data, text.len, 3, &split);
	assert_int_equal(got.count, split.count);
	assert_int_equal(got.progress_count, split.progress_count);
	for (size_t i = 0; got.list && i < got.count; i++) {
		struct value *g = &got.list[i], *k = NULL;
		assert_true(split.list && strcmp(g->name, split.list[i].name) == 0);
		for (size_t n = 0; known.list && n < known.count && !k; n++)
			if (!known.list[n].used && strcmp(known.list[n].name, g->name) == 0 &&
			    known.list[n].step == g->step)
				k = &known.list[n];
		if (!k)
			fail_msg("%s %s: found %s = %g at step %lld, which the tool does not know", r->name, way, g->name,
			         g->value, (long long)g->step);
		if (!(fabs(k->value - g->value) <= k->within))
			fail_msg("%s %s: %s at step %lld is %.9g, found %.9g", r->name, way, g->name, (long long)g->step,
			         k->value, g->value);
		k->used = true;
		used++;
	}
	for (size_t n = 0; known.list && n < known.count && !part; n++)
		if (!known.list[n].used)
			fail_msg("%s %s: %s at step %lld was not found", r->name, way, known.list[n].name,
			         (long long)known.list[n].step);
	if (known.count)
		assert_true(used > 0);
	if (strcmp(got.by, r->by) != 0 || got.mixed)
		fail_msg("%s %s: read by \"%s\"%s, not by \"%s\"", r->name, way, got.by,
		         got.mixed ? " and others" : "", r->by);
	if ((r->flags & NO_PROGRESS) && got.progress_count)
		fail_msg("%s %s: progress %g of something of unknown length", r->name, way, got.progress[0]);
	for (size_t i = 1; i < got.progress_count; i++)
		if (!(got.progress[i] > got.progress[i - 1]))
			fail_msg("%s %s: progress goes from %g to %g", r->name, way, got.progress[i - 1],
			         got.progress[i]);
	if (r->flags & ENDS_DONE) {
		assert_true(got.progress_count > 0);
		if (fabs(got.progress[got.progress_count - 1] - 1) > 1e-9)
			fail_msg("%s %s: progress ends at %g", r->name, way, got.progress[got.progress_count - 1]);
	}
	free(known.list);
	free(got.list);
	free(split.list);
	str_release(&text);
}

static void test_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(reals); i++)
		compare(&reals[i], "pty");
}

static void test_pipe(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(reals); i++)
		compare(&reals[i], "pipe");
}

/* Nothing is found in what trains nothing. */
static void test_quiet(void **state)
{
	static const char *const names[] = {"apt",     "gcc",    "git",    "git_clone", "network", "pip",
	                                    "pip_pty", "python", "system", "tests",     "tools",   "unittest"};
	struct str text;

	(void)state;
	str_init(&text);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct values got = {0};
		char path[256];

		snprintf(path, sizeof path, FOLDER "quiet/%s.txt", names[i]);
		assert_int_equal(file_read(path, &text, 1 << 20, NULL), 0);
		assert_true(text.len > 100);
		feed(text.data, text.len, text.len, &got);
		if (got.list)
			fail_msg("%s: %s = %g was found by %s", names[i], got.list[0].name, got.list[0].value, got.by);
		if (got.progress_count)
			fail_msg("%s: progress %g was found", names[i], got.progress[0]);
		free(got.list);
	}
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_terminal),
	    cmocka_unit_test(test_pipe),
	    cmocka_unit_test(test_quiet),
	};

	return cmocka_run_group_tests_name("run: metrics in real output", tests, NULL, NULL);
}
