/* assay backup, and assay restore of a backup. */
#include <stdlib.h>
#include <time.h>

#include "cli_care.h"
#include "commands.h"

/* ---- progress ---- */

void care_watch_begin(struct care_watch *w, const struct cli *c, const char *what)
{
	sigset_t asked;
	*w = (struct care_watch){.what = NULL};
	sigemptyset(&asked);
	sigaddset(&asked, SIGINT);
	sigaddset(&asked, SIGTERM);
	sigaddset(&asked, SIGHUP);
	sigprocmask(SIG_BLOCK, &asked, &w->before);
	bar_start(&w->bar, c, what);
}

int care_watch(void *user, const char *what, uint64_t done, uint64_t total)
{
	static const struct timespec at_once;
	struct care_watch *w = user;
	int64_t now = time_mono_ms();
	char note[128], so_far[NUM_TEXT], all[NUM_TEXT], rate[NUM_TEXT];
	sigset_t asked;
	sigemptyset(&asked);
	sigaddset(&asked, SIGINT);
	sigaddset(&asked, SIGTERM);
	sigaddset(&asked, SIGHUP);
	if (!w->stopped && sigtimedwait(&asked, NULL, &at_once) > 0)
		w->stopped = true;
	if (w->stopped)
		return -1;
	if (!w->what || strcmp(w->what, what) != 0) {
		w->what = what;
		w->seen = done;
		w->since = now;
	}
	if (total > 1 << 20 && now > w->since)
		snprintf(note, sizeof note, "%s: %s of %s, %s/s", what, bytes_people(done, so_far),
		         bytes_people(total, all),
		         bytes_people((done - w->seen) * 1000 / (uint64_t)(now - w->since), rate));
	else
		snprintf(note, sizeof note, "%s", what);
	bar_show(&w->bar, total ? (double)done / (double)total : 0, note);
	return 0;
}

void care_watch_end(struct care_watch *w)
{
	bar_end(&w->bar);
	sigprocmask(SIG_SETMASK, &w->before, NULL);
}

/* ---- backup ---- */

static void backup_fields(struct json_writer *j, const struct work_backup *b)
{
	jw_string(j, "store", b->store);
	jw_int(j, "bytes", (int64_t)b->bytes);
	jw_int(j, "runs", b->runs);
	jw_int(j, "objects", (int64_t)b->objects);
	jw_int(j, "live_files", (int64_t)b->live_files);
	jw_object(j, "ledger");
	jw_int(j, "rows", b->ledger_rows);
	jw_string(j, "head", b->ledger_head[0] ? b->ledger_head : NULL);
	jw_string(j, "problem", b->ledger_problem);
	jw_object_end(j);
}

static void backup_print(struct cli *c, const struct work_backup *b)
{
	char bytes[NUM_TEXT], runs[NUM_TEXT], objects[NUM_TEXT];
	if (c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		jw_object(&j, NULL);
		jw_string(&j, "file", c->args[0]);
		backup_fields(&j, b);
		jw_array(&j, "damaged");
		for (size_t i = 0; i < b->damaged_count; i++)
			jw_string(&j, NULL, b->damaged[i]);
		jw_array_end(&j);
		jw_int(&j, "left_out", (int64_t)b->left_out);
		jw_object_end(&j);
		json_print(&json, stdout);
		str_release(&json);
		return;
	}
	if (c->quiet)
		return;
	safe_fprintf(stdout, "%s: %s, verified: %s run%s, %s object%s, %lld row%s of the ledger\n", c->args[0],
	             bytes_people(b->bytes, bytes), count_people(b->runs, runs), PLURAL(b->runs),
	             count_people((int64_t)b->objects, objects), PLURAL(b->objects), (long long)b->ledger_rows,
	             PLURAL(b->ledger_rows));
	if (b->left_out)
		fprintf(stdout, "%zu file%s of odd names or kinds left out\n", b->left_out,
		        b->left_out == 1 ? "" : "s");
}

/* The backup is what the store is; whoever runs this at night hears when that is not well. */
static int backup_verdict(struct cli *c, const struct work_backup *b)
{
	if (b->ledger_problem)
		return error_set(&c->err, ERR_TAMPER,
		                 "the backup was made, but the chain of decisions does not hold: %s",
		                 b->ledger_problem);
	if (b->damaged_count)
		return error_set(&c->err, ERR_STORE,
		                 "the backup was made, but %zu object%s in the store %s damaged, and so in it: %s%s",
		                 b->damaged_count, b->damaged_count == 1 ? "" : "s",
		                 b->damaged_count == 1 ? "is" : "are", b->damaged[0],
		                 b->damaged_count > 1 ? " …" : "");
	return 0;
}

int cmd_backup(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_backup done;
	struct care_watch watch;
	int status = work_open(c->store, STORE_READ, &store, &c->err);
	care_watch_begin(&watch, c, "backup");
	if (status == 0)
		status = work_backup(store, c->args[0], cli_has(c, "force"), care_watch, &watch, mem, &done, &c->err);
	care_watch_end(&watch);
	if (status != 0 && watch.stopped)
		error_set(&c->err, ERR_NO, "stopped: there is no new %s", c->args[0]);
	if (status == 0) {
		backup_print(c, &done);
		status = backup_verdict(c, &done);
	}
	store_close(store);
	arena_free(mem);
	return status;
}

/* ---- restore ---- */

static void restored_print(struct cli *c, const struct work_restored *r)
{
	char runs[NUM_TEXT], objects[NUM_TEXT], made[TIME_TEXT];
	if (c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		jw_object(&j, NULL);
		jw_string(&j, "place", r->place);
		jw_string(&j, "aside", r->aside);
		jw_string(&j, "made", time_rfc3339(r->made, made));
		backup_fields(&j, &r->from);
		jw_string(&j, "pin", r->pin);
		jw_object_end(&j);
		json_print(&json, stdout);
		str_release(&json);
		return;
	}
	if (!c->quiet) {
		safe_fprintf(stdout,
		             "%s is the store as it was at %s: %s run%s, %s object%s, %lld row%s of the ledger\n",
		             r->place, time_local(r->made, made), count_people(r->from.runs, runs),
		             PLURAL(r->from.runs), count_people((int64_t)r->from.objects, objects),
		             PLURAL(r->from.objects), (long long)r->from.ledger_rows, PLURAL(r->from.ledger_rows));
		if (r->aside)
			safe_fprintf(stdout, "what was there is at %s\n", r->aside);
	}
	if (r->pin)
		safe_fprintf(stderr,
		             "assay: %s: what was decided after the backup is not in it; ask for a newer one\n",
		             r->pin);
}

int cmd_restore_backup(struct cli *c)
{
	struct arena *mem = arena_new();
	struct work_restored done;
	struct care_watch watch;
	char *place = work_restore_place(c->store);
	care_watch_begin(&watch, c, "restore");
	int status =
	    work_restore(c->args[0], place, cli_has(c, "force"), care_watch, &watch, mem, &done, &c->err);
	care_watch_end(&watch);
	if (status != 0 && watch.stopped)
		error_set(&c->err, ERR_NO, "stopped: %s is as it was", place);
	if (status == 0) {
		restored_print(c, &done);
		if (done.from.ledger_problem)
			status = error_set(&c->err, ERR_TAMPER, "the chain of decisions in it does not hold: %s",
			                   done.from.ledger_problem);
		else if (done.from.damaged_count)
			status = error_set(
			    &c->err, ERR_STORE,
			    "%zu of its objects were damaged when the backup was made: `assay doctor` names them",
			    done.from.damaged_count);
	}
	free(place);
	arena_free(mem);
	return status;
}
