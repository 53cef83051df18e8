/* assay roster, assay policy: what is in force, whether a draft is sound, and bringing one into force. */
#include "cli_trust.h"
#include "commands.h"

/* ---- what is in force ---- */

static void keys_print(const struct cli *c, const struct roster *r)
{
	struct listing g;
	listing_init(&g);
	listing_column(&g, "principal", "principal", GRID_LEFT);
	listing_column(&g, "name", "name", GRID_LEFT);
	listing_column(&g, "roles", "roles", GRID_LEFT);
	listing_column(&g, "users", "users", GRID_LEFT);
	listing_column(&g, "key", "key", GRID_LEFT);
	listing_column(&g, "", "state", GRID_LEFT);
	for (size_t i = 0; i < r->count; i++) {
		const struct roster_person *p = &r->people[i];
		struct str roles, users;
		str_init(&roles);
		str_init(&users);
		for (size_t k = 0; k < p->role_count; k++)
			str_addf(&roles, "%s%s", k ? "," : "", p->roles[k]);
		for (size_t k = 0; k < p->user_count; k++)
			str_addf(&users, "%s%s", k ? "," : "", p->users[k]);
		for (size_t k = 0; k < p->key_count; k++) {
			const struct roster_key *key = &p->keys[k];
			char *state = key->compromised
			                  ? xasprintf("compromised from row %lld", (long long)key->compromised)
			                  : xstrdup(key->departed ? "departed" : "");
			listing_text(&g, p->principal, GRID_PLAIN);
			listing_text(&g, p->name ? p->name : "", GRID_PLAIN);
			listing_text(&g, roles.data, GRID_PLAIN);
			listing_text(&g, users.data, GRID_PLAIN);
			listing_text(&g, key->fingerprint, GRID_MUTED);
			listing_text(&g, state, GRID_WARN);
			free(state);
		}
		str_release(&users);
		str_release(&roles);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void pending_print(const struct ledger_state *s, enum ledger_kind kind)
{
	for (size_t i = 0; i < s->pending_count; i++)
		if (s->pending[i].kind == kind)
			safe_fprintf(stderr, "waiting: sha256 %s has %d of %d signatures (since row %lld)\n",
			             s->pending[i].digest, s->pending[i].signatures, s->pending[i].needed,
			             (long long)s->pending[i].first_row);
}

/* The bytes in force, or for a roster on request as a table. */
static int show(struct cli *c, enum ledger_kind kind)
{
	struct trusted t;
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0) {
		const struct ledger_state *s = work_trust_state(t.trust);
		bool roster = kind == LEDGER_ROSTER;
		if (roster && !s->roster.count)
			status = error_set(
			    &c->err, ERR_NO,
			    "no roster is in force; `assay roster lint FILE` checks a draft, `assay roster sign FILE` "
			    "brings it into force");
		else if (roster && !cli_has(c, "text"))
			keys_print(c, &s->roster);
		else
			machine_print(roster ? s->roster.text : s->policy.text, roster ? s->roster.len : s->policy.len,
			              stdout);
		if (status == 0 && !c->quiet) {
			safe_fprintf(stderr, "sha256 %s, in force since row %lld\n",
			             roster ? s->roster.digest : s->policy.digest,
			             (long long)(roster ? s->roster_row : s->policy_row));
			pending_print(s, kind);
		}
	}
	trust_end(&t);
	return status;
}

int cmd_roster_show(struct cli *c)
{
	return show(c, LEDGER_ROSTER);
}

int cmd_policy_show(struct cli *c)
{
	return show(c, LEDGER_POLICY);
}

/* ---- drafts ---- */

enum { DRAFT_MOST = 4 << 20 };

int cmd_roster_lint(struct cli *c)
{
	struct arena *mem = arena_new();
	struct roster r;
	struct str text;
	str_init(&text);
	int status = file_read(c->args[0], &text, DRAFT_MOST, &c->err);
	if (status == 0)
		status = roster_parse(c->args[0], text.data, text.len, mem, &r, &c->err);
	if (status == 0 && !c->quiet)
		safe_fprintf(stdout, "%s is sound: %zu %s, sha256 %s\n", c->args[0], r.count,
		             r.count == 1 ? "person" : "people", r.digest);
	str_release(&text);
	arena_free(mem);
	return status;
}

int cmd_policy_lint(struct cli *c)
{
	struct arena *mem = arena_new();
	struct policy p;
	struct str text;
	str_init(&text);
	int status = file_read(c->args[0], &text, DRAFT_MOST, &c->err);
	if (status == 0)
		status = policy_parse(c->args[0], text.data, text.len, mem, &p, &c->err);
	if (status == 0 && !c->quiet)
		safe_fprintf(stdout, "%s is sound: %zu stage%s, %zu gate%s, sha256 %s\n", c->args[0], p.stage_count,
		             p.stage_count == 1 ? "" : "s", p.gate_count, p.gate_count == 1 ? "" : "s", p.digest);
	str_release(&text);
	arena_free(mem);
	return status;
}

static int sign_draft(struct cli *c, enum ledger_kind kind)
{
	struct work_decision d = {.kind = kind, .file = c->args[0], .reason = cli_get(c, "reason")};
	return decide(c, &d, true);
}

int cmd_roster_sign(struct cli *c)
{
	return sign_draft(c, LEDGER_ROSTER);
}

int cmd_policy_sign(struct cli *c)
{
	return sign_draft(c, LEDGER_POLICY);
}

/* ---- what a draft changes ---- */

static bool has_line(const char *text, size_t len, const char *line, size_t line_len)
{
	for (const char *p = text, *end = text + len; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p);
		if (n == line_len && memcmp(p, line, n) == 0)
			return true;
		p += n + 1;
	}
	return false;
}

/* Lines of one that the other lacks: order says nothing in a roster, and little in a policy. */
static size_t lines_only_in(const char *a, size_t len, const char *b, size_t b_len, char mark)
{
	size_t count = 0;
	for (const char *p = a, *end = a + len; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p);
		if (!has_line(b, b_len, p, n)) {
			safe_fprintf(stdout, "%c %.*s\n", mark, (int)n, p);
			count++;
		}
		p += n + 1;
	}
	return count;
}

/* Like diff: 0 the same, 1 not. */
static int diff(struct cli *c, enum ledger_kind kind)
{
	struct trusted t;
	struct str text;
	str_init(&text);
	int status = file_read(c->args[0], &text, DRAFT_MOST, &c->err);
	if (status != 0) {
		str_release(&text);
		return -1;
	}
	status = trust_begin(c, STORE_READ, &t);
	if (status == 0) {
		const struct ledger_state *s = work_trust_state(t.trust);
		bool roster = kind == LEDGER_ROSTER;
		const char *now = roster ? s->roster.text : s->policy.text;
		size_t len = now ? roster ? s->roster.len : s->policy.len : 0;
		lines_only_in(now, len, text.data, text.len, '-');
		lines_only_in(text.data, text.len, now, len, '+');
		status = len == text.len && (!len || memcmp(now, text.data, len) == 0) ? 0 : 1;
	}
	trust_end(&t);
	str_release(&text);
	return status;
}

int cmd_roster_diff(struct cli *c)
{
	return diff(c, LEDGER_ROSTER);
}

int cmd_policy_diff(struct cli *c)
{
	return diff(c, LEDGER_POLICY);
}
