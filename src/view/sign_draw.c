/* Signing on the screen. */
#include <ctype.h>
#include <string.h>

#include "review_text.h"
#include "sign_inside.h"
#include "view_inside.h"

enum {
	X = 3,
	VALUE_X = 14,
	REASON_ROWS = 5,
	FORM_ROWS = 7,
	ROOMY = 16,  /* rows; in fewer, what says who and what gives way to what is read and typed */
	NARROW = 56, /* columns */
};

static void label(struct surface *s, int y, const char *name)
{
	surface_put(s, X, y, STYLE_LABEL, name);
}

/* Words kept whole between x and the right end, in so many rows at most; returns the rows used. */
static int words_in(struct surface *s, int x, int y, int rows, style_id style, const char *text)
{
	struct surface part = surface_part(s, x, y, s->w - x - 2, rows);
	int used = rows > 0 ? ui_paragraph(&part, 0, 0, style, text) : 0;

	return used < rows ? used : rows > 0 ? rows : 0;
}

static int words(struct surface *s, int x, int y, style_id style, const char *text)
{
	return words_in(s, x, y, s->h - y, style, text);
}

static void cut(struct surface *s, int x, int y, style_id style, const char *text)
{
	surface_put_cut(s, x, y, s->w - x - 1, style, text, strlen(text));
}

static int draw_head(const struct sign *g, struct surface *s)
{
	const struct sign_about *about = &g->about;
	const char *verb = sign_verb(g), *what = about->subject ? about->subject : g->decision.model;
	char big[32];
	size_t n = 0;
	int x;

	for (; verb[n] && n + 1 < sizeof big; n++)
		big[n] = (char)toupper((unsigned char)verb[n]);
	big[n] = 0;
	x = X + surface_put(s, X, 0, STYLE_HEADING, big) + 2;
	if (what) {
		struct arena *mem = arena_new();
		int room = s->w - x - (s->w < NARROW ? 14 : 24);

		what = view_cut_name(mem, what, room);
		x += surface_put_cut(s, x, 0, room, STYLE_TEXT | STYLE_BOLD, what, strlen(what)) + 1;
		arena_free(mem);
	}
	if (about->digest && s->w >= NARROW)
		x += surface_put(s, x, 0, STYLE_MUTED, about->digest) + 1;
	if (about->stage || g->decision.stage)
		surface_printf(s, x, 0, STYLE_TEXT | STYLE_BOLD, "→ %s",
		               about->stage ? about->stage : g->decision.stage);
	return 1;
}

static int draw_who(const struct sign *g, struct surface *s, int y, int rows)
{
	const struct work_person *p = g->who;
	struct str text;

	if (rows < 1)
		return y;
	label(s, y, "as");
	if (!p && !g->looked) {
		surface_put(s, VALUE_X, y, STYLE_MUTED, "looking for your key…");
		return y + 1;
	}
	if (!p)
		return y + words_in(s, VALUE_X, y, rows, STYLE_BAD, g->nobody.text);
	str_init(&text);
	str_addf(&text, "%s · %s · ", review_person(p->name, p->principal), p->principal);
	for (size_t i = 0; i < p->role_count; i++)
		str_addf(&text, "%s%s", i ? ", " : "", p->roles[i]);
	if (p->role_count == 0)
		str_adds(&text, "no role");
	cut(s, VALUE_X, y, STYLE_TEXT, text.data);
	str_clear(&text);
	str_addf(&text, "%s%s", p->fingerprint, p->key_file ? "" : " (agent)");
	if (rows > 1)
		cut(s, VALUE_X, y + 1, STYLE_MUTED, text.data);
	str_release(&text);
	return y + (rows > 1 ? 2 : 1);
}

/* What has not been opened is named in the rows after the first. */
static int draw_opened(const struct sign *g, struct surface *s, int y, int rows)
{
	const struct sign_about *about = &g->about;
	bool none_left = about->opened >= about->evidence;
	char text[64];

	if (about->evidence == 0 || rows < 1)
		return y;
	label(s, y, "evidence");
	snprintf(text, sizeof text, "%zu of %zu opened", about->opened, about->evidence);
	surface_put(s, VALUE_X, y, none_left ? STYLE_GOOD : STYLE_WARN, text);
	y++;
	if (rows > 1 && !none_left && about->not_opened && *about->not_opened) {
		struct str line;

		str_init(&line);
		str_addf(&line, "not yet: %s", about->not_opened);
		y += words_in(s, VALUE_X, y, rows - 1, STYLE_MUTED, line.data);
		str_release(&line);
	}
	return y;
}

/* ---- the reason ---- */

static void draw_reason(const struct sign *g, struct surface *s, int y, int rows)
{
	const char *text = g->reason.text.data;
	int width = s->w - X - 6, row = 0, cursor_row = 0, top;
	size_t from = 0, starts[64];

	if (width < 8)
		return;
	do {
		starts[row] = from;
		from += ui_row_len(s, text + from, strlen(text + from), width);
		if (g->reason.cursor >= starts[row])
			cursor_row = row;
		row++;
	} while (text[from] && row < (int)COUNT_OF(starts) - 1);
	starts[row] = from;
	top = cursor_row >= rows ? cursor_row - rows + 1 : 0;
	for (int i = 0; i < rows; i++) {
		if (i == 0 || top + i < row)
			surface_fill(s, X + 2, y + i, width + 1, 1, STYLE_FIELD | STYLE_UNDERLINE);
		if (top + i < row)
			surface_put_n(s, X + 2, y + i, STYLE_FIELD | STYLE_UNDERLINE, text + starts[top + i],
			              starts[top + i + 1] - starts[top + i]);
	}
	if (g->on_reason)
		surface_cursor(
		    s, X + 2 + surface_width(s, text + starts[cursor_row], g->reason.cursor - starts[cursor_row]),
		    y + cursor_row - top, true);
}

static void draw_form(struct sign *g, struct surface *s, int y)
{
	size_t count = sign_characters(g->reason.text.data), least = sign_reason_least(g->decision.kind);
	bool roomy = s->h >= ROOMY;
	int reason = roomy ? REASON_ROWS : 3, form = !g->form ? 0 : roomy ? FORM_ROWS : 3, used, room;
	char text[96];

	/* What is typed has to be seen; who signs and what was read say themselves as far as there is room. */
	if (s->h - y - form - 1 < reason)
		reason = s->h - y - form - 1 > 1 ? s->h - y - form - 1 : 1;
	used = form + 1 + reason;
	y += roomy;
	room = s->h - y - used - (roomy ? (form > 0) + 1 : 0);
	used = y;
	y = draw_who(g, s, y, room < 2 ? room : 2);
	room -= y - used;
	y = draw_opened(g, s, y, g->decision.kind == LEDGER_APPROVE || room < 1 ? room : 1) + roomy;
	if (g->form) {
		struct surface part = surface_part(s, X - 2, y, s->w - X, form);

		ui_form_draw(g->form, &part, !g->on_reason);
		y += form + roomy;
	}
	surface_put(s, X, y, STYLE_HEADING, "WHY");
	if (s->w >= NARROW)
		surface_put(s, X + 5, y, STYLE_MUTED, "in your own words; it is signed with the rest");
	draw_reason(g, s, y + 1, reason);
	if (count < least)
		snprintf(text, sizeof text, "%zu more character%s", least - count, least - count == 1 ? "" : "s");
	else
		snprintf(text, sizeof text, "%zu character%s", count, count == 1 ? "" : "s");
	surface_put_right(s, 0, y, s->w - 3, count < least ? STYLE_WARN : STYLE_MUTED, text);
	if (g->stage == SIGN_DRAFTING)
		surface_put(s, X, s->h - 1, STYLE_INFO, "asking every rule, writing the text…");
}

/* ---- the text and the code ---- */

static void draw_digest(const struct sign *g, struct surface *s, int y)
{
	const char *digest = g->draft->digest;

	label(s, y, "SHA-256");
	surface_put_n(s, X + 9, y, STYLE_ACCENT | STYLE_BOLD | STYLE_UNDERLINE, digest, SIGN_CODE_DIGITS);
	surface_put(s, X + 9 + SIGN_CODE_DIGITS, y, STYLE_MUTED, digest + SIGN_CODE_DIGITS);
}

static void draw_code(const struct sign *g, struct surface *s, int y)
{
	const char *ask = s->w < NARROW ? "type its first six digits:" : "type its first six digits to sign:";
	int x = X + (int)strlen(ask) + 1, typed = (int)strlen(g->code);

	surface_put(s, X, y, STYLE_TEXT | STYLE_BOLD, ask);
	surface_fill(s, x, y, SIGN_CODE_DIGITS, 1, STYLE_FIELD | STYLE_UNDERLINE);
	surface_put(s, x, y, STYLE_FIELD | STYLE_UNDERLINE, g->code);
	surface_cursor(s, x + typed, y, true);
	if (g->word)
		words(s, X, y + 1, STYLE_WARN, g->word);
	else
		cut(s, X, y + 1, STYLE_MUTED, "Nothing else signs: not Enter, not a paste. PgDn reads on.");
}

static void draw_signing(struct view *v, const struct sign *g, struct surface *s, int y)
{
	int64_t seconds = (ui_now(v->ui) - g->since) / 1000;

	surface_printf(s, X, y, STYLE_INFO | STYLE_BOLD, "%s %lld s of %d",
	               g->cancelling ? "giving up…" : "signing…", (long long)(seconds < 0 ? 0 : seconds),
	               SIGN_TIMEOUT_S);
	surface_put(s, X, y + 1, STYLE_MUTED,
	            "A key that blinks wants to be touched; an agent may be asking. Esc gives up.");
}

/* Of a small screen the text gets all that the digest and the code leave. */
static void draw_text(struct view *v, struct sign *g, struct surface *s, int y)
{
	bool roomy = s->h >= ROOMY;
	int bottom = s->h - 3;
	struct surface text;

	if (roomy) {
		y = draw_who(g, s, y, 2);
		if (g->decision.reason) {
			label(s, y, "because");
			cut(s, VALUE_X, y++, STYLE_TEXT, g->decision.reason);
		}
		y = draw_opened(g, s, y, 1);
		surface_hline(s, X - 1, y, s->w - X - 1, STYLE_BORDER);
		surface_put(s, X + 1, y, STYLE_HEADING, " the exact text that is signed ");
		y++;
		bottom--;
		surface_hline(s, X - 1, bottom, s->w - X - 1, STYLE_BORDER);
	}
	text = surface_part(s, 0, y, s->w, bottom - y);
	ui_pager_draw(g->text, &text, false);
	bottom += roomy;
	draw_digest(g, s, bottom);
	if (g->stage == SIGN_SIGNING)
		draw_signing(v, g, s, bottom + 1);
	else
		draw_code(g, s, bottom + 1);
}

/* ---- how it ended ---- */

static int fact(struct surface *s, int y, const char *name, style_id style, const char *text)
{
	if (!text || !*text)
		return y;
	label(s, y, name);
	return y + words(s, VALUE_X, y, style, text);
}

static void draw_receipt(const struct sign *g, struct surface *s, int y)
{
	const struct work_receipt *r = &g->receipt->receipt;
	bool roomy = s->h >= ROOMY;
	char text[128];

	y += roomy;
	surface_glyph(s, X, y, STYLE_GOOD, GLYPH_OK);
	surface_put(s, X + 2, y, STYLE_GOOD | STYLE_BOLD,
	            r->known ? "It stood there already: nothing was added." : "Signed, verified and appended.");
	y += 1 + roomy;
	if (!roomy) { /* the digests can be read in the audit */
		y = fact(s, y, "undone", STYLE_BAD, r->undone);
		y = fact(s, y, "then", STYLE_TEXT | STYLE_BOLD, r->then);
	}
	snprintf(text, sizeof text, "%lld", (long long)r->row);
	y = fact(s, y, "row", STYLE_TEXT, text);
	y = fact(s, y, "at", STYLE_TEXT, r->at);
	snprintf(text, sizeof text, "%s · %s", review_person(g->who ? g->who->name : NULL, r->principal),
	         r->principal);
	y = fact(s, y, "signer", STYLE_TEXT, text);
	y = fact(s, y, "key", STYLE_TEXT, r->fingerprint);
	snprintf(text, sizeof text, "%d, %s key", r->level, review_level(r->level));
	y = fact(s, y, "level", STYLE_TEXT, text);
	y = fact(s, y, "text", STYLE_MUTED, r->text_digest);
	y = fact(s, y, "link", STYLE_MUTED, r->link);
	if (roomy) {
		y = fact(s, y + 1, "then", STYLE_TEXT | STYLE_BOLD, r->then);
		fact(s, y, "undone", STYLE_BAD, r->undone);
	}
}

static void draw_failure(const struct sign *g, struct surface *s, int y)
{
	const char *heading = "It could not be done", *next = "Enter tries again; Esc goes back.";
	bool roomy = s->h >= ROOMY;

	switch (g->fault.code) {
	case ERR_NO:
		heading = g->cancelling ? "Given up" : "A rule says no";
		break;
	case ERR_ENV:
		heading = g->cancelling ? "Given up" : "The key did not sign";
		break;
	case ERR_STALE:
		heading = "It has changed since you looked";
		next = "Esc goes back to what it is now: look again, then decide.";
		break;
	case ERR_STORE:
		heading = "The ledger could not be written";
		break;
	case ERR_TAMPER:
		heading = "Something does not hold";
		next = "Do not sign. `assay verify` says what it is.";
		break;
	case ERR_USAGE:
		heading = "Something is missing";
		break;
	}
	y += roomy;
	surface_glyph(s, X, y, STYLE_BAD, GLYPH_BAD);
	surface_put(s, X + 2, y, STYLE_BAD | STYLE_BOLD, heading);
	y += 1 + roomy;
	y += words(s, X + 2, y, STYLE_TEXT, g->fault.text) + roomy;
	y += words(s, X + 2, y, STYLE_MUTED,
	           g->fault.code == ERR_STORE
	               ? "What you wrote is kept. Doing it again with the same key adds nothing twice."
	               : "Nothing was added to the ledger. What you wrote is kept.") +
	     roomy;
	words(s, X + 2, y, STYLE_MUTED, next);
}

void sign_draw(struct view *v, struct sign *g, struct surface *s)
{
	int y = draw_head(g, s);

	switch (g->stage) {
	case SIGN_FORM:
	case SIGN_DRAFTING:
		draw_form(g, s, y);
		break;
	case SIGN_CODE:
	case SIGN_SIGNING:
		draw_text(v, g, s, y);
		break;
	case SIGN_RECEIPT:
		draw_receipt(g, s, y);
		break;
	case SIGN_FAILED:
		draw_failure(g, s, y);
		break;
	}
}
