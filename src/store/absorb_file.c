/*
 * Event files: which there are, how far each is absorbed, and its lines.
 *
 * A file is known by its name, its first bytes and those before the offset: if these are others than when the
 * offset was written, or the file has become shorter, it is not the one that was absorbed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absorb.h"

/* Digest of the first bytes and of the last ones before the offset. */
static int file_mark(const struct absorb *a, const struct file *f, char hex[SHA256_TEXT], struct error *err)
{
	char bytes[2 * MARK_BYTES];
	size_t want = f->offset < MARK_BYTES ? (size_t)f->offset : MARK_BYTES;
	ssize_t head = pread(f->fd, bytes, want, 0);
	ssize_t tail = head < 0 ? -1 : pread(f->fd, bytes + head, want, f->offset - (int64_t)want);

	if (tail < 0)
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder, f->name);
	sha256_hex(bytes, (size_t)(head + tail), hex);
	return 0;
}

/* How far the file is absorbed; whether it still is that file. */
int file_find_offset(struct absorb *a, struct file *f, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    a->s, "SELECT offset, lines, skip, mark FROM event_file WHERE run = ? AND name = ?", err);
	char known[SHA256_TEXT], mark[SHA256_TEXT];
	struct stat st;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	bind_text(stmt, 2, f->name);
	rc = store_step(a->s, stmt, err);
	if (rc <= 0)
		return rc;
	f->offset = sqlite3_column_int64(stmt, 0);
	f->lines = sqlite3_column_int64(stmt, 1);
	f->skip = sqlite3_column_int(stmt, 2);
	column_digest(stmt, 3, known);
	sqlite3_reset(stmt);
	/* Another program may have absorbed what was written since the file was opened. */
	if (fstat(f->fd, &st))
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder, f->name);
	f->size = st.st_size;
	if (f->size >= f->offset) {
		if (file_mark(a, f, mark, err))
			return -1;
		if (!strcmp(mark, known))
			return 0;
	}
	f->bad_at = f->offset;
	f->offset = f->lines = 0;
	f->skip = false;
	f->touched = true;
	return absorb_bad(a, f, "", 0,
	                  "the file was cut short or another one put in its place: it is read from its beginning",
	                  err);
}

int file_save_offset(struct absorb *a, const struct file *f, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    a->s,
	    "INSERT INTO event_file (run, name, offset, lines, skip, mark) VALUES (?, ?, ?, ?, ?, ?) ON "
	    "CONFLICT DO UPDATE SET offset = excluded.offset, lines = excluded.lines, skip = "
	    "excluded.skip, mark = excluded.mark",
	    err);
	char mark[SHA256_TEXT];

	if (!stmt || file_mark(a, f, mark, err))
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	bind_text(stmt, 2, f->name);
	sqlite3_bind_int64(stmt, 3, f->offset);
	sqlite3_bind_int64(stmt, 4, f->lines);
	sqlite3_bind_int(stmt, 5, f->skip);
	bind_text(stmt, 6, mark);
	return store_run_statement(a->s, stmt, err);
}

/* Whole lines of a window that begins at f->offset; what is consumed is added to the offset. */
static int take_window(struct absorb *a, struct file *f, const char *bytes, size_t len, bool end,
                       struct error *err)
{
	const char *at = bytes, *stop = bytes + len;
	int rc = 0;

	while (at < stop && !rc) {
		const char *newline = memchr(at, '\n', (size_t)(stop - at));
		size_t line = (size_t)((newline ? newline : stop) - at);

		f->bad_at = f->offset + (at - bytes);
		if (f->skip) {
			f->skip = !newline;
		} else if (line > LINE_LONGEST) {
			a->out->lines++;
			f->lines++;
			f->skip = !newline;
			rc = absorb_bad(a, f, at, line, "the line is longer than 1 MiB", err);
		} else if (newline || end) {
			rc = absorb_line(a, f, at, line, err);
		} else {
			break; /* not whole yet */
		}
		at = newline ? newline + 1 : stop;
	}
	f->offset += at - bytes;
	a->out->bytes += (uint64_t)(at - bytes);
	if (at > bytes)
		f->touched = true;
	else
		f->waiting = true;
	return rc;
}

int file_visit(struct absorb *a, struct file *f, struct error *err)
{
	int64_t left = f->size - f->offset;
	size_t want = left < WINDOW ? (size_t)left : WINDOW, have = 0;

	if (left <= 0) {
		f->waiting = true;
		return 0;
	}
	if (a->window_cap < want) {
		free(a->window);
		a->window = xmalloc(want);
		a->window_cap = want;
	}
	while (have < want) {
		ssize_t n = pread(f->fd, a->window + have, want - have, f->offset + (int64_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder, f->name);
		if (!n)
			break; /* it became shorter just now; the next call sees that */
		have += (size_t)n;
	}
	return take_window(a, f, a->window, have,
	                   (a->flags & ABSORB_FINAL) && f->offset + (int64_t)have >= f->size, err);
}

static bool is_event_file(const char *name)
{
	size_t len = strlen(name);

	return len > 13 && !strncmp(name, "events-", 7) && !strcmp(name + len - 6, ".jsonl");
}

void files_close(struct list *l)
{
	struct file *files = l->items;

	for (size_t i = 0; i < l->count; i++) {
		close(files[i].fd);
		free(files[i].name);
	}
	free(l->items);
}

static int known_offset(struct absorb *a, struct file *f, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(a->s, "SELECT offset FROM event_file WHERE run = ? AND name = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	bind_text(stmt, 2, f->name);
	rc = store_step(a->s, stmt, err);
	if (rc > 0) {
		f->offset = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

/* False for the beginning of a line that is still being written: not worth a transaction. */
static bool has_line(const struct absorb *a, const struct file *f)
{
	char bytes[4096];
	int64_t len = f->size - f->offset;
	ssize_t have;

	if (len < 0 || len > (int64_t)sizeof(bytes) || a->flags & ABSORB_FINAL)
		return true;
	have = pread(f->fd, bytes, (size_t)len, f->offset);
	return have < 0 || memchr(bytes, '\n', (size_t)have);
}

/* Files that have something beyond the known offset (looked up outside the transaction: a hint only). */
int files_open(struct absorb *a, struct list *l, struct error *err)
{
	DIR *dir = opendir(a->folder);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : error_errno(err, ERR_ENV, "cannot read the folder %s", a->folder);
	while (!rc && (entry = readdir(dir))) {
		struct file f = {0}, *kept;
		struct stat st;

		if (!is_event_file(entry->d_name))
			continue;
		/* Not a link out of the folder, and a pipe would hold us up. */
		f.fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (f.fd < 0 && (errno == ELOOP || errno == ENOENT || errno == ENXIO))
			continue;
		if (f.fd < 0) {
			rc = error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder, entry->d_name);
			break;
		}
		f.name = entry->d_name;
		if (fstat(f.fd, &st) || !S_ISREG(st.st_mode)) {
			close(f.fd);
			continue;
		}
		f.size = st.st_size;
		rc = known_offset(a, &f, err);
		if (rc || f.size == f.offset || !has_line(a, &f)) {
			close(f.fd);
			continue;
		}
		kept = list_add(l, sizeof(*kept));
		*kept = f;
		kept->name = xstrdup(entry->d_name);
	}
	closedir(dir);
	return rc;
}
