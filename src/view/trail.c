/* Rows of the ledger in short. */
#include <stdlib.h>
#include <string.h>

#include "trail.h"
#include "view_inside.h"

#define CHUNK 512
/* So many of the newest rows are looked at before the first frame. */
#define LOOKED_AT 500

/* A text without the name is not about the model: it need not be parsed. */
static bool names_model(const struct ledger_row *row, const char *model)
{
	return memmem(row->body, row->body_len, model, strlen(model)) != NULL;
}

static const char *about(struct arena *mem, const struct ledger_text *t, enum term_charset charset)
{
	const char *arrow = charset == TERM_ASCII ? "->" : "\xe2\x86\x92";

	switch (t->kind) {
	case LEDGER_GENESIS:
		return "the ledger begins";
	case LEDGER_ROSTER:
	case LEDGER_POLICY:
		return arena_printf(mem, "%.12s", t->subject);
	case LEDGER_RUN_SEALS:
		return t->seal_count == 1 ? arena_printf(mem, "run %s", view_short_id(t->seals[0].run))
		                          : arena_printf(mem, "%zu runs", t->seal_count);
	case LEDGER_CHECKPOINT:
		return arena_printf(mem, "head %lld", (long long)t->seen_seq);
	default:
		break;
	}
	if (!t->model)
		return t->target ? arena_printf(mem, "row %lld", (long long)t->target) : "";
	if (t->version > 0 && t->stage)
		return arena_printf(mem, "%s v%lld %s %s", t->model, (long long)t->version, arrow, t->stage);
	if (t->version > 0)
		return arena_printf(mem, "%s v%lld", t->model, (long long)t->version);
	return t->stage ? arena_printf(mem, "%s %s %s", t->model, arrow, t->stage) : arena_strdup(mem, t->model);
}

static void take(const struct ledger_row *from, const struct ledger_text *t, enum term_charset charset,
                 struct arena *mem, struct trail_row *to)
{
	to->readable = true;
	to->kind = t->kind;
	to->is_signed = from->sig_len > 0;
	to->seen = to->is_signed ? t->seen_seq : 0;
	to->who = t->signer    ? arena_strdup(mem, t->signer)
	          : t->program ? arena_printf(mem, "assay %s", t->program)
	                       : "unsigned";
	to->name = arena_strdup(mem, t->name);
	to->role = arena_strdup(mem, t->role);
	to->model = arena_strdup(mem, t->model);
	to->stage = arena_strdup(mem, t->stage);
	to->reason = arena_strdup(mem, t->reason);
	to->version = t->version;
	to->target = t->target;
	to->about = about(mem, t, charset);
	for (size_t i = 0; i < t->gate_count; i++)
		*(t->gates[i].result == GATE_PASS ? &to->passed : &to->failed) += 1;
}

int trail_read(struct ledger *l, int64_t from, const char *model, int64_t version, enum term_charset charset,
               struct arena *mem, struct trail_row **out, size_t *count, struct error *err)
{
	struct trail_row *found = NULL;
	size_t cap = 0;
	int status = 0;
	bool more = true;

	*count = 0;
	while (status == 0 && more) {
		struct arena *scratch = arena_new();
		struct ledger_row *rows;
		size_t n = 0;

		status = ledger_rows(l, from, from + CHUNK - 1, scratch, &rows, &n, err);
		for (size_t i = 0; status == 0 && i < n; i++) {
			struct ledger_text text = {0};
			struct trail_row row = {.seq = rows[i].seq, .at = rows[i].at_ms};
			struct error why = {0};

			if (model && !names_model(&rows[i], model))
				continue;
			if (ledger_text_parse(rows[i].body, rows[i].body_len, scratch, &text, &why) != 0)
				row.fault = arena_strdup(mem, why.text);
			else if (model &&
			         (!text.model || strcmp(text.model, model) != 0 || (version && text.version != version)))
				continue;
			else
				take(&rows[i], &text, charset, mem, &row);
			found = vec_reserve(found, &cap, *count + 1, sizeof *found);
			found[(*count)++] = row;
		}
		more = n == CHUNK;
		from += CHUNK;
		arena_free(scratch);
	}
	if (status == 0) {
		*out = arena_array(mem, *count + 1, sizeof **out);
		if (*count > 0)
			memcpy(*out, found, *count * sizeof **out);
	}
	free(found);
	return status;
}

int64_t trail_sealed(const struct trail_row *rows, size_t count)
{
	int64_t to = 0;

	for (size_t i = 0; i < count; i++)
		to = rows[i].seen > to ? rows[i].seen : to;
	return to;
}

const char *trail_seal(const struct trail_row *row, int64_t sealed_to)
{
	return row->is_signed ? "signed" : row->seq <= sealed_to ? "sealed" : "open";
}

static bool is_answered(const struct trail_row *rows, size_t count, size_t at)
{
	for (size_t k = at + 1; k < count; k++)
		if (rows[k].readable && rows[k].target == rows[at].seq &&
		    (rows[k].kind == LEDGER_PROMOTE || rows[k].kind == LEDGER_REJECT ||
		     rows[k].kind == LEDGER_REVOKE))
			return true;
	return false;
}

style_id trail_seal_style(const struct trail_row *row, int64_t sealed_to)
{
	const char *seal = trail_seal(row, sealed_to);

	return strcmp(seal, "open") == 0 ? STYLE_WARN : strcmp(seal, "signed") == 0 ? STYLE_GOOD : STYLE_MUTED;
}

const char *trail_why(const struct trail_row *row, struct arena *a)
{
	if (row->reason || row->kind != LEDGER_GATE_RESULTS)
		return row->reason ? row->reason : "";
	return row->failed ? arena_printf(a, "%zu pass, %zu do not", row->passed, row->failed)
	                   : arena_printf(a, "%zu pass", row->passed);
}

bool trail_waits(const char *asked)
{
	char *dir = store_find(asked, NULL), *path = dir ? path_join(dir, "ledger.db") : NULL;
	struct arena *a = arena_new();
	struct ledger *l = NULL;
	struct trail_row *rows;
	int64_t head;
	size_t count;
	char link[SHA256_TEXT];
	bool waits = false;

	if (path && file_exists(path) && ledger_open(&l, dir, false, NULL) == 0 &&
	    ledger_head(l, &head, link, NULL) == 0 &&
	    trail_read(l, head > LOOKED_AT ? head - LOOKED_AT : 1, NULL, 0, TERM_ASCII, a, &rows, &count, NULL) ==
	        0)
		for (size_t i = 0; i < count && !waits; i++)
			waits = rows[i].readable && rows[i].kind == LEDGER_PROPOSE && !is_answered(rows, count, i);
	ledger_close(l);
	arena_free(a);
	free(path);
	free(dir);
	return waits;
}

style_id trail_style(enum ledger_kind kind)
{
	switch (kind) {
	case LEDGER_APPROVE:
	case LEDGER_PROMOTE:
	case LEDGER_RESUME:
	case LEDGER_RETRO_REVIEW:
		return STYLE_GOOD;
	case LEDGER_REJECT:
	case LEDGER_HALT:
	case LEDGER_BREAK_GLASS:
		return STYLE_BAD;
	case LEDGER_WAIVE:
	case LEDGER_REVOKE:
	case LEDGER_ROLLBACK:
		return STYLE_WARN;
	case LEDGER_PROPOSE:
		return STYLE_ACCENT;
	case LEDGER_POLICY:
	case LEDGER_ROSTER:
	case LEDGER_CHECKPOINT:
		return STYLE_INFO;
	default:
		return STYLE_MUTED;
	}
}
