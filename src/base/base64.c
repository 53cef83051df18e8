#include <string.h>

#include "assay/base.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool base64_decode(const char *text, size_t len, struct str *out)
{
	if (len % 4)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		bool last = i + 4 == len;
		size_t pad = last ? (size_t)(text[i + 3] == '=') + (text[i + 3] == '=' && text[i + 2] == '=') : 0;
		unsigned bits = 0;

		for (size_t k = 0; k < 4; k++) {
			int d = k >= 4 - pad ? 0 : digit(text[i + k]);

			if (d < 0)
				return false;
			bits = bits << 6 | (unsigned)d;
		}
		if ((pad == 1 && bits & 0xFF) || (pad == 2 && bits & 0xFFFF))
			return false;
		str_addc(out, (char)(bits >> 16 & 0xFF));
		if (pad < 2)
			str_addc(out, (char)(bits >> 8 & 0xFF));
		if (pad < 1)
			str_addc(out, (char)(bits & 0xFF));
	}
	return true;
}

void base64_encode(const void *bytes, size_t len, struct str *out)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)b[i] << 16;

		if (have > 1)
			bits |= (unsigned)b[i + 1] << 8;
		if (have > 2)
			bits |= b[i + 2];
		str_addc(out, alphabet[bits >> 18]);
		str_addc(out, alphabet[bits >> 12 & 63]);
		str_addc(out, have > 1 ? alphabet[bits >> 6 & 63] : '=');
		str_addc(out, have > 2 ? alphabet[bits & 63] : '=');
	}
}
