/* assay payload ID: the exact text, to be signed elsewhere; assay payload lint FILE: whether a text is one.
 */
#include <math.h>
#include <unistd.h>

#include "cli_trust.h"
#include "commands.h"

static int kind_option(struct cli *c, enum ledger_kind *kind)
{
	static const enum ledger_kind offered[] = {LEDGER_APPROVE, LEDGER_REJECT, LEDGER_PROMOTE, LEDGER_REVOKE,
	                                           LEDGER_RETRO_REVIEW};
	const char *text = cli_get(c, "kind");
	*kind = LEDGER_APPROVE;
	for (size_t i = 0; text && i < COUNT_OF(offered); i++)
		if (strcmp(text, ledger_kind_name(offered[i])) == 0) {
			*kind = offered[i];
			return 0;
		}
	return text ? error_set(&c->err, ERR_USAGE,
	                        "--kind %s: must be approve, reject, promote, revoke or retro-review", text)
	            : 0;
}

int cmd_payload(struct cli *c)
{
	struct trusted t;
	struct work_person who;
	struct work_draft draft;
	struct work_decision d = {.reason = cli_get(c, "reason"), .bound = (double)NAN};
	const struct work_signer by = {.key = cli_get(c, "key"), .principal = cli_get(c, "as")};
	int status = trust_begin(c, STORE_READ, &t);
	decision_options(c, &d);
	if (status == 0)
		status = kind_option(c, &d.kind);
	if (status == 0)
		status = row_number(c, c->args[0], &d.target);
	/* A name is enough: the key may be on another machine. */
	if (status == 0)
		status = by.principal && !by.key ? work_person_find(t.trust, by.principal, t.mem, &who, &c->err)
		                                 : work_signing_person(t.trust, &by, t.mem, &who, &c->err);
	if (status == 0)
		status = work_draft(t.trust, &d, &who, &draft, &c->err);
	if (status == 0) {
		machine_print(draft.text.data, draft.text.len, stdout);
		if (!c->quiet) {
			fprintf(stderr, "sha256 %s\n", draft.digest);
			if (draft.row)
				fprintf(stderr, "this is row %lld, which stands already\n", (long long)draft.row);
		}
		work_draft_release(&draft);
	}
	trust_end(&t);
	return status;
}

static int read_stdin(struct str *out, struct error *err)
{
	char bytes[1 << 14];
	ssize_t n;
	while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0 && out->len <= LEDGER_TEXT_MAX)
		str_add(out, bytes, (size_t)n);
	return n < 0 ? error_errno(err, ERR_ENV, "cannot read standard input") : 0;
}

int cmd_payload_lint(struct cli *c)
{
	struct arena *mem = arena_new();
	struct ledger_text x;
	struct str text;
	char digest[SHA256_TEXT];
	const char *file = c->args[0];
	bool input = strcmp(file, "-") == 0;
	str_init(&text);
	int status = input ? read_stdin(&text, &c->err) : file_read(file, &text, 0, &c->err);
	if (status == 0 && (status = ledger_text_parse(text.data, text.len, mem, &x, &c->err)) != 0)
		error_prefix(&c->err, "%s", input ? "standard input" : file);
	if (status == 0 && !c->quiet) {
		sha256_hex(text.data, text.len, digest);
		safe_fprintf(stdout, "%s is sound: %s, sha256 %s\n", input ? "standard input" : file,
		             ledger_kind_name(x.kind), digest);
	}
	str_release(&text);
	arena_free(mem);
	return status;
}
