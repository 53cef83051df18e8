/* The themes that come with us: every role stands out from its background at every level of colours, and the
 * two for colour-blind people keep apart, for their eyes, what has to be told apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/theme.h"

static void formulas(void **state)
{
	int32_t black = TERM_RGB(0, 0, 0), white = TERM_RGB(255, 255, 255), rgb;

	(void)state;
	/* The greys on white around which everybody's checker turns from no to yes. */
	assert_true(fabs(theme_ratio(black, white) - 21) < 1e-9);
	assert_true(fabs(theme_ratio(TERM_RGB(0x76, 0x76, 0x76), white) - 4.54) < 0.005);
	assert_true(fabs(theme_ratio(white, TERM_RGB(0x77, 0x77, 0x77)) - 4.48) < 0.005);
	assert_true(fabs(theme_ratio(TERM_RGB(255, 0, 0), white) - 4.00) < 0.005);
	assert_true(fabs(theme_distance(black, white) - 1) < 1e-4);
	assert_true(theme_distance(white, white) < 1e-12);
	assert_int_equal(theme_rgb(TERM_256, 16), black);
	assert_int_equal(theme_rgb(TERM_256, 231), white);
	assert_int_equal(theme_rgb(TERM_256, 75), TERM_RGB(95, 175, 255));
	assert_int_equal(theme_rgb(TERM_256, 244), TERM_RGB(128, 128, 128));
	assert_int_equal(theme_rgb(TERM_16, 12), TERM_RGB(92, 92, 255));
	for (int i = 16; i < 256; i++)
		assert_int_equal(theme_rgb(TERM_256, theme_nearest(TERM_256, theme_rgb(TERM_256, i))),
		                 theme_rgb(TERM_256, i));
	assert_int_equal(theme_nearest(TERM_16, TERM_RGB(250, 10, 5)), 9);
	assert_int_equal(theme_nearest(TERM_16, TERM_RGB(0x83, 0xc2, 0x75)), 2); /* pale, but green */
	assert_int_equal(theme_nearest(TERM_16, TERM_RGB(0x94, 0x9e, 0xa2)), 8); /* grey stays grey */
	assert_int_equal(theme_nearest(TERM_16, TERM_RGB(0xe0, 0x50, 0xd0)), 13);
	for (int i = 0; i < 16; i++)
		assert_int_equal(theme_nearest(TERM_16, theme_rgb(TERM_16, i)), i);
	assert_true(theme_rgb_parse("#6cb6ff", &rgb) && rgb == TERM_RGB(0x6c, 0xb6, 0xff));
	assert_true(theme_rgb_parse("108 182, 255", &rgb) && rgb == TERM_RGB(108, 182, 255));
	assert_false(theme_rgb_parse("108 182", &rgb));
	assert_false(theme_rgb_parse("108 182 256", &rgb));
	assert_false(theme_rgb_parse("1 2 3 4", &rgb));
	assert_false(theme_rgb_parse("#6cb6f", &rgb));
}

/* The themes beside the program, whatever else the person has. */
static void each(void (*fn)(const struct theme *t, void *user), void *user)
{
	struct arena *a = arena_new();
	size_t count;
	const char **names = theme_names(a, &count);
	struct theme *t = xcalloc(1, sizeof *t);
	struct error err;

	assert_true(count >= 12);
	for (size_t i = 0; i < count; i++) {
		if (theme_find(t, names[i], &err))
			fail_msg("%s", err.text);
		fn(t, user);
	}
	free(t);
	arena_free(a);
}

static void check_theme(const struct theme *t, void *user)
{
	bool strong = !strcmp(t->name, "projector");
	int *faults = user;

	for (int role = 0; role < STYLE_ROLES; role++)
		for (int level = TERM_16; level <= TERM_TRUE; level++) {
			double has = theme_contrast(t, (enum term_colours)level, role),
			       wanted = theme_contrast_wanted(role);

			if (strong && level == TERM_TRUE)
				wanted = wanted > 3 ? 7 : 4.5;
			/* Many terminals show a bold one of the eight as its bright one, which is another colour. */
			if (level == TERM_16 && t->looks[level][role].attr & TERM_ATTR_BOLD &&
			    t->looks[level][role].fg >= 0 && t->looks[level][role].fg < 8)
				has = 0;
			/* Dimmed, a colour is another one, and nobody says which. */
			if (has >= wanted && !(t->looks[level][role].attr & TERM_ATTR_DIM))
				continue;
			print_error("%s: %s, level %d: contrast %.2f, wanted %.1f\n", t->name, style_role_name(role),
			            level, has, wanted);
			++*faults;
		}
	if (!t->about[0] || strlen(t->about) >= sizeof t->about - 1) {
		print_error("%s: says nothing about itself, or too much\n", t->name);
		++*faults;
	}
}

static void contrast(void **state)
{
	int faults = 0;

	(void)state;
	each(check_theme, &faults);
	assert_int_equal(faults, 0);
}

/* ---- eyes that lack a kind of cones ---- */

/* Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency",
 * IEEE TVCG 15(6), 2009: the matrices for severity 1.0, on linear RGB. */
enum eye { TRICHROMAT, PROTANOPE, DEUTERANOPE, TRITANOPE };
static const double eyes[][3][3] = {
    [TRICHROMAT] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    [PROTANOPE] = {{0.152286, 1.052583, -0.204868},
                   {0.114503, 0.786281, 0.099216},
                   {-0.003882, -0.048116, 1.051998}},
    [DEUTERANOPE] = {{0.367322, 0.860646, -0.227968},
                     {0.280085, 0.672501, 0.047413},
                     {-0.011820, 0.042940, 0.968881}},
    [TRITANOPE] = {{1.255528, -0.076749, -0.178779},
                   {-0.078411, 0.930809, 0.147602},
                   {0.004733, 0.691367, 0.303900}},
};

static int32_t seen(int32_t rgb, enum eye eye)
{
	double in[3];
	int32_t out = TERM_RGB(0, 0, 0);

	for (int i = 0; i < 3; i++) {
		double v = (rgb >> (16 - 8 * i) & 255) / 255.0;

		in[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
	}
	for (int i = 0; i < 3; i++) {
		double v = eyes[eye][i][0] * in[0] + eyes[eye][i][1] * in[1] + eyes[eye][i][2] * in[2];

		v = v < 0 ? 0 : v > 1 ? 1 : v;
		v = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
		out |= (int32_t)lround(255 * v) << (16 - 8 * i);
	}
	return out;
}

/* The least distance between the colours of these roles, as that eye sees them. */
static double least(const struct theme *t, enum term_colours level, const int *roles, size_t count,
                    enum eye eye)
{
	double best = 9;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++) {
			double d = theme_distance(seen(theme_rgb(level, t->looks[level][roles[i]].fg), eye),
			                          seen(theme_rgb(level, t->looks[level][roles[k]].fg), eye));

			best = d < best ? d : best;
		}
	return best;
}

static const int verdicts[] = {STYLE_GOOD, STYLE_WARN, STYLE_BAD};
static const int series[] = {STYLE_SERIES_1, STYLE_SERIES_2, STYLE_SERIES_3, STYLE_SERIES_4,
                             STYLE_SERIES_5, STYLE_SERIES_6, STYLE_SERIES_7, STYLE_SERIES_8};

static void for_these_eyes(const char *name, const enum eye *whose, size_t count)
{
	struct theme *t = xcalloc(1, sizeof *t);
	struct error err;

	if (theme_find(t, name, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < count; i++)
		for (int level = TERM_256; level <= TERM_TRUE; level++) {
			double v = least(t, (enum term_colours)level, verdicts, COUNT_OF(verdicts), whose[i]);
			double s = least(t, (enum term_colours)level, series, COUNT_OF(series), whose[i]);

			if (v < 0.15 || s < 0.08)
				fail_msg("%s, eye %d, level %d: verdicts %.3f, series %.3f", name, (int)whose[i], level, v,
				         s);
		}
	free(t);
}

static void colour_blind(void **state)
{
	struct theme *dark = xcalloc(1, sizeof *dark);

	(void)state;
	for_these_eyes("red-green", (const enum eye[]){TRICHROMAT, PROTANOPE, DEUTERANOPE}, 3);
	for_these_eyes("blue-yellow", (const enum eye[]){TRICHROMAT, TRITANOPE}, 2);
	/* That the measure tells something: what everyone else is shown does not pass for these eyes. */
	assert_int_equal(theme_find(dark, "dark", NULL), 0);
	assert_true(least(dark, TERM_TRUE, verdicts, COUNT_OF(verdicts), DEUTERANOPE) < 0.05);
	assert_true(least(dark, TERM_TRUE, series, COUNT_OF(series), TRITANOPE) < 0.05);
	free(dark);
}

/* For everybody else: eight curves and three verdicts are told apart in every theme that has colours. */
static void check_distinct(const struct theme *t, void *user)
{
	double v, s;

	(void)user;
	if (!strcmp(t->name, "mono"))
		return;
	v = least(t, TERM_TRUE, verdicts, COUNT_OF(verdicts), TRICHROMAT);
	s = least(t, TERM_TRUE, series, COUNT_OF(series), TRICHROMAT);
	if (v < 0.08 || s < 0.08)
		fail_msg("%s: verdicts %.3f, series %.3f", t->name, v, s);
}

static void distinct(void **state)
{
	(void)state;
	each(check_distinct, NULL);
}

/* The steps of a heat map lead away from the background, each further than the one before, and what stands in them
 * can be read. */
static void check_ramps(const struct theme *t, void *user)
{
	static const int much[] = {STYLE_HEAT, STYLE_HEAT_LESS};
	int32_t ground = theme_rgb(TERM_TRUE, t->background.value[TERM_TRUE]);

	(void)user;
	for (size_t i = 0; i < COUNT_OF(much); i++) {
		double before = 0;

		for (int step = 1; step <= STYLE_HEAT_STEPS; step++) {
			const struct term_look *look = &t->looks[TERM_TRUE][much[i] + step];
			double d = theme_distance(ground, look->bg);

			if (d < before + 0.02)
				fail_msg("%s: %s: %.3f after %.3f", t->name, style_role_name(much[i] + step), d, before);
			before = d;
			assert_true(theme_ratio(look->fg, look->bg) >= 4.5);
			assert_true(t->looks[TERM_256][much[i] + step].bg >= 16);
			assert_in_range(t->looks[TERM_16][much[i] + step].bg, 0, 15);
		}
	}
}

static void ramps(void **state)
{
	(void)state;
	each(check_ramps, NULL);
}

static void roles_are_told(void **state)
{
	(void)state;
	for (int role = 0; role < STYLE_ROLES; role++) {
		assert_non_null(theme_role_about(role));
		assert_true(strlen(theme_role_about(role)) > 4 && strlen(theme_role_about(role)) < 64);
		assert_true(*theme_role_sample(role) && strlen(theme_role_sample(role)) < 15);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formulas),     cmocka_unit_test(contrast), cmocka_unit_test(ramps),
	    cmocka_unit_test(colour_blind), cmocka_unit_test(distinct), cmocka_unit_test(roles_are_told),
	};

	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
