/*
 * Registering a version.
 *
 * The row in the ledger is the version; what assay.db says of it can be made again from there. The number is
 * chosen and the row appended while the store's write lock is held, so that two who register at once get two
 * numbers. A crash between the append and the store's commit leaves a version that is registered (the next
 * write of the registry notes it); a crash before it leaves none. In neither case is the number given to
 * another: the next one lies above everything that the ledger and the store have ever had.
 */
#include <stdlib.h>

#include "trust.h"

/* ---- rows of the program's own ---- */

int record_append(struct trust *t, struct ledger_text *text, int64_t *seq, struct error *err)
{
	struct str body;
	bool known;
	if (!t->ledger)
		return error_set(err, ERR_STORE,
		                 "the store %s has no ledger and cannot be written: only reading works",
		                 store_path(t->store));
	snprintf(text->store, sizeof text->store, "%s", store_id(t->store));
	text->program = ASSAY_VERSION;
	text->claimed_time = time_now_ms();
	id_make(text->request);
	str_init(&body);
	int status = ledger_text_write(text, &body, err);
	if (status == 0)
		status = ledger_append(t->ledger, body.data, body.len, "", 0, seq, &known, err);
	str_release(&body);
	return status;
}

/* ---- what is registered ---- */

struct registering {
	struct trust *t;
	const struct work_register *asked;
	struct arena *mem;
	struct run_row run;
	char launcher[2 * WORK_PERSON + 256], registrar[WORK_PERSON + 256];
	struct manifest_file *files;
	size_t file_count;
	struct ledger_data *data;
	size_t data_count;
	char subject[SHA256_TEXT], seal[SHA256_TEXT];
	struct error *err;
};

/* The run's files that make up the model: kept by digest when they were made, not looked up on the disk now.
 */
static int find_files(struct registering *r)
{
	struct run_artifact *all;
	size_t count, named = 0;
	bool model = false;
	if (store_artifacts(r->t->store, r->run.id, r->mem, &all, &count, r->err) != 0)
		return -1;
	r->files = arena_array(r->mem, count + 1, sizeof *r->files);
	for (size_t i = 0; i < count; i++) {
		bool main = strcmp(all[i].kind, "model") == 0;
		if (!main && strcmp(all[i].kind, "model-file") != 0)
			continue;
		if (!all[i].digest[0]) {
			named++;
			continue;
		}
		struct manifest_file *f = &r->files[r->file_count++];
		memcpy(f->digest, all[i].digest, sizeof f->digest);
		f->bytes = (int64_t)all[i].bytes;
		f->path = all[i].name;
		model = model || main;
	}
	if (model && !named)
		return 0;
	if (named)
		return error_set(
		    r->err, ERR_NO,
		    "the run %s only named its model: its bytes were not kept while it ran, and a file "
		    "that lies there now need not be the one that it made; models that `assay train` makes "
		    "are kept",
		    r->run.name);
	return error_set(r->err, ERR_NO, "the run %s has no model to register", r->run.name);
}

static int find_data(struct registering *r)
{
	struct run_input *inputs;
	size_t count;
	if (store_inputs(r->t->store, r->run.id, r->mem, &inputs, &count, r->err) != 0)
		return -1;
	r->data = arena_array(r->mem, count + 1, sizeof *r->data);
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i].digest[0])
			continue;
		struct ledger_data *d = &r->data[r->data_count++];
		d->role = inputs[i].role;
		d->name = inputs[i].name;
		memcpy(d->digest, inputs[i].digest, sizeof d->digest);
	}
	return 0;
}

/* The files by digest, as they are now in objects/, and the manifest itself there too. */
static int keep_manifest(struct registering *r)
{
	struct str text;
	const char *problem = NULL;
	str_init(&text);
	manifest_write(r->files, r->file_count, &text);
	int status = store_object_put(r->t->store, text.data, text.len, r->subject, r->err);
	if (status == 0)
		status = manifest_check(r->t->store, r->subject, r->mem, NULL, NULL, &problem, r->err);
	if (status == 0 && problem)
		status =
		    error_set(r->err, ERR_TAMPER, "the model of %s cannot be registered: %s", r->run.name, problem);
	str_release(&text);
	return status;
}

static int gather(struct registering *r)
{
	int64_t id;
	struct store *store = r->t->store;
	if (store_run_find(store, r->asked->run, &id, r->err) != 0 ||
	    store_run_get(store, id, r->mem, &r->run, r->err) != 0)
		return -1;
	if (r->run.status != RUN_DONE)
		return error_set(r->err, ERR_NO,
		                 "the run %s is %s: only the model of a run that is done can be registered",
		                 r->run.name, store_status_name(r->run.status));
	if (r->run.removed)
		return error_set(r->err, ERR_NO, "the run %s was removed: `assay restore %s` brings it back first",
		                 r->run.name, r->run.uuid + 24);
	snprintf(r->launcher, sizeof r->launcher, "%s@%s", r->run.user, r->run.host);
	if (!text_is_plain(r->launcher, strlen(r->launcher)))
		return error_set(r->err, ERR_TAMPER,
		                 "the run %s says that it was launched by %s, which is no login: its model is not "
		                 "registered",
		                 r->run.name, r->launcher);
	work_user(r->registrar, sizeof r->registrar);
	return find_files(r) != 0 || find_data(r) != 0 || keep_manifest(r) != 0 ||
	               work_run_seal(store, id, r->seal, r->err) != 0
	           ? -1
	           : 0;
}

/* ---- the rows ---- */

/* Who made it, as an object: keys sorted, no white space. */
static int keep_people(struct store *store, const struct ledger_version *v, const char *launcher,
                       const char *registrar, const char *const *editors, size_t editor_count,
                       char hex[SHA256_TEXT], struct error *err)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_array(&j, "editors");
	for (size_t i = 0; i < editor_count; i++)
		jw_string(&j, NULL, editors[i]);
	jw_array_end(&j);
	jw_string(&j, "kind", "registration");
	jw_string(&j, "launcher", launcher);
	jw_string(&j, "model", v->model);
	jw_string(&j, "registrar", registrar);
	jw_string(&j, "run", v->run);
	jw_int(&j, "version", v->version);
	jw_object_end(&j);
	int status = store_object_put(store, json.data, json.len, hex, err);
	str_release(&json);
	return status;
}

static int append_registration(struct trust *t, const struct ledger_version *v, const char *people,
                               struct ledger_data *data, size_t data_count, int64_t *seq, struct error *err)
{
	struct ledger_evidence evidence = {.kind = "registration"};
	struct ledger_seal seal = {0};
	struct ledger_text text = {
	    .kind = LEDGER_REGISTRATION,
	    .model = v->model,
	    .version = v->version,
	    .data = data,
	    .data_count = data_count,
	    .evidence = &evidence,
	    .evidence_count = 1,
	    .seals = &seal,
	    .seal_count = v->run_seal[0] ? 1 : 0,
	};
	memcpy(text.subject, v->subject, sizeof text.subject);
	memcpy(evidence.digest, people, sizeof evidence.digest);
	memcpy(seal.run, v->run, sizeof seal.run);
	memcpy(seal.digest, v->run_seal, sizeof seal.digest);
	return record_append(t, &text, seq, err);
}

static int append_seal(struct registering *r, int64_t *seq)
{
	struct ledger_seal seal;
	struct ledger_text text = {.kind = LEDGER_RUN_SEALS, .seals = &seal, .seal_count = 1};
	memcpy(seal.run, r->run.uuid, sizeof seal.run);
	memcpy(seal.digest, r->seal, sizeof seal.digest);
	return record_append(r->t, &text, seq, r->err);
}

/* ---- the cache ---- */

static int cache_version(struct store *store, const struct ledger_version *v, struct error *err)
{
	struct store_model_version row = {
	    .model = v->model, .version = v->version, .seq = v->row, .registered = v->at, .description = ""};
	memcpy(row.subject, v->subject, sizeof row.subject);
	memcpy(row.run, v->run, sizeof row.run);
	return store_model_version_add(store, &row, err);
}

static int by_model_and_version(const void *a, const void *b)
{
	const struct store_model_version *x = a, *y = b;
	int order = strcmp(x->model, y->model);
	return order ? order : (x->version > y->version) - (x->version < y->version);
}

/* Notes what the ledger has and the store has not: after a crash, or in a store that was restored. */
static int catch_up(struct trust *t, struct arena *mem, struct error *err)
{
	struct store_model_version *rows;
	size_t count;
	const struct ledger_state *s = t->state;
	if (store_model_versions(t->store, mem, &rows, &count, err) != 0)
		return -1;
	qsort(rows, count, sizeof *rows, by_model_and_version);
	for (size_t i = 0; i < s->version_count; i++) {
		const struct ledger_version *v = &s->versions[i];
		const struct store_model_version want = {.model = v->model, .version = v->version},
		                                 *row =
		                                     bsearch(&want, rows, count, sizeof *rows, by_model_and_version);
		bool same = row && strcmp(row->subject, v->subject) == 0 && strcmp(row->run, v->run) == 0;
		if (!same && cache_version(t->store, v, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the act ---- */

static const struct ledger_version *known_version(const struct registering *r)
{
	const struct ledger_state *s = r->t->state;
	for (size_t i = 0; i < s->version_count; i++) {
		const struct ledger_version *v = &s->versions[i];
		if (strcmp(v->model, r->asked->name) == 0 && strcmp(v->run, r->run.uuid) == 0 &&
		    strcmp(v->subject, r->subject) == 0)
			return v;
	}
	return NULL;
}

static int next_number(const struct registering *r, int64_t *version)
{
	const struct ledger_state *s = r->t->state;
	if (store_model_next(r->t->store, r->asked->name, version, r->err) != 0)
		return -1;
	for (size_t i = 0; i < s->version_count; i++)
		if (strcmp(s->versions[i].model, r->asked->name) == 0 && s->versions[i].version >= *version)
			*version = s->versions[i].version + 1;
	return 0;
}

/* What people say of it; what was said before stays. */
static int describe(struct registering *r, int64_t version)
{
	struct store *store = r->t->store;
	struct store_model *models;
	struct store_model_version *rows;
	size_t count;
	if (r->asked->owner) {
		if (store_models(store, r->mem, &models, &count, r->err) != 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (strcmp(models[i].name, r->asked->name) == 0 && !models[i].owner[0] &&
			    store_model_set(store, models[i].name, r->asked->owner, NULL, r->err) != 0)
				return -1;
	}
	if (r->asked->description) {
		if (store_model_versions(store, r->mem, &rows, &count, r->err) != 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (strcmp(rows[i].model, r->asked->name) == 0 && rows[i].version == version &&
			    !rows[i].description[0] &&
			    store_model_version_set(store, rows[i].model, version, r->asked->description, r->err) != 0)
				return -1;
	}
	return 0;
}

/* Inside the store's transaction: the number, the rows of the ledger, the cache. *row is the registration. */
static int add_version(struct registering *r, int64_t *row)
{
	char people[SHA256_TEXT];
	struct ledger_version v = {.model = r->asked->name, .at = time_now_ms()};
	int64_t sealed;
	memcpy(v.subject, r->subject, sizeof v.subject);
	memcpy(v.run, r->run.uuid, sizeof v.run);
	memcpy(v.run_seal, r->seal, sizeof v.run_seal);
	if (next_number(r, &v.version) != 0 ||
	    keep_people(r->t->store, &v, r->launcher, r->registrar, NULL, 0, people, r->err) != 0 ||
	    append_seal(r, &sealed) != 0 ||
	    append_registration(r->t, &v, people, r->data, r->data_count, row, r->err) != 0)
		return -1;
	v.row = *row;
	if (cache_version(r->t->store, &v, r->err) != 0 || describe(r, v.version) != 0 ||
	    store_run_seal_set(r->t->store, r->run.id, r->seal, r->err) != 0)
		return error_prefix(
		    r->err,
		    "%s@%lld is registered (row %lld of the ledger), but the store does not show it yet: "
		    "do it again",
		    v.model, (long long)v.version, (long long)*row);
	return 0;
}

int work_register(struct trust *t, const struct work_register *asked, struct work_version *out, bool *known,
                  struct arena *mem, struct error *err)
{
	struct registering r = {.t = t, .asked = asked, .mem = mem, .err = err};
	const struct ledger_version *v = NULL;
	int64_t row = 0;
	*known = false;
	if (check_name("a model's name", asked->name, err) != 0)
		return -1;
	if (asked->owner && !roster_find(&t->state->roster, asked->owner) && t->state->roster.count)
		return error_set(err, ERR_NO, "the owner %s is not in the roster", asked->owner);
	if (gather(&r) != 0 || store_begin(t->store, STORE_DURABLE, err) != 0)
		return -1;
	/* Under the lock: whoever registered before this one is seen. */
	int status = work_trust_refresh(t, NULL, err);
	if (status == 0)
		status = catch_up(t, mem, err);
	if (status == 0) {
		v = known_version(&r);
		*known = v != NULL;
		status = v ? describe(&r, v->version) : add_version(&r, &row);
	}
	if (store_end(t->store, status == 0, status == 0 ? err : NULL) != 0 || status != 0)
		return -1;
	if (work_trust_refresh(t, NULL, err) != 0)
		return -1;
	v = known_version(&r);
	if (!v)
		return error_set(err, ERR_TAMPER, "the ledger does not take row %lld for a registration",
		                 (long long)row);
	return version_describe(t, v, mem, out, err);
}

/* ---- editing ---- */

static bool began(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Whoever changes what is said of a version becomes one of its authors: a further registration row says so.
 */
static int append_editor(struct trust *t, const struct ledger_version *v, struct error *err)
{
	char me[WORK_PERSON + 256], people[SHA256_TEXT];
	const char *launcher = NULL, *registrar = NULL, **editors = xcalloc(v->author_count + 1, sizeof *editors);
	size_t count = 0;
	int64_t row;
	bool there = false;
	work_user(me, sizeof me);
	for (size_t i = 0; i < v->author_count; i++) {
		const struct ledger_author *a = &v->authors[i];
		if (a->is_principal)
			continue;
		if (began(a->what, "launched"))
			launcher = a->user;
		else if (began(a->what, "registered"))
			registrar = a->user;
		else if (began(a->what, "edited"))
			editors[count++] = a->user;
		there = there || (began(a->what, "edited") && strcmp(a->user, me) == 0);
	}
	int status = 0;
	if (!there) {
		editors[count++] = me;
		status = keep_people(t->store, v, launcher, registrar, editors, count, people, err);
		if (status == 0)
			status = append_registration(t, v, people, NULL, 0, &row, err);
	}
	free(editors);
	return status;
}

static int edit_version(struct trust *t, const struct work_version *v, const char *description,
                        struct arena *mem, struct error *err)
{
	char who[WORK_PERSON];
	char *what = arena_printf(mem, "%s@%lld", v->model, (long long)v->version);
	const struct ledger_version *lv = ledger_version_find(t->state, v->model, v->version);
	if (!lv)
		bug("a version that the ledger does not have");
	return catch_up(t, mem, err) != 0 || append_editor(t, lv, err) != 0 ||
	               store_model_version_set(t->store, v->model, v->version, description, err) != 0 ||
	               store_activity_add(t->store, work_person(who), "edited", what, err) != 0
	           ? -1
	           : 0;
}

static int edit_model(struct trust *t, const char *name, const char *description, const char *owner,
                      struct arena *mem, struct error *err)
{
	char who[WORK_PERSON];
	return catch_up(t, mem, err) != 0 || store_model_set(t->store, name, owner, description, err) != 0 ||
	               store_activity_add(t->store, work_person(who), "edited", name, err) != 0
	           ? -1
	           : 0;
}

int work_model_edit(struct trust *t, const char *ref, const char *description, const char *owner,
                    struct error *err)
{
	struct arena *mem = arena_new();
	struct work_version v;
	bool of_version = strchr(ref, '@') != NULL, open = false;
	int status = -1;
	if (owner && of_version) {
		error_set(err, ERR_USAGE, "the owner is the model's, not the version's: name %.*s",
		          (int)strcspn(ref, "@"), ref);
		goto out;
	}
	if (owner && *owner && t->state->roster.count && !roster_find(&t->state->roster, owner)) {
		error_set(err, ERR_NO, "the owner %s is not in the roster", owner);
		goto out;
	}
	if (store_begin(t->store, STORE_DURABLE, err) != 0)
		goto out;
	open = true;
	if (work_trust_refresh(t, NULL, err) != 0 || work_version_find(t, ref, mem, &v, err) != 0)
		goto out;
	status = of_version ? edit_version(t, &v, description, mem, err)
	                    : edit_model(t, v.model, description, owner, mem, err);
out:
	if (open && store_end(t->store, status == 0, status == 0 ? err : NULL) != 0)
		status = -1;
	if (status == 0)
		status = work_trust_refresh(t, NULL, err);
	arena_free(mem);
	return status;
}

/* ---- aliases ---- */

static int check_alias(const struct ledger_state *s, const char *alias, struct error *err)
{
	if (check_name("an alias", alias, err) != 0)
		return -1;
	if (alias[strspn(alias, "0123456789")] == 0)
		return error_set(err, ERR_USAGE, "an alias is no number: %s", alias);
	if (policy_stage_find(&s->policy, alias) || strcmp(alias, "none") == 0 || strcmp(alias, "archived") == 0)
		return error_set(err, ERR_USAGE,
		                 "%s is a stage: a version gets there by a signed promotion, not by an alias", alias);
	return 0;
}

int work_alias(struct trust *t, const char *ref, const char *alias, bool take_away, struct error *err)
{
	struct arena *mem = arena_new();
	struct work_version v;
	char who[WORK_PERSON];
	bool open = false;
	int status = -1;
	if (check_alias(t->state, alias, err) != 0 || store_begin(t->store, STORE_NORMAL, err) != 0)
		goto out;
	open = true;
	if (work_trust_refresh(t, NULL, err) != 0 || work_version_find(t, ref, mem, &v, err) != 0 ||
	    catch_up(t, mem, err) != 0)
		goto out;
	char *what = arena_printf(mem, "%s@%lld %s", v.model, (long long)v.version, alias);
	status = store_alias_set(t->store, v.model, alias, take_away ? 0 : v.version, err);
	if (status == 0)
		status = store_activity_add(t->store, work_person(who), take_away ? "took the alias from" : "called",
		                            what, err);
out:
	if (open && store_end(t->store, status == 0, status == 0 ? err : NULL) != 0)
		status = -1;
	arena_free(mem);
	return status;
}
