/* Rows of a ledger made in memory, for tests. */
#include "ledger_rows.h"
#include "../../src/ledger/key.h"

const char ROWS_STORE[] = "00000000000000000000000000005704";

static void fail(const char *what, const struct error *err)
{
	bug("%s: %s", what, err->text);
}

void rows_init(struct ledger_rows *r)
{
	*r = (struct ledger_rows){.mem = arena_new(), .now = 1790000000000, .level = 1};
}

void rows_release(struct ledger_rows *r)
{
	ledger_state_free(r->state);
	free(r->rows);
	free(r->objects);
	arena_free(r->mem);
}

const char *rows_object(struct ledger_rows *r, const char *text)
{
	struct rows_object o = {.bytes = arena_strdup(r->mem, text), .len = strlen(text)};

	sha256_hex(text, o.len, o.digest);
	r->objects = vec_reserve(r->objects, &r->object_cap, r->object_count + 1, sizeof o);
	r->objects[r->object_count++] = o;
	return arena_strdup(r->mem, o.digest);
}

static int read_object(void *user, const char *digest, struct str *out, struct error *err)
{
	const struct ledger_rows *r = user;

	for (size_t i = 0; i < r->object_count; i++)
		if (!strcmp(r->objects[i].digest, digest)) {
			str_clear(out);
			str_add(out, r->objects[i].bytes, r->objects[i].len);
			return 0;
		}
	return error_set(err, ERR_TAMPER, "is missing");
}

const char *rows_digest(struct ledger_rows *r, const char *word)
{
	char hex[SHA256_TEXT];

	sha256_hex(word, strlen(word), hex);
	return arena_strdup(r->mem, hex);
}

static void add_string(struct str *s, const void *bytes, size_t len)
{
	const char head[4] = {(char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len};

	str_add(s, head, 4);
	str_add(s, bytes, len);
}

static const char fido[] = "sk-ssh-ed25519@openssh.com";

static void add_blob(struct str *s, const char *name)
{
	char hex[SHA256_TEXT], point[32];

	sha256_hex(name, strlen(name), hex);
	memcpy(point, hex, sizeof point);
	add_string(s, fido, sizeof fido - 1);
	add_string(s, point, sizeof point);
	add_string(s, "ssh:", 4);
}

const char *rows_key(struct ledger_rows *r, const char *name)
{
	struct str blob, text;
	const char *key;

	str_init(&blob);
	str_init(&text);
	add_blob(&blob, name);
	base64_encode(blob.data, blob.len, &text);
	key = arena_printf(r->mem, "%s %s", fido, text.data);
	str_release(&blob);
	str_release(&text);
	return key;
}

const char *rows_line(struct ledger_rows *r, const char *principal, const char *key, const char *comment)
{
	return arena_printf(r->mem, "%s namespaces=\"signoff@assay\" %s %s\n", principal, rows_key(r, key),
	                    comment);
}

static void sign(struct ledger_rows *r, const char *name, struct ledger_row *row)
{
	static const char zeros[64];
	struct str s, part, text, armour;
	const char flags = r->level == 3 ? 5 : r->level == 2 ? 1 : 0;

	str_init(&s);
	str_init(&part);
	str_init(&text);
	str_init(&armour);
	str_add(&s, "SSHSIG\0\0\0\1", 10);
	add_blob(&part, name);
	add_string(&s, part.data, part.len);
	add_string(&s, LEDGER_NAMESPACE, strlen(LEDGER_NAMESPACE));
	add_string(&s, "", 0);
	add_string(&s, "sha512", 6);
	str_clear(&part);
	add_string(&part, fido, sizeof fido - 1);
	add_string(&part, zeros, sizeof zeros);
	str_addc(&part, flags);
	str_add(&part, "\0\0\0\1", 4);
	add_string(&s, part.data, part.len);
	base64_encode(s.data, s.len, &text);
	str_adds(&armour, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t i = 0; i < text.len; i += 70) {
		str_add(&armour, text.data + i, text.len - i < 70 ? text.len - i : 70);
		str_addc(&armour, '\n');
	}
	str_adds(&armour, "-----END SSH SIGNATURE-----\n");
	row->sig = arena_memdup0(r->mem, armour.data, armour.len);
	row->sig_len = armour.len;
	str_release(&s);
	str_release(&part);
	str_release(&text);
	str_release(&armour);
}

int64_t rows_add(struct ledger_rows *r, struct ledger_text t, const char *key)
{
	struct ledger_row row = {.seq = (int64_t)r->count + 1, .at_ms = r->now, .at = "", .sig = ""};
	struct error err = {0};
	struct str body;

	str_init(&body);
	if (!*t.store)
		memcpy(t.store, ROWS_STORE, sizeof t.store);
	if (!*t.request)
		snprintf(t.request, sizeof t.request, "%032x", (unsigned)++r->requests);
	if (!t.claimed_time)
		t.claimed_time = r->now;
	if (!t.program)
		t.program = "test";
	if (ledger_kind_is_decision(t.kind) && !t.seen_seq) {
		t.seen_seq = row.seq - 1;
		memcpy(t.seen_head, r->rows[r->count - 1].link, sizeof t.seen_head);
	}
	if (ledger_text_write(&t, &body, &err))
		fail(ledger_kind_name(t.kind), &err);
	row.body = arena_memdup0(r->mem, body.data, body.len);
	row.body_len = body.len;
	str_release(&body);
	if (key)
		sign(r, key, &row);
	sha256_hex(row.body, row.body_len, row.link);
	r->rows = vec_reserve(r->rows, &r->cap, r->count + 1, sizeof row);
	r->rows[r->count++] = row;
	r->now += 1000;
	return row.seq;
}

struct ledger_state *rows_state(struct ledger_rows *r)
{
	const struct ledger_objects objects = {read_object, r};
	struct error err = {0};

	ledger_state_free(r->state);
	r->state = NULL;
	if (ledger_replay(r->rows, r->count, &objects, &r->state, &err))
		fail("replay", &err);
	return r->state;
}

const char *rows_void(struct ledger_rows *r, int64_t row)
{
	const struct ledger_state *s = rows_state(r);

	for (size_t i = 0; i < s->ignored_count; i++)
		if (s->ignored[i].row == row)
			return s->ignored[i].why;
	return NULL;
}
