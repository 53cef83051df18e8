/* Writing and reading archives of regular files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tar.h"

enum { BLOCK = 512, NAME = 100, PREFIX = 155, PIECE = 1 << 18 };
#define USTAR_MOST UINT64_C(077777777777)

struct header { /* POSIX.1-1988 ustar */
	char name[NAME], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6],
	    version[2], user[32], group[32], major[8], minor[8], prefix[PREFIX], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static unsigned sum_of(const struct header *h)
{
	struct header copy = *h;
	const unsigned char *bytes = (const unsigned char *)&copy;
	unsigned sum = 0;
	memset(copy.checksum, ' ', sizeof copy.checksum);
	for (size_t i = 0; i < BLOCK; i++)
		sum += bytes[i];
	return sum;
}

/* ---- writing ---- */

static int put(struct tar_out *t, const void *bytes, size_t len, struct error *err)
{
	return fd_write_all(t->fd, bytes, len) == 0 ? 0 : error_errno(err, ERR_ENV, "cannot write %s", t->path);
}

static int pad(struct tar_out *t, uint64_t size, struct error *err)
{
	static const char zeros[BLOCK];
	size_t over = (size_t)(size % BLOCK);
	return over ? put(t, zeros, BLOCK - over, err) : 0;
}

static void octal(char *out, size_t size, uint64_t n)
{
	char text[32];
	snprintf(text, sizeof text, "%0*llo", (int)size - 1, (unsigned long long)n);
	memcpy(out, text, size);
}

/* Splits at a slash so that both parts fit. */
static bool fit_name(struct header *h, const char *name)
{
	size_t len = strlen(name);
	if (len <= NAME) {
		memcpy(h->name, name, len);
		return true;
	}
	for (size_t i = len > NAME ? len - NAME - 1 : 0; i < len && i <= PREFIX; i++)
		if (name[i] == '/' && i > 0 && i + 1 < len) {
			memcpy(h->prefix, name, i);
			memcpy(h->name, name + i + 1, len - i - 1);
			return true;
		}
	return false;
}

static int put_header(struct tar_out *t, const struct tar_file *file, char type, struct error *err)
{
	struct header h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	if (!fit_name(&h, file->name))
		memcpy(h.name, file->name, NAME); /* its whole name stands in the header before */
	octal(h.mode, sizeof h.mode, file->mode);
	octal(h.uid, sizeof h.uid, 0);
	octal(h.gid, sizeof h.gid, 0);
	octal(h.size, sizeof h.size, file->size <= USTAR_MOST ? file->size : 0);
	octal(h.mtime, sizeof h.mtime, file->mtime > 0 ? (uint64_t)file->mtime : 0);
	snprintf(h.checksum, sizeof h.checksum, "%06o", sum_of(&h));
	h.checksum[7] = ' ';
	return put(t, &h, sizeof h, err);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static void pax_record(struct str *out, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;
	char digits[NUM_TEXT];
	while (rest + (size_t)snprintf(digits, sizeof digits, "%zu", len) != len)
		len++;
	str_addf(out, "%zu %s=%s\n", len, key, value);
}

static int begin(struct tar_out *t, const struct tar_file *file, struct error *err)
{
	struct header probe = {0};
	struct str pax;
	char size[NUM_TEXT];
	int status = 0;
	if (strlen(file->name) > TAR_NAME)
		return error_set(err, ERR_USAGE, "%s: too long a name for an archive", file->name);
	str_init(&pax);
	snprintf(size, sizeof size, "%llu", (unsigned long long)file->size);
	if (!fit_name(&probe, file->name))
		pax_record(&pax, "path", file->name);
	if (file->size > USTAR_MOST)
		pax_record(&pax, "size", size);
	if (pax.len) {
		struct tar_file before = {.name = "pax", .size = pax.len, .mode = 0644, .mtime = file->mtime};
		if (put_header(t, &before, 'x', err) || put(t, pax.data, pax.len, err) || pad(t, pax.len, err))
			status = -1;
	}
	str_release(&pax);
	return status == 0 ? put_header(t, file, '0', err) : -1;
}

static int end(struct tar_out *t, const struct tar_file *file, const char *hex, struct error *err)
{
	str_addf(&t->sums, "%s  %s\n", hex, file->name);
	return pad(t, file->size, err);
}

int tar_add(struct tar_out *t, const struct tar_file *file, int from, char hex[SHA256_TEXT],
            struct error *err)
{
	char *piece = xmalloc(PIECE);
	struct sha256 h;
	int status = begin(t, file, err);
	sha256_init(&h);
	for (uint64_t left = file->size; status == 0 && left > 0;) {
		ssize_t n = read(from, piece, left < PIECE ? (size_t)left : PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = error_errno(err, ERR_STORE, "cannot read %s", file->name);
		else if (n == 0)
			status = error_set(err, ERR_STALE, "%s became shorter while it was read: try again", file->name);
		if (status != 0)
			break;
		sha256_add(&h, piece, (size_t)n);
		left -= (uint64_t)n;
		status = put(t, piece, (size_t)n, err);
		if (status == 0 && t->passed && t->passed(t->user, (uint64_t)n) != 0)
			status = error_set(err, ERR_NO, "stopped");
	}
	sha256_end(&h, hex);
	free(piece);
	return status == 0 ? end(t, file, hex, err) : -1;
}

int tar_add_bytes(struct tar_out *t, const char *name, const void *bytes, size_t len, struct error *err)
{
	struct tar_file file = {.name = name, .size = len, .mode = 0644, .mtime = time_now_ms() / 1000};
	char hex[SHA256_TEXT];
	sha256_hex(bytes, len, hex);
	return begin(t, &file, err) || put(t, bytes, len, err) ? -1 : end(t, &file, hex, err);
}

int tar_end(struct tar_out *t, struct error *err)
{
	static const char zeros[2 * BLOCK];
	return put(t, zeros, sizeof zeros, err);
}

/* ---- reading ---- */

static int refuse(const struct tar_in *t, struct error *err, const char *what)
{
	return error_set(err, ERR_TAMPER, "%s is no whole backup: %s", t->path, what);
}

/* Exactly len bytes. */
static int get(struct tar_in *t, void *bytes, size_t len, struct error *err)
{
	char *p = bytes;
	while (len > 0) {
		ssize_t n = read(t->fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, ERR_ENV, "cannot read %s", t->path);
		if (n == 0)
			return refuse(t, err, "it is cut off");
		p += n;
		len -= (size_t)n;
		if (t->passed && t->passed(t->user, (uint64_t)n) != 0)
			return error_set(err, ERR_NO, "stopped");
	}
	return 0;
}

static int get_pad(struct tar_in *t, uint64_t size, struct error *err)
{
	char rest[BLOCK];
	size_t over = (size_t)(size % BLOCK);
	return over ? get(t, rest, BLOCK - over, err) : 0;
}

static bool from_octal(const char *text, size_t size, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i + 1 < size; i++) {
		if (text[i] < '0' || text[i] > '7')
			return false;
		*out = *out * 8 + (uint64_t)(text[i] - '0');
	}
	return text[size - 1] == '\0';
}

/* Reads a header; 0: the empty block of the end. */
static int get_header(struct tar_in *t, struct header *h, struct error *err)
{
	static const struct header empty;
	char sum[8];
	if (get(t, h, sizeof *h, err) != 0)
		return -1;
	if (memcmp(h, &empty, sizeof empty) == 0)
		return 0;
	snprintf(sum, sizeof sum, "%06o", sum_of(h));
	sum[7] = ' ';
	if (memcmp(h->magic, "ustar", 6) != 0 || memcmp(h->checksum, sum, sizeof sum) != 0)
		return refuse(t, err, "a header in it is damaged");
	return 1;
}

/* The two records that are written; anything else is refused. */
static int get_pax(struct tar_in *t, uint64_t size, bool *sized, uint64_t *big, struct error *err)
{
	char text[TAR_NAME + 128], *at = text;
	if (size >= sizeof text)
		return refuse(t, err, "a header in it is too long");
	if (get(t, text, (size_t)size, err) != 0 || get_pad(t, size, err) != 0)
		return -1;
	text[size] = '\0';
	for (char *stop = text + size; at < stop;) {
		size_t digits = strspn(at, "0123456789");
		int64_t len, number;
		if (digits == 0 || digits > 4 || !int_parse(at, digits, &len) || len <= (int64_t)digits + 2 ||
		    len > stop - at || at[len - 1] != '\n' || at[digits] != ' ')
			return refuse(t, err, "a header in it is damaged");
		char *key = at + digits + 1, *value = memchr(key, '=', (size_t)(at + len - key));
		size_t value_len = value ? (size_t)(at + len - 2 - value) : 0;
		if (value && value - key == 4 && memcmp(key, "path", 4) == 0 && value_len <= TAR_NAME &&
		    !memchr(value + 1, '\0', value_len)) {
			memcpy(t->name, value + 1, value_len);
			t->name[value_len] = '\0';
		} else if (value && value - key == 4 && memcmp(key, "size", 4) == 0 &&
		           int_parse(value + 1, value_len, &number) && number >= 0) {
			*sized = true;
			*big = (uint64_t)number;
		} else {
			return refuse(t, err, "a header in it says what no backup does");
		}
		at += len;
	}
	return 0;
}

int tar_next(struct tar_in *t, struct tar_file *out, struct error *err)
{
	struct header h;
	uint64_t size, big = 0, mode, mtime;
	bool sized = false;
	t->name[0] = '\0';
	int status = get_header(t, &h, err);
	if (status <= 0)
		return status;
	if (h.type == 'x') {
		if (!from_octal(h.size, sizeof h.size, &size))
			return refuse(t, err, "a header in it is damaged");
		if (get_pax(t, size, &sized, &big, err) != 0)
			return -1;
		status = get_header(t, &h, err);
		if (status <= 0)
			return status < 0 ? -1 : refuse(t, err, "it is cut off");
	}
	if (h.type != '0')
		return refuse(t, err, "it holds something that is no regular file");
	if (!from_octal(h.size, sizeof h.size, &size) || !from_octal(h.mode, sizeof h.mode, &mode) ||
	    !from_octal(h.mtime, sizeof h.mtime, &mtime))
		return refuse(t, err, "a header in it is damaged");
	if (!t->name[0])
		snprintf(t->name, sizeof t->name, "%.*s%s%.*s", PREFIX, h.prefix, h.prefix[0] ? "/" : "", NAME,
		         h.name);
	*out = (struct tar_file){
	    .name = t->name, .size = sized ? big : size, .mode = (unsigned)mode & 0777, .mtime = (int64_t)mtime};
	t->left = out->size;
	return 1;
}

static int take(struct tar_in *t, int to, struct str *into, char hex[SHA256_TEXT], struct error *err)
{
	char *piece = xmalloc(PIECE);
	uint64_t size = t->left;
	struct sha256 h;
	int status = 0;
	sha256_init(&h);
	while (status == 0 && t->left > 0) {
		size_t n = t->left < PIECE ? (size_t)t->left : PIECE;
		status = get(t, piece, n, err);
		if (status != 0)
			break;
		sha256_add(&h, piece, n);
		t->left -= n;
		if (into)
			str_add(into, piece, n);
		if (to >= 0 && fd_write_all(to, piece, n) != 0)
			status = error_errno(err, ERR_STORE, "cannot write %s", t->name);
	}
	sha256_end(&h, hex);
	free(piece);
	return status == 0 ? get_pad(t, size, err) : -1;
}

int tar_copy(struct tar_in *t, int to, char hex[SHA256_TEXT], struct error *err)
{
	return take(t, to, NULL, hex, err);
}

int tar_bytes(struct tar_in *t, size_t limit, struct str *out, char hex[SHA256_TEXT], struct error *err)
{
	str_clear(out);
	if (t->left > limit)
		return refuse(t, err, "a file in it is longer than it can be");
	return take(t, -1, out, hex, err);
}
