/* SHA-256 by libcrypto. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/base.h"

void sha256_init(struct sha256 *h)
{
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		bug("libcrypto has no SHA-256");
}

void sha256_add(struct sha256 *h, const void *bytes, size_t len)
{
	if (EVP_DigestUpdate(h->ctx, bytes, len) != 1)
		bug("SHA-256 failed");
}

static void finish(struct sha256 *h, char hex[SHA256_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_BYTES];
	unsigned len = 0;

	if (EVP_DigestFinal_ex(h->ctx, sum, &len) != 1 || len != SHA256_BYTES)
		bug("SHA-256 failed");
	for (int i = 0; i < SHA256_BYTES; i++) {
		hex[i * 2] = digits[sum[i] >> 4];
		hex[i * 2 + 1] = digits[sum[i] & 15];
	}
	hex[SHA256_TEXT - 1] = '\0';
}

void sha256_end(struct sha256 *h, char hex[SHA256_TEXT])
{
	finish(h, hex);
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

void sha256_next(struct sha256 *h, char hex[SHA256_TEXT])
{
	finish(h, hex);
	if (EVP_DigestInit_ex(h->ctx, NULL, NULL) != 1)
		bug("SHA-256 failed");
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
