/* Which objects and runs something names: what is not named can go. */
#include <ctype.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "named.h"
#include "trust.h"

enum {
	ROWS_AT_ONCE = 512,
	TEXT_MOST = 16 << 20, /* an object that names others is not larger */
	ID_LEN = ID_TEXT - 1,
	DIGEST_LEN = SHA256_TEXT - 1,
};

void named_init(struct named *n)
{
	*n = (struct named){.rows = NULL};
	intern_init(&n->digests);
	intern_init(&n->runs);
}

void named_release(struct named *n)
{
	intern_release(&n->digests);
	intern_release(&n->runs);
	free(n->rows);
	free(n->digest_rows);
}

/* Calls for every word of hex digits that is as long as a digest or an id, whatever stands around it: a text of a later
 * version names things in the same way. */
static void each_word(const char *text, size_t len, void (*digest)(void *user, const char *hex),
                      void (*id)(void *user, const char *hex), void *user)
{
	for (size_t at = 0; at < len;) {
		size_t n = 0;
		while (at + n < len &&
		       (isdigit((unsigned char)text[at + n]) || (text[at + n] >= 'a' && text[at + n] <= 'f')))
			n++;
		if (n == DIGEST_LEN)
			digest(user, text + at);
		else if (n == ID_LEN && id)
			id(user, text + at);
		at += n + 1;
	}
}

struct row_words {
	struct named *named;
	int64_t seq;
};

static void row_digest(void *user, const char *hex)
{
	struct row_words *r = user;
	struct named *n = r->named;
	uint32_t at = intern_add(&n->digests, hex, DIGEST_LEN);
	if (at < n->digest_row_count)
		return;
	n->digest_rows = vec_reserve(n->digest_rows, &n->digest_row_cap, at + 1, sizeof *n->digest_rows);
	n->digest_rows[at] = r->seq;
	n->digest_row_count = at + 1;
}

static void row_run(void *user, const char *hex)
{
	struct row_words *r = user;
	struct named *n = r->named;
	uint32_t at = intern_add(&n->runs, hex, ID_LEN);
	if (at < n->row_count)
		return;
	n->rows = vec_reserve(n->rows, &n->row_cap, at + 1, sizeof *n->rows);
	n->rows[at] = r->seq;
	n->row_count = at + 1;
}

typedef void row_fn(struct store *store, const struct ledger_row *row, struct arena *mem, void *user);

static int each_row(struct store *store, row_fn *each, void *user, struct error *err)
{
	struct ledger *l = NULL;
	char head[SHA256_TEXT];
	int64_t last = 0;
	if (trust_open_ledger(store, &l, err) != 0)
		return -1;
	if (!l)
		return 0;
	int status = ledger_head(l, &last, head, err);
	for (int64_t from = 1; from <= last && status == 0; from += ROWS_AT_ONCE) {
		struct arena *mem = arena_new();
		struct ledger_row *rows;
		size_t count;
		int64_t to = from + ROWS_AT_ONCE - 1 < last ? from + ROWS_AT_ONCE - 1 : last;
		status = ledger_rows(l, from, to, mem, &rows, &count, err);
		for (size_t i = 0; i < count && status == 0; i++)
			each(store, &rows[i], mem, user);
		arena_free(mem);
	}
	ledger_close(l);
	return status;
}

static void words_of_row(struct store *store, const struct ledger_row *row, struct arena *mem, void *user)
{
	struct row_words r = {user, row->seq};
	(void)store;
	(void)mem;
	each_word(row->body, row->body_len, row_digest, row_run, &r);
}

int named_by_ledger(struct store *store, struct named *out, struct error *err)
{
	return each_row(store, words_of_row, out, err);
}

/* ---- objects that were put there ---- */

static void keep(struct intern *kept, const char *hex)
{
	if (*hex)
		intern_add(kept, hex, DIGEST_LEN);
}

static void keep_files(struct store *store, const char *manifest, struct intern *kept, struct arena *mem)
{
	struct manifest_file *files;
	struct str text;
	size_t count;
	str_init(&text);
	if (store_object_read(store, manifest, &text, TEXT_MOST, NULL) == 0 &&
	    manifest_parse(text.data, text.len, mem, &files, &count, NULL) == 0)
		for (size_t i = 0; i < count; i++)
			keep(kept, files[i].digest);
	str_release(&text);
}

static void kept_of_row(struct store *store, const struct ledger_row *row, struct arena *mem, void *user)
{
	struct intern *kept = user;
	struct ledger_text x;
	if (ledger_text_parse(row->body, row->body_len, mem, &x, NULL) != 0)
		return;
	keep(kept, x.subject);
	keep(kept, x.policy);
	keep(kept, x.roster);
	keep(kept, x.code_diff);
	for (size_t i = 0; i < x.evidence_count; i++)
		keep(kept, x.evidence[i].digest);
	for (size_t i = 0; i < x.gate_count; i++)
		keep(kept, x.gates[i].settings);
	if (x.kind == LEDGER_REGISTRATION)
		keep_files(store, x.subject, kept, mem);
}

int named_kept(struct store *store, struct intern *kept, struct error *err)
{
	return each_row(store, kept_of_row, kept, err);
}

/* ---- objects that name objects ---- */

static void add_digest(void *user, const char *hex)
{
	intern_add(user, hex, DIGEST_LEN);
}

/* A text without a NUL near its beginning, and not too large; missing and damaged ones name nothing here: that is told
 * by verify and doctor. */
static bool read_text(struct store *store, const char *digest, struct str *out)
{
	enum { LOOK = 512 };
	char *path = store_object_path(store, digest);
	struct stat st;
	bool small = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= TEXT_MOST;
	free(path);
	return small && store_object_read(store, digest, out, TEXT_MOST, NULL) == 0 &&
	       !memchr(out->data, '\0', out->len < LOOK ? out->len : LOOK);
}

/* `texts` grows while it is walked. */
static void follow(struct store *store, struct intern *texts)
{
	struct str text;
	str_init(&text);
	for (uint32_t i = 0; i < texts->count; i++) {
		/* The text of an id moves when ids are added. */
		char digest[SHA256_TEXT];
		snprintf(digest, sizeof digest, "%s", intern_text(texts, i));
		if (read_text(store, digest, &text))
			each_word(text.data, text.len, add_digest, NULL, texts);
	}
	str_release(&text);
}

static void add_all(struct intern *to, const struct intern *from)
{
	for (uint32_t i = 0; i < from->count; i++)
		intern_add(to, intern_text(from, i), DIGEST_LEN);
}

int named_objects(struct store *store, const int64_t *except, size_t except_count, const struct intern *among,
                  struct intern *used, struct error *err)
{
	struct named ledger;
	struct intern texts;
	named_init(&ledger);
	intern_init(&texts);
	/* What is put between these is young, and stays for that. */
	int status = store_objects_named(store, except, except_count, among, used, err);
	if (status == 0)
		status = store_evidence_named(store, except, except_count, &texts, err);
	if (status == 0)
		status = named_by_ledger(store, &ledger, err);
	if (status == 0) {
		add_all(&texts, &ledger.digests);
		follow(store, &texts);
		add_all(used, &texts);
	}
	intern_release(&texts);
	named_release(&ledger);
	return status;
}

int work_objects_used(struct store *store, struct intern *used, struct error *err)
{
	return named_objects(store, NULL, 0, NULL, used, err);
}
