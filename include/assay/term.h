/*
 * term: the terminal, seen as a grid of cells. All drawing goes into a surface; a back end
 * (curses, or memory for tests and `--once`) shows it. Input comes back as decoded events.
 *
 * This is the one point where text is made safe: whatever is put on a surface may hold any
 * bytes, and what reaches the terminal holds no control, no bidirectional override, no invalid
 * sequence. Nothing outside this room sends bytes to the terminal while it is open.
 */
#ifndef ASSAY_TERM_H
#define ASSAY_TERM_H

#include "assay/base.h"

/* ---- styles ---- */

/*
 * A style is a role (what the text means), never a colour; a theme says how a role looks. Low
 * byte: the role; high byte: modifiers, for the rare place that needs them.
 * X(constant, name in theme files, parent role from which it inherits)
 */
/* clang-format off */
#define TERM_ROLES(X)                                                                                        \
	X(TEXT, "text", TEXT)     /* everything without a meaning of its own */                                  \
	X(MUTED, "muted", TEXT)   /* what matters less: units, hints, ids */                                     \
	X(ACCENT, "accent", TEXT) /* what the eye should find first */                                           \
	X(GOOD, "good", TEXT)                                                                                    \
	X(WARN, "warn", TEXT)                                                                                    \
	X(BAD, "bad", TEXT)                                                                                      \
	X(INFO, "info", TEXT)                                                                                    \
	X(RUNNING, "running", INFO) /* status of a run */                                                        \
	X(QUEUED, "queued", MUTED)                                                                               \
	X(DONE, "done", GOOD)                                                                                    \
	X(FAILED, "failed", BAD)                                                                                 \
	X(KILLED, "killed", WARN)                                                                                \
	X(LOST, "lost", WARN)                                                                                    \
	X(TITLE, "title", TEXT) /* row 0: where am I */                                                          \
	X(TITLE_PATH, "title.path", TITLE)                                                                       \
	X(TITLE_NEEDS, "title.needs", WARN) /* row 0: what needs me */                                           \
	X(TAB, "tab", MUTED)                                                                                     \
	X(TAB_ACTIVE, "tab.active", ACCENT)                                                                      \
	X(TAB_KEY, "tab.key", MUTED)                                                                             \
	X(HEADING, "heading", ACCENT)         /* heading of a part of a view */                                  \
	X(LABEL, "label", MUTED)              /* name of a field, before its value */                            \
	X(HEADER, "header", MUTED)            /* column titles of a table */                                     \
	X(HEADER_SORT, "header.sort", ACCENT) /* the column it is sorted by */                                   \
	X(ROW_CURSOR, "row.cursor", ACCENT)   /* gutter mark and name of the current row */                      \
	X(ROW_MARKED, "row.marked", ACCENT)   /* gutter mark of a marked row */                                  \
	X(ROW_BASELINE, "row.baseline", INFO)                                                                    \
	X(BEST, "best", GOOD)       /* the best value of its row or column */                                    \
	X(CHANGED, "changed", WARN) /* differs from the other one */                                             \
	X(BORDER, "border", MUTED)                                                                               \
	X(BORDER_ACTIVE, "border.active", ACCENT)                                                                \
	X(DIALOG, "dialog", TEXT)                                                                                \
	X(FIELD, "field", TEXT) /* a field of a form */                                                          \
	X(FIELD_ACTIVE, "field.active", ACCENT)                                                                  \
	X(FIELD_BAD, "field.bad", BAD)                                                                           \
	X(PROMPT, "prompt", ACCENT) /* the prompt's sign */                                                      \
	X(PROMPT_TEXT, "prompt.text", TEXT)                                                                      \
	X(COMPLETION, "completion", MUTED)                                                                       \
	X(MESSAGE, "message", INFO)                                                                              \
	X(ERROR, "error", BAD)                                                                                   \
	X(COMMAND, "command", MUTED) /* "$ assay stop …" */                                                    \
	X(KEY, "key", ACCENT)        /* a key in the footer and in help */                                       \
	X(HINT, "hint", MUTED)       /* what that key does */                                                    \
	X(DISABLED, "disabled", MUTED)                                                                           \
	X(SEARCH, "search", WARN) /* what a search found */                                                      \
	X(AXIS, "axis", MUTED)                                                                                   \
	X(GRID, "grid", MUTED)                                                                                   \
	X(CROSSHAIR, "crosshair", ACCENT)                                                                        \
	X(SPARK, "spark", INFO)                                                                                  \
	X(HISTOGRAM, "histogram", INFO)                                                                          \
	X(HISTOGRAM_OTHER, "histogram.other", MUTED) /* the reference behind it */                               \
	X(HEAT, "heat", HISTOGRAM)     /* cells of a heat map: what is above 0 */                                  \
	X(HEAT_1, "heat.1", HEAT)      /* from little … */                                                     \
	X(HEAT_2, "heat.2", HEAT)                                                                                \
	X(HEAT_3, "heat.3", HEAT)                                                                                \
	X(HEAT_4, "heat.4", HEAT)                                                                                \
	X(HEAT_5, "heat.5", HEAT)                                                                                \
	X(HEAT_6, "heat.6", HEAT)      /* … to much */                                                         \
	X(HEAT_LESS, "heat.less", SERIES_2) /* what is below 0 */                                                \
	X(HEAT_LESS_1, "heat.less.1", HEAT_LESS)                                                                 \
	X(HEAT_LESS_2, "heat.less.2", HEAT_LESS)                                                                 \
	X(HEAT_LESS_3, "heat.less.3", HEAT_LESS)                                                                 \
	X(HEAT_LESS_4, "heat.less.4", HEAT_LESS)                                                                 \
	X(HEAT_LESS_5, "heat.less.5", HEAT_LESS)                                                                 \
	X(HEAT_LESS_6, "heat.less.6", HEAT_LESS)                                                                 \
	X(GAUGE, "gauge", GOOD)                                                                                  \
	X(GAUGE_EMPTY, "gauge.empty", MUTED)                                                                     \
	X(SERIES_1, "series.1", TEXT)                                                                            \
	X(SERIES_2, "series.2", TEXT)                                                                            \
	X(SERIES_3, "series.3", TEXT)                                                                            \
	X(SERIES_4, "series.4", TEXT)                                                                            \
	X(SERIES_5, "series.5", TEXT)                                                                            \
	X(SERIES_6, "series.6", TEXT)                                                                            \
	X(SERIES_7, "series.7", TEXT)                                                                            \
	X(SERIES_8, "series.8", TEXT)
/* clang-format on */

enum style {
#define X(id, name, parent) STYLE_##id,
	TERM_ROLES(X)
#undef X
	    STYLE_ROLES, /* how many there are */
	STYLE_ROLE_MASK = 0x00FF,
	STYLE_BOLD = 0x0100,
	STYLE_UNDERLINE = 0x0200,
	STYLE_REVERSE = 0x0400,
	STYLE_DIM = 0x0800,
	STYLE_HEAT_STEPS = 6, /* of STYLE_HEAT and of STYLE_HEAT_LESS, the role after each the first */
};
typedef uint16_t style_id;
/* Style of series n = 0, 1, 2…, repeating after eight. */
style_id style_series(int n);
const char *style_role_name(int role); /* "row.cursor" */
int style_role_find(const char *name); /* or -1 */
int style_role_parent(int role);

/* ---- surface: a rectangle of a grid of cells ---- */

/* What may be drawn. Views ask surface_charset() only where a glyph table is not enough. */
enum term_charset {
	TERM_ASCII,   /* every glyph replaced by ASCII */
	TERM_BLOCKS,  /* UTF-8 with lines and block elements, no braille (Linux console, some fonts) */
	TERM_BRAILLE, /* all */
};

/* Base and at most four combining marks: 5 x 4 bytes. What does not fit loses its last marks. */
#define CELL_BYTES 20
struct cell {
	char text[CELL_BYTES]; /* UTF-8, not terminated */
	uint8_t len;           /* 0 in the right half of a wide character */
	uint8_t width;         /* 1 or 2; 0 in the right half */
	style_id style;
};

struct grid {
	int w, h;
	enum term_charset charset;
	struct cell *cells;     /* w * h, row by row */
	int cursor_x, cursor_y; /* hardware cursor; -1: none */
	bool cursor_visible;    /* a text field: shown. Otherwise it only stands on the selection. */
};

/*
 * A window onto a grid: origin, size, clip. Coordinates are relative to the origin, 0,0 at the
 * left top; whatever falls outside size or clip is not drawn, so any x and y are allowed. Copied
 * by value; owns nothing.
 */
struct surface {
	struct grid *grid;
	int x, y, w, h;                         /* origin in the grid; size */
	int clip_x0, clip_y0, clip_x1, clip_y1; /* in grid coordinates, half open */
};

struct rect {
	int x, y, w, h;
};

void grid_init(struct grid *g, int w, int h, enum term_charset charset); /* blank */
void grid_release(struct grid *g);
void grid_resize(struct grid *g, int w, int h);                   /* blank afterwards */
struct surface grid_surface(struct grid *g);                      /* all of it */
const struct cell *grid_cell(const struct grid *g, int x, int y); /* x, y must lie inside */

/* The part x, y, w, h of s, with coordinates of its own; clipped to s. */
struct surface surface_part(const struct surface *s, int x, int y, int w, int h);
enum term_charset surface_charset(const struct surface *s);

/* Blanks all of s (style TEXT). */
void surface_clear(struct surface *s);
/* Blanks the rectangle in a style. */
void surface_fill(struct surface *s, int x, int y, int w, int h, style_id style);
/*
 * Puts text (any bytes; made safe here; newlines and tabs become blanks) on row y from column x on.
 * Returns the columns that the text takes, drawn or clipped. A wide character that only half fits
 * becomes a blank; half a wide character that is drawn over becomes a blank too.
 */
int surface_put(struct surface *s, int x, int y, style_id style, const char *text);
int surface_put_n(struct surface *s, int x, int y, style_id style, const char *bytes, size_t len);
int surface_printf(struct surface *s, int x, int y, style_id style, const char *format, ...)
    PRINTF_LIKE(5, 6);
/*
 * As surface_put_n, in at most `width` columns: text that is longer ends in "…" ("~" in ASCII), the rest
 * of the columns is left alone. Returns the columns drawn.
 */
int surface_put_cut(struct surface *s, int x, int y, int width, style_id style, const char *bytes,
                    size_t len);
/* As surface_put_cut, but a text that is longer loses its middle, not its end, from 12 columns on: what tells long
 * names from each other stands at their ends as often as at their beginnings. */
int surface_put_name(struct surface *s, int x, int y, int width, style_id style, const char *text);
/* Right-aligned within `width` columns (cut like the above when longer). */
int surface_put_right(struct surface *s, int x, int y, int width, style_id style, const char *text);
/* Columns that surface_put would take for these bytes. */
int surface_width(const struct surface *s, const char *bytes, size_t len);
/* One character by code point, for charts (braille, blocks, lines); it must be one column wide. */
void surface_rune(struct surface *s, int x, int y, style_id style, uint32_t rune);
/* Changes the style of a rectangle, keeps its text. */
void surface_restyle(struct surface *s, int x, int y, int w, int h, style_id style);
/* Puts the hardware cursor; visible = a text field. The last call of a frame wins. */
void surface_cursor(struct surface *s, int x, int y, bool visible);

/* Signs that have an ASCII twin. All are one column wide. */
enum glyph {
	GLYPH_HLINE,
	GLYPH_VLINE,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_TEE_LEFT,
	GLYPH_TEE_RIGHT,
	GLYPH_TEE_TOP,
	GLYPH_TEE_BOTTOM,
	GLYPH_CROSS,
	GLYPH_CURSOR,      /* ▸ current row */
	GLYPH_MARK,        /* ▪ marked row */
	GLYPH_CURSOR_MARK, /* ◆ current and marked */
	GLYPH_PATH,        /* ▸ between the parts of a path */
	GLYPH_SORT_UP,
	GLYPH_SORT_DOWN,
	GLYPH_OK,
	GLYPH_BAD,
	GLYPH_RUNNING,
	GLYPH_QUEUED,
	GLYPH_WARN,
	GLYPH_LOST,
	GLYPH_KILLED,
	GLYPH_DOT,
	GLYPH_ELLIPSIS,
	GLYPH_NONE /* – */,
	GLYPH_LEFT,
	GLYPH_RIGHT,
	GLYPH_UP,
	GLYPH_DOWN,
	GLYPH_GAUGE,
	GLYPH_GAUGE_EMPTY,
	GLYPH_CHECK_ON,
	GLYPH_CHECK_OFF,
	GLYPH_PLUS_MINUS,
	GLYPH_DELTA,
	GLYPHS
};
void surface_glyph(struct surface *s, int x, int y, style_id style, enum glyph glyph);
/* The glyph's text for this character set, for building strings. */
const char *term_glyph(enum term_charset charset, enum glyph glyph);
void surface_hline(struct surface *s, int x, int y, int w, style_id style);
void surface_vline(struct surface *s, int x, int y, int h, style_id style);
void surface_box(struct surface *s, int x, int y, int w, int h, style_id style);
/* Sparkline of n values (NaN: gap) in `width` columns between the values' own limits; ASCII has one too. */
void surface_spark(struct surface *s, int x, int y, int width, style_id style, const double *values,
                   size_t n);
/* A gauge ━━━╸── of `width` columns, share 0…1. */
void surface_gauge(struct surface *s, int x, int y, int width, double share);

/* The grid as text: one line a row, blanks at the end removed. */
void grid_text(const struct grid *g, struct str *out);
/* The styles as text: one line a row, one letter a cell ('.' plain text), then the legend of the letters. */
void grid_styles(const struct grid *g, struct str *out);

/* ---- how styles look ---- */

enum term_colours { TERM_MONO, TERM_16, TERM_256, TERM_TRUE };
#define TERM_COLOUR_DEFAULT (-1)
#define TERM_RGB(r, g, b)   (0x1000000 | (r) << 16 | (g) << 8 | (b))
enum {
	TERM_ATTR_BOLD = 1,
	TERM_ATTR_DIM = 2,
	TERM_ATTR_UNDERLINE = 4,
	TERM_ATTR_REVERSE = 8,
	TERM_ATTR_ITALIC = 16
};
/* fg and bg: -1 the terminal's own, 0…15 and 0…255 of the palette, or TERM_RGB. */
struct term_look {
	int32_t fg, bg;
	unsigned attr;
};

/* ---- input ---- */

enum term_event_kind {
	TERM_EVENT_KEY = 1, /* key and mods; printable characters come as their code point */
	TERM_EVENT_MOUSE,
	TERM_EVENT_PASTE,  /* text, len: bracketed paste; lives until the next call of term_read */
	TERM_EVENT_RESIZE, /* w, h: the grid has that size now */
	TERM_EVENT_FOCUS,  /* in or out (pressed) */
	TERM_EVENT_HANGUP, /* the terminal is gone */
};
enum {
	TERM_KEY_SPECIAL = 0x110000, /* above every code point */
	TERM_KEY_UP,
	TERM_KEY_DOWN,
	TERM_KEY_LEFT,
	TERM_KEY_RIGHT,
	TERM_KEY_HOME,
	TERM_KEY_END,
	TERM_KEY_PAGE_UP,
	TERM_KEY_PAGE_DOWN,
	TERM_KEY_INSERT,
	TERM_KEY_DELETE,
	TERM_KEY_BACKSPACE,
	TERM_KEY_ENTER,
	TERM_KEY_TAB,
	TERM_KEY_ESC,
	TERM_KEY_F1,
	TERM_KEY_F12 = TERM_KEY_F1 + 11,
};
enum { TERM_SHIFT = 1, TERM_ALT = 2, TERM_CTRL = 4 };
enum term_mouse {
	TERM_MOUSE_PRESS = 1,
	TERM_MOUSE_RELEASE,
	TERM_MOUSE_DRAG,
	TERM_MOUSE_WHEEL_UP,
	TERM_MOUSE_WHEEL_DOWN
};
struct term_event {
	enum term_event_kind kind;
	uint32_t key;
	unsigned mods;
	enum term_mouse mouse;
	int button, x, y; /* button 1 left, 2 middle, 3 right */
	int w, h;
	bool pressed;
	const char *text;
	size_t len;
};
/* "Ctrl-A", "Alt-x", "Shift-Tab", "Space", "PgDn", "F5", "g", "?". Shift is part of a printable character. */
#define TERM_KEY_TEXT 32
bool term_key_parse(const char *name, uint32_t *key, unsigned *mods);
const char *term_key_name(uint32_t key, unsigned mods, char out[TERM_KEY_TEXT]);

/* The decoder of bytes from a terminal, by itself (back ends hold one; tests and fuzzing use it alone). */
struct term_decoder;
struct term_decoder *term_decoder_new(void);
void term_decoder_free(struct term_decoder *d);
/* Another byte sequence for a key, from terminfo; ignored if empty or not starting with a control. */
void term_decoder_learn(struct term_decoder *d, const char *sequence, uint32_t key, unsigned mods);
void term_decoder_feed(struct term_decoder *d, const char *bytes, size_t len);
/* The next whole event; false: needs more bytes. `late`: the escape time-out is over, so that a lone ESC
 * and unfinished sequences are to be taken as they are. */
bool term_decoder_next(struct term_decoder *d, bool late, struct term_event *event);
bool term_decoder_waiting(const struct term_decoder *d); /* bytes are held back for their continuation */

/* ---- terminal ---- */

struct term;

struct term_options {
	const char *type; /* NULL: $TERM */
	bool ascii;       /* --ascii */
	bool no_colour;   /* --no-color; NO_COLOR in the environment is seen to here */
	bool no_mouse;
	int max_colours;   /* highest enum term_colours allowed + 1; 0: no limit */
	int in_fd, out_fd; /* both -1: standard input and output */
};
/* Opens the terminal: alternate screen, raw, keypad, mouse, bracketed paste. An unknown type is taken as
 * xterm-256color (said in term_note). ERR_ENV when there is no terminal. One at a time in a process. */
int term_open_curses(struct term **out, const struct term_options *options, struct error *err);
/* A terminal in memory for tests and --once; events come from term_feed. */
struct term *term_open_memory(int w, int h, enum term_charset charset, enum term_colours colours);
void term_close(
    struct term *t); /* restores the terminal; what stderr got meanwhile is printed then; NULL is fine */

struct grid *term_grid(struct term *t); /* draw into grid_surface of it */
enum term_colours term_colours(const struct term *t);
const char *term_note(const struct term *t); /* something the person should know, or NULL */
/* How roles look from now on: STYLE_ROLES looks, copied. */
void term_set_looks(struct term *t, const struct term_look looks[]);
/*
 * Sends the difference between the grid and what is shown. Never waits: false when not all of it has gone out yet
 * (slow line): term_flush sends the rest when term_out_fd is writable. Where something else has not gone out, what was
 * copied or the last frame, nothing is drawn: flush before.
 */
bool term_present(struct term *t);
bool term_flush(struct term *t);          /* sends what has not gone out yet; true when all is out */
void term_redraw(struct term *t);         /* the next frame is sent whole */
int term_in_fd(const struct term *t);     /* to poll for input; -1 in memory */
int term_out_fd(const struct term *t);    /* to poll for output when term_flush was false */
int term_signal_fd(const struct term *t); /* to poll: resize, continue, end; -1 in memory */
/* Reads what is there without waiting; then the next event, or false. now_ms as of time_mono_ms. */
bool term_read(struct term *t, int64_t now_ms, struct term_event *event);
/* Milliseconds until term_read should be called again though nothing came (a lone ESC, a size that was found by
 * suspending, a terminal that was gone when it was written to); -1: no need. */
int term_wait_ms(const struct term *t, int64_t now_ms);
/* A signal asked the program to end (SIGTERM, SIGHUP, SIGINT from outside); its number or 0. */
int term_end_signal(const struct term *t);
void term_suspend(struct term *t); /* Ctrl-Z: hands the terminal back, stops, takes it again */
void term_set_mouse(struct term *t, bool on);
/*
 * Into the clipboard of the person's terminal (OSC 52): nothing but base64 goes out. Whether that is allowed is
 * the caller's to know. Terminals do not say whether they took it; *through is what it has to pass on the way and
 * may be held back by ("tmux", "GNU screen"), or NULL. ERR_USAGE: longer than TERM_COPY_MOST bytes; ERR_ENV: this
 * kind of terminal has no clipboard, or the line is so slow that the last copy has not gone out yet.
 */
#define TERM_COPY_MOST 74994 /* what terminals take: 99,992 bytes as base64 */
int term_copy(struct term *t, const char *text, size_t len, const char **through, struct error *err);

/* Memory back end only. */
const struct str *term_copied(const struct term *t);                  /* the last copy, as it was given */
void term_feed(struct term *t, const char *bytes, size_t len);        /* as if typed */
void term_feed_event(struct term *t, const struct term_event *event); /* no paste */
void term_set_size(struct term *t, int w, int h);                     /* gives a RESIZE event */

#endif
