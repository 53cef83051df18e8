#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "assay/base.h"
#include "assay/ledger.h"
#include "assay/work.h"
#include "../../src/view/evidence.h"
#include "../../src/view/review.h"
#include "../../src/view/session.h"
#include "../../src/view/sign.h"
#include "../../src/view/view_inside.h"
#include "review_fixture.h"

#define DAY INT64_C(86400000)

struct fixture {
	struct app app;
	struct review_stage *stage;
};

static void digest(char out[SHA256_TEXT], const char *of)
{
	sha256_hex(of, strlen(of), out);
}

/* ---- a policy with gates ---- */

static struct policy_gate gate(const char *id, enum policy_gate_kind kind, double limit)
{
	return (struct policy_gate){.id = id,
	                            .kind = kind,
	                            .limit = limit,
	                            .level = 0.95,
	                            .minimum = 100,
	                            .threshold = (double)NAN,
	                            .waivable = true};
}

static void fill_gates(struct policy *p, enum review_like like, struct arena *mem)
{
	static const char *const plain[] = {"contract", "replay", "files"};
	static const enum policy_gate_kind kinds[] = {POLICY_CONTRACT, POLICY_REPLAY, POLICY_MANIFEST};
	size_t n = 0, extra = like == LIKE_MANY ? 12 : 0;

	p->gates = arena_array(mem, 40, sizeof *p->gates);
	if (like == LIKE_FIRST)
		return;
	p->gates[n] = gate("auc-up", POLICY_CHAMPION, -0.002);
	p->gates[n].metric = "auc";
	p->gates[n++].bound = POLICY_LOW;
	p->gates[n] = gate("auc", POLICY_METRIC, 0.75);
	p->gates[n].metric = "auc";
	p->gates[n].data = like == LIKE_LONG ? "applications-of-the-whole-country-2026-10" : "holdout-2026-10";
	p->gates[n++].bound = POLICY_LOW;
	p->gates[n] = gate("calibration", POLICY_METRIC, 0.03);
	p->gates[n].metric = "ece";
	p->gates[n].at_most = true;
	p->gates[n++].bound = POLICY_HIGH;
	p->gates[n] = gate("parity.sex", POLICY_BIAS, 0.8);
	p->gates[n].measure = "demographic_parity_ratio";
	p->gates[n].by = "sex";
	p->gates[n].reference = "male";
	p->gates[n++].bound = POLICY_LOW;
	p->gates[n] = gate("data-age", POLICY_DATA_AGE, 90);
	p->gates[n].at_most = true;
	p->gates[n++].bound = POLICY_VALUE;
	for (size_t i = 0; i < extra; i++) {
		p->gates[n] = gate(arena_printf(mem, "opportunity.group-%zu", i + 1), POLICY_BIAS, 0.1);
		p->gates[n].measure = "equal_opportunity_difference";
		p->gates[n].by = arena_printf(mem, "group_%zu", i + 1);
		p->gates[n].at_most = true;
		p->gates[n++].bound = POLICY_HIGH;
	}
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		p->gates[n++] = gate(plain[i], kinds[i], (double)NAN);
	p->gate_count = n;
}

static struct ledger_state *make_state(enum review_like like, struct arena *mem)
{
	static const char *const roles[] = {"peer", "risk-reviewer"};
	struct ledger_state *s = arena_alloc(mem, sizeof *s);
	struct policy_stage *stage = arena_alloc(mem, sizeof *stage);

	*stage = (struct policy_stage){.name = "production",
	                               .approvals = 2,
	                               .assurance = 1,
	                               .roles = arena_array(mem, 2, sizeof *stage->roles),
	                               .role_count = 2,
	                               .expires_ms = 7 * DAY};
	memcpy(stage->roles, roles, sizeof roles);
	s->policy.name = "lending";
	s->policy.stages = stage;
	s->policy.stage_count = 1;
	s->policy.text = "[policy]\nname = lending\nstages = production\n";
	s->policy.len = strlen(s->policy.text);
	digest(s->policy.digest, "policy");
	fill_gates(&s->policy, like, mem);
	return s;
}

/* ---- what holds ---- */

static void measure(const struct policy_gate *g, enum review_like like, struct ledger_gate *out,
                    enum gate_result *verdict, double *champion, double *candidate)
{
	*out = (struct ledger_gate){
	    .id = g->id, .measured = (double)NAN, .low = (double)NAN, .high = (double)NAN, .level = 0.95};
	*verdict = GATE_PASS;
	*champion = *candidate = (double)NAN;
	digest(out->settings, g->id);
	if (g->kind == POLICY_CHAMPION) {
		out->measured = 0.0081;
		out->low = 0.0062;
		out->high = 0.01;
		*champion = 0.8031;
		*candidate = 0.8112;
	} else if (g->kind == POLICY_METRIC && g->at_most) {
		out->measured = 0.0213;
		out->low = 0.0179;
		out->high = like == LIKE_STALE ? 0.0402 : 0.0261;
		*champion = 0.024;
		*verdict = like == LIKE_STALE ? GATE_UNDECIDED : GATE_PASS;
	} else if (g->kind == POLICY_METRIC) {
		out->measured = 0.8112;
		out->low = 0.8049;
		out->high = 0.8175;
		*champion = 0.8031;
	} else if (g->kind == POLICY_BIAS && g->at_most) {
		out->measured = 0.041;
		out->low = 0.021;
		out->high = 0.0799;
	} else if (g->kind == POLICY_BIAS) {
		out->measured = like == LIKE_STALE ? 0.712 : 0.8012;
		out->low = like == LIKE_STALE ? 0.696 : 0.7871;
		out->high = like == LIKE_STALE ? 0.728 : 0.8154;
		*champion = 0.781;
		*verdict = like == LIKE_STALE ? GATE_FAIL : like == LIKE_APPROVED ? GATE_PASS : GATE_UNDECIDED;
	} else if (g->kind == POLICY_DATA_AGE) {
		out->measured = 12;
	} else if (g->kind == POLICY_REPLAY && like == LIKE_STALE) {
		*verdict = GATE_MISSING;
	}
	out->result = *verdict;
}

static struct ledger_vote *add_vote(struct ledger_judgement *j, enum ledger_kind kind, const char *principal,
                                    const char *name, const char *role, int64_t row, struct arena *mem)
{
	struct ledger_vote *v = arena_alloc(mem, sizeof *v);
	struct ledger_text *t = arena_alloc(mem, sizeof *t);
	char hex[SHA256_TEXT];

	digest(hex, principal);
	*t = (struct ledger_text){.kind = kind,
	                          .signer = principal,
	                          .name = name,
	                          .role = role,
	                          .meaning = "I have read the evidence listed here and decide as it says.",
	                          .reason =
	                              "Better on the holdout in every month; calibration holds for both sexes."};
	*v = (struct ledger_vote){.row = row,
	                          .at = REVIEW_NOW - 2 * 3600000,
	                          .kind = kind,
	                          .text = t,
	                          .principal = principal,
	                          .name = name,
	                          .role = role,
	                          .fingerprint = arena_printf(mem, "SHA256:%.43s", hex),
	                          .level = kind == LEDGER_WAIVE ? 2 : 1};
	j->votes[j->vote_count++] = (struct ledger_standing){.vote = v, .counts = true};
	return v;
}

static void does_not_count(struct ledger_judgement *j, enum ledger_why why, const char *text,
                           struct arena *mem)
{
	struct ledger_standing *s = &j->votes[j->vote_count - 1];

	s->counts = false;
	s->reasons = arena_array(mem, 1, sizeof *s->reasons);
	s->reasons[0] = (struct ledger_reason){.why = why, .row = s->vote->row, .text = text};
	s->reason_count = 1;
}

static void fill_votes(struct work_review *r, enum review_like like, struct arena *mem)
{
	struct ledger_judgement *j = &r->judgement;
	static const char *missing[] = {"risk-reviewer"}, *both[] = {"peer", "risk-reviewer"};

	j->votes = arena_array(mem, 8, sizeof *j->votes);
	j->need = 2;
	j->roles_missing = missing;
	j->roles_missing_count = 1;
	if (like == LIKE_FIRST) {
		j->roles_missing = both;
		j->roles_missing_count = 2;
		return;
	}
	if (like == LIKE_STALE) {
		add_vote(j, LEDGER_APPROVE, "li@lab", "Li Wei", "peer", 483, mem);
		does_not_count(j, WHY_EVIDENCE, "evidence bias-report changed from 3f9c2a11 to 77ab01cd", mem);
		add_vote(j, LEDGER_APPROVE, "mara@lab", "Mara Lind", "risk-reviewer", 484, mem);
		does_not_count(j, WHY_AUTHOR, "mara@lab launched the run", mem);
		add_vote(j, LEDGER_APPROVE, "ada@lab", "Ada Osei", "risk-reviewer", 486, mem)->revoked = true;
		j->votes[j->vote_count - 1].counts = false;
		((struct ledger_vote *)(uintptr_t)j->votes[j->vote_count - 1].vote)->revoked_by = 487;
		j->roles_missing = both;
		j->roles_missing_count = 2;
		return;
	}
	add_vote(j, LEDGER_APPROVE, "li@lab",
	         like == LIKE_LONG ? "Li Wei-Ling Constantinopolitanides-Featherstonehaugh of the second floor"
	                           : "Li Wei",
	         "peer", 483, mem);
	j->have = 1;
	if (like == LIKE_REJECTED) {
		add_vote(j, LEDGER_REJECT, "ada@lab", "Ada Osei", "risk-reviewer", 485, mem);
		j->vetoed = true;
	}
	if (like == LIKE_APPROVED) {
		add_vote(j, LEDGER_APPROVE, "ada@lab", "Ada Osei", "risk-reviewer", 485, mem);
		j->have = 2;
		j->roles_missing_count = 0;
		j->approved = true;
	}
}

static void fill_judgement(struct work_review *r, const struct policy *p, enum review_like like,
                           struct arena *mem)
{
	struct ledger_judgement *j = &r->judgement;
	size_t n = p->gate_count;

	j->gates = arena_array(mem, n + 1, sizeof *j->gates);
	r->gate_champion = arena_array(mem, n + 1, sizeof *r->gate_champion);
	r->gate_candidate = arena_array(mem, n + 1, sizeof *r->gate_candidate);
	r->gate_why = arena_array(mem, n + 1, sizeof *r->gate_why);
	j->blocks = arena_array(mem, 8, sizeof *j->blocks);
	for (size_t i = 0; i < n; i++) {
		struct ledger_gate *got = arena_alloc(mem, sizeof *got);
		struct ledger_gate_standing *s = &j->gates[j->gate_count++];

		*s = (struct ledger_gate_standing){.gate = &p->gates[i], .result = got};
		measure(&p->gates[i], like, got, &s->verdict, &r->gate_champion[i], &r->gate_candidate[i]);
		s->lets_through = s->verdict == GATE_PASS;
		if (s->verdict == GATE_MISSING)
			r->gate_why[i] = "the run was never replayed: assay replay makes it";
		if (s->verdict == GATE_UNDECIDED && like == LIKE_USUAL) {
			struct ledger_vote *w =
			    add_vote(j, LEDGER_WAIVE, "ren@lab", "Ren Abe", "risk-reviewer", 482, mem);
			struct ledger_waiver *terms = arena_alloc(mem, sizeof *terms);

			*terms =
			    (struct ledger_waiver){.gate = "parity.sex", .bound = 0.78, .until = REVIEW_NOW + 38 * DAY};
			((struct ledger_text *)(uintptr_t)w->text)->waivers = terms;
			((struct ledger_text *)(uintptr_t)w->text)->waiver_count = 1;
			s->waiver = w;
			s->lets_through = true;
		} else if (!s->lets_through) {
			j->blocks[j->block_count++] =
			    arena_printf(mem, "gate %s: %s", p->gates[i].id, gate_result_name(s->verdict));
		}
	}
	if (!j->approved)
		j->blocks[j->block_count++] = "1 of 2 approvals";
	if (like == LIKE_HALTED)
		j->blocks[j->block_count++] = "stage production is halted (row 470): resume it first";
}

static void fill_changes(struct work_review *r, struct arena *mem)
{
	static const struct work_change changes[] = {{"params", "learning_rate", "0.1", "0.05"},
	                                             {"params", "max_depth", "4", "6"},
	                                             {"params", "rounds", "200", "400"},
	                                             {"features", "months_employed", NULL, "number"},
	                                             {"data", "train", "applications@1", "applications@2"},
	                                             {"code", "commit", "3f2c1d0", "9b11a7e"}};

	r->changes = arena_array(mem, COUNT_OF(changes), sizeof *r->changes);
	memcpy(r->changes, changes, sizeof changes);
	r->change_count = COUNT_OF(changes);
	r->params_changed = 3;
	r->features_added = 1;
	r->rows_more = 41000;
	r->code = "4 commits";
}

static struct work_version version(const char *model, int64_t number)
{
	struct work_version v = {.model = model,
	                         .version = number,
	                         .run = number,
	                         .run_name = "swift-otter-412",
	                         .launcher = "mara@gpu1",
	                         .registrar = "mara@gpu1",
	                         .description = ""};

	digest(v.subject, number == 7 ? "seven" : "six");
	snprintf(v.run_uuid, sizeof v.run_uuid, "01890a5d1f2e7c3d9a4b5c6d7e8f%04d", (int)number);
	return v;
}

static void make_review(struct work_review *r, enum review_like like, const struct ledger_state *state,
                        struct arena *mem)
{
	static const char *warnings[] = {
	    "the model сredit-risk mixes letters of several scripts: look at the digests"};
	const char *model =
	    like == LIKE_LONG ? "сredit-risk-of-first-time-applicants-without-a-guarantor-by-postcode-and-branch"
	                      : "credit-risk";
	struct ledger_proposal *p = arena_alloc(mem, sizeof *p);
	struct ledger_text *t = arena_alloc(mem, sizeof *t);

	*r = (struct work_review){.proposer_name = "Mara Lind", .proposal = p, .version = version(model, 7)};
	*t = (struct ledger_text){.kind = LEDGER_PROPOSE,
	                          .model = model,
	                          .version = 7,
	                          .stage = "production",
	                          .signer = "mara@lab",
	                          .name = "Mara Lind",
	                          .reason = "AUC +0.8 pt, younger applicants no longer penalised"};
	if (like == LIKE_LONG)
		t->reason =
		    "The new features come from the branch register; they were looked at one by one for what they "
		    "give away about sex and age, with the notes of that meeting kept beside the data set, and two "
		    "of them were left out again.";
	memcpy(t->subject, r->version.subject, sizeof t->subject);
	*p = (struct ledger_proposal){.row = like, .at = REVIEW_NOW - 3 * 3600000, .text = t, .results_row = 480};
	if (like != LIKE_FIRST) {
		r->champion = version(model, 6);
		r->champion_since = REVIEW_NOW - 41 * DAY;
		fill_changes(r, mem);
	}
	fill_votes(r, like, mem);
	fill_judgement(r, &state->policy, like, mem);
	r->facts.data = arena_array(mem, 2, sizeof *r->facts.data);
	r->facts.data[0] = (struct ledger_data){.role = "train", .name = "applications@2"};
	r->facts.data[1] = (struct ledger_data){.role = "test", .name = "holdout-2026-10@1"};
	digest(r->facts.data[0].digest, "train");
	digest(r->facts.data[1].digest, "test");
	r->facts.data_count = 2;
	r->facts.evidence = arena_array(mem, 2, sizeof *r->facts.evidence);
	r->facts.evidence[0] = (struct ledger_evidence){.kind = "evaluation"};
	r->facts.evidence[1] = (struct ledger_evidence){.kind = "bias-report"};
	digest(r->facts.evidence[0].digest, "evaluation");
	digest(r->facts.evidence[1].digest, "bias");
	r->facts.evidence_count = like == LIKE_FIRST ? 0 : 2;
	if (like == LIKE_LONG) {
		r->warnings = warnings;
		r->warning_count = COUNT_OF(warnings);
	}
}

/* ---- in the place of work ---- */

static int read_review(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct review_ask *ask = arg;
	enum review_like like = (enum review_like)ask->proposal;
	struct ledger_state *state = make_state(like, arena);
	struct work_review r;

	(void)context;
	if (like == LIKE_BROKEN)
		return error_set(
		    err, ERR_TAMPER,
		    "ledger.db: row 312 does not follow from row 311: its link is another one. Nothing behind it "
		    "can be relied on; `assay verify` lists what does not hold");
	make_review(&r, like, state, arena);
	*result = view_review_seen(&r, state, REVIEW_NOW, arena);
	return 0;
}

static int read_evidence(void *context, struct arena *arena, const void *arg, void **result,
                         struct error *err)
{
	static const char json[] =
	    "{\"kind\":\"bias-report\",\"by\":\"sex\",\"groups\":[{\"name\":\"female\",\"n\":58211,"
	    "\"selected\":0.181},{\"name\":\"male\",\"n\":61102,\"selected\":0.226}],\"notes\":[]}";
	const struct evidence_ask *ask = arg;
	struct evidence_text *out = arena_alloc(arena, sizeof *out);
	struct str text;

	(void)context;
	(void)err;
	str_init(&text);
	for (size_t i = 0; i < ask->object_count; i++) {
		str_addf(&text, "\n%s\n\n", ask->objects[i]);
		evidence_pretty(&text, json, strlen(json));
	}
	out->text = arena_memdup0(arena, text.data, text.len);
	out->len = text.len;
	str_release(&text);
	*result = out;
	return 0;
}

static int who(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct fixture *f = context;
	struct sign_who *out = arena_alloc(arena, sizeof *out);
	static const char *roles[] = {"risk-reviewer"};

	(void)arg;
	if (f->stage->ends == SIGN_ENDS_NO_KEY)
		return error_set(err, ERR_ENV,
		                 "no key was found: start an agent (eval $(ssh-agent); ssh-add), or say which "
		                 "with ASSAY_KEY=FILE");
	out->person = (struct work_person){.principal = "ada@lab",
	                                   .name = "Ada Osei",
	                                   .fingerprint = "SHA256:q2C8t5wYkTn1v7mJc0pXb3rZs6uHd9eLf4gAa1oQi8E",
	                                   .roles = roles,
	                                   .role_count = 1};
	*result = out;
	return 0;
}

static int draft(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct fixture *f = context;
	const struct sign_draft_ask *ask = arg;
	const struct work_decision *d = &ask->decision;
	struct sign_drafted *out = arena_alloc(arena, sizeof *out);
	void *person;

	if (who(context, arena, NULL, &person, err) != 0)
		return -1;
	if (f->stage->ends == SIGN_ENDS_NO)
		return error_set(err, ERR_NO,
		                 "ada@lab launched the run of this version: who made it cannot approve it "
		                 "(rule: the author set)");
	f->stage->drafts++;
	snprintf(f->stage->reason, sizeof f->stage->reason, "%s", d->reason ? d->reason : "");
	out->person = ((struct sign_who *)person)->person;
	out->text = arena_printf(
	    arena,
	    "assay-decision/1\nstore 4f1e6a7c2b9d4e03a5c18d7790e2b6aa\nseen 486 "
	    "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\nkind %s\nmeaning "
	    "I%%20have%%20read%%20the%%20evidence%%20listed%%20here\nsigner ada@lab\nname Ada%%20Osei\nrole "
	    "risk-reviewer\nmodel credit-risk\nversion 7\nstage production\nmanifest files 4 bytes 734003200\n"
	    "gate auc rule low>=0.75 measured 0.8112 low 0.8049 high 0.8175 level 0.95 result pass settings "
	    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
	    "gate parity.sex rule low>=0.8 measured 0.8012 low 0.7871 high 0.8154 level 0.95 result undecided "
	    "settings "
	    "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752\n"
	    "gate-line %s %lld\ntarget %lld\nreason %s\nclaimed-time 2026-11-23T12:00:00Z\nexpires "
	    "2026-11-30T12:00:00Z\nrequest 9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f\nend\n",
	    ledger_kind_name(d->kind), d->gate ? d->gate : "none", (long long)d->until, (long long)d->target,
	    d->reason ? d->reason : "none");
	out->len = strlen(out->text);
	sha256_hex(out->text, out->len, out->digest);
	*result = out;
	return 0;
}

static int decide(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct fixture *f = context;
	const struct sign_decide_ask *ask = arg;
	struct sign_receipt *out = arena_alloc(arena, sizeof *out);

	switch (f->stage->ends) {
	case SIGN_ENDS_STALE:
		return error_set(err, ERR_STALE,
		                 "row 487 (roster) came after what you saw (row 486): look again, then decide");
	case SIGN_ENDS_REFUSED:
		return error_set(err, ERR_ENV,
		                 "the agent refused to sign with SHA256:q2C8t5wY…: it was not confirmed; try "
		                 "again and confirm, or say --key FILE");
	case SIGN_ENDS_NEVER:
		for (int ms = 0; ms < 60000 && !*ask->cancel; ms += 10) {
			struct timespec pause = {.tv_nsec = 10000000};

			nanosleep(&pause, NULL);
		}
		return error_set(err, ERR_ENV, "%s",
		                 *ask->cancel ? "given up before the key had answered"
		                              : "the agent did not answer within 60 s");
	default:
		break;
	}
	f->stage->signatures++;
	out->receipt = (struct work_receipt){.row = 487,
	                                     .fingerprint = arena_strdup(arena, ask->person.fingerprint),
	                                     .principal = arena_strdup(arena, ask->person.principal),
	                                     .at = "2026-11-23T12:00:00.000Z",
	                                     .level = 1,
	                                     .then = "2 of 2 signatures: it can be promoted"};
	memcpy(out->receipt.text_digest, ask->digest, SHA256_TEXT);
	digest(out->receipt.link, "link");
	*result = out;
	return 0;
}

static const struct view_work FIXTURE_WORK = {.review = read_review,
                                              .evidence = read_evidence,
                                              .sign_who = who,
                                              .sign_draft = draft,
                                              .sign_decide = decide};

/* ---- the workbench ---- */

static void home_draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 3, 1, STYLE_MUTED, "home");
}

static const struct view_ops HOME = {.name = "models", .contexts = "", .draw = home_draw};
static const struct ui_screen SCREENS[] = {{5, "Models", &HOME}};

static int open_worker(void *user, void **context, struct error *err)
{
	(void)err;
	*context = user;
	return 0;
}

struct ui *review_fixture(struct term *term, enum review_like like, struct review_stage *stage)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	struct ui_worker worker = {.open = open_worker, .user = f};
	struct ui_options options = {.term = term,
	                             .screens = SCREENS,
	                             .screen_count = COUNT_OF(SCREENS),
	                             .place = "lending",
	                             .fixed_now = REVIEW_NOW,
	                             .reader = worker,
	                             .writer = worker,
	                             .app = &f->app};
	struct review_args args = {.proposal = like};
	struct error err;
	struct ui *ui;

	f->stage = stage;
	f->app = (struct app){.fixed_now = REVIEW_NOW,
	                      .charset = term_grid(term)->charset,
	                      .work = &FIXTURE_WORK,
	                      .session = session_new()};
	if (ui_new(&ui, &options, &err) != 0)
		bug("%s", err.text);
	ui_open(ui, &REVIEW_VIEW, &args);
	return ui;
}

void review_fixture_end(struct ui *ui)
{
	struct fixture *f = (struct fixture *)ui_app(ui);

	ui_free(ui);
	session_free(f->app.session);
	free(f);
}
