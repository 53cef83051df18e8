/* settings: what the store's config.ini says of how runs are watched. */
#include "local.h"

static int take_number(const char *value, double low, double high, double *out, struct error *err)
{
	double n;

	if (!num_parse(value, strlen(value), &n) || !(n >= low && n <= high))
		return error_set(err, ERR_USAGE, "\"%s\" is no number between %g and %g", value, low, high);
	*out = n;
	return 0;
}

int orphans_parse(const char *word, bool *end, struct error *err)
{
	*end = strcmp(word, "end") == 0;
	if (!*end && strcmp(word, "go-on") != 0)
		return error_set(err, ERR_USAGE, "orphans: \"%s\" is neither go-on nor end", word);
	return 0;
}

static int take_setting(void *user, const char *section, const char *key, const char *value, int line,
                        struct error *err)
{
	struct watch_settings *s = user;
	double seconds;

	(void)line;
	if (strcmp(section, "run") == 0) {
		if (strcmp(key, "orphans") == 0)
			return orphans_parse(value, &s->end_orphans, err);
		if (strcmp(key, "discover") != 0)
			return error_set(err, ERR_USAGE, "[run] has no key \"%s\"; it has: orphans, discover", key);
		s->discover = strcmp(value, "yes") == 0;
		if (!s->discover && strcmp(value, "no") != 0)
			return error_set(err, ERR_USAGE, "discover: \"%s\" is neither yes nor no", value);
		return 0;
	}
	if (strcmp(section, "watch") != 0)
		return 0; /* others read those */
	if (strcmp(key, "stalled") == 0)
		return take_number(value, 0, 1e6, &s->stalled, err) < 0 ? error_prefix(err, "%s", key) : 0;
	if (strcmp(key, "stalled_seconds") == 0) {
		if (take_number(value, 0.1, 1e6, &seconds, err) < 0)
			return error_prefix(err, "%s", key);
		s->least_ms = (int64_t)(seconds * 1000);
		return 0;
	}
	if (strcmp(key, "diverged") == 0)
		return take_number(value, 0, 1e300, &s->diverged, err) < 0 ? error_prefix(err, "%s", key) : 0;
	return error_set(err, ERR_USAGE, "[watch] has no key \"%s\"; it has: stalled, stalled_seconds, diverged",
	                 key);
}

int watch_settings_read(const char *store_dir, struct watch_settings *out, struct error *err)
{
	char *path = path_join(store_dir, "config.ini");
	int result = 0;

	*out = (struct watch_settings){.stalled = 10, .least_ms = 60000, .diverged = 1000, .discover = true};
	if (file_exists(path))
		result = ini_read(path, take_setting, out, err);
	free(path);
	return result;
}
