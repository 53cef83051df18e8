/* The loader of model files on any bytes, as they are and under a digest that holds. What it takes, it must
 * write again byte by byte. */
#include <stddef.h>
#include <stdint.h>

#include "../../src/learn/inside.h"
#include "../../src/learn/model_file.h"
#include "assay/learn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const void *bytes, size_t size)
{
	struct model *m;
	struct error err;
	struct str again;
	if (model_load_bytes(bytes, size, &m, &err) < 0)
		return;
	str_init(&again);
	model_bytes(m, &again);
	if (again.len != size || memcmp(again.data, bytes, size) != 0)
		bug("model: loaded and written again, it is another file");
	str_release(&again);
	model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	load(data, size);
	if (size < MODEL_BODY)
		return 0;
	struct str copy;
	unsigned char digest[MODEL_DIGEST];
	str_init(&copy);
	str_add(&copy, data, size);
	model_file_digest(data + MODEL_BODY, size - MODEL_BODY, digest);
	memcpy(copy.data + MODEL_START, digest, sizeof digest);
	load(copy.data, copy.len);
	str_release(&copy);
	return 0;
}
