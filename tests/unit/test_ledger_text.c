/* ledger: the texts that are signed, in and out, and every way to spoil one; manifests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "assay/ledger.h"

#define DIGEST(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define A64       DIGEST("aa")
#define B64       DIGEST("bb")

static struct ledger_data two_data[] = {{"train", "applications@2", A64}, {"eval", "held out", B64}};
static struct ledger_evidence two_evidence[] = {{"model-card", A64}, {"bias-report", B64}};
static struct ledger_gate three_gates[] = {
    {"parity.sex", "low>=0.8", 0.81, 0.7900000000000001, 0.84, 0.95, GATE_UNDECIDED, A64, "", 0},
    {"auc", "low>=0.75", 0.1 + 0.2, -0.0, INFINITY, 0.95, GATE_PASS, "", "", 0},
    {"scan", "clean", NAN, NAN, NAN, NAN, GATE_MISSING, "", B64, INT64_C(1795408812000)},
};
static struct ledger_waiver one_waiver[] = {{"parity.sex", 0.75, INT64_C(1795408812123), "rita@lab", 480}};

static struct ledger_text an_approval(void)
{
	struct ledger_text t = {.kind = LEDGER_APPROVE,
	                        .store = "4f1e6a7c2b9d4e03a5c18d7790e2b6aa",
	                        .seen_seq = 492,
	                        .seen_head = A64,
	                        .policy = A64,
	                        .roster = B64,
	                        .meaning = "I have read the evidence",
	                        .signer = "alice@lab",
	                        .name = "Alice M\xc3\xbcller",
	                        .role = "risk-reviewer",
	                        .model = "credit-risk",
	                        .version = 17,
	                        .stage = "production",
	                        .subject = A64,
	                        .manifest_files = 4,
	                        .manifest_bytes = 734003200,
	                        .run = "01890a5d00007000800000000000abcd",
	                        .run_seal = B64,
	                        .code_commit = "0123456789abcdef0123456789abcdef01234567",
	                        .code_diff = A64,
	                        .env = B64,
	                        .data = two_data,
	                        .data_count = 2,
	                        .evidence = two_evidence,
	                        .evidence_count = 2,
	                        .baseline_version = 16,
	                        .baseline_subject = B64,
	                        .gates = three_gates,
	                        .gate_count = 3,
	                        .waivers = one_waiver,
	                        .waiver_count = 1,
	                        .target = 481,
	                        .reason = "Drift on income: explained (section 3), 100% of it",
	                        .claimed_time = INT64_C(1795408812000),
	                        .expires = INT64_C(1796013612000),
	                        .request = "9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f"};

	return t;
}

static struct ledger_text a_record(enum ledger_kind kind)
{
	static struct ledger_seal seals[] = {{"01890a5d00007000800000000000abcd", A64},
	                                     {"01890a5d00007000800000000000abc0", B64}};
	struct ledger_text t = an_approval();

	return (struct ledger_text){.kind = kind,
	                            .store = "4f1e6a7c2b9d4e03a5c18d7790e2b6aa",
	                            .program = "0.1.0",
	                            .model = t.model,
	                            .version = 3,
	                            .stage = t.stage,
	                            .subject = A64,
	                            .seals = seals,
	                            .seal_count = 2,
	                            .data = two_data,
	                            .data_count = 2,
	                            .evidence = two_evidence,
	                            .evidence_count = 2,
	                            .gates = three_gates,
	                            .gate_count = 3,
	                            .claimed_time = 1,
	                            .request = "9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f"};
}

static void write_ok(const struct ledger_text *t, struct str *out)
{
	struct error err;

	str_init(out);
	if (ledger_text_write(t, out, &err))
		fail_msg("%s", err.text);
}

/* The grammar to the byte: what other programs (verify.sh, a reader with cat) rely on. */
static void a_decision_is_written_to_the_byte(void **state)
{
	static const char expected[] =
	    "assay-decision/1\n"
	    "store 4f1e6a7c2b9d4e03a5c18d7790e2b6aa\n"
	    "seen 492 sha256:" A64 "\n"
	    "policy sha256:" A64 "\n"
	    "roster sha256:" B64 "\n"
	    "kind approve\n"
	    "meaning I%20have%20read%20the%20evidence\n"
	    "signer alice@lab\n"
	    "name Alice%20M%C3%BCller\n"
	    "role risk-reviewer\n"
	    "model credit-risk\n"
	    "version 17\n"
	    "stage production\n"
	    "subject sha256:" A64 "\n"
	    "manifest files 4 bytes 734003200\n"
	    "run 01890a5d00007000800000000000abcd seal sha256:" B64 "\n"
	    "code git:0123456789abcdef0123456789abcdef01234567 dirty sha256:" A64 "\n"
	    "env sha256:" B64 "\n"
	    "data eval held%20out sha256:" B64 "\n"
	    "data train applications@2 sha256:" A64 "\n"
	    "evidence bias-report sha256:" B64 "\n"
	    "evidence model-card sha256:" A64 "\n"
	    "baseline version 16 subject sha256:" B64 "\n"
	    "gate auc rule low>=0.75 measured 0.30000000000000004 low -0 high inf level 0.95 "
	    "result pass settings none\n"
	    "gate parity.sex rule low>=0.8 measured 0.81 low 0.7900000000000001 high 0.84 "
	    "level 0.95 result undecided settings sha256:" A64 "\n"
	    "gate scan rule clean measured - low - high - level - result missing settings "
	    "none rules sha256:" B64 " dated 2026-11-23T04:40:12Z\n"
	    "waiver parity.sex bound 0.75 until 2026-11-23T04:40:12.123Z signer rita@lab row "
	    "480\n"
	    "target 481\n"
	    "reason Drift%20on%20income:%20explained%20(section%203),%20100%25%20of%20it\n"
	    "claimed-time 2026-11-23T04:40:12Z\n"
	    "expires 2026-11-30T04:40:12Z\n"
	    "request 9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f\n"
	    "end\n";
	struct ledger_text t = an_approval();
	struct str out;

	(void)state;
	write_ok(&t, &out);
	assert_string_equal(out.data, expected);
	str_release(&out);
}

static void a_record_is_written_to_the_byte(void **state)
{
	static const char expected[] = "assay-record/1\n"
	                               "store 4f1e6a7c2b9d4e03a5c18d7790e2b6aa\n"
	                               "kind run-seals\n"
	                               "program 0.1.0\n"
	                               "model none\n"
	                               "version none\n"
	                               "stage %6Eone\n"
	                               "subject none\n"
	                               "seal 01890a5d00007000800000000000abc0 sha256:" B64 "\n"
	                               "seal 01890a5d00007000800000000000abcd sha256:" A64 "\n"
	                               "data none\n"
	                               "evidence none\n"
	                               "gate none\n"
	                               "claimed-time 1970-01-01T00:00:00.001Z\n"
	                               "request 9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f\n"
	                               "end\n";
	struct ledger_text t = a_record(LEDGER_RUN_SEALS);
	struct str out;

	(void)state;
	t.model = NULL;
	t.version = 0;
	t.stage = "none";
	t.subject[0] = '\0';
	t.data_count = t.evidence_count = t.gate_count = 0;
	write_ok(&t, &out);
	assert_string_equal(out.data, expected);
	str_release(&out);
}

static void every_kind_comes_back(void **state)
{
	(void)state;
	for (int k = 0; k < LEDGER_KINDS; k++) {
		enum ledger_kind kind = (enum ledger_kind)k, again;
		struct ledger_text t = ledger_kind_is_decision(kind) ? an_approval() : a_record(kind), back;
		struct arena *mem = arena_new();
		struct str out, anew;
		struct error err;

		assert_true(ledger_kind_parse(ledger_kind_name(kind), &again));
		assert_int_equal(again, kind);
		t.kind = kind;
		write_ok(&t, &out);
		if (ledger_text_parse(out.data, out.len, mem, &back, &err))
			fail_msg("%s: %s", ledger_kind_name(kind), err.text);
		assert_int_equal(back.kind, kind);
		assert_string_equal(back.store, t.store);
		assert_string_equal(back.model, t.model);
		assert_int_equal(back.version, t.version);
		assert_int_equal(back.claimed_time, t.claimed_time);
		assert_string_equal(back.data[0].name, "held out");
		assert_string_equal(back.evidence[1].kind, "model-card");
		assert_string_equal(back.evidence[1].digest, A64);
		assert_int_equal(back.gate_count, 3);
		assert_true(back.gates[0].measured == 0.1 + 0.2 && isinf(back.gates[0].high));
		assert_true(signbit(back.gates[0].low));
		assert_true(isnan(back.gates[2].level) && back.gates[2].result == GATE_MISSING);
		assert_string_equal(back.gates[2].rules, B64);
		assert_true(back.gates[2].dated == three_gates[2].dated);
		if (ledger_kind_is_decision(kind)) {
			assert_string_equal(back.name, t.name);
			assert_string_equal(back.reason, t.reason);
			assert_string_equal(back.code_diff, A64);
			assert_int_equal(back.waivers[0].row, 480);
			assert_true(back.waivers[0].until == one_waiver[0].until);
			assert_int_equal(back.seen_seq, 492);
			assert_int_equal(back.target, 481);
		} else {
			assert_int_equal(back.seal_count, 2);
			assert_string_equal(back.seals[0].run, "01890a5d00007000800000000000abc0");
		}
		write_ok(&back, &anew);
		assert_string_equal(anew.data, out.data);
		str_release(&out);
		str_release(&anew);
		arena_free(mem);
	}
}

/* Anything that a decision may lack is none, and comes back as nothing. */
static void nothing_is_none(void **state)
{
	struct ledger_text t = {.kind = LEDGER_HALT,
	                        .store = "4f1e6a7c2b9d4e03a5c18d7790e2b6aa",
	                        .seen_seq = 1,
	                        .seen_head = A64,
	                        .model = "m",
	                        .stage = "s",
	                        .claimed_time = 1,
	                        .request = "9d2b7c4e1f0a4c5d8e6f7a8b9c0d1e2f"},
	                   back;
	struct arena *mem = arena_new();
	struct str out;
	struct error err;
	int nones = 0;

	(void)state;
	write_ok(&t, &out);
	for (const char *p = out.data; (p = strstr(p, " none\n")); p++)
		nones++;
	assert_int_equal(nones, 20);
	if (ledger_text_parse(out.data, out.len, mem, &back, &err))
		fail_msg("%s", err.text);
	assert_null(back.signer);
	assert_null(back.gates);
	assert_int_equal(back.expires, 0);
	assert_string_equal(back.policy, "");
	str_release(&out);
	arena_free(mem);
}

static void expect_unsayable(const struct ledger_text *t, const char *key)
{
	struct error err;
	struct str out;

	str_init(&out);
	assert_int_equal(ledger_text_write(t, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, key))
		fail_msg("\"%s\" does not name \"%s\"", err.text, key);
	str_release(&out);
}

static void what_cannot_be_said_is_refused(void **state)
{
	static const char *const hostile[] = {"a\nb",
	                                      "\x1b]0;x\a",
	                                      "\xe2\x80\xae"
	                                      "abc",
	                                      "\xe2\x80\x8b",
	                                      "\xff",
	                                      ""};
	struct ledger_text t;
	struct ledger_gate doubled[] = {three_gates[0], three_gates[0]};
	char *huge = xmalloc(LEDGER_TEXT_MAX + 1);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		t = an_approval();
		t.reason = hostile[i];
		expect_unsayable(&t, "reason");
		t = an_approval();
		t.model = hostile[i];
		expect_unsayable(&t, "model");
		t = an_approval();
		t.signer = hostile[i];
		expect_unsayable(&t, "signer");
	}
#define WITHOUT(change, key)                                                                                 \
	do {                                                                                                     \
		t = an_approval();                                                                                   \
		change;                                                                                              \
		expect_unsayable(&t, key);                                                                           \
	} while (0)
	WITHOUT(t.store[0] = '\0', "store");
	WITHOUT(t.seen_seq = 0, "seen");
	WITHOUT(t.seen_head[0] = '\0', "seen");
	WITHOUT(t.signer = NULL, "signer");
	WITHOUT(t.name = NULL, "name");
	WITHOUT(t.meaning = NULL, "meaning");
	WITHOUT(t.role = NULL, "role");
	WITHOUT(t.policy[0] = '\0', "policy");
	WITHOUT(t.model = NULL, "model");
	WITHOUT(t.version = 0, "version");
	WITHOUT(t.version = -1, "version");
	WITHOUT(t.stage = NULL, "stage");
	WITHOUT(t.subject[0] = '\0', "subject");
	WITHOUT(t.subject[3] = 'A', "subject");
	WITHOUT(t.target = 0, "target");
	WITHOUT(t.claimed_time = 0, "claimed-time");
	WITHOUT(t.claimed_time = INT64_MAX, "claimed-time");
	WITHOUT(t.request[5] = 'x', "request");
	WITHOUT(t.code_commit[39] = '\0', "code");
	WITHOUT(t.code_commit[0] = '\0', "code");
	WITHOUT(t.baseline_version = 0, "baseline");
	WITHOUT(t.manifest_files = 0, "manifest");
	WITHOUT(t.run[0] = '\0', "run");
	WITHOUT((t.kind = LEDGER_REJECT, t.reason = NULL), "reason");
	WITHOUT((t.gates = doubled, t.gate_count = 2), "gate");
	doubled[1].measured = 7; /* the same gate with two results */
	WITHOUT((t.gates = doubled, t.gate_count = 2), "gate");
	/* A halt is whole without a signer, but not with half of one. */
	WITHOUT((t.kind = LEDGER_HALT, t.name = NULL), "name");
	memset(huge, 'x', LEDGER_TEXT_MAX);
	huge[LEDGER_TEXT_MAX] = '\0';
	WITHOUT(t.reason = huge, "64 KiB");
#undef WITHOUT
	free(huge);
}

static void expect_tampered(const char *bytes, size_t len, const char *words)
{
	struct arena *mem = arena_new();
	struct ledger_text t;
	struct error err;
	/* Exact on the heap: reading one byte too far is seen. */
	char *copy = xmalloc(len ? len : 1);

	memcpy(copy, bytes, len);
	if (!ledger_text_parse(copy, len, mem, &t, &err))
		fail_msg("accepted: %.*s", (int)len, bytes);
	assert_int_equal(err.code, ERR_TAMPER);
	if (words && !strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	free(copy);
	arena_free(mem);
}

/* Replaces the first `from` of a good text. */
static void expect_spoilt(const struct str *text, const char *from, const char *to, const char *words)
{
	const char *at = strstr(text->data, from);
	struct str s;

	assert_non_null(at);
	str_init(&s);
	str_add(&s, text->data, (size_t)(at - text->data));
	str_adds(&s, to);
	str_adds(&s, at + strlen(from));
	expect_tampered(s.data, s.len, words);
	str_release(&s);
}

static void another_spelling_is_refused(void **state)
{
	struct ledger_text t = an_approval();
	struct str text;

	(void)state;
	write_ok(&t, &text);
	expect_spoilt(&text, "decision/1", "decision/2", "version");
	expect_spoilt(&text, "version 17", "version 017", "line 12");
	expect_spoilt(&text, "version 17", "version +17", "line 12");
	expect_spoilt(&text, "version 17", "version  17", "line 12");
	expect_spoilt(&text, "version 17\n", "version 17\nversion 17\n", "line 13");
	expect_spoilt(&text, "version 17", "versoin 17", "unknown key");
	expect_spoilt(&text, "version 17\n", "version 17 \n", "line 12");
	expect_spoilt(&text, "version 17\n", "version 17\r\n", "0x0d");
	expect_spoilt(&text, "version 17\n", "version 17\n\n", "line 13");
	expect_spoilt(&text, "%C3%BC", "%c3%bc", "line 9");
	expect_spoilt(&text, "%C3%BC", "%C3", "name");
	expect_spoilt(&text, "%C3%BC", "%E2%80%AE", "name");
	expect_spoilt(&text, "Alice", "%41lice", "line 9");
	expect_spoilt(&text, "alice@lab", "alice%40lab", "line 8");
	expect_spoilt(&text, "measured 0.81", "measured 0.810", "line 25");
	expect_spoilt(&text, "measured 0.81", "measured nan", "gate");
	expect_spoilt(&text, "measured 0.81", "measured 1e999", NULL);
	expect_spoilt(&text, "result pass", "result passed", "result");
	expect_spoilt(&text, "T04:40:12Z", "t04:40:12Z", NULL);
	expect_spoilt(&text, "T04:40:12Z", "T04:40:12.000Z", NULL);
	expect_spoilt(&text, "T04:40:12Z\nexpires", "T05:40:12+01:00\nexpires", NULL);
	expect_spoilt(&text, "sha256:" A64, "sha256:" A64 "a", "digest");
	expect_spoilt(&text, "target 481", "target none", "target");
	expect_spoilt(&text, "kind approve", "kind genesis", "kind");
	expect_spoilt(&text, "kind approve", "kind applaud", "kind");
	expect_spoilt(&text, "end\n", "end\n\n", "end");
	expect_spoilt(&text, "end\n", "end", "end");
	expect_spoilt(&text, "baseline version 16", "baseline version 0", NULL);
	expect_spoilt(&text, "manifest files 4", "manifest files 0", NULL);
	str_release(&text);
}

/* Every line taken out, doubled, or changed for the next; every byte flipped; every prefix. */
static void no_mutation_is_accepted_as_the_same(void **state)
{
	struct ledger_text t = an_approval();
	struct arena *mem = arena_new();
	struct str text, s;

	(void)state;
	write_ok(&t, &text);
	str_init(&s);
	for (size_t at = 0, next; at < text.len; at = next) {
		size_t after;

		next = (size_t)(strchr(text.data + at, '\n') - text.data) + 1;
		str_clear(&s);
		str_add(&s, text.data, at);
		str_adds(&s, text.data + next);
		/* Of lines that repeat, one may be missing: that is another text, not a broken one. */
		if (strncmp(text.data + at, "gate", 4) && strncmp(text.data + at, "data", 4) &&
		    strncmp(text.data + at, "evidence", 8))
			expect_tampered(s.data, s.len, NULL);
		str_clear(&s);
		str_add(&s, text.data, next);
		str_adds(&s, text.data + at);
		expect_tampered(s.data, s.len, NULL);
		if (next == text.len)
			break;
		after = (size_t)(strchr(text.data + next, '\n') - text.data) + 1;
		str_clear(&s);
		str_add(&s, text.data, at);
		str_add(&s, text.data + next, after - next);
		str_add(&s, text.data + at, next - at);
		str_adds(&s, text.data + after);
		expect_tampered(s.data, s.len, NULL);
	}
	for (size_t i = 0; i < text.len; i++) {
		struct ledger_text back;
		struct str anew;

		text.data[i] = (char)(text.data[i] ^ 1);
		/* What still reads is another text, which no signature of the first fits. */
		if (!ledger_text_parse(text.data, text.len, mem, &back, NULL)) {
			write_ok(&back, &anew);
			assert_true(anew.len == text.len && !memcmp(anew.data, text.data, text.len));
			str_release(&anew);
		}
		text.data[i] = (char)(text.data[i] ^ 1);
		expect_tampered(text.data, i, NULL);
	}
	str_release(&text);
	str_release(&s);
	arena_free(mem);
}

static void manifests_are_written_and_read(void **state)
{
	struct manifest_file files[] = {{B64, 10, "sub/b c.bin"},
	                                {A64, 0, "model.json"},
	                                {A64, 7, "sub/\xc3\xa9"}},
	                     *back;
	static const char expected[] =
	    "sha256:" A64 " 0 model.json\nsha256:" B64 " 10 sub/b%20c.bin\nsha256:" A64 " 7 sub/%C3%A9\n";
	static const char *const bad[] = {
	    "",
	    "sha256:" A64 " 0 a",
	    "sha256:" A64 " 0 a\nsha256:" A64 " 0 a\n",
	    "sha256:" A64 " 0 b\nsha256:" A64 " 0 a\n",
	    "sha256:" A64 " 00 a\n",
	    "sha256:" A64 " -1 a\n",
	    "sha256:" A64 " 0 \n",
	    "sha256:" A64 " 0 /a\n",
	    "sha256:" A64 " 0 a/../b\n",
	    "sha256:" A64 " 0 ..\n",
	    "sha256:" A64 " 0 a//b\n",
	    "sha256:" A64 " 0 ./a\n",
	    "sha256:" A64 " 0 a/\n",
	    "sha256:" A64 " 0 a b\n",
	    "sha256:" A64 " 0 %61\n",
	    "sha256:" A64 " 0 a%00b\n",
	    "sha256:" A64 " 0 a%0Ab\n",
	    "sha256:" A64 " 0 %E2%80%AEa\n",
	    "sha1:" A64 " 0 a\n",
	    "sha256:" A64 "  0 a\n",
	};
	struct arena *mem = arena_new();
	struct str text;
	struct error err;
	size_t count;

	(void)state;
	str_init(&text);
	manifest_write(files, 3, &text);
	assert_string_equal(text.data, expected);
	assert_int_equal(manifest_parse(text.data, text.len, mem, &back, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_string_equal(back[1].path, "sub/b c.bin");
	assert_int_equal(back[1].bytes, 10);
	assert_string_equal(back[2].digest, A64);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (!manifest_parse(bad[i], strlen(bad[i]), mem, &back, &count, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERR_TAMPER);
	}
	str_release(&text);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_decision_is_written_to_the_byte),
	    cmocka_unit_test(a_record_is_written_to_the_byte),
	    cmocka_unit_test(every_kind_comes_back),
	    cmocka_unit_test(nothing_is_none),
	    cmocka_unit_test(what_cannot_be_said_is_refused),
	    cmocka_unit_test(another_spelling_is_refused),
	    cmocka_unit_test(no_mutation_is_accepted_as_the_same),
	    cmocka_unit_test(manifests_are_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
