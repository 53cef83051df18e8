/*
 * A workbench whose reviews are made up: proposals of all kinds without a store, signed by nobody's key. For
 * pictures of what a ledger seldom holds (twenty gates, names of several scripts), and for the steps of the
 * signing view, each of whose answers a test chooses.
 */
#ifndef TESTS_REVIEW_FIXTURE_H
#define TESTS_REVIEW_FIXTURE_H

#include "assay/term.h"
#include "assay/ui.h"

/* "Now": 2026-11-23T12:00:00Z. */
#define REVIEW_NOW INT64_C(1795435200000)

/* The number of the proposal says what it is like. */
enum review_like {
	LIKE_USUAL = 481, /* eight gates, one at the limit and waived, one signature of two */
	LIKE_STALE,       /* a signature that evidence has overtaken, one by an author, a gate that fails */
	LIKE_LONG,        /* names that are long, and of two scripts */
	LIKE_MANY,        /* twenty gates */
	LIKE_FIRST,       /* no champion, no gates, no signature */
	LIKE_APPROVED,
	LIKE_REJECTED,
	LIKE_HALTED, /* something in the way that has no line of its own */
	LIKE_BROKEN, /* the ledger does not hold */
};

/* What signing comes to. */
enum sign_ends {
	SIGN_ENDS_WELL,
	SIGN_ENDS_STALE,
	SIGN_ENDS_REFUSED,
	SIGN_ENDS_NEVER,
	SIGN_ENDS_NO_KEY,
	SIGN_ENDS_NO
};

struct review_stage {
	enum sign_ends ends;
	int signatures;   /* that were made */
	char reason[512]; /* of the last text */
	int drafts;
};

/* The workbench with one empty screen and the review of `like` on it. review_fixture_end frees. */
struct ui *review_fixture(struct term *term, enum review_like like, struct review_stage *stage);
void review_fixture_end(struct ui *ui);

#endif
