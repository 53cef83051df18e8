/* The tracking server that a run's program finds in its environment (exchange.h). */
#ifndef ASSAY_RUN_TRACKING_H
#define ASSAY_RUN_TRACKING_H

#include "assay/exchange.h"

enum { TRACKING_VARIABLES = 8 };

struct tracking {
	int listener; /* polled until somebody comes; -1: there is none, or it is served */
	int socket, stop;
	struct tracking_thread *thread; /* once it is served */
	char token[EXCHANGE_TOKEN_TEXT];
	char *store, *run;
	struct run_process supervisor, command;
};

/* Opens the socket, unless the environment has a tracking server already. What fails leaves the run without one. */
void tracking_open(struct tracking *t, struct store *store, const char *run);
/* That of a supervisor which is gone: not served yet. */
bool tracking_inherit(struct tracking *t, const char *store_dir, const char *run, const char *token,
                      int socket);
/* Adds its variables to env at `out`, TRACKING_VARIABLES at most; the new end. */
size_t tracking_environment(const struct tracking *t, struct store *store, int64_t run, char **env,
                            size_t out, struct arena *mem);
/* Somebody has come: serves from now on, in a thread with a store of its own. */
void tracking_serve(struct tracking *t, const struct run_process *supervisor,
                    const struct run_process *command);
/* Answers what has been begun, ends the runs that were left open, and closes. */
void tracking_close(struct tracking *t);

#endif
