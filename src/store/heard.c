/* heard: whether anything was heard of a run that another host answers for, and how far a run has come. */
#include <math.h>
#include <unistd.h>

#include "internal.h"

/* ---- who is alive ---- */

int store_run_heard(struct store *s, int64_t id, int64_t at, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE run SET heard = ?2 WHERE id = ?1 AND status < 2", err);

	if (!stmt || store_enter(s, err))
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, at);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

/* unheard(host, source, when): "nothing heard for 3m (host gpu7)" where that is so, else "". Runs of this host are
 * looked at themselves. */
static void unheard(sqlite3_context *context, int count, sqlite3_value **args)
{
	const char *host = (const char *)sqlite3_value_text(args[0]);
	const char *source = (const char *)sqlite3_value_text(args[1]);
	bool client = source && strcmp(source, "mlflow") == 0;
	int64_t silent = time_now_ms() - sqlite3_value_int64(args[2]);
	char own[256] = "", span[TIME_TEXT], *text;

	(void)count;
	gethostname(own, sizeof(own) - 1);
	if (!host || strcmp(host, own) == 0 || silent < (client ? STORE_CLIENT_SILENT_MS : STORE_SILENT_MS)) {
		sqlite3_result_text(context, "", 0, SQLITE_STATIC);
		return;
	}
	time_span(silent, span);
	text =
	    host[0] ? xasprintf(STORE_UNHEARD "%s (host %s)", span, host) : xasprintf(STORE_UNHEARD "%s", span);
	sqlite3_result_text(context, text, -1, free);
}

int heard_function(struct store *s)
{
	return sqlite3_create_function(s->db, "unheard", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, unheard, NULL,
	                               NULL);
}

/* ---- how far it has come ---- */

int store_progress_set(struct store *s, int64_t run, double progress, int64_t at, struct error *err)
{
	/* Less than before is another bar, or the same thing once more: its pace is one of its own. */
	static const char sql[] = "UPDATE run SET progress = ?2, progress_at = ?3, "
	                          "progress_from = CASE WHEN ?2 >= progress AND progress_from <= progress THEN "
	                          "progress_from ELSE ?2 END, "
	                          "progress_from_at = CASE WHEN ?2 >= progress AND progress_from <= progress "
	                          "THEN progress_from_at ELSE "
	                          "?3 END WHERE id = ?1";
	sqlite3_stmt *stmt = store_prepare(s, sql, err);

	if (!stmt || store_enter(s, err))
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_double(stmt, 2, progress < 0 ? 0 : progress > 1 ? 1 : progress);
	sqlite3_bind_int64(stmt, 3, at);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int64_t progress_ends(sqlite3_stmt *stmt, int at, double progress, enum run_status status)
{
	int64_t told = sqlite3_column_int64(stmt, at), from_at = sqlite3_column_int64(stmt, at + 2);
	double from = column_double(stmt, at + 1), left;

	/* The first second tells no pace. */
	if (status != RUN_RUNNING || !(progress > from) || progress >= 1 || told - from_at < 1000)
		return 0;
	left = (double)(told - from_at) * (1 - progress) / (progress - from);
	return left < 1e14 ? told + (int64_t)left : 0;
}
