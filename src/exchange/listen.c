/* Sockets that only this machine reaches, and tokens. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "inside.h"

enum { BACKLOG = 128, TOKEN_BYTES = 20 };

/* ---- tokens ---- */

void exchange_token_make(char out[EXCHANGE_TOKEN_TEXT])
{
	unsigned char bytes[TOKEN_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		bug("the system gives no random bytes");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool is_token(const struct str *text)
{
	return text->len == EXCHANGE_TOKEN_TEXT && text->data[EXCHANGE_TOKEN_TEXT - 1] == '\n' &&
	       strspn(text->data, "0123456789abcdef") == EXCHANGE_TOKEN_TEXT - 1;
}

int exchange_token_of(const struct store *store, char out[EXCHANGE_TOKEN_TEXT], struct error *err)
{
	char *path = path_join(store_path(store), "token");
	struct str text;
	struct stat st;
	int result = -1;

	str_init(&text);
	if (!file_exists(path)) {
		exchange_token_make(out);
		str_addf(&text, "%s\n", out);
		if (file_write_atomic(path, text.data, text.len, 0600, err) < 0)
			goto out;
	}
	/* Whose it became, should two have made one at once. */
	if (file_read(path, &text, 4096, err) < 0)
		goto out;
	if (!is_token(&text)) {
		error_set(err, ERR_STORE, "%s holds no token: remove it, and a new one is made", path);
		goto out;
	}
	if (stat(path, &st) == 0 && (st.st_mode & 077)) {
		error_set(err, ERR_STORE, "others may read %s: chmod 600 it, or remove it, and a new one is made",
		          path);
		goto out;
	}
	snprintf(out, EXCHANGE_TOKEN_TEXT, "%.*s", EXCHANGE_TOKEN_TEXT - 1, text.data);
	result = 0;
out:
	str_release(&text);
	free(path);
	return result;
}

/* ---- sockets ---- */

int exchange_listen(int *port, int *fd, struct error *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t len = sizeof at;
	int yes = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return error_errno(err, ERR_ENV, "cannot open a socket");
	/* A server that has just ended leaves connections behind that would hold the port for a minute. */
	if (*port)
		setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(*fd, (struct sockaddr *)&at, sizeof at) || listen(*fd, BACKLOG) ||
	    getsockname(*fd, (struct sockaddr *)&at, &len)) {
		error_errno(err, ERR_ENV, "cannot listen on 127.0.0.1, port %d", *port);
		close(*fd);
		*fd = -1;
		return -1;
	}
	*port = ntohs(at.sin_port);
	return 0;
}

const char *exchange_uri(int listener, char *out, size_t size)
{
	struct sockaddr_in at = {0};
	socklen_t len = sizeof at;

	getsockname(listener, (struct sockaddr *)&at, &len);
	snprintf(out, size, "http://127.0.0.1:%d", ntohs(at.sin_port));
	return out;
}

static bool answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

int exchange_listen_unix(const char *path, int *fd, struct error *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;
	mode_t mask;
	int rc;

	*fd = -1;
	if (strlen(path) >= sizeof at.sun_path)
		return error_set(err, ERR_USAGE, "%s is too long for the path of a socket (%zu bytes at most)", path,
		                 sizeof at.sun_path - 1);
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return error_set(err, ERR_USAGE, "%s is there already, and no socket", path);
		if (answers(&at))
			return error_set(err, ERR_ENV, "somebody serves on %s already", path);
		unlink(path);
	}
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	rc = *fd < 0 ? -1 : bind(*fd, (struct sockaddr *)&at, sizeof at);
	umask(mask);
	if (rc || listen(*fd, BACKLOG)) {
		error_errno(err, ERR_ENV, "cannot listen on %s", path);
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return -1;
	}
	return 0;
}

/* ---- no server ---- */

/* What has been sent is read first: a connection that is closed over unread bytes takes the answer with it. */
static void refuse_one(int fd, const char *text, size_t len)
{
	enum { PATIENCE_MS = 200, READ_MAX = 1 << 20 };
	int64_t start = time_mono_ms();
	struct pollfd p = {fd, POLLIN, 0};
	char buffer[4096], tail[4] = "";
	size_t read_bytes = 0;

	while (read_bytes < READ_MAX && time_mono_ms() - start < PATIENCE_MS && poll(&p, 1, 50) > 0) {
		ssize_t n = read(fd, buffer, sizeof buffer);
		if (n <= 0)
			break;
		read_bytes += (size_t)n;
		memcpy(tail, n >= 4 ? buffer + n - 4 : buffer, n >= 4 ? 4 : 0);
		if (memcmp(tail, "\r\n\r\n", 4) == 0)
			break;
	}
	(void)!send(fd, text, len, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	close(fd);
}

void exchange_refuse(int listener, int stop, const char *message)
{
	struct exchange_answer answer;
	struct str text;

	exchange_answer_init(&answer);
	str_init(&text);
	/* A status that MLflow's client does not try again for minutes. */
	answer_refuse(&answer, NOT_IMPLEMENTED, "%s", message);
	str_addf(&text,
	         "HTTP/1.1 %d Not Implemented\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: "
	         "close\r\n\r\n%s",
	         answer.status, answer.type, answer.body.len, answer.body.data);
	for (;;) {
		struct pollfd p[2] = {{listener, POLLIN, 0}, {stop, POLLIN, 0}};
		int fd;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			break;
		fd = p[0].revents ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
		if (fd >= 0)
			refuse_one(fd, text.data, text.len);
	}
	str_release(&text);
	exchange_answer_release(&answer);
}
