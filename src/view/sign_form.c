/* Signing: what a person has to say for each kind of decision. */
#include <math.h>
#include <string.h>

#include "sign_inside.h"
#include "view_inside.h"

#define DAY_MS INT64_C(86400000)
enum { UNTIL_DAYS = 30 };

static const struct sign_gate *gate_named(const struct sign *g, const char *id)
{
	for (size_t i = 0; i < g->about.gate_count; i++)
		if (strcmp(g->about.gates[i].id, id) == 0)
			return &g->about.gates[i];
	return NULL;
}

static const char *measured_of(const struct sign *g, const char *gate)
{
	const struct sign_gate *found = gate_named(g, gate);
	char text[NUM_TEXT];

	return found && isfinite(found->measured) ? arena_strdup(g->mem, num_shortest(found->measured, text))
	                                          : "";
}

/* The bound follows the gate until a person has written one. */
static void form_changed(void *user, const char *name)
{
	struct view *v = user;
	struct sign *g = v->state;

	if (strcmp(name, "gate") == 0)
		ui_form_set(g->form, "bound", measured_of(g, ui_form_get(g->form, "gate")));
}

void sign_make_form(struct view *v, int64_t now)
{
	struct sign *g = v->state;
	const struct work_decision *d = &g->decision;
	const char **ids = arena_array(g->mem, g->about.gate_count + 1, sizeof *ids);
	const char *gate, *until;
	char day[TIME_TEXT];
	struct ui_field fields[3];
	size_t count = 0;

	for (size_t i = 0; i < g->about.gate_count; i++)
		ids[i] = g->about.gates[i].id;
	gate = d->gate && gate_named(g, d->gate) ? d->gate : g->about.gate_count ? ids[0] : d->gate;
	time_rfc3339(d->until ? d->until : now + UNTIL_DAYS * DAY_MS, day);
	until = arena_memdup0(g->mem, day, sizeof "2026-11-23" - 1);
	if (d->kind == LEDGER_WAIVE) {
		fields[count++] = (struct ui_field){.name = "gate",
		                                    .label = "gate",
		                                    .kind = g->about.gate_count ? UI_CHOICE : UI_TEXT,
		                                    .value = gate,
		                                    .choices = ids,
		                                    .choice_count = g->about.gate_count,
		                                    .required = true,
		                                    .help = "the gate to let through: one that does not pass"};
		fields[count++] =
		    (struct ui_field){.name = "bound",
		                      .label = "as far as",
		                      .kind = UI_NUMBER,
		                      .value = gate ? measured_of(g, gate) : "",
		                      .empty_means = "what was measured",
		                      .help = "how far the measured value may go; beyond it the waiver ends"};
	}
	if (d->kind == LEDGER_WAIVE || d->kind == LEDGER_BREAK_GLASS)
		fields[count++] = (struct ui_field){.name = "until",
		                                    .label = "until",
		                                    .kind = UI_TEXT,
		                                    .value = d->kind == LEDGER_WAIVE ? until : "",
		                                    .required = d->kind == LEDGER_WAIVE,
		                                    .empty_means = "24 hours",
		                                    .help = "a day like 2026-12-31 (UTC)"};
	if (d->kind == LEDGER_BREAK_GLASS)
		fields[count++] = (struct ui_field){.name = "incident",
		                                    .label = "incident",
		                                    .kind = UI_TEXT,
		                                    .value = d->incident,
		                                    .required = true,
		                                    .help = "what names the incident: a ticket, a page"};
	if (d->kind == LEDGER_ROLLBACK)
		fields[count++] =
		    (struct ui_field){.name = "version",
		                      .label = "back to",
		                      .kind = UI_TEXT,
		                      .value = d->version ? arena_printf(g->mem, "%lld", (long long)d->version) : "",
		                      .empty_means = "the version before",
		                      .help = "a version that was promoted to this stage before"};
	if (count == 0)
		return;
	g->form = ui_form_new(v, form_changed, v);
	ui_form_fields(g->form, fields, count);
}

/* What the form says, into the decision. */
const char *sign_take_form(struct sign *g)
{
	const char *until, *bound, *version, *fault;

	g->decision.reason = g->reason.text.len ? arena_strdup(g->mem, g->reason.text.data) : NULL;
	if (!g->form)
		return NULL;
	fault = ui_form_fault(g->form);
	if (fault)
		return fault;
	if (g->decision.kind == LEDGER_WAIVE)
		g->decision.gate = arena_strdup(g->mem, ui_form_get(g->form, "gate"));
	if (g->decision.kind == LEDGER_BREAK_GLASS)
		g->decision.incident = arena_strdup(g->mem, ui_form_get(g->form, "incident"));
	until = ui_form_get(g->form, "until");
	if (*until && !time_parse(until, strlen(until), &g->decision.until)) {
		ui_form_complain(g->form, "until", "a day is written like 2026-12-31");
		return ui_form_fault(g->form);
	}
	bound = ui_form_get(g->form, "bound");
	g->decision.bound = (double)NAN;
	if (*bound)
		num_parse(bound, strlen(bound), &g->decision.bound);
	version = ui_form_get(g->form, "version");
	if (*version &&
	    !int_parse(version + (*version == 'v'), strlen(version + (*version == 'v')), &g->decision.version)) {
		ui_form_complain(g->form, "version", "a version is a number like 6");
		return ui_form_fault(g->form);
	}
	return NULL;
}

static const char *last_field(const struct sign *g)
{
	return g->decision.kind == LEDGER_BREAK_GLASS ? "incident"
	       : g->decision.kind == LEDGER_ROLLBACK  ? "version"
	                                              : "until";
}

bool sign_form_event(struct sign *g, const struct term_event *e, bool *reason)
{
	bool is_key = e->kind == TERM_EVENT_KEY;
	bool on =
	    is_key && !e->mods && (e->key == TERM_KEY_ENTER || e->key == TERM_KEY_DOWN || e->key == TERM_KEY_TAB);
	bool up = is_key && (e->key == TERM_KEY_UP || (e->key == TERM_KEY_TAB && e->mods & TERM_SHIFT));

	if (!g->on_reason) {
		if (on && strcmp(ui_form_at(g->form), last_field(g)) == 0) {
			g->on_reason = true;
			return true;
		}
		return ui_form_event(g->form, e);
	}
	if (g->form && (up || (on && e->key != TERM_KEY_ENTER))) {
		g->on_reason = false;
		return true;
	}
	if (!ui_editor_event(&g->reason, e))
		return false;
	*reason = true;
	return true;
}
