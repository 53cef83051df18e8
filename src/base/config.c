/* XDG folders and INI files (inih). */
#include <errno.h>
#include <ini.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "assay/base.h"

static char *xdg_path(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");

	/* The specification says that a path that is not absolute is to be ignored. */
	if (base && base[0] == '/')
		return xasprintf("%s/assay/%s", base, name);
	if (!home || home[0] != '/') {
		struct passwd *pw = getpwuid(getuid());

		home = pw && pw->pw_dir ? pw->pw_dir : "/";
	}
	return xasprintf("%s/%s/assay/%s", home, fallback, name);
}

char *xdg_config_path(const char *name)
{
	return xdg_path("XDG_CONFIG_HOME", ".config", name);
}

char *xdg_state_path(const char *name)
{
	return xdg_path("XDG_STATE_HOME", ".local/state", name);
}

char *xdg_cache_path(const char *name)
{
	return xdg_path("XDG_CACHE_HOME", ".cache", name);
}

const char *user_name(char *out, size_t size)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (!getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) && found)
		snprintf(out, size, "%s", found->pw_name);
	else
		snprintf(out, size, "uid %u", (unsigned)geteuid());
	return out;
}

/* inih calls the handler while the line that it read last is current, so counting the lines that it
 * takes gives the place of each key, which inih as Debian builds it does not pass on. */
struct reading_ini {
	const char *name, *p, *end;
	int line;
	ini_fn *each;
	void *user;
	struct error *err;
	bool failed;
};

static void refuse(struct reading_ini *r, const char *what)
{
	if (r->failed)
		return;
	r->failed = true;
	error_set(r->err, ERR_USAGE, "%s:%d: %s", r->name, r->line, what);
}

static char *next_line(char *out, int size, void *stream)
{
	struct reading_ini *r = stream;
	const char *stop;
	size_t len;

	if (r->failed || r->p >= r->end)
		return NULL;
	stop = memchr(r->p, '\n', (size_t)(r->end - r->p));
	len = (size_t)((stop ? stop : r->end) - r->p);
	r->line++;
	if (len + 2 > (size_t)size) {
		refuse(r, "the line is too long");
		return NULL;
	}
	if (memchr(r->p, '\0', len)) {
		refuse(r, "the line holds a NUL byte");
		return NULL;
	}
	memcpy(out, r->p, len);
	out[len] = '\n';
	out[len + 1] = '\0';
	r->p += len + (stop ? 1 : 0);
	return out;
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct reading_ini *r = user;

	if (r->failed)
		return 0;
	if (r->each(r->user, section, key, value, r->line, r->err)) {
		r->failed = true;
		error_prefix(r->err, "%s:%d", r->name, r->line);
		return 0;
	}
	return 1;
}

int ini_read_text(const char *name, const char *text, ini_fn *each, void *user, struct error *err)
{
	struct reading_ini r = {
	    .name = name, .p = text, .end = text + strlen(text), .each = each, .user = user, .err = err};
	int line = ini_parse_stream(next_line, &r, on_key, &r);

	if (!r.failed && line > 0) {
		r.line = line;
		refuse(&r, "not a [section], a key = value or a comment");
	}
	return r.failed ? -1 : 0;
}

int ini_read(const char *path, ini_fn *each, void *user, struct error *err)
{
	struct str text;
	int result = -1;

	str_init(&text);
	if (file_read(path, &text, 1 << 20, err))
		goto out;
	if (strlen(text.data) != text.len) {
		error_set(err, ERR_USAGE, "%s holds NUL bytes: it is not a text file", path);
		goto out;
	}
	result = ini_read_text(path, text.data, each, user, err);
out:
	str_release(&text);
	return result;
}
