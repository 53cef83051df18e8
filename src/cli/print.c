/* What goes out: tables, facts, JSON, a progress bar. Everything that may come from data is made
 * safe here before it reaches a terminal; elsewhere CSV and TSV keep the bytes, guarded against formulas. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"

int terminal_columns(void)
{
	struct winsize size;
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

const char *sign(const char *utf8, const char *ascii)
{
	return MB_CUR_MAX > 1 ? utf8 : ascii;
}

const char *number_text(double value, char out[NUM_TEXT])
{
	return isnan(value) ? sign("–", "-") : num_people(value, 4, out);
}

static const char *const style_codes[] = {
    [GRID_PLAIN] = "",       [GRID_GOOD] = "\033[32m",  [GRID_WARN] = "\033[33m",
    [GRID_BAD] = "\033[31m", [GRID_ACCENT] = "\033[1m", [GRID_MUTED] = "\033[2m",
};

const char *style_on(const struct cli *c, enum listing_style style)
{
	return c->color ? style_codes[style] : "";
}

const char *style_off(const struct cli *c, enum listing_style style)
{
	return c->color && style != GRID_PLAIN ? "\033[m" : "";
}

/* ---- a grid ---- */

void listing_init(struct listing *g)
{
	*g = (struct listing){.mem = arena_new()};
}

void listing_release(struct listing *g)
{
	free(g->columns);
	free(g->cells);
	arena_free(g->mem);
	*g = (struct listing){0};
}

void listing_column(struct listing *g, const char *title, const char *key, enum listing_align align)
{
	g->columns = vec_reserve(g->columns, &g->column_cap, g->column_count + 1, sizeof *g->columns);
	g->columns[g->column_count++] = (struct listing_column){
	    .title = arena_strdup(g->mem, title),
	    .key = arena_strdup(g->mem, key),
	    .align = align,
	};
}

/* The people's text is made safe here, once, so that widths are measured on what is printed. */
void listing_both(struct listing *g, const char *people, const char *machine, bool number,
                  enum listing_style style)
{
	struct str safe;
	str_init(&safe);
	safe_text(&safe, people, strlen(people), 0);
	g->cells = vec_reserve(g->cells, &g->cell_cap, g->cell_count + 1, sizeof *g->cells);
	g->cells[g->cell_count++] = (struct listing_cell){
	    .people = arena_strdup(g->mem, safe.data),
	    .machine = arena_strdup(g->mem, machine),
	    .machine_len = strlen(machine),
	    .number = number,
	    .style = style,
	};
	str_release(&safe);
}

void listing_text(struct listing *g, const char *text, enum listing_style style)
{
	listing_both(g, text, text, false, style);
}

void listing_num(struct listing *g, double value, int digits)
{
	char people[NUM_TEXT], machine[NUM_TEXT];
	if (isnan(value)) {
		listing_none(g);
		return;
	}
	listing_both(g, num_people(value, digits, people), num_shortest(value, machine), true, GRID_PLAIN);
}

void listing_value(struct listing *g, double value)
{
	char people[NUM_TEXT], machine[NUM_TEXT];
	if (isnan(value))
		listing_none(g);
	else
		listing_both(g, num_value(value, people), num_shortest(value, machine), true, GRID_PLAIN);
}

void listing_int(struct listing *g, int64_t value)
{
	char people[NUM_TEXT], machine[NUM_TEXT];
	snprintf(machine, sizeof machine, "%lld", (long long)value);
	listing_both(g, count_people(value, people), machine, true, GRID_PLAIN);
}

void listing_none(struct listing *g)
{
	listing_both(g, sign("–", "-"), "", true, GRID_MUTED);
}

/* Where the decimal point of a number stands, or its end. */
static int point_at(const char *text)
{
	const char *point = strchr(text, '.');
	size_t len = point ? (size_t)(point - text) : strlen(text);
	return text_width(text, len);
}

struct layout {
	int width, before, after; /* before and after the decimal point */
};

static void measure(const struct listing *g, struct layout *layout)
{
	for (size_t k = 0; k < g->column_count; k++)
		layout[k].width = text_width(g->columns[k].title, strlen(g->columns[k].title));
	for (size_t i = 0; i < g->cell_count; i++) {
		struct layout *l = &layout[i % g->column_count];
		const char *text = g->cells[i].people;
		int width = text_width(text, strlen(text));
		if (g->columns[i % g->column_count].align == GRID_POINT) {
			int before = point_at(text);
			l->before = before > l->before ? before : l->before;
			l->after = width - before > l->after ? width - before : l->after;
			width = l->before + l->after;
		}
		l->width = width > l->width ? width : l->width;
	}
}

/* Takes columns away from the widest text columns until the line fits the terminal. */
static void squeeze(const struct listing *g, struct layout *layout, int room)
{
	enum { NARROWEST = 12 };
	for (;;) {
		int total = 0;
		size_t widest = g->column_count;
		for (size_t k = 0; k < g->column_count; k++) {
			total += layout[k].width + (k ? 2 : 0);
			if (g->columns[k].align == GRID_LEFT && layout[k].width > NARROWEST &&
			    (widest == g->column_count || layout[k].width > layout[widest].width))
				widest = k;
		}
		if (total <= room || widest == g->column_count)
			return;
		layout[widest].width--;
	}
}

static void print_padded(FILE *to, const char *text, int width, int left, bool last)
{
	int used;
	size_t len = strlen(text), fit = text_fit(text, len, width, &used);
	const char *more = "";
	if (fit < len && width > 1) {
		fit = text_fit(text, len, width - 1, &used);
		more = sign("…", "~");
		used++;
	}
	int right = width - used - left;
	fprintf(to, "%*s", left, "");
	fwrite(text, 1, fit, to);
	fputs(more, to);
	if (!last)
		fprintf(to, "%*s", right > 0 ? right : 0, "");
}

static int left_pad(enum listing_align align, const char *text, const struct layout *l)
{
	int width = text_width(text, strlen(text)), pad = 0;
	if (align == GRID_RIGHT)
		pad = l->width - width;
	else if (align == GRID_POINT)
		pad = l->width - l->after - point_at(text);
	if (pad + width > l->width)
		pad = l->width - width;
	return pad > 0 ? pad : 0;
}

static void print_text(const struct listing *g, const struct cli *c, FILE *to)
{
	struct layout *layout = xcalloc(g->column_count, sizeof *layout);
	measure(g, layout);
	int room = terminal_columns();
	if (room)
		squeeze(g, layout, room);
	fputs(style_on(c, GRID_ACCENT), to);
	for (size_t k = 0; k < g->column_count; k++) {
		const char *title = g->columns[k].title;
		enum listing_align align = g->columns[k].align == GRID_LEFT ? GRID_LEFT : GRID_RIGHT;
		bool last = k + 1 == g->column_count;
		print_padded(to, title, layout[k].width, left_pad(align, title, &layout[k]), last);
		fputs(last ? "" : "  ", to);
	}
	fprintf(to, "%s\n", style_off(c, GRID_ACCENT));
	for (size_t i = 0; i < g->cell_count; i++) {
		const struct listing_cell *cell = &g->cells[i];
		size_t k = i % g->column_count;
		bool last = k + 1 == g->column_count;
		fputs(style_on(c, cell->style), to);
		print_padded(to, cell->people, layout[k].width,
		             left_pad(g->columns[k].align, cell->people, &layout[k]), last);
		fprintf(to, "%s%s", style_off(c, cell->style), last ? "\n" : "  ");
	}
	free(layout);
}

/* TSV has no quotes: a tab or a line feed in a field becomes \t or \n, a backslash \\. */
static void tsv_field(struct str *line, const struct listing_cell *cell)
{
	for (size_t i = 0; i < cell->machine_len; i++) {
		char b = cell->machine[i];
		if (b == '\t')
			str_adds(line, "\\t");
		else if (b == '\n')
			str_adds(line, "\\n");
		else if (b == '\r')
			str_adds(line, "\\r");
		else if (b == '\\')
			str_adds(line, "\\\\");
		else
			str_addc(line, b);
	}
}

static void print_fields(const struct listing *g, bool tsv, FILE *to)
{
	struct str line;
	str_init(&line);
	for (size_t k = 0; k < g->column_count; k++) {
		if (k)
			str_addc(&line, tsv ? '\t' : ',');
		csv_field(&line, g->columns[k].key, strlen(g->columns[k].key), tsv ? '\t' : ',', true);
	}
	str_addc(&line, '\n');
	for (size_t i = 0; i < g->cell_count; i++) {
		const struct listing_cell *cell = &g->cells[i];
		if (tsv)
			tsv_field(&line, cell);
		else
			csv_field(&line, cell->machine, cell->machine_len, ',', !cell->number);
		str_addc(&line, (i + 1) % g->column_count ? (tsv ? '\t' : ',') : '\n');
	}
	machine_print(line.data, line.len, to);
	str_release(&line);
}

void listing_print(const struct listing *g, const struct cli *c, FILE *to)
{
	if (g->cell_count % g->column_count)
		bug("a table of %zu columns has %zu cells", g->column_count, g->cell_count);
	if (c->csv || c->tsv)
		print_fields(g, c->tsv, to);
	else
		print_text(g, c, to);
}

/* ---- facts, headings, JSON ---- */

void facts_print(const struct fact *facts, size_t count, const struct cli *c, FILE *to)
{
	int widest = 0;
	for (size_t i = 0; i < count; i++) {
		int width = text_width(facts[i].label, strlen(facts[i].label));
		if (facts[i].value && width > widest)
			widest = width;
	}
	for (size_t i = 0; i < count; i++) {
		if (!facts[i].value)
			continue;
		int width = text_width(facts[i].label, strlen(facts[i].label));
		fprintf(to, "%s%s%s%*s", style_on(c, GRID_MUTED), facts[i].label, style_off(c, GRID_MUTED),
		        widest - width + 2, "");
		struct str safe;
		str_init(&safe);
		safe_text(&safe, facts[i].value, strlen(facts[i].value), 0);
		fprintf(to, "%s\n", safe.data);
		str_release(&safe);
	}
}

void heading_print(const char *text, const struct cli *c, FILE *to)
{
	fprintf(to, "\n%s", style_on(c, GRID_ACCENT));
	safe_fprintf(to, "%s", text);
	fprintf(to, "%s\n", style_off(c, GRID_ACCENT));
}

void machine_print(const char *bytes, size_t len, FILE *to)
{
	struct str safe;
	if (!isatty(fileno(to))) {
		fwrite(bytes, 1, len, to);
		return;
	}
	str_init(&safe);
	for (const char *p = bytes, *end = bytes + len, *tab; p < end; p = tab + 1) {
		tab = memchr(p, '\t', (size_t)(end - p));
		safe_text(&safe, p, (size_t)((tab ? tab : end) - p), SAFE_NEWLINES);
		if (!tab)
			break;
		str_addc(&safe, '\t'); /* TSV's own */
	}
	fwrite(safe.data, 1, safe.len, to);
	str_release(&safe);
}

void json_print(const struct str *json, FILE *to)
{
	machine_print(json->data, json->len, to);
	fputc('\n', to);
}

/* ---- progress ---- */

void bar_start(struct bar *p, const struct cli *c, const char *what)
{
	*p = (struct bar){
	    .on = isatty(STDERR_FILENO) && !c->quiet,
	    .what = what,
	    .started = time_mono_ms(),
	};
}

/* It is time for another picture. */
static bool is_due(struct bar *p)
{
	enum { PAUSE_MS = 100, FIRST_MS = 300 };
	int64_t now = time_mono_ms();
	if (!p->on || now - p->started < FIRST_MS || (p->drawn && now - p->drawn < PAUSE_MS))
		return false;
	p->drawn = now;
	return true;
}

static void add_bar(struct str *line, double part, int width)
{
	part = part >= 0 && part <= 1 ? part : 0;
	int full = (int)(part * width);
	for (int i = 0; i < width; i++)
		str_adds(line, i < full ? sign("━", "#") : sign("─", "-"));
	str_addf(line, " %3.0f %%", 100 * part);
}

/* What is left of a line when it is not to reach its end. */
static int room(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* In one line of the terminal: in two it could not be drawn over. */
static void draw_line(const struct str *line)
{
	struct str safe;
	int used;
	str_init(&safe);
	safe_text(&safe, line->data, line->len, 0);
	fprintf(stderr, "\r%.*s\033[K", (int)text_fit(safe.data, safe.len, room(), &used), safe.data);
	str_release(&safe);
}

enum { BAR_WIDTH = 24, BAR_LEAST = 8, PERCENT_WIDTH = 6 };

void bar_show(struct bar *p, double part, const char *note)
{
	struct str line;
	char left[TIME_TEXT];
	if (!is_due(p))
		return;
	str_init(&line);
	str_addf(&line, "%s ", p->what);
	add_bar(&line, part, BAR_WIDTH);
	if (part > 0.02 && part <= 1)
		str_addf(&line, "  %s left",
		         time_span((int64_t)((double)(p->drawn - p->started) * (1 - part) / part), left));
	str_addf(&line, "  %s", note ? note : "");
	draw_line(&line);
	str_release(&line);
}

void bar_progress(struct bar *p, const struct progress_seen *seen)
{
	struct str line, text;
	if (!seen->what || !is_due(p))
		return;
	str_init(&line);
	str_init(&text);
	progress_text(seen, &text);
	str_addf(&line, "%s  ", seen->what);
	/* Numbers are worth more than the bar. */
	int width = room() - (int)line.len - PERCENT_WIDTH - 2 - (int)text.len;
	if (!isnan(seen->share) && width >= BAR_LEAST) {
		add_bar(&line, seen->share, width < BAR_WIDTH ? width : BAR_WIDTH);
		str_adds(&line, "  ");
	}
	str_add(&line, text.data, text.len);
	draw_line(&line);
	str_release(&text);
	str_release(&line);
}

void bar_end(struct bar *p)
{
	if (p->on && p->drawn)
		fputs("\r\033[K", stderr);
	p->on = false;
}
