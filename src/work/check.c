/* What deployment asks of a stage: may it be used, and are its files what was signed? */
#include <stdlib.h>
#include <sys/stat.h>

#include "decision.h"
#include "trust.h"

static void reason(struct work_checked *c, enum error_code code, const char *text)
{
	const char **more = arena_array(c->mem, c->reason_count + 1, sizeof *more);
	if (c->reason_count)
		memcpy(more, c->reasons, c->reason_count * sizeof *more);
	more[c->reason_count++] = text;
	c->reasons = more;
	c->pass = false;
	/* Tampering outweighs a no. */
	if (!c->code || code == ERR_TAMPER)
		c->code = code;
}

static void warning(struct work_checked *c, const char *text)
{
	const char **more = arena_array(c->mem, c->warning_count + 1, sizeof *more);
	if (c->warning_count)
		memcpy(more, c->warnings, c->warning_count * sizeof *more);
	more[c->warning_count++] = text;
	c->warnings = more;
}

static const struct manifest_file *file_of(const struct manifest_file *files, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

/* The folder must hold the version's files and nothing else; of a bundle, its files/. */
static int check_folder(struct work_checked *c, const char *dir, struct error *err)
{
	struct manifest_file *there = NULL;
	size_t count = 0;
	struct error why;
	struct stat st;
	char *inside = path_join(dir, "files"), *manifest = path_join(dir, "manifest");
	bool bundle = file_exists(manifest) && stat(inside, &st) == 0 && S_ISDIR(st.st_mode) &&
	              !file_of(c->version.files, c->version.file_count, "manifest");
	int status = manifest_of_folder(bundle ? inside : dir, c->mem, &there, &count, &why);
	free(manifest);
	free(inside);
	if (status != 0) {
		if (why.code == ERR_TAMPER)
			reason(c, ERR_TAMPER, arena_strdup(c->mem, why.text));
		else if (err)
			*err = why;
		return why.code == ERR_TAMPER ? 0 : -1;
	}
	for (size_t i = 0; i < c->version.file_count; i++) {
		const struct manifest_file *want = &c->version.files[i], *is = file_of(there, count, want->path);
		if (!is)
			reason(c, ERR_TAMPER, arena_printf(c->mem, "%s is not in %s", want->path, dir));
		else if (strcmp(is->digest, want->digest) != 0)
			reason(c, ERR_TAMPER,
			       arena_printf(c->mem, "%s in %s is not what was signed: its SHA-256 is %.12s…, not %.12s…",
			                    want->path, dir, is->digest, want->digest));
	}
	for (size_t i = 0; i < count; i++)
		if (!file_of(c->version.files, c->version.file_count, there[i].path))
			reason(c, ERR_TAMPER,
			       arena_printf(c->mem, "%s in %s belongs to no file of the version", there[i].path, dir));
	return 0;
}

const char *halt_owed(const struct ledger_state *s, const char *model, const char *stage, struct arena *mem)
{
	enum { DAY_MS = 24 * 60 * 60 * 1000 };
	const struct ledger_stage *at = ledger_stage_find(s, model, stage);
	char since[TIME_TEXT];
	if (!at || !at->halted || !at->halt_unsigned)
		return NULL;
	int64_t now = time_now_ms();
	return arena_printf(
	    mem,
	    "nobody has signed the halt of %s in row %lld; %s since %s: `assay halt %s %s --reason TEXT` "
	    "signs it",
	    stage, (long long)at->halt_row,
	    now - at->halt_at > DAY_MS ? "its signature is overdue, 24 hours and more"
	                               : "its signature is owed within 24 hours",
	    time_rfc3339(at->halt_at, since), model, stage);
}

/* The proposal that put the version there, or came before the rollback that did. */
static const struct ledger_proposal *proposal_of(const struct ledger_state *s, const struct ledger_stage *at)
{
	const struct ledger_move *m = ledger_move_find(s, at->row);
	return m && m->proposal ? ledger_proposal_find(s, m->proposal) : NULL;
}

int work_check(struct trust *t, const char *model, const char *stage, const char *dir,
               struct work_checked *out, struct error *err)
{
	*out = (struct work_checked){.pass = true, .mem = arena_new()};
	struct error why;
	struct subject about;
	const char *problem = NULL;
	if (work_trust_refresh(t, NULL, err) != 0)
		goto failed;
	const struct ledger_state *s = work_trust_state(t);
	const struct ledger_stage *at = ledger_stage_find(s, model, stage);
	/* A mistyped name is another thing than an empty stage. */
	if (!at && work_version_find(t, model, out->mem, &out->version, err) != 0)
		goto failed;
	if (!at && !policy_stage_find(&s->policy, stage)) {
		error_set(err, ERR_NO, "the policy in force has no stage \"%s\"", stage);
		goto failed;
	}
	out->version = (struct work_version){0};
	int64_t now = time_now_ms();
	if (ledger_may_use(s, model, stage, now, &why) != 0)
		reason(out, why.code, arena_strdup(out->mem, why.text));
	const char *owed = halt_owed(s, model, stage, out->mem);
	if (owed)
		warning(out, owed);
	if (!at || !at->version)
		return 0;
	if (subject_find(t, model, at->version, stage, out->mem, &about, err) != 0)
		goto failed;
	out->version = about.version;
	if (work_version_intact(t, &out->version, out->mem, &problem, err) != 0)
		goto failed;
	if (problem)
		reason(out, ERR_TAMPER, problem);
	if (dir && check_folder(out, dir, err) != 0)
		goto failed;
	const struct ledger_proposal *p = proposal_of(s, at);
	if (p)
		judge_proposal(s, p, &about.facts, &out->judgement);
	if (at->by_break_glass)
		warning(out,
		        "the version was put there by break-glass, without the approvals that the policy asks for");
	if (at->review_by && now > at->review_by) {
		char when[TIME_TEXT];
		warning(out, arena_printf(out->mem, "the version was to be reviewed again by %s",
		                          time_rfc3339(at->review_by, when)));
	}
	return 0;
failed:
	work_checked_release(out);
	return -1;
}

void work_checked_release(struct work_checked *c)
{
	ledger_judgement_release(&c->judgement);
	arena_free(c->mem);
	*c = (struct work_checked){0};
}
