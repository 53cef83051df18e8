/* The signing view: what its two files share. */
#ifndef ASSAY_VIEW_SIGN_INSIDE_H
#define ASSAY_VIEW_SIGN_INSIDE_H

#include "sign.h"

enum sign_stage {
	SIGN_FORM,     /* what a person has to say */
	SIGN_DRAFTING, /* rules are asked, the text is made */
	SIGN_CODE,     /* the text, and the digits that sign it */
	SIGN_SIGNING,
	SIGN_RECEIPT,
	SIGN_FAILED,
};
enum { SIGN_CODE_DIGITS = 6, SIGN_TIMEOUT_S = 60 /* ledger_signer's */ };

struct sign {
	enum sign_stage stage;
	struct arena *mem; /* of the next four */
	struct work_decision decision;
	struct sign_about about;
	const char *memo;     /* the reason is remembered under this */
	struct ui_form *form; /* NULL: only the reason is asked */
	struct ui_editor reason;
	bool on_reason;
	bool looked;         /* for the person's key … */
	struct error nobody; /* … and it was not found: why */
	struct arena *who_mem, *draft_mem, *receipt_mem;
	const struct work_person *who;
	const struct sign_drafted *draft;
	const struct sign_receipt *receipt;
	struct ui_pager *text;
	char code[SIGN_CODE_DIGITS + 1];
	uint64_t first_turn;   /* of the first digit */
	const char *word;      /* about what was typed last; NULL */
	volatile bool *cancel; /* in the request; NULL: none is under way */
	bool cancelling;
	int64_t since; /* when signing began, ui_now */
	struct error fault;
	const char *doing; /* "the text": what had been done when it failed */
};
/* "approve" */
const char *sign_verb(const struct sign *g);
/* Characters that the reason must have by the rules; 0: none. */
size_t sign_reason_least(enum ledger_kind kind);
size_t sign_characters(const char *text);
/* The fields that the decision needs besides the reason; none: g->form stays NULL. */
void sign_make_form(struct view *v, int64_t now);
/* What they say, into the decision; the first fault, or NULL. */
const char *sign_take_form(struct sign *g);
/* True: taken. *reason: the reason is another one now. */
bool sign_form_event(struct sign *g, const struct term_event *e, bool *reason);
void sign_draw(struct view *v, struct sign *g, struct surface *s);

#endif
