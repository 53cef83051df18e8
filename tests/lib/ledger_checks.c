#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>

#include "ledger_checks.h"

void fixture_verify(struct fixture *f, const struct ledger_pin *pin, bool from_pin, struct ledger_report *r)
{
	struct ledger_verify_options options = {.pin = pin, .from_pin = from_pin, .objects = true};
	struct error err;

	if (ledger_verify(f->ledger, &f->by_digest, &options, r, &err))
		fail_msg("%s", err.text);
}

void fixture_expect_clean(struct fixture *f, const struct ledger_pin *pin, bool from_pin)
{
	struct ledger_report r;

	fixture_verify(f, pin, from_pin, &r);
	for (size_t i = 0; i < r.problem_count; i++)
		fail_msg("row %" PRId64 ": %s: %s", r.problems[i].seq, r.problems[i].what, r.problems[i].where);
	assert_false(r.unverifiable);
	ledger_report_release(&r);
}

bool fixture_has_problem(const struct ledger_report *r, int64_t seq, const char *what, const char *where)
{
	for (size_t i = 0; i < r->problem_count; i++)
		if (r->problems[i].seq == seq && !strcmp(r->problems[i].what, what) &&
		    strstr(r->problems[i].where, where))
			return true;
	return false;
}

void fixture_expect_problem(struct fixture *f, const struct ledger_pin *pin, int64_t seq, const char *what,
                            const char *where)
{
	struct ledger_report r;

	fixture_verify(f, pin, false, &r);
	if (!fixture_has_problem(&r, seq, what, where)) {
		for (size_t i = 0; i < r.problem_count; i++)
			print_message("row %" PRId64 ": %s: %s\n", r.problems[i].seq, r.problems[i].what,
			              r.problems[i].where);
		fail_msg("no problem \"%s\" in row %" PRId64 " that says \"%s\"", what, seq, where);
	}
	ledger_report_release(&r);
}

void fixture_expect_load(struct fixture *f, struct ledger_pin *pin, enum error_code code, const char *words)
{
	struct ledger_state *s;
	struct error err;

	assert_int_equal(ledger_load(f->ledger, &f->by_digest, pin, &s, &err), -1);
	assert_null(s);
	if (err.code != code || !strstr(err.text, words))
		fail_msg("%d: \"%s\" does not say \"%s\"", err.code, err.text, words);
}

void fixture_load(struct fixture *f, struct ledger_pin *pin)
{
	struct ledger_state *s;
	struct error err;

	if (ledger_load(f->ledger, &f->by_digest, pin, &s, &err))
		fail_msg("%s", err.text);
	ledger_state_free(s);
}
