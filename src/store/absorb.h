/* What absorb.c (what lines say), absorb_file.c (lines out of files), absorb_folder.c (which files there are),
 * absorb_rotate.c (which file is which) and absorb_packed.c (compressed ones) share. */
#ifndef ASSAY_STORE_ABSORB_H
#define ASSAY_STORE_ABSORB_H

#include "assay/base_unpack.h"
#include "assay/store_capture.h"
#include "event.h"
#include "series.h"

struct stat;

enum {
	LINE_LONGEST = 1 << 20,
	WINDOW = LINE_LONGEST + 1, /* of one visit to a file: a line that does not end in it is too long */
	BUDGET = 2 << 20,          /* bytes of a call: some 20 ms of work */
	SHARE_LEAST = 64 << 10,    /* of a visit, when there are many files */
	FILES_MOST = 256,          /* of a call: each is an open file */
	MARK_BYTES = 512,
	HEAD_BYTES = 128,
	INODE_GONE = -1, /* of a row: what it speaks of is no longer in the folder under a known inode */
};

/* ---- the folder ---- */

struct entry { /* a name that was seen in the folder */
	const char *name;
	size_t base; /* bytes of the name up to ".jsonl": the writer's */
	uint64_t inode;
	int64_t born;           /* ns; an inode is given anew. 0: nobody says */
	int64_t size, modified; /* when it was looked at last; ns */
	enum packing packing;
	struct packed *packed; /* what is known of a compressed one, while it is needed; or NULL */
	int64_t content;       /* of a compressed one: bytes that it unpacks to, once that is known */
	int64_t behind;        /* bytes of it that were seen and not absorbed; -1: not known */
	int64_t changed;       /* monotonic ms: when it last was another than before */
	uint64_t old_inode;    /* of the file that had the name before and was not absorbed to its end; 0: none */
	int64_t old_born, old_size;
	bool listed; /* it is as it was before the last listing began: what it was before is in the list */
	bool here, dirty, torn; /* dirty: to be opened; torn: what is left has no end of line yet */
};

struct events_folder {
	char *path;
	struct intern names;
	struct entry *entries;    /* by the id of the name */
	size_t cap, next;         /* next: whose turn it is */
	int64_t full_at;          /* monotonic ms: when all are to be looked at again */
	int64_t looked;           /* and when anything was looked at */
	unsigned flags;           /* of that */
	bool left;                /* some had to wait for the next call */
	bool missed;              /* what was put aside was elsewhere when it was to be opened */
	bool known;               /* the store was asked how far they are absorbed */
	bool fresh;               /* all were looked at in this call */
	bool undecided;           /* a compressed one is there of which it is not known what it holds */
	int64_t looked_all, seen; /* monotonic ms: when all were looked at, and the time before that */
	struct list removed;      /* of struct removed */
};
struct removed { /* a file that went before all of it was absorbed */
	char *name;
	uint64_t inode;
	int64_t size;
	int64_t since; /* monotonic ms: it was there then */
};

/* Takes in what has changed. */
int folder_look(struct store *s, int64_t run, struct events_folder *f, unsigned flags, struct error *err);
void folder_forget_removed(struct events_folder *f);
/* The entry of an inode among the files of a writer; NULL: there is none now. */
struct entry *folder_inode(struct events_folder *f, const char *name, size_t base, int64_t inode);

/* ---- files ---- */

enum { CONTENT_LOOK = 4096 };
/* What a compressed file unpacks to. */
struct packed {
	int64_t size;
	char head[CONTENT_LOOK], tail[CONTENT_LOOK]; /* its first and last bytes */
	size_t head_len, tail_len;
	const char *broken; /* what is wrong with the file behind that; NULL: it is whole */
	struct passing *p;
};

struct file {
	const char *name;
	struct entry *entry;
	int fd;
	struct packed *packed; /* the entry's; NULL: what stands in the file is its content */
	int64_t id;            /* of its row; 0: it has none */
	int64_t inode, size, real_size, offset, lines, bad_at;
	char mark[SHA256_TEXT]; /* at the offset */
	char head[MARK_BYTES];
	size_t head_len;
	bool rotated;
	bool skip;    /* within a line that is too long */
	bool said;    /* that it is broken */
	bool unknown; /* it was not looked through for where it should be known by */
	bool waiting; /* nothing whole is left in it for now */
	bool held;    /* a copy of another one: not to be absorbed */
	bool upset;   /* it changed under us: look again */
	bool touched;
};

/* The points of one series on their way. */
struct gathered {
	const char *name, *context; /* in absorb.mem */
	struct point *points;
	size_t count, cap;
	int64_t next_step; /* of a point without a step: behind all that are known here */
	bool step_known;   /* those in the store as well */
	bool any;          /* a point was gathered */
};

struct absorb {
	struct store *s;
	int64_t run, now, bad_kept; /* bad_kept: -1 until counted */
	struct events_folder *folder;
	unsigned flags;
	int64_t looked_through; /* unpacked bytes of this call that gave no lines */
	const struct file *files;
	size_t file_count;
	struct absorbed *out;
	struct event event;
	struct arena *mem;
	struct intern series; /* of context, NUL, name */
	struct gathered *gathered;
	size_t gathered_cap;
	bool has_progress;
	int64_t progress_at;
	double progress;
	struct str text, text2;
	char *window;
};

/* One line, without its end. A bad one is counted and kept, and is no failure. */
int absorb_line(struct absorb *a, struct file *f, const char *line, size_t len, struct error *err);
/* Counts a bad line at an offset of a file, and keeps it if it is among the first. */
int absorb_bad(struct absorb *a, const char *file, int64_t offset, const char *line, size_t len,
               const char *why, struct error *err);

/* Opens those that have something new, those that were put aside first. */
int files_open(struct absorb *a, struct list *files, struct error *err);
/* kept: what was absorbed is committed; the folder remembers it. */
void files_close(struct list *files, bool kept);
/* Which file it is, in this transaction, and how far it is absorbed. */
int file_identify(struct absorb *a, struct file *f, struct error *err);
/* Those that were removed too early. */
int files_removed(struct absorb *a, struct error *err);
/* Absorbs up to `share` bytes (or a line that is longer), or sets f->waiting. */
int file_visit(struct absorb *a, struct file *f, int64_t share, struct error *err);
int file_save(struct absorb *a, struct file *f, struct error *err);
/* Digest of the first bytes and of those before the offset, at most MARK_BYTES of each. */
void mark_of(const char *head, const char *tail, size_t each, char hex[SHA256_TEXT]);
/* ---- compressed files ---- */

void packed_free(struct packed *p); /* NULL is fine */
/* YOUNG: it is broken, but may still be being written; LATER: it takes another call to know. -1 with err. */
enum { PACKED_KNOWN = 1, PACKED_YOUNG, PACKED_LATER };
int packed_look(struct absorb *a, struct entry *e, int fd, const struct stat *st, struct error *err);
/* Whether the content has this mark at that offset; -1: it was not looked at there. */
int packed_fits(const struct packed *p, int64_t offset, const char *mark);
/* As read_window; what was taken of it is said by packed_took. 0 also when it takes another call. */
int packed_window(struct absorb *a, struct file *f, size_t before, size_t want, size_t *have);
void packed_took(struct file *f, size_t taken);
/* Once all that could be read of it was: a bad line, once. */
int packed_say_broken(struct absorb *a, struct file *f, struct error *err);

/* pread until len or the end; -1: errno. */
ssize_t read_at(int fd, void *bytes, size_t len, int64_t offset);

#endif
