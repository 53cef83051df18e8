/*
 * tracking: a server for MLflow's client beside the command. Only a socket until a client comes: a run whose program
 * knows nothing of MLflow pays for that, and for four words in its environment.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "local.h"
#include "tracking.h"

#define URI "MLFLOW_TRACKING_URI"
#define OURS                                                                                                 \
	"ASSAY_MLFLOW_URI" /* the same once more: by this an inner run knows that the other is not its caller's */

void tracking_open(struct tracking *t, struct store *store, const char *run)
{
	int port = 0;

	if (getenv(URI) || exchange_listen(&port, &t->socket, NULL) < 0)
		return;
	t->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->stop < 0) {
		close(t->socket);
		t->socket = -1;
		return;
	}
	t->listener = t->socket;
	exchange_token_make(t->token);
	t->store = xstrdup(store_path(store));
	t->run = xstrdup(run);
}

bool tracking_inherit(struct tracking *t, const char *store_dir, const char *run, const char *token,
                      int socket)
{
	t->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->stop < 0)
		return false;
	t->listener = t->socket = socket;
	memcpy(t->token, token, sizeof t->token);
	t->store = xstrdup(store_dir);
	t->run = xstrdup(run);
	return true;
}

/* Takes variables out of env[0 … out): the new end. In any case, as proxies are named both ways. */
static size_t drop(char **env, size_t out, const char *name)
{
	size_t kept = 0, len = strlen(name);

	for (size_t i = 0; i < out; i++)
		if (strncasecmp(env[i], name, len) != 0 || env[i][len] != '=')
			env[kept++] = env[i];
	return kept;
}

/* A proxy would be asked for this machine's own address. */
static size_t add_no_proxy(char **env, size_t out, struct arena *mem)
{
	static const char *const proxies[] = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
	const char *now = getenv("no_proxy");
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(proxies); i++)
		any |= getenv(proxies[i]) != NULL;
	if (!any)
		return out;
	now = now ? now : getenv("NO_PROXY");
	out = drop(env, out, "no_proxy");
	now = arena_printf(mem, "%s%s127.0.0.1", now ? now : "", now && now[0] ? "," : "");
	env[out++] = arena_printf(mem, "no_proxy=%s", now);
	env[out++] = arena_printf(mem, "NO_PROXY=%s", now);
	return out;
}

size_t tracking_environment(const struct tracking *t, struct store *store, int64_t run, char **env,
                            size_t out, struct arena *mem)
{
	char uri[64];
	int64_t experiment;

	if (t->listener < 0)
		return out;
	exchange_uri(t->socket, uri, sizeof uri);
	/* What the caller had of these was for another server. */
	out = drop(env, out, "MLFLOW_RUN_ID");
	out = drop(env, out, "MLFLOW_TRACKING_TOKEN");
	out = add_no_proxy(env, out, mem);
	env[out++] = arena_printf(mem, URI "=%s", uri);
	env[out++] = arena_printf(mem, OURS "=%s", uri);
	env[out++] = arena_printf(mem, "MLFLOW_RUN_ID=%s", t->run);
	env[out++] = arena_printf(mem, "MLFLOW_TRACKING_TOKEN=%s", t->token);
	/* Where further runs of the program belong, unless it says so itself. */
	if (!getenv("MLFLOW_EXPERIMENT_ID") && !getenv("MLFLOW_EXPERIMENT_NAME") &&
	    exchange_experiment_of(store, run, &experiment) == 0)
		env[out++] = arena_printf(mem, "MLFLOW_EXPERIMENT_ID=%lld", (long long)experiment);
	return out;
}

struct tracking_thread {
	pthread_t id;
};

static void *serve(void *arg)
{
	struct tracking *t = arg;
	struct run_judge *judge = run_judge_new(t->store, NULL);
	struct exchange_options options = {.run = t->run,
	                                   .supervisor = &t->supervisor,
	                                   .command = &t->command,
	                                   .judge = judge ? run_judge_look : NULL,
	                                   .judge_user = judge};
	struct exchange_server server = {.listener = t->socket, .token = t->token, .stop = t->stop};
	struct store *store = NULL;
	struct error err;

	if (store_open(&store, t->store, STORE_WRITE, &err) < 0) {
		exchange_refuse(t->socket, t->stop, err.text);
		run_judge_free(judge);
		return NULL;
	}
	server.exchange = exchange_new(store, &options);
	if (exchange_serve(&server, &err) < 0)
		exchange_refuse(t->socket, t->stop, err.text);
	exchange_end_open(server.exchange, "its program ended and had not ended this run");
	exchange_free(server.exchange);
	run_judge_free(judge);
	store_close(store);
	return NULL;
}

void tracking_serve(struct tracking *t, const struct run_process *supervisor,
                    const struct run_process *command)
{
	t->supervisor = *supervisor;
	t->command = *command;
	t->listener = -1;
	/* Without a thread clients wait in vain, as for a server that is down. */
	t->thread = xmalloc(sizeof *t->thread);
	if (pthread_create(&t->thread->id, NULL, serve, t) != 0) {
		free(t->thread);
		t->thread = NULL;
	}
}

void tracking_close(struct tracking *t)
{
	uint64_t one = 1;

	if (t->thread) {
		(void)!write(t->stop, &one, sizeof one);
		pthread_join(t->thread->id, NULL);
		free(t->thread);
	}
	if (t->socket >= 0) {
		close(t->socket);
		close(t->stop);
	}
	free(t->store);
	free(t->run);
	*t = (struct tracking){.listener = -1, .socket = -1, .stop = -1};
}
