/* Gates and signatures, as text and as JSON: the same on every command that shows them. */
#include <math.h>

#include "cli_trust.h"

void strings_json(struct json_writer *j, const char *key, const char *const *items, size_t count)
{
	jw_array(j, key);
	for (size_t i = 0; i < count; i++)
		jw_string(j, NULL, items[i]);
	jw_array_end(j);
}

/* The waiver that lets the gate through: whose, until when. */
static void waiver_json(struct json_writer *j, const struct ledger_vote *w)
{
	char until[TIME_TEXT];
	if (!w || !w->text->waiver_count) {
		jw_null(j, "waiver");
		return;
	}
	jw_object(j, "waiver");
	jw_int(j, "row", w->row);
	jw_string(j, "signer", w->principal);
	jw_num(j, "bound", w->text->waivers[0].bound, NULL);
	jw_string(j, "until", time_rfc3339(w->text->waivers[0].until, until));
	jw_string(j, "reason", w->text->reason);
	jw_object_end(j);
}

void gates_json(struct json_writer *j, const struct ledger_judgement *judgement)
{
	struct str rule;
	str_init(&rule);
	jw_array(j, "gates");
	for (size_t i = 0; i < judgement->gate_count; i++) {
		const struct ledger_gate_standing *g = &judgement->gates[i];
		const struct ledger_gate *r = g->result;
		const char *why = r ? NULL : "it was not computed";
		str_clear(&rule);
		policy_rule_text(g->gate, &rule);
		jw_object(j, NULL);
		jw_string(j, "gate", g->gate->id);
		jw_string(j, "rule", rule.data);
		jw_num(j, "measured", r ? r->measured : (double)NAN, why);
		jw_num(j, "low", r ? r->low : (double)NAN, NULL);
		jw_num(j, "high", r ? r->high : (double)NAN, NULL);
		jw_num(j, "level", r ? r->level : (double)NAN, NULL);
		jw_string(j, "result", gate_result_name(g->verdict));
		waiver_json(j, g->waiver);
		jw_bool(j, "lets_through", g->lets_through);
		jw_object_end(j);
	}
	jw_array_end(j);
	str_release(&rule);
}

static const char *gate_sign(const struct ledger_gate_standing *g, enum listing_style *style)
{
	*style = g->lets_through ? g->waiver ? GRID_WARN : GRID_GOOD : GRID_BAD;
	return g->lets_through ? g->waiver ? "!" : sign("✓", "+") : sign("✗", "x");
}

void gates_print(const struct cli *c, const struct ledger_judgement *judgement, const double *champion,
                 const double *candidate, const char *const *why)
{
	struct listing g;
	struct str rule;
	str_init(&rule);
	listing_init(&g);
	listing_column(&g, "", "sign", GRID_LEFT);
	listing_column(&g, "gate", "gate", GRID_LEFT);
	listing_column(&g, "champion", "champion", GRID_POINT);
	listing_column(&g, "candidate", "candidate", GRID_POINT);
	listing_column(&g, "rule", "rule", GRID_LEFT);
	listing_column(&g, "measured", "measured", GRID_POINT);
	listing_column(&g, "interval", "interval", GRID_LEFT);
	listing_column(&g, "", "note", GRID_LEFT);
	for (size_t i = 0; i < judgement->gate_count; i++) {
		const struct ledger_gate_standing *s = &judgement->gates[i];
		const struct ledger_gate *r = s->result;
		enum listing_style style;
		const char *mark = gate_sign(s, &style);
		char low[NUM_TEXT], high[NUM_TEXT], until[TIME_TEXT];
		str_clear(&rule);
		policy_rule_text(s->gate, &rule);
		listing_text(&g, mark, style);
		listing_text(&g, s->gate->id, GRID_PLAIN);
		listing_num(&g, champion ? champion[i] : (double)NAN, 4);
		listing_num(&g, candidate ? candidate[i] : (double)NAN, 4);
		listing_text(&g, rule.data, GRID_PLAIN);
		listing_num(&g, r ? r->measured : (double)NAN, 4);
		if (r && !(isnan(r->low) && isnan(r->high))) {
			char *interval = xasprintf("[%s, %s]", number_text(r->low, low), number_text(r->high, high));
			listing_text(&g, interval, GRID_PLAIN);
			free(interval);
		} else {
			listing_none(&g);
		}
		char *note =
		    s->waiver && s->waiver->text->waiver_count
		        ? xasprintf("%s, waived by %s until %.10s (row %lld)", gate_result_name(s->verdict),
		                    s->waiver->principal, time_rfc3339(s->waiver->text->waivers[0].until, until),
		                    (long long)s->waiver->row)
		        : xasprintf("%s%s%s", gate_result_name(s->verdict), why && why[i] ? ": " : "",
		                    why && why[i] ? why[i] : "");
		listing_text(&g, note, style);
		free(note);
	}
	if (judgement->gate_count)
		listing_print(&g, c, stdout);
	listing_release(&g);
	str_release(&rule);
}

/* ---- signatures ---- */

/* One vote with what stands against it. */
static void vote_json(struct json_writer *j, const struct ledger_standing *s)
{
	char at[TIME_TEXT], claimed[TIME_TEXT];
	const struct ledger_vote *v = s->vote;
	jw_object(j, NULL);
	jw_int(j, "row", v->row);
	jw_string(j, "kind", ledger_kind_name(v->kind));
	jw_string(j, "signer", v->principal);
	jw_string(j, "name", v->name);
	jw_string(j, "role", v->role);
	jw_string(j, "fingerprint", v->fingerprint);
	jw_int(j, "level", v->level);
	jw_string(j, "at", time_rfc3339(v->at, at));
	jw_string(j, "claimed_time", time_rfc3339(v->text->claimed_time, claimed));
	jw_string(j, "reason", v->text->reason);
	jw_bool(j, "counts", s->counts);
	jw_array(j, "why");
	for (size_t i = 0; i < s->reason_count; i++) {
		jw_object(j, NULL);
		jw_string(j, "rule", ledger_why_name(s->reasons[i].why));
		jw_string(j, "text", s->reasons[i].text);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

/* "approvals": what was signed; "stale": why something of it does not count (any more). */
void votes_json(struct json_writer *j, const struct ledger_judgement *judgement)
{
	jw_array(j, "approvals");
	for (size_t i = 0; i < judgement->vote_count; i++)
		vote_json(j, &judgement->votes[i]);
	jw_array_end(j);
	jw_array(j, "stale");
	for (size_t i = 0; i < judgement->vote_count; i++)
		for (size_t k = 0; k < judgement->votes[i].reason_count; k++) {
			const struct ledger_reason *r = &judgement->votes[i].reasons[k];
			jw_object(j, NULL);
			jw_int(j, "row", r->row);
			jw_string(j, "rule", ledger_why_name(r->why));
			jw_string(j, "text", r->text);
			jw_object_end(j);
		}
	jw_array_end(j);
}

void votes_print(const struct cli *c, const struct ledger_judgement *judgement)
{
	for (size_t i = 0; i < judgement->vote_count; i++) {
		const struct ledger_standing *s = &judgement->votes[i];
		const struct ledger_vote *v = s->vote;
		char at[TIME_TEXT];
		enum listing_style style = s->counts ? GRID_GOOD : GRID_BAD;
		printf("  %s%s%s ", style_on(c, style), s->counts ? sign("✓", "+") : sign("✗", "x"),
		       style_off(c, style));
		safe_fprintf(stdout, "%s (%s)  %s  %s, as %s  %s  A%d  row %lld\n", v->name, v->principal,
		             ledger_kind_name(v->kind), time_local(v->at, at), v->role, v->fingerprint, v->level,
		             (long long)v->row);
		if (v->text->reason)
			safe_fprintf(stdout, "      \"%s\"\n", v->text->reason);
		for (size_t k = 0; k < s->reason_count; k++)
			safe_fprintf(stdout, "      does not count: %s\n", s->reasons[k].text);
	}
}
