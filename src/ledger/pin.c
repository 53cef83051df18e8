/* Pins: what a person has verified last, kept where whoever writes the store does not reach. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "internal.h"

enum { LONGEST_PIN = 256 };

static char *pin_path(const char *store_id, struct error *err)
{
	char *name, *path;

	/* It becomes a file's name. */
	if (!id_is_valid(store_id)) {
		error_set(err, ERR_TAMPER, "the ledger does not say which store it belongs to");
		return NULL;
	}
	name = xasprintf("pins/%s", store_id);
	path = xdg_state_path(name);
	free(name);
	return path;
}

static bool parse_pin(const char *text, size_t len, struct ledger_pin *out)
{
	const char *end = text + len, *p = memchr(text, ' ', len);
	char number[NUM_TEXT];

	if (!p || !int_parse(text, (size_t)(p - text), &out->seq) || out->seq < 1)
		return false;
	snprintf(number, sizeof(number), "%" PRId64, out->seq);
	if (strlen(number) != (size_t)(p - text) || memcmp(number, text, strlen(number)) != 0)
		return false;
	p++;
	if (end - p < SHA256_TEXT || p[SHA256_TEXT - 1] != ' ' || !digest_is_valid(p, SHA256_TEXT - 1))
		return false;
	memcpy(out->head, p, SHA256_TEXT - 1);
	p += SHA256_TEXT;
	if (end - p == 5 && !memcmp(p, "none\n", 5))
		return true;
	if (end - p != SHA256_TEXT || p[SHA256_TEXT - 1] != '\n' || !digest_is_valid(p, SHA256_TEXT - 1))
		return false;
	memcpy(out->roster, p, SHA256_TEXT - 1);
	return true;
}

int ledger_pin_read(const char *store_id, struct ledger_pin *out, struct error *err)
{
	char *path = pin_path(store_id, err);
	struct str text;
	struct stat st;
	int result = -1;

	memset(out, 0, sizeof(*out));
	if (!path)
		return -1;
	str_init(&text);
	if (stat(path, &st)) {
		/* That there is none yet is fine; that it cannot be looked at is not. */
		result = errno == ENOENT ? 0 : error_errno(err, ERR_ENV, "cannot read the pin %s", path);
	} else if (!file_read(path, &text, LONGEST_PIN, err)) {
		if (parse_pin(text.data, text.len, out)) {
			out->there = true;
			result = 0;
		} else {
			memset(out, 0, sizeof(*out));
			error_set(err, ERR_TAMPER,
			          "the pin %s does not read as one. It says what you have verified last: take it away "
			          "only if you "
			          "know why it is damaged; then the whole ledger is verified",
			          path);
		}
	}
	str_release(&text);
	free(path);
	return result;
}

int ledger_pin_write(const char *store_id, const struct ledger_pin *pin, struct error *err)
{
	char *path = pin_path(store_id, err), *folder;
	struct str text;
	int result;

	if (!path)
		return -1;
	str_init(&text);
	folder = xmemdup0(path, (size_t)(strrchr(path, '/') - path));
	str_addf(&text, "%" PRId64 " %s %s\n", pin->seq, pin->head, *pin->roster ? pin->roster : "none");
	result = dir_make(folder, err) || file_write_atomic(path, text.data, text.len, 0600, err) ? -1 : 0;
	str_release(&text);
	free(folder);
	free(path);
	return result;
}
