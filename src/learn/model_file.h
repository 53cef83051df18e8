/* Inside learn: what the writer and the reader of model files share. */
#ifndef LEARN_MODEL_FILE_H
#define LEARN_MODEL_FILE_H

#include "assay/base.h"

enum {
	MODEL_FORMAT = 1,
	MODEL_START = 16,  /* magic, format, zeros */
	MODEL_DIGEST = 32, /* SHA-256 of the rest of the file */
	MODEL_BODY = MODEL_START + MODEL_DIGEST,
	MODEL_HEADER_MOST = 256 << 20, /* bytes */
};

/* The digest of a body, as bytes. */
void model_file_digest(const void *body, size_t len, unsigned char out[MODEL_DIGEST]);

#endif
