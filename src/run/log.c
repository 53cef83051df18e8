/* log: a run's output by byte offset, while it is written and when it is kept. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"

enum { TAIL_MAX = 4 << 20 };

struct run_log {
	int fd; /* -1: there is no output */
	bool live;
	uint64_t size, hole_from, hole_to;
};

static struct run_log *log_of(int fd, bool live)
{
	struct run_log *log = xcalloc(1, sizeof *log);

	log->fd = fd;
	log->live = live;
	run_log_size(log);
	return log;
}

struct run_log *log_open_live(const char *dir)
{
	char *path = folder_file(dir, FILE_OUTPUT);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	free(path);
	return fd >= 0 ? log_of(fd, true) : NULL;
}

static int open_kept(struct store *store, int64_t run, int *fd, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_artifact *a;
	size_t count;
	int result = -1;

	*fd = -1;
	if (store_artifacts(store, run, mem, &a, &count, err) < 0)
		goto out;
	result = 0;
	for (size_t i = 0; i < count; i++) {
		char *path;
		if (strcmp(a[i].name, FILE_OUTPUT) != 0 || strcmp(a[i].kind, "log") != 0 || !a[i].digest[0])
			continue;
		path = store_object_path(store, a[i].digest);
		*fd = open(path, O_RDONLY | O_CLOEXEC);
		if (*fd < 0)
			result = error_errno(err, ERR_STORE, "the output that was kept, %s, cannot be read", path);
		free(path);
		break;
	}
out:
	arena_free(mem);
	return result;
}

int run_log_open(struct store *store, const char *uuid, struct run_log **out, struct error *err)
{
	struct arena *mem = arena_new();
	char *dir = store_live_path(store, uuid);
	struct run_row row;
	int fd, result = -1;

	*out = NULL;
	/* The live file first: it goes only after the kept one is there. */
	if ((*out = log_open_live(dir))) {
		result = 0;
	} else if (store_run_by_uuid(store, uuid, mem, &row, err) == 0 &&
	           open_kept(store, row.id, &fd, err) == 0) {
		*out = log_of(fd, !store_status_over(row.status));
		result = 0;
	}
	free(dir);
	arena_free(mem);
	return result;
}

void run_log_close(struct run_log *log)
{
	if (!log)
		return;
	if (log->fd >= 0)
		close(log->fd);
	free(log);
}

uint64_t run_log_size(struct run_log *log)
{
	struct stat st;

	if (log->fd >= 0 && fstat(log->fd, &st) == 0 && (uint64_t)st.st_size != log->size) {
		log->size = (uint64_t)st.st_size;
		log->hole_from = log->hole_to = log->size;
		if (log->live && log->size > RUN_OUTPUT_HEAD)
			output_hole(log->fd, log->size, &log->hole_from, &log->hole_to);
	}
	return log->size;
}

bool run_log_live(const struct run_log *log)
{
	return log->live;
}

int run_log_read(struct run_log *log, uint64_t *offset, char *buf, size_t len, size_t *got, struct error *err)
{
	ssize_t n;

	*got = 0;
	if (log->fd < 0)
		return 0;
	if (*offset >= log->hole_from && *offset < log->hole_to)
		*offset = log->hole_to;
	if (*offset < log->hole_from && len > log->hole_from - *offset)
		len = (size_t)(log->hole_from - *offset);
	do
		n = pread(log->fd, buf, len, (off_t)*offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(err, ERR_STORE, "the run's output cannot be read");
	*got = (size_t)n;
	return 0;
}

int run_log_tail(struct run_log *log, size_t lines, uint64_t end, uint64_t *offset, struct error *err)
{
	uint64_t size = run_log_size(log), at, stop;
	size_t seen = 0;
	char buf[1 << 14];

	at = end < size ? end : size;
	stop = at > TAIL_MAX ? at - TAIL_MAX : 0;
	if (at > log->hole_to && stop < log->hole_to && log->hole_from < log->hole_to)
		stop = log->hole_to;
	*offset = at;
	if (lines == 0)
		return 0;
	while (at > stop) {
		uint64_t from = at - stop > sizeof buf ? at - sizeof buf : stop, want = from;
		size_t got = 0;

		if (run_log_read(log, &want, buf, (size_t)(at - from), &got, err) < 0)
			return -1;
		if (want != from || got < at - from)
			break; /* it became a hole meanwhile */
		for (size_t i = got; i > 0; i--) {
			/* The end of the last line does not begin another one. */
			if (buf[i - 1] == '\n' && from + i < *offset && ++seen == lines) {
				*offset = from + i;
				return 0;
			}
		}
		at = from;
	}
	*offset = at;
	return 0;
}

void run_log_last_line(struct run_log *log, char *out, size_t size)
{
	uint64_t end = run_log_size(log), from = end > 65536 ? end - 65536 : 0;
	char *buf = xmalloc(65537), *best = NULL;
	size_t len = 0, n = 0;

	out[0] = 0;
	if (run_log_read(log, &from, buf, 65536, &len, NULL) < 0)
		len = 0;
	buf[len] = 0;
	/* Backwards by line; what a \r painted over does not count. */
	while (len > 0 && !best) {
		size_t at = len;
		while (at > 0 && buf[at - 1] != '\n' && buf[at - 1] != '\r')
			at--;
		buf[len] = 0;
		if (strspn(buf + at, " \t") < len - at)
			best = buf + at;
		len = at > 0 ? at - 1 : 0;
	}
	for (const char *p = best; p && *p && n + 1 < size; p++) {
		if (*p == 0x1b && p[1] == '[') {
			for (p += 2; *p && (*p < 0x40 || *p > 0x7e); p++)
				;
			if (!*p)
				break;
		} else if ((unsigned char)*p >= 0x20 && *p != 0x7f) {
			out[n++] = *p;
		}
	}
	/* Not in the middle of a character. */
	if (n + 1 == size)
		while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
			n--;
	if (n > 0 && n + 2 >= size && ((unsigned char)out[n - 1] & 0xc0) == 0xc0)
		n--;
	out[n] = 0;
	free(buf);
}
