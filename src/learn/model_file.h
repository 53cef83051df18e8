/* Inside learn: what the writer and the reader of model files share. */
#ifndef LEARN_MODEL_FILE_H
#define LEARN_MODEL_FILE_H

enum {
	MODEL_FORMAT = 1,
	MODEL_START = 16,              /* magic, format, zeros */
	MODEL_HEADER_MOST = 256 << 20, /* bytes */
};

#endif
