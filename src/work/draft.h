/* Inside the room: a decision's text on its way. */
#ifndef WORK_DRAFT_H
#define WORK_DRAFT_H

#include "decision.h"

struct drafting {
	struct trust *t;
	const struct ledger_state *s; /* changes with every refresh */
	const struct work_decision *d;
	const struct work_person *who;
	struct work_draft *out;
	struct arena *mem;
	struct ledger_text x;
	const struct ledger_proposal *proposal; /* that is answered; NULL */
	struct subject subject;
	bool has_facts;
	struct error *err;
};

/* Fills what the kind of decision says: about which version and stage, answering which row, until when. */
int draft_fill(struct drafting *g);

#endif
