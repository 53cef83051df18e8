/* What a text of each kind of decision says, from the ledger's state and what holds of a version now. */
#include <math.h>
#include <stdlib.h>

#include "draft.h"
#include "trust.h"

int subject_find(struct trust *t, const char *model, int64_t version, const char *stage, struct arena *mem,
                 struct subject *out, struct error *err)
{
	const char *ref = arena_printf(mem, "%s@%lld", model, (long long)version);
	return work_version_find(t, ref, mem, &out->version, err) == 0 &&
	               work_facts(t, &out->version, stage, mem, &out->facts, err) == 0
	           ? 0
	           : -1;
}

int decision_row(struct trust *t, int64_t seq, struct arena *mem, struct ledger_row *row,
                 struct ledger_text *text, struct error *err)
{
	struct ledger_row *rows = NULL;
	size_t count = 0;
	struct ledger *l = work_trust_ledger(t);
	if (seq > 0 && l && ledger_rows(l, seq, seq, mem, &rows, &count, err) != 0)
		return -1;
	if (!count)
		return error_set(err, ERR_NO, "the ledger has no row %lld; `assay ledger` lists them",
		                 (long long)seq);
	*row = rows[0];
	return ledger_text_parse(row->body, row->body_len, mem, text, err);
}

int decision_by_request(struct trust *t, const char *request, struct arena *mem, int64_t *seq,
                        struct ledger_text *text, struct error *err)
{
	struct ledger_row *rows = NULL;
	size_t count = 0;
	struct ledger *l = work_trust_ledger(t);
	char *line = xasprintf("\nrequest %s\n", request);
	size_t len = strlen(line);
	int status = l ? ledger_rows(l, 1, 0, mem, &rows, &count, err) : 0;
	*seq = 0;
	for (size_t i = 0; i < count && status == 0 && !*seq; i++) {
		if (!memmem(rows[i].body, rows[i].body_len, line, len))
			continue;
		*seq = rows[i].seq;
		if (text)
			status = ledger_text_parse(rows[i].body, rows[i].body_len, mem, text, err);
	}
	free(line);
	return status;
}

/* The newest row that put this version into the stage properly, not by break-glass; NULL: none. */
static const struct ledger_move *put_there(const struct ledger_state *s, const char *model, int64_t version,
                                           const char *stage)
{
	for (size_t i = s->move_count; i-- > 0;) {
		const struct ledger_move *m = &s->moves[i];
		if (m->promotion && m->version == version && strcmp(m->model, model) == 0 &&
		    strcmp(m->stage, stage) == 0)
			return m;
	}
	return NULL;
}

/* Who objects, takes back or stops may do so whatever became of the files; for going back the ledger asks
 * itself. */
static bool wants_whole_files(enum ledger_kind kind)
{
	return kind == LEDGER_PROPOSE || kind == LEDGER_APPROVE || kind == LEDGER_WAIVE ||
	       kind == LEDGER_PROMOTE || kind == LEDGER_RESUME || kind == LEDGER_BREAK_GLASS;
}

/* Model, version, stage, and everything that holds of them now. */
static int about(struct drafting *g, const char *model, int64_t version, const char *stage)
{
	struct ledger_text *x = &g->x;
	if (subject_find(g->t, model, version, stage, g->mem, &g->subject, g->err) != 0)
		return -1;
	const struct work_version *v = &g->subject.version;
	const struct ledger_facts *f = &g->subject.facts;
	if (!*f->subject && wants_whole_files(g->d->kind)) {
		const char *problem = NULL;
		if (work_version_intact(g->t, v, g->mem, &problem, g->err) != 0)
			return -1;
		return error_set(g->err, ERR_TAMPER, "the files of %s@%lld are not what was registered: %s", model,
		                 (long long)version, problem ? problem : "they changed a moment ago");
	}
	g->has_facts = true;
	x->model = model;
	x->version = version;
	x->stage = stage;
	memcpy(x->subject, v->subject, sizeof x->subject);
	x->manifest_files = (int64_t)v->file_count;
	x->manifest_bytes = v->bytes;
	memcpy(x->run, f->run, sizeof x->run);
	memcpy(x->run_seal, f->run_seal, sizeof x->run_seal);
	memcpy(x->code_commit, f->code_commit, sizeof x->code_commit);
	memcpy(x->code_diff, f->code_diff, sizeof x->code_diff);
	memcpy(x->env, f->env, sizeof x->env);
	x->data = f->data;
	x->data_count = f->data_count;
	x->evidence = f->evidence;
	x->evidence_count = f->evidence_count;
	x->gates = f->gates;
	x->gate_count = f->gate_count;
	const struct ledger_stage *now = ledger_stage_find(g->s, model, stage);
	if (now && now->version) {
		x->baseline_version = now->version;
		memcpy(x->baseline_subject, now->subject, sizeof x->baseline_subject);
	}
	return 0;
}

/* "NAME@V": the name in the arena and the version. */
static int reference(struct drafting *g, const char **model, int64_t *version)
{
	struct work_version v;
	if (!g->d->model || !g->d->stage)
		return error_set(g->err, ERR_USAGE, "say which version and which stage: NAME@V STAGE");
	if (work_version_find(g->t, g->d->model, g->mem, &v, g->err) != 0)
		return -1;
	*model = arena_strdup(g->mem, v.model); /* the state that it stands in changes with a refresh */
	*version = v.version;
	return 0;
}

static int proposal(struct drafting *g)
{
	g->proposal = ledger_proposal_find(g->s, g->d->target);
	if (!g->proposal)
		return error_set(g->err, ERR_NO, "row %lld is no proposal; `assay review` lists those that wait",
		                 (long long)g->d->target);
	g->x.target = g->proposal->row;
	const struct ledger_text *p = g->proposal->text;
	return about(g, arena_strdup(g->mem, p->model), p->version, arena_strdup(g->mem, p->stage));
}

/* The stage of a model, with what is in it. */
static int stage_now(struct drafting *g, const struct ledger_stage **now)
{
	const struct work_decision *d = g->d;
	if (!d->model || !d->stage)
		return error_set(g->err, ERR_USAGE, "say which model and which stage: NAME STAGE");
	*now = ledger_stage_find(g->s, d->model, d->stage);
	if (!*now || !(*now)->version)
		return error_set(g->err, ERR_NO, "no version of %s is in %s", d->model, d->stage);
	return 0;
}

/* ---- the kinds ---- */

/* Waivers that let a gate through: an approval lists the ones that it relies on. */
static void rely_on(struct drafting *g)
{
	struct ledger_judgement j;
	ledger_judge(g->s, g->proposal, &g->subject.facts, &j);
	g->x.waivers = arena_array(g->mem, j.gate_count + 1, sizeof *g->x.waivers);
	for (size_t i = 0; i < j.gate_count; i++) {
		const struct ledger_vote *w = j.gates[i].waiver;
		if (!w || !w->text->waiver_count)
			continue;
		struct ledger_waiver *to = &g->x.waivers[g->x.waiver_count++];
		*to = w->text->waivers[0];
		to->gate = arena_strdup(g->mem, to->gate);
		to->signer = arena_strdup(g->mem, w->principal);
		to->row = w->row;
	}
	ledger_judgement_release(&j);
}

static int propose(struct drafting *g)
{
	const char *model;
	int64_t version;
	struct work_gates gates;
	struct work_version v;
	if (reference(g, &model, &version) != 0 || work_version_find(g->t, g->d->model, g->mem, &v, g->err) != 0)
		return -1;
	/* The newest results are what reviewers will be shown; the row that holds them comes before the proposal.
	 */
	if (launcher_confirm(g->t, &v, g->mem, g->err) != 0 ||
	    work_gates(g->t, &v, g->d->stage, g->mem, &gates, g->err) != 0 ||
	    work_trust_refresh(g->t, NULL, g->err) != 0)
		return -1;
	g->s = work_trust_state(g->t);
	return about(g, model, version, arena_strdup(g->mem, g->d->stage));
}

/* Nobody signs on what an unsigned row alone says. */
static int confirm(struct drafting *g)
{
	enum proposal_status status = g->proposal->status;
	if (status != PROPOSAL_IN_REVIEW && status != PROPOSAL_REJECTED)
		return 0;
	return launcher_confirm(g->t, &g->subject.version, g->mem, g->err) != 0 ||
	               gates_confirm(g->t, &g->subject.version, g->x.stage, g->mem, g->err) != 0
	           ? -1
	           : 0;
}

static int expires(struct drafting *g)
{
	const struct policy_stage *stage = policy_stage_find(&g->s->policy, g->x.stage);
	if (stage && stage->expires_ms)
		g->x.expires = g->x.claimed_time + stage->expires_ms;
	return 0;
}

static int answer(struct drafting *g)
{
	if (proposal(g) != 0 || (g->d->kind != LEDGER_REJECT && confirm(g) != 0))
		return -1;
	rely_on(g);
	return g->d->kind == LEDGER_APPROVE ? expires(g) : 0;
}

static int waive(struct drafting *g)
{
	const struct work_decision *d = g->d;
	if (proposal(g) != 0 || confirm(g) != 0)
		return -1;
	const struct ledger_facts *f = &g->subject.facts;
	const struct ledger_gate *gate = NULL;
	const char **names = arena_array(g->mem, f->gate_count + 1, sizeof *names);
	for (size_t i = 0; i < f->gate_count; i++) {
		names[i] = f->gates[i].id;
		if (d->gate && strcmp(names[i], d->gate) == 0)
			gate = &f->gates[i];
	}
	if (!gate) {
		const char *near = d->gate ? name_nearest(d->gate, names, f->gate_count) : NULL;
		return error_set(g->err, ERR_NO, "%s@%lld has no gate \"%s\" for %s%s%s%s", g->x.model,
		                 (long long)g->x.version, d->gate ? d->gate : "", g->x.stage,
		                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	}
	struct ledger_waiver *w = arena_alloc(g->mem, sizeof *w);
	*w = (struct ledger_waiver){
	    .gate = gate->id,
	    .bound = isnan(d->bound) ? gate->measured : d->bound,
	    .until = d->until,
	    .signer = g->who->principal,
	    .row = g->proposal->row, /* its own row has no number yet */
	};
	g->x.waivers = w;
	g->x.waiver_count = 1;
	g->x.expires = d->until;
	return 0;
}

/* Takes model, version, stage and subject from the row that is answered. */
static int answer_row(struct drafting *g, struct ledger_row *row, struct ledger_text *text)
{
	if (decision_row(g->t, g->d->target, g->mem, row, text, g->err) != 0)
		return -1;
	g->x.target = row->seq;
	g->x.model = text->model;
	g->x.version = text->version;
	g->x.stage = text->stage;
	memcpy(g->x.subject, text->subject, sizeof g->x.subject);
	return 0;
}

static int revoke(struct drafting *g)
{
	struct ledger_row row;
	struct ledger_text text;
	if (answer_row(g, &row, &text) != 0)
		return -1;
	if (!ledger_kind_is_decision(text.kind))
		return error_set(g->err, ERR_NO,
		                 "row %lld was written by the program: only a decision can be revoked",
		                 (long long)row.seq);
	return 0;
}

static int retro_review(struct drafting *g)
{
	struct ledger_row row;
	struct ledger_text text;
	if (answer_row(g, &row, &text) != 0)
		return -1;
	if (text.kind != LEDGER_BREAK_GLASS)
		return error_set(g->err, ERR_NO, "row %lld is a %s, and only a break-glass is reviewed afterwards",
		                 (long long)row.seq, ledger_kind_name(text.kind));
	return about(g, text.model, text.version, text.stage);
}

static int rollback(struct drafting *g)
{
	const struct ledger_stage *now;
	if (stage_now(g, &now) != 0)
		return -1;
	int64_t to = g->d->version ? g->d->version : now->previous;
	if (!to)
		return error_set(g->err, ERR_NO, "no version of %s was in %s before version %lld", now->model,
		                 now->stage, (long long)now->version);
	if (to == now->version)
		return error_set(g->err, ERR_NO, "version %lld of %s is in %s now", (long long)to, now->model,
		                 now->stage);
	const struct ledger_move *m = put_there(g->s, now->model, to, now->stage);
	if (!m)
		return error_set(g->err, ERR_NO,
		                 "version %lld of %s was never promoted to %s, so it cannot be rolled back to",
		                 (long long)to, now->model, now->stage);
	g->x.target = m->row;
	return about(g, arena_strdup(g->mem, now->model), to, arena_strdup(g->mem, now->stage));
}

static int halt(struct drafting *g)
{
	const struct ledger_stage *now;
	if (stage_now(g, &now) != 0)
		return -1;
	g->x.model = arena_strdup(g->mem, now->model);
	g->x.stage = arena_strdup(g->mem, now->stage);
	g->x.version = now->version;
	memcpy(g->x.subject, now->subject, sizeof g->x.subject);
	return 0;
}

static int resume(struct drafting *g)
{
	const struct ledger_stage *now;
	if (stage_now(g, &now) != 0)
		return -1;
	if (!now->halted)
		return error_set(g->err, ERR_NO, "%s of %s is not halted", now->stage, now->model);
	g->x.target = now->halt_row;
	if (about(g, arena_strdup(g->mem, now->model), now->version, arena_strdup(g->mem, now->stage)) != 0)
		return -1;
	return expires(g);
}

static int break_glass(struct drafting *g)
{
	enum { DAY_MS = 24 * 60 * 60 * 1000 };
	const char *model;
	int64_t version;
	if (!g->d->incident || !*g->d->incident)
		return error_set(g->err, ERR_USAGE, "break-glass needs the incident that it is for");
	if (reference(g, &model, &version) != 0 ||
	    about(g, model, version, arena_strdup(g->mem, g->d->stage)) != 0)
		return -1;
	g->x.reason = arena_printf(g->mem, "incident %s: %s", g->d->incident, g->d->reason ? g->d->reason : "");
	g->x.expires = g->d->until ? g->d->until : g->x.claimed_time + DAY_MS;
	return 0;
}

/* A roster's or a policy's draft: sound, and kept among the objects, so that whoever replays finds it. */
static int document(struct drafting *g)
{
	struct str text;
	int status = -1;
	const char *file = g->d->file;
	str_init(&text);
	if (!file)
		bug("a %s needs its draft", ledger_kind_name(g->d->kind));
	if (file_read(file, &text, 1 << 20, g->err) != 0)
		goto out;
	if (g->d->kind == LEDGER_ROSTER) {
		struct roster *r = arena_alloc(g->mem, sizeof *r);
		status = roster_parse(file, arena_memdup0(g->mem, text.data, text.len), text.len, g->mem, r, g->err);
		g->subject.facts = (struct ledger_facts){.draft = r, .now = g->x.claimed_time};
		g->has_facts = true;
	} else {
		struct policy p;
		status = policy_parse(file, text.data, text.len, g->mem, &p, g->err);
	}
	if (status == 0)
		status = store_object_put(work_trust_store(g->t), text.data, text.len, g->x.subject, g->err);
out:
	str_release(&text);
	return status;
}

int draft_fill(struct drafting *g)
{
	switch (g->d->kind) {
	case LEDGER_APPROVE:
	case LEDGER_REJECT:
	case LEDGER_PROMOTE:
		return answer(g);
	case LEDGER_WAIVE:
		return waive(g);
	case LEDGER_REVOKE:
		return revoke(g);
	case LEDGER_PROPOSE:
		return propose(g);
	case LEDGER_ROLLBACK:
		return rollback(g);
	case LEDGER_HALT:
		return halt(g);
	case LEDGER_RESUME:
		return resume(g);
	case LEDGER_BREAK_GLASS:
		return break_glass(g);
	case LEDGER_RETRO_REVIEW:
		return retro_review(g);
	case LEDGER_POLICY:
	case LEDGER_ROSTER:
		return document(g);
	case LEDGER_CHECKPOINT:
		return 0;
	case LEDGER_GATE_RESULTS:
	case LEDGER_RUN_SEALS:
	case LEDGER_REGISTRATION:
	case LEDGER_GENESIS:
	case LEDGER_KINDS:
		break;
	}
	bug("a %s is no decision", ledger_kind_name(g->d->kind));
}
