/* Inside term: what xterm's kin can be switched to beyond what terminfo tells. */
#ifndef TERM_MODES_H
#define TERM_MODES_H

#include "assay/base.h"

struct modes {
	bool able;  /* it knows such modes, or ignores them */
	bool asks;  /* it may be asked whether it knows synchronized output */
	bool mouse; /* wanted */
	bool sync;  /* it has said that it does */
};
/* has_mouse: its terminfo entry has kmous. program: $TERM_PROGRAM, or NULL. */
void modes_init(struct modes *m, const char *type, bool has_mouse, const char *program);
/* All of these append to out. The question is to be asked when the alternate screen is on and will be cleared:
 * a terminal that does not know it may show a letter of it. */
void modes_ask(const struct modes *m, struct str *out);
void modes_on(const struct modes *m, struct str *out);
void modes_off(const struct modes *m, struct str *out);
void modes_mouse(const struct modes *m, struct str *out); /* after a change of `mouse` */

#define MODES_SYNC_BEGIN "\x1b[?2026h"
#define MODES_SYNC_END   "\x1b[?2026l"

#endif
