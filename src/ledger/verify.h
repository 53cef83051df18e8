/*
 * Verification, shared by ledger_load (stops at what is not intact) and ledger_verify (finds all of it). Its
 * passes:
 *
 *   1. every row by itself and beside the one before it, on all processors (verify_rows.c): first its place
 * in the chain, then its text
 *   2. in order: what it had seen, which roster it is to be asked of, and the state by replay (verify_fold.c)
 *   3. signatures, four at a time (verify_sign.c)
 *   4. objects: rosters, policies, manifests and their files, evidence (verify_objects.c)
 */
#ifndef ASSAY_LEDGER_VERIFY_H
#define ASSAY_LEDGER_VERIFY_H

#include <pthread.h>

#include "internal.h"
#include "rules.h"

struct checked {
	const struct ledger_text *text; /* NULL: it does not read */
	bool is_signed;                 /* it has a signature that reads, and is to have one */
	bool bad;                       /* a problem was found that is no matter of the rules */
	const struct roster
	    *rosters[3]; /* that may hold the key, in the order in which they are asked; NULL: none */
	bool verified;   /* its signature was found good */
};

/* A signature that is to be verified. */
struct to_verify {
	size_t at; /* index of the row */
	bool unverifiable;
	char why[ERROR_TEXT]; /* "" when it is good */
};

struct checking {
	struct ledger *l;  /* NULL: the rows stand elsewhere */
	const char *store; /* whose texts they must be; "": not known */
	const struct ledger_objects *objects;
	const struct ledger_row *rows;
	struct checked *checked;
	size_t count;
	/* The row before the first: 0 and zeros at the beginning of the ledger. */
	int64_t before_seq, before_at;
	char before_link[SHA256_TEXT];
	int64_t trusted_to; /* signatures up to this row need no verification */
	/* A row that was verified before, and its link then; 0: none. Up to same_to, which is that row once its
	 * link was found to be the same, texts are read, but not shown to be the only spelling of what they say.
	 */
	int64_t known_to, same_to;
	char known_link[SHA256_TEXT];
	/* What was found; kept in order of rows by problems_sort. */
	pthread_mutex_t guard;
	struct arena *mem;
	struct ledger_problem *problems;
	size_t problem_count, problem_cap;
	struct arena **texts; /* one a chunk of rows */
	size_t text_arenas;
	struct state_inside *state; /* of the rows that are intact; NULL if none could be made */
	struct roster **rosters;    /* those that were in force or drafts, for signatures; owned */
	size_t roster_count, roster_cap;
	struct intern counting; /* fingerprints of FIDO keys */
	uint32_t *counters;     /* by id: the last counter of each */
	size_t counter_cap;
	int64_t signatures; /* found good, or trusted */
	bool unverifiable;
	char unverifiable_why[ERROR_TEXT];
	ledger_progress_fn *progress;
	void *user;
	int64_t done, total;
};

void checking_init(struct checking *c, struct ledger *l, const struct ledger_objects *objects);
void checking_release(struct checking *c);
/* Rows and their signatures count as work that is to be done. */
void checking_rows(struct checking *c, const struct ledger_row *rows, size_t count);
/* note: to be looked at, but not tampering. Callable from every thread. */
void problem_add(struct checking *c, int64_t seq, const char *what, bool note, const char *format, ...)
    PRINTF_LIKE(5, 6);
void problems_sort(struct checking *c);
/* Tells how far it is; -1 (ERR_NO) when it is to stop. */
int checking_progress(struct checking *c, int64_t more, struct error *err);
/* The row of a number; NULL when it is not among them. */
const struct ledger_row *checking_row(const struct checking *c, int64_t seq);

/* Pass 1. */
int check_rows(struct checking *c, struct error *err);
/* Pass 2. */
void check_fold(struct checking *c);
/* Pass 2 behind a pin: no state, one roster, nothing but `seen`. */
void check_behind_pin(struct checking *c, const struct ledger_pin *pin);
/* The state, with the texts that it rests on: the caller frees it. */
struct ledger_state *checking_take_state(struct checking *c);
/* Pass 3. */
int check_signatures(struct checking *c, struct error *err);
/* One of them, at once. */
void check_signature(struct checking *c, size_t at);
/* Pass 4. */
int check_objects(struct checking *c, struct error *err);
/* The pin against the rows. */
void check_pin(struct checking *c, const struct ledger_pin *pin);

#endif
