/* Ids (UUIDv7, RFC 9562 5.7) and names that a person can say. */
#include <errno.h>
#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

#include "assay/base.h"

static void random_bytes(void *out, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = getrandom((char *)out + at, len - at, 0);

		if (n < 0 && errno != EINTR)
			bug("the kernel gives no random bytes (getrandom: errno %d)", errno);
		if (n > 0)
			at += (size_t)n;
	}
}

void id_make(char out[ID_TEXT])
{
	/* The one piece of state in this room: ids must rise within a process even in one millisecond
	 * (RFC 9562 6.2, method 1: twelve bits of counter behind the clock). */
	static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
	static int64_t last_ms;
	static unsigned counter;
	unsigned char b[16];
	int64_t ms;

	random_bytes(b, sizeof(b));
	pthread_mutex_lock(&guard);
	ms = time_now_ms();
	if (ms > last_ms) {
		last_ms = ms;
		counter = ((unsigned)b[6] << 8 | b[7]) & 0x7FF; /* top bit free, so that there is room to count */
	} else if (++counter > 0xFFF) {
		last_ms++;
		counter = 0;
	}
	ms = last_ms;
	b[6] = (unsigned char)(0x70 | counter >> 8);
	b[7] = (unsigned char)counter;
	pthread_mutex_unlock(&guard);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(ms >> (40 - 8 * i));
	b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
	for (int i = 0; i < 16; i++)
		snprintf(out + i * 2, 3, "%02x", b[i]);
}

bool id_is_valid(const char *text)
{
	return strlen(text) == ID_TEXT - 1 && strspn(text, "0123456789abcdef") == ID_TEXT - 1;
}

void id_nickname(const char *id, char out[NICKNAME_TEXT])
{
	static const char *const how[] = {
	    "able",  "amber",  "apt",    "bold",   "brave",   "brisk", "bright", "calm",   "candid", "clear",
	    "crisp", "daring", "deft",   "dim",    "eager",   "early", "fair",   "fine",   "firm",   "fleet",
	    "fond",  "frank",  "gentle", "glad",   "golden",  "grand", "hardy",  "honest", "humble", "keen",
	    "kind",  "late",   "light",  "lively", "loyal",   "lucid", "lunar",  "merry",  "mild",   "modest",
	    "neat",  "nimble", "noble",  "open",   "patient", "plain", "polite", "prime",  "proud",  "quick",
	    "quiet", "rapid",  "ready",  "sharp",  "silent",  "sober", "solar",  "steady", "still",  "swift",
	    "tidy",  "vivid",  "warm",   "wise"};
	static const char *const who[] = {
	    "badger",   "bear",     "beaver", "bison",  "bittern", "buzzard", "crane",   "curlew",
	    "deer",     "dipper",   "dove",   "eagle",  "egret",   "elk",     "falcon",  "ferret",
	    "finch",    "fox",      "gannet", "gecko",  "grebe",   "grouse",  "hare",    "hawk",
	    "hedgehog", "heron",    "hornet", "ibex",   "ibis",    "jackdaw", "kestrel", "kite",
	    "lark",     "linnet",   "lynx",   "magpie", "marten",  "merlin",  "mole",    "moth",
	    "newt",     "nightjar", "osprey", "otter",  "owl",     "pipit",   "plover",  "puffin",
	    "quail",    "raven",    "robin",  "salmon", "seal",    "shrew",   "siskin",  "skylark",
	    "sparrow",  "stoat",    "swan",   "tern",   "thrush",  "vole",    "weasel",  "wren"};
	uint64_t h = hash_bytes(id, strlen(id));

	snprintf(out, NICKNAME_TEXT, "%s-%s-%03u", how[h % COUNT_OF(how)], who[h / 64 % COUNT_OF(who)],
	         (unsigned)(h / 4096 % 1000));
}
