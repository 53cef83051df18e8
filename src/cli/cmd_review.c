/* assay review [ID]: what waits, or everything that is to be read before one proposal is signed. */
#include <math.h>
#include <unistd.h>

#include "cli_trust.h"
#include "commands.h"

/* ---- what waits ---- */

static void waiting_json(const struct ledger_proposal *const *list, size_t count)
{
	struct str json;
	struct json_writer j;
	char at[TIME_TEXT];
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct ledger_text *x = list[i]->text;
		jw_object(&j, NULL);
		jw_int(&j, "proposal", list[i]->row);
		jw_string(&j, "model", x->model);
		jw_int(&j, "version", x->version);
		jw_string(&j, "stage", x->stage);
		jw_string(&j, "subject", x->subject);
		jw_string(&j, "proposer", x->signer);
		jw_string(&j, "proposed", time_rfc3339(list[i]->at, at));
		jw_string(&j, "reason", x->reason);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void waiting_text(const struct cli *c, const struct ledger_proposal *const *list, size_t count)
{
	struct listing g;
	char at[TIME_TEXT], machine[TIME_TEXT];
	listing_init(&g);
	listing_column(&g, "id", "proposal", GRID_RIGHT);
	listing_column(&g, "version", "version", GRID_LEFT);
	listing_column(&g, "to", "stage", GRID_LEFT);
	listing_column(&g, "by", "proposer", GRID_LEFT);
	listing_column(&g, "proposed", "proposed", GRID_LEFT);
	listing_column(&g, "reason", "reason", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		const struct ledger_text *x = list[i]->text;
		char *version = xasprintf("%s@%lld", x->model, (long long)x->version);
		listing_int(&g, list[i]->row);
		listing_text(&g, version, GRID_PLAIN);
		listing_text(&g, x->stage, GRID_PLAIN);
		listing_text(&g, x->signer, GRID_PLAIN);
		listing_both(&g, time_local(list[i]->at, at), time_rfc3339(list[i]->at, machine), false, GRID_PLAIN);
		listing_text(&g, x->reason ? x->reason : "", GRID_PLAIN);
		free(version);
	}
	if (count || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		fputs("nothing waits for a signature; `assay propose NAME@V STAGE --reason TEXT` asks for one\n",
		      stderr);
	listing_release(&g);
}

static int list(struct cli *c, struct trust *trust)
{
	struct arena *mem = arena_new();
	const struct ledger_proposal **waiting;
	struct work_person who, *only = NULL;
	const struct work_signer by = {.key = cli_get(c, "key"), .principal = cli_get(c, "as")};
	size_t count;
	int status = 0;
	if (by.key || by.principal) {
		status = by.key ? work_signing_person(trust, &by, mem, &who, &c->err)
		                : work_person_find(trust, by.principal, mem, &who, &c->err);
		only = &who;
	}
	if (status == 0)
		status = work_waiting(trust, only, mem, &waiting, &count, &c->err);
	if (status == 0) {
		if (c->json)
			waiting_json(waiting, count);
		else
			waiting_text(c, waiting, count);
	}
	arena_free(mem);
	return status;
}

/* ---- one proposal ---- */

static void changes_json(struct json_writer *j, const struct work_review *r)
{
	jw_object(j, "changes");
	jw_int(j, "params", (int64_t)r->params_changed);
	jw_int(j, "features_added", (int64_t)r->features_added);
	jw_int(j, "features_removed", (int64_t)r->features_removed);
	jw_int(j, "rows_more", r->rows_more);
	jw_string(j, "code", r->code);
	jw_array(j, "all");
	for (size_t i = 0; i < r->change_count; i++) {
		jw_object(j, NULL);
		jw_string(j, "kind", r->changes[i].kind);
		jw_string(j, "name", r->changes[i].name);
		jw_string(j, "before", r->changes[i].before);
		jw_string(j, "after", r->changes[i].after);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

static const char *status_name(enum proposal_status status)
{
	static const char *const names[] = {
	    [PROPOSAL_IN_REVIEW] = "in review", [PROPOSAL_REJECTED] = "rejected",
	    [PROPOSAL_PROMOTED] = "promoted",   [PROPOSAL_SUPERSEDED] = "superseded",
	    [PROPOSAL_WITHDRAWN] = "withdrawn",
	};
	return names[status];
}

static void review_json(const struct work_review *r)
{
	struct str json;
	struct json_writer j;
	char at[TIME_TEXT];
	const struct ledger_text *x = r->proposal->text;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_int(&j, "proposal", r->proposal->row);
	jw_string(&j, "status", status_name(r->proposal->status));
	jw_string(&j, "model", x->model);
	jw_int(&j, "version", x->version);
	jw_string(&j, "stage", x->stage);
	jw_string(&j, "subject", x->subject);
	jw_string(&j, "proposer", x->signer);
	jw_string(&j, "proposer_name", x->name);
	jw_string(&j, "proposed", time_rfc3339(r->proposal->at, at));
	jw_string(&j, "reason", x->reason);
	jw_string(&j, "policy", x->policy);
	if (r->champion.model) {
		jw_object(&j, "champion");
		jw_int(&j, "version", r->champion.version);
		jw_string(&j, "subject", r->champion.subject);
		jw_string(&j, "since", time_rfc3339(r->champion_since, at));
		jw_object_end(&j);
	} else {
		jw_null(&j, "champion");
	}
	jw_bool(&j, "approved", r->judgement.approved);
	jw_int(&j, "have", r->judgement.have);
	jw_int(&j, "need", r->judgement.need);
	strings_json(&j, "roles_missing", r->judgement.roles_missing, r->judgement.roles_missing_count);
	strings_json(&j, "blocks", r->judgement.blocks, r->judgement.block_count);
	gates_json(&j, &r->judgement);
	votes_json(&j, &r->judgement);
	changes_json(&j, r);
	strings_json(&j, "warnings", r->warnings, r->warning_count);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void changes_text(const struct cli *c, const struct work_review *r)
{
	if (!r->champion.model)
		return;
	heading_print("Changes", c, stdout);
	safe_fprintf(stdout, "  params %zu, features +%zu %s%zu, code %s, training data %+lld rows\n",
	             r->params_changed, r->features_added, sign("−", "-"), r->features_removed, r->code,
	             (long long)r->rows_more);
	for (size_t i = 0; i < r->change_count; i++) {
		const struct work_change *x = &r->changes[i];
		struct str said, line;
		str_init(&said);
		str_init(&line);
		str_addf(&said, "  %s %s: %s %s %s", x->kind, x->name, x->before ? x->before : sign("–", "-"),
		         sign("→", "->"), x->after ? x->after : sign("–", "-"));
		/* A value with line ends in it does not begin lines that would look like the review's own. */
		safe_text(&line, said.data, said.len, 0);
		fprintf(stdout, "%s\n", line.data);
		str_release(&said);
		str_release(&line);
	}
}

static void review_text(const struct cli *c, const struct work_review *r)
{
	const struct ledger_text *x = r->proposal->text;
	const struct ledger_judgement *j = &r->judgement;
	char at[TIME_TEXT], span[TIME_TEXT];
	struct arena *mem = arena_new();
	char *title =
	    xasprintf("%s@%lld %s %s  (proposal %lld, %s)", x->model, (long long)x->version, sign("→", "->"),
	              x->stage, (long long)r->proposal->row, status_name(r->proposal->status));
	safe_fprintf(stdout, "%s\n", title);
	const char *champion =
	    r->champion.model
	        ? arena_printf(mem, "version %lld, there for %s (sha256 %.12s%s)", (long long)r->champion.version,
	                       time_span(r->facts.now - r->champion_since, span), r->champion.subject,
	                       sign("…", "..."))
	        : "nothing: the stage is empty";
	const struct fact facts[] = {
	    {"asks", arena_printf(mem, "%s (%s), %s", x->name, x->signer, time_local(r->proposal->at, at))},
	    {"reason", x->reason},
	    {"against", champion},
	    {"subject", arena_printf(mem, "sha256 %s", x->subject)},
	    {"files",
	     arena_printf(mem, "%zu, %s", r->version.file_count, bytes_people((uint64_t)r->version.bytes, span))},
	    {"policy", arena_printf(mem, "sha256 %.12s%s: %d signature%s", x->policy, sign("…", "..."), j->need,
	                            j->need == 1 ? "" : "s")},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	for (size_t i = 0; i < r->warning_count; i++)
		safe_fprintf(stdout, "! %s\n", r->warnings[i]);
	heading_print("Gates", c, stdout);
	gates_print(c, j, r->gate_champion, r->gate_candidate, r->gate_why);
	changes_text(c, r);
	heading_print("Signed", c, stdout);
	votes_print(c, j);
	safe_fprintf(stdout, "  %d of %d", j->have, j->need);
	for (size_t i = 0; i < j->roles_missing_count; i++)
		safe_fprintf(stdout, "%s%s", i ? ", " : "; waits for: ", j->roles_missing[i]);
	putchar('\n');
	bool open = r->proposal->status == PROPOSAL_IN_REVIEW || r->proposal->status == PROPOSAL_REJECTED;
	if (open && j->block_count)
		heading_print("In the way", c, stdout);
	for (size_t i = 0; open && i < j->block_count; i++)
		safe_fprintf(stdout, "  %s\n", j->blocks[i]);
	if (r->proposal->status == PROPOSAL_IN_REVIEW && !c->quiet)
		safe_fprintf(stdout,
		             j->approved ? "\n$ assay promote %lld\n" : "\n$ assay approve %lld --reason TEXT\n",
		             (long long)r->proposal->row);
	free(title);
	arena_free(mem);
}

int cmd_review(struct cli *c)
{
	struct trusted t;
	struct work_review review;
	int64_t id = 0;
	if (c->arg_count && row_number(c, c->args[0], &id) != 0)
		return -1;
	/* Where a person can look and sign, the workbench opens; everything else is told as text. */
	if (!cli_get(c, "key") && !cli_get(c, "as") && !c->json && !c->csv && !c->tsv && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO)) {
		if (id)
			snprintf(c->start, sizeof c->start, "review:%lld", (long long)id);
		else
			snprintf(c->start, sizeof c->start, "review");
		return 0;
	}
	int status = trust_begin(c, STORE_READ, &t);
	if (status == 0 && !id)
		status = list(c, t.trust);
	if (status == 0 && id && (status = work_review(t.trust, id, &review, &c->err)) == 0) {
		if (c->json)
			review_json(&review);
		else
			review_text(c, &review);
		work_review_release(&review);
	}
	trust_end(&t);
	return status;
}
