/* What work writes by itself: predictions, evidence, command lines. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <locale.h>
#include <math.h>
#include <cmocka.h>

#include "../../src/work/work.h"
#include "../lib/store_fixture.h"

static const char csv[] = "name,x\n"
                          "\"a,b\",1\n"
                          "=c,2\n"
                          "\"d\"\"e\",3\n"
                          "plain,4\n";

static void load(struct table *t, bool with_id)
{
	struct reading r;
	struct error err;
	reading_init(&r);
	if (with_id)
		assert_int_equal(reading_set(&r, "id", "name", &err), 0);
	if (table_read_bytes(t, "test.csv", csv, strlen(csv), &r, NULL, &err) != 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void written(struct str *out, const struct table *t)
{
	static const double scores[] = {0.25, 1.0 / 3, 1e-9, 1};
	struct predictions_head head = {.rows = 4, .split = "test"};
	struct case_names names;
	memset(head.data, 'a', 64);
	memset(head.model, 'b', 64);
	case_names_init(&names, t);
	predictions_write(&head, &names, NULL, scores, out);
}

static void predictions_come_back(void **state)
{
	(void)state;
	for (int with_id = 0; with_id <= 1; with_id++) {
		struct table t;
		struct str text;
		struct predictions_read read;
		struct error err;
		str_init(&text);
		load(&t, with_id);
		written(&text, &t);
		if (predictions_parse(text.data, text.len, &read, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(read.head.rows, 4);
		assert_string_equal(read.head.split, "test");
		assert_int_equal(strspn(read.head.data, "a"), 64);
		assert_int_equal(strspn(read.head.model, "b"), 64);
		assert_true(read.score[1] == 1.0 / 3 && read.score[2] == 1e-9);
		if (with_id) {
			assert_string_equal(read.head.id_column, "name");
			assert_string_equal(read.case_id[0], "a,b");
			assert_string_equal(read.case_id[1], "=c");
			assert_string_equal(read.case_id[2], "d\"e");
		} else {
			assert_null(read.head.id_column);
			assert_string_equal(read.case_id[0], "1");
			assert_string_equal(read.case_id[3], "4");
		}
		arena_free(read.mem);
		table_release(&t);
		str_release(&text);
	}
}

/* Cut anywhere, or with any one byte changed: refused, or read as other cases or scores, never misread. */
static void damaged_predictions_are_refused(void **state)
{
	(void)state;
	struct table t;
	struct str text;
	struct predictions_read read;
	struct error err;
	str_init(&text);
	load(&t, true);
	written(&text, &t);
	for (size_t len = 0; len < text.len; len++) {
		char *cut = xmemdup0(text.data, len);
		assert_int_equal(predictions_parse(cut, len, &read, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		free(cut);
	}
	size_t refused = 0;
	for (size_t at = 0; at < text.len; at++)
		for (int byte = 0; byte < 256; byte += 5) {
			char *changed = xmemdup0(text.data, text.len);
			changed[at] = (char)byte;
			if (predictions_parse(changed, text.len, &read, &err) != 0) {
				refused++;
			} else {
				assert_int_equal(read.head.rows, 4);
				arena_free(read.mem);
			}
			free(changed);
		}
	assert_true(refused > text.len * 20);
	str_addc(&text, '\n');
	assert_int_equal(predictions_parse(text.data, text.len, &read, &err), -1);
	table_release(&t);
	str_release(&text);
}

static void ids_that_repeat_name_no_cases(void **state)
{
	(void)state;
	static const char twice[] = "k,x\na,1\na,2\n";
	struct reading r;
	struct table t;
	struct case_names names;
	struct error err;
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "test.csv", twice, strlen(twice), &r, NULL, &err), 0);
	t.columns[0].roles = ROLE_ID;
	case_names_init(&names, &t);
	assert_null(names.id);
	table_release(&t);
	reading_release(&r);
}

static void evidence_is_canonical(void **state)
{
	(void)state;
	static const double score[] = {0.1, 0.4, 0.35, 0.8}, label[] = {0, 0, 1, 1};
	struct evaluation evaluation;
	struct str json;
	str_init(&json);
	evaluation_compute(&evaluation, score, label, 4, 0.5);
	struct evidence e = {.model = "m",
	                     .data = "d",
	                     .predictions = "p",
	                     .label = "y",
	                     .positive = "1",
	                     .split = "test",
	                     .evaluation = &evaluation};
	evidence_json(&e, &json);
	const char *begin = "{\"data\":\"d\",\"kind\":\"evaluation\",\"model\":\"m\",\"predictions\":\"p\","
	                    "\"program\":\"assay " ASSAY_VERSION "\",\"results\":{\"accuracy\":0.75,\"auc\":{";
	assert_int_equal(strncmp(json.data, begin, strlen(begin)), 0);
	const char *end =
	    "},\"settings\":{\"label\":\"y\",\"positive\":\"1\",\"split\":\"test\",\"threshold\":0.5}}";
	assert_string_equal(json.data + json.len - strlen(end), end);
	str_release(&json);
}

static void commands_can_be_typed_again(void **state)
{
	(void)state;
	struct work_train t;
	struct arena *mem = arena_new();
	struct str line;
	str_init(&line);
	work_train_init(&t);
	t.recipe = "logistic";
	t.data = "loans";
	const char *const *argv = work_train_argv(&t, mem);
	work_shell_line(argv, &line);
	assert_string_equal(line.data, "assay train logistic --data loans");
	const char *const drop[] = {"zip", "a,b"};
	const struct work_set set[] = {{"l2", "10"}};
	t.test = "loans-test";
	t.positive = ">50K";
	t.drop = drop;
	t.drop_count = 2;
	t.set = set;
	t.set_count = 1;
	t.seed = 7;
	t.threads = 2;
	t.name = "it's";
	str_clear(&line);
	work_shell_line(work_train_argv(&t, mem), &line);
	assert_string_equal(line.data,
	                    "assay train logistic --data loans --test loans-test --positive '>50K' --drop "
	                    "'zip,\"a,b\"' --set l2=10 --seed 7 --threads 2 -n 'it'\\''s'");
	t.test = NULL;
	t.split = 0.1;
	str_clear(&line);
	work_shell_line(work_train_argv(&t, mem), &line);
	assert_non_null(strstr(line.data, " --split 0.1 "));
	const char *const odd[] = {"sh", "-c", "echo $HOME; ls *", "", "=x", "a\nb", NULL};
	str_clear(&line);
	work_shell_line(odd, &line);
	assert_string_equal(line.data, "sh -c 'echo $HOME; ls *' '' '=x' 'a\nb'");
	str_release(&line);
	arena_free(mem);
}

/* What the trainer reports is what the store reads, values that JSON has no word for among them. */
static void reported_values_are_kept_exactly(void **state)
{
	static const double values[] = {0.1, NAN, INFINITY, -INFINITY, -5e-324};
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/work-XXXXXX", tmp ? tmp : "/tmp"), *path, uuid[ID_TEXT];
	struct run_new new = {.name = "reports"};
	struct arena *mem = arena_new();
	struct absorbed got;
	struct store *store;
	struct events e;
	struct series s;
	struct point *points;
	struct error err;
	int64_t run;
	size_t count;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, ".assay");
	assert_int_equal(store_init(path, &err), 0);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &err), 0);
	assert_int_equal(store_run_create(store, &new, &run, uuid, &err), 0);
	setenv("ASSAY_EVENTS", dir, 1);
	assert_int_equal(events_open(&e, "trainer", &err), 0);
	unsetenv("ASSAY_EVENTS");
	for (size_t i = 0; i < COUNT_OF(values); i++)
		assert_int_equal(events_metric(&e, "loss", "train", (int64_t)i, values[i], &err), 0);
	events_close(&e);
	assert_int_equal(absorb_once(store, run, dir, ABSORB_FINAL, &got, &err), 0);
	assert_int_equal(got.bad_lines, 0);
	assert_int_equal(store_series_find(store, run, SERIES_METRIC, "loss", "train", mem, &s, &err), 0);
	assert_int_equal(store_series_points(store, s.id, 0, 0, mem, &points, &count, &err), 0);
	assert_int_equal(count, COUNT_OF(values));
	for (size_t i = 0; i < count; i++)
		assert_true(isnan(values[i]) ? isnan(points[i].value) : points[i].value == values[i]);
	store_close(store);
	dir_remove(dir, NULL);
	arena_free(mem);
	free(path);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(predictions_come_back),         cmocka_unit_test(damaged_predictions_are_refused),
	    cmocka_unit_test(ids_that_repeat_name_no_cases), cmocka_unit_test(evidence_is_canonical),
	    cmocka_unit_test(commands_can_be_typed_again),   cmocka_unit_test(reported_values_are_kept_exactly),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
