/* Edits as the screens have them made: by the work that the writer is told to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "../../src/view/edits.h"
#include "../../src/view/view_inside.h"

struct screen {
	char *folder, *path;
	struct desk desk;
	struct arena *mem;
	struct error err;
	int64_t runs[3];
};

static int open_new(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct screen *s = xcalloc(1, sizeof(*s));

	s->folder = xasprintf("%s/assay-edits-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(s->folder))
		return -1;
	s->path = path_join(s->folder, ".assay");
	s->mem = arena_new();
	if (store_init(s->path, &s->err) || store_open(&s->desk.store, s->path, STORE_WRITE, &s->err))
		return -1;
	for (size_t i = 0; i < COUNT_OF(s->runs); i++) {
		char name[8], uuid[ID_TEXT];
		struct run_new new = {.name = name};
		struct run_ending ending = {.status = RUN_DONE, .reason = ""};

		snprintf(name, sizeof(name), "r%zu", i);
		if (store_run_create(s->desk.store, &new, &s->runs[i], uuid, &s->err) ||
		    (i < 2 && store_run_end(s->desk.store, s->runs[i], &ending, &s->err)))
			return -1;
	}
	*state = s;
	return 0;
}

static int close_all(void **state)
{
	struct screen *s = *state;

	store_close(s->desk.store);
	dir_remove(s->folder, NULL);
	arena_free(s->mem);
	free(s->folder);
	free(s->path);
	free(s);
	return 0;
}

static const void *does(struct screen *s, ui_work_fn *fn, const void *arg)
{
	void *result = NULL;

	if (fn(&s->desk, s->mem, arg, &result, &s->err))
		fail_msg("%s", s->err.text);
	return result;
}

/* NULL: there was nothing. */
static const char *turned(struct screen *s, ui_work_fn *fn, const char *command)
{
	const struct ui_undone *undone = does(s, fn, NULL);

	assert_string_equal(undone->command, command);
	return undone->text;
}

static void what_a_screen_writes_is_taken_back(void **state)
{
	struct screen *s = *state;
	struct edits_archive away = {.which = {.ids = s->runs, .count = 3}, .archived = true};
	struct edits_tag tag = {.which = {.filter = "status = done"}, .key = "team", .value = "risk"};
	struct edits_note note = {s->runs[0], "odd"};
	struct edits_rename name = {s->runs[0], "zero"};
	struct edits_saved view = {{"view", "", "v", "{\"columns\":[\"name\"]}"}};
	const struct work_edited *done;
	static const char *const texts[] = {"saved the view v", "archived 2 runs", "renamed r0 to zero",
	                                    "annotated r0: odd", "tagged 2 runs: team=risk"};

	assert_null(turned(s, view_undo, "assay undo"));
	done = does(s, view_write_tag, &tag);
	assert_true(done->asked == 2 && done->changed == 2 && done->edits == 1);
	assert_string_equal(done->text, texts[4]);
	done = does(s, view_write_tag, &tag);
	assert_true(done->asked == 2 && done->changed == 0 && done->edits == 0);
	assert_string_equal(done->text, "");
	does(s, view_write_note, &note);
	done = does(s, view_write_rename, &name);
	assert_string_equal(done->text, texts[2]);
	done = does(s, view_write_rename, &name);
	assert_int_equal(done->edits, 0);
	done = does(s, view_write_archive, &away);
	assert_true(done->asked == 3 && done->changed == 2 && done->left == 1);
	done = does(s, view_write_saved, &view);
	assert_int_equal(done->edits, 1);
	done = does(s, view_write_saved, &view);
	assert_int_equal(done->edits, 0);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_string_equal(turned(s, view_undo, "assay undo"), texts[i]);
	assert_null(turned(s, view_undo, "assay undo"));
	for (size_t i = COUNT_OF(texts); i-- > 0;)
		assert_string_equal(turned(s, view_redo, "assay redo"), texts[i]);
	assert_null(turned(s, view_redo, "assay redo"));
}

static void what_cannot_be_used_is_not_saved(void **state)
{
	struct screen *s = *state;
	struct edits_saved wrong[] = {{{"view", "", "v", "{\"columns\":3}"}},
	                              {{"view", "", "v", "{\"filter\":\"status =\"}"}},
	                              {{"filter", "", "f", "status ="}}};
	void *result;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_int_equal(view_write_saved(&s->desk, s->mem, &wrong[i], &result, &s->err), -1);
		assert_int_equal(s->err.code, ERR_USAGE);
	}
	assert_null(turned(s, view_undo, "assay undo"));
}

/* Names, tags, notes and what is put away may change after the seal; a parameter may not. */
static void the_seal_of_a_run_holds(void **state)
{
	struct screen *s = *state;
	struct work_which which = {.ids = s->runs, .count = 1};
	struct edits_archive away = {which, true};
	struct edits_tag tag = {which, "team", "risk"};
	struct edits_note note = {s->runs[0], "odd"};
	struct edits_rename name = {s->runs[0], "zero"};
	char before[SHA256_TEXT], after[SHA256_TEXT];

	assert_int_equal(work_run_seal(s->desk.store, s->runs[0], before, &s->err), 0);
	does(s, view_write_archive, &away);
	does(s, view_write_tag, &tag);
	does(s, view_write_note, &note);
	does(s, view_write_rename, &name);
	assert_int_equal(work_run_seal(s->desk.store, s->runs[0], after, &s->err), 0);
	assert_string_equal(before, after);
	assert_int_equal(store_param_set(s->desk.store, s->runs[0], "lr", "1", &s->err), 0);
	assert_int_equal(work_run_seal(s->desk.store, s->runs[0], after, &s->err), 0);
	assert_string_not_equal(before, after);
}

static void a_conflict_is_told(void **state)
{
	struct screen *s = *state;
	struct edits_tag tag = {.which = {.ids = s->runs, .count = 1}, .key = "team", .value = "risk"};
	void *result;

	does(s, view_write_tag, &tag);
	assert_int_equal(store_tag_set(s->desk.store, s->runs[0], "team", "fraud", &s->err), 0);
	assert_int_equal(view_undo(&s->desk, s->mem, NULL, &result, &s->err), -1);
	assert_int_equal(s->err.code, ERR_STALE);
	assert_non_null(strstr(s->err.text, "r0 was tagged team=fraud"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_a_screen_writes_is_taken_back, open_new, close_all),
	    cmocka_unit_test_setup_teardown(what_cannot_be_used_is_not_saved, open_new, close_all),
	    cmocka_unit_test_setup_teardown(the_seal_of_a_run_holds, open_new, close_all),
	    cmocka_unit_test_setup_teardown(a_conflict_is_told, open_new, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
