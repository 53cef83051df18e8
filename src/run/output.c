/* output: the live output.log, whose middle is given back to the file system when it grows long. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"

enum { PUNCH_EVERY = 8 << 20 };

int output_open(struct output *o, const char *path, uint64_t head, uint64_t tail, struct error *err)
{
	*o = (struct output){.head = head, .tail = tail, .hole_to = head};
	o->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (o->fd < 0)
		return error_errno(err, ERR_ENV, "cannot write %s", path);
	return 0;
}

void output_close(struct output *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

static int append(struct output *o, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(o->fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		o->size += (uint64_t)n;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int output_own_up(struct output *o)
{
	char note[96];
	int n;

	if (o->dropped == 0)
		return 0;
	n = snprintf(note, sizeof note, "\n[%llu bytes of output could not be kept]\n",
	             (unsigned long long)o->dropped);
	if (append(o, note, (size_t)n) < 0)
		return -1;
	o->dropped = 0;
	return 0;
}

int output_add(struct output *o, const char *bytes, size_t len)
{
	uint64_t before;

	/* A disk that was full and has room again: first say what is missing. */
	if (output_own_up(o) < 0) {
		o->dropped += len;
		return -1;
	}
	before = o->size;
	if (append(o, bytes, len) < 0) {
		int saved = errno;
		o->dropped += len - (size_t)(o->size - before);
		errno = saved;
		return -1;
	}
	if (o->size > o->head + o->tail && o->size - o->tail > o->hole_to + PUNCH_EVERY) {
		uint64_t to = (o->size - o->tail) & ~(uint64_t)4095;
		/* Where the file system has no holes the whole output stays. */
		if (fallocate(o->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)o->head,
		              (off_t)(to - o->head)) == 0)
			o->holed = true;
		o->hole_to = to;
	}
	return 0;
}

void output_hole(int fd, uint64_t size, uint64_t *from, uint64_t *to)
{
	off_t hole, data;

	*from = *to = size;
	hole = lseek(fd, 0, SEEK_HOLE);
	if (hole < 0 || (uint64_t)hole >= size)
		return;
	data = lseek(fd, hole, SEEK_DATA);
	*from = (uint64_t)hole;
	*to = data < 0 ? size : (uint64_t)data;
}

static int copy_range(int from, int to, uint64_t offset, uint64_t end)
{
	char buf[1 << 16];

	while (offset < end) {
		size_t want = end - offset < sizeof buf ? (size_t)(end - offset) : sizeof buf;
		ssize_t n = pread(from, buf, want, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || fd_write_all(to, buf, (size_t)n) < 0)
			return -1;
		offset += (uint64_t)n;
	}
	return 0;
}

int output_keep(const char *dir, char **path, struct error *err)
{
	char *live = folder_file(dir, FILE_OUTPUT), *kept = NULL, note[96];
	int from = open(live, O_RDONLY | O_CLOEXEC), to = -1, result = -1, n;
	uint64_t hole_from, hole_to;
	struct stat st;

	*path = NULL;
	if (from < 0 && errno == ENOENT) {
		result = 0; /* there was none */
		goto out;
	}
	if (from < 0 || fstat(from, &st) < 0) {
		error_errno(err, ERR_ENV, "cannot read %s", live);
		goto out;
	}
	output_hole(from, (uint64_t)st.st_size, &hole_from, &hole_to);
	if (st.st_size == 0 || hole_from == hole_to) {
		if (st.st_size > 0) {
			*path = live;
			live = NULL;
		}
		result = 0;
		goto out;
	}
	kept = folder_file(dir, "output.kept");
	to = open(kept, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	n = snprintf(note, sizeof note, "\n[%llu bytes of output in between were not kept]\n",
	             (unsigned long long)(hole_to - hole_from));
	if (to < 0 || copy_range(from, to, 0, hole_from) < 0 || fd_write_all(to, note, (size_t)n) < 0 ||
	    copy_range(from, to, hole_to, (uint64_t)st.st_size) < 0) {
		error_errno(err, ERR_ENV, "cannot write %s", kept);
		goto out;
	}
	*path = kept;
	kept = NULL;
	result = 0;
out:
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	free(live);
	free(kept);
	return result;
}
