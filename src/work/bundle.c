/* A version with everything that a decision about it rests on, in a folder that verifies without this
 * program. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "decision.h"

const char bundle_script[] =
#include "verify.inc"
    ;
const size_t bundle_script_len = sizeof bundle_script - 1;

bool bundle_has_evidence(const struct ledger_text *row, const char *kind, const char *subject)
{
	return strcmp(kind, "registration") == 0 || strcmp(kind, "producers") == 0 ||
	       strcmp(kind, "policy") == 0 || (*subject && strcmp(row->subject, subject) == 0);
}

struct bundling {
	struct trust *t;
	const char *dir; /* it is built here, and moved to its place whole */
	struct arena *mem;
	struct error *err;
};

static int make_folder(struct bundling *b, const char *name)
{
	char *path = path_join(b->dir, name);
	int status = dir_make(path, b->err);
	free(path);
	return status;
}

/* A new file that nobody changes any more. */
static int open_new(struct bundling *b, const char *name, char **path)
{
	*path = path_join(b->dir, name);
	int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		error_errno(b->err, ERR_ENV, "cannot write %s", *path);
	return fd;
}

static int put(struct bundling *b, const char *name, const void *bytes, size_t len)
{
	char *path;
	int fd = open_new(b, name, &path), status = fd < 0 ? -1 : 0;
	if (fd >= 0 && fd_write_all(fd, bytes, len) != 0)
		status = error_errno(b->err, ERR_ENV, "cannot write %s", path);
	if (fd >= 0 && close(fd) != 0 && status == 0)
		status = error_errno(b->err, ERR_ENV, "cannot write %s", path);
	free(path);
	return status;
}

/* An object under its digest; one that is there already is the same. */
static int put_object(struct bundling *b, const char *digest, const char *name)
{
	const struct ledger_objects *objects = work_trust_objects(b->t);
	struct str bytes;
	str_init(&bytes);
	const char *to = name ? name : arena_printf(b->mem, "evidence/%s", digest);
	char *path = path_join(b->dir, to);
	int status = 0;
	if (!file_exists(path)) {
		status = objects->read(objects->user, digest, &bytes, b->err);
		if (status == 0)
			status = put(b, to, bytes.data, bytes.len);
	}
	free(path);
	str_release(&bytes);
	return status;
}

/* ---- rows ---- */

static int put_row(struct bundling *b, const struct ledger_row *row, const char *subject, struct str *list)
{
	struct ledger_text x;
	const char *name = arena_printf(b->mem, "decisions/%lld", (long long)row->seq);
	if (ledger_text_parse(row->body, row->body_len, b->mem, &x, b->err) != 0)
		return error_prefix(b->err, "row %lld", (long long)row->seq);
	str_addf(list, "%lld\t%s\t%s\n", (long long)row->seq, row->at, row->link);
	if (put(b, arena_printf(b->mem, "%s.txt", name), row->body, row->body_len) != 0 ||
	    (row->sig_len && put(b, arena_printf(b->mem, "%s.sig", name), row->sig, row->sig_len) != 0))
		return -1;
	bool document = x.kind == LEDGER_ROSTER || x.kind == LEDGER_POLICY || x.kind == LEDGER_GENESIS;
	if (document && *x.subject && put_object(b, x.subject, NULL) != 0)
		return -1;
	for (size_t i = 0; i < x.evidence_count; i++)
		if (bundle_has_evidence(&x, x.evidence[i].kind, subject) &&
		    put_object(b, x.evidence[i].digest, NULL) != 0)
			return -1;
	return 0;
}

/* Up to the row that the state was made from: what is in force fits these rows. */
static int put_ledger(struct bundling *b, const char *subject)
{
	int64_t to = work_trust_state(b->t)->seq;
	struct ledger_row *rows = NULL;
	size_t count = 0;
	struct ledger *l = work_trust_ledger(b->t);
	struct str list;
	str_init(&list);
	int status = l ? ledger_rows(l, 1, to, b->mem, &rows, &count, b->err)
	               : error_set(b->err, ERR_NO, "the store has no ledger");
	for (size_t i = 0; i < count && status == 0; i++)
		status = put_row(b, &rows[i], subject, &list);
	if (status == 0)
		status = put(b, "ledger.tsv", list.data, list.len);
	str_release(&list);
	return status;
}

/* ---- the model's files ---- */

/* Copied and hashed in one go: what is written is what was hashed. */
static int copy_file(struct bundling *b, const struct manifest_file *f)
{
	enum { CHUNK = 1 << 20 };
	const char *name = arena_printf(b->mem, "files/%s", f->path);
	char *from = store_object_path(work_trust_store(b->t), f->digest), *to = NULL, *chunk = xmalloc(CHUNK);
	char hex[SHA256_TEXT];
	struct sha256 h;
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), out = -1, status = -1;
	struct stat st;
	ssize_t n = -1;
	sha256_init(&h);
	if (in < 0) {
		error_errno(b->err, errno == ENOENT ? ERR_TAMPER : ERR_STORE, "cannot read %s, which is %s", from,
		            f->path);
		goto out;
	}
	if (fstat(in, &st) != 0 || !S_ISREG(st.st_mode)) {
		error_set(b->err, ERR_TAMPER, "%s, which is %s, is no regular file", from, f->path);
		goto out;
	}
	const char *slash = strrchr(name, '/');
	if (make_folder(b, arena_printf(b->mem, "%.*s", (int)(slash - name), name)) != 0)
		goto out;
	out = open_new(b, name, &to);
	if (out < 0)
		goto out;
	while ((n = read(in, chunk, CHUNK)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		sha256_add(&h, chunk, (size_t)n);
		if (fd_write_all(out, chunk, (size_t)n) != 0)
			break;
	}
	if (n != 0)
		error_errno(b->err, ERR_ENV, "cannot copy %s to %s", from, to);
	else
		status = 0;
out:
	sha256_end(&h, hex);
	if (status == 0 && strcmp(hex, f->digest) != 0)
		status = error_set(b->err, ERR_TAMPER, "%s, which is %s, is not what its manifest says any more",
		                   from, f->path);
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0 && status == 0)
		status = error_errno(b->err, ERR_ENV, "cannot write %s", to);
	free(chunk);
	free(from);
	free(to);
	return status;
}

static int fill(struct bundling *b, const struct work_version *v)
{
	const struct ledger_state *s = work_trust_state(b->t);
	if (make_folder(b, "decisions") != 0 || make_folder(b, "evidence") != 0 || make_folder(b, "files") != 0 ||
	    put_ledger(b, v->subject) != 0)
		return -1;
	if ((s->roster.count && put(b, "roster", s->roster.text, s->roster.len) != 0) ||
	    put(b, "policy", s->policy.text, s->policy.len) != 0 || put_object(b, v->subject, "manifest") != 0 ||
	    put(b, "verify.sh", bundle_script, bundle_script_len) != 0)
		return -1;
	for (size_t i = 0; i < v->file_count; i++)
		if (copy_file(b, &v->files[i]) != 0)
			return -1;
	return 0;
}

int work_bundle(struct trust *t, const struct work_version *v, const char *dir, struct error *err)
{
	char *whole = path_absolute(dir), id[ID_TEXT];
	id_make(id);
	/* Beside its place, so that it can be moved there; a leading point hides it until then. */
	char *slash = strrchr(whole, '/');
	char *temp =
	    xasprintf("%.*s/.%s-%s", (int)(slash - whole), whole, slash[1] == '.' ? slash + 2 : slash + 1, id);
	struct bundling b = {.t = t, .dir = temp, .mem = arena_new(), .err = err};
	int status = -1, fd;
	if (work_trust_refresh(t, NULL, err) != 0)
		goto out;
	if (file_exists(whole)) {
		error_set(err, ERR_NO, "%s is there already: a bundle is written into a new folder", dir);
		goto out;
	}
	if (mkdir(temp, 0777) != 0) {
		error_errno(err, ERR_ENV, "cannot make a folder beside %s", dir);
		goto out;
	}
	status = fill(&b, v);
	fd = status == 0 ? open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (status == 0 && (fd < 0 || syncfs(fd) != 0 || rename(temp, whole) != 0))
		status = error_errno(err, ERR_ENV, "cannot write %s", dir);
	if (fd >= 0)
		close(fd);
	if (status != 0)
		dir_remove(temp, NULL);
out:
	arena_free(b.mem);
	free(temp);
	free(whole);
	return status;
}
