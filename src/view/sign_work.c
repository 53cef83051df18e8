/* Signing, on the writer's thread. What is handed over is copied: the view may be gone before the answer. */
#include <string.h>

#include "sign.h"
#include "view_inside.h"

struct work_person sign_person_copy(const struct work_person *p, struct arena *mem)
{
	struct work_person to = *p;
	const char **roles = arena_array(mem, p->role_count + 1, sizeof *roles);

	for (size_t i = 0; i < p->role_count; i++)
		roles[i] = arena_strdup(mem, p->roles[i]);
	to.principal = arena_strdup(mem, p->principal);
	to.name = arena_strdup(mem, p->name);
	to.public_key = arena_strdup(mem, p->public_key);
	to.key_file = arena_strdup(mem, p->key_file);
	to.fingerprint = arena_strdup(mem, p->fingerprint);
	to.roles = roles;
	return to;
}

struct work_decision sign_decision_copy(const struct work_decision *d, struct arena *mem)
{
	struct work_decision to = *d;

	to.model = arena_strdup(mem, d->model);
	to.stage = arena_strdup(mem, d->stage);
	to.gate = arena_strdup(mem, d->gate);
	to.incident = arena_strdup(mem, d->incident);
	to.file = arena_strdup(mem, d->file);
	to.role = arena_strdup(mem, d->role);
	to.reason = arena_strdup(mem, d->reason);
	to.request = arena_strdup(mem, d->request);
	return to;
}

static int find_person(struct desk *desk, struct arena *arena, struct trust **t, struct work_person *out,
                       struct error *err)
{
	struct work_signer by = {0};

	return view_desk_trust(desk, t, err) != 0 || work_signing_person(*t, &by, arena, out, err) != 0 ? -1 : 0;
}

int view_sign_who(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct sign_who *who = arena_alloc(arena, sizeof *who);
	struct trust *t;

	(void)arg;
	if (find_person(context, arena, &t, &who->person, err) != 0)
		return -1;
	who->person = sign_person_copy(&who->person, arena);
	*result = who;
	return 0;
}

int view_sign_draft(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct sign_draft_ask *ask = arg;
	struct sign_drafted *out = arena_alloc(arena, sizeof *out);
	struct work_draft draft;
	struct trust *t;

	if (find_person(context, arena, &t, &out->person, err) != 0 ||
	    work_draft(t, &ask->decision, &out->person, &draft, err) != 0)
		return -1;
	out->text = arena_memdup0(arena, draft.text.data, draft.text.len);
	out->len = draft.text.len;
	out->row = draft.row;
	memcpy(out->digest, draft.digest, sizeof out->digest);
	out->person = sign_person_copy(&out->person, arena);
	work_draft_release(&draft);
	*result = out;
	return 0;
}

int view_sign_decide(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct sign_decide_ask *ask = arg;
	struct sign_receipt *out = arena_alloc(arena, sizeof *out);
	struct work_signer by = {.key = ask->person.key_file, .cancel = ask->cancel};
	struct work_draft draft = {.row = ask->row, .mem = arena};
	struct work_receipt receipt = {0};
	struct trust *t;
	int status;

	/* Exactly the bytes that were shown. */
	if (view_desk_trust(context, &t, err) != 0 ||
	    ledger_text_parse(ask->text, ask->len, arena, &draft.parsed, err) != 0)
		return -1;
	str_init(&draft.text);
	str_add(&draft.text, ask->text, ask->len);
	sha256_hex(draft.text.data, draft.text.len, draft.digest);
	status =
	    strcmp(draft.digest, ask->digest) != 0
	        ? error_set(err, ERR_TAMPER, "the text is not the one whose digest was shown; nothing was signed")
	        : work_decide(t, &draft, &ask->person, &by, &receipt, err);
	str_release(&draft.text);
	if (status != 0)
		return -1;
	out->receipt = receipt;
	out->receipt.fingerprint = arena_strdup(arena, receipt.fingerprint);
	out->receipt.principal = arena_strdup(arena, receipt.principal);
	out->receipt.at = arena_strdup(arena, receipt.at);
	out->receipt.then = arena_strdup(arena, receipt.then);
	out->receipt.undone = arena_strdup(arena, receipt.undone);
	out->receipt.mem = NULL;
	work_receipt_release(&receipt);
	*result = out;
	return 0;
}
