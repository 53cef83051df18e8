#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

/* ---- the reader's side ---- */

struct context { /* made on the reader's thread */
	atomic_bool interrupted;
	int *interrupts;
	struct demo *demo;
};

static int context_open(void *user, void **context, struct error *err)
{
	struct demo *d = user;
	struct context *c = xcalloc(1, sizeof *c);

	(void)err;
	c->interrupts = &d->interrupts;
	c->demo = d;
	*context = c;
	return 0;
}

static void context_close(void *context)
{
	free(context);
}

static void context_interrupt(void *context)
{
	struct context *c = context;

	atomic_store(&c->interrupted, true);
	(*c->interrupts)++;
}

struct question {
	struct ui_ask_rows ask;
	int rows, delay_ms;
	char filter[64];
};

static int64_t id_at(const struct question *q, int64_t index)
{
	return q->ask.sort[0].descending ? q->rows - index : index + 1;
}

static int64_t index_of(const struct question *q, int64_t id)
{
	return q->ask.sort[0].descending ? q->rows - id : id - 1;
}

static void fill_row(struct arena *a, struct ui_row *row, int64_t id)
{
	static const char *const words[] = {"running", "done", "failed", "done"};
	double *trend = arena_array(a, 8, sizeof *trend);

	row->id = id;
	row->cells = arena_array(a, 5, sizeof *row->cells);
	row->cells[0].text = arena_printf(a, "run-%05lld", (long long)id);
	row->cells[1].text = words[id % 4];
	row->cells[1].style = ui_status_style(words[id % 4]);
	row->cells[2].text = id % 7 ? arena_printf(a, "0.%04lld", (long long)(id * 7919 % 10000)) : NULL;
	row->cells[3].text = arena_printf(a, "%lld", (long long)(id * 31 % 97));
	for (int i = 0; i < 8; i++)
		trend[i] = (double)((id * (i + 3)) % 17);
	row->cells[4].spark = trend;
	row->cells[4].n = 8;
}

static bool pause_for(struct context *c, int ms)
{
	for (int64_t end = time_mono_ms() + ms; time_mono_ms() < end;) {
		if (atomic_exchange(&c->interrupted, false))
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

static int answer(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct question *q = arg;
	struct ui_page *p = arena_alloc(arena, sizeof *p);
	int64_t first = 0, count = q->ask.count, rows = q->rows;

	if (!pause_for(context, q->delay_ms))
		return error_set(err, ERR_NO, "interrupted");
	if (*q->filter)
		rows = rows < 3 ? rows : 3;
	if (q->ask.where == UI_FROM_END)
		first = rows - count;
	for (int i = 0; q->ask.where == UI_AROUND && i < q->ask.anchor_count; i++) {
		int64_t at = index_of(q, q->ask.anchors[i]);

		if (at < 0 || at >= rows)
			continue;
		first = at - q->ask.before;
		break;
	}
	if (first < 0)
		first = 0;
	if (count > rows - first)
		count = rows - first;
	p->generation = q->ask.generation;
	p->rows = arena_array(arena, (size_t)(count + 1), sizeof *p->rows);
	p->count = (size_t)count;
	for (int64_t i = 0; i < count; i++)
		fill_row(arena, &p->rows[i], id_at(q, first + i));
	p->at_start = first == 0;
	p->at_end = first + count >= rows;
	p->first_index = first;
	p->total = rows;
	*result = p;
	return 0;
}

/* ---- one row ---- */

struct one {
	int64_t id;
	struct ui_pager *log;
};

static int one_open(struct view *v, const void *args, struct error *err)
{
	struct one *o = v->state;

	(void)err;
	o->id = *(const int64_t *)args;
	o->log = ui_pager_new(v);
	for (int i = 0; i < 100; i++) {
		char line[64];

		snprintf(line, sizeof line, "line %d of run %lld\n", i, (long long)o->id);
		ui_pager_add(o->log, line, strlen(line));
	}
	if (o->id == 9) { /* ends with one line that no screen holds */
		for (int i = 0; i < 400; i++) {
			char word[16];

			snprintf(word, sizeof word, "word%03d ", i);
			ui_pager_add(o->log, word, strlen(word));
		}
		ui_pager_add(o->log, "\nthe end\n", 9);
	}
	return 0;
}

static void one_close(struct view *v)
{
	ui_pager_free(((struct one *)v->state)->log);
}

static void one_draw(struct view *v, struct surface *s)
{
	struct one *o = v->state;

	ui_pager_draw(o->log, s, true);
}

static bool one_action(struct view *v, enum action action)
{
	return ui_pager_action(((struct one *)v->state)->log, action);
}

static void one_title(struct view *v, struct str *out)
{
	str_addf(out, "run-%05lld", (long long)((struct one *)v->state)->id);
}

static void one_place(struct view *v, struct str *out)
{
	str_addf(out, "one:%lld", (long long)((struct one *)v->state)->id);
}

static bool one_unsaved(struct view *v)
{
	return ((struct demo *)ui_app(v->ui))->unsaved;
}

static const struct view_ops one_ops = {
    .name = "one",
    .contexts = "pager",
    .state_size = sizeof(struct one),
    .open = one_open,
    .close = one_close,
    .draw = one_draw,
    .action = one_action,
    .title = one_title,
    .place = one_place,
    .unsaved = one_unsaved,
};

/* ---- the list ---- */

struct list {
	struct view *view;
	struct ui_table *table;
	int64_t chosen;
};
enum { TAG_ROWS, TAG_STOP, TAG_ASIDE };

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct list *l = user;
	struct demo *d = ui_app(l->view->ui);
	struct question q = {.ask = *ask, .rows = d->rows, .delay_ms = d->delay_ms};

	snprintf(q.filter, sizeof q.filter, "%s", d->filter);
	ui_ask(l->view, TAG_ROWS, answer, &q, sizeof q, NULL);
}

static int list_open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "name", .title = "name", .min = 10, .max = 24},
	    {.id = "status", .title = "status", .priority = 2},
	    {.id = "auc", .title = "auc", .align = UI_DECIMAL, .priority = 1},
	    {.id = "depth", .title = "depth", .align = UI_RIGHT, .priority = 3},
	    {.id = "trend", .title = "trend", .max = 8, .priority = 4, .no_sort = true},
	};
	struct list *l = v->state;

	(void)args;
	(void)err;
	l->view = v;
	l->table = ui_table_new(v, ask_rows, l);
	ui_table_empty(l->table, "No rows.\nPress n to make one.");
	ui_table_columns(l->table, columns, COUNT_OF(columns));
	return 0;
}

static void list_close(struct view *v)
{
	ui_table_free(((struct list *)v->state)->table);
}

static void list_draw(struct view *v, struct surface *s)
{
	ui_table_draw(((struct list *)v->state)->table, s, true);
}

static int stop_row(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)err;
	*result = arena_alloc(arena, sizeof(int64_t));
	memcpy(*result, arg, sizeof(int64_t));
	return 0;
}

static void stop_chosen(void *user)
{
	struct list *l = user;

	ui_do(l->view, TAG_STOP, stop_row, &l->chosen, sizeof l->chosen, NULL);
}

static void filter_accept(void *user, const char *text)
{
	struct list *l = user;
	struct demo *d = ui_app(l->view->ui);

	snprintf(d->filter, sizeof d->filter, "%s", text);
	ui_table_restart(l->table);
}

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	const char *bad = strchr(text, '!');

	(void)user;
	if (!bad)
		return;
	out->ok = false;
	out->at = (size_t)(bad - text);
	snprintf(out->message, sizeof out->message, "no ! here");
}

static void filter_complete(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	static const char *const words[] = {"metrics.auc", "metrics.loss", "status"};
	size_t from = cursor;

	(void)user;
	while (from > 0 && text[from - 1] != ' ')
		from--;
	out->from = from;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (cursor > from && !strncmp(words[i], text + from, cursor - from))
			ui_completions_add(out, words[i]);
}

static bool list_action(struct view *v, enum action action)
{
	struct list *l = v->state;
	struct demo *d = ui_app(v->ui);
	int64_t id = ui_table_cursor(l->table);

	d->acted = action;
	d->acted_on = id;
	switch (action) {
	case ACTION_LIST_OPEN:
		d->opened = id;
		d->opens++;
		ui_open(v->ui, &one_ops, &id);
		return true;
	case ACTION_RUN_STOP: {
		char text[64];

		l->chosen = id;
		snprintf(text, sizeof text, "Stop run-%05lld?", (long long)id);
		ui_confirm(v, "Stop", text, "stop 1 run", stop_chosen, l);
		return true;
	}
	case ACTION_LIST_FILTER:
		ui_prompt(v, &(struct ui_prompt){.label = "/",
		                                 .text = d->filter,
		                                 .history = "filter",
		                                 .user = l,
		                                 .check = filter_check,
		                                 .complete = filter_complete,
		                                 .accept = filter_accept});
		return true;
	default:
		return ui_table_action(l->table, action);
	}
}

/* Takes until it is said that it may end, and says whether it was let. */
static int take_long(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct context *c = context;

	(void)arena;
	(void)arg;
	*result = NULL;
	while (!atomic_load(&c->demo->may_end))
		if (!pause_for(context, 5))
			return error_set(err, ERR_NO, "interrupted");
	return 0;
}

static void list_result(struct view *v, struct ui_result *r)
{
	struct list *l = v->state;
	struct demo *d = ui_app(v->ui);

	if (r->status) {
		ui_error(v->ui, &r->err);
	} else if (r->tag == TAG_ASIDE) {
		ui_message(v->ui, STYLE_MESSAGE, "what was aside is done");
	} else if (r->tag == TAG_ROWS) {
		struct ui_page *page = r->data;

		page->arena = r->arena;
		r->arena = NULL;
		ui_table_page(l->table, page);
	} else {
		int64_t id = *(int64_t *)r->data;

		d->stopped[d->stops++ % 16] = id;
		ui_command(v->ui, "assay stop run-%05lld", (long long)id);
	}
}

static bool list_event(struct view *v, const struct term_event *e)
{
	/* "!": what is typed until the next frame can have been read is dropped. */
	if (e->kind == TERM_EVENT_KEY && e->key == '!') {
		ui_flush_input(v->ui);
		ui_message(v->ui, STYLE_MESSAGE, "a question that binds");
		return true;
	}
	if (e->kind == TERM_EVENT_KEY && (e->key == '@' || e->key == '&')) {
		atomic_store(&((struct demo *)ui_app(v->ui))->may_end, e->key == '&');
		if (e->key == '@')
			ui_ask_aside(v, TAG_ASIDE, take_long, NULL, 0, NULL);
		return true;
	}
	return ui_table_event(((struct list *)v->state)->table, e);
}

static void list_tick(struct view *v)
{
	ui_table_refresh(((struct list *)v->state)->table);
}

static const struct view_ops list_ops = {
    .name = "list",
    .contexts = "runs list",
    .state_size = sizeof(struct list),
    .open = list_open,
    .close = list_close,
    .draw = list_draw,
    .action = list_action,
    .event = list_event,
    .on_result = list_result,
    .tick = list_tick,
};

/* ---- a form, the second screen ---- */

struct ask {
	struct ui_form *form;
};

static int ask_open(struct view *v, const void *args, struct error *err)
{
	static const char *const recipes[] = {"logistic", "boosted-trees"};
	static const char *const columns[] = {"age", "income", "sex"};
	static const struct ui_field fields[] = {
	    {.label = "What", .kind = UI_HEADING},
	    {.name = "recipe",
	     .label = "recipe",
	     .help = "The kind of model.",
	     .kind = UI_CHOICE,
	     .value = "logistic",
	     .choices = recipes,
	     .choice_count = 2,
	     .required = true},
	    {.name = "l2",
	     .label = "l2",
	     .help = "Strength of the penalty.",
	     .kind = UI_NUMBER,
	     .value = "1",
	     .high = 1e6},
	    {.name = "rounds",
	     .label = "rounds",
	     .help = "How many trees at most.",
	     .kind = UI_INTEGER,
	     .value = "100",
	     .low = 1,
	     .high = 5000},
	    {.name = "name",
	     .label = "name",
	     .help = "What it is called.",
	     .kind = UI_TEXT,
	     .empty_means = "a nickname"},
	    {.name = "drop",
	     .label = "leave out",
	     .help = "Columns not to learn from.",
	     .kind = UI_MULTI,
	     .choices = columns,
	     .choice_count = 3},
	    {.name = "quick",
	     .label = "quick",
	     .help = "A part of the data only.",
	     .kind = UI_TOGGLE,
	     .value = "no"},
	};
	struct ask *a = v->state;

	(void)args;
	(void)err;
	a->form = ui_form_new(v, NULL, NULL);
	ui_form_fields(a->form, fields, COUNT_OF(fields));
	return 0;
}

static void ask_close(struct view *v)
{
	ui_form_free(((struct ask *)v->state)->form);
}

static void ask_draw(struct view *v, struct surface *s)
{
	ui_form_draw(((struct ask *)v->state)->form, s, true);
}

static bool ask_event(struct view *v, const struct term_event *e)
{
	return ui_form_event(((struct ask *)v->state)->form, e);
}

static bool ask_action(struct view *v, enum action action)
{
	struct ui_form *f = ((struct ask *)v->state)->form;
	const char *fault;

	if (action != ACTION_FORM_SUBMIT)
		return ui_form_action(f, action);
	fault = ui_form_fault(f);
	if (fault)
		ui_message(v->ui, STYLE_ERROR, "%s", fault);
	else
		ui_command(v->ui, "assay train %s --set l2=%s --set rounds=%s --drop %s", ui_form_get(f, "recipe"),
		           ui_form_get(f, "l2"), ui_form_get(f, "rounds"), ui_form_get(f, "drop"));
	return true;
}

static const struct view_ops ask_ops = {
    .name = "ask",
    .contexts = "form",
    .state_size = sizeof(struct ask),
    .open = ask_open,
    .close = ask_close,
    .draw = ask_draw,
    .event = ask_event,
    .action = ask_action,
};

/* ---- places ---- */

static int look_up(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct context *c = context;
	int64_t id = *(const int64_t *)arg;

	if (!pause_for(c, c->demo->delay_ms))
		return error_set(err, ERR_NO, "interrupted");
	if (id < 1 || id > c->demo->rows)
		return error_set(err, ERR_NO, "there is no run %lld any more", (long long)id);
	*result = arena_alloc(arena, sizeof id);
	memcpy(*result, &id, sizeof id);
	return 0;
}

static int open_one(struct ui *ui, const void *found, struct error *err)
{
	(void)err;
	ui_go_screen(ui, 2);
	return ui_open(ui, &one_ops, found);
}

int demo_go(struct ui *ui, const char *place, struct error *err)
{
	int64_t id;

	for (size_t i = 0; i < COUNT_OF(demo_screens); i++)
		if (!strcmp(place, demo_screens[i].ops->name)) {
			ui_go_screen(ui, demo_screens[i].number);
			return 0;
		}
	if (strncmp(place, "one:", 4) != 0 || !int_parse(place + 4, strlen(place + 4), &id))
		return error_set(err, ERR_USAGE, "there is no place \"%s\"", place);
	ui_go_ask(ui, look_up, &id, sizeof id, open_one);
	return 0;
}

int demo_find(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct context *c = context;
	const struct ui_find_ask *ask = arg;
	struct ui_found *found = arena_alloc(arena, sizeof *found);

	c->demo->finds++;
	if (!pause_for(c, c->demo->delay_ms))
		return error_set(err, ERR_NO, "interrupted");
	found->places = arena_array(arena, (size_t)ask->limit, sizeof *found->places);
	found->count = 0;
	for (int id = 1; id <= c->demo->rows && found->count < (size_t)ask->limit; id++) {
		const char *name = arena_printf(arena, "run-%05d", id);

		if (strstr(name, ask->pattern))
			found->places[found->count++] =
			    (struct ui_found_place){name, "run", arena_printf(arena, "one:%d", id)};
	}
	*result = found;
	return 0;
}

/* ---- the program ---- */

const struct ui_screen demo_screens[2] = {{2, "List", &list_ops}, {3, "Ask", &ask_ops}};

struct ui_options demo_options(struct demo *d, struct term *t)
{
	struct ui_worker worker = {
	    .open = context_open, .close = context_close, .interrupt = context_interrupt, .user = d};

	return (struct ui_options){
	    .term = t,
	    .screens = demo_screens,
	    .screen_count = COUNT_OF(demo_screens),
	    .place = "demo",
	    .reader = worker,
	    .writer = worker,
	    .app = d,
	};
}

static int number(const char *name, int otherwise)
{
	const char *text = getenv(name);
	int64_t v;

	return text && int_parse(text, strlen(text), &v) ? (int)v : otherwise;
}

int demo_main(void)
{
	struct demo d = {.rows = number("DEMO_ROWS", 1000), .delay_ms = number("DEMO_DELAY", 0)};
	struct term_options options = {.in_fd = -1, .out_fd = -1};
	struct ui_options o;
	struct error err;
	struct term *t;
	struct ui *ui;
	int rc = 3;

	setlocale(LC_CTYPE, "");
	if (term_open_curses(&t, &options, &err)) {
		safe_fprintf(stderr, "demo: %s\n", err.text);
		return 3;
	}
	o = demo_options(&d, t);
	if (getenv("DEMO_ABORT"))
		abort();
	if (!ui_new(&ui, &o, &err)) {
		const char *copy = getenv("DEMO_COPY");

		if (copy)
			ui_copy(ui, copy, strlen(copy), "it");
		rc = ui_run(ui, &err) ? 3 : 0;
		ui_free(ui);
	}
	term_close(t);
	printf("opened %lld opens %d stops %d last %lld\n", (long long)d.opened, d.opens, d.stops,
	       d.stops ? (long long)d.stopped[(d.stops - 1) % 16] : 0);
	return rc;
}
