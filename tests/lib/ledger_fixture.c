/* Keys, a roster and a ledger in a folder of their own. */
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_fixture.h"

static void must(int rc, const struct error *err)
{
	if (!rc)
		return;
	fprintf(stderr, "fixture: %s\n", err->text);
	abort();
}

void fixture_folder(struct fixture *f)
{
	const char *tmp = getenv("TMPDIR");
	struct error err;
	char *state;

	memset(f, 0, sizeof(*f));
	f->mem = arena_new();
	str_init(&f->roster);
	f->folder = xasprintf("%s/assay-ledger-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(f->folder))
		abort();
	f->path = path_join(f->folder, "store");
	f->objects = path_join(f->path, "objects");
	must(dir_make(f->objects, &err), &err);
	state = path_join(f->folder, "state");
	setenv("XDG_STATE_HOME", state, 1);
	setenv("XDG_RUNTIME_DIR", f->folder, 1);
	unsetenv("SSH_AUTH_SOCK");
	free(state);
}

const char *fixture_key(struct fixture *f, const char *name, const char *type)
{
	const char *file = arena_printf(f->mem, "%s/%s", f->folder, name);
	const char *const argv[] = {"ssh-keygen", "-q", "-t", type, "-N", "", "-C", name, "-f", file, NULL};
	struct str out;
	struct error err;
	int status;

	str_init(&out);
	must(child_capture(argv, NULL, 30000, 4096, &out, NULL, &status, &err), &err);
	str_release(&out);
	if (status)
		abort();
	return file;
}

const char *fixture_public(struct fixture *f, const char *name)
{
	char *file = xasprintf("%s/%s.pub", f->folder, name);
	struct str text;
	struct error err;
	const char *key;

	str_init(&text);
	must(file_read(file, &text, 0, &err), &err);
	key = arena_memdup0(f->mem, text.data, (size_t)(strrchr(text.data, ' ') - text.data));
	str_release(&text);
	free(file);
	return key;
}

void fixture_roster_line(struct fixture *f, const char *name, const char *roles)
{
	str_addf(&f->roster,
	         "%s@lab namespaces=\"" LEDGER_NAMESPACE "\" %s roles=%s;user=%s@box;name=%c%s%%20Ng\n", name,
	         fixture_public(f, name), roles, name, name[0] - 'a' + 'A', name + 1);
}

void fixture_object(struct fixture *f, const void *bytes, size_t len, char digest[SHA256_TEXT])
{
	struct error err;
	char *path;

	sha256_hex(bytes, len, digest);
	path = path_join(f->objects, digest);
	must(file_write_atomic(path, bytes, len, 0644, &err), &err);
	free(path);
}

static int read_object(void *user, const char *digest, struct str *out, struct error *err)
{
	const struct fixture *f = user;
	char *path = path_join(f->objects, digest), found[SHA256_TEXT];
	int result = 0;

	if (file_read(path, out, 0, NULL)) {
		result = error_set(err, ERR_TAMPER, "the object %s is missing", digest);
	} else {
		sha256_hex(out->data, out->len, found);
		if (strcmp(found, digest) != 0)
			result = error_set(err, ERR_TAMPER, "the object %s is not what it was", digest);
	}
	free(path);
	return result;
}

void fixture_ledger(struct fixture *f)
{
	struct manifest_file files[] = {{.bytes = 5, .path = "model.bin"}, {.bytes = 4, .path = "notes.txt"}};
	struct str manifest;
	struct error err;

	fixture_folder(f);
	fixture_key(f, "alice", "ed25519");
	fixture_key(f, "bob", "ed25519");
	fixture_key(f, "carol", "ed25519");
	fixture_key(f, "mallory", "ed25519");
	fixture_roster_line(f, "alice", "owner,risk-reviewer,roster-admin");
	fixture_roster_line(f, "bob", "risk-reviewer,operator,roster-admin");
	fixture_roster_line(f, "carol", "owner");
	fixture_object(f, f->roster.data, f->roster.len, f->roster_digest);
	fixture_object(f, POLICY_DEFAULT, strlen(POLICY_DEFAULT), f->policy_digest);
	fixture_object(f, "model", 5, files[0].digest);
	fixture_object(f, "note", 4, files[1].digest);
	str_init(&manifest);
	manifest_write(files, 2, &manifest);
	fixture_object(f, manifest.data, manifest.len, f->subject);
	str_release(&manifest);
	must(ledger_create(f->path, FIXTURE_STORE, f->roster_digest, f->policy_digest, &err), &err);
	must(ledger_open(&f->ledger, f->path, true, &err), &err);
	f->by_digest = (struct ledger_objects){read_object, f};
}

void fixture_release(struct fixture *f)
{
	ledger_close(f->ledger);
	dir_remove(f->folder, NULL);
	arena_free(f->mem);
	str_release(&f->roster);
	free(f->folder);
	free(f->path);
	free(f->objects);
}

int fixture_open(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	fixture_ledger(f);
	*state = f;
	return 0;
}

int fixture_open_story(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	fixture_ledger(f);
	fixture_story(f);
	*state = f;
	return 0;
}

int fixture_close(void **state)
{
	struct fixture *f = *state;

	fixture_release(f);
	free(f);
	return 0;
}

void fixture_sql(const struct fixture *f, const char *format, ...)
{
	char *file = path_join(f->path, "ledger.db"), *why = NULL;
	struct str text;
	va_list args;
	sqlite3 *db;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	if (sqlite3_open(file, &db) != SQLITE_OK || sqlite3_exec(db, text.data, NULL, NULL, &why) != SQLITE_OK) {
		fprintf(stderr, "fixture: %s: %s\n", text.data, why ? why : sqlite3_errmsg(db));
		abort();
	}
	sqlite3_close(db);
	str_release(&text);
	free(file);
}

struct ledger_text fixture_decision(struct fixture *f, enum ledger_kind kind, const char *name)
{
	struct ledger_text t = {.kind = kind,
	                        .store = FIXTURE_STORE,
	                        .model = "m",
	                        .stage = "production",
	                        .version = 1,
	                        .claimed_time = time_now_ms(),
	                        .meaning = "I have read it",
	                        .reason = "because it was asked for in this test",
	                        .manifest_files = 2,
	                        .manifest_bytes = 9,
	                        .expires = time_now_ms() + INT64_C(604800000)};
	struct error err;

	must(ledger_head(f->ledger, &t.seen_seq, t.seen_head, &err), &err);
	memcpy(t.subject, f->subject, SHA256_TEXT);
	memcpy(t.policy, f->policy_digest, SHA256_TEXT);
	memcpy(t.roster, f->roster_digest, SHA256_TEXT);
	t.target = kind == LEDGER_PROPOSE ? 0 : 1;
	id_make(t.request);
	if (name) {
		t.signer = arena_printf(f->mem, "%s@lab", name);
		t.name = arena_printf(f->mem, "%c%s Ng", name[0] - 'a' + 'A', name + 1);
		t.role = "risk-reviewer";
	}
	return t;
}

struct ledger_text fixture_record(struct fixture *f, enum ledger_kind kind)
{
	struct ledger_text t = {.kind = kind,
	                        .store = FIXTURE_STORE,
	                        .program = ASSAY_VERSION,
	                        .model = "m",
	                        .version = 1,
	                        .stage = kind == LEDGER_REGISTRATION ? NULL : "production",
	                        .claimed_time = time_now_ms()};

	memcpy(t.subject, f->subject, SHA256_TEXT);
	id_make(t.request);
	return t;
}

void fixture_sign(struct fixture *f, const struct ledger_text *t, const char *name, struct str *body,
                  struct str *sig)
{
	struct ledger_signer by = {.key_file = NULL};
	struct error err;

	must(ledger_text_write(t, body, &err), &err);
	str_clear(sig);
	if (!name)
		return;
	by.key_file = arena_printf(f->mem, "%s/%s", f->folder, name);
	must(ledger_sign(body->data, body->len, &by, sig, &err), &err);
}

int64_t fixture_append(struct fixture *f, const struct ledger_text *t, const char *name)
{
	struct str body, sig;
	struct error err;
	int64_t seq;
	bool known;

	str_init(&body);
	str_init(&sig);
	fixture_sign(f, t, name, &body, &sig);
	must(ledger_append(f->ledger, body.data, body.len, sig.data, sig.len, &seq, &known, &err), &err);
	str_release(&body);
	str_release(&sig);
	return seq;
}

static struct ledger_gate manifest_gate = {"manifest", "intact", NAN, NAN, NAN, NAN, GATE_PASS, "", "", 0};

static int64_t registration(struct fixture *f, int version)
{
	struct ledger_text t = fixture_record(f, LEDGER_REGISTRATION);
	struct ledger_evidence made = {.kind = "registration"};
	char *json =
	    xasprintf("{\"editors\":[],\"kind\":\"registration\",\"launcher\":\"carol@box\",\"model\":\"m\","
	              "\"registrar\":\"carol@box\",\"run\":null,\"version\":%d}",
	              version);

	fixture_object(f, json, strlen(json), made.digest);
	free(json);
	t.version = version;
	t.evidence = &made;
	t.evidence_count = 1;
	return fixture_append(f, &t, NULL);
}

static int64_t seals(struct fixture *f)
{
	struct ledger_text t = fixture_record(f, LEDGER_RUN_SEALS);
	struct ledger_seal seal;

	id_make(seal.run);
	sha256_hex(seal.run, 32, seal.digest);
	t.model = t.stage = NULL;
	t.version = 0;
	t.subject[0] = '\0';
	t.seals = &seal;
	t.seal_count = 1;
	return fixture_append(f, &t, NULL);
}

static int64_t results(struct fixture *f, int version)
{
	struct ledger_text t = fixture_record(f, LEDGER_GATE_RESULTS);

	t.version = version;
	t.gates = &manifest_gate;
	t.gate_count = 1;
	return fixture_append(f, &t, NULL);
}

static int64_t decide(struct fixture *f, enum ledger_kind kind, const char *name, const char *role,
                      int version, int64_t target)
{
	struct ledger_text t = fixture_decision(f, kind, name);

	t.version = version;
	t.target = target;
	t.gates = &manifest_gate;
	t.gate_count = 1;
	if (name)
		t.role = role;
	if (version == 2) {
		t.baseline_version = 1;
		memcpy(t.baseline_subject, f->subject, SHA256_TEXT);
	}
	return fixture_append(f, &t, name);
}

int64_t fixture_checkpoint(struct fixture *f, const char *name)
{
	struct ledger_text t = fixture_decision(f, LEDGER_CHECKPOINT, name);

	t.model = t.stage = t.reason = NULL;
	t.version = t.manifest_files = t.manifest_bytes = t.target = t.expires = 0;
	t.subject[0] = '\0';
	t.role = !strcmp(name, "carol") ? "owner" : "risk-reviewer";
	return fixture_append(f, &t, name);
}

void fixture_story(struct fixture *f)
{
	int64_t proposal, halt;

	registration(f, 1);
	results(f, 1);
	proposal = decide(f, LEDGER_PROPOSE, "carol", "owner", 1, 0);
	decide(f, LEDGER_APPROVE, "alice", "risk-reviewer", 1, proposal);
	decide(f, LEDGER_APPROVE, "bob", "risk-reviewer", 1, proposal);
	seals(f);
	decide(f, LEDGER_PROMOTE, "bob", "operator", 1, proposal);
	fixture_checkpoint(f, "alice");
	halt = decide(f, LEDGER_HALT, NULL, NULL, 1, 0);
	seals(f);
	decide(f, LEDGER_RESUME, "alice", "risk-reviewer", 1, halt);
	decide(f, LEDGER_RESUME, "bob", "risk-reviewer", 1, halt);
	registration(f, 2);
	results(f, 2);
	proposal = decide(f, LEDGER_PROPOSE, "carol", "owner", 2, 0);
	decide(f, LEDGER_REJECT, "alice", "risk-reviewer", 2, proposal);
	decide(f, LEDGER_REVOKE, "alice", "risk-reviewer", 2, proposal + 1);
	fixture_checkpoint(f, "bob");
	seals(f);
}
