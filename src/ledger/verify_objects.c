/* Verification, pass 4: what the texts name by digest is there, and is what it was. */
#include <inttypes.h>
#include <stdlib.h>

#include "verify.h"

struct objects {
	struct checking *c;
	struct intern seen; /* digests that were looked at */
	struct str bytes;
};

static bool was_seen(const struct objects *o, const char *digest)
{
	return intern_find(&o->seen, digest, SHA256_TEXT - 1) != INTERN_NONE;
}

/* Reads an object once; true if it is there now and whole, and was not looked at before. */
static bool read_new(struct objects *o, int64_t seq, const char *what, const char *digest, const char *name)
{
	char found[SHA256_TEXT];
	struct error why = {.text = ""};

	if (was_seen(o, digest))
		return false;
	intern_add(&o->seen, digest, SHA256_TEXT - 1);
	str_clear(&o->bytes);
	if (o->c->objects->read(o->c->objects->user, digest, &o->bytes, &why)) {
		problem_add(o->c, seq, what, false, "%s: %s", name, why.text);
		return false;
	}
	/* Whoever reads for us should have looked; a bundle's reader may be another. */
	sha256_hex(o->bytes.data, o->bytes.len, found);
	if (strcmp(found, digest) != 0) {
		problem_add(o->c, seq, what, false, "%s: its %zu bytes hash to %s, not to %s", name, o->bytes.len,
		            found, digest);
		return false;
	}
	return true;
}

static void check_manifest(struct objects *o, int64_t seq, const struct ledger_text *t)
{
	char *name;
	struct arena *mem;
	struct manifest_file *files;
	struct error why;
	size_t count;

	/* Most rows are about few manifests: their names are not made for nothing. */
	if (was_seen(o, t->subject))
		return;
	name = xasprintf("the manifest of %s version %" PRId64 " (sha256:%.64s)", t->model ? t->model : "a model",
	                 t->version, t->subject);
	mem = arena_new();
	if (!read_new(o, seq, "manifest", t->subject, name))
		goto out;
	if (manifest_parse(o->bytes.data, o->bytes.len, mem, &files, &count, &why)) {
		problem_add(o->c, seq, "manifest", false, "%s: %s", name, why.text);
		goto out;
	}
	for (size_t i = 0; i < count; i++) {
		char *file = xasprintf("the file \"%s\" of %s", files[i].path, name);

		if (read_new(o, seq, "manifest", files[i].digest, file) && (int64_t)o->bytes.len != files[i].bytes)
			problem_add(o->c, seq, "manifest", false, "%s has %zu bytes, the manifest says %" PRId64, file,
			            o->bytes.len, files[i].bytes);
		free(file);
	}
out:
	arena_free(mem);
	free(name);
}

/* The count of files and bytes that was signed, against the manifest. */
static void check_manifest_line(struct objects *o, int64_t seq, const struct ledger_text *t)
{
	struct arena *mem = arena_new();
	struct manifest_file *files;
	size_t count;
	int64_t bytes = 0;

	str_clear(&o->bytes);
	if (!o->c->objects->read(o->c->objects->user, t->subject, &o->bytes, NULL) &&
	    !manifest_parse(o->bytes.data, o->bytes.len, mem, &files, &count, NULL)) {
		for (size_t i = 0; i < count; i++)
			bytes += files[i].bytes;
		if ((int64_t)count != t->manifest_files || bytes != t->manifest_bytes)
			problem_add(o->c, seq, "manifest", false,
			            "its text says %" PRId64 " files of %" PRId64
			            " bytes, the manifest it names has %zu of %" PRId64,
			            t->manifest_files, t->manifest_bytes, count, bytes);
	}
	arena_free(mem);
}

static void check_text(struct objects *o, int64_t seq, const struct ledger_text *t)
{
	if (*t->subject) {
		if (t->kind == LEDGER_ROSTER || t->kind == LEDGER_GENESIS)
			read_new(o, seq, "object", t->subject, "the roster that it names as its subject");
		else if (t->kind == LEDGER_POLICY)
			read_new(o, seq, "object", t->subject, "the policy that it names as its subject");
		else
			check_manifest(o, seq, t);
	}
	if (t->manifest_files && t->kind != LEDGER_ROSTER && t->kind != LEDGER_POLICY)
		check_manifest_line(o, seq, t);
	for (size_t i = 0; i < t->evidence_count; i++) {
		char *name;

		if (was_seen(o, t->evidence[i].digest))
			continue;
		name = xasprintf("the evidence \"%s\" (sha256:%s)", t->evidence[i].kind, t->evidence[i].digest);
		read_new(o, seq, "evidence", t->evidence[i].digest, name);
		free(name);
	}
	if (*t->code_diff)
		read_new(o, seq, "object", t->code_diff, "the changes to the code that it names");
}

int check_objects(struct checking *c, struct error *err)
{
	struct objects o = {.c = c};
	int result = 0;

	intern_init(&o.seen);
	str_init(&o.bytes);
	for (size_t i = 0; i < c->count && !result; i++) {
		if (c->checked[i].text)
			check_text(&o, c->rows[i].seq, c->checked[i].text);
		if (i % 256 == 255)
			result = checking_progress(c, 0, err);
	}
	intern_release(&o.seen);
	str_release(&o.bytes);
	return result;
}
