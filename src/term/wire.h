/* Inside term: bytes on their way to the terminal. */
#ifndef TERM_WIRE_H
#define TERM_WIRE_H

#include "assay/base.h"

struct wire {
	int tty;        /* not blocking, unless it could not be opened anew */
	struct str out; /* what has not gone out yet begins at `at` */
	size_t at;
	bool gone; /* nobody is there any more */
};
void wire_init(struct wire *w);
void wire_release(struct wire *w);
/* Sends what the terminal takes without waiting; true when all is out (or nobody is there). */
bool wire_send(struct wire *w);
/* For leaving: waits up to ms. */
bool wire_send_all(struct wire *w, int ms);
size_t wire_left(const struct wire *w);
/* What has not gone out yet never will; true when there was something, and perhaps half a sequence is out. */
bool wire_cut(struct wire *w);
/* What the terminal has not read yet never will be, and what stands here goes out from its beginning. */
void wire_again(struct wire *w);

#endif
