/* What the supervisor finds in the output. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "assay/store_capture.h"

#include "findings.h"
#include "local.h"

enum { LINES_MAX = 4 << 20, SAVE_MS = 5000 };

int patterns_settings(const char *store_dir, const char *experiment, const char *unrecognised,
                      struct str *out, struct error *err)
{
	struct run_patterns *p = run_patterns_new();
	char *path = path_join(store_dir, "config.ini");
	int result;

	/* A name that no section can have has none. */
	run_patterns_of(p, experiment, NULL);
	result = run_patterns_file(p, path, err);
	if (result == 0 && unrecognised && run_patterns_off(p, unrecognised, err) < 0)
		result = error_prefix(err, "--no-recognise");
	if (result == 0)
		str_adds(out, run_patterns_ini(p));
	run_patterns_free(p);
	free(path);
	return result;
}

void findings_init(struct findings *f, const char *dir)
{
	*f = (struct findings){.dir = dir, .fd = -1};
	str_init(&f->lines);
}

static void on_found(void *user, const struct run_found *found)
{
	struct findings *f = user;
	struct json_writer j;

	if (f->lines.len > LINES_MAX)
		return; /* the disk is full and stays so */
	jw_init(&j, &f->lines);
	jw_object(&j, NULL);
	switch (found->kind) {
	case RUN_FOUND_METRIC:
		jw_string(&j, "metric", found->name);
		jw_measured(&j, "value", found->value);
		jw_int(&j, "step", found->step);
		break;
	case RUN_FOUND_PROGRESS:
		jw_measured(&j, "progress", found->value);
		break;
	case RUN_FOUND_FULL: {
		char text[160];
		snprintf(text, sizeof text,
		         "more than %d names of metrics were found in the output: the others are not kept",
		         RUN_FINDER_NAMES);
		jw_string(&j, "note", text);
		break;
	}
	}
	jw_int(&j, "time", time_now_ms());
	jw_object_end(&j);
	str_addc(&f->lines, '\n');
}

int findings_begin(struct findings *f, struct error *err)
{
	char *path = folder_file(f->dir, FILE_PATTERNS);
	int result;

	f->patterns = run_patterns_new();
	result = run_patterns_file(f->patterns, path, err);
	if (result == 0)
		f->finder = run_finder_new(f->patterns, on_found, f);
	free(path);
	return result;
}

void findings_feed(struct findings *f, const char *bytes, size_t len)
{
	if (!f->finder)
		return;
	run_finder_feed(f->finder, bytes, len);
	findings_flush(f);
}

void findings_end(struct findings *f)
{
	if (f->finder)
		run_finder_end(f->finder);
	findings_flush(f);
}

void findings_flush(struct findings *f)
{
	if (f->lines.len == 0)
		return;
	if (f->fd < 0) {
		char *path = folder_file(f->dir, FILE_FOUND);
		f->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		free(path);
		if (f->fd < 0)
			return;
	}
	if (fd_write_all(f->fd, f->lines.data, f->lines.len) < 0) {
		(void)!ftruncate(f->fd, (off_t)f->size);
		return;
	}
	f->size += f->lines.len;
	str_clear(&f->lines);
}

int findings_save(struct findings *f, struct store *store, int64_t run, bool now, struct error *err)
{
	int64_t at = time_mono_ms();
	size_t count, changed = 0;
	struct store_recognised *list;
	int result = 0;

	if (!f->finder || (!now && at < f->next_save))
		return 0;
	count = run_finder_recognised(f->finder);
	list = xcalloc(count + 1, sizeof *list);
	f->saved = vec_reserve(f->saved, &f->saved_cap, count + 1, sizeof *f->saved);
	for (; f->saved_count < count; f->saved_count++)
		f->saved[f->saved_count] = 0;
	for (size_t i = 0; i < count; i++) {
		struct run_recognised r;
		run_finder_recognised_at(f->finder, i, &r);
		if (r.lines != f->saved[i])
			list[changed++] = (struct store_recognised){r.recogniser, r.name, r.lines, r.example};
	}
	if (changed)
		result = store_recognised_put(store, run, list, changed, err);
	for (size_t i = 0; i < count && result == 0; i++) {
		struct run_recognised r;
		run_finder_recognised_at(f->finder, i, &r);
		f->saved[i] = r.lines;
	}
	if (result == 0)
		f->next_save = at + SAVE_MS;
	free(list);
	return result;
}

void findings_release(struct findings *f)
{
	run_finder_free(f->finder);
	run_patterns_free(f->patterns);
	str_release(&f->lines);
	free(f->saved);
	if (f->fd >= 0)
		close(f->fd);
}
