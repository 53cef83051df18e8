/* Audit, on the reader's thread: the list, one entry in full, verification. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "review_text.h"
#include "view_inside.h"

enum { LABEL = 12, REPORT_WIDTH = 76 };

/* "row 17 …": the first row that an error names. */
static int64_t row_named(const char *text)
{
	const char *at = strstr(text, "row ");
	int64_t row = 0;
	size_t len;

	if (!at)
		return 0;
	at += 4;
	len = strspn(at, "0123456789");
	return len > 0 && int_parse(at, len, &row) ? row : 0;
}

/* The program writes registrations itself; who had it do so stands in their evidence, which replay has read.
 */
static const char *registrar(const struct ledger_version *v)
{
	for (size_t i = 0; i < v->author_count; i++)
		if (strcmp(v->authors[i].what, "registered the version") == 0)
			return v->authors[i].user;
	return NULL;
}

static void name_registrars(struct audit_trail *t, const struct ledger_state *state)
{
	for (size_t i = 0; i < state->version_count; i++) {
		const struct ledger_version *v = &state->versions[i];
		const char *who = registrar(v);
		size_t at = (size_t)(v->row - 1);

		/* A ledger that has lost rows was refused before this. */
		if (who && at < t->count && t->rows[at].seq == v->row)
			t->rows[at].who = arena_strdup(t->mem, who);
	}
}

void view_audit_trail_free(struct audit_trail *t)
{
	if (!t)
		return;
	arena_free(t->mem);
	free(t);
}

const struct audit_trail *view_audit_trail(struct desk *desk)
{
	int64_t change = view_desk_change(desk);
	struct audit_trail *t = desk->trail;
	struct error why = {0};
	struct trust *trust;
	struct ledger *l;

	if (t && change != 0 && t->ledger == change)
		return t;
	view_audit_trail_free(t);
	desk->trail = t = xcalloc(1, sizeof *t);
	t->mem = arena_new();
	t->ledger = change;
	if (view_desk_ledger(desk, &l, &why) != 0 ||
	    (l && trail_read(l, 1, NULL, 0, desk->app->charset, t->mem, &t->rows, &t->count, &why) != 0)) {
		t->fault = arena_strdup(t->mem, why.text);
	} else if (view_desk_trust(desk, &trust, &why) != 0) {
		t->fault = arena_strdup(t->mem, why.text);
	} else {
		t->no_roster = work_trust_state(trust)->roster.count == 0;
		name_registrars(t, work_trust_state(trust));
	}
	t->no_ledger = !t->fault && !l;
	t->fault_row = t->fault ? row_named(t->fault) : 0;
	t->sealed_to = trail_sealed(t->rows, t->count);
	for (size_t i = 0; i < t->count; i++)
		t->open += strcmp(trail_seal(&t->rows[i], t->sealed_to), "open") == 0;
	return t;
}

int view_audit_read(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct list_ask *ask = arg;
	struct audit_state *out = arena_alloc(a, sizeof *out);
	const struct audit_trail *t;

	(void)err;
	*result = out;
	out->list.ledger = view_desk_change(desk);
	out->list.store = store_change(desk->store);
	out->list.same = ask->store != 0 && out->list.ledger == ask->ledger && out->list.store == ask->store;
	if (out->list.same)
		return 0;
	t = view_audit_trail(desk);
	out->row_count = t->count;
	out->open = t->open;
	out->fault = t->fault ? arena_strdup(a, t->fault) : NULL;
	out->fault_row = t->fault_row;
	out->no_ledger = t->no_ledger;
	return 0;
}

/* ---- one entry ---- */

struct lines {
	struct str text;
	int width; /* to be broken at */
};

static void line(struct lines *out, const char *label, const char *format, ...) PRINTF_LIKE(3, 4);
static void line(struct lines *out, const char *label, const char *format, ...)
{
	va_list args;
	struct str text;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	str_addf(&out->text, "%-*s", LABEL, label);
	review_wrap(&out->text, text.data, out->width - LABEL, LABEL);
	str_addc(&out->text, '\n');
	str_release(&text);
}

static int read_activity(struct desk *desk, int64_t id, struct arena *a, int width, struct audit_detail *d,
                         struct error *err)
{
	struct activity *acts;
	struct lines text = {.width = width};
	size_t count;
	char time[TIME_TEXT];

	if (store_activities(desk->store, id + 1, 1, a, &acts, &count, err) != 0)
		return -1;
	if (count == 0 || acts[0].id != id)
		return error_set(err, ERR_NO, "this act is not there any more");
	str_init(&text.text);
	line(&text, "when", "%s", time_local(acts[0].at, time));
	line(&text, "who", "%s", acts[0].who);
	line(&text, "did", "%s %s", acts[0].verb, acts[0].what);
	str_adds(&text.text,
	         "\nAn act that decides nothing: it is remembered in assay.db, and no signature covers it.\n");
	d->title = arena_printf(a, "act %lld", (long long)id);
	d->text = arena_memdup0(a, text.text.data, text.text.len);
	str_release(&text.text);
	return 0;
}

static int read_object(void *user, const char *digest, struct str *out, struct error *err)
{
	return store_object_read(user, digest, out, 0, err);
}

/* By the roster that the text itself names: keys that came or went later change nothing. */
static void add_signature(struct desk *desk, const struct ledger_row *row, const struct ledger_text *t,
                          struct arena *a, struct lines *out)
{
	struct ledger_signature made = {0};
	struct roster roster;
	struct str text;
	struct error err = {0};
	const char *digest = t->kind == LEDGER_ROSTER ? t->subject : t->roster;
	bool holds = false;

	str_init(&text);
	if (!*digest)
		error_set(&err, ERR_TAMPER, "the text names no roster");
	else
		holds = read_object(desk->store, digest, &text, &err) == 0 &&
		        roster_parse("roster", text.data, text.len, a, &roster, &err) == 0 &&
		        ledger_signature_verify(row->body, row->body_len, row->sig, row->sig_len, &roster, t->signer,
		                                &made, &err) == 0;
	if (holds)
		line(out, "signature", "holds: made by a key of %s", t->signer);
	else
		line(out, "signature", "DOES NOT HOLD: %s", err.text);
	if (holds || ledger_signature_parse(row->sig, row->sig_len, &made, NULL) == 0) {
		static const char *const levels[] = {"not known", "A1, a key in software",
		                                     "A2, a key that was touched",
		                                     "A3, a key with PIN or fingerprint"};

		line(out, "key", "%s %s", made.type, made.fingerprint);
		line(out, "level", "%s", levels[made.level >= 0 && made.level <= 3 ? made.level : 0]);
	}
	free(made.public_key);
	str_release(&text);
}

static void add_answers(const struct trail_row *rows, size_t count, int64_t seq, int64_t target,
                        struct lines *out)
{
	for (size_t i = 0; target && i < count; i++)
		if (rows[i].seq == target && rows[i].readable)
			line(out, "answers", "row %lld: %s %s by %s", (long long)target, ledger_kind_name(rows[i].kind),
			     rows[i].about, rows[i].who ? rows[i].who : "?");
	for (size_t i = 0; i < count; i++)
		if (rows[i].readable && rows[i].target == seq)
			line(out, "answered", "row %lld: %s by %s", (long long)rows[i].seq,
			     ledger_kind_name(rows[i].kind), rows[i].who ? rows[i].who : "?");
}

/* "li@workstation; ": who had the program register a version. */
static const char *has_done(struct desk *desk, const struct ledger_text *t, struct arena *a)
{
	const struct ledger_version *v = NULL;
	struct trust *trust;
	const char *who;

	if (t->kind == LEDGER_REGISTRATION && t->model && view_desk_trust(desk, &trust, NULL) == 0)
		v = ledger_version_find(work_trust_state(trust), t->model, t->version);
	who = v ? registrar(v) : NULL;
	return who ? arena_printf(a, "%s; ", who) : "";
}

static void add_parsed(struct desk *desk, struct ledger *l, const struct ledger_row *row, struct arena *a,
                       struct lines *out)
{
	struct ledger_text t = {0};
	struct trail_row *rows = NULL;
	struct error err = {0};
	size_t count = 0;

	if (ledger_text_parse(row->body, row->body_len, a, &t, &err) != 0) {
		line(out, "text", "CANNOT BE READ: %s", err.text);
		return;
	}
	line(out, "kind", "%s", ledger_kind_name(t.kind));
	if (t.signer)
		line(out, "who", "%s%s%s%s%s%s", t.name ? t.name : t.signer, t.name ? " (" : "",
		     t.name ? t.signer : "", t.name ? ")" : "", t.role ? " as " : "", t.role ? t.role : "");
	else
		line(out, "who", "%swritten by the program itself, %s", has_done(desk, &t, a),
		     t.program ? t.program : "");
	if (t.model && t.version)
		line(out, "about", "%s v%lld%s%s", t.model, (long long)t.version, t.stage ? ", stage " : "",
		     t.stage ? t.stage : "");
	else if (t.model)
		line(out, "about", "%s%s%s", t.model, t.stage ? ", stage " : "", t.stage ? t.stage : "");
	if (t.reason)
		line(out, "reason", "%s", t.reason);
	if (trail_read(l, 1, NULL, 0, desk->app->charset, a, &rows, &count, NULL) == 0) {
		int64_t by = 0;

		add_answers(rows, count, row->seq, t.target, out);
		for (size_t i = 0; i < count && !by; i++)
			if (rows[i].seen >= row->seq)
				by = rows[i].seq;
		if (by)
			line(out, "sealed", "by row %lld, which was signed over it", (long long)by);
		else if (row->sig_len > 0)
			line(out, "sealed", "by its own signature: nothing was signed after it");
		else
			line(out, "sealed", "not yet: the next signature seals it");
	}
	if (row->sig_len > 0)
		add_signature(desk, row, &t, a, out);
	else if (ledger_kind_is_decision(t.kind))
		line(out, "signature", "none: a stop needs no proof");
	else
		line(out, "signature", "none: the program writes what it computed, people sign over it");
}

static int read_row(struct desk *desk, int64_t seq, struct arena *a, int width, struct audit_detail *d,
                    struct error *err)
{
	struct ledger *l;
	struct ledger_row *rows;
	size_t count;
	struct lines text = {.width = width};
	char time[TIME_TEXT], hex[SHA256_TEXT];

	if (view_desk_ledger(desk, &l, err) != 0)
		return -1;
	if (!l)
		return error_set(err, ERR_NO, "this store has no ledger yet");
	if (ledger_rows(l, seq, seq, a, &rows, &count, err) != 0)
		return -1;
	if (count == 0)
		return error_set(err, ERR_NO, "the ledger has no row %lld", (long long)seq);
	str_init(&text.text);
	line(&text, "row", "%lld", (long long)seq);
	line(&text, "when", "%s", time_local(rows[0].at_ms, time));
	add_parsed(desk, l, &rows[0], a, &text);
	sha256_hex(rows[0].body, rows[0].body_len, hex);
	line(&text, "sha256", "%s", hex);
	line(&text, "link", "%s", rows[0].link);
	str_addf(&text.text, "\nTHE TEXT, %zu bytes\n\n", rows[0].body_len);
	str_add(&text.text, rows[0].body, rows[0].body_len);
	if (rows[0].sig_len > 0) {
		str_adds(&text.text, "\nTHE SIGNATURE, namespace " LEDGER_NAMESPACE "\n\n");
		str_add(&text.text, rows[0].sig, rows[0].sig_len);
	}
	d->row = seq;
	d->title = arena_printf(a, "row %lld", (long long)seq);
	d->text = arena_memdup0(a, text.text.data, text.text.len);
	str_release(&text.text);
	return 0;
}

int view_audit_read_entry(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct audit_entry_ask *ask = arg;
	struct audit_detail *d = arena_alloc(a, sizeof *d);

	int width = ask->width > 2 * LABEL ? ask->width : REPORT_WIDTH;

	*result = d;
	return ask->id % 2 ? read_activity(desk, ask->id / 2, a, width, d, err)
	                   : read_row(desk, ask->id / 2, a, width, d, err);
}

/* ---- verification ---- */

struct verifying {
	struct desk *desk;
	struct audit_progress *p;
};

static int on_progress(void *user, int64_t done, int64_t total)
{
	struct verifying *v = user;

	v->p->done = done;
	v->p->total = total;
	return v->p->stop || v->desk->stop;
}

/* Words kept whole: the pager breaks anywhere. */
static void add_wrapped(struct str *out, int indent, const char *text)
{
	str_addf(out, "%*s", indent, "");
	review_wrap(out, text, REPORT_WIDTH - indent, indent);
	str_addc(out, '\n');
}

static const char *report_text(struct arena *a, const struct ledger_report *r)
{
	struct str out;
	const char *text;
	char rows[NUM_TEXT], signatures[NUM_TEXT];

	str_init(&out);
	str_addf(&out, "%s rows and %s signatures were looked at; sealed up to row %lld.\n\n",
	         count_people(r->rows, rows), count_people(r->signatures, signatures), (long long)r->sealed_to);
	if (r->problem_count == 0)
		str_adds(&out, "Everything holds.\n");
	for (size_t i = 0; i < r->problem_count; i++) {
		const struct ledger_problem *p = &r->problems[i];

		if (p->seq)
			str_addf(&out, "row %lld: %s\n", (long long)p->seq, p->what);
		else
			str_addf(&out, "%s\n", p->what);
		add_wrapped(&out, 4, p->where);
		str_addc(&out, '\n');
	}
	if (r->problem_count > 0)
		add_wrapped(&out, 0,
		            "Nothing can be signed on a ledger that does not hold. Restore ledger.db from a backup, "
		            "and ask who "
		            "could write into this folder.");
	text = arena_memdup0(a, out.data, out.len);
	str_release(&out);
	return text;
}

int view_audit_verify(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct audit_verify_ask *ask = arg;
	struct audit_verdict *v = arena_alloc(a, sizeof *v);
	struct verifying on = {.desk = desk, .p = ask->progress};
	struct ledger_report report = {0};
	struct ledger *l;
	char rows[NUM_TEXT], signatures[NUM_TEXT];

	*result = v;
	desk->stop = false;
	if (view_desk_ledger(desk, &l, err) != 0)
		return -1;
	if (!l)
		return error_set(err, ERR_NO, "this store has no ledger yet: there is nothing to verify");
	if (work_verify(desk->store, NULL, false, on_progress, &on, &report, err) != 0)
		return -1;
	v->problems = report.problem_count;
	v->unverifiable = report.unverifiable;
	v->ok = report.problem_count == 0 && !report.unverifiable;
	v->report = report_text(a, &report);
	count_people(report.rows, rows);
	count_people(report.signatures, signatures);
	if (v->ok)
		v->summary = arena_printf(a, "%s rows and %s signatures hold, sealed up to row %lld", rows,
		                          signatures, (long long)report.sealed_to);
	else if (v->problems == 0)
		v->summary =
		    arena_printf(a, "not everything could be looked at: ssh-keygen or the roster is missing");
	else
		v->summary = arena_printf(
		    a, "%zu thing%s not hold; %s%s", v->problems, v->problems == 1 ? " does" : "s do",
		    report.problems[0].seq ? arena_printf(a, "row %lld: ", (long long)report.problems[0].seq) : "",
		    report.problems[0].where);
	ledger_report_release(&report);
	return 0;
}
