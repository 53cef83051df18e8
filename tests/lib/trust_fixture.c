/* Decisions at fixed times: rows are written, signed with fixed keys and linked here, as the ledger's header
 * says. */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "assay/ledger.h"
#include "assay/store.h"
#include "assay/work.h"
#include "store_fixture.h"
#include "trust_fixture.h"
#include "trust_keys.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define EVER   INT64_C(4070908800000) /* 2099-01-01 */

static const char POLICY[] = "[policy]\n"
                             "name = lending\n"
                             "stages = staging, production\n"
                             "\n"
                             "[stage staging]\n"
                             "approvals = 1\n"
                             "assurance = A1\n"
                             "expires = 7d\n"
                             "\n"
                             "[stage production]\n"
                             "approvals = 2\n"
                             "roles = risk-reviewer\n"
                             "assurance = A1\n"
                             "expires = 7d\n"
                             "\n"
                             "[gate auc]\n"
                             "kind = metric\n"
                             "metric = auc\n"
                             "limit = >= 0.75\n"
                             "\n"
                             "[gate gain]\n"
                             "kind = champion\n"
                             "metric = auc\n"
                             "limit = >= -0.002\n"
                             "\n"
                             "[gate parity.sex]\n"
                             "kind = bias\n"
                             "measure = demographic_parity_ratio\n"
                             "by = sex\n"
                             "limit = >= 0.8\n"
                             "waivable = yes\n"
                             "\n"
                             "[gate manifest]\n"
                             "kind = manifest\n";

struct making {
	struct store *store;
	struct trust *trust; /* NULL until there is a ledger */
	sqlite3 *db;
	struct arena *mem;
	const char *keys;
	char roster[SHA256_TEXT], policy[SHA256_TEXT], head[SHA256_TEXT];
	int64_t seq;
	struct error *err;
};

static int write_keys(struct making *m)
{
	for (size_t i = 0; i < COUNT_OF(TRUST_KEYS); i++) {
		const struct trust_key *k = &TRUST_KEYS[i];
		const char *path = arena_printf(m->mem, "%s/%s", m->keys, k->name);

		if (file_write_atomic(path, k->private_key, strlen(k->private_key), 0600, m->err) != 0)
			return -1;
	}
	return 0;
}

static void roster_text(struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(TRUST_KEYS); i++) {
		const struct trust_key *k = &TRUST_KEYS[i];

		str_addf(out, "%s@lab namespaces=\"" LEDGER_NAMESPACE "\" %s roles=%s;user=%s;name=%s\n", k->name,
		         k->public_key, k->roles, k->users, k->full_name);
	}
}

/* ---- rows ---- */

static void link_of(const struct making *m, const char *at, const struct str *body, const struct str *sig,
                    char out[SHA256_TEXT])
{
	char body_hex[SHA256_TEXT], sig_hex[SHA256_TEXT];
	struct str text;

	sha256_hex(body->data, body->len, body_hex);
	sha256_hex(sig->data, sig->len, sig_hex);
	str_init(&text);
	str_addf(&text, "assay-ledger/1\nseq %lld\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n",
	         (long long)m->seq + 1, m->head, at, body_hex, sig_hex);
	sha256_hex(text.data, text.len, out);
	str_release(&text);
}

static int insert(struct making *m, const char *at, const struct str *body, const struct str *sig)
{
	sqlite3_stmt *stmt;
	char link[SHA256_TEXT];
	int rc;

	link_of(m, at, body, sig, link);
	if (sqlite3_prepare_v2(m->db, "INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", -1, &stmt, NULL) != SQLITE_OK)
		return error_set(m->err, ERR_STORE, "%s", sqlite3_errmsg(m->db));
	sqlite3_bind_int64(stmt, 1, ++m->seq);
	sqlite3_bind_text(stmt, 2, at, -1, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 3, body->data, (int)body->len, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 4, sig->len ? sig->data : "", (int)sig->len, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, link, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE)
		return error_set(m->err, ERR_STORE, "%s", sqlite3_errmsg(m->db));
	memcpy(m->head, link, sizeof link);
	return 0;
}

/* Writes, signs (key NULL: not) and appends; what the text says about time, head, store is filled in here. */
static int put(struct making *m, struct ledger_text *t, int64_t ago, const char *key)
{
	char at[TIME_TEXT];
	struct str body, sig;
	int status;

	memcpy(t->store, store_id(m->store), ID_TEXT);
	t->claimed_time = FIXTURE_NOW - ago - 700;
	snprintf(t->request, sizeof t->request, "%032llx", (unsigned long long)m->seq + 1);
	if (ledger_kind_is_decision(t->kind)) {
		t->seen_seq = m->seq;
		memcpy(t->seen_head, m->head, SHA256_TEXT);
		memcpy(t->policy, m->policy, SHA256_TEXT);
		memcpy(t->roster, m->roster, SHA256_TEXT);
		if (!t->meaning)
			t->meaning = "I have read it";
	} else {
		t->program = ASSAY_VERSION;
	}
	str_init(&body);
	str_init(&sig);
	status = ledger_text_write(t, &body, m->err);
	if (status == 0 && key) {
		struct ledger_signer by = {.key_file = arena_printf(m->mem, "%s/%s", m->keys, key)};

		status = ledger_sign(body.data, body.len, &by, &sig, m->err);
	}
	if (status == 0)
		status = insert(m, time_rfc3339(FIXTURE_NOW - ago, at), &body, &sig);
	str_release(&body);
	str_release(&sig);
	if (status == 0 && m->trust)
		status = work_trust_refresh(m->trust, NULL, m->err);
	return status;
}

/* ---- a version ---- */

static int object(struct making *m, const char *text, char digest[SHA256_TEXT])
{
	return store_object_put(m->store, text, strlen(text), digest, m->err);
}

static int register_run(struct making *m, const char *run_name, const char *model, int64_t version,
                        int64_t ago, const char *description)
{
	struct ledger_evidence evidence = {.kind = "registration"};
	struct ledger_text t = {.kind = LEDGER_REGISTRATION,
	                        .model = model,
	                        .version = version,
	                        .evidence = &evidence,
	                        .evidence_count = 1};
	struct store_model_version row = {
	    .model = model, .version = version, .registered = FIXTURE_NOW - ago, .description = description};
	struct manifest_file files[2] = {{.path = "model.json"}, {.path = "encoder.json"}};
	struct ledger_seal seal;
	struct run_row run;
	struct str manifest;
	int64_t id;

	if (store_run_find(m->store, run_name, &id, m->err) != 0 ||
	    store_run_get(m->store, id, m->mem, &run, m->err) != 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		const char *bytes =
		    arena_printf(m->mem, "{\"file\":\"%s\",\"of\":\"%s\"}\n", files[i].path, run_name);
		struct run_artifact file = {.name = files[i].path,
		                            .kind = i ? "model-file" : "model",
		                            .bytes = strlen(bytes),
		                            .at = run.ended};

		if (object(m, bytes, files[i].digest) != 0)
			return -1;
		files[i].bytes = (int64_t)strlen(bytes);
		memcpy(file.digest, files[i].digest, SHA256_TEXT);
		if (store_artifact_add(m->store, id, &file, m->err) != 0)
			return -1;
	}
	str_init(&manifest);
	manifest_write(files, 2, &manifest);
	if (store_object_put(m->store, manifest.data, manifest.len, t.subject, m->err) != 0 ||
	    work_run_seal(m->store, id, seal.digest, m->err) != 0 ||
	    object(m,
	           arena_printf(
	               m->mem,
	               "{\"editors\":[],\"kind\":\"registration\",\"launcher\":\"ada@trainbox\",\"model\":\"%s\","
	               "\"registrar\":\"ada@trainbox\",\"run\":\"%s\",\"version\":%lld}",
	               model, run.uuid, (long long)version),
	           evidence.digest) != 0)
		return -1;
	str_release(&manifest);
	memcpy(seal.run, run.uuid, ID_TEXT);
	memcpy(row.subject, t.subject, SHA256_TEXT);
	memcpy(row.run, run.uuid, ID_TEXT);
	t.seals = &seal;
	t.seal_count = 1;
	struct ledger_text seals = {.kind = LEDGER_RUN_SEALS, .seals = &seal, .seal_count = 1};

	if (put(m, &seals, ago + 1000, NULL) != 0 || put(m, &t, ago, NULL) != 0)
		return -1;
	row.seq = m->seq;
	return store_model_version_add(m->store, &row, m->err);
}

static struct ledger_gate gate(const char *id, const char *rule, double measured, double low, double high,
                               enum gate_result result)
{
	return (struct ledger_gate){.id = id,
	                            .rule = rule,
	                            .measured = measured,
	                            .low = low,
	                            .high = high,
	                            .level = isnan(measured) ? (double)NAN : 0.95,
	                            .result = result};
}

/* Everything that a text about this version and stage says, as `work` fills it in. */
static int about(struct making *m, const char *model, int64_t version, const char *stage,
                 struct ledger_text *t)
{
	const char *ref = arena_printf(m->mem, "%s@%lld", model, (long long)version);
	const struct ledger_stage *now = ledger_stage_find(work_trust_state(m->trust), model, stage);
	struct work_version v;
	struct ledger_facts f;

	if (work_version_find(m->trust, ref, m->mem, &v, m->err) != 0 ||
	    work_facts(m->trust, &v, stage, m->mem, &f, m->err) != 0)
		return -1;
	t->model = model;
	t->version = version;
	t->stage = stage;
	memcpy(t->subject, v.subject, SHA256_TEXT);
	t->data = f.data;
	t->data_count = f.data_count;
	t->evidence = f.evidence;
	t->evidence_count = f.evidence_count;
	t->gates = f.gates;
	t->gate_count = f.gate_count;
	if (!ledger_kind_is_decision(t->kind))
		return 0;
	t->manifest_files = (int64_t)v.file_count;
	t->manifest_bytes = v.bytes;
	memcpy(t->run, f.run, ID_TEXT);
	memcpy(t->run_seal, f.run_seal, SHA256_TEXT);
	memcpy(t->code_commit, f.code_commit, SHA256_TEXT);
	memcpy(t->code_diff, f.code_diff, SHA256_TEXT);
	memcpy(t->env, f.env, SHA256_TEXT);
	if (now && now->version) {
		t->baseline_version = now->version;
		memcpy(t->baseline_subject, now->subject, SHA256_TEXT);
	}
	return 0;
}

/* measured: auc, gain over the champion, ratio of selection rates. */
static int results(struct making *m, const char *model, int64_t version, const char *stage, int64_t ago,
                   double auc, double gain, double parity)
{
	struct ledger_text t = {.kind = LEDGER_GATE_RESULTS};
	struct ledger_gate gates[4];
	struct ledger_evidence evidence[3] = {
	    {.kind = "evaluation"}, {.kind = "bias-report"}, {.kind = "producers"}};
	size_t count = 0;

	if (about(m, model, version, stage, &t) != 0 ||
	    object(m, arena_printf(m->mem, "{\"kind\":\"evaluation\",\"auc\":%g}\n", auc), evidence[0].digest) !=
	        0 ||
	    object(m, arena_printf(m->mem, "{\"kind\":\"bias-report\",\"ratio\":%g}\n", parity),
	           evidence[1].digest) != 0 ||
	    object(m, "{\"kind\":\"producers\",\"producers\":[]}", evidence[2].digest) != 0)
		return -1;
	gates[count++] =
	    gate("auc", "low>=0.75", auc, auc - 0.011, auc + 0.011, auc - 0.011 >= 0.75 ? GATE_PASS : GATE_FAIL);
	gates[count++] = gate("gain", "low>=-0.002", gain, gain - 0.0019, gain + 0.0019,
	                      gain - 0.0019 >= -0.002 ? GATE_PASS : GATE_FAIL);
	gates[count++] = gate("parity.sex", "low>=0.8", parity, parity - 0.014, parity + 0.014,
	                      parity - 0.014 >= 0.8 ? GATE_PASS : GATE_UNDECIDED);
	gates[count++] = gate("manifest", "intact", (double)NAN, (double)NAN, (double)NAN, GATE_PASS);
	t.gates = gates;
	t.gate_count = count;
	t.evidence = evidence;
	t.evidence_count = 3;
	return put(m, &t, ago, NULL);
}

static int decide(struct making *m, enum ledger_kind kind, const char *who, const char *role,
                  const char *model, int64_t version, const char *stage, int64_t target, int64_t ago,
                  const char *reason)
{
	struct ledger_text t = {.kind = kind, .role = role, .reason = reason, .target = target};
	const struct ledger_state *s;

	if (about(m, model, version, stage, &t) != 0)
		return -1;
	s = work_trust_state(m->trust);
	t.signer = arena_printf(m->mem, "%s@lab", who);
	t.name = roster_find(&s->roster, t.signer)->name;
	if (kind == LEDGER_APPROVE)
		t.expires = EVER;
	/* What was relied on. */
	for (size_t i = 0; kind != LEDGER_PROPOSE && i < s->proposal_count; i++) {
		const struct ledger_proposal *p = &s->proposals[i];

		for (size_t k = 0; p->row == target && k < p->vote_count; k++) {
			const struct ledger_vote *v = &p->votes[k];

			if (v->kind != LEDGER_WAIVE)
				continue;
			t.waivers = arena_array(m->mem, 1, sizeof *t.waivers);
			t.waiver_count = 1;
			t.waivers[0] = v->text->waivers[0];
			t.waivers[0].signer = v->principal;
			t.waivers[0].row = v->row;
		}
	}
	return put(m, &t, ago, who);
}

static int waive(struct making *m, const char *who, const char *model, int64_t version, const char *stage,
                 int64_t target, int64_t ago, const char *gate_id, double bound, const char *reason)
{
	struct ledger_waiver waiver = {
	    .gate = gate_id, .bound = bound, .until = FIXTURE_NOW + 30 * 24 * HOUR, .row = target};
	struct ledger_text t = {.kind = LEDGER_WAIVE,
	                        .role = "risk-reviewer",
	                        .reason = reason,
	                        .target = target,
	                        .waivers = &waiver,
	                        .waiver_count = 1,
	                        .expires = EVER};

	if (about(m, model, version, stage, &t) != 0)
		return -1;
	t.signer = waiver.signer = arena_printf(m->mem, "%s@lab", who);
	t.name = roster_find(&work_trust_state(m->trust)->roster, t.signer)->name;
	return put(m, &t, ago, who);
}

/* ---- the story ---- */

static int credit_risk(struct making *m)
{
	int64_t proposal;

	if (register_run(m, "amber-finch-101", "credit-risk", 1, 71 * HOUR,
	                 "the first that beats the scorecard") != 0 ||
	    results(m, "credit-risk", 1, "production", 70 * HOUR + MINUTE, 0.7812, 0.0311, 0.842) != 0 ||
	    decide(m, LEDGER_PROPOSE, "ada", "owner", "credit-risk", 1, "production", 0, 70 * HOUR,
	           "replaces the scorecard") != 0)
		return -1;
	proposal = m->seq;
	if (decide(m, LEDGER_APPROVE, "li", "peer", "credit-risk", 1, "production", proposal, 69 * HOUR,
	           "numbers checked against the notebook") != 0 ||
	    decide(m, LEDGER_APPROVE, "ana", "risk-reviewer", "credit-risk", 1, "production", proposal, 68 * HOUR,
	           "within the limits for all groups") != 0 ||
	    decide(m, LEDGER_PROMOTE, "li", "operator", "credit-risk", 1, "production", proposal, 67 * HOUR,
	           "as approved") != 0)
		return -1;
	if (register_run(m, "calm-heron-077", "credit-risk", 2, 47 * HOUR, "deeper trees") != 0 ||
	    results(m, "credit-risk", 2, "staging", 46 * HOUR + MINUTE, 0.8091, 0.0279, 0.829) != 0 ||
	    decide(m, LEDGER_PROPOSE, "ada", "owner", "credit-risk", 2, "staging", 0, 46 * HOUR,
	           "try it on live traffic") != 0)
		return -1;
	proposal = m->seq;
	if (decide(m, LEDGER_APPROVE, "li", "peer", "credit-risk", 2, "staging", proposal, 45 * HOUR,
	           "fine for a try") != 0 ||
	    decide(m, LEDGER_PROMOTE, "li", "operator", "credit-risk", 2, "staging", proposal, 44 * HOUR,
	           "as approved") != 0)
		return -1;
	return 0;
}

static int churn_first(struct making *m)
{
	struct ledger_text halt = {
	    .kind = LEDGER_HALT, .role = "risk-reviewer", .reason = "scores are flat since noon"};
	int64_t proposal;

	if (register_run(m, "eager-newt-008", "churn", 1, 29 * HOUR, "") != 0 ||
	    results(m, "churn", 1, "production", 28 * HOUR + MINUTE, 0.7954, 0.0102, 0.91) != 0 ||
	    decide(m, LEDGER_PROPOSE, "ada", "owner", "churn", 1, "production", 0, 28 * HOUR,
	           "first model for churn") != 0)
		return -1;
	proposal = m->seq;
	if (decide(m, LEDGER_APPROVE, "li", "peer", "churn", 1, "production", proposal, 27 * HOUR, "ok") != 0 ||
	    decide(m, LEDGER_APPROVE, "oto", "risk-reviewer", "churn", 1, "production", proposal, 26 * HOUR,
	           "ok") != 0 ||
	    decide(m, LEDGER_PROMOTE, "li", "operator", "churn", 1, "production", proposal, 25 * HOUR,
	           "as approved") != 0)
		return -1;
	if (about(m, "churn", 1, "production", &halt) != 0)
		return -1;
	halt.signer = "ana@lab";
	halt.name = "Ana Sousa";
	halt.gate_count = 0;
	if (put(m, &halt, 5 * HOUR, "ana") != 0)
		return -1;
	return 0;
}

static int candidate(struct making *m)
{
	int64_t proposal;

	if (register_run(m, "bold-lynx-190", "credit-risk", 3, 2 * HOUR,
	                 "younger applicants no longer penalised") != 0 ||
	    results(m, "credit-risk", 3, "production", 91 * MINUTE, 0.809, 0.0081, 0.8012) != 0 ||
	    decide(m, LEDGER_PROPOSE, "ada", "owner", "credit-risk", 3, "production", 0, 90 * MINUTE,
	           "AUC +0.8 points, younger applicants no longer penalised") != 0)
		return -1;
	proposal = m->seq;
	if (waive(m, "oto", "credit-risk", 3, "production", proposal, 70 * MINUTE, "parity.sex", 0.78,
	          "at the limit; a larger sample is on its way") != 0 ||
	    decide(m, LEDGER_APPROVE, "li", "peer", "credit-risk", 3, "production", proposal, 60 * MINUTE,
	           "reproduced on my machine") != 0)
		return -1;
	return 0;
}

static int churn_second(struct making *m)
{
	if (register_run(m, "nan-moth-404", "churn", 2, 40 * MINUTE, "") != 0 ||
	    results(m, "churn", 2, "staging", 36 * MINUTE, 0.7412, -0.0542, 0.905) != 0 ||
	    decide(m, LEDGER_PROPOSE, "ada", "owner", "churn", 2, "staging", 0, 35 * MINUTE,
	           "retrained on the new window") != 0)
		return -1;
	return decide(m, LEDGER_REJECT, "li", "peer", "churn", 2, "staging", m->seq, 30 * MINUTE,
	              "the loss is infinite in the last round");
}

/* ---- the store ---- */

static int begin(struct making *m, const char *dir, const char *path)
{
	struct str roster;
	char *file = path_join(path, "ledger.db"), *keys = path_join(dir, "keys");
	char at[TIME_TEXT];
	struct ledger *l;
	int status;

	m->keys = arena_strdup(m->mem, keys);
	free(keys);
	str_init(&roster);
	roster_text(&roster);
	status = dir_make(m->keys, m->err);
	if (status == 0)
		status = write_keys(m);
	if (status == 0)
		status = store_open(&m->store, path, STORE_WRITE, m->err);
	if (status == 0)
		status = store_object_put(m->store, roster.data, roster.len, m->roster, m->err);
	if (status == 0)
		status = store_object_put(m->store, POLICY, strlen(POLICY), m->policy, m->err);
	if (status == 0)
		status = ledger_create(path, store_id(m->store), m->roster, m->policy, m->err);
	str_release(&roster);
	/* The first row is made anew at its time: the table is what is kept of it. */
	if (status == 0 && ledger_open(&l, path, true, m->err) == 0) {
		struct ledger_text first = {0};
		struct ledger_row *rows;
		size_t count;
		struct str body, sig;

		status = ledger_rows(l, 1, 1, m->mem, &rows, &count, m->err);
		ledger_close(l);
		if (status == 0 && sqlite3_open(file, &m->db) != SQLITE_OK)
			status = error_set(m->err, ERR_STORE, "%s", sqlite3_errmsg(m->db));
		if (status == 0 && sqlite3_exec(m->db, "DELETE FROM ledger", NULL, NULL, NULL) != SQLITE_OK)
			status = error_set(m->err, ERR_STORE, "%s", sqlite3_errmsg(m->db));
		if (status == 0) {
			str_init(&body);
			str_init(&sig);
			status = ledger_text_parse(rows[0].body, rows[0].body_len, m->mem, &first, m->err);
			first.claimed_time = FIXTURE_NOW - 73 * HOUR;
			if (status == 0)
				status = ledger_text_write(&first, &body, m->err);
			memset(m->head, '0', SHA256_TEXT - 1);
			m->head[SHA256_TEXT - 1] = 0;
			if (status == 0)
				status = insert(m, time_rfc3339(FIXTURE_NOW - 73 * HOUR, at), &body, &sig);
			str_release(&body);
			str_release(&sig);
		}
	} else {
		status = -1;
	}
	free(file);
	if (status == 0)
		status = work_trust_open(m->store, &m->trust, m->err);
	return status;
}

static void end(struct making *m)
{
	work_trust_close(m->trust);
	sqlite3_close(m->db);
	store_close(m->store);
	arena_free(m->mem);
}

/* Acts are at the clock's time; on the screen they would be of the future. */
static int date_acts(const char *path, struct error *err)
{
	char *file = path_join(path, "assay.db"), *sql;
	sqlite3 *db;
	int rc = sqlite3_open(file, &db);

	sql = xasprintf("UPDATE activity SET at = %lld - 60000 * id", (long long)FIXTURE_NOW);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		error_set(err, ERR_STORE, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	free(sql);
	free(file);
	return rc == SQLITE_OK ? 0 : -1;
}

int trust_fixture(const char *dir, char **path, struct error *err)
{
	struct making m = {.mem = arena_new(), .err = err};
	int status;

	if (store_fixture(dir, path, err) != 0)
		return -1;
	status = begin(&m, dir, *path);
	if (status == 0)
		status = credit_risk(&m);
	if (status == 0)
		status = churn_first(&m);
	if (status == 0)
		status = candidate(&m);
	if (status == 0)
		status = churn_second(&m);
	if (status == 0)
		status = store_model_set(m.store, "credit-risk", "ada@lab",
		                         "Will a loan be repaid? Scores every application.", err);
	if (status == 0)
		status = store_model_set(m.store, "churn", "li@lab", "Who will leave within a quarter.", err);
	if (status == 0)
		status = store_alias_set(m.store, "credit-risk", "shadow", 2, err);
	if (status == 0)
		status = store_activity_add(m.store, "ada", "called", "credit-risk@2 shadow", err);
	end(&m);
	return status == 0 ? date_acts(*path, err) : -1;
}

int trust_fixture_empty(const char *dir, char **path, struct error *err)
{
	struct making m = {.mem = arena_new(), .err = err};
	int status = store_fixture_empty(dir, path, err);

	if (status == 0)
		status = begin(&m, dir, *path);
	end(&m);
	return status;
}

int trust_fixture_tamper(const char *path, int64_t seq, struct error *err)
{
	char *file = path_join(path, "ledger.db"), *sql;
	sqlite3 *db;
	int rc = sqlite3_open(file, &db);

	/* The reason's last letter, most likely: what a person would change. */
	sql =
	    xasprintf("UPDATE ledger SET body = CAST(replace(CAST(body AS TEXT), 'reason ', 'reason X') AS BLOB) "
	              "WHERE seq = %lld",
	              (long long)seq);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		error_set(err, ERR_STORE, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	free(sql);
	free(file);
	return rc == SQLITE_OK ? 0 : -1;
}
