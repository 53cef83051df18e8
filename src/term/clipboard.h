/* Inside term: the way into the person's clipboard. */
#ifndef TERM_CLIPBOARD_H
#define TERM_CLIPBOARD_H

#include "assay/term.h"

/* What stands between the program and the terminal that has the clipboard. */
enum clipboard_way {
	CLIPBOARD_NONE, /* a kind of terminal without one */
	CLIPBOARD_PLAIN,
	CLIPBOARD_TMUX,   /* which takes the sequence itself */
	CLIPBOARD_SCREEN, /* which passes it on in pieces */
	CLIPBOARD_EITHER, /* one of these two, or one in the other */
};
/* type: the terminal's; tmux, screen: $TMUX and $STY, or NULL. */
enum clipboard_way clipboard_way(const char *type, const char *tmux, const char *screen);
/* Appends the bytes that carry the text there. */
void clipboard_add(struct str *out, enum clipboard_way way, const char *text, size_t len);

#endif
