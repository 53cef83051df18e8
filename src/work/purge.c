/* Removed runs go for good: what it would take, which cannot, and doing it. */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "named.h"
#include "work.h"

enum { WHO = WORK_PERSON + 256, HOLD_MS = 100, PAUSE_MS = 15 };

/* ---- what runs weigh ---- */

/* Files of the objects that these runs name and nothing else does. */
static int alone(struct store *store, const int64_t *runs, size_t count, struct intern *out,
                 struct error *err)
{
	struct intern theirs, others;
	intern_init(&theirs);
	intern_init(&others);
	int status = store_objects_of(store, runs, count, &theirs, err);
	if (status == 0 && theirs.count)
		status = named_objects(store, runs, count, &theirs, &others, err);
	for (uint32_t i = 0; i < theirs.count && status == 0; i++) {
		const char *digest = intern_text(&theirs, i);
		if (intern_find(&others, digest, SHA256_TEXT - 1) == INTERN_NONE)
			intern_add(out, digest, SHA256_TEXT - 1);
	}
	intern_release(&theirs);
	intern_release(&others);
	return status;
}

static int weigh(struct store *store, const int64_t *runs, size_t count, struct work_weight *out,
                 struct error *err)
{
	struct intern objects;
	intern_init(&objects);
	int status = store_runs_weigh(store, runs, count, &out->rows, err);
	if (status == 0)
		status = alone(store, runs, count, &objects, err);
	for (uint32_t i = 0; i < objects.count && status == 0; i++) {
		struct stat st;
		char *path = store_object_path(store, intern_text(&objects, i));
		if (lstat(path, &st) == 0) {
			out->objects++;
			out->object_bytes += (uint64_t)st.st_size;
		}
		free(path);
	}
	intern_release(&objects);
	return status;
}

int work_weigh(struct store *store, const struct work_which *which, struct work_weight *out,
               struct error *err)
{
	struct arena *mem = arena_new();
	const struct runs_query query = {.filter = which->filter};
	int64_t *ids = NULL;
	size_t count = which->count, over = 0;
	int status = 0;
	*out = (struct work_weight){.runs = 0};
	if (which->filter) {
		status = store_runs_ids(store, &query, INT32_MAX, mem, &ids, &count, err);
	} else {
		ids = arena_array(mem, count + 1, sizeof *ids);
		if (count)
			memcpy(ids, which->ids, count * sizeof *ids);
	}
	int64_t *open = NULL;
	size_t open_count = 0;
	if (status == 0)
		status = store_runs_open(store, mem, &open, &open_count, err);
	for (size_t i = 0; i < count && status == 0; i++) {
		bool is_open = false;
		for (size_t k = 0; k < open_count && !is_open; k++)
			is_open = open[k] == ids[i];
		if (!is_open)
			ids[over++] = ids[i];
	}
	out->runs = (int64_t)count;
	out->over = (int64_t)over;
	if (status == 0)
		status = weigh(store, ids, over, out, err);
	arena_free(mem);
	return status;
}

void work_weight_text(const struct work_weight *w, struct str *out)
{
	char runs[NUM_TEXT], rows[NUM_TEXT], objects[NUM_TEXT], bytes[NUM_TEXT];
	str_addf(out, "%s run%s: about %s in the database", count_people(w->over, runs), w->over == 1 ? "" : "s",
	         bytes_people(w->rows.bytes, rows));
	if (w->rows.sampled)
		str_addf(out, " (reckoned from %d of them)", STORE_WEIGH_ALL);
	if (w->objects)
		str_addf(out, ", and %s file%s of %s that nothing else needs", count_people(w->objects, objects),
		         w->objects == 1 ? "" : "s", bytes_people(w->object_bytes, bytes));
}

/* ---- planning ---- */

/* The removed ones among those that are meant. */
static int meant(struct store *store, const struct work_which *which, int64_t before, struct arena *mem,
                 int64_t **ids, size_t *count, struct error *err)
{
	struct runs_query query = {.filter = "removed"};
	char at[TIME_TEXT];
	size_t wrong;
	if (which->ids) {
		*ids = arena_array(mem, which->count + 1, sizeof **ids);
		*count = 0;
		for (size_t i = 0; i < which->count; i++) {
			struct run_row run;
			if (store_run_get(store, which->ids[i], mem, &run, err) != 0)
				return -1;
			if (!run.removed)
				return error_set(err, ERR_NO, "%s (%s) is not removed: `assay rm %s` removes it first",
				                 run.name, run.uuid + 24, run.uuid + 24);
			if (run.removed > 0 && (!before || run.removed < before))
				(*ids)[(*count)++] = run.id;
		}
		return 0;
	}
	/* By itself first: what is added must not change what it means. */
	if (which->filter && store_filter_check(which->filter, &wrong, err) != 0)
		return -1;
	if (before)
		query.filter = arena_printf(mem, "removed < '%s'", time_rfc3339(before, at));
	if (which->filter && which->filter[strspn(which->filter, " \t\r\n")])
		query.filter = arena_printf(mem, "(%s) and %s", which->filter, query.filter);
	return store_runs_ids(store, &query, INT32_MAX, mem, ids, count, err);
}

/* Why a run cannot go; NULL: it can. */
static int why_kept(struct store *store, const struct named *ledger, const struct run_row *run,
                    struct arena *mem, const char **why, struct error *err)
{
	struct intern objects;
	const char *version;
	*why = NULL;
	if (store_registered_as(store, run->uuid, mem, &version, err) != 0)
		return -1;
	if (version) {
		*why = arena_printf(mem, "registered as %s", version);
		return 0;
	}
	if (!ledger->runs.count && !ledger->digests.count)
		return 0;
	uint32_t at = intern_find(&ledger->runs, run->uuid, ID_TEXT - 1);
	if (at != INTERN_NONE) {
		*why = arena_printf(mem, "row %lld of the ledger names it", (long long)ledger->rows[at]);
		return 0;
	}
	intern_init(&objects);
	int status = store_evidence_of(store, run->id, &objects, err);
	for (uint32_t i = 0; i < objects.count && status == 0 && !*why; i++) {
		at = intern_find(&ledger->digests, intern_text(&objects, i), SHA256_TEXT - 1);
		if (at != INTERN_NONE)
			*why = arena_printf(mem, "row %lld of the ledger relies on evidence of it",
			                    (long long)ledger->digest_rows[at]);
	}
	intern_release(&objects);
	return status;
}

/* Moves those that can go to the front; their number in *may. */
static int sift(struct store *store, int64_t *ids, size_t count, struct arena *mem, size_t *may,
                struct work_purge_plan *out, struct error *err)
{
	struct named ledger;
	named_init(&ledger);
	int status = named_by_ledger(store, &ledger, err);
	*may = 0;
	if (out)
		out->kept = arena_array(mem, WORK_KEPT, sizeof *out->kept);
	for (size_t i = 0; i < count && status == 0; i++) {
		struct arena *scratch = arena_new();
		struct run_row run;
		const char *why = NULL;
		struct error gone;
		/* One that another purge was quicker with. */
		if (store_run_get(store, ids[i], scratch, &run, &gone) != 0) {
			if (gone.code != ERR_NO && err)
				*err = gone;
			status = gone.code == ERR_NO ? 0 : -1;
			arena_free(scratch);
			continue;
		}
		status = why_kept(store, &ledger, &run, scratch, &why, err);
		if (status == 0 && !why)
			ids[(*may)++] = ids[i];
		else if (status == 0 && out && out->kept_count++ < WORK_KEPT)
			out->kept[out->kept_count - 1] = (struct work_kept){
			    arena_strdup(mem, run.uuid), arena_strdup(mem, run.name), arena_strdup(mem, why)};
		arena_free(scratch);
	}
	named_release(&ledger);
	return status;
}

int work_purge_plan(struct store *store, const struct work_which *which, int64_t removed_before,
                    struct arena *mem, struct work_purge_plan *out, struct error *err)
{
	int64_t *ids, *begun;
	size_t count, begun_count;
	*out = (struct work_purge_plan){.runs = NULL};
	if (meant(store, which, removed_before, mem, &ids, &count, err) != 0 ||
	    sift(store, ids, count, mem, &out->count, out, err) != 0 ||
	    store_purging(store, mem, &begun, &begun_count, err) != 0)
		return -1;
	out->runs = arena_array(mem, out->count + begun_count + 1, sizeof *out->runs);
	if (out->count)
		memcpy(out->runs, ids, out->count * sizeof *ids);
	if (begun_count)
		memcpy(out->runs + out->count, begun, begun_count * sizeof *begun);
	out->count += begun_count;
	out->weight.runs = (int64_t)(count + begun_count);
	out->weight.over = (int64_t)out->count;
	return weigh(store, out->runs, out->count, &out->weight, err);
}

/* ---- doing it ---- */

static void pause_for_others(void)
{
	const struct timespec wait = {0, PAUSE_MS * 1000000L};
	nanosleep(&wait, NULL);
}

/* Those of `theirs` that nothing names any more. */
static int drop_objects(struct store *store, const struct intern *theirs, struct work_purged *out,
                        struct error *err)
{
	struct intern used;
	intern_init(&used);
	int status = theirs->count ? named_objects(store, NULL, 0, theirs, &used, err) : 0;
	for (uint32_t i = 0; i < theirs->count && status == 0; i++) {
		const char *digest = intern_text(theirs, i);
		uint64_t bytes;
		bool young;
		if (intern_find(&used, digest, SHA256_TEXT - 1) != INTERN_NONE)
			continue;
		status = store_object_remove(store, digest, false, &bytes, &young, err);
		out->young += status == 0 && young;
		out->objects += status == 0 && bytes > 0;
		out->object_bytes += status == 0 ? bytes : 0;
	}
	intern_release(&used);
	return status;
}

int work_purge(struct store *store, const struct work_purge_plan *plan, work_part_fn *part, void *user,
               struct work_purged *out, struct error *err)
{
	struct arena *mem = arena_new();
	int64_t *runs = arena_array(mem, plan->count + 1, sizeof *runs);
	size_t count;
	struct intern theirs;
	char who[WHO];
	*out = (struct work_purged){.objects = 0};
	work_user(who, sizeof who);
	intern_init(&theirs);
	if (plan->count)
		memcpy(runs, plan->runs, plan->count * sizeof *runs);
	int status = sift(store, runs, plan->count, mem, &count, NULL, err);
	if (status == 0)
		status = store_objects_of(store, runs, count, &theirs, err);
	while (status == 0 && out->rows.next < count) {
		status = store_purge_some(store, who, runs, count, HOLD_MS, &out->rows, err);
		if (part && count)
			part(user, (double)out->rows.next / (double)count);
		if (status == 0 && out->rows.next < count)
			pause_for_others();
	}
	out->rows.left += (int64_t)(plan->count - count);
	if (status == 0)
		status = drop_objects(store, &theirs, out, err);
	intern_release(&theirs);
	arena_free(mem);
	return status;
}
