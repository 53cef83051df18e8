/* Copies of the ledger: of one moment for a backup, and of what is whole in a damaged one. */
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

int ledger_copy(const char *folder, const char *to, struct error *err)
{
	struct ledger *l = NULL;
	sqlite3 *target = NULL;
	sqlite3_backup *backup = NULL;
	int rc, result = -1;

	if (ledger_open(&l, folder, false, err))
		return -1;
	rc = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(target, "main", l->db, "main");
	if (backup) {
		/* All at once: a writer waits for it, so it never begins anew. */
		rc = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
	}
	if (backup && rc == SQLITE_DONE)
		result = 0;
	else
		error_set(err, ERR_STORE, "the ledger %s cannot be copied to %s: %s", l->path, to,
		          target ? sqlite3_errmsg(target) : "no memory");
	sqlite3_close(target);
	ledger_close(l);
	return result;
}

/* How many of the rows, from the first on, are linked as they say; what is wrong with the next in `why`. */
static size_t whole_rows(const struct ledger_row *rows, size_t count, struct error *why)
{
	char prev[SHA256_TEXT], link[SHA256_TEXT];

	memcpy(prev, LINK_ZERO, sizeof(prev));
	for (size_t i = 0; i < count; i++) {
		const struct ledger_row *r = &rows[i];

		if (r->seq != (int64_t)i + 1) {
			error_set(why, ERR_TAMPER, "row %zu is not there", i + 1);
			return i;
		}
		ledger_link(r->seq, prev, r->at, r->body, r->body_len, r->sig, r->sig_len, link);
		if (strcmp(link, r->link)) {
			error_set(why, ERR_TAMPER, "row %zu is not linked as it says", i + 1);
			return i;
		}
		memcpy(prev, link, sizeof(prev));
	}
	return count;
}

int ledger_chain(const char *folder, struct ledger_chain *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger *l = NULL;
	struct ledger_row *rows;
	struct error why;
	size_t count, whole;
	int result = -1;

	*out = (struct ledger_chain){.rows = 0};
	if (ledger_open(&l, folder, false, err))
		goto out;
	memcpy(out->store, l->store, ID_TEXT);
	if (ledger_rows(l, 1, 0, mem, &rows, &count, err))
		goto out;
	whole = whole_rows(rows, count, &why);
	out->rows = (int64_t)whole;
	if (whole) {
		memcpy(out->head, rows[whole - 1].link, SHA256_TEXT);
		out->at = rows[whole - 1].at_ms;
	}
	result = whole == count ? 0 : error_set(err, ERR_TAMPER, "the ledger %s: %s", l->path, why.text);
out:
	ledger_close(l);
	arena_free(mem);
	return result;
}
