/*
 * A command's long work, watched by a thread of its own: a bar on stderr where that is a terminal, and Ctrl-C (or
 * whatever else asks the program to end), upon which the work stops and gives back what it has. Who asks twice does not
 * wait for that.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"

enum { STEP_MS = 100 };

struct watch {
	struct progress progress;
	struct bar bar;
	pthread_t thread;
	bool started;
	int asked, over; /* what may be read: a signal; that it has ended */
	sigset_t before;
};

/* But for those that are not to end the program (nohup): blocked, they would wait to be read all the same. */
static void all_asked(sigset_t *set)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction now;
	sigemptyset(set);
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
}

static void take_signal(struct watch *w)
{
	struct signalfd_siginfo info;
	if (read(w->asked, &info, sizeof info) != sizeof info)
		return;
	if (w->progress.stop) {
		sigset_t set;
		bar_end(&w->bar);
		signal((int)info.ssi_signo, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, (int)info.ssi_signo);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
		raise((int)info.ssi_signo);
	}
	w->progress.stop = true;
}

static void *look(void *user)
{
	struct watch *w = user;
	struct progress_seen seen = {0};
	for (;;) {
		struct pollfd p[] = {{.fd = w->over, .events = POLLIN}, {.fd = w->asked, .events = POLLIN}};
		if (poll(p, COUNT_OF(p), STEP_MS) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			break;
		if (p[1].revents)
			take_signal(w);
		progress_look(&w->progress, time_mono_ms(), &seen);
		bar_progress(&w->bar, &seen);
	}
	bar_end(&w->bar);
	return NULL;
}

struct progress *watch_begin(struct cli *c)
{
	struct watch *w = c->watch;
	sigset_t set;
	if (w)
		return &w->progress;
	w = c->watch = xcalloc(1, sizeof *w);
	bar_start(&w->bar, c, "");
	all_asked(&set);
	w->over = eventfd(0, EFD_CLOEXEC);
	w->asked = signalfd(-1, &set, SFD_CLOEXEC);
	/* Every thread of the work inherits that they come to none but this one. */
	pthread_sigmask(SIG_BLOCK, &set, &w->before);
	w->started = w->over >= 0 && w->asked >= 0 && pthread_create(&w->thread, NULL, look, w) == 0;
	/* Without it there is no bar, and Ctrl-C ends the program as it ends any other. */
	if (!w->started)
		pthread_sigmask(SIG_SETMASK, &w->before, NULL);
	return &w->progress;
}

void watch_end(struct cli *c)
{
	struct watch *w = c->watch;
	if (!w)
		return;
	c->watch = NULL;
	if (w->started) {
		const uint64_t one = 1;
		if (fd_write_all(w->over, &one, sizeof one) != 0)
			bug("cannot write into an eventfd");
		pthread_join(w->thread, NULL);
		pthread_sigmask(SIG_SETMASK, &w->before, NULL);
	}
	if (w->over >= 0)
		close(w->over);
	if (w->asked >= 0)
		close(w->asked);
	free(w);
}
