/* What changed between the version that is proposed and the champion: parameters, features, data, code. */
#include <stdlib.h>
#include <sys/wait.h>

#include "decision.h"

struct changing {
	struct store *store;
	const struct work_version *before, *after; /* champion, candidate: their runs are in the store */
	struct work_review *out;
	size_t cap;
	struct error *err;
};

static void add(struct changing *c, const char *kind, const char *name, const char *before, const char *after)
{
	struct work_review *r = c->out;
	struct work_change *grown = r->changes;
	if (r->change_count == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		grown = arena_array(r->mem, c->cap, sizeof *grown);
		if (r->change_count)
			memcpy(grown, r->changes, r->change_count * sizeof *grown);
	}
	r->changes = grown;
	r->changes[r->change_count++] =
	    (struct work_change){.kind = kind, .name = name, .before = before, .after = after};
}

/* Both lists are sorted by key: what only one has, and what differs. */
static int params(struct changing *c)
{
	struct store_pair *a, *b;
	size_t n, m, i = 0, k = 0;
	if (store_params(c->store, c->before->run, c->out->mem, &a, &n, c->err) != 0 ||
	    store_params(c->store, c->after->run, c->out->mem, &b, &m, c->err) != 0)
		return -1;
	while (i < n || k < m) {
		int order = i == n ? 1 : k == m ? -1 : strcmp(a[i].key, b[k].key);
		if (order < 0)
			add(c, "params", a[i].key, a[i].value, NULL);
		else if (order > 0)
			add(c, "params", b[k].key, NULL, b[k].value);
		else if (strcmp(a[i].value, b[k].value) != 0)
			add(c, "params", a[i].key, a[i].value, b[k].value);
		c->out->params_changed = c->out->change_count;
		i += order <= 0;
		k += order >= 0;
	}
	return 0;
}

static bool has_feature(const struct model_info *in, const char *name)
{
	for (size_t i = 0; i < in->feature_count; i++)
		if (strcmp(in->features[i].name, name) == 0)
			return true;
	return false;
}

/* Only models of our own recipes say what their features are. */
static void features(struct changing *c)
{
	struct model *models[2] = {0};
	struct model_info info[2];
	const struct work_version *of[2] = {c->before, c->after};
	int known = 0;
	for (int i = 0; i < 2; i++) {
		char digest[SHA256_TEXT];
		int64_t run;
		const char *ref = arena_printf(c->out->mem, "run:%s", of[i]->run_uuid);
		if (work_model(c->store, ref, &models[i], digest, &run, NULL) != 0)
			break;
		model_describe(models[i], &info[i]);
		known++;
	}
	for (int i = 0; known == 2 && i < 2; i++)
		for (size_t k = 0; k < info[i].feature_count; k++) {
			const char *name = info[i].features[k].name;
			if (has_feature(&info[1 - i], name))
				continue;
			name = arena_strdup(c->out->mem, name);
			add(c, "features", name, i ? NULL : name, i ? name : NULL);
			c->out->features_removed += i == 0;
			c->out->features_added += i == 1;
		}
	for (int i = 0; i < 2; i++)
		model_free(models[i]);
}

static const struct run_input *input_of(const struct run_input *in, size_t count, const char *role)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(in[i].role, role) == 0)
			return &in[i];
	return NULL;
}

static int64_t rows_of(struct changing *c, const struct run_input *in)
{
	struct dataset_row row;
	return in && in->dataset && store_dataset_get(c->store, in->dataset, c->out->mem, &row, NULL) == 0
	           ? (int64_t)row.rows
	           : 0;
}

static int data(struct changing *c)
{
	struct run_input *a, *b;
	size_t n, m;
	if (store_inputs(c->store, c->before->run, c->out->mem, &a, &n, c->err) != 0 ||
	    store_inputs(c->store, c->after->run, c->out->mem, &b, &m, c->err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct run_input *to = input_of(b, m, a[i].role);
		if (!to || strcmp(to->digest, a[i].digest) != 0 || strcmp(to->name, a[i].name) != 0)
			add(c, "data", a[i].role, a[i].name, to ? to->name : NULL);
	}
	for (size_t k = 0; k < m; k++)
		if (!input_of(a, n, b[k].role))
			add(c, "data", b[k].role, NULL, b[k].name);
	int64_t before = rows_of(c, input_of(a, n, "train")), after = rows_of(c, input_of(b, m, "train"));
	c->out->rows_more = before && after ? after - before : 0;
	return 0;
}

/* How many commits lie between, if git still knows both; -1: it does not. Nothing of the repository is run.
 */
static int64_t commits_between(const char *cwd, const char *from, const char *to)
{
	enum { GIT_MS = 2000 };
	char *range = xasprintf("%s..%s", from, to);
	const char *const argv[] = {"git",      "--no-optional-locks",
	                            "-c",       "core.fsmonitor=false",
	                            "-c",       "core.hooksPath=/dev/null",
	                            "rev-list", "--count",
	                            range,      "--",
	                            NULL};
	struct str out;
	int status;
	int64_t count = -1;
	str_init(&out);
	if (child_capture(argv, cwd, GIT_MS, 64, &out, NULL, &status, NULL) != 0 || status != 0 ||
	    !int_parse(out.data, strcspn(out.data, "\n"), &count))
		count = -1;
	str_release(&out);
	free(range);
	return count;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static int code(struct changing *c)
{
	struct run_row a, b;
	struct work_review *r = c->out;
	if (store_run_get(c->store, c->before->run, r->mem, &a, c->err) != 0 ||
	    store_run_get(c->store, c->after->run, r->mem, &b, c->err) != 0)
		return -1;
	if (!same_text(a.environment, b.environment))
		add(c, "environment", "environment", a.environment, b.environment);
	if (!a.code_commit || !b.code_commit)
		return 0;
	if (strcmp(a.code_commit, b.code_commit) == 0) {
		bool same = same_text(a.code_diff, b.code_diff);
		r->code = same ? "same" : "the same commit, other uncommitted changes";
		if (!same)
			add(c, "code", "diff", a.code_diff, b.code_diff);
		return 0;
	}
	add(c, "code", "commit", a.code_commit, b.code_commit);
	int64_t n = b.cwd && file_exists(b.cwd) ? commits_between(b.cwd, a.code_commit, b.code_commit) : -1;
	r->code =
	    n > 0 ? arena_printf(r->mem, "%lld commit%s", (long long)n, n == 1 ? "" : "s") : "another commit";
	return 0;
}

int changes_find(struct trust *t, struct work_review *out, struct error *err)
{
	struct changing c = {.store = work_trust_store(t),
	                     .before = &out->champion,
	                     .after = &out->version,
	                     .out = out,
	                     .err = err};
	out->code = "not known";
	if (!out->champion.model || !out->champion.run || !out->version.run)
		return 0;
	if (params(&c) != 0)
		return -1;
	features(&c);
	return data(&c) == 0 ? code(&c) : -1;
}
