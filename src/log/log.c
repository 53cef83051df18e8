/* log: lines of JSON into a file of this process, each by one write. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "assay/log.h"

/* ---- the file ---- */

/* Process and descriptor in one word, so that threads agree without a lock: pid << 32 | fd + 1. A child of fork finds
 * its parent's number there and opens a file of its own. */
static _Atomic int64_t opened;
/* Which file that is: a program may close every descriptor that it does not know, and open others. */
static _Atomic uint64_t opened_device, opened_inode;
static _Atomic bool torn; /* the last line has no end */

static char *put_number(char *p, long long n)
{
	char digits[24];
	unsigned long long rest = n < 0 ? 0ULL - (unsigned long long)n : (unsigned long long)n;
	int count = 0;

	do
		digits[count++] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		*p++ = '-';
	while (count)
		*p++ = digits[--count];
	return p;
}

int assay_log_active(void)
{
	const char *folder = getenv("ASSAY_EVENTS");

	return folder && *folder;
}

/* events-c-PID-N.jsonl. N rises until nobody has that name: another host may have the number of this process. */
static int open_file(void)
{
	const char *folder = getenv("ASSAY_EVENTS");
	size_t len = strlen(folder);
	char path[4096], *end;

	if (len > sizeof path - 80) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path, folder, len);
	for (int n = 0;; n++) {
		int fd;

		memcpy(path + len, "/events-c-", 10);
		end = put_number(path + len + 10, getpid());
		*end++ = '-';
		end = put_number(end, n);
		memcpy(end, ".jsonl", 7);
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == atomic_load(&opened_device) &&
	       st.st_ino == atomic_load(&opened_inode);
}

static int file(void)
{
	int64_t pid = getpid(), was = atomic_load(&opened);
	struct stat st;
	int fd;

	if (was >> 32 == pid && is_ours((int)(was & 0xffffffff) - 1))
		return (int)(was & 0xffffffff) - 1;
	fd = open_file();
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	atomic_store(&opened_device, st.st_dev);
	atomic_store(&opened_inode, st.st_ino);
	if (atomic_compare_exchange_strong(&opened, &was, pid << 32 | (fd + 1))) {
		atomic_store(&torn, false);
		return fd;
	}
	/* Another thread was first, or is about to find that its file is not this one and to open one more: every line
	 * goes to some file of this process, and none is ever lost. */
	return fd;
}

static int put_line(const char *line, size_t len)
{
	int fd = file(), saved = errno;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (atomic_exchange(&torn, false) && write(fd, "\n", 1) != 1) {
		atomic_store(&torn, true);
		return -1;
	}
	do
		n = write(fd, line, len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len) {
		errno = saved;
		return 0;
	}
	if (n > 0) {
		atomic_store(&torn, true);
		errno = ENOSPC;
	}
	return -1;
}

/* ---- a line ---- */

enum { LINE_BYTES = 8192, NUMBER_BYTES = 40 };

/* Grows out of `own` only when a text is longer than a signal handler may give. */
struct line {
	char own[LINE_BYTES], *data;
	size_t len, room;
	bool failed;
};

static void line_begin(struct line *l)
{
	l->data = l->own;
	l->len = 0;
	l->room = sizeof l->own;
	l->failed = false;
}

static bool line_room(struct line *l, size_t more)
{
	size_t room = l->room;
	char *data;

	if (l->failed || more > SIZE_MAX / 4)
		return false;
	if (l->len + more <= l->room)
		return true;
	while (room < l->len + more)
		room *= 2;
	data = l->data == l->own ? malloc(room) : realloc(l->data, room);
	if (!data) {
		l->failed = true;
		return false;
	}
	if (l->data == l->own)
		memcpy(data, l->own, l->len);
	l->data = data;
	l->room = room;
	return true;
}

static void put(struct line *l, const char *text)
{
	size_t len = strlen(text);

	if (line_room(l, len)) {
		memcpy(l->data + l->len, text, len);
		l->len += len;
	}
}

/* Bytes above ASCII go through as they are: a name keeps its bytes even where they are no UTF-8. */
static void put_text(struct line *l, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = strlen(text);

	if (len > SIZE_MAX / 8 || !line_room(l, 6 * len + 2))
		return;
	l->data[l->len++] = '"';
	for (const char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte >= 0x20) {
			if (byte == '"' || byte == '\\')
				l->data[l->len++] = '\\';
			l->data[l->len++] = *c;
		} else {
			const char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};

			memcpy(l->data + l->len, escape, sizeof escape);
			l->len += sizeof escape;
		}
	}
	l->data[l->len++] = '"';
}

static void put_integer(struct line *l, long long n)
{
	if (line_room(l, NUMBER_BYTES))
		l->len = (size_t)(put_number(l->data + l->len, n) - l->data);
}

static void put_double(struct line *l, double value)
{
	char text[NUMBER_BYTES];

	if (isnan(value)) {
		put(l, "NaN");
		return;
	}
	if (isinf(value)) {
		put(l, value > 0 ? "Infinity" : "-Infinity");
		return;
	}
	snprintf(text, sizeof text, "%.17g", value);
	/* The program may have a locale that writes a comma. */
	for (char *c = text; *c; c++)
		if (!strchr("0123456789+-e", *c))
			*c = '.';
	put(l, text);
}

static void put_time(struct line *l)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put(l, ",\"time\":");
	put_integer(l, (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static int line_end(struct line *l)
{
	int status = -1;

	put(l, "}\n");
	if (l->failed)
		errno = ENOMEM;
	else
		status = put_line(l->data, l->len);
	if (l->data != l->own)
		free(l->data);
	return status;
}

static int nothing(void)
{
	errno = EINVAL;
	return -1;
}

/* ---- what can be said ---- */

int assay_log_metrics(const char *context, const char *const names[], const double values[], size_t count,
                      long long step)
{
	struct line l;

	for (size_t i = 0; i < count; i++)
		if (!names[i] || !*names[i])
			return nothing();
	if (!assay_log_active() || count == 0)
		return 0;
	line_begin(&l);
	put(&l, "{\"metrics\":{");
	for (size_t i = 0; i < count; i++) {
		put(&l, i ? "," : "");
		put_text(&l, names[i]);
		put(&l, ":");
		put_double(&l, values[i]);
	}
	put(&l, "}");
	if (step != ASSAY_LOG_NO_STEP) {
		put(&l, ",\"step\":");
		put_integer(&l, step);
	}
	if (context && *context) {
		put(&l, ",\"context\":");
		put_text(&l, context);
	}
	put_time(&l);
	return line_end(&l);
}

int assay_log_metric_in(const char *context, const char *name, double value, long long step)
{
	return assay_log_metrics(context, &name, &value, 1, step);
}

int assay_log_metric(const char *name, double value, long long step)
{
	return assay_log_metrics(NULL, &name, &value, 1, step);
}

/* {"KEY":"text","OTHER":"more"}; other NULL: that is left out. */
static int two(const char *key, const char *text, const char *other, const char *more)
{
	struct line l;

	if (!text || !*text || (other && !more))
		return nothing();
	if (!assay_log_active())
		return 0;
	line_begin(&l);
	put(&l, "{\"");
	put(&l, key);
	put(&l, "\":");
	put_text(&l, text);
	if (other) {
		put(&l, ",\"");
		put(&l, other);
		put(&l, "\":");
		put_text(&l, more);
	}
	put_time(&l);
	return line_end(&l);
}

int assay_log_param(const char *name, const char *value)
{
	return two("param", name, "value", value);
}

int assay_log_tag(const char *name, const char *value)
{
	return two("tag", name, "value", value);
}

int assay_log_artifact(const char *path)
{
	return two("artifact", path, NULL, NULL);
}

int assay_log_dataset(const char *path, const char *role)
{
	return two("dataset", path, "role", role ? role : "data");
}

int assay_log_note(const char *text)
{
	return two("note", text, NULL, NULL);
}

int assay_log_progress(double share)
{
	struct line l;

	if (!(share >= 0 && share <= 1))
		return nothing();
	if (!assay_log_active())
		return 0;
	line_begin(&l);
	put(&l, "{\"progress\":");
	put_double(&l, share);
	put_time(&l);
	return line_end(&l);
}
