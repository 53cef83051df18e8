/*
 * Runs a fuzz target without a fuzzer, so that `make check` replays the corpus everywhere.
 *
 *     fuzz_X [--mutate N] [--seed S] FILE|FOLDER…
 *
 * Every file is an input; --mutate adds N inputs made from them by random cuts, copies, splices and
 * changed bytes. Prints TAP. A crash leaves the last input in $TMPDIR/fuzz-crash.
 */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct input {
	struct str bytes;
};

static struct input *inputs;
static size_t input_count, input_cap;
static const struct str *running; /* for the handler of a crash */
static uint64_t state = 1;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? state % below : 0;
}

static void keep_crash(int sig)
{
	const char *tmp = getenv("TMPDIR");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fuzz-crash", tmp ? tmp : "/tmp");
	f = running ? fopen(path, "wb") : NULL;
	if (f) {
		fwrite(running->data, 1, running->len, f);
		fclose(f);
		fprintf(stderr, "the input is in %s\n", path);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_path(const char *path)
{
	struct stat st;
	struct error err;

	if (stat(path, &st)) {
		printf("Bail out! %s is not there\n", path);
		exit(1);
	}
	if (S_ISDIR(st.st_mode)) {
		struct dirent **names;
		int n = scandir(path, &names, NULL, alphasort);

		for (int i = 0; i < n; i++) {
			if (names[i]->d_name[0] != '.') {
				char *inside = path_join(path, names[i]->d_name);

				add_path(inside);
				free(inside);
			}
			free(names[i]);
		}
		if (n >= 0)
			free(names);
		return;
	}
	inputs = vec_reserve(inputs, &input_cap, input_count + 1, sizeof(*inputs));
	str_init(&inputs[input_count].bytes);
	if (file_read(path, &inputs[input_count].bytes, 0, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	input_count++;
}

static void run(const struct str *bytes)
{
	/* An exact copy on the heap, so that reading one byte too far is seen. */
	uint8_t *copy = xmalloc(bytes->len);

	memcpy(copy, bytes->data, bytes->len);
	running = bytes;
	LLVMFuzzerTestOneInput(copy, bytes->len);
	running = NULL;
	free(copy);
}

static void mutate(struct str *s)
{
	static const char *const odd[] = {"\0",
	                                  "\xff",
	                                  "\xf0\x9f",
	                                  "\x1b[",
	                                  "\"",
	                                  "'",
	                                  "\\",
	                                  "\n",
	                                  "\r\n",
	                                  "nan",
	                                  "1e999",
	                                  "-",
	                                  "(",
	                                  ")",
	                                  "{",
	                                  "}",
	                                  "[",
	                                  ",",
	                                  "18446744073709551616",
	                                  "\xe2\x80\xae"};
	const struct str *from = &inputs[draw(input_count)].bytes;

	str_clear(s);
	str_add(s, from->data, from->len);
	for (uint64_t n = 1 + draw(4); n; n--) {
		size_t at = (size_t)draw(s->len + 1), span = (size_t)draw(s->len - at + 1),
		       odd_one = (size_t)draw(COUNT_OF(odd));
		struct str tail;

		str_init(&tail);
		switch (draw(6)) {
		case 0: /* cut short */
			str_cut(s, at);
			break;
		case 1: /* take a piece out */
			str_add(&tail, s->data + at + span, s->len - at - span);
			str_cut(s, at);
			str_add(s, tail.data, tail.len);
			break;
		case 2: /* put an odd thing in */
			str_add(&tail, s->data + at, s->len - at);
			str_cut(s, at);
			str_add(s, odd[odd_one], odd_one ? strlen(odd[odd_one]) : 1);
			str_add(s, tail.data, tail.len);
			break;
		case 3: /* repeat a piece */
			if (s->len + span < 1 << 16) {
				str_add(&tail, s->data + at, span);
				str_add(s, tail.data, tail.len);
			}
			break;
		case 4: /* splice another input on */
			from = &inputs[draw(input_count)].bytes;
			at = (size_t)draw(from->len + 1);
			str_add(s, from->data + at, from->len - at);
			break;
		default: /* change a byte */
			if (at < s->len)
				s->data[at] = (char)draw(256);
		}
		str_release(&tail);
	}
}

int main(int argc, char **argv)
{
	int64_t mutations = 0, seed = 1;
	struct str made;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--mutate") && i + 1 < argc &&
		    int_parse(argv[i + 1], strlen(argv[i + 1]), &mutations))
			i++;
		else if (!strcmp(argv[i], "--seed") && i + 1 < argc &&
		         int_parse(argv[i + 1], strlen(argv[i + 1]), &seed))
			i++;
		else
			add_path(argv[i]);
	}
	printf("1..2\n");
	if (!input_count) {
		printf("not ok 1 - no inputs\nnot ok 2 - no inputs\n");
		return 1;
	}
	signal(SIGABRT, keep_crash);
	state = 0x9E3779B97F4A7C15u ^ (uint64_t)seed;
	for (size_t i = 0; i < input_count; i++)
		run(&inputs[i].bytes);
	printf("ok 1 - %zu inputs of the corpus\n", input_count);
	str_init(&made);
	for (int64_t i = 0; i < mutations; i++) {
		mutate(&made);
		run(&made);
	}
	str_release(&made);
	printf("ok 2 - %lld mutations, seed %lld\n", (long long)mutations, (long long)seed);
	for (size_t i = 0; i < input_count; i++)
		str_release(&inputs[i].bytes);
	free(inputs);
	return 0;
}
