/* Verification: of a store's ledger, and of a bundle that stands by itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "trust.h"

static int report_one(struct ledger_report *out, const char *what, const char *where)
{
	*out = (struct ledger_report){.mem = arena_new(), .problem_count = 1, .unverifiable_why = ""};
	out->problems = arena_array(out->mem, 1, sizeof *out->problems);
	out->problems[0] = (struct ledger_problem){.what = what, .where = arena_strdup(out->mem, where)};
	return 0;
}

static bool is_clean(const struct ledger_report *r)
{
	for (size_t i = 0; i < r->problem_count; i++)
		if (!r->problems[i].note)
			return false;
	return !r->unverifiable;
}

/* To the last row that was verified, never back. A home that cannot be written keeps its old pin, which is as
 * true. */
static void move_pin(struct ledger *l, const char *store, const struct ledger_pin *own,
                     const struct ledger_report *r)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows = NULL;
	size_t count = 0;
	struct ledger_pin next = {.there = true, .seq = (r->from_pin ? own->seq : 0) + r->rows};
	if (next.seq > own->seq && ledger_rows(l, next.seq, next.seq, mem, &rows, &count, NULL) == 0 &&
	    count == 1) {
		memcpy(next.head, rows[0].link, sizeof next.head);
		memcpy(next.roster, r->from_pin ? own->roster : r->roster, sizeof next.roster);
		ledger_pin_write(store, &next, NULL);
	}
	arena_free(mem);
}

int work_verify(struct store *store, const struct ledger_pin *known, bool from_pin,
                ledger_progress_fn *progress, void *user, struct ledger_report *out, struct error *err)
{
	struct ledger *l = NULL;
	struct ledger_pin own;
	const struct ledger_objects objects = {.read = trust_read_object, .user = store};
	struct error why;
	int status = -1;
	if (ledger_open(&l, store_path(store), false, &why) != 0) {
		/* A file that is no ledger any more is a finding like others. */
		if (why.code == ERR_TAMPER)
			return report_one(out, "schema", why.text);
		if (err)
			*err = why;
		return -1;
	}
	if (ledger_pin_read(store_id(store), &own, err) != 0)
		goto out;
	/* A row that is known from elsewhere is looked at instead of the own pin: it must not move that one. */
	const struct ledger_verify_options options = {
	    .pin = known ? known : &own,
	    .from_pin = from_pin && !known && own.there,
	    .objects = true,
	    .progress = progress,
	    .user = user,
	};
	status = ledger_verify(l, &objects, &options, out, err);
	if (status == 0 && !known && is_clean(out))
		move_pin(l, store_id(store), &own, out);
out:
	ledger_close(l);
	return status;
}

/* ---- a bundle ---- */

struct bundle {
	const char *dir;
	struct arena *mem;
	struct ledger_report *report;
	struct ledger_row *rows;
	size_t row_count;
	char subject[SHA256_TEXT]; /* of its manifest */
	const char **known;        /* paths that belong into it, while they are gathered */
	size_t known_count, known_cap;
};

static void problem(struct bundle *b, int64_t seq, const char *what, const char *where)
{
	struct ledger_report *r = b->report;
	struct ledger_problem *more = arena_array(r->mem, r->problem_count + 1, sizeof *more);
	if (r->problem_count)
		memcpy(more, r->problems, r->problem_count * sizeof *more);
	more[r->problem_count++] =
	    (struct ledger_problem){.seq = seq, .what = what, .where = arena_strdup(r->mem, where)};
	r->problems = more;
}

static void belongs(struct bundle *b, const char *path)
{
	b->known = vec_reserve(b->known, &b->known_cap, b->known_count + 1, sizeof *b->known);
	b->known[b->known_count++] = path;
}

/* A regular file of the bundle, never through a link; false if it is not there (or is none). */
static bool read_file(const struct bundle *b, const char *name, struct str *out)
{
	char *path = path_join(b->dir, name);
	struct stat st;
	bool fine = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && file_read(path, out, 0, NULL) == 0;
	free(path);
	return fine;
}

static int read_object(void *user, const char *digest, struct str *out, struct error *err)
{
	const struct bundle *b = user;
	char hex[SHA256_TEXT];
	const char *name = arena_printf(b->mem, "evidence/%s", digest);
	if (!read_file(b, name, out))
		return error_set(err, ERR_TAMPER, "%s is missing", name);
	sha256_hex(out->data, out->len, hex);
	return strcmp(hex, digest) == 0 ? 0 : error_set(err, ERR_TAMPER, "%s is not what its name says", name);
}

/* SEQ TAB AT TAB LINK. */
static bool parse_line(const char *line, size_t len, struct arena *mem, struct ledger_row *row)
{
	const char *tab = memchr(line, '\t', len);
	const char *second = tab ? memchr(tab + 1, '\t', len - (size_t)(tab + 1 - line)) : NULL;
	char number[NUM_TEXT], at[TIME_TEXT];
	if (!second || !int_parse(line, (size_t)(tab - line), &row->seq) || row->seq < 1)
		return false;
	snprintf(number, sizeof number, "%lld", (long long)row->seq);
	if (strlen(number) != (size_t)(tab - line) || memcmp(number, line, strlen(number)) != 0)
		return false;
	row->at = arena_memdup0(mem, tab + 1, (size_t)(second - tab - 1));
	if (!time_parse(row->at, strlen(row->at), &row->at_ms) ||
	    strcmp(row->at, time_rfc3339(row->at_ms, at)) != 0)
		return false;
	const char *link = second + 1;
	size_t link_len = len - (size_t)(link - line);
	if (link_len != SHA256_TEXT - 1)
		return false;
	memcpy(row->link, link, link_len);
	row->link[link_len] = 0;
	return strspn(row->link, "0123456789abcdef") == link_len;
}

static void read_row(struct bundle *b, struct ledger_row *row)
{
	struct str bytes;
	str_init(&bytes);
	const char *text = arena_printf(b->mem, "decisions/%lld.txt", (long long)row->seq);
	const char *sig = arena_printf(b->mem, "decisions/%lld.sig", (long long)row->seq);
	belongs(b, text);
	if (!read_file(b, text, &bytes))
		problem(b, row->seq, "gap", arena_printf(b->mem, "%s is missing", text));
	row->body = arena_memdup0(b->mem, bytes.data, bytes.len);
	row->body_len = bytes.len;
	str_clear(&bytes);
	if (read_file(b, sig, &bytes)) {
		belongs(b, sig);
		/* An unsigned row has no file, so that an empty one says nothing that the chain holds. */
		if (!bytes.len)
			problem(b, row->seq, "unexpected-signature", arena_printf(b->mem, "%s is empty", sig));
	}
	row->sig = arena_memdup0(b->mem, bytes.data, bytes.len);
	row->sig_len = bytes.len;
	str_release(&bytes);
}

static int read_rows(struct bundle *b, struct error *err)
{
	struct str list;
	size_t cap = 0, line = 0;
	str_init(&list);
	belongs(b, "ledger.tsv");
	if (!read_file(b, "ledger.tsv", &list)) {
		str_release(&list);
		return error_set(err, ERR_ENV, "%s is no bundle: it has no ledger.tsv", b->dir);
	}
	for (const char *p = list.data, *end = p + list.len; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((stop ? stop : end) - p);
		struct ledger_row row = {0};
		line++;
		if (!stop || !parse_line(p, len, b->mem, &row)) {
			problem(b, 0, "chain",
			        arena_printf(b->mem, "line %zu of ledger.tsv is not SEQ, TIME, LINK", line));
		} else {
			read_row(b, &row);
			b->rows = vec_reserve(b->rows, &cap, b->row_count + 1, sizeof *b->rows);
			b->rows[b->row_count++] = row;
		}
		p += len + 1;
	}
	str_release(&list);
	return 0;
}

/* ---- what the rows name ---- */

static void check_object(struct bundle *b, int64_t seq, const char *what, const char *digest)
{
	struct str bytes;
	struct error why;
	str_init(&bytes);
	belongs(b, arena_printf(b->mem, "evidence/%s", digest));
	if (read_object(b, digest, &bytes, &why) != 0)
		problem(b, seq, what, why.text);
	str_release(&bytes);
}

/* Objects that rows name; whether a row registers the manifest. */
static void check_rows(struct bundle *b)
{
	bool registered = false;
	for (size_t i = 0; i < b->row_count; i++) {
		const struct ledger_row *row = &b->rows[i];
		struct ledger_text x;
		/* What is wrong with the text itself has been said. */
		if (ledger_text_parse(row->body, row->body_len, b->mem, &x, NULL) != 0)
			continue;
		registered = registered || (x.kind == LEDGER_REGISTRATION && strcmp(x.subject, b->subject) == 0);
		if ((x.kind == LEDGER_GENESIS || x.kind == LEDGER_ROSTER || x.kind == LEDGER_POLICY) && *x.subject)
			check_object(b, row->seq, "object", x.subject);
		for (size_t k = 0; k < x.evidence_count; k++)
			if (bundle_has_evidence(&x, x.evidence[k].kind, b->subject))
				check_object(b, row->seq, "evidence", x.evidence[k].digest);
	}
	if (!registered)
		problem(b, 0, "manifest", "no row registers a version with this manifest");
}

/* ---- files ---- */

static void check_manifest(struct bundle *b)
{
	struct str text;
	struct error why;
	struct manifest_file *files = NULL;
	size_t count = 0;
	str_init(&text);
	belongs(b, "manifest");
	if (!read_file(b, "manifest", &text))
		problem(b, 0, "manifest", "the file manifest is missing");
	sha256_hex(text.data, text.len, b->subject);
	if (text.len && manifest_parse(text.data, text.len, b->mem, &files, &count, &why) != 0)
		problem(b, 0, "manifest", why.text);
	char *folder = path_join(b->dir, "files");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	for (size_t i = 0; i < count; i++) {
		char hex[SHA256_TEXT] = "";
		int64_t bytes = -1;
		belongs(b, arena_printf(b->mem, "files/%s", files[i].path));
		if (fd < 0 || beneath_hash(fd, files[i].path, -1, hex, &bytes, &why) != 0)
			problem(b, 0, "manifest", fd < 0 ? "the folder files is missing" : why.text);
		else if (strcmp(hex, files[i].digest) != 0 || bytes != files[i].bytes)
			problem(b, 0, "manifest",
			        arena_printf(b->mem, "files/%s is not what the manifest says", files[i].path));
	}
	if (fd >= 0)
		close(fd);
	free(folder);
	str_release(&text);
}

/* A copy for people of something that a row brought into force. */
static void check_copy(struct bundle *b, const char *name, const char *digest)
{
	struct str text;
	char hex[SHA256_TEXT];
	str_init(&text);
	bool there = read_file(b, name, &text);
	sha256_hex(text.data, text.len, hex);
	if (there)
		belongs(b, name);
	if (*digest ? !there || strcmp(hex, digest) != 0 : there)
		problem(b, 0, name, arena_printf(b->mem, "the file %s is not the one in force", name));
	str_release(&text);
}

/* Scripts of earlier versions of this program would be known here by their digests: this is the first. */
static void check_script(struct bundle *b)
{
	struct str text;
	str_init(&text);
	belongs(b, "verify.sh");
	if (!read_file(b, "verify.sh", &text) || text.len != bundle_script_len ||
	    memcmp(text.data, bundle_script, text.len) != 0)
		problem(b, 0, "object", "verify.sh is not the script that this program writes");
	str_release(&text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Nothing else may lie in it: what is looked at must be what was signed. */
static void walk(struct bundle *b, const char *below)
{
	char *path = path_join(b->dir, below);
	DIR *dir = opendir(path);
	struct dirent *e;
	while (dir && (e = readdir(dir))) {
		struct stat st;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		const char *name =
		    *below ? arena_printf(b->mem, "%s/%s", below, e->d_name) : arena_strdup(b->mem, e->d_name);
		bool known = bsearch(&name, b->known, b->known_count, sizeof *b->known, by_text) != NULL;
		bool seen = fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		if (seen && S_ISDIR(st.st_mode))
			walk(b, name);
		else if (!seen || !S_ISREG(st.st_mode) || !known)
			problem(b, 0, "object", arena_printf(b->mem, "%s does not belong here", name));
	}
	if (dir)
		closedir(dir);
	free(path);
}

int work_bundle_verify(const char *dir, const struct ledger_pin *known, ledger_progress_fn *progress,
                       void *user, struct ledger_report *out, struct error *err)
{
	struct bundle b = {.dir = dir, .mem = arena_new()};
	const struct ledger_objects objects = {.read = read_object, .user = &b};
	const struct ledger_verify_options options = {.pin = known, .progress = progress, .user = user};
	struct ledger_report early = {.mem = arena_new()};
	int status = -1;
	b.report = &early; /* what reading finds comes before what verifying does */
	if (read_rows(&b, err) != 0)
		goto out;
	if (ledger_verify_rows(b.rows, b.row_count, &objects, &options, out, err) != 0)
		goto out;
	b.report = out;
	for (size_t i = 0; i < early.problem_count; i++)
		problem(&b, early.problems[i].seq, early.problems[i].what, early.problems[i].where);
	check_manifest(&b);
	check_rows(&b);
	check_copy(&b, "roster", out->roster);
	check_copy(&b, "policy", out->policy);
	check_script(&b);
	qsort(b.known, b.known_count, sizeof *b.known, by_text);
	walk(&b, "");
	status = 0;
out:
	ledger_report_release(&early);
	free(b.rows);
	free(b.known);
	arena_free(b.mem);
	return status;
}
