/* Inside term: what the back ends ask of the decoder beyond the public contract. */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include "assay/term.h"

/* A bracketed paste has begun and its end has not come: its time-out is longer than that of a lone ESC. */
bool decoder_pasting(const struct term_decoder *d);

#endif
