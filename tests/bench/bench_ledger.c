/*
 * The ledger's bars: verify 10^5 rows with 10^3 signatures, cold and from a pin; load, append.
 *
 *     bench_ledger [ROWS [SIGNATURES]]
 */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../../src/ledger/internal.h"
#include "../lib/ledger_fixture.h"

static struct error err;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, err.text);
		exit(1);
	}
}

static int64_t started;
static double used;

/* Of this process and of those that it waited for. */
static double cpu_s(void)
{
	static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
	double sum = 0;

	for (size_t i = 0; i < COUNT_OF(whose); i++) {
		struct rusage r;

		getrusage(whose[i], &r);
		sum += (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
		       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
	}
	return sum;
}

static void start(void)
{
	started = time_mono_ms();
	used = cpu_s();
}

static void report(const char *what, int64_t times)
{
	double n = (double)times;

	printf("  %-58s %9.3f s, %9.3f s CPU\n", what, (double)(time_mono_ms() - started) / 1e3 / n,
	       (cpu_s() - used) / n);
	fflush(stdout);
}

/* One large transaction keeps its pages in memory, so that others can read meanwhile. */
/* The rows that a store has most of: gate results of some ten gates, and every so often a signed one. All in
 * one transaction, with the links as the room makes them. */
static void fill(struct fixture *f, int64_t rows, int64_t signatures)
{
	static struct ledger_gate gates[10];
	static char ids[10][16];
	char *file = path_join(f->path, "ledger.db"), prev[SHA256_TEXT], link[SHA256_TEXT], at[TIME_TEXT];
	int64_t seq, every = signatures ? rows / signatures : rows + 1;
	struct str body, sig;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	for (int i = 0; i < 10; i++) {
		snprintf(ids[i], sizeof(ids[i]), "gate.%d", i);
		/* As they are measured: doubles of 16 and 17 digits. */
		gates[i] = (struct ledger_gate){.id = ids[i],
		                                .rule = "low>=0.8",
		                                .measured = sqrt(0.65 + i / 100.0),
		                                .low = sqrt(0.64 + i / 101.0),
		                                .high = sqrt(0.67 + i / 99.0),
		                                .level = 0.95};
		sha256_hex(ids[i], strlen(ids[i]), gates[i].settings);
	}
	str_init(&body);
	str_init(&sig);
	must(ledger_head(f->ledger, &seq, prev, &err), "head");
	if (sqlite3_open(file, &db) ||
	    sqlite3_exec(db, "PRAGMA cache_size = -2000000; BEGIN", NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(db, "INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", -1, &stmt, NULL))
		exit(1);
	for (seq++; seq <= rows; seq++) {
		struct ledger_text t;

		if (seq % every == 0) {
			t = fixture_decision(f, LEDGER_CHECKPOINT, seq % (2 * every) ? "alice" : "bob");
			t.model = t.stage = t.reason = NULL;
			t.version = t.manifest_files = t.manifest_bytes = t.target = t.expires = 0;
			t.subject[0] = '\0';
			t.seen_seq = seq - 1;
			memcpy(t.seen_head, prev, SHA256_TEXT);
			fixture_sign(f, &t, seq % (2 * every) ? "alice" : "bob", &body, &sig);
		} else {
			t = fixture_record(f, LEDGER_GATE_RESULTS);
			t.gates = gates;
			t.gate_count = COUNT_OF(gates);
			fixture_sign(f, &t, NULL, &body, &sig);
		}
		time_rfc3339(time_now_ms(), at);
		ledger_link(seq, prev, at, body.data, body.len, sig.data, sig.len, link);
		sqlite3_bind_int64(stmt, 1, seq);
		sqlite3_bind_text(stmt, 2, at, -1, SQLITE_TRANSIENT);
		sqlite3_bind_blob(stmt, 3, body.data, (int)body.len, SQLITE_TRANSIENT);
		sqlite3_bind_blob(stmt, 4, sig.data, (int)sig.len, SQLITE_TRANSIENT);
		sqlite3_bind_text(stmt, 5, link, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(stmt) != SQLITE_DONE)
			exit(1);
		sqlite3_reset(stmt);
		memcpy(prev, link, SHA256_TEXT);
	}
	sqlite3_finalize(stmt);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	str_release(&body);
	str_release(&sig);
	free(file);
}

static void verify(struct fixture *f, const struct ledger_pin *pin, bool objects)
{
	struct ledger_verify_options options = {.pin = pin, .from_pin = pin != NULL, .objects = objects};
	struct ledger_report r;

	must(ledger_verify(f->ledger, &f->by_digest, &options, &r, &err), "verify");
	if (r.problem_count || r.unverifiable || r.from_pin != (pin != NULL)) {
		fprintf(stderr, "row %lld: %s\n", (long long)(r.problem_count ? r.problems[0].seq : 0),
		        r.problem_count ? r.problems[0].where : r.unverifiable_why);
		exit(1);
	}
	ledger_report_release(&r);
}

static void append_records(struct fixture *f, int count)
{
	for (int i = 0; i < count; i++) {
		struct ledger_text t = fixture_record(f, LEDGER_GATE_RESULTS);

		fixture_append(f, &t, NULL);
	}
}

int main(int argc, char **argv)
{
	int64_t rows = 100000, signatures = 1000;
	struct ledger_pin pin = {.there = false}, story;
	struct ledger_state *s;
	struct fixture f;

	if (argc > 1 && !int_parse(argv[1], strlen(argv[1]), &rows))
		return 2;
	if (argc > 2 && !int_parse(argv[2], strlen(argv[2]), &signatures))
		return 2;
	fixture_ledger(&f);
	fixture_story(&f);
	fill(&f, rows, signatures);
	printf("%lld rows, %lld signatures\n", (long long)rows, (long long)signatures);
	start();
	verify(&f, NULL, true);
	report("verify, cold, with objects", 1);
	start();
	must(ledger_load(f.ledger, &f.by_digest, &pin, &s, &err), "load");
	report("load (verify and replay), cold", 1);
	ledger_state_free(s);
	story = pin;
	ledger_close(f.ledger);
	must(ledger_open(&f.ledger, f.path, true, &err), "open");
	start();
	must(ledger_load(f.ledger, &f.by_digest, &pin, &s, &err), "load");
	report("load by another handle with a pin", 1);
	ledger_state_free(s);
	start();
	append_records(&f, 1);
	report("first append of a handle (reads all requests)", 1);
	start();
	append_records(&f, 100);
	report("an append", 100);
	start();
	for (int i = 0; i < 4; i++)
		fixture_checkpoint(&f, i % 2 ? "alice" : "bob");
	report("a signed append", 4);
	start();
	for (int i = 0; i < 10; i++)
		verify(&f, &story, true);
	report("verify from a pin: 105 rows, 4 signatures since", 10);
	fixture_release(&f);
	return 0;
}
