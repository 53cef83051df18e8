/* The policy: what a draft says, every fault told with its line, and how a gate is decided. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/ledger.h"

#define BASE "[policy]\nstages = staging\n[stage staging]\napprovals = 1\n" /* 4 lines */

static const int64_t day = 86400000;
static struct arena *mem;
static struct policy policy;
static struct error err;

static int setup(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static int parse(const char *text)
{
	err = (struct error){0};
	return policy_parse("policy", text, strlen(text), mem, &policy, &err);
}

static const char *rule(const struct policy_gate *g)
{
	struct str s;
	const char *text;

	str_init(&s);
	policy_rule_text(g, &s);
	text = arena_strdup(mem, s.data);
	str_release(&s);
	return text;
}

static void default_policy_is_what_is_promised(void **state)
{
	(void)state;
	const struct policy_stage *s;
	char digest[SHA256_TEXT];

	assert_int_equal(parse(POLICY_DEFAULT), 0);
	assert_int_equal(policy.stage_count, 2);
	s = policy_stage_find(&policy, "staging");
	assert_ptr_equal(s, &policy.stages[0]);
	assert_int_equal(s->approvals, 1);
	assert_int_equal(s->role_count, 0);
	assert_int_equal(s->assurance, 1);
	s = policy_stage_find(&policy, "production");
	assert_int_equal(s->approvals, 2);
	assert_int_equal(s->role_count, 1);
	assert_string_equal(s->roles[0], "risk-reviewer");
	assert_int_equal(s->assurance, 1);
	assert_int_equal(s->expires_ms, 7 * day);
	assert_int_equal(s->scan_age_ms, 30 * day);
	assert_int_equal(s->review_by_ms, 180 * day);
	assert_null(policy_stage_find(&policy, "archived"));
	assert_null(policy_stage_find(&policy, NULL));
	assert_int_equal(policy.gate_count, 1);
	assert_int_equal(policy.gates[0].kind, POLICY_MANIFEST);
	assert_string_equal(rule(&policy.gates[0]), "intact");
	sha256_hex(POLICY_DEFAULT, strlen(POLICY_DEFAULT), digest);
	assert_string_equal(policy.digest, digest);
}

static void reads_all_keys(void **state)
{
	(void)state;
	const struct policy_gate *g;

	assert_int_equal(parse("# a comment\n; another\n[policy]\nname = Lending in Zürich\nstages = dev, live\n"
	                       "[stage live]\r\n"),
	                 -1);
	assert_non_null(strstr(err.text, "0x0d"));
	assert_int_equal(
	    parse(
	        "# a comment\n; another\n[policy]\nname = Lending in Zürich\nstages = dev,live\n"
	        "[gate auc]\nkind = metric\nmetric = auc\nlimit = >= 0.8\ndata = applications\nstages = live\n"
	        "[stage dev]\napprovals = 0\n"
	        "[stage live]\napprovals = 3\nroles = risk-reviewer, peer\nassurance = A2\nexpires = 12h\n"
	        "scan-age = 2w\nreview-by = 90d\n"
	        "[gate champion]\nkind = champion\nmetric = auc\nlimit = >= -0.01\nbound = value\nlevel = 0.9\n"
	        "[gate parity.sex]\nkind = bias\nmeasure = demographic_parity_ratio\nby = Geschlecht der Person\n"
	        "reference = Male, married\nthreshold = 0.4\nlimit = <= 0.03\nminimum = 50\nwaivable = yes\n"
	        "[gate age]\nkind = data-age\nlimit = <= 365\n"
	        "[gate contract]\nkind = contract\n[gate replay]\nkind = replay\nwaivable = no\n"
	        "[gate scan]\nkind = scan"),
	    0);
	assert_string_equal(policy.name, "Lending in Zürich");
	assert_string_equal(policy.stages[0].name, "dev");
	assert_int_equal(policy.stages[0].approvals, 0);
	assert_int_equal(policy.stages[0].expires_ms, 7 * day);
	assert_int_equal(policy.stages[1].assurance, 2);
	assert_int_equal(policy.stages[1].expires_ms, day / 2);
	assert_int_equal(policy.stages[1].scan_age_ms, 14 * day);
	assert_int_equal(policy.stages[1].review_by_ms, 90 * day);
	assert_int_equal(policy.gate_count, 7);
	g = &policy.gates[0];
	assert_string_equal(g->id, "auc");
	assert_string_equal(g->data, "applications");
	assert_int_equal(g->bound, POLICY_LOW);
	assert_int_equal(g->line, 6);
	assert_true(g->level == 0.95);
	assert_false(g->waivable);
	assert_true(isnan(g->threshold));
	assert_true(policy_gate_applies(g, "live"));
	assert_false(policy_gate_applies(g, "dev"));
	assert_string_equal(rule(g), "low>=0.8");
	g = &policy.gates[1];
	assert_int_equal(g->bound, POLICY_VALUE);
	assert_true(g->level == 0.9);
	assert_true(policy_gate_applies(g, "dev"));
	assert_string_equal(rule(g), "value>=-0.01");
	g = &policy.gates[2];
	assert_string_equal(g->by, "Geschlecht der Person");
	assert_string_equal(g->reference, "Male, married");
	assert_true(g->threshold == 0.4);
	assert_int_equal(g->minimum, 50);
	assert_true(g->waivable);
	assert_string_equal(rule(g), "high<=0.03");
	assert_string_equal(rule(&policy.gates[3]), "value<=365");
	assert_string_equal(rule(&policy.gates[4]), "kept");
	assert_string_equal(rule(&policy.gates[5]), "identical");
	assert_string_equal(rule(&policy.gates[6]), "clean");
}

/* Requirement T18 and every other fault: the line, and what is near. */
static void refuses_faults_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int line; /* 0: about the whole */
		const char *says;
	} bad[] = {
	    {BASE "quorom 3\n", 5, "\"approvals\""},
	    {BASE "quorum = 3\n", 5, "\"approvals\""},
	    {BASE "[gate m]\nkind = manifest\nquorom 3\n", 7, "\"approvals\" of [stage NAME]"},
	    {BASE "aprovals = 3\n", 5, "\"approvals\""},
	    {BASE "xyzzyxyzzy = 3\n", 5, "no key \"xyzzyxyzzy\""},
	    {BASE "approvals = 2\n", 5, "line 4 already"},
	    {BASE "[gaet m]\n", 5, "\"gate\""},
	    {BASE "[zzzzzzzz]\n", 5, "no section"},
	    {BASE "[gate]\n", 5, "[gate ID]"},
	    {BASE "[gate a b]\n", 5, "[gate ID]"},
	    {BASE "[policy x]\n", 5, "[policy]"},
	    {BASE "[gate m\n", 5, "alone on its line"},
	    {BASE "[gate m] x\n", 5, "alone on its line"},
	    {BASE "[stage staging]\n", 5, "line 3 already"},
	    {BASE "[policy]\n", 5, "line 1 already"},
	    {BASE "[gate m]\nkind = manifest\n[gate m]\nkind = scan\n", 7, "line 5 already"},
	    {BASE "[stage live]\napprovals = 1\n", 5, "not among the stages"},
	    {"x = 1\n" BASE, 1, "before the first section"},
	    {"", 0, "no section [policy]"},
	    {"[policy]\nname = x\n", 1, "needs stages"},
	    {"[policy]\nstages = staging\n", 2, "no section [stage staging]"},
	    {"[policy]\nstages = none\n", 2, "without being named"},
	    {"[policy]\nstages = archived\n", 2, "without being named"},
	    {"[policy]\nstages = a,,b\n", 2, "not a name"},
	    {"[policy]\nstages = a,a\n", 2, "twice"},
	    {"[policy]\nstages =\n", 2, "no value"},
	    {"[policy]\nstages\n", 2, "no value"},
	    {"[policy]\nstages = a\n[stage a]\nexpires = 7d\n", 3, "needs approvals"},
	    {"[policy]\nstages = a\n[stage a]\napprovals = -1\n", 4, "approvals"},
	    {"[policy]\nstages = a\n[stage a]\napprovals = two\n", 4, "approvals"},
	    {"[policy]\nstages = a\n[stage a]\napprovals = 1\nroles = auditor\n", 5, "not a role that signs"},
	    {"[policy]\nstages = a\n[stage a]\napprovals = 1\nroles = risk-reviwer\n", 5, "\"risk-reviewer\""},
	    {"[policy]\nstages = a\n[stage a]\napprovals = 1\nroles = peer, owner\n", 5, "cannot be among 1"},
	    {BASE "assurance = A4\n", 5, "assurance"},
	    {BASE "expires = 7\n", 5, "like 12h"},
	    {BASE "expires = d\n", 5, "like 12h"},
	    {BASE "expires = 0d\n", 5, "like 12h"},
	    {BASE "expires = -7d\n", 5, "like 12h"},
	    {BASE "expires = 99999999999999999999d\n", 5, "like 12h"},
	    {BASE "[gate m]\n", 5, "needs kind"},
	    {BASE "[gate m]\nkind = manifset\n", 6, "\"manifest\""},
	    {BASE "[gate m]\nkind = manifest\nlimit = >= 1\n", 7, "says nothing about"},
	    {BASE "[gate m]\nkind = manifest\nstages = live\n", 7, "live is not among"},
	    {BASE "[gate m]\nkind = manifest\nwaivable = maybe\n", 7, "waivable"},
	    {BASE "[gate a]\nkind = metric\nlimit = >= 0.8\n", 5, "needs metric"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\n", 5, "needs limit"},
	    {BASE "[gate a]\nkind = bias\nlimit = >= 0.8\nmeasure = x\n", 5, "needs by"},
	    {BASE "[gate a]\nkind = metric\nmetric = a b\nlimit = >= 0.8\n", 7, "not a name"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = 0.8\n", 8, "not like"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = > 0.8\n", 8, "not like"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= nan\n", 8, "not like"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 1e999\n", 8, "not like"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 0.8 ; mild\n", 8, "not like"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 0.8\nbound = middle\n", 9, "bound"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 0.8\nlevel = 95\n", 9, "between 0 and 1"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 0.8\nthreshold = 1\n", 9, "between 0 and 1"},
	    {BASE "[gate a]\nkind = metric\nmetric = auc\nlimit = >= 0.8\nminimum = 5\n", 9, "says nothing"},
	    {BASE "[gate a]\nkind = data-age\nlimit = <= 9\nbound = high\n", 8, "says nothing"},
	    {BASE "\x1b[2J\n", 5, "0x1b"},
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char *place = bad[i].line ? xasprintf("policy:%d: ", bad[i].line) : xstrdup("policy ");

		if (!parse(bad[i].text))
			fail_msg("taken: %s", bad[i].text);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, bad[i].says) || strncmp(err.text, place, strlen(place)))
			fail_msg("\"%s\" does not say \"%s\" and \"%s\" (%s)", err.text, bad[i].says, place, bad[i].text);
		free(place);
	}
	assert_int_equal(policy_parse("policy", BASE "# \xff\n", sizeof(BASE "# \xff\n") - 1, mem, &policy, &err),
	                 -1);
}

static void decides_by_limit_and_interval(void **state)
{
	(void)state;
	static const struct {
		bool at_most;
		enum policy_bound bound;
		double measured, low, high;
		enum gate_result result;
	} cases[] = {{false, POLICY_LOW, 0.85, 0.8, 0.9, GATE_PASS},
	             {false, POLICY_LOW, 0.85, 0.79, 0.9, GATE_UNDECIDED},
	             {false, POLICY_LOW, 0.75, 0.7, 0.79, GATE_FAIL},
	             {false, POLICY_LOW, 0.75, 0.7, 0.8, GATE_UNDECIDED},
	             {false, POLICY_HIGH, 0.75, 0.7, 0.8, GATE_PASS},
	             {false, POLICY_HIGH, 0.75, 0.7, 0.79, GATE_FAIL},
	             {false, POLICY_VALUE, 0.8, NAN, NAN, GATE_PASS},
	             {false, POLICY_VALUE, 0.79, 0.7, 0.9, GATE_FAIL},
	             {true, POLICY_HIGH, 0.7, 0.6, 0.8, GATE_PASS},
	             {true, POLICY_HIGH, 0.7, 0.6, 0.81, GATE_UNDECIDED},
	             {true, POLICY_HIGH, 0.9, 0.81, 0.95, GATE_FAIL},
	             {true, POLICY_LOW, 0.9, 0.79, 0.95, GATE_PASS},
	             {true, POLICY_LOW, 0.9, 0.81, 0.95, GATE_FAIL},
	             {true, POLICY_VALUE, 0.8, NAN, NAN, GATE_PASS},
	             {true, POLICY_VALUE, 0.81, NAN, NAN, GATE_FAIL},
	             {true, POLICY_VALUE, NAN, 0.1, 0.2, GATE_MISSING},
	             {false, POLICY_LOW, NAN, 0.9, 0.95, GATE_MISSING},
	             {false, POLICY_LOW, 0.9, NAN, 0.95, GATE_MISSING},
	             {false, POLICY_LOW, 0.9, 0.85, NAN, GATE_MISSING},
	             {false, POLICY_LOW, 0.9, -INFINITY, 1, GATE_UNDECIDED},
	             {true, POLICY_HIGH, 0.9, 0, INFINITY, GATE_UNDECIDED}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct policy_gate g = {
		    .kind = POLICY_BIAS, .limit = 0.8, .at_most = cases[i].at_most, .bound = cases[i].bound};

		if (policy_gate_decide(&g, cases[i].measured, cases[i].low, cases[i].high) != cases[i].result)
			fail_msg("case %zu", i);
	}
	assert_int_equal(
	    policy_gate_decide(&(struct policy_gate){.kind = POLICY_MANIFEST, .limit = NAN}, 1, 1, 1),
	    GATE_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(default_policy_is_what_is_promised),
	    cmocka_unit_test(reads_all_keys),
	    cmocka_unit_test(refuses_faults_with_their_line),
	    cmocka_unit_test(decides_by_limit_and_interval),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
