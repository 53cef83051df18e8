/* Signing: from the reason to the receipt. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "review.h"
#include "session.h"
#include "sign_inside.h"
#include "view_inside.h"

enum { TAG_WHO = 1, TAG_DRAFT, TAG_DECIDE };

struct sign_args {
	const struct work_decision *decision;
	const struct sign_about *about;
};

const char *sign_verb(const struct sign *g)
{
	return ledger_kind_name(g->decision.kind);
}

size_t sign_reason_least(enum ledger_kind kind)
{
	return kind == LEDGER_WAIVE ? 40 : kind == LEDGER_APPROVE ? 20 : 0;
}

size_t sign_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

/* ---- opening ---- */

int view_sign(struct view *v, const struct work_decision *d, const struct sign_about *about)
{
	struct sign_args args = {.decision = d, .about = about};

	return ui_open(v->ui, &SIGN_VIEW, &args);
}

static void copy_about(struct sign *g, const struct sign_about *about)
{
	struct sign_gate *gates;

	if (!about)
		return;
	g->about = *about;
	g->about.subject = arena_strdup(g->mem, about->subject);
	g->about.digest = arena_strdup(g->mem, about->digest);
	g->about.stage = arena_strdup(g->mem, about->stage);
	g->about.not_opened = arena_strdup(g->mem, about->not_opened);
	g->about.command = arena_strdup(g->mem, about->command);
	gates = arena_array(g->mem, about->gate_count + 1, sizeof *gates);
	for (size_t i = 0; i < about->gate_count; i++)
		gates[i] = (struct sign_gate){.id = arena_strdup(g->mem, about->gates[i].id),
		                              .measured = about->gates[i].measured};
	g->about.gates = gates;
}

static void look_for_key(struct view *v)
{
	ui_do(v, TAG_WHO, view_app_of(v)->work->sign_who, NULL, 0, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct sign *g = v->state;
	const struct sign_args *in = args;
	const char *kept;

	if (!in || !in->decision)
		return error_set(err, ERR_USAGE, "nothing was said that could be signed");
	if (in->decision->kind == LEDGER_WAIVE && in->about && in->about->gate_count == 0)
		return error_set(err, ERR_NO, "there is no gate to waive: all that may be waived pass");
	g->mem = arena_new();
	g->decision = sign_decision_copy(in->decision, g->mem);
	copy_about(g, in->about);
	g->memo =
	    arena_printf(g->mem, "reason %s %lld %s %s", sign_verb(g), (long long)g->decision.target,
	                 g->decision.model ? g->decision.model : "", g->decision.stage ? g->decision.stage : "");
	kept = session_get(view_app_of(v)->session, g->memo);
	ui_editor_init(&g->reason, g->decision.reason ? g->decision.reason : kept ? kept : "");
	sign_make_form(v, ui_now(v->ui));
	g->on_reason = !g->form;
	look_for_key(v);
	return 0;
}

static void give_up(struct view *v)
{
	struct sign *g = v->state;

	if (!g->cancel)
		return;
	*g->cancel = true;
	g->cancelling = true;
}

/* No answer will come any more, and the flag goes with the request. */
static void leaving(struct view *v)
{
	give_up(v);
	((struct sign *)v->state)->cancel = NULL;
}

static void close_view(struct view *v)
{
	struct sign *g = v->state;

	give_up(v);
	ui_form_free(g->form);
	ui_pager_free(g->text);
	ui_editor_release(&g->reason);
	arena_free(g->mem);
	arena_free(g->who_mem);
	arena_free(g->draft_mem);
	arena_free(g->receipt_mem);
}

/* ---- from stage to stage ---- */

static void keep_reason(struct view *v)
{
	struct sign *g = v->state;

	session_set(view_app_of(v)->session, g->memo, g->reason.text.len ? g->reason.text.data : NULL);
}

static void ask_draft(struct view *v)
{
	struct sign *g = v->state;
	struct sign_draft_ask ask;
	struct arena *keep;
	const char *fault;

	if (g->form)
		ui_form_complain(g->form, "until", NULL);
	fault = sign_take_form(g);
	if (fault) {
		ui_message(v->ui, STYLE_ERROR, "%s", fault);
		g->on_reason = false;
		return;
	}
	keep_reason(v);
	keep = arena_new();
	ask.decision = sign_decision_copy(&g->decision, keep);
	g->stage = SIGN_DRAFTING;
	ui_do(v, TAG_DRAFT, view_app_of(v)->work->sign_draft, &ask, sizeof ask, keep);
}

static void clear_code(struct sign *g)
{
	g->code[0] = 0;
}

static void ask_signature(struct view *v)
{
	struct sign *g = v->state;
	struct arena *keep = arena_new();
	bool *cancel = arena_alloc(keep, sizeof *cancel);
	struct sign_decide_ask ask = {.text = arena_memdup0(keep, g->draft->text, g->draft->len),
	                              .len = g->draft->len,
	                              .person = sign_person_copy(&g->draft->person, keep),
	                              .row = g->draft->row,
	                              .cancel = cancel};

	memcpy(ask.digest, g->draft->digest, sizeof ask.digest);
	g->cancel = cancel;
	g->cancelling = false;
	g->since = ui_now(v->ui);
	g->stage = SIGN_SIGNING;
	g->word = NULL;
	ui_do(v, TAG_DECIDE, view_app_of(v)->work->sign_decide, &ask, sizeof ask, keep);
}

static void show_draft(struct view *v, struct ui_result *r)
{
	struct sign *g = v->state;

	arena_free(g->draft_mem);
	g->draft_mem = r->arena;
	g->draft = r->data;
	r->arena = NULL;
	g->who = &g->draft->person;
	ui_pager_free(g->text);
	g->text = ui_pager_new(v);
	ui_pager_action(g->text, ACTION_PAGER_WRAP);
	ui_pager_add(g->text, g->draft->text, g->draft->len);
	clear_code(g);
	g->word = NULL;
	if (g->draft->row) {
		ask_signature(v); /* it stands: what follows from it is told, nothing is signed */
		return;
	}
	g->stage = SIGN_CODE;
	ui_flush_input(v->ui);
}

/* The command that would have done the same. */
static void show_command(struct view *v)
{
	struct sign *g = v->state;
	const char *argv[4] = {NULL};
	char number[NUM_TEXT], until[TIME_TEXT];
	struct str line, options;
	size_t words = 0;

	if (!g->about.command)
		return;
	str_init(&line);
	str_init(&options);
	if (g->decision.kind == LEDGER_WAIVE) {
		str_addc(&options, ' ');
		work_shell_line((const char *[]){g->decision.gate, NULL}, &options);
		str_addf(&options, " --until %.10s", time_rfc3339(g->decision.until, until));
		if (!isnan(g->decision.bound))
			str_addf(&options, " --bound %s", num_shortest(g->decision.bound, number));
	}
	if (g->decision.kind == LEDGER_ROLLBACK && g->decision.version)
		str_addf(&options, " --to %lld", (long long)g->decision.version);
	if (g->decision.reason) {
		argv[words++] = "--reason";
		argv[words++] = g->decision.reason;
		work_shell_line(argv, &line);
	}
	ui_command(v->ui, "%s%s%s%s", g->about.command, options.data, words ? " " : "", line.data);
	str_release(&options);
	str_release(&line);
}

static void fail(struct view *v, const struct ui_result *r, const char *doing)
{
	struct sign *g = v->state;

	g->fault = r->err;
	g->doing = doing;
	g->stage = SIGN_FAILED;
	ui_flush_input(v->ui);
	ui_message(v->ui, STYLE_MUTED, "%s", ""); /* it stands large on the screen */
}

/* Why U does not take this back, and what can be done instead. */
static void say_lasting(struct view *v, enum ledger_kind kind)
{
	struct str text, key;

	str_init(&text);
	str_init(&key);
	ui_action_keys(v->ui, ACTION_REVIEW_REVOKE, true, &key);
	switch ((int)kind) {
	case LEDGER_APPROVE:
	case LEDGER_WAIVE:
	case LEDGER_REJECT:
		str_adds(&text, "a signature is not taken back but revoked");
		if (key.len)
			str_addf(&text, ": %s in its review", key.data);
		break;
	case LEDGER_PROMOTE:
		str_adds(&text, "a promotion is not taken back: $ assay rollback puts an older version there");
		break;
	default:
		str_adds(&text, "what stands in the ledger is not taken back: another decision follows it");
		break;
	}
	ui_lasting(v->ui, text.data);
	str_release(&text);
	str_release(&key);
}

static void on_decided(struct view *v, struct ui_result *r)
{
	struct sign *g = v->state;

	g->cancel = NULL; /* it goes with the request */
	if (r->status != 0) {
		fail(v, r, "signing");
		return;
	}
	g->receipt_mem = r->arena;
	g->receipt = r->data;
	r->arena = NULL;
	g->stage = SIGN_RECEIPT;
	session_set(view_app_of(v)->session, g->memo, NULL);
	ui_flush_input(v->ui);
	show_command(v);
	say_lasting(v, g->decision.kind);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct sign *g = v->state;

	switch (r->tag) {
	case TAG_WHO:
		g->looked = true;
		if (r->status != 0) {
			g->nobody = r->err;
			ui_message(v->ui, STYLE_MUTED, "%s", "");
		} else if (!g->draft) {
			arena_free(g->who_mem);
			g->who_mem = r->arena;
			g->who = &((struct sign_who *)r->data)->person;
			r->arena = NULL;
		}
		break;
	case TAG_DRAFT:
		if (r->status != 0)
			fail(v, r, "the text");
		else
			show_draft(v, r);
		break;
	default:
		on_decided(v, r);
		break;
	}
}

static void again(struct view *v)
{
	struct sign *g = v->state;

	g->stage = SIGN_FORM;
	g->looked = false;
	g->who = NULL;
	g->draft = NULL;
	look_for_key(v);
}

/* ---- the code ---- */

static void check_code(struct view *v)
{
	struct sign *g = v->state;
	bool right = strncmp(g->code, g->draft->digest, SIGN_CODE_DIGITS) == 0;

	if (ui_turn(v->ui) == g->first_turn) {
		g->word = "they came all at once, as a paste does: type them one by one";
	} else if (!right) {
		g->word = "these are not the first six digits of the SHA-256 above";
	} else {
		ask_signature(v);
		return;
	}
	clear_code(g);
}

/* True: taken, the event has nothing else to say. */
static bool code_event(struct view *v, const struct term_event *e)
{
	struct sign *g = v->state;
	size_t len = strlen(g->code);

	if (e->kind == TERM_EVENT_PASTE) {
		clear_code(g);
		g->word = "a paste signs nothing: read the digits and type them";
		return true;
	}
	if (e->kind != TERM_EVENT_KEY || e->mods)
		return false;
	if (e->key == TERM_KEY_ENTER) {
		g->word = "Enter signs nothing: the sixth digit does";
	} else if (e->key == TERM_KEY_BACKSPACE) {
		g->code[len > 0 ? len - 1 : 0] = 0;
		g->word = NULL;
	} else if (e->key < 0x80 && isxdigit((int)e->key)) {
		if (len == 0)
			g->first_turn = ui_turn(v->ui);
		g->code[len] = (char)tolower((int)e->key);
		g->code[len + 1] = 0;
		g->word = NULL;
		if (len + 1 == SIGN_CODE_DIGITS)
			check_code(v);
	} else if (e->key < TERM_KEY_SPECIAL && e->key != '?') {
		g->word = "a digit of the code is one of 0 to 9 and a to f";
	} else {
		return false;
	}
	return true;
}

static bool form_event(struct view *v, const struct term_event *e)
{
	bool reason = false, taken = sign_form_event(v->state, e, &reason);

	if (reason)
		keep_reason(v);
	return taken;
}

static bool event(struct view *v, const struct term_event *e)
{
	struct sign *g = v->state;

	if (g->stage == SIGN_FORM && (e->kind == TERM_EVENT_KEY || e->kind == TERM_EVENT_PASTE))
		return form_event(v, e);
	if (g->stage == SIGN_CODE && code_event(v, e))
		return true;
	/* What is typed too early or too long is not taken for a way to somewhere else. */
	if ((g->stage == SIGN_DRAFTING || g->stage == SIGN_SIGNING) &&
	    (e->kind == TERM_EVENT_PASTE || (e->kind == TERM_EVENT_KEY && !e->mods && e->key < TERM_KEY_SPECIAL)))
		return true;
	return g->text && g->stage == SIGN_CODE && ui_pager_event(g->text, e);
}

/* Letters and digits are the code's: the text moves by keys that are neither. */
static bool move_text(struct sign *g, enum action what)
{
	static const struct {
		enum action key, moves;
	} moves[] = {
	    {ACTION_CODE_UP, ACTION_LIST_UP},           {ACTION_CODE_DOWN, ACTION_LIST_DOWN},
	    {ACTION_CODE_PAGE_UP, ACTION_LIST_PAGE_UP}, {ACTION_CODE_PAGE_DOWN, ACTION_LIST_PAGE_DOWN},
	    {ACTION_CODE_TOP, ACTION_LIST_TOP},         {ACTION_CODE_END, ACTION_LIST_BOTTOM},
	};

	for (size_t i = 0; g->stage == SIGN_CODE && g->text && i < COUNT_OF(moves); i++)
		if (moves[i].key == what)
			return ui_pager_action(g->text, moves[i].moves);
	return false;
}

static bool action(struct view *v, enum action what)
{
	struct sign *g = v->state;

	switch ((int)what) {
	case ACTION_SIGN_NEXT:
		ask_draft(v);
		return true;
	case ACTION_SIGN_AGAIN:
		again(v);
		return true;
	case ACTION_SIGN_BACK:
		if (g->stage == SIGN_CODE)
			g->stage = SIGN_FORM;
		else if (g->stage == SIGN_SIGNING)
			give_up(v);
		else
			ui_back(v->ui);
		return true;
	case ACTION_SIGN_DONE:
		ui_back(v->ui);
		return true;
	case ACTION_APP_BACK:
	case ACTION_APP_QUIT:
		/* While a key may be blinking, the view stays until the answer is there. */
		if (g->stage != SIGN_SIGNING)
			return false;
		give_up(v);
		return true;
	case ACTION_FORM_RESET:
		return g->form && !g->on_reason && ui_form_action(g->form, what);
	default:
		return move_text(g, what);
	}
}

static const char *contexts_now(struct view *v)
{
	switch (((struct sign *)v->state)->stage) {
	case SIGN_FORM:
		return "sign";
	case SIGN_CODE:
		return "code";
	case SIGN_FAILED:
		return "failed";
	case SIGN_RECEIPT:
		return "receipt";
	default:
		return "signing";
	}
}

static const char *why_not(struct view *v, enum action what)
{
	const struct sign *g = v->state;
	/* Where letters are typed they are no keys. */
	bool typed = g->stage == SIGN_FORM || g->stage == SIGN_CODE;

	switch ((int)what) {
	case ACTION_SIGN_AGAIN:
		return g->fault.code == ERR_STALE    ? "look at what it is now first: Esc"
		       : g->fault.code == ERR_TAMPER ? "what does not hold is not signed"
		                                     : NULL;
	case ACTION_APP_QUIT:
	case ACTION_APP_PALETTE:
		return typed ? "Esc goes back" : NULL;
	case ACTION_APP_REFRESH:
	case ACTION_APP_UNDO:
	case ACTION_APP_JOURNAL:
	case ACTION_APP_THEME:
	case ACTION_APP_MOUSE:
	case ACTION_APP_PLACES:
		return typed ? "letters are typed here" : NULL;
	default:
		return typed && what >= ACTION_APP_SCREEN_1 && what <= ACTION_APP_SCREEN_8 ? "digits are typed here"
		                                                                           : NULL;
	}
}

static void tick(struct view *v)
{
	if (((struct sign *)v->state)->stage == SIGN_SIGNING)
		ui_dirty(v->ui);
}

static void draw(struct view *v, struct surface *s)
{
	sign_draw(v, v->state, s);
}

static void title(struct view *v, struct str *out)
{
	str_adds(out, sign_verb(v->state));
}

/* Until it is done, going elsewhere leaves the question standing. */
static bool unsaved(struct view *v)
{
	const struct sign *g = v->state;

	return g->stage != SIGN_RECEIPT;
}

const struct view_ops SIGN_VIEW = {
    .name = "sign",
    .contexts = "sign",
    .state_size = sizeof(struct sign),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .unsaved = unsaved,
    .contexts_now = contexts_now,
    .tick_ms = 250,
    .tick = tick,
    .leaving = leaving,
    .least_w = 40,
    .least_h = 10,
};

const struct view_work VIEW_WORK = {
    .review = view_review_read,
    .evidence = view_evidence_read,
    .sign_who = view_sign_who,
    .sign_draft = view_sign_draft,
    .sign_decide = view_sign_decide,
};
