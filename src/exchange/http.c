/*
 * HTTP, by libmicrohttpd, which is loaded when the first server starts: who serves nobody does not pay for it, and
 * Assay runs where it is not installed.
 *
 * One thread, one loop. A request is looked at when its head is there: from which page it comes (Host), who sends it
 * (token), how large it is; only then is its body read.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inside.h"

enum {
	CONNECTIONS_MAX = 256,
	SILENCE_S = 30,         /* a client that says nothing for so long is hung up on */
	HEAD_BYTES = 128 << 10, /* of one connection: its head, and what is read of its body at once */
	STOPPING_MS = 1000,
	SWEEP_MS = 1000,
	LULL_MS = 5, /* nobody has asked for so long: time for a checkpoint */
	FIELDS_MAX = 256,
};

/* ---- the library ---- */

struct mhd {
	__typeof__(MHD_start_daemon) *start;
	__typeof__(MHD_stop_daemon) *stop;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_get_timeout) *timeout;
	__typeof__(MHD_get_daemon_info) *info;
	__typeof__(MHD_quiesce_daemon) *quiesce;
	__typeof__(MHD_lookup_connection_value) *lookup;
	__typeof__(MHD_get_connection_values) *values;
	__typeof__(MHD_create_response_from_buffer) *from_buffer;
	__typeof__(MHD_create_response_from_fd64) *from_file;
	__typeof__(MHD_add_response_header) *header;
	__typeof__(MHD_queue_response) *queue;
	__typeof__(MHD_destroy_response) *destroy;
};

static int load(struct mhd *m, struct error *err)
{
	const struct library_call calls[] = {
	    {"MHD_start_daemon", &m->start},
	    {"MHD_stop_daemon", &m->stop},
	    {"MHD_run", &m->run},
	    {"MHD_get_timeout", &m->timeout},
	    {"MHD_get_daemon_info", &m->info},
	    {"MHD_quiesce_daemon", &m->quiesce},
	    {"MHD_lookup_connection_value", &m->lookup},
	    {"MHD_get_connection_values", &m->values},
	    {"MHD_create_response_from_buffer", &m->from_buffer},
	    {"MHD_create_response_from_fd64", &m->from_file},
	    {"MHD_add_response_header", &m->header},
	    {"MHD_queue_response", &m->queue},
	    {"MHD_destroy_response", &m->destroy},
	};
	const char *other = getenv("ASSAY_MICROHTTPD"), *lacks;
	const char *const names[] = {other && other[0] ? other : "libmicrohttpd.so.12", NULL};

	if (library_load(names, calls, COUNT_OF(calls), &lacks))
		return 0;
	if (lacks)
		return error_set(err, ERR_ENV, "libmicrohttpd.so.12 lacks %s: is it older than 0.9.75?", lacks);
	return error_set(
	    err, ERR_ENV,
	    "serving MLflow's clients needs libmicrohttpd, which is not installed: install the package "
	    "libmicrohttpd12 (%s)",
	    dlerror());
}

int exchange_load(struct error *err)
{
	struct mhd m;

	return load(&m, err);
}

/* ---- one request ---- */

struct http {
	struct mhd mhd;
	const struct exchange_server *server;
	size_t active; /* requests that have begun and are not answered */
};

struct request {
	struct http *http;
	bool begun, answered, bad_uri;
	struct arena *mem;
	struct exchange_call call;
	struct exchange_field *fields;
	struct str body;
	struct exchange_upload *upload;
	struct exchange_answer answer;
	bool failed; /* the upload could not be kept: the answer is made */
};

/* The first that is known of a request; what comes out is its state. A NUL in an address would cut it short. */
static void *on_uri(void *user, const char *uri, struct MHD_Connection *connection)
{
	struct request *r = xcalloc(1, sizeof *r);

	(void)connection;
	r->http = user;
	r->bad_uri = strstr(uri, "%00") != NULL;
	r->mem = arena_new();
	str_init(&r->body);
	exchange_answer_init(&r->answer);
	r->http->active++;
	return r;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
	struct request *r = *state;

	(void)user;
	(void)connection;
	(void)code;
	if (!r)
		return;
	if (r->upload)
		exchange_upload_end(r->upload, false, &r->answer);
	r->http->active--;
	str_release(&r->body);
	exchange_answer_release(&r->answer);
	arena_free(r->mem);
	free(r);
	*state = NULL;
}

static enum MHD_Result on_field(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *r = user;

	(void)kind;
	if (r->call.field_count == FIELDS_MAX)
		return MHD_NO;
	r->fields[r->call.field_count++] =
	    (struct exchange_field){arena_strdup(r->mem, name), value ? arena_strdup(r->mem, value) : ""};
	return MHD_YES;
}

static enum MHD_Result send_answer(struct request *r, struct MHD_Connection *connection)
{
	const struct mhd *m = &r->http->mhd;
	struct exchange_answer *a = &r->answer;
	struct MHD_Response *response = NULL;
	enum MHD_Result result;

	r->answered = true;
	if (a->file) {
		int fd = open(a->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		struct stat st;

		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			response = m->from_file((uint64_t)st.st_size, fd);
		else
			answer_refuse(a, INTERNAL_ERROR, "The artifact cannot be read: %s.", strerror(errno));
		if (!response && fd >= 0)
			close(fd);
	}
	if (!response) {
		size_t len = a->body.len;
		response = m->from_buffer(len, str_take(&a->body), MHD_RESPMEM_MUST_FREE);
	}
	if (!response)
		return MHD_NO;
	m->header(response, "Content-Type", a->type);
	m->header(response, "X-Content-Type-Options", "nosniff");
	if (a->file)
		m->header(response, "Content-Disposition", "attachment");
	if (a->status == 401)
		m->header(response, "WWW-Authenticate", "Bearer");
	result = m->queue(connection, (unsigned)a->status, response);
	m->destroy(response);
	return result;
}

/* ---- who may ---- */

/* A page of another site that has its name resolved to this machine says so here. */
static bool host_is_ours(const char *host)
{
	static const char *const ours[] = {"127.0.0.1", "localhost", "[::1]"};

	for (size_t i = 0; host && i < COUNT_OF(ours); i++) {
		size_t len = strlen(ours[i]);
		const char *port = host + len;

		if (strncasecmp(host, ours[i], len) == 0 &&
		    (port[0] == 0 || (port[0] == ':' && port[1 + strspn(port + 1, "0123456789")] == 0)))
			return true;
	}
	return false;
}

static bool same_token(const char *token, const char *given, size_t len)
{
	unsigned char different = strlen(token) != len;

	for (size_t i = 0; i < len; i++)
		different |= (unsigned char)(given[i] ^ token[i % strlen(token)]);
	return different == 0;
}

/* MLFLOW_TRACKING_TOKEN, or the password beside MLFLOW_TRACKING_USERNAME, which goes before it. */
static bool may_call(const char *authorization, const char *token)
{
	struct str text;
	const char *colon;
	bool good = false;

	if (!authorization)
		return false;
	if (strncasecmp(authorization, "Bearer ", 7) == 0)
		return same_token(token, authorization + 7, strlen(authorization + 7));
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return false;
	str_init(&text);
	if (base64_decode(authorization + 6, strlen(authorization + 6), &text) &&
	    (colon = memchr(text.data, ':', text.len)))
		good = same_token(token, colon + 1, text.len - (size_t)(colon + 1 - text.data));
	str_release(&text);
	return good;
}

/* False: the answer says why not. */
static bool is_welcome(struct request *r, struct MHD_Connection *connection)
{
	const struct exchange_server *s = r->http->server;
	const struct mhd *m = &r->http->mhd;
	bool open = strcmp(r->call.path, "/health") == 0 || strcmp(r->call.path, "/version") == 0;

	if (r->bad_uri)
		answer_refuse(&r->answer, BAD_REQUEST, "The address holds a NUL.");
	else if (!s->local && !host_is_ours(m->lookup(connection, MHD_HEADER_KIND, "Host")))
		answer_refuse(&r->answer, PERMISSION_DENIED,
		              "Invalid Host header: this server answers to 127.0.0.1 and localhost alone.");
	else if (!open && !may_call(m->lookup(connection, MHD_HEADER_KIND, "Authorization"), s->token))
		answer_refuse(&r->answer, UNAUTHENTICATED,
		              "The token is missing or wrong: set MLFLOW_TRACKING_TOKEN as `assay serve` has said.");
	else
		return true;
	return false;
}

static bool too_large(struct request *r, struct MHD_Connection *connection)
{
	const char *length = r->http->mhd.lookup(connection, MHD_HEADER_KIND, "Content-Length");
	int64_t bytes = 0;

	if (!length || exchange_is_upload(&r->call) ||
	    (int_parse(length, strlen(length), &bytes) && bytes >= 0 && bytes <= EXCHANGE_BODY_MAX))
		return false;
	answer_refuse(&r->answer, INVALID_PARAMETER_VALUE, "The request is larger than %d bytes.",
	              EXCHANGE_BODY_MAX);
	r->answer.status = 413;
	return true;
}

/* ---- the steps of a request ---- */

static enum MHD_Result begin(struct request *r, struct MHD_Connection *connection, const char *url,
                             const char *method)
{
	r->begun = true;
	r->call.method = arena_strdup(r->mem, method);
	r->call.path = arena_strdup(r->mem, url);
	if (!is_welcome(r, connection) || too_large(r, connection))
		return send_answer(r, connection);
	r->fields = arena_array(r->mem, FIELDS_MAX, sizeof *r->fields);
	r->http->mhd.values(connection, MHD_GET_ARGUMENT_KIND, on_field, r);
	r->call.fields = r->fields;
	if (!exchange_is_upload(&r->call))
		return MHD_YES;
	r->upload = exchange_upload_begin(r->http->server->exchange, &r->call, &r->answer);
	return r->upload ? MHD_YES : send_answer(r, connection);
}

static enum MHD_Result take(struct request *r, const char *bytes, size_t len)
{
	struct error err;

	if (!r->upload && !r->failed) {
		/* Without a Content-Length nothing told how much would come. */
		if (r->body.len + len > EXCHANGE_BODY_MAX)
			return MHD_NO;
		str_add(&r->body, bytes, len);
	} else if (r->upload && exchange_upload_add(r->upload, bytes, len, &err) < 0) {
		answer_refuse(&r->answer, INTERNAL_ERROR, "%s", err.text);
		r->failed = true;
		exchange_upload_end(r->upload, false, &r->answer);
		r->upload = NULL;
	}
	return MHD_YES;
}

static enum MHD_Result finish(struct request *r, struct MHD_Connection *connection)
{
	if (r->upload) {
		exchange_upload_end(r->upload, true, &r->answer);
		r->upload = NULL;
	} else if (!r->failed) {
		r->call.body = r->body.data;
		r->call.body_len = r->body.len;
		exchange_call(r->http->server->exchange, &r->call, &r->answer);
	}
	return send_answer(r, connection);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes, size_t *len,
                                  void **state)
{
	struct request *r = *state;

	(void)user;
	(void)version;
	if (r->answered) {
		*len = 0;
		return MHD_YES;
	}
	if (!r->begun)
		return begin(r, connection, url, method);
	if (*len) {
		enum MHD_Result result = take(r, bytes, *len);
		*len = 0;
		return result;
	}
	return finish(r, connection);
}

/* ---- the loop ---- */

static void loop(struct http *h, struct MHD_Daemon *daemon, int events)
{
	const struct exchange_server *s = h->server;
	int64_t stopping = 0, swept = 0;
	bool judging = false;

	for (;;) {
		struct pollfd p[2] = {{events, POLLIN, 0}, {stopping ? -1 : s->stop, POLLIN, 0}};
		MHD_UNSIGNED_LONG_LONG wait;
		int timeout = judging ? SWEEP_MS : -1;
		bool due;

		if (h->mhd.timeout(daemon, &wait) == MHD_YES && (timeout < 0 || wait < (unsigned)timeout))
			timeout = wait < INT32_MAX ? (int)wait : INT32_MAX;
		if (stopping)
			timeout = 10;
		due = store_checkpoint_due(s->exchange->store);
		if (due && (timeout < 0 || timeout > LULL_MS))
			timeout = LULL_MS;
		if (poll(p, 2, timeout) == 0 && due && h->active == 0)
			store_checkpoint_now(s->exchange->store);
		h->mhd.run(daemon);
		judging |= p[0].revents != 0;
		if (judging && time_mono_ms() - swept >= SWEEP_MS) {
			judging = exchange_judge(s->exchange);
			swept = time_mono_ms();
		}
		if (!stopping && p[1].revents) {
			int listener = h->mhd.quiesce(daemon);
			if (listener >= 0)
				close(listener);
			stopping = time_mono_ms();
		}
		if (stopping && (h->active == 0 || time_mono_ms() - stopping > STOPPING_MS))
			return;
	}
}

int exchange_serve(const struct exchange_server *server, struct error *err)
{
	struct http h = {.server = server};
	const union MHD_DaemonInfo *events;
	struct MHD_Daemon *daemon;
	int listener;

	if (load(&h.mhd, err) < 0)
		return -1;
	/* It closes what it is given. */
	listener = fcntl(server->listener, F_DUPFD_CLOEXEC, 0);
	if (listener < 0)
		return error_errno(err, ERR_ENV, "cannot serve");
	fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
	daemon =
	    h.mhd.start(MHD_USE_EPOLL, 0, NULL, NULL, on_request, &h, MHD_OPTION_LISTEN_SOCKET, listener,
	                MHD_OPTION_URI_LOG_CALLBACK, on_uri, &h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	                MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	                (unsigned)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES,
	                MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!daemon) {
		close(listener);
		return error_errno(err, ERR_ENV, "libmicrohttpd cannot serve");
	}
	events = h.mhd.info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	store_checkpoint_later(server->exchange->store);
	if (events)
		loop(&h, daemon, events->epoll_fd);
	h.mhd.stop(daemon);
	return events ? 0 : error_set(err, ERR_ENV, "this libmicrohttpd was built without epoll");
}
