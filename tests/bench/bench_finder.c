/*
 * The finder's speed on one thread, in MB of output a second of its CPU time, medians of 7 rounds over 64 MiB each:
 *     bench_finder [KIND]
 * log      lines of a web server's log: times, addresses, sizes, states; no metrics
 * text     prose, few numbers
 * metrics  every line has a step and three metrics
 * bars     tqdm bars that paint over themselves
 */
#include <time.h>

#include "assay/run_finder.h"

enum { ROUNDS = 7, SIZE = 64 << 20 };

static size_t points;

static void on_found(void *user, const struct run_found *f)
{
	(void)user;
	points += f->kind == RUN_FOUND_METRIC;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void fill(struct str *s, const char *what)
{
	unsigned r = 1;

	str_clear(s);
	for (unsigned i = 0; s->len < SIZE; i++) {
		r = r * 1664525u + 1013904223u;
		if (strcmp(what, "log") == 0)
			str_addf(s,
			         "2026-11-27 07:%02u:%02u,%03u INFO worker-%u: GET /api/v1/items/%u HTTP/1.1 200 %u "
			         "bytes in %u ms "
			         "from 10.0.%u.%u:%u\n",
			         i / 60 % 60, i % 60, r % 1000, r % 16, r % 100000, r % 90000, r % 400, r % 256, i % 256,
			         1024 + r % 60000);
		else if (strcmp(what, "text") == 0)
			str_adds(
			    s, "The quick brown fox jumps over the lazy dog while the model is being trained, again.\n");
		else if (strcmp(what, "metrics") == 0)
			str_addf(s, "step=%u loss=0.%04u lr=0.001 val_auc=0.%04u\n", i, r % 10000, 5000 + r % 5000);
		else
			str_addf(
			    s, "\rtrain: %3u%%|##########          | %u/100000000 [00:12<00:34, 512.3it/s, loss=0.%03u]",
			    i % 100, i, r % 1000);
	}
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"log", "text", "metrics", "bars"};
	struct str text;

	str_init(&text);
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		double rates[ROUNDS];

		if (argc > 1 && strcmp(argv[1], kinds[k]) != 0)
			continue;
		fill(&text, kinds[k]);
		for (int i = 0; i < ROUNDS; i++) {
			struct run_finder *f = run_finder_new(NULL, on_found, NULL);
			double start = now();

			points = 0;
			for (size_t at = 0; at < text.len; at += 1 << 16)
				run_finder_feed(f, text.data + at, text.len - at < 1 << 16 ? text.len - at : 1 << 16);
			run_finder_end(f);
			rates[i] = (double)text.len / 1e6 / (now() - start);
			run_finder_free(f);
		}
		qsort(rates, ROUNDS, sizeof *rates, by_value);
		printf("%-8s %6.0f MB/s, %zu points\n", kinds[k], rates[ROUNDS / 2], points);
	}
	str_release(&text);
	return 0;
}
