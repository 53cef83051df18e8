/* assay doctor --save DIR: a new store of what is whole in this one, and the account of what is not. */
#include <stdlib.h>

#include "cli_care.h"
#include "commands.h"

static void salvage_json(const struct work_salvage *w)
{
	const struct store_salvage *s = &w->rows;
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "place", w->place);
	jw_string(&j, "problem", s->problem);
	jw_bool(&j, "header_mended", s->mended);
	jw_bool(&j, "schema_mended", s->schema_mended);
	jw_bool(&j, "store_id_found", s->id_found);
	jw_array(&j, "tables");
	for (size_t i = 0; i < s->table_count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "table", s->tables[i].name);
		jw_int(&j, "rows", s->tables[i].rows);
		jw_int(&j, "refused", s->tables[i].refused);
		jw_string(&j, "lost", s->tables[i].lost[0] ? s->tables[i].lost : NULL);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_int(&j, "stand_ins", s->stand_ins);
	jw_object(&j, "series");
	jw_int(&j, "points", s->points);
	jw_int(&j, "damaged", s->series_damaged);
	jw_int(&j, "points_lost", s->points_lost);
	jw_array(&j, "lost");
	for (int64_t i = 0; i < s->series_damaged && i < SALVAGE_TOLD; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "run", s->series[i].run);
		jw_string(&j, "name", s->series[i].name);
		jw_string(&j, "context", s->series[i].context);
		jw_int(&j, "points", s->series[i].lost);
		jw_string(&j, "where", s->series[i].where);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	jw_object(&j, "objects");
	jw_int(&j, "saved", w->objects);
	jw_int(&j, "bytes", w->object_bytes);
	jw_array(&j, "lost");
	for (size_t i = 0; i < w->lost_count; i++)
		jw_string(&j, NULL, w->lost[i]);
	jw_array_end(&j);
	jw_object_end(&j);
	jw_object(&j, "ledger");
	jw_int(&j, "rows", w->ledger_rows);
	jw_string(&j, "problem", w->ledger_problem);
	jw_object_end(&j);
	jw_int(&j, "live", w->live);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void salvage_text(const struct work_salvage *w)
{
	enum { MOST = 20 };
	const struct store_salvage *s = &w->rows;
	char runs[NUM_TEXT], points[NUM_TEXT], objects[NUM_TEXT];
	safe_fprintf(stdout, "%s: %s run%s with %s point%s, %s object%s, %lld row%s of the ledger\n", w->place,
	             count_people(s->runs, runs), PLURAL(s->runs), count_people(s->points, points),
	             PLURAL(s->points), count_people(w->objects, objects), PLURAL(w->objects),
	             (long long)w->ledger_rows, PLURAL(w->ledger_rows));
	if (s->problem)
		safe_fprintf(stdout, "nothing of assay.db: %s\n", s->problem);
	if (s->mended)
		fputs("the beginning of assay.db was not that of a store, and was supposed to be\n", stdout);
	if (s->schema_mended)
		fputs("the pages that say where its tables are were lost; they were supposed to be those of every "
		      "store\n",
		      stdout);
	if (!s->id_found)
		fputs("the store's own id was lost\n", stdout);
	for (size_t i = 0; i < s->table_count; i++) {
		if (s->tables[i].lost[0])
			safe_fprintf(stdout, "table %s: %lld row%s; lost: %s\n", s->tables[i].name,
			             (long long)s->tables[i].rows, PLURAL(s->tables[i].rows), s->tables[i].lost);
		if (s->tables[i].refused)
			safe_fprintf(stdout, "table %s: %lld row%s left out: of another table, or leading nowhere\n",
			             s->tables[i].name, (long long)s->tables[i].refused, PLURAL(s->tables[i].refused));
	}
	if (s->stand_ins)
		fprintf(stdout, "stand-ins (\"lost-…\") for runs or experiments whose own row is lost: %lld\n",
		        (long long)s->stand_ins);
	if (s->series_damaged)
		fprintf(stdout, "%lld series not whole, %lld point%s lost:\n", (long long)s->series_damaged,
		        (long long)s->points_lost, PLURAL(s->points_lost));
	for (int64_t i = 0; i < s->series_damaged && i < MOST; i++)
		safe_fprintf(stdout, "  %s %s%s%s%s: %s\n", s->series[i].run, s->series[i].name,
		             s->series[i].context[0] ? "[" : "", s->series[i].context,
		             s->series[i].context[0] ? "]" : "",
		             s->series[i].where[0]
		                 ? s->series[i].where
		                 : "its points or its figures are not what they were; the figures were made anew");
	if (s->series_damaged > MOST)
		fputs("  … (--json has more)\n", stdout);
	for (size_t i = 0; i < w->lost_count; i++)
		fprintf(stdout, "lost: the object %s\n", w->lost[i]);
	if (w->ledger_problem)
		safe_fprintf(stdout, "the ledger ends before its time: %s\n", w->ledger_problem);
}

/* Anything that was there and is not: status 5, and 6 if it is a decision. */
static int salvage_verdict(struct cli *c, const struct work_salvage *w)
{
	const struct store_salvage *s = &w->rows;
	bool lost = s->problem || s->series_damaged || s->stand_ins || w->lost_count;
	for (size_t i = 0; i < s->table_count; i++)
		lost = lost || s->tables[i].lost[0] || s->tables[i].refused;
	if (w->ledger_problem)
		return error_set(&c->err, ERR_TAMPER, "saved into %s, but for decisions: %s", w->place,
		                 w->ledger_problem);
	return lost ? error_set(&c->err, ERR_STORE, "saved into %s what is whole; not everything was", w->place)
	            : 0;
}

int cmd_doctor_save(struct cli *c, const char *path)
{
	struct arena *mem = arena_new();
	struct work_salvage done;
	struct care_watch watch;
	char *place = work_restore_place(cli_get(c, "save"));
	care_watch_begin(&watch, c, "saving");
	int status = work_salvage(path, place, care_watch, &watch, mem, &done, &c->err);
	care_watch_end(&watch);
	if (status != 0 && watch.stopped)
		error_set(&c->err, ERR_NO, "stopped: nothing is at %s", place);
	if (status == 0) {
		if (c->json)
			salvage_json(&done);
		else if (!c->quiet)
			salvage_text(&done);
		status = salvage_verdict(c, &done);
	}
	free(place);
	arena_free(mem);
	return status;
}
