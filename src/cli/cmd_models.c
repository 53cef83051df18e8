/* assay models: models, their versions, one version with where it comes from; assay models edit. */
#include "cli_trust.h"
#include "cli_run.h"
#include "commands.h"

static const char *joined(struct arena *mem, const char *const *words, size_t count)
{
	struct str text;
	str_init(&text);
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? ", " : "", words[i]);
	const char *copy = arena_strdup(mem, text.data);
	str_release(&text);
	return copy;
}

static void time_cell(struct listing *g, int64_t at)
{
	char people[TIME_TEXT], machine[TIME_TEXT];
	listing_both(g, age_text(at, people), time_rfc3339(at, machine), false, GRID_PLAIN);
}

/* ---- all models ---- */

static void models_json(const struct work_model_row *rows, size_t count)
{
	struct str json;
	struct json_writer j;
	char at[TIME_TEXT];
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "name", rows[i].name);
		jw_string(&j, "owner", rows[i].owner[0] ? rows[i].owner : NULL);
		jw_string(&j, "description", rows[i].description);
		jw_int(&j, "versions", rows[i].versions);
		jw_int(&j, "latest", rows[i].latest);
		strings_json(&j, "stages", rows[i].stages, rows[i].stage_count);
		jw_int(&j, "waiting", rows[i].waiting);
		jw_string(&j, "created", time_rfc3339(rows[i].created, at));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void models_text(struct cli *c, struct trusted *m, const struct work_model_row *rows, size_t count)
{
	struct listing g;
	if (count == 0 && !c->csv && !c->tsv) {
		if (!c->quiet)
			puts("no models yet: `assay register RUN NAME` makes a version of one");
		return;
	}
	listing_init(&g);
	listing_column(&g, "name", "name", GRID_LEFT);
	listing_column(&g, "versions", "versions", GRID_RIGHT);
	listing_column(&g, "stages", "stages", GRID_LEFT);
	listing_column(&g, "waiting", "waiting", GRID_RIGHT);
	listing_column(&g, "owner", "owner", GRID_LEFT);
	listing_column(&g, "age", "created", GRID_RIGHT);
	listing_column(&g, "description", "description", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		listing_text(&g, rows[i].name, GRID_PLAIN);
		listing_int(&g, rows[i].versions);
		listing_text(&g, joined(m->mem, rows[i].stages, rows[i].stage_count), GRID_GOOD);
		listing_int(&g, rows[i].waiting);
		listing_text(&g, rows[i].owner, GRID_PLAIN);
		time_cell(&g, rows[i].created);
		listing_text(&g, rows[i].description, GRID_MUTED);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static int list_models(struct cli *c, struct trusted *m)
{
	struct work_model_row *rows;
	size_t count;
	if (work_models(m->trust, m->mem, &rows, &count, &c->err) != 0)
		return -1;
	if (c->json)
		models_json(rows, count);
	else
		models_text(c, m, rows, count);
	return 0;
}

/* ---- versions ---- */

void version_json(struct json_writer *j, const struct work_version *v)
{
	char at[TIME_TEXT];
	jw_object(j, NULL);
	jw_string(j, "model", v->model);
	jw_int(j, "version", v->version);
	jw_string(j, "subject", v->subject);
	jw_string(j, "standing", v->standing);
	strings_json(j, "stages", v->stages, v->stage_count);
	strings_json(j, "aliases", v->aliases, v->alias_count);
	jw_string(j, "run_id", v->run_uuid);
	jw_string(j, "run", v->run ? v->run_name : NULL);
	jw_string(j, "launcher", v->launcher);
	jw_string(j, "registrar", v->registrar);
	jw_string(j, "registered", time_rfc3339(v->registered, at));
	jw_int(j, "row", v->row);
	if (v->proposal)
		jw_int(j, "proposal", v->proposal);
	else
		jw_null(j, "proposal");
	jw_string(j, "description", v->description);
	jw_array(j, "files");
	for (size_t i = 0; i < v->file_count; i++) {
		jw_object(j, NULL);
		jw_string(j, "path", v->files[i].path);
		jw_int(j, "bytes", v->files[i].bytes);
		jw_string(j, "digest", v->files[i].digest);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

static enum listing_style standing_style(const char *standing)
{
	return strcmp(standing, "promoted") == 0                                         ? GRID_GOOD
	       : strcmp(standing, "stopped") == 0 || strcmp(standing, "rejected") == 0   ? GRID_BAD
	       : strcmp(standing, "in review") == 0 || strcmp(standing, "approved") == 0 ? GRID_WARN
	                                                                                 : GRID_MUTED;
}

static int list_versions(struct cli *c, struct trusted *m, const char *model)
{
	struct work_version *all;
	size_t count;
	struct listing g;
	if (work_versions(m->trust, model, m->mem, &all, &count, &c->err) != 0)
		return -1;
	if (c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		jw_array(&j, NULL);
		for (size_t i = 0; i < count; i++)
			version_json(&j, &all[i]);
		jw_array_end(&j);
		json_print(&json, stdout);
		str_release(&json);
		return 0;
	}
	listing_init(&g);
	listing_column(&g, "version", "version", GRID_RIGHT);
	listing_column(&g, "standing", "standing", GRID_LEFT);
	listing_column(&g, "stages", "stages", GRID_LEFT);
	listing_column(&g, "aliases", "aliases", GRID_LEFT);
	listing_column(&g, "run", "run", GRID_LEFT);
	listing_column(&g, "registered by", "registrar", GRID_LEFT);
	listing_column(&g, "age", "registered", GRID_RIGHT);
	listing_column(&g, "subject", "subject", GRID_LEFT);
	listing_column(&g, "description", "description", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		const struct work_version *v = &all[i];
		char digest[13];
		snprintf(digest, sizeof digest, "%s", v->subject);
		listing_int(&g, v->version);
		listing_text(&g, v->standing, standing_style(v->standing));
		listing_text(&g, joined(m->mem, v->stages, v->stage_count), GRID_GOOD);
		listing_text(&g, joined(m->mem, v->aliases, v->alias_count), GRID_ACCENT);
		listing_text(&g, v->run ? v->run_name : v->run_uuid, GRID_PLAIN);
		listing_text(&g, v->registrar, GRID_PLAIN);
		time_cell(&g, v->registered);
		listing_both(&g, digest, v->subject, false, GRID_MUTED);
		listing_text(&g, v->description, GRID_MUTED);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	return 0;
}

/* ---- one version ---- */

static void lineage_text(struct cli *c, const struct work_lineage *rows, size_t count)
{
	struct listing g;
	heading_print("Where it comes from", c, stdout);
	listing_init(&g);
	listing_column(&g, "", "", GRID_LEFT);
	listing_column(&g, "", "", GRID_LEFT);
	listing_column(&g, "sha256 or id", "", GRID_LEFT);
	listing_column(&g, "", "", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		char *kind = xasprintf("%*s%s", 2 * rows[i].depth, "", rows[i].kind), digest[13];
		snprintf(digest, sizeof digest, "%s", rows[i].digest);
		listing_text(&g, kind, GRID_MUTED);
		listing_text(&g, rows[i].name, GRID_PLAIN);
		listing_text(&g, digest, GRID_MUTED);
		listing_text(&g, rows[i].note, GRID_PLAIN);
		free(kind);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

static void version_text(struct cli *c, struct trusted *m, const struct work_version *v, const char *problem)
{
	char at[TIME_TEXT], size[NUM_TEXT];
	const struct fact facts[] = {
	    {"version", arena_printf(m->mem, "%s@%lld", v->model, (long long)v->version)},
	    {"standing", v->standing},
	    {"stages", v->stage_count ? joined(m->mem, v->stages, v->stage_count) : NULL},
	    {"aliases", v->alias_count ? joined(m->mem, v->aliases, v->alias_count) : NULL},
	    {"description", v->description[0] ? v->description : NULL},
	    {"registered", arena_printf(m->mem, "%s by %s, row %lld of the ledger", time_local(v->registered, at),
	                                v->registrar, (long long)v->row)},
	    {"subject", v->subject},
	    {"files", arena_printf(m->mem, "%zu, %s, %s", v->file_count, bytes_people((uint64_t)v->bytes, size),
	                           problem ? problem : "intact")},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
}

static int show_version(struct cli *c, struct trusted *m, const char *ref)
{
	struct work_version v;
	struct work_lineage *lineage;
	const char *problem;
	size_t count;
	if (work_version_find(m->trust, ref, m->mem, &v, &c->err) != 0 ||
	    work_version_intact(m->trust, &v, m->mem, &problem, &c->err) != 0 ||
	    work_lineage(m->trust, &v, m->mem, &lineage, &count, &c->err) != 0)
		return -1;
	if (c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		version_json(&j, &v);
		json_print(&json, stdout);
		str_release(&json);
	} else {
		version_text(c, m, &v, problem);
		lineage_text(c, lineage, count);
	}
	return 0;
}

int cmd_models(struct cli *c)
{
	struct trusted m;
	int status = trust_begin(c, STORE_READ, &m);
	const char *name = c->arg_count ? c->args[0] : NULL;
	if (status == 0)
		status = !name               ? list_models(c, &m)
		         : strchr(name, '@') ? show_version(c, &m, name)
		                             : list_versions(c, &m, name);
	trust_end(&m);
	return status;
}

int cmd_models_edit(struct cli *c)
{
	struct trusted m;
	const char *description = cli_get(c, "description"), *owner = cli_get(c, "owner");
	if (!description && !owner)
		return error_set(&c->err, ERR_USAGE, "say what to change: --description TEXT or --owner WHO");
	int status = trust_begin(c, STORE_WRITE, &m);
	if (status == 0)
		status = work_model_edit(m.trust, c->args[0], description, owner, &c->err);
	trust_end(&m);
	return status;
}
