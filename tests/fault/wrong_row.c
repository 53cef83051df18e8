/*
 * Never another row: lists whose rows come, go and change places between a person's look, keys and the act, with
 * answers that come late, out of order and twice, and frames that are late themselves. The person here knows nothing
 * but the frames that have reached the terminal and the keys typed since; every act must be on the row that follows
 * from these, or on none. TRIALS=N random sequences (400; SEED=N the first of them).
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/ui/private.h"
#include "../lib/rows_world.h"

enum { STEPS = 80, W = 60, H = 16, MOST_KEYS = 256, MOST_LINES = H };

/* What a person makes of a frame and the keys typed since. */
struct belief {
	bool blind; /* beyond what can be seen: any row that is sent for */
	int line, count, first_y;
	int64_t ids[MOST_LINES];
};
struct key {
	struct belief then; /* when it was typed */
};

static struct {
	struct rows_world w;
	bool finds, finding; /* the view looks for rows to mark */
	int64_t find_from, find_to;
	struct term *term;
	struct ui *ui;
	struct view *view;
	struct ui_table *table;
	struct belief shown, drawn; /* drawn: on its way to the terminal */
	bool in_flight;
	struct key typed[MOST_KEYS]; /* not carried out yet, oldest first */
	int typed_count;
	struct belief now; /* of the key that is being carried out */
	int64_t marks[64 * WORLD_ROWS], anchor, chosen, asked_about;
	size_t mark_count;
	int wrong;
	long known_acts, blind_acts, marked_acts, commits, refused;
} g;

static uint32_t rnd(uint32_t below)
{
	return world_chance(&g.w, below);
}

static void wrong(const char *what, int64_t got, int64_t wanted)
{
	if (!g.wrong++)
		printf("# %s: %lld, not %lld\n", what, (long long)got, (long long)wanted);
}

/* The answers of this table come by hand: the program asks this to know whether one is on its way. */
bool __wrap_ui_asking(const struct view *v, int tag);
bool __wrap_ui_asking(const struct view *v, int tag)
{
	(void)v;
	(void)tag;
	return g.w.asked_count > 0 || g.finding;
}

static void on_ask(void *user, const struct ui_ask_rows *ask)
{
	(void)user;
	world_asked(&g.w, ask);
}

static void on_find(void *user, int64_t from, int64_t to)
{
	(void)user;
	g.finding = true;
	g.find_from = from;
	g.find_to = to;
}

/* ---- marks, as the person has made them ---- */

static int64_t meant(void)
{
	return g.now.line >= 0 && g.now.line < g.now.count ? g.now.ids[g.now.line] : 0;
}

static int mark_place(int64_t id)
{
	return world_index(g.marks, (int)g.mark_count, id);
}

static void toggle(int64_t id)
{
	int at = mark_place(id);

	if (at < 0) {
		g.marks[g.mark_count++] = id;
		return;
	}
	memmove(g.marks + at, g.marks + at + 1, (g.mark_count - (size_t)at - 1) * sizeof *g.marks);
	g.mark_count--;
}

static void mark_from_to(const int64_t *ids, int from, int to)
{
	for (int i = from < to ? from : to; i <= (from < to ? to : from); i++)
		if (mark_place(ids[i]) < 0)
			g.marks[g.mark_count++] = ids[i];
}

static bool marks_hold(void)
{
	size_t n = 0;
	const int64_t *ids = ui_table_targets(g.table, &n);

	return ui_table_marked(g.table) == g.mark_count &&
	       (!g.mark_count || !memcmp(ids, g.marks, n * sizeof *ids));
}

/* After Space: nothing has changed, or the row that was meant. */
static void check_toggle(int64_t row, int64_t cursor, bool blind)
{
	if (marks_hold())
		return;
	g.anchor = blind ? cursor : row;
	toggle(g.anchor);
	if (!marks_hold())
		wrong("marked", cursor, row);
}

/* Marks of many, or of none: what they are follows from the page and the source, not from the table. */
static void follow_marks(enum action action, int64_t cursor)
{
	int a = world_index(g.w.page, g.w.page_count, g.anchor),
	    b = world_index(g.w.page, g.w.page_count, cursor);

	if (action == ACTION_LIST_UNMARK) {
		g.mark_count = 0;
		g.anchor = 0;
	}
	if (marks_hold()) { /* nothing new in it, or refused, or asked for */
		if (action == ACTION_LIST_MARK_RANGE && strstr(g.ui->message.data, " marked"))
			g.anchor = cursor;
		return;
	}
	if (action == ACTION_LIST_MARK_RANGE && !g.now.blind && cursor != meant())
		wrong("a range to", cursor, meant());
	if (action == ACTION_LIST_MARK_ALL)
		mark_from_to(g.w.page, 0, g.w.page_count - 1);
	else if (a >= 0 && b >= 0)
		mark_from_to(g.w.page, a, b);
	if (action == ACTION_LIST_MARK_RANGE)
		g.anchor = cursor;
	if (!marks_hold())
		wrong("marks that nobody made, in all", (int64_t)ui_table_marked(g.table), (int64_t)g.mark_count);
}

/* ---- the view ---- */

static void check_act(const int64_t *ids, size_t count, bool on_marks)
{
	if (on_marks && g.mark_count) {
		g.marked_acts++;
		if (count != g.mark_count || memcmp(ids, g.marks, count * sizeof *ids))
			wrong("acted on so many", (int64_t)count, (int64_t)g.mark_count);
		return;
	}
	if (count != 1) {
		wrong("rows acted on", (int64_t)count, 1);
	} else if (g.now.blind) {
		g.blind_acts++;
		if (world_index(g.w.page, g.w.page_count, ids[0]) < 0)
			wrong("acted on a row that is in no page", ids[0], 0);
	} else {
		g.known_acts++;
		if (ids[0] != meant())
			wrong("acted on", ids[0], meant());
	}
}

/* What stands in the question is what is done, whatever has happened to the rows meanwhile. */
static void committed(void *user)
{
	(void)user;
	g.commits++;
	if (g.chosen != g.asked_about)
		wrong("committed", g.chosen, g.asked_about);
}

static void question(struct view *v, const int64_t *ids, size_t count)
{
	char text[64];

	g.chosen = ids[0];
	snprintf(text, sizeof text, "Stop row-%lld of %zu?", (long long)ids[0], count);
	ui_confirm(v, "Stop", text, "stop", committed, NULL);
}

static bool place_action(struct view *v, enum action action)
{
	int64_t cursor = ui_table_cursor(g.table);
	const int64_t *ids;
	size_t count;

	switch (action) {
	case ACTION_LIST_OPEN:
		check_act(&cursor, cursor ? 1 : 0, false);
		return true;
	case ACTION_RUN_STOP:
		ids = ui_table_targets(g.table, &count);
		check_act(ids, count, true);
		if (rnd(4) == 0)
			question(v, ids, count);
		return true;
	case ACTION_LIST_FILTER:
		g.w.filter = (int)rnd(4);
		ui_table_restart(g.table);
		return true;
	case ACTION_LIST_MARK:
		ui_table_action(g.table, action);
		check_toggle(meant(), cursor, g.now.blind);
		return true;
	case ACTION_LIST_UNMARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
		ui_table_action(g.table, action);
		follow_marks(action, cursor);
		return true;
	default:
		return ui_table_action(g.table, action);
	}
}

/* Every key comes by here once, when it is carried out. */
static bool place_event(struct view *v, const struct term_event *e)
{
	(void)v;
	if (e->kind == TERM_EVENT_KEY && g.typed_count) {
		g.now = g.typed[0].then;
		memmove(g.typed, g.typed + 1, (size_t)--g.typed_count * sizeof *g.typed);
	}
	return e->kind == TERM_EVENT_MOUSE && ui_table_event(g.table, e);
}

static int place_open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "name", .title = "name"},
	    {.id = "value", .title = "value", .align = UI_DECIMAL, .priority = 1}};

	(void)args;
	(void)err;
	g.view = v;
	g.table = ui_table_new(v, on_ask, NULL);
	if (g.finds)
		ui_table_on_find(g.table, on_find);
	ui_table_columns(g.table, columns, COUNT_OF(columns));
	return 0;
}

static void place_close(struct view *v)
{
	(void)v;
	ui_table_free(g.table);
}

static void place_draw(struct view *v, struct surface *s)
{
	(void)v;
	ui_table_draw(g.table, s, true);
}

static const struct view_ops place_ops = {.name = "place",
                                          .contexts = "runs list",
                                          .open = place_open,
                                          .close = place_close,
                                          .draw = place_draw,
                                          .action = place_action,
                                          .event = place_event};
static const struct ui_screen screens[] = {{1, "Place", &place_ops}};

/* ---- the person ---- */

/* What stands on the screen, read from its cells alone. */
static struct belief look(void)
{
	struct grid *grid = term_grid(g.term);
	struct belief b = {.line = -1};
	bool loading = false;

	for (int y = g.ui->body_y; y < grid->h - 1 && b.count < MOST_LINES; y++) {
		const struct cell *sign = grid_cell(grid, 1, y);
		char text[W + 1] = "";
		int64_t id;
		int n = 0;

		for (int x = 3; x < W && grid_cell(grid, x, y)->len == 1; x++)
			text[n++] = grid_cell(grid, x, y)->text[0];
		text[n] = '\0';
		loading = loading || !strncmp(text, "loading", 7);
		if (strncmp(text, "row-", 4) || !int_parse(text + 4, strcspn(text + 4, " "), &id))
			continue;
		if (!strncmp(sign->text, "▸", 3) || !strncmp(sign->text, "◆", 3)) {
			if (b.line >= 0)
				wrong("a second cursor at line", y, b.line);
			b.line = b.count;
		}
		b.blind = b.blind || !strncmp(sign->text, "…", 3);
		if ((!strncmp(sign->text, "▪", 3) || !strncmp(sign->text, "◆", 3)) != (mark_place(id) >= 0))
			wrong("the mark's sign of", id, 0);
		b.first_y = b.count ? b.first_y : y;
		b.ids[b.count++] = id;
	}
	if (b.count && b.line < 0 && !table_holds_keys(g.table))
		wrong("rows without a cursor", b.count, 0);
	b.blind = b.blind || loading || (b.count && b.line < 0); /* on its way */
	if (!b.count) {                                          /* nothing to mean */
		b.line = 0;
		b.ids[0] = 0;
	}
	return b;
}

static void reached(void)
{
	if (!g.in_flight)
		return;
	g.in_flight = false;
	g.shown = g.drawn;
	table_seen(g.table);
}

static void frame(void)
{
	if (g.in_flight) { /* the line is slow: no other frame before this one */
		reached();
		return;
	}
	ui_draw(g.ui);
	term_present(g.term);
	if (g.ui->dialog)
		return;
	g.drawn = look();
	g.in_flight = true;
	if (rnd(4))
		reached();
}

static void think(struct belief *b, enum action action)
{
	switch (action) {
	case ACTION_LIST_UP:
	case ACTION_LIST_DOWN:
		b->line += action == ACTION_LIST_DOWN ? 1 : -1;
		b->blind = b->blind || b->line < 0 || b->line >= b->count;
		break;
	case ACTION_LIST_MARK: /* and one down */
		b->line++;
		b->blind = b->blind || b->line >= b->count;
		break;
	case ACTION_LIST_OPEN:
	case ACTION_RUN_STOP:
	case ACTION_LIST_UNMARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_MARK_RANGE:
		break;
	default:
		b->blind = true;
	}
}

static const struct {
	const char *key;
	enum action action;
	int weight;
} keys[] = {
    {"Up", ACTION_LIST_UP, 8},          {"Down", ACTION_LIST_DOWN, 12},   {"PgUp", ACTION_LIST_PAGE_UP, 1},
    {"PgDn", ACTION_LIST_PAGE_DOWN, 2}, {"Home", ACTION_LIST_TOP, 1},     {"End", ACTION_LIST_BOTTOM, 1},
    {"Enter", ACTION_LIST_OPEN, 12},    {"x", ACTION_RUN_STOP, 6},        {"Space", ACTION_LIST_MARK, 5},
    {"u", ACTION_LIST_UNMARK, 3},       {"A", ACTION_LIST_MARK_RANGE, 2}, {"*", ACTION_LIST_MARK_ALL, 1},
    {"s", ACTION_LIST_SORT, 1},         {"/", ACTION_LIST_FILTER, 1},
};

static int pick_key(void)
{
	int all = 0, at;

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		all += keys[i].weight;
	at = (int)rnd((uint32_t)all);
	for (size_t i = 0;; i++)
		if ((at -= keys[i].weight) < 0)
			return (int)i;
}

/* ---- what happens ---- */

/* Near the person's row as often as anywhere: that is where it hurts. */
static int some_place(struct rows_world *w)
{
	int at = world_index(w->ids, w->count, ui_table_cursor(g.table));

	if (at < 0 || rnd(3) == 0)
		return (int)rnd((uint32_t)w->count);
	at += (int)rnd(5) - 2;
	return at < 0 ? 0 : at >= w->count ? w->count - 1 : at;
}

static void change(void)
{
	struct rows_world *w = &g.w;

	for (int n = (int)rnd(4); n >= 0; n--)
		switch (rnd(6)) {
		case 0:
		case 1:
			world_insert(w);
			break;
		case 2:
		case 3:
			if (w->count)
				world_remove(w, some_place(w));
			break;
		case 4:
			if (w->count)
				world_swap(w, some_place(w), some_place(w));
			break;
		default:
			for (int i = w->count - 1; i > 0 && rnd(8) == 0; i--)
				world_swap(w, i, (int)rnd((uint32_t)i + 1));
			if (rnd(40) == 0)
				w->count = 0;
		}
	ui_table_refresh(g.table);
}

static void give_found(void)
{
	int64_t ids[WORLD_ROWS];
	int n = world_order(&g.w, ids), from = 0, to = n - 1;

	g.finding = false;
	if (g.find_from) {
		from = world_index(ids, n, g.find_from);
		to = world_index(ids, n, g.find_to);
	}
	if (n == 0 || from < 0 || to < 0) {
		ui_table_found(g.table, NULL, 0, false);
	} else {
		int low = from < to ? from : to, high = from < to ? to : from;

		mark_from_to(ids, low, high);
		ui_table_found(g.table, ids + low, (size_t)(high - low + 1), false);
		g.anchor = g.find_from ? g.find_to : g.anchor;
	}
	if (!marks_hold())
		wrong("marks after rows were found", (int64_t)ui_table_marked(g.table), (int64_t)g.mark_count);
}

/* Keys that a question took, or that a click made void, are not waited for any more. */
static void forget_keys(void)
{
	int gone = g.typed_count - (int)g.ui->held_count;

	if (gone > 0)
		memmove(g.typed, g.typed + gone, (size_t)(g.typed_count -= gone) * sizeof *g.typed);
	bury_dead(g.ui);
}

static void give(void)
{
	if (g.finding && rnd(2))
		give_found();
	else if (g.w.asked_count)
		world_answer(&g.w, g.table);
	ui_release_held(g.ui);
	forget_keys();
}

static void press(const char *name)
{
	struct term_event e = {.kind = TERM_EVENT_KEY};

	term_key_parse(name, &e.key, &e.mods);
	ui_event(g.ui, &e);
	forget_keys();
	g.refused += strstr(g.ui->message.data, "look again") != NULL;
}

static void type_keys(void)
{
	for (int n = (int)rnd(4); n >= 0 && !g.ui->dialog && g.typed_count < MOST_KEYS; n--) {
		int at = pick_key();

		g.typed[g.typed_count++].then = g.shown;
		think(&g.shown, keys[at].action);
		think(&g.drawn, keys[at].action);
		press(keys[at].key);
	}
}

static void click(void)
{
	int line = g.shown.count ? (int)rnd((uint32_t)g.shown.count) : 0, y = g.shown.first_y + line;
	struct term_event e = {.kind = TERM_EVENT_MOUSE, .mouse = TERM_MOUSE_PRESS, .button = 1, .x = 5, .y = y};

	if (!g.shown.count || g.ui->dialog)
		return;
	g.now = g.shown; /* a second click on it opens it */
	g.now.blind = false;
	g.now.line = line;
	ui_event(g.ui, &e);
	forget_keys();
	/* It is on that row now, or nothing can be done. */
	g.shown.blind = false;
	g.shown.line = line;
	g.drawn.blind = true; /* drawn before */
	if (ui_table_cursor(g.table) != g.shown.ids[line] && !table_refuses(g.table))
		wrong("clicked", ui_table_cursor(g.table), g.shown.ids[line]);
}

/* The question stands there while rows go on changing. */
static void decide(void)
{
	struct str text;
	const char *at;
	int64_t id = 0;

	while (rnd(3))
		rnd(2) ? change() : give();
	reached();
	ui_draw(g.ui);
	str_init(&text);
	grid_text(term_grid(g.term), &text);
	at = strstr(text.data, "Stop row-");
	if (at)
		int_parse(at + 9, strcspn(at + 9, " "), &id);
	str_release(&text);
	g.asked_about = id;
	press(rnd(2) ? "y" : "Esc");
	if (g.ui->dialog)
		wrong("a question that stays", 1, 0);
}

static void trial(uint64_t seed)
{
	struct ui_options o = {.screens = screens, .screen_count = 1};

	memset(&g.w, 0, sizeof g.w);
	g.w.seed = seed * 2654435761u + 12345;
	g.w.head = rnd(3) == 0;
	g.finds = rnd(2);
	for (int n = (int)rnd(rnd(2) ? 30 : WORLD_ROWS); n > 0; n--)
		g.w.ids[g.w.count++] = ++g.w.next_id;
	g.shown = g.drawn = g.now = (struct belief){.blind = true};
	g.in_flight = false;
	g.typed_count = 0;
	g.mark_count = 0;
	g.anchor = 0;
	g.term = o.term = term_open_memory(W, H, TERM_BRAILLE, TERM_256);
	if (ui_new(&g.ui, &o, NULL)) {
		printf("Bail out! no workbench\n");
		exit(1);
	}
	for (int i = 0; i < STEPS && !g.wrong; i++) {
		uint32_t what = rnd(16);

		if (g.ui->dialog)
			decide();
		else if (what < 3)
			change();
		else if (what < 7)
			give();
		else if (what < 11)
			type_keys();
		else if (what < 12)
			click();
		else if (what < 15)
			frame();
		else
			reached();
	}
	g.w.asked_count = 0; /* nobody waits any more */
	g.finding = false;
	ui_free(g.ui);
	term_close(g.term);
}

int main(void)
{
	const char *asked = getenv("TRIALS"), *from = getenv("SEED");
	int64_t trials = 400, seed = 1, done;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (asked)
		int_parse(asked, strlen(asked), &trials);
	if (from)
		int_parse(from, strlen(from), &seed);
	for (done = 0; done < trials && !g.wrong; done++)
		trial((uint64_t)(seed + done));
	if (g.wrong)
		printf("# that was SEED=%lld TRIALS=1\n", (long long)(seed + done - 1));
	printf("# %lld sequences: acts on the row that was seen %ld, on rows sent for %ld, on marked rows %ld, "
	       "questions "
	       "answered with yes %ld, nothing done %ld\n",
	       (long long)done, g.known_acts, g.blind_acts, g.marked_acts, g.commits, g.refused);
	printf("%sok 1 - no act on another row\n", g.wrong ? "not " : "");
	printf("%sok 2 - acts of every kind were done, and some refused\n",
	       trials < 100 || (g.known_acts && g.blind_acts && g.marked_acts && g.commits && g.refused)
	           ? ""
	           : "not ");
	printf("1..2\n");
	return g.wrong != 0;
}
