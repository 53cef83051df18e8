/* The roster: who may sign, with which keys, in which roles. An allowed_signers file, read strictly. */
#include <string.h>

#include "internal.h"
#include "key.h"

static const char *const all_roles[ROSTER_ROLES] = {
    "owner", "risk-reviewer", "fairness-reviewer", "peer", "operator", "roster-admin", "auditor"};
static const char *const comment_keys[] = {"roles", "user", "name", "departed", "compromised"};
enum { ROSTER_TEXT_MAX = 1 << 20 };

static const char namespaces[] = "namespaces=\"" LEDGER_NAMESPACE "\"";

struct reader {
	const char *file;
	int line;
	struct arena *mem;
	struct roster *out;
	size_t people_cap;
	struct error *err;
};

/* One line, taken apart. */
struct entry {
	char *principal, *type, *blob;
	char *values[COUNT_OF(comment_keys)]; /* NULL: not there */
};
enum { C_ROLES, C_USER, C_NAME, C_DEPARTED, C_COMPROMISED };

static int refuse(struct reader *r, const char *format, ...) PRINTF_LIKE(2, 3);
static int refuse(struct reader *r, const char *format, ...)
{
	struct str s;
	va_list args;

	str_init(&s);
	va_start(args, format);
	str_addvf(&s, format, args);
	va_end(args);
	error_set(r->err, ERR_USAGE, "%s:%d: %s", r->file, r->line, s.data);
	str_release(&s);
	return -1;
}

/* Cuts the next word off *p at any of `stops`; NULL at the end. The text is changed. */
static char *next_word(char **p, const char *stops)
{
	char *word = *p + strspn(*p, stops), *end = word + strcspn(word, stops);

	if (!*word)
		return NULL;
	*p = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* The next piece up to `stop`, which may be empty; NULL after the last. */
static char *next_piece(char **p, char stop)
{
	char *piece = *p, *end;

	if (!piece)
		return NULL;
	end = strchr(piece, stop);
	*p = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return piece;
}

/* %XX undone; NULL if it does not come out as plain, visible UTF-8. */
static const char *decode(struct arena *mem, const char *text)
{
	const char *out = text_decode(text, strlen(text), mem);

	return out && *out && text_is_plain(out, strlen(out)) ? out : NULL;
}

static bool plain_principal(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-";

	/* ssh-keygen gets it as an argument: it must not look like an option. */
	return *s != '-' && s[strspn(s, allowed)] == '\0' && strlen(s) <= 128;
}

static int read_comment(struct reader *r, char *comment, struct entry *e)
{
	for (char *piece; (piece = next_piece(&comment, ';'));) {
		char *value = strchr(piece, '=');
		size_t key = 0;

		if (value)
			*value++ = '\0';
		while (key < COUNT_OF(comment_keys) && strcmp(piece, comment_keys[key]))
			key++;
		if (key == COUNT_OF(comment_keys)) {
			const char *near = name_nearest(piece, comment_keys, COUNT_OF(comment_keys));

			return refuse(r, "\"%s\" is not a key of a roster's comment%s%s%s", piece,
			              near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
		}
		if (e->values[key])
			return refuse(r, "%s= stands twice", piece);
		if (!value || !*value)
			return refuse(r, "%s= has no value", piece);
		e->values[key] = value;
	}
	return 0;
}

/* principal options type blob comment, by blanks. */
static int split_line(struct reader *r, char *line, struct entry *e)
{
	char *p = line, *word, *comment;

	e->principal = next_word(&p, " \t");
	if (!e->principal)
		return refuse(r, "the principal is missing");
	if (strpbrk(e->principal, "*?!"))
		return refuse(r, "\"%s\" is a pattern: name one person a line", e->principal);
	if (strchr(e->principal, ','))
		return refuse(r, "\"%s\": one principal a line", e->principal);
	if (!plain_principal(e->principal))
		return refuse(r, "the principal may hold letters, digits and . _ @ + - of ASCII only");
	word = next_word(&p, " \t");
	if (word && !strncmp(word, "cert-authority", 14))
		return refuse(r, "cert-authority is not allowed: name each key");
	if (!word || strcmp(word, namespaces))
		return refuse(r, "after the principal comes %s and no other option", namespaces);
	e->type = next_word(&p, " \t");
	e->blob = e->type ? next_word(&p, " \t") : NULL;
	if (!e->blob)
		return refuse(r, "%s has no public key (TYPE BASE64)", e->principal);
	comment = next_word(&p, " \t");
	if (!comment)
		return refuse(r, "%s has no roles= after the key", e->principal);
	if (next_word(&p, " \t"))
		return refuse(r, "the comment holds a blank: write it as %%20");
	return read_comment(r, comment, e);
}

static int read_roles(struct reader *r, char *list, struct roster_person *p)
{
	p->roles = arena_array(r->mem, ROSTER_ROLES, sizeof *p->roles);
	for (char *role; (role = next_piece(&list, ','));) {
		size_t i = 0;

		while (i < ROSTER_ROLES && strcmp(role, all_roles[i]))
			i++;
		if (i == ROSTER_ROLES) {
			const char *near = name_nearest(role, all_roles, ROSTER_ROLES);

			return refuse(r, "\"%s\" is not a role%s%s%s", role, near ? " (did you mean \"" : "",
			              near ? near : "", near ? "\"?)" : "");
		}
		if (roster_has_role(p, role))
			return refuse(r, "role %s stands twice", role);
		p->roles[p->role_count++] = all_roles[i];
	}
	return 0;
}

static int read_users(struct reader *r, char *list, struct roster_person *p)
{
	size_t most = 1;

	for (const char *c = list; *c; c++)
		most += *c == ',';
	p->users = arena_array(r->mem, most, sizeof *p->users);
	for (char *piece; (piece = next_piece(&list, ','));) {
		const char *user = decode(r->mem, piece), *at = user ? strchr(user, '@') : NULL;
		const struct roster_person *other;

		if (!at || at == user || !at[1])
			return refuse(r, "user=%s is not LOGIN@HOST", piece);
		/* Two people behind one login would leave open who made what. */
		other = roster_of_user(r->out, user);
		if (other)
			return refuse(r, "user %s belongs to %s already", piece, other->principal);
		for (size_t i = 0; i < p->user_count; i++)
			if (!strcmp(p->users[i], user))
				return refuse(r, "user %s stands twice", piece);
		p->users[p->user_count++] = user;
	}
	return 0;
}

static bool same_words(const char **a, size_t a_count, const char **b, size_t b_count)
{
	size_t found = 0;

	for (size_t i = 0; i < a_count; i++)
		for (size_t j = 0; j < b_count; j++)
			found += !strcmp(a[i], b[j]);
	return a_count == b_count && found == a_count;
}

static struct roster_person *person(struct reader *r, const char *principal)
{
	for (size_t i = 0; i < r->out->count; i++)
		if (!strcmp(r->out->people[i].principal, principal))
			return &r->out->people[i];
	return NULL;
}

/* The person of a line: a new one, or one whose other key stands further up with the same words; NULL if not.
 */
static struct roster_person *read_person(struct reader *r, struct entry *e)
{
	struct roster_person p = {.principal = arena_strdup(r->mem, e->principal)};
	struct roster_person *known = person(r, e->principal);
	const size_t users = known ? known->user_count : 0;

	if (!e->values[C_ROLES]) {
		refuse(r, "%s has no roles=", e->principal);
		return NULL;
	}
	p.name = e->values[C_NAME] ? decode(r->mem, e->values[C_NAME]) : p.principal;
	if (!p.name) {
		refuse(r, "name= is not text in UTF-8 with %%XX for everything but letters and digits");
		return NULL;
	}
	/* Their own logins are no one else's. */
	if (known)
		known->user_count = 0;
	if (read_roles(r, e->values[C_ROLES], &p) || (e->values[C_USER] && read_users(r, e->values[C_USER], &p)))
		return NULL;
	if (known) {
		known->user_count = users;
		if (same_words(p.roles, p.role_count, known->roles, known->role_count) &&
		    same_words(p.users, p.user_count, known->users, users) && !strcmp(p.name, known->name))
			return known;
		refuse(r, "%s has other roles, users or another name than in line %d", e->principal,
		       known->keys[0].line);
		return NULL;
	}
	if (r->out->count == r->people_cap) {
		struct roster_person *more;

		r->people_cap = r->people_cap ? r->people_cap * 2 : 8;
		more = arena_array(r->mem, r->people_cap, sizeof *more);
		if (r->out->count)
			memcpy(more, r->out->people, r->out->count * sizeof *more);
		r->out->people = more;
	}
	r->out->people[r->out->count] = p;
	return &r->out->people[r->out->count++];
}

static int add_line(struct reader *r, char *line)
{
	struct entry e = {0};
	struct roster_key key = {.line = r->line}, *keys;
	const struct roster_key *other;
	const struct roster_person *owner;
	struct roster_person *p;
	const char *fault;

	if (split_line(r, line, &e))
		return -1;
	fault = key_fault(e.type, e.blob, key.fingerprint);
	if (fault)
		return refuse(r, "the key of %s %s", e.principal, fault);
	owner = roster_of_key(r->out, e.blob, &other);
	if (owner)
		return refuse(r, "the key %s stands in line %d already, under %s", key.fingerprint, other->line,
		              owner->principal);
	if (e.values[C_DEPARTED]) {
		if (strcmp(e.values[C_DEPARTED], "yes"))
			return refuse(r, "departed= can only be yes");
		key.departed = true;
	}
	if (e.values[C_COMPROMISED] &&
	    (!int_parse(e.values[C_COMPROMISED], strlen(e.values[C_COMPROMISED]), &key.compromised) ||
	     key.compromised < 1))
		return refuse(r, "compromised=%s is not the number of a row of the ledger", e.values[C_COMPROMISED]);
	p = read_person(r, &e);
	if (!p)
		return -1;
	key.type = arena_strdup(r->mem, e.type);
	key.blob = arena_strdup(r->mem, e.blob);
	keys = arena_array(r->mem, p->key_count + 1, sizeof *keys);
	if (p->key_count)
		memcpy(keys, p->keys, p->key_count * sizeof *keys);
	keys[p->key_count++] = key;
	p->keys = keys;
	return 0;
}

int roster_parse(const char *file, const char *text, size_t len, struct arena *mem, struct roster *out,
                 struct error *err)
{
	struct reader r = {.file = file, .mem = mem, .out = out, .err = err};
	size_t admins = 0;

	*out = (struct roster){.text = arena_memdup0(mem, text, len), .len = len};
	if (len > ROSTER_TEXT_MAX)
		return error_set(err, ERR_USAGE, "%s is larger than 1 MiB: that is no roster", file);
	sha256_hex(text, len, out->digest);
	for (const char *p = out->text, *end = p + len, *stop; p < end; p = stop + 1) {
		char *line;
		size_t n;

		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		n = (size_t)(stop - p);
		r.line++;
		line = arena_memdup0(mem, p, n);
		if (line[strspn(line, " \t")] == '#' && strlen(line) == n)
			continue;
		for (size_t i = 0; i < n; i++)
			if (line[i] != '\t' && (line[i] < 0x20 || line[i] > 0x7E))
				return refuse(
				    &r, "column %zu: byte 0x%02x: a roster is plain ASCII (names go into name=, with %%XX)",
				    i + 1, (unsigned)(unsigned char)line[i]);
		if (line[strspn(line, " \t")] && add_line(&r, line))
			return -1;
	}
	for (size_t i = 0; i < out->count; i++)
		admins += roster_has_role(&out->people[i], "roster-admin");
	if (!admins)
		return error_set(err, ERR_USAGE, "%s names nobody as roster-admin: nobody could ever change it",
		                 file);
	return 0;
}

const struct roster_person *roster_find(const struct roster *r, const char *principal)
{
	for (size_t i = 0; principal && i < r->count; i++)
		if (!strcmp(r->people[i].principal, principal))
			return &r->people[i];
	return NULL;
}

const struct roster_person *roster_of_user(const struct roster *r, const char *user_at_host)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t j = 0; j < r->people[i].user_count; j++)
			if (!strcmp(r->people[i].users[j], user_at_host))
				return &r->people[i];
	return NULL;
}

const struct roster_person *roster_of_key(const struct roster *r, const char *blob,
                                          const struct roster_key **key)
{
	for (size_t i = 0; blob && i < r->count; i++)
		for (size_t j = 0; j < r->people[i].key_count; j++)
			if (!strcmp(r->people[i].keys[j].blob, blob)) {
				if (key)
					*key = &r->people[i].keys[j];
				return &r->people[i];
			}
	return NULL;
}

bool roster_has_role(const struct roster_person *p, const char *role)
{
	for (size_t i = 0; i < p->role_count; i++)
		if (!strcmp(p->roles[i], role))
			return true;
	return false;
}
