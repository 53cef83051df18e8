/* One column large: what it asks the reader, what is chosen, what stands behind a number. */
#include <stdlib.h>
#include <string.h>

#include "feature_inside.h"
#include "rows.h"
#include "view_inside.h"

enum { BY_FILES = 1, BY_COLUMN };

const struct column_profile *feature_column(const struct feature_view *f)
{
	return f->pair ? view_data_column(&f->pair->now, f->column) : NULL;
}

bool feature_has_part(const struct column_profile *c, enum feature_part part)
{
	return part == PART_SPREAD ? c->numeric && c->type != COLUMN_BOOL
	       : part == PART_TEXT ? c->text != NULL
	       : part == PART_TIME ? c->time != NULL
	                           : true;
}

enum feature_part feature_first_part(const struct column_profile *c)
{
	return feature_has_part(c, PART_SPREAD) ? PART_SPREAD : PART_VALUES;
}

enum feature_part feature_part_now(const struct feature_view *f, const struct column_profile *c)
{
	return feature_has_part(c, f->part) ? f->part : feature_first_part(c);
}

/* ---- asking ---- */

void feature_ask(struct view *v)
{
	struct feature_view *f = v->state;
	struct list_ask ask = {.id = f->id, .other = f->against};

	f->stopped = false;
	f->fault.code = 0;
	ui_ask_aside(v, FEATURE_TAG_FEATURES, view_data_read_features, &ask, sizeof ask, NULL);
}

static bool splits(const struct column_profile *c)
{
	return c->type != COLUMN_TEXT && c->type != COLUMN_ID;
}

static void by_column(struct feature_by *by, const char *name)
{
	*by = (struct feature_by){.known = strlen(name) < sizeof by->column};
	if (by->known)
		snprintf(by->column, sizeof by->column, "%s", name);
}

/* What was chosen; else by the label, the first column of categories, or file. */
void feature_by_now(const struct feature_view *f, struct feature_by *by)
{
	const struct features *now = &f->pair->now;
	const struct column_profile *label = now->label ? view_data_column(now, now->label) : NULL;

	*by = f->chosen;
	if (by->known && (by->files || strcmp(by->column, f->column) != 0))
		return;
	*by = (struct feature_by){0};
	if (label && splits(label) && strcmp(label->name, f->column) != 0)
		by_column(by, label->name);
	for (size_t i = 0; !by->known && i < now->count; i++) {
		const struct column_profile *c = &now->columns[i];

		if ((c->type == COLUMN_CAT || c->type == COLUMN_BOOL) && strcmp(c->name, f->column) != 0)
			by_column(by, c->name);
	}
	if (!by->known && now->file_count > 1)
		*by = (struct feature_by){.known = true, .files = true};
}

bool feature_same_by(const struct feature_by *a, const struct feature_by *b)
{
	return a->known == b->known && a->files == b->files && strcmp(a->column, b->column) == 0;
}

/* The split that the part shows, if it is not there. */
void feature_ask_split(struct view *v)
{
	struct feature_view *f = v->state;
	const struct column_profile *c = feature_column(f);
	struct feature_split_ask ask = {.id = f->id};
	enum feature_part part;

	if (!c)
		return;
	part = feature_part_now(f, c);
	feature_by_now(f, &ask.by);
	if ((part != PART_BY && (part != PART_MISSING || c->missing == 0)) || !ask.by.known)
		return;
	snprintf(ask.column, sizeof ask.column, "%s", f->column);
	if (f->asked.id && feature_same_by(&ask.by, &f->asked.by) && strcmp(ask.column, f->asked.column) == 0)
		return;
	if (!f->held)
		f->held = rows_take(view_app_of(v)->rows, f->id);
	f->asked = ask;
	f->split_stopped = false;
	f->split_fault.code = 0;
	ui_ask_aside(v, FEATURE_TAG_SPLIT, view_feature_split, &ask, sizeof ask, NULL);
}

void feature_begin_part(struct view *v)
{
	struct feature_view *f = v->state;

	f->at = 0;
	f->at_label[0] = 0;
	f->top = 0;
	feature_ask_split(v);
}

void feature_against_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct feature_view *f = v->state;

	f->against = id == f->id || id < 0 ? 0 : id;
	rows_leave(view_app_of(v)->rows, f->held_other);
	f->held_other = NULL;
	feature_ask(v);
}

static void by_accept(void *user, int64_t id)
{
	struct view *v = user;
	struct feature_view *f = v->state;

	if (!f->pair)
		return;
	if (id == BY_FILES)
		f->chosen = (struct feature_by){.known = true, .files = true};
	else
		by_column(&f->chosen, f->pair->now.columns[id - BY_COLUMN].name);
	if (!feature_column(f))
		return;
	if (feature_part_now(f, feature_column(f)) != PART_MISSING)
		f->part = PART_BY;
	feature_begin_part(v);
}

void feature_choose_by(struct view *v)
{
	struct feature_view *f = v->state;
	const struct features *now = &f->pair->now;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, now->count + 1, sizeof *items);
	struct ui_menu menu = {.title = "Split by", .items = items, .user = v, .accept = by_accept};
	struct feature_by by;

	feature_by_now(f, &by);
	items[menu.count++] = (struct ui_menu_item){.text = "files",
	                                            .detail = "one beside the other",
	                                            .id = BY_FILES,
	                                            .why_not = now->file_count > 1 ? NULL : "there is only one"};
	menu.current = by.known && !by.files ? 0 : BY_FILES;
	for (size_t i = 0; i < now->count; i++) {
		const struct column_profile *c = &now->columns[i];
		const char *type = column_type_name(c->type), *roles = view_data_roles(a, c);

		if (by.known && strcmp(c->name, by.column) == 0)
			menu.current = (int64_t)i + BY_COLUMN;
		items[menu.count++] =
		    (struct ui_menu_item){.text = c->name,
		                          .detail = *roles ? arena_printf(a, "%s, %s", type, roles) : type,
		                          .id = (int64_t)i + BY_COLUMN,
		                          .why_not = !splits(c) ? "nearly all its values are different"
		                                     : strcmp(c->name, f->column) == 0 ? "it is the one that is split"
		                                     : strlen(c->name) >= FEATURE_NAME ? "its name is too long"
		                                                                       : NULL};
	}
	ui_menu(v, &menu);
	arena_free(a);
}

/* What no expression says, or one too long for the rows' filter, is looked for behind the screen. */
static void ask_rows(struct view *v, const struct feature_spot *spot)
{
	const struct feature_target *t = &spot->target;
	struct feature_view *f = v->state;
	struct feature_rows_ask ask = {.id = t->other ? f->against : f->id, .target = *t};
	struct arena *keep = arena_new();
	const char *says = feature_says(f, spot);
	struct rows_held **held = t->other ? &f->held_other : &f->held;

	if (!*held)
		*held = rows_take(view_app_of(v)->rows, ask.id);
	snprintf(ask.column, sizeof ask.column, "%s", f->column);
	feature_by_now(f, &ask.by);
	ask.target.where = arena_strdup(keep, t->where);
	ask.target.fact.text = arena_strdup(keep, t->fact.text);
	ask.target.why = NULL;
	/* Some sayings leave out the label that they stand beside. */
	ask.which = strncmp(says, spot->label, strlen(spot->label)) == 0
	                ? arena_printf(keep, "%s   %s", f->column, says)
	                : arena_printf(keep, "%s   %s: %s", f->column, spot->label, says);
	ui_ask_aside(v, FEATURE_TAG_ROWS, view_feature_rows, &ask, sizeof ask, keep);
}

void feature_open_spot(struct view *v)
{
	struct feature_view *f = v->state;
	const struct feature_target *t;
	size_t at;

	if (!feature_measure(v) || (at = feature_cursor(f)) == SIZE_MAX)
		return;
	t = &f->page.spots[at].target;
	if (t->kind == BEHIND_NOTHING) {
		ui_message(v->ui, STYLE_MESSAGE, "%s", t->why ? t->why : "no row stands behind it");
	} else if (t->kind == BEHIND_PART) {
		f->part = t->part;
		feature_begin_part(v);
	} else if (t->kind == BEHIND_WHERE && strlen(t->where) < LIST_FILTER) {
		struct rows_args rows = {
		    .id = t->other ? f->against : f->id, .where = t->where, .column = f->column, .other = t->other};

		view_rows_open(v->ui, &rows);
	} else {
		ask_rows(v, &f->page.spots[at]);
	}
}

/* ---- answers ---- */

static bool part_named(struct feature_view *f, const char *word)
{
	if (strcmp(word, "by:files") == 0 && !view_data_column(&f->pair->now, "files")) {
		f->chosen = (struct feature_by){.known = true, .files = true};
		f->part = PART_BY;
		return true;
	}
	if (strncmp(word, "by:", 3) == 0 && view_data_column(&f->pair->now, word + 3)) {
		by_column(&f->chosen, word + 3);
		f->part = PART_BY;
		return true;
	}
	for (int i = 0; i < PARTS; i++)
		if (strcmp(view_lower(f->arena, FEATURE_PART_NAMES[i]), word) == 0) {
			f->part = (enum feature_part)i;
			return true;
		}
	return false;
}

/* "income/by:sex": names of columns may have a slash of their own. */
static void find_column(struct feature_view *f)
{
	const char *slash = f->asked_column;

	if (strlen(slash) >= FEATURE_NAME && view_data_column(&f->pair->now, slash)) {
		error_set(&f->fault, ERR_USAGE, "the name of this column is longer than %d bytes", FEATURE_NAME - 1);
		return;
	}
	snprintf(f->column, sizeof f->column, "%.*s", FEATURE_NAME - 1, f->asked_column);
	while (!feature_column(f) && (slash = strchr(slash, '/')) != NULL) {
		if (slash - f->asked_column < FEATURE_NAME) {
			snprintf(f->column, sizeof f->column, "%.*s", (int)(slash - f->asked_column), f->asked_column);
			if (feature_column(f) && part_named(f, slash + 1))
				return;
			f->column[0] = 0;
		}
		slash++;
	}
	if (!feature_column(f))
		error_set(&f->fault, ERR_USAGE, "%s@%lld has no column \"%s\"", f->pair->now.name,
		          (long long)f->pair->now.version, f->asked_column);
}

static void take_features(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;
	bool first = !f->pair;

	feature_drop_page(f);
	arena_free(f->arena);
	f->arena = r->arena;
	f->pair = r->data;
	r->arena = NULL;
	if (first)
		find_column(f);
	if (f->fault.code) {
		r->status = -1;
		r->err = f->fault;
	}
	view_data_keep(v, f->pair->now.id, f->pair->now.fresh, work_data_profile_keep);
	view_data_keep(v, f->pair->other.id, f->pair->other.fresh, work_data_profile_keep);
	feature_ask_split(v);
}

static void say_split(struct view *v)
{
	const struct feature_view *f = v->state;
	char *ref = xasprintf("%s@%lld", f->pair->now.name, (long long)f->pair->now.version);

	view_command(v->ui, (const char *[]){"assay", "data", "profile", ref, "--column", f->split->column,
	                                     "--by", f->split->by.files ? "file" : f->split->by.column, NULL});
	free(ref);
}

static void take_split(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;

	if (r->status == 0) {
		feature_drop_page(f);
		arena_free(f->split_arena);
		f->split_arena = r->arena;
		f->split = r->data;
		r->arena = NULL;
		say_split(v);
	} else if (r->cancelled) {
		f->split_stopped = true;
	} else {
		f->split_fault = r->err;
	}
}

static void take_rows(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;
	const struct feature_rows *found = r->data;
	struct rows_args rows = {.id = f->id, .column = f->column};

	if (r->status != 0) {
		if (!r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	if (strcmp(found->column, f->column) != 0 || !ui_in_sight(v))
		return;
	if (found->count == 0) {
		ui_message(v->ui, STYLE_MESSAGE, "no row was found behind it");
		return;
	}
	rows.id = found->id;
	rows.other = found->id != f->id;
	rows.which = found->which;
	rows.at = found->at;
	rows.at_count = found->count;
	view_rows_open(v->ui, &rows);
}

void feature_on_result(struct view *v, struct ui_result *r)
{
	struct feature_view *f = v->state;

	if (r->tag == FEATURE_TAG_SPLIT) {
		take_split(v, r);
	} else if (r->tag == FEATURE_TAG_ROWS) {
		take_rows(v, r);
	} else if (r->status != 0) {
		if (!r->cancelled)
			f->fault = r->err;
		f->stopped = r->cancelled && !f->pair;
		if (r->cancelled && f->pair)
			f->against = f->pair->has_other ? f->pair->other.id : 0;
	} else if (r->tag == FEATURE_TAG_SETS) {
		view_data_choose_against(v, r->data, f->id, f->against, feature_against_accept);
	} else if (r->tag == FEATURE_TAG_FEATURES) {
		take_features(v, r);
	}
}
