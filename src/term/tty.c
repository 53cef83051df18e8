#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tty.h"

enum { STDERR_LIMIT = 64 * 1024 };

int tty_open(int fd, int *tty, struct termios *modes, struct error *err)
{
	char name[256];
	struct stat a, b;

	*tty = -1;
	if (!ttyname_r(fd, name, sizeof name))
		*tty = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*tty >= 0 && (fstat(fd, &a) || fstat(*tty, &b) || a.st_rdev != b.st_rdev)) {
		close(*tty);
		*tty = -1;
	}
	if (*tty < 0)
		*tty = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (*tty < 0 || tcgetattr(*tty, modes))
		return error_errno(err, ERR_ENV, "cannot use the terminal");
	return 0;
}

void tty_size(int tty, int *w, int *h)
{
	struct winsize size = {0};

	ioctl(tty, TIOCGWINSZ, &size);
	*w = size.ws_col ? size.ws_col : 80;
	*h = size.ws_row ? size.ws_row : 24;
}

void tty_stderr_catch(struct tty_stderr *e)
{
	e->saved = e->file = -1;
	if (!isatty(STDERR_FILENO))
		return;
	e->file = memfd_create("assay-stderr", MFD_CLOEXEC);
	if (e->file < 0)
		return;
	fflush(stderr);
	e->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (e->saved >= 0)
		dup2(e->file, STDERR_FILENO);
}

void tty_stderr_read(const struct tty_stderr *e, struct str *out)
{
	char bytes[4096];
	ssize_t n;

	str_clear(out);
	if (e->file < 0)
		return;
	fflush(stderr);
	for (off_t at = 0; out->len < STDERR_LIMIT && (n = pread(e->file, bytes, sizeof bytes, at)) > 0; at += n)
		str_add(out, bytes, (size_t)n);
}

void tty_stderr_give_back(struct tty_stderr *e)
{
	if (e->saved >= 0) {
		fflush(stderr);
		dup2(e->saved, STDERR_FILENO);
		close(e->saved);
	}
	if (e->file >= 0)
		close(e->file);
	e->saved = e->file = -1;
}
