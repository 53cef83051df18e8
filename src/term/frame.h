/* Inside term: a frame on its way from curses to the terminal. */
#ifndef TERM_FRAME_H
#define TERM_FRAME_H

#include "assay/base.h"

enum { FRAME_RGB_FIRST = 16, FRAME_RGB_MOST = 240 };

/*
 * Appends a frame's bytes: true colours put in, and what has no effect left out, which is a fifth of the
 * bytes. Palette entry FRAME_RGB_FIRST + i stands for rgb[i] (TERM_RGB), i < count. "ESC ( B" chooses the
 * ASCII character set; no other is ever chosen, since lines are drawn in UTF-8 or ASCII. All escape sequences
 * are curses's own, because the text of cells holds no control.
 */
void frame_add(struct str *out, const char *bytes, size_t len, const int32_t *rgb, int count);

#endif
