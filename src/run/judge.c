/* judge: runs that no supervisor has, because clients of a tracking server made them, are flagged by the same rules. */
#include <stdlib.h>

#include "assay/store_capture.h"
#include "flags.h"

struct run_judge {
	struct watch_settings set;
	struct judged {
		int64_t run;
		struct flags flags;
	} * runs;
	size_t count, cap;
};

struct run_judge *run_judge_new(const char *store_dir, struct error *err)
{
	struct run_judge *j = xcalloc(1, sizeof *j);

	if (watch_settings_read(store_dir, &j->set, err) < 0) {
		free(j);
		return NULL;
	}
	return j;
}

void run_judge_free(struct run_judge *j)
{
	if (j)
		free(j->runs);
	free(j);
}

static struct judged *find(struct run_judge *j, int64_t run)
{
	for (size_t i = 0; i < j->count; i++)
		if (j->runs[i].run == run)
			return &j->runs[i];
	return NULL;
}

static struct judged *take_up(struct run_judge *j, struct store *store, int64_t run)
{
	struct arena *mem = arena_new();
	struct judged *r = NULL;
	struct run_row row;

	if (store_run_get(store, run, mem, &row, NULL) == 0) {
		j->runs = vec_reserve(j->runs, &j->cap, j->count + 1, sizeof *j->runs);
		r = &j->runs[j->count++];
		r->run = run;
		flags_begin(&r->flags, &j->set);
		r->flags.told = true;
		/* Whoever judged it before has left this. */
		snprintf(r->flags.shown, sizeof r->flags.shown, "%s", row.flag);
	}
	arena_free(mem);
	return r;
}

void run_judge_look(void *judge, struct store *store, int64_t run, int64_t heard, bool over)
{
	struct run_judge *j = judge;
	struct judged *r = find(j, run);

	if (over) {
		flags_settle(store, run, &j->set, true, NULL);
		if (r)
			*r = j->runs[--j->count];
		return;
	}
	if (!r)
		r = take_up(j, store, run);
	if (!r)
		return;
	if (heard > r->flags.quiet.last)
		quiet_heard(&r->flags.quiet, heard);
	flags_look(&r->flags, store, run, 0);
}
