/*
 * Signals and the way back to a sane terminal. A signal handler has no argument of its own, so this file, and
 * only it, keeps what it needs in static variables; they are written before the handlers are installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/base.h"
#include "restore.h"

static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios modes;
	char bytes[512];
	size_t len;
	bool at_exit;
} saved;

static int pipe_fd[2] = {-1, -1};

static const int told[] = {SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP};
static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
static struct sigaction old_told[COUNT_OF(told)], old_fatal[COUNT_OF(fatal)];
static bool took_fatal[COUNT_OF(fatal)];

/* Async-signal-safe: write, tcflush and tcsetattr only. */
static void give_back(void)
{
	if (!saved.armed)
		return;
	saved.armed = 0;
	/* On a slow line there is no room: what nobody has read yet goes. */
	if (write(saved.fd, saved.bytes, saved.len) != (ssize_t)saved.len) {
		tcflush(saved.fd, TCOFLUSH);
		if (write(saved.fd, saved.bytes, saved.len) < 0) {
			/* the terminal is gone: nothing to give back */
		}
	}
	tcsetattr(saved.fd, TCSANOW, &saved.modes);
}

static void on_fatal(int sig)
{
	give_back();
	raise(sig); /* SA_RESETHAND: the default now */
}

static void on_told(int sig)
{
	int keep = errno;
	unsigned char byte = (unsigned char)sig;

	if (write(pipe_fd[1], &byte, 1) < 0) {
		/* full: one of its kind is waiting already */
	}
	errno = keep;
}

void restore_arm(int fd, const struct termios *modes, const char *bytes, size_t len)
{
	saved.armed = 0;
	saved.fd = fd;
	saved.modes = *modes;
	saved.len = len < sizeof saved.bytes ? len : sizeof saved.bytes;
	memcpy(saved.bytes, bytes, saved.len);
	if (!saved.at_exit)
		atexit(give_back);
	saved.at_exit = true;
	saved.armed = 1;
}

void restore_disarm(void)
{
	saved.armed = 0;
}

int signals_open(void)
{
	struct sigaction action;

	if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK))
		return -1;
	memset(&action, 0, sizeof action);
	sigfillset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	action.sa_handler = on_told;
	for (size_t i = 0; i < COUNT_OF(told); i++)
		sigaction(told[i], &action, &old_told[i]);
	action.sa_handler = on_fatal;
	action.sa_flags = (int)SA_RESETHAND;
	for (size_t i = 0; i < COUNT_OF(fatal); i++) {
		/* A sanitizer's own handler stays: it tells more. */
		sigaction(fatal[i], NULL, &old_fatal[i]);
		took_fatal[i] = !(old_fatal[i].sa_flags & SA_SIGINFO) && old_fatal[i].sa_handler == SIG_DFL;
		if (took_fatal[i])
			sigaction(fatal[i], &action, NULL);
	}
	return pipe_fd[0];
}

void signals_close(void)
{
	if (pipe_fd[0] < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(told); i++)
		sigaction(told[i], &old_told[i], NULL);
	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		if (took_fatal[i])
			sigaction(fatal[i], &old_fatal[i], NULL);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	pipe_fd[0] = pipe_fd[1] = -1;
}

int signals_next(void)
{
	unsigned char byte;

	return pipe_fd[0] >= 0 && read(pipe_fd[0], &byte, 1) == 1 ? byte : 0;
}
