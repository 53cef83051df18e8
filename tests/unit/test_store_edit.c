/* store: edits that can be taken back, and made again. */
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/store_edits.h"

#define ADA "ada@lab"
#define BOB "bob@lab"

static const char *last_act(struct store_place *p)
{
	struct activity *acts;
	size_t count;

	must(p, store_activities(p->store, 0, 1, p->mem, &acts, &count, &p->err));
	return count ? arena_printf(p->mem, "%s: %s %s", acts[0].who, acts[0].verb, acts[0].what) : "";
}

/* ---- each edit ---- */

static void runs_are_put_away_and_come_back(void **state)
{
	struct store_place *p = *state;
	int64_t ids[] = {make_run(p, "one", true), make_run(p, "two", true), 0}, changed, left;
	int64_t at;

	ids[2] = ids[0]; /* named twice */
	must(p, store_archive(p->store, ADA, ids, 3, true, &changed, &left, &p->err));
	assert_int_equal(changed, 2);
	assert_int_equal(left, 0);
	at = run_of(p, ids[0]).archived;
	assert_true(at > 0 && run_of(p, ids[1]).archived == at);
	must(p, store_archive(p->store, ADA, ids, 1, true, &changed, &left, &p->err));
	assert_int_equal(changed, 0);
	assert_string_equal(undo(p, ADA), "archived 2 runs");
	assert_true(!run_of(p, ids[0]).archived && !run_of(p, ids[1]).archived);
	assert_string_equal(undo(p, ADA), "");
	assert_string_equal(redo(p, ADA), "archived 2 runs");
	assert_int_equal(run_of(p, ids[1]).archived, at);
	assert_string_equal(redo(p, ADA), "");
	must(p, store_archive(p->store, ADA, ids, 1, false, &changed, NULL, &p->err));
	assert_int_equal(run_of(p, ids[0]).archived, 0);
	assert_string_equal(undo(p, ADA), "restored one");
	assert_int_equal(run_of(p, ids[0]).archived, at);
}

static void what_runs_is_not_put_away(void **state)
{
	struct store_place *p = *state;
	int64_t ids[] = {make_run(p, "over", true), make_run(p, "waits", false)}, changed = 7, left;

	assert_int_equal(store_archive(p->store, ADA, ids + 1, 1, true, &changed, &left, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
	assert_non_null(strstr(p->err.text, "waits is queued"));
	assert_string_equal(undo(p, ADA), "");
	must(p, store_archive(p->store, ADA, ids, 2, true, &changed, &left, &p->err));
	assert_int_equal(changed, 1);
	assert_int_equal(left, 1);
	assert_true(run_of(p, ids[0]).archived && !run_of(p, ids[1]).archived);
	assert_int_equal(store_archive(p->store, ADA, (int64_t[]){999}, 1, true, &changed, &left, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
	assert_int_equal(
	    store_archive(p->store, ADA, (int64_t[]){ids[0], 999}, 2, false, &changed, &left, &p->err), -1);
	assert_true(run_of(p, ids[0]).archived);
}

static void tags_come_and_go(void **state)
{
	struct store_place *p = *state;
	int64_t ids[] = {make_run(p, "one", true), make_run(p, "two", false)}, changed;
	struct store_pair *before, *after;
	const char **names;
	size_t count;

	must(p, store_tag_set(p->store, ids[0], "team", "0.5", &p->err));
	must(p, store_tags(p->store, ids[0], p->mem, &before, &count, &p->err));
	must(p, store_tag_edit(p->store, ADA, ids, 2, "team", "risk team", &changed, &p->err));
	assert_int_equal(changed, 2);
	assert_string_equal(tags_of(p, ids[0]), "team=risk team");
	must(p, store_tag_edit(p->store, ADA, ids, 2, "team", "risk team", &changed, &p->err));
	assert_int_equal(changed, 0);
	must(p, store_tag_edit(p->store, ADA, ids, 2, "team", NULL, &changed, &p->err));
	assert_string_equal(tags_of(p, ids[1]), "");
	must(p, store_names(p->store, "tags.", 10, p->mem, &names, &count, &p->err));
	assert_int_equal(count, 0); /* no run has it */
	assert_string_equal(undo(p, ADA), "untagged 2 runs: team");
	assert_string_equal(tags_of(p, ids[1]), "team=risk team");
	must(p, store_names(p->store, "tags.", 10, p->mem, &names, &count, &p->err));
	assert_int_equal(count, 1);
	assert_string_equal(undo(p, ADA), "tagged 2 runs: team=risk team");
	assert_string_equal(tags_of(p, ids[1]), "");
	must(p, store_tags(p->store, ids[0], p->mem, &after, &count, &p->err));
	assert_int_equal(count, 1);
	assert_string_equal(after[0].value, "0.5");
	assert_true(after[0].is_number && after[0].number == 0.5);
	assert_int_equal(after[0].at, before[0].at);
	must(p, store_tag_edit(p->store, ADA, ids, 1, "empty", "", &changed, &p->err));
	assert_string_equal(tags_of(p, ids[0]), "empty= team=0.5");
	undo(p, ADA);
	redo(p, ADA);
	assert_string_equal(tags_of(p, ids[0]), "empty= team=0.5");
	assert_int_equal(store_tag_edit(p->store, ADA, ids, 1, "", "x", &changed, &p->err), -1);
	assert_int_equal(p->err.code, ERR_USAGE);
}

static void notes_and_names(void **state)
{
	struct store_place *p = *state;
	int64_t a = make_run(p, "one", true);

	must(p, store_note_edit(p->store, ADA, a, "first", &p->err));
	must(p, store_note_edit(p->store, ADA, a, "second \"thing\"\nmore", &p->err));
	assert_string_equal(notes_of(p, a), "first|second \"thing\"\nmore");
	undo(p, ADA);
	assert_string_equal(notes_of(p, a), "first");
	/* Another note takes the number that has become free. */
	must(p, store_note_add(p->store, a, "another", 0, &p->err));
	redo(p, ADA);
	undo(p, ADA);
	assert_string_equal(notes_of(p, a), "first|another");
	redo(p, ADA);
	undo(p, ADA);
	undo(p, ADA);
	assert_string_equal(notes_of(p, a), "another");
	redo(p, ADA);
	must(p, store_rename(p->store, ADA, a, "uno", &p->err));
	assert_string_equal(run_of(p, a).name, "uno");
	assert_string_equal(redo(p, ADA), ""); /* the second note is gone for good */
	must(p, store_rename(p->store, ADA, a, "uno", &p->err));
	assert_string_equal(undo(p, ADA), "renamed one to uno");
	assert_string_equal(run_of(p, a).name, "one");
	assert_string_equal(redo(p, ADA), "renamed one to uno");
	assert_int_equal(store_rename(p->store, ADA, a, "", &p->err), -1);
	assert_int_equal(store_note_edit(p->store, ADA, a, "", &p->err), -1);
	assert_int_equal(store_rename(p->store, ADA, 999, "x", &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
}

static void views_and_filters(void **state)
{
	struct store_place *p = *state;
	struct store_saved view = {"view", "lending", "night", "{}"}, all = {"view", "", "a", "[]"},
	                   filter = {"filter", "", "good", "auc > 1"};

	must(p, store_saved_set(p->store, ADA, &view, &p->err));
	must(p, store_saved_set(p->store, ADA, &all, &p->err));
	must(p, store_saved_set(p->store, ADA, &filter, &p->err));
	assert_string_equal(saved_of(p, "view", "lending"), "lending/night={} /a=[]");
	assert_string_equal(saved_of(p, "view", "other"), "/a=[]");
	assert_string_equal(saved_of(p, "filter", ""), "/good=auc > 1");
	view.text = "{1}";
	must(p, store_saved_set(p->store, ADA, &view, &p->err));
	must(p, store_saved_set(p->store, ADA, &view, &p->err));
	assert_string_equal(undo(p, ADA), "changed the view night of lending");
	assert_string_equal(saved_of(p, "view", "lending"), "lending/night={} /a=[]");
	redo(p, ADA);
	view.text = NULL;
	must(p, store_saved_set(p->store, ADA, &view, &p->err));
	assert_string_equal(saved_of(p, "view", "lending"), "/a=[]");
	assert_string_equal(undo(p, ADA), "removed the view night of lending");
	assert_string_equal(saved_of(p, "view", "lending"), "lending/night={1} /a=[]");
	view.name = "nigth";
	assert_int_equal(store_saved_set(p->store, ADA, &view, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
	assert_non_null(strstr(p->err.text, "there is \"night\""));
	view.kind = "colour";
	assert_int_equal(store_saved_set(p->store, ADA, &view, &p->err), -1);
	assert_int_equal(p->err.code, ERR_USAGE);
}

/* ---- what happens meanwhile ---- */

static void what_changed_meanwhile_is_not_overwritten(void **state)
{
	struct store_place *p = *state;
	int64_t ids[] = {make_run(p, "one", true), make_run(p, "two", true), make_run(p, "three", true),
	                 make_run(p, "four", true), make_run(p, "five", true)},
	        changed;
	struct store_saved view = {"view", "", "v", "1"};

	must(p, store_archive(p->store, ADA, ids, 2, true, &changed, NULL, &p->err));
	must(p, store_archive(p->store, BOB, ids + 1, 1, false, &changed, NULL, &p->err));
	refused(p, true, ADA, "meanwhile two was restored; nothing was changed");
	assert_true(run_of(p, ids[0]).archived);
	undo(p, BOB);
	assert_string_equal(undo(p, ADA), "archived 2 runs");
	must(p, store_archive(p->store, BOB, ids, 1, true, &changed, NULL, &p->err));
	refused(p, false, ADA, "cannot be made again: meanwhile one was archived");
	assert_false(run_of(p, ids[1]).archived);

	must(p, store_tag_edit(p->store, ADA, ids, 5, "team", "risk", &changed, &p->err));
	must(p, store_tag_edit(p->store, BOB, ids + 1, 4, "team", "fraud", &changed, &p->err));
	refused(
	    p, true, ADA,
	    "two was tagged team=fraud, three was tagged team=fraud, four was tagged team=fraud and 1 more have "
	    "changed");
	assert_string_equal(tags_of(p, ids[0]), "team=risk");
	undo(p, BOB);
	must(p, store_tag_edit(p->store, BOB, ids, 1, "team", NULL, &changed, &p->err));
	refused(p, true, ADA, "one was untagged: team");
	undo(p, BOB);
	assert_string_equal(undo(p, ADA), "tagged 5 runs: team=risk");

	must(p, store_rename(p->store, ADA, ids[0], "uno", &p->err));
	must(p, store_rename(p->store, BOB, ids[0], "eins", &p->err));
	refused(p, true, ADA, "uno was renamed to eins");
	undo(p, BOB);
	undo(p, ADA);
	assert_string_equal(run_of(p, ids[0]).name, "one");

	must(p, store_saved_set(p->store, ADA, &view, &p->err));
	view.text = "2";
	must(p, store_saved_set(p->store, BOB, &view, &p->err));
	refused(p, true, ADA, "the view v was changed");
	view.text = NULL;
	must(p, store_saved_set(p->store, BOB, &view, &p->err));
	refused(p, true, ADA, "the view v was removed");
}

static void everyone_takes_back_his_own(void **state)
{
	struct store_place *p = *state;
	int64_t a = make_run(p, "one", true), b = make_run(p, "two", true), changed;
	struct store_edit *edits;
	size_t count;

	must(p, store_tag_edit(p->store, ADA, &a, 1, "x", "1", &changed, &p->err));
	must(p, store_tag_edit(p->store, BOB, &b, 1, "x", "2", &changed, &p->err));
	must(p, store_rename(p->store, ADA, a, "uno", &p->err));
	assert_string_equal(undo(p, "eve@lab"), "");
	assert_string_equal(undo(p, BOB), "tagged two: x=2");
	/* Ada's new edit does not end what Bob may do again. */
	must(p, store_note_edit(p->store, ADA, a, "n", &p->err));
	assert_string_equal(redo(p, BOB), "tagged two: x=2");
	undo(p, ADA);
	must(p, store_edits(p->store, ADA, 10, p->mem, &edits, &count, &p->err));
	assert_int_equal(count, 3);
	assert_string_equal(edits[0].text, "annotated uno: n");
	assert_true(edits[0].undone && !edits[1].undone && !edits[2].undone);
	assert_true(edits[0].id > edits[1].id && edits[0].at > 0);
	must(p, store_edits(p->store, ADA, 1, p->mem, &edits, &count, &p->err));
	assert_int_equal(count, 1);
	must(p, store_edits(p->store, BOB, 10, p->mem, &edits, &count, &p->err));
	assert_int_equal(count, 1);
}

static void the_log_says_who_did_what(void **state)
{
	struct store_place *p = *state;
	int64_t ids[4], changed;
	struct store_edit_item *items;
	struct store_edit *edits;
	const char *tail;
	size_t count;
	char *expected, *long_note = xcalloc(1, 1001);

	for (size_t i = 0; i < COUNT_OF(ids); i++)
		ids[i] = make_run(p, (const char *const[]){"a", "b", "c", "d"}[i], true);
	tail = run_of(p, ids[0]).uuid;
	tail = arena_strdup(p->mem, tail + 24);
	must(p, store_rename(p->store, ADA, ids[0], "x", &p->err));
	expected = xasprintf("ada@lab: renamed a (%s) to x", tail);
	assert_string_equal(last_act(p), expected);
	free(expected);
	must(p, store_archive(p->store, ADA, ids, 4, true, &changed, NULL, &p->err));
	assert_non_null(strstr(last_act(p), "ada@lab: archived 4 runs: x ("));
	assert_non_null(strstr(last_act(p), "c ("));
	assert_null(strstr(last_act(p), "d ("));
	undo(p, ADA);
	assert_string_equal(last_act(p), "ada@lab: took back: archived 4 runs");
	redo(p, ADA);
	assert_string_equal(last_act(p), "ada@lab: did again: archived 4 runs");
	/* Nothing was done: nothing is said. */
	must(p, store_archive(p->store, ADA, ids, 4, true, &changed, NULL, &p->err));
	assert_string_equal(last_act(p), "ada@lab: did again: archived 4 runs");
	for (size_t i = 0; i < 500; i++)
		memcpy(long_note + 2 * i, "ö", 2);
	must(p, store_note_edit(p->store, ADA, ids[0], long_note, &p->err));
	assert_true(strlen(last_act(p)) < 150 && utf8_is_valid(last_act(p), strlen(last_act(p))));
	assert_string_equal(notes_of(p, ids[0]), long_note);
	must(p, store_tag_edit(p->store, ADA, ids, 2, "k", "v w", &changed, &p->err));
	must(p, store_edits(p->store, ADA, 1, p->mem, &edits, &count, &p->err));
	must(p, store_edit_items(p->store, edits[0].id, 10, p->mem, &items, &count, &p->err));
	assert_int_equal(count, 2);
	assert_string_equal(items[1].kind, "tag");
	assert_string_equal(items[1].key, "k");
	assert_null(items[1].before);
	assert_string_equal(items[1].after, "v w");
	assert_int_equal(items[1].run, ids[1]);
	assert_string_equal(items[1].uuid, run_of(p, ids[1]).uuid);
	free(long_note);
}

static void many_at_once(void **state)
{
	enum { MANY = 20000 };
	struct store_place *p = *state;
	int64_t *ids = xreallocarray(NULL, MANY, sizeof(*ids)), changed, left;

	must(p, store_begin(p->store, STORE_NORMAL, &p->err));
	for (size_t i = 0; i < MANY; i++)
		ids[i] = make_run(p, NULL, i % 10 != 0);
	must(p, store_end(p->store, true, &p->err));
	must(p, store_archive(p->store, ADA, ids, MANY, true, &changed, &left, &p->err));
	assert_int_equal(changed, MANY / 10 * 9);
	assert_int_equal(left, MANY / 10);
	must(p, store_tag_edit(p->store, ADA, ids, MANY, "batch", "7", &changed, &p->err));
	assert_int_equal(changed, MANY);
	assert_string_equal(undo(p, ADA), "tagged 20000 runs: batch=7");
	assert_string_equal(tags_of(p, ids[MANY - 1]), "");
	assert_string_equal(undo(p, ADA), "archived 18000 runs");
	assert_int_equal(run_of(p, ids[MANY - 1]).archived, 0);
	free(ids);
}

/* ---- killed ---- */

/* Whatever moment the writer is killed at, its last edit is there whole or not at all. */
static void a_killed_writer_leaves_whole_edits(void **state)
{
	enum { RUNS = 50, TRIALS = 12 };
	struct store_place *p = *state;
	int64_t ids[RUNS];
	unsigned random = 1;

	for (size_t i = 0; i < RUNS; i++)
		ids[i] = make_run(p, NULL, true);
	for (int trial = 0; trial < TRIALS; trial++) {
		struct store_edit_item *items;
		struct store_edit *edits;
		size_t edit_count, count;
		pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			struct store *s;

			/* The parent's handle is not this process's to use. */
			if (store_open(&s, p->path, STORE_WRITE, NULL))
				_exit(1);
			for (int i = 0;; i++) {
				struct store_edit edit;
				char value[24];

				snprintf(value, sizeof(value), "%d.%d", trial, i);
				if (store_tag_edit(s, ADA, ids, RUNS, "k", value, NULL, NULL) ||
				    store_archive(s, ADA, ids, RUNS, i % 2 == 0, NULL, NULL, NULL) ||
				    (i % 3 == 0 && store_undo(s, ADA, arena_new(), &edit, NULL)))
					_exit(1);
			}
		}
		random = random * 1103515245u + 12345u;
		usleep(3000 + random / 65536 % 30000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		for (size_t i = 1; i < RUNS; i++) {
			assert_string_equal(tags_of(p, ids[i]), tags_of(p, ids[0]));
			assert_int_equal(run_of(p, ids[i]).archived, run_of(p, ids[0]).archived);
		}
		must(p, store_edits(p->store, ADA, SIZE_MAX, p->mem, &edits, &edit_count, &p->err));
		for (size_t i = 0; i < edit_count; i++) {
			must(p, store_edit_items(p->store, edits[i].id, RUNS + 1, p->mem, &items, &count, &p->err));
			assert_int_equal(count, RUNS);
			assert_true(strstr(edits[i].text, "50 runs") != NULL);
		}
	}
	/* And all of it can be taken back. */
	while (undo(p, ADA)[0])
		;
	assert_string_equal(tags_of(p, ids[0]), "");
	assert_int_equal(run_of(p, ids[0]).archived, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(runs_are_put_away_and_come_back, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(what_runs_is_not_put_away, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(tags_come_and_go, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(notes_and_names, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(views_and_filters, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(what_changed_meanwhile_is_not_overwritten, store_place_empty,
	                                    store_place_end),
	    cmocka_unit_test_setup_teardown(everyone_takes_back_his_own, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(the_log_says_who_did_what, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(many_at_once, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(a_killed_writer_leaves_whole_edits, store_place_empty,
	                                    store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
