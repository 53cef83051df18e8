#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "wire.h"

void wire_init(struct wire *w)
{
	*w = (struct wire){.tty = -1};
	str_init(&w->out);
}

void wire_release(struct wire *w)
{
	if (w->tty >= 0)
		close(w->tty);
	str_release(&w->out);
}

bool wire_send(struct wire *w)
{
	while (w->at < w->out.len && !w->gone) {
		ssize_t n = write(w->tty, w->out.data + w->at, w->out.len - w->at);

		if (n > 0) {
			w->at += (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return false;
		} else if (errno != EINTR) {
			w->gone = true;
		}
	}
	str_clear(&w->out);
	w->at = 0;
	return true;
}

bool wire_send_all(struct wire *w, int ms)
{
	struct pollfd p = {.fd = w->tty, .events = POLLOUT};
	int64_t end = time_mono_ms() + ms;

	while (!wire_send(w)) {
		if (time_mono_ms() >= end)
			return false;
		poll(&p, 1, 100);
	}
	return true;
}

size_t wire_left(const struct wire *w)
{
	return w->out.len - w->at;
}

bool wire_cut(struct wire *w)
{
	bool left = wire_left(w) > 0;

	str_clear(&w->out);
	w->at = 0;
	return left;
}

void wire_again(struct wire *w)
{
	tcflush(w->tty, TCOFLUSH);
	w->at = 0;
}
