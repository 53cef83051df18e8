/* Models and their versions: listed and found. What stands where is told by the ledger alone. */
#include <stdlib.h>

#include "trust.h"

/* ---- one version ---- */

static const char *author(const struct ledger_version *v, const char *what)
{
	for (size_t i = 0; i < v->author_count; i++)
		if (!v->authors[i].is_principal && strncmp(v->authors[i].what, what, strlen(what)) == 0)
			return v->authors[i].user;
	return "";
}

static bool about(const struct ledger_version *v, const char *model, int64_t version)
{
	return v->version == version && strcmp(v->model, model) == 0;
}

/* In a stage now, or there until another took its place. */
static void find_stages(const struct ledger_state *s, const struct ledger_version *v, struct arena *mem,
                        struct work_version *out, bool *stopped)
{
	out->stages = arena_array(mem, s->stage_count + 1, sizeof *out->stages);
	*stopped = false;
	/* Highest first: in the policy's order they rise. */
	for (size_t i = s->policy.stage_count; i-- > 0;) {
		const struct ledger_stage *at = ledger_stage_find(s, v->model, s->policy.stages[i].name);
		if (!at || !about(v, at->model, at->version))
			continue;
		out->stages[out->stage_count++] = at->stage;
		*stopped = *stopped || at->halted;
	}
	/* Stages that the policy knows no more. */
	for (size_t i = 0; i < s->stage_count; i++)
		if (about(v, s->stages[i].model, s->stages[i].version) &&
		    !policy_stage_find(&s->policy, s->stages[i].stage)) {
			out->stages[out->stage_count++] = s->stages[i].stage;
			*stopped = *stopped || s->stages[i].halted;
		}
}

static bool is_approved(struct trust *t, const struct ledger_version *v, const struct ledger_proposal *p,
                        struct arena *mem)
{
	struct ledger_facts facts;
	struct ledger_judgement j;
	struct error unimportant;
	if (facts_as_registered(t, v, p->text->stage, mem, &facts, &unimportant) != 0)
		return false;
	ledger_judge(t->state, p, &facts, &j);
	bool yes = j.approved;
	ledger_judgement_release(&j);
	return yes;
}

static void find_standing(struct trust *t, const struct ledger_version *v, struct arena *mem,
                          struct work_version *out)
{
	const struct ledger_state *s = t->state;
	const struct ledger_proposal *newest = NULL;
	bool stopped;
	find_stages(s, v, mem, out, &stopped);
	for (size_t i = 0; i < s->proposal_count; i++)
		if (about(v, s->proposals[i].text->model, s->proposals[i].text->version))
			newest = &s->proposals[i];
	out->proposal = newest ? newest->row : 0;
	if (newest && newest->status == PROPOSAL_IN_REVIEW)
		out->standing = is_approved(t, v, newest, mem) ? "approved" : "in review";
	else if (out->stage_count)
		out->standing = stopped ? "stopped" : "promoted";
	else if (!newest || newest->status == PROPOSAL_WITHDRAWN)
		out->standing = "candidate";
	else if (newest->status == PROPOSAL_REJECTED)
		out->standing = "rejected";
	else
		out->standing = "superseded"; /* by a later proposal, or by the version that took its place */
}

static void find_manifest(struct trust *t, const struct ledger_version *v, struct arena *mem,
                          struct work_version *out)
{
	struct str text;
	struct error unimportant;
	str_init(&text);
	if (store_object_read(t->store, v->subject, &text, 0, &unimportant) != 0 ||
	    manifest_parse(text.data, text.len, mem, &out->files, &out->file_count, &unimportant) != 0)
		out->file_count = 0;
	for (size_t i = 0; i < out->file_count; i++)
		out->bytes += out->files[i].bytes;
	str_release(&text);
}

static int find_run(struct trust *t, const struct ledger_version *v, struct arena *mem,
                    struct work_version *out, struct error *err)
{
	struct run_row run;
	struct error why;
	memcpy(out->run_uuid, v->run, sizeof out->run_uuid);
	out->run_name = out->experiment = "";
	if (store_run_by_uuid(t->store, v->run, mem, &run, &why) == 0) {
		out->run = run.id;
		out->run_name = run.name;
		out->experiment = run.experiment;
	} else if (why.code != ERR_NO) {
		if (err)
			*err = why;
		return -1;
	}
	return 0;
}

/* What the store knows of all versions, read once for a list. */
struct said {
	struct store_model_version *versions;
	size_t version_count;
	struct store_alias *aliases;
	size_t alias_count;
};

static int read_said(struct trust *t, struct arena *mem, struct said *s, struct error *err)
{
	return store_model_versions(t->store, mem, &s->versions, &s->version_count, err) != 0 ||
	               store_aliases(t->store, mem, &s->aliases, &s->alias_count, err) != 0
	           ? -1
	           : 0;
}

static int describe(struct trust *t, const struct ledger_version *v, const struct said *said,
                    struct arena *mem, struct work_version *out, struct error *err)
{
	*out = (struct work_version){
	    .model = arena_strdup(mem, v->model),
	    .version = v->version,
	    .registered = v->at,
	    .row = v->row,
	    .launcher = arena_strdup(mem, author(v, "launched")),
	    .registrar = arena_strdup(mem, author(v, "registered")),
	    .description = "",
	};
	memcpy(out->subject, v->subject, sizeof out->subject);
	for (size_t i = 0; i < said->version_count; i++)
		if (about(v, said->versions[i].model, said->versions[i].version))
			out->description = said->versions[i].description;
	out->aliases = arena_array(mem, said->alias_count + 1, sizeof *out->aliases);
	for (size_t i = 0; i < said->alias_count; i++)
		if (about(v, said->aliases[i].model, said->aliases[i].version))
			out->aliases[out->alias_count++] = said->aliases[i].name;
	find_manifest(t, v, mem, out);
	find_standing(t, v, mem, out);
	/* The state may be made anew while this is held: its words are copied. */
	for (size_t i = 0; i < out->stage_count; i++)
		out->stages[i] = arena_strdup(mem, out->stages[i]);
	return find_run(t, v, mem, out, err);
}

int version_describe(struct trust *t, const struct ledger_version *v, struct arena *mem,
                     struct work_version *out, struct error *err)
{
	struct said said;
	return read_said(t, mem, &said, err) != 0 ? -1 : describe(t, v, &said, mem, out, err);
}

/* ---- lists ---- */

static int newest_first(const void *a, const void *b)
{
	const struct work_version *x = a, *y = b;
	return x->version < y->version ? 1 : x->version > y->version ? -1 : 0;
}

static int no_such_model(const struct ledger_state *s, const char *name, struct error *err)
{
	const char **names = xcalloc(s->version_count + 1, sizeof *names), *near;
	for (size_t i = 0; i < s->version_count; i++)
		names[i] = s->versions[i].model;
	near = name_nearest(name, names, s->version_count);
	error_set(err, ERR_NO, "there is no model %s%s%s%s", name, near ? "; did you mean " : "",
	          near ? near : "",
	          near               ? "?"
	          : s->version_count ? "; `assay models` lists them"
	                             : "; `assay register RUN NAME` makes one");
	free(names);
	return -1;
}

int work_versions(struct trust *t, const char *model, struct arena *mem, struct work_version **out,
                  size_t *count, struct error *err)
{
	const struct ledger_state *s = t->state;
	struct said said;
	size_t n = 0;
	if (read_said(t, mem, &said, err) != 0)
		return -1;
	*out = arena_array(mem, s->version_count + 1, sizeof **out);
	for (size_t i = 0; i < s->version_count; i++)
		if (strcmp(s->versions[i].model, model) == 0 &&
		    describe(t, &s->versions[i], &said, mem, &(*out)[n++], err) != 0)
			return -1;
	*count = n;
	if (n == 0)
		return no_such_model(s, model, err);
	qsort(*out, n, sizeof **out, newest_first);
	return 0;
}

static struct work_model_row *model_row(struct work_model_row *rows, size_t *count, const char *name,
                                        struct arena *mem)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	rows[*count] = (struct work_model_row){.name = arena_strdup(mem, name), .owner = "", .description = ""};
	return &rows[(*count)++];
}

static void model_stages(const struct ledger_state *s, struct work_model_row *row, struct arena *mem)
{
	row->stages = arena_array(mem, s->stage_count + 1, sizeof *row->stages);
	for (size_t i = s->policy.stage_count; i-- > 0;) {
		const struct ledger_stage *at = ledger_stage_find(s, row->name, s->policy.stages[i].name);
		if (at && at->version)
			row->stages[row->stage_count++] =
			    arena_printf(mem, "%s v%lld", at->stage, (long long)at->version);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct work_model_row *)a)->name, ((const struct work_model_row *)b)->name);
}

int work_models(struct trust *t, struct arena *mem, struct work_model_row **out, size_t *count,
                struct error *err)
{
	const struct ledger_state *s = t->state;
	struct store_model *said;
	size_t said_count, n = 0;
	if (store_models(t->store, mem, &said, &said_count, err) != 0)
		return -1;
	struct work_model_row *rows = arena_array(mem, s->version_count + 1, sizeof *rows);
	for (size_t i = 0; i < s->version_count; i++) {
		const struct ledger_version *v = &s->versions[i];
		struct work_model_row *row = model_row(rows, &n, v->model, mem);
		row->versions++;
		row->created = !row->created || v->at < row->created ? v->at : row->created;
		row->latest = v->version > row->latest ? v->version : row->latest;
	}
	for (size_t i = 0; i < s->proposal_count; i++)
		if (s->proposals[i].status == PROPOSAL_IN_REVIEW)
			for (size_t k = 0; k < n; k++)
				rows[k].waiting += strcmp(rows[k].name, s->proposals[i].text->model) == 0;
	for (size_t i = 0; i < n; i++) {
		model_stages(s, &rows[i], mem);
		for (size_t k = 0; k < said_count; k++)
			if (strcmp(said[k].name, rows[i].name) == 0) {
				rows[i].owner = said[k].owner;
				rows[i].description = said[k].description;
			}
	}
	qsort(rows, n, sizeof *rows, by_name);
	*out = rows;
	*count = n;
	return 0;
}

/* ---- finding ---- */

static int alias_version(struct trust *t, const char *model, const char *alias, struct arena *mem,
                         int64_t *version, struct error *err)
{
	struct store_alias *all;
	const char **names;
	size_t count, mine = 0;
	*version = 0;
	if (store_aliases(t->store, mem, &all, &count, err) != 0)
		return -1;
	const struct policy *policy = &t->state->policy;
	names = arena_array(mem, count + policy->stage_count + 1, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i].model, model) != 0)
			continue;
		names[mine++] = all[i].name;
		if (strcmp(all[i].name, alias) == 0)
			*version = all[i].version;
	}
	if (*version)
		return 0;
	for (size_t i = 0; i < policy->stage_count; i++)
		names[mine++] = policy->stages[i].name;
	const char *near = name_nearest(alias, names, mine);
	return error_set(err, ERR_NO, "%s has no version, stage or alias %s%s%s%s", model, alias,
	                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* What stands after the @ : a number, a stage or an alias. */
static int number_of(struct trust *t, const char *model, const char *which, struct arena *mem,
                     int64_t *version, struct error *err)
{
	if (int_parse(which, strlen(which), version))
		return 0;
	const struct ledger_stage *stage = ledger_stage_find(t->state, model, which);
	if (stage && stage->version) {
		*version = stage->version;
		return 0;
	}
	if (stage || policy_stage_find(&t->state->policy, which))
		return error_set(err, ERR_NO, "no version of %s is in %s", model, which);
	return alias_version(t, model, which, mem, version, err);
}

int work_version_find(struct trust *t, const char *ref, struct arena *mem, struct work_version *out,
                      struct error *err)
{
	const struct ledger_state *s = t->state;
	if (strncmp(ref, "model:", 6) == 0)
		ref += 6;
	const char *at = strrchr(ref, '@');
	char *model = arena_memdup0(mem, ref, at ? (size_t)(at - ref) : strlen(ref));
	int64_t version = 0, latest = 0;
	for (size_t i = 0; i < s->version_count; i++)
		if (strcmp(s->versions[i].model, model) == 0 && s->versions[i].version > latest)
			latest = s->versions[i].version;
	if (!latest)
		return no_such_model(s, model, err);
	if (at && number_of(t, model, at + 1, mem, &version, err) != 0)
		return -1;
	const struct ledger_version *v = ledger_version_find(s, model, at ? version : latest);
	if (!v)
		return error_set(err, ERR_NO, "%s has no version %lld (the newest is %lld)", model,
		                 (long long)version, (long long)latest);
	return version_describe(t, v, mem, out, err);
}
