/* Why a vote does not count: the eleven things that make it stale, and who signed it how. */
#include <string.h>

#include "rules.h"

const char *ledger_why_name(enum ledger_why why)
{
	static const char *const names[WHYS] = {
	    [WHY_SUBJECT] = "subject",     [WHY_EVIDENCE] = "evidence", [WHY_GATE] = "gate",
	    [WHY_POLICY] = "policy",       [WHY_ROSTER] = "roster",     [WHY_KEY] = "key",
	    [WHY_RULES_AGE] = "rules-age", [WHY_SOURCE] = "source",     [WHY_AUTHOR] = "author",
	    [WHY_BASELINE] = "baseline",   [WHY_EXPIRED] = "expired",   [WHY_REVOKED] = "revoked",
	    [WHY_LEVEL] = "level",         [WHY_ROLE] = "role",         [WHY_DUPLICATE] = "duplicate",
	    [WHY_WAIVER] = "waiver",
	};

	return names[why];
}

const char *digest_short(const char *hex, char out[SHORT_DIGEST])
{
	if (*hex)
		snprintf(out, SHORT_DIGEST, "%.8s…", hex);
	else
		snprintf(out, SHORT_DIGEST, "none");
	return out;
}

void reason_add(struct reasons *r, enum ledger_why why, const char *format, ...)
{
	struct str text;
	va_list args;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	r->items = state_grow(r->mem, r->items, r->count, sizeof *r->items);
	r->items[r->count++] = (struct ledger_reason){why, r->row, arena_strdup(r->mem, text.data)};
	str_release(&text);
}

/* "WHAT changed from A to B" when the digests differ. */
static void changed(struct reasons *out, enum ledger_why why, const char *what, const char *from,
                    const char *to)
{
	char a[SHORT_DIGEST], b[SHORT_DIGEST];

	if (strcmp(from, to))
		reason_add(out, why, "%s changed from %s to %s", what, digest_short(from, a), digest_short(to, b));
}

/* ---- the text against the facts ---- */

static const struct ledger_evidence *same_evidence(const struct ledger_evidence *list, size_t count,
                                                   const struct ledger_evidence *e, bool digest)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].kind, e->kind) && (!digest || !strcmp(list[i].digest, e->digest)))
			return &list[i];
	return NULL;
}

static void judge_evidence(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	const struct ledger_facts *f = j->facts;
	char a[SHORT_DIGEST], b[SHORT_DIGEST];

	for (size_t i = 0; i < t->evidence_count; i++) {
		const struct ledger_evidence *e = &t->evidence[i], *now;

		if (same_evidence(f->evidence, f->evidence_count, e, true))
			continue;
		now = same_evidence(f->evidence, f->evidence_count, e, false);
		if (now && !same_evidence(t->evidence, t->evidence_count, now, true))
			reason_add(out, WHY_EVIDENCE, "evidence %s changed from %s to %s", e->kind,
			           digest_short(e->digest, a), digest_short(now->digest, b));
		else
			reason_add(out, WHY_EVIDENCE, "evidence %s %s is no longer there", e->kind,
			           digest_short(e->digest, a));
	}
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct ledger_evidence *e = &f->evidence[i];

		if (!same_evidence(t->evidence, t->evidence_count, e, false))
			reason_add(out, WHY_EVIDENCE, "evidence %s %s was added", e->kind, digest_short(e->digest, a));
		else if (!same_evidence(t->evidence, t->evidence_count, e, true) &&
		         same_evidence(f->evidence, i, e, false))
			reason_add(out, WHY_EVIDENCE, "one more evidence %s %s was added", e->kind,
			           digest_short(e->digest, a));
	}
}

static const struct ledger_gate *gate_of(const struct ledger_gate *gates, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(gates[i].id, id))
			return &gates[i];
	return NULL;
}

static void judge_gate_changes(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	const struct ledger_facts *f = j->facts;

	for (size_t i = 0; i < t->gate_count; i++) {
		const struct ledger_gate *was = &t->gates[i], *is = gate_of(f->gates, f->gate_count, was->id);
		enum gate_result now = is ? is->result : GATE_MISSING;

		if (now != was->result)
			reason_add(out, WHY_GATE, "gate %s changed from %s to %s", was->id, gate_result_name(was->result),
			           gate_result_name(now));
	}
	for (size_t i = 0; i < f->gate_count; i++)
		if (f->gates[i].result != GATE_PASS && !gate_of(t->gates, t->gate_count, f->gates[i].id))
			reason_add(out, WHY_GATE, "gate %s is new and came out as %s", f->gates[i].id,
			           gate_result_name(f->gates[i].result));
}

static void judge_rules_age(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	char dated[TIME_TEXT], span[TIME_TEXT];

	for (size_t i = 0; i < t->gate_count; i++) {
		const struct ledger_gate *g = gate_of(j->facts->gates, j->facts->gate_count, t->gates[i].id);

		if (!g || !*g->rules)
			g = &t->gates[i];
		if (*g->rules && j->now - g->dated > j->stage->scan_age_ms)
			reason_add(out, WHY_RULES_AGE, "gate %s was computed by rules of %.10s, which are older than %s",
			           g->id, time_rfc3339(g->dated, dated), time_span(j->stage->scan_age_ms, span));
	}
}

static bool same_data(const struct ledger_data *a, size_t a_count, const struct ledger_data *b,
                      size_t b_count, const struct ledger_data **odd)
{
	for (size_t i = 0; i < a_count; i++) {
		bool found = false;

		for (size_t k = 0; k < b_count && !found; k++)
			found = !strcmp(a[i].role, b[k].role) && !strcmp(a[i].name, b[k].name) &&
			        !strcmp(a[i].digest, b[k].digest);
		if (!found) {
			*odd = &a[i];
			return false;
		}
	}
	return a_count == b_count;
}

static void judge_source(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	const struct ledger_facts *f = j->facts;
	const struct ledger_data *odd = NULL;
	char a[SHORT_DIGEST];

	if (RULE_ASKED(SOURCE_CODE)) {
		changed(out, WHY_SOURCE, "the commit of the code", t->code_commit, f->code_commit);
		changed(out, WHY_SOURCE, "the uncommitted changes of the code", t->code_diff, f->code_diff);
	}
	if (RULE_ASKED(SOURCE_ENV))
		changed(out, WHY_SOURCE, "the environment", t->env, f->env);
	if (RULE_ASKED(SOURCE_SEAL)) {
		changed(out, WHY_SOURCE, "the run", t->run, f->run);
		changed(out, WHY_SOURCE, "the seal of the run", t->run_seal, f->run_seal);
	}
	if (!RULE_ASKED(SOURCE_DATA))
		return;
	if (!same_data(t->data, t->data_count, f->data, f->data_count, &odd) && odd)
		reason_add(out, WHY_SOURCE, "%s data %s %s is no longer what the model comes from", odd->role,
		           odd->name, digest_short(odd->digest, a));
	else if (!same_data(f->data, f->data_count, t->data, t->data_count, &odd) && odd)
		reason_add(out, WHY_SOURCE, "%s data %s %s was added", odd->role, odd->name,
		           digest_short(odd->digest, a));
}

void judge_text(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	if (!j->facts)
		return;
	if (RULE_ASKED(SUBJECT))
		changed(out, WHY_SUBJECT, "the manifest of the model", t->subject, j->facts->subject);
	if (RULE_ASKED(EVIDENCE))
		judge_evidence(j, t, out);
	if (RULE_ASKED(GATE))
		judge_gate_changes(j, t, out);
	if (RULE_ASKED(RULES_AGE) && j->stage)
		judge_rules_age(j, t, out);
	judge_source(j, t, out);
}

void judge_baseline(const struct judging *j, const struct ledger_text *t, struct reasons *out)
{
	int64_t now = j->place ? j->place->version : 0;
	const char *subject = j->place ? j->place->subject : "";
	char a[SHORT_DIGEST], b[SHORT_DIGEST];

	if (t->baseline_version != now || strcmp(t->baseline_subject, subject))
		reason_add(out, WHY_BASELINE,
		           "the champion of stage %s changed from version %lld (%s) to version %lld (%s)", t->stage,
		           (long long)t->baseline_version, digest_short(t->baseline_subject, a), (long long)now,
		           digest_short(subject, b));
}

/* ---- who signed ---- */

bool role_signs(const char *role)
{
	return role && (!RULE_ASKED(ROLE_SIGNS) || strcmp(role, "auditor"));
}

bool level_reaches(const struct policy_stage *stage, int level)
{
	return !stage || !RULE_ASKED(LEVEL) || level >= stage->assurance;
}

const char *key_trust(const struct roster_person *person, const char *fingerprint, int64_t row)
{
	for (size_t i = 0; i < person->key_count; i++) {
		const struct roster_key *k = &person->keys[i];

		if (strcmp(k->fingerprint, fingerprint))
			continue;
		if (RULE_ASKED(KEY_DEPARTED) && k->departed)
			return "has departed: what it signed counts for nothing new";
		if (RULE_ASKED(KEY_COMPROMISED) && k->compromised && row >= k->compromised)
			return "is compromised from that row on";
		return NULL;
	}
	return RULE_ASKED(KEY_GONE) ? "is not a key of theirs in the roster in force" : NULL;
}

static void judge_person(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const struct roster_person *person = roster_find(&j->s->roster, v->principal);
	const char *trust;

	if (!person) {
		if (RULE_ASKED(ROSTER_LEFT))
			reason_add(out, WHY_ROSTER, "%s has left the roster (in force since row %lld)", v->principal,
			           (long long)j->s->roster_row);
		return;
	}
	if (RULE_ASKED(ROSTER_ROLE) && !roster_has_role(person, v->role))
		reason_add(out, WHY_ROSTER, "%s is not %s any more, since row %lld", v->principal, v->role,
		           (long long)j->s->roster_row);
	trust = key_trust(person, v->fingerprint, v->row);
	if (trust)
		reason_add(out, WHY_KEY, "the key %.15s… of %s %s", v->fingerprint, v->principal, trust);
}

void judge_signer(const struct judging *j, const struct ledger_vote *v, struct reasons *out)
{
	const struct ledger_text *t = v->text;
	char a[TIME_TEXT], span[TIME_TEXT];

	if (RULE_ASKED(REVOKED) && v->revoked)
		reason_add(out, WHY_REVOKED, "%s took it back in row %lld", v->principal, (long long)v->revoked_by);
	if (RULE_ASKED(POLICY))
		changed(out, WHY_POLICY, "the policy", t->policy, j->s->policy.digest);
	judge_person(j, v, out);
	if (RULE_ASKED(EXPIRED)) {
		if (t->expires && j->now > t->expires)
			reason_add(out, WHY_EXPIRED, "it expired unused at %s", time_rfc3339(t->expires, a));
		else if (j->stage && j->now > v->at + j->stage->expires_ms)
			reason_add(out, WHY_EXPIRED, "it was signed at %s and lapses unused after %s",
			           time_rfc3339(v->at, a), time_span(j->stage->expires_ms, span));
	}
	if (!level_reaches(j->stage, v->level))
		reason_add(out, WHY_LEVEL, "it was signed at level A%d, stage %s wants A%d", v->level, j->stage->name,
		           j->stage->assurance);
	if (!role_signs(v->role))
		reason_add(out, WHY_ROLE, "a%s %s signs nothing here",
		           v->role && *v->role && strchr("aeiou", *v->role) ? "n" : "",
		           v->role ? v->role : "signer without a role");
}

/* ---- authors ---- */

static bool is_listed(const struct ledger_author *a, const struct ledger_evidence *evidence, size_t count)
{
	bool listed = !*a->evidence;

	for (size_t i = 0; i < count && !listed; i++)
		listed = !strcmp(a->evidence, evidence[i].digest);
	return listed;
}

const char *author_what(const struct ledger_state *s, const struct ledger_version *v,
                        const struct ledger_evidence *evidence, size_t count, const char *principal)
{
	for (size_t i = 0; v && i < v->author_count; i++) {
		const struct ledger_author *a = &v->authors[i];
		const struct roster_person *p =
		    a->is_principal ? roster_find(&s->roster, a->user) : roster_of_user(&s->roster, a->user);

		if (p && !strcmp(p->principal, principal) && is_listed(a, evidence, count))
			return a->what;
	}
	return NULL;
}

const char *author_unmapped(const struct ledger_state *s, const struct ledger_version *v,
                            const struct ledger_evidence *evidence, size_t count)
{
	for (size_t i = 0; v && RULE_ASKED(UNMAPPED) && i < v->author_count; i++)
		if (is_listed(&v->authors[i], evidence, count) && !v->authors[i].is_principal &&
		    !roster_of_user(&s->roster, v->authors[i].user))
			return v->authors[i].user;
	return NULL;
}
