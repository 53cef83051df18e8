#include "run_world.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

int run_world_open(void **state)
{
	const char *base = getenv("TMPDIR");
	struct run_world *w = xcalloc(1, sizeof *w);
	struct error err;

	w->dir = xasprintf("%s/assay-run-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(w->dir))
		return -1;
	w->path = path_join(w->dir, ".assay");
	if (store_init(w->path, &err) < 0 || store_open(&w->store, w->path, STORE_WRITE, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = w;
	return 0;
}

int run_world_close(void **state)
{
	struct run_world *w = *state;

	store_close(w->store);
	dir_remove(w->dir, NULL);
	free(w->path);
	free(w->dir);
	free(w);
	return 0;
}

void run_world_ok(int result, const struct error *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

struct run_started run_world_words(struct run_world *w, const char *const *argv, bool pipe)
{
	struct run_spec spec = {.argv = argv, .cwd = w->dir, .pipe = pipe};
	struct run_started run;
	struct error err;

	run_world_ok(run_launch(w->store, &spec, &run, &err), &err);
	assert_true(run.id > 0);
	assert_true(id_is_valid(run.uuid));
	return run;
}

struct run_started run_world_launch(struct run_world *w, const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return run_world_words(w, argv, false);
}

struct run_end run_world_wait(struct run_world *w, const char *uuid)
{
	struct run_end end;
	struct error err;

	run_world_ok(run_wait(w->store, uuid, 60000, &end, &err), &err);
	assert_true(end.over);
	return end;
}

static bool live(struct run_world *w, const char *uuid)
{
	char *dir = store_live_path(w->store, uuid);
	bool there = file_exists(dir);

	free(dir);
	return there;
}

void run_world_gone(struct run_world *w, const char *uuid)
{
	for (int i = 0; i < 6000 && live(w, uuid); i++)
		poll(NULL, 0, 10);
	assert_false(live(w, uuid));
}

char *run_world_output(struct run_world *w, const char *uuid)
{
	struct run_log *log;
	struct error err;
	struct str text;
	uint64_t at = 0;
	char buf[1000];
	size_t got;

	str_init(&text);
	run_world_ok(run_log_open(w->store, uuid, &log, &err), &err);
	do {
		run_world_ok(run_log_read(log, &at, buf, sizeof buf, &got, &err), &err);
		str_add(&text, buf, got);
		at += got;
	} while (got);
	run_log_close(log);
	return str_take(&text);
}

size_t run_world_points(struct run_world *w, int64_t run, enum series_kind kind, const char *name,
                        struct series *out)
{
	struct arena *mem = arena_new();
	struct series s;
	size_t count = 0;

	if (store_series_find(w->store, run, kind, name, NULL, mem, &s, NULL) == 0) {
		count = (size_t)s.count;
		if (out)
			*out = s;
	}
	arena_free(mem);
	return count;
}
