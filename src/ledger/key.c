/* Public keys: their parts, fingerprints, and which of them are good enough to sign with. */
#include <string.h>

#include "key.h"

enum { RSA_BITS = 3072 };

bool key_string(const char **p, const char *end, const char **bytes, size_t *len)
{
	const unsigned char *u = (const unsigned char *)*p;
	size_t n;

	if (end - *p < 4)
		return false;
	n = (size_t)u[0] << 24 | (size_t)u[1] << 16 | (size_t)u[2] << 8 | u[3];
	if (n > (size_t)(end - *p) - 4)
		return false;
	*bytes = *p + 4;
	*len = n;
	*p += 4 + n;
	return true;
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void key_fingerprint(const char *blob, size_t len, char out[KEY_FINGERPRINT])
{
	char hex[SHA256_TEXT];
	unsigned char sum[SHA256_BYTES];
	struct str s;

	sha256_hex(blob, len, hex);
	for (int i = 0; i < SHA256_BYTES; i++)
		sum[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	str_init(&s);
	base64_encode(sum, sizeof sum, &s);
	while (s.len && s.data[s.len - 1] == '=')
		str_cut(&s, s.len - 1);
	snprintf(out, KEY_FINGERPRINT, "SHA256:%s", s.data);
	str_release(&s);
}

/* A positive number as SSH writes it: big-endian, no byte more than is needed. */
static bool number_bits(const char *bytes, size_t len, size_t *bits)
{
	const unsigned char *u = (const unsigned char *)bytes;
	size_t first = 0, top = 0;

	if (!len || u[0] & 0x80)
		return false;
	if (!u[0]) {
		if (len < 2 || !(u[1] & 0x80))
			return false;
		first = 1;
	}
	while (u[first] >> top)
		top++;
	*bits = (len - first - 1) * 8 + top;
	return true;
}

static const char *blob_fault(const char *type, const char *p, const char *end)
{
	static const struct {
		const char *type, *curve;
		size_t point;
		bool fido;
	} kinds[] = {
	    {"ssh-ed25519", NULL, 32, false},
	    {"sk-ssh-ed25519@openssh.com", NULL, 32, true},
	    {"ecdsa-sha2-nistp256", "nistp256", 65, false},
	    {"ecdsa-sha2-nistp384", "nistp384", 97, false},
	    {"ecdsa-sha2-nistp521", "nistp521", 133, false},
	    {"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, true},
	};
	const char *broken = "is not a key of the type that stands before it", *bytes;
	size_t len, bits;

	if (!key_string(&p, end, &bytes, &len) || len != strlen(type) || memcmp(bytes, type, len))
		return broken;
	if (!strcmp(type, "ssh-rsa")) {
		if (!key_string(&p, end, &bytes, &len) || !number_bits(bytes, len, &bits) ||
		    !key_string(&p, end, &bytes, &len) || !number_bits(bytes, len, &bits) || p != end)
			return broken;
		return bits < RSA_BITS ? "is an RSA key of fewer than 3072 bits, which is too weak to sign with"
		                       : NULL;
	}
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (strcmp(type, kinds[i].type))
			continue;
		if (kinds[i].curve && (!key_string(&p, end, &bytes, &len) || len != strlen(kinds[i].curve) ||
		                       memcmp(bytes, kinds[i].curve, len)))
			return broken;
		if (!key_string(&p, end, &bytes, &len) || len != kinds[i].point)
			return broken;
		if (kinds[i].fido && (!key_string(&p, end, &bytes, &len) || !len))
			return broken;
		return p == end ? NULL : broken;
	}
	return "is of a type that signs nothing here (use ed25519, ecdsa, RSA of 3072 bits or more, or a FIDO "
	       "key)";
}

const char *key_fault(const char *type, const char *base64, char fingerprint[KEY_FINGERPRINT])
{
	struct str blob;
	const char *fault;

	*fingerprint = '\0';
	if (!strcmp(type, "ssh-dss"))
		return "is a DSA key, which is too weak to sign with";
	if (strstr(type, "-cert-v"))
		return "is a certificate: put the key itself here";
	str_init(&blob);
	if (!base64_decode(base64, strlen(base64), &blob)) {
		fault = "is not whole base64";
	} else {
		fault = blob_fault(type, blob.data, blob.data + blob.len);
		key_fingerprint(blob.data, blob.len, fingerprint);
	}
	str_release(&blob);
	return fault;
}
