/*
 * Signing: reason, the exact text and its SHA-256, the code, the signature, the receipt. Every decision that
 * a person signs in the workbench goes through this one view; nothing else in it signs.
 *
 * What was typed before the code could be read is dropped; a paste is refused; Enter never signs; the sixth
 * right digit does. The reason is kept until it is signed, whatever happens in between.
 */
#ifndef ASSAY_VIEW_SIGN_H
#define ASSAY_VIEW_SIGN_H

#include "assay/ui.h"
#include "assay/work.h"

struct sign_gate {
	const char *id;
	double measured;
};
/* What stands around the decision; all may be NULL or 0. Copied. */
struct sign_about {
	const char *subject; /* "credit-risk v7" */
	const char *digest;  /* first digits of what it is about, beside the name */
	const char *stage;
	size_t opened, evidence; /* pieces of evidence that were opened, of how many; evidence 0: not said */
	const char *not_opened;  /* what was not, by name */
	const char *command;     /* "assay approve 481": what could have been typed; the options are added */
	const struct sign_gate *gates; /* waive: those that do not pass */
	size_t gate_count;
};
/* Opens it above the present view, which is resumed afterwards (view_ops.resume), whatever came of it. Fields
 * of the decision that the person has to say (reason, gate, bound, until, incident) may be filled in: they
 * are then the form's beginning. */
int view_sign(struct view *v, const struct work_decision *d, const struct sign_about *about);

/* ---- between the view and the writer's thread ---- */

/* A person as far as signing needs one. */
struct sign_who {
	struct work_person person;
};
ui_work_fn view_sign_who; /* takes nothing, gives sign_who */
struct sign_draft_ask {
	struct work_decision decision; /* its texts in the request's own arena */
};
struct sign_drafted {
	const char *text;
	size_t len;
	char digest[SHA256_TEXT];
	struct work_person person;
	int64_t row; /* it stands there already, signed by the same person: nothing is left to sign; 0 */
};
ui_work_fn view_sign_draft;
struct sign_decide_ask {
	const char *text; /* in the request's own arena, like the person and the flag */
	size_t len;
	char digest[SHA256_TEXT];
	struct work_person person;
	int64_t row; /* of the draft */
	const volatile bool *cancel;
};
struct sign_receipt {
	struct work_receipt receipt; /* mem NULL: its texts stand in the result's arena */
};
ui_work_fn view_sign_decide;
/* All of it copied into the arena. */
struct work_person sign_person_copy(const struct work_person *p, struct arena *mem);
struct work_decision sign_decision_copy(const struct work_decision *d, struct arena *mem);

#endif
