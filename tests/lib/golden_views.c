#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/theme.h"

#include "golden_play.h"
#include "golden_views.h"

static const struct {
	const char *name;
	int w, h;
} SIZES[] = {{"40x12", 40, 12}, {"80x24", 80, 24}, {"160x48", 160, 48}};
static const char *const LEVELS[] = {
    [TERM_MONO] = "mono", [TERM_16] = "16", [TERM_256] = "256", [TERM_TRUE] = "true"};

struct drawn {
	struct str text, styles;
	bool seen[STYLE_ROLES];
};

static void draw_at(void (*draw)(void *user, struct term *term), void *user, int w, int h,
                    enum term_charset charset, enum term_colours colours, void (*mask)(struct str *text),
                    struct drawn *out)
{
	struct term *term = term_open_memory(w, h, charset, colours);
	const struct grid *g;

	str_init(&out->text);
	str_init(&out->styles);
	draw(user, term);
	g = term_grid(term);
	grid_text(g, &out->text);
	if (mask)
		mask(&out->text);
	grid_styles(g, &out->styles);
	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++)
			out->seen[grid_cell(g, x, y)->style & STYLE_ROLE_MASK] = true;
	term_close(term);
}

static void drawn_release(struct drawn *d)
{
	str_release(&d->text);
	str_release(&d->styles);
}

static void add_colour(struct str *out, int32_t colour)
{
	if (colour == TERM_COLOUR_DEFAULT)
		str_adds(out, "default");
	else if (colour & 0x1000000)
		str_addf(out, "#%06x", (unsigned)(colour & 0xffffff));
	else
		str_addf(out, "%d", (int)colour);
}

/* "row.cursor  mono: reverse  16: 15 on 4 bold  256: …" */
static void add_looks(struct str *out, const bool seen[STYLE_ROLES])
{
	struct theme *t = xcalloc(1, sizeof *t);
	struct error err;

	if (theme_find(t, "dark", &err) != 0)
		fail_msg("%s", err.text);
	for (int role = 0; role < STYLE_ROLES; role++) {
		if (!seen[role])
			continue;
		str_adds(out, style_role_name(role));
		for (size_t level = 0; level < COUNT_OF(LEVELS); level++) {
			const struct term_look *look = &t->looks[level][role];

			str_addf(out, "  %s:", LEVELS[level]);
			if (level != TERM_MONO) {
				str_addc(out, ' ');
				add_colour(out, look->fg);
				if (look->bg != TERM_COLOUR_DEFAULT) {
					str_adds(out, " on ");
					add_colour(out, look->bg);
				}
			} else if (!look->attr) {
				str_adds(out, " plain");
			}
			if (look->attr)
				str_addc(out, ' ');
			theme_attr_text(look->attr, out);
		}
		str_addc(out, '\n');
	}
	free(t);
}

/* Lines that are others, with their numbers: a screen without colours has few of them. */
static void add_difference(struct str *out, const char *was, const char *now)
{
	for (int line = 1; *was || *now; line++) {
		size_t a = strcspn(was, "\n"), b = strcspn(now, "\n");

		if (a != b || memcmp(was, now, a) != 0)
			str_addf(out, "%2d|%.*s\n", line, (int)b, now);
		was += a + (was[a] == '\n');
		now += b + (now[b] == '\n');
	}
}

static void compare(const char *name, const char *size, const struct str *got)
{
	char *path = xasprintf("tests/golden/views/%s-%s.txt", name, size);
	struct error err;
	struct str want;

	str_init(&want);
	if (getenv("GENERATE")) {
		if (file_write_atomic(path, got->data, got->len, 0644, &err) != 0)
			fail_msg("%s", err.text);
	} else {
		if (file_read(path, &want, 0, &err) != 0)
			fail_msg("%s (GENERATE=1 makes it)", err.text);
		if (strcmp(want.data, got->data) != 0)
			print_error("%s is not what is drawn now:\n%s\nexpected:\n%s\n", path, got->data, want.data);
		assert_true(strcmp(want.data, got->data) == 0);
	}
	str_release(&want);
	free(path);
}

void golden_view(const char *name, void (*draw)(void *user, struct term *term), void *user,
                 void (*mask)(struct str *text))
{
	for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
		struct drawn level[COUNT_OF(LEVELS)] = {0}, ascii[COUNT_OF(LEVELS)] = {0};
		struct str out;

		str_init(&out);
		for (size_t k = 0; k < COUNT_OF(LEVELS); k++) {
			/* The levels that no file holds only have to say the same: the size that most people have shows that. */
			if (k != TERM_MONO && k != TERM_256 && strcmp(SIZES[i].name, "80x24") != 0)
				continue;
			draw_at(draw, user, SIZES[i].w, SIZES[i].h, TERM_BRAILLE, (enum term_colours)k, mask, &level[k]);
			draw_at(draw, user, SIZES[i].w, SIZES[i].h, TERM_ASCII, (enum term_colours)k, mask, &ascii[k]);
			if (k > TERM_16 && level[TERM_16].text.data &&
			    (strcmp(level[k].text.data, level[TERM_16].text.data) != 0 ||
			     strcmp(ascii[k].text.data, ascii[TERM_16].text.data) != 0))
				fail_msg("%s-%s: another text with %s colours than with 16", name, SIZES[i].name, LEVELS[k]);
			for (const char *c = ascii[k].text.data; *c; c++)
				if ((unsigned char)*c > 0x7e)
					fail_msg("%s-%s: a byte %02x in ASCII", name, SIZES[i].name, (unsigned char)*c);
		}
		str_adds(&out, level[TERM_256].text.data);
		str_adds(&out, "---- without colours\n");
		add_difference(&out, level[TERM_256].text.data, level[TERM_MONO].text.data);
		str_adds(&out, "---- in ASCII\n");
		add_difference(&out, level[TERM_256].text.data, ascii[TERM_256].text.data);
		str_adds(&out, "---- in ASCII without colours\n");
		add_difference(&out, ascii[TERM_256].text.data, ascii[TERM_MONO].text.data);
		str_adds(&out, "---- styles\n");
		str_adds(&out, level[TERM_256].styles.data);
		str_adds(&out, "---- looks\n");
		add_looks(&out, level[TERM_256].seen);
		compare(name, SIZES[i].name, &out);
		for (size_t k = 0; k < COUNT_OF(LEVELS); k++) {
			drawn_release(&level[k]);
			drawn_release(&ascii[k]);
		}
		str_release(&out);
	}
}

struct session {
	const struct view_options *options;
	const char *name, *script;
};

static void draw_session(void *user, struct term *term)
{
	const struct session *s = user;

	golden_play_on(term, s->options, s->name, s->script, NULL);
}

void golden_view_of(const struct view_options *options, const char *name, const char *script,
                    void (*mask)(struct str *text))
{
	struct session s = {options, name, script};

	golden_view(name, draw_session, &s, mask);
}
