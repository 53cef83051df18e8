/* work, the part that speaks with other tools: a tracking server for MLflow's clients (exchange.h). */
#ifndef ASSAY_WORK_SERVE_H
#define ASSAY_WORK_SERVE_H

#include "assay/work.h"

struct work_serving {
	int port;         /* on 127.0.0.1; 0: a free one */
	const char *path; /* of a Unix socket instead; NULL: none */
	bool read_only;
};
/* Says where it serves, once it does: the address ("http://127.0.0.1:5000", or the socket's path) and the token. */
typedef void work_serving_fn(void *user, const char *address, const char *token);
/* Serves until SIGINT, SIGTERM or SIGHUP, which it takes for itself: for the main thread. Runs that clients made and
 * that report nothing for ten minutes are flagged as stalled. */
int work_serve(struct store *store, const struct work_serving *serving, work_serving_fn *ready, void *user,
               struct error *err);

#endif
