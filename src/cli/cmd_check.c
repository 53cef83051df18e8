/* assay check NAME STAGE: may a deployment use what is in the stage? For scripts: the exit status answers. */
#include "cli_trust.h"
#include "commands.h"

static void check_json(const struct cli *c, const struct work_checked *k)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "model", c->args[0]);
	if (k->version.model)
		jw_int(&j, "version", k->version.version);
	else
		jw_null(&j, "version");
	jw_string(&j, "stage", c->args[1]);
	jw_string(&j, "subject", k->version.model ? k->version.subject : NULL);
	jw_string(&j, "result", k->pass ? "pass" : "fail");
	strings_json(&j, "reasons", k->reasons, k->reason_count);
	strings_json(&j, "warnings", k->warnings, k->warning_count);
	gates_json(&j, &k->judgement);
	votes_json(&j, &k->judgement);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

int cmd_check(struct cli *c)
{
	struct trusted t;
	struct work_checked k;
	const char *model = c->args[0], *stage = c->args[1];
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0)
		status = work_check(t.trust, model, stage, cli_get(c, "dir"), &k, &c->err);
	if (status == 0) {
		if (c->json)
			check_json(c, &k);
		for (size_t i = 0; i < k.warning_count && k.pass && !c->json && !c->quiet; i++)
			safe_fprintf(stderr, "! %s\n", k.warnings[i]);
		if (!k.pass)
			status = error_set(&c->err, k.code, "%s must not be used: %s%s%s%s", stage, k.reasons[0],
			                   k.warning_count ? "; " : "", k.warning_count ? k.warnings[0] : "",
			                   k.reason_count > 1 ? " (and more: --json lists it)" : "");
		else if (!c->json && !c->quiet)
			safe_fprintf(stdout, "%s@%lld may be used in %s\n", model, (long long)k.version.version, stage);
		work_checked_release(&k);
	}
	trust_end(&t);
	return status;
}
