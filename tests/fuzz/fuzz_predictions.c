/* Predictions objects: strict reading of any bytes; what is read can be written and read again. */
#include "../../src/work/work.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct predictions_read read;
	struct error err;
	if (predictions_parse((const char *)bytes, len, &read, &err) != 0) {
		if (err.code != ERR_TAMPER || !err.text[0])
			bug("a refusal without a reason");
		return 0;
	}
	double sum = 0;
	size_t letters = 0;
	for (size_t i = 0; i < read.head.rows; i++) {
		sum += read.score[i] > 0;
		letters += strlen(read.case_id[i]);
	}
	if (letters > len || sum > (double)read.head.rows)
		bug("more was read than there is");
	arena_free(read.mem);
	return 0;
}
