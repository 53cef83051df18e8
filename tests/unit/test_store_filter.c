/* store: the filter language, what it finds and where it says that it is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "assay/store.h"

#define NOW INT64_C(1795000000000) /* 2026-11-18T11:06:40Z */
#define DAY INT64_C(86400000)

struct place {
	char *folder;
	struct store *store;
};

static void add_metric(struct store *s, int64_t run, const char *name, const char *context, double value)
{
	struct point p = {.step = 1, .value = value};

	assert_int_equal(store_series_append(s, run, SERIES_METRIC, name, context, &p, 1, NULL), 0);
}

static int64_t add_run(struct store *s, const char *name, const char *experiment, const char *user,
                       int64_t at)
{
	struct run_new new = {
	    .name = name, .experiment = experiment, .user = user, .kind = "command", .created = at};
	char uuid[ID_TEXT];
	int64_t id;

	assert_int_equal(store_run_create(s, &new, &id, uuid, NULL), 0);
	return id;
}

static void end_run(struct store *s, int64_t id, enum run_status status, int64_t started, int64_t seconds)
{
	struct run_process nobody = {.pid = 1};
	struct run_ending ending = {.status = status, .reason = "", .at = started + seconds * 1000};

	assert_int_equal(store_run_start(s, id, &nobody, started, NULL), 0);
	if (store_status_over(status))
		assert_int_equal(store_run_end(s, id, &ending, NULL), 0);
}

/* Five runs, oldest first: a b c d e. */
static int fill(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = xcalloc(1, sizeof(*p));
	struct store *s;
	struct error err;
	char *path;
	int64_t id;

	p->folder = xasprintf("%s/assay-filter-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(p->folder))
		return -1;
	path = path_join(p->folder, ".assay");
	if (store_init(path, &err) || store_open(&p->store, path, STORE_WRITE, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	free(path);
	s = p->store;

	id = add_run(s, "a", "credit", "ada", NOW - 10 * DAY);
	end_run(s, id, RUN_DONE, NOW - 10 * DAY, 30);
	add_metric(s, id, "auc", "", 0.81);
	add_metric(s, id, "val loss", "", -1.5);
	store_param_set(s, id, "depth", "6", NULL);
	store_param_set(s, id, "model", "xgb", NULL);
	store_tag_set(s, id, "team", "risk-eu", NULL);

	id = add_run(s, "b", "credit", "bob", NOW - 5 * DAY);
	end_run(s, id, RUN_FAILED, NOW - 5 * DAY, 7200);
	add_metric(s, id, "auc", "", 0.5);
	add_metric(s, id, "loss", "", (double)NAN);
	store_param_set(s, id, "depth", "06", NULL);
	store_param_set(s, id, "model", "XGBoost", NULL);
	store_note_add(s, id, "Diverged after the warm-up", 0, NULL);

	id = add_run(s, "c", "fraud", "ada", NOW - 3 * 3600000);
	end_run(s, id, RUN_RUNNING, NOW - 2 * 3600000, 0);
	store_progress_set(s, id, 0.25, 0, NULL);
	add_metric(s, id, "loss", "", (double)INFINITY);
	add_metric(s, id, "auc", "train", 0.99);
	add_metric(s, id, "auc", "eval", 0.7);
	store_param_set(s, id, "depth", "12", NULL);
	store_tag_set(s, id, "odd`tag", "1", NULL);

	id = add_run(s, "d", "fraud", "", NOW - 60000);
	store_param_set(s, id, "model", "a%b_c*?[x]", NULL);
	store_param_set(s, id, "lr", "1e-3", NULL);

	id = add_run(s, "Blue Heron", "100% new", "eve", NOW - 30000);
	end_run(s, id, RUN_KILLED, NOW - 30000, 1);
	add_metric(s, id, "loss", "", 0.0);
	*state = p;
	return 0;
}

static int clear(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

/* The first letters of the runs that a filter finds, oldest first; the last one is B. */
static const struct {
	const char *filter, *found;
} finds[] = {
    {"", "abcdB"},
    {"   ", "abcdB"},
    /* metrics */
    {"metrics.auc > 0.6", "ac"}, /* c by its first context, train */
    {"metrics.auc >= 0.81", "ac"},
    {"metrics.auc < 0.81", "b"},
    {"metrics.auc = 0.5", "b"},
    {"metrics.auc != 0.5", "ac"},
    {"metrics.auc <> 0.5", "ac"},
    {"0.6 < metrics.auc or name = d", NULL},
    {"metrics.`val loss` < 0", "a"},
    {"metrics.\"val loss\" <= -1.5", "a"},
    {"metric.auc == 0.5", "b"},
    {"metrics.auc[eval] = 0.7", "c"},
    {"metrics.auc[train] > 0.9", "c"},
    {"metrics.auc[eval] > 0.9", ""},
    {"metrics.loss = nan", "b"},
    {"metrics.loss != nan", "cB"},
    {"metrics.loss = inf", "c"},
    {"metrics.loss > 1e308", "c"},
    {"metrics.loss = -0", "B"},
    {"metrics.loss != 0", "bc"},
    {"metrics.loss < 1", "B"},
    {"metrics.loss", "bcB"},
    {"not metrics.loss", "ad"},
    {"metrics.loss is missing", "ad"},
    {"metrics.loss IS NOT NULL", "bcB"},
    {"metrics.none > 0", ""},
    {"not metrics.none > 0", "abcdB"},
    {"not metrics.auc > 0.6", "bdB"},
    {"metrics.auc in (0.5, 0.81)", "ab"},
    {"metrics.auc not in (0.5, 0.81)", "cdB"},
    /* parameters: numbers as numbers, text as it was given */
    {"params.depth = 6", "ab"},
    {"params.depth = '6'", "a"},
    {"params.depth = '06'", "b"},
    {"params.depth > 6", "c"},
    {"params.depth > '1'", "ac"},
    {"params.depth != 6", "c"},
    {"params.lr = 0.001", "d"},
    {"params.model = xgb", "a"},
    {"params.model != xgb", "bd"},
    {"params.model != 3", "abd"},
    {"params.model like 'xgb%'", "a"},
    {"params.model ilike 'xgb%'", "ab"},
    {"params.model LIKE 'a%b_c*?[x]'", "d"},
    {"params.model like '%*?[_]'", "d"},
    {"params.model like '_gb'", "a"},
    {"params.model not like 'x%'", "bcdB"},
    {"params.model in (xgb, 'XGBoost')", "ab"},
    {"params.model in ('x''y')", ""},
    {"params.depth", "abc"},
    {"params.model ~ 'xgb|XGB'", "ab"},
    {"params.model~^x", "a"},
    {"params.model !~ '^[a-x]'", "b"},
    {"params.model ~ '[*][?]\\[x\\]$'", "d"},
    {"params.model ~ ''", "abd"},
    {"not params.model ~ '^x'", "bcdB"},
    {"name ~ '^.$' and not name !~ '[a-c]'", "abc"},
    {"experiment ~ '^1.*new$' or user ~ bob", "bB"},
    {"tags.team ~ 'risk-(eu|us)'", "a"},
    {"kind ~ command and params.depth ~ '^0'", "b"},
    {"best(metrics.auc) > 0.6", "ac"},
    {"best( metrics.auc[eval] ) <= 0.7", "c"},
    {"MAX(metrics.`val loss`) = -1.5 mean(metrics.auc) > 0", "a"},
    {"first(metrics.loss) = nan", "b"},
    {"last(metrics.loss) = nan", "b"},
    {"best(metrics.loss) = nan", ""},
    {"best(metrics.loss) != nan", "cB"},
    {"best(metrics.loss)", "cB"},
    {"first(metrics.loss)", "bcB"},
    {"min(metrics.loss) != 0", "c"},
    {"first(metrics.loss) != 0", "bc"},
    {"best(metrics.loss) is missing", "abd"},
    {"max(metrics.auc) in (0.5, 0.81)", "ab"},
    {"best (metrics.auc)", ""},

    {"tags.team like 'risk%'", "a"},
    {"tag.team = \"risk-eu\"", "a"},
    {"tags.`odd``tag` = 1", "c"},
    /* attributes */
    {"name = a", "a"},
    {"name = 'Blue Heron'", "B"},
    {"name like '%Heron'", "B"},
    {"name < b", "aB"},
    {"experiment = credit", "ab"},
    {"experiment != credit", "cdB"},
    {"experiment = nothing", ""},
    {"experiment != nothing", "abcdB"},
    {"not experiment = nothing", "abcdB"},
    {"experiment like '100[%] new'", ""},
    {"experiment like '100% new'", "B"},
    {"experiment in (credit, fraud)", "abcd"},
    {"status = done", "a"},
    {"STATUS = Failed", NULL},
    {"status != done", "bcdB"},
    {"status in (done, failed, killed)", "abB"},
    {"status = running or status = queued", "cd"},
    {"user = ada", "ac"},
    {"user is missing", "d"},
    {"kind = command", "abcdB"},
    {"host is missing", "abcdB"},
    {"source = native", "abcdB"},
    {"id = 'ffffffffffffffffffffffffffffffff'", ""},
    {"progress > 0.2", "c"},
    {"progress is missing", "abdB"},
    /* times */
    {"archived", ""},
    {"not archived", "abcdB"},
    {"archived is missing", "abcdB"},
    {"'archived'", ""},
    {"created > -1d", "cdB"},
    {"created < -1d", "ab"},
    {"started > -3h", "cB"},
    {"started is missing", "d"},
    {"not started > -3h", "abd"},
    {"ended is missing", "cd"},
    {"created >= 2026-11-13", "bcdB"},
    {"created = 2026-11-13", "b"},
    {"created != 2026-11-13", "acdB"},
    {"created > '2026-11-18 11:06'", "B"},
    {"created < 2026-11-18T08:30:00Z", "abc"},
    {"duration > 90m", "bc"}, /* c runs still */
    {"duration = 30", "a"},
    {"duration < 60", "aB"},
    {"duration >= 2h", "bc"},
    /* logic */
    {"name = a or name = b and status = done", "a"},
    {"(name = a or name = b) and status = failed", "b"},
    {"name = a OR name = b OR name = c", "abc"},
    {"not not name = a", "a"},
    {"not (name = a or name = b)", "cdB"},
    {"NOT name = a AND NOT name = b", "cdB"},
    {"experiment = credit status = failed", "b"},
    /* words */
    {"heron", "B"},
    {"blue heron", "B"},
    {"'blue heron'", "B"},
    {"'heron blue'", ""},
    {"warm-up", "b"},
    {"v1.2_a/b:c", ""},
    {"\"a;[\"", ""},
    {"params.layers[0].size = 1", ""},
    {"DIVERGED experiment = credit", "b"},
    {"diverged or heron", "bB"},
    {"'%'", ""},
    {"\"and\"", ""},
};

static void it_finds_what_is_meant(void **state)
{
	struct place *p = *state;
	static const struct runs_order by_age[] = {{"created", false}};

	for (size_t i = 0; i < COUNT_OF(finds); i++) {
		struct runs_query q = {.filter = finds[i].filter, .order = by_age, .order_count = 1, .now = NOW};
		struct arena *mem = arena_new();
		struct runs_page page;
		struct error err;
		char found[8] = "";
		int64_t count;
		bool exact;

		if (!finds[i].found) {
			assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, 10, mem, &page, &err), -1);
			assert_int_equal(err.code, ERR_USAGE);
			arena_free(mem);
			continue;
		}
		if (store_runs_page(p->store, &q, RUNS_FIRST, 0, 10, mem, &page, &err))
			fail_msg("%s: %s", finds[i].filter, err.text);
		for (size_t k = 0; k < page.count; k++)
			found[k] = page.rows[k].name[0];
		if (strcmp(found, finds[i].found) != 0)
			fail_msg("%s: found \"%s\", not \"%s\"", finds[i].filter, found, finds[i].found);
		assert_int_equal(store_runs_count(p->store, &q, 10, &count, &exact, &err), 0);
		assert_int_equal(count, page.count);
		assert_true(exact);
		arena_free(mem);
	}
}

static void ids_are_found_by_their_last_digits(void **state)
{
	struct place *p = *state;
	struct arena *mem = arena_new();
	struct run_row run;
	struct runs_query q = {0};
	struct runs_page page;
	int64_t id;

	assert_int_equal(store_run_find(p->store, "b", &id, NULL), 0);
	assert_int_equal(store_run_get(p->store, id, mem, &run, NULL), 0);
	q.filter = arena_printf(mem, "id = '%s'", run.uuid + 24);
	assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, 10, mem, &page, NULL), 0);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.rows[0].id, id);
	q.filter = arena_printf(mem, "id = %s", run.uuid);
	assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, 10, mem, &page, NULL), 0);
	assert_int_equal(page.count, 1);
	arena_free(mem);
}

static const struct {
	const char *filter;
	size_t at;
	const char *says;
} wrongs[] = {
    {"metrics.auc >", 13, "a value is missing"},
    {"metrics.auc > > 3", 14, "a value is missing"},
    {"metrics.auc > high", 14, "no number"},
    {"metrics. > 3", 0, "a name is missing"},
    {"metrics.`` > 3", 0, "no name"},
    {"metrics.`a > 3", 8, "has no end"},
    {"metrics.`a`b > 3", 0, "no name"},
    {"name = 'x", 7, "has no end"},
    {"statsu = done", 0, "do you mean status?"},
    {"status = finished", 9, "no status"},
    {"status < done", 0, "no order"},
    {"status like 'd%'", 0, "LIKE is for text"},
    {"metrics.auc like '1%'", 0, "LIKE is for text"},
    {"metrics.auc > nan", 14, "NaN"},
    {"started > yesterday", 10, "no time"},
    {"started > 2026-02-30", 10, "no time"},
    {"duration > long", 11, "no duration"},
    {"(name = a", 9, "a ) is missing"},
    {"name = a)", 8, "no ( before it"},
    {"()", 1, "a condition is missing"},
    {"and name = a", 0, "missing before and"},
    {"name = a and", 12, "a condition is missing"},
    {"name = a or or name = b", 12, "missing before or"},
    {"not", 3, "a condition is missing"},
    {"name = a, name = b", 8, "AND or OR"},
    {"= 3", 0, "a condition is missing"},
    {"name = a = b", 9, "without a field"},
    {"name in a", 8, "parentheses"},
    {"name in (a", 10, ", or )"},
    {"name in ()", 9, "a value is missing"},
    {"name is red", 8, "MISSING"},
    {"name ! a", 5, "no operator"},
    {"'x' = 3", 0, "must be a field"},
    {"metrics.[auc", 8, "\"[\" means nothing"},
    {"metrics.[auc] > 1", 8, "\"[\" means nothing"},
    {"metrics.auc[eval", 11, "\"[\" means nothing"},
    {"metrics.auc[eval]x > 1", 17, "\"x\" means nothing"},
    {"metrics.auc] > 1", 11, "\"]\" means nothing"},
    {"params.a[0 = 1", 8, "\"[\" means nothing"},
    {"name = ''; drop table run", 9, "\";\" means nothing"},
    {"name = a; drop", 8, "\";\" means nothing"},
    {"swift-otter v1.2 what?", 21, "\"?\" means nothing"},
    {"a[1]", 1, "\"[\" means nothing"},
    {"3 < metrics.auc", 0, "no such field"},
    {"name ~ 'a(b'", 9, "no regular expression"},
    {"name ~ 'a|*b'", 10, "no regular expression"},
    {"name ~ 'it''s a(b'", 15, "no regular expression"},
    {"name ~ '[a'", 8, "has no ]"},
    {"name ~ 'x[[:foo:]]'", 16, "no regular expression"},
    {"name ~ 'a\\'", 9, "no regular expression"},
    {"name ~ '(a)\\1'", 11, "back-references"},
    {"name ~ '((a{99}){99}){99}'", 16, "repeats too much"},
    {"name ~ '(a{1,2000}){3}'", 19, "repeats too much"},
    {"name ~ (a)", 7, "a value is missing"},
    {"status ~ done", 0, "~ is for text"},
    {"metrics.auc !~ 1", 0, "!~ is for text"},
    {"archived ~ 1", 0, "~ is for text"},
    {"archived > soon", 11, "no time"},
    {"best(metrics.auc > 3", 4, "has no )"},
    {"best(params.x) > 3", 5, "best() is of metrics"},
    {"name = a and max(status) > 3", 17, "max() is of metrics"},
    {"mean(metrics.a;b) > 3", 14, "\";\" means nothing"},
    {"mean(metrics.a, metrics.b) > 3", 14, "one metric"},
    {"best(metrics.auc[eval) > 3", 16, "\"[\" means nothing"},
    {"name = best(metrics.a)", 7, "a value is missing"},
    {"at(metrics.a, metrics.b) > 3", 0, "columns only"},
    {"at(metrics.a, metrics.b)", 0, "columns only"},
    {"params.x like '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a'", 14, "more than 16"},
};

static void it_says_where_it_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
		struct error err = {.text = ""};
		size_t at = 9999;

		if (!store_filter_check(wrongs[i].filter, &at, &err))
			fail_msg("%s: is accepted", wrongs[i].filter);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, wrongs[i].says) || at != wrongs[i].at)
			fail_msg("%s: byte %zu, not %zu: \"%s\" does not say \"%s\"", wrongs[i].filter, at, wrongs[i].at,
			         err.text, wrongs[i].says);
	}
}

/* 256 bytes, and the largest that is taken does not take long. */
static void patterns_are_bounded(void **state)
{
	struct place *p = *state;
	struct arena *mem = arena_new();
	struct runs_page page;
	struct error err;
	char pattern[300];
	size_t at;

	memset(pattern, 'a', sizeof(pattern));
	snprintf(pattern, 9, "name ~ '");
	pattern[8] = 'a';
	memcpy(pattern + 8 + 257, "'", 2);
	assert_int_equal(store_filter_check(pattern, &at, &err), -1);
	assert_int_equal(at, 8 + 256);
	memcpy(pattern + 8 + 256, "'", 2);
	assert_int_equal(store_filter_check(pattern, &at, &err), 0);
	assert_int_equal(store_runs_page(p->store, &(struct runs_query){.filter = "name ~ '((a|b){60}){60}'"},
	                                 RUNS_FIRST, 0, 9, mem, &page, &err),
	                 -1);
	assert_int_equal(store_runs_page(p->store, &(struct runs_query){.filter = "name ~ '((.|b){0,25}){40}$'"},
	                                 RUNS_FIRST, 0, 9, mem, &page, &err),
	                 0);
	assert_int_equal(page.count, 5);
	arena_free(mem);
}

static void characters_are_counted_not_bytes(void **state)
{
	struct error err;
	size_t at;

	(void)state;
	assert_int_equal(store_filter_check("name = '\xC3\xA9\xC3\xA9' and status = x", &at, &err), -1);
	assert_int_equal(at, 27);
	assert_non_null(strstr(err.text, "character 26"));
}

static void repeat(struct str *s, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		str_adds(s, text);
}

static void depth_and_length_are_bounded(void **state)
{
	struct error err;
	struct str s;

	(void)state;
	str_init(&s);
	repeat(&s, "(", 100000);
	assert_int_equal(store_filter_check(s.data, NULL, &err), -1);
	str_clear(&s);
	repeat(&s, "not ", 1000);
	assert_int_equal(store_filter_check(s.data, NULL, &err), -1);
	assert_non_null(strstr(err.text, "deeper"));
	str_clear(&s);
	repeat(&s, "name = a or ", 1000);
	str_adds(&s, "name = b");
	assert_int_equal(store_filter_check(s.data, NULL, &err), -1);
	assert_non_null(strstr(err.text, "parts"));
	str_release(&s);
}

/* The most that the language allows is also what SQLite can take. */
static void the_largest_filters_run(void **state)
{
	static const struct {
		const char *open, *first, *middle, *close;
		int opens, middles;
		const char *found;
	} shapes[] = {
	    {"", "name = b", " or name = a", "", 0, 199, "ab"},
	    {"", "name = b", " and not name = a", "", 0, 130, "b"},
	    {"(", "name in (a", ",a", ")", 24, 399, "a"},
	    {"not ", "name = b", "", "", 24, 0, "b"},
	    {"not (", "name = b", "", ")", 12, 0, "b"},
	    {"(metrics.auc > 0.4 and (name = d or ", "metrics.auc < 0.6", "", "))", 12, 0, "b"},
	    {"name = d or (not metrics.auc < 0.2 and not name = e and (", "params.model like 'X%'", "", "))", 12,
	     0, "bd"},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct arena *mem = arena_new();
		struct runs_page page;
		struct error err;
		struct str s;

		str_init(&s);
		repeat(&s, shapes[i].open, shapes[i].opens);
		str_adds(&s, shapes[i].first);
		repeat(&s, shapes[i].middle, shapes[i].middles);
		if (strstr(shapes[i].first, "in ("))
			str_addc(&s, ')');
		repeat(&s, shapes[i].close, shapes[i].opens);
		if (store_runs_page(p->store,
		                    &(struct runs_query){.filter = s.data,
		                                         .order = (struct runs_order[]){{"metrics.auc", true}},
		                                         .order_count = 1},
		                    RUNS_FIRST, 0, 9, mem, &page, &err))
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(page.count, strlen(shapes[i].found));
		for (size_t k = 0; k < page.count; k++)
			assert_non_null(strchr(shapes[i].found, page.rows[k].name[0]));
		str_release(&s);
		arena_free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_finds_what_is_meant),
	    cmocka_unit_test(ids_are_found_by_their_last_digits),
	    cmocka_unit_test(patterns_are_bounded),
	    cmocka_unit_test(it_says_where_it_is_wrong),
	    cmocka_unit_test(characters_are_counted_not_bytes),
	    cmocka_unit_test(depth_and_length_are_bounded),
	    cmocka_unit_test(the_largest_filters_run),
	};

	return cmocka_run_group_tests(tests, fill, clear);
}
