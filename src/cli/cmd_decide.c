/* The decisions about a proposal or a row: propose, approve, reject, revoke, waive, promote, break-glass. */
#include <math.h>

#include "cli_trust.h"
#include "commands.h"

/* A reason in the person's own words; where it must be there, an empty one is none. */
static int reason(struct cli *c, struct work_decision *d)
{
	d->reason = cli_get(c, "reason");
	/* A text that was signed elsewhere has its reason. */
	if ((!d->reason || !*d->reason) && !cli_has(c, "signature"))
		return error_set(&c->err, ERR_USAGE,
		                 "%s needs --reason TEXT: in your own words, for whoever reads it later",
		                 c->command->name);
	return 0;
}

static int on_row(struct cli *c, enum ledger_kind kind)
{
	struct work_decision d = {.kind = kind, .bound = (double)NAN};
	if (row_number(c, c->args[0], &d.target) != 0)
		return -1;
	if (kind == LEDGER_PROMOTE)
		d.reason = cli_get(c, "reason");
	else if (reason(c, &d) != 0)
		return -1;
	return decide(c, &d, true);
}

int cmd_propose(struct cli *c)
{
	struct work_decision d = {.kind = LEDGER_PROPOSE, .model = c->args[0], .stage = c->args[1]};
	return reason(c, &d) == 0 ? decide(c, &d, false) : -1;
}

int cmd_approve(struct cli *c)
{
	return on_row(c, LEDGER_APPROVE);
}

int cmd_reject(struct cli *c)
{
	return on_row(c, LEDGER_REJECT);
}

int cmd_revoke(struct cli *c)
{
	return on_row(c, LEDGER_REVOKE);
}

int cmd_promote(struct cli *c)
{
	return on_row(c, LEDGER_PROMOTE);
}

int cmd_retro_review(struct cli *c)
{
	return on_row(c, LEDGER_RETRO_REVIEW);
}

int cmd_waive(struct cli *c)
{
	struct work_decision d = {.kind = LEDGER_WAIVE, .gate = c->args[1], .bound = (double)NAN};
	if (row_number(c, c->args[0], &d.target) != 0 || reason(c, &d) != 0 || until_option(c, &d.until) != 0 ||
	    cli_get_num(c, "bound", -HUGE_VAL, HUGE_VAL, &d.bound) != 0)
		return -1;
	if (!d.until && !cli_has(c, "signature"))
		return error_set(&c->err, ERR_USAGE, "waive needs --until DATE: a waiver ends");
	return decide(c, &d, true);
}

int cmd_break_glass(struct cli *c)
{
	struct work_decision d = {.kind = LEDGER_BREAK_GLASS,
	                          .model = c->args[0],
	                          .stage = c->args[1],
	                          .incident = cli_get(c, "incident")};
	if ((!d.incident || !*d.incident) && !cli_has(c, "signature"))
		return error_set(&c->err, ERR_USAGE, "break-glass needs --incident REF: what it is for");
	return reason(c, &d) == 0 ? decide(c, &d, true) : -1;
}

/* ---- stages ---- */

int cmd_rollback(struct cli *c)
{
	struct work_decision d = {.kind = LEDGER_ROLLBACK, .model = c->args[0], .stage = c->args[1]};
	if (reason(c, &d) != 0 || cli_get_int(c, "to", 1, INT64_MAX, &d.version) != 0)
		return -1;
	return decide(c, &d, true);
}

int cmd_resume(struct cli *c)
{
	struct work_decision d = {.kind = LEDGER_RESUME, .model = c->args[0], .stage = c->args[1]};
	return reason(c, &d) == 0 ? decide(c, &d, true) : -1;
}

/* Failing safe needs neither reason nor key, and nothing is asked. */
int cmd_halt(struct cli *c)
{
	struct work_decision d = {
	    .kind = LEDGER_HALT, .model = c->args[0], .stage = c->args[1], .reason = cli_get(c, "reason")};
	struct trusted t;
	struct work_receipt r;
	if (!cli_has(c, "unsigned"))
		return decide(c, &d, false);
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0)
		status = work_halt_unsigned(t.trust, d.model, d.stage, d.reason, &r, &c->err);
	if (status == 0) {
		receipt_print(c, &r);
		work_receipt_release(&r);
	}
	trust_end(&t);
	return status;
}
