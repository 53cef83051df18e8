/* The review of a proposal: everything that one screen shows before a person signs. And what waits for whom.
 */
#include <math.h>
#include <stdlib.h>

#include "decision.h"

/* ---- names that may deceive ---- */

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPTS };

static enum script script_of(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7))
		return SCRIPT_LATIN;
	if (c >= 0x370 && c <= 0x3FF)
		return SCRIPT_GREEK;
	return c >= 0x400 && c <= 0x52F ? SCRIPT_CYRILLIC : SCRIPT_NONE;
}

/* The next character of valid UTF-8. */
static uint32_t next_char(const unsigned char **p)
{
	uint32_t c = *(*p)++;
	int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
	static const unsigned char masks[] = {0x7F, 0x1F, 0x0F, 0x07};
	c &= masks[more];
	while (more-- && (**p & 0xC0) == 0x80)
		c = c << 6 | (*(*p)++ & 0x3F);
	return c;
}

static void warn(struct work_review *r, const char *text)
{
	const char **more = arena_array(r->mem, r->warning_count + 1, sizeof *more);
	if (r->warning_count)
		memcpy(more, r->warnings, r->warning_count * sizeof *more);
	more[r->warning_count++] = text;
	r->warnings = more;
}

static void warn_of(struct work_review *r, const char *what, const char *name)
{
	bool scripts[SCRIPTS] = {0}, ascii = true;
	if (!name)
		return;
	for (const unsigned char *p = (const unsigned char *)name; *p;) {
		uint32_t c = next_char(&p);
		ascii = ascii && c < 0x80;
		scripts[script_of(c)] = true;
	}
	int mixed = scripts[SCRIPT_LATIN] + scripts[SCRIPT_GREEK] + scripts[SCRIPT_CYRILLIC];
	if (ascii)
		return;
	const char *text =
	    mixed > 1
	        ? arena_printf(r->mem, "%s %s mixes letters of several scripts: look at the digests", what, name)
	        : arena_printf(r->mem, "%s %s holds other than ASCII letters: look at the digests", what, name);
	warn(r, text);
}

static void warnings(struct trust *t, struct work_review *r)
{
	const struct ledger_text *x = r->proposal->text;
	const struct ledger_state *s = work_trust_state(t);
	const struct ledger_version *v = ledger_version_find(s, x->model, x->version);
	const char *owed = halt_owed(s, x->model, x->stage, r->mem);
	if (owed)
		warn(r, owed);
	if (v && *v->run_seal && strcmp(v->run_seal, r->facts.run_seal) != 0)
		warn(r, *r->facts.run_seal
		            ? arena_printf(
		                  r->mem,
		                  "the run %.8s… is not what it was when the version was registered: its seal was "
		                  "%.8s… and is %.8s…",
		                  v->run, v->run_seal, r->facts.run_seal)
		            : arena_printf(r->mem, "the run %.8s… that the version comes from is gone", v->run));
	warn_of(r, "the model", x->model);
	warn_of(r, "the name of the proposer,", x->name);
	for (size_t i = 0; i < x->data_count; i++)
		warn_of(r, "the data set", x->data[i].name);
	for (size_t i = 0; i < r->proposal->vote_count; i++)
		warn_of(r, "the name of a signer,", r->proposal->votes[i].name);
}

void judge_proposal(const struct ledger_state *s, const struct ledger_proposal *p,
                    const struct ledger_facts *now, struct ledger_judgement *out)
{
	ledger_judge(s, p, now, out);
	if (p->status != PROPOSAL_PROMOTED)
		return;
	out->have = 0;
	for (size_t i = 0; i < out->vote_count; i++) {
		struct ledger_standing *v = &out->votes[i];
		size_t kept = 0;
		for (size_t k = 0; k < v->reason_count; k++)
			if (v->reasons[k].why != WHY_BASELINE && v->reasons[k].why != WHY_EXPIRED)
				v->reasons[kept++] = v->reasons[k];
		v->reason_count = kept;
		v->counts = !kept;
		out->have += v->counts && v->vote->kind == LEDGER_APPROVE;
	}
	out->roles_missing_count = 0;
}

int work_review(struct trust *t, int64_t proposal, struct work_review *out, struct error *err)
{
	*out = (struct work_review){.mem = arena_new()};
	if (work_trust_refresh(t, NULL, err) != 0)
		goto failed;
	const struct ledger_state *s = work_trust_state(t);
	struct subject about;
	out->proposal = ledger_proposal_find(s, proposal);
	if (!out->proposal) {
		error_set(err, ERR_NO, "row %lld is no proposal; `assay review` lists those that wait",
		          (long long)proposal);
		goto failed;
	}
	const struct ledger_text *x = out->proposal->text;
	if (subject_find(t, x->model, x->version, x->stage, out->mem, &about, err) != 0)
		goto failed;
	out->version = about.version;
	out->facts = about.facts;
	out->proposer_name = x->name;
	const struct ledger_stage *now = ledger_stage_find(s, x->model, x->stage);
	if (now && now->version && now->version != x->version) {
		const char *ref = arena_printf(out->mem, "%s@%lld", now->model, (long long)now->version);
		if (work_version_find(t, ref, out->mem, &out->champion, err) != 0)
			goto failed;
		out->champion_since = now->since;
	}
	judge_proposal(s, out->proposal, &out->facts, &out->judgement);
	review_gates(t, out);
	warnings(t, out);
	if (changes_find(t, out, err) != 0)
		goto failed;
	return 0;
failed:
	work_review_release(out);
	return -1;
}

void work_review_release(struct work_review *r)
{
	ledger_judgement_release(&r->judgement);
	arena_free(r->mem);
	*r = (struct work_review){0};
}

/* ---- what waits ---- */

/* Could this person still approve it, by what the ledger alone knows? */
static bool may_sign(const struct ledger_state *s, const struct ledger_proposal *p,
                     const struct work_person *who)
{
	struct ledger_text x = *p->text;
	for (size_t i = 0; i < p->vote_count; i++)
		if (!p->votes[i].revoked && p->votes[i].kind != LEDGER_WAIVE &&
		    strcmp(p->votes[i].principal, who->principal) == 0)
			return false;
	x.kind = LEDGER_APPROVE;
	x.target = p->row;
	x.signer = who->principal;
	x.name = who->name;
	x.seen_seq = s->seq;
	memcpy(x.seen_head, s->head, sizeof x.seen_head);
	memcpy(x.policy, s->policy.digest, sizeof x.policy);
	memcpy(x.roster, s->roster.digest, sizeof x.roster);
	const struct ledger_stage *now = ledger_stage_find(s, x.model, x.stage);
	x.baseline_version = now ? now->version : 0;
	memset(x.baseline_subject, 0, sizeof x.baseline_subject);
	if (x.baseline_version)
		memcpy(x.baseline_subject, now->subject, sizeof x.baseline_subject);
	id_make(x.request);
	for (size_t i = 0; i < who->role_count; i++) {
		x.role = who->roles[i];
		if (ledger_may(s, &x, NULL, NULL, NULL) == 0)
			return true;
	}
	return false;
}

int work_waiting(struct trust *t, const struct work_person *who, struct arena *mem,
                 const struct ledger_proposal ***out, size_t *count, struct error *err)
{
	if (work_trust_refresh(t, NULL, err) != 0)
		return -1;
	const struct ledger_state *s = work_trust_state(t);
	*out = arena_array(mem, s->proposal_count + 1, sizeof **out);
	*count = 0;
	for (size_t i = 0; i < s->proposal_count; i++) {
		const struct ledger_proposal *p = &s->proposals[i];
		if (p->status == PROPOSAL_IN_REVIEW && (!who || may_sign(s, p, who)))
			(*out)[(*count)++] = p;
	}
	return 0;
}
