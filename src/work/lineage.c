/* Where a version comes from and where it went: data, run, version, stages. */
#include "trust.h"

struct build {
	struct arena *mem;
	struct work_lineage *rows;
	size_t count, cap;
};

static void add(struct build *b, int depth, const char *kind, const char *name, const char *digest,
                const char *note)
{
	b->rows = vec_reserve(b->rows, &b->cap, b->count + 1, sizeof *b->rows);
	b->rows[b->count++] = (struct work_lineage){
	    .kind = kind, .name = name, .digest = arena_strdup(b->mem, digest), .note = note, .depth = depth};
}

static int add_run(struct trust *t, const struct work_version *v, struct build *b, struct error *err)
{
	struct run_row run;
	struct run_input *inputs;
	size_t count;
	char at[TIME_TEXT];
	if (!v->run) {
		add(b, 1, "run", arena_strdup(b->mem, v->run_uuid), "", "is not in the store any more");
		return 0;
	}
	if (store_run_get(t->store, v->run, b->mem, &run, err) != 0 ||
	    store_inputs(t->store, v->run, b->mem, &inputs, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		add(b, 0, "data", inputs[i].name, inputs[i].digest, inputs[i].role);
	const char *code = run.code_commit ? arena_printf(b->mem, ", code %.12s%s", run.code_commit,
	                                                  run.code_diff ? " with changes" : "")
	                                   : "";
	add(b, 1, "run", run.name, run.uuid,
	    arena_printf(b->mem, "by %s@%s, %s%s", run.user, run.host, time_local(run.ended, at), code));
	return 0;
}

int work_lineage(struct trust *t, const struct work_version *v, struct arena *mem, struct work_lineage **out,
                 size_t *count, struct error *err)
{
	struct build b = {.mem = mem};
	char at[TIME_TEXT];
	int status = add_run(t, v, &b, err);
	if (status == 0) {
		add(&b, 2, "version", arena_printf(mem, "%s@%lld", v->model, (long long)v->version), v->subject,
		    arena_printf(mem, "registered %s by %s", time_local(v->registered, at), v->registrar));
		for (size_t i = 0; i < t->state->stage_count; i++) {
			const struct ledger_stage *s = &t->state->stages[i];
			if (strcmp(s->model, v->model) != 0)
				continue;
			if (s->version == v->version)
				add(&b, 3, "stage", arena_strdup(mem, s->stage), s->subject,
				    arena_printf(mem, "since %s%s", time_local(s->since, at), s->halted ? ", stopped" : ""));
			else if (s->previous == v->version)
				add(&b, 3, "stage", arena_strdup(mem, s->stage), "",
				    arena_printf(mem, "until %s, then version %lld", time_local(s->since, at),
				                 (long long)s->version));
		}
		*out = arena_array(mem, b.count + 1, sizeof **out);
		if (b.count)
			memcpy(*out, b.rows, b.count * sizeof **out);
		*count = b.count;
	}
	free(b.rows);
	return status;
}
