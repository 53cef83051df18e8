/* Inside term: giving the terminal back however the program ends. */
#ifndef TERM_RESTORE_H
#define TERM_RESTORE_H

#include <stddef.h>
#include <termios.h>

/* From now on, at exit and on fatal signals: these bytes are written to fd and the modes set. Copied. */
void restore_arm(int fd, const struct termios *modes, const char *bytes, size_t len);
void restore_disarm(void);
/* Installs handlers that write the signal's number into a pipe; returns the end to poll, or -1. */
int signals_open(void);
void signals_close(void);
/* The next signal that came, or 0. */
int signals_next(void);

#endif
