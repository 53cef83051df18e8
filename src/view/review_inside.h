/* The review: what its view and its acts share. */
#ifndef ASSAY_VIEW_REVIEW_INSIDE_H
#define ASSAY_VIEW_REVIEW_INSIDE_H

#include "review.h"

struct sign_gate;

enum { REVIEW_TAG = 1, REVIEW_TAG_PULSE, REVIEW_TAG_DATA };

struct review {
	int64_t proposal;
	struct arena *arena; /* of seen */
	const struct review_seen *seen;
	bool *opened; /* one an item */
	struct review_page page;
	size_t at; /* item under the cursor */
	int top, height;
	int64_t change;
	bool asked_unopened; /* the person has said once that nothing need be opened */
	struct sign_gate *gates;
	char fault[ERROR_TEXT];
};

/* The line with the cursor, or NULL. */
const struct review_item *review_item_at(const struct review *r);

/* What was opened is remembered for the session. */
void review_look_opened(struct view *v);
void review_note_opened(struct view *v, const char *key);

/* The keys of a review. */
void review_read_item(struct view *v);
void review_read_bias(struct view *v);
void review_read_data(struct view *v);
void review_diff(struct view *v);
void review_decide(struct view *v, enum ledger_kind kind);
void review_approve(struct view *v); /* asks first when nothing was opened */
void review_revoke(struct view *v);

#endif
