/* Giving space back: files that nothing needs, edits that nobody takes back any more, pages that are not used. */
#include "named.h"
#include "work.h"

#define SIXTEEN_MIB (UINT64_C(16) << 20)

/* What a killed purge began with is in no list: nobody else would end it. */
static int end_purges(struct store *store, bool dry, struct arena *mem, struct work_compacted *out,
                      struct error *err)
{
	struct work_purge_plan plan = {.runs = NULL};
	struct work_purged done;
	if (store_purging(store, mem, &plan.runs, &plan.count, err) != 0)
		return -1;
	out->purged = (int64_t)plan.count;
	if (dry || !plan.count)
		return 0;
	int status = work_purge(store, &plan, NULL, NULL, &done, err);
	out->purged = done.rows.gone;
	return status;
}

static int whether_anew(struct store *store, const struct store_space *now, struct arena *mem,
                        struct work_compacted *out, struct error *err)
{
	int64_t *open;
	size_t count;
	char number[NUM_TEXT];
	out->anew = now->unused >= SIXTEEN_MIB || now->unused * 16 > now->database;
	struct error no_room;
	if (out->anew && store_vacuum_room(store, &no_room) != 0) {
		out->anew = false;
		out->not_anew = arena_strdup(mem, no_room.text);
	}
	if (!out->anew || now->database - now->unused <= WORK_ANEW_MOST)
		return 0;
	if (store_runs_open(store, mem, &open, &count, err) != 0)
		return -1;
	if (count) {
		out->anew = false;
		out->not_anew =
		    arena_printf(mem, "%s run%s not over: they would have to wait while the database is written anew",
		                 count_people((int64_t)count, number), count == 1 ? " is" : "s are");
	}
	return 0;
}

static void foretell(struct work_compacted *out)
{
	const struct store_space *b = &out->before;
	const struct store_swept *w = &out->swept;
	out->after = *b;
	out->after.database -= out->anew ? b->unused : 0;
	out->after.unused = out->anew ? 0 : b->unused;
	out->after.log = 0;
	out->after.objects -= w->bytes + w->copy_bytes;
	out->after.live -= w->folder_bytes;
	out->after.trimmable = 0;
}

int work_compact(struct store *store, bool dry, struct arena *mem, struct work_compacted *out,
                 struct error *err)
{
	const int64_t old = time_now_ms() - (int64_t)WORK_EDITS_DAYS * 86400000;
	struct store_space now;
	struct intern used;
	*out = (struct work_compacted){.purged = 0};
	intern_init(&used);
	int status = store_space(store, old, &out->before, err);
	now = out->before;
	if (status == 0)
		status = end_purges(store, dry, mem, out, err);
	if (status == 0)
		status = work_objects_used(store, &used, err);
	if (status == 0)
		status = store_sweep(store, &used, dry, &out->swept, err);
	intern_release(&used);
	out->edits = out->before.trimmable;
	if (status == 0 && !dry)
		status = store_edits_trim(store, old, &out->edits, err);
	if (status == 0 && !dry)
		status = store_space(store, old, &now, err);
	if (status == 0)
		status = whether_anew(store, &now, mem, out, err);
	if (status == 0 && dry)
		foretell(out);
	if (status != 0 || dry)
		return status;
	if (out->anew && store_vacuum(store, err) != 0)
		return -1;
	if (store_log_empty(store, &out->log_emptied, err) != 0)
		return -1;
	return store_space(store, old, &out->after, err);
}
