/* What tests ask of a verification; each fails the test that asks. */
#ifndef LEDGER_CHECKS_H
#define LEDGER_CHECKS_H

#include "ledger_fixture.h"

/* Chain, signatures and objects; release the report. from_pin: only what lies behind the pin. */
void fixture_verify(struct fixture *f, const struct ledger_pin *pin, bool from_pin, struct ledger_report *r);
void fixture_expect_clean(struct fixture *f, const struct ledger_pin *pin, bool from_pin);
/* Whether there is this problem in this row, with these words in its place. */
bool fixture_has_problem(const struct ledger_report *r, int64_t seq, const char *what, const char *where);
void fixture_expect_problem(struct fixture *f, const struct ledger_pin *pin, int64_t seq, const char *what,
                            const char *where);
void fixture_load(struct fixture *f, struct ledger_pin *pin);
/* Loading is refused in these words. */
void fixture_expect_load(struct fixture *f, struct ledger_pin *pin, enum error_code code, const char *words);

#endif
