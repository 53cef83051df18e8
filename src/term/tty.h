/* Inside term: the terminal as a device, and stderr while it is in use. */
#ifndef TERM_TTY_H
#define TERM_TTY_H

#include <termios.h>

#include "assay/base.h"

/* The terminal opened anew, so that not waiting on it does not change the open file that our parent shares
 * with us (where that cannot be: a duplicate, which may wait). Its modes as they were are in *modes. */
int tty_open(int fd, int *tty, struct termios *modes, struct error *err);
/* 80x24 when it does not say. */
void tty_size(int tty, int *w, int *h);

/* What libraries write to stderr would garble the screen: kept aside if it goes to a terminal. -1, -1: not in
 * use. */
struct tty_stderr {
	int saved, file;
};
void tty_stderr_catch(struct tty_stderr *e);
void tty_stderr_read(const struct tty_stderr *e, struct str *out); /* at most 64 KiB, from the beginning */
void tty_stderr_give_back(struct tty_stderr *e);

#endif
