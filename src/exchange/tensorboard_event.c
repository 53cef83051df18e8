/*
 * An Event in protocol buffers' wire format, read by hand: fields are numbers with a kind; what is not known is passed
 * over. Numbers of fields and types are those of TensorFlow's event.proto, summary.proto, tensor.proto, types.proto and
 * of TensorBoard's plugins/hparams/plugin_data.proto.
 */
#include <math.h>
#include <string.h>

#include "assay/exchange_tensorboard.h"

struct bytes {
	const unsigned char *p;
	size_t len;
};

/* One field: `number` of a varint or a fixed one, `bytes` of what has a length. */
struct field {
	uint32_t id;
	enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 } wire;
	uint64_t number;
	struct bytes bytes;
};

static bool varint(struct bytes *b, uint64_t *out)
{
	*out = 0;
	for (int shift = 0; shift < 70 && b->len > 0; shift += 7) {
		unsigned char c = *b->p;
		b->p++;
		b->len--;
		if (shift < 64)
			*out |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static bool fixed(struct bytes *b, size_t size, uint64_t *out)
{
	if (b->len < size)
		return false;
	*out = 0;
	for (size_t i = 0; i < size; i++)
		*out |= (uint64_t)b->p[i] << (8 * i);
	b->p += size;
	b->len -= size;
	return true;
}

/* 1: a field, 0: the end, -1: no message. */
static int next(struct bytes *b, struct field *f)
{
	uint64_t key;

	if (b->len == 0)
		return 0;
	if (!varint(b, &key) || key >> 3 == 0 || key >> 3 > UINT32_MAX)
		return -1;
	*f = (struct field){.id = (uint32_t)(key >> 3)};
	switch (key & 7) {
	case VARINT:
		f->wire = VARINT;
		return varint(b, &f->number) ? 1 : -1;
	case FIXED64:
		f->wire = FIXED64;
		return fixed(b, 8, &f->number) ? 1 : -1;
	case FIXED32:
		f->wire = FIXED32;
		return fixed(b, 4, &f->number) ? 1 : -1;
	case LENGTH:
		f->wire = LENGTH;
		if (!varint(b, &key) || key > b->len)
			return -1;
		f->bytes = (struct bytes){b->p, (size_t)key};
		b->p += key;
		b->len -= (size_t)key;
		return 1;
	default:
		return -1;
	}
}

static double as_float(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float f;

	memcpy(&f, &low, sizeof f);
	return (double)f;
}

static double as_double(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* IEEE 754 half precision. */
static double as_half(uint64_t bits)
{
	int exponent = (int)(bits >> 10 & 31);
	double fraction = (double)(bits & 1023);
	double size = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
	              : exponent == 0 ? ldexp(fraction, -24)
	                              : ldexp(1024 + fraction, exponent - 25);

	return bits & 0x8000 ? -size : size;
}

/* ---- tensors ---- */

enum {
	FLOAT = 1,
	DOUBLE = 2,
	INT32 = 3,
	UINT8 = 4,
	INT16 = 5,
	INT8 = 6,
	INT64 = 9,
	BOOL = 10,
	BFLOAT16 = 14,
	UINT16 = 17,
	HALF = 19,
	UINT32 = 22,
	UINT64 = 23
};

static const struct kind {
	unsigned char type, size; /* bytes of an element in tensor_content */
	unsigned char field;      /* of a list of values */
	bool is_signed;
} kinds[] = {
    {FLOAT, 4, 5, false},     {DOUBLE, 8, 6, false}, {INT32, 4, 7, true},  {UINT8, 1, 7, false},
    {INT16, 2, 7, true},      {INT8, 1, 7, true},    {INT64, 8, 10, true}, {BOOL, 1, 11, false},
    {BFLOAT16, 2, 13, false}, {UINT16, 2, 7, false}, {HALF, 2, 13, false}, {UINT32, 4, 16, false},
    {UINT64, 8, 17, false},
};

static double value_of(const struct kind *k, uint64_t bits, size_t size)
{
	int unused = 64 - 8 * (int)size;

	switch (k->type) {
	case FLOAT:
		return as_float(bits);
	case DOUBLE:
		return as_double(bits);
	case HALF:
		return as_half(bits);
	case BFLOAT16:
		return as_float(bits << 16);
	default:
		/* Two's complement, of the width that it has here. */
		return k->is_signed ? (double)((int64_t)(bits << unused) >> unused) : (double)bits;
	}
}

/* The first value of a list: packed, or a field for each. */
static bool first_of_list(const struct kind *k, const struct field *f, double *out)
{
	struct bytes b = f->bytes;
	uint64_t bits = f->number;

	if (f->wire == LENGTH) {
		bool good = k->type == FLOAT    ? fixed(&b, 4, &bits)
		            : k->type == DOUBLE ? fixed(&b, 8, &bits)
		                                : varint(&b, &bits);
		if (!good)
			return false;
		/* More than one: no scalar. */
		if (b.len > 0)
			return false;
	} else if (f->wire != (k->type == FLOAT ? FIXED32 : k->type == DOUBLE ? FIXED64 : VARINT)) {
		return false;
	}
	/* Whole numbers are written as 64 bits there. */
	*out = value_of(k, bits, 8);
	return true;
}

/* Elements by the shape; -1: it cannot be read. A shape without dimensions is one element. */
static int64_t elements(struct bytes shape)
{
	int64_t n = 1;
	struct field dim, size;
	int rc;

	while ((rc = next(&shape, &dim)) > 0) {
		struct bytes b = dim.bytes;
		int64_t length = 0;
		if (dim.id == 3 && dim.number)
			return -1; /* the rank is not known */
		if (dim.id != 2 || dim.wire != LENGTH)
			continue;
		while ((rc = next(&b, &size)) > 0)
			if (size.id == 1 && size.wire == VARINT)
				length = (int64_t)size.number;
		if (rc < 0 || length < 0 || length > INT32_MAX)
			return -1;
		n = n > INT32_MAX ? n : n * length;
	}
	return rc < 0 ? -1 : n;
}

/* 1: a scalar, 0: a tensor of another kind, -1: no tensor. */
static int scalar_of_tensor(struct bytes tensor, double *out)
{
	struct bytes shape = {0}, content = {0}, all = tensor;
	const struct kind *k = NULL;
	uint64_t type = 0, bits;
	struct field f;
	bool found = false;
	int rc;

	while ((rc = next(&tensor, &f)) > 0) {
		if (f.id == 1 && f.wire == VARINT)
			type = f.number;
		else if (f.id == 2 && f.wire == LENGTH)
			shape = f.bytes;
		else if (f.id == 4 && f.wire == LENGTH)
			content = f.bytes;
	}
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i].type == type)
			k = &kinds[i];
	if (!k || elements(shape) != 1)
		return 0;
	if (content.len > 0) {
		if (content.len != k->size || !fixed(&content, k->size, &bits))
			return -1;
		*out = value_of(k, bits, k->size);
		return 1;
	}
	while (next(&all, &f) > 0) {
		if (f.id != k->field)
			continue;
		if (found || !first_of_list(k, &f, out))
			return -1;
		found = true;
	}
	/* A list that is left out is one of zeros. */
	if (!found)
		*out = 0;
	return 1;
}

/* ---- hyperparameters ---- */

static void value_text(struct bytes value, struct str *out)
{
	struct field f;

	while (next(&value, &f) > 0) {
		char number[NUM_TEXT];
		str_clear(out);
		if (f.id == 2 && f.wire == FIXED64)
			str_adds(out, num_shortest(as_double(f.number), number));
		else if (f.id == 3 && f.wire == LENGTH)
			str_add(out, (const char *)f.bytes.p, strnlen((const char *)f.bytes.p, f.bytes.len));
		else if (f.id == 4 && f.wire == VARINT)
			str_adds(out, f.number ? "true" : "false");
	}
}

/* HParamsPluginData: 3 session_start_info: 1 hparams, a map of names to values. */
static void hparams(struct bytes content, const struct tensorboard_sink *sink)
{
	struct field top, info, entry;
	struct str key, value;

	str_init(&key);
	str_init(&value);
	while (next(&content, &top) > 0) {
		if (top.id != 3 || top.wire != LENGTH)
			continue;
		while (next(&top.bytes, &info) > 0) {
			if (info.id != 1 || info.wire != LENGTH)
				continue;
			str_clear(&key);
			str_clear(&value);
			while (next(&info.bytes, &entry) > 0) {
				if (entry.id == 1 && entry.wire == LENGTH)
					str_add(&key, (const char *)entry.bytes.p,
					        strnlen((const char *)entry.bytes.p, entry.bytes.len));
				else if (entry.id == 2 && entry.wire == LENGTH)
					value_text(entry.bytes, &value);
			}
			if (key.len > 0)
				sink->param(sink->user, key.data, value.data);
		}
	}
	str_release(&key);
	str_release(&value);
}

/* Metadata: 1 plugin_data { 1 plugin_name, 2 content }. True if it was that of hyperparameters. */
static bool take_metadata(struct bytes metadata, const struct tensorboard_sink *sink)
{
	struct bytes name = {0}, content = {0};
	struct field f, part;

	while (next(&metadata, &f) > 0) {
		if (f.id != 1 || f.wire != LENGTH)
			continue;
		while (next(&f.bytes, &part) > 0) {
			if (part.id == 1 && part.wire == LENGTH)
				name = part.bytes;
			else if (part.id == 2 && part.wire == LENGTH)
				content = part.bytes;
		}
	}
	if (name.len != 7 || memcmp(name.p, "hparams", 7) != 0)
		return false;
	hparams(content, sink);
	return true;
}

/* ---- events ---- */

struct event {
	double wall_time;
	int64_t step;
	struct bytes summary;
};

static const char *take_value(const struct event *e, struct bytes value, const struct tensorboard_sink *sink,
                              uint64_t *scalars, uint64_t *others)
{
	/* Beyond the year 10000 it is no time. */
	bool timed = e->wall_time > 0 && e->wall_time < 253402300800.0;
	struct bytes tag = {0}, tensor = {0};
	struct field f;
	double number = 0;
	bool simple = false, has_tensor = false, settings = false;
	int rc;

	while ((rc = next(&value, &f)) > 0) {
		if (f.id == 1 && f.wire == LENGTH) {
			tag = f.bytes;
		} else if (f.id == 2 && f.wire == FIXED32) {
			number = as_float(f.number);
			simple = true;
		} else if (f.id == 8 && f.wire == LENGTH) {
			tensor = f.bytes;
			has_tensor = true;
		} else if (f.id == 9 && f.wire == LENGTH) {
			settings = take_metadata(f.bytes, sink);
		}
	}
	if (rc < 0)
		return "a value of a summary is cut short";
	if (!simple && has_tensor && !settings) {
		rc = scalar_of_tensor(tensor, &number);
		if (rc < 0)
			return "a tensor cannot be read";
		simple = rc > 0;
	}
	if (!simple) {
		++*others;
		return NULL;
	}
	if (tag.len == 0)
		return "a scalar without a name";
	++*scalars;
	sink->scalar(sink->user, (const char *)tag.p, tag.len, e->step,
	             timed ? (int64_t)(e->wall_time * 1000) : 0, number);
	return NULL;
}

bool tensorboard_event(const void *bytes, size_t len, const struct tensorboard_sink *sink, uint64_t *scalars,
                       uint64_t *others, const char **why)
{
	struct bytes b = {bytes, len};
	struct event e = {0};
	struct field f;
	const char *wrong = NULL;
	int rc;

	while ((rc = next(&b, &f)) > 0) {
		if (f.id == 1 && f.wire == FIXED64)
			e.wall_time = as_double(f.number);
		else if (f.id == 2 && f.wire == VARINT)
			e.step = (int64_t)f.number;
		else if (f.id == 5 && f.wire == LENGTH)
			e.summary = f.bytes;
		else if (f.id == 4 && f.wire == LENGTH)
			++*others;
	}
	*why = "a record is no event";
	if (rc < 0)
		return false;
	while ((rc = next(&e.summary, &f)) > 0) {
		const char *now =
		    f.id == 1 && f.wire == LENGTH ? take_value(&e, f.bytes, sink, scalars, others) : NULL;
		wrong = wrong ? wrong : now;
	}
	if (rc < 0)
		wrong = "a summary is cut short";
	*why = wrong ? wrong : "";
	return wrong == NULL;
}
