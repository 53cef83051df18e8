/*
 * The whole program on every kind of terminal: it draws, sends nothing that the terminal's description does not
 * have, no byte beyond ASCII where the locale has none, no colour where none is wanted or had, and leaves the
 * terminal as it was.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/store.h"
#include "../lib/golden.h"
#include "../lib/pty_must.h"
#include "../lib/store_fixture.h"

/* The last of all: it makes macros of everyday words. */
#include <curses.h>

#include <term.h>

static char *folder, *store, *program;

static const struct kind {
	const char *type;
	bool mono;        /* has no colours */
	bool plain;       /* nothing is sent that terminfo does not have */
	bool unasked;     /* is not asked for synchronized output */
	const char *more; /* another variable */
} KINDS[] = {
    {"xterm", .mono = false},
    {"xterm-256color", .mono = false},
    {"xterm-256color", .more = "COLORTERM=truecolor"},
    {"xterm-direct", .mono = false},
    {"xterm-kitty", .mono = false},
    {"tmux-256color", .mono = false},
    {"screen", .mono = false},
    {"screen-256color", .mono = false},
    {"rxvt-unicode", .mono = false},
    {"linux", .plain = true},
    {"vt100", .mono = true, .plain = true},
    {"vt220", .mono = true, .plain = true},
    {"ansi", .plain = true},
    {"made-up-by-this-test", .mono = false},
};

/* ---- sequences, by their shape ---- */

/*
 * One after p: "CSI ? 25 h" gives "?25h", "CSI 1;2 H" gives "H", "ESC ( B" gives "(", others their second byte.
 * Parameters count only where they say what is switched. Returns its length.
 */
static size_t shape(const char *p, size_t len, struct str *out)
{
	size_t i = 2;

	str_clear(out);
	if (len < 2)
		return len;
	if (p[1] != '[') {
		str_addc(out, p[1]);
		return p[1] == '(' || p[1] == ')' ? 3 : 2;
	}
	while (i < len && ((unsigned char)p[i] < 0x40 || (unsigned char)p[i] > 0x7E))
		i++;
	if (p[2] == '?')
		str_add(out, p + 2, i - 2);
	if (i < len)
		str_addc(out, p[i]);
	return i + 1;
}

/* "?1;2h" is "?1h" and "?2h". */
static void add_shape(struct str *all, const struct str *one)
{
	const char *p = one->data;

	if (*p != '?') {
		str_addf(all, " %s ", p);
		return;
	}
	for (p++; *p; p += *p == ';') {
		size_t n = strcspn(p, ";hl");

		str_addf(all, " ?%.*s%c ", (int)n, p, one->data[one->len - 1]);
		p += n;
		if (*p != ';')
			break;
	}
}

/* A capability without what terminfo computes in it: parameters do not matter here. */
static void literal(struct str *out, const char *p)
{
	str_clear(out);
	while (*p) {
		if (p[0] == '$' && p[1] == '<') {
			while (*p && *p != '>')
				p++;
			p += *p == '>';
		} else if (p[0] == '%' && p[1] == '%') {
			str_addc(out, '%');
			p += 2;
		} else if (p[0] == '%' && p[1] == '{') {
			while (*p && *p != '}')
				p++;
			p += *p == '}';
		} else if (p[0] == '%' && p[1] == '\'') {
			p += 4;
		} else if (p[0] == '%' && strchr("pPg", p[1])) {
			p += 3;
		} else if (p[0] == '%') {
			p += 1;
			while (*p && !strchr("doxXsc+-*/m&|^=<>AO!~it?e;l", *p))
				p++;
			p += *p != 0;
		} else {
			str_addc(out, *p++);
		}
	}
}

/* All shapes of a type's description. */
static void known_shapes(const char *type, struct str *all)
{
	int status;
	struct str text, one;

	assert_int_equal(setupterm((char *)(uintptr_t)type, STDOUT_FILENO, &status), OK);
	str_init(&text);
	str_init(&one);
	str_clear(all);
	for (size_t i = 0; strnames[i]; i++) {
		const char *value = tigetstr((char *)(uintptr_t)strnames[i]);

		if (!value || value == (char *)-1)
			continue;
		literal(&text, value);
		for (size_t at = 0; at < text.len;) {
			if (text.data[at] != 0x1B) {
				if ((unsigned char)text.data[at] < 0x20)
					str_addf(all, " ^%c ", text.data[at] + '@');
				at++;
				continue;
			}
			at += shape(text.data + at, text.len - at, &one);
			add_shape(all, &one);
		}
	}
	str_release(&text);
	str_release(&one);
	del_curterm(cur_term);
}

static bool in(const struct str *all, const char *what)
{
	char *word = xasprintf(" %s ", what);
	bool found = strstr(all->data, word) != NULL;

	free(word);
	return found;
}

/* Parameters of an SGR sequence that choose a colour. */
static bool colours(const char *p, size_t len)
{
	for (size_t i = 2; i < len; i++) {
		long n = strtol(p + i, NULL, 10);

		if ((n >= 30 && n <= 38) || (n >= 40 && n <= 48) || n >= 90)
			return true;
		i += strcspn(p + i, ";m");
	}
	return false;
}

static void check_bytes(const struct kind *k, const struct str *raw, bool ascii, bool mono)
{
	static const char *const own[] = {"?2004h", "?2004l", "?1004h", "?1004l",
	                                  "?1002h", "?1002l", "?1006h", "?1006l"};
	struct str known, one, each;
	const char *described = !strcmp(k->type, "made-up-by-this-test") || !strcmp(k->type, "xterm-kitty")
	                            ? "xterm-256color"
	                        : !strcmp(k->type, "xterm-direct") ? "xterm-256color"
	                                                           : k->type;

	str_init(&known);
	str_init(&one);
	str_init(&each);
	known_shapes(described, &known);
	for (size_t i = 0; !k->plain && i < COUNT_OF(own); i++)
		str_addf(&known, " %s ", own[i]);
	if (!k->plain)
		str_adds(&known, " ?2026$p ");
	for (size_t at = 0; at < raw->len;) {
		unsigned char c = (unsigned char)raw->data[at];

		if (c == 0x1B) {
			size_t n = shape(raw->data + at, raw->len - at, &one);

			if (one.len && one.data[one.len - 1] == 'm' && mono && colours(raw->data + at, n))
				fail_msg("%s: a colour: \\e%.*s", k->type, (int)n - 1, raw->data + at + 1);
			str_clear(&each);
			if (one.len && one.data[one.len - 1] != 'p')
				add_shape(&each, &one);
			else
				str_addf(&each, " %s ", one.data);
			for (char *word = each.data; (word = strchr(word, ' ')); word += strcspn(word + 1, " ") + 1) {
				char *name = xmemdup0(word + 1, strcspn(word + 1, " "));

				if (*name && !in(&known, name))
					fail_msg("%s does not know \\e%.*s (%s)", k->type, (int)n - 1, raw->data + at + 1, name);
				free(name);
			}
			at += n;
			continue;
		}
		if (c < 0x20 && c != '\r' && c != '\n' && c != '\b' && c != '\t') {
			char name[] = {'^', (char)(c + '@'), 0};

			if (!in(&known, name))
				fail_msg("%s: a control that it does not know: %02x", k->type, c);
		}
		if (ascii && c > 0x7E)
			fail_msg("%s: a byte beyond ASCII: %02x", k->type, c);
		at++;
	}
	str_release(&known);
	str_release(&one);
	str_release(&each);
}

/* ---- the matrix ---- */

static void expect(struct pty *p, const struct kind *k, const char *text)
{
	if (!pty_expect(p, text, PTY_PATIENCE))
		print_error("%s: ", k->type);
	pty_must(p, text);
}

/* Every mode that was switched on is off again at the end. */
static void assert_switched_off(const struct kind *k, const struct str *raw)
{
	static const char *const modes[] = {"2004", "1004", "1002", "1006", "1049", "2026", "1"};

	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		char *on = xasprintf("\x1b[?%sh", modes[i]), *off = xasprintf("\x1b[?%sl", modes[i]);
		const char *last_on = NULL, *last_off = NULL;

		for (const char *at = raw->data; (at = strstr(at, on)); at++)
			last_on = at;
		for (const char *at = raw->data; (at = strstr(at, off)); at++)
			last_off = at;
		if (last_on && (!last_off || last_off < last_on))
			fail_msg("%s: mode %s stays on", k->type, modes[i]);
		free(on);
		free(off);
	}
}

static void one_terminal(const struct kind *k, bool utf8, bool colour, bool ascii_option)
{
	char *term = xasprintf("TERM=%s", k->type), *where = xasprintf("ASSAY_STORE=%s", store);
	const char *const argv[] = {program, ascii_option ? "--ascii" : NULL, NULL};
	const char *const env[] = {term,
	                           where,
	                           utf8 ? "LC_ALL=C.UTF-8" : "LC_ALL=C",
	                           colour ? "NO_COLOR" : "NO_COLOR=1",
	                           k->more ? k->more : "COLORTERM",
	                           "SSH_TTY",
	                           "TMUX",
	                           "STY",
	                           NULL};
	struct pty *p = pty_start(argv, env, 80, 24);
	bool ascii = !utf8 || ascii_option, visible;
	int x, y;

	expect(p, k, "? help");
	pty_type(p, "2");
	expect(p, k, "calm-heron-077");
	expect(p, k, ascii ? "> " : "▸ ");
	pty_type(p, "jk");
	expect(p, k, "2 Runs");
	expect(p, k, "credit-risk");
	pty_must_rest(p, 20);
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	check_bytes(k, pty_raw(p), ascii, k->mono || !colour);
	assert_switched_off(k, pty_raw(p));
	assert_false(pty_alternate(p));
	assert_true(pty_cooked(p));
	assert_true(pty_untouched(p));
	pty_cursor(p, &x, &y, &visible);
	assert_true(visible);
	if (k->more && colour)
		assert_non_null(strstr(pty_raw(p)->data, "38;2;"));
	if (!strcmp(k->type, "xterm-direct") && colour)
		assert_non_null(strstr(pty_raw(p)->data, "38;2;"));
	pty_free(p);
	free(term);
	free(where);
}

static void utf8_and_colour(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(KINDS); i++)
		one_terminal(&KINDS[i], true, true, false);
}

static void locale_c(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(KINDS); i++)
		one_terminal(&KINDS[i], false, true, false);
}

static void ascii_without_colour(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(KINDS); i++)
		one_terminal(&KINDS[i], true, false, true);
}

/* ---- hostile text ---- */

static const char *const HOSTILE[] = {
    "\x1b[2J\x1b[31mred\x07\x1b]0;owned\x07", /* C0, sequences */
    "a\rb\bc\vd\x0e"
    "e\x7f", /* more of C0, DEL */
    "\xc2\x9b"
    "31m \xc2\x90q \xc2\x9d"
    "52;c;eA==\xc2\x9c", /* C1 */
    "\x9b"
    "31m \x90 \x9d", /* C1 as bytes, which are no UTF-8 */
    "x\xe2\x80\xae"
    "1987.0 \xe2\x81\xa6y\xe2\x80\x8f",                  /* overrides, isolates, marks */
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 0.99",             /* Hebrew beside numbers */
    "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xd9\xa3\xd9\xa4", /* Arabic, with digits of its own */
    "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89 storm",
    "\xcc\x81mark first",
    "\xff\xfe\xc3(\xed\xa0\x80\xf5\x80\xc0\xaf", /* no UTF-8 */
    "\xe6\xbc\xa2\xe5\xad\x97\xe3\x81\x8b\xe3\x81\xaa wide",
    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac "
    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
    "zero\xe2\x80\x8bwidth\xef\xbb\xbf \xc2\xad",     /* zero width */
    "\xf3\xa0\x81\x81 tag \xee\x80\x80 \xef\xb7\x90", /* tags, private use, a noncharacter */
    "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab jamo \xe0\xb8\x81\xe0\xb8\xb3",
};

static int add_hostile(struct store *s, size_t i, struct error *err)
{
	const char *text = HOSTILE[i], *other = HOSTILE[(i + 1) % COUNT_OF(HOSTILE)];
	struct run_new run = {.name = text,
	                      .experiment = other,
	                      .kind = "command",
	                      .command = "[\"sh\",\"\\u001b[31m\\u202e\"]",
	                      .cwd = "/tmp",
	                      .host = text,
	                      .user = text,
	                      .created = FIXTURE_NOW - (int64_t)i * 60000};
	struct run_process self = {.pid = 1, .boot_id = "none"};
	struct run_artifact log = {.name = "output.log", .kind = "log", .at = FIXTURE_NOW};
	struct run_ending end = {.status = RUN_DONE, .reason = text, .exit_status = 0, .at = FIXTURE_NOW};
	struct point points[] = {{1, FIXTURE_NOW, 0.5}, {2, FIXTURE_NOW, 0.75}};
	char uuid[ID_TEXT];
	int64_t id;

	if (store_run_create(s, &run, &id, uuid, err) || store_param_set(s, id, "depth", text, err) ||
	    store_param_set(s, id, other, "1", err) || store_tag_set(s, id, "team", other, err) ||
	    store_run_start(s, id, &self, run.created, err) ||
	    store_series_append(s, id, SERIES_METRIC, "auc", "", points, 2, err) ||
	    store_series_append(s, id, SERIES_METRIC, text, other, points, 2, err) ||
	    store_note_add(s, id, text, FIXTURE_NOW, err) ||
	    store_object_put(s, text, strlen(text), log.digest, err))
		return -1;
	log.bytes = (int64_t)strlen(text);
	return store_artifact_add(s, id, &log, err) || store_run_end(s, id, &end, err) ? -1 : 0;
}

/* Nothing of the text may do anything: what is not a sequence of ours is printable, whole and stays in its place. */
static void check_text(const struct str *raw)
{
	struct str shape_text;

	str_init(&shape_text);
	for (size_t at = 0; at < raw->len;) {
		const unsigned char *p = (const unsigned char *)raw->data + at;
		size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
		char hex[64];
		uint32_t c = n == 1 ? p[0] : p[0] & (0x7FU >> n);

		snprintf(hex, sizeof hex, "%02x %02x %02x %02x at %zu", p[0], p[1], p[2], p[3], at);
		if (p[0] == 0x1B) {
			at += shape(raw->data + at, raw->len - at, &shape_text);
			continue;
		}
		if (p[0] >= 0x80 && (p[0] < 0xC2 || p[0] > 0xF4))
			fail_msg("no UTF-8: %s", hex);
		for (size_t i = 1; i < n; i++) {
			if ((p[i] & 0xC0) != 0x80)
				fail_msg("no UTF-8: %s", hex);
			c = c << 6 | (p[i] & 0x3F);
		}
		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\b') || (c >= 0x7F && c < 0xA0))
			fail_msg("a control: %s", hex);
		if ((c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
		    c == 0x61C || c == 0xFEFF || c == 0xAD || (c >= 0x590 && c <= 0x8FF) ||
		    (c >= 0xE000 && c <= 0xF8FF) || c >= 0xE0000)
			fail_msg("hidden or from right to left: %s", hex);
		at += n;
	}
	str_release(&shape_text);
}

/* What stands right of names stands where it should, whatever they hold. */
static void check_columns(struct pty *p, int rows)
{
	struct pty_cell cell;
	int x = 0, seen = 0;

	for (int y = 4; y < rows; y++)
		for (int k = 0; k < 120; k++) {
			pty_cell(p, k, y, &cell);
			if (strcmp(cell.text, "\xe2\x9c\x93") != 0)
				continue;
			if (seen++ && k != x)
				fail_msg("row %d: the status stands at %d, not %d", y, k, x);
			x = k;
			break;
		}
	assert_true(seen >= (int)COUNT_OF(HOSTILE) - 1);
}

static void hostile_text(void **state)
{
	static const char *const tour[] = {"Enter", "Tab",  "Tab", "Tab", "Tab", "Tab",
	                                   "Esc",   "PgDn", "?",   "Esc", ":",   "Esc"};
	static const int sizes[][2] = {{120, 40}, {80, 24}, {40, 12}};
	char *inside = path_join(folder, "hostile"), *path = path_join(inside, ".assay"),
	     *where = xasprintf("ASSAY_STORE=%s", path);
	const char *const argv[] = {program, NULL};
	const char *const env[] = {where, "LC_ALL=C.UTF-8", "TMUX", "STY", NULL};
	struct store *s;
	struct error err;
	struct pty *p;

	(void)state;
	if (dir_make(inside, &err) || store_init(path, &err) || store_open(&s, path, STORE_WRITE, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT_OF(HOSTILE); i++)
		if (add_hostile(s, i, &err))
			fail_msg("%s", err.text);
	store_close(s);
	p = pty_start(argv, env, 118, 40);
	pty_must(p, "? help");
	pty_type(p, "2");
	pty_must(p, "storm");
	pty_must_rest(p, 50);
	check_columns(p, 40);
	/* every run from all sides, every screen, at sizes that cut names anywhere */
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		pty_resize(p, sizes[k][0], sizes[k][1]);
		pty_drain(p, 50);
		for (size_t i = 0; i < COUNT_OF(HOSTILE); i++) {
			for (size_t t = 0; t < COUNT_OF(tour); t++) {
				pty_key(p, tour[t]);
				pty_drain(p, 10);
			}
			pty_type(p, "2j");
		}
		pty_type(p, "1");
		pty_drain(p, 20);
		pty_type(p, "3");
		pty_drain(p, 20);
		pty_type(p, "2 c");
		pty_drain(p, 20);
		/* what is typed comes back too */
		pty_key(p, "Esc");
		pty_must_rest(p, 60);
		pty_type(p, "2/");
		pty_type(p, "\x1b[200~");
		for (size_t i = 0; i < COUNT_OF(HOSTILE); i++)
			pty_type(p, HOSTILE[i]);
		pty_type(p, "\x1b[201~");
		pty_drain(p, 50);
		pty_key(p, "Esc");
		pty_must_rest(p, 60);
		pty_key(p, "Esc");
		pty_must_rest(p, 60);
	}
	check_text(pty_raw(p));
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
	free(inside);
	free(path);
	free(where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_and_colour),
	    cmocka_unit_test(locale_c),
	    cmocka_unit_test(ascii_without_colour),
	    cmocka_unit_test(hostile_text),
	};
	const struct golden_group group = {"terminals", true, &folder, {{"full", store_fixture, &store}}};
	int failed;

	program = golden_program();
	failed = golden_run(&group, tests);
	free(program);
	return failed;
}
