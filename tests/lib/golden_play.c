#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/ui.h"

#include "golden_play.h"

void golden_play_on(struct term *term, const struct view_options *options, const char *name,
                    const char *script, struct str *out)
{
	struct str own, seen;
	struct error err;
	struct ui *ui;

	str_init(&own);
	str_init(&seen);
	if (view_begin(&ui, term, options, &err) != 0)
		fail_msg("%s", err.text);
	if (ui_script(ui, name, script, out ? out : &own, &err) != 0) {
		grid_text(term_grid(term), &seen);
		fail_msg("%s: %s\n%s", name, err.text, seen.data);
	}
	str_release(&own);
	str_release(&seen);
	view_end(ui);
}

void golden_play(const struct view_options *options, const struct golden_how *how, const char *name,
                 const char *script, struct str *out)
{
	struct term *term = term_open_memory(how->w, how->h, how->charset, how->colours);

	golden_play_on(term, options, name, script, out);
	term_close(term);
}

void golden_draw(const struct view_options *options, const struct golden_how *how, const char *file,
                 const char *script, void (*mask)(struct str *text))
{
	char *whole = golden_script(how, script);
	struct str out;

	str_init(&out);
	golden_play(options, how, file, whole, &out);
	if (mask)
		mask(&out);
	golden_compare(file, how, &out);
	str_release(&out);
	free(whole);
}

void golden_draw_sizes(const struct view_options *options, bool ascii, const char *name, const char *script)
{
	struct golden_how how = {"sizes", 80, 24, ascii ? TERM_ASCII : TERM_BRAILLE, TERM_256, false};
	struct str whole, out;

	str_init(&whole);
	str_init(&out);
	str_adds(&whole, script);
	golden_sizes(&whole);
	golden_play(options, &how, name, whole.data, &out);
	assert_null(strstr(out.data, "\x1b"));
	assert_null(strstr(out.data, "\x07"));
	assert_null(strstr(out.data, "\xff"));
	assert_null(strstr(out.data, "\xe2\x80\xae"));
	str_release(&whole);
	str_release(&out);
}
