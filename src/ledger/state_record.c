/* What the program's own records do to the state: genesis, registrations, gate results, and who made what. */
#include <json.h>
#include <string.h>

#include "rules.h"

static int read_object(struct state_inside *in, const char *what, const char *digest, struct str *out,
                       struct error *err)
{
	char hex[SHA256_TEXT], shown[SHORT_DIGEST];

	if (!in->objects || in->objects->read(in->objects->user, digest, out, err)) {
		if (!in->objects)
			error_set(err, ERR_TAMPER, "is missing");
		err->code = ERR_TAMPER;
		return error_prefix(err, "the %s sha256:%s", what, digest_short(digest, shown));
	}
	sha256_hex(out->data, out->len, hex);
	if (strcmp(hex, digest))
		return error_set(err, ERR_TAMPER, "the %s sha256:%s holds other bytes", what,
		                 digest_short(digest, shown));
	return 0;
}

int state_read_roster(struct state_inside *in, const char *digest, struct roster *out, struct error *err)
{
	struct str text;
	int rc;

	str_init(&text);
	rc = read_object(in, "roster", digest, &text, err);
	if (!rc)
		rc = roster_parse("roster", text.data, text.len, in->s.mem, out, err);
	str_release(&text);
	return rc;
}

int state_read_policy(struct state_inside *in, const char *digest, struct policy *out, struct error *err)
{
	char hex[SHA256_TEXT];
	struct str text;
	int rc = 0;

	str_init(&text);
	/* The one that every store may begin with is known without its object. */
	sha256_hex(POLICY_DEFAULT, strlen(POLICY_DEFAULT), hex);
	if (!strcmp(hex, digest))
		str_adds(&text, POLICY_DEFAULT);
	else
		rc = read_object(in, "policy", digest, &text, err);
	if (!rc)
		rc = policy_parse("policy", text.data, text.len, in->s.mem, out, err);
	str_release(&text);
	return rc;
}

/* ---- who made what ---- */

static void add_author(struct state_inside *in, struct ledger_version *v, const char *user, const char *what,
                       const char *evidence)
{
	struct ledger_author a = {.user = arena_strdup(in->s.mem, user), .what = what};

	if (evidence)
		snprintf(a.evidence, sizeof a.evidence, "%s", evidence);
	for (size_t i = 0; i < v->author_count; i++)
		if (!strcmp(v->authors[i].user, user) && !strcmp(v->authors[i].what, what) &&
		    !strcmp(v->authors[i].evidence, a.evidence))
			return;
	v->authors = state_grow(in->s.mem, v->authors, v->author_count, sizeof a);
	v->authors[v->author_count++] = a;
}

/* Of one line: what it says is shown to people. */
static bool is_plain(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) &&
	       text_is_plain(json_object_get_string(value), (size_t)json_object_get_string_len(value));
}

static const char *text_of(struct json_object *in, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(in, key, &value) && is_plain(value) ? json_object_get_string(value)
	                                                                     : NULL;
}

static int registration(struct state_inside *in, struct ledger_version *v, struct json_object *j,
                        struct error *err)
{
	const char *model = text_of(j, "model"), *launcher = text_of(j, "launcher"),
	           *registrar = text_of(j, "registrar");
	struct json_object *version, *editors, *by;

	if (!model || strcmp(model, v->model) || !json_object_object_get_ex(j, "version", &version) ||
	    json_object_get_int64(version) != v->version)
		return error_set(err, ERR_TAMPER, "it is about another version");
	if (!registrar || !*registrar)
		return error_set(err, ERR_TAMPER, "it does not say who registered");
	add_author(in, v, registrar, "registered the version", NULL);
	if (!launcher && json_object_object_get_ex(j, "launcher", &by) && by)
		return error_set(err, ERR_TAMPER, "its launcher is not a name");
	/* A model from elsewhere was launched by nobody here. */
	if (launcher && *launcher)
		add_author(in, v, launcher, "launched the run", NULL);
	if (!json_object_object_get_ex(j, "editors", &editors))
		return 0;
	if (!json_object_is_type(editors, json_type_array))
		return error_set(err, ERR_TAMPER, "its editors are not a list");
	for (size_t i = 0; i < json_object_array_length(editors); i++) {
		struct json_object *e = json_object_array_get_idx(editors, i);

		if (!is_plain(e))
			return error_set(err, ERR_TAMPER, "its editors are not names");
		add_author(in, v, json_object_get_string(e), "edited the run's configuration", NULL);
	}
	return 0;
}

static int producers(struct state_inside *in, struct ledger_version *v, struct json_object *j,
                     struct error *err)
{
	struct json_object *list;

	if (!json_object_object_get_ex(j, "producers", &list) || !json_object_is_type(list, json_type_array))
		return error_set(err, ERR_TAMPER, "it holds no list of producers");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *p = json_object_array_get_idx(list, i);
		const char *user = json_object_is_type(p, json_type_object) ? text_of(p, "user") : NULL,
		           *evidence = user ? text_of(p, "evidence") : NULL;

		if (!evidence || strncmp(evidence, "sha256:", 7) || strlen(evidence) != 7 + SHA256_TEXT - 1)
			return error_set(err, ERR_TAMPER, "producer %zu lacks its user or evidence", i + 1);
		add_author(in, v, user, "produced evidence", evidence + 7);
	}
	return 0;
}

/* Who made what, as the evidence objects of a record tell it, added to the version. */
static int state_authors(struct state_inside *in, struct ledger_version *v, const struct ledger_text *t,
                         struct error *err)
{
	const char *wanted = t->kind == LEDGER_REGISTRATION ? "registration" : "producers";
	int rc = 0;

	for (size_t i = 0; !rc && i < t->evidence_count; i++) {
		struct json_tokener *tokener;
		struct json_object *j;
		struct str text;
		char shown[SHORT_DIGEST];
		const char *kind;

		if (strcmp(t->evidence[i].kind, wanted))
			continue;
		str_init(&text);
		tokener = json_tokener_new();
		rc = read_object(in, wanted, t->evidence[i].digest, &text, err);
		j = rc ? NULL : json_tokener_parse_ex(tokener, text.data, (int)(text.len < INT32_MAX ? text.len : 0));
		kind = json_object_is_type(j, json_type_object) ? text_of(j, "kind") : NULL;
		if (!rc && (!kind || strcmp(kind, wanted)))
			rc = error_set(err, ERR_TAMPER, "it is not a record of that kind");
		else if (!rc)
			rc = t->kind == LEDGER_REGISTRATION ? registration(in, v, j, err) : producers(in, v, j, err);
		if (rc && j)
			error_prefix(err, "the %s sha256:%s", wanted, digest_short(t->evidence[i].digest, shown));
		json_object_put(j);
		json_tokener_free(tokener);
		str_release(&text);
	}
	return rc;
}

/* ---- records ---- */

static uint32_t add_key(struct intern *to, const char *model, int64_t version, const char *stage)
{
	struct str key;
	uint32_t id;

	str_init(&key);
	str_adds(&key, model);
	str_addf(&key, "\n%lld", (long long)version);
	if (stage) {
		str_addc(&key, '\n');
		str_adds(&key, stage);
	}
	id = intern_add(to, key.data, key.len);
	str_release(&key);
	return id;
}

static int genesis(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                   struct error *err)
{
	struct ledger_state *s = &in->s;
	const char *policy = NULL;

	if (in->row_count) {
		state_ignore(in, row->seq, "there is one genesis row, the first");
		return 0;
	}
	memcpy(s->store, t->store, sizeof s->store);
	for (size_t i = 0; i < t->evidence_count; i++)
		if (!strcmp(t->evidence[i].kind, "policy"))
			policy = t->evidence[i].digest;
	if (!policy)
		return error_set(err, ERR_TAMPER, "row %lld: the genesis row names no policy", (long long)row->seq);
	s->policy_row = row->seq;
	if (state_read_policy(in, policy, &s->policy, err))
		goto failed;
	if (*t->subject) {
		s->roster_row = row->seq;
		if (state_read_roster(in, t->subject, &s->roster, err))
			goto failed;
	}
	return 0;
failed:
	err->code = ERR_TAMPER;
	return error_prefix(err, "row %lld", (long long)row->seq);
}

/* The same version once more, launched and registered by the same: it only adds who has edited what is said
 * of it. */
static bool is_edit(const struct ledger_version *known, const struct ledger_version *v)
{
	bool same = !strcmp(known->subject, v->subject) && !strcmp(known->run, v->run) &&
	            !strcmp(known->run_seal, v->run_seal);

	for (size_t i = 0; same && i < v->author_count; i++) {
		const struct ledger_author *a = &v->authors[i];
		bool known_as = !strncmp(a->what, "edited", 6);

		for (size_t k = 0; !known_as && k < known->author_count; k++)
			known_as = !strcmp(known->authors[k].user, a->user) && !strcmp(known->authors[k].what, a->what);
		same = known_as;
	}
	return same;
}

static int register_version(struct state_inside *in, const struct ledger_row *row,
                            const struct ledger_text *t, struct error *err)
{
	struct ledger_state *s = &in->s;
	struct ledger_version v = {.model = t->model, .version = t->version, .row = row->seq, .at = row->at_ms};
	const struct ledger_version *known = ledger_version_find(s, t->model, t->version);
	size_t who = 0;

	for (size_t i = 0; i < t->evidence_count; i++)
		who += !strcmp(t->evidence[i].kind, "registration");
	if (RULE_ASKED(AUTHORS_TOLD) && who != 1) {
		state_ignore(in, row->seq,
		             "it does not say who made the version (one evidence of kind registration)");
		return 0;
	}
	memcpy(v.subject, t->subject, sizeof v.subject);
	if (t->seal_count) {
		memcpy(v.run, t->seals[0].run, sizeof v.run);
		memcpy(v.run_seal, t->seals[0].digest, sizeof v.run_seal);
	}
	if (state_authors(in, &v, t, err))
		return error_prefix(err, "row %lld", (long long)row->seq);
	if (known && is_edit(known, &v)) {
		for (size_t i = 0; i < v.author_count; i++)
			add_author(in, &s->versions[known - s->versions], v.authors[i].user, v.authors[i].what, NULL);
		return 0;
	}
	if (known && RULE_ASKED(REGISTER_ONCE)) {
		state_ignore(in, row->seq, "that version is registered already: a number is never used again");
		return 0;
	}
	if (add_key(&in->versions, t->model, t->version, NULL) < s->version_count) {
		s->versions[ledger_version_find(s, t->model, t->version) - s->versions] = v;
		return 0;
	}
	s->versions = state_grow(s->mem, s->versions, s->version_count, sizeof v);
	s->versions[s->version_count++] = v;
	return 0;
}

static int gate_results(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                        struct error *err)
{
	struct ledger_state *s = &in->s;
	const struct ledger_version *v = ledger_version_find(s, t->model, t->version);
	size_t count = in->results.count;
	uint32_t id;

	if (RULE_ASKED(RESULTS_SUBJECT) && (!v || strcmp(v->subject, t->subject))) {
		state_ignore(in, row->seq, "its results are not about the files of a registered version");
		return 0;
	}
	if (v && state_authors(in, &s->versions[v - s->versions], t, err))
		return error_prefix(err, "row %lld", (long long)row->seq);
	id = add_key(&in->results, t->model, t->version, t->stage);
	if (id == count)
		in->results_rows = state_grow(s->mem, in->results_rows, count, sizeof *in->results_rows);
	in->results_rows[id] = (struct state_row){.seq = row->seq, .text = t};
	for (size_t i = 0; i < s->proposal_count; i++) {
		struct ledger_proposal *p = &s->proposals[i];

		if ((p->status == PROPOSAL_IN_REVIEW || p->status == PROPOSAL_REJECTED) &&
		    p->text->version == t->version && !strcmp(p->text->model, t->model) &&
		    !strcmp(p->text->stage, t->stage)) {
			p->results = t;
			p->results_row = row->seq;
		}
	}
	return 0;
}

int state_record(struct state_inside *in, const struct ledger_row *row, const struct ledger_text *t,
                 struct error *err)
{
	switch (t->kind) {
	case LEDGER_GENESIS:
		return genesis(in, row, t, err);
	case LEDGER_REGISTRATION:
		return register_version(in, row, t, err);
	case LEDGER_GATE_RESULTS:
		return gate_results(in, row, t, err);
	default:
		return 0;
	}
}

const struct state_row *state_results(const struct ledger_state *s, const char *model, int64_t version,
                                      const char *stage)
{
	const struct state_inside *in = (const struct state_inside *)s;
	struct str key;
	uint32_t id;

	str_init(&key);
	str_adds(&key, model);
	str_addf(&key, "\n%lld\n", (long long)version);
	str_adds(&key, stage);
	id = intern_find(&in->results, key.data, key.len);
	str_release(&key);
	return id == INTERN_NONE ? NULL : &in->results_rows[id];
}

int64_t ledger_results_row(const struct ledger_state *s, const char *model, int64_t version,
                           const char *stage)
{
	const struct state_row *row = state_results(s, model, version, stage);

	return row ? row->seq : 0;
}
