/* Serving MLflow's clients in the foreground. */
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "assay/exchange.h"
#include "assay/run.h"
#include "assay/work_serve.h"
#include "work.h"

static int take_signals(int *fd, struct error *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	*fd = signalfd(-1, &set, SFD_CLOEXEC);
	return *fd < 0 ? error_errno(err, ERR_ENV, "cannot watch for signals") : 0;
}

int work_serve(struct store *store, const struct work_serving *serving, work_serving_fn *ready, void *user,
               struct error *err)
{
	struct exchange_options options = {.read_only = serving->read_only, .judge = run_judge_look};
	struct run_judge *judge;
	char token[EXCHANGE_TOKEN_TEXT], uri[64];
	int port = serving->port, listener = -1, stop = -1, status = -1;
	if (exchange_token_of(store, token, err) != 0 || exchange_load(err) != 0)
		return -1;
	judge = run_judge_new(store_path(store), err);
	if (!judge)
		return -1;
	if (serving->path ? exchange_listen_unix(serving->path, &listener, err)
	                  : exchange_listen(&port, &listener, err)) {
		run_judge_free(judge);
		return -1;
	}
	options.judge_user = judge;
	struct exchange *exchange = exchange_new(store, &options);
	if (take_signals(&stop, err) == 0) {
		const struct exchange_server server = {
		    .exchange = exchange,
		    .listener = listener,
		    .token = token,
		    .local = serving->path != NULL,
		    .stop = stop,
		};
		ready(user, serving->path ? serving->path : exchange_uri(listener, uri, sizeof uri), token);
		status = exchange_serve(&server, err);
	}
	exchange_free(exchange);
	run_judge_free(judge);
	if (serving->path)
		unlink(serving->path);
	if (stop >= 0)
		close(stop);
	close(listener);
	return status;
}
