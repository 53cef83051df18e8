/* What a review is there for: reading what lies behind its lines, and deciding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "review_inside.h"
#include "session.h"
#include "sign.h"
#include "view_inside.h"

const struct review_item *review_item_at(const struct review *r)
{
	return r->seen && r->at < r->seen->item_count ? &r->seen->items[r->at] : NULL;
}

/* ---- what was opened ---- */

/* Results that were computed anew have not been looked at. */
static void session_key(const struct review *r, const char *key, struct str *out)
{
	str_addf(out, "opened %lld %lld %s", (long long)r->proposal, (long long)r->seen->results_row, key);
}

static bool was_opened(struct view *v, const char *key)
{
	struct str name;
	bool found;

	str_init(&name);
	session_key(v->state, key, &name);
	found = session_get(view_app_of(v)->session, name.data) != NULL;
	str_release(&name);
	return found;
}

void review_note_opened(struct view *v, const char *key)
{
	struct str name;

	str_init(&name);
	session_key(v->state, key, &name);
	session_set(view_app_of(v)->session, name.data, "yes");
	str_release(&name);
}

void review_look_opened(struct view *v)
{
	struct review *r = v->state;

	free(r->opened);
	r->opened = xcalloc(r->seen->item_count + 1, sizeof *r->opened);
	for (size_t i = 0; i < r->seen->item_count; i++)
		r->opened[i] = r->seen->items[i].key && was_opened(v, r->seen->items[i].key);
}

/* Gates, changes and the data: how many of how many, and which were not. */
static void count_opened(struct view *v, struct sign_about *about, struct str *missing)
{
	struct review *r = v->state;

	for (size_t i = 0; i < r->seen->item_count; i++) {
		const struct review_item *item = &r->seen->items[i];

		if (!item->key)
			continue;
		about->evidence++;
		if (r->opened[i])
			about->opened++;
		else
			str_addf(missing, "%s%s", missing->len ? " · " : "", item->title);
	}
	if (r->seen->data_count == 0)
		return;
	about->evidence++;
	if (was_opened(v, "data"))
		about->opened++;
	else
		str_addf(missing, "%sthe data", missing->len ? " · " : "");
}

/* ---- signing ---- */

/* What the dialog says around the decision. */
static void sign(struct view *v, struct work_decision *d, const char *command)
{
	struct review *r = v->state;
	const struct review_seen *seen = r->seen;
	struct arena *mem = arena_new();
	struct sign_about about = {.subject =
	                               arena_printf(mem, "%s v%lld", seen->model, (long long)seen->version),
	                           .digest = seen->subject,
	                           .stage = seen->stage,
	                           .command = arena_printf(mem, "assay %s", command)};
	struct str missing;
	size_t gates = 0;

	str_init(&missing);
	count_opened(v, &about, &missing);
	about.not_opened = missing.data;
	if (d->kind == LEDGER_WAIVE) {
		free(r->gates);
		r->gates = xcalloc(seen->gate_count + 1, sizeof *r->gates);
		for (size_t i = 0; i < seen->gate_count; i++)
			if (seen->gates[i].verdict != GATE_PASS && seen->gates[i].waivable)
				r->gates[gates++] =
				    (struct sign_gate){.id = seen->gates[i].id, .measured = seen->gates[i].value};
		about.gates = r->gates;
		about.gate_count = gates;
	}
	view_sign(v, d, &about);
	str_release(&missing);
	arena_free(mem);
}

void review_decide(struct view *v, enum ledger_kind kind)
{
	struct review *r = v->state;
	struct work_decision d = {.kind = kind, .target = r->proposal, .bound = (double)NAN};
	char command[64];

	/* On a gate that does not pass, that gate is meant. */
	for (size_t i = 0; kind == LEDGER_WAIVE && i < r->seen->gate_count; i++)
		if (r->seen->gates[i].item == r->at && r->seen->gates[i].verdict != GATE_PASS)
			d.gate = r->seen->gates[i].id;
	snprintf(command, sizeof command, "%s %lld", ledger_kind_name(kind), (long long)r->proposal);
	sign(v, &d, command);
}

static void approve_unopened(void *user)
{
	struct view *v = user;

	((struct review *)v->state)->asked_unopened = true;
	review_decide(v, LEDGER_APPROVE);
}

void review_approve(struct view *v)
{
	struct review *r = v->state;
	struct sign_about about = {0};
	struct str missing;

	str_init(&missing);
	count_opened(v, &about, &missing);
	str_release(&missing);
	if (about.opened > 0 || about.evidence == 0 || r->asked_unopened)
		review_decide(v, LEDGER_APPROVE);
	else
		ui_confirm(v, "Nothing was opened",
		           "None of the evidence behind these lines has been read here (Enter reads it). "
		           "What is signed says that it was.",
		           "approve all the same", approve_unopened, v);
}

static void revoke_chosen(void *user, int64_t row)
{
	struct view *v = user;
	struct work_decision d = {.kind = LEDGER_REVOKE, .target = row, .bound = (double)NAN};
	char command[64];

	snprintf(command, sizeof command, "revoke %lld", (long long)row);
	sign(v, &d, command);
}

void review_revoke(struct view *v)
{
	struct review *r = v->state;
	struct arena *mem = arena_new();
	struct ui_menu_item *items = arena_array(mem, r->seen->vote_count + 1, sizeof *items);
	struct ui_menu menu = {
	    .title = "Take back which signature?", .items = items, .user = v, .accept = revoke_chosen};

	for (size_t i = 0; i < r->seen->vote_count; i++)
		if (!r->seen->votes[i].gone)
			items[menu.count++] = (struct ui_menu_item){
			    .text = r->seen->votes[i].who, .detail = r->seen->votes[i].what, .id = r->seen->votes[i].row};
	ui_menu(v, &menu);
	arena_free(mem);
}

/* ---- what lies behind the lines ---- */

void review_read_item(struct view *v)
{
	struct review *r = v->state;
	const struct review_item *item = review_item_at(r);
	struct evidence_args args;

	if (!item)
		return;
	args = (struct evidence_args){.title = item->title,
	                              .text = item->text,
	                              .objects = item->objects,
	                              .object_count = item->object_count,
	                              .row = item->row};
	if (item->key) {
		review_note_opened(v, item->key);
		r->opened[r->at] = true;
	}
	ui_open(v->ui, &EVIDENCE_VIEW, &args);
}

/* The screen for it while the run is there; else the reports that are signed for, as they stand. */
void review_read_bias(struct view *v)
{
	struct review *r = v->state;
	struct evidence_args args = {
	    .title = "bias report", .text = "", .objects = r->seen->bias, .object_count = r->seen->bias_count};
	struct bias_args screen = {.run = r->seen->candidate_run};

	for (size_t i = 0; i < r->seen->gate_count; i++)
		if (r->seen->gates[i].bias)
			review_note_opened(v, r->seen->items[r->seen->gates[i].item].key);
	if (screen.run)
		ui_open(v->ui, &BIAS_REPORT_VIEW, &screen);
	else
		ui_open(v->ui, &EVIDENCE_VIEW, &args);
}

static void ask_data(struct view *v, const char *name)
{
	struct review_data_ask ask;

	snprintf(ask.name, sizeof ask.name, "%s", name);
	ui_ask_front(v, REVIEW_TAG_DATA, view_review_read_data, &ask, sizeof ask, NULL);
}

static void data_chosen(void *user, int64_t id)
{
	struct view *v = user;
	struct review *r = v->state;

	if (r->seen && (size_t)id <= r->seen->data_count)
		ask_data(v, r->seen->data[id - 1].name);
}

void review_read_data(struct view *v)
{
	struct review *r = v->state;
	struct arena *mem = arena_new();
	struct ui_menu_item *items = arena_array(mem, r->seen->data_count + 1, sizeof *items);
	struct ui_menu menu = {.title = "Which data?", .items = items, .user = v, .accept = data_chosen};

	for (size_t i = 0; i < r->seen->data_count; i++)
		items[menu.count++] = (struct ui_menu_item){
		    .text = r->seen->data[i].name,
		    .detail = arena_printf(mem, "%s  %.8s", r->seen->data[i].role, r->seen->data[i].digest),
		    .id = (int64_t)i + 1};
	if (menu.count == 1)
		ask_data(v, r->seen->data[0].name);
	else
		ui_menu(v, &menu);
	arena_free(mem);
}

void review_diff(struct view *v)
{
	struct review *r = v->state;
	int64_t ids[] = {r->seen->champion_run, r->seen->candidate_run};
	struct compare_args args = {.ids = ids, .count = COUNT_OF(ids)};

	ui_open(v->ui, &COMPARE_VIEW, &args);
}
