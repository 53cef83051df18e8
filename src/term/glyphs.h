/* Inside term: ASCII twins of our own typography. */
#ifndef TERM_GLYPHS_H
#define TERM_GLYPHS_H

#include "assay/base.h"

/* Appends bytes with every character that has an ASCII twin replaced by it; the rest as it is. */
void glyphs_fold(struct str *out, const char *bytes, size_t len);

#endif
