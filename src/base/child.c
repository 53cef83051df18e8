/* A child process whose output is wanted, with a time-out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/base.h"

extern char **environ;

struct stream {
	int fd;
	struct str *to;
	size_t limit;
};

/* Reads once; closes at the end of the stream. What is beyond the limit is read and dropped, so that the
 * child does not block. */
static void take(struct stream *s)
{
	char buffer[1 << 14];
	ssize_t n = read(s->fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	if (s->to && s->to->len < s->limit) {
		size_t room = s->limit - s->to->len;

		str_add(s->to, buffer, (size_t)n < room ? (size_t)n : room);
	}
}

int child_file(const void *bytes, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC), saved;

	if (fd < 0 || (fd_write_all(fd, bytes, len) == 0 && lseek(fd, 0, SEEK_SET) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* in, out and errout may be -1: /dev/null. */
static int start(const struct child *c, int in, int out, int errout, pid_t *pid)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* Who may ask on the terminal must be in its foreground group, which is ours. */
	posix_spawnattr_setflags(&attr, c->terminal ? flags : (short)(flags | POSIX_SPAWN_SETSID));
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&files, in, 0);
	else
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	if (errout >= 0)
		posix_spawn_file_actions_adddup2(&files, errout, 2);
	else
		posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	/* Onto itself: that takes away what would close it. */
	for (size_t i = 0; i < c->keep_count; i++)
		posix_spawn_file_actions_adddup2(&files, c->keep[i], c->keep[i]);
	if (c->cwd)
		posix_spawn_file_actions_addchdir_np(&files, c->cwd);
	rc = posix_spawnp(pid, c->argv[0], &files, &attr, (char *const *)c->argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

enum { STEP_MS = 200 };

/*
 * How long it may still take. What passes while we are stopped ourselves (Ctrl-Z) or are not given a processor is not
 * the child's: between two looks no more than two steps count.
 */
struct patience {
	int64_t left, looked;
};

static bool must_stop(struct child *c, struct patience *p)
{
	int64_t now = time_mono_ms(), spent = now - p->looked;

	p->left -= spent < 2 * STEP_MS ? spent : 2 * STEP_MS;
	p->looked = now;
	if (c->cancel && *c->cancel)
		c->cancelled = true;
	else if (p->left <= 0)
		c->late = true;
	return c->cancelled || c->late;
}

/* Reads both streams until they end; false if the child has to be stopped. */
static bool read_streams(struct child *c, struct stream streams[2], struct patience *patience)
{
	enum { LOOK_EVERY_MS = 50 }; /* whether somebody has set cancel */

	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd p[2] = {{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}};
		int step = c->cancel ? LOOK_EVERY_MS : STEP_MS;

		if (must_stop(c, patience))
			return false;
		if (poll(p, 2, patience->left < step ? (int)patience->left : step) < 0 && errno != EINTR)
			return true;
		for (int i = 0; i < 2; i++)
			if (streams[i].fd >= 0 && p[i].revents)
				take(&streams[i]);
	}
	return true;
}

/* Of a process that has closed its output, which most do by ending: little by little longer. */
static void pause_us(int *us)
{
	enum { LONGEST_US = 1000 };
	struct timespec t = {.tv_nsec = *us * 1000L};

	nanosleep(&t, NULL);
	*us = *us * 2 < LONGEST_US ? *us * 2 : LONGEST_US;
}

int child_run(struct child *c, struct error *err)
{
	int out_pipe[2] = {-1, -1}, err_pipe[2] = {-1, -1}, in = -1, rc, pause = 20, result = -1;
	struct patience patience = {c->timeout_ms, time_mono_ms()};
	bool stop;
	pid_t pid;

	c->late = c->cancelled = false;
	if (pipe2(out_pipe, O_CLOEXEC) || (c->errout && pipe2(err_pipe, O_CLOEXEC))) {
		error_errno(err, ERR_ENV, "cannot make a pipe");
		goto out;
	}
	/* Its stdin is a file: nothing that can block, nor a pipe that breaks. */
	if (c->in && (in = child_file(c->in, c->in_len)) < 0) {
		error_errno(err, ERR_ENV, "cannot make the input of %s", c->argv[0]);
		goto out;
	}
	rc = start(c, in, out_pipe[1], err_pipe[1], &pid);
	if (rc) {
		errno = rc;
		error_errno(err, ERR_ENV, "cannot start %s", c->argv[0]);
		goto out;
	}
	close(out_pipe[1]);
	out_pipe[1] = -1;
	if (err_pipe[1] >= 0)
		close(err_pipe[1]);
	err_pipe[1] = -1;
	struct stream streams[2] = {{out_pipe[0], c->out, c->limit}, {err_pipe[0], c->errout, c->limit}};
	stop = !read_streams(c, streams, &patience);
	out_pipe[0] = streams[0].fd;
	err_pipe[0] = streams[1].fd;
	/* The child may have closed its output and live on: it gets the rest of its time. */
	for (;;) {
		pid_t got;

		if (stop)
			kill(c->terminal ? pid : -pid, SIGKILL);
		got = waitpid(pid, &c->status, stop ? 0 : WNOHANG);
		if (got == pid)
			break;
		if (got < 0 && errno != EINTR) {
			error_errno(err, ERR_ENV, "cannot wait for %s", c->argv[0]);
			goto out;
		}
		stop = stop || must_stop(c, &patience);
		if (!stop)
			pause_us(&pause);
	}
	if (c->cancelled)
		error_set(err, ERR_ENV, "%s was stopped on request", c->argv[0]);
	else if (c->late)
		error_set(err, ERR_ENV, "%s did not end within %d ms and was stopped", c->argv[0], c->timeout_ms);
	else
		result = 0;
out:
	for (int i = 0; i < 2; i++) {
		if (out_pipe[i] >= 0)
			close(out_pipe[i]);
		if (err_pipe[i] >= 0)
			close(err_pipe[i]);
	}
	if (in >= 0)
		close(in);
	return result;
}

int child_capture(const char *const argv[], const char *cwd, int timeout_ms, size_t limit, struct str *out,
                  struct str *errout, int *status, struct error *err)
{
	struct child c = {
	    .argv = argv, .cwd = cwd, .timeout_ms = timeout_ms, .limit = limit, .out = out, .errout = errout};
	int result = child_run(&c, err);

	*status = c.status;
	return result;
}
