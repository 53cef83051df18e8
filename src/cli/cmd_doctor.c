/* assay doctor: what is well with the store, and what is around it. */
#include <stdlib.h>

#include "cli_care.h"
#include "commands.h"

static const char *const signs[CARE_LEVELS][2] = {
    {"✓", "+"}, {"·", "."}, {"!", "!"}, {"✗", "x"}, {"✗", "x"},
};
static const enum listing_style styles[CARE_LEVELS] = {GRID_GOOD, GRID_MUTED, GRID_WARN, GRID_BAD, GRID_BAD};

static void report_json(const struct care_report *r)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "result", care_level_name(care_worst(r)));
	jw_array(&j, "checks");
	for (size_t i = 0; i < r->count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "check", r->lines[i].check);
		jw_string(&j, "level", care_level_name(r->lines[i].level));
		jw_string(&j, "text", r->lines[i].text);
		jw_string(&j, "advice", r->lines[i].advice[0] ? r->lines[i].advice : NULL);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void report_text(const struct cli *c, const struct care_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct care_line *l = &r->lines[i];
		if (c->quiet && l->level < CARE_WARNING)
			continue;
		printf("%s%s%s ", style_on(c, styles[l->level]), sign(signs[l->level][0], signs[l->level][1]),
		       style_off(c, styles[l->level]));
		safe_fprintf(stdout, "%-12s %s\n", l->check, l->text);
		if (l->advice[0] && l->level > CARE_OK)
			safe_fprintf(stdout, "%*s%s %s\n", 15, "", sign("→", "->"), l->advice);
	}
}

/* 0 also when something optional is missing; 1 what is to be seen to; 5 damage; 6 what was decided. */
static int verdict(struct cli *c, const struct care_report *r)
{
	static const enum error_code codes[CARE_LEVELS] = {
	    [CARE_WARNING] = ERR_NO, [CARE_DAMAGE] = ERR_STORE, [CARE_TAMPERED] = ERR_TAMPER};
	enum care_level worst = care_worst(r);
	size_t count = 0;
	if (worst < CARE_WARNING)
		return 0;
	for (size_t i = 0; i < r->count; i++)
		count += r->lines[i].level >= CARE_WARNING;
	return error_set(&c->err, codes[worst], "%zu of %zu checks %s to be seen to", count, r->count,
	                 count == 1 ? "is" : "are");
}

int cmd_doctor(struct cli *c)
{
	struct care_report report;
	struct care_watch watch;
	char *path = store_find(c->store, &c->err);
	if (!path)
		return -1;
	if (cli_has(c, "save")) {
		int saved = cmd_doctor_save(c, path);
		free(path);
		return saved;
	}
	care_report_init(&report);
	care_watch_begin(&watch, c, "doctor");
	int status = work_doctor(path, cli_has(c, "quick"), care_watch, &watch, &report, &c->err);
	care_watch_end(&watch);
	if (status != 0 && watch.stopped)
		error_set(&c->err, ERR_NO, "stopped");
	if (status == 0) {
		if (c->json)
			report_json(&report);
		else
			report_text(c, &report);
		status = verdict(c, &report);
	}
	care_report_release(&report);
	free(path);
	return status;
}
