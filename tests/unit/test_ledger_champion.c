/* The first version of a stage has no champion, and an edited version another author. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../lib/ledger_world.h"

/* The world's policy with a gate against the champion, in force by both admins. */
static void with_champion_gate(struct world *w)
{
	struct str text;
	const struct policy *p = &rows_state(&w->r)->policy;

	str_init(&text);
	str_add(&text, p->text, p->len);
	str_adds(&text, "\n[gate better]\nkind = champion\nmetric = auc\nlimit = >= 0\n");
	world_change(w, LEDGER_POLICY, text.data, "rita@lab");
	world_change(w, LEDGER_POLICY, text.data, "rolf@lab");
	str_release(&text);
	assert_non_null(strstr(rows_state(&w->r)->policy.text, "[gate better]"));
}

static enum gate_result better(struct world *w, double measured)
{
	struct ledger_facts facts = w->facts;
	struct ledger_gate gates[9];
	struct ledger_judgement j;
	enum gate_result verdict = GATE_MISSING;
	const struct ledger_state *s = rows_state(&w->r);

	memcpy(gates, w->facts.gates, w->facts.gate_count * sizeof *gates);
	gates[facts.gate_count] = (struct ledger_gate){.id = "better",
	                                               .rule = "low>=0",
	                                               .measured = measured,
	                                               .low = measured - 0.01,
	                                               .high = measured + 0.01,
	                                               .level = NAN,
	                                               .result = GATE_PASS};
	facts.gates = gates;
	facts.gate_count++;
	ledger_judge(s, &s->proposals[s->proposal_count - 1], &facts, &j);
	for (size_t i = 0; i < j.gate_count; i++)
		if (!strcmp(j.gates[i].gate->id, "better"))
			verdict = j.gates[i].verdict;
	ledger_judgement_release(&j);
	return verdict;
}

static void no_champion_to_be_worse_than(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	with_champion_gate(&w);
	world_propose(&w);
	/* Nothing is in production yet. */
	assert_int_equal(better(&w, NAN), GATE_PASS);
	assert_int_equal(better(&w, 0.02), GATE_PASS);
	assert_int_equal(better(&w, -0.02), GATE_MISSING);
	world_release(&w);

	/* Once something is, a pass without numbers is none. */
	world_init(&w);
	world_promoted(&w);
	with_champion_gate(&w);
	w.version = 2;
	world_propose(&w);
	assert_int_equal(better(&w, NAN), GATE_MISSING);
	assert_int_equal(better(&w, 0.02), GATE_PASS);
	world_release(&w);

	/* What was promoted as the first is itself the champion now: its gate still passes. */
	world_init(&w);
	with_champion_gate(&w);
	w.gates[w.facts.gate_count] = (struct ledger_gate){.id = "better",
	                                                   .rule = "low>=0",
	                                                   .measured = NAN,
	                                                   .low = NAN,
	                                                   .high = NAN,
	                                                   .level = NAN,
	                                                   .result = GATE_PASS};
	w.facts.gate_count++;
	world_expect_stands(&w, world_promoted(&w));
	w.facts.gate_count--;
	assert_int_equal(better(&w, NAN), GATE_PASS);
	world_release(&w);
}

static size_t authors(const struct ledger_version *v, const char *user)
{
	size_t n = 0;

	for (size_t i = 0; i < v->author_count; i++)
		n += !strcmp(v->authors[i].user, user);
	return n;
}

static void an_editor_becomes_an_author_later(void **state)
{
	struct world w;
	const struct ledger_version *v;
	int64_t row;

	(void)state;
	world_init(&w);
	v = ledger_version_find(rows_state(&w.r), "credit", 1);
	assert_non_null(v);
	assert_int_equal(authors(v, "vera@gpu1"), 0);
	row = v->row;
	world_register(&w, 1, "alice@gpu1", "vera@gpu1", "alice@gpu1");
	v = ledger_version_find(rows_state(&w.r), "credit", 1);
	assert_int_equal(authors(v, "vera@gpu1"), 1);
	assert_int_equal(v->row, row);
	assert_int_equal(rows_state(&w.r)->ignored_count, 0);
	/* Naming fewer takes nobody away. */
	world_register(&w, 1, NULL, NULL, "alice@gpu1");
	v = ledger_version_find(rows_state(&w.r), "credit", 1);
	assert_int_equal(authors(v, "vera@gpu1"), 1);
	assert_true(authors(v, "alice@gpu1") >= 1);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_champion_to_be_worse_than),
	    cmocka_unit_test(an_editor_becomes_an_author_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
