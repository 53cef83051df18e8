/* What others do while a person signs, and what a person is told of it: the real program in a real pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "../lib/signing.h"
#include "../lib/trust_fixture.h"

/* While the code is being typed, another roster comes into force. */
static void a_roster_that_changes_meanwhile(void **state)
{
	struct signing *s = *state;
	struct str out;
	struct pty *p;
	char code[7];

	if (s->no_keys)
		skip();
	p = signing_begin(s, "ada", NULL);
	signing_to_the_code(p, code);
	str_init(&out);
	signing_roster(s, "roster2", false);
	signing_must(
	    SIGNING_RUN(s, "mara", &out, "roster", "sign", "roster2", "--reason", "ada reviews no longer"));
	signing_must(
	    SIGNING_RUN(s, "li", &out, "roster", "sign", "roster2", "--reason", "ada reviews no longer"));
	signing_type(p, code);
	pty_must(p, "It has changed since you looked");
	pty_must(p, "look again");
	signing_read(p);
	pty_key(p, "Esc");
	pty_must(p, "0 of 2 signatures");
	/* And by what is now, ada signs nothing here. */
	pty_type(p, "a");
	pty_must(p, "and calibrated.");
	pty_key(p, "Enter");
	pty_must(p, "A rule says no");
	signing_leave(p);
	str_release(&out);
}

static void two_reviewers_at_once(void **state)
{
	struct signing *s = *state;
	char first[7], second[7];
	struct pty *ada, *ren;

	if (s->no_keys)
		skip();
	ada = signing_begin(s, "ada", NULL);
	ren = signing_begin(s, "ren", NULL);
	signing_to_the_code(ada, first);
	signing_to_the_code(ren, second);
	signing_type(ada, first);
	pty_must(ada, "1 of 2 signatures");
	signing_type(ren, second);
	/* An approval by somebody else takes nothing from what was seen. */
	pty_must(ren, "2 of 2 signatures");
	signing_leave(ada);
	signing_read(ren);
	pty_key(ren, "Enter");
	pty_must(ren, "approved: P promotes");
	/* And on to the stage, by the same way. */
	pty_type(ren, "P");
	pty_must(ren, "PROMOTE");
	pty_type(ren, "it has what it needs\r");
	pty_must(ren, SIGNING_ASK);
	signing_code(ren, second);
	signing_read(ren);
	signing_type(ren, second);
	pty_must(ren, "Signed, verified and appended.");
	signing_leave(ren);
}

static void an_objection_meanwhile(void **state)
{
	struct signing *s = *state;
	char *number, code[7];
	struct str out;
	struct pty *p;

	if (s->no_keys)
		skip();
	p = signing_begin(s, "ada", NULL);
	signing_to_the_code(p, code);
	number = signing_proposal(s);
	str_init(&out);
	signing_must(SIGNING_RUN(s, "ren", &out, "reject", number, "--reason",
	                         "the holdout is not the one that was agreed"));
	signing_type(p, code);
	pty_must(p, "It has changed since you looked");
	signing_read(p);
	pty_key(p, "Esc");
	pty_must(p, "Ren (risk-reviewer) rejects");
	signing_leave(p);
	str_release(&out);
	free(number);
}

/* What comes while a person looks at something else is told, is in row 0, and can be gone to from the journal. */
static void a_proposal_comes_by_itself(void **state)
{
	struct signing *s = *state;
	char *number, *store;
	struct error err;
	struct str out;
	struct pty *p;

	if (s->no_keys)
		skip();
	number = signing_proposal(s);
	store = path_join(s->here, ".assay");
	str_init(&out);
	signing_must(SIGNING_RUN(s, "ren", &out, "reject", number, "--reason",
	                         "the holdout is not the one that was agreed"));
	p = signing_begin(s, "ada", NULL);
	pty_must(p, "Nothing waits for a signature");
	pty_type(p, "3");
	pty_must(p, "loans");
	assert_false(pty_has(p, "to sign"));
	signing_must(SIGNING_RUN(s, "mara", &out, "propose", "credit-risk@1", "production", "--reason",
	                         "on the holdout that was agreed"));
	pty_must(p, "credit-risk v1 for production waits for your signature");
	pty_must(p, "1 to sign");
	pty_type(p, "J");
	pty_must(p, "said, done, happened");
	pty_key(p, "Enter");
	pty_must(p, "GATES");
	pty_type(p, "3");
	pty_must(p, "said, done, happened");
	if (trust_fixture_tamper(store, 2, &err) != 0)
		fail_msg("%s", err.text);
	pty_must(p, "the ledger does not hold");
	pty_must(p, "ledger broken");
	signing_leave(p);
	str_release(&out);
	free(store);
	free(number);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, signing_open, signing_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_roster_that_changes_meanwhile),
	    TEST(two_reviewers_at_once),
	    TEST(an_objection_meanwhile),
	    TEST(a_proposal_comes_by_itself),
	};

	return cmocka_run_group_tests_name("signing, meanwhile", tests, signing_make, signing_remove);
}
