/* The review laid out: lines of pieces. */
#include <string.h>

#include "review.h"
#include "view_inside.h"

enum {
	X = 3,        /* after the cursor's sign */
	VALUE_X = 12, /* of "asks", "against" … */
	GAP = 2,
	NOTE_X = 7,
	LABEL_LEAST = 14,
	LABEL_MOST = 56,
};

void view_review_page_release(struct review_page *p)
{
	for (size_t i = 0; i < p->cap; i++)
		free(p->lines[i].pieces);
	free(p->lines);
	arena_free(p->mem);
	*p = (struct review_page){0};
}

struct laying {
	struct review_page *page;
	const struct review_seen *seen;
	const struct surface *s;
	int width;
	bool roomy; /* reasons and changes stand there in full */
	int tight;  /* so many blank lines give way, the last first */
};

static int width_of(const struct laying *l, const char *text)
{
	return surface_width(l->s, text, strlen(text));
}

static struct review_line *add_line(struct laying *l, size_t item)
{
	struct review_page *p = l->page;
	struct review_line *line;

	if (p->count == p->cap) {
		size_t before = p->cap;

		p->lines = vec_reserve(p->lines, &p->cap, p->count + 1, sizeof *p->lines);
		memset(p->lines + before, 0, (p->cap - before) * sizeof *p->lines);
	}
	line = &p->lines[p->count++];
	line->count = 0;
	line->item = item;
	return line;
}

static void put(struct review_line *line, int x, int width, style_id style, const char *text)
{
	line->pieces = vec_reserve(line->pieces, &line->cap, line->count + 1, sizeof *line->pieces);
	line->pieces[line->count++] =
	    (struct review_piece){.x = x, .width = width, .style = style, .text = text, .item = SIZE_MAX};
}

/* Words kept whole, from x to the right end; the first row goes on `line`. */
static struct review_line *put_wrapped(struct laying *l, struct review_line *line, int x, style_id style,
                                       const char *text, int most)
{
	int room = l->width - x - 1, rows = 1, used = 0;
	const char *from = text, *at = text, *end = text; /* of the last word */

	if (room < 10)
		room = 10;
	while (*at) {
		size_t word = strcspn(at, " \n");
		int width = surface_width(l->s, at, word);

		if (used > 0 && used + 1 + width > room && rows < most) {
			put(line, x, -room, style, arena_memdup0(l->page->mem, from, (size_t)(end - from)));
			line = add_line(l, SIZE_MAX);
			rows++;
			from = at;
			used = 0;
		}
		used += width + (used > 0);
		end = at += word;
		at += strspn(at, " \n");
	}
	put(line, x, -room, style, arena_strdup(l->page->mem, from));
	return line;
}

static void blank(struct laying *l)
{
	add_line(l, SIZE_MAX);
}

/* ---- head ---- */

static void add_title(struct laying *l)
{
	static const struct {
		const char *text;
		style_id style;
		enum glyph glyph;
	} ends[] = {
	    [PROPOSAL_IN_REVIEW] = {"in review", STYLE_INFO, GLYPH_QUEUED},
	    [PROPOSAL_REJECTED] = {"rejected", STYLE_BAD, GLYPH_BAD},
	    [PROPOSAL_PROMOTED] = {"promoted", STYLE_GOOD, GLYPH_OK},
	    [PROPOSAL_SUPERSEDED] = {"superseded by a later proposal", STYLE_MUTED, GLYPH_NONE},
	    [PROPOSAL_WITHDRAWN] = {"withdrawn", STYLE_MUTED, GLYPH_NONE},
	};
	const struct review_seen *seen = l->seen;
	struct arena *mem = l->page->mem;
	struct review_line *line = add_line(l, SIZE_MAX);
	const char *name = arena_printf(mem, "%s v%lld", seen->model, (long long)seen->version);
	const char *stage = arena_printf(mem, "→ %s", seen->stage), *state = ends[seen->status].text;
	style_id style = ends[seen->status].style;
	enum glyph glyph = ends[seen->status].glyph;
	int x = X, room;

	if (seen->status == PROPOSAL_IN_REVIEW && seen->vetoed) {
		state = "vetoed";
		style = STYLE_BAD;
		glyph = GLYPH_BAD;
	} else if (seen->status == PROPOSAL_IN_REVIEW && seen->approved) {
		state = "approved: P promotes";
		style = STYLE_GOOD;
		glyph = GLYPH_OK;
	} else if (seen->status == PROPOSAL_IN_REVIEW) {
		state = arena_printf(mem, "in review, %d of %d signature%s", seen->have, seen->need,
		                     seen->need == 1 ? "" : "s");
	}
	state = arena_printf(mem, "%s %s", term_glyph(surface_charset(l->s), glyph), state);
	room = l->width - X - width_of(l, state) - 4 - width_of(l, stage) - 10;
	name = view_cut_name(mem, name, room);
	put(line, x, -room, STYLE_TEXT | STYLE_BOLD, name);
	x += (width_of(l, name) < room ? width_of(l, name) : room) + 1;
	put(line, x, 0, STYLE_MUTED, seen->subject);
	x += width_of(l, seen->subject) + 1;
	put(line, x, 0, STYLE_TEXT | STYLE_BOLD, stage);
	put(line, l->width - 1 - width_of(l, state), 0, style, state);
}

static void add_fact(struct laying *l, size_t item, const char *label, const char *text, int most)
{
	struct review_line *line = add_line(l, item);

	put(line, X, 0, STYLE_LABEL, label);
	put_wrapped(l, line, VALUE_X, STYLE_TEXT, text, most);
}

static void add_caution(struct laying *l, style_id style, enum glyph glyph, const char *text)
{
	struct review_line *line = add_line(l, SIZE_MAX);

	put(line, X, 0, style, term_glyph(surface_charset(l->s), glyph));
	put_wrapped(l, line, X + 2, style, text, 3);
}

static void add_head(struct laying *l)
{
	const struct review_seen *seen = l->seen;

	add_title(l);
	for (size_t i = 0; i < seen->obstacle_count; i++)
		add_caution(l, STYLE_BAD, GLYPH_BAD, seen->obstacles[i]);
	for (size_t i = 0; i < seen->warning_count; i++)
		add_caution(l, STYLE_WARN, GLYPH_WARN, seen->warnings[i]);
	add_fact(l, 0, "asks", seen->asks, 2);
	if (*seen->reason) {
		struct review_line *line = add_line(l, SIZE_MAX);

		put_wrapped(l, line, VALUE_X, STYLE_TEXT, arena_printf(l->page->mem, "“%s”", seen->reason), 6);
	}
	add_fact(l, 1, "against", seen->against, 2);
	add_fact(l, 2, "policy", seen->policy, 2);
}

/* ---- gates ---- */

static const char *sign_of(const struct laying *l, const struct review_gate *g, style_id *style)
{
	enum term_charset charset = surface_charset(l->s);

	*style = g->verdict == GATE_PASS   ? STYLE_GOOD
	         : g->lets_through         ? STYLE_WARN
	         : g->verdict == GATE_FAIL ? STYLE_BAD
	                                   : STYLE_WARN;
	return g->verdict == GATE_PASS      ? term_glyph(charset, GLYPH_OK)
	       : g->lets_through            ? "!"
	       : g->verdict == GATE_FAIL    ? term_glyph(charset, GLYPH_BAD)
	       : g->verdict == GATE_MISSING ? term_glyph(charset, GLYPH_NONE)
	                                    : "!";
}

/* Numbers stand with their points under each other. */
struct decimals {
	int whole, fraction;
};
struct gate_columns {
	int label, champion, candidate, limit, measured, interval;
	struct decimals champion_at, candidate_at;
};

static int most(int a, int b)
{
	return a > b ? a : b;
}

static int whole_width(const char *text)
{
	return (int)strcspn(text, ".");
}

static int number_width(struct decimals *d, const char *text, int least)
{
	if (text) {
		int whole = whole_width(text), rest = (int)strlen(text) - whole;

		d->whole = most(d->whole, whole);
		d->fraction = most(d->fraction, rest);
	}
	return most(least, d->whole + d->fraction);
}

/* Widths of what there is; what is missing at the right end goes before the names suffer. */
static struct gate_columns gate_columns(const struct laying *l)
{
	struct gate_columns c = {.candidate = 9, .limit = 5};
	int label = LABEL_LEAST, rest;

	for (size_t i = 0; i < l->seen->gate_count; i++) {
		const struct review_gate *g = &l->seen->gates[i];

		if (g->verdict != GATE_PASS || g->number)
			label = most(label, width_of(l, g->label) +
			                        (g->number && g->note && !g->more ? GAP + width_of(l, g->note) : 0));
		if (!g->number)
			continue;
		c.candidate = number_width(&c.candidate_at, g->candidate, c.candidate);
		c.limit = most(c.limit, g->limit ? width_of(l, g->limit) : 0);
		if (l->seen->has_champion)
			c.champion = number_width(&c.champion_at, g->champion, most(c.champion, 8));
		if (g->measured)
			c.measured = most(c.measured, width_of(l, g->measured));
		if (g->interval)
			c.interval = most(c.interval, width_of(l, g->interval));
	}
	label = label > LABEL_MOST ? LABEL_MOST : label;
	rest = l->width - 1 - (X + 2) - (c.champion ? c.champion + 1 : 0) - (c.candidate + GAP) -
	       (c.limit + GAP) - (c.interval ? c.interval + GAP : 0);
	if (c.measured && rest - c.measured - GAP < label)
		c.measured = 0;
	else if (c.measured)
		rest -= c.measured + GAP;
	c.label = label < rest ? label : most(rest, LABEL_LEAST);
	return c;
}

static void put_number(struct laying *l, struct review_line *line, int x, int width, const struct decimals *d,
                       style_id style, const char *text)
{
	if (text)
		put(line, x + width - d->fraction - whole_width(text), 0, style, text);
	else
		put(line, x + width - d->fraction - 1, 0, STYLE_MUTED, term_glyph(surface_charset(l->s), GLYPH_NONE));
}

/* The bare word beside the name where there is room for it and no more to say; else it begins a line of its
 * own. */
static bool put_word(struct laying *l, struct review_line *line, int x, int room, style_id style,
                     const struct review_gate *g)
{
	if (!g->note || g->more || width_of(l, g->note) + 2 > room)
		return false;
	put(line, x + 2, 0, style, g->note);
	return true;
}

static void add_gate(struct laying *l, const struct review_gate *g, const struct gate_columns *c)
{
	struct review_line *line = add_line(l, g->item);
	style_id style;
	const char *sign = sign_of(l, g, &style), *name;
	int x = X + 2, used;
	bool said;

	put(line, X, 0, style, sign);
	/* The name that the policy gives is short; what it means comes with Enter. */
	name = width_of(l, g->label) <= c->label ? g->label : g->id;
	used = width_of(l, name) < c->label ? width_of(l, name) : c->label;
	put(line, x, -c->label, STYLE_TEXT, name);
	if (!g->number) {
		if (g->note)
			put_wrapped(l, line, x + used + 2, style, g->note, 3);
		return;
	}
	said = put_word(l, line, x + used, c->label - used, style, g);
	x += c->label + GAP;
	if (c->champion) {
		put_number(l, line, x, c->champion, &c->champion_at, STYLE_MUTED, g->champion);
		x += c->champion + 1;
	}
	put_number(l, line, x, c->candidate, &c->candidate_at, STYLE_TEXT, g->candidate);
	x += c->candidate + GAP;
	put(line, x, 0, STYLE_TEXT, g->limit ? g->limit : "");
	x += c->limit + GAP;
	if (c->measured) {
		put(line, x, c->measured, STYLE_TEXT, g->measured ? g->measured : "");
		x += c->measured + GAP;
	}
	if (g->interval && x + c->interval < l->width)
		put(line, x, c->interval, STYLE_MUTED, g->interval);
	if (g->note && !said)
		put_wrapped(l, add_line(l, SIZE_MAX), NOTE_X, style, g->note, 3);
}

static void add_gate_header(struct laying *l, const struct gate_columns *c)
{
	struct review_line *line = add_line(l, SIZE_MAX);
	int x = X + 2 + c->label + GAP;

	put(line, X, 0, STYLE_HEADING, "GATES");
	if (c->champion) {
		put(line, x, c->champion, STYLE_HEADER, "champion");
		x += c->champion + 1;
	}
	put(line, x, c->candidate, STYLE_HEADER, "candidate");
	x += c->candidate + GAP;
	put(line, x, 0, STYLE_HEADER, "limit");
	x += c->limit + GAP;
	if (c->measured) {
		put(line, x, c->measured, STYLE_HEADER, c->measured >= 10 ? "difference" : "diff");
		x += c->measured + GAP;
	}
	if (c->interval && x + c->interval < l->width)
		put(line, x, c->interval, STYLE_HEADER, "interval");
}

/* "✓ files intact · ✓ replay identical": each can have the cursor. */
static void add_plain_gates(struct laying *l)
{
	struct review_line *line = NULL;
	int x = 0;

	for (size_t i = 0; i < l->seen->gate_count; i++) {
		const struct review_gate *g = &l->seen->gates[i];
		style_id style;
		const char *sign = sign_of(l, g, &style), *text = g->label;
		int width = 2 + width_of(l, text);

		if (g->number || g->verdict != GATE_PASS)
			continue;
		if (line && x + 3 + width < l->width) {
			put(line, x + 1, 0, STYLE_MUTED, term_glyph(surface_charset(l->s), GLYPH_DOT));
			x += 3;
		} else {
			line = add_line(l, g->item);
			x = X;
		}
		put(line, x, 0, style, sign);
		put(line, x + 2, 0, STYLE_TEXT, text);
		line->pieces[line->count - 1].item = g->item;
		x += width;
	}
}

static void add_gates(struct laying *l)
{
	struct gate_columns c = gate_columns(l);

	if (l->seen->gate_count == 0) {
		struct review_line *line = add_line(l, SIZE_MAX);

		put(line, X, 0, STYLE_HEADING, "GATES");
		put(line, VALUE_X, 0, STYLE_WARN, "the policy asks for none in this stage");
		return;
	}
	add_gate_header(l, &c);
	for (size_t i = 0; i < l->seen->gate_count; i++)
		if (l->seen->gates[i].number || l->seen->gates[i].verdict != GATE_PASS)
			add_gate(l, &l->seen->gates[i], &c);
	add_plain_gates(l);
}

/* ---- what else ---- */

static void add_vote(struct laying *l, const struct review_vote *v, bool first)
{
	struct review_line *line = add_line(l, v->item);
	enum term_charset charset = surface_charset(l->s);
	bool veto = v->kind == LEDGER_REJECT;
	style_id style = v->gone ? STYLE_MUTED : !v->counts ? STYLE_WARN : veto ? STYLE_BAD : STYLE_GOOD;
	const char *said = arena_printf(l->page->mem, "%s %s", v->who, v->what), *by = v->key;
	int x = VALUE_X + 2, key = width_of(l, by);

	/* Of the key its kind goes first: Enter tells it. */
	if (x + width_of(l, said) + key + 3 > l->width && strchr(by, ',')) {
		by = arena_memdup0(l->page->mem, by, strcspn(by, ","));
		key = width_of(l, by);
	}

	if (first)
		put(line, X, 0, STYLE_HEADING, "SIGNED");
	put(line, VALUE_X, 0, style,
	    v->gone      ? term_glyph(charset, GLYPH_NONE)
	    : !v->counts ? "!"
	    : veto       ? term_glyph(charset, GLYPH_BAD)
	                 : term_glyph(charset, GLYPH_OK));
	put(line, x, -(l->width - x - key - 3), v->gone ? STYLE_MUTED : STYLE_TEXT, said);
	put(line, l->width - 1 - key, 0, STYLE_MUTED, by);
	if (v->why)
		put_wrapped(l, add_line(l, SIZE_MAX), x, style, v->why, 3);
	if (l->roomy && v->reason && *v->reason)
		put_wrapped(l, add_line(l, SIZE_MAX), x, STYLE_MUTED, arena_printf(l->page->mem, "“%s”", v->reason),
		            3);
}

/* Each change on a line of its own. */
static void add_changes(struct laying *l)
{
	const char *text = l->seen->items[l->seen->changes_item].text;

	blank(l);
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n");

		/* Headings of one word in capitals say of what kind the lines below are. */
		put(add_line(l, SIZE_MAX), VALUE_X, -(l->width - VALUE_X - 1),
		    len > 0 && strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len ? STYLE_LABEL : STYLE_TEXT,
		    arena_memdup0(l->page->mem, at, len));
		at += len + (at[len] == '\n');
	}
	blank(l);
}

static void add_rest(struct laying *l)
{
	const struct review_seen *seen = l->seen;
	struct review_line *line = add_line(l, seen->changes_item);

	put(line, X, 0, STYLE_HEADING, "CHANGES");
	put_wrapped(l, line, VALUE_X, STYLE_TEXT, seen->changes, 2);
	if (l->roomy && seen->champion_name)
		add_changes(l);
	for (size_t i = 0; i < seen->vote_count; i++)
		add_vote(l, &seen->votes[i], i == 0);
	if (seen->vote_count == 0) {
		line = add_line(l, SIZE_MAX);
		put(line, X, 0, STYLE_HEADING, "SIGNED");
		put(line, VALUE_X, 0, STYLE_MUTED, "by nobody yet");
	}
	if (seen->waiting) {
		line = add_line(l, SIZE_MAX);
		put(line, X, 0, STYLE_HEADING, "WAITING");
		put_wrapped(l, line, VALUE_X, STYLE_TEXT, seen->waiting, 2);
	}
}

static void lay(struct laying *l)
{
	struct review_page *p = l->page;

	arena_free(p->mem);
	p->mem = arena_new();
	p->count = 0;
	add_head(l);
	if (l->tight < 2)
		blank(l);
	add_gates(l);
	if (l->tight < 1)
		blank(l);
	add_rest(l);
}

/* First without what Enter reads anyway, then without blank lines: what is waited for stands at the end, and
 * is to be seen without scrolling. Where it has to be scrolled all the same the blank lines stay. */
void view_review_lay(struct review_page *p, const struct review_seen *seen, const struct surface *s)
{
	struct laying l = {.page = p, .seen = seen, .s = s, .width = s->w, .roomy = true};
	size_t room = (size_t)(s->h > 0 ? s->h : 0);

	lay(&l);
	for (l.roomy = false; p->count > room && l.tight <= 2; l.tight++)
		lay(&l);
	if (p->count <= room)
		return;
	l.tight = 0;
	lay(&l);
}
