/*
 * The tracking server, and MLflow's own beside it if $MLFLOW_REFERENCE names one (http://127.0.0.1:PORT): the same requests
 * on one connection that is kept, taken turn by turn.
 *     bench_exchange [rounds]
 * batch    runs/log-batch of 1,000 metrics: of 10 names with 100 steps each, and of 1,000 names: points a second
 * metric   runs/log-metric: milliseconds a request, median and 99th percentile: over the connection, and at the server
 *          (the call without HTTP, its commit included), there the processor's as well
 * On a machine that others use, wall time tells of them: so the processor time that the servers took is told too;
 * theirs if $MLFLOW_REFERENCE_PID says which process answers.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/exchange.h"

enum { BATCH = 1000, METRICS = 5000, REFERENCE_METRICS = 200, ROUNDS = 7 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Of a process, all its threads. */
static double process_ms(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		return 0;
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double thread_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double q)
{
	qsort(values, count, sizeof *values, by_value);
	return values[(size_t)(q * (double)(count - 1))];
}

/* ---- a client ---- */

struct client {
	int fd, port;
	const char *token;
	char run[ID_TEXT];
	int64_t step;
	pid_t server;   /* 0: not known */
	double cpu;     /* what it took for the requests … */
	int64_t points; /* … of these points */
};

/* The body of the answer, which must be a success. */
static void post(struct client *c, const char *path, const char *body, size_t len, struct str *answer)
{
	struct str head;
	char buffer[65536];
	const char *end = NULL, *length;
	size_t want = SIZE_MAX;

	str_init(&head);
	str_addf(
	    &head,
	    "POST /api/2.0/mlflow/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nContent-Type: "
	    "application/json\r\nContent-Length: %zu\r\n\r\n",
	    path, c->port, c->token, len);
	str_add(&head, body, len);
	if (fd_write_all(c->fd, head.data, head.len) < 0)
		bug("bench_exchange: cannot send");
	str_clear(answer);
	while (answer->len < want) {
		ssize_t n = read(c->fd, buffer, sizeof buffer);
		if (n <= 0)
			bug("bench_exchange: the server has hung up: %s", answer->data);
		str_add(answer, buffer, (size_t)n);
		if (!end && (end = strstr(answer->data, "\r\n\r\n"))) {
			length = strcasestr(answer->data, "content-length:");
			want = (size_t)(end - answer->data) + 4 + (length ? strtoul(length + 15, NULL, 10) : 0);
		}
	}
	if (strncmp(answer->data, "HTTP/1.1 200", 12) != 0)
		bug("bench_exchange: %s", answer->data);
	str_release(&head);
}

static void open_client(struct client *c, int port, const char *token)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	static const char create[] = "{\"experiment_id\":\"0\",\"start_time\":1}";
	struct str answer;
	const char *id;
	int yes = 1;

	*c = (struct client){.port = port, .token = token};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof at))
		bug("bench_exchange: nobody answers on port %d", port);
	str_init(&answer);
	post(c, "runs/create", create, strlen(create), &answer);
	id = strstr(answer.data, "\"run_id\"");
	id = id ? strchr(id + 8, '"') : NULL;
	if (!id)
		bug("bench_exchange: no run: %s", answer.data);
	snprintf(c->run, sizeof c->run, "%.32s", id + 1);
	str_release(&answer);
}

static void batch_body(struct client *c, int names, struct str *out)
{
	str_clear(out);
	str_addf(out, "{\"run_id\": \"%s\", \"metrics\": [", c->run);
	for (int i = 0; i < BATCH; i++)
		str_addf(out,
		         "%s{\"key\": \"metric_%d_%d\", \"value\": %.16g, \"timestamp\": %lld, \"step\": %lld, "
		         "\"run_id\": \"%s\"}",
		         i ? ", " : "", names, i % names, 1.0 / (i + 3 + (double)c->step),
		         1795759022979LL + (long long)c->step, (long long)(c->step + i / names), c->run);
	c->step += BATCH / names;
	str_adds(out, "]}");
}

static double batch_once(struct client *c, int names, int requests)
{
	struct str body, answer;
	double spent = 0, cpu = process_ms(c->server);

	str_init(&body);
	str_init(&answer);
	for (int i = 0; i < requests; i++) {
		batch_body(c, names, &body);
		double start = now_ms();
		post(c, "runs/log-batch", body.data, body.len, &answer);
		spent += now_ms() - start;
	}
	str_release(&body);
	str_release(&answer);
	c->cpu += process_ms(c->server) - cpu;
	c->points += (int64_t)requests * BATCH;
	return requests * (double)BATCH / spent * 1e3;
}

static void metric_body(const char *run, int64_t step, struct str *out)
{
	str_clear(out);
	str_addf(out,
	         "{\"run_uuid\": \"%s\", \"key\": \"loss\", \"value\": %.16g, \"timestamp\": %lld, \"step\": "
	         "%lld, \"run_id\": "
	         "\"%s\"}",
	         run, 1.0 / (double)(step + 3), 1795759022979LL + (long long)step, (long long)step, run);
}

static void metrics(struct client *c, int count, double *out)
{
	struct str body, answer;

	str_init(&body);
	str_init(&answer);
	for (int i = 0; i < count; i++) {
		metric_body(c->run, c->step++, &body);
		double start = now_ms();
		post(c, "runs/log-metric", body.data, body.len, &answer);
		out[i] = now_ms() - start;
	}
	str_release(&body);
	str_release(&answer);
}

/* ---- what is measured ---- */

static void show_metrics(const char *what, double *times, int count)
{
	double median = quantile(times, (size_t)count, 0.5);

	printf("%-46s %8.3f ms, p99 %.3f ms\n", what, median, quantile(times, (size_t)count, 0.99));
}

static void start_count(struct client *c)
{
	c->cpu = 0;
	c->points = 0;
}

static void bench_batch(struct client *ours, struct client *theirs, int names, int rounds)
{
	double a[64], b[64], ratio[64];

	batch_once(ours, names, 2);
	if (theirs)
		batch_once(theirs, names, 1);
	start_count(ours);
	if (theirs)
		start_count(theirs);
	for (int i = 0; i < rounds; i++) {
		a[i] = batch_once(ours, names, 10);
		b[i] = theirs ? batch_once(theirs, names, 1) : 0;
		ratio[i] = theirs ? a[i] / b[i] : 0;
	}
	printf("log-batch, %4d names                          %8.0f points/s, processor %.2f us a point\n", names,
	       quantile(a, (size_t)rounds, 0.5), ours->cpu * 1e3 / (double)ours->points);
	if (!theirs)
		return;
	printf("  … MLflow's server                            %8.0f points/s, processor %.2f us a point: %.0f x",
	       quantile(b, (size_t)rounds, 0.5), theirs->cpu * 1e3 / (double)theirs->points,
	       quantile(ratio, (size_t)rounds, 0.5));
	if (theirs->cpu > 0)
		printf(", %.0f x by the processor",
		       theirs->cpu / (double)theirs->points / ours->cpu * (double)ours->points);
	printf(" (median of %d turns)\n", rounds);
}

/* The call alone, as the server makes it. */
static void bench_call(struct store *store, const char *run)
{
	const struct exchange_options options = {0};
	struct exchange *x = exchange_new(store, &options);
	double *times = xreallocarray(NULL, METRICS, sizeof *times),
	       *cpu = xreallocarray(NULL, METRICS, sizeof *cpu);
	struct str body;

	store_checkpoint_later(store);
	str_init(&body);
	for (int i = 0; i < METRICS; i++) {
		struct exchange_call call = {.method = "POST", .path = "/api/2.0/mlflow/runs/log-metric"};
		struct exchange_answer answer;

		metric_body(run, 1000000 + i, &body);
		call.body = body.data;
		call.body_len = body.len;
		exchange_answer_init(&answer);
		double start = now_ms(), start_cpu = thread_ms();
		exchange_call(x, &call, &answer);
		cpu[i] = thread_ms() - start_cpu;
		times[i] = now_ms() - start;
		if (answer.status != 200)
			bug("bench_exchange: %s", answer.body.data);
		exchange_answer_release(&answer);
	}
	show_metrics("log-metric, at the server", times, METRICS);
	show_metrics("  … of the processor", cpu, METRICS);
	exchange_free(x);
	str_release(&body);
	free(times);
	free(cpu);
}

static void serve(const char *path, int listener, int stop, const char *token)
{
	const struct exchange_options options = {0};
	struct store *store;
	struct error err;

	if (store_open(&store, path, STORE_WRITE, &err) < 0)
		bug("bench_exchange: %s", err.text);
	const struct exchange_server server = {
	    .exchange = exchange_new(store, &options), .listener = listener, .token = token, .stop = stop};
	if (exchange_serve(&server, &err) < 0)
		bug("bench_exchange: %s", err.text);
	exchange_free(server.exchange);
	store_close(store);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR"), *reference = getenv("MLFLOW_REFERENCE"),
	           *reference_pid = getenv("MLFLOW_REFERENCE_PID");
	char *folder = xasprintf("%s/assay-bench-XXXXXX", tmp ? tmp : "/tmp"), token[EXCHANGE_TOKEN_TEXT], *path;
	int port = 0, listener, stop = eventfd(0, EFD_CLOEXEC),
	    rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : ROUNDS;
	double *times = xreallocarray(NULL, METRICS, sizeof *times);
	struct client ours, theirs;
	struct store *store;
	struct error err;
	uint64_t one = 1;
	pid_t server;

	rounds = rounds < 1 ? 1 : rounds > 64 ? 64 : rounds;
	if (!mkdtemp(folder))
		bug("bench_exchange: no folder");
	path = path_join(folder, ".assay");
	exchange_token_make(token);
	if (store_init(path, &err) < 0 || exchange_listen(&port, &listener, &err) < 0)
		bug("bench_exchange: %s", err.text);
	server = fork();
	if (server == 0) {
		serve(path, listener, stop, token);
		_exit(0);
	}
	open_client(&ours, port, token);
	ours.server = server;
	if (reference) {
		open_client(&theirs, (int)strtol(strrchr(reference, ':') + 1, NULL, 10), "none");
		theirs.server = reference_pid ? (pid_t)strtol(reference_pid, NULL, 10) : 0;
	}
	bench_batch(&ours, reference ? &theirs : NULL, 10, rounds);
	bench_batch(&ours, reference ? &theirs : NULL, BATCH, rounds);
	metrics(&ours, METRICS, times);
	show_metrics("log-metric, over the connection", times, METRICS);
	if (reference) {
		metrics(&theirs, REFERENCE_METRICS, times);
		show_metrics("  … MLflow's server", times, REFERENCE_METRICS);
	}
	(void)!write(stop, &one, sizeof one);
	waitpid(server, NULL, 0);
	if (store_open(&store, path, STORE_WRITE, &err) < 0)
		bug("bench_exchange: %s", err.text);
	bench_call(store, ours.run);
	store_close(store);
	dir_remove(folder, NULL);
	free(folder);
	free(path);
	free(times);
	return 0;
}
