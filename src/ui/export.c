/* Rows as CSV, TSV or JSON, into memory or into a file that appears whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table.h"

enum { WRITE_AT = 1 << 16 };

bool ui_export_kind_of(const char *path, enum ui_export_kind *kind)
{
	static const char *const endings[] = {".csv", ".tsv", ".json"};
	size_t len = strlen(path);

	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && path[len - n - 1] != '/' && !strcasecmp(path + len - n, endings[i])) {
			*kind = (enum ui_export_kind)i;
			return true;
		}
	}
	return false;
}

/* ---- rows ---- */

static char delimiter(const struct ui_export *e)
{
	return e->kind == UI_EXPORT_TSV ? '\t' : ',';
}

/* Titles are for people: where two columns have the same, their ids tell them apart. */
static const char *title_of(const struct ui_export *e, size_t at)
{
	for (size_t i = 0; i < e->column_count; i++)
		if (i != at && !strcmp(e->columns[i].title, e->columns[at].title))
			return e->columns[at].id;
	return e->columns[at].title;
}

static void add_field(struct ui_export *e, size_t at, const char *text, bool is_text)
{
	if (at)
		str_addc(&e->out, delimiter(e));
	csv_field(&e->out, text, strlen(text), delimiter(e), is_text);
}

static void add_values(struct str *out, const struct ui_cell *c)
{
	char text[NUM_TEXT];

	for (size_t i = 0; i < c->n; i++)
		str_addf(out, "%s%s", i ? " " : "", num_shortest(c->spark[i], text));
}

static void add_line(struct ui_export *e, const struct ui_row *row)
{
	struct str values;
	double number;

	str_init(&values);
	for (size_t i = 0; i < e->column_count; i++) {
		const struct ui_cell *c = &row->cells[i];

		str_clear(&values);
		if (c->spark)
			add_values(&values, c);
		if (c->spark)
			add_field(e, i, values.data, false);
		else
			add_field(e, i, c->text ? c->text : "", c->text && !table_text_number(c->text, &number));
	}
	str_addc(&e->out, '\n');
	str_release(&values);
}

/* As JSON spells numbers: "007", "+1" and ".5" are none. */
static bool is_json_number(const char *p)
{
	size_t n;

	p += *p == '-';
	n = strspn(p, "0123456789");
	if (!n || (n > 1 && *p == '0'))
		return false;
	p += n;
	if (*p == '.') {
		n = strspn(++p, "0123456789");
		if (!n)
			return false;
		p += n;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		n = strspn(p, "0123456789");
		if (!n)
			return false;
		p += n;
	}
	return !*p;
}

/* "1,284", as people write it. */
static bool is_grouped(const char *p, double *value)
{
	return strchr(p, ',') && p[strspn(p, "-0123456789,.")] == 0 && table_text_number(p, value);
}

void table_cell_json(struct json_writer *j, const char *key, const struct ui_cell *c)
{
	double value;

	if (c->spark && c->gauge) {
		jw_num(j, key, c->n ? c->spark[0] : 0, NULL);
	} else if (c->spark) {
		jw_array(j, key);
		for (size_t k = 0; k < c->n; k++)
			jw_num(j, NULL, c->spark[k], NULL);
		jw_array_end(j);
	} else if (c->text && is_json_number(c->text)) {
		jw_raw(j, key, c->text);
	} else if (c->text && is_grouped(c->text, &value)) {
		jw_num(j, key, value, NULL);
	} else {
		jw_string(j, key, c->text);
	}
}

static void add_object(struct ui_export *e, const struct ui_row *row)
{
	struct json_writer j;

	str_adds(&e->out, e->rows ? ",\n" : "\n");
	jw_init(&j, &e->out);
	jw_object(&j, NULL);
	for (size_t i = 0; i < e->column_count; i++)
		table_cell_json(&j, e->columns[i].id, &row->cells[i]);
	jw_object_end(&j);
}

void ui_export_begin(struct ui_export *e, enum ui_export_kind kind, const struct ui_column *columns,
                     size_t column_count)
{
	*e = (struct ui_export){.kind = kind, .columns = columns, .column_count = column_count, .fd = -1};
	str_init(&e->out);
	if (kind == UI_EXPORT_JSON) {
		str_addc(&e->out, '[');
		return;
	}
	for (size_t i = 0; i < column_count; i++)
		add_field(e, i, title_of(e, i), true);
	str_addc(&e->out, '\n');
}

static int write_out(struct ui_export *e, struct error *err)
{
	if (e->fd < 0)
		return 0;
	if (fd_write_all(e->fd, e->out.data, e->out.len))
		return error_errno(err, ERR_ENV, "cannot write %s", e->path);
	str_clear(&e->out);
	return 0;
}

int ui_export_row(struct ui_export *e, const struct ui_row *row, struct error *err)
{
	if (e->kind == UI_EXPORT_JSON)
		add_object(e, row);
	else
		add_line(e, row);
	e->rows++;
	return e->out.len < WRITE_AT ? 0 : write_out(e, err);
}

/* ---- the file ---- */

static int is_there(const char *path, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s is there already; a ! after its name replaces it", path);
}

/* Where the rows are written until all of them are: beside the file, open to those whom the file was open to, or the
 * person's umask lets in. */
static int open_temporary(struct ui_export *e, const char *path, bool replace, struct error *err)
{
	char id[ID_TEXT];
	struct stat st;
	bool there;

	e->replace = replace;
	/* What a link leads to is replaced, not the link. */
	e->path = path_absolute(path);
	there = !stat(e->path, &st);
	if (there) {
		if (!S_ISREG(st.st_mode))
			return error_set(err, ERR_ENV, "cannot write %s: it is no regular file", e->path);
		if (!replace)
			return is_there(e->path, err);
	}
	id_make(id);
	e->temporary = xasprintf("%s.%s", e->path, id + 24);
	e->fd = open(e->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (e->fd < 0) {
		error_errno(err, ERR_ENV, "cannot write %s", e->path);
		free(e->temporary);
		e->temporary = NULL;
		return -1;
	}
	return there && fchmod(e->fd, st.st_mode & 0777) ? error_errno(err, ERR_ENV, "cannot write %s", e->path)
	                                                 : 0;
}

int ui_export_open(struct ui_export *e, const char *path, bool replace, enum ui_export_kind kind,
                   const struct ui_column *columns, size_t column_count, struct error *err)
{
	ui_export_begin(e, kind, columns, column_count);
	if (!open_temporary(e, path, replace, err))
		return 0;
	ui_export_release(e);
	return -1;
}

static int move_into_place(struct ui_export *e, struct error *err)
{
	if (e->replace) {
		if (rename(e->temporary, e->path))
			return error_errno(err, ERR_ENV, "cannot write %s", e->path);
		return 0;
	}
	if (!renameat2(AT_FDCWD, e->temporary, AT_FDCWD, e->path, RENAME_NOREPLACE))
		return 0;
	if (errno == EEXIST)
		return is_there(e->path, err);
	/* A file system that cannot do both at once. */
	if (file_exists(e->path))
		return is_there(e->path, err);
	if (rename(e->temporary, e->path))
		return error_errno(err, ERR_ENV, "cannot write %s", e->path);
	return 0;
}

static int finish_file(struct ui_export *e, struct error *err)
{
	char *slash, *folder;
	int status;

	if (write_out(e, err))
		return -1;
	status = fsync(e->fd) ? error_errno(err, ERR_ENV, "cannot write %s", e->path) : 0;
	if (close(e->fd) && !status)
		status = error_errno(err, ERR_ENV, "cannot write %s", e->path);
	e->fd = -1;
	if (status || move_into_place(e, err))
		return -1;
	free(e->temporary);
	e->temporary = NULL;
	folder = xstrdup(e->path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	status = dir_sync(slash ? folder : ".", err);
	free(folder);
	return status;
}

int ui_export_end(struct ui_export *e, struct error *err)
{
	if (e->kind == UI_EXPORT_JSON)
		str_adds(&e->out, e->rows ? "\n]\n" : "]\n");
	return e->fd < 0 ? 0 : finish_file(e, err);
}

void ui_export_release(struct ui_export *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->temporary)
		unlink(e->temporary);
	free(e->temporary);
	free(e->path);
	str_release(&e->out);
	*e = (struct ui_export){.fd = -1};
	str_init(&e->out);
}

int export_file(const char *path, bool replace, const char *text, size_t len, struct error *err)
{
	struct ui_export e = {.kind = UI_EXPORT_CSV, .fd = -1};
	int status = -1;

	str_init(&e.out);
	if (open_temporary(&e, path, replace, err))
		goto out;
	str_add(&e.out, text, len);
	status = finish_file(&e, err);
out:
	ui_export_release(&e);
	return status;
}

void ui_export_done(struct ui *ui, const char *path, size_t rows)
{
	char number[NUM_TEXT];

	ui_message(ui, STYLE_MESSAGE, rows == 1 ? "%s row is in %s" : "%s rows are in %s",
	           count_people((int64_t)rows, number), path);
}
