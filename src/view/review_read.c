/* Review, on the reader's thread: from what work found to texts that the screen can keep. */
#include <math.h>
#include <string.h>

#include "review.h"
#include "review_text.h"
#include "view_inside.h"

enum { PREFIX = 8 };

static const char *prefix(const char *digest, struct arena *mem)
{
	return digest && *digest ? arena_memdup0(mem, digest, strnlen(digest, PREFIX)) : "–";
}

static size_t add_item(struct review_seen *seen, struct review_item item)
{
	seen->items[seen->item_count] = item;
	return seen->item_count++;
}

/* ---- gates ---- */

/* The evidence that stands behind a gate: of its kind, and how it was computed. */
static void gate_objects(struct review_item *item, const struct work_review *r,
                         const struct ledger_gate_standing *s, struct arena *mem)
{
	const char *kind = s->gate->kind == POLICY_BIAS                                         ? "bias-report"
	                   : s->gate->kind == POLICY_METRIC || s->gate->kind == POLICY_CHAMPION ? "evaluation"
	                   : s->gate->kind == POLICY_REPLAY                                     ? "replay"
	                   : s->gate->kind == POLICY_SCAN                                       ? "scan"
	                                                                                        : "";
	size_t room = r->facts.evidence_count + 1;

	item->objects = arena_array(mem, room, sizeof *item->objects);
	for (size_t i = 0; i < r->facts.evidence_count; i++)
		if (strcmp(r->facts.evidence[i].kind, kind) == 0)
			item->objects[item->object_count++] =
			    arena_printf(mem, "%s sha256:%s", kind, r->facts.evidence[i].digest);
	if (s->result && s->result->settings[0])
		item->objects[item->object_count++] = arena_printf(mem, "settings sha256:%s", s->result->settings);
}

static const char *waiver_note(const struct ledger_vote *w, struct arena *mem)
{
	const struct ledger_waiver *terms = w->text && w->text->waiver_count > 0 ? &w->text->waivers[0] : NULL;
	char number[NUM_TEXT];

	return arena_printf(mem, "waived by %s%s%s%s%s", review_person(w->name, w->principal),
	                    terms && terms->until ? " until " : "",
	                    terms && terms->until ? review_date(terms->until, mem) : "",
	                    terms && !isnan(terms->bound) ? ", as far as " : "",
	                    terms && !isnan(terms->bound) ? num_shortest(terms->bound, number) : "");
}

static const char *gate_note(const struct ledger_gate_standing *s, const char *why, struct arena *mem)
{
	const char *what = review_gate_word(s);

	if (s->verdict == GATE_PASS)
		return NULL;
	if (s->waiver && s->lets_through)
		return arena_printf(mem, "%s, %s", what, waiver_note(s->waiver, mem));
	if (s->waiver_no)
		return arena_printf(mem, "%s; its waiver does not count: %s", what, s->waiver_no);
	return why && *why ? arena_printf(mem, "%s: %s", what, why) : what;
}

static void add_gate(struct review_seen *seen, const struct work_review *r, size_t at, struct arena *mem)
{
	const struct ledger_gate_standing *s = &r->judgement.gates[at];
	const struct ledger_gate *got = s->result;
	struct review_gate *to = &seen->gates[seen->gate_count++];
	double champion = r->gate_champion ? r->gate_champion[at] : (double)NAN;
	double candidate = r->gate_candidate ? r->gate_candidate[at] : (double)NAN;
	bool number = review_gate_has_number(s->gate), difference = s->gate->kind == POLICY_CHAMPION;
	double limit = number ? s->gate->limit : (double)NAN, measured = got ? got->measured : (double)NAN;
	struct review_item item = {.kind = REVIEW_GATE};

	*to = (struct review_gate){.id = arena_strdup(mem, s->gate->id),
	                           .label = arena_strdup(mem, review_gate_label(s->gate, mem)),
	                           .value = measured,
	                           .low = got ? got->low : (double)NAN,
	                           .high = got ? got->high : (double)NAN,
	                           .number = number,
	                           .verdict = s->verdict,
	                           .lets_through = s->lets_through,
	                           .waivable = s->gate->waivable,
	                           .bias = s->gate->kind == POLICY_BIAS};
	if (isnan(candidate) && !difference)
		candidate = measured;
	if (number) {
		to->champion = review_number(champion, (double)NAN, false, mem);
		to->candidate = review_number(candidate, difference ? (double)NAN : limit, false, mem);
		to->limit = review_gate_limit(s->gate, mem);
		/* Of a difference: beside the two values, or in their place when they are not known. */
		if (difference && to->candidate)
			to->measured = review_number(measured, limit, true, mem);
		else if (difference)
			to->candidate = review_number(measured, limit, true, mem);
		to->interval = review_interval(to->low, to->high, limit, mem);
	}
	to->note = gate_note(s, r->gate_why ? r->gate_why[at] : NULL, mem);
	to->more = to->note && strpbrk(to->note, ":;,");
	item.title = to->label;
	item.text = review_gate_text(r, at, mem);
	item.key = arena_printf(mem, "gate %s", to->id);
	gate_objects(&item, r, s, mem);
	to->item = add_item(seen, item);
	seen->has_champion = seen->has_champion || to->champion;
}

/* ---- votes ---- */

static const char *vote_verb(const struct ledger_vote *v, struct arena *mem)
{
	switch ((int)v->kind) {
	case LEDGER_APPROVE:
		return "approves";
	case LEDGER_REJECT:
		return "rejects";
	case LEDGER_WAIVE:
		return v->text && v->text->waiver_count > 0 ? arena_printf(mem, "waives %s", v->text->waivers[0].gate)
		                                            : "waives a gate";
	default:
		return ledger_kind_name(v->kind);
	}
}

static const char *why_not(const struct ledger_standing *s, struct arena *mem)
{
	struct str text;
	const char *copy;

	if (s->vote->revoked)
		return arena_printf(mem, "taken back (row %lld)", (long long)s->vote->revoked_by);
	if (s->counts || s->reason_count == 0)
		return NULL;
	str_init(&text);
	for (size_t i = 0; i < s->reason_count; i++)
		str_addf(&text, "%s%s", i ? "; " : "does not count: ", s->reasons[i].text);
	copy = arena_memdup0(mem, text.data, text.len);
	str_release(&text);
	return copy;
}

static void add_vote(struct review_seen *seen, const struct ledger_standing *s, struct arena *mem)
{
	const struct ledger_vote *v = s->vote;
	struct review_vote *to = &seen->votes[seen->vote_count++];

	*to = (struct review_vote){
	    .row = v->row,
	    .kind = v->kind,
	    .counts = s->counts,
	    .gone = v->revoked,
	    .who = arena_strdup(mem, review_person(v->name, v->principal)),
	    .what = arena_printf(mem, "(%s) %s", v->role ? v->role : "no role", vote_verb(v, mem)),
	    .key = arena_printf(mem, "%.15s, %s", v->fingerprint ? v->fingerprint : "no key",
	                        review_level(v->level)),
	    .why = why_not(s, mem),
	    .at = v->at,
	    .reason = arena_strdup(mem, v->text ? v->text->reason : NULL)};
	to->item =
	    add_item(seen, (struct review_item){.kind = REVIEW_VOTE,
	                                        .title = arena_printf(mem, "%s %s", to->who, vote_verb(v, mem)),
	                                        .text = review_vote_text(s, mem),
	                                        .row = v->row});
}

/* ---- lines ---- */

static const char *changes_line(const struct work_review *r, struct arena *mem)
{
	struct str text;
	const char *copy;
	char number[NUM_TEXT];

	if (!r->champion.model)
		return "the first version in this stage";
	str_init(&text);
	str_addf(&text, "params %zu · features +%zu −%zu", r->params_changed, r->features_added,
	         r->features_removed);
	if (r->code && *r->code)
		str_addf(&text, " · code %s", r->code);
	if (r->rows_more)
		str_addf(&text, " · data %s%s rows", r->rows_more > 0 ? "+" : "−",
		         count_people(r->rows_more > 0 ? r->rows_more : -r->rows_more, number));
	else
		str_adds(&text, " · data as before");
	copy = arena_memdup0(mem, text.data, text.len);
	str_release(&text);
	return copy;
}

static const char *listed(const char *const *words, size_t count, struct arena *mem)
{
	struct str text;
	const char *copy;

	str_init(&text);
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? ", " : "", words[i]);
	copy = arena_memdup0(mem, text.data, text.len);
	str_release(&text);
	return copy;
}

static const char *waiting_line(const struct work_review *r, struct arena *mem)
{
	const struct ledger_judgement *j = &r->judgement;
	int more = j->need - j->have;

	if (r->proposal->status != PROPOSAL_IN_REVIEW || (more <= 0 && j->roles_missing_count == 0))
		return NULL;
	if (more < 1)
		more = 1;
	return arena_printf(mem, "%d more signature%s%s%s", more, more == 1 ? "" : "s",
	                    j->roles_missing_count == 0              ? ""
	                    : (size_t)more == j->roles_missing_count ? ": "
	                                                             : ", among them ",
	                    listed(j->roles_missing, j->roles_missing_count, mem));
}

static const char *policy_line(const struct policy *p, const char *stage, struct arena *mem)
{
	const struct policy_stage *s = policy_stage_find(p, stage);

	if (!s)
		return arena_printf(mem, "%s %s · it does not know this stage", p->name, prefix(p->digest, mem));
	return arena_printf(mem, "%s %s · %d signature%s%s%s", p->name, prefix(p->digest, mem), s->approvals,
	                    s->approvals == 1 ? "" : "s", s->role_count ? ", among them " : "",
	                    listed(s->roles, s->role_count, mem));
}

static const char *against_line(const struct work_review *r, const char *stage, int64_t now,
                                struct arena *mem)
{
	if (!r->champion.model)
		return arena_printf(mem, "nothing is in %s yet", stage);
	return arena_printf(mem, "%s v%lld %s · in %s since %s, %s", r->champion.model,
	                    (long long)r->champion.version, prefix(r->champion.subject, mem), stage,
	                    review_date(r->champion_since, mem), view_cell_age(mem, r->champion_since, now));
}

static void add_head(struct review_seen *seen, const struct work_review *r, const struct policy *policy,
                     int64_t now, struct arena *mem)
{
	const struct ledger_text *t = r->proposal->text;
	const char *name = review_person(r->proposer_name, t->signer);

	seen->asks = arena_printf(mem, "%s%s%s · %s, %s ago", name, strcmp(name, t->signer) != 0 ? " · " : "",
	                          strcmp(name, t->signer) != 0 ? t->signer : "",
	                          review_time(r->proposal->at, mem), view_cell_age(mem, r->proposal->at, now));
	seen->reason = arena_strdup(mem, t->reason ? t->reason : "");
	seen->against = against_line(r, seen->stage, now, mem);
	seen->policy = policy_line(policy, seen->stage, mem);
	add_item(seen, (struct review_item){.kind = REVIEW_PROPOSAL,
	                                    .title = "what was proposed",
	                                    .text = review_proposal_text(r, mem),
	                                    .row = r->proposal->row});
	add_item(seen, (struct review_item){.kind = REVIEW_CHAMPION,
	                                    .title = "the champion",
	                                    .text = review_champion_text(r, now, mem)});
	add_item(seen, (struct review_item){.kind = REVIEW_POLICY,
	                                    .title = "the policy",
	                                    .text = review_policy_text(policy, seen->stage, mem)});
}

static const char **copied(const char **texts, size_t count, struct arena *mem)
{
	const char **out = arena_array(mem, count + 1, sizeof *out);

	for (size_t i = 0; i < count; i++)
		out[i] = arena_strdup(mem, texts[i]);
	return out;
}

/* Gates and missing signatures have lines of their own. */
static bool is_obstacle(const char *block)
{
	return strncmp(block, "gate ", strlen("gate ")) != 0 && !strstr(block, " approvals") &&
	       strncmp(block, "no approval of ", strlen("no approval of ")) != 0;
}

static void add_obstacles(struct review_seen *seen, struct arena *mem)
{
	seen->obstacles = arena_array(mem, seen->block_count + 1, sizeof *seen->obstacles);
	for (size_t i = 0; i < seen->block_count && seen->status == PROPOSAL_IN_REVIEW; i++)
		if (is_obstacle(seen->blocks[i]))
			seen->obstacles[seen->obstacle_count++] = seen->blocks[i];
}

/* A version that has several roles is one thing to look at. */
static void add_data(struct review_seen *seen, const struct ledger_data *from, struct arena *mem)
{
	struct review_data *d;

	for (size_t i = 0; i < seen->data_count; i++) {
		d = &seen->data[i];
		if (strcmp(d->digest, from->digest) != 0 || strcmp(d->name, from->name) != 0)
			continue;
		d->role = arena_printf(mem, "%s, %s", d->role, from->role);
		return;
	}
	d = &seen->data[seen->data_count++];
	d->role = arena_strdup(mem, from->role);
	d->name = arena_strdup(mem, from->name);
	memcpy(d->digest, from->digest, sizeof d->digest);
}

struct review_seen *view_review_seen(const struct work_review *r, const struct ledger_state *state,
                                     int64_t now, struct arena *mem)
{
	const struct ledger_judgement *j = &r->judgement;
	const struct ledger_text *t = r->proposal->text;
	struct review_seen *seen = arena_alloc(mem, sizeof *seen);

	*seen = (struct review_seen){
	    .proposal = r->proposal->row,
	    .at = r->proposal->at,
	    .status = r->proposal->status,
	    .model = arena_strdup(mem, t->model),
	    .stage = arena_strdup(mem, t->stage),
	    .version = t->version,
	    .subject = prefix(t->subject, mem),
	    .champion_name =
	        r->champion.model ? arena_printf(mem, "v%lld", (long long)r->champion.version) : NULL,
	    .candidate_run = r->version.run,
	    .champion_run = r->champion.model ? r->champion.run : 0,
	    .approved = j->approved,
	    .vetoed = j->vetoed,
	    .have = j->have,
	    .need = j->need,
	    .results_row = r->proposal->results_row};
	seen->items = arena_array(mem, 4 + j->gate_count + j->vote_count, sizeof *seen->items);
	seen->gates = arena_array(mem, j->gate_count + 1, sizeof *seen->gates);
	seen->votes = arena_array(mem, j->vote_count + 1, sizeof *seen->votes);
	add_head(seen, r, &state->policy, now, mem);
	/* The cursor goes down the lines: those with numbers and those that do not pass come first. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < j->gate_count; i++) {
			bool own_line = review_gate_has_number(j->gates[i].gate) || j->gates[i].verdict != GATE_PASS;

			if (own_line == (pass == 0))
				add_gate(seen, r, i, mem);
		}
	seen->changes = changes_line(r, mem);
	seen->changes_item = add_item(seen, (struct review_item){.kind = REVIEW_CHANGES,
	                                                         .title = "what has changed",
	                                                         .text = review_changes_text(r, mem),
	                                                         .key = "changes"});
	for (size_t i = 0; i < j->vote_count; i++)
		add_vote(seen, &j->votes[i], mem);
	seen->waiting = waiting_line(r, mem);
	seen->blocks = copied(j->blocks, j->block_count, mem);
	seen->block_count = j->block_count;
	add_obstacles(seen, mem);
	seen->warnings = copied(r->warnings, r->warning_count, mem);
	seen->warning_count = r->warning_count;
	seen->data = arena_array(mem, r->facts.data_count + 1, sizeof *seen->data);
	for (size_t i = 0; i < r->facts.data_count; i++)
		add_data(seen, &r->facts.data[i], mem);
	seen->bias = arena_array(mem, r->facts.evidence_count + 1, sizeof *seen->bias);
	for (size_t i = 0; i < r->facts.evidence_count; i++)
		if (strcmp(r->facts.evidence[i].kind, "bias-report") == 0)
			seen->bias[seen->bias_count++] =
			    arena_printf(mem, "bias-report sha256:%s", r->facts.evidence[i].digest);
	return seen;
}

int view_review_read(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct review_ask *ask = arg;
	struct work_review r;
	struct trust *t;

	if (view_desk_trust(desk, &t, err) != 0 || work_review(t, ask->proposal, &r, err) != 0)
		return -1;
	*result = view_review_seen(&r, work_trust_state(t), view_desk_now(desk), arena);
	work_review_release(&r);
	return 0;
}

int view_review_read_pulse(void *context, struct arena *arena, const void *arg, void **result,
                           struct error *err)
{
	int64_t *change = arena_alloc(arena, sizeof *change);

	(void)arg;
	(void)err;
	*change = view_desk_change(context);
	*result = change;
	return 0;
}

int view_review_read_data(void *context, struct arena *arena, const void *arg, void **result,
                          struct error *err)
{
	struct desk *desk = context;
	const struct review_data_ask *ask = arg;
	int64_t *id = arena_alloc(arena, sizeof *id);
	struct work_data found;

	if (work_data_find(desk->store, ask->name, &found, err) != 0)
		return -1;
	*id = found.id;
	work_data_release(&found);
	*result = id;
	return 0;
}
