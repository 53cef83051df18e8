/* assay verify: the whole ledger, or a bundle that stands by itself; assay bundle: writes one. */
#include "cli_trust.h"
#include "commands.h"

/* What is wrong; a note is only to be looked at. */
static const struct ledger_problem *first_problem(const struct ledger_report *r, size_t *count)
{
	const struct ledger_problem *first = NULL;
	*count = 0;
	for (size_t i = 0; i < r->problem_count; i++)
		if (!r->problems[i].note) {
			first = first ? first : &r->problems[i];
			++*count;
		}
	return first;
}

static const char *result_of(const struct ledger_report *r)
{
	size_t count;
	return first_problem(r, &count) ? "tampered" : r->unverifiable ? "unverifiable" : "ok";
}

static void report_json(const struct ledger_report *r)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "result", result_of(r));
	jw_int(&j, "rows", r->rows);
	jw_int(&j, "signatures", r->signatures);
	jw_int(&j, "sealed_to", r->sealed_to);
	jw_bool(&j, "from_pin", r->from_pin);
	if (r->unverifiable)
		jw_string(&j, "unverifiable_why", r->unverifiable_why);
	jw_array(&j, "problems");
	for (size_t i = 0; i < r->problem_count; i++) {
		jw_object(&j, NULL);
		jw_int(&j, "seq", r->problems[i].seq);
		jw_string(&j, "what", r->problems[i].what);
		jw_string(&j, "where", r->problems[i].where);
		if (r->problems[i].note)
			jw_bool(&j, "note", true);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void report_text(const struct cli *c, const struct ledger_report *r)
{
	for (size_t i = 0; i < r->problem_count; i++)
		safe_fprintf(stdout, "row %lld: %s%s: %s\n", (long long)r->problems[i].seq,
		             r->problems[i].note ? "note: " : "", r->problems[i].what, r->problems[i].where);
	if (c->quiet)
		return;
	safe_fprintf(stdout, "%s: %lld row%s, %lld signature%s verified%s, sealed to row %lld\n", result_of(r),
	             (long long)r->rows, PLURAL(r->rows), (long long)r->signatures, PLURAL(r->signatures),
	             r->from_pin ? " (behind your pin)" : "", (long long)r->sealed_to);
}

struct watch {
	struct bar bar;
};

static int on_progress(void *user, int64_t done, int64_t total)
{
	struct watch *w = user;
	bar_show(&w->bar, total > 0 ? (double)done / (double)total : 0, NULL);
	return 0;
}

/* --pin SEQ:HEAD, as `assay checkpoint` told somebody else. */
static int pin_option(struct cli *c, struct ledger_pin *pin)
{
	const char *text = cli_get(c, "pin"), *colon = text ? strchr(text, ':') : NULL;
	if (!text)
		return 0;
	const char *hex = colon ? colon + 1 : "";
	if (strncmp(hex, "sha256:", 7) == 0)
		hex += 7;
	if (!colon || !int_parse(text, (size_t)(colon - text), &pin->seq) || pin->seq < 1 ||
	    strlen(hex) != SHA256_TEXT - 1 || strspn(hex, "0123456789abcdef") != SHA256_TEXT - 1)
		return error_set(&c->err, ERR_USAGE, "--pin %s: must be SEQ:HEAD, as `assay checkpoint` prints them",
		                 text);
	memcpy(pin->head, hex, sizeof pin->head);
	pin->there = true;
	return 0;
}

int cmd_verify(struct cli *c)
{
	const char *bundle = cli_get(c, "bundle");
	struct store *store = NULL;
	struct ledger_report report;
	struct ledger_pin pin = {0};
	struct watch watch;
	if (pin_option(c, &pin) != 0)
		return -1;
	if (bundle && cli_has(c, "from-pin"))
		return error_set(&c->err, ERR_USAGE, "--from-pin is about the store; a bundle takes --pin SEQ:HEAD");
	int status = bundle ? 0 : work_open(c->store, STORE_READ, &store, &c->err);
	bar_start(&watch.bar, c, "verifying");
	if (status == 0)
		status = bundle ? work_bundle_verify(bundle, pin.there ? &pin : NULL, on_progress, &watch, &report,
		                                     &c->err)
		                : work_verify(store, pin.there ? &pin : NULL, cli_has(c, "from-pin"), on_progress,
		                              &watch, &report, &c->err);
	bar_end(&watch.bar);
	if (status == 0) {
		if (c->json)
			report_json(&report);
		else
			report_text(c, &report);
		const char *what = bundle ? bundle : "the ledger";
		size_t count;
		const struct ledger_problem *first = first_problem(&report, &count);
		if (first)
			status =
			    error_set(&c->err, ERR_TAMPER, "%s is not intact: %zu problem%s, the first in row %lld (%s)",
			              what, count, count == 1 ? "" : "s", (long long)first->seq, first->what);
		else if (report.unverifiable)
			status =
			    error_set(&c->err, ERR_TAMPER, "%s cannot be verified: %s", what, report.unverifiable_why);
		ledger_report_release(&report);
	}
	store_close(store);
	return status;
}

int cmd_bundle(struct cli *c)
{
	struct trusted t;
	struct work_version v;
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0)
		status = work_version_find(t.trust, c->args[0], t.mem, &v, &c->err);
	if (status == 0)
		status = work_bundle(t.trust, &v, c->args[1], &c->err);
	if (status == 0 && !c->quiet)
		safe_fprintf(stdout, "wrote %s@%lld into %s; `sh %s/verify.sh` verifies it anywhere\n", v.model,
		             (long long)v.version, c->args[1], c->args[1]);
	trust_end(&t);
	return status;
}
