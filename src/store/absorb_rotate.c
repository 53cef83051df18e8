/*
 * Event files: which is which.
 *
 * A file is the one of a row if its inode is the row's and it still has the content that was absorbed (its beginning,
 * and what stands before the offset). So a renamed one goes on. Others are known by their content alone: the copy that
 * "copytruncate" makes, under a name of those that are put aside, takes the row over once the original is cut short;
 * until then, and while it is still being copied, it is left alone.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absorb.h"

struct known { /* a row of reported */
	int64_t id, inode, offset, lines;
	bool skip, said;
	char mark[SHA256_TEXT], head[HEAD_BYTES];
	size_t head_len;
	char *name;
};

#define KNOWN_COLUMNS "id, inode, offset, lines, skip, mark, head, name"

static void read_known(sqlite3_stmt *stmt, struct known *k)
{
	const void *head = sqlite3_column_blob(stmt, 6);
	int len = sqlite3_column_bytes(stmt, 6);

	*k = (struct known){
	    .id = sqlite3_column_int64(stmt, 0),
	    .inode = sqlite3_column_int64(stmt, 1), /* 0 for NULL */
	    .offset = sqlite3_column_int64(stmt, 2),
	    .lines = sqlite3_column_int64(stmt, 3),
	    .skip = sqlite3_column_int(stmt, 4) & 1,
	    .said = sqlite3_column_int(stmt, 4) & 2,
	    .head_len = len > HEAD_BYTES ? HEAD_BYTES : (size_t)len,
	    .name = xstrdup((const char *)sqlite3_column_text(stmt, 7)),
	};
	column_digest(stmt, 5, k->mark);
	if (head)
		memcpy(k->head, head, k->head_len);
}

/* Up to where it was absorbed, the file's content is what the row says. */
static bool fits(int fd, int64_t size, const struct known *k)
{
	size_t each = k->offset < MARK_BYTES ? (size_t)k->offset : MARK_BYTES;
	char head[MARK_BYTES], tail[MARK_BYTES], mark[SHA256_TEXT];

	if (size < k->offset || read_at(fd, head, each, 0) < (ssize_t)each ||
	    read_at(fd, tail, each, k->offset - (int64_t)each) < (ssize_t)each)
		return false;
	mark_of(head, tail, each, mark);
	return !strcmp(mark, k->mark);
}

/* What a compressed one was not looked through for has to be looked for first. */
static bool file_fits(struct file *f, const struct known *k)
{
	int fits_there;

	if (!f->packed)
		return fits(f->fd, f->real_size, k);
	fits_there = packed_fits(f->packed, k->offset, k->mark);
	f->unknown = f->unknown || fits_there < 0;
	return fits_there > 0;
}

/* Its first bytes; how many there are, -1: errno. */
static ssize_t file_head(const struct file *f, char *bytes, size_t len)
{
	if (!f->packed)
		return read_at(f->fd, bytes, len, 0);
	len = len < f->packed->head_len ? len : f->packed->head_len;
	memcpy(bytes, f->packed->head, len);
	return (ssize_t)len;
}

static ssize_t file_tail(const struct file *f, char *bytes, size_t len)
{
	if (!f->packed)
		return read_at(f->fd, bytes, len, f->real_size - (int64_t)len);
	len = len < f->packed->tail_len ? len : f->packed->tail_len;
	memcpy(bytes, f->packed->tail + f->packed->tail_len - len, len);
	return (ssize_t)len;
}

/* The file has what stands in the other at the same places, where we look: at both its ends. */
static bool begins(const struct file *f, int other)
{
	char a[CONTENT_LOOK], b[CONTENT_LOOK];
	size_t each = f->real_size < CONTENT_LOOK ? (size_t)f->real_size : CONTENT_LOOK;

	for (int i = 0; i < 2; i++)
		if ((i ? file_tail(f, a, each) : file_head(f, a, each)) < (ssize_t)each ||
		    read_at(other, b, each, i ? f->real_size - (int64_t)each : 0) < (ssize_t)each ||
		    memcmp(a, b, each) != 0)
			return false;
	return true;
}

static int open_name(struct absorb *a, const char *name)
{
	char *path = path_join(a->folder->path, name);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	free(path);
	return fd;
}

/* The descriptor of the row's own file if that is still in the folder, as it was; -1. */
static int open_alive(struct absorb *a, const struct file *f, const struct known *k)
{
	struct entry *e = folder_inode(a->folder, f->name, f->entry->base, k->inode);
	struct stat st;
	int fd;

	if (!e)
		return -1;
	fd = open_name(a, e->name);
	if (fd >= 0 && (fstat(fd, &st) || (int64_t)st.st_ino != k->inode || !fits(fd, st.st_size, k))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool begins_name(struct absorb *a, const struct file *f, size_t len)
{
	char *name = xasprintf("%.*s", (int)len, f->name);
	int fd = open_name(a, name);
	bool yes = fd >= 0 && begins(f, fd);

	if (fd >= 0)
		close(fd);
	free(name);
	return yes;
}

/* What it was compressed from is still there, or was when the files of this call were opened. */
static bool is_packed_from(struct absorb *a, const struct file *f)
{
	size_t stem;

	packing_of(f->name, &stem);
	if (begins_name(a, f, stem))
		return true;
	for (size_t i = 0; f->real_size && i < a->file_count; i++) {
		const struct file *other = &a->files[i];

		if (!other->packed && other->entry->base == f->entry->base &&
		    !memcmp(other->name, f->name, f->entry->base) && begins(f, other->fd))
			return true;
	}
	return false;
}

/* The writer's own file, of which perhaps nothing is absorbed as yet, begins with all that this one has: it was copied,
 * or is just being. */
static bool is_copied(struct absorb *a, const struct file *f)
{
	if (f->packed && is_packed_from(a, f))
		return true;
	return f->rotated && f->real_size && begins_name(a, f, f->entry->base);
}

enum relation { STRANGER, THE_SAME, COPY };

/* How a file begins: most of a writer's are told apart by that, without a look at the others. */
struct beginning {
	char bytes[HEAD_BYTES];
	size_t len;
};

/* What a file is to a row whose inode it does not have. */
static enum relation relate(struct absorb *a, struct file *f, const struct beginning *head,
                            const struct known *k)
{
	enum relation r = STRANGER;
	int alive;

	/* Under a writer's own name stands what the writer writes: no copy, though it may begin alike. It may be the
	 * same again where its folder was copied. */
	if (!f->rotated && strcmp(k->name, f->name) != 0)
		return STRANGER;
	if (!k->offset || !f->real_size)
		return STRANGER;
	if (memcmp(head->bytes, k->head, head->len < k->head_len ? head->len : k->head_len) != 0)
		return STRANGER;
	alive = open_alive(a, f, k);
	if (file_fits(f, k))
		r = alive >= 0 ? COPY : THE_SAME;
	else if (f->rotated && alive >= 0 && begins(f, alive))
		r = COPY;
	else if (f->rotated && alive < 0 && f->real_size < k->offset && k->head_len)
		r = COPY; /* made before the last of it was absorbed */
	if (alive >= 0)
		close(alive);
	return r;
}

static void adopt(struct file *f, const struct known *k)
{
	f->id = k->id;
	f->offset = k->offset;
	f->lines = k->lines;
	f->skip = k->skip;
	f->said = k->said;
	memcpy(f->mark, k->mark, sizeof(f->mark));
	if (f->offset < MARK_BYTES)
		return;
	f->head_len = MARK_BYTES;
	if (file_head(f, f->head, MARK_BYTES) < MARK_BYTES)
		f->upset = f->waiting = true;
}

static int set_inode(struct absorb *a, int64_t id, int64_t inode, const char *name, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(a->s, "UPDATE reported SET inode = ?, name = coalesce(?, name) WHERE id = ?", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, inode);
	bind_text(stmt, 2, name);
	sqlite3_bind_int64(stmt, 3, id);
	return store_run_statement(a->s, stmt, err);
}

/* It is not what it was, or new. Whether there is a copy of what was in it, or what came before it, is told by a listing
 * made after that. */
static bool look_first(struct absorb *a, struct file *f, bool is_new)
{
	struct stat st;

	if (a->folder->fresh && f->entry->listed)
		return false;
	if (is_new && f->entry->listed && fstat(f->fd, &st) == 0 && st.st_size == f->entry->size &&
	    st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec == f->entry->modified)
		return false;
	f->held = f->upset = true;
	a->folder->full_at = 0;
	return true;
}

static int cut_short(struct absorb *a, const struct file *f, const struct known *k, struct error *err)
{
	char why[200];

	snprintf(
	    why, sizeof(why),
	    "the file was cut short or another one put in its place: what came behind byte %lld, if anything, is "
	    "lost; it is read from its beginning",
	    (long long)k->offset);
	return absorb_bad(a, f->name, k->offset, "", 0, why, err);
}

/* Whether the machine has been started anew since the run was. */
static bool of_another_boot(struct absorb *a)
{
	sqlite3_stmt *stmt =
	    store_prepare(a->s, "SELECT coalesce(supervisor_boot, process_boot, '') FROM run WHERE id = ?", NULL);
	char then[40] = "";
	struct str now;
	bool other;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, a->run);
	if (store_step(a->s, stmt, NULL) > 0) {
		snprintf(then, sizeof(then), "%s", (const char *)sqlite3_column_text(stmt, 0));
		sqlite3_reset(stmt);
	}
	str_init(&now);
	other = then[0] && file_read("/proc/sys/kernel/random/boot_id", &now, 0, NULL) == 0 &&
	        strncmp(now.data, then, strlen(then)) != 0;
	str_release(&now);
	return other;
}

/* A machine that went down may have kept the store's note of what was absorbed, and not those bytes. Nobody writes
 * into the file any more. */
static int stay_at_end(struct absorb *a, struct file *f, const struct known *k, struct error *err)
{
	char tail[MARK_BYTES];
	size_t each;

	adopt(f, k);
	f->offset = f->real_size;
	f->skip = false;
	each = f->offset < MARK_BYTES ? (size_t)f->offset : MARK_BYTES;
	if (file_head(f, f->head, each) < (ssize_t)each || file_tail(f, tail, each) < (ssize_t)each)
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, f->name);
	f->head_len = each;
	mark_of(f->head, tail, each, f->mark);
	f->touched = true;
	if (set_inode(a, k->id, f->inode, f->name, err))
		return -1;
	return absorb_bad(a, f->name, k->offset, "", 0,
	                  "the file lost its end when the machine went down: what was absorbed before is kept",
	                  err);
}

/* Rows of the same writer that have its name or begin alike, the latest first. */
static int relatives(struct absorb *a, const struct file *f, const struct beginning *head, struct list *out,
                     struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(a->s,
	                  "SELECT " KNOWN_COLUMNS
	                  " FROM reported WHERE run = ?1 AND name >= ?2 AND name < ?3 AND (name = ?4 OR "
	                  "substr(?5, 1, length(head)) = substr(head, 1, length(?5))) ORDER BY id DESC",
	                  err);
	struct str base;
	int rc;

	if (!stmt)
		return -1;
	str_init(&base);
	str_add(&base, f->name, f->entry->base);
	sqlite3_bind_int64(stmt, 1, a->run);
	sqlite3_bind_text(stmt, 2, base.data, (int)base.len, SQLITE_TRANSIENT);
	base.data[base.len - 1]++; /* behind all that begin so */
	sqlite3_bind_text(stmt, 3, base.data, (int)base.len, SQLITE_TRANSIENT);
	bind_text(stmt, 4, f->name);
	sqlite3_bind_blob(stmt, 5, head->bytes, (int)head->len, SQLITE_STATIC);
	while ((rc = store_step(a->s, stmt, err)) > 0)
		read_known(stmt, list_add(out, sizeof(struct known)));
	str_release(&base);
	return rc;
}

/* Not renamed once more since it was opened: another may have seen that already. */
static bool has_name(struct absorb *a, const struct file *f)
{
	char *path = path_join(a->folder->path, f->name);
	struct stat st;
	bool has = lstat(path, &st) == 0 && (int64_t)st.st_ino == f->inode;

	free(path);
	return has;
}

/* A file without a row of its inode: known by its content, or new. */
static int identify_by_content(struct absorb *a, struct file *f, struct error *err)
{
	struct list l = {0};
	struct beginning head;
	struct known *k;
	ssize_t n = file_head(f, head.bytes, sizeof(head.bytes));
	int rc;

	/* It may have been renamed since it was opened, compressed, and absorbed as that by another. */
	if (!f->rotated && !has_name(a, f)) {
		f->held = f->upset = true;
		return 0;
	}
	if (n < 0)
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, f->name);
	head.len = (size_t)n;
	rc = relatives(a, f, &head, &l, err);
	k = l.items;
	f->held = !rc && is_copied(a, f);
	for (size_t i = 0; !rc && !f->held && i < l.count; i++) {
		enum relation r = relate(a, f, &head, &k[i]);

		if (f->unknown)
			f->upset = true;
		if (r == COPY || f->unknown) {
			f->held = true;
			break;
		}
		if (r == THE_SAME) {
			adopt(f, &k[i]);
			rc = set_inode(a, f->id, f->inode, f->name, err);
			break;
		}
	}
	if (!rc && !f->held && !f->id)
		look_first(a, f, true);
	/* What stood under this name before is neither in the folder under another name nor continued by a copy. */
	for (size_t i = 0; !rc && !f->held && !f->id && !f->rotated && i < l.count; i++) {
		int alive;

		if (strcmp(k[i].name, f->name) != 0 || k[i].inode == INODE_GONE)
			continue;
		alive = open_alive(a, f, &k[i]);
		if (alive >= 0) {
			close(alive);
			continue;
		}
		if (look_first(a, f, false))
			break;
		if (k[i].offset && of_another_boot(a)) {
			rc = stay_at_end(a, f, &k[i], err);
			break;
		}
		rc = k[i].offset ? cut_short(a, f, &k[i], err) : 0;
		if (!rc)
			rc = set_inode(a, k[i].id, INODE_GONE, NULL, err);
	}
	for (size_t i = 0; i < l.count; i++)
		free(k[i].name);
	free(k);
	return rc;
}

int file_identify(struct absorb *a, struct file *f, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(a->s, "SELECT " KNOWN_COLUMNS " FROM reported WHERE run = ? AND inode = ?", err);
	struct known k;
	struct stat st;
	int rc;

	if (!stmt)
		return -1;
	/* Another program may have absorbed what was written since the file was opened. */
	if (fstat(f->fd, &st))
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, f->name);
	if (!f->packed)
		f->real_size = st.st_size;
	if (f->size > f->real_size)
		f->size = f->real_size;
	sqlite3_bind_int64(stmt, 1, a->run);
	sqlite3_bind_int64(stmt, 2, f->inode);
	rc = store_step(a->s, stmt, err);
	if (rc < 0)
		return -1;
	if (!rc)
		return identify_by_content(a, f, err);
	read_known(stmt, &k);
	sqlite3_reset(stmt);
	rc = 0;
	if (file_fits(f, &k)) {
		adopt(f, &k);
		if (strcmp(k.name, f->name) != 0 && has_name(a, f))
			rc = set_inode(a, k.id, f->inode, f->name, err);
	} else if (f->unknown) {
		f->held = f->upset = true;
	} else if (!strcmp(k.name, f->name) && k.offset && of_another_boot(a)) {
		rc = stay_at_end(a, f, &k, err);
	} else if (!look_first(a, f, false)) {
		/* Its copy, if there is one, came before it and has taken the row over. An inode that has another name by
		 * now was given anew after the file was removed. */
		rc = !strcmp(k.name, f->name) && k.offset ? cut_short(a, f, &k, err) : 0;
		if (!rc)
			rc = set_inode(a, k.id, INODE_GONE, NULL, err);
		if (!rc)
			rc = identify_by_content(a, f, err);
	}
	free(k.name);
	return rc;
}

/* A compressed file has come since it was seen last, and holds as much. */
static bool is_compressed(const struct absorb *a, const struct removed *r)
{
	for (size_t i = 0; i < a->file_count; i++) {
		const struct file *f = &a->files[i];

		if (f->packed && f->entry->changed >= r->since && f->real_size >= r->size &&
		    !strncmp(r->name, f->name, f->entry->base))
			return true;
	}
	return false;
}

int files_removed(struct absorb *a, struct error *err)
{
	const struct removed *r = a->folder->removed.items;

	for (size_t i = 0; i < a->folder->removed.count; i++) {
		sqlite3_stmt *stmt =
		    store_prepare(a->s, "SELECT offset FROM reported WHERE run = ? AND inode = ? AND name = ?", err);
		int64_t offset = 0;
		char why[120];
		int rc;

		if (!stmt)
			return -1;
		if (is_compressed(a, &r[i]))
			continue;
		sqlite3_bind_int64(stmt, 1, a->run);
		sqlite3_bind_int64(stmt, 2, (int64_t)r[i].inode);
		bind_text(stmt, 3, r[i].name);
		rc = store_step(a->s, stmt, err);
		if (rc < 0)
			return -1;
		if (rc) {
			offset = sqlite3_column_int64(stmt, 0);
			sqlite3_reset(stmt);
		}
		if (offset >= r[i].size)
			continue;
		snprintf(why, sizeof(why), "the file was removed before its last %lld bytes were read",
		         (long long)(r[i].size - offset));
		if (absorb_bad(a, r[i].name, offset, "", 0, why, err))
			return -1;
	}
	return 0;
}

int store_events_offset(struct store *s, int64_t run, const char *name, int64_t *offset, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT max(offset) FROM reported WHERE run = ? AND name = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	rc = store_step(s, stmt, err);
	*offset = rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	if (rc > 0)
		sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int store_events_forget(struct store *s, int64_t run, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "DELETE FROM reported WHERE run = ? AND name NOT LIKE 'events-stdin-%'", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	return store_run_statement(s, stmt, err);
}
