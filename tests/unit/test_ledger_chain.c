/* ledger: the file, hostile files, the append rule, requests, several writers, pins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/ledger_fixture.h"

static void expect_refused(const struct fixture *f, bool write, enum error_code code, const char *words)
{
	struct ledger *l;
	struct error err;

	assert_int_equal(ledger_open(&l, f->path, write, &err), -1);
	assert_null(l);
	if (err.code != code || !strstr(err.text, words))
		fail_msg("%d: \"%s\" does not say \"%s\"", err.code, err.text, words);
}

static void a_ledger_is_made_once_with_its_genesis(void **state)
{
	struct fixture *f = *state;
	struct ledger_row *rows;
	struct ledger_text t;
	struct error err;
	char link[SHA256_TEXT];
	struct str hashed;
	int64_t seq;
	size_t count;

	assert_int_equal(ledger_create(f->path, FIXTURE_STORE, "", f->policy_digest, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(ledger_create(f->folder, "not an id", "", f->policy_digest, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(ledger_text_parse(rows[0].body, rows[0].body_len, f->mem, &t, &err), 0);
	assert_int_equal(t.kind, LEDGER_GENESIS);
	assert_string_equal(t.store, FIXTURE_STORE);
	assert_string_equal(t.subject, f->roster_digest);
	assert_string_equal(t.evidence[0].kind, "policy");
	assert_string_equal(t.evidence[0].digest, f->policy_digest);
	assert_int_equal(rows[0].sig_len, 0);
	/* The link as the header gives it, word by word. */
	str_init(&hashed);
	str_addf(&hashed, "assay-ledger/1\nseq 1\nprev sha256:%064d\nat %s\nbody sha256:", 0, rows[0].at);
	sha256_hex(rows[0].body, rows[0].body_len, link);
	str_addf(&hashed, "%s\nsig sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
	         link);
	sha256_hex(hashed.data, hashed.len, link);
	assert_string_equal(rows[0].link, link);
	assert_int_equal(ledger_head(f->ledger, &seq, link, &err), 0);
	assert_int_equal(seq, 1);
	assert_string_equal(link, rows[0].link);
	str_release(&hashed);
	/* Nothing stays beside it. */
	char *file = path_join(f->path, "ledger.db-journal");
	assert_false(file_exists(file));
	free(file);
}

static void the_file_holds_one_table_and_no_log(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = {"sqlite3", arena_printf(f->mem, "%s/ledger.db", f->path), ".schema",
	                            "pragma journal_mode", NULL};
	struct ledger_text t = fixture_record(f, LEDGER_GATE_RESULTS);
	struct str out;
	struct error err;
	int status;

	fixture_append(f, &t, NULL);
	str_init(&out);
	assert_int_equal(child_capture(argv, NULL, 60000, 10000, &out, NULL, &status, &err), 0);
	assert_string_equal(out.data,
	                    "CREATE TABLE ledger(seq INTEGER PRIMARY KEY, at TEXT, body BLOB, sig BLOB, link "
	                    "TEXT) STRICT;\ndelete\n");
	str_release(&out);
}

static void hostile_files_are_refused(void **state)
{
	static const struct {
		const char *what, *words;
	} changes[] = {
	    {"CREATE TRIGGER t AFTER INSERT ON ledger BEGIN SELECT 1; END", "trigger"},
	    {"CREATE VIEW v AS SELECT 1", "view"},
	    {"CREATE INDEX i ON ledger(at)", "index"},
	    {"CREATE TABLE other(x)", "other"},
	    {"ALTER TABLE ledger ADD COLUMN more TEXT", "another table"},
	    {"ALTER TABLE ledger RENAME TO l2; CREATE VIEW ledger AS SELECT * FROM l2", "another table"},
	    {"ALTER TABLE ledger ADD COLUMN g TEXT AS (at || body)", "another table"},
	    {"DROP TABLE ledger", "not there"},
	    {"PRAGMA application_id = 7", "not a ledger"},
	    {"PRAGMA journal_mode = WAL", "write-ahead"},
	};
	struct fixture *f = *state;
	char *file = path_join(f->path, "ledger.db"), *kept = path_join(f->path, "kept");
	struct str good;
	struct error err;

	str_init(&good);
	ledger_close(f->ledger);
	f->ledger = NULL;
	assert_int_equal(file_read(file, &good, 0, &err), 0);
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		assert_int_equal(file_write_atomic(file, good.data, good.len, 0644, &err), 0);
		fixture_sql(f, "%s", changes[i].what);
		expect_refused(f, i % 2, ERR_TAMPER, changes[i].words);
	}
	assert_int_equal(file_write_atomic(file, good.data, good.len, 0644, &err), 0);
	fixture_sql(f, "PRAGMA user_version = 2");
	expect_refused(f, true, ERR_STORE, "format 2");
	assert_int_equal(
	    file_write_atomic(file, "no database at all, but long enough to be looked at", 50, 0644, &err), 0);
	expect_refused(f, false, ERR_TAMPER, "damaged");
	assert_int_equal(file_write_atomic(file, "", 0, 0644, &err), 0);
	expect_refused(f, false, ERR_TAMPER, "no ledger");
	/* Every byte of the header and of the page's own one after the other: no crash, and never another ledger.
	 */
	for (size_t at = 0; at < 160; at++) {
		struct ledger *l;

		good.data[at] = (char)~good.data[at];
		assert_int_equal(file_write_atomic(file, good.data, good.len, 0644, &err), 0);
		good.data[at] = (char)~good.data[at];
		if (!ledger_open(&l, f->path, false, &err)) {
			struct ledger_row *rows;
			size_t count;

			if (!ledger_rows(l, 1, 0, f->mem, &rows, &count, &err) && count)
				assert_true(rows[0].seq >= 1);
			ledger_close(l);
		}
	}
	/* A link, a pipe. */
	assert_int_equal(file_write_atomic(kept, good.data, good.len, 0644, &err), 0);
	unlink(file);
	assert_int_equal(symlink("kept", file), 0);
	expect_refused(f, false, ERR_TAMPER, "no regular file");
	unlink(file);
	assert_int_equal(mkfifo(file, 0600), 0);
	expect_refused(f, false, ERR_TAMPER, "no regular file");
	unlink(file);
	expect_refused(f, false, ERR_STORE, "there is no ledger");
	setenv("ASSAY_NETWORK_PATHS", f->folder, 1);
	assert_int_equal(rename(kept, file), 0);
	expect_refused(f, true, ERR_STORE, "network");
	unsetenv("ASSAY_NETWORK_PATHS");
	str_release(&good);
	free(file);
	free(kept);
}

/* ---- the append rule ---- */

static int append(struct fixture *f, const struct ledger_text *t, const char *name, int64_t *seq, bool *known,
                  struct error *err)
{
	struct str body, sig;
	int result;

	str_init(&body);
	str_init(&sig);
	fixture_sign(f, t, name, &body, &sig);
	result = ledger_append(f->ledger, body.data, body.len, sig.data, sig.len, seq, known, err);
	str_release(&body);
	str_release(&sig);
	return result;
}

static void expect_append_refused(struct fixture *f, const struct ledger_text *t, const char *name,
                                  enum error_code code, const char *words)
{
	struct error err;
	int64_t seq, before, after;
	char link[SHA256_TEXT];
	bool known;

	assert_int_equal(ledger_head(f->ledger, &before, link, &err), 0);
	assert_int_equal(append(f, t, name, &seq, &known, &err), -1);
	if (err.code != code || !strstr(err.text, words))
		fail_msg("%d: \"%s\" does not say \"%s\"", err.code, err.text, words);
	assert_int_equal(ledger_head(f->ledger, &after, link, &err), 0);
	assert_int_equal(before, after);
}

static void a_request_is_done_once(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t = fixture_decision(f, LEDGER_PROPOSE, "alice"), other;
	struct ledger *second;
	struct str body, sig;
	struct error err;
	int64_t seq, again;
	bool known;

	str_init(&body);
	str_init(&sig);
	fixture_sign(f, &t, "alice", &body, &sig);
	assert_int_equal(ledger_append(f->ledger, body.data, body.len, sig.data, sig.len, &seq, &known, &err), 0);
	assert_int_equal(seq, 2);
	assert_false(known);
	/* Though its own row came between, and by another handle that has not read it yet. */
	assert_int_equal(ledger_open(&second, f->path, true, &err), 0);
	assert_int_equal(ledger_append(second, body.data, body.len, sig.data, sig.len, &again, &known, &err), 0);
	assert_int_equal(again, 2);
	assert_true(known);
	other = t;
	other.reason = "another reason under the same request id";
	expect_append_refused(f, &other, "alice", ERR_USAGE, "another text");
	ledger_close(second);
	str_release(&body);
	str_release(&sig);
}

static void what_must_be_signed_is_signed(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t = fixture_decision(f, LEDGER_PROPOSE, "alice"),
	                   record = fixture_record(f, LEDGER_GATE_RESULTS),
	                   halt = fixture_decision(f, LEDGER_HALT, NULL),
	                   genesis = fixture_record(f, LEDGER_GENESIS);
	struct error err;
	int64_t seq;
	bool known;

	expect_append_refused(f, &t, NULL, ERR_TAMPER, "without its signature");
	expect_append_refused(f, &record, "alice", ERR_USAGE, "no signature");
	expect_append_refused(f, &halt, "alice", ERR_USAGE, "no signature");
	expect_append_refused(f, &genesis, NULL, ERR_USAGE, "genesis");
	t.store[0] = '0';
	expect_append_refused(f, &t, "alice", ERR_TAMPER, "another store");
	assert_int_equal(append(f, &halt, NULL, &seq, &known, &err), 0);
	/* What is no text, and what is no signature. */
	assert_int_equal(ledger_append(f->ledger, "x", 1, "", 0, &seq, &known, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	struct str body, sig;
	str_init(&body);
	str_init(&sig);
	t = fixture_decision(f, LEDGER_PROPOSE, "alice");
	fixture_sign(f, &t, "alice", &body, &sig);
	str_adds(&sig, "x");
	assert_int_equal(ledger_append(f->ledger, body.data, body.len, sig.data, sig.len, &seq, &known, &err),
	                 -1);
	assert_int_equal(err.code, ERR_TAMPER);
	str_release(&body);
	str_release(&sig);
}

static void what_comes_between_makes_stale(void **state)
{
	struct fixture *f = *state;
	struct ledger_text propose = fixture_decision(f, LEDGER_PROPOSE, "alice"), ours, row;
	struct error err;
	int64_t seq, since;
	bool known;

	assert_int_equal(fixture_append(f, &propose, "alice"), 2);
	/* Seen from here on: */
#define SEEN_THEN(text_of_row, signer_of_row)                                                                \
	do {                                                                                                     \
		ours = fixture_decision(f, LEDGER_APPROVE, "alice");                                                 \
		ours.target = 2;                                                                                     \
		row = text_of_row;                                                                                   \
		seq = fixture_append(f, &row, signer_of_row);                                                        \
	} while (0)
	/* The same model and stage. */
	SEEN_THEN(fixture_record(f, LEDGER_GATE_RESULTS), NULL);
	assert_int_equal(ledger_since(f->ledger, &ours, &since, &err), 0);
	assert_int_equal(since, seq);
	expect_append_refused(f, &ours, "alice", ERR_STALE, "look at it again");
	/* The same subject alone; another model and another subject; the same model in another stage. */
	row = fixture_record(f, LEDGER_GATE_RESULTS);
	row.stage = "staging";
	SEEN_THEN(row, NULL);
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	row = fixture_record(f, LEDGER_GATE_RESULTS);
	row.model = "other";
	memset(row.subject, 'a', SHA256_TEXT - 1);
	SEEN_THEN(row, NULL);
	assert_int_equal(append(f, &ours, "alice", &seq, &known, &err), 0);
	row = fixture_record(f, LEDGER_GATE_RESULTS);
	row.stage = "staging";
	memset(row.subject, 'a', SHA256_TEXT - 1);
	SEEN_THEN(row, NULL);
	assert_int_equal(append(f, &ours, "alice", &seq, &known, &err), 0);
	/* Policy and roster, whatever they are about. */
	SEEN_THEN(fixture_decision(f, LEDGER_POLICY, "bob"), "bob");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	SEEN_THEN(fixture_decision(f, LEDGER_ROSTER, "bob"), "bob");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	/* Another's approval of the same request does not disturb; one's own, of another, or a rejection does. */
	row = fixture_decision(f, LEDGER_APPROVE, "bob");
	row.target = 2;
	SEEN_THEN(row, "bob");
	assert_int_equal(append(f, &ours, "alice", &seq, &known, &err), 0);
	row = fixture_decision(f, LEDGER_APPROVE, "alice");
	row.target = 2;
	SEEN_THEN(row, "alice");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	row = fixture_decision(f, LEDGER_APPROVE, "bob");
	row.target = 3;
	SEEN_THEN(row, "bob");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	row = fixture_decision(f, LEDGER_REJECT, "bob");
	row.target = 2;
	SEEN_THEN(row, "bob");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	/* Taking back disturbs too. */
	row = fixture_decision(f, LEDGER_REVOKE, "bob");
	row.target = seq;
	SEEN_THEN(row, "bob");
	expect_append_refused(f, &ours, "alice", ERR_STALE, "between");
	/* A checkpoint disturbs nobody; a halt waits for nobody. */
	row = fixture_decision(f, LEDGER_CHECKPOINT, "bob");
	row.model = row.stage = NULL;
	row.version = 0;
	row.subject[0] = '\0';
	SEEN_THEN(row, "bob");
	assert_int_equal(append(f, &ours, "alice", &seq, &known, &err), 0);
	ours = fixture_decision(f, LEDGER_HALT, "alice");
	row = fixture_record(f, LEDGER_GATE_RESULTS);
	fixture_append(f, &row, NULL);
	assert_int_equal(append(f, &ours, "alice", &seq, &known, &err), 0);
#undef SEEN_THEN
	/* A head that is none of this chain. */
	ours = fixture_decision(f, LEDGER_APPROVE, "alice");
	ours.seen_head[0] = ours.seen_head[0] == 'a' ? 'b' : 'a';
	expect_append_refused(f, &ours, "alice", ERR_TAMPER, "in this one it is sha256:");
	ours = fixture_decision(f, LEDGER_APPROVE, "alice");
	ours.seen_seq += 5;
	expect_append_refused(f, &ours, "alice", ERR_TAMPER, "not there");
}

/* ---- several at once ---- */

static void writers_do_not_lose_rows(void **state)
{
	enum { WRITERS = 8, ROWS = 25 };
	struct fixture *f = *state;
	struct ledger_row *rows;
	struct ledger_text t;
	struct error err;
	char prev[SHA256_TEXT];
	int64_t at = 0;
	size_t count;

	ledger_close(f->ledger);
	f->ledger = NULL;
	for (int w = 0; w < WRITERS; w++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		if (ledger_open(&f->ledger, f->path, true, &err))
			_exit(1);
		for (int i = 0; i < ROWS; i++) {
			struct str body;
			int64_t seq;
			bool known;

			str_init(&body);
			t = fixture_record(f, LEDGER_GATE_RESULTS);
			if (ledger_text_write(&t, &body, &err) ||
			    ledger_append(f->ledger, body.data, body.len, "", 0, &seq, &known, &err) || known) {
				fprintf(stderr, "%s\n", err.text);
				_exit(1);
			}
		}
		_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(ledger_open(&f->ledger, f->path, true, &err), 0);
	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	assert_int_equal(count, 1 + WRITERS * ROWS);
	memset(prev, '0', sizeof(prev));
	for (size_t i = 0; i < count; i++) {
		struct str hashed;
		char body[SHA256_TEXT], sig[SHA256_TEXT], link[SHA256_TEXT];

		assert_int_equal(rows[i].seq, i + 1);
		assert_true(rows[i].at_ms >= at);
		at = rows[i].at_ms;
		str_init(&hashed);
		sha256_hex(rows[i].body, rows[i].body_len, body);
		sha256_hex(rows[i].sig, rows[i].sig_len, sig);
		str_addf(&hashed,
		         "assay-ledger/1\nseq %zu\nprev sha256:%.64s\nat %s\nbody sha256:%s\nsig sha256:%s\n", i + 1,
		         prev, rows[i].at, body, sig);
		sha256_hex(hashed.data, hashed.len, link);
		assert_string_equal(link, rows[i].link);
		memcpy(prev, link, sizeof(prev));
		str_release(&hashed);
	}
	char *file = path_join(f->path, "ledger.db");
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
}

static void changes_are_seen(void **state)
{
	struct fixture *f = *state;
	struct ledger *reader;
	struct ledger_text t = fixture_record(f, LEDGER_GATE_RESULTS);
	struct error err;
	int64_t before, seq;
	bool known;

	assert_int_equal(ledger_open(&reader, f->path, false, &err), 0);
	before = ledger_change(reader);
	assert_true(ledger_change(reader) == before);
	fixture_append(f, &t, NULL);
	assert_true(ledger_change(reader) != before);
	before = ledger_change(f->ledger);
	t = fixture_record(f, LEDGER_GATE_RESULTS);
	fixture_append(f, &t, NULL);
	assert_true(ledger_change(f->ledger) != before);
	assert_int_equal(ledger_append(reader, "x", 1, "", 0, &seq, &known, &err), -1);
	assert_int_equal(err.code, ERR_STORE);
	ledger_close(reader);
}

/* A clock that is set back: rows keep their order in time. */
static void time_never_runs_backward(void **state)
{
	struct fixture *f = *state;
	struct ledger_text t = fixture_record(f, LEDGER_GATE_RESULTS);
	struct ledger_row *rows;
	struct error err;
	size_t count;

	fixture_sql(f, "UPDATE ledger SET at = '2999-01-01T00:00:00.000Z'");
	fixture_append(f, &t, NULL);
	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	assert_string_equal(rows[1].at, "2999-01-01T00:00:00.000Z");
}

/* ---- pins ---- */

static void pins_are_kept_and_read(void **state)
{
	static const char *const bad[] = {"",          "1",           "1 x none\n", "0 %s none\n", "01 %s none\n",
	                                  "1 %s none", "1 %s none\nx"};
	struct fixture *f = *state;
	struct ledger_pin pin, back;
	char *path;
	struct stat st;
	struct error err;

	assert_int_equal(ledger_pin_read(FIXTURE_STORE, &pin, &err), 0);
	assert_false(pin.there);
	pin = (struct ledger_pin){.there = true, .seq = 492};
	memset(pin.head, 'a', SHA256_TEXT - 1);
	assert_int_equal(ledger_pin_write(FIXTURE_STORE, &pin, &err), 0);
	assert_int_equal(ledger_pin_read(FIXTURE_STORE, &back, &err), 0);
	assert_true(back.there && back.seq == 492 && !strcmp(back.head, pin.head) && !*back.roster);
	memset(pin.roster, 'b', SHA256_TEXT - 1);
	assert_int_equal(ledger_pin_write(FIXTURE_STORE, &pin, &err), 0);
	assert_int_equal(ledger_pin_read(FIXTURE_STORE, &back, &err), 0);
	assert_string_equal(back.roster, pin.roster);
	path = xasprintf("%s/state/assay/pins/%s", f->folder, FIXTURE_STORE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const char *hole = strstr(bad[i], "%s");
		char *text =
		    hole ? xasprintf("%.*s%s%s", (int)(hole - bad[i]), bad[i], pin.head, hole + 2) : xstrdup(bad[i]);

		assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
		assert_int_equal(ledger_pin_read(FIXTURE_STORE, &back, &err), -1);
		assert_int_equal(err.code, ERR_TAMPER);
		assert_false(back.there);
		free(text);
	}
	assert_int_equal(ledger_pin_read("../../x", &back, &err), -1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_ledger_is_made_once_with_its_genesis, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(the_file_holds_one_table_and_no_log, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(hostile_files_are_refused, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(a_request_is_done_once, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(what_must_be_signed_is_signed, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(what_comes_between_makes_stale, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(writers_do_not_lose_rows, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(changes_are_seen, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(time_never_runs_backward, fixture_open, fixture_close),
	    cmocka_unit_test_setup_teardown(pins_are_kept_and_read, fixture_open, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
