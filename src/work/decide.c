/* From a text to a row: signed, verified, asked of every rule, appended; and what follows from it. */
#include <stdlib.h>

#include "decision.h"
#include "trust.h"

/* ---- what follows ---- */

/* "1 of 2 signatures; a risk-reviewer is still needed". */
static const char *standing(struct trust *t, const struct ledger_proposal *p, struct arena *mem)
{
	struct subject about;
	struct ledger_judgement j;
	struct str say;
	if (subject_find(t, p->text->model, p->text->version, p->text->stage, mem, &about, NULL) != 0)
		return NULL;
	ledger_judge(work_trust_state(t), p, &about.facts, &j);
	str_init(&say);
	str_addf(&say, "%d of %d signature%s", j.have, j.need, j.need == 1 ? "" : "s");
	for (size_t i = 0; i < j.roles_missing_count; i++)
		str_addf(&say, "%s%s", i ? " and a " : "; a ", j.roles_missing[i]);
	if (j.roles_missing_count)
		str_addf(&say, " is still needed");
	if (j.approved)
		str_addf(&say, ": `assay promote %lld` puts it into %s", (long long)p->row, p->text->stage);
	else if (j.have >= j.need && !j.roles_missing_count && j.block_count)
		str_addf(&say, "; %s", j.blocks[0]);
	const char *text = arena_memdup0(mem, say.data, say.len);
	str_release(&say);
	ledger_judgement_release(&j);
	return text;
}

static const char *what_follows(struct trust *t, const struct ledger_text *x, int64_t row, struct arena *mem)
{
	const struct ledger_state *s = work_trust_state(t);
	const struct ledger_proposal *p = ledger_proposal_find(s, x->kind == LEDGER_PROPOSE ? row : x->target);
	const struct ledger_stage *stage = x->stage && x->model ? ledger_stage_find(s, x->model, x->stage) : NULL;
	switch (x->kind) {
	case LEDGER_PROPOSE:
	case LEDGER_APPROVE:
	case LEDGER_WAIVE:
		return p ? standing(t, p, mem) : NULL;
	case LEDGER_REJECT:
		return "nobody can promote it until this is revoked, or another version is proposed";
	case LEDGER_PROMOTE:
	case LEDGER_ROLLBACK:
	case LEDGER_BREAK_GLASS:
		return arena_printf(mem, "version %lld of %s is in %s", (long long)x->version, x->model, x->stage);
	case LEDGER_HALT:
		return arena_printf(mem, "`assay check %s %s` says no from now on", x->model, x->stage);
	case LEDGER_RESUME:
		return stage && stage->halted ? "more signatures are needed before the stage may be used"
		                              : "the stage may be used again";
	case LEDGER_POLICY:
	case LEDGER_ROSTER: {
		const char *now = x->kind == LEDGER_ROSTER ? s->roster.digest : s->policy.digest;
		if (strcmp(now, x->subject) == 0)
			return "it is in force";
		for (size_t i = 0; i < s->pending_count; i++)
			if (s->pending[i].kind == x->kind && strcmp(s->pending[i].digest, x->subject) == 0)
				return arena_printf(mem, "%d of %d signatures of roster-admins", s->pending[i].signatures,
				                    s->pending[i].needed);
		return NULL;
	}
	default:
		return NULL;
	}
}

/* ---- receipts ---- */

static int receipt(struct trust *t, int64_t seq, bool known, struct work_receipt *out, struct error *err)
{
	struct ledger_row row;
	struct ledger_text x;
	struct ledger_signature sig = {0};
	if (decision_row(t, seq, out->mem, &row, &x, err) != 0)
		return -1;
	if (row.sig_len && ledger_signature_parse(row.sig, row.sig_len, &sig, err) != 0)
		return -1;
	out->row = seq;
	out->known = known;
	memcpy(out->link, row.link, sizeof out->link);
	sha256_hex(row.body, row.body_len, out->text_digest);
	out->fingerprint = arena_strdup(out->mem, sig.fingerprint);
	out->principal = x.signer;
	out->at = row.at;
	out->level = sig.level;
	free(sig.public_key);
	if (x.kind == LEDGER_PROMOTE || x.kind == LEDGER_ROLLBACK || x.kind == LEDGER_BREAK_GLASS) {
		const struct ledger_stage *now = ledger_stage_find(work_trust_state(t), x.model, x.stage);
		struct error why;
		if (!now || now->row != seq)
			return error_set(
			    err, ERR_NO,
			    "row %lld put version %lld of %s into %s, and since then another is there: row %lld",
			    (long long)seq, (long long)x.version, x.model, x.stage, now ? (long long)now->row : 0);
		if (stage_publish(t, &x, seq, &why) != 0) {
			out->undone = arena_strdup(out->mem, why.text);
			out->undone_code = why.code;
		}
	}
	out->then = what_follows(t, &x, seq, out->mem);
	return 0;
}

void work_receipt_release(struct work_receipt *r)
{
	arena_free(r->mem);
	*r = (struct work_receipt){0};
}

/* ---- signatures ---- */

/* A new roster or policy: sound, and there. Signing may take long, and whoever compacts the store meanwhile finds no row
 * that names it; put once more it is young, and stays until the row is there. roster: its people, who accept it. */
static int keep_document(struct trust *t, const struct ledger_text *x, struct arena *mem,
                         struct roster *roster, struct error *err)
{
	const struct ledger_objects *objects = work_trust_objects(t);
	char *path = store_object_path(work_trust_store(t), x->subject), again[SHA256_TEXT];
	const char *name = arena_printf(mem, "the new %s", ledger_kind_name(x->kind));
	struct str text;
	int status;
	str_init(&text);
	if (file_exists(path)) {
		status = objects->read(objects->user, x->subject, &text, err);
	} else {
		status =
		    error_set(err, ERR_STALE,
		              "%s sha256:%.8s… is not in the store any more: nothing named it for over an hour, and "
		              "the store was compacted; sign its draft anew",
		              name, x->subject);
	}
	if (status == 0 && x->kind == LEDGER_ROSTER) {
		status = roster_parse(name, arena_memdup0(mem, text.data, text.len), text.len, mem, roster, err);
	} else if (status == 0) {
		struct policy policy;
		status = policy_parse(name, text.data, text.len, mem, &policy, err);
	}
	if (status == 0)
		status = store_object_put(work_trust_store(t), text.data, text.len, again, err);
	str_release(&text);
	free(path);
	return status;
}

/* By the roster in force; a new roster also by its own people. draft: NULL unless the text is about one. */
static int verify(struct trust *t, const struct ledger_text *x, const struct roster *draft, const char *body,
                  size_t len, const char *sig, size_t sig_len, struct ledger_signature *out,
                  struct error *err)
{
	const struct roster *in_force = &work_trust_state(t)->roster;
	bool known = x->signer && roster_find(in_force, x->signer);
	if (known && ledger_signature_verify(body, len, sig, sig_len, in_force, x->signer, out, err) == 0)
		return 0;
	if (draft && x->signer && roster_find(draft, x->signer))
		return ledger_signature_verify(body, len, sig, sig_len, draft, x->signer, out, err);
	if (!known)
		return error_set(err, ERR_NO, "the roster in force names no %s", x->signer ? x->signer : "signer");
	return -1;
}

/* ---- appending ---- */

/* The kinds that are judged by what holds of a version now. */
static bool needs_facts(enum ledger_kind kind)
{
	switch (kind) {
	case LEDGER_APPROVE:
	case LEDGER_REJECT:
	case LEDGER_WAIVE:
	case LEDGER_PROPOSE:
	case LEDGER_PROMOTE:
	case LEDGER_ROLLBACK:
	case LEDGER_RESUME:
	case LEDGER_BREAK_GLASS:
	case LEDGER_RETRO_REVIEW:
		return true;
	default:
		return false;
	}
}

/* The kinds that say of gates that they are good enough. */
static bool stands_on_gates(enum ledger_kind kind)
{
	return kind == LEDGER_APPROVE || kind == LEDGER_WAIVE || kind == LEDGER_PROMOTE;
}

/* Every rule once more, now with the key; then the row. */
static int append(struct trust *t, const char *body, size_t len, const char *sig, size_t sig_len,
                  struct work_receipt *out, struct error *err)
{
	struct ledger *l = work_trust_ledger(t);
	struct ledger_text x;
	struct ledger_signature by = {0};
	struct subject about = {0};
	struct roster draft;
	int64_t row = 0;
	bool known = false;
	int status = -1;
	if (!l)
		return error_set(err, ERR_STORE, "the store cannot be written, so nothing can be decided in it");
	if (ledger_text_parse(body, len, out->mem, &x, err) != 0)
		return -1;
	if (!ledger_kind_is_decision(x.kind))
		return error_set(err, ERR_USAGE, "a %s is written by the program alone", ledger_kind_name(x.kind));
	if (strcmp(x.store, store_id(work_trust_store(t))) != 0)
		return error_set(err, ERR_TAMPER, "this text was made for another store (%.8s…)", x.store);
	if (work_trust_refresh(t, NULL, err) != 0)
		return -1;
	bool roster = x.kind == LEDGER_ROSTER, facts = needs_facts(x.kind) || roster;
	if ((roster || x.kind == LEDGER_POLICY) && keep_document(t, &x, out->mem, &draft, err) != 0)
		return -1;
	if (sig_len && verify(t, &x, roster ? &draft : NULL, body, len, sig, sig_len, &by, err) != 0)
		return -1;
	/* The very same text again is answered by its row, whatever the rules would say of it today. */
	if (decision_by_request(t, x.request, out->mem, &row, NULL, err) != 0)
		goto out;
	if (!row) {
		int64_t since = 0;
		if (ledger_since(l, &x, &since, err) != 0)
			goto out;
		if (since) {
			error_set(err, ERR_STALE,
			          "row %lld came after this text was made, and is about the same: look again",
			          (long long)since);
			goto out;
		}
		if (roster)
			about.facts = (struct ledger_facts){.draft = &draft, .now = time_now_ms()};
		else if (facts && subject_find(t, x.model, x.version, x.stage, out->mem, &about, err) != 0)
			goto out;
		if (stands_on_gates(x.kind) && (launcher_confirm(t, &about.version, out->mem, err) != 0 ||
		                                gates_confirm(t, &about.version, x.stage, out->mem, err) != 0))
			goto out;
		if (ledger_may(work_trust_state(t), &x, sig_len ? &by : NULL, facts ? &about.facts : NULL, err) != 0)
			goto out;
	}
	if (ledger_append(l, body, len, sig, sig_len, &row, &known, err) != 0)
		goto out;
	if (work_trust_refresh(t, NULL, err) != 0) {
		error_prefix(err, "row %lld is written, but", (long long)row);
		goto out;
	}
	status = receipt(t, row, known, out, err);
out:
	free(by.public_key);
	return status;
}

int work_decide_signed(struct trust *t, const char *text, size_t len, const char *sig, size_t sig_len,
                       struct work_receipt *out, struct error *err)
{
	*out = (struct work_receipt){.mem = arena_new()};
	int status = sig_len ? append(t, text, len, sig, sig_len, out, err)
	                     : error_set(err, ERR_TAMPER, "the signature is empty");
	if (status != 0)
		work_receipt_release(out);
	return status;
}

int work_decide(struct trust *t, const struct work_draft *draft, const struct work_person *who,
                const struct work_signer *by, struct work_receipt *out, struct error *err)
{
	if (draft->row) {
		*out = (struct work_receipt){.mem = arena_new()};
		int status = receipt(t, draft->row, true, out, err);
		if (status != 0)
			work_receipt_release(out);
		return status;
	}
	struct ledger_signer signer = {
	    .key_file = who->key_file,
	    .public_key = who->public_key,
	    .cancel = by->cancel,
	    .terminal = by->terminal,
	};
	struct str sig;
	str_init(&sig);
	int status = ledger_sign(draft->text.data, draft->text.len, &signer, &sig, err);
	if (status == 0)
		status = work_decide_signed(t, draft->text.data, draft->text.len, sig.data, sig.len, out, err);
	str_release(&sig);
	return status;
}

int work_halt_unsigned(struct trust *t, const char *model, const char *stage, const char *reason,
                       struct work_receipt *out, struct error *err)
{
	struct str text;
	*out = (struct work_receipt){.mem = arena_new()};
	str_init(&text);
	int status = draft_halt_unsigned(t, model, stage, reason, out->mem, &text, err);
	if (status == 0)
		status = append(t, text.data, text.len, "", 0, out, err);
	str_release(&text);
	if (status != 0)
		work_receipt_release(out);
	return status;
}
