/* Frames of an event file: lengths and checksums. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"

enum { HEAD = 12, TAIL = 4, WINDOW = TENSORBOARD_RECORD_MAX + HEAD + TAIL };

/* CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) by half bytes. */
static const uint32_t steps[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                   0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                   0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

uint32_t tensorboard_checksum(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ steps[crc & 15];
		crc = crc >> 4 ^ steps[crc & 15];
	}
	crc = ~crc;
	return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

bool tensorboard_is_name(const char *name)
{
	return strstr(name, "tfevents") != NULL;
}

int64_t tensorboard_name_time(const char *name)
{
	const char *p = strstr(name, "tfevents.");
	int64_t seconds;
	size_t digits;

	if (!p)
		return 0;
	p += strlen("tfevents.");
	digits = strspn(p, "0123456789");
	return digits > 0 && int_parse(p, digits, &seconds) ? seconds : 0;
}

static uint32_t little32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t little64(const unsigned char *p)
{
	return little32(p) | (uint64_t)little32(p + 4) << 32;
}

static ssize_t read_at(int fd, void *buf, size_t len, int64_t offset)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, (char *)buf + have, len - have, offset + (int64_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static void bad(struct tensorboard_read *out, int64_t at, const char *why)
{
	if (out->bad++ > 0)
		return;
	out->bad_at = at;
	snprintf(out->why, sizeof out->why, "%s", why);
}

/* Zeros where a file was made longer before it was written: not there yet. */
static bool is_blank(const unsigned char *p)
{
	for (int i = 0; i < HEAD; i++)
		if (p[i])
			return false;
	return true;
}

/* The whole records of a window that begins at `base`; bytes that they take. *pass: of a record that does not fit, to
 * be passed over if the file has all of it. */
static size_t take_window(const unsigned char *window, size_t len, int64_t base,
                          const struct tensorboard_sink *sink, struct tensorboard_read *out, uint64_t *pass)
{
	size_t at = 0;

	*pass = 0;
	while (len - at >= HEAD) {
		const unsigned char *head = window + at, *body = head + HEAD;
		uint64_t length = little64(head);
		const char *why = "";
		if (is_blank(head))
			break;
		if (tensorboard_checksum(head, 8) != little32(head + 8)) {
			bad(out, base + (int64_t)at, "a record's length does not have its checksum: the rest is left");
			out->broken = true;
			break;
		}
		if (length > TENSORBOARD_RECORD_MAX) {
			*pass = length;
			break;
		}
		if (len - at < HEAD + length + TAIL)
			break;
		out->records++;
		if (tensorboard_checksum(body, (size_t)length) != little32(body + length))
			bad(out, base + (int64_t)at, "a record does not have its checksum");
		else if (!tensorboard_event(body, (size_t)length, sink, &out->scalars, &out->others, &why))
			bad(out, base + (int64_t)at, why);
		at += HEAD + (size_t)length + TAIL;
	}
	return at;
}

int tensorboard_read(int fd, size_t budget, const struct tensorboard_sink *sink, struct tensorboard_read *out,
                     struct error *err)
{
	unsigned char *window = NULL;
	int64_t offset = out->offset;
	struct stat st;
	int result = -1;

	*out = (struct tensorboard_read){.offset = offset};
	if (fstat(fd, &st) < 0) {
		error_errno(err, ERR_ENV, "cannot read an event file");
		return -1;
	}
	out->size = st.st_size;
	window = xmalloc(WINDOW);
	while (!out->broken && out->size - out->offset >= HEAD) {
		uint64_t left = (uint64_t)(out->size - out->offset), pass;
		ssize_t n;
		size_t took;
		if (out->bytes >= budget) {
			out->more = true;
			break;
		}
		n = read_at(fd, window, left < WINDOW ? (size_t)left : WINDOW, out->offset);
		if (n < 0) {
			error_errno(err, ERR_ENV, "cannot read an event file");
			goto out;
		}
		took = take_window(window, (size_t)n, out->offset, sink, out, &pass);
		left -= took;
		out->offset += (int64_t)took;
		out->bytes += took;
		if (pass) {
			if (pass > left || left - pass < HEAD + TAIL)
				break; /* not whole yet */
			out->records++;
			out->others++;
			out->offset += HEAD + (int64_t)pass + TAIL;
			out->bytes += HEAD + TAIL;
		} else if (took == 0) {
			break;
		}
	}
	result = 0;
out:
	free(window);
	return result;
}
