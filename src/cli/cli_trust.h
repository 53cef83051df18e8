/* What the commands on models, decisions and the ledger share. */
#ifndef CLI_TRUST_H
#define CLI_TRUST_H

#include "assay/work.h"

#include "cli.h"

/* The store with its ledger, and an arena for as long; trust_end in any case. */
struct trusted {
	struct store *store;
	struct trust *trust;
	struct arena *mem;
};
int trust_begin(struct cli *c, enum store_mode need, struct trusted *t);
void trust_end(struct trusted *t);
/* One version as JSON: an object. */
void version_json(struct json_writer *j, const struct work_version *v);
/* A row's number, as an argument. */
int row_number(struct cli *c, const char *text, int64_t *out);
/* "2026-12-31" (to the end of that day, UTC) or a whole time; an option that was not given leaves *out. */
int until_option(struct cli *c, int64_t *out);
/* Fills what --role, --request and --reason say. */
void decision_options(const struct cli *c, struct work_decision *d);
/* Drafts, asks on a terminal, signs (or takes --signature with --payload), and prints the receipt. */
int decide(struct cli *c, struct work_decision *d, bool ask);
void receipt_print(const struct cli *c, const struct work_receipt *r);

/* Asks the first six digits of the digest on the terminal, typed by hand: a paste, what was typed ahead and
 * Enter count for nothing. ERR_NO when they did not come. */
int code_ask(const char *digest, struct error *err);

/* One gate as a row of text, and as JSON. */
void gates_json(struct json_writer *j, const struct ledger_judgement *judgement);
void gates_print(const struct cli *c, const struct ledger_judgement *judgement, const double *champion,
                 const double *candidate, const char *const *why);
void votes_json(struct json_writer *j, const struct ledger_judgement *judgement);
void votes_print(const struct cli *c, const struct ledger_judgement *judgement);
/* Strings as a JSON array. */
void strings_json(struct json_writer *j, const char *key, const char *const *items, size_t count);

#endif
