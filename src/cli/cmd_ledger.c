/* assay ledger: every row, one row, or its exact bytes; assay checkpoint: its head in three lines. */
#include "cli_trust.h"
#include "commands.h"

struct ledger_view {
	struct trusted t;
	struct ledger_row *rows;
	size_t count;
};

static int view_open(struct cli *c, struct ledger_view *v, int64_t from, int64_t to)
{
	*v = (struct ledger_view){.count = 0};
	if (trust_begin(c, STORE_READ, &v->t) != 0)
		return -1;
	struct ledger *l = work_trust_ledger(v->t.trust);
	if (l && ledger_rows(l, from, to, v->t.mem, &v->rows, &v->count, &c->err) != 0)
		return -1;
	if (to && !v->count)
		return error_set(&c->err, ERR_NO, "the ledger has no row %lld; `assay ledger` lists them",
		                 (long long)to);
	return 0;
}

static void view_close(struct ledger_view *v)
{
	trust_end(&v->t);
}

/* Rows that no signed row has seen yet: until then whoever can write the file could change them. */
static int64_t unsealed(const struct ledger_view *v)
{
	const struct ledger_state *s = work_trust_state(v->t.trust);
	return s->seq - s->sealed_to;
}

static void unsealed_print(const struct ledger_view *v)
{
	int64_t n = unsealed(v);
	safe_fprintf(stderr, "unsealed: %lld%s\n", (long long)n,
	             n ? " (no signature covers the last rows yet; the next one does)" : "");
}

static const char *about(const struct ledger_text *x, struct arena *mem)
{
	if (!x->model)
		return *x->subject ? arena_printf(mem, "sha256 %.12s%s", x->subject, sign("…", "...")) : "";
	const char *version = x->version ? arena_printf(mem, "@%lld", (long long)x->version) : "";
	return arena_printf(mem, "%s%s%s%s", x->model, version, x->stage ? " " : "", x->stage ? x->stage : "");
}

static const char *ignored(const struct ledger_view *v, int64_t row)
{
	const struct ledger_state *s = work_trust_state(v->t.trust);
	for (size_t i = 0; i < s->ignored_count; i++)
		if (s->ignored[i].row == row)
			return s->ignored[i].why;
	return NULL;
}

static void row_json(const struct ledger_view *v, const struct ledger_row *row, const struct ledger_text *x,
                     struct json_writer *j)
{
	char digest[SHA256_TEXT], claimed[TIME_TEXT];
	sha256_hex(row->body, row->body_len, digest);
	jw_object(j, NULL);
	jw_int(j, "seq", row->seq);
	jw_string(j, "at", row->at);
	jw_string(j, "kind", ledger_kind_name(x->kind));
	jw_string(j, "model", x->model);
	if (x->version)
		jw_int(j, "version", x->version);
	jw_string(j, "stage", x->stage);
	jw_string(j, "signer", x->signer);
	jw_string(j, "name", x->name);
	jw_string(j, "role", x->role);
	jw_string(j, "meaning", x->meaning);
	jw_string(j, "reason", x->reason);
	jw_string(j, "claimed_time", x->claimed_time ? time_rfc3339(x->claimed_time, claimed) : NULL);
	if (x->target)
		jw_int(j, "target", x->target);
	jw_string(j, "subject", *x->subject ? x->subject : NULL);
	jw_string(j, "text_sha256", digest);
	jw_string(j, "link", row->link);
	jw_bool(j, "signed", row->sig_len > 0);
	jw_bool(j, "sealed", row->seq <= work_trust_state(v->t.trust)->sealed_to);
	jw_string(j, "void", ignored(v, row->seq));
	jw_object_end(j);
}

int cmd_ledger_ls(struct cli *c)
{
	struct ledger_view v;
	struct listing g;
	struct str json;
	struct json_writer j;
	int status = view_open(c, &v, 1, 0);
	str_init(&json);
	jw_init(&j, &json);
	listing_init(&g);
	listing_column(&g, "row", "seq", GRID_RIGHT);
	listing_column(&g, "at", "at", GRID_LEFT);
	listing_column(&g, "kind", "kind", GRID_LEFT);
	listing_column(&g, "about", "about", GRID_LEFT);
	listing_column(&g, "signer", "signer", GRID_LEFT);
	listing_column(&g, "link", "link", GRID_LEFT);
	listing_column(&g, "note", "note", GRID_LEFT);
	jw_object(&j, NULL);
	if (status == 0)
		jw_int(&j, "unsealed", unsealed(&v));
	jw_array(&j, "rows");
	for (size_t i = 0; i < v.count && status == 0; i++) {
		const struct ledger_row *row = &v.rows[i];
		struct ledger_text x;
		char at[TIME_TEXT], link[13];
		status = ledger_text_parse(row->body, row->body_len, v.t.mem, &x, &c->err);
		if (status != 0)
			break;
		if (c->json) {
			row_json(&v, row, &x, &j);
			continue;
		}
		const char *why = ignored(&v, row->seq);
		const char *note = why                                                 ? why
		                   : row->sig_len                                      ? ""
		                   : row->seq > work_trust_state(v.t.trust)->sealed_to ? "unsealed"
		                                                                       : "";
		snprintf(link, sizeof link, "%s", row->link);
		listing_int(&g, row->seq);
		listing_both(&g, time_local(row->at_ms, at), row->at, false, GRID_PLAIN);
		listing_text(&g, ledger_kind_name(x.kind), GRID_PLAIN);
		listing_text(&g, about(&x, v.t.mem), GRID_PLAIN);
		listing_text(&g, x.signer ? x.signer : "", GRID_PLAIN);
		listing_both(&g, link, row->link, false, GRID_MUTED);
		listing_both(&g, note, note, false, why ? GRID_BAD : GRID_MUTED);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	if (status == 0) {
		if (c->json)
			json_print(&json, stdout);
		else if (v.count || c->csv || c->tsv)
			listing_print(&g, c, stdout);
		if (!c->json && !c->quiet)
			unsealed_print(&v);
	}
	listing_release(&g);
	str_release(&json);
	view_close(&v);
	return status;
}

int cmd_ledger_show(struct cli *c)
{
	struct ledger_view v;
	struct ledger_text x;
	int64_t seq;
	if (row_number(c, c->args[0], &seq) != 0)
		return -1;
	int status = view_open(c, &v, seq, seq);
	if (status == 0)
		status = ledger_text_parse(v.rows[0].body, v.rows[0].body_len, v.t.mem, &x, &c->err);
	if (status == 0 && c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		row_json(&v, &v.rows[0], &x, &j);
		json_print(&json, stdout);
		str_release(&json);
	} else if (status == 0) {
		const struct ledger_row *row = &v.rows[0];
		struct ledger_signature sig = {0};
		char digest[SHA256_TEXT], claimed[TIME_TEXT];
		sha256_hex(row->body, row->body_len, digest);
		if (row->sig_len)
			status = ledger_signature_parse(row->sig, row->sig_len, &sig, &c->err);
		const struct fact facts[] = {
		    {"row", arena_printf(v.t.mem, "%lld, added %s", (long long)row->seq, row->at)},
		    {"kind", ledger_kind_name(x.kind)},
		    {"about", about(&x, v.t.mem)},
		    {"meaning", x.meaning},
		    {"signer", x.signer ? arena_printf(v.t.mem, "%s (%s), as %s", x.name, x.signer, x.role) : NULL},
		    {"key", row->sig_len ? arena_printf(v.t.mem, "%s %s (A%d)", sig.type, sig.fingerprint, sig.level)
		                         : NULL},
		    {"reason", x.reason},
		    {"claimed time", x.claimed_time ? time_rfc3339(x.claimed_time, claimed) : NULL},
		    {"text", arena_printf(v.t.mem, "sha256 %s, %zu bytes", digest, row->body_len)},
		    {"link", row->link},
		    {"void", ignored(&v, row->seq)},
		};
		if (status == 0) {
			facts_print(facts, COUNT_OF(facts), c, stdout);
			putchar('\n');
			machine_print(row->body, row->body_len, stdout);
			if (!c->quiet)
				unsealed_print(&v);
		}
		free(sig.public_key);
	}
	view_close(&v);
	return status;
}

int cmd_ledger_raw(struct cli *c)
{
	struct ledger_view v;
	int64_t seq;
	if (row_number(c, c->args[0], &seq) != 0)
		return -1;
	int status = view_open(c, &v, seq, seq);
	if (status == 0 && cli_has(c, "signature"))
		machine_print(v.rows[0].sig, v.rows[0].sig_len, stdout);
	else if (status == 0)
		machine_print(v.rows[0].body, v.rows[0].body_len, stdout);
	view_close(&v);
	return status;
}

/* Three lines, in the shape of a checkpoint of a log: origin, size, head; with --sign a row by a second
 * person. */
int cmd_checkpoint(struct cli *c)
{
	struct ledger_view v;
	if (cli_has(c, "sign")) {
		struct work_decision d = {.kind = LEDGER_CHECKPOINT, .reason = cli_get(c, "reason")};
		return decide(c, &d, false);
	}
	int status = view_open(c, &v, 1, 0);
	if (status == 0) {
		const struct ledger_state *s = work_trust_state(v.t.trust);
		printf("assay/%s\n%lld\n%s\n", store_id(v.t.store), (long long)s->seq, s->head);
		if (!c->quiet && unsealed(&v))
			unsealed_print(&v);
	}
	view_close(&v);
	return status;
}
