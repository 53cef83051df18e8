/* Copy and export of what a table shows. */
#include <stdlib.h>
#include <string.h>

#include "table.h"

static struct ui_column *columns_of(const struct ui_table *t)
{
	struct ui_column *columns = xcalloc(t->column_count ? t->column_count : 1, sizeof *columns);

	for (size_t i = 0; i < t->column_count; i++)
		columns[i] = t->columns[i].spec;
	return columns;
}

/* ---- copy ---- */

static void copy(struct ui_table *t, const struct ui_row *const *rows, size_t count, const char *what)
{
	struct ui_column *columns = columns_of(t);
	struct ui_export e;

	ui_export_begin(&e, UI_EXPORT_TSV, columns, t->column_count);
	for (size_t i = 0; i < count; i++)
		ui_export_row(&e, rows[i], NULL); /* into memory: cannot fail */
	ui_export_end(&e, NULL);
	ui_copy(t->view->ui, e.out.data, e.out.len, what);
	ui_export_release(&e);
	free(columns);
}

static const char *rows_text(size_t count, char out[64])
{
	char number[NUM_TEXT];

	snprintf(out, 64, "%s row%s", count_people((int64_t)count, number), count == 1 ? "" : "s");
	return out;
}

void ui_table_on_copy(struct ui_table *t, void (*fn)(void *user, const int64_t *ids, size_t count))
{
	t->on_copy = fn;
}

void ui_table_copy(struct ui_table *t, const struct ui_row *rows, size_t count)
{
	const struct ui_row **each = xcalloc(count ? count : 1, sizeof *each);
	char what[64];

	for (size_t i = 0; i < count; i++)
		each[i] = &rows[i];
	copy(t, each, count, rows_text(count, what));
	free(each);
}

/* The marked rows in the order in which they stand on the screen. */
static void copy_marked(struct ui_table *t)
{
	const struct ui_page *p = t->page;
	size_t wanted, count = 0;
	const int64_t *ids = ui_table_targets(t, &wanted);
	const struct ui_row **rows = xcalloc((p ? p->head_count + p->count : 0) + 1, sizeof *rows);
	char some[64], what[160];

	for (size_t i = 0; p && i < p->head_count; i++)
		if (ui_table_is_marked(t, p->head[i].id) && table_row_at(p, p->head[i].id) == SIZE_MAX)
			rows[count++] = &p->head[i];
	for (size_t i = 0; p && i < p->count; i++)
		if (ui_table_is_marked(t, p->rows[i].id))
			rows[count++] = &p->rows[i];
	if (count < wanted && t->on_copy) {
		t->on_copy(t->user, ids, wanted);
	} else if (!count) {
		ui_message(t->view->ui, STYLE_WARN, "nothing is copied: none of the marked rows is at hand");
	} else {
		rows_text(count, some);
		snprintf(what, sizeof what, "%s", some);
		if (count < wanted)
			snprintf(what, sizeof what, "%s of %zu that are marked (the others are not at hand)", some,
			         wanted);
		copy(t, rows, count, what);
	}
	free(rows);
}

static void copy_some(struct ui_table *t)
{
	const struct ui_row *row = ui_table_row(t);

	if (ui_table_marked(t))
		copy_marked(t);
	else if (row)
		copy(t, &row, 1, "1 row");
}

/* ---- export ---- */

void ui_table_on_export(struct ui_table *t, void (*fn)(void *user, const struct ui_export_ask *ask))
{
	t->on_export = fn;
}

struct out_write {
	const char *path, *text;
	size_t len, rows;
	bool replace, is_there; /* is_there: nothing was written */
};

/* On the thread of files. */
static int write_file(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct out_write *w = arena_alloc(arena, sizeof *w);

	(void)context;
	*w = *(const struct out_write *)arg;
	*result = w;
	if (!export_file(w->path, w->replace, w->text, w->len, err))
		return 0;
	w->is_there = err->code == ERR_USAGE;
	return w->is_there ? 0 : -1;
}

static void written(struct ui *ui, struct request *r);

static void write_page(struct ui_table *t, const struct ui_export_ask *ask)
{
	struct request *r = xcalloc(1, sizeof *r);
	struct out_write *w = xcalloc(1, sizeof *w);
	struct ui_column *columns = columns_of(t);
	struct ui_export e;

	ui_export_begin(&e, ask->kind, columns, t->column_count);
	for (size_t i = 0; i < t->page->count; i++)
		ui_export_row(&e, &t->page->rows[i], NULL);
	ui_export_end(&e, NULL);
	r->keep = arena_new();
	w->path = arena_strdup(r->keep, ask->path);
	w->text = arena_memdup0(r->keep, e.out.data, e.out.len);
	w->len = e.out.len;
	w->rows = e.rows;
	w->replace = ask->replace;
	r->owner = t->view;
	r->fn = write_file;
	r->arg = w;
	r->done = written;
	worker_add(t->view->ui->files, r, false);
	ui_export_release(&e);
	free(columns);
}

static bool is_whole(const struct ui_table *t)
{
	return t->page && t->page->at_start && t->page->at_end;
}

static void export_to(struct ui_table *t)
{
	if (is_whole(t))
		write_page(t, &t->exporting);
	else if (t->on_export)
		t->on_export(t->user, &t->exporting);
	else
		ui_message(t->view->ui, STYLE_WARN, "not written: the rows are not all at hand");
}

static void replace_accepted(void *user)
{
	struct ui_table *t = user;

	t->exporting.replace = true;
	export_to(t);
}

/* The question comes only to whom it still means something. */
static void ask_replace(struct ui *ui, struct view *v, const char *path)
{
	struct str text;

	if (!v || ui_top(ui) != v || !v->private_->table || ui->dialog ||
	    strcmp(v->private_->table->exporting.path, path) != 0) {
		ui_message(ui, STYLE_WARN, "not written: %s is there already; a ! after its name replaces it", path);
		return;
	}
	str_init(&text);
	str_addf(&text, "%s is there already.", path);
	ui_confirm(v, "Replace the file?", text.data, "replace it", replace_accepted, v->private_->table);
	str_release(&text);
}

bool ui_table_export_exists(struct ui_table *t, const struct error *err)
{
	if (err->code != ERR_USAGE || t->exporting.replace || !file_exists(t->exporting.path))
		return false;
	ask_replace(t->view->ui, t->view, t->exporting.path);
	return true;
}

static void written(struct ui *ui, struct request *r)
{
	const struct out_write *w = r->result.data;

	ui->key_dirty = true;
	if (r->result.status)
		ui_error(ui, &r->result.err);
	else if (!w->is_there)
		ui_export_done(ui, w->path, w->rows);
	else
		ask_replace(ui, r->owner, w->path);
}

/* The path that was typed, without the ! that says to replace. False: too long, or no known ending. */
static bool read_path(const char *text, struct ui_export_ask *out)
{
	size_t len = strlen(text);
	const char *home = getenv("HOME"), *rest = text;
	int n;

	out->replace = len && text[len - 1] == '!';
	len -= out->replace;
	if (strncmp(text, "~/", 2) || !home)
		home = "";
	else
		rest++;
	n = snprintf(out->path, sizeof out->path, "%s%.*s", home, (int)(len - (size_t)(rest - text)), rest);
	return n >= 0 && (size_t)n < sizeof out->path && ui_export_kind_of(out->path, &out->kind);
}

static void path_check(void *user, const char *text, struct ui_check *out)
{
	struct ui_export_ask ask;

	(void)user;
	out->ok = read_path(text, &ask);
	out->at = strlen(text);
	if (!out->ok)
		snprintf(out->message, sizeof out->message, "the name ends in .csv, .tsv or .json");
}

static void path_accept(void *user, const char *text)
{
	struct ui_table *t = user;

	if (read_path(text, &t->exporting))
		export_to(t);
}

static void ask_path(struct ui_table *t)
{
	char text[128], day[TIME_TEXT];

	if (!t->page || !t->page->count) {
		ui_message(t->view->ui, STYLE_WARN, "there are no rows to write");
		return;
	}
	if (!is_whole(t) && !t->on_export) {
		ui_message(t->view->ui, STYLE_WARN, "this list cannot be written: its rows are not all at hand");
		return;
	}
	time_local(ui_now(t->view->ui), day); /* 2026-11-23 09:12:00 CET */
	snprintf(text, sizeof text, "%.60s-%.4s%.2s%.2s.csv", t->view->ops->name, day, day + 5, day + 8);
	ui_prompt(t->view, &(struct ui_prompt){.label = "write to",
	                                       .text = text,
	                                       .history = "export",
	                                       .user = t,
	                                       .check = path_check,
	                                       .accept = path_accept});
}

bool table_out_action(struct ui_table *t, enum action action)
{
	switch (action) {
	case ACTION_LIST_COPY:
		copy_some(t);
		return true;
	case ACTION_LIST_EXPORT:
		ask_path(t);
		return true;
	default:
		return false;
	}
}
