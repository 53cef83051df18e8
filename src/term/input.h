/* Inside term: what the back ends ask of the decoder beyond the public contract. */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include "assay/term.h"

/* How long what is held back may wait for its continuation, by what it is. */
int decoder_patience_ms(const struct term_decoder *d);
/* The terminal was asked whether it knows synchronized output. */
void decoder_await(struct term_decoder *d);
/* The terminal has said that it knows synchronized output (an answer to DECRQM 2026). */
bool decoder_sync(const struct term_decoder *d);

#endif
