/* The registry: versions, numbers, aliases, people, seals, manifests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/store/internal.h"
#include "../../src/work/trust.h"
#include "../lib/registry_fixture.h"

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static int64_t head(struct registry_fixture *f)
{
	struct error err;
	int64_t seq;
	char link[SHA256_TEXT];
	must(ledger_head(work_trust_ledger(f->trust), &seq, link, &err), &err);
	return seq;
}

/* ---- versions ---- */

static void a_run_becomes_a_version(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v, again;
	struct error err;
	struct work_model_row *models;
	struct work_version *versions;
	size_t count;
	bool known;
	char me[512];
	const struct work_register asked = {
	    .run = "first", .name = "credit", .description = "the first", .owner = "alice"};
	struct activity *acts;
	size_t acts_before, acts_after;
	registry_fixture_run(f, "first", "set-test", NULL);
	must(store_activities(f->store, 0, 100, mem, &acts, &acts_before, &err), &err);
	must(work_register(f->trust, &asked, &v, &known, mem, &err), &err);
	work_user(me, sizeof me);
	/* The row of the ledger is the record: nothing is remembered beside it. */
	must(store_activities(f->store, 0, 100, mem, &acts, &acts_after, &err), &err);
	assert_int_equal(acts_after, acts_before);
	assert_false(known);
	assert_string_equal(v.model, "credit");
	assert_int_equal(v.version, 1);
	assert_int_equal(v.file_count, 1);
	assert_string_equal(v.files[0].path, "model.assay");
	assert_true(v.bytes > 100);
	assert_string_equal(v.launcher, "ada@gpu1");
	assert_string_equal(v.registrar, me);
	assert_string_equal(v.description, "the first");
	assert_string_equal(v.standing, "candidate");
	assert_string_equal(v.run_name, "first");

	/* The same run once more is the same version, and no row is added. */
	int64_t rows = head(f);
	must(work_register(f->trust, &asked, &again, &known, mem, &err), &err);
	assert_true(known);
	assert_int_equal(again.version, 1);
	assert_int_equal(again.row, v.row);
	assert_int_equal(head(f), rows);

	registry_fixture_run(f, "second", "set-test", "colour");
	registry_fixture_register(f, "second", "credit", mem, &again);
	assert_int_equal(again.version, 2);
	must(work_models(f->trust, mem, &models, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(models[0].name, "credit");
	assert_string_equal(models[0].owner, "alice");
	assert_int_equal(models[0].versions, 2);
	assert_int_equal(models[0].latest, 2);
	assert_int_equal(models[0].created, v.registered);
	must(work_versions(f->trust, "credit", mem, &versions, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_int_equal(versions[0].version, 2);
	assert_int_equal(work_versions(f->trust, "credits", mem, &versions, &count, &err), -1);
	assert_non_null(strstr(err.text, "did you mean credit"));
	arena_free(mem);
}

static void what_has_no_model_is_refused(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct error err;
	struct run_new new = {.name = "bare"};
	struct run_artifact named = {.name = "model.bin", .kind = "model"};
	struct run_ending done = {.status = RUN_DONE, .reason = "", .at = 5};
	char uuid[ID_TEXT];
	int64_t run;
	bool known;
	struct work_register asked = {.run = "bare", .name = "credit"};
	must(store_run_create(f->store, &new, &run, uuid, &err), &err);
	assert_int_equal(work_register(f->trust, &asked, &v, &known, mem, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_non_null(strstr(err.text, "queued"));
	must(store_run_end(f->store, run, &done, &err), &err);
	assert_int_equal(work_register(f->trust, &asked, &v, &known, mem, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_non_null(strstr(err.text, "no model"));
	/* A file that the program only named may be another one by now. */
	must(store_artifact_add(f->store, run, &named, &err), &err);
	assert_int_equal(work_register(f->trust, &asked, &v, &known, mem, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_non_null(strstr(err.text, "only named"));
	registry_fixture_run(f, "first", "set-test", NULL);
	asked = (struct work_register){.run = "first", .name = "no/slash"};
	assert_int_equal(work_register(f->trust, &asked, &v, &known, mem, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(head(f), 1);
	arena_free(mem);
}

/* Whatever happens to the store's own rows, no number comes twice. */
static void numbers_are_never_used_again(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	registry_fixture_run(f, "first", "set-test", NULL);
	registry_fixture_run(f, "second", "set-test", "colour");
	registry_fixture_run(f, "third", "set-test", "noise");
	registry_fixture_register(f, "first", "credit", mem, &v);
	registry_fixture_register(f, "second", "credit", mem, &v);
	assert_int_equal(v.version, 2);
	/* The store forgot: the ledger has not. */
	registry_fixture_sql(f, "assay.db", "DELETE FROM model_version; DELETE FROM model");
	registry_fixture_reopen(f);
	registry_fixture_register(f, "third", "credit", mem, &v);
	assert_int_equal(v.version, 3);
	struct store_model_version *rows;
	struct error err;
	size_t count;
	must(store_model_versions(f->store, mem, &rows, &count, &err), &err);
	assert_int_equal(count, 3);
	assert_string_equal(rows[2].subject, v.subject);
	/* The store remembers a number that the ledger does not have (an older ledger was put back). */
	registry_fixture_sql(f, "assay.db", "UPDATE model SET last_version = 9");
	registry_fixture_run(f, "fourth", NULL, NULL);
	registry_fixture_register(f, "fourth", "credit", mem, &v);
	assert_int_equal(v.version, 10);
	arena_free(mem);
}

static void versions_are_found_by_number_stage_and_alias(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct error err;
	registry_fixture_run(f, "first", "set-test", NULL);
	registry_fixture_run(f, "second", "set-test", "colour");
	registry_fixture_register(f, "first", "credit", mem, &v);
	registry_fixture_register(f, "second", "credit", mem, &v);
	must(work_version_find(f->trust, "credit", mem, &v, &err), &err);
	assert_int_equal(v.version, 2);
	must(work_version_find(f->trust, "model:credit@1", mem, &v, &err), &err);
	assert_int_equal(v.version, 1);
	must(work_alias(f->trust, "credit@1", "candidate", false, &err), &err);
	must(work_version_find(f->trust, "credit@candidate", mem, &v, &err), &err);
	assert_int_equal(v.version, 1);
	assert_int_equal(v.alias_count, 1);
	/* It moves; and goes. */
	must(work_alias(f->trust, "credit@2", "candidate", false, &err), &err);
	must(work_version_find(f->trust, "credit@candidate", mem, &v, &err), &err);
	assert_int_equal(v.version, 2);
	must(work_alias(f->trust, "credit", "candidate", true, &err), &err);
	assert_int_equal(work_version_find(f->trust, "credit@candidate", mem, &v, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(work_alias(f->trust, "credit", "candidate", true, &err), -1);
	assert_int_equal(work_version_find(f->trust, "credit@9", mem, &v, &err), -1);
	assert_non_null(strstr(err.text, "the newest is 2"));
	assert_int_equal(work_version_find(f->trust, "credit@production", mem, &v, &err), -1);
	assert_non_null(strstr(err.text, "no version of credit is in production"));
	/* What would pass for a stage or a number is no alias. */
	assert_int_equal(work_alias(f->trust, "credit@1", "production", false, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(work_alias(f->trust, "credit@1", "7", false, &err), -1);
	assert_int_equal(work_alias(f->trust, "credit@1", "archived", false, &err), -1);
	arena_free(mem);
}

static size_t authors(struct registry_fixture *f, const char *what, const char *user)
{
	const struct ledger_version *v = ledger_version_find(work_trust_state(f->trust), "credit", 1);
	size_t n = 0;
	for (size_t i = 0; i < v->author_count; i++)
		n += strncmp(v->authors[i].what, what, strlen(what)) == 0 && strcmp(v->authors[i].user, user) == 0;
	return n;
}

static void whoever_edits_is_an_author(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct error err;
	char me[512];
	work_user(me, sizeof me);
	registry_fixture_run(f, "first", "set-test", NULL);
	registry_fixture_register(f, "first", "credit", mem, &v);
	assert_int_equal(authors(f, "launched", "ada@gpu1"), 1);
	assert_int_equal(authors(f, "registered", me), 1);
	assert_int_equal(authors(f, "edited", me), 0);
	int64_t rows = head(f);
	must(work_model_edit(f->trust, "credit@1", "better words", NULL, &err), &err);
	assert_int_equal(head(f), rows + 1);
	assert_int_equal(authors(f, "edited", me), 1);
	assert_int_equal(authors(f, "launched", "ada@gpu1"), 1);
	must(work_version_find(f->trust, "credit@1", mem, &v, &err), &err);
	assert_string_equal(v.description, "better words");
	/* Said once. */
	must(work_model_edit(f->trust, "credit@1", "best words", NULL, &err), &err);
	assert_int_equal(head(f), rows + 1);
	must(work_model_edit(f->trust, "credit", NULL, "alice", &err), &err);
	assert_int_equal(head(f), rows + 1);
	assert_int_equal(work_model_edit(f->trust, "credit@1", NULL, "bob", &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(work_trust_state(f->trust)->ignored_count, 0);
	arena_free(mem);
}

static void the_way_from_data_to_version_is_told(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct work_lineage *rows;
	struct error err;
	size_t count;
	registry_fixture_run(f, "first", "set-test", NULL);
	registry_fixture_register(f, "first", "credit", mem, &v);
	must(work_lineage(f->trust, &v, mem, &rows, &count, &err), &err);
	assert_int_equal(count, 4);
	assert_string_equal(rows[0].name, "set@1");
	assert_string_equal(rows[0].kind, "data");
	assert_int_equal(rows[0].depth, 0);
	assert_int_equal(strlen(rows[0].digest), 64);
	assert_string_equal(rows[1].name, "set-test@1");
	assert_int_equal(rows[1].depth, 0);
	assert_string_equal(rows[2].kind, "run");
	assert_int_equal(rows[2].depth, 1);
	assert_string_equal(rows[3].name, "credit@1");
	assert_int_equal(rows[3].depth, 2);
	arena_free(mem);
}

/* ---- seals ---- */

static void a_number_that_is_edited_later_shows(void **state)
{
	struct registry_fixture *f = *state;
	struct error err;
	char before[SHA256_TEXT], after[SHA256_TEXT], kept[SHA256_TEXT];
	static const char *const edits[][2] = {
	    {"UPDATE param SET value = '2' WHERE key = 'l2'", "UPDATE param SET value = '1' WHERE key = 'l2'"},
	    {"UPDATE series SET last = 0.5", "UPDATE series SET last = 0.25"},
	    {"UPDATE artifact SET digest = replace(digest, substr(digest, 1, 8), '00000000')", NULL},
	    {"UPDATE run_input SET name = 'other@1' WHERE role = 'test'",
	     "UPDATE run_input SET name = 'set-test@1' WHERE role = 'test'"},
	    {"UPDATE run SET user = 'eve'", "UPDATE run SET user = 'ada'"},
	    {"UPDATE run SET code_commit = 'ab'", "UPDATE run SET code_commit = NULL"},
	};
	int64_t run = registry_fixture_run(f, "first", "set-test", NULL);
	struct arena *mem = arena_new();
	struct work_version v;
	registry_fixture_register(f, "first", "credit", mem, &v);
	must(work_run_seal(f->store, run, before, &err), &err);
	must(store_run_seal_get(f->store, run, kept, &err), &err);
	assert_string_equal(kept, before);
	assert_string_equal(ledger_version_find(work_trust_state(f->trust), "credit", 1)->run_seal, before);
	/* What people may write later does not break it. */
	must(store_tag_set(f->store, run, "team", "risk", &err), &err);
	must(work_run_seal(f->store, run, after, &err), &err);
	assert_string_equal(after, before);
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		registry_fixture_sql(f, "assay.db", edits[i][0]);
		must(work_run_seal(f->store, run, after, &err), &err);
		if (strcmp(after, before) == 0)
			fail_msg("not seen: %s", edits[i][0]);
		if (edits[i][1]) {
			registry_fixture_sql(f, "assay.db", edits[i][1]);
			must(work_run_seal(f->store, run, after, &err), &err);
			assert_string_equal(after, before);
		} else {
			must(work_run_seal(f->store, run, before, &err), &err);
		}
	}
	arena_free(mem);
}

static void facts_are_what_holds_now(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct ledger_facts facts;
	struct error err;
	int64_t run = registry_fixture_run(f, "first", "set-test", NULL);
	char seal[SHA256_TEXT], *object;
	registry_fixture_register(f, "first", "credit", mem, &v);
	must(work_run_seal(f->store, run, seal, &err), &err);
	must(work_facts(f->trust, &v, "staging", mem, &facts, &err), &err);
	assert_string_equal(facts.subject, v.subject);
	assert_string_equal(facts.run_seal, seal);
	assert_int_equal(facts.data_count, 2);
	assert_int_equal(facts.gate_count, 0);
	registry_fixture_sql(f, "assay.db", "UPDATE param SET value = '2'");
	object = store_object_path(f->store, v.files[0].digest);
	assert_int_equal(chmod(object, 0644), 0);
	FILE *file = fopen(object, "r+b");
	assert_non_null(file);
	fseek(file, -1, SEEK_END);
	fputc('x', file);
	fclose(file);
	must(work_facts(f->trust, &v, "staging", mem, &facts, &err), &err);
	assert_string_equal(facts.subject, "");
	assert_string_not_equal(facts.run_seal, seal);
	free(object);
	arena_free(mem);
}

/* ---- files ---- */

static void write_file(const char *folder, const char *name, const char *text)
{
	char *path = path_join(folder, name);
	struct error err;
	must(file_write_atomic(path, text, strlen(text), 0644, &err), &err);
	free(path);
}

static void only_plain_files_are_in_a_manifest(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct manifest_file *files;
	struct error err;
	char *dir = path_join(f->folder, "files"), *sub = path_join(dir, "sub"), hex[SHA256_TEXT];
	char *from = path_join(dir, "a"), *to = path_join(sub, "b"), *odd = path_join(dir, "odd");
	size_t count;
	int64_t bytes;
	must(dir_make(sub, &err), &err);
	write_file(dir, "a", "one");
	write_file(sub, "b", "two");
	must(manifest_of_folder(dir, mem, &files, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(files[0].path, "a");
	assert_string_equal(files[1].path, "sub/b");
	sha256_hex("two", 3, hex);
	assert_string_equal(files[1].digest, hex);
	assert_int_equal(files[1].bytes, 3);

	/* Each of these is refused, and the folder is fine again without it. */
	for (int kind = 0; kind < 4; kind++) {
		int made = kind == 0   ? symlink("a", odd)
		           : kind == 1 ? link(from, odd)
		           : kind == 2 ? mkfifo(odd, 0600)
		                       : symlink("sub", odd);
		assert_int_equal(made, 0);
		assert_int_equal(manifest_of_folder(dir, mem, &files, &count, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		assert_int_equal(unlink(odd), 0);
		must(manifest_of_folder(dir, mem, &files, &count, &err), &err);
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	static const char *const paths[] = {"../files/a", "/etc/passwd", "sub/../a", "./a", "", "sub//b", "sub/"};
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		assert_int_equal(beneath_hash(fd, paths[i], -1, hex, &bytes, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
	}
	must(beneath_hash(fd, "sub/b", -1, hex, &bytes, &err), &err);
	close(fd);
	free(dir);
	free(sub);
	free(from);
	free(to);
	free(odd);
	arena_free(mem);
}

static void a_version_that_is_changed_is_found_out(void **state)
{
	struct registry_fixture *f = *state;
	struct arena *mem = arena_new();
	struct work_version v;
	struct error err;
	const char *problem;
	registry_fixture_run(f, "first", "set-test", NULL);
	registry_fixture_register(f, "first", "credit", mem, &v);
	must(work_version_intact(f->trust, &v, mem, &problem, &err), &err);
	assert_null(problem);
	char *object = store_object_path(f->store, v.files[0].digest), *second = xasprintf("%s-too", object);
	/* A second name, by which it can be changed without anybody seeing. */
	assert_int_equal(link(object, second), 0);
	must(work_version_intact(f->trust, &v, mem, &problem, &err), &err);
	assert_non_null(problem);
	assert_int_equal(unlink(second), 0);
	assert_int_equal(rename(object, second), 0);
	must(work_version_intact(f->trust, &v, mem, &problem, &err), &err);
	assert_non_null(strstr(problem, "missing"));
	assert_int_equal(symlink(second, object), 0);
	must(work_version_intact(f->trust, &v, mem, &problem, &err), &err);
	assert_non_null(strstr(problem, "link"));
	free(object);
	free(second);
	arena_free(mem);
}

/* ---- the ledger of a store ---- */

static void a_ledger_that_is_gone_is_not_made_anew(void **state)
{
	struct registry_fixture *f = *state;
	struct trust *t;
	struct error err;
	char *ledger = path_join(f->path, "ledger.db");
	work_trust_close(f->trust);
	f->trust = NULL;
	assert_int_equal(unlink(ledger), 0);
	assert_int_equal(work_trust_open(f->store, &t, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_false(file_exists(ledger));
	free(ledger);
}

static void the_ledger_of_another_store_is_refused(void **state)
{
	struct registry_fixture *f = *state;
	struct trust *t;
	struct error err;
	char *ledger = path_join(f->path, "ledger.db"), id[ID_TEXT], hex[SHA256_TEXT];
	work_trust_close(f->trust);
	f->trust = NULL;
	assert_int_equal(unlink(ledger), 0);
	id_make(id);
	must(store_object_put(f->store, POLICY_DEFAULT, strlen(POLICY_DEFAULT), hex, &err), &err);
	must(ledger_create(f->path, id, "", hex, &err), &err);
	assert_int_equal(work_trust_open(f->store, &t, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_non_null(strstr(err.text, "(fork)")); /* by what this person had verified before */
	char *pins = path_join(getenv("XDG_STATE_HOME"), "assay/pins");
	must(dir_remove(pins, &err), &err);
	assert_int_equal(work_trust_open(f->store, &t, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_non_null(strstr(err.text, "is the ledger of another store"));
	free(pins);
	free(ledger);
}

static void the_first_roster_is_pinned_by_its_fingerprint(void **state)
{
	struct registry_fixture *f = *state;
	struct error err;
	char *file = path_join(f->folder, "roster"), *dir = path_join(f->folder, "fresh"), *path = NULL,
	     hex[SHA256_TEXT];
	static const char roster[] = "alice@lab namespaces=\"signoff@assay\" ssh-ed25519 "
	                             "AAAAC3NzaC1lZDI1NTE5AAAAICpUom/nuFT2SHDk6xSahSKyx2qO3K70x1ocF6/wCRIX "
	                             "roles=roster-admin,owner;user=alice@gpu1;name=Alice%20Ng\n";
	struct store *store;
	struct trust *t;
	write_file(f->folder, "roster", roster);
	sha256_hex(roster, strlen(roster), hex);
	assert_int_equal(work_init_trusted(dir, file, NULL, &path, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	hex[0] = hex[0] == '0' ? '1' : '0';
	assert_int_equal(work_init_trusted(dir, file, hex, &path, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_false(file_exists(dir));
	sha256_hex(roster, strlen(roster), hex);
	char *shown = xasprintf("sha256:%s", hex);
	must(work_init_trusted(dir, file, shown, &path, &err), &err);
	must(store_open(&store, path, STORE_WRITE, &err), &err);
	must(work_trust_open(store, &t, &err), &err);
	assert_int_equal(work_trust_state(t)->roster.count, 1);
	assert_string_equal(work_trust_state(t)->roster.digest, hex);
	work_trust_close(t);
	store_close(store);
	free(path);
	assert_int_equal(work_init_trusted(dir, file, hex, &path, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	free(shown);
	free(file);
	free(dir);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, registry_fixture_setup, registry_fixture_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_run_becomes_a_version),
	    TEST(what_has_no_model_is_refused),
	    TEST(numbers_are_never_used_again),
	    TEST(versions_are_found_by_number_stage_and_alias),
	    TEST(whoever_edits_is_an_author),
	    TEST(the_way_from_data_to_version_is_told),
	    TEST(a_number_that_is_edited_later_shows),
	    TEST(facts_are_what_holds_now),
	    TEST(only_plain_files_are_in_a_manifest),
	    TEST(a_version_that_is_changed_is_found_out),
	    TEST(a_ledger_that_is_gone_is_not_made_anew),
	    TEST(the_ledger_of_another_store_is_refused),
	    TEST(the_first_roster_is_pinned_by_its_fingerprint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
