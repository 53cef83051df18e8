/* A small company for tests of the ledger's rules. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ledger_world.h"

static const struct {
	const char *principal, *comment;
} people[] = {
    {"alice@lab", "roles=owner;user=alice@gpu1;name=Alice%20Ng"},
    {"pat@lab", "roles=peer;user=pat@gpu1"},
    {"bob@lab", "roles=risk-reviewer"},
    {"carol@lab", "roles=risk-reviewer,peer"},
    {"vera@lab", "roles=risk-reviewer;user=vera@gpu1"},
    {"dave@lab", "roles=peer"},
    {"erin@lab", "roles=fairness-reviewer,owner"},
    {"olga@lab", "roles=operator"},
    {"otto@lab", "roles=operator,owner"},
    {"rita@lab", "roles=roster-admin"},
    {"rolf@lab", "roles=roster-admin"},
    {"aud@lab", "roles=auditor"},
};

static const char policy[] = "[policy]\nname = test\nstages = dev, touched, production\n"
                             "[stage dev]\napprovals = 0\n"
                             "[stage touched]\napprovals = 1\nassurance = A2\n"
                             "[stage production]\napprovals = 2\nroles = risk-reviewer\n"
                             "[gate manifest]\nkind = manifest\n[gate replay]\nkind = replay\n"
                             "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.8\nwaivable = yes\n"
                             "[gate scan]\nkind = scan\nwaivable = yes\n";

static const char *key_name(struct world *w, const char *principal)
{
	const char *at = strchr(principal, '@');

	return arena_memdup0(w->r.mem, principal, at ? (size_t)(at - principal) : strlen(principal));
}

const char *world_roster(struct world *w, const char *principal, const char *line)
{
	struct str text;
	bool found = false;
	const char *out;

	str_init(&text);
	for (size_t i = 0; i < COUNT_OF(people); i++) {
		bool same = principal && !strcmp(people[i].principal, principal);

		found |= same;
		if (same && line)
			str_adds(&text, line);
		if (!same)
			str_adds(&text, rows_line(&w->r, people[i].principal, key_name(w, people[i].principal),
			                          people[i].comment));
	}
	if (!found && line)
		str_adds(&text, line);
	out = arena_strdup(w->r.mem, text.data);
	str_release(&text);
	return out;
}

static void set_digest(char out[SHA256_TEXT], const char *digest)
{
	snprintf(out, SHA256_TEXT, "%s", digest);
}

static const char *subject_of(struct world *w, int64_t version)
{
	char word[40];

	snprintf(word, sizeof word, "manifest %lld", (long long)version);
	return rows_digest(&w->r, word);
}

static void set_facts(struct world *w)
{
	struct ledger_facts *f = &w->facts;
	struct ledger_gate *g = w->gates;

	*f = (struct ledger_facts){.model = "credit",
	                           .data = w->data,
	                           .data_count = 2,
	                           .evidence = w->evidence,
	                           .evidence_count = 2,
	                           .gates = w->gates,
	                           .gate_count = 4};
	snprintf(f->run, sizeof f->run, "%032d", 77);
	set_digest(f->run_seal, rows_digest(&w->r, "seal"));
	snprintf(f->code_commit, sizeof f->code_commit, "%040d", 5);
	set_digest(f->env, rows_digest(&w->r, "env"));
	w->data[0] = (struct ledger_data){.role = "test", .name = "applications@2"};
	set_digest(w->data[0].digest, rows_digest(&w->r, "test data"));
	w->data[1] = (struct ledger_data){.role = "train", .name = "applications@1"};
	set_digest(w->data[1].digest, rows_digest(&w->r, "training data"));
	w->evidence[0].kind = "bias-report";
	set_digest(w->evidence[0].digest, rows_digest(&w->r, "bias report"));
	w->evidence[1].kind = "evaluation";
	set_digest(w->evidence[1].digest, rows_digest(&w->r, "evaluation"));
	for (size_t i = 0; i < 4; i++)
		g[i] =
		    (struct ledger_gate){.measured = NAN, .low = NAN, .high = NAN, .level = NAN, .result = GATE_PASS};
	g[0].id = "manifest", g[0].rule = "intact";
	g[1].id = "replay", g[1].rule = "identical";
	g[2].id = "auc", g[2].rule = "low>=0.8";
	g[2].measured = 0.85, g[2].low = 0.82, g[2].high = 0.88, g[2].level = 0.95;
	set_digest(g[2].settings, rows_digest(&w->r, "settings"));
	g[3].id = "scan", g[3].rule = "clean", g[3].dated = w->r.now - DAY;
	set_digest(g[3].rules, rows_digest(&w->r, "scanner rules"));
}

void world_init(struct world *w)
{
	struct ledger_text t = {.kind = LEDGER_GENESIS};
	struct ledger_evidence first = {.kind = "policy"};

	*w = (struct world){.stage = "production", .version = 1};
	rows_init(&w->r);
	set_digest(t.subject, rows_object(&w->r, world_roster(w, NULL, NULL)));
	set_digest(first.digest, rows_object(&w->r, policy));
	t.evidence = &first;
	t.evidence_count = 1;
	rows_add(&w->r, t, NULL);
	set_facts(w);
	world_register(w, 1, "alice@gpu1", NULL, "alice@gpu1");
	world_register(w, 2, "alice@gpu1", NULL, "alice@gpu1");
}

void world_release(struct world *w)
{
	ledger_judgement_release(&w->judgement);
	rows_release(&w->r);
}

int64_t world_register(struct world *w, int64_t version, const char *launcher, const char *editor,
                       const char *registrar)
{
	struct ledger_text t = {.kind = LEDGER_REGISTRATION, .model = "credit", .version = version};
	struct ledger_evidence e = {.kind = "registration"};
	struct ledger_seal seal;
	struct json_writer j;
	struct str json;

	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_array(&j, "editors");
	if (editor)
		jw_string(&j, NULL, editor);
	jw_array_end(&j);
	jw_string(&j, "kind", "registration");
	jw_string(&j, "launcher", launcher);
	jw_string(&j, "model", "credit");
	jw_string(&j, "registrar", registrar);
	jw_string(&j, "run", w->facts.run);
	jw_int(&j, "version", version);
	jw_object_end(&j);
	set_digest(e.digest, rows_object(&w->r, json.data));
	str_release(&json);
	set_digest(t.subject, subject_of(w, version));
	memcpy(seal.run, w->facts.run, sizeof seal.run);
	memcpy(seal.digest, w->facts.run_seal, sizeof seal.digest);
	t.evidence = &e;
	t.evidence_count = 1;
	t.seals = &seal;
	t.seal_count = 1;
	return rows_add(&w->r, t, NULL);
}

/* What a decision says of the facts. */
static void take_facts(struct world *w, struct ledger_text *t)
{
	const struct ledger_facts *f = &w->facts;

	memcpy(t->run, f->run, sizeof t->run);
	memcpy(t->run_seal, f->run_seal, sizeof t->run_seal);
	memcpy(t->code_commit, f->code_commit, sizeof t->code_commit);
	memcpy(t->code_diff, f->code_diff, sizeof t->code_diff);
	memcpy(t->env, f->env, sizeof t->env);
	t->data = f->data;
	t->data_count = f->data_count;
	t->evidence = f->evidence;
	t->evidence_count = f->evidence_count;
	t->gates = f->gates;
	t->gate_count = f->gate_count;
}

struct ledger_text world_text(struct world *w, enum ledger_kind kind, const char *who)
{
	const struct ledger_state *s = rows_state(&w->r);
	const struct roster_person *p = roster_find(&s->roster, who);
	const struct ledger_stage *st = ledger_stage_find(s, "credit", w->stage);
	struct ledger_text t = {.kind = kind, .signer = who, .meaning = "I mean it", .role = "peer", .name = who};

	set_digest(t.policy, s->policy.digest);
	set_digest(t.roster, s->roster.digest);
	if (p) {
		t.role = arena_strdup(w->r.mem, p->roles[0]);
		t.name = arena_strdup(w->r.mem, p->name);
	}
	if (kind == LEDGER_POLICY || kind == LEDGER_ROSTER || kind == LEDGER_CHECKPOINT)
		return t;
	t.model = "credit";
	t.stage = w->stage;
	if (kind == LEDGER_HALT || kind == LEDGER_REVOKE || kind == LEDGER_RETRO_REVIEW)
		return t;
	t.version = w->version;
	set_digest(t.subject, subject_of(w, w->version));
	take_facts(w, &t);
	if (st) {
		t.baseline_version = st->version;
		set_digest(t.baseline_subject, st->subject);
	}
	if (kind != LEDGER_PROPOSE && kind != LEDGER_BREAK_GLASS)
		t.target = w->proposal;
	return t;
}

int64_t world_sign(struct world *w, struct ledger_text t)
{
	return rows_add(&w->r, t, key_name(w, t.signer));
}

int64_t world_propose(struct world *w)
{
	return w->proposal = world_sign(w, world_text(w, LEDGER_PROPOSE, "pat@lab"));
}

int64_t world_approve(struct world *w, const char *who)
{
	return world_sign(w, world_text(w, LEDGER_APPROVE, who));
}

int64_t world_reject(struct world *w, const char *who)
{
	struct ledger_text t = world_text(w, LEDGER_REJECT, who);

	t.reason = "no";
	return world_sign(w, t);
}

int64_t world_revoke(struct world *w, const char *who, int64_t row)
{
	struct ledger_text t = world_text(w, LEDGER_REVOKE, who);

	t.target = row;
	return world_sign(w, t);
}

struct ledger_text world_waiver(struct world *w, const char *who, const char *gate, double bound,
                                int64_t until)
{
	struct ledger_text t = world_text(w, LEDGER_WAIVE, who);

	t.waivers = arena_alloc(w->r.mem, sizeof *t.waivers);
	t.waiver_count = 1;
	t.waivers[0] = (struct ledger_waiver){gate, bound, until, who, w->proposal};
	t.reason = LONG_REASON;
	return t;
}

int64_t world_waive(struct world *w, const char *who, const char *gate, double bound, int64_t until)
{
	return world_sign(w, world_waiver(w, who, gate, bound, until));
}

int64_t world_promote(struct world *w)
{
	return world_sign(w, world_text(w, LEDGER_PROMOTE, "olga@lab"));
}

int64_t world_results(struct world *w)
{
	struct ledger_text t = {
	    .kind = LEDGER_GATE_RESULTS, .model = "credit", .version = w->version, .stage = w->stage};

	set_digest(t.subject, subject_of(w, w->version));
	t.gates = w->facts.gates;
	t.gate_count = w->facts.gate_count;
	return rows_add(&w->r, t, NULL);
}

int64_t world_halt(struct world *w, const char *who)
{
	struct ledger_text t = {.kind = LEDGER_HALT, .model = "credit", .stage = w->stage};

	return who ? world_sign(w, world_text(w, LEDGER_HALT, who)) : rows_add(&w->r, t, NULL);
}

int64_t world_resume(struct world *w, const char *who, int64_t halt)
{
	struct ledger_text t = world_text(w, LEDGER_RESUME, who);

	t.target = halt;
	return world_sign(w, t);
}

int64_t world_rollback(struct world *w, int64_t to)
{
	struct ledger_text t = world_text(w, LEDGER_ROLLBACK, "olga@lab");

	t.target = to;
	t.reason = "errors in the night";
	return world_sign(w, t);
}

int64_t world_break_glass(struct world *w, const char *who)
{
	struct ledger_text t = world_text(w, LEDGER_BREAK_GLASS, who);
	int level = w->r.level;
	int64_t row;

	t.reason = "INC-12: the old one answers nothing";
	t.expires = w->r.now + DAY / 2;
	w->r.level = 2;
	row = world_sign(w, t);
	w->r.level = level;
	return row;
}

int64_t world_retro(struct world *w, const char *who, int64_t row)
{
	struct ledger_text t = world_text(w, LEDGER_RETRO_REVIEW, who);

	t.target = row;
	return world_sign(w, t);
}

int64_t world_change(struct world *w, enum ledger_kind kind, const char *text, const char *who)
{
	struct ledger_text t = world_text(w, kind, who);

	set_digest(t.subject, rows_object(&w->r, text));
	return world_sign(w, t);
}

void world_roster_in_force(struct world *w, const char *text)
{
	world_change(w, LEDGER_ROSTER, text, "rita@lab");
	world_change(w, LEDGER_ROSTER, text, "rolf@lab");
}

int64_t world_promoted(struct world *w)
{
	int64_t row;

	world_propose(w);
	world_approve(w, "bob@lab");
	world_approve(w, "dave@lab");
	row = world_promote(w);
	world_expect_stands(w, row);
	return row;
}

/* ---- what comes of it ---- */

const struct ledger_judgement *world_judge(struct world *w)
{
	const struct ledger_state *s = rows_state(&w->r);
	const struct ledger_proposal *p = ledger_proposal_find(s, w->proposal);

	ledger_judgement_release(&w->judgement);
	assert_non_null(p);
	if (!*w->facts.subject)
		set_digest(w->facts.subject, p->text->subject);
	w->facts.stage = w->stage;
	w->facts.version = w->version;
	w->facts.now = w->r.now;
	ledger_judge(s, p, &w->facts, &w->judgement);
	return &w->judgement;
}

const struct ledger_standing *world_standing(struct world *w, int64_t row)
{
	const struct ledger_judgement *j = world_judge(w);

	for (size_t i = 0; i < j->vote_count; i++)
		if (j->votes[i].vote->row == row)
			return &j->votes[i];
	fail_msg("row %lld is no vote: %s", (long long)row, rows_void(&w->r, row) ? rows_void(&w->r, row) : "-");
	return NULL;
}

void world_expect(struct world *w, int64_t row, enum ledger_why why, const char *piece)
{
	const struct ledger_standing *s = world_standing(w, row);

	if (s->counts || !s->reason_count)
		fail_msg("it counts");
	for (size_t i = 0; i < s->reason_count; i++) {
		assert_int_equal(s->reasons[i].row, row);
		if (s->reasons[i].why != why)
			fail_msg("another reason: %s: %s", ledger_why_name(s->reasons[i].why), s->reasons[i].text);
	}
	if (!strstr(s->reasons[0].text, piece))
		fail_msg("\"%s\" does not say \"%s\"", s->reasons[0].text, piece);
}

void world_expect_counts(struct world *w, int64_t row)
{
	const struct ledger_standing *s = world_standing(w, row);

	if (!s->counts)
		fail_msg("it does not count: %s", s->reason_count ? s->reasons[0].text : "without a reason");
}

void world_expect_void(struct world *w, int64_t row, const char *piece)
{
	const char *why = rows_void(&w->r, row);

	if (!why)
		fail_msg("row %lld stands", (long long)row);
	else if (!strstr(why, piece))
		fail_msg("\"%s\" does not say \"%s\"", why, piece);
}

void world_expect_stands(struct world *w, int64_t row)
{
	const char *why = rows_void(&w->r, row);

	if (why)
		fail_msg("row %lld is void: %s", (long long)row, why);
}

void world_expect_block(struct world *w, const char *piece)
{
	const struct ledger_judgement *j = world_judge(w);

	if (j->approved)
		fail_msg("it is approved");
	for (size_t i = 0; i < j->block_count; i++)
		if (strstr(j->blocks[i], piece))
			return;
	fail_msg("nothing says \"%s\" (first: %s)", piece, j->blocks[0]);
}

const struct ledger_gate_standing *world_gate(struct world *w, const char *id)
{
	const struct ledger_judgement *j = world_judge(w);

	for (size_t i = 0; i < j->gate_count; i++)
		if (!strcmp(j->gates[i].gate->id, id))
			return &j->gates[i];
	fail_msg("no gate %s", id);
	return NULL;
}

struct ledger_gate *world_fact(struct world *w, const char *id)
{
	for (size_t i = 0; i < w->facts.gate_count; i++)
		if (!strcmp(w->gates[i].id, id))
			return &w->gates[i];
	return NULL;
}
