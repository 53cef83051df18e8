/*
 * bundle_mutations: a bundle of twenty rows is spoiled in one place, and both verifiers must find it: the
 * program and verify.sh, with the same verdict.
 *
 *     TRIALS=2000 SEED=1 build/tests/fault/bundle_mutations
 *
 * Bytes flipped, lines deleted, doubled and exchanged, files cut, taken away, exchanged and added, links in
 * place of files, the end of the ledger cut off (a row is known from elsewhere), rows changed with every
 * later link computed anew. With LONG=1 also every single byte of the bundle, flipped one after the other (of
 * verify.sh every sixteenth); of those the program alone is asked, and must name the row or the file.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assay/work.h"

enum { WORKERS = 2, FILES_MOST = 256 };

struct bundle {
	char *dir;
	char *files[FILES_MOST]; /* below dir */
	size_t count;
	struct ledger_pin pin; /* its last row, known from elsewhere */
};

struct trial {
	const struct bundle *from;
	char *dir; /* a copy that is spoiled */
	unsigned seed;
	struct str said;   /* what was done */
	int64_t row;       /* that must be named; -1: any */
	const char *named; /* or this file */
};

static size_t pick(struct trial *t, size_t below)
{
	return (size_t)rand_r(&t->seed) % below;
}

static void fatal(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(3);
}

/* ---- files ---- */

static char *in_dir(const char *dir, const char *file)
{
	return path_join(dir, file);
}

static void load(const char *dir, const char *file, struct str *out)
{
	struct error err;
	char *path = in_dir(dir, file);
	if (file_read(path, out, 0, &err) != 0)
		fatal(err.text);
	free(path);
}

static void store_bytes(const char *dir, const char *file, const char *bytes, size_t len)
{
	char *path = in_dir(dir, file);
	FILE *f;
	unlink(path);
	f = fopen(path, "wb");
	if (!f || (len && fwrite(bytes, 1, len, f) != len) || fclose(f) != 0)
		fatal(path);
	free(path);
}

static int run(const char *const argv[], const char *cwd, struct str *out)
{
	int status;
	struct error err;
	if (child_capture(argv, cwd, 120000, 1 << 20, out, NULL, &status, &err) != 0)
		fatal(err.text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void copy_bundle(const struct bundle *b, const char *to)
{
	const char *const rm[] = {"rm", "-rf", to, NULL};
	const char *const cp[] = {"cp", "-r", b->dir, to, NULL};
	struct str out;
	str_init(&out);
	if (run(rm, NULL, &out) != 0 || run(cp, NULL, &out) != 0)
		fatal("cp");
	str_release(&out);
}

static void list_files(struct bundle *b)
{
	const char *const argv[] = {"find", ".", "-type", "f", NULL};
	struct str out;
	str_init(&out);
	if (run(argv, b->dir, &out) != 0)
		fatal("find");
	for (char *p = out.data, *end; *p && b->count < FILES_MOST; p = end + 1) {
		end = strchr(p, '\n');
		*end = 0;
		b->files[b->count++] = xstrdup(p + 2);
	}
	str_release(&out);
}

/* ---- spoiling ---- */

/* A file that verify.sh looks at: it cannot answer for itself. */
static const char *any_file(struct trial *t)
{
	const char *file;
	do
		file = t->from->files[pick(t, t->from->count)];
	while (strcmp(file, "verify.sh") == 0);
	return file;
}

static const char *any_row_file(struct trial *t, const char *suffix)
{
	const char *file;
	do
		file = t->from->files[pick(t, t->from->count)];
	while (strncmp(file, "decisions/", 10) != 0 || !strstr(file, suffix));
	return file;
}

static void expect(struct trial *t, const char *file)
{
	t->named = file;
	t->row = strncmp(file, "decisions/", 10) == 0 ? strtoll(file + 10, NULL, 10) : -1;
}

static void flip_at(struct trial *t, const char *file, size_t at, unsigned mask)
{
	struct str s;
	str_init(&s);
	load(t->dir, file, &s);
	s.data[at] = (char)(s.data[at] ^ (char)mask);
	store_bytes(t->dir, file, s.data, s.len);
	str_release(&s);
	str_addf(&t->said, "byte %zu of %s ^ %u", at, file, mask);
	expect(t, file);
}

static void flip(struct trial *t)
{
	const char *file = any_file(t);
	char *path = in_dir(t->dir, file);
	struct stat st;
	if (stat(path, &st) != 0 || !st.st_size)
		fatal(path);
	free(path);
	flip_at(t, file, pick(t, (size_t)st.st_size), 1u << pick(t, 8));
}

struct line {
	size_t at, len; /* with its line feed */
};

static size_t split(const struct str *s, struct line *lines, size_t most)
{
	size_t n = 0;
	for (size_t at = 0; at < s->len && n < most;) {
		const char *stop = memchr(s->data + at, '\n', s->len - at);
		size_t len = stop ? (size_t)(stop - s->data) + 1 - at : s->len - at;
		lines[n++] = (struct line){at, len};
		at += len;
	}
	return n;
}

static void line_change(struct trial *t, int how)
{
	static const char *const names[] = {"deleted", "doubled", "exchanged"};
	enum { LINES_MOST = 512 };
	struct line lines[LINES_MOST];
	struct str s, out;
	const char *file;
	size_t n, a, b;
	str_init(&s);
	str_init(&out);
	do {
		file = any_file(t);
		load(t->dir, file, &s);
		n = split(&s, lines, LINES_MOST);
		a = pick(t, n);
		b = pick(t, n);
		str_clear(&out);
		for (size_t i = 0; i < n; i++) {
			const struct line *l = &lines[how == 2 && i == a ? b : how == 2 && i == b ? a : i];
			if (how == 0 && i == a)
				continue;
			str_add(&out, s.data + l->at, l->len);
			if (how == 1 && i == a)
				str_add(&out, s.data + l->at, l->len);
		}
	} while (out.len == s.len && memcmp(out.data, s.data, s.len) == 0);
	store_bytes(t->dir, file, out.data, out.len);
	str_addf(&t->said, "line %zu of %s %s", a + 1, file, names[how]);
	expect(t, file);
	str_release(&s);
	str_release(&out);
}

static void cut_file(struct trial *t)
{
	const char *file = any_file(t);
	struct str s;
	str_init(&s);
	load(t->dir, file, &s);
	size_t to = pick(t, s.len);
	store_bytes(t->dir, file, s.data, to);
	str_addf(&t->said, "%s cut to %zu bytes", file, to);
	expect(t, file);
	str_release(&s);
}

static void take_away(struct trial *t)
{
	const char *file = any_file(t);
	char *path = in_dir(t->dir, file);
	unlink(path);
	free(path);
	str_addf(&t->said, "%s taken away", file);
	expect(t, file);
	if (strcmp(file, "ledger.tsv") == 0)
		t->named = NULL;
}

static void exchange(struct trial *t, const char *suffix)
{
	const char *a = any_row_file(t, suffix), *b;
	struct str x, y;
	do
		b = any_row_file(t, suffix);
	while (a == b);
	str_init(&x);
	str_init(&y);
	load(t->dir, a, &x);
	load(t->dir, b, &y);
	store_bytes(t->dir, a, y.data, y.len);
	store_bytes(t->dir, b, x.data, x.len);
	str_addf(&t->said, "%s and %s exchanged", a, b);
	expect(t, a);
	str_release(&x);
	str_release(&y);
}

static void add_file(struct trial *t)
{
	static const char *const places[] = {"extra",      "decisions/99.txt", "decisions/1.sig",
	                                     "evidence/0", "files/.hidden",    "files/more.bin"};
	const char *file = places[pick(t, COUNT_OF(places))];
	store_bytes(t->dir, file, "more\n", 5);
	str_addf(&t->said, "%s added", file);
	expect(t, file);
	if (!strstr(file, "1.sig"))
		t->row = -1;
}

static void link_file(struct trial *t)
{
	const char *file = any_file(t);
	char *path = in_dir(t->dir, file), *to = in_dir(t->from->dir, file);
	unlink(path);
	if (symlink(to, path) != 0)
		fatal(path);
	str_addf(&t->said, "%s replaced by a link to the same bytes", file);
	expect(t, file);
	if (strcmp(file, "ledger.tsv") == 0)
		t->named = NULL;
	free(path);
	free(to);
}

/* ---- a chain computed anew ---- */

static void hash_of(const char *dir, const char *kind, int64_t seq, char hex[SHA256_TEXT])
{
	char *name = xasprintf("decisions/%lld.%s", (long long)seq, kind), *path = in_dir(dir, name);
	struct str s;
	str_init(&s);
	if (file_exists(path))
		load(dir, name, &s);
	sha256_hex(s.data, s.len, hex);
	str_release(&s);
	free(path);
	free(name);
}

/* ledger.tsv with links that fit what is there, of `rows` rows. */
static void relink(struct trial *t, int64_t rows)
{
	struct str s, out, one;
	char link[SHA256_TEXT], body[SHA256_TEXT], sig[SHA256_TEXT];
	int64_t seq = 0;
	str_init(&s);
	str_init(&out);
	str_init(&one);
	load(t->dir, "ledger.tsv", &s);
	memset(link, '0', sizeof link - 1);
	link[sizeof link - 1] = 0;
	for (char *p = s.data; *p && seq < rows; p = strchr(p, '\n') + 1) {
		char *at = strchr(p, '\t') + 1;
		int len = (int)(strchr(at, '\t') - at);
		seq++;
		hash_of(t->dir, "txt", seq, body);
		hash_of(t->dir, "sig", seq, sig);
		str_clear(&one);
		str_addf(&one, "assay-ledger/1\nseq %lld\nprev sha256:%s\nat %.*s\nbody sha256:%s\nsig sha256:%s\n",
		         (long long)seq, link, len, at, body, sig);
		sha256_hex(one.data, one.len, link);
		str_addf(&out, "%lld\t%.*s\t%s\n", (long long)seq, len, at, link);
	}
	store_bytes(t->dir, "ledger.tsv", out.data, out.len);
	str_release(&s);
	str_release(&out);
	str_release(&one);
}

static void remove_row(struct trial *t, int64_t seq)
{
	static const char *const kinds[] = {"txt", "sig"};
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		char *name = xasprintf("%s/decisions/%lld.%s", t->dir, (long long)seq, kinds[i]);
		unlink(name);
		free(name);
	}
}

static void cut_tail(struct trial *t)
{
	int64_t keep = t->from->pin.seq - 1 - (int64_t)pick(t, 4);
	for (int64_t seq = keep + 1; seq <= t->from->pin.seq; seq++)
		remove_row(t, seq);
	relink(t, keep);
	str_addf(&t->said, "rows cut off behind row %lld", (long long)keep);
}

static void relinked_text(struct trial *t)
{
	const char *file = any_row_file(t, ".txt");
	struct str s;
	str_init(&s);
	load(t->dir, file, &s);
	/* A digit of the text becomes another one: the text may well stay one of the grammar. */
	size_t at;
	do
		at = pick(t, s.len);
	while (s.data[at] < '0' || s.data[at] > '8');
	s.data[at]++;
	store_bytes(t->dir, file, s.data, s.len);
	relink(t, t->from->pin.seq);
	str_addf(&t->said, "byte %zu of %s changed, all links computed anew", at, file);
	str_release(&s);
}

static void relinked_signature(struct trial *t)
{
	exchange(t, ".sig");
	relink(t, t->from->pin.seq);
	str_adds(&t->said, ", all links computed anew");
	t->row = -1;
	t->named = NULL;
}

static void spoil(struct trial *t)
{
	static void (*const whole[])(struct trial *) = {cut_file,      take_away,          add_file, link_file,
	                                                relinked_text, relinked_signature, cut_tail};
	size_t kind = pick(t, 16);
	t->row = -1;
	t->named = NULL;
	str_clear(&t->said);
	if (kind < 4)
		flip(t);
	else if (kind < 7)
		line_change(t, (int)kind - 4);
	else if (kind < 9)
		exchange(t, kind == 7 ? ".sig" : ".txt");
	else
		whole[kind - 9](t);
}

/* ---- judging ---- */

static bool names_place(const struct trial *t, const struct ledger_report *r)
{
	if (!t->named)
		return true;
	for (size_t i = 0; i < r->problem_count; i++) {
		const struct ledger_problem *p = &r->problems[i];
		if (p->note)
			continue;
		if (t->row >= 0 ? p->seq == t->row : strstr(p->where, t->named) || strcmp(p->what, t->named) == 0)
			return true;
		/* A line of ledger.tsv is a row; the manifest's own digest is what rows are about. */
		if (strcmp(t->named, "ledger.tsv") == 0 || strcmp(p->what, "manifest") == 0)
			return true;
	}
	return false;
}

/* 0 when the program finds it, and where. */
static int judge_here(const struct trial *t, bool pin)
{
	struct ledger_report r;
	struct error err;
	int bad = 1;
	if (work_bundle_verify(t->dir, pin ? &t->from->pin : NULL, NULL, NULL, &r, &err) != 0) {
		/* Without ledger.tsv it is no bundle. */
		bad = t->named != NULL;
		if (bad)
			printf("# %s: %s\n", t->said.data, err.text);
		return bad;
	}
	for (size_t i = 0; i < r.problem_count; i++)
		bad = bad && r.problems[i].note;
	if (bad)
		printf("# %s: not found\n", t->said.data);
	else if ((bad = !names_place(t, &r)) != 0)
		printf("# %s: found, but not where: row %lld %s %s\n", t->said.data, (long long)r.problems[0].seq,
		       r.problems[0].what, r.problems[0].where);
	ledger_report_release(&r);
	return bad;
}

static int judge_script(const struct trial *t)
{
	char seq[NUM_TEXT], *script = in_dir(t->dir, "verify.sh");
	snprintf(seq, sizeof seq, "%lld", (long long)t->from->pin.seq);
	const char *const argv[] = {"sh", script, seq, t->from->pin.head, NULL};
	struct str out;
	str_init(&out);
	int status = run(argv, NULL, &out);
	if (status != 6)
		printf("# %s: verify.sh ends with %d\n", t->said.data, status);
	str_release(&out);
	free(script);
	return status != 6;
}

static int seeded(const struct bundle *b, const char *dir, int worker, int trials, unsigned seed)
{
	struct trial t = {.from = b, .dir = xasprintf("%s/copy-%d", dir, worker)};
	int failed = 0;
	str_init(&t.said);
	for (int i = worker; i < trials; i += WORKERS) {
		t.seed = seed + (unsigned)i;
		copy_bundle(b, t.dir);
		spoil(&t);
		int bad = judge_here(&t, true) + judge_script(&t);
		if (bad)
			printf("# that was SEED=%u TRIALS=1\n", seed + (unsigned)i);
		failed += bad != 0;
	}
	fflush(stdout);
	str_release(&t.said);
	free(t.dir);
	return failed;
}

/* Every byte in turn; of verify.sh, which is compared as a whole, every sixteenth. */
static int every_byte(const struct bundle *b, const char *dir, int worker)
{
	struct trial t = {.from = b, .dir = xasprintf("%s/every-%d", dir, worker)};
	int failed = 0;
	size_t number = 0;
	str_init(&t.said);
	copy_bundle(b, t.dir);
	for (size_t f = 0; f < b->count; f++) {
		struct str s;
		str_init(&s);
		load(b->dir, b->files[f], &s);
		size_t step = strcmp(b->files[f], "verify.sh") == 0 ? 16 : 1;
		for (size_t at = 0; at < s.len; at += step) {
			if (number++ % WORKERS != (size_t)worker)
				continue;
			str_clear(&t.said);
			flip_at(&t, b->files[f], at, 1);
			failed += judge_here(&t, false);
		}
		store_bytes(t.dir, b->files[f], s.data, s.len);
		str_release(&s);
	}
	fflush(stdout);
	str_release(&t.said);
	free(t.dir);
	return failed;
}

/* ---- all of it ---- */

static int in_workers(const struct bundle *b, const char *dir, int trials, unsigned seed, bool every)
{
	int failed = 0, status;
	fflush(stdout);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			int n = every ? every_byte(b, dir, i) : seeded(b, dir, i, trials, seed);
			_exit(n > 100 ? 100 : n);
		}
	while (waitpid(-1, &status, 0) > 0)
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	return failed;
}

/* ---- signatures that were found good ----
 *
 * Most bundles here differ from the last one in a byte that no signature covers. What ssh-keygen has found good over
 * the same bytes by the same roster is not asked again (the linker puts this in the place of the room's own function,
 * see the Makefile); whatever differs by a byte is asked. */

int __real_ledger_signature_verify(const char *body, size_t len, const char *sig, size_t sig_len,
                                   const struct roster *roster, const char *principal,
                                   struct ledger_signature *out, struct error *err);
int __wrap_ledger_signature_verify(const char *body, size_t len, const char *sig, size_t sig_len,
                                   const struct roster *roster, const char *principal,
                                   struct ledger_signature *out, struct error *err);

static struct intern good; /* digests of text, signature, roster and name */
static pthread_mutex_t good_guard = PTHREAD_MUTEX_INITIALIZER;

int __wrap_ledger_signature_verify(const char *body, size_t len, const char *sig, size_t sig_len,
                                   const struct roster *roster, const char *principal,
                                   struct ledger_signature *out, struct error *err)
{
	struct sha256 h;
	char all[SHA256_TEXT];
	size_t lengths[] = {len, sig_len, strlen(principal)};
	bool known;

	sha256_init(&h);
	sha256_add(&h, lengths, sizeof lengths);
	sha256_add(&h, body, len);
	sha256_add(&h, sig, sig_len);
	sha256_add(&h, principal, lengths[2]);
	sha256_add(&h, roster->digest, strlen(roster->digest));
	sha256_end(&h, all);
	pthread_mutex_lock(&good_guard);
	known = intern_find(&good, all, strlen(all)) != INTERN_NONE;
	pthread_mutex_unlock(&good_guard);
	if (known)
		return ledger_signature_parse(sig, sig_len, out, err);
	if (__real_ledger_signature_verify(body, len, sig, sig_len, roster, principal, out, err) != 0)
		return -1;
	pthread_mutex_lock(&good_guard);
	intern_add(&good, all, strlen(all));
	pthread_mutex_unlock(&good_guard);
	return 0;
}

static int env_int(const char *name, int fallback)
{
	const char *text = getenv(name);
	return text && *text ? (int)strtol(text, NULL, 10) : fallback;
}

static void report(int number, int failed, const char *what)
{
	printf("%sok %d - %s\n", failed ? "not " : "", number, what);
}

int main(void)
{
	const char *base = getenv("TMPDIR");
	bool every = getenv("LONG") != NULL;
	int trials = env_int("TRIALS", 30), failed = 0, bad;
	unsigned seed = (unsigned)env_int("SEED", (int)(time_now_ms() % 1000000));
	char *self = path_absolute("/proc/self/exe"), *slash, what[128];
	char *dir = xasprintf("%s/assay-bundle-XXXXXX", base ? base : "/tmp");
	struct bundle b = {0};
	struct ledger_report whole;
	struct error err;
	struct str out;

	/* The long run has its own measure: two thousand by both, and every byte. */
	trials = every && trials > 2000 ? 2000 : trials;
	for (int i = 0; i < 3 && (slash = strrchr(self, '/')); i++)
		*slash = 0; /* build/tests/fault/bundle_mutations: build */
	char *program = xasprintf("%s/assay", self);
	if (!mkdtemp(dir))
		fatal(dir);
	intern_init(&good);
	str_init(&out);
	const char *const make[] = {"bash", "tests/lib/make-bundle", program, dir, NULL};
	if (run(make, NULL, &out) != 0)
		fatal("tests/lib/make-bundle");
	b.dir = path_join(dir, "bundle");
	const char *const open_up[] = {"chmod", "-R", "u+w", b.dir, NULL};
	run(open_up, NULL, &out);
	list_files(&b);
	printf("# SEED=%u TRIALS=%d, %zu files\n", seed, trials, b.count);
	if (work_bundle_verify(b.dir, NULL, NULL, NULL, &whole, &err) != 0)
		fatal(err.text);
	str_clear(&out);
	load(b.dir, "ledger.tsv", &out);
	const char *last = out.data + out.len - SHA256_TEXT;
	b.pin = (struct ledger_pin){.there = true, .seq = whole.rows};
	memcpy(b.pin.head, last, SHA256_TEXT - 1);
	bad = whole.problem_count != 0 || whole.rows < 20;
	failed += bad;
	report(1, bad, "the bundle as it was written is intact, and has twenty rows");
	ledger_report_release(&whole);
	char *script = path_join(b.dir, "verify.sh");
	char *number = xasprintf("%lld", (long long)b.pin.seq);
	const char *const verify[] = {"sh", script, number, b.pin.head, NULL};
	bad = run(verify, NULL, &out) != 0;
	failed += bad;
	report(2, bad, "verify.sh agrees");
	bad = in_workers(&b, dir, trials, seed, false);
	failed += bad;
	snprintf(what, sizeof what, "%d spoiled bundles: both find it, the program says where", trials);
	report(3, bad, what);
	if (every) {
		bad = in_workers(&b, dir, 0, 0, true);
		failed += bad;
		report(4, bad, "every byte of the bundle, flipped: found, and where");
	}
	printf("1..%d\n", every ? 4 : 3);
	dir_remove(dir, NULL);
	intern_release(&good);
	for (size_t i = 0; i < b.count; i++)
		free(b.files[i]);
	free(b.dir);
	free(number);
	free(script);
	free(program);
	free(self);
	free(dir);
	str_release(&out);
	return failed != 0;
}
