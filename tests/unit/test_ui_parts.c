/* Rows and tabs of a frame, in every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <string.h>

#include "assay/ui.h"
#include "../../src/ui/private.h"

static void rows_of_a_frame(void **state)
{
	(void)state;
	for (int h = LEAST_H; h < 100; h++) {
		struct frame_rows r;

		frame_rows(h, &r);
		assert_int_equal(r.footer, h - 1);
		assert_true(r.body_h >= (h < 7 ? h - 2 : h - 4));
		assert_int_equal(r.body + r.body_h, r.message);
		assert_int_equal(r.title >= 0, h >= 7);
		assert_int_equal(r.tabs >= 0, h >= 10);
	}
}

/* A click means the tab that stands there, also where the first ones have no room. */
static void tabs_of_a_narrow_view(void **state)
{
	static const char *const names[] = {"Summary", "Metrics", "Log", "System", "Files", "Data", "Params"};
	const int count = COUNT_OF(names);

	(void)state;
	for (int width = 12; width <= 80; width++)
		for (int active = 0; active < count; active++) {
			struct term *term = term_open_memory(width, 4, TERM_BRAILLE, TERM_256);
			struct surface s = grid_surface(term_grid(term));
			struct str text;
			bool seen = false;

			str_init(&text);
			ui_tabs_draw(&s, 0, names, count, active);
			grid_text(term_grid(term), &text);
			*strchrnul(text.data, '\n') = 0;
			for (int i = 0; i < count; i++) {
				const char *at = strstr(text.data, names[i]);
				/* A sign may stand before it, of three bytes and one column. */
				int x = at ? text_width(text.data, (size_t)(at - text.data)) : -1;

				if (at)
					assert_int_equal(ui_tabs_hit(names, count, active, width, x), i);
				seen = seen || (at && i == active);
			}
			assert_true(seen);
			str_release(&text);
			term_close(term);
		}
	assert_int_equal(ui_tabs_hit(names, count, 0, 80, 10), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_of_a_frame),
	    cmocka_unit_test(tabs_of_a_narrow_view),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("ui-pulse", tests, NULL, NULL);
}
