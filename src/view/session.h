/* What is remembered until the workbench is left, on the screen's thread only: what was opened of a review,
 * reasons that were begun and not yet signed. */
#ifndef ASSAY_VIEW_SESSION_H
#define ASSAY_VIEW_SESSION_H

#include "assay/base.h"

struct session;
struct session *session_new(void);
void session_free(struct session *s);                                    /* NULL is fine */
const char *session_get(const struct session *s, const char *key);       /* NULL: nothing */
void session_set(struct session *s, const char *key, const char *value); /* NULL forgets it */

#endif
