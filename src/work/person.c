/* Who signs: from a key to the person whom the roster ties to it. A private key is never opened here:
 * ssh-keygen tells its fingerprint. */
#include <stdlib.h>

#include "decision.h"

/* [sign] key = FILE of the person's own config.ini. */
struct configured {
	struct arena *mem;
	const char *key;
};

static int take_configured(void *user, const char *section, const char *key, const char *value, int line,
                           struct error *err)
{
	struct configured *c = user;
	(void)line;
	if (strcmp(section, "sign") != 0)
		return 0; /* other sections are another's business */
	if (strcmp(key, "key") != 0)
		return error_set(err, ERR_USAGE, "[sign] has no key \"%s\"; it has: key", key);
	c->key = arena_strdup(c->mem, value);
	return 0;
}

static int configured_key(struct arena *mem, const char **key, struct error *err)
{
	char *path = xdg_config_path("config.ini");
	struct configured c = {.mem = mem};
	int status = file_exists(path) ? ini_read(path, take_configured, &c, err) : 0;
	const char *home = getenv("HOME");
	*key = c.key;
	if (c.key && strncmp(c.key, "~/", 2) == 0 && home)
		*key = arena_printf(mem, "%s/%s", home, c.key + 2);
	free(path);
	return status;
}

/* The second word of "256 SHA256:… comment (ED25519)". */
static int fingerprint_of(const char *file, struct arena *mem, const char **fingerprint, struct error *err)
{
	enum { TIMEOUT_MS = 10000, MOST = 1 << 14 };
	const char *const argv[] = {"ssh-keygen", "-l", "-E", "sha256", "-f", file, NULL};
	struct str out, said;
	int wait = 0, status = -1;
	str_init(&out);
	str_init(&said);
	if (!file_exists(file)) {
		error_set(err, ERR_ENV, "there is no key file %s", file);
		goto out;
	}
	if (child_capture(argv, NULL, TIMEOUT_MS, MOST, &out, &said, &wait, err) != 0)
		goto out;
	const char *word = strstr(out.data, " SHA256:");
	size_t len = word ? strcspn(word + 1, " \n") : 0;
	if (wait != 0 || !word || strcspn(out.data, "\n") < (size_t)(word - out.data)) {
		str_cut(&said, strcspn(said.data, "\r\n"));
		error_set(err, ERR_ENV, "%s is no key that ssh-keygen can read: %s", file, said.data);
		goto out;
	}
	*fingerprint = arena_memdup0(mem, word + 1, len);
	status = 0;
out:
	str_release(&out);
	str_release(&said);
	return status;
}

static const struct roster_person *by_fingerprint(const struct roster *r, const char *fingerprint,
                                                  const struct roster_key **key)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->people[i].key_count; k++)
			if (strcmp(r->people[i].keys[k].fingerprint, fingerprint) == 0) {
				*key = &r->people[i].keys[k];
				return &r->people[i];
			}
	return NULL;
}

static void take(const struct roster_person *p, const struct roster_key *key, const char *file,
                 struct arena *mem, struct work_person *out)
{
	const char **roles = arena_array(mem, p->role_count + 1, sizeof *roles);
	for (size_t i = 0; i < p->role_count; i++)
		roles[i] = arena_strdup(mem, p->roles[i]);
	*out = (struct work_person){
	    .principal = arena_strdup(mem, p->principal),
	    .name = arena_strdup(mem, p->name),
	    .public_key = arena_printf(mem, "%s %s", key->type, key->blob),
	    .key_file = arena_strdup(mem, file),
	    .fingerprint = arena_strdup(mem, key->fingerprint),
	    .roles = roles,
	    .role_count = p->role_count,
	};
}

/* Among rosters: the one in force, and the draft that is to be accepted. */
struct rosters {
	const struct roster *all[2];
	size_t count;
};

static int from_file(const struct rosters *in, const char *file, struct arena *mem, struct work_person *out,
                     struct error *err)
{
	const char *fingerprint = "";
	if (fingerprint_of(file, mem, &fingerprint, err) != 0)
		return -1;
	for (size_t i = 0; i < in->count; i++) {
		const struct roster_key *key;
		const struct roster_person *p = by_fingerprint(in->all[i], fingerprint, &key);
		if (p) {
			take(p, key, file, mem, out);
			return 0;
		}
	}
	return error_set(
	    err, ERR_NO,
	    "the roster does not name the key %s (%s): a roster-admin adds its line, and `assay roster "
	    "sign FILE` brings the roster into force",
	    fingerprint, file);
}

/* The only key of the agent that stands in a roster (under the principal, if one was asked for). */
static int from_agent(const struct rosters *in, const char *principal, struct arena *mem,
                      struct work_person *out, struct error *err)
{
	const char **keys = NULL;
	size_t count = 0, hits = 0;
	if (ledger_agent_keys(mem, &keys, &count, err) != 0)
		return error_prefix(err, "no key was named (--key FILE, ASSAY_KEY, [sign] key in config.ini), and");
	for (size_t k = 0; k < count; k++) {
		const char *blank = strchr(keys[k], ' ');
		for (size_t i = 0; blank && i < in->count; i++) {
			const struct roster_key *key;
			const struct roster_person *p = roster_of_key(in->all[i], blank + 1, &key);
			if (!p || (principal && strcmp(p->principal, principal) != 0))
				continue;
			hits++;
			take(p, key, NULL, mem, out);
			break;
		}
	}
	if (hits == 1)
		return 0;
	if (hits > 1)
		return error_set(err, ERR_ENV,
		                 "the agent holds %zu keys that the roster names: say which one with --key FILE.pub",
		                 hits);
	return error_set(
	    err, ERR_ENV,
	    "the agent holds %zu key%s, and the roster names none of them%s%s: `ssh-add FILE`, or --key FILE",
	    count, count == 1 ? "" : "s", principal ? " under " : "", principal ? principal : "");
}

int work_signing_person(struct trust *t, const struct work_signer *by, struct arena *mem,
                        struct work_person *out, struct error *err)
{
	const struct ledger_state *s = work_trust_state(t);
	struct rosters in = {0};
	struct roster draft;
	const char *file = by->key;
	if (s->roster.count)
		in.all[in.count++] = &s->roster;
	if (by->draft) {
		struct str text;
		str_init(&text);
		int status = file_read(by->draft, &text, LEDGER_TEXT_MAX, err);
		if (status == 0)
			status =
			    roster_parse(by->draft, arena_memdup0(mem, text.data, text.len), text.len, mem, &draft, err);
		str_release(&text);
		if (status != 0)
			return -1;
		in.all[in.count++] = &draft;
	}
	if (!in.count)
		return error_set(
		    err, ERR_NO,
		    "no roster is in force, so nobody can sign yet: draft one and bring it into force with "
		    "`assay roster sign FILE`");
	if (!file) {
		file = getenv("ASSAY_KEY");
		file = file && *file ? file : NULL;
	}
	if (!file && configured_key(mem, &file, err) != 0)
		return -1;
	if ((file ? from_file(&in, file, mem, out, err) : from_agent(&in, by->principal, mem, out, err)) != 0)
		return -1;
	if (by->principal && strcmp(by->principal, out->principal) != 0)
		return error_set(err, ERR_NO, "the key %s is %s's, not %s's", out->fingerprint, out->principal,
		                 by->principal);
	return 0;
}

int work_person_find(struct trust *t, const char *principal, struct arena *mem, struct work_person *out,
                     struct error *err)
{
	const struct roster *r = &work_trust_state(t)->roster;
	const struct roster_person *p = roster_find(r, principal);
	if (p && p->key_count) {
		take(p, &p->keys[0], NULL, mem, out);
		return 0;
	}
	const char **names = arena_array(mem, r->count + 1, sizeof *names);
	for (size_t i = 0; i < r->count; i++)
		names[i] = r->people[i].principal;
	const char *near = name_nearest(principal, names, r->count);
	return error_set(err, ERR_NO, "the roster in force names no %s%s%s%s", principal,
	                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}
