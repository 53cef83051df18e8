/*
 * The bias report, measured on made-up decisions.
 *     bench_bias [CASES [REPLICATES [THREADS]]]      default 10^6 cases, 3 x 5 = 15 groups, 10,000, all
 * threads Parts: the table (once for a data set), the report (closed form), the resampling (bootstrap and
 * permutation), and a step of the threshold, all from columns in memory; medians and least of seven.
 * bench_bias --csv FILE [CASES]                  writes the cases (sex, region, score, label) for a peer
 */
#include <math.h>
#include <time.h>

#include "assay/bias.h"

enum { SEXES = 3, REGIONS = 5, TIMES = 7 };

static double seconds(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *x)
{
	qsort(x, TIMES, sizeof *x, by_size);
	return x[TIMES / 2];
}

struct made {
	size_t n;
	uint8_t *label;
	double *score;
	uint32_t *sex, *region, *both;
};

static void make(struct made *m, size_t n)
{
	struct rng r;
	rng_init(&r, 1, 0);
	*m = (struct made){n,
	                   xmalloc(n),
	                   xreallocarray(NULL, n, sizeof(double)),
	                   xcalloc(n, sizeof(uint32_t)),
	                   xcalloc(n, sizeof(uint32_t)),
	                   xcalloc(n, sizeof(uint32_t))};
	for (size_t i = 0; i < n; i++) {
		m->sex[i] = rng_unit(&r) < 0.02 ? 2 : (uint32_t)rng_below(&r, 2);
		m->region[i] = (uint32_t)rng_below(&r, REGIONS);
		m->both[i] = m->sex[i] * REGIONS + m->region[i];
		double x = rng_normal(&r) + 0.1 * m->sex[i];
		m->score[i] = 1 / (1 + exp(-x));
		m->label[i] = rng_unit(&r) < m->score[i];
	}
}

int main(int argc, char **argv)
{
	static const char *const sexes[SEXES] = {"f", "m", "x"};
	static const char *const regions[REGIONS] = {"n", "e", "s", "w", "c"};
	const char *groups[SEXES * REGIONS];
	struct arena *mem = arena_new();
	struct made m;
	struct error err;
	bool csv = argc > 2 && strcmp(argv[1], "--csv") == 0;
	long n = argc > (csv ? 3 : 1) ? strtol(argv[csv ? 3 : 1], NULL, 10) : 1000000;
	uint64_t replicates = !csv && argc > 2 ? (uint64_t)strtol(argv[2], NULL, 10) : BIAS_REPLICATES;
	int threads = !csv && argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0;
	make(&m, (size_t)n);
	if (csv) {
		FILE *f = fopen(argv[2], "w");
		if (!f)
			return 1;
		fputs("sex,region,score,label\n", f);
		for (size_t i = 0; i < m.n; i++)
			fprintf(f, "%s,%s,%.17g,%d\n", sexes[m.sex[i]], regions[m.region[i]], m.score[i], m.label[i]);
		return fclose(f) != 0;
	}
	for (size_t g = 0; g < SEXES * REGIONS; g++)
		groups[g] = arena_printf(mem, "%s %s", sexes[g / REGIONS], regions[g % REGIONS]);
	const struct bias_column column = {"sex,region", m.both, groups, SEXES * REGIONS};
	const struct bias_cases cases = {
	    .n = m.n, .label = m.label, .score = m.score, .columns = &column, .column_count = 1};
	const struct bias_table_options options = {.threads = threads};
	double took[5][TIMES], cpu[5][TIMES], gap = 0;
	for (int k = 0; k < TIMES; k++) {
		struct bias_table *t;
		struct bias_report r, again;
		struct bias_settings s;
		double wall[5], used[5];
		bias_settings_init(&s);
		for (int part = 0; part < 5; part++) {
			wall[part] = seconds(CLOCK_MONOTONIC);
			used[part] = seconds(CLOCK_PROCESS_CPUTIME_ID);
			if (part == 1 && bias_table_new(&cases, &options, &t, &err) != 0)
				return 1;
			if (part == 2 && bias_report(t, &s, &r, &err) != 0)
				return 1;
			if (part == 3) {
				const struct bias_resampling how = {.replicates = replicates, .seed = 1, .threads = threads};
				bias_resample(t, &how, &r);
			}
			if (part == 4) {
				s.threshold = 0.42;
				if (bias_report(t, &s, &again, &err) != 0)
					return 1;
				gap += bias_find(&again, "demographic_parity_difference", "sex,region", BIAS_WORST, BIAS_NONE)
				           ->v.value;
			}
			took[part][k] = seconds(CLOCK_MONOTONIC) - wall[part];
			cpu[part][k] = seconds(CLOCK_PROCESS_CPUTIME_ID) - used[part];
		}
		took[0][k] = took[1][k] + took[2][k] + took[3][k];
		cpu[0][k] = cpu[1][k] + cpu[2][k] + cpu[3][k];
		bias_report_release(&again);
		bias_report_release(&r);
		bias_table_free(t);
	}
	printf("%zu cases, %d groups, %llu replicates\n", m.n, SEXES * REGIONS, (unsigned long long)replicates);
	const char *const parts[5] = {"all, after parsing", "  table", "  report", "  resampling",
	                              "step of the threshold"};
	for (int part = 0; part < 5; part++) {
		double middle = median(took[part]), middle_cpu = median(cpu[part]);
		printf("%-24s %8.2f ms wall (least %.2f) %8.2f ms CPU (least %.2f)\n", parts[part], 1e3 * middle,
		       1e3 * took[part][0], 1e3 * middle_cpu, 1e3 * cpu[part][0]); /* sorted now */
	}
	printf("(%.3f)\n", gap / TIMES);
	arena_free(mem);
	return 0;
}
