/*
 * Signatures as ssh-keygen writes them (PROTOCOL.sshsig of OpenSSH), read strictly: ssh-keygen itself accepts
 * what follows the armour, and says nothing of a key's touch.
 *
 *     "SSHSIG", version 1, string public key, string namespace, string reserved, string hash,
 *     string signature
 */
#include <stdlib.h>

#include "internal.h"
#include "key.h"

static const char BEGIN[] = "-----BEGIN SSH SIGNATURE-----\n", END[] = "-----END SSH SIGNATURE-----\n";
enum { LINE = 70, LONGEST = 16384 };
/* Of a FIDO authenticator (WebAuthn 6.1): the key was touched; a PIN or a fingerprint was verified. */
enum { FLAG_TOUCHED = 1, FLAG_VERIFIED = 4 };

static int refuse(struct error *err, const char *why)
{
	return error_set(err, ERR_TAMPER, "this is not a signature as ssh-keygen writes it: %s", why);
}

/* The base64 text between the two lines, without line ends. */
static const char *read_armour(const char *sig, size_t len, struct str *text)
{
	size_t begin = sizeof(BEGIN) - 1, end = sizeof(END) - 1;
	const char *p, *last;

	if (len > LONGEST)
		return "it is too long";
	if (len < begin + end || memcmp(sig, BEGIN, begin) != 0)
		return "it does not begin with -----BEGIN SSH SIGNATURE-----";
	last = sig + len - end;
	if (memcmp(last, END, end) != 0)
		return "it does not end with -----END SSH SIGNATURE-----, or something follows";
	for (p = sig + begin; p < last;) {
		const char *stop = memchr(p, '\n', (size_t)(last - p));
		size_t n = (size_t)((stop ? stop : last) - p);

		if (!stop || !n || n > LINE || (n < LINE && stop + 1 != last))
			return "its lines are not of 70 characters";
		str_add(text, p, n);
		p = stop + 1;
	}
	return text->len ? NULL : "it is empty";
}

static bool is(const char *bytes, size_t len, const char *text)
{
	return strlen(text) == len && !memcmp(bytes, text, len);
}

static bool is_fido(const char *type)
{
	return !strncmp(type, "sk-", 3);
}

/* The inner signature: its kind, its bytes and, of a FIDO key, what the authenticator says. */
static const char *read_inner(const char *p, const char *end, struct ledger_signature *out)
{
	const char *kind, *bytes;
	size_t kind_len, len;

	if (!key_string(&p, end, &kind, &kind_len) || !key_string(&p, end, &bytes, &len) || !len)
		return "its inner signature is cut off";
	if (!strcmp(out->type, "ssh-rsa")) {
		if (!is(kind, kind_len, "rsa-sha2-512") && !is(kind, kind_len, "rsa-sha2-256"))
			return "its algorithm is not one for this key";
	} else if (!is(kind, kind_len, out->type)) {
		return "its algorithm is not one for this key";
	}
	out->level = 1;
	if (is_fido(out->type)) {
		const unsigned char *u = (const unsigned char *)p;

		if (end - p != 5)
			return "the part that a FIDO key adds is not of 5 bytes";
		out->counter = (uint32_t)u[1] << 24 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 8 | u[4];
		/* Verified without a touch is no more than a touch. */
		if (u[0] & FLAG_TOUCHED)
			out->level = u[0] & FLAG_VERIFIED ? 3 : 2;
		p = end;
	}
	return p == end ? NULL : "something follows its inner signature";
}

static const char *read_key(const char *key, size_t len, struct ledger_signature *out)
{
	const char *p = key, *type, *fault;
	struct str base64;
	size_t type_len;

	if (!key_string(&p, key + len, &type, &type_len) || type_len >= sizeof(out->type) ||
	    memchr(type, '\0', type_len))
		return "its public key is cut off";
	memcpy(out->type, type, type_len);
	out->type[type_len] = '\0';
	str_init(&base64);
	base64_encode(key, len, &base64);
	fault = key_fault(out->type, base64.data, out->fingerprint);
	out->public_key = str_take(&base64);
	return fault;
}

static int read_blob(const char *p, const char *end, struct ledger_signature *out, struct error *err)
{
	static const char magic[] = "SSHSIG\0\0\0\1";
	enum { MAGIC = sizeof(magic) - 1 };
	const char *key, *space, *reserved, *hash, *inner, *fault;
	size_t key_len, space_len, reserved_len, hash_len, inner_len;

	if (end - p < MAGIC || memcmp(p, magic, MAGIC) != 0)
		return refuse(err, "it is not of version 1");
	p += MAGIC;
	if (!key_string(&p, end, &key, &key_len) || !key_string(&p, end, &space, &space_len) ||
	    !key_string(&p, end, &reserved, &reserved_len) || !key_string(&p, end, &hash, &hash_len) ||
	    !key_string(&p, end, &inner, &inner_len))
		return refuse(err, "it is cut off");
	if (p != end)
		return refuse(err, "something follows it");
	if (!is(space, space_len, LEDGER_NAMESPACE))
		return refuse(err, "it was made for another purpose: its namespace is not " LEDGER_NAMESPACE);
	if (reserved_len)
		return refuse(err, "its reserved field is not empty");
	if (!is(hash, hash_len, "sha512") && !is(hash, hash_len, "sha256"))
		return refuse(err, "its hash is neither sha512 nor sha256");
	fault = read_key(key, key_len, out);
	if (fault)
		return error_set(err, ERR_TAMPER, "the key of this signature (%s) %s", out->type, fault);
	fault = read_inner(inner, inner + inner_len, out);
	return fault ? refuse(err, fault) : 0;
}

int ledger_signature_parse(const char *sig, size_t len, struct ledger_signature *out, struct error *err)
{
	struct str text, blob;
	const char *fault;
	int result;

	memset(out, 0, sizeof(*out));
	str_init(&text);
	str_init(&blob);
	fault = read_armour(sig, len, &text);
	if (!fault && !base64_decode(text.data, text.len, &blob))
		fault = "its lines are not whole base64";
	result = fault ? refuse(err, fault) : read_blob(blob.data, blob.data + blob.len, out, err);
	if (result) {
		free(out->public_key);
		memset(out, 0, sizeof(*out));
	}
	str_release(&text);
	str_release(&blob);
	return result;
}
