/* What absorb.c (what lines say) and absorb_file.c (lines out of files) share. */
#ifndef ASSAY_STORE_ABSORB_H
#define ASSAY_STORE_ABSORB_H

#include "event.h"
#include "series.h"

enum {
	LINE_LONGEST = 1 << 20,
	WINDOW = LINE_LONGEST + 1, /* of one visit to a file: a line that does not end in it is too long */
	BUDGET = 2 << 20,          /* bytes of a call: some 40 ms of work */
	MARK_BYTES = 512,
};

struct file {
	char *name;
	int fd;
	int64_t size, offset, lines, bad_at;
	bool skip;    /* within a line that is too long */
	bool waiting; /* nothing whole is left in it for now */
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
	const char *folder;
	unsigned flags;
	struct absorbed *out;
	struct event event;
	struct arena *mem;
	struct intern series; /* of context, NUL, name */
	struct gathered *gathered;
	size_t gathered_cap;
	bool has_progress;
	double progress;
	struct str text, text2;
	char *window;
	size_t window_cap;
};

/* One line, without its end. A bad one is counted and kept, and is no failure. */
int absorb_line(struct absorb *a, struct file *f, const char *line, size_t len, struct error *err);
/* Counts a bad line at f->bad_at, and keeps it if it is among the first. */
int absorb_bad(struct absorb *a, const struct file *f, const char *line, size_t len, const char *why,
               struct error *err);

/* Files (struct file) that have something new. Looked up outside the transaction: only a hint. */
int files_open(struct absorb *a, struct list *files, struct error *err);
void files_close(struct list *files);
/* How far it is absorbed, in this transaction; whether it still is that file. */
int file_find_offset(struct absorb *a, struct file *f, struct error *err);
/* Absorbs up to WINDOW bytes, or sets f->waiting. */
int file_visit(struct absorb *a, struct file *f, struct error *err);
int file_save_offset(struct absorb *a, const struct file *f, struct error *err);

#endif
