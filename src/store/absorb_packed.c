/*
 * Event files that were compressed when they were put aside.
 *
 * What they unpack to is their content, and files are known by their content (absorb_rotate.c). But it cannot be looked
 * at anywhere without unpacking all that comes before. So such a file is looked through once, outside of any
 * transaction and a piece a call: how long it is, how it begins and ends, what stands before the offsets of the rows
 * that it may belong to. Its lines come in a second pass, for which the place is kept from call to call. Neither takes
 * more memory for a larger file.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "absorb.h"

#include "assay/base_unpack.h"

enum {
	PIECE = 64 << 10,
	PASS = 32 << 20, /* unpacked bytes of a call that are only looked through: some 0.1 s */
	YOUNG_MS =
	    10000, /* one that ends in the middle is perhaps still being written so long after it changed */
	CUT = 200, /* bytes that are kept of a last line without its end */
};
static const int64_t UNPACKED_MOST = (int64_t)16 << 30; /* more is no log, but made to keep us busy */

/* What stood before an offset, with the file's beginning, as marks are made. */
struct place {
	int64_t offset;
	char mark[SHA256_TEXT];
};

struct passing {
	struct place *places; /* by offset */
	size_t count, next;
	struct unpacker *scan; /* NULL: it is looked through */
	struct unpacker *reader;
	int64_t at;       /* what the reader has given that was taken or passed over */
	struct str last;  /* up to MARK_BYTES before that */
	struct str ahead; /* what it has given behind that */
	uint64_t inode;
	int64_t bytes, modified; /* of the compressed file */
};

void packed_free(struct packed *p)
{
	if (!p)
		return;
	unpacker_free(p->p->scan);
	unpacker_free(p->p->reader);
	str_release(&p->p->last);
	str_release(&p->p->ahead);
	free(p->p->places);
	free(p->p);
	free(p);
}

/* ---- looking through ---- */

static int by_offset(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Of all files of the writer. Read outside the transaction: one that has moved since is seen (packed_fits). */
static int find_places(struct absorb *a, const struct entry *e, struct passing *p, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    a->s, "SELECT DISTINCT offset FROM reported WHERE run = ?1 AND name >= ?2 AND name < ?3", err);
	struct list l = {0};
	struct str base;
	int rc;

	if (!stmt)
		return -1;
	str_init(&base);
	str_add(&base, e->name, e->base);
	sqlite3_bind_int64(stmt, 1, a->run);
	sqlite3_bind_text(stmt, 2, base.data, (int)base.len, SQLITE_TRANSIENT);
	base.data[base.len - 1]++;
	sqlite3_bind_text(stmt, 3, base.data, (int)base.len, SQLITE_TRANSIENT);
	while ((rc = store_step(a->s, stmt, err)) > 0)
		if (sqlite3_column_int64(stmt, 0) > 0)
			((struct place *)list_add(&l, sizeof(struct place)))->offset = sqlite3_column_int64(stmt, 0);
	str_release(&base);
	p->places = l.items;
	p->count = l.count;
	if (l.count)
		qsort(p->places, p->count, sizeof(*p->places), by_offset);
	return rc;
}

static struct packed *packed_new(struct absorb *a, const struct entry *e, const struct stat *st,
                                 int64_t modified, struct error *err)
{
	struct packed *p = xcalloc(1, sizeof(*p));

	p->p = xcalloc(1, sizeof(*p->p));
	p->p->inode = st->st_ino;
	p->p->bytes = st->st_size;
	p->p->modified = modified;
	str_init(&p->p->last);
	str_init(&p->p->ahead);
	p->p->scan = unpacker_new(e->packing);
	if (!find_places(a, e, p->p, err))
		return p;
	packed_free(p);
	return NULL;
}

/* n bytes at `bytes` come behind p->size; p->tail_len bytes before them are what was last. */
static void take_in(struct packed *p, const char *bytes, size_t n)
{
	struct passing *pass = p->p;

	if (p->head_len < sizeof(p->head)) {
		size_t more = sizeof(p->head) - p->head_len < n ? sizeof(p->head) - p->head_len : n;

		memcpy(p->head + p->head_len, bytes, more);
		p->head_len += more;
	}
	for (; pass->next < pass->count && pass->places[pass->next].offset <= p->size + (int64_t)n;
	     pass->next++) {
		struct place *place = &pass->places[pass->next];
		size_t each = place->offset < MARK_BYTES ? (size_t)place->offset : MARK_BYTES;

		mark_of(p->head, bytes + (place->offset - p->size) - each, each, place->mark);
	}
	p->size += (int64_t)n;
}

/* 1: all of it is looked through; 0: not yet. */
static int look_through(struct absorb *a, struct packed *p, int fd)
{
	char *buffer = xmalloc(sizeof(p->tail) + PIECE), *piece = buffer + sizeof(p->tail);
	ssize_t n = PIECE;

	while (a->looked_through < PASS && n == PIECE && p->size < UNPACKED_MOST) {
		size_t keep;

		memcpy(piece - p->tail_len, p->tail, p->tail_len);
		n = unpacker_read(p->p->scan, fd, piece, PIECE);
		if (n < 0)
			break;
		a->looked_through += n;
		take_in(p, piece, (size_t)n);
		keep = p->tail_len + (size_t)n < sizeof(p->tail) ? p->tail_len + (size_t)n : sizeof(p->tail);
		memcpy(p->tail, piece + n - keep, keep);
		p->tail_len = keep;
	}
	free(buffer);
	if (n < 0)
		return -1;
	if (n == PIECE && p->size < UNPACKED_MOST)
		return 0;
	p->broken = n == PIECE ? "it unpacks to more than 16 GiB" : unpacker_broken(p->p->scan);
	unpacker_free(p->p->scan);
	p->p->scan = NULL;
	return 1;
}

int packed_look(struct absorb *a, struct entry *e, int fd, const struct stat *st, struct error *err)
{
	const int64_t modified = st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
	int rc = 1;

	if (e->packed && (e->packed->p->inode != st->st_ino || e->packed->p->bytes != st->st_size ||
	                  e->packed->p->modified != modified)) {
		packed_free(e->packed);
		e->packed = NULL;
	}
	if (!e->packed) {
		e->packed = packed_new(a, e, st, modified, err);
		if (!e->packed)
			return -1;
	}
	if (e->packed->p->scan)
		rc = look_through(a, e->packed, fd);
	if (rc < 0)
		return error_errno(err, ERR_ENV, "cannot read %s/%s", a->folder->path, e->name);
	if (!rc)
		return PACKED_LATER;
	return e->packed->broken && !(a->flags & ABSORB_FINAL) && time_mono_ms() - e->changed < YOUNG_MS
	           ? PACKED_YOUNG
	           : PACKED_KNOWN;
}

int packed_fits(const struct packed *p, int64_t offset, const char *mark)
{
	if (offset <= 0)
		return 1;
	if (offset > p->size)
		return 0;
	for (size_t i = 0; i < p->p->count; i++)
		if (p->p->places[i].offset == offset)
			return !strcmp(p->p->places[i].mark, mark);
	/* Where its own lines have been read to. */
	if (p->p->reader && p->p->at == offset) {
		const size_t each = offset < MARK_BYTES ? (size_t)offset : MARK_BYTES;
		char here[SHA256_TEXT];

		mark_of(p->head, p->p->last.data + p->p->last.len - each, each, here);
		return !strcmp(here, mark);
	}
	return -1;
}

/* ---- reading ---- */

static void keep_last(struct str *last, const char *bytes, size_t n)
{
	str_add(last, bytes, n);
	if (last->len > MARK_BYTES) {
		memmove(last->data, last->data + last->len - MARK_BYTES, MARK_BYTES);
		str_cut(last, MARK_BYTES);
	}
}

/* To the offset, if it is not too far for one call. 1: it is there; 0: not yet, or not any more; -1: errno. */
static int go_to(struct absorb *a, struct file *f)
{
	struct passing *p = f->packed->p;

	if (!p->reader || p->at > f->offset) {
		unpacker_free(p->reader);
		p->reader = unpacker_new(f->entry->packing);
		p->at = 0;
		str_clear(&p->last);
		str_clear(&p->ahead);
	}
	while (p->at < f->offset && a->looked_through < PASS) {
		const int64_t left = f->offset - p->at;
		char piece[4096];
		size_t want = left < (int64_t)sizeof(piece) ? (size_t)left : sizeof(piece);
		ssize_t n;

		if (p->ahead.len) { /* what was given to a transaction that failed */
			want = p->ahead.len < want ? p->ahead.len : want;
			memcpy(piece, p->ahead.data, want);
			memmove(p->ahead.data, p->ahead.data + want, p->ahead.len - want);
			str_cut(&p->ahead, p->ahead.len - want);
			n = (ssize_t)want;
		} else {
			n = unpacker_read(p->reader, f->fd, piece, want);
		}
		if (n < 0)
			return -1;
		a->looked_through += n;
		keep_last(&p->last, piece, (size_t)n);
		p->at += n;
		if (n < (ssize_t)want)
			return 0;
	}
	return p->at == f->offset;
}

int packed_window(struct absorb *a, struct file *f, size_t before, size_t want, size_t *have)
{
	struct passing *p = f->packed->p;
	char mark[SHA256_TEXT];
	ssize_t n = 0;
	int rc = go_to(a, f);

	if (rc <= 0)
		return rc;
	if (p->last.len < before)
		return 0;
	memcpy(a->window, p->last.data + p->last.len - before, before);
	*have = p->ahead.len < want ? p->ahead.len : want;
	memcpy(a->window + before, p->ahead.data, *have);
	if (*have < want) {
		n = unpacker_read(p->reader, f->fd, a->window + before + *have, want - *have);
		if (n < 0)
			return -1;
		str_add(&p->ahead, a->window + before + *have, (size_t)n);
		*have += (size_t)n;
	}
	if (!before)
		return 1;
	mark_of(f->packed->head, a->window, before, mark);
	return !strcmp(mark, f->mark);
}

void packed_took(struct file *f, size_t taken)
{
	struct passing *p = f->packed->p;

	keep_last(&p->last, p->ahead.data, taken);
	memmove(p->ahead.data, p->ahead.data + taken, p->ahead.len - taken);
	str_cut(&p->ahead, p->ahead.len - taken);
	p->at += (int64_t)taken;
}

int packed_say_broken(struct absorb *a, struct file *f, struct error *err)
{
	const struct str *cut = &f->packed->p->ahead;
	char why[200];

	if (!f->packed->broken || f->said || f->held || f->upset || !f->waiting)
		return 0;
	snprintf(why, sizeof(why), "the compressed file is not whole: %s; its %lld bytes up to there were read",
	         f->packed->broken, (long long)f->offset);
	f->said = f->touched = true;
	if (!f->offset)
		mark_of("", "", 0, f->mark);
	return absorb_bad(a, f->name, f->offset, cut->len ? cut->data : "", cut->len < CUT ? cut->len : CUT, why,
	                  err);
}
