/* What each role is: what it colours, what it may look like, how well it must be seen. */
#include <math.h>

#include "assay/theme.h"

enum kind { WORDS, LINES };

/* The samples are ASCII and short: they stand in a column of the theme editor. */
static const struct {
	const char *about, *sample;
	enum kind kind;
} roles[STYLE_ROLES] = {
    [STYLE_TEXT] = {"everything without a meaning of its own", "0.8061", WORDS},
    [STYLE_MUTED] = {"what matters less: units, ages, ids, notes", "12m ago", WORDS},
    [STYLE_ACCENT] = {"what the eye should find first: the threshold, what is chosen", "0.50", WORDS},
    [STYLE_GOOD] = {"verdicts that are good: ok, verified, a gate that passes", "ok", WORDS},
    [STYLE_WARN] = {"what wants attention: at the limit, stale, needs you", "at the limit", WORDS},
    [STYLE_BAD] = {"what is wrong: fails, broken, not verified", "fails", WORDS},
    [STYLE_INFO] = {"facts that are neither good nor bad: waived, in review", "waived", WORDS},
    [STYLE_RUNNING] = {"status of a run that goes on", "running", WORDS},
    [STYLE_QUEUED] = {"status of a run that waits", "queued", WORDS},
    [STYLE_DONE] = {"status of a run that ended well", "done", WORDS},
    [STYLE_FAILED] = {"status of a run that failed", "failed", WORDS},
    [STYLE_KILLED] = {"status of a run that was stopped", "killed", WORDS},
    [STYLE_LOST] = {"status of a run of which nothing is known any more", "lost", WORDS},
    [STYLE_TITLE] = {"top row: the program's name; titles of texts", "assay", WORDS},
    [STYLE_TITLE_PATH] = {"top row: where you are", "demo > runs", WORDS},
    [STYLE_TITLE_NEEDS] = {"top row: what needs you", "1 to sign", WORDS},
    [STYLE_TAB] = {"screens and tabs that are not open", "Data", WORDS},
    [STYLE_TAB_ACTIVE] = {"the screen or tab that is open", "2 Runs", WORDS},
    [STYLE_TAB_KEY] = {"the digit of a screen", "3", WORDS},
    [STYLE_HEADING] = {"heading of a part of a screen", "GATES", WORDS},
    [STYLE_LABEL] = {"name of a field, before its value", "owner", WORDS},
    [STYLE_HEADER] = {"titles of columns", "accuracy", WORDS},
    [STYLE_HEADER_SORT] = {"title of the column that a list is sorted by", "age", WORDS},
    [STYLE_ROW_CURSOR] = {"the current row: its sign and its first column", "swift-otter", WORDS},
    [STYLE_ROW_MARKED] = {"sign of a marked row; how many are marked", "2 marked", WORDS},
    [STYLE_ROW_BASELINE] = {"sign of the row that others are compared with", "b", WORDS},
    [STYLE_BEST] = {"the best value of a comparison", "0.8436", WORDS},
    [STYLE_CHANGED] = {"a value that differs from the baseline's", "depth 4", WORDS},
    [STYLE_BORDER] = {"lines between the parts of a screen", "------", LINES},
    [STYLE_BORDER_ACTIVE] = {"border of a dialog", "+----+", LINES},
    [STYLE_DIALOG] = {"text of a dialog", "Stop this run?", WORDS},
    [STYLE_FIELD] = {"a field of a form", "logistic", WORDS},
    [STYLE_FIELD_ACTIVE] = {"the field, button or completion that has the keyboard", "0.1", WORDS},
    [STYLE_FIELD_BAD] = {"a field whose value cannot be", "-3", WORDS},
    [STYLE_PROMPT] = {"the sign before a line to type in", "/", WORDS},
    [STYLE_PROMPT_TEXT] = {"what is typed there", "auc > 0.8", WORDS},
    [STYLE_COMPLETION] = {"what could come next while typing", "accuracy", WORDS},
    [STYLE_MESSAGE] = {"message row: what was done", "theme dark", WORDS},
    [STYLE_ERROR] = {"what went wrong, and what to do", "no such run", WORDS},
    [STYLE_COMMAND] = {"the command that would have done the same", "$ assay runs", WORDS},
    [STYLE_KEY] = {"a key, in the footer and in help", "Enter", WORDS},
    [STYLE_HINT] = {"what that key does", "open", WORDS},
    [STYLE_DISABLED] = {"what cannot be done just now", "promote", LINES},
    [STYLE_SEARCH] = {"what a search has found in a text", "loss", WORDS},
    [STYLE_AXIS] = {"axes of a chart, with their numbers", "0.80 |", WORDS},
    [STYLE_GRID] = {"lines inside a chart; limits", "- - -", LINES},
    [STYLE_CROSSHAIR] = {"the crosshair of a chart and its value", "0.8113", WORDS},
    [STYLE_SPARK] = {"small curves in lists", "._-^^", LINES},
    [STYLE_HISTOGRAM] = {"bars of a histogram", "#####", LINES},
    [STYLE_HISTOGRAM_OTHER] = {"the histogram that it is compared with", "#####", LINES},
    [STYLE_HEAT] = {"heat map: much; its steps lead to here from the background", "97", LINES},
    [STYLE_HEAT_1] = {"heat map, first step: a little", "10", LINES},
    [STYLE_HEAT_2] = {"heat map, second step", "30", LINES},
    [STYLE_HEAT_3] = {"heat map, third step", "50", LINES},
    [STYLE_HEAT_4] = {"heat map, fourth step", "65", LINES},
    [STYLE_HEAT_5] = {"heat map, fifth step", "80", LINES},
    [STYLE_HEAT_6] = {"heat map, sixth step: much", "97", LINES},
    [STYLE_HEAT_LESS] = {"heat map below nought: much; its steps lead to here", "-97", LINES},
    [STYLE_HEAT_LESS_1] = {"heat map below nought, first step: a little", "-10", LINES},
    [STYLE_HEAT_LESS_2] = {"heat map below nought, second step", "-30", LINES},
    [STYLE_HEAT_LESS_3] = {"heat map below nought, third step", "-50", LINES},
    [STYLE_HEAT_LESS_4] = {"heat map below nought, fourth step", "-65", LINES},
    [STYLE_HEAT_LESS_5] = {"heat map below nought, fifth step", "-80", LINES},
    [STYLE_HEAT_LESS_6] = {"heat map below nought, sixth step: much", "-97", LINES},
    [STYLE_GAUGE] = {"how much is done", "=====", LINES},
    [STYLE_GAUGE_EMPTY] = {"how much is left", "-----", LINES},
    [STYLE_SERIES_1] = {"first curve of a chart", "o--o--o", LINES},
    [STYLE_SERIES_2] = {"second curve", "o--o--o", LINES},
    [STYLE_SERIES_3] = {"third curve", "o--o--o", LINES},
    [STYLE_SERIES_4] = {"fourth curve", "o--o--o", LINES},
    [STYLE_SERIES_5] = {"fifth curve", "o--o--o", LINES},
    [STYLE_SERIES_6] = {"sixth curve", "o--o--o", LINES},
    [STYLE_SERIES_7] = {"seventh curve", "o--o--o", LINES},
    [STYLE_SERIES_8] = {"eighth curve", "o--o--o", LINES},
};

const char *theme_role_about(int role)
{
	return roles[role].about;
}

const char *theme_role_sample(int role)
{
	return roles[role].sample;
}

double theme_contrast_wanted(int role)
{
	return roles[role].kind == LINES ? 3 : 4.5;
}

double theme_contrast(const struct theme *t, enum term_colours level, int role)
{
	const struct term_look *look = &t->looks[level][role];
	int32_t fg = look->fg < 0 ? t->foreground.value[level] : look->fg;
	int32_t bg = look->bg < 0 ? t->background.value[level] : look->bg;

	return fg < 0 || bg < 0 ? (double)NAN : theme_ratio(theme_rgb(level, fg), theme_rgb(level, bg));
}
