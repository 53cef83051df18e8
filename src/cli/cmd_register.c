/* assay register RUN NAME: a run's model becomes a version; assay alias NAME@V ALIAS. */
#include "cli_trust.h"
#include "commands.h"

int cmd_register(struct cli *c)
{
	struct trusted m;
	struct work_version v;
	bool known;
	const struct work_register asked = {.run = c->args[0],
	                                    .name = c->args[1],
	                                    .description = cli_get(c, "description"),
	                                    .owner = cli_get(c, "owner")};
	int status = trust_begin(c, STORE_WRITE, &m);
	if (status == 0)
		status = work_register(m.trust, &asked, &v, &known, m.mem, &c->err);
	if (status == 0 && c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		version_json(&j, &v);
		json_print(&json, stdout);
		str_release(&json);
	} else if (status == 0 && !c->quiet) {
		char size[NUM_TEXT];
		if (known)
			safe_fprintf(stdout, "%s is %s@%lld already\n", v.run_name, v.model, (long long)v.version);
		else
			safe_fprintf(stdout, "registered %s as %s@%lld\n", v.run_name, v.model, (long long)v.version);
		safe_fprintf(stdout, "subject sha256:%s (%zu file%s, %s), row %lld of the ledger\n", v.subject,
		             v.file_count, v.file_count == 1 ? "" : "s", bytes_people((uint64_t)v.bytes, size),
		             (long long)v.row);
	}
	trust_end(&m);
	return status;
}

int cmd_alias(struct cli *c)
{
	struct trusted m;
	int status = trust_begin(c, STORE_WRITE, &m);
	if (status == 0)
		status = work_alias(m.trust, c->args[0], c->args[1], cli_has(c, "remove"), &c->err);
	trust_end(&m);
	return status;
}
