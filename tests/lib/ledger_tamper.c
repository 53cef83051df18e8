#include "ledger_tamper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

void tamper_relink(struct fixture *f, int64_t from)
{
	struct ledger_row *rows;
	struct error err;
	char prev[SHA256_TEXT];
	size_t count;

	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &rows, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		char body[SHA256_TEXT], sig[SHA256_TEXT], link[SHA256_TEXT], *text;

		if (rows[i].seq < from) {
			memcpy(prev, rows[i].link, SHA256_TEXT);
			continue;
		}
		sha256_hex(rows[i].body, rows[i].body_len, body);
		sha256_hex(rows[i].sig, rows[i].sig_len, sig);
		text = xasprintf("assay-ledger/1\nseq %" PRId64
		                 "\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n",
		                 rows[i].seq, prev, rows[i].at, body, sig);
		sha256_hex(text, strlen(text), link);
		free(text);
		fixture_sql(f, "UPDATE ledger SET link = '%s' WHERE seq = %" PRId64, link, rows[i].seq);
		memcpy(prev, link, SHA256_TEXT);
	}
}

void tamper_keep(struct fixture *f, struct str *kept)
{
	char *file = path_join(f->path, "ledger.db");
	struct error err;

	assert_int_equal(file_read(file, kept, 0, &err), 0);
	free(file);
}

void tamper_restore(struct fixture *f, const struct str *kept)
{
	char *file = path_join(f->path, "ledger.db");
	struct error err;

	ledger_close(f->ledger);
	f->ledger = NULL;
	assert_int_equal(file_write_atomic(file, kept->data, kept->len, 0644, &err), 0);
	assert_int_equal(ledger_open(&f->ledger, f->path, true, &err), 0);
	free(file);
}

void tamper_insert(struct fixture *f, const struct ledger_text *t, const char *name)
{
	struct str body, sig;
	struct error err;
	char head[SHA256_TEXT], at[TIME_TEXT];
	int64_t seq;
	char *file = path_join(f->path, "ledger.db");
	sqlite3_stmt *stmt;
	sqlite3 *db;

	str_init(&body);
	str_init(&sig);
	fixture_sign(f, t, name, &body, &sig);
	assert_int_equal(ledger_head(f->ledger, &seq, head, &err), 0);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO ledger VALUES (?, ?, ?, ?, '')", -1, &stmt, NULL),
	                 SQLITE_OK);
	sqlite3_bind_int64(stmt, 1, seq + 1);
	sqlite3_bind_text(stmt, 2, time_rfc3339(time_now_ms(), at), -1, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 3, body.data, (int)body.len, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 4, sig.data, (int)sig.len, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	tamper_relink(f, seq + 1);
	str_release(&body);
	str_release(&sig);
	free(file);
}
