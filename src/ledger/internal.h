/* What the files of this room share about texts, the file, the chain and verification. */
#ifndef ASSAY_LEDGER_INTERNAL_H
#define ASSAY_LEDGER_INTERNAL_H

#include <sqlite3.h>

#include "assay/ledger.h"

/* ---- texts ---- */

/* What a text of a kind must say, beside store, request and claimed time. */
enum {
	NEED_SIGNER = 1, /* who, with name, role and meaning; and what was in force */
	NEED_MODEL = 2,
	NEED_VERSION = 4,
	NEED_STAGE = 8,
	NEED_SUBJECT = 16,
	NEED_TARGET = 32,
	NEED_REASON = 64,
	NEED_PROGRAM = 128,
};
/* A halt that nobody signed. */
bool ledger_text_is_unsigned(const struct ledger_text *t);

/* Appends free text or a word, %-encoded (ledger.h says which bytes). `none` itself is written %6Eone. */
void text_encode(struct str *out, const char *text, bool word);
/* NULL if a % is not followed by two upper-case digits of a byte other than NUL. More than one spelling is
 * read: the caller encodes it anew and compares. */
char *text_decode(const char *text, size_t len, struct arena *mem);
/* The latest time that can be written: the end of the year 9999. */
#define TEXT_TIME_MAX INT64_C(253402300799999)
/* As ledger_text_parse, of bytes that it is known to have read before: that they are the only spelling of
 * what they say is not shown again. */
int ledger_text_read(const char *bytes, size_t len, struct arena *mem, struct ledger_text *out,
                     struct error *err);
bool digest_is_valid(const char *hex, size_t len); /* 64 lower-case hex digits */

/* ---- the file ---- */

/* "ASSL"; the schema is never changed: a new format is another application id's or a higher version. */
enum { LEDGER_APPLICATION = 0x4153534C, LEDGER_FORMAT = 1 };
extern const char LEDGER_SCHEMA[];
enum { MAX_ROW = 1 << 20 }; /* bytes of a value that SQLite hands out */

struct ledger {
	sqlite3 *db;
	char *path; /* of ledger.db, without links */
	bool write;
	int64_t changes; /* of ours */
	char store[ID_TEXT];
	/* Requests of the rows up to indexed_to, which has indexed_link: request -> row. */
	struct intern requests;
	int64_t *request_rows;
	size_t request_cap;
	int64_t indexed_to;
	char indexed_link[SHA256_TEXT];
	/* Rows up to this one were verified through this handle. */
	int64_t verified_to;
	char verified_link[SHA256_TEXT];
};

/* What SQLite says, as an error that names the file; returns -1. */
int ledger_fail(const struct ledger *l, struct error *err);
/* ERR_TAMPER unless the database holds exactly the one table. */
int ledger_check_schema(struct ledger *l, struct error *err);
sqlite3_stmt *ledger_prepare(struct ledger *l, const char *sql, struct error *err);

/* ---- the chain ---- */

#define LINK_ZERO "0000000000000000000000000000000000000000000000000000000000000000"
void ledger_link(int64_t seq, const char *prev, const char *at, const void *body, size_t body_len,
                 const void *sig, size_t sig_len, char out[SHA256_TEXT]);
/* The link that belongs to the row, whatever it bears; h is begun, and is so again afterwards. */
void ledger_link_next(struct sha256 *h, const struct ledger_row *row, const char *prev,
                      char out[SHA256_TEXT]);

#endif
