/* Six digits, typed by hand. An approval must not come from what was typed ahead, from a paste or from a key
 * that is held: only from reading a digest and typing it. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cli_trust.h"

enum { DIGITS = 6, TRIES = 3 };

struct asking {
	char typed[DIGITS + 1];
	size_t count;
	bool pasting; /* between the marks that a terminal puts around a paste */
};

static void say(const char *text)
{
	fputs(text, stderr);
	fflush(stderr);
}

static void again(struct asking *a, const char *why)
{
	a->count = 0;
	fprintf(stderr, "\r\033[K%s: ", why);
	fflush(stderr);
}

/* Takes what one read gave. A hand gives a byte or two at a time: more than that is no hand. 1: six digits
 * stand there, -1: given up. */
static int take(struct asking *a, const char *bytes, size_t len)
{
	static const char paste_begins[] = "\033[200~", paste_ends[] = "\033[201~";
	if (a->pasting || memmem(bytes, len, paste_begins, 6)) {
		a->pasting = !memmem(bytes, len, paste_ends, 6);
		again(a, "a paste does not count; type the digits");
		return 0;
	}
	if (bytes[0] == '\033')
		return len == 1 ? -1 : 0; /* a key with a sequence says nothing here */
	if (len > 2) {
		again(a, "that came too fast for a hand; type the digits");
		return 0;
	}
	for (size_t i = 0; i < len; i++) {
		char b = (char)tolower((unsigned char)bytes[i]);
		if (b == 3 || b == 4) /* Ctrl-C, Ctrl-D */
			return -1;
		if ((b == 127 || b == 8) && a->count) {
			a->count--;
			say("\b \b");
		} else if (isxdigit((unsigned char)b) && a->count < DIGITS) {
			a->typed[a->count++] = b;
			fputc(b, stderr);
			fflush(stderr);
		}
	}
	return a->count == DIGITS;
}

static int ask(const char *digest)
{
	struct asking a = {0};
	for (int tries = 0; tries < TRIES;) {
		char bytes[256];
		ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		int got = n > 0 ? take(&a, bytes, (size_t)n) : -1;
		if (got < 0)
			return -1;
		if (!got)
			continue;
		if (memcmp(a.typed, digest, DIGITS) == 0)
			return 0;
		if (++tries < TRIES)
			again(&a, "those are not its first six digits; type them");
	}
	return -1;
}

int code_ask(const char *digest, struct error *err)
{
	struct termios before, raw;
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return error_errno(err, ERR_ENV, "cannot read keys from the terminal");
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* TCSAFLUSH drops what was typed before the question could be read. */
	int status = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	if (status == 0) {
		say("\033[?2004hto sign, type the first six digits of that SHA-256 (Esc: do not sign): ");
		status = ask(digest);
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	say("\033[?2004l\n");
	return status == 0 ? 0 : error_set(err, ERR_NO, "not signed: the digits were not typed");
}
