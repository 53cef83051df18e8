/*
 * Event files: which there are, and which have changed.
 *
 * Ten thousand writers have ten thousand files, of which a few grow at a time: nothing is opened that has not changed,
 * and not even that is asked of all of them at each look. Names that are known are looked at before new ones are
 * listed: so a copy that was not there yet has all that is taken from its original.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absorb.h"

enum {
	LEFT_MS = 200,   /* those that had to wait come first: nothing is looked at meanwhile */
	HOT_MS = 10000,  /* what has changed in this time is looked at each time */
	COST_SHARE = 50, /* looking at all of them takes a fiftieth of the time at most */
	FULL_MS = 5000,  /* and is done this often at least */
};

struct events_folder *store_events_new(const char *folder)
{
	struct events_folder *f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(folder);
	intern_init(&f->names);
	return f;
}

void folder_forget_removed(struct events_folder *f)
{
	struct removed *r = f->removed.items;

	for (size_t i = 0; i < f->removed.count; i++)
		free(r[i].name);
	free(f->removed.items);
	f->removed = (struct list){0};
}

void store_events_free(struct events_folder *f)
{
	if (!f)
		return;
	folder_forget_removed(f);
	for (size_t i = 0; i < f->names.count; i++)
		packed_free(f->entries[i].packed);
	intern_release(&f->names);
	free(f->entries);
	free(f->path);
	free(f);
}

/* What is put behind ".jsonl" when a file is put aside: .1, -20261127, .2026-11-27T05:00:00Z, .old; none; and what a
 * compressor puts behind that. */
static bool is_suffix(const char *s)
{
	size_t len;

	packing_of(s, &len);
	if (!len || (len == 4 && (!memcmp(s, ".old", 4) || !memcmp(s, ".bak", 4))))
		return true;
	return (*s == '.' || *s == '-') && len > 1 && 1 + strspn(s + 1, "0123456789-_.:TZ") >= len;
}

/* Bytes of the name up to ".jsonl"; 0: it is no event file. */
static size_t base_of(const char *name)
{
	size_t least = strlen("events-x");

	if (strncmp(name, "events-", 7) != 0 || strlen(name) < least)
		return 0;
	for (const char *p = strstr(name + least, ".jsonl"); p; p = strstr(p + 1, ".jsonl"))
		if (is_suffix(p + 6))
			return (size_t)(p - name) + 6;
	return 0;
}

static bool is_rotated(const struct entry *e)
{
	return e->name[e->base] != 0;
}

/* ---- looking ---- */

/* What becomes of a file that is not under its name any more is known when all names are. */
static void leave(struct entry *e)
{
	if (!e->here || e->behind <= 0 || e->torn)
		return;
	e->old_inode = e->inode;
	e->old_born = e->born;
	e->old_size = e->packing ? e->content : e->size;
}

static void gone(struct entry *e)
{
	leave(e);
	e->here = e->dirty = false;
}

/* When the file came into being, ns; 0: nobody says. */
static int64_t birth(int dir, const char *name)
{
	struct statx st;

	if (statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BTIME, &st) ||
	    !(st.stx_mask & STATX_BTIME))
		return 0;
	return st.stx_btime.tv_sec * 1000000000LL + st.stx_btime.tv_nsec;
}

/* True if it is not the file, or less of it, than it was: something is being moved about. */
static bool look_at(int dir, struct entry *e, int64_t now)
{
	struct stat st;
	int64_t modified, born;
	bool was = e->here, same;

	if (fstatat(dir, e->name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode)) {
		gone(e);
		return was;
	}
	modified = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
	same = was && e->inode == st.st_ino;
	if (same && e->size == st.st_size && e->modified == modified)
		return false;
	born = birth(dir, e->name);
	same = same && e->born == born;
	if (!same)
		leave(e);
	was = was && (!same || st.st_size < e->size);
	e->behind = same ? e->behind : -1;
	e->inode = st.st_ino;
	e->born = born;
	e->size = st.st_size;
	e->modified = modified;
	e->changed = now;
	e->here = e->dirty = true;
	e->torn = e->listed = false;
	return was;
}

static int list_names(struct events_folder *f, int fd, int64_t now, struct error *err)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		close(fd);
		return error_errno(err, ERR_ENV, "cannot read the folder %s", f->path);
	}
	while ((d = readdir(dir))) {
		size_t base = base_of(d->d_name);
		uint32_t known = (uint32_t)f->names.count, id;

		if (!base)
			continue;
		id = intern_add(&f->names, d->d_name, strlen(d->d_name));
		if (id == known) {
			f->entries = vec_reserve(f->entries, &f->cap, known + 1, sizeof(*f->entries));
			f->entries[id] = (struct entry){.name = intern_text(&f->names, id), .base = base};
			f->entries[id].packing = packing_of(f->entries[id].name, &base);
		}
		if (!f->entries[id].here)
			look_at(dirfd(dir), &f->entries[id], now);
	}
	closedir(dir);
	return 0;
}

/* What is absorbed already needs not be opened. Read outside the transaction: only a hint. */
static int ask_store(struct store *s, int64_t run, struct events_folder *f, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT name, inode, offset FROM reported WHERE run = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		uint32_t id =
		    intern_find(&f->names, sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		struct entry *e = id == INTERN_NONE ? NULL : &f->entries[id];

		if (e && e->here && e->inode == (uint64_t)sqlite3_column_int64(stmt, 1) &&
		    e->size == sqlite3_column_int64(stmt, 2)) {
			e->dirty = false;
			e->behind = 0;
		}
	}
	return rc;
}

/* Of files that are nowhere any more, and of which more was seen than absorbed. */
static void note_removed(struct events_folder *f)
{
	for (size_t i = 0; i < f->names.count; i++) {
		struct entry *e = &f->entries[i];
		bool here = !e->old_inode;

		for (size_t k = 0; k < f->names.count && !here; k++)
			here = f->entries[k].here && f->entries[k].inode == e->old_inode &&
			       f->entries[k].born == e->old_born;
		if (!here)
			*(struct removed *)list_add(&f->removed, sizeof(struct removed)) =
			    (struct removed){xstrdup(e->name), e->old_inode, e->old_size, f->seen};
		e->old_inode = 0;
	}
}

static int look_at_all(struct events_folder *f, bool *moved, int64_t now, struct error *err)
{
	int fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = f->names.count;

	*moved = false;
	if (fd < 0) {
		for (size_t i = 0; i < f->names.count; i++)
			gone(&f->entries[i]);
		return errno == ENOENT ? 0 : error_errno(err, ERR_ENV, "cannot read the folder %s", f->path);
	}
	for (size_t i = 0; i < count; i++)
		if (f->entries[i].here) {
			if (look_at(fd, &f->entries[i], now))
				*moved = true;
			f->entries[i].listed = true;
		}
	if (list_names(f, fd, now, err))
		return -1;
	/* What is in the list for the first time may have been looked at long after it was listed. */
	*moved = *moved || f->names.count > count;
	return 0;
}

int folder_look(struct store *s, int64_t run, struct events_folder *f, unsigned flags, struct error *err)
{
	int64_t now = time_mono_ms(), cost;
	bool moved = false;
	int fd;

	f->fresh = false;
	if (f->left && f->full_at && f->flags == flags && now - f->looked < LEFT_MS)
		return 0;
	f->looked = now;
	f->flags = flags;
	if (now < f->full_at && !(flags & ABSORB_FINAL)) {
		fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		moved = fd < 0;
		for (size_t i = 0; i < f->names.count && fd >= 0; i++)
			if (f->entries[i].here && now - f->entries[i].changed < HOT_MS &&
			    look_at(fd, &f->entries[i], now))
				moved = true;
		if (fd >= 0)
			close(fd);
		if (!moved)
			return 0;
	}
	f->seen = f->looked_all;
	f->looked_all = now;
	if (look_at_all(f, &moved, now, err))
		return -1;
	/* A copy may have been made meanwhile, or a file renamed: now it is in the list. */
	if (moved && look_at_all(f, &moved, now, err))
		return -1;
	note_removed(f);
	if (!f->known && ask_store(s, run, f, err))
		return -1;
	f->known = f->fresh = true;
	if (flags & ABSORB_FINAL)
		for (size_t i = 0; i < f->names.count; i++)
			f->entries[i].dirty |= f->entries[i].here && f->entries[i].torn;
	cost = (time_mono_ms() - now) * COST_SHARE;
	f->full_at = now + (cost < FULL_MS ? cost : FULL_MS);
	return 0;
}

struct entry *folder_inode(struct events_folder *f, const char *name, size_t base, int64_t inode)
{
	for (size_t i = 0; inode > 0 && i < f->names.count; i++) {
		struct entry *e = &f->entries[i];

		if (e->here && (int64_t)e->inode == inode && e->base == base && !memcmp(e->name, name, base))
			return e;
	}
	return NULL;
}

/* ---- opening ---- */

enum { NOT_YET = 2 };

static int open_packed(struct absorb *a, struct entry *e, struct file *f, const struct stat *st,
                       struct error *err)
{
	int known = packed_look(a, e, f->fd, st, err);

	if (known != PACKED_KNOWN) {
		close(f->fd);
		a->folder->undecided = true;
		/* What comes after it waits. */
		a->folder->left = a->folder->left || known == PACKED_LATER;
		return known < 0 ? -1 : NOT_YET;
	}
	f->packed = e->packed;
	f->size = f->real_size = e->content = e->packed->size;
	return 1;
}

/* 0: there is nothing to be read in it. */
static int open_file(struct absorb *a, struct entry *e, struct file *f, struct error *err)
{
	char *path = path_join(a->folder->path, e->name);
	struct stat st;

	/* Not a link out of the folder, and a pipe would hold us up. */
	*f = (struct file){.name = e->name, .entry = e, .rotated = is_rotated(e)};
	f->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	free(path);
	if (f->fd < 0)
		return errno == ELOOP || errno == ENOENT || errno == ENXIO
		           ? 0
		           : error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, e->name);
	/* Another since it was looked at: the next look sees that. */
	if (fstat(f->fd, &st) || !S_ISREG(st.st_mode) || st.st_ino != e->inode || birth(f->fd, "") != e->born) {
		close(f->fd);
		return 0;
	}
	f->inode = (int64_t)st.st_ino;
	f->real_size = st.st_size;
	f->size = e->size < st.st_size ? e->size : st.st_size;
	return e->packing ? open_packed(a, e, f, &st, err) : 1;
}

static int by_age(const void *x, const void *y)
{
	const struct entry *a = *(struct entry *const *)x, *b = *(struct entry *const *)y;

	if (a->modified != b->modified)
		return a->modified < b->modified ? -1 : 1;
	return (a > b) - (a < b);
}

/* All that are to be opened: first those that were put aside, in the order of their time, then the others from where the
 * last call ended. */
static void files_wanted(struct events_folder *f, struct list *out)
{
	size_t n = f->names.count, aside;

	for (size_t i = 0; i < n; i++)
		if (f->entries[i].here && f->entries[i].dirty && is_rotated(&f->entries[i]))
			*(struct entry **)list_add(out, sizeof(struct entry *)) = &f->entries[i];
	aside = out->count;
	if (aside)
		qsort(out->items, aside, sizeof(struct entry *), by_age);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &f->entries[(f->next + i) % n];

		if (e->here && e->dirty && !is_rotated(e))
			*(struct entry **)list_add(out, sizeof(struct entry *)) = e;
	}
}

static bool has_inode(const struct list *l, uint64_t inode)
{
	const struct file *f = l->items;

	for (size_t i = 0; i < l->count; i++)
		if ((uint64_t)f[i].inode == inode)
			return true;
	return false;
}

int files_open(struct absorb *a, struct list *l, struct error *err)
{
	struct events_folder *f = a->folder;
	struct list wanted = {0};
	struct entry **entries;
	int rc = 0;

	files_wanted(f, &wanted);
	entries = wanted.items;
	f->left = f->missed = f->undecided = false;
	for (size_t i = 0; i < wanted.count && rc >= 0 && !f->left; i++) {
		struct file file;

		if (has_inode(l, entries[i]->inode))
			continue;
		if (l->count == FILES_MOST) {
			f->left = true;
			if (!is_rotated(entries[i]))
				f->next = (size_t)(entries[i] - f->entries);
			break;
		}
		rc = open_file(a, entries[i], &file, err);
		if (!rc && is_rotated(entries[i])) {
			f->missed = true;
			f->full_at = 0;
		}
		if (rc == 1)
			*(struct file *)list_add(l, sizeof(file)) = file;
	}
	a->out->more = f->left || f->missed;
	free(wanted.items);
	return rc < 0 ? -1 : 0;
}

void files_close(struct list *l, bool kept)
{
	struct file *files = l->items;

	for (size_t i = 0; i < l->count; i++) {
		struct file *f = &files[i];
		struct entry *e = f->entry;

		close(f->fd);
		if (!kept)
			continue;
		/* A copy is looked at until it is known what it is; what changed under us is, too. */
		e->dirty = f->held || f->upset || !f->waiting;
		e->behind = f->held || f->upset ? -1 : (f->packed ? f->size : e->size) - f->offset;
		e->torn = f->waiting && !f->held && !f->upset && f->offset < f->size;
		if (f->packed && (!e->dirty || f->unknown)) {
			packed_free(e->packed);
			e->packed = NULL;
		}
	}
	free(l->items);
}
