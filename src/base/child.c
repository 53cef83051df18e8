/* A child process whose output is wanted, with a time-out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
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

static int start(const char *const argv[], const char *cwd, int out, int errout, pid_t *pid)
{
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
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	if (errout >= 0)
		posix_spawn_file_actions_adddup2(&files, errout, 2);
	else
		posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	if (cwd)
		posix_spawn_file_actions_addchdir_np(&files, cwd);
	rc = posix_spawnp(pid, argv[0], &files, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

int child_capture(const char *const argv[], const char *cwd, int timeout_ms, size_t limit, struct str *out,
                  struct str *errout, int *status, struct error *err)
{
	int out_pipe[2] = {-1, -1}, err_pipe[2] = {-1, -1}, rc, result = -1;
	int64_t deadline = time_mono_ms() + timeout_ms;
	bool late = false;
	pid_t pid;

	if (pipe2(out_pipe, O_CLOEXEC) || (errout && pipe2(err_pipe, O_CLOEXEC))) {
		error_errno(err, ERR_ENV, "cannot make a pipe");
		goto out;
	}
	rc = start(argv, cwd, out_pipe[1], err_pipe[1], &pid);
	if (rc) {
		errno = rc;
		error_errno(err, ERR_ENV, "cannot start %s", argv[0]);
		goto out;
	}
	close(out_pipe[1]);
	out_pipe[1] = -1;
	if (err_pipe[1] >= 0)
		close(err_pipe[1]);
	err_pipe[1] = -1;
	struct stream streams[2] = {{out_pipe[0], out, limit}, {err_pipe[0], errout, limit}};
	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd p[2] = {{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}};
		int64_t left = deadline - time_mono_ms();

		if (left <= 0) {
			late = true;
			break;
		}
		if (poll(p, 2, (int)left) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < 2; i++)
			if (streams[i].fd >= 0 && p[i].revents)
				take(&streams[i]);
	}
	out_pipe[0] = streams[0].fd;
	err_pipe[0] = streams[1].fd;
	/* The child may have closed its output and live on: it gets the rest of its time. */
	for (;;) {
		pid_t got;

		if (late)
			kill(-pid, SIGKILL);
		got = waitpid(pid, status, late ? 0 : WNOHANG);
		if (got == pid)
			break;
		if (got < 0 && errno != EINTR) {
			error_errno(err, ERR_ENV, "cannot wait for %s", argv[0]);
			goto out;
		}
		late = late || time_mono_ms() >= deadline;
		if (!late)
			poll(NULL, 0, 1);
	}
	if (late) {
		error_set(err, ERR_ENV, "%s did not end within %d ms and was stopped", argv[0], timeout_ms);
		goto out;
	}
	result = 0;
out:
	for (int i = 0; i < 2; i++) {
		if (out_pipe[i] >= 0)
			close(out_pipe[i]);
		if (err_pipe[i] >= 0)
			close(err_pipe[i]);
	}
	return result;
}
