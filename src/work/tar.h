/*
 * Inside the room: the archives that backups are. What `tar` of any system reads: POSIX ustar, with a pax header
 * before a file whose name or size ustar has no room for. Regular files only.
 */
#ifndef WORK_TAR_H
#define WORK_TAR_H

#include "assay/base.h"

/* Called as bytes pass; anything but 0 stops (ERR_NO "stopped"). */
typedef int tar_passed_fn(void *user, uint64_t bytes);

struct tar_file {
	const char *name; /* relative, without "..", at most TAR_NAME bytes */
	uint64_t size;
	unsigned mode;
	int64_t mtime; /* seconds */
};
enum { TAR_NAME = 512 };

struct tar_out {
	int fd;
	const char *path; /* for messages */
	struct str sums;  /* a line of sha256sum for every file so far */
	tar_passed_fn *passed;
	void *user;
};
/* `size` bytes of the descriptor as they come; ERR_STALE if there are fewer. hex: their digest. */
int tar_add(struct tar_out *t, const struct tar_file *file, int from, char hex[SHA256_TEXT],
            struct error *err);
int tar_add_bytes(struct tar_out *t, const char *name, const void *bytes, size_t len, struct error *err);
/* The two empty blocks that end an archive. */
int tar_end(struct tar_out *t, struct error *err);

struct tar_in {
	int fd;
	const char *path;
	uint64_t left; /* bytes of the present file that were not read */
	tar_passed_fn *passed;
	void *user;
	char name[TAR_NAME + 1];
};
/* The next file: 1, 0 at the end, -1 (ERR_TAMPER) at anything but a regular file with such a name. Strict: what
 * tar_add does not write is refused. */
int tar_next(struct tar_in *t, struct tar_file *out, struct error *err);
/* All of the present file, to `to` (-1: only looked at). */
int tar_copy(struct tar_in *t, int to, char hex[SHA256_TEXT], struct error *err);
/* The same into memory; more than `limit` is refused. */
int tar_bytes(struct tar_in *t, size_t limit, struct str *out, char hex[SHA256_TEXT], struct error *err);

#endif
