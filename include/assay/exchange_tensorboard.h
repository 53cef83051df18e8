/*
 * exchange_tensorboard: reads TensorBoard's event files, also while they are being written. Formats: a file is a row
 * of TFRecord frames (tensorflow/core/lib/io/record_writer.h: length, its masked CRC-32C, bytes, their masked CRC-32C),
 * each an Event (tensorflow/core/util/event.proto) in protocol buffers' wire format.
 *
 * What is taken: scalars (simple_value; tensors of the plugin "scalars" and others with one element of type float,
 * double, half, bfloat16 or an integer, packed or not) and the hyperparameters of a session ("hparams"). What else
 * there is (graphs, histograms, images, texts, audio) is counted and left.
 *
 * Bytes are judged, not trusted: whatever they are, nothing is read outside of them and memory is bounded.
 */
#ifndef ASSAY_EXCHANGE_TENSORBOARD_H
#define ASSAY_EXCHANGE_TENSORBOARD_H

#include "assay/base.h"

/* A record that is longer is passed over unread: scalars are some hundred bytes. */
#define TENSORBOARD_RECORD_MAX (1 << 20)

struct tensorboard_sink {
	void *user;
	/* tag: not terminated. time: UTC ms, 0 if the record has none. */
	void (*scalar)(void *user, const char *tag, size_t tag_len, int64_t step, int64_t time, double value);
	/* A hyperparameter; NUL-terminated, valid during the call. */
	void (*param)(void *user, const char *key, const char *value);
};

struct tensorboard_read {
	int64_t offset; /* in: where to go on; out: behind the last whole record that was taken */
	int64_t size;   /* of the file, as it was seen */
	/* Of this call. others: values that are left; bad: records that cannot be understood. */
	uint64_t records, scalars, others, bad, bytes;
	bool broken;    /* the frames end here: a length's checksum is wrong, nothing after it can be found */
	bool more;      /* there is more than was asked for */
	int64_t bad_at; /* the first bad record of this call, and why */
	char why[128];
};

/* Reads on from out->offset, about `budget` bytes at most. A record whose end is not there yet is waited for: the
 * offset stays before it. -1: the file cannot be read. */
int tensorboard_read(int fd, size_t budget, const struct tensorboard_sink *sink, struct tensorboard_read *out,
                     struct error *err);

/* One record's bytes, an Event. False: they are not one; *why says what is wrong. */
bool tensorboard_event(const void *bytes, size_t len, const struct tensorboard_sink *sink, uint64_t *scalars,
                       uint64_t *others, const char **why);

/* Whether a file of that name (without its folder) is one. */
bool tensorboard_is_name(const char *name);
/* The second that the name says it was begun at; 0: it says none. */
int64_t tensorboard_name_time(const char *name);

uint32_t tensorboard_checksum(const void *bytes, size_t len); /* CRC-32C, masked as in the frames */

#endif
