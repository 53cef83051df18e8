/* Rows of a ledger made in memory: texts as ledger_text_write writes them, signatures of a shape that is read
 * but that nobody made (replay takes rows as verified), keys that follow from a name. */
#ifndef ASSAY_TEST_LEDGER_ROWS_H
#define ASSAY_TEST_LEDGER_ROWS_H

#include "assay/ledger.h"

struct rows_object {
	char digest[SHA256_TEXT];
	const char *bytes;
	size_t len;
};
struct ledger_rows {
	struct arena *mem;
	struct ledger_row *rows;
	size_t count, cap;
	struct rows_object *objects;
	size_t object_count, object_cap;
	struct ledger_state *state; /* of all rows; made by rows_state */
	int64_t now;                /* of the next row: a second later than the one before */
	int level;                  /* of signatures */
	int requests;
};

extern const char ROWS_STORE[];

void rows_init(struct ledger_rows *r);
void rows_release(struct ledger_rows *r);
/* Keeps bytes as an object; its digest. */
const char *rows_object(struct ledger_rows *r, const char *text);
/* "TYPE BASE64" of a FIDO key that follows from the name. */
const char *rows_key(struct ledger_rows *r, const char *name);
/* A roster line. */
const char *rows_line(struct ledger_rows *r, const char *principal, const char *key, const char *comment);
/* Adds the row: store, request, what was seen (the head) and time are filled in where they are empty. key:
 * the name of the key that signs; NULL: unsigned. */
int64_t rows_add(struct ledger_rows *r, struct ledger_text t, const char *key);
/* Replays; the state lives until the next call. */
struct ledger_state *rows_state(struct ledger_rows *r);
/* NULL, or why the row is void. */
const char *rows_void(struct ledger_rows *r, int64_t row);
/* A digest that follows from a word. */
const char *rows_digest(struct ledger_rows *r, const char *word);

#endif
