/*
 * Bytes from a terminal to events. Knows the sequences that xterm and its kin, the Linux console and rxvt
 * send; what terminfo says of others is learned. Sequences nobody knows are swallowed whole, never taken as
 * typed text.
 */
#include <stdlib.h>
#include <string.h>

#include "assay/term.h"
#include "input.h"

enum {
	MAX_SEQUENCE = 64,   /* a control sequence longer than this is garbage */
	MAX_STRING = 4096,   /* answer of the terminal (OSC, DCS) */
	MAX_PASTE = 1 << 20, /* the rest of a paste is dropped */
	MAX_LEARNED = 64,
	ESCAPE_MS = 25,  /* a lone ESC is the key */
	ANSWER_MS = 150, /* … unless an answer may be on its way, of which it is the first byte */
	CUT_MS = 2000,   /* the end of a paste or of an answer was lost */
};
#define ESC 0x1B

struct term_decoder {
	struct str in;
	size_t at; /* consumed so far */
	bool pasting;
	struct str paste;
	bool awaits; /* an answer; no longer when a key has come */
	bool sync;
	bool torn; /* the last thing was an ESC that nothing had followed in time */
	struct {
		char bytes[16];
		size_t len;
		uint32_t key;
		unsigned mods;
	} learned[MAX_LEARNED];
	size_t learned_count;
};

struct term_decoder *term_decoder_new(void)
{
	struct term_decoder *d = xcalloc(1, sizeof *d);

	str_init(&d->in);
	str_init(&d->paste);
	return d;
}

void term_decoder_free(struct term_decoder *d)
{
	if (!d)
		return;
	str_release(&d->in);
	str_release(&d->paste);
	free(d);
}

void term_decoder_learn(struct term_decoder *d, const char *sequence, uint32_t key, unsigned mods)
{
	size_t len = sequence ? strlen(sequence) : 0;

	if (len < 2 || len > sizeof d->learned[0].bytes || d->learned_count == MAX_LEARNED ||
	    (unsigned char)sequence[0] >= 0x20)
		return;
	memcpy(d->learned[d->learned_count].bytes, sequence, len);
	d->learned[d->learned_count].len = len;
	d->learned[d->learned_count].key = key;
	d->learned[d->learned_count++].mods = mods;
}

void term_decoder_feed(struct term_decoder *d, const char *bytes, size_t len)
{
	if (d->at == d->in.len) {
		str_clear(&d->in);
		d->at = 0;
	} else if (d->at > 65536) {
		/* memory stays bounded by what has not been read yet */
		memmove(d->in.data, d->in.data + d->at, d->in.len - d->at);
		str_cut(&d->in, d->in.len - d->at);
		d->at = 0;
	}
	str_add(&d->in, bytes, len);
}

bool term_decoder_waiting(const struct term_decoder *d)
{
	return d->at < d->in.len || d->pasting;
}

/* "ESC [ ?" begins what terminals answer, and no key. */
static bool is_answer(const char *p, size_t len)
{
	return len > 2 && !memcmp(p, "\x1b[?", 3);
}

int decoder_patience_ms(const struct term_decoder *d)
{
	const char *p = d->in.data + d->at;
	size_t len = d->in.len - d->at;

	if (d->pasting || is_answer(p, len) || (d->torn && len > 1))
		return CUT_MS;
	return d->awaits ? ANSWER_MS : ESCAPE_MS;
}

void decoder_await(struct term_decoder *d)
{
	d->awaits = true;
}

bool decoder_sync(const struct term_decoder *d)
{
	return d->sync;
}

/* ---- parts of sequences ---- */

/* What a step found: `used` bytes are consumed; 0: more are needed. */
struct step {
	size_t used;
	bool event; /* *event is filled */
};

static struct step take(size_t used, bool event)
{
	return (struct step){.used = used, .event = event};
}

static void set_key(struct term_event *e, uint32_t key, unsigned mods)
{
	memset(e, 0, sizeof *e);
	e->kind = TERM_EVENT_KEY;
	e->key = key;
	e->mods = mods;
}

/* xterm: parameter is 1 + Shift 1, Alt 2, Ctrl 4 (Meta 8 is taken as Alt) */
static unsigned modifiers(int parameter)
{
	unsigned bits = parameter > 1 ? (unsigned)parameter - 1 : 0;

	return (bits & 1 ? TERM_SHIFT : 0U) | (bits & 10 ? TERM_ALT : 0U) | (bits & 4 ? TERM_CTRL : 0U);
}

static uint32_t letter_key(char final)
{
	switch (final) {
	case 'A':
		return TERM_KEY_UP;
	case 'B':
		return TERM_KEY_DOWN;
	case 'C':
		return TERM_KEY_RIGHT;
	case 'D':
		return TERM_KEY_LEFT;
	case 'H':
		return TERM_KEY_HOME;
	case 'F':
		return TERM_KEY_END;
	case 'M':
		return TERM_KEY_ENTER;
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return TERM_KEY_F1 + (uint32_t)(final - 'P');
	default:
		return 0;
	}
}

static uint32_t tilde_key(int n)
{
	static const uint8_t function[] = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
	static const uint32_t other[] = {0,
	                                 TERM_KEY_HOME,
	                                 TERM_KEY_INSERT,
	                                 TERM_KEY_DELETE,
	                                 TERM_KEY_END,
	                                 TERM_KEY_PAGE_UP,
	                                 TERM_KEY_PAGE_DOWN,
	                                 TERM_KEY_HOME,
	                                 TERM_KEY_END};

	for (size_t i = 0; i < sizeof function; i++)
		if (function[i] == n)
			return TERM_KEY_F1 + (uint32_t)i;
	return n > 0 && n < (int)COUNT_OF(other) ? other[n] : 0;
}

/* Key for a plain code point as "CSI number u" gives it. */
static void set_code(struct term_event *e, int code, unsigned mods)
{
	static const struct {
		int code;
		uint32_t key;
	} known[] = {{9, TERM_KEY_TAB}, {13, TERM_KEY_ENTER}, {27, TERM_KEY_ESC}, {127, TERM_KEY_BACKSPACE}};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (known[i].code == code) {
			set_key(e, known[i].key, mods);
			return;
		}
	set_key(e, (uint32_t)code, mods & ~(unsigned)TERM_SHIFT);
}

static void set_mouse(struct term_event *e, int code, int x, int y, bool release)
{
	memset(e, 0, sizeof *e);
	e->kind = TERM_EVENT_MOUSE;
	e->x = x > 0 ? x - 1 : 0;
	e->y = y > 0 ? y - 1 : 0;
	e->mods = (code & 4 ? TERM_SHIFT : 0U) | (code & 8 ? TERM_ALT : 0U) | (code & 16 ? TERM_CTRL : 0U);
	if (code & 64) {
		e->mouse = code & 1 ? TERM_MOUSE_WHEEL_DOWN : TERM_MOUSE_WHEEL_UP;
		return;
	}
	e->button = (code & 3) == 3 ? 0 : (code & 3) + 1;
	e->mouse = release || !e->button ? TERM_MOUSE_RELEASE : code & 32 ? TERM_MOUSE_DRAG : TERM_MOUSE_PRESS;
}

/* ---- sequences ---- */

struct csi {
	char lead; /* '<', '?', '>' or 0 */
	int param[8];
	int count;
	char final;
};

/* After "ESC [": fills *c; returns bytes used, 0: more needed, SIZE_MAX: not a sequence. */
static size_t parse_csi(const unsigned char *p, size_t len, struct csi *c)
{
	size_t i = 0;

	memset(c, 0, sizeof *c);
	if (i < len && p[i] >= '<' && p[i] <= '?')
		c->lead = (char)p[i++];
	c->count = 1;
	for (; i < len && i < MAX_SEQUENCE; i++) {
		int *slot = &c->param[c->count - 1];

		if (p[i] >= '0' && p[i] <= '9') {
			if (*slot < 1000000)
				*slot = *slot * 10 + (p[i] - '0');
		} else if (p[i] == ';') {
			if (c->count < (int)COUNT_OF(c->param))
				c->count++;
		} else if (p[i] >= 0x40 && p[i] <= 0x7E) {
			c->final = (char)p[i];
			return i + 1;
		} else if (p[i] < 0x20 || p[i] > 0x7E) {
			return SIZE_MAX;
		}
	}
	return i < MAX_SEQUENCE ? 0 : SIZE_MAX;
}

static struct step csi_event(struct term_decoder *d, const struct csi *c, size_t used, struct term_event *e)
{
	unsigned mods = c->count > 1 ? modifiers(c->param[1]) : 0;
	uint32_t key = 0;

	if (c->lead == '<' && (c->final == 'M' || c->final == 'm')) {
		if (c->count < 3)
			return take(used, false);
		set_mouse(e, c->param[0], c->param[1], c->param[2], c->final == 'm');
		return take(used, true);
	}
	if (c->lead == '?' && c->final == 'y' && c->param[0] == 2026) {
		d->sync = c->param[1] == 1 || c->param[1] == 2;
		d->awaits = false;
	}
	if (c->lead)
		return take(used, false);
	switch (c->final) {
	case '~':
		if (c->param[0] == 200) {
			d->pasting = true;
			str_clear(&d->paste);
			return take(used, false);
		}
		key = tilde_key(c->param[0]);
		break;
	case 'I':
	case 'O':
		memset(e, 0, sizeof *e);
		e->kind = TERM_EVENT_FOCUS;
		e->pressed = c->final == 'I';
		return take(used, true);
	case 'Z':
		set_key(e, TERM_KEY_TAB, TERM_SHIFT);
		return take(used, true);
	case 'u':
		if (c->param[0] < 1 || c->param[0] > 0x10FFFF)
			return take(used, false);
		set_code(e, c->param[0], mods);
		return take(used, true);
	case 'M':
		break;
	default:
		key = letter_key(c->final);
	}
	if (key)
		set_key(e, key, mods);
	return take(used, key != 0);
}

/* OSC, DCS, APC, PM: an answer of the terminal, ended by BEL or ESC \. Swallowed. */
static struct step skip_string(const unsigned char *p, size_t len, bool late)
{
	for (size_t i = 2; i < len && i < MAX_STRING; i++) {
		if (p[i] == 0x07)
			return take(i + 1, false);
		if (p[i] == ESC && i + 1 < len && p[i + 1] == '\\')
			return take(i + 2, false);
	}
	if (len >= MAX_STRING)
		return take(MAX_STRING, false);
	return take(late ? SIZE_MAX : 0, false);
}

static struct step plain(const unsigned char *p, size_t len, bool late, struct term_event *e)
{
	size_t want;
	uint32_t c = p[0];

	if (c >= 0x20 && c < 0x7F) {
		set_key(e, c, 0);
		return take(1, true);
	}
	if (c < 0x20 || c == 0x7F) {
		if (c == '\r' || c == '\n')
			set_key(e, TERM_KEY_ENTER, 0);
		else if (c == '\t')
			set_key(e, TERM_KEY_TAB, 0);
		else if (c == 0x7F || c == 0x08)
			set_key(e, TERM_KEY_BACKSPACE, 0);
		else if (c == ESC)
			set_key(e, TERM_KEY_ESC, 0);
		else if (!c)
			set_key(e, ' ', TERM_CTRL);
		else
			set_key(e, c <= 26 ? 'a' + c - 1 : c + 0x40, TERM_CTRL);
		return take(1, true);
	}
	want = (c & 0xE0) == 0xC0 && c >= 0xC2  ? 2
	       : (c & 0xF0) == 0xE0             ? 3
	       : (c & 0xF8) == 0xF0 && c < 0xF5 ? 4
	                                        : 0;
	if (want) {
		c &= 0x7FU >> want;
		for (size_t i = 1; i < want; i++) {
			if (i == len)
				return take(late ? len : 0, false);
			if ((p[i] & 0xC0) != 0x80)
				return take(i, false);
			c = c << 6 | (p[i] & 0x3FU);
		}
	}
	/* overlong forms, surrogates and stray bytes are no keys */
	if (!want || (want == 3 && c < 0x800) || (want == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
	    (c >= 0xD800 && c < 0xE000) || (c >= 0x80 && c < 0xA0))
		return take(want ? want : 1, false);
	set_key(e, c, 0);
	return take(want, true);
}

static struct step escape(struct term_decoder *d, const unsigned char *p, size_t len, bool late,
                          struct term_event *e)
{
	struct step s;
	struct csi c;
	size_t used;

	if (len == 1) {
		if (!late)
			return take(0, false);
		set_key(e, TERM_KEY_ESC, 0);
		return take(1, true);
	}
	switch (p[1]) {
	case '[':
		if (len == 2)
			break;
		if (p[2] == '[') { /* Linux console: ESC [ [ A is F1 */
			if (len == 3)
				break;
			if (p[3] < 'A' || p[3] > 'E')
				return take(4, false);
			set_key(e, TERM_KEY_F1 + (uint32_t)(p[3] - 'A'), 0);
			return take(4, true);
		}
		if (p[2] == 'M') { /* the old mouse: three bytes */
			if (len < 6)
				break;
			set_mouse(e, p[3] - 32, p[4] - 32, p[5] - 32, ((p[3] - 32) & 3) == 3);
			return take(6, true);
		}
		used = parse_csi(p + 2, len - 2, &c);
		if (used == SIZE_MAX)
			return take(2, false);
		if (used)
			return csi_event(d, &c, used + 2, e);
		break;
	case 'O':
		if (len == 2)
			break;
		if (letter_key((char)p[2])) {
			set_key(e, letter_key((char)p[2]), 0);
			return take(3, true);
		}
		return take(3, false);
	case ']':
	case 'P':
	case '_':
	case '^':
		s = skip_string(p, len, late);
		if (s.used != SIZE_MAX)
			return s;
		break;
	case ESC:
		/* Alt with a special key comes as ESC before its sequence; ESC ESC alone is Esc twice. */
		if (len == 2 && !late)
			return take(0, false);
		if (len > 2 && (p[2] == '[' || p[2] == 'O')) {
			s = escape(d, p + 1, len - 1, late, e);
			if (s.event && e->kind == TERM_EVENT_KEY)
				e->mods |= TERM_ALT;
			return s.used ? take(s.used + 1, s.event) : s;
		}
		set_key(e, TERM_KEY_ESC, 0);
		return take(1, true);
	case 'C' & 0x1F: /* whoever wants to leave need not wait after Esc until a slow line has brought it */
		set_key(e, TERM_KEY_ESC, 0);
		return take(1, true);
	default:
		s = plain(p + 1, len - 1, late, e);
		if (s.event)
			e->mods |= TERM_ALT;
		return s.used ? take(s.used + 1, s.event) : s;
	}
	if (!late)
		return take(0, false);
	/* Unfinished for too long: a person has typed Alt and this character. */
	s = plain(p + 1, 1, true, e);
	if (s.event)
		e->mods |= TERM_ALT;
	return take(2, s.event);
}

static struct step learned(const struct term_decoder *d, const unsigned char *p, size_t len, bool late,
                           struct term_event *e)
{
	struct step best = {0, false};
	bool prefix = false;

	for (size_t i = 0; i < d->learned_count; i++) {
		size_t n = d->learned[i].len;

		if (n <= len && !memcmp(p, d->learned[i].bytes, n)) {
			if (n > best.used) {
				best = take(n, true);
				set_key(e, d->learned[i].key, d->learned[i].mods);
			}
		} else if (n > len && !memcmp(p, d->learned[i].bytes, len)) {
			prefix = true;
		}
	}
	if (prefix && !best.used && !late)
		best.event = true; /* used 0, event: wait */
	return best;
}

/* True: the paste is over (or taken as over) and *event holds it. */
static bool paste_step(struct term_decoder *d, bool late, struct term_event *e)
{
	static const char end[] = "\x1b[201~";
	const char *p = d->in.data + d->at;
	size_t len = d->in.len - d->at, n = 0;
	const char *found = memmem(p, len, end, sizeof end - 1);

	if (found) {
		n = (size_t)(found - p);
	} else if (late) {
		n = len;
	} else {
		/* the end may be cut in two */
		n = len;
		for (size_t k = len < sizeof end - 1 ? len : sizeof end - 2; k > 0; k--)
			if (!memcmp(p + len - k, end, k)) {
				n = len - k;
				break;
			}
	}
	str_add(&d->paste, p, d->paste.len + n > MAX_PASTE ? MAX_PASTE - d->paste.len : n);
	d->at += n + (found ? sizeof end - 1 : 0);
	if (!found && !late)
		return false;
	d->pasting = false;
	memset(e, 0, sizeof *e);
	e->kind = TERM_EVENT_PASTE;
	e->text = d->paste.data;
	e->len = d->paste.len;
	return true;
}

/* A sequence whose ESC was taken as the key, because the rest came late: "[?" and "[<" on its heels are no
 * typing. As escape, without the ESC. */
static struct step torn(struct term_decoder *d, const unsigned char *p, size_t len, bool late,
                        struct term_event *e)
{
	struct csi c;
	size_t used;

	if (p[0] != '[' || (len > 1 && p[1] != '?' && p[1] != '<'))
		return take(0, false);
	used = len > 1 ? parse_csi(p + 1, len - 1, &c) : 0;
	if (used == SIZE_MAX || (!used && late))
		return take(0, false);
	/* used 0, event: wait */
	return used ? csi_event(d, &c, used + 1, e) : take(0, true);
}

bool term_decoder_next(struct term_decoder *d, bool late, struct term_event *event)
{
	for (;;) {
		const unsigned char *p = (const unsigned char *)d->in.data + d->at;
		size_t len = d->in.len - d->at;
		struct step s = {0, false};

		if (d->pasting)
			return paste_step(d, late, event);
		if (!len)
			return false;
		if (d->torn)
			s = torn(d, p, len, late, event);
		if (!s.used && !s.event)
			s = learned(d, p, len, late, event);
		if (!s.used && s.event)
			return false;
		if (!s.used)
			s = p[0] == ESC ? escape(d, p, len, late, event) : plain(p, len, late, event);
		if (!s.used)
			return false;
		d->torn = s.event && len == 1 && p[0] == ESC;
		d->awaits &= !s.event || event->kind != TERM_EVENT_KEY;
		d->at += s.used;
		if (s.event)
			return true;
	}
}
