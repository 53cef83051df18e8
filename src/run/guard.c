/*
 * guard: a second process that waits for the end of the supervisor. It is forked before that, is none of its children,
 * and does one of two things when it is killed. Where a run is to end with its supervisor it ends it; it has inherited
 * the run's lock for that: as long as it lives the run is not without somebody who answers for it, and no reaper comes
 * between. Where the run goes on it takes its output and answers its MLflow client from then on: a program cannot go on that
 * gets errors when it prints or logs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"
#include "tracking.h"

enum { STILL_MS = 1000 };

static bool ends_orphans(const char *dir, struct arena *mem)
{
	struct command_spec spec = {0};
	struct error err;

	return launch_load(dir, mem, &spec, &err) == 0 && spec.watch.end_orphans;
}

/* What the supervisor saw of the end holds; else it is ended, and that is its end. */
static void take_over(const char *store_dir, const char *uuid, const char *dir)
{
	struct arena *mem = arena_new();
	struct store *store = NULL;
	struct run_row row;
	struct ending e;
	struct error err;

	/* The store may be busy or full just now. What cannot be written is left to the reaper, with what it needs. What
	 * was not started yet is the launcher's. */
	if (store_open(&store, store_dir, STORE_WRITE, &err) < 0 ||
	    store_run_by_uuid(store, uuid, mem, &row, &err) < 0 || row.status != RUN_RUNNING)
		goto out;
	if (!ending_load(dir, &e)) {
		/* It ended by itself just then, and nobody saw how: the reaper says so. */
		if (!watch_end_alone(&row))
			goto out;
		e = (struct ending){.status = RUN_KILLED, .exit_status = -1, .at_ms = time_now_ms()};
		snprintf(e.reason, sizeof e.reason, "ended because its supervisor was killed (orphans = end)");
		ending_save(dir, &e, &err);
	}
	finish(store, row.id, dir, &e, &err);
out:
	store_close(store);
	arena_free(mem);
}

/* What the guard is told of a run, beside the descriptors: its output, and the socket of its tracking server. */
struct told {
	struct run_process command;
	char token[EXCHANGE_TOKEN_TEXT];
	int fds[2]; /* -1: none */
};

/* False: nobody can write any more. */
static bool take_output(struct output *o, int from, uint64_t size)
{
	char buf[1 << 14];
	ssize_t n = read(from, buf, sizeof buf);

	o->size = size;
	if (n > 0)
		output_add(o, buf, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* As long as somebody can still write, or the command asks its server, and the run's folder is there: who ends the run
 * takes that away. */
static void go_on(const char *store_dir, const char *uuid, const char *dir, const struct told *told)
{
	struct pollfd p[2] = {{told->fds[0], POLLIN, 0}, {told->fds[1], POLLIN, 0}};
	struct tracking t = {.listener = -1, .socket = -1, .stop = -1};
	char *path = folder_file(dir, FILE_OUTPUT);
	struct output o = {.fd = -1};
	struct run_process self;
	struct stat st;

	/* After an end that was seen there is none. */
	if (!file_exists(path) || output_open(&o, path, RUN_OUTPUT_HEAD, RUN_OUTPUT_TAIL, NULL) < 0)
		goto out;
	if (p[1].fd >= 0 && !tracking_inherit(&t, store_dir, uuid, told->token, p[1].fd))
		p[1].fd = -1;
	while (fstat(o.fd, &st) == 0 && st.st_nlink > 0 &&
	       (p[0].fd >= 0 || (t.socket >= 0 && proc_alive(&told->command)))) {
		if (poll(p, COUNT_OF(p), STILL_MS) <= 0)
			continue;
		if (p[1].revents && proc_identify(getpid(), &self))
			tracking_serve(&t, &self, &told->command);
		if (p[1].revents)
			p[1].fd = -1;
		if (p[0].revents && !take_output(&o, p[0].fd, (uint64_t)st.st_size))
			p[0].fd = -1;
	}
	tracking_close(&t);
	output_own_up(&o);
	output_close(&o);
out:
	free(path);
}

/* Waits for the other end to be closed, and takes what comes through it. False: nothing came. */
static bool wait_for_end(int socket, struct told *told)
{
	bool any = false;

	for (;;) {
		struct told now;
		char control[CMSG_SPACE(sizeof now.fds)];
		struct iovec part = {&now, sizeof now};
		struct msghdr m = {
		    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
		ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c = n == (ssize_t)sizeof now ? CMSG_FIRSTHDR(&m) : NULL;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return any;
		if (!c || c->cmsg_type != SCM_RIGHTS)
			continue;
		any = true;
		*told = now;
		told->fds[0] = told->fds[1] = -1;
		memcpy(told->fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	}
}

bool guard_is_there(const char *dir)
{
	char *launch = folder_file(dir, FILE_LAUNCH);
	bool locked = file_is_locked(launch);

	free(launch);
	return locked;
}

void guard_hold(int guard, const struct run_process *command, int output, const struct tracking *tracking)
{
	struct told told = {.command = *command, .fds = {output, tracking->socket}};
	size_t bytes = (tracking->socket >= 0 ? 2 : 1) * sizeof *told.fds;
	char control[CMSG_SPACE(sizeof told.fds)] = {0};
	struct iovec part = {&told, sizeof told};
	struct msghdr m = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	memcpy(told.token, tracking->token, sizeof told.token);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(c), told.fds, bytes);
	sendmsg(guard, &m, MSG_NOSIGNAL); /* no guard: the run is watched all the same */
}

int guard_begin(const char *store_dir, const char *uuid)
{
	char *dir = xasprintf("%s/live/%s", store_dir, uuid);
	struct arena *mem = arena_new();
	bool ends = ends_orphans(dir, mem);
	char *launch = folder_file(dir, FILE_LAUNCH);
	int ways[2] = {-1, -1}, lock = open(launch, O_RDONLY | O_CLOEXEC);
	struct told told;
	bool any;

	arena_free(mem);
	free(launch);
	flock(lock, LOCK_EX);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ways) < 0 || fork() != 0) {
		/* The other end stays open as long as this process lives, or whoever it hands over to. */
		if (ways[0] >= 0)
			close(ways[0]);
		if (lock >= 0)
			close(lock);
		free(dir);
		return ways[1];
	}
	close(ways[1]);
	close(RUN_FD_REPORT);
	if (!ends)
		close(RUN_FD_LOCK);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	/* The server that it may become writes to clients that may be gone. */
	signal(SIGPIPE, SIG_IGN);
	/* Whoever writes into the command's standard input shall see it end. */
	close(0);
	(void)!open("/dev/null", O_RDONLY);
	(void)!chdir("/");
	any = wait_for_end(ways[0], &told);
	if (ends)
		take_over(store_dir, uuid, dir);
	else if (any)
		go_on(store_dir, uuid, dir, &told);
	free(dir);
	_exit(0);
}
