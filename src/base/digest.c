/* SHA-256 by libcrypto. */
#define OPENSSL_SUPPRESS_DEPRECATED /* since 3.0, for the sake of modules */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/base.h"

/*
 * The functions that compute, not those that look for an implementation first (EVP): these read a configuration
 * file and build tables, which takes half as long as all the rest of a start.
 */
void sha256_init(struct sha256 *h)
{
	h->ctx = xcalloc(1, sizeof(SHA256_CTX));
	SHA256_Init(h->ctx);
}

void sha256_add(struct sha256 *h, const void *bytes, size_t len)
{
	SHA256_Update(h->ctx, bytes, len);
}

static void finish(struct sha256 *h, char hex[SHA256_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_BYTES];

	SHA256_Final(sum, h->ctx);
	for (int i = 0; i < SHA256_BYTES; i++) {
		hex[i * 2] = digits[sum[i] >> 4];
		hex[i * 2 + 1] = digits[sum[i] & 15];
	}
	hex[SHA256_TEXT - 1] = '\0';
}

void sha256_end(struct sha256 *h, char hex[SHA256_TEXT])
{
	finish(h, hex);
	free(h->ctx);
	h->ctx = NULL;
}

void sha256_next(struct sha256 *h, char hex[SHA256_TEXT])
{
	finish(h, hex);
	SHA256_Init(h->ctx);
}

void sha256_hex(const void *bytes, size_t len, char hex[SHA256_TEXT])
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, bytes, len);
	sha256_end(&h, hex);
}

int sha256_file(const char *path, char hex[SHA256_TEXT], uint64_t *size, struct error *err)
{
	struct sha256 h;
	struct stat st;
	char buffer[1 << 16];
	uint64_t total = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = -1;

	if (fd < 0)
		return error_errno(err, ERR_ENV, "cannot open %s", path);
	sha256_init(&h);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		error_set(err, ERR_USAGE, "%s is not a regular file", path);
		goto out;
	}
	for (;;) {
		n = read(fd, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_add(&h, buffer, (size_t)n);
		total += (uint64_t)n;
	}
	if (n < 0) {
		error_errno(err, ERR_ENV, "cannot read %s", path);
		goto out;
	}
	if (size)
		*size = total;
	result = 0;
out:
	sha256_end(&h, hex);
	close(fd);
	return result;
}
