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
#include "../lib/golden.h"
#include "../lib/pty.h"
#include "../lib/store_fixture.h"

/* The last of all: it makes macros of everyday words. */
#include <curses.h>

#include <term.h>

enum { PATIENCE = 20000 };

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
	struct str screen;

	if (pty_expect(p, text, PATIENCE))
		return;
	str_init(&screen);
	pty_text(p, &screen);
	print_error("%s: \"%s\" did not come; the screen is:\n%s\n", k->type, text, screen.data);
	str_release(&screen);
	fail();
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
	bool ascii = !utf8 || ascii_option, drawn;
	bool visible;
	int x, y;

	expect(p, k, "? help");
	pty_type(p, "2");
	expect(p, k, "calm-heron-077");
	expect(p, k, ascii ? "> " : "▸ ");
	pty_type(p, "jk");
	pty_drain(p, 20);
	drawn = pty_has(p, "2 Runs") && pty_has(p, "credit-risk");
	assert_true(drawn);
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PATIENCE), 0);
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

static int make_store(void **state)
{
	struct error err = {0};

	(void)state;
	folder = golden_folder("terminals", true);
	if (!folder || store_fixture(folder, &store, &err)) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int remove_store(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(store);
	free(program);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_and_colour),
	    cmocka_unit_test(locale_c),
	    cmocka_unit_test(ascii_without_colour),
	};
	char *self = path_absolute(argv[0]), *at = self;

	(void)argc;
	golden_begin();
	/* BUILD/tests/golden/terminals -> BUILD/assay */
	for (int i = 0; i < 3; i++)
		if ((at = strrchr(self, '/')) != NULL)
			*at = 0;
	program = getenv("ASSAY") ? path_absolute(getenv("ASSAY")) : path_join(self, "assay");
	free(self);
	return cmocka_run_group_tests_name("terminals", tests, make_store, remove_store);
}
