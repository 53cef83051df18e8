/*
 * base, the part that reads compressed files as they come: gzip and Zstandard, in memory that does not grow with what
 * is in them.
 */
#ifndef ASSAY_BASE_UNPACK_H
#define ASSAY_BASE_UNPACK_H

#include "assay/base.h"

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };
/* By the name's end, ".gz" or ".zst"; *stem: bytes of the name before that (all of it for PACKING_NONE). */
enum packing packing_of(const char *name, size_t *stem);
/* By what the file begins with. */
enum packing packing_seen(const void *bytes, size_t len);
enum { PACKING_SEEN_BYTES = 4 }; /* so many are enough */

/* A place in what a file unpacks to. Some 100 KiB; of Zstandard up to 128 MiB where the file says that it takes so much
 * (more is refused: broken). */
struct unpacker;
struct unpacker *unpacker_new(enum packing packing);
void unpacker_free(struct unpacker *u); /* NULL is fine */
/* The next bytes of the file `fd`, which is read by pread and may be another descriptor of it at each call. Fewer than
 * len: what there is ends here, see unpacker_broken. -1: the file cannot be read, errno. Several compressed files one
 * behind the other are one. */
ssize_t unpacker_read(struct unpacker *u, int fd, void *bytes, size_t len);
/* The same of bytes that come from anywhere, in order: at most len of them; 0: there are no more; -1: errno. */
typedef ssize_t unpack_more_fn(void *user, void *bytes, size_t len);
ssize_t unpacker_read_from(struct unpacker *u, unpack_more_fn *more, void *user, void *bytes, size_t len);
int64_t unpacker_at(const struct unpacker *u); /* so many bytes of the file have been unpacked */
/* After a short read: NULL if that was the end, else what is wrong with the file, "it ends in the middle". */
const char *unpacker_broken(const struct unpacker *u);

#endif
