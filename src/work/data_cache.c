/*
 * Profiles of files that are not registered, kept in the person's cache.
 *
 * "SIZE-COUNT-HASH.files" says that files, by what their folder says of them (device, inode, size, times of the last
 * changes), were profiled; "SIZE-COUNT-HASH.bytes" says the digests of their bytes besides. "HASH.profile" is what was
 * told of these files, or of such bytes, read in such a way.
 *
 * Hashing takes a good part of the time that reading takes. So files that are seen for the first time are not hashed: they
 * are known by their identity. Once files of that size are there that have another identity (copied, touched, written
 * anew), they are; from then on the same bytes are only hashed to be known, whatever their name and times.
 *
 * An identity is not to be trusted where the file may have been changed without its times telling: it was changed within
 * two seconds before it was read (times are as coarse as that on some file systems), while it was read, or its folder is
 * on another machine. As git has it with its index. Such files are hashed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache_folder.h"
#include "work.h"

/* Raise it where profiles of the same bytes become others: what older versions have kept is then passed over. */
#define PROFILES "assay-profiles 2"

#define NO_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

enum { RACY_MS = 2000, NAME_SIZE = 160, HASH_PART = 32, HASH_PIECE = 1 << 18 };

struct identity {
	uint64_t device, inode, size;
	int64_t changed[4];       /* mtime, ctime: seconds, nanoseconds */
	int64_t seen;             /* now, when that was looked at; ms */
	bool known;               /* there is an entry that says so, and can be trusted */
	char sha256[SHA256_TEXT]; /* "": not known */
};

struct asked {
	const char *const *paths;
	size_t count;
	const struct reading *reading;
	const struct profile_options *how;
	struct progress *progress;
	struct cache_folder folder;
	struct identity *files;
	bool alike, alike_bytes; /* there are entries of files of that size; with digests */
	bool hashed;             /* they had no entry that could be trusted, but are known to have these bytes */
};

/* ---- files ---- */

static void identity_of(const struct stat *st, struct identity *id)
{
	*id = (struct identity){.device = (uint64_t)st->st_dev,
	                        .inode = (uint64_t)st->st_ino,
	                        .size = (uint64_t)st->st_size,
	                        .changed = {(int64_t)st->st_mtim.tv_sec, (int64_t)st->st_mtim.tv_nsec,
	                                    (int64_t)st->st_ctim.tv_sec, (int64_t)st->st_ctim.tv_nsec},
	                        .seen = time_now_ms()};
}

static bool same_identity(const struct identity *a, const struct identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       memcmp(a->changed, b->changed, sizeof a->changed) == 0;
}

/* It had been left alone for long enough. */
static bool is_settled(const struct identity *id)
{
	for (int i = 0; i < 4; i += 2)
		if (id->seen - (id->changed[i] * 1000 + id->changed[i + 1] / 1000000) < RACY_MS)
			return false;
	return true;
}

/* Of all files; false: one cannot be looked at, or comes but once. */
static bool look_at_files(struct asked *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct stat st;
		if (strcmp(a->paths[i], "-") == 0 || stat(a->paths[i], &st) != 0 || !S_ISREG(st.st_mode) ||
		    st.st_size == 0)
			return false;
		identity_of(&st, &a->files[i]);
	}
	return true;
}

static void add_identity(const struct identity *id, struct str *out)
{
	str_addf(out, "%llu %llu %llu %lld.%09lld %lld.%09lld", (unsigned long long)id->device,
	         (unsigned long long)id->inode, (unsigned long long)id->size, (long long)id->changed[0],
	         (long long)id->changed[1], (long long)id->changed[2], (long long)id->changed[3]);
}

/* All that are as large and as many begin so. */
static void files_prefix(const struct asked *a, char out[NAME_SIZE])
{
	uint64_t size = 0;
	for (size_t i = 0; i < a->count; i++)
		size += a->files[i].size;
	snprintf(out, NAME_SIZE, "%llu-%zu-", (unsigned long long)size, a->count);
}

static void files_name(const struct asked *a, bool bytes, char out[NAME_SIZE])
{
	char prefix[NAME_SIZE], hex[SHA256_TEXT];
	struct str text;
	str_init(&text);
	for (size_t i = 0; i < a->count; i++) {
		add_identity(&a->files[i], &text);
		str_addc(&text, '\n');
	}
	sha256_hex(text.data, text.len, hex);
	files_prefix(a, prefix);
	snprintf(out, NAME_SIZE, "%s%.*s%s", prefix, HASH_PART, hex, bytes ? ".bytes" : ".files");
	str_release(&text);
}

static bool can_be_trusted(const struct asked *a, size_t at)
{
	return is_settled(&a->files[at]) && !path_is_network(a->paths[at], NULL);
}

/* A line a file: "DEVICE INODE SIZE MTIME CTIME SHA256 sure", 64 zeros where it is not known. */
static void put_files(const struct asked *a)
{
	char name[NAME_SIZE];
	struct str text;
	str_init(&text);
	for (size_t i = 0; i < a->count; i++) {
		add_identity(&a->files[i], &text);
		str_addf(&text, " %s %s\n", a->files[i].sha256[0] ? a->files[i].sha256 : NO_DIGEST,
		         can_be_trusted(a, i) ? "sure" : "racy");
	}
	/* What was known of their bytes leads to what was told of these before. */
	files_name(a, true, name);
	if (!a->files[0].sha256[0]) {
		cache_drop(&a->folder, name);
		files_name(a, false, name);
	}
	cache_put(&a->folder, name, &text);
	str_release(&text);
}

/* What the entry says of the files that are as they were then. */
static void take_files(struct asked *a, const char *name)
{
	struct str text, line;
	str_init(&text);
	str_init(&line);
	if (cache_get(&a->folder, name, &text))
		for (size_t i = 0; i < a->count; i++) {
			const char *at;
			str_clear(&line);
			add_identity(&a->files[i], &line);
			str_addc(&line, ' ');
			at = strstr(text.data, line.data);
			/* From the beginning of a line. */
			if (!at || (at != text.data && at[-1] != '\n') ||
			    strcspn(at, "\n") != line.len + SHA256_TEXT + 4 ||
			    memcmp(at + line.len + SHA256_TEXT - 1, " sure", 5) != 0)
				continue;
			a->files[i].known = true;
			if (memcmp(at + line.len, NO_DIGEST, SHA256_TEXT - 1) == 0)
				continue;
			memcpy(a->files[i].sha256, at + line.len, SHA256_TEXT - 1);
			a->files[i].sha256[SHA256_TEXT - 1] = '\0';
		}
	str_release(&line);
	str_release(&text);
}

static bool on_files(void *user, const char *name)
{
	struct asked *a = user;
	const char *end = strrchr(name, '.');
	a->alike = true;
	a->alike_bytes = a->alike_bytes || (end && strcmp(end, ".bytes") == 0);
	return !a->alike_bytes;
}

/* -1: it cannot be read, changed meanwhile, or nobody waits for it any more. */
static int hash_file(struct asked *a, size_t at)
{
	struct identity *id = &a->files[at], after;
	struct sha256 hash;
	struct stat st;
	char *piece = xmalloc(HASH_PIECE);
	int fd = open(a->paths[at], O_RDONLY | O_CLOEXEC), status = -1;
	ssize_t n;
	sha256_init(&hash);
	if (fd < 0)
		goto out;
	while ((n = read(fd, piece, HASH_PIECE)) > 0 || (n < 0 && errno == EINTR)) {
		if (progress_stop(a->progress))
			goto out;
		if (n > 0) {
			sha256_add(&hash, piece, (size_t)n);
			progress_add(a->progress, (uint64_t)n);
		}
	}
	if (n == 0 && fstat(fd, &st) == 0) {
		identity_of(&st, &after);
		status = same_identity(id, &after) ? 0 : -1;
	}
out:
	sha256_end(&hash, id->sha256);
	if (status != 0)
		id->sha256[0] = '\0';
	if (fd >= 0)
		close(fd);
	free(piece);
	return status;
}

static bool all_known(struct asked *a, bool bytes)
{
	char name[NAME_SIZE];
	bool known = true;
	files_name(a, bytes, name);
	take_files(a, name);
	for (size_t i = 0; i < a->count; i++)
		known = known && a->files[i].known;
	if (known)
		cache_touch(&a->folder, name);
	return known;
}

/* Whether it is known by now what the files are; alike and alike_bytes are known in any case. */
static bool find_files(struct asked *a)
{
	char prefix[NAME_SIZE];
	uint64_t unknown = 0;
	files_prefix(a, prefix);
	cache_each(&a->folder, prefix, on_files, a);
	if (!a->alike)
		return false;
	if (all_known(a, true) || all_known(a, false))
		return true;
	if (!a->alike_bytes)
		return false;
	for (size_t i = 0; i < a->count; i++)
		unknown += a->files[i].sha256[0] ? 0 : a->files[i].size;
	progress_begin(a->progress, "hashing", "bytes", unknown);
	for (size_t i = 0; i < a->count; i++)
		if (!a->files[i].sha256[0] && hash_file(a, i) != 0)
			return false;
	a->hashed = true;
	return true;
}

/* ---- what is told of them ---- */

static void add_text(struct str *out, const char *what, const char *bytes, size_t len)
{
	str_addf(out, "%s %zu\n", what, len);
	str_add(out, bytes, len);
	str_addc(out, '\n');
}

/* Everything that the profile depends on. Lengths keep apart what stands beside each other. */
static void profile_name(const struct asked *a, char out[NAME_SIZE])
{
	const struct reading *r = a->reading;
	char hex[SHA256_TEXT];
	struct str key;
	str_init(&key);
	str_addf(&key, PROFILES " " ASSAY_VERSION "\nweights %d memory %llu\n", a->how ? (int)a->how->weights : 0,
	         (unsigned long long)(a->how ? a->how->memory : 0));
	str_addf(&key, "%d %d %d %d %d %d %d %d %d %d\n", r->encoding, r->delimiter, r->quote, r->header, r->skip,
	         r->comment, r->trim, r->end_mark, r->resolved, r->like);
	for (size_t i = 0; i < r->missing_count; i++)
		add_text(&key, "missing", r->missing[i], strlen(r->missing[i]));
	if (r->positive)
		add_text(&key, "positive", r->positive, strlen(r->positive));
	for (size_t i = 0; i < r->column_count; i++) {
		str_addf(&key, "%d %u ", (int)r->columns[i].type, r->columns[i].roles);
		add_text(&key, "column", r->columns[i].name, strlen(r->columns[i].name));
	}
	for (size_t i = 0; i < r->name_count; i++)
		add_text(&key, "name", r->names[i], strlen(r->names[i]));
	for (size_t i = 0; i < a->count; i++) {
		if (a->files[i].sha256[0])
			str_addf(&key, "bytes %s", a->files[i].sha256);
		else
			add_identity(&a->files[i], &key);
		str_addc(&key, '\n');
	}
	sha256_hex(key.data, key.len, hex);
	snprintf(out, NAME_SIZE, "%s.profile", hex);
	str_release(&key);
}

/* With less memory it would have been told less exactly; how much there was is not known by the next one who asks. */
static bool is_told_the_same(const struct asked *a, const struct profile *p)
{
	for (size_t i = 0; i < p->column_count; i++)
		if (p->columns[i].bounds && !(a->how && a->how->memory))
			return false;
	return true;
}

enum { LENGTH_DIGITS = 15 };

static void put_profile(const struct asked *a, const struct profile *p, const struct table *about)
{
	char name[NAME_SIZE];
	struct str text, part;
	size_t from;
	if (!is_told_the_same(a, p))
		return;
	str_init(&text);
	str_init(&part);
	str_addf(&text, "made %lld\n", (long long)time_now_ms());
	reading_canonical(&about->reading, &part);
	add_text(&text, "reading", part.data, part.len);
	str_addf(&text, "rows %zu\n", about->row_count);
	for (size_t i = 0; i < about->column_count; i++)
		str_addf(&text, "missing %zu\n", about->columns[i].missing);
	for (size_t i = 0; i < about->file_count; i++) {
		const struct table_file *f = &about->files[i];
		str_addf(&text, "file %s %llu %zu %zu\n", f->sha256[0] ? f->sha256 : NO_DIGEST,
		         (unsigned long long)f->bytes, f->first_row, f->rows);
		add_text(&text, "path", f->path, strlen(f->path));
	}
	for (size_t i = 0; i < about->note_count; i++)
		add_text(&text, "note", about->notes[i], strlen(about->notes[i]));
	/* add_text, but at its place: of very many columns it is long. */
	str_addf(&text, "profile %0*d\n", LENGTH_DIGITS, 0);
	from = text.len;
	profile_json(p, &text);
	char length[NUM_TEXT];
	snprintf(length, sizeof length, "%0*zu", LENGTH_DIGITS, text.len - from);
	memcpy(text.data + from - LENGTH_DIGITS - 1, length, LENGTH_DIGITS);
	str_addc(&text, '\n');
	profile_name(a, name);
	cache_put(&a->folder, name, &text);
	str_release(&part);
	str_release(&text);
}

struct cursor {
	const char *at, *end;
};

static bool take_word(struct cursor *c, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(c->end - c->at) <= len || memcmp(c->at, word, len) != 0 || c->at[len] != ' ')
		return false;
	c->at += len + 1;
	return true;
}

static bool take_number(struct cursor *c, char ends, uint64_t *out)
{
	const char *stop = memchr(c->at, ends, (size_t)(c->end - c->at));
	int64_t value;
	if (!stop || !int_parse(c->at, (size_t)(stop - c->at), &value) || value < 0)
		return false;
	*out = (uint64_t)value;
	c->at = stop + 1;
	return true;
}

static bool take_text(struct cursor *c, const char *what, const char **text, size_t *len)
{
	uint64_t n;
	if (!take_word(c, what) || !take_number(c, '\n', &n) || n >= (uint64_t)(c->end - c->at) ||
	    c->at[n] != '\n')
		return false;
	*text = c->at;
	*len = (size_t)n;
	c->at += n + 1;
	return true;
}

/* A note may name a file, which may have had another name. */
static bool tells_path(const char *note, const char *path, const char *now)
{
	return strcmp(path, now) != 0 && strstr(note, path) != NULL;
}

static bool take_table(const struct asked *a, struct cursor *c, struct arena *mem, struct table *about)
{
	struct reading reading;
	const char *text;
	size_t len, note_count = 0, cap = 0;
	uint64_t rows, n[3];
	if (!take_text(c, "reading", &text, &len) || reading_parse(text, len, &reading, NULL) != 0)
		return false;
	size_t *missing = arena_array(mem, reading.column_count + 1, sizeof *missing);
	struct table_file *files = arena_array(mem, a->count + 1, sizeof *files);
	const char **paths = arena_array(mem, a->count + 1, sizeof *paths), **notes = NULL;
	bool good = take_word(c, "rows") && take_number(c, '\n', &rows);
	for (size_t i = 0; i < reading.column_count && good; i++) {
		good = take_word(c, "missing") && take_number(c, '\n', &n[0]);
		missing[i] = good ? (size_t)n[0] : 0;
	}
	for (size_t i = 0; i < a->count && good; i++) {
		good = take_word(c, "file") && c->end - c->at > SHA256_TEXT && c->at[SHA256_TEXT - 1] == ' ';
		if (!good)
			break;
		if (memcmp(c->at, NO_DIGEST, SHA256_TEXT - 1) != 0)
			memcpy(files[i].sha256, c->at, SHA256_TEXT - 1);
		c->at += SHA256_TEXT;
		good = take_number(c, ' ', &n[0]) && take_number(c, ' ', &n[1]) && take_number(c, '\n', &n[2]) &&
		       take_text(c, "path", &text, &len);
		if (!good)
			break;
		paths[i] = arena_memdup0(mem, text, len);
		files[i].path = a->paths[i];
		files[i].bytes = n[0];
		files[i].first_row = (size_t)n[1];
		files[i].rows = (size_t)n[2];
	}
	while (good && take_text(c, "note", &text, &len)) {
		notes = vec_reserve(notes, &cap, note_count + 1, sizeof *notes);
		notes[note_count] = arena_memdup0(mem, text, len);
		for (size_t i = 0; i < a->count; i++)
			good = good && !tells_path(notes[note_count], paths[i], a->paths[i]);
		note_count++;
	}
	if (good)
		table_about(about, &reading, files, a->count, notes, note_count, missing, (size_t)rows);
	free(notes);
	reading_release(&reading);
	return good;
}

static bool take_profile(const struct asked *a, const struct str *bytes, struct profile *out,
                         struct table *about, int64_t *made)
{
	struct cursor c = {bytes->data, bytes->data + bytes->len};
	struct arena *mem = arena_new();
	const char *json;
	uint64_t then;
	size_t len;
	bool good = take_word(&c, "made") && take_number(&c, '\n', &then) && take_table(a, &c, mem, about);
	if (good) {
		good = take_text(&c, "profile", &json, &len) && profile_parse(out, json, len, NULL) == 0;
		if (!good)
			table_release(about);
	}
	if (good)
		*made = (int64_t)then;
	arena_free(mem);
	return good;
}

/* ---- both ---- */

static bool find(struct asked *a, struct profile *out, struct table *about, int64_t *made)
{
	char name[NAME_SIZE];
	struct str bytes;
	if (!find_files(a))
		return false;
	str_init(&bytes);
	profile_name(a, name);
	bool found = cache_get(&a->folder, name, &bytes) && take_profile(a, &bytes, out, about, made);
	str_release(&bytes);
	if (found) {
		cache_touch(&a->folder, name);
		if (a->hashed) {
			put_files(a);
			cache_trim(&a->folder);
		}
	}
	return found;
}

/* After reading, which gave the digests of the very bytes that were read, or none where they were known. */
static void keep(struct asked *a, const struct profile *p, const struct table *about)
{
	bool same = true, digests = true, trusted = true;
	for (size_t i = 0; i < a->count; i++) {
		struct stat st;
		struct identity now = {0};
		if (about->files[i].sha256[0])
			memcpy(a->files[i].sha256, about->files[i].sha256, SHA256_TEXT);
		digests = digests && a->files[i].sha256[0];
		trusted = trusted && can_be_trusted(a, i);
		if (stat(a->paths[i], &st) == 0)
			identity_of(&st, &now);
		else
			same = false;
		same = same && same_identity(&now, &a->files[i]);
	}
	if (!digests && !(same && trusted))
		return;
	put_profile(a, p, about);
	if (same)
		put_files(a);
	cache_trim(&a->folder);
}

/* What is known by its identity alone is not known any more once that is another. */
static bool wants_digest(const struct asked *a)
{
	bool known = true;
	for (size_t i = 0; i < a->count; i++) {
		if (!can_be_trusted(a, i))
			return true;
		known = known && a->files[i].known;
	}
	return a->alike && !known;
}

static int read_files(struct asked *a, struct profile *out, struct table *about, bool may_keep,
                      struct error *err)
{
	struct profile_options how = a->how ? *a->how : (struct profile_options){.threads = 0};
	how.no_digest = how.no_digest && !(may_keep && a->folder.path && wants_digest(a));
	if (progress_stop(a->progress))
		return progress_stopped(err);
	if (profile_files(out, about, a->paths, a->count, a->reading, &how, err) != 0)
		return -1;
	if (may_keep)
		keep(a, out, about);
	return 0;
}

int work_files_profile(const char *const paths[], size_t path_count, const struct reading *reading,
                       const struct profile_options *how, bool fresh, struct profile *out,
                       struct table *about, int64_t *made, struct error *err)
{
	struct asked a = {.paths = paths,
	                  .count = path_count,
	                  .reading = reading,
	                  .how = how,
	                  .progress = how ? how->progress : NULL};
	int64_t then = 0;
	int status;
	a.files = xcalloc(path_count + 1, sizeof *a.files);
	bool may_keep = path_count > 0 && look_at_files(&a);
	if (may_keep)
		cache_open(&a.folder, "profiles");
	if (may_keep && !fresh && find(&a, out, about, &then))
		status = 0;
	else
		status = read_files(&a, out, about, may_keep, err);
	if (made)
		*made = then;
	cache_release(&a.folder);
	free(a.files);
	return status;
}
