/* assay log RUN [-f]: what it printed. assay log -: what comes through a pipe, as a run. */
#include <unistd.h>

#include "assay/work_report.h"
#include "cli_run.h"
#include "commands.h"

/* Everything that is there now. Raw into a file or pipe; made safe for a terminal. */
static int print_log(struct cli *c, struct store *store, const char *uuid)
{
	struct run_log *log = NULL;
	struct str safe;
	static char buffer[1 << 16];
	uint64_t offset = 0;
	size_t got = 0;
	if (run_log_open(store, uuid, &log, &c->err) != 0)
		return -1;
	str_init(&safe);
	bool terminal = isatty(STDOUT_FILENO);
	int status;
	while ((status = run_log_read(log, &offset, buffer, sizeof buffer, &got, &c->err)) == 0 && got > 0) {
		if (terminal) {
			/* A character cut in two by the buffer would look invalid: leave it for the next round. */
			size_t whole = got;
			while (whole > 0 && got - whole < 4 && ((unsigned char)buffer[whole - 1] & 0xC0) == 0x80)
				whole--;
			if (whole > 0 && (unsigned char)buffer[whole - 1] >= 0xC0 && got == sizeof buffer)
				got = whole - 1;
			str_clear(&safe);
			safe_text(&safe, buffer, got, SAFE_NEWLINES);
			fwrite(safe.data, 1, safe.len, stdout);
		} else {
			fwrite(buffer, 1, got, stdout);
		}
		offset += got;
	}
	str_release(&safe);
	run_log_close(log);
	return status;
}

/* 1: there were lines that could not be understood, or it was ended before the end of input. */
static int log_input(struct cli *c)
{
	struct arena *mem = arena_new();
	struct store *store = NULL;
	struct work_set *params, *tags;
	struct run_reported got;
	struct work_report r = {
	    .into = cli_get(c, "run"),
	    .experiment = cli_get(c, "experiment"),
	    .name = cli_get(c, "name"),
	    .from = STDIN_FILENO,
	};
	char number[NUM_TEXT];
	int status = -1;
	if (sets_from_option(c, "param", mem, &params, &r.param_count) != 0 ||
	    sets_from_option(c, "tag", mem, &tags, &r.tag_count) != 0)
		goto out;
	r.params = params;
	r.tags = tags;
	if (work_open(c->store, STORE_WRITE, &store, &c->err) != 0 || work_report(store, &r, &got, &c->err) != 0)
		goto out;
	status = got.bad_lines || (got.over && got.end.status != RUN_DONE);
	if (got.bad_lines)
		safe_fprintf(stderr, "assay: %s %s of run %s could not be understood: assay show %s --bad-lines\n",
		             count_people(got.bad_lines, number), got.bad_lines == 1 ? "line" : "lines", got.run.name,
		             got.run.uuid + 24);
	if (got.over && got.end.status != RUN_DONE)
		safe_fprintf(stderr, "assay: run %s %s: %s\n", got.run.name, store_status_name(got.end.status),
		             got.end.reason);
	if (!c->quiet)
		safe_fprintf(stdout, "%s  %s\n", got.run.uuid, got.run.name);
out:
	store_close(store);
	arena_free(mem);
	return status;
}

/* What only the one of the two has. */
static int check_options(struct cli *c, bool input)
{
	static const char *const of_input[] = {"experiment", "name", "param", "tag", "run"};
	if (input && cli_has(c, "follow"))
		return error_set(&c->err, ERR_USAGE, "assay log - reads event lines: --follow is for a run");
	for (size_t i = 0; !input && i < COUNT_OF(of_input); i++)
		if (cli_has(c, of_input[i]))
			return error_set(&c->err, ERR_USAGE, "--%s is for what comes through a pipe: assay log -",
			                 of_input[i]);
	return 0;
}

int cmd_log(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	struct run_end end;
	bool input = strcmp(c->args[0], "-") == 0;
	if (check_options(c, input) != 0 || input) {
		arena_free(mem);
		return c->err.code ? -1 : log_input(c);
	}
	int status = run_open(c, STORE_READ, c->args[0], &store, mem, &run);
	if (status == 0 && cli_has(c, "follow")) {
		status = run_follow(store, run.uuid, STDOUT_FILENO, isatty(STDOUT_FILENO) ? RUN_FOLLOW_SAFE : 0, &end,
		                    &c->err);
	} else if (status == 0) {
		status = print_log(c, store, run.uuid);
	}
	store_close(store);
	arena_free(mem);
	return status;
}
