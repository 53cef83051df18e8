/* Trail: rows of the ledger in short, as lists show them. Nothing here is verified. */
#ifndef ASSAY_VIEW_TRAIL_H
#define ASSAY_VIEW_TRAIL_H

#include "assay/ledger.h"
#include "assay/ui.h"

struct trail_row {
	int64_t seq, at;
	bool readable; /* its text could be read; else only seq, at and fault hold */
	enum ledger_kind kind;
	bool is_signed;
	int64_t seen;                              /* of a signed row: it seals what lies up to there */
	const char *who;                           /* principal, or the program */
	const char *name;                          /* of the person; NULL */
	const char *role, *model, *stage, *reason; /* NULL: none */
	int64_t version, target;
	const char *about;     /* "credit-risk v7 > production", for people */
	const char *fault;     /* of one that cannot be read */
	size_t passed, failed; /* of its gates */
};
/* Rows from `from` on, in order; with a model only those about it (version 0: any). Strings stand in the
 * arena; the memory that is needed meanwhile does not grow with the ledger. */
int trail_read(struct ledger *l, int64_t from, const char *model, int64_t version, enum term_charset charset,
               struct arena *mem, struct trail_row **out, size_t *count, struct error *err);
/* Up to which row everything is sealed, by these. */
int64_t trail_sealed(const struct trail_row *rows, size_t count);
/* "signed", "sealed", "open". */
const char *trail_seal(const struct trail_row *row, int64_t sealed_to);
style_id trail_seal_style(const struct trail_row *row, int64_t sealed_to);
/* The reason, or how many of its gates passed; "" for neither. */
const char *trail_why(const struct trail_row *row, struct arena *a);
/* Whether the newest rows hold a proposal that nobody has answered: a hint for which screen comes first,
 * before anything was verified. `asked` as store_find takes it. */
bool trail_waits(const char *asked);
style_id trail_style(enum ledger_kind kind);

#endif
