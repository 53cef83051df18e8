/* ledger: loading and verifying, again and with other rosters (test_ledger_attacks.c: what a stranger did). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/ledger_checks.h"
#include "../lib/ledger_tamper.h"

static void a_story_is_intact_and_every_row_counts(void **state)
{
	struct fixture *f = *state;
	struct ledger_pin pin = {.there = false}, file;
	struct ledger_report r;
	struct ledger_state *s;
	struct error err;

	fixture_verify(f, NULL, false, &r);
	for (size_t i = 0; i < r.problem_count; i++)
		fail_msg("row %" PRId64 ": %s: %s", r.problems[i].seq, r.problems[i].what, r.problems[i].where);
	assert_int_equal(r.rows, FIXTURE_STORY_ROWS);
	assert_int_equal(r.signatures, 11);
	assert_int_equal(r.sealed_to, FIXTURE_STORY_ROWS - 1);
	ledger_report_release(&r);
	assert_int_equal(ledger_load(f->ledger, &f->by_digest, &pin, &s, &err), 0);
	assert_int_equal(s->seq, FIXTURE_STORY_ROWS);
	assert_int_equal(s->ignored_count, 0);
	assert_int_equal(s->sealed_to, FIXTURE_STORY_ROWS - 1);
	assert_int_equal(ledger_stage_find(s, "m", "production")->version, 1);
	/* The pin has moved, in memory and on the disk. */
	assert_true(pin.there && pin.seq == FIXTURE_STORY_ROWS && !strcmp(pin.head, s->head) &&
	            !strcmp(pin.roster, f->roster_digest));
	assert_int_equal(ledger_pin_read(FIXTURE_STORE, &file, &err), 0);
	assert_true(file.there && file.seq == FIXTURE_STORY_ROWS && !strcmp(file.head, pin.head));
	ledger_state_free(s);
}

/* ---- objects ---- */

static void missing_and_changed_objects_are_found(void **state)
{
	struct fixture *f = *state;
	char hex[SHA256_TEXT], *path;
	struct error err;

	sha256_hex("model", 5, hex);
	path = path_join(f->objects, hex);
	assert_int_equal(file_write_atomic(path, "moder", 5, 0644, &err), 0);
	fixture_expect_problem(f, NULL, 2, "manifest", "\"model.bin\"");
	unlink(path);
	fixture_expect_problem(f, NULL, 2, "manifest", "is missing");
	assert_int_equal(file_write_atomic(path, "model", 5, 0644, &err), 0);
	fixture_expect_clean(f, NULL, false);
	free(path);
	path = path_join(f->objects, f->subject);
	assert_int_equal(rename(path, hex), 0);
	fixture_expect_problem(f, NULL, 2, "manifest", "version 1");
	assert_int_equal(rename(hex, path), 0);
	free(path);
	/* The roster: nothing can be verified, nor loaded. */
	path = path_join(f->objects, f->roster_digest);
	assert_int_equal(rename(path, hex), 0);
	fixture_expect_problem(f, NULL, 1, "object", f->roster_digest);
	fixture_expect_load(f, NULL, ERR_TAMPER, "roster");
	assert_int_equal(rename(hex, path), 0);
	free(path);
}

static void counts_of_the_manifest_are_compared(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t = fixture_decision(f, LEDGER_HALT, "bob");

	t.manifest_bytes = 10;
	fixture_append(f, &t, "bob");
	fixture_expect_problem(f, NULL, 2, "manifest", "2 files of 10 bytes");
}

/* ---- what was verified before ---- */

static void calls_of_keygen_are_counted(struct fixture *f, int64_t *before)
{
	char *log = path_join(f->folder, "calls");
	struct str text;

	str_init(&text);
	if (file_read(log, &text, 0, NULL))
		str_clear(&text);
	*before = (int64_t)text.len;
	str_release(&text);
	free(log);
}

static void what_was_verified_is_not_verified_again(void **state)
{
	struct fixture *f = *state;
	struct ledger_pin pin = {.there = false}, first;
	char *bin = path_join(f->folder, "bin"), *fake = path_join(bin, "ssh-keygen"),
	     *old = xstrdup(getenv("PATH")), *path,
	     *script = xasprintf("#!/bin/sh\nprintf x >>'%s/calls'\nPATH='%s'\nexec ssh-keygen \"$@\"\n",
	                         f->folder, old);
	struct ledger_report r;
	struct error err;
	int64_t calls, now;

	assert_int_equal(dir_make(bin, &err), 0);
	assert_int_equal(file_write_atomic(fake, script, strlen(script), 0755, &err), 0);
	path = xasprintf("%s:%s", bin, old);
	setenv("PATH", path, 1);
	fixture_load(f, NULL);
	calls_of_keygen_are_counted(f, &calls);
	assert_int_equal(calls, 11);
	/* The same handle. */
	fixture_load(f, NULL);
	calls_of_keygen_are_counted(f, &now);
	assert_int_equal(now, calls);
	/* Another handle, with a pin. */
	fixture_load(f, &pin);
	first = pin;
	ledger_close(f->ledger);
	assert_int_equal(ledger_open(&f->ledger, f->path, true, &err), 0);
	fixture_load(f, &pin);
	calls_of_keygen_are_counted(f, &now);
	assert_int_equal(now, calls);
	/* One row more: one call more (and one that signs). */
	fixture_checkpoint(f, "alice");
	calls_of_keygen_are_counted(f, &calls);
	fixture_load(f, &pin);
	assert_int_equal(pin.seq, FIXTURE_STORY_ROWS + 1);
	calls_of_keygen_are_counted(f, &now);
	assert_int_equal(now, calls + 1);
	fixture_verify(f, &first, true, &r);
	assert_true(r.from_pin && r.rows == 1 && r.signatures == 1 && !r.problem_count);
	assert_int_equal(r.sealed_to, FIXTURE_STORY_ROWS + 1);
	ledger_report_release(&r);
	/* A pin that does not hold is no shortcut. */
	first.head[0] = first.head[0] == 'a' ? 'b' : 'a';
	fixture_verify(f, &first, true, &r);
	assert_false(r.from_pin);
	assert_true(fixture_has_problem(&r, FIXTURE_STORY_ROWS, "fork", "written anew"));
	ledger_report_release(&r);
	setenv("PATH", old, 1);
	free(old);
	free(path);
	free(bin);
	free(fake);
	free(script);
}

static void what_cannot_be_verified_is_no_tampering(void **state)
{
	struct fixture *f = *state;
	char *old = xstrdup(getenv("PATH"));
	struct ledger_report r;

	setenv("PATH", "/nonexistent", 1);
	fixture_verify(f, NULL, false, &r);
	assert_true(r.unverifiable);
	assert_non_null(strstr(r.unverifiable_why, "openssh-client"));
	assert_int_equal(r.problem_count, 0);
	assert_int_equal(r.signatures, 0);
	ledger_report_release(&r);
	fixture_expect_load(f, NULL, ERR_ENV, "openssh-client");
	setenv("PATH", old, 1);
	free(old);
}

static int stop_at_once(void *user, int64_t done, int64_t total)
{
	*(int64_t *)user = total;
	assert_true(done <= total);
	return done > 0;
}

static void verification_can_be_stopped(void **state)
{
	struct fixture *f = *state;
	int64_t total = 0;
	struct ledger_verify_options options = {.progress = stop_at_once, .user = &total};
	struct ledger_report r;
	struct error err;

	assert_int_equal(ledger_verify(f->ledger, &f->by_digest, &options, &r, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(total, FIXTURE_STORY_ROWS + 11);
}

/* ---- rosters that change ---- */

static void a_new_roster_signs_from_its_row_on(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t;
	struct str next;
	char digest[SHA256_TEXT], old[SHA256_TEXT];
	struct ledger_pin pin = {.there = false}, before;
	struct ledger_report r;

	fixture_load(f, &pin);
	before = pin;
	memcpy(old, f->roster_digest, sizeof(old));
	fixture_key(f, "dora", "ed25519");
	fixture_roster_line(f, "dora", "risk-reviewer");
	fixture_object(f, f->roster.data, f->roster.len, digest);
	str_init(&next);
	for (int i = 0; i < 2; i++) {
		t = fixture_decision(f, LEDGER_ROSTER, i ? "bob" : "alice");
		t.role = "roster-admin";
		t.model = t.stage = NULL;
		t.version = t.target = t.manifest_files = t.manifest_bytes = 0;
		memcpy(t.subject, digest, SHA256_TEXT);
		fixture_append(f, &t, i ? "bob" : "alice");
	}
	memcpy(f->roster_digest, digest, SHA256_TEXT);
	fixture_checkpoint(f, "dora");
	fixture_expect_clean(f, NULL, false);
	fixture_load(f, &pin);
	assert_string_equal(pin.roster, digest);
	/* From before the change all of it is folded. */
	fixture_verify(f, &before, true, &r);
	assert_false(r.from_pin);
	assert_int_equal(r.problem_count, 0);
	ledger_report_release(&r);
	fixture_verify(f, &pin, true, &r);
	assert_true(r.from_pin);
	ledger_report_release(&r);
	/* The old roster does not sign any more, nor did the new one before. */
	memcpy(f->roster_digest, old, SHA256_TEXT);
	t = fixture_decision(f, LEDGER_CHECKPOINT, "alice");
	tamper_insert(f, &t, "alice");
	fixture_expect_problem(f, NULL, 5, "roster", "line 5");
	str_release(&next);
}

/* A store that began without a roster: its own admins accept the first. */
static void a_first_roster_is_signed_by_its_own_admins(void **state)
{
	struct fixture *f = *state;
	char *file = path_join(f->path, "ledger.db"), digest[SHA256_TEXT];
	struct ledger_text t;
	struct error err;

	ledger_close(f->ledger);
	f->ledger = NULL;
	unlink(file);
	assert_int_equal(ledger_create(f->path, FIXTURE_STORE, NULL, f->policy_digest, &err), 0);
	assert_int_equal(ledger_open(&f->ledger, f->path, true, &err), 0);
	memcpy(digest, f->roster_digest, sizeof(digest));
	f->roster_digest[0] = '\0';
	for (int i = 0; i < 2; i++) {
		t = fixture_decision(f, LEDGER_ROSTER, i ? "bob" : "alice");
		t.role = "roster-admin";
		t.model = t.stage = NULL;
		t.version = t.target = t.manifest_files = t.manifest_bytes = 0;
		memcpy(t.subject, digest, SHA256_TEXT);
		fixture_append(f, &t, i ? "bob" : "alice");
	}
	memcpy(f->roster_digest, digest, sizeof(digest));
	fixture_checkpoint(f, "carol");
	fixture_expect_clean(f, NULL, false);
	fixture_load(f, NULL);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_story_is_intact_and_every_row_counts, fixture_open_story,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(a_first_roster_is_signed_by_its_own_admins, fixture_open,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(missing_and_changed_objects_are_found, fixture_open_story,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(counts_of_the_manifest_are_compared, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(what_was_verified_is_not_verified_again, fixture_open_story,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(what_cannot_be_verified_is_no_tampering, fixture_open_story,
	                                    fixture_close),
	    cmocka_unit_test_setup_teardown(verification_can_be_stopped, fixture_open_story, fixture_close),
	    cmocka_unit_test_setup_teardown(a_new_roster_signs_from_its_row_on, fixture_open, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
