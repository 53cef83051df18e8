/* How the texts of a column are written, and what is regular in its times. */
#include <math.h>
#include <string.h>

#include "feature.h"
#include "view_inside.h"

enum { LEFT = FEATURE_GUTTER + 1, FACTS_WIDTH = 34 };

static struct feature_target fact(enum fact_kind kind, uint64_t number, const char *text)
{
	const struct fact_ask ask = {.kind = kind, .number = number, .text = text};

	return (struct feature_target){.kind = BEHIND_FACT, .fact = ask, .theirs = ask};
}

static struct feature_target lengths(uint64_t mine, uint64_t theirs)
{
	struct feature_target t = fact(FACT_LENGTH, mine, NULL);

	t.theirs.number = theirs;
	return t;
}

static const char *counted(struct feature_page *p, uint64_t count)
{
	const char *text = view_cell_count(p->a, (int64_t)count);

	return count ? arena_printf(p->a, "%s (%s)", text,
	                            feature_percent(p->a, (double)count, (double)p->c->count))
	             : text;
}

/* ---- texts ---- */

static int draw_lengths(struct feature_page *p, const struct text_facts *t, const struct text_facts *o, int y,
                        int w)
{
	struct feature_target none = feature_none("it is computed from all values: no row stands behind it");

	feature_block(p, LEFT, y + 1, w, "HOW LONG", "in characters");
	y++;
#define LENGTH(label, field, target)                                                                         \
	y = feature_fact(p, LEFT, y, w, label, view_cell_count(p->a, (int64_t)t->field),                         \
	                 o ? view_cell_count(p->a, (int64_t)o->field) : NULL, NULL, target)
#define MEAN(label, field)                                                                                   \
	y = feature_fact(p, LEFT, y, w, label, feature_number(p->a, p->c, t->field),                             \
	                 o ? feature_number(p->a, p->other, o->field) : NULL, NULL, none)
	LENGTH("shortest", length_min, lengths(t->length_min, o ? o->length_min : 0));
	LENGTH("longest", length_max, lengths(t->length_max, o ? o->length_max : 0));
	MEAN("mean", length_mean);
	MEAN("sd", length_sd);
	MEAN("words", words_mean);
#undef LENGTH
#undef MEAN
	return y;
}

static int draw_writing(struct feature_page *p, const struct text_facts *t, const struct text_facts *o, int y,
                        int w)
{
	const struct {
		const char *label;
		uint64_t count, theirs;
		enum fact_kind kind;
	} lines[] = {{"blank", t->blank, o ? o->blank : 0, FACT_BLANK},
	             {"edges", t->edge_blanks, o ? o->edge_blanks : 0, FACT_EDGE_BLANKS},
	             {"not ASCII", t->not_ascii, o ? o->not_ascii : 0, FACT_NOT_ASCII},
	             {"not UTF-8", t->not_utf8, o ? o->not_utf8 : 0, FACT_NOT_UTF8}};
	static const char *const says[] = {"nothing but blanks", "blanks before or behind",
	                                   "letters beyond ASCII", "bytes that are no UTF-8"};

	feature_block(p, LEFT, y + 1, w, "HOW WRITTEN", "rows");
	y++;
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		y = feature_fact(
		    p, LEFT, y, w, lines[i].label, counted(p, lines[i].count),
		    o ? view_cell_count(p->a, (int64_t)lines[i].theirs) : NULL,
		    arena_printf(p->a, "%s: %s rows", says[i], view_cell_count(p->a, (int64_t)lines[i].count)),
		    lines[i].count || lines[i].theirs ? fact(lines[i].kind, 0, NULL)
		                                      : feature_none("there is no such row"));
	return y;
}

int feature_shapes(struct feature_page *p, int x, int y, int w)
{
	const struct text_facts *t = p->c->text;
	struct feature_bar *bars = arena_array(p->a, t->shape_count + 1, sizeof *bars);
	uint64_t rest = t->shape_all - t->shape_count;

	feature_block(p, x, y + 1, w, "SHAPES", "9 digits, A capitals, a letters");
	for (size_t i = 0; i < t->shape_count; i++) {
		const struct value_count *s = &t->shapes[i];

		bars[i] = (struct feature_bar){
		    .label = s->len ? s->value : "(empty)",
		    .text =
		        arena_printf(p->a, "%6s %9s", feature_percent(p->a, (double)s->count, (double)p->c->count),
		                     view_cell_count(p->a, (int64_t)s->count)),
		    .share = (double)s->count,
		    .over = (double)NAN,
		    .target = fact(FACT_SHAPE, 0, s->value)};
	}
	y = feature_bars(p, x, y + 1, w, bars, t->shape_count);
	if (rest > 0)
		y += feature_text(
		    p, x, y, w, STYLE_MUTED,
		    arena_printf(p->a, "and %s other shape%s", view_cell_count(p->a, (int64_t)rest), PLURAL(rest)));
	return y;
}

void feature_text_part(struct feature_page *p)
{
	const struct text_facts *t = p->c->text, *o = p->other ? p->other->text : NULL;
	int w = p->s.w - LEFT - 1, facts = o ? FACTS_WIDTH + 10 : FACTS_WIDTH, y;
	bool side = w >= facts + 40;

	y = draw_lengths(p, t, o, 0, side ? facts : w);
	y = draw_writing(p, t, o, y + 1, side ? facts : w);
	if (side)
		feature_shapes(p, LEFT + facts + 4, 0, w - facts - 4 > 70 ? 70 : w - facts - 4);
	else
		feature_shapes(p, LEFT, y + 1, w);
}

/* ---- times ---- */

enum { HOURS = 24, WEEKDAYS = 7, MONTHS = 12 };
static const char *const WEEKDAY[WEEKDAYS] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
static const char *const MONTH[MONTHS] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static int draw_times(struct feature_page *p, int x, int y, int h, int cell, enum fact_kind kind,
                      const char *heading, const uint64_t *counts, size_t count)
{
	struct feature_bar bars[HOURS] = {0};

	feature_block(p, x, y + 1, cell * (int)count, heading, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *name = kind == FACT_WEEKDAY ? WEEKDAY[i] : kind == FACT_MONTH ? MONTH[i] : NULL;
		const char *text = view_cell_count(p->a, (int64_t)counts[i]);

		name = name ? name : arena_printf(p->a, "%02zu", i);
		bars[i] = (struct feature_bar){
		    .label = name,
		    .text = text,
		    .say = arena_printf(p->a, "%s%s: %s row%s, %s of the values", name,
		                        kind == FACT_HOUR ? ":00" : "", text, PLURAL(counts[i]),
		                        feature_percent(p->a, (double)counts[i], (double)p->c->count)),
		    .share = (double)counts[i],
		    .over = (double)NAN,
		    .target = counts[i] ? fact(kind, i, NULL) : feature_none("there is no row")};
	}
	return feature_upright(p, x, y + 1, cell, h, bars, count);
}

static const char *span_text(struct feature_page *p, double ms)
{
	char text[TIME_TEXT];

	return isnan(ms)             ? "–"
	       : ms > 0 && ms < 1000 ? arena_printf(p->a, "%.0f ms", ms)
	                             : arena_strdup(p->a, time_span((int64_t)ms, text));
}

static int draw_regular(struct feature_page *p, const struct time_facts *t, const struct time_facts *o, int y)
{
	struct feature_target none = feature_none("it is computed from all values: no row stands behind it"),
	                      gap = none;
	int w = o ? 44 : 30;

	if (isfinite(t->gap))
		gap = (struct feature_target){
		    .kind = BEHIND_WHERE,
		    .mine_only = true,
		    .where = arena_printf(
		        p->a, "%s AND %s",
		        feature_where(p, arena_printf(p->a, ">= %s", feature_literal(p->a, p->c, t->gap_from))),
		        feature_where(
		            p, arena_printf(p->a, "<= %s", feature_literal(p->a, p->c, t->gap_from + t->gap))))};
	w = w > p->s.w - LEFT - 1 ? p->s.w - LEFT - 1 : w;
	feature_block(p, LEFT, y, w, NULL, NULL);
	y = feature_fact(p, LEFT, y, w, "unit", t->unit, o ? o->unit : NULL, NULL, none);
	y = feature_fact(p, LEFT, y, w, "step", span_text(p, t->step), o ? span_text(p, o->step) : NULL,
	                 arena_printf(p->a, "half of the steps from one time to the next are %s or less",
	                              span_text(p, t->step)),
	                 none);
	y = feature_fact(p, LEFT, y, w, "gap", span_text(p, t->gap), o ? span_text(p, o->gap) : NULL,
	                 isfinite(t->gap)
	                     ? arena_printf(p->a, "the largest gap: %s without a row, from %s",
	                                    span_text(p, t->gap), feature_value(p->a, p->c, t->gap_from))
	                     : NULL,
	                 gap);
	return feature_fact(
	    p, LEFT, y, w, "rising", t->rising ? "yes" : "no", o ? o->rising ? "yes" : "no" : NULL,
	    t->rising ? "no row is earlier than the one before it" : "some rows are earlier than the ones before",
	    none);
}

void feature_time_part(struct feature_page *p)
{
	const struct time_facts *t = p->c->time, *o = p->other ? p->other->time : NULL;
	int y = draw_regular(p, t, o, 0) + 1, h = p->room >= 30 ? 8 : p->room >= 19 ? 4 : 3;
	bool wide = p->s.w >= HOURS * 3 + LEFT, clock = strcmp(t->unit, "day") != 0;
	int weekdays = 4 * WEEKDAYS + (p->s.w >= 100 ? 4 : 0), months = 4 * MONTHS;

	if (clock)
		y = draw_times(p, LEFT, y, h, wide ? 3 : 1, FACT_HOUR, "BY HOUR (UTC)", t->by_hour, HOURS) + 1;
	draw_times(p, LEFT, y, h, 4, FACT_WEEKDAY, "BY WEEKDAY", t->by_weekday, WEEKDAYS);
	if (p->s.w >= LEFT + weekdays + months)
		draw_times(p, LEFT + weekdays, y, h, 4, FACT_MONTH, "BY MONTH", t->by_month, MONTHS);
	else
		draw_times(p, LEFT, p->bottom + 1, h, p->s.w >= LEFT + months ? 4 : 3, FACT_MONTH, "BY MONTH",
		           t->by_month, MONTHS);
}
