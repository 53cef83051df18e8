/*
 * base: what every room stands on. Errors, memory, strings, arenas, vectors, interned
 * names, numbers as text, time, ids, digests, safe text, JSON out, files, configuration,
 * child processes with time-outs, a fixed-order parallel loop.
 *
 * Conventions of the whole house:
 *   - Fallible functions return int: 0, or -1 with *err filled (err may be NULL).
 *   - X_init/X_release for a struct embedded in another, X_new/X_free for an owned one.
 *   - Out of memory ends the program with a message; bad input never does.
 *   - Text is bytes; nothing here assumes valid UTF-8 unless it says so.
 */
#ifndef ASSAY_BASE_H
#define ASSAY_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "assay/banned.h"

#define ASSAY_VERSION "0.1.0"

#define PRINTF_LIKE(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define COUNT_OF(array)                 (sizeof(array) / sizeof((array)[0]))
/* For a loop over numbers: compiled once more for processors with AVX2 (by gcc), and chosen when the program is loaded. No
 * operations are fused (-ffp-contract=off), so that the results are the same. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&    \
    !defined(__SANITIZE_THREAD__)
#define TWO_WIDTHS __attribute__((target_clones("avx2", "default")))
#else
#define TWO_WIDTHS
#endif

/* ---- errors ---- */

/* The code is also the exit status of a command (commands.md). */
enum error_code {
	ERR_NO = 1,     /* a check, a gate or a comparison said no */
	ERR_USAGE = 2,  /* the request or its input is wrong; the person can mend it */
	ERR_ENV = 3,    /* something outside is missing or broken (file, library, network) */
	ERR_STALE = 4,  /* the thing has changed since it was looked at */
	ERR_STORE = 5,  /* the store cannot be read or written */
	ERR_TAMPER = 6, /* a digest or a signature does not hold */
};

/* One message for a person: what, where, what to do. The text may hold bytes from data:
 * make it safe (safe_text) before it reaches a terminal. */
#define ERROR_TEXT 1024
struct error {
	enum error_code code;
	char text[ERROR_TEXT];
};

/* Fills *err (if not NULL) and returns -1, so that `return error_set(...)` reads well. */
int error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);
/* As error_set, with ": strerror(errno)" added. */
int error_errno(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);
/* Puts "prefix: " before the text that is there; returns -1. */
int error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* A failure that base calls one of the environment is one of the store here, whose file or folder it was;
 * returns rc. */
int error_of_store(int rc, struct error *err);
/* Ends the program (abort): our own mistake, never bad input. */
void bug(const char *format, ...) __attribute__((noreturn)) PRINTF_LIKE(1, 2);

/* ---- memory: these never return NULL ---- */

void *xmalloc(size_t size);
void *xaligned(size_t alignment, size_t size); /* size is a multiple of it; a power of two */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
/* Like xrealloc to count * size bytes, the product checked. */
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xmemdup0(const void *bytes, size_t len); /* a copy with a NUL after it */
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2);
size_t size_add(size_t a, size_t b); /* ends the program on overflow */
size_t size_mul(size_t a, size_t b);

/* Makes room for `need` items of `size` bytes; returns the (moved) block and updates *cap. */
void *vec_reserve(void *items, size_t *cap, size_t need, size_t size);
/* The same for items of which none is to be kept: larger ones are not copied. A little more than is needed, since the next
 * need may be a little more. */
void *vec_anew(void *items, size_t *cap, size_t need, size_t size);

/* ---- growing string: always NUL-terminated once something was added ---- */

struct str {
	char *data; /* never NULL after str_init: points at an empty string at least */
	size_t len, cap;
};
void str_init(struct str *s);
void str_release(struct str *s); /* frees; the struct is as after str_init */
void str_clear(struct str *s);   /* length 0, memory kept */
void str_add(struct str *s, const void *bytes, size_t len);
void str_adds(struct str *s, const char *text);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) PRINTF_LIKE(2, 3);
void str_addvf(struct str *s, const char *format, va_list args) PRINTF_LIKE(2, 0);
void str_cut(struct str *s, size_t len); /* shortens to len */
char *str_take(struct str *s);           /* hands the memory over (caller frees), s as after init */

/* ---- arena: many small things that die together ---- */

struct arena; /* grows in blocks; not thread-safe; may be handed over whole */
struct arena *arena_new(void);
void arena_free(struct arena *a);                /* NULL is fine */
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for anything */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *text); /* NULL gives NULL */
char *arena_memdup0(struct arena *a, const void *bytes, size_t len);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- intern: distinct byte strings to dense ids 0, 1, 2… in order of first appearance ---- */

struct intern_entry {
	const char *bytes;
	size_t len;
	uint64_t hash;
};

struct intern {
	struct arena *text;
	struct intern_entry *entries;
	size_t count, cap;
	uint32_t *slots;
	size_t slot_count;
};
#define INTERN_NONE UINT32_MAX
void intern_init(struct intern *t);
void intern_release(struct intern *t);
uint32_t intern_add(struct intern *t, const void *bytes, size_t len);        /* id, new or known */
uint32_t intern_find(const struct intern *t, const void *bytes, size_t len); /* or INTERN_NONE */
/* The bytes of an id are NUL-terminated and live as long as the intern. */
const char *intern_text(const struct intern *t, uint32_t id);
uint64_t hash_bytes(const void *bytes, size_t len); /* fixed function: same on every machine */

/* ---- numbers as text, always in the C locale ---- */

#define NUM_TEXT 32
/* Shortest decimal that reads back to the same double ("0.1", "1e+300", "nan", "inf", "-inf"). */
const char *num_shortest(double value, char out[NUM_TEXT]);
/* For people: `digits` significant digits (4 is the house's default), no exponent between 1e-4
 * and 1e9, "–" for NaN ("-" in ASCII mode is the caller's business), "inf" for infinities. */
const char *num_people(double value, int digits, char out[NUM_TEXT]);
/* For people, of what occurs in data or lies between two such values (quantiles, fences, edges): itself where that takes
 * nine characters at most (0.03, 250000.25, 1e+300), else six significant digits without zeros at their end. */
const char *num_value(double value, char out[NUM_TEXT]);
/* The whole of text[0..len) as a decimal number, blanks around allowed; exact (as strtod).
 * Accepts digits, sign, point, exponent; not hex, "nan", "inf" or thousands separators. */
bool num_parse(const char *text, size_t len, double *value);
bool int_parse(const char *text, size_t len, int64_t *value);
/* "1.5 GiB", "1,284". */
const char *bytes_people(uint64_t bytes, char out[NUM_TEXT]);
const char *count_people(int64_t count, char out[NUM_TEXT]);
/* The end of a word that so many of are told: 1 row, 2 rows. */
#define PLURAL(count) ((count) == 1 ? "" : "s")

/* ---- time: UTC milliseconds since 1970 everywhere ---- */

#define TIME_TEXT 40
int64_t time_now_ms(void);
int64_t time_mono_ms(void);
/* "2026-11-23T09:12:00.123Z". */
const char *time_rfc3339(int64_t ms, char out[TIME_TEXT]);
/* RFC 3339 and the forms "YYYY-MM-DD", "YYYY-MM-DD HH:MM[:SS[.fff]]" (UTC without a zone). */
bool time_parse(const char *text, size_t len, int64_t *ms);
/* In the person's zone: "2026-11-23 09:12:00 CET". */
const char *time_local(int64_t ms, char out[TIME_TEXT]);
/* A span: "4m", "2h", "3d", "12.3s" (short = two figures at most). */
const char *time_span(int64_t ms, char out[TIME_TEXT]);

/* ---- ids and names ---- */

#define ID_TEXT 33 /* 32 hex digits and a NUL */
/* UUIDv7, rising within a process even in the same millisecond. */
void id_make(char out[ID_TEXT]);
bool id_is_valid(const char *text); /* exactly 32 lower-case hex digits */
/* A name that a person can say, from the random part of an id: "swift-otter-412". */
#define NICKNAME_TEXT 32
void id_nickname(const char *id, char out[NICKNAME_TEXT]);

/* ---- digests ---- */

#define SHA256_BYTES 32
#define SHA256_TEXT  65 /* 64 hex digits and a NUL */
struct sha256 {
	void *ctx;
};
void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t len);
void sha256_end(struct sha256 *h, char hex[SHA256_TEXT]); /* also releases */
/* Ends this digest and begins another with the same memory, which for short texts is most of the work. */
void sha256_next(struct sha256 *h, char hex[SHA256_TEXT]);
void sha256_hex(const void *bytes, size_t len, char hex[SHA256_TEXT]);
int sha256_file(const char *path, char hex[SHA256_TEXT], uint64_t *size, struct error *err);

/* ---- base64 ---- */

/* Strict: no blanks, padded, no loose bits, so that the same bytes have one spelling. Both append to out. */
bool base64_decode(const char *text, size_t len, struct str *out);
void base64_encode(const void *bytes, size_t len, struct str *out);

/* ---- text that is safe on a terminal ---- */

enum {
	SAFE_NEWLINES = 1, /* keep \n (and \t as a blank); else they are escaped */
	SAFE_ASCII = 2,    /* everything beyond 0x7E is escaped */
	SAFE_LETTERS = 4,  /* for names that are compared, not shown: letters of all scripts stay */
};
/* Appends bytes with everything dangerous made visible: controls and DEL as \xHH, invalid UTF-8
 * as \xHH, bidirectional controls, zero-width and tag characters, private use and unassigned as
 * <U+XXXX>, and what terminals do not agree where to put: letters that are written from right to left, colours of
 * skin. Combining marks after a base stay (at most 4 a base). */
void safe_text(struct str *out, const char *bytes, size_t len, unsigned flags);
/* True if it is UTF-8 without any character that hides, reorders or controls others (what safe_text shows as
 * an escape in every locale); line ends count as controls. */
bool text_is_plain(const char *bytes, size_t len);
/* The next grapheme of *safe* text: its byte length (0 at the end) and its width 0…2 in *width. */
size_t text_grapheme(const char *text, size_t len, int *width);
/* Columns that *safe* text takes. */
int text_width(const char *text, size_t len);
/* Longest prefix of safe text within `columns`: its byte length; the width used in *width. */
size_t text_fit(const char *text, size_t len, int columns, int *width);
/* fprintf whose result is made safe first (newlines kept). Everything printed from data goes here. */
void safe_fprintf(FILE *to, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- words ---- */

/* The one of `names` that a mistyped word most likely meant, or NULL when none is near. */
const char *name_nearest(const char *word, const char *const names[], size_t count);
/* Appends one field of a CSV line (RFC 4180: quoted where it has to be). Text that a spreadsheet would
 * take for a formula (first byte = + - @, tab or return) gets an apostrophe before it. */
void csv_field(struct str *out, const char *bytes, size_t len, char delimiter, bool is_text);

bool utf8_is_valid(const char *bytes, size_t len);

/* ---- JSON out ---- */

/* Writes one JSON text without white space; numbers by num_shortest, non-finite as null.
 * Strings: invalid UTF-8 becomes U+FFFD. Commas are seen to here. */
struct json_writer {
	struct str *out;
	bool need_comma;
};
void jw_init(struct json_writer *j, struct str *out);
void jw_object(struct json_writer *j, const char *key); /* key NULL at the top and inside arrays */
void jw_object_end(struct json_writer *j);
void jw_array(struct json_writer *j, const char *key);
void jw_array_end(struct json_writer *j);
void jw_string(struct json_writer *j, const char *key, const char *text); /* NULL text gives null */
void jw_string_n(struct json_writer *j, const char *key, const char *bytes, size_t len);
void jw_int(struct json_writer *j, const char *key, int64_t value);
void jw_bool(struct json_writer *j, const char *key, bool value);
void jw_null(struct json_writer *j, const char *key);
/* A number; if it is not finite: null and, unless why is NULL, "KEY_why": why. */
void jw_num(struct json_writer *j, const char *key, double value, const char *why);
void jw_raw(struct json_writer *j, const char *key, const char *json_text);
/* A measurement on its way through an event file: NaN and infinities in Python's words, which JSON lacks. */
void jw_measured(struct json_writer *j, const char *key, double value);

/* ---- files ---- */

/* Whole file into out (cleared first); refuses more than `limit` bytes (0: no limit). */
int file_read(const char *path, struct str *out, size_t limit, struct error *err);
/* Temporary file beside it, write, fsync, rename, fsync of the folder: all or nothing. What is no regular
 * file (a device, a pipe) is written into, never replaced; a symbolic link stays, and what it
 * leads to is replaced. */
int file_write_atomic(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err);
/* write(2) until done, EINTR seen to. */
int fd_write_all(int fd, const void *bytes, size_t len);
int dir_make(const char *path, struct error *err); /* mkdir -p, mode 0777 & ~umask */
int dir_sync(const char *path, struct error *err);
/* Removes a folder and what is in it; does not follow links. A missing one is fine. */
int dir_remove(const char *path, struct error *err);
bool file_exists(const char *path);
/* Whether somebody holds a flock of it that keeps others out. */
bool file_is_locked(const char *path);
char *path_join(const char *a, const char *b); /* caller frees */
char *path_absolute(const char *path);         /* realpath, or cwd joined; caller frees */
/* Relative, without empty parts, "." and "..": it leads nowhere but below its folder, and has no other spelling. */
bool path_is_plain(const char *path);
/* True if the folder lies on a network file system; its name ("nfs") in *kind. Folders named in
 * $ASSAY_NETWORK_PATHS (a:b) count as such, for file systems that do not say what they are. */
bool path_is_network(const char *path, const char **kind);

/* ---- secrets, of which only that they were there is kept ---- */

#define SECRET_MASKED "masked"
/* "password", "--api-key", "HF_TOKEN": the last parts of a name tell. */
bool secret_is_name(const char *name, size_t len);
/* Appends the value as it may be kept: masked for such a name, and passwords in addresses in any case. */
void secret_mask(const char *name, const char *value, struct str *out);
/* The same of a word of a command line; before: the word before it, or NULL. */
void secret_word(const char *before, const char *word, struct str *out);

/* ---- memory of the machine ---- */

/* Bytes that this process may still take: the least of what the machine has available, of what its control group leaves
 * it (files that can be dropped do not count) and of its limit of addresses. 0: nobody says. */
uint64_t memory_left(void);

/* ---- libraries that need not be there ---- */

struct library_call {
	const char *name;
	void *to; /* a pointer to a function of that type */
};
/* Loads the first of the names (up to NULL) that is there, for as long as the process lives, and fills in its functions.
 * False: *lacks is the function that it does not have; NULL: none is there, and dlerror says why. */
bool library_load(const char *const *names, const struct library_call *calls, size_t count,
                  const char **lacks);

/* ---- configuration ---- */

/* "$XDG_CONFIG_HOME/assay/name" and so on; caller frees. */
char *xdg_config_path(const char *name);
char *xdg_state_path(const char *name);
char *xdg_cache_path(const char *name);
/* The login name of whoever runs this, "uid 1000" if it has none; returns out. */
const char *user_name(char *out, size_t size);
/* Calls `each` for every key; it returns 0, or -1 with *err filled (the place is put before it). */
typedef int ini_fn(void *user, const char *section, const char *key, const char *value, int line,
                   struct error *err);
int ini_read(const char *path, ini_fn *each, void *user, struct error *err);
int ini_read_text(const char *name, const char *text, ini_fn *each, void *user, struct error *err);

/* ---- child processes ---- */

/* What is to be run and what became of it. Zeroed members mean what is said there. */
struct child {
	const char *const *argv; /* argv[0] is looked for in PATH; there is no shell */
	const char *cwd;         /* NULL: the folder of this process */
	const void *in;          /* its stdin, in_len bytes; NULL: /dev/null */
	size_t in_len;
	const int *keep; /* descriptors that it has too, under the same numbers; keep_count */
	size_t keep_count;
	int timeout_ms;              /* then it is killed, with everything in its process group */
	size_t limit;                /* bytes kept of each stream; the rest is read and dropped */
	struct str *out, *errout;    /* what it writes is added; NULL: dropped */
	const volatile bool *cancel; /* set from another thread: it is killed within 50 ms; may be NULL */
	bool terminal;               /* it may use the controlling terminal (ask for a passphrase); else it gets a
	                                session without one. Only the process itself is killed then: it has no
	                                group of its own */
	/* Results: */
	int status; /* of wait; undefined when it did not end by itself */
	bool late, cancelled;
};
/* A file in memory that holds these bytes, to be read from their beginning: for `keep`, found by the child as
 * /proc/self/fd/N. Closed on exec; -1 and errno if there is none. */
int child_file(const void *bytes, size_t len);
/* Runs it to its end. -1 (ERR_ENV) if it cannot be started, was late or was cancelled. */
int child_run(struct child *c, struct error *err);
/* child_run with stdin from /dev/null; *status is the wait status. */
int child_capture(const char *const argv[], const char *cwd, int timeout_ms, size_t limit, struct str *out,
                  struct str *errout, int *status, struct error *err);

/* ---- fixed-order parallel loop ---- */

/* Calls fn(user, chunk) for chunk 0…count-1 on up to `threads` threads (0: as many as the process may
 * use). Chunks are handed out in order; results must be kept by chunk and joined in chunk order by
 * the caller, so that they do not depend on the number of threads. */
void parallel_chunks(size_t count, int threads, void (*fn)(void *user, size_t chunk), void *user);
int cpu_count(void); /* sched_getaffinity */

#endif
