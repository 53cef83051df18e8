/* What the commands about decisions share: opening, signing, receipts. */
#include <unistd.h>

#include "cli_trust.h"

int trust_begin(struct cli *c, enum store_mode need, struct trusted *t)
{
	*t = (struct trusted){.mem = arena_new()};
	return work_open(c->store, need, &t->store, &c->err) == 0 ? work_trust_open(t->store, &t->trust, &c->err)
	                                                          : -1;
}

void trust_end(struct trusted *t)
{
	work_trust_close(t->trust);
	store_close(t->store);
	arena_free(t->mem);
}

int row_number(struct cli *c, const char *text, int64_t *out)
{
	if (!int_parse(text, strlen(text), out) || *out < 1)
		return error_set(&c->err, ERR_USAGE, "\"%s\" is no row of the ledger: give its number, such as 12",
		                 text);
	return 0;
}

int until_option(struct cli *c, int64_t *out)
{
	enum { DATE_LEN = 10, DAY_MS = 24 * 60 * 60 * 1000 };
	const char *text = cli_get(c, "until");
	if (!text)
		return 0;
	if (!time_parse(text, strlen(text), out))
		return error_set(&c->err, ERR_USAGE, "--until %s: must be a date such as 2027-01-31", text);
	if (strlen(text) == DATE_LEN)
		*out += DAY_MS - 1000;
	return 0;
}

void decision_options(const struct cli *c, struct work_decision *d)
{
	d->role = cli_get(c, "role");
	d->request = cli_get(c, "request");
}

/* ---- receipts ---- */

static void receipt_json(const struct work_receipt *r)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_int(&j, "row", r->row);
	jw_bool(&j, "known", r->known);
	jw_string(&j, "at", r->at);
	jw_string(&j, "signer", r->principal);
	jw_string(&j, "fingerprint", r->fingerprint && *r->fingerprint ? r->fingerprint : NULL);
	if (r->level)
		jw_int(&j, "level", r->level);
	jw_string(&j, "text_sha256", r->text_digest);
	jw_string(&j, "link", r->link);
	jw_string(&j, "then", r->then);
	jw_string(&j, "undone", r->undone);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

void receipt_print(const struct cli *c, const struct work_receipt *r)
{
	if (c->json) {
		receipt_json(r);
		return;
	}
	if (c->quiet)
		return;
	safe_fprintf(stdout, "row %lld%s", (long long)r->row, r->known ? " stands already" : "");
	if (r->principal)
		safe_fprintf(stdout, ": signed by %s with %s (A%d)", r->principal, r->fingerprint, r->level);
	else
		safe_fprintf(stdout, ": not signed");
	safe_fprintf(stdout, "\ntext sha256:%s\nlink sha256:%s\n", r->text_digest, r->link);
	if (r->then)
		safe_fprintf(stdout, "%s\n", r->then);
}

/* The receipt's exit status: what did not follow from the row is an error that is reported, though the row
 * stands. */
static int receipt_status(struct cli *c, const struct work_receipt *r)
{
	if (!r->undone)
		return 0;
	return error_set(&c->err, r->undone_code,
	                 "row %lld stands, but %s (the same command again repeats what is missing)",
	                 (long long)r->row, r->undone);
}

/* ---- deciding ---- */

/* A signature that was made elsewhere, over a text that `assay payload` printed. */
static int decide_elsewhere(struct cli *c, struct trust *t, const struct work_decision *d,
                            struct work_receipt *out)
{
	const char *sig_file = cli_get(c, "signature"), *text_file = cli_get(c, "payload");
	struct str text, sig;
	struct ledger_text x;
	struct arena *mem = arena_new();
	int status = -1;
	str_init(&text);
	str_init(&sig);
	if (!sig_file || !text_file) {
		error_set(&c->err, ERR_USAGE,
		          "--signature FILE and --payload FILE go together: the text that was signed");
		goto out;
	}
	if (file_read(text_file, &text, LEDGER_TEXT_MAX, &c->err) != 0 ||
	    file_read(sig_file, &sig, LEDGER_TEXT_MAX, &c->err) != 0)
		goto out;
	if (ledger_text_parse(text.data, text.len, mem, &x, &c->err) != 0) {
		error_prefix(&c->err, "%s", text_file);
		goto out;
	}
	if (x.kind != d->kind || (d->target && x.target != d->target)) {
		error_set(&c->err, ERR_USAGE, "%s is a %s of row %lld: not what this command is for", text_file,
		          ledger_kind_name(x.kind), (long long)x.target);
		goto out;
	}
	status = work_decide_signed(t, text.data, text.len, sig.data, sig.len, out, &c->err);
out:
	str_release(&text);
	str_release(&sig);
	arena_free(mem);
	return status;
}

static int decide_here(struct cli *c, struct trust *t, const struct work_decision *d, bool ask,
                       struct work_receipt *out)
{
	struct arena *mem = arena_new();
	struct work_draft draft = {0};
	struct work_person who;
	bool terminal = isatty(STDIN_FILENO) != 0;
	const struct work_signer by = {
	    .key = cli_get(c, "key"),
	    .principal = cli_get(c, "as"),
	    .draft = d->kind == LEDGER_ROSTER ? d->file : NULL,
	    .terminal = terminal,
	};
	int status = work_signing_person(t, &by, mem, &who, &c->err);
	if (status == 0)
		status = work_draft(t, d, &who, &draft, &c->err);
	if (status == 0) {
		if (terminal && ask && !draft.row) {
			fflush(stdout);
			safe_fprintf(stderr, "%s\nas %s, with the key %s\nsha256 %s\n", draft.text.data, who.principal,
			             who.fingerprint, draft.digest);
			status = code_ask(draft.digest, &c->err);
		}
		if (status == 0)
			status = work_decide(t, &draft, &who, &by, out, &c->err);
		work_draft_release(&draft);
	}
	arena_free(mem);
	return status;
}

int decide(struct cli *c, struct work_decision *d, bool ask)
{
	struct trusted t;
	struct work_receipt receipt;
	decision_options(c, d);
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0) {
		if (cli_has(c, "signature") || cli_has(c, "payload"))
			status = decide_elsewhere(c, t.trust, d, &receipt);
		else
			status = decide_here(c, t.trust, d, ask, &receipt);
	}
	if (status == 0) {
		receipt_print(c, &receipt);
		status = receipt_status(c, &receipt);
		work_receipt_release(&receipt);
	}
	trust_end(&t);
	return status;
}
