/* Errors with a text for a person. */
#include <errno.h>
#include <stdlib.h>

#include "assay/base.h"

/* Cuts a text that filled its buffer back to a whole UTF-8 character. */
static void cut_whole_character(char *text, size_t cap)
{
	size_t len = strlen(text);

	if (len + 1 < cap)
		return;
	while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xC0)
		len--;
	text[len] = '\0';
}

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
	char text[ERROR_TEXT];
	va_list args;

	if (!err)
		return -1;
	/* By way of a second buffer: the arguments may point into err->text. */
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cut_whole_character(text, sizeof(text));
	memcpy(err->text, text, strlen(text) + 1);
	err->code = code;
	return -1;
}

int error_errno(struct error *err, enum error_code code, const char *format, ...)
{
	int saved = errno;
	char text[ERROR_TEXT], reason[128];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(err, code, "%s: %s", text, strerror_r(saved, reason, sizeof(reason)));
}

int error_prefix(struct error *err, const char *format, ...)
{
	char prefix[ERROR_TEXT];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(prefix, sizeof(prefix), format, args);
	va_end(args);
	return error_set(err, err->code, "%s: %s", prefix, err->text);
}

int error_of_store(int rc, struct error *err)
{
	if (rc && err && err->code == ERR_ENV)
		err->code = ERR_STORE;
	return rc;
}

void bug(const char *format, ...)
{
	va_list args;

	fputs("assay: internal error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\n", stderr);
	abort();
}
