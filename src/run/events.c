/*
 * events: what TensorBoard's event files of a run say, into the store. A file belongs to the run whose process has it
 * open for writing; of one that nobody has open any more (a writer that lived for less than a second) that is only
 * sure if it lies in the run's own folder, or is new in its working folder while no other run worked there.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"
#include "assay/store_capture.h"
#include "events.h"

enum { MARK_BYTES = 512, FILE_BUDGET = 1 << 20, CALL_BUDGET = 2 << 20, FILES_MAX = 1000, CONTEXT_MAX = 200 };

void events_begin(struct events *e, struct store *store, int64_t run, const char *uuid, const char *cwd,
                  const char *dir)
{
	*e = (struct events){.store = store, .run = run, .uuid = uuid, .cwd = cwd, .dir = dir};
}

static void forget(struct events *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->paths[i].path);
		free(e->paths[i].context);
	}
	e->count = 0;
	e->loaded = false;
	e->next_scan = 0;
}

void events_release(struct events *e)
{
	forget(e);
	free(e->paths);
	*e = (struct events){0};
}

/* ---- contexts ---- */

/* Length of the folder's part of a path, without the slash. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

static bool is_usual(const char *name, size_t len)
{
	static const char *const usual[] = {"train", "training",   "val",  "valid",  "validation",
	                                    "eval",  "evaluation", "test", "testing"};

	for (size_t i = 0; i < COUNT_OF(usual); i++)
		if (strlen(usual[i]) == len && strncmp(name, usual[i], len) == 0)
			return true;
	return false;
}

/* What tells the writers of one run apart is the folder that each writes to: its own name where that is "train" and the
 * like, else what it has beyond the folder of one that was there before. */
static char *context_of(const struct events *e, const char *path)
{
	size_t len = folder_len(path), last = len, common = 0, above = 0;

	for (size_t i = 0; i < e->count; i++)
		if (folder_len(e->paths[i].path) == len && strncmp(e->paths[i].path, path, len) == 0)
			return xstrdup(e->paths[i].context);
	while (last > 0 && path[last - 1] != '/')
		last--;
	if (is_usual(path + last, len - last))
		return xasprintf("%.*s", (int)(len - last), path + last);
	if (e->count == 0)
		return xstrdup("");
	/* The highest folder that this one lies in, else what it has in common with the one that is nearest to it. */
	for (size_t i = 0; i < e->count; i++) {
		size_t n = folder_len(e->paths[i].path);
		if (n < len && path[n] == '/' && strncmp(e->paths[i].path, path, n) == 0 && (above == 0 || n < above))
			above = n;
	}
	for (size_t i = 0; i < e->count && above == 0; i++) {
		const char *other = e->paths[i].path;
		size_t n = folder_len(other), same = 0;
		for (size_t k = 0; k <= len && k <= n; k++) {
			if ((k == len || path[k] == '/') && (k == n || other[k] == '/'))
				same = k;
			if (k == len || k == n || path[k] != other[k])
				break;
		}
		common = same > common ? same : common;
	}
	common = above ? above : common;
	common += common < len;
	if (len - common > CONTEXT_MAX)
		common = last;
	return xasprintf("%.*s", (int)(len - common < CONTEXT_MAX ? len - common : CONTEXT_MAX), path + common);
}

/* ---- which files ---- */

/* Those that are known already, with what their context is and how far they are read. */
static int load(struct events *e, struct error *err)
{
	struct arena *mem = arena_new();
	struct store_followed *known;
	size_t count;
	int result = e->loaded ? 0 : store_followed(e->store, e->run, mem, &known, &count, err);

	for (size_t i = 0; !e->loaded && result == 0 && i < count; i++) {
		e->paths = vec_reserve(e->paths, &e->cap, e->count + 1, sizeof *e->paths);
		e->paths[e->count] = (struct event_path){.path = xstrdup(known[i].file),
		                                         .context = xstrdup(known[i].context),
		                                         .offset = known[i].offset,
		                                         .records = known[i].records,
		                                         .broken = known[i].broken};
		memcpy(e->paths[e->count++].mark, known[i].mark, SHA256_TEXT);
	}
	e->loaded |= result == 0;
	arena_free(mem);
	return result;
}

static bool is_known(const struct events *e, const char *path)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->paths[i].path, path) == 0)
			return true;
	return false;
}

void events_add(struct events *e, const char *path)
{
	struct error err;
	bool elsewhere;

	if (load(e, &err) < 0 || is_known(e, path) || e->count >= FILES_MAX ||
	    store_followed_elsewhere(e->store, e->run, path, &elsewhere, &err) < 0 || elsewhere)
		return;
	e->paths = vec_reserve(e->paths, &e->cap, e->count + 1, sizeof *e->paths);
	e->paths[e->count] = (struct event_path){.path = xstrdup(path), .context = context_of(e, path)};
	e->count++;
}

/* ---- points ---- */

struct scalar {
	size_t tag, seq; /* where its name begins in tags; how many came before */
	struct point point;
};
struct gathered {
	struct str tags;
	struct scalar *scalars;
	size_t count, cap;
	struct store_pair *params;
	size_t param_count, param_cap;
	struct arena *mem;
};

static void on_scalar(void *user, const char *tag, size_t tag_len, int64_t step, int64_t time, double value)
{
	struct gathered *g = user;
	struct scalar *to;
	size_t at;

	at = g->tags.len;
	str_add(&g->tags, tag, strnlen(tag, tag_len));
	str_addc(&g->tags, '\0');
	g->scalars = vec_reserve(g->scalars, &g->cap, g->count + 1, sizeof *g->scalars);
	to = &g->scalars[g->count];
	*to = (struct scalar){.tag = at, .seq = g->count, .point = {.step = step, .time = time, .value = value}};
	g->count++;
}

static void on_param(void *user, const char *key, const char *value)
{
	struct gathered *g = user;

	g->params = vec_reserve(g->params, &g->param_cap, g->param_count + 1, sizeof *g->params);
	g->params[g->param_count++] =
	    (struct store_pair){.key = arena_strdup(g->mem, key), .value = arena_strdup(g->mem, value)};
}

static int by_tag(const void *a, const void *b, void *tags)
{
	const struct scalar *x = a, *y = b;
	int order = strcmp((const char *)tags + x->tag, (const char *)tags + y->tag);

	return order ? order : x->seq < y->seq ? -1 : 1;
}

/* One series for each name, its points as they came. */
static size_t into_series(struct gathered *g, struct store_follow_series **out)
{
	struct store_follow_series *series = arena_array(g->mem, g->count + 1, sizeof *series);
	struct point *points = arena_array(g->mem, g->count + 1, sizeof *points);
	size_t n = 0;

	if (g->count > 0)
		qsort_r(g->scalars, g->count, sizeof *g->scalars, by_tag, g->tags.data);
	for (size_t i = 0; i < g->count; i++) {
		const char *tag = g->tags.data + g->scalars[i].tag;
		points[i] = g->scalars[i].point;
		if (n == 0 || strcmp(series[n - 1].name, tag) != 0)
			series[n++] = (struct store_follow_series){.name = tag, .points = &points[i]};
		series[n - 1].count++;
	}
	*out = series;
	return n;
}

static bool mark_of(int fd, int64_t offset, char hex[SHA256_TEXT])
{
	char head[MARK_BYTES];
	size_t want = offset < MARK_BYTES ? (size_t)offset : MARK_BYTES;

	if (pread(fd, head, want, 0) != (ssize_t)want)
		return false;
	sha256_hex(head, want, hex);
	return true;
}

/* Whether it still is the file that was read so far. */
static bool is_same(int fd, const struct event_path *p, int64_t size)
{
	char mark[SHA256_TEXT];

	return p->offset == 0 ||
	       (size >= p->offset && mark_of(fd, p->offset, mark) && strcmp(mark, p->mark) == 0);
}

static int take_file(struct events *e, struct event_path *p, int fd, uint64_t *points, bool *more,
                     struct error *err)
{
	struct gathered g = {.mem = arena_new()};
	struct tensorboard_sink sink = {&g, on_scalar, on_param};
	struct tensorboard_read r = {.offset = p->offset};
	struct store_follow batch = {.from = p->offset};
	struct store_follow_series *series;
	int result = 0;

	str_init(&g.tags);
	if (tensorboard_read(fd, FILE_BUDGET, &sink, &r, NULL) < 0) {
		p->broken = true; /* the disk's fault or the file system's; what was read stands */
		goto out;
	}
	if (r.offset == p->offset && !r.broken)
		goto out;
	batch.series_count = into_series(&g, &series);
	batch.series = series;
	batch.params = g.params;
	batch.param_count = g.param_count;
	batch.bad = r.bad;
	batch.bad_at = r.bad_at;
	batch.why = r.why;
	batch.file = (struct store_followed){.file = p->path,
	                                     .context = p->context,
	                                     .offset = r.offset,
	                                     .records = p->records + (int64_t)r.records,
	                                     .broken = r.broken};
	if (!mark_of(fd, r.offset, batch.file.mark))
		goto out;
	result = store_follow(e->store, e->run, &batch, err);
	if (result < 0)
		goto out;
	p->offset = r.offset;
	p->records = batch.file.records;
	p->broken = r.broken;
	memcpy(p->mark, batch.file.mark, SHA256_TEXT);
	*points += r.scalars;
	*more |= r.more;
out:
	str_release(&g.tags);
	free(g.scalars);
	free(g.params);
	arena_free(g.mem);
	return result;
}

int events_take(struct events *e, uint64_t *points, bool *more, struct error *err)
{
	int64_t read = 0;

	*points = 0;
	*more = false;
	if (load(e, err) < 0)
		return -1;
	for (size_t i = 0; i < e->count; i++) {
		struct event_path *p = &e->paths[i];
		struct error why;
		struct stat st;
		int fd, rc;
		if (p->broken || stat(p->path, &st) < 0 || st.st_size == p->offset)
			continue;
		if (read >= CALL_BUDGET) {
			*more = true;
			break;
		}
		fd = open(p->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			close(fd);
			continue;
		}
		if (!is_same(fd, p, st.st_size))
			p->offset = p->records = 0;
		read -= p->offset;
		rc = take_file(e, p, fd, points, more, &why);
		read += p->offset;
		close(fd);
		if (rc < 0 && why.code == ERR_STALE) {
			/* Another program was at it: what it knows is looked up again. */
			forget(e);
			*more = true;
			return 0;
		}
		if (rc < 0)
			return error_set(err, why.code, "%s", why.text);
	}
	return 0;
}
