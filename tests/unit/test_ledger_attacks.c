/* ledger: every attack on the file is found and located. */
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

/* The attack table of the design, one after the other, each on a fresh copy. */
static void every_attack_is_found_and_located(void **state)
{
	struct fixture *f = *state;
	struct ledger_pin pin = {.there = false};
	struct str kept;
	struct ledger_report r;

	str_init(&kept);
	fixture_load(f, &pin);
	tamper_keep(f, &kept);
#define ATTACK(...) (tamper_restore(f, &kept), fixture_sql(f, __VA_ARGS__))
	/* A1 a value of a gate; with the links made anew the signatures tell */
	ATTACK("UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), 'result pass', 'result fail') AS BLOB) "
	       "WHERE seq = 4");
	fixture_expect_problem(f, NULL, 4, "link", "was changed");
	fixture_expect_problem(f, NULL, 4, "signature", "carol@lab");
	fixture_expect_load(f, NULL, ERR_TAMPER, "row 4 of the ledger");
	tamper_relink(f, 4);
	fixture_expect_problem(f, NULL, 4, "signature", "incorrect signature");
	fixture_expect_problem(f, NULL, 5, "seen", "row 4");
	fixture_expect_load(f, NULL, ERR_TAMPER, "row 5");
	/* An unsigned row that no signature has seen yet, links made anew: only a pin tells. */
	ATTACK("UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), 'program 0.1.0', 'program 0.1.9') AS "
	       "BLOB) WHERE seq = 20");
	tamper_relink(f, 20);
	fixture_expect_clean(f, NULL, false);
	fixture_expect_problem(f, &pin, 20, "fork", "written anew");
	/* A2 the revocation is gone; A3 renumbered behind it */
	ATTACK("DELETE FROM ledger WHERE seq = 18");
	fixture_expect_problem(f, NULL, 18, "gap", "row 18 is missing");
	fixture_expect_problem(f, NULL, 19, "chain", "row 17");
	ATTACK("DELETE FROM ledger WHERE seq IN (7, 8)");
	fixture_expect_problem(f, NULL, 7, "gap", "rows 7 to 8");
	ATTACK("DELETE FROM ledger WHERE seq = 18; UPDATE ledger SET seq = seq - 1 WHERE seq > 18");
	fixture_expect_problem(f, NULL, 18, "link", "number");
	tamper_relink(f, 18);
	fixture_expect_problem(f, NULL, 18, "seen", "row 18");
	fixture_expect_problem(f, &pin, 20, "rollback", "ends at row 19");
	/* A7 two signatures exchanged; one taken away; one put to a record */
	ATTACK("CREATE TEMP TABLE s AS SELECT * FROM ledger; UPDATE ledger SET sig = (SELECT sig FROM s WHERE "
	       "s.seq = 11 - "
	       "ledger.seq) WHERE seq IN (5, 6)");
	fixture_expect_problem(f, NULL, 5, "link", "signature");
	fixture_expect_problem(f, NULL, 5, "signature", "none of alice@lab's");
	fixture_expect_problem(f, NULL, 6, "signature", "none of bob@lab's");
	ATTACK("UPDATE ledger SET sig = x'' WHERE seq = 5");
	tamper_relink(f, 5);
	fixture_expect_problem(f, NULL, 5, "unsigned", "without a signature");
	ATTACK("UPDATE ledger SET sig = (SELECT sig FROM ledger b WHERE b.seq = 5) WHERE seq = 7");
	tamper_relink(f, 7);
	fixture_expect_problem(f, NULL, 7, "unexpected-signature", "by itself");
	ATTACK("UPDATE ledger SET sig = CAST(sig || x'0a' AS BLOB) WHERE seq = 5");
	fixture_expect_problem(f, NULL, 5, "signature", "follows");
	/* A6 the end is cut off: a pin, and nothing else, tells */
	ATTACK("DELETE FROM ledger WHERE seq > 16");
	fixture_expect_clean(f, NULL, false);
	fixture_expect_problem(f, &pin, 20, "rollback", "ends at row 16");
	fixture_expect_load(f, &pin, ERR_TAMPER, "rollback");
	assert_int_equal(pin.seq, FIXTURE_STORY_ROWS);
	/* A10 any byte */
	ATTACK("UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), 'kind run-seals', 'kind run-seale') AS "
	       "BLOB) WHERE seq = 7");
	fixture_expect_problem(f, NULL, 7, "text", "line 3");
	ATTACK("UPDATE ledger SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 9");
	fixture_expect_problem(f, NULL, 9, "time", "before that of the row before it");
	ATTACK("UPDATE ledger SET at = '2020-01-01' WHERE seq = 9");
	fixture_expect_problem(f, NULL, 9, "time", "not written");
	ATTACK("UPDATE ledger SET link = NULL WHERE seq = 9");
	fixture_expect_problem(f, NULL, 9, "link", "empty");
	ATTACK("UPDATE ledger SET body = NULL, sig = NULL, at = NULL WHERE seq = 9");
	fixture_expect_problem(f, NULL, 9, "text", "version");
	/* A12 all links made anew from row 2: what had seen them tells */
	ATTACK("UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), 'program 0.1.0', 'program 0.1.9') AS "
	       "BLOB) WHERE seq = 2");
	tamper_relink(f, 2);
	fixture_expect_problem(f, NULL, 4, "seen", "row 3");
	/* The genesis itself. */
	ATTACK("DELETE FROM ledger WHERE seq = 1");
	fixture_expect_problem(f, NULL, 1, "gap", "row 1 is missing");
	ATTACK("DELETE FROM ledger");
	fixture_expect_problem(f, NULL, 1, "gap", "no rows");
	fixture_expect_load(f, NULL, ERR_TAMPER, "no rows");
	ATTACK("UPDATE ledger SET body = x'00' WHERE seq = 1");
	fixture_expect_problem(f, NULL, 1, "text", "not printable");
	/* A row of two megabytes; a number far away. */
	ATTACK("UPDATE ledger SET body = zeroblob(2000000) WHERE seq = 9");
	fixture_expect_problem(f, NULL, 8, "schema", "behind row 8");
	ATTACK("UPDATE ledger SET seq = 9223372036854775807 WHERE seq = 20");
	fixture_expect_problem(f, NULL, 20, "gap", "are missing");
	/* A8 and A9, while it is open */
	ATTACK("CREATE TRIGGER t AFTER INSERT ON ledger BEGIN SELECT 1; END");
	fixture_expect_problem(f, NULL, 0, "schema", "trigger");
	fixture_sql(f, "DROP TRIGGER t");
	fixture_expect_clean(f, &pin, false);
	fixture_expect_clean(f, &pin, true);
	/* Results come in the order of the rows. */
	ATTACK("UPDATE ledger SET sig = x'' WHERE seq > 3");
	fixture_verify(f, NULL, false, &r);
	assert_true(r.problem_count > 15);
	for (size_t i = 1; i < r.problem_count; i++)
		assert_true(r.problems[i - 1].seq <= r.problems[i].seq);
	ledger_report_release(&r);
#undef ATTACK
	str_release(&kept);
}

static void forged_rows_are_found(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t;
	struct str kept;
	struct ledger_row *rows;
	struct error err;
	size_t count;

	str_init(&kept);
	tamper_keep(f, &kept);
#define AGAIN tamper_restore(f, &kept)
	/* A4: in bob's name, with one's own key */
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	tamper_insert(f, &t, "mallory");
	fixture_expect_problem(f, NULL, 21, "signature", "none of bob@lab's");
	fixture_expect_load(f, NULL, ERR_TAMPER, "bob@lab");
	AGAIN;
	/* A5: unsigned */
	t = fixture_decision(f, LEDGER_APPROVE, "bob");
	tamper_insert(f, &t, NULL);
	fixture_expect_problem(f, NULL, 21, "unsigned", "without a signature");
	fixture_expect_load(f, NULL, ERR_TAMPER, "unsigned");
	AGAIN;
	/* By somebody who stands nowhere; naming a roster of their own making. */
	t = fixture_decision(f, LEDGER_CHECKPOINT, "mallory");
	tamper_insert(f, &t, "mallory");
	fixture_expect_problem(f, NULL, 21, "signature", "does not stand in the roster");
	AGAIN;
	{
		char *own = xasprintf("mallory@lab namespaces=\"" LEDGER_NAMESPACE
		                      "\" %s roles=roster-admin;user=m@x;name=M\n",
		                      fixture_public(f, "mallory"));

		t = fixture_decision(f, LEDGER_ROSTER, "mallory");
		t.role = "roster-admin";
		t.name = "M";
		fixture_object(f, own, strlen(own), t.subject);
		tamper_insert(f, &t, "mallory");
		memcpy(t.roster, t.subject, SHA256_TEXT);
		fixture_expect_problem(f, NULL, 21, "rule", "void");
		/* It never comes into force, so the next row names what never was. */
		struct ledger_text next = fixture_decision(f, LEDGER_CHECKPOINT, "mallory");
		next.name = "M";
		memcpy(next.roster, t.subject, SHA256_TEXT);
		tamper_insert(f, &next, "mallory");
		fixture_expect_problem(f, NULL, 22, "roster", "line 5");
		fixture_load(f, NULL); /* void, not tampered: nobody stops a store by writing one */
		free(own);
	}
	AGAIN;
	/* Another store, another policy, another roster, another head, a future head. */
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	t.store[0] = '0';
	tamper_insert(f, &t, "bob");
	fixture_expect_problem(f, NULL, 21, "store", "line 2");
	fixture_expect_load(f, NULL, ERR_TAMPER, "another store");
	AGAIN;
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	t.policy[0] = t.policy[0] == '0' ? '1' : '0';
	tamper_insert(f, &t, "bob");
	fixture_expect_problem(f, NULL, 21, "policy", "line 4");
	fixture_load(f, NULL);
	AGAIN;
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	t.roster[0] = t.roster[0] == '0' ? '1' : '0';
	tamper_insert(f, &t, "bob");
	fixture_expect_problem(f, NULL, 21, "roster", "line 5");
	AGAIN;
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	t.seen_seq = 21;
	tamper_insert(f, &t, "bob");
	fixture_expect_problem(f, NULL, 21, "seen", "line 3");
	AGAIN;
	/* A promotion without a quorum: signed, linked, void. */
	t = fixture_decision(f, LEDGER_PROMOTE, "bob");
	t.target = 16;
	t.version = 2;
	t.role = "operator";
	tamper_insert(f, &t, "bob");
	fixture_expect_problem(f, NULL, 21, "rule", "void");
	fixture_load(f, NULL);
	AGAIN;
	/* A true row written once more. */
	assert_int_equal(ledger_rows(f->ledger, 19, 19, f->mem, &rows, &count, &err), 0);
	fixture_sql(
	    f, "INSERT INTO ledger SELECT 21, (SELECT at FROM ledger WHERE seq = 20), body, sig, '' FROM ledger "
	       "WHERE seq = 19");
	tamper_relink(f, 21);
	fixture_expect_problem(f, NULL, 21, "rule", "request");
	AGAIN;
	/* Claimed an hour ago: a note, no tampering. */
	t = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	t.model = t.stage = NULL;
	t.version = 0;
	t.subject[0] = '\0';
	t.manifest_files = t.manifest_bytes = 0;
	t.claimed_time -= 3600000;
	fixture_append(f, &t, "bob");
	{
		struct ledger_report r;

		fixture_verify(f, NULL, false, &r);
		assert_int_equal(r.problem_count, 1);
		assert_true(r.problems[0].note && r.problems[0].seq == 21 && !strcmp(r.problems[0].what, "time"));
		ledger_report_release(&r);
	}
	fixture_load(f, NULL);
#undef AGAIN
	str_release(&kept);
}

/* A13: a fresh ledger with a roster of one's own in the place of the old one. */
static void a_ledger_put_in_place_is_found(void **state)
{
	struct fixture *f = *state;
	struct ledger_pin pin = {.there = false};
	char *file = path_join(f->path, "ledger.db"), other[SHA256_TEXT], *own;
	struct error err;

	fixture_load(f, &pin);
	own = xasprintf("mallory@lab namespaces=\"" LEDGER_NAMESPACE "\" %s roles=roster-admin;user=m@x;name=M\n",
	                fixture_public(f, "mallory"));
	fixture_object(f, own, strlen(own), other);
	ledger_close(f->ledger);
	f->ledger = NULL;
	unlink(file);
	assert_int_equal(ledger_create(f->path, FIXTURE_STORE, other, f->policy_digest, &err), 0);
	assert_int_equal(ledger_open(&f->ledger, f->path, true, &err), 0);
	fixture_expect_clean(f, NULL, false);
	fixture_expect_problem(f, &pin, FIXTURE_STORY_ROWS, "rollback", "it begins with the roster");
	fixture_expect_load(f, &pin, ERR_TAMPER, "rollback");
	free(own);
	free(file);
}

/* A pin answers for the texts that stood there, not for those that do: here for one that reads, but is spelt
 * as the program never spells it, in a chain that was made anew. */
static void a_pin_vouches_for_no_other_text(void **state)
{
	struct fixture *f = *state;
	struct ledger_pin pin = {.there = false};
	struct ledger_row *rows;
	struct error err;
	int64_t at = 0;
	size_t count;
	char words[64];

	fixture_load(f, &pin);
	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	for (size_t i = 0; i < count && !at; i++)
		if (strstr(rows[i].body, "\nversion 1\n"))
			at = rows[i].seq;
	assert_true(at > 1 && at < pin.seq);
	fixture_sql(
	    f,
	    "UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), char(10) || 'version 1' || char(10), "
	    "char(10) || 'version 01' || char(10)) AS BLOB) WHERE seq = %" PRId64,
	    at);
	snprintf(words, sizeof(words), "row %" PRId64 " of the ledger (link)", at);
	fixture_expect_load(f, &pin, ERR_TAMPER, words);
	tamper_relink(f, at);
	snprintf(words, sizeof(words), "row %" PRId64 " of the ledger (text)", at);
	fixture_expect_load(f, &pin, ERR_TAMPER, words);
	fixture_expect_load(f, NULL, ERR_TAMPER, words);
}

/* No byte of any row can be changed unseen, with a pin that covers it or without; which row it is in is told.
 * Every byte when LONG is set. */
static void no_changed_byte_is_loaded(void **state)
{
	struct fixture *f = *state;
	char *file = path_join(f->path, "ledger.db");
	size_t step = getenv("LONG") ? 1 : 61, count;
	struct ledger_row *rows;
	sqlite3_stmt *stmt;
	struct ledger_pin pin = {.there = true};
	sqlite3 *db;
	struct error err;

	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	pin.seq = rows[count - 1].seq;
	memcpy(pin.head, rows[count - 1].link, SHA256_TEXT);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
	                                    "UPDATE ledger SET body = ?, sig = ?, at = ?, link = ? WHERE seq = ?",
	                                    -1, &stmt, NULL),
	                 SQLITE_OK);
	for (size_t i = 0; i < count; i++) {
		struct ledger_row r = rows[i];
		char *parts[] = {arena_memdup0(f->mem, r.body, r.body_len), arena_memdup0(f->mem, r.sig, r.sig_len),
		                 arena_strdup(f->mem, r.at), r.link};
		size_t len[] = {r.body_len, r.sig_len, strlen(r.at), SHA256_TEXT - 1},
		       whole = len[0] + len[1] + len[2] + len[3];

		for (size_t at = i % step; at <= whole; at += step) {
			size_t part = 0, in = at;
			char words[32];

			while (part < 3 && in >= len[part])
				in -= len[part++];
			/* The last time round all of it is as it was. */
			if (at + step > whole)
				in = len[part];
			else
				parts[part][in] = (char)(parts[part][in] ^ 1);
			sqlite3_bind_blob(stmt, 1, parts[0], (int)len[0], SQLITE_STATIC);
			sqlite3_bind_blob(stmt, 2, parts[1], (int)len[1], SQLITE_STATIC);
			sqlite3_bind_text(stmt, 3, parts[2], (int)len[2], SQLITE_STATIC);
			sqlite3_bind_text(stmt, 4, parts[3], (int)len[3], SQLITE_STATIC);
			sqlite3_bind_int64(stmt, 5, r.seq);
			assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
			sqlite3_reset(stmt);
			if (in == len[part])
				break;
			parts[part][in] = (char)(parts[part][in] ^ 1);
			snprintf(words, sizeof(words), "row %" PRId64 " of", r.seq);
			fixture_expect_load(f, at % 2 ? &pin : NULL, ERR_TAMPER, words);
		}
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
	fixture_expect_clean(f, NULL, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_attack_is_found_and_located, fixture_open_story, fixture_close),
	    cmocka_unit_test_setup_teardown(forged_rows_are_found, fixture_open_story, fixture_close),
	    cmocka_unit_test_setup_teardown(a_ledger_put_in_place_is_found, fixture_open_story, fixture_close),
	    cmocka_unit_test_setup_teardown(a_pin_vouches_for_no_other_text, fixture_open_story, fixture_close),
	    cmocka_unit_test_setup_teardown(no_changed_byte_is_loaded, fixture_open_story, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
