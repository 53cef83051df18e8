/* Event files of any bytes: read whole and cut anywhere, both give the same; and the same bytes as one record. */
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t scalars, params, sum;
};

static void on_scalar(void *user, const char *tag, size_t len, int64_t step, int64_t time, double value)
{
	struct seen *s = user;

	(void)value;
	s->scalars++;
	s->sum = s->sum * 31 + (uint64_t)step + (uint64_t)time;
	for (size_t i = 0; i < len; i++)
		s->sum = s->sum * 31 + (unsigned char)tag[i];
}

static void on_param(void *user, const char *key, const char *value)
{
	struct seen *s = user;

	s->params++;
	s->sum += strlen(key) + strlen(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = {0}, parts = {0}, one = {0};
	struct tensorboard_sink to_whole = {&whole, on_scalar, on_param},
	                        to_parts = {&parts, on_scalar, on_param}, to_one = {&one, on_scalar, on_param};
	struct tensorboard_read r = {0}, cut = {0};
	uint64_t scalars = 0, others = 0, cut_bad = 0;
	const char *why = NULL;
	int fd = child_file(data, size), grown = child_file("", 0);

	if (fd < 0 || grown < 0)
		bug("tensorboard: no file");
	if (tensorboard_read(fd, SIZE_MAX, &to_whole, &r, NULL) < 0 || r.offset > (int64_t)size ||
	    r.scalars != whole.scalars || (r.bad && !r.why[0]))
		bug("tensorboard: wrong count");
	for (size_t at = 0; at < size && !cut.broken;) {
		size_t step = 1 + (at * 7 + size) % 97;
		step = step < size - at ? step : size - at;
		if (pwrite(grown, data + at, step, (off_t)at) != (ssize_t)step ||
		    tensorboard_read(grown, SIZE_MAX, &to_parts, &cut, NULL) < 0)
			bug("tensorboard: cannot grow");
		cut_bad += cut.bad;
		at += step;
	}
	if (memcmp(&whole, &parts, sizeof whole) != 0 || cut.offset != r.offset || cut_bad != r.bad)
		bug("tensorboard: a file that grows reads otherwise");
	close(fd);
	close(grown);
	if (!tensorboard_event(data, size, &to_one, &scalars, &others, &why) && !*why)
		bug("tensorboard: refused without a reason");
	if (scalars != one.scalars)
		bug("tensorboard: scalars that nobody heard of");
	return 0;
}
