/*
 * The journal: every command, message and event of this session with its time, newest first. Kept in memory and
 * bounded: the oldest entries make room and are counted.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { CLOCK_FROM = 11, CLOCK_LEN = 8 }; /* where a local time has its hours */

struct entry {
	int64_t id, at;
	enum journal_kind kind;
	style_id style;
	int times; /* the same was said so often, one after the other */
	char *text, *place;
};
struct journal {
	struct entry *entries; /* oldest first from `first` on, going round once there are JOURNAL_MOST */
	size_t first, count, cap;
	int64_t last_id;
	size_t dropped;
	uint64_t version;
};

/* ---- keeping ---- */

struct journal *journal_new(void)
{
	return xcalloc(1, sizeof(struct journal));
}

static struct entry *entry_at(const struct journal *j, size_t newest)
{
	return &j->entries[(j->first + j->count - 1 - newest) % JOURNAL_MOST];
}

static void entry_release(struct entry *e)
{
	free(e->text);
	free(e->place);
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->count; i++)
		entry_release(entry_at(j, i));
	free(j->entries);
	free(j);
}

/* Where the person is, if it can be gone to again. */
static char *place_now(struct ui *ui)
{
	struct view *v = ui->stacks && ui->options.screen_count ? ui_top(ui) : NULL;
	struct str place;
	char *copy;

	if (!v || !v->ops->place)
		return NULL;
	str_init(&place);
	v->ops->place(v, &place);
	copy = place.len ? xstrdup(place.data) : NULL;
	str_release(&place);
	return copy;
}

void journal_add(struct ui *ui, enum journal_kind kind, style_id style, const char *place, const char *text)
{
	struct journal *j = ui->journal;
	struct entry *last = j->count ? entry_at(j, 0) : NULL, *e;

	j->version++;
	if (last && last->kind == kind && !strcmp(last->text, text)) {
		last->times++;
		last->at = ui_now(ui);
		return;
	}
	if (j->count < JOURNAL_MOST) {
		j->entries = vec_reserve(j->entries, &j->cap, j->count + 1, sizeof *j->entries);
		e = &j->entries[j->count++];
	} else {
		e = &j->entries[j->first];
		entry_release(e);
		j->first = (j->first + 1) % JOURNAL_MOST;
		j->dropped++;
	}
	*e = (struct entry){.id = ++j->last_id,
	                    .at = ui_now(ui),
	                    .kind = kind,
	                    .style = style,
	                    .times = 1,
	                    .text = xstrdup(text),
	                    .place = place ? xstrdup(place) : place_now(ui)};
}

/* ---- the view ---- */

struct journal_view {
	struct ui_table *table;
	uint64_t version; /* of the rows that are shown */
};

static const struct entry *current(struct view *v)
{
	const struct journal *j = v->ui->journal;
	int64_t id = ui_table_cursor(((struct journal_view *)v->state)->table);

	for (size_t i = 0; id && i < j->count; i++)
		if (entry_at(j, i)->id == id)
			return entry_at(j, i);
	return NULL;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct journal_view *d = v->state;
	const struct journal *j = v->ui->journal;
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, j->count + 1, sizeof *rows);

	d->version = j->version;
	for (size_t i = 0; i < j->count; i++) {
		const struct entry *e = entry_at(j, i);
		struct ui_cell *cells = arena_array(a, 2, sizeof *cells);
		char at[TIME_TEXT];

		time_local(e->at, at);
		cells[0].text = arena_memdup0(a, at + CLOCK_FROM, CLOCK_LEN);
		cells[0].style = STYLE_MUTED;
		cells[1].text = arena_printf(a, "%s%s", e->kind == JOURNAL_COMMAND ? "$ " : "", e->text);
		if (e->times > 1)
			cells[1].text = arena_printf(a, "%s (%d times)", cells[1].text, e->times);
		cells[1].style = e->style;
		rows[i] = (struct ui_row){.id = e->id, .cells = cells};
	}
	ui_table_page(d->table, ui_page_of(a, ask, rows, j->count));
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "at", .title = "at", .min = CLOCK_LEN, .max = CLOCK_LEN, .no_sort = true},
	    {.id = "what", .title = "said, done, happened", .min = 20, .no_sort = true},
	};
	struct journal_view *d = v->state;

	(void)args;
	(void)err;
	d->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(d->table, columns, COUNT_OF(columns));
	ui_table_set_column(d->table, "what"); /* it stays where there is hardly room for both */
	ui_table_empty(d->table, "Nothing yet. What you do is noted here with the command that does the same, "
	                         "and so is what happens by itself.");
	return 0;
}

static void close_view(struct view *v)
{
	ui_table_free(((struct journal_view *)v->state)->table);
}

/* The current entry as a whole, where there is room for it below the list. */
static int text_rows(const struct surface *s, const struct entry *e)
{
	int rows = 1;

	if (!e || s->h < 6 || surface_width(s, e->text, strlen(e->text)) <= s->w - 14)
		return 0;
	for (size_t at = 0, len = strlen(e->text); at < len && rows < 5 && rows < s->h / 2; rows++)
		at += ui_row_len(s, e->text + at, len - at, s->w - 4);
	return rows;
}

static void draw(struct view *v, struct surface *s)
{
	struct journal_view *d = v->state;
	const struct journal *j = v->ui->journal;
	const struct entry *e;
	struct surface list;
	int below, y;

	if (d->version != j->version)
		ui_table_refresh(d->table);
	e = current(v);
	below = text_rows(s, e) + (j->dropped > 0 && s->h > 4);
	list = surface_part(s, 0, 0, s->w, s->h - below);
	ui_table_draw(d->table, &list, true);
	y = s->h - below;
	if (j->dropped > 0 && s->h > 4)
		surface_printf(s, 1, y++, STYLE_MUTED, "%zu older entries have made room", j->dropped);
	if (y >= s->h)
		return;
	surface_hline(s, 1, y++, s->w - 2, STYLE_BORDER);
	for (size_t at = 0, len = strlen(e->text); at < len && y < s->h; y++) {
		size_t n = ui_row_len(s, e->text + at, len - at, s->w - 4);

		surface_put_n(s, 2, y, e->style, e->text + at, n);
		at += n;
	}
}

static const char *why_not(struct view *v, enum action what)
{
	const struct entry *e = current(v);

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return !e                   ? "there is nothing here yet"
		       : !e->place          ? "it has no place to go to"
		       : !v->ui->options.go ? "there is no way to go there"
		                            : NULL;
	case ACTION_LIST_COPY:
		return e ? NULL : "there is nothing here yet";
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_SORT_ALSO:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
	case ACTION_LIST_UNMARK:
	case ACTION_LIST_SUMMARY:
	case ACTION_LIST_EXPORT:
		return "not in this list";
	default:
		return NULL;
	}
}

static bool action(struct view *v, enum action what)
{
	struct journal_view *d = v->state;
	const struct entry *e = current(v);

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		char *place = e && e->place ? xstrdup(e->place) : NULL; /* the entry may make room meanwhile */

		if (place)
			ui_go(v->ui, place, NULL);
		free(place);
		return true;
	}
	case ACTION_LIST_COPY:
		if (e)
			ui_copy(v->ui, e->text, strlen(e->text),
			        e->kind == JOURNAL_COMMAND ? "the command" : "the entry");
		return true;
	default:
		return ui_table_action(d->table, what);
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct journal_view *)v->state)->table, e);
}

static const struct view_ops JOURNAL_VIEW = {
    .name = "journal",
    .contexts = "list",
    .state_size = sizeof(struct journal_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
};

void journal_open(struct ui *ui)
{
	if (ui_top(ui)->ops != &JOURNAL_VIEW)
		ui_open(ui, &JOURNAL_VIEW, NULL);
}
