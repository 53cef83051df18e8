/* Calibration within groups. */
#include "inside.h"

struct cases {
	double *score;
	uint8_t *label;
	size_t n;
};

static void collect(const struct bias_table *t, const struct partition *p, size_t g, struct cases *out)
{
	out->n = 0;
	for (size_t i = 0; i < t->cell_count; i++)
		if (p->group_of[i] == g)
			for (int label = 0; label < 2; label++)
				for (size_t k = t->cells[i].first[label]; k < t->cells[i].end[label]; k++) {
					out->score[out->n] = t->score[k];
					out->label[out->n++] = (uint8_t)label;
				}
}

/* The bin of stats_calibration's uniform kind. */
static size_t bin_of(const struct calibration *c, double score)
{
	size_t bin = 0;
	while (bin + 1 < STATS_CALIBRATION_BINS && score >= c->bin[bin + 1].low)
		bin++;
	return bin;
}

/* Resampled ECEs of a group: each row is in a resample as often as a Poisson number says. */
struct resampled {
	const struct bias_resampling *how;
	const struct cases *cases;
	uint8_t *bin;
	double *ece;
	uint64_t replicates, stream;
};

static void resample(void *user, size_t chunk)
{
	const struct resampled *s = user;
	struct rng rng;
	double apart[STATS_CALIBRATION_BINS] = {0}, size = 0, sum = 0;
	if (s->how->stop && atomic_load_explicit(s->how->stop, memory_order_relaxed))
		return;
	rng_init(&rng, s->how->seed, s->stream << 32 | chunk);
	for (size_t i = 0; i < s->cases->n; i++) {
		double weight = rng_poisson_weight(&rng);
		apart[s->bin[i]] += weight * (s->cases->score[i] - s->cases->label[i]);
		size += weight;
	}
	for (int b = 0; b < STATS_CALIBRATION_BINS; b++)
		sum += fabs(apart[b]);
	s->ece[chunk] = divide(sum, size);
}

static void ece_interval(const struct cases *cases, const struct bias_resampling *how, double level,
                         uint64_t stream, struct bias_calibration *out)
{
	struct resampled s = {.how = how, .cases = cases, .replicates = how->replicates, .stream = stream};
	s.ece = xreallocarray(NULL, s.replicates, sizeof *s.ece);
	s.bin = xmalloc(cases->n + 1);
	for (size_t i = 0; i < cases->n; i++)
		s.bin[i] = (uint8_t)bin_of(&out->uniform, cases->score[i]);
	parallel_chunks(s.replicates, how->threads, resample, &s);
	size_t n = stats_finite(s.ece, s.replicates, s.ece);
	stats_sort(s.ece, n);
	/* A resample's ECE lies above the sample's as the sample's above the truth: turned round. */
	out->ece.low = fmax(0, 2 * out->ece.value - stats_quantile(s.ece, n, 0.5 + level / 2));
	out->ece.high = fmax(0, 2 * out->ece.value - stats_quantile(s.ece, n, 0.5 - level / 2));
	free(s.bin);
	free(s.ece);
}

bool bias_calibrate(const struct bias_table *t, size_t by, double level, const struct bias_resampling *how,
                    struct bias_calibration *out)
{
	const struct partition *p = &t->partitions[by];
	bool done = t->has_scores;
	struct cases cases = {xreallocarray(NULL, t->n + 1, sizeof(double)), xmalloc(t->n + 1), 0};
	for (size_t g = 0; g < p->about.group_count && done; g++) {
		struct bias_calibration *c = &out[g];
		collect(t, p, g, &cases);
		stats_calibration(cases.score, cases.label, cases.n, false, &c->uniform);
		for (int b = 0; b < STATS_CALIBRATION_BINS; b++)
			stats_wilson((double)c->uniform.bin[b].positives, (double)c->uniform.bin[b].count, level,
			             &c->rate[b].low, &c->rate[b].high);
		c->ece = (struct bias_value){.value = c->uniform.ece, .low = (double)NAN, .high = (double)NAN};
		if (how->replicates > 0)
			ece_interval(&cases, how, level, (uint64_t)by << 16 | g, c);
		done = !(how->stop && atomic_load_explicit(how->stop, memory_order_relaxed));
	}
	free(cases.label);
	free(cases.score);
	return done;
}
