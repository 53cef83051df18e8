/* Rows as they stand, and how each is linked to the one before. */
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"

void ledger_link(int64_t seq, const char *prev, const char *at, const void *body, size_t body_len,
                 const void *sig, size_t sig_len, char out[SHA256_TEXT])
{
	const struct ledger_row row = {
	    .seq = seq, .at = at, .body = body, .sig = sig, .body_len = body_len, .sig_len = sig_len};
	struct sha256 h;
	char none[SHA256_TEXT];

	sha256_init(&h);
	ledger_link_next(&h, &row, prev, out);
	sha256_end(&h, none);
}

void ledger_link_next(struct sha256 *h, const struct ledger_row *row, const char *prev, char out[SHA256_TEXT])
{
	char body_hex[SHA256_TEXT], sig_hex[SHA256_TEXT], number[NUM_TEXT];

	sha256_add(h, row->body, row->body_len);
	sha256_next(h, body_hex);
	sha256_add(h, row->sig, row->sig_len);
	sha256_next(h, sig_hex);
	snprintf(number, sizeof(number), "%" PRId64, row->seq);
#define ADD(text) sha256_add(h, text, strlen(text))
	ADD("assay-ledger/1\nseq ");
	ADD(number);
	ADD("\nprev sha256:");
	ADD(prev);
	ADD("\nat ");
	ADD(row->at);
	ADD("\nbody sha256:");
	ADD(body_hex);
	ADD("\nsig sha256:");
	ADD(sig_hex);
	ADD("\n");
#undef ADD
	sha256_next(h, out);
}

/* The row that the statement stands on (seq, at, body, sig, link); nothing is checked. */
static void copy_row(sqlite3_stmt *stmt, struct arena *mem, struct ledger_row *out)
{
	const char *at = (const char *)sqlite3_column_text(stmt, 1),
	           *link = (const char *)sqlite3_column_text(stmt, 4);
	const void *body = sqlite3_column_blob(stmt, 2), *sig = sqlite3_column_blob(stmt, 3);

	memset(out, 0, sizeof(*out));
	out->seq = sqlite3_column_int64(stmt, 0);
	out->body_len = (size_t)sqlite3_column_bytes(stmt, 2);
	out->sig_len = (size_t)sqlite3_column_bytes(stmt, 3);
	out->body = arena_memdup0(mem, body, out->body_len);
	out->sig = arena_memdup0(mem, sig, out->sig_len);
	out->at = arena_strdup(mem, at ? at : "");
	if (!time_parse(out->at, strlen(out->at), &out->at_ms))
		out->at_ms = 0;
	snprintf(out->link, sizeof(out->link), "%s", link ? link : "");
}

int ledger_rows(struct ledger *l, int64_t from, int64_t to, struct arena *mem, struct ledger_row **out,
                size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = ledger_prepare(
	    l, "SELECT seq, at, body, sig, link FROM ledger WHERE seq BETWEEN ? AND ? ORDER BY seq", err);
	struct ledger_row *rows = NULL;
	size_t cap = 0, n = 0;
	int rc, result = 0;

	*out = NULL;
	*count = 0;
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to ? to : INT64_MAX);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		rows = vec_reserve(rows, &cap, n + 1, sizeof(*rows));
		copy_row(stmt, mem, &rows[n++]);
	}
	if (rc != SQLITE_DONE) {
		result = ledger_fail(l, err);
		if (n)
			error_prefix(err, "behind row %" PRId64, rows[n - 1].seq);
	}
	sqlite3_finalize(stmt);
	/* What could be read is handed over also when the rest could not. */
	*out = arena_array(mem, n ? n : 1, sizeof(*rows));
	if (n)
		memcpy(*out, rows, n * sizeof(*rows));
	*count = n;
	free(rows);
	return result;
}

int ledger_head(struct ledger *l, int64_t *seq, char link[SHA256_TEXT], struct error *err)
{
	sqlite3_stmt *stmt = ledger_prepare(l, "SELECT seq, link FROM ledger ORDER BY seq DESC LIMIT 1", err);
	int rc;

	if (!stmt)
		return -1;
	rc = sqlite3_step(stmt);
	*seq = 0;
	memcpy(link, LINK_ZERO, SHA256_TEXT);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 1);

		*seq = sqlite3_column_int64(stmt, 0);
		snprintf(link, SHA256_TEXT, "%s", text ? text : "");
	} else if (rc != SQLITE_DONE) {
		ledger_fail(l, err);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

int64_t ledger_change(struct ledger *l)
{
	sqlite3_stmt *stmt = ledger_prepare(l, "PRAGMA data_version", NULL);
	int64_t version = 0;

	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	/* data_version tells of others' commits only. */
	return (int64_t)((uint64_t)version << 32) + l->changes;
}
