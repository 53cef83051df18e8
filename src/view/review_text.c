/* Words for the parts of a review. */
#include <math.h>
#include <string.h>

#include "review_text.h"
#include "view_inside.h"

enum { LABEL = 11, PLOT = 40 };

/* ---- small words ---- */

const char *review_level(int level)
{
	return level >= 3 ? "PIN or fingerprint" : level == 2 ? "touch" : "software";
}

const char *review_person(const char *name, const char *principal)
{
	return name && *name ? name : principal ? principal : "nobody";
}

static const char *local(int64_t ms, size_t len, struct arena *mem)
{
	char text[TIME_TEXT];

	time_local(ms, text);
	return arena_memdup0(mem, text, strlen(text) < len ? strlen(text) : len);
}

const char *review_time(int64_t ms, struct arena *mem)
{
	return local(ms, sizeof "2026-11-23 09:12" - 1, mem);
}

const char *review_date(int64_t ms, struct arena *mem)
{
	return local(ms, sizeof "2026-11-23" - 1, mem);
}

/* "0.024", not "0.02400": a gate's values are read beside its limit, not beside each other. */
static void drop_zeros(char *text)
{
	size_t len = strlen(text);

	if (!strchr(text, '.') || strchr(text, 'e'))
		return;
	while (len > 0 && text[len - 1] == '0')
		text[--len] = 0;
	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = 0;
}

/* Whether the shortened number stands to the limit as the number itself does. */
static bool stands_alike(const char *text, double value, double limit)
{
	double shown;

	if (isnan(limit) || !num_parse(text, strlen(text), &shown))
		return true;
	return (shown < limit) == (value < limit) && (shown > limit) == (value > limit);
}

const char *review_number(double value, double limit, bool sign, struct arena *mem)
{
	char text[NUM_TEXT];
	int digits = 4;

	if (isnan(value))
		return NULL;
	while (!stands_alike(num_people(value, digits, text), value, limit) && digits < 17)
		digits++;
	drop_zeros(text);
	return sign && value > 0 ? arena_printf(mem, "+%s", text) : arena_strdup(mem, text);
}

const char *review_interval(double low, double high, double limit, struct arena *mem)
{
	double width = high - low, most = fmax(fabs(low), fabs(high));
	char ends[2][64];
	int decimals = 4;

	if (isnan(low) || isnan(high))
		return NULL;
	if (most >= 10 || !isfinite(most))
		return arena_printf(mem, "[%s, %s]", review_number(low, limit, false, mem),
		                    review_number(high, limit, false, mem));
	/* Two digits of its width are seen at least. */
	while (decimals < 12 && width > 0 && width * pow(10, decimals) < 10)
		decimals++;
	for (int i = 0; i < 2; i++) {
		double end = i == 0 ? low : high;
		int digits = decimals;

		do
			snprintf(ends[i], sizeof ends[i], "%.*f", digits, end);
		while (!stands_alike(ends[i], end, limit) && digits++ < 17);
		drop_zeros(ends[i]);
	}
	return arena_printf(mem, "[%s, %s]", ends[0], ends[1]);
}

/* For reading one thing at leisure: more digits than in a row of many. */
static const char *at_leisure(double value, struct arena *mem)
{
	char text[NUM_TEXT];

	if (isnan(value))
		return NULL;
	num_people(value, 6, text);
	drop_zeros(text);
	return arena_strdup(mem, text);
}

const char *review_gate_word(const struct ledger_gate_standing *s)
{
	const struct ledger_gate *got = s->result;

	switch (s->verdict) {
	case GATE_PASS:
		return "passes";
	case GATE_FAIL:
		return "fails";
	case GATE_MISSING:
		return "missing";
	case GATE_UNDECIDED:
		break;
	}
	/* The interval would do: it is not the interval that leaves it open. */
	return s->gate->kind == POLICY_BIAS && got &&
	               policy_gate_decide(s->gate, got->measured, got->low, got->high) == GATE_PASS
	           ? "a group is too small"
	           : "at the limit";
}

void review_wrap(struct str *out, const char *text, int columns, int indent)
{
	int x = 0;

	while (*text) {
		size_t word = strcspn(text, " \n");
		int width = text_width(text, word);

		if (x > 0 && x + 1 + width > columns) {
			str_addf(out, "\n%*s", indent, "");
			x = 0;
		} else if (x > 0 && word > 0) {
			str_addc(out, ' ');
			x++;
		}
		str_add(out, text, word);
		x += width;
		text += word;
		if (*text == '\n') {
			str_addf(out, "\n%*s", indent, "");
			x = 0;
		}
		text += *text != 0;
	}
}

void review_fact(struct str *out, const char *label, const char *value)
{
	struct str safe;

	if (!value || !*value)
		return;
	str_init(&safe);
	safe_text(&safe, value, strlen(value), SAFE_NEWLINES);
	str_addf(out, "%-*s", LABEL, label);
	review_wrap(out, safe.data, REVIEW_TEXT_WIDTH - LABEL, LABEL);
	str_addc(out, '\n');
	str_release(&safe);
}

static void sentence(struct str *out, const char *text)
{
	struct str safe;

	str_init(&safe);
	safe_text(&safe, text, strlen(text), SAFE_NEWLINES);
	review_wrap(out, safe.data, REVIEW_TEXT_WIDTH, 0);
	str_addc(out, '\n');
	str_release(&safe);
}

static const char *done(struct str *text, struct arena *mem)
{
	const char *copy = arena_memdup0(mem, text->data, text->len);

	str_release(text);
	return copy;
}

/* ---- gates ---- */

bool review_gate_has_number(const struct policy_gate *g)
{
	return g->kind == POLICY_METRIC || g->kind == POLICY_CHAMPION || g->kind == POLICY_BIAS ||
	       g->kind == POLICY_DATA_AGE;
}

static const char *words(const char *name, struct arena *mem)
{
	char *copy = arena_strdup(mem, name ? name : "");

	for (char *p = copy; *p; p++)
		if (*p == '_')
			*p = ' ';
	return copy;
}

const char *review_gate_label(const struct policy_gate *g, struct arena *mem)
{
	switch (g->kind) {
	case POLICY_METRIC:
		return g->data ? arena_printf(mem, "%s on %s", words(g->metric, mem), g->data)
		               : words(g->metric, mem);
	case POLICY_CHAMPION:
		return arena_printf(mem, "%s vs champion", words(g->metric, mem));
	case POLICY_BIAS:
		return arena_printf(mem, "%s, %s", words(g->measure, mem), g->by ? g->by : "?");
	case POLICY_DATA_AGE:
		return "age of the data, days";
	case POLICY_CONTRACT:
		return "data contract kept";
	case POLICY_REPLAY:
		return "replay identical";
	case POLICY_MANIFEST:
		return "files intact";
	case POLICY_SCAN:
		return "model files scanned";
	}
	return g->id;
}

static const char *bound_word(const struct policy_gate *g)
{
	return g->bound == POLICY_LOW ? "low " : g->bound == POLICY_HIGH ? "high " : "";
}

const char *review_gate_limit(const struct policy_gate *g, struct arena *mem)
{
	char number[NUM_TEXT];

	if (!review_gate_has_number(g))
		return NULL;
	return arena_printf(mem, "%s%s %s", bound_word(g), g->at_most ? "≤" : "≥",
	                    num_shortest(g->limit, number));
}

static const char *what_is_measured(const struct policy_gate *g, struct arena *mem)
{
	const char *on = g->data ? arena_printf(mem, ", on %s", g->data) : "";
	char number[NUM_TEXT];

	switch (g->kind) {
	case POLICY_METRIC:
		return arena_printf(mem, "%s of the candidate%s.", words(g->metric, mem), on);
	case POLICY_CHAMPION:
		return arena_printf(mem, "%s of the candidate less that of the champion, on the same cases%s.",
		                    words(g->metric, mem), on);
	case POLICY_BIAS:
		return arena_printf(mem, "%s by %s%s%s%s; groups of fewer than %lld cases are not judged%s.",
		                    words(g->measure, mem), g->by ? g->by : "?",
		                    g->reference ? ", compared with " : "", g->reference ? g->reference : "",
		                    isnan(g->threshold) ? ""
		                                        : arena_printf(mem, ", at the threshold %s",
		                                                       num_shortest(g->threshold, number)),
		                    (long long)g->minimum, on);
	case POLICY_DATA_AGE:
		return "Days since the newest training data was registered.";
	case POLICY_CONTRACT:
		return "The data that it is measured on has the columns and types of the data that it learned from.";
	case POLICY_REPLAY:
		return "The run was done again as it was recorded, and came out the same to the byte.";
	case POLICY_MANIFEST:
		return "Every file of the version hashes to what its manifest says.";
	case POLICY_SCAN:
		return "Loading the files cannot call anything outside the list of what is allowed.";
	}
	return "";
}

static const char *rule_in_words(const struct policy_gate *g, struct arena *mem)
{
	char number[NUM_TEXT], level[NUM_TEXT];
	const char *most = g->at_most ? "at most" : "at least", *limit = num_shortest(g->limit, number);

	if (!review_gate_has_number(g))
		return NULL;
	if (g->bound == POLICY_VALUE)
		return arena_printf(mem, "the value must be %s %s", most, limit);
	return arena_printf(mem, "the %s end of the %s %% interval must be %s %s",
	                    g->bound == POLICY_LOW ? "low" : "high", num_people(g->level * 100, 4, level), most,
	                    limit);
}

static const char *result_in_words(const struct ledger_gate_standing *s)
{
	if (s->verdict == GATE_UNDECIDED && strcmp(review_gate_word(s), "at the limit") != 0)
		return "open: a group has too few cases to be judged, so that it can be told neither to pass nor to "
		       "fail";
	switch (s->verdict) {
	case GATE_PASS:
		return "passes";
	case GATE_FAIL:
		return "fails";
	case GATE_UNDECIDED:
		return "at the limit: it can be told neither to pass nor to fail";
	case GATE_MISSING:
		break;
	}
	return "missing: it was not computed, and so it does not pass";
}

/* The interval, its value and the limit on one axis. */
static void plot(struct str *out, double low, double value, double high, double limit)
{
	double from = fmin(low, limit), to = fmax(high, limit), room = (to - from) * 0.06;
	int a, b, v, l;

	if (!isfinite(low) || !isfinite(high) || !isfinite(limit) || !isfinite(value) || !(to > from) ||
	    value < low || value > high)
		return;
	from -= room;
	to += room;
#define COLUMN(x) (int)lround(((x)-from) / (to - from) * (PLOT - 1))
	a = COLUMN(low);
	b = COLUMN(high);
	v = COLUMN(value);
	l = COLUMN(limit);
#undef COLUMN
	str_addf(out, "%*s", LABEL, "");
	for (int x = 0; x <= b; x++)
		str_adds(out, x == v ? "●" : x == a ? "├" : x == b ? "┤" : x > a ? "─" : " ");
	str_addf(out, "\n%*s▲ limit\n", LABEL + l, "");
}

static void waiver_text(struct str *out, const struct ledger_gate_standing *s, struct arena *mem)
{
	const struct ledger_vote *w = s->waiver;
	const struct ledger_waiver *terms =
	    w && w->text && w->text->waiver_count > 0 ? &w->text->waivers[0] : NULL;
	char number[NUM_TEXT];

	if (s->waiver_no)
		review_fact(out, "waiver", arena_printf(mem, "does not count: %s", s->waiver_no));
	if (!w)
		return;
	review_fact(out, "waived by",
	            arena_printf(mem, "%s (%s), row %lld", review_person(w->name, w->principal),
	                         w->role ? w->role : "?", (long long)w->row));
	if (terms && !isnan(terms->bound))
		review_fact(out, "as far as", num_shortest(terms->bound, number));
	if (terms && terms->until)
		review_fact(out, "until", review_time(terms->until, mem));
	if (w->text)
		review_fact(out, "because", w->text->reason);
}

const char *review_gate_text(const struct work_review *r, size_t at, struct arena *mem)
{
	const struct ledger_gate_standing *s = &r->judgement.gates[at];
	const struct policy_gate *g = s->gate;
	const struct ledger_gate *got = s->result;
	double champion = r->gate_champion ? r->gate_champion[at] : (double)NAN;
	double candidate = r->gate_candidate ? r->gate_candidate[at] : (double)NAN;
	struct str out, rule;

	str_init(&out);
	str_init(&rule);
	sentence(&out, what_is_measured(g, mem));
	str_addc(&out, '\n');
	review_fact(&out, "gate", g->id);
	if (review_gate_has_number(g))
		policy_rule_text(g, &rule);
	review_fact(&out, "rule",
	            rule.len ? arena_printf(mem, "%s: %s", rule.data, rule_in_words(g, mem)) : NULL);
	review_fact(&out, "result", result_in_words(s));
	if (r->gate_why)
		review_fact(&out, "why", r->gate_why[at]);
	if (got && review_gate_has_number(g)) {
		review_fact(&out, "measured", at_leisure(got->measured, mem));
		if (!isnan(got->low) && !isnan(got->high))
			review_fact(&out, "interval",
			            arena_printf(mem, "%s to %s", at_leisure(got->low, mem), at_leisure(got->high, mem)));
		plot(&out, got->low, got->measured, got->high, g->limit);
	}
	review_fact(&out, "champion", at_leisure(champion, mem));
	review_fact(&out, "candidate", at_leisure(candidate, mem));
	waiver_text(&out, s, mem);
	if (!s->lets_through && s->verdict != GATE_PASS)
		review_fact(&out, "waivable", g->waivable ? "yes: w asks for bound, date and reason" : "no");
	if (got && got->settings[0])
		review_fact(&out, "settings", arena_printf(mem, "sha256:%s", got->settings));
	str_release(&rule);
	return done(&out, mem);
}

/* ---- votes ---- */

const char *review_vote_text(const struct ledger_standing *s, struct arena *mem)
{
	const struct ledger_vote *v = s->vote;
	struct str out;

	str_init(&out);
	review_fact(&out, "kind", ledger_kind_name(v->kind));
	review_fact(&out, "name", v->name);
	review_fact(&out, "signer", v->principal);
	review_fact(&out, "role", v->role);
	review_fact(&out, "signed", review_time(v->at, mem));
	review_fact(&out, "key",
	            arena_printf(mem, "%s\n%s key, level %d", v->fingerprint ? v->fingerprint : "none",
	                         review_level(v->level), v->level));
	review_fact(&out, "row", arena_printf(mem, "%lld", (long long)v->row));
	if (v->text) {
		review_fact(&out, "meaning", v->text->meaning);
		review_fact(&out, "reason", v->text->reason);
	}
	if (v->revoked)
		review_fact(&out, "revoked", arena_printf(mem, "by row %lld", (long long)v->revoked_by));
	review_fact(&out, "counts", s->counts ? "yes" : "no");
	for (size_t i = 0; i < s->reason_count; i++)
		review_fact(&out, ledger_why_name(s->reasons[i].why), s->reasons[i].text);
	return done(&out, mem);
}

/* ---- the rest ---- */

const char *review_changes_text(const struct work_review *r, struct arena *mem)
{
	static const char *const kinds[][2] = {{"params", "PARAMETERS"},
	                                       {"features", "FEATURES"},
	                                       {"data", "DATA"},
	                                       {"code", "CODE"},
	                                       {"environment", "ENVIRONMENT"}};
	struct str out;

	str_init(&out);
	if (!r->champion.model)
		sentence(&out, "There is no champion in this stage: nothing to compare with.");
	else if (r->change_count == 0)
		sentence(&out, "Nothing has changed against the champion but the run itself.");
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		bool headed = false;

		for (size_t i = 0; i < r->change_count; i++) {
			const struct work_change *c = &r->changes[i];

			if (strcmp(c->kind, kinds[k][0]) != 0)
				continue;
			if (!headed)
				str_addf(&out, "%s%s\n", out.len ? "\n" : "", kinds[k][1]);
			headed = true;
			if (c->before && c->after)
				sentence(&out, arena_printf(mem, "%s  %s → %s", c->name, c->before, c->after));
			else
				sentence(&out, arena_printf(mem, "%s %s%s%s", c->after ? "+" : "−", c->name,
				                            c->after && *c->after ? "  " : "", c->after ? c->after : ""));
		}
	}
	return done(&out, mem);
}

const char *review_proposal_text(const struct work_review *r, struct arena *mem)
{
	const struct ledger_text *t = r->proposal->text;
	struct str out;

	str_init(&out);
	review_fact(&out, "asks", review_person(r->proposer_name, t->signer));
	review_fact(&out, "signer", t->signer);
	review_fact(&out, "when", review_time(r->proposal->at, mem));
	review_fact(&out, "reason", t->reason);
	review_fact(&out, "model", arena_printf(mem, "%s v%lld → %s", t->model, (long long)t->version, t->stage));
	review_fact(&out, "subject", arena_printf(mem, "sha256:%s", t->subject));
	review_fact(&out, "run",
	            r->version.run_name ? arena_printf(mem, "%s %s", r->version.run_name, r->version.run_uuid)
	                                : r->version.run_uuid);
	review_fact(&out, "launched", r->version.launcher);
	review_fact(&out, "registered", r->version.registrar);
	review_fact(&out, "about", r->version.description);
	review_fact(&out, "row", arena_printf(mem, "%lld", (long long)r->proposal->row));
	return done(&out, mem);
}

const char *review_champion_text(const struct work_review *r, int64_t now, struct arena *mem)
{
	const struct work_version *c = &r->champion;
	struct str out;

	str_init(&out);
	if (!c->model) {
		sentence(&out, "Nothing is in this stage yet: this version would be the first.");
		return done(&out, mem);
	}
	review_fact(&out, "champion", arena_printf(mem, "%s v%lld", c->model, (long long)c->version));
	review_fact(&out, "subject", arena_printf(mem, "sha256:%s", c->subject));
	review_fact(&out, "since",
	            arena_printf(mem, "%s, %s", review_time(r->champion_since, mem),
	                         view_cell_age(mem, r->champion_since, now)));
	review_fact(&out, "run", c->run_name);
	review_fact(&out, "about", c->description);
	str_addc(&out, '\n');
	sentence(&out, "D compares the two runs: parameters, metrics, data, curves.");
	return done(&out, mem);
}

const char *review_policy_text(const struct policy *p, const char *stage, struct arena *mem)
{
	const struct policy_stage *s = policy_stage_find(p, stage);
	struct str out, roles;
	char span[TIME_TEXT];

	str_init(&out);
	str_init(&roles);
	review_fact(&out, "policy", p->name);
	review_fact(&out, "digest", arena_printf(mem, "sha256:%s", p->digest));
	if (s) {
		for (size_t i = 0; i < s->role_count; i++)
			str_addf(&roles, "%s%s", i ? ", " : "", s->roles[i]);
		review_fact(&out, "stage", s->name);
		review_fact(&out, "signatures",
		            arena_printf(mem, "%d, of different people with different keys", s->approvals));
		review_fact(&out, "among them", roles.data);
		review_fact(&out, "keys", arena_printf(mem, "level %d or more", s->assurance));
		review_fact(&out, "unused",
		            s->expires_ms
		                ? arena_printf(mem, "an approval lapses after %s", time_span(s->expires_ms, span))
		                : NULL);
	}
	str_addf(&out, "\nAs it is in force:\n\n%.*s", (int)p->len, p->text ? p->text : "");
	str_release(&roles);
	return done(&out, mem);
}
