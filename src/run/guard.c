/*
 * guard: a second process that waits for the end of the supervisor. It is forked before that, is none of its children,
 * and does one of two things when it is killed. Where a run is to end with its supervisor it ends it; it has inherited
 * the run's lock for that: as long as it lives the run is not without somebody who answers for it, and no reaper comes
 * between. Where the run goes on it takes its output from then on: a program whose output nobody takes cannot go on, it
 * gets errors when it prints.
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

/* As long as somebody can still write, and the run's folder is there: who ends the run takes that away. */
static void go_on(const char *dir, int from)
{
	char *path = folder_file(dir, FILE_OUTPUT), buf[1 << 14];
	struct output o = {.fd = -1};
	struct stat st;

	/* After an end that was seen there is none. */
	if (!file_exists(path) || output_open(&o, path, RUN_OUTPUT_HEAD, RUN_OUTPUT_TAIL, NULL) < 0)
		goto out;
	while (fstat(o.fd, &st) == 0 && st.st_nlink > 0) {
		struct pollfd p = {from, POLLIN, 0};
		ssize_t n;

		if (poll(&p, 1, STILL_MS) <= 0)
			continue;
		n = read(from, buf, sizeof buf);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			break;
		o.size = (uint64_t)st.st_size;
		if (n > 0)
			output_add(&o, buf, (size_t)n);
	}
	output_own_up(&o);
	output_close(&o);
out:
	free(path);
}

/* Waits for the other end to be closed, and takes the descriptor that comes through it. */
static int wait_for_end(int socket)
{
	int held = -1;

	for (;;) {
		char byte, control[CMSG_SPACE(sizeof(int))];
		struct iovec part = {&byte, 1};
		struct msghdr m = {
		    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
		ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return held;
		if (c && c->cmsg_type == SCM_RIGHTS)
			memcpy(&held, CMSG_DATA(c), sizeof held);
	}
}

bool guard_is_there(const char *dir)
{
	char *launch = folder_file(dir, FILE_LAUNCH);
	bool locked = file_is_locked(launch);

	free(launch);
	return locked;
}

void guard_hold(int guard, int output)
{
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'o';
	struct iovec part = {&byte, 1};
	struct msghdr m = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof output);
	memcpy(CMSG_DATA(c), &output, sizeof output);
	sendmsg(guard, &m, MSG_NOSIGNAL); /* no guard: the run is watched all the same */
}

int guard_begin(const char *store_dir, const char *uuid)
{
	char *dir = xasprintf("%s/live/%s", store_dir, uuid);
	struct arena *mem = arena_new();
	bool ends = ends_orphans(dir, mem);
	char *launch = folder_file(dir, FILE_LAUNCH);
	int ways[2] = {-1, -1}, lock = open(launch, O_RDONLY | O_CLOEXEC), output;

	arena_free(mem);
	free(launch);
	flock(lock, LOCK_EX);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ways) < 0 || fork() != 0) {
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
	/* Whoever writes into the command's standard input shall see it end. */
	close(0);
	(void)!open("/dev/null", O_RDONLY);
	(void)!chdir("/");
	output = wait_for_end(ways[0]);
	if (ends)
		take_over(store_dir, uuid, dir);
	else if (output >= 0)
		go_on(dir, output);
	free(dir);
	_exit(0);
}
