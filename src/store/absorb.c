/*
 * Absorbing event files.
 *
 * One call is one transaction: the offsets are read inside it, and what the lines say is written with the
 * offsets that were reached. Whoever is killed, and however many absorb at once, a line counts once.
 * Points are gathered by series first, because a series row is packed once for many points as for one.
 */
#include <stdlib.h>

#include "absorb.h"

int absorb_bad(struct absorb *a, const char *file, int64_t offset, const char *line, size_t len,
               const char *why, struct error *err)
{
	a->out->bad_lines++;
	return bad_line_keep(a->s, a->run, &a->bad_kept, file, offset, line, len, why, err);
}

/* ---- points ---- */

static struct gathered *gather(struct absorb *a, struct slice name, struct slice context)
{
	char key[2 * NAME_LONGEST + 1];
	size_t known = a->series.count;
	struct gathered *g;
	uint32_t id;

	memcpy(key, context.text, context.len);
	key[context.len] = '\0';
	memcpy(key + context.len + 1, name.text, name.len);
	id = intern_add(&a->series, key, context.len + 1 + name.len);
	if (id == known) {
		a->gathered = vec_reserve(a->gathered, &a->gathered_cap, known + 1, sizeof(*a->gathered));
		a->gathered[id] = (struct gathered){
		    .name = arena_memdup0(a->mem, name.text, name.len),
		    .context = arena_memdup0(a->mem, context.text, context.len),
		};
	}
	g = &a->gathered[id];
	return g;
}

/* A point without a step follows the greatest step of its series. */
static int add_point(struct absorb *a, struct slice name, double value, struct error *err)
{
	const struct event *e = &a->event;
	struct gathered *g = gather(a, name, e->context);
	int64_t step = e->step, after;

	if (!e->has_step) {
		if (!g->step_known) {
			int64_t stored;

			if (series_next_step(a->s, a->run, g->name, g->context, &stored, err))
				return -1;
			if (!g->any || stored > g->next_step)
				g->next_step = stored;
			g->step_known = true;
		}
		step = g->next_step;
	}
	after = step < INT64_MAX ? step + 1 : step;
	if ((!g->any && !g->step_known) || after > g->next_step)
		g->next_step = after;
	g->any = true;
	g->points = vec_reserve(g->points, &g->cap, g->count + 1, sizeof(*g->points));
	g->points[g->count++] = (struct point){step, e->has_time ? e->time : a->now, value};
	a->out->points++;
	return 0;
}

/* Names that the store takes; said before any point of the line is taken. */
static const char *name_trouble(struct slice name, struct slice context)
{
	if (!name.len)
		return "a metric without a name";
	if (name.len > NAME_LONGEST || context.len > NAME_LONGEST)
		return "a name or context of more than 500 bytes";
	return NULL;
}

/* ---- lines ---- */

static const char *terminated(struct str *s, struct slice slice)
{
	str_clear(s);
	str_add(s, slice.text, slice.len);
	return s->data;
}

static int add_artifact(struct absorb *a, int64_t at, struct error *err)
{
	/* What is known better (its digest, from the supervisor) stays. */
	sqlite3_stmt *stmt = store_prepare(a->s,
	                                   "INSERT INTO artifact (run, name, kind, digest, bytes, at) VALUES "
	                                   "(?, ?, ?, NULL, 0, ?) ON CONFLICT DO NOTHING",
	                                   err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	bind_text_n(stmt, 2, a->event.subject.text, a->event.subject.len);
	if (a->event.kind_word.len)
		bind_text_n(stmt, 3, a->event.kind_word.text, a->event.kind_word.len);
	else
		bind_text(stmt, 3, "file");
	sqlite3_bind_int64(stmt, 4, at);
	return store_run_statement(a->s, stmt, err);
}

static int add_input(struct absorb *a, struct error *err)
{
	/* A registered version of that name stays what it is. */
	sqlite3_stmt *stmt = store_prepare(
	    a->s, "INSERT INTO run_input (run, role, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	if (a->event.role.len)
		bind_text_n(stmt, 2, a->event.role.text, a->event.role.len);
	else
		bind_text(stmt, 2, "data");
	bind_text_n(stmt, 3, a->event.subject.text, a->event.subject.len);
	return store_run_statement(a->s, stmt, err);
}

/* Takes what the line said. 1: it cannot be, err says why (the line is bad); -1: the store failed. */
static int take_event(struct absorb *a, struct error *err)
{
	struct event *e = &a->event;
	int64_t at = e->has_time ? e->time : a->now;
	const char *trouble = NULL;
	int rc = 0;

	switch (e->kind) {
	case EVENT_METRIC:
		trouble = name_trouble(e->subject, e->context);
		if (!trouble && add_point(a, e->subject, e->number, err))
			return -1;
		break;
	case EVENT_METRICS:
		for (size_t i = 0; !trouble && i < e->metric_count; i++)
			trouble = name_trouble(e->metrics[i].name, e->context);
		for (size_t i = 0; !trouble && i < e->metric_count; i++)
			if (add_point(a, e->metrics[i].name, e->metrics[i].value, err))
				return -1;
		break;
	case EVENT_PARAM:
		rc = store_param_set(a->s, a->run, terminated(&a->text, e->subject), terminated(&a->text2, e->value),
		                     err);
		break;
	case EVENT_TAG:
		rc = store_tag_set(a->s, a->run, terminated(&a->text, e->subject), terminated(&a->text2, e->value),
		                   err);
		break;
	case EVENT_ARTIFACT:
		if (!e->subject.len)
			trouble = "an artifact without a name";
		else
			rc = add_artifact(a, at, err);
		break;
	case EVENT_DATASET:
		if (!e->subject.len)
			trouble = "a data set without a name";
		else
			rc = add_input(a, err);
		break;
	case EVENT_PROGRESS:
		a->has_progress = true;
		a->progress = e->number;
		a->progress_at = at;
		break;
	case EVENT_NOTE:
	case EVENT_ALERT:
		str_clear(&a->text);
		if (e->kind == EVENT_ALERT)
			str_adds(&a->text, "alert: ");
		str_add(&a->text, e->subject.text, e->subject.len);
		rc = store_note_add(a->s, a->run, a->text.data, at, err);
		break;
	case EVENT_KINDS:
		break;
	}
	if (trouble) {
		error_set(err, ERR_USAGE, "%s", trouble);
		return 1;
	}
	return rc >= 0 ? 0 : err->code == ERR_NO || err->code == ERR_USAGE ? 1 : -1;
}

int absorb_line(struct absorb *a, struct file *f, const char *line, size_t len, struct error *err)
{
	struct error why;
	size_t blank = 0;
	int rc;

	f->lines++;
	while (blank < len && strchr(" \t\r", line[blank]) && line[blank])
		blank++;
	if (blank == len)
		return 0;
	a->out->lines++;
	if (!event_parse(&a->event, line, len))
		return absorb_bad(a, f->name, f->bad_at, line, len, a->event.why, err);
	rc = take_event(a, &why);
	if (rc > 0)
		return absorb_bad(a, f->name, f->bad_at, line, len, why.text, err);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

/* ---- the call ---- */

static int check_run(struct absorb *a, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(a->s, "SELECT 1 FROM run WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, a->run);
	rc = store_step(a->s, stmt, err);
	if (rc > 0)
		sqlite3_reset(stmt);
	return rc > 0 ? 0 : rc < 0 ? -1 : error_set(err, ERR_NO, "there is no run %lld", (long long)a->run);
}

/* What was gathered goes to the store. */
static int write_gathered(struct absorb *a, const char *file, struct error *err)
{
	for (size_t i = 0; i < a->series.count; i++) {
		const struct gathered *g = &a->gathered[i];
		struct error why;

		if (!store_series_append(a->s, a->run, SERIES_METRIC, g->name, g->context, g->points, g->count, &why))
			continue;
		if (why.code != ERR_USAGE) { /* not the store's failure, but a series that is full */
			if (err)
				*err = why;
			return -1;
		}
		a->out->points -= g->count;
		if (absorb_bad(a, file, 0, g->name, strlen(g->name), why.text, err))
			return -1;
	}
	if (a->has_progress && store_progress_set(a->s, a->run, a->progress, a->progress_at, err))
		return -1;
	return bad_lines_count(a->s, a->run, (int64_t)a->out->bad_lines, err);
}

/* What was put aside of the same writer comes first, to its end. */
static bool must_wait(const struct absorb *a, const struct file *files, size_t at)
{
	const struct file *f = &files[at];

	if (!f->rotated && a->folder->missed)
		return true;
	for (size_t i = 0; i < at && files[i].rotated; i++)
		if ((!files[i].waiting || files[i].upset) && files[i].entry->base == f->entry->base &&
		    !memcmp(files[i].name, f->name, f->entry->base))
			return true;
	return false;
}

/* Files are visited in turns, so that one that grows without end does not keep the others waiting. */
static int absorb_files(struct absorb *a, struct file *files, size_t count, struct error *err)
{
	int64_t share = BUDGET / (int64_t)(count ? count : 1);
	bool moved = true;

	share = share > WINDOW ? WINDOW : share < SHARE_LEAST ? SHARE_LEAST : share;
	a->files = files;
	a->file_count = count;
	if (!a->folder->undecided && files_removed(a, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (file_identify(a, &files[i], err))
			return -1;
		files[i].waiting = files[i].waiting || files[i].held || files[i].offset >= files[i].size;
	}
	while (moved && a->out->bytes < BUDGET) {
		moved = false;
		for (size_t i = 0; i < count && a->out->bytes < BUDGET; i++) {
			if (files[i].waiting || must_wait(a, files, i))
				continue;
			if (file_visit(a, &files[i], share, err))
				return -1;
			moved = true;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (files[i].packed && packed_say_broken(a, &files[i], err))
			return -1;
	if (write_gathered(a, count ? files->name : "", err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (files[i].touched && file_save(a, &files[i], err))
			return -1;
		a->out->more =
		    a->out->more || files[i].upset || (!files[i].waiting && files[i].offset < files[i].size);
	}
	return 0;
}

int store_events_absorb(struct store *s, int64_t run, struct events_folder *folder, unsigned flags,
                        struct absorbed *out, struct error *err)
{
	struct absorbed unused = {0};
	struct absorb a = {.s = s,
	                   .run = run,
	                   .folder = folder,
	                   .flags = flags,
	                   .now = time_now_ms(),
	                   .bad_kept = -1,
	                   .out = out ? out : &unused};
	struct list files = {0};
	int rc;

	*a.out = (struct absorbed){0};
	if (check_run(&a, err) || folder_look(s, run, folder, flags, err))
		return -1;
	rc = files_open(&a, &files, err);
	if (rc || (!files.count && !folder->removed.count)) {
		files_close(&files, false);
		return rc;
	}
	event_init(&a.event);
	intern_init(&a.series);
	str_init(&a.text);
	str_init(&a.text2);
	a.mem = arena_new();
	a.window = xmalloc(MARK_BYTES + WINDOW);
	rc = store_enter(s, err);
	if (!rc) {
		rc = absorb_files(&a, files.items, files.count, err);
		rc = store_leave(s, rc, err);
	}
	if (rc)
		*a.out = (struct absorbed){0};
	files_close(&files, !rc);
	if (!rc && !folder->undecided)
		folder_forget_removed(folder);
	for (size_t i = 0; i < a.series.count; i++)
		free(a.gathered[i].points);
	free(a.gathered);
	free(a.window);
	arena_free(a.mem);
	str_release(&a.text);
	str_release(&a.text2);
	intern_release(&a.series);
	event_release(&a.event);
	return rc;
}
