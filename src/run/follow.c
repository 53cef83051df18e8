/* follow: a run's output as it comes, for the foreground of `assay run` and for `assay log -f`. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "local.h"

enum {
	LOOK_MS = 250,
	/* The kernel takes some 20 ms to give back what tells of changes: commands that are over soon do without. */
	BRIEF_MS = 100,
	BRIEF_LOOK_MS = 5,
	LAST_LINES = 10,
	HOLD_MAX = 64,
};

struct follower {
	struct store *store;
	const char *uuid;
	struct run_log *log;
	uint64_t offset;
	int to;
	bool safe, gone; /* gone: nobody reads what we write */
	struct str held; /* the beginning of a sequence or character whose end has not come yet */
	bool troubled;
};

/* ---- a terminal's safety ---- */

/* Colours and "erase the line" pass: they cannot lie about what is above. 0: it may still become one. */
static size_t harmless_sequence(const char *p, size_t len, bool *harmless)
{
	size_t i = 2;

	*harmless = false;
	if (len < 2)
		return 0;
	if (p[1] != '[')
		return 1;
	while (i < len && (p[i] == ';' || p[i] == ':' || (p[i] >= '0' && p[i] <= '9')))
		i++;
	if (i == len)
		return len < HOLD_MAX ? 0 : 1;
	*harmless = p[i] == 'm' || p[i] == 'K';
	return *harmless ? i + 1 : 1;
}

static size_t incomplete_tail(const char *p, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)p[len - back];
		if ((c & 0xc0) == 0x80)
			continue;
		if (c >= 0xf0)
			return back < 4 ? back : 0;
		if (c >= 0xe0)
			return back < 3 ? back : 0;
		return c >= 0xc0 && back < 2 ? back : 0;
	}
	return 0;
}

void follow_safe(struct str *held, const char *bytes, size_t len, bool last, struct str *out)
{
	size_t at = 0;

	str_add(held, bytes, len);
	while (at < held->len) {
		const char *p = held->data + at;
		size_t left = held->len - at, n = 0;
		if (*p == '\n' || *p == '\r' || *p == '\t' || *p == '\b') {
			str_addc(out, *p);
			at++;
		} else if (*p == 0x1b) {
			bool harmless;
			n = harmless_sequence(p, left, &harmless);
			if (n == 0 && !last)
				break;
			n = n ? n : 1;
			if (harmless)
				str_add(out, p, n);
			else
				safe_text(out, p, n, 0);
			at += n;
		} else {
			while (n < left && !strchr("\n\r\t\b\033", p[n]))
				n++;
			/* strchr finds the NUL too. */
			if (n < left && p[n] == 0)
				n++;
			if (n == left && !last)
				n -= incomplete_tail(p, n);
			if (n == 0)
				break;
			safe_text(out, p, n, 0);
			at += n;
		}
	}
	memmove(held->data, held->data + at, held->len - at);
	str_cut(held, held->len - at);
}

/* ---- copying ---- */

static void put(struct follower *f, const char *bytes, size_t len, bool last)
{
	struct str out;

	if (!f->safe) {
		f->gone |= fd_write_all(f->to, bytes, len) < 0;
		return;
	}
	str_init(&out);
	follow_safe(&f->held, bytes, len, last, &out);
	f->gone |= fd_write_all(f->to, out.data, out.len) < 0;
	str_release(&out);
}

static int copy_new(struct follower *f, struct error *err)
{
	char buf[1 << 16];
	size_t got;

	/* Nothing yet may also mean: not begun when it was opened, or kept meanwhile. */
	if (f->offset == 0 && run_log_size(f->log) == 0) {
		struct run_log *again;
		if (run_log_open(f->store, f->uuid, &again, err) < 0)
			return -1;
		run_log_close(f->log);
		f->log = again;
	}
	run_log_size(f->log);
	do {
		if (run_log_read(f->log, &f->offset, buf, sizeof buf, &got, err) < 0)
			return -1;
		f->offset += got;
		if (got)
			put(f, buf, got, false);
	} while (got && !f->gone);
	return 0;
}

/* The store cannot be written: whoever waits should know why nothing moves. */
static void show_trouble(struct follower *f, const char *dir)
{
	char text[TROUBLE_BYTES];

	if (!f->troubled && folder_trouble(dir, text)) {
		safe_fprintf(stderr, "assay: %s (the files are kept; trying again)\n", text);
		f->troubled = true;
	}
}

static int watch_folder(const char *dir)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char *log = folder_file(dir, FILE_OUTPUT);

	if (fd >= 0) {
		inotify_add_watch(fd, log, IN_MODIFY);
		inotify_add_watch(fd, dir, IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF);
	}
	free(log);
	return fd;
}

/* True if the folder is being cleared away, which is the last thing that is done about a run. */
static bool take_news(int fd)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool cleared = false;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
			cleared |= (e->mask & (IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
			p += sizeof *e + e->len;
		}
	}
	return cleared;
}

void follow_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

/* SIGINT and SIGTERM stop the run; -1: we were hung up. */
static int take_signals(struct follower *f, int signals)
{
	struct signalfd_siginfo info;
	struct error err;

	while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP)
			return -1;
		if (run_stop(f->store, f->uuid, info.ssi_signo == SIGINT ? "interrupted" : "stopped by SIGTERM",
		             &err) < 0 &&
		    err.code != ERR_NO)
			safe_fprintf(stderr, "assay: %s\n", err.text);
	}
	return 0;
}

static int follow(struct follower *f, int signals, const char *dir, struct run_end *end, struct error *err)
{
	int news = -1, over = -1, result = -1;
	int64_t began = time_mono_ms();

	for (;;) {
		bool brief = time_mono_ms() - began < BRIEF_MS, was_over;
		struct pollfd p[3];

		if (!brief && news < 0)
			news = watch_folder(dir);

		/* Its end is looked at before its output: what is written after that, is there. */
		if (watch_after(f->store, f->uuid, end, err) < 0)
			goto out;
		was_over = end->over;
		if (copy_new(f, err) < 0)
			goto out;
		if (was_over || f->gone)
			break;
		show_trouble(f, dir);
		if (over < 0)
			over = watch_descriptor(f->store, f->uuid);
		for (;;) {
			p[0] = (struct pollfd){news, POLLIN, 0};
			p[1] = (struct pollfd){over, POLLIN, 0};
			p[2] = (struct pollfd){signals, POLLIN, 0};
			if (poll(p, 3, brief ? BRIEF_LOOK_MS : over < 0 || news < 0 ? LOOK_MS : 4 * LOOK_MS) <= 0)
				break;
			if (p[0].revents) {
				bool cleared = take_news(news);
				if (copy_new(f, err) < 0)
					goto out;
				if (cleared || f->gone)
					break;
			}
			if (p[2].revents && take_signals(f, signals) < 0) {
				result = 0;
				goto out;
			}
			if (p[1].revents) {
				close(over);
				over = -1;
				break;
			}
		}
	}
	put(f, "", 0, true);
	result = 0;
out:
	if (news >= 0)
		close(news);
	if (over >= 0)
		close(over);
	return result;
}

int run_follow(struct store *store, const char *uuid, int to, unsigned flags, struct run_end *end,
               struct error *err)
{
	struct follower f = {.store = store, .uuid = uuid, .to = to, .safe = flags & RUN_FOLLOW_SAFE};
	char *dir = store_live_path(store, uuid);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old_pipe;
	sigset_t set;
	int signals = -1, result = -1;

	*end = (struct run_end){0};
	str_init(&f.held);
	if (flags & RUN_FOLLOW_OWNER) {
		follow_signals(&set);
		pthread_sigmask(SIG_BLOCK, &set, NULL);
		signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
		sigaction(SIGPIPE, &ignore, &old_pipe);
	}
	if (run_log_open(store, uuid, &f.log, err) < 0)
		goto out;
	if ((flags & RUN_FOLLOW_FROM_END) && run_log_tail(f.log, LAST_LINES, UINT64_MAX, &f.offset, err) < 0)
		goto out;
	result = follow(&f, signals, dir, end, err);
out:
	if (flags & RUN_FOLLOW_OWNER) {
		close(signals);
		sigaction(SIGPIPE, &old_pipe, NULL);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	}
	run_log_close(f.log);
	str_release(&f.held);
	free(dir);
	return result;
}
