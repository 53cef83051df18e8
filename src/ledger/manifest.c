/* Manifests: the files of a model version by digest. The digest of the text is what is signed as the subject.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct manifest_file *)a)->path, ((const struct manifest_file *)b)->path);
}

void manifest_write(struct manifest_file *files, size_t count, struct str *out)
{
	str_clear(out);
	if (count)
		qsort(files, count, sizeof(*files), by_path);
	for (size_t i = 0; i < count; i++) {
		str_addf(out, "sha256:%s %" PRId64 " ", files[i].digest, files[i].bytes);
		text_encode(out, files[i].path, false);
		str_addc(out, '\n');
	}
}

/* NULL when it is not %-encoded as it has to be. */
static char *decode_path(const char *text, size_t len, struct arena *mem)
{
	char *path = text_decode(text, len, mem);
	struct str anew;
	bool same;

	if (!path)
		return NULL;
	str_init(&anew);
	text_encode(&anew, path, false);
	same = anew.len == len && !memcmp(anew.data, text, len);
	str_release(&anew);
	return same ? path : NULL;
}

static const char *parse_line(const char *p, const char *end, struct arena *mem, struct manifest_file *out)
{
	static const char prefix[] = "sha256:";
	enum { DIGEST_AT = sizeof(prefix) - 1, SIZE_AT = DIGEST_AT + SHA256_TEXT };
	const char *blank;
	char size[NUM_TEXT];

	if (end - p <= SIZE_AT || memcmp(p, prefix, DIGEST_AT) != 0 ||
	    !digest_is_valid(p + DIGEST_AT, SHA256_TEXT - 1) || p[SIZE_AT - 1] != ' ')
		return "it does not begin with sha256:, a digest and a blank";
	memcpy(out->digest, p + DIGEST_AT, SHA256_TEXT - 1);
	p += SIZE_AT;
	blank = memchr(p, ' ', (size_t)(end - p));
	if (!blank || !int_parse(p, (size_t)(blank - p), &out->bytes) || out->bytes < 0)
		return "it has no size";
	snprintf(size, sizeof(size), "%" PRId64, out->bytes);
	if (strlen(size) != (size_t)(blank - p) || memcmp(size, p, strlen(size)) != 0)
		return "its size is not written as it has to be";
	out->path = decode_path(blank + 1, (size_t)(end - blank - 1), mem);
	if (!out->path)
		return "its path is not %-encoded as it has to be";
	if (!text_is_plain(out->path, strlen(out->path)))
		return "its path holds characters that hide or reorder others, or is not UTF-8";
	return path_is_plain(out->path) ? NULL : "its path leads out of its folder, or is not plain";
}

int manifest_parse(const char *text, size_t len, struct arena *mem, struct manifest_file **out, size_t *count,
                   struct error *err)
{
	const char *p = text, *end = text + len;
	size_t lines = 0, at = 0;
	struct manifest_file *files;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	files = arena_array(mem, lines ? lines : 1, sizeof(*files));
	for (; p < end; at++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p)), *fault;

		if (!stop)
			return error_set(err, ERR_TAMPER, "line %zu of the manifest does not end", at + 1);
		fault = parse_line(p, stop, mem, &files[at]);
		if (!fault && at && strcmp(files[at - 1].path, files[at].path) >= 0)
			fault = "its path does not come after the one before it";
		if (fault)
			return error_set(err, ERR_TAMPER, "line %zu of the manifest: %s", at + 1, fault);
		p = stop + 1;
	}
	if (!at)
		return error_set(err, ERR_TAMPER, "the manifest names no file");
	*out = files;
	*count = at;
	return 0;
}
