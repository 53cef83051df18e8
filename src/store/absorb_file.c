/*
 * Event files: lines out of them.
 *
 * Whoever rotates logs may cut a file short, and another may write into it again, between any two of our reads. So
 * the bytes before the offset are read with those behind it, and both ends are looked at once more afterwards: what
 * was read is taken only if the file still was the one that was absorbed. The mark of the new offset is made of the
 * very bytes that were taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "absorb.h"

ssize_t read_at(int fd, void *bytes, size_t len, int64_t offset)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, (char *)bytes + have, len - have, offset + (int64_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break; /* it became shorter just now */
		have += (size_t)n;
	}
	return (ssize_t)have;
}

void mark_of(const char *head, const char *tail, size_t each, char hex[SHA256_TEXT])
{
	char bytes[2 * MARK_BYTES];

	memcpy(bytes, head, each);
	memcpy(bytes + each, tail, each);
	sha256_hex(bytes, 2 * each, hex);
}

int file_save(struct absorb *a, struct file *f, struct error *err)
{
	sqlite3_stmt *stmt =
	    f->id
	        ? store_prepare(a->s,
	                        /* Its name is known better from the look at its row (file_identify). */
	                        "UPDATE reported SET inode = ?3, offset = ?4, lines = ?5, skip = ?6, mark = ?7, "
	                        "head = ?8 WHERE id = ?1",
	                        err)
	        : store_prepare(a->s,
	                        "INSERT INTO reported (run, name, inode, offset, lines, skip, mark, head) VALUES "
	                        "(?, ?, ?, ?, ?, ?, ?, ?)",
	                        err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, f->id ? f->id : a->run);
	bind_text(stmt, 2, f->name);
	sqlite3_bind_int64(stmt, 3, f->inode);
	sqlite3_bind_int64(stmt, 4, f->offset);
	sqlite3_bind_int64(stmt, 5, f->lines);
	sqlite3_bind_int(stmt, 6, f->skip | f->said << 1);
	bind_text(stmt, 7, f->mark);
	sqlite3_bind_blob(stmt, 8, f->head, (int)(f->head_len < HEAD_BYTES ? f->head_len : HEAD_BYTES),
	                  SQLITE_TRANSIENT);
	if (store_run_statement(a->s, stmt, err))
		return -1;
	if (!f->id)
		f->id = sqlite3_last_insert_rowid(a->s->db);
	return 0;
}

/* Whole lines of bytes that begin at f->offset; what is consumed is added to the offset. */
static int take_lines(struct absorb *a, struct file *f, const char *bytes, size_t len, bool end,
                      size_t *taken, struct error *err)
{
	const char *at = bytes, *stop = bytes + len;
	int rc = 0;

	while (at < stop && !rc) {
		const char *newline;
		size_t line;

		/* Where a file was cut short under a writer that keeps its place, a hole comes first. */
		if (!*at && !f->skip) {
			at++;
			continue;
		}
		newline = memchr(at, '\n', (size_t)(stop - at));
		line = (size_t)((newline ? newline : stop) - at);
		f->bad_at = f->offset + (at - bytes);
		if (f->skip) {
			f->skip = !newline;
		} else if (line > LINE_LONGEST) {
			a->out->lines++;
			f->lines++;
			f->skip = !newline;
			rc = absorb_bad(a, f->name, f->bad_at, at, line, "the line is longer than 1 MiB", err);
		} else if (newline || end) {
			rc = absorb_line(a, f, at, line, err);
		} else {
			break; /* not whole yet */
		}
		at = newline ? newline + 1 : stop;
	}
	*taken = (size_t)(at - bytes);
	return rc;
}

/* Reads what stands behind the offset to a->window, with the bytes before it that the mark speaks of. 0: it is not the
 * file that it was; -1: errno. */
static int read_window(struct absorb *a, struct file *f, size_t before, size_t want, size_t *have)
{
	int64_t from = f->offset - (int64_t)before;
	char mark[SHA256_TEXT], head[MARK_BYTES], again[MARK_BYTES];
	ssize_t n = read_at(f->fd, a->window, before + want, from), first, second;

	if (n < 0)
		return -1;
	if (n < (ssize_t)before)
		return 0;
	*have = (size_t)n - before;
	if (!before)
		return 1;
	first = read_at(f->fd, head, before, 0);
	second = read_at(f->fd, again, before, from);
	if (first < 0 || second < 0)
		return -1;
	if (first < (ssize_t)before || second < (ssize_t)before || memcmp(again, a->window, before) != 0)
		return 0;
	mark_of(head, a->window, before, mark);
	return !strcmp(mark, f->mark);
}

/* The file as it is at the new offset, from the bytes that were taken. */
static void move_on(struct file *f, const char *window, size_t before, size_t taken)
{
	size_t each;

	if (f->offset < MARK_BYTES) { /* the window begins where the file does */
		f->head_len = before + taken < MARK_BYTES ? before + taken : MARK_BYTES;
		memcpy(f->head, window, f->head_len);
	}
	f->offset += (int64_t)taken;
	each = f->offset < MARK_BYTES ? (size_t)f->offset : MARK_BYTES;
	mark_of(f->head, window + before + taken - each, each, f->mark);
	f->touched = true;
}

int file_visit(struct absorb *a, struct file *f, int64_t share, struct error *err)
{
	size_t before = f->offset < MARK_BYTES ? (size_t)f->offset : MARK_BYTES, have, taken = 0;
	int64_t left = f->size - f->offset;
	int rc;

	f->waiting = left <= 0;
	while (left > 0) {
		size_t want = (size_t)(left < share ? left : share);

		rc = f->packed ? packed_window(a, f, before, want, &have) : read_window(a, f, before, want, &have);
		if (rc < 0)
			return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, f->name);
		if (!rc || have < want) {
			f->upset = f->waiting = true;
			return 0;
		}
		rc = take_lines(a, f, a->window + before, have,
		                (a->flags & ABSORB_FINAL) && f->offset + (int64_t)have >= f->real_size &&
		                    !(f->packed && f->packed->broken),
		                &taken, err);
		if (rc)
			return rc;
		if (taken) {
			a->out->bytes += taken;
			move_on(f, a->window, before, taken);
			if (f->packed)
				packed_took(f, taken);
			return 0;
		}
		if (want == (size_t)left || share >= WINDOW)
			break;
		share = WINDOW; /* a longer line */
	}
	f->waiting = true;
	return 0;
}
