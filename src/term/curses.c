/*
 * The terminal through curses: the only file that knows curses.
 *
 * curses works out the difference between two screens and writes it into a memory file; each finished frame
 * then goes to the terminal with one write that never waits. While a frame has not gone out whole (slow line)
 * no other is begun: frames are dropped, keys never are. Input does not pass through curses at all (input.c).
 */
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "assay/base.h"
#include "assay/term.h"
#include "clipboard.h"
#include "frame.h"
#include "input.h"
#include "modes.h"
#include "private.h"
#include "restore.h"
#include "tty.h"
#include "wire.h"

/* curses says bool for its own type in places; the C one is meant here. */
enum { FLUSH_MS = 1000, COPY_WAITS = 64 * 1024, SYNC_LEAST = 1024 };

struct screen {
	SCREEN *curses;
	FILE *frame, *keys; /* what curses writes to, and its idea of input (never read) */
	struct wire wire;   /* to our own open file of the terminal */
	struct termios modes, raw;
	struct cell *shown; /* what curses was last told, same size as the grid; NULL: nothing */
	int shown_w, shown_h;
	struct modes switches;
	bool cursor_shown, away, fresh;
	short pair[STYLE_ROLES];
	attr_t attr[STYLE_ROLES];
	bool never_bold[STYLE_ROLES]; /* bold would show another colour: one of the first eight of sixteen */
	int32_t rgb[FRAME_RGB_MOST];  /* true colour: palette entry 16 + i stands for rgb[i] */
	int rgb_count;
	struct tty_stderr errors;
};

static struct screen *own(const struct term *t)
{
	return t->own;
}

/* ---- bytes out ---- */

/* What curses has written since the last call, into s->out. */
static void collect(struct term *t)
{
	struct screen *s = own(t);
	int fd = fileno(s->frame);
	struct stat st;
	char *bytes;
	bool whole;

	fflush(s->frame);
	if (fstat(fd, &st) || st.st_size <= 0)
		return;
	/* What a key changes comes in one piece anyway. */
	whole = s->switches.sync && st.st_size > SYNC_LEAST;
	bytes = xmalloc((size_t)st.st_size);
	if (pread(fd, bytes, (size_t)st.st_size, 0) == st.st_size) {
		str_adds(&s->wire.out, whole ? MODES_SYNC_BEGIN : "");
		frame_add(&s->wire.out, bytes, (size_t)st.st_size, s->rgb,
		          t->colours == TERM_TRUE ? s->rgb_count : 0);
		str_adds(&s->wire.out, whole ? MODES_SYNC_END : "");
	}
	free(bytes);
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		t->hung_up = true;
}

static bool send_some(struct term *t)
{
	struct wire *w = &own(t)->wire;
	bool all = wire_send(w);

	t->hung_up |= w->gone;
	return all;
}

static void add_capability(struct str *out, const char *name)
{
	const char *p = tigetstr((NCURSES_CONST char *)name);

	if (!p || p == (char *)-1)
		return;
	while (*p) { /* without the "$<5>" that asks for a delay */
		const char *end = p[0] == '$' && p[1] == '<' ? strchr(p, '>') : NULL;

		if (end)
			p = end + 1;
		else
			str_addc(out, *p++);
	}
}

/* What gives the terminal back whatever has come out before. */
static void add_way_back(const struct screen *s, struct str *out)
{
	static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};

	if (s->switches.able)
		str_adds(out, "\x1b\\"); /* a copy may have been cut off */
	modes_off(&s->switches, out);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		add_capability(out, names[i]);
}

/* From now on the terminal is given back however the program ends. */
static void arm(struct screen *s)
{
	struct str back;

	str_init(&back);
	add_way_back(s, &back);
	restore_arm(s->wire.tty, &s->modes, back.data, back.len);
	str_release(&back);
}

/* ---- colours ---- */

static short palette(struct screen *s, const struct term *t, int32_t colour, attr_t *attr, bool background)
{
	if (colour < 0 || t->colours == TERM_MONO)
		return -1;
	if (colour >= TERM_RGB(0, 0, 0)) {
		int i = 0;

		while (i < s->rgb_count && s->rgb[i] != colour)
			i++;
		if (i == FRAME_RGB_MOST)
			return -1;
		s->rgb[i] = colour;
		if (i == s->rgb_count)
			s->rgb_count++;
		return (short)(FRAME_RGB_FIRST + i);
	}
	if (colour >= COLORS) { /* eight colours: the bright ones are bold */
		if (!background && colour < 16)
			*attr |= A_BOLD;
		return (short)(colour % 8);
	}
	return (short)colour;
}

static void set_looks(struct term *t)
{
	struct screen *s = own(t);
	short used_fg[STYLE_ROLES] = {0}, used_bg[STYLE_ROLES] = {0};
	int32_t before[FRAME_RGB_MOST];
	int used = 0, before_count = s->rgb_count;

	memcpy(before, s->rgb, sizeof before);
	s->rgb_count = 0;
	for (int i = 0; i < STYLE_ROLES; i++) {
		const struct term_look *look = &t->looks[i];
		attr_t attr = A_NORMAL;
		short fg = palette(s, t, look->fg, &attr, false), bg = palette(s, t, look->bg, &attr, true);
		int k = 0;

		attr |= look->attr & TERM_ATTR_BOLD ? A_BOLD : 0;
		attr |= look->attr & TERM_ATTR_DIM ? A_DIM : 0;
		attr |= look->attr & TERM_ATTR_UNDERLINE ? A_UNDERLINE : 0;
		attr |= look->attr & TERM_ATTR_REVERSE ? A_REVERSE : 0;
		attr |= look->attr & TERM_ATTR_ITALIC ? A_ITALIC : 0;
		s->attr[i] = attr;
		s->never_bold[i] = t->colours == TERM_16 && look->fg >= 0 && look->fg < 8;
		s->pair[i] = 0;
		if (fg < 0 && bg < 0)
			continue;
		while (k < used && (used_fg[k] != fg || used_bg[k] != bg))
			k++;
		/* A terminal with few pairs keeps the last roles plain rather than wrong. */
		if (k == used) {
			if (used + 1 >= COLOR_PAIRS || init_pair((short)(used + 1), fg, bg) == ERR)
				continue;
			used_fg[used] = fg;
			used_bg[used++] = bg;
		}
		s->pair[i] = (short)(k + 1);
	}
	/* Where an entry stands for another colour now, curses cannot know that its cells look otherwise. */
	for (int i = 0; i < before_count && i < s->rgb_count; i++)
		s->fresh = s->fresh || before[i] != s->rgb[i];
	free(s->shown); /* pairs have changed their meaning: tell every cell anew */
	s->shown = NULL;
}

/* "xterm-direct": what curses takes for the index of a colour would be the colour. */
static bool is_direct(const char *type)
{
	return type && strstr(type, "-direct");
}

static enum term_colours colour_level(const struct term_options *options, const char *type)
{
	const char *no = getenv("NO_COLOR"), *depth = getenv("COLORTERM");
	const char *sample = tigetstr((NCURSES_CONST char *)"setaf");
	bool deep = (depth && (!strcmp(depth, "truecolor") || !strcmp(depth, "24bit"))) || is_direct(type);
	enum term_colours level;

	/* init_pair without colours crashes in some versions: nothing of it is called for mono */
	if (options->no_colour || (no && *no) || !has_colors() || start_color() == ERR || COLORS < 8)
		return TERM_MONO;
	use_default_colors();
	level = COLORS >= 256 ? TERM_256 : TERM_16;
	/* On a slow line the longer sequences of true colour are not worth it. */
	if (level == TERM_256 && deep && !getenv("SSH_TTY") && sample && sample != (char *)-1 &&
	    strstr(sample, "38;5;"))
		level = TERM_TRUE;
	if (options->max_colours && (int)level > options->max_colours - 1)
		level = (enum term_colours)(options->max_colours - 1);
	return level;
}

/* ---- cells to curses ---- */

static size_t to_wide(const struct cell *c, wchar_t out[CCHARW_MAX + 1])
{
	const unsigned char *p = (const unsigned char *)c->text;
	size_t n = 0;

	for (size_t i = 0; i < c->len && n < CCHARW_MAX;) {
		size_t len = p[i] < 0x80 ? 1 : p[i] < 0xE0 ? 2 : p[i] < 0xF0 ? 3 : 4;
		wchar_t w = (wchar_t)(len == 1 ? p[i] : p[i] & (0x7F >> len));

		for (size_t k = 1; k < len && i + k < c->len; k++)
			w = w << 6 | (p[i + k] & 0x3F);
		out[n++] = w;
		i += len;
	}
	out[n] = 0;
	return n;
}

static void put_cell(struct screen *s, int x, int y, const struct cell *c)
{
	int role = c->style & STYLE_ROLE_MASK;
	attr_t attr;
	wchar_t text[CCHARW_MAX + 1];
	cchar_t cc;

	if (role >= STYLE_ROLES)
		role = STYLE_TEXT;
	attr = s->attr[role];
	attr |= c->style & STYLE_BOLD && !s->never_bold[role] ? A_BOLD : 0;
	attr |= c->style & STYLE_UNDERLINE ? A_UNDERLINE : 0;
	attr |= c->style & STYLE_DIM ? A_DIM : 0;
	if (c->style & STYLE_REVERSE)
		attr ^= A_REVERSE;
	to_wide(c, text);
	if (setcchar(&cc, text, attr, s->pair[role], NULL) == ERR)
		setcchar(&cc, L"?", attr, s->pair[role], NULL);
	mvadd_wch(y, x, &cc);
}

static bool present(struct term *t)
{
	struct screen *s = own(t);
	const struct grid *g = &t->grid;
	size_t row = (size_t)g->w;

	if (s->away || t->hung_up)
		return true;
	if (!send_some(t))
		return false;
	if (!s->switches.sync && decoder_sync(t->decoder)) {
		s->switches.sync = true;
		arm(s); /* a frame that is cut off must not hold the screen */
	}
	if (!s->shown || s->shown_w != g->w || s->shown_h != g->h) {
		free(s->shown);
		s->shown = xcalloc(size_mul(row, (size_t)g->h), sizeof *s->shown);
		s->shown_w = g->w;
		s->shown_h = g->h;
	}
	for (int y = 0; y < g->h; y++) {
		const struct cell *now = g->cells + (size_t)y * row;
		struct cell *shown = s->shown + (size_t)y * row;

		if (!memcmp(now, shown, row * sizeof *now))
			continue;
		for (int x = 0; x < g->w; x++)
			if (now[x].width && (memcmp(&now[x], &shown[x], sizeof *now) ||
			                     (now[x].width == 2 && memcmp(&now[x + 1], &shown[x + 1], sizeof *now))))
				put_cell(s, x, y, &now[x]);
		memcpy(shown, now, row * sizeof *now);
	}
	if (g->cursor_visible != s->cursor_shown) {
		s->cursor_shown = g->cursor_visible;
		curs_set(s->cursor_shown);
	}
	/* The hardware cursor stands on the selection even where it is not shown: screen readers follow it. */
	if (g->cursor_x >= 0)
		move(g->cursor_y, g->cursor_x);
	else
		move(g->h - 1, 0);
	if (s->fresh)
		clearok(curscr, TRUE);
	s->fresh = false;
	wnoutrefresh(stdscr);
	doupdate();
	collect(t);
	return send_some(t);
}

static bool flush(struct term *t)
{
	return send_some(t);
}

static void redraw(struct term *t)
{
	own(t)->fresh = true;
}

/* ---- modes ---- */

static void set_raw(struct screen *s)
{
	tcsetattr(s->wire.tty, TCSANOW, &s->raw);
}

static void leave(struct term *t)
{
	struct screen *s = own(t);

	if (s->away)
		return;
	s->away = true;
	/* On a slow line the rest of a frame that nobody will see is not waited for. */
	if (wire_cut(&s->wire))
		add_way_back(s, &s->wire.out);
	else
		modes_off(&s->switches, &s->wire.out);
	endwin();
	collect(t);
	if (!wire_send_all(&s->wire, FLUSH_MS)) {
		wire_again(&s->wire);
		wire_send_all(&s->wire, FLUSH_MS);
	}
	tcsetattr(s->wire.tty, TCSANOW, &s->modes);
	restore_disarm();
}

static void take_size(struct term *t)
{
	struct screen *s = own(t);

	tty_size(s->wire.tty, &t->new_w, &t->new_h);
	resize_term(t->new_h, t->new_w);
	free(s->shown); /* a smaller size has cut what curses knew, whatever size the next frame has */
	s->shown = NULL;
	t->resized = true;
	s->fresh = true; /* the terminal may have moved lines about */
}

static void enter(struct term *t)
{
	struct screen *s = own(t);

	if (!s->away)
		return;
	s->away = false;
	set_raw(s);
	arm(s);
	modes_on(&s->switches, &s->wire.out);
	take_size(t);
}

static void suspend(struct term *t)
{
	struct sigaction plain, old;

	leave(t);
	memset(&plain, 0, sizeof plain);
	plain.sa_handler = SIG_DFL;
	sigaction(SIGTSTP, &plain, &old);
	kill(0, SIGTSTP); /* the whole job, as the terminal's own driver does */
	sigaction(SIGTSTP, &old, NULL);
	enter(t);
}

static void set_mouse(struct term *t, bool on)
{
	struct screen *s = own(t);

	s->switches.mouse = on;
	if (!s->away)
		modes_mouse(&s->switches, &s->wire.out);
}

static int copy(struct term *t, const char *text, size_t len, const char **through, struct error *err)
{
	struct screen *s = own(t);
	enum clipboard_way way = clipboard_way(t->type.data, getenv("TMUX"), getenv("STY"));

	if (way == CLIPBOARD_NONE)
		return error_set(err, ERR_ENV, "a terminal of the kind \"%s\" has no clipboard", t->type.data);
	if (wire_left(&s->wire) > COPY_WAITS)
		return error_set(err, ERR_ENV, "the line is slow: what was copied before has not gone out yet");
	*through = way == CLIPBOARD_TMUX     ? "tmux"
	           : way == CLIPBOARD_SCREEN ? "GNU screen"
	           : way == CLIPBOARD_EITHER ? "tmux or GNU screen"
	                                     : NULL;
	clipboard_add(&s->wire.out, way, text, len);
	return 0;
}

/* ---- input and signals ---- */

static void pump(struct term *t, int64_t now_ms)
{
	struct screen *s = own(t);
	struct pollfd p = {.fd = t->in_fd, .events = POLLIN};
	char bytes[4096];
	int sig;

	while ((sig = signals_next())) {
		if (sig == SIGWINCH)
			take_size(t);
		else if (sig == SIGTSTP)
			suspend(t);
		else if (sig == SIGCONT && !s->away) {
			set_raw(s); /* the shell has had the terminal meanwhile */
			take_size(t);
		} else if (sig != SIGCONT)
			t->end_signal = sig;
	}
	while (!t->hung_up && poll(&p, 1, 0) > 0) {
		ssize_t n = read(t->in_fd, bytes, sizeof bytes);

		if (n > 0) {
			term_decoder_feed(t->decoder, bytes, (size_t)n);
			t->input_ms = now_ms;
			if ((size_t)n < sizeof bytes)
				break;
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			t->hung_up = true;
		} else {
			break;
		}
	}
}

static void learn_keys(struct term *t)
{
	static const struct {
		const char *capability;
		uint32_t key;
		unsigned mods;
	} keys[] = {
	    {"kcuu1", TERM_KEY_UP, 0},     {"kcud1", TERM_KEY_DOWN, 0},        {"kcub1", TERM_KEY_LEFT, 0},
	    {"kcuf1", TERM_KEY_RIGHT, 0},  {"khome", TERM_KEY_HOME, 0},        {"kend", TERM_KEY_END, 0},
	    {"kpp", TERM_KEY_PAGE_UP, 0},  {"knp", TERM_KEY_PAGE_DOWN, 0},     {"kich1", TERM_KEY_INSERT, 0},
	    {"kdch1", TERM_KEY_DELETE, 0}, {"kcbt", TERM_KEY_TAB, TERM_SHIFT}, {"kf1", TERM_KEY_F1, 0},
	    {"kf2", TERM_KEY_F1 + 1, 0},   {"kf3", TERM_KEY_F1 + 2, 0},        {"kf4", TERM_KEY_F1 + 3, 0},
	    {"kf5", TERM_KEY_F1 + 4, 0},   {"kf6", TERM_KEY_F1 + 5, 0},        {"kf7", TERM_KEY_F1 + 6, 0},
	    {"kf8", TERM_KEY_F1 + 7, 0},   {"kf9", TERM_KEY_F1 + 8, 0},        {"kf10", TERM_KEY_F1 + 9, 0},
	    {"kf11", TERM_KEY_F1 + 10, 0}, {"kf12", TERM_KEY_F12, 0},
	};

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct str bytes;

		str_init(&bytes);
		add_capability(&bytes, keys[i].capability);
		term_decoder_learn(t->decoder, bytes.data, keys[i].key, keys[i].mods);
		str_release(&bytes);
	}
}

/* ---- opening and closing ---- */

static void release(struct screen *s)
{
	if (s->curses)
		delscreen(s->curses);
	if (s->frame)
		fclose(s->frame);
	if (s->keys)
		fclose(s->keys);
	wire_release(&s->wire);
	tty_stderr_give_back(&s->errors);
	free(s->shown);
	free(s);
}

static void close_curses(struct term *t)
{
	struct screen *s = own(t);
	struct str text;

	leave(t);
	signals_close();
	str_init(&text);
	tty_stderr_read(&s->errors, &text);
	release(s);
	if (text.len)
		safe_fprintf(stderr, "%s", text.data);
	str_release(&text);
}

static const struct term_backend backend = {
    .close = close_curses,
    .pump = pump,
    .present = present,
    .flush = flush,
    .looks = set_looks,
    .redraw = redraw,
    .suspend = suspend,
    .mouse = set_mouse,
    .copy = copy,
};

static int open_files(struct screen *s, struct error *err)
{
	int frame = memfd_create("assay-frame", MFD_CLOEXEC);
	int keys = fcntl(s->wire.tty, F_DUPFD_CLOEXEC, 3);

	s->frame = frame >= 0 ? fdopen(frame, "w") : NULL;
	s->keys = keys >= 0 ? fdopen(keys, "r") : NULL;
	if (s->frame && s->keys)
		return 0;
	if (!s->frame && frame >= 0)
		close(frame);
	if (!s->keys && keys >= 0)
		close(keys);
	return error_errno(err, ERR_ENV, "cannot make a memory file for the screen");
}

static bool has_string(const char *name)
{
	const char *value = tigetstr((NCURSES_CONST char *)name);

	return value && value != (char *)-1;
}

/* From <termcap.h>, whose other header has a `struct term` of its own. */
extern int tgetent(char *buffer, const char *name);

/* The sister of a type of direct colours that has an index of them, where there is one. */
static SCREEN *open_type(struct screen *s, const char *type)
{
	SCREEN *curses = NULL;

	if (is_direct(type)) {
		char *sister = xasprintf("%.*s-256color", (int)(strstr(type, "-direct") - type), type);

		curses = newterm(sister, s->frame, s->keys);
		free(sister);
	}
	return curses ? curses : newterm((NCURSES_CONST char *)type, s->frame, s->keys);
}

/* newterm, with a known type in place of an unknown one. */
static int open_screen(struct screen *s, const char *type, struct str *note, struct error *err)
{
	use_tioctl(FALSE); /* the size is ours to say (resize_term); left to terminfo alone, types without one are
	                      refused */
	s->curses = type && *type ? open_type(s, type) : NULL;
	/* curses does not say why: a type that is described and still refused has no way to place the cursor. */
	if (type && *type && (s->curses ? !has_string("cup") : tgetent(NULL, type) == 1))
		return error_set(
		    err, ERR_ENV,
		    "the terminal \"%s\" cannot place its cursor, so the workbench cannot draw on it: `assay --once "
		    "runs` prints a screen as text, `assay help` lists the commands",
		    type);
	if (!s->curses) {
		s->curses = newterm((NCURSES_CONST char *)"xterm-256color", s->frame, s->keys);
		str_addf(note, "terminal type \"%s\" is not known here; taken as xterm-256color", type ? type : "");
	}
	if (!s->curses)
		return error_set(
		    err, ERR_ENV,
		    "no usable description of the terminal \"%s\" nor of xterm-256color is installed: install "
		    "ncurses-base",
		    type ? type : "");
	return 0;
}

static enum term_charset find_charset(const struct term_options *options, const char *type)
{
	if (options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return TERM_ASCII;
	return type && !strncmp(type, "linux", 5) ? TERM_BLOCKS : TERM_BRAILLE;
}

int term_open_curses(struct term **out, const struct term_options *options, struct error *err)
{
	int in = options->in_fd < 0 ? STDIN_FILENO : options->in_fd;
	int to = options->out_fd < 0 ? STDOUT_FILENO : options->out_fd;
	const char *type = options->type ? options->type : getenv("TERM");
	struct str note;
	struct screen *s;
	struct term *t;
	int w, h, signals;

	*out = NULL;
	if (!isatty(in) || !isatty(to))
		return error_set(
		    err, ERR_ENV,
		    "the workbench needs a terminal; `assay --once runs` prints a screen as text, `assay "
		    "help` lists the commands");
	s = xcalloc(1, sizeof *s);
	wire_init(&s->wire);
	s->errors = (struct tty_stderr){-1, -1};
	str_init(&note);
	/* Before curses, which would take them itself, before the size is asked for and before anything is changed. */
	signals = signals_open();
	if (tty_open(to, &s->wire.tty, &s->modes, err) || open_files(s, err) ||
	    open_screen(s, type, &note, err)) {
		if (s->curses)
			endwin();
		release(s);
		signals_close();
		str_release(&note);
		return -1;
	}
	tty_size(s->wire.tty, &w, &h);
	resize_term(h, w);
	nonl();
	typeahead(-1);
	keypad(stdscr, TRUE);
	scrollok(stdscr, FALSE);
	idlok(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	curs_set(0);
	t = term_make(&backend, w, h, find_charset(options, type), colour_level(options, type));
	str_adds(&t->note, note.data);
	str_release(&note);
	t->own = s;
	t->in_fd = in;
	t->out_fd = s->wire.tty;
	str_adds(&t->type, type ? type : "");
	modes_init(&s->switches, t->type.data, has_string("kmous"), getenv("TERM_PROGRAM"));
	s->switches.mouse = !options->no_mouse;
	learn_keys(t);
	s->raw = s->modes;
	cfmakeraw(&s->raw);
	set_raw(s);
	arm(s);
	t->signal_fd = signals;
	tty_stderr_catch(&s->errors);
	collect(t); /* the alternate screen */
	modes_ask(&s->switches, &s->wire.out);
	if (s->switches.asks)
		decoder_await(t->decoder);
	modes_on(&s->switches, &s->wire.out);
	set_looks(t);
	*out = t;
	return 0;
}
