/* assay serve: the store as a tracking server for MLflow's clients. */
#include "assay/work_serve.h"
#include "cli_run.h"
#include "commands.h"

struct said {
	struct cli *cli;
	bool local;
};

static void say(void *user, const char *address, const char *token)
{
	const struct said *s = user;
	if (s->local) {
		safe_fprintf(stdout, "serving on %s, token %s\n", address, token);
	} else {
		safe_fprintf(stdout, "export MLFLOW_TRACKING_URI=%s\nexport MLFLOW_TRACKING_TOKEN=%s\n", address,
		             token);
		if (!s->cli->quiet)
			fprintf(stderr, "Set these where the programs run. Ctrl-C ends it.\n");
	}
	fflush(stdout);
}

int cmd_serve(struct cli *c)
{
	struct work_serving serving = {.path = cli_get(c, "unix"), .read_only = cli_has(c, "read-only")};
	struct said said = {c, serving.path != NULL};
	struct store *store = NULL;
	int64_t port = 0;
	int status = cli_get_int(c, "port", 0, 65535, &port);
	if (status == 0 && serving.path && port)
		status = error_set(&c->err, ERR_USAGE, "--port and --unix exclude each other");
	if (status == 0)
		status = work_open(c->store, STORE_WRITE, &store, &c->err);
	serving.port = (int)port;
	if (status == 0)
		status = work_serve(store, &serving, say, &said, &c->err);
	store_close(store);
	return status;
}
