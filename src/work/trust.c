/* A store together with its ledger: made, opened, looked at again. */
#include <strings.h>
#include <unistd.h>

#include "trust.h"

/* ---- people ---- */

void work_user(char *out, size_t size)
{
	char login[WORK_PERSON], host[256] = "";
	if (gethostname(host, sizeof host - 1) != 0)
		snprintf(host, sizeof host, "localhost");
	snprintf(out, size, "%s@%s", user_name(login, sizeof login), host);
}

/* ---- objects ---- */

int trust_read_object(void *user, const char *digest, struct str *out, struct error *err)
{
	struct store *store = user;
	char *path = store_object_path(store, digest);
	int status = 0;
	if (!file_exists(path))
		status = error_set(err, ERR_TAMPER,
		                   "the object %.12s… is missing: restore %s from a backup (its name is its SHA-256)",
		                   digest, path);
	free(path);
	return status == 0 ? store_object_read(store, digest, out, 0, err) : -1;
}

/* ---- making a ledger ---- */

/* Set once a store has a ledger: from then on a ledger that is gone is not a store that never had one. */
static const char HAS_LEDGER[] = "ledger";

static int remember(struct store *store, struct error *err)
{
	bool known;
	struct str value;
	str_init(&value);
	int status = store_about_get(store, HAS_LEDGER, &value, &known, err);
	if (status == 0 && !known)
		status = store_about_put(store, HAS_LEDGER, "1", err);
	str_release(&value);
	return status;
}

/* The texts that the first row names must be there before it: they are put into objects/ first. */
static int make_ledger(struct store *store, const struct str *roster, struct error *err)
{
	char policy[SHA256_TEXT], people[SHA256_TEXT] = "";
	if (store_object_put(store, POLICY_DEFAULT, strlen(POLICY_DEFAULT), policy, err) != 0 ||
	    (roster && store_object_put(store, roster->data, roster->len, people, err) != 0) ||
	    ledger_create(store_path(store), store_id(store), people, policy, err) != 0)
		return -1;
	return remember(store, err);
}

static bool ledger_is_there(struct store *store)
{
	char *file = path_join(store_path(store), "ledger.db");
	bool there = file_exists(file);
	free(file);
	return there;
}

/* A store without a ledger never had one, or has lost it. */
static int never_had_one(struct store *store, struct error *err)
{
	bool had;
	struct str value;
	str_init(&value);
	int status = store_about_get(store, HAS_LEDGER, &value, &had, err);
	str_release(&value);
	if (status == 0 && had)
		status = error_set(err, ERR_TAMPER,
		                   "%s/ledger.db, which holds every decision, is gone: restore it from a backup",
		                   store_path(store));
	return status;
}

/* ---- opening ---- */

int trust_open_ledger(struct store *store, struct ledger **out, struct error *err)
{
	*out = NULL;
	return ledger_is_there(store) ? ledger_open(out, store_path(store), false, err)
	                              : never_had_one(store, err);
}

/* What a ledger says that nobody has made yet: its first row, in memory. */
static int replay_nothing(struct trust *t, struct ledger_state **out, struct error *err)
{
	char at[TIME_TEXT];
	struct str body;
	struct ledger_evidence policy = {.kind = "policy"};
	struct ledger_text genesis = {.kind = LEDGER_GENESIS,
	                              .program = ASSAY_VERSION,
	                              .evidence = &policy,
	                              .evidence_count = 1,
	                              .claimed_time = time_now_ms()};
	str_init(&body);
	sha256_hex(POLICY_DEFAULT, strlen(POLICY_DEFAULT), policy.digest);
	snprintf(genesis.store, sizeof genesis.store, "%s", store_id(t->store));
	id_make(genesis.request);
	int status = ledger_text_write(&genesis, &body, err);
	if (status == 0) {
		const struct ledger_row row = {.seq = 1,
		                               .at = time_rfc3339(genesis.claimed_time, at),
		                               .at_ms = genesis.claimed_time,
		                               .body = body.data,
		                               .body_len = body.len,
		                               .sig = ""};
		status = ledger_replay(&row, 1, &t->objects, out, err);
	}
	str_release(&body);
	return status;
}

/* The state anew: of the rows that there are, or of none. */
static int load(struct trust *t, struct error *err)
{
	struct ledger_state *state = NULL;
	if (!t->ledger) {
		if (replay_nothing(t, &state, err) != 0)
			return -1;
	} else {
		struct ledger_pin pin;
		/* Asked before the rows are read: what comes between is seen by the next refresh. */
		int64_t change = ledger_change(t->ledger);
		if (ledger_pin_read(store_id(t->store), &pin, err) != 0 ||
		    ledger_load(t->ledger, &t->objects, &pin, &state, err) != 0)
			return -1;
		if (strcmp(state->store, store_id(t->store)) != 0) {
			error_set(err, ERR_TAMPER,
			          "%s/ledger.db is the ledger of another store (%.8s…, this one is %.8s…): restore the "
			          "right one from a backup",
			          store_path(t->store), state->store, store_id(t->store));
			ledger_state_free(state);
			return -1;
		}
		t->change = change;
	}
	ledger_state_free(t->state);
	t->state = state;
	return 0;
}

/* Opens ledger.db, if there is one or one may be made. */
static int attach(struct trust *t, struct error *err)
{
	bool write = store_writable(t->store);
	if (!ledger_is_there(t->store)) {
		struct error why;
		if (never_had_one(t->store, err) != 0)
			return -1;
		if (!write)
			return 0;
		/* Another process may have made it meanwhile: then that one is it. */
		if (make_ledger(t->store, NULL, &why) != 0 && !ledger_is_there(t->store)) {
			if (err)
				*err = why;
			return -1;
		}
	}
	if (ledger_open(&t->ledger, store_path(t->store), write, err) != 0)
		return -1;
	return write ? remember(t->store, err) : 0;
}

int work_trust_open(struct store *store, struct trust **out, struct error *err)
{
	struct trust *t = xcalloc(1, sizeof *t);
	*out = NULL;
	t->store = store;
	t->objects = (struct ledger_objects){.read = trust_read_object, .user = store};
	if (attach(t, err) != 0 || load(t, err) != 0) {
		work_trust_close(t);
		return -1;
	}
	*out = t;
	return 0;
}

void work_trust_close(struct trust *t)
{
	if (!t)
		return;
	ledger_state_free(t->state);
	ledger_close(t->ledger);
	free(t);
}

int work_trust_refresh(struct trust *t, bool *changed, struct error *err)
{
	if (changed)
		*changed = false;
	if (!t->ledger) {
		if (!ledger_is_there(t->store))
			return 0;
		if (attach(t, err) != 0)
			return -1;
	} else if (ledger_change(t->ledger) == t->change) {
		return 0;
	}
	int64_t before = t->state->seq;
	if (load(t, err) != 0)
		return -1;
	if (changed)
		*changed = t->state->seq != before;
	return 0;
}

struct store *work_trust_store(struct trust *t)
{
	return t->store;
}

struct ledger *work_trust_ledger(struct trust *t)
{
	return t->ledger;
}

const struct ledger_state *work_trust_state(const struct trust *t)
{
	return t->state;
}

const struct ledger_objects *work_trust_objects(const struct trust *t)
{
	return &t->objects;
}

/* ---- a store with its first roster ---- */

/* The roster's bytes, if they are the ones that the fingerprint is of, and if they are a roster. */
static int read_roster(const char *file, const char *fingerprint, struct str *out, struct error *err)
{
	enum { ROSTER_MOST = 4 << 20 };
	char hex[SHA256_TEXT];
	struct roster roster;
	const char *want = strncmp(fingerprint, "sha256:", 7) == 0 ? fingerprint + 7 : fingerprint;
	if (strlen(want) != SHA256_TEXT - 1 || strspn(want, "0123456789abcdefABCDEF") != SHA256_TEXT - 1)
		return error_set(err, ERR_USAGE,
		                 "--fingerprint: a SHA-256 has 64 hexadecimal digits (`sha256sum %s` prints it)",
		                 file);
	if (file_read(file, out, ROSTER_MOST, err) != 0)
		return -1;
	sha256_hex(out->data, out->len, hex);
	if (strcasecmp(hex, want) != 0)
		return error_set(err, ERR_TAMPER,
		                 "%s is not the roster that the fingerprint is of: its SHA-256 is %s; no store was "
		                 "made",
		                 file, hex);
	struct arena *mem = arena_new();
	int status = roster_parse(file, out->data, out->len, mem, &roster, err);
	arena_free(mem);
	return status;
}

/* Gives the store at `path` a ledger, if it has none. */
static int found_ledger(const char *path, const struct str *roster, struct error *err)
{
	struct store *store = NULL;
	if (store_open(&store, path, STORE_WRITE, err) != 0)
		return -1;
	int status = ledger_is_there(store) ? error_set(err, ERR_NO, "there is a store at %s already", path)
	                                    : never_had_one(store, err);
	if (status == 0)
		status = make_ledger(store, roster, err);
	store_close(store);
	return status;
}

int work_init_trusted(const char *dir, const char *roster_file, const char *fingerprint, char **path,
                      struct error *err)
{
	struct str roster;
	struct error why;
	str_init(&roster);
	int status = -1;
	char *folder = path_absolute(dir ? dir : "."), *store = path_join(folder, ".assay");
	free(folder);
	if (!roster_file != !fingerprint) {
		error_set(err, ERR_USAGE,
		          roster_file ? "--roster needs --fingerprint: the roster's SHA-256, as its owner told you"
		                      : "--fingerprint needs --roster: the file that it is of");
		goto out;
	}
	if (roster_file && read_roster(roster_file, fingerprint, &roster, err) != 0)
		goto out;
	bool made = store_init(store, &why) == 0;
	char *ledger = path_join(store, "ledger.db");
	bool whole = file_exists(ledger);
	free(ledger);
	/* A store that was made before there were ledgers can be given its first roster as well; and one of which
	 * the making was broken off is made whole. */
	if (!made && (why.code != ERR_NO || (!roster_file && whole))) {
		if (err)
			*err = why;
		goto out;
	}
	status = found_ledger(store, roster_file ? &roster : NULL, err);
	if (status != 0 && made)
		dir_remove(store, NULL); /* nobody has been told of it */
out:
	str_release(&roster);
	if (status == 0)
		*path = store;
	else
		free(store);
	return status;
}

int work_init(const char *dir, char **path, struct error *err)
{
	return work_init_trusted(dir, NULL, NULL, path, err);
}
