/* Adding a row: what it must answer to, and what has come between. */
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"
#include "rules.h"

/* ---- requests that are there already ---- */

/* Every text ends in `request ID`, LF, `end`, LF. */
enum { TAIL = 8 + ID_TEXT - 1 + 5 };

static int link_at(struct ledger *l, int64_t seq, char link[SHA256_TEXT], struct error *err)
{
	sqlite3_stmt *stmt = ledger_prepare(l, "SELECT link FROM ledger WHERE seq = ?", err);
	int rc;

	link[0] = '\0';
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, seq);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		snprintf(link, SHA256_TEXT, "%s", text ? text : "");
	} else if (rc != SQLITE_DONE) {
		ledger_fail(l, err);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

static void index_row(struct ledger *l, sqlite3_stmt *stmt)
{
	const char *tail = sqlite3_column_blob(stmt, 1), *link = (const char *)sqlite3_column_text(stmt, 2);
	int64_t seq = sqlite3_column_int64(stmt, 0);

	if (tail && sqlite3_column_bytes(stmt, 1) == TAIL && !memcmp(tail, "request ", 8)) {
		size_t known = l->requests.count;
		uint32_t id = intern_add(&l->requests, tail + 8, ID_TEXT - 1);

		l->request_rows =
		    vec_reserve(l->request_rows, &l->request_cap, l->requests.count, sizeof(*l->request_rows));
		if (l->requests.count > known)
			l->request_rows[id] = seq;
	}
	l->indexed_to = seq;
	snprintf(l->indexed_link, sizeof(l->indexed_link), "%s", link ? link : "");
}

/* Brings the index of requests up to the head: the schema has room for no index of SQLite's. */
static int index_requests(struct ledger *l, struct error *err)
{
	sqlite3_stmt *stmt;
	char link[SHA256_TEXT];
	int rc;

	if (l->indexed_to) {
		if (link_at(l, l->indexed_to, link, err))
			return -1;
		if (strcmp(link, l->indexed_link) != 0) {
			/* Another ledger stands in the place of the one that was read. */
			intern_release(&l->requests);
			intern_init(&l->requests);
			l->indexed_to = 0;
		}
	}
	stmt =
	    ledger_prepare(l, "SELECT seq, substr(body, -45), link FROM ledger WHERE seq > ? ORDER BY seq", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, l->indexed_to);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		index_row(l, stmt);
	if (rc != SQLITE_DONE)
		ledger_fail(l, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int find_request(struct ledger *l, const char *request, const char *body, size_t len, int64_t *seq,
                        struct error *err)
{
	uint32_t id;
	struct arena *mem;
	struct ledger_row *rows;
	size_t count;
	int result = 0;

	*seq = 0;
	if (index_requests(l, err))
		return -1;
	id = intern_find(&l->requests, request, ID_TEXT - 1);
	if (id == INTERN_NONE)
		return 0;
	mem = arena_new();
	if (ledger_rows(l, l->request_rows[id], l->request_rows[id], mem, &rows, &count, err))
		result = -1;
	else if (count != 1 || rows[0].body_len != len || memcmp(rows[0].body, body, len) != 0)
		result = error_set(err, ERR_USAGE, "the request %s was used for another text, in row %" PRId64,
		                   request, l->request_rows[id]);
	else
		*seq = l->request_rows[id];
	arena_free(mem);
	return result;
}

/* ---- what has come between ---- */

int ledger_since(struct ledger *l, const struct ledger_text *t, int64_t *seq, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows;
	size_t count;
	int result = 0;

	*seq = 0;
	/* Failing safe waits for nothing. */
	if (t->kind == LEDGER_HALT)
		goto out;
	if (ledger_rows(l, t->seen_seq + 1, 0, mem, &rows, &count, err)) {
		result = -1;
		goto out;
	}
	for (size_t i = 0; i < count && !*seq; i++) {
		struct ledger_text row;

		if (ledger_text_parse(rows[i].body, rows[i].body_len, mem, &row, err)) {
			result = error_prefix(err, "row %" PRId64 " of the ledger", rows[i].seq);
			break;
		}
		if (state_touches(&row, t))
			*seq = rows[i].seq;
	}
out:
	arena_free(mem);
	return result;
}

/* ---- the row ---- */

static int check_shape(const struct ledger *l, const struct ledger_text *t, const char *sig, size_t sig_len,
                       struct error *err)
{
	struct ledger_signature s = {.level = 0};

	if (t->kind == LEDGER_GENESIS)
		return error_set(err, ERR_USAGE, "a ledger has one genesis row");
	if (strcmp(t->store, l->store) != 0)
		return error_set(err, ERR_TAMPER, "this text was made for another store (%s; this one is %s)",
		                 t->store, l->store);
	if (ledger_text_is_unsigned(t))
		return sig_len ? error_set(err, ERR_USAGE, "a %s row has no signature", ledger_kind_name(t->kind))
		               : 0;
	if (!sig_len)
		return error_set(err, ERR_TAMPER, "a decision (%s) is nothing without its signature",
		                 ledger_kind_name(t->kind));
	if (ledger_signature_parse(sig, sig_len, &s, err))
		return -1;
	free(s.public_key);
	return 0;
}

static int check_seen(struct ledger *l, const struct ledger_text *t, struct error *err)
{
	char link[SHA256_TEXT];
	int64_t since;

	if (!ledger_kind_is_decision(t->kind))
		return 0;
	if (link_at(l, t->seen_seq, link, err))
		return -1;
	if (strcmp(link, t->seen_head) != 0)
		return error_set(err, ERR_TAMPER,
		                 "the text was made from a ledger whose row %" PRId64
		                 " is sha256:%s; in this one it is %s%s",
		                 t->seen_seq, t->seen_head, *link ? "sha256:" : "not there", link);
	if (ledger_since(l, t, &since, err))
		return -1;
	if (since)
		return error_set(err, ERR_STALE,
		                 "row %" PRId64 " came between (what was looked at was row %" PRId64
		                 "): look at it again and sign anew",
		                 since, t->seen_seq);
	return 0;
}

static int insert(struct ledger *l, const char *body, size_t len, const char *sig, size_t sig_len,
                  int64_t *seq, struct error *err)
{
	struct arena *mem = arena_new();
	sqlite3_stmt *stmt = NULL;
	struct ledger_row *last;
	char at[TIME_TEXT], head[SHA256_TEXT], link[SHA256_TEXT];
	int64_t now = time_now_ms();
	size_t count;
	int result = -1;

	if (ledger_head(l, seq, head, err) || ledger_rows(l, *seq, *seq, mem, &last, &count, err))
		goto out;
	/* A clock that was set back does not turn the order of the rows round. */
	if (count && last[0].at_ms > now)
		now = last[0].at_ms;
	++*seq;
	time_rfc3339(now, at);
	ledger_link(*seq, head, at, body, len, sig, sig_len, link);
	stmt = ledger_prepare(l, "INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", err);
	if (!stmt)
		goto out;
	sqlite3_bind_int64(stmt, 1, *seq);
	sqlite3_bind_text(stmt, 2, at, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(stmt, 3, body, len, SQLITE_STATIC);
	/* A NULL pointer would be NULL, not an empty signature. */
	sqlite3_bind_blob64(stmt, 4, sig_len ? sig : "", sig_len, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, link, -1, SQLITE_STATIC);
	result = sqlite3_step(stmt) == SQLITE_DONE ? 0 : ledger_fail(l, err);
out:
	sqlite3_finalize(stmt);
	arena_free(mem);
	return result;
}

int ledger_append(struct ledger *l, const char *body, size_t len, const char *sig, size_t sig_len,
                  int64_t *seq, bool *known, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_text t;
	int result = -1;

	*seq = 0;
	*known = false;
	if (!l->write) {
		error_set(err, ERR_STORE, "the ledger %s is open for reading only", l->path);
		goto out;
	}
	if (ledger_text_parse(body, len, mem, &t, err) || check_shape(l, &t, sig, sig_len, err))
		goto out;
	if (sqlite3_exec(l->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		ledger_fail(l, err);
		goto out;
	}
	result = find_request(l, t.request, body, len, seq, err);
	*known = !result && *seq;
	if (!result && !*known)
		result = check_seen(l, &t, err) || insert(l, body, len, sig, sig_len, seq, err) ? -1 : 0;
	if (!result && !*known) {
		if (sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
			l->changes++;
		else
			result = ledger_fail(l, err);
	}
	/* SQLite has taken the transaction back by itself after some failures (a full disk). */
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	if (result)
		*seq = 0;
out:
	arena_free(mem);
	return result;
}
