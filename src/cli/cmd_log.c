/* assay log RUN [-f]: what it printed. */
#include <unistd.h>

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

int cmd_log(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	struct run_end end;
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
