/* What a number means, in words: for a person who asks. */
#include "inside.h"

static const char *number(double x, char out[NUM_TEXT])
{
	return isnan(x) ? "not defined" : num_people(x, 4, out);
}

static const char *interval_of(const struct bias_report *r, enum bias_rate rate)
{
	if (rate_is_share(rate))
		return r->settings.exact ? "Clopper-Pearson" : "Wilson";
	return rate == BIAS_FN_FP_RATIO ? "log, variance 1/FN + 1/FP" : "Student's t";
}

static const char *verdict_text(const struct bias_report *r, const struct bias_limit *limit,
                                const struct bias_value *v, struct arena *mem)
{
	char text[NUM_TEXT];
	const char *side = limit && limit->at_least ? "at least" : "at most";
	if (v->verdict == BIAS_TOO_FEW)
		return arena_printf(
		    mem, "too few: below %llu cases in a group, or %llu below the line. It neither passes nor fails.",
		    (unsigned long long)r->settings.minimum, (unsigned long long)r->settings.minimum_denominator);
	if (!limit)
		return "no limit is set";
	number(limit->limit, text);
	if (v->verdict == BIAS_OK)
		return arena_printf(mem, "ok: the whole interval is inside the limit (%s %s)", side, text);
	if (v->verdict == BIAS_FAILS)
		return arena_printf(mem, "fails: the whole interval is outside the limit (%s %s)", side, text);
	return arena_printf(mem,
	                    isnan(v->low) ? "at the limit: there is no interval yet to hold against it (%s %s)"
	                                  : "at the limit: the interval contains it (%s %s)",
	                    side, text);
}

static const char *rate_counts(const struct bias_report *r, const struct bias_group *g, enum bias_rate rate,
                               struct arena *mem)
{
	const struct counts k = {.c = {[TN] = g->tn, [FP] = g->fp, [FN] = g->fn, [TP] = g->tp}};
	double num, den;
	char text[NUM_TEXT];
	(void)r;
	if (!rate_is_share(rate) && rate != BIAS_FN_FP_RATIO)
		return arena_printf(mem, "%llu cases: %s", (unsigned long long)g->n,
		                    number(g->rate[rate].value, text));
	rate_parts(rate, &k, &num, &den);
	return arena_printf(mem, "%.0f / %.0f = %s", num, den, number(g->rate[rate].value, text));
}

void bias_explain_rate(const struct bias_report *r, size_t group, enum bias_rate rate, struct arena *mem,
                       struct bias_explanation *out)
{
	const struct bias_group *g = &r->groups[group];
	const struct rate_about *about = &RATES[rate];
	const struct bias_value *v = &g->rate[rate];
	char low[NUM_TEXT], high[NUM_TEXT];
	const struct bias_limit *limit = limit_for(&r->settings, about->name, &r->partitions[g->by]);
	*out = (struct bias_explanation){
	    .title = arena_printf(mem, "%s of %s (by %s)", about->words, g->name, r->partitions[g->by].name),
	    .definition = about->definition,
	    .formula = about->formula,
	    .counts = v->why ? arena_printf(mem, "cannot be computed: %s", v->why) : rate_counts(r, g, rate, mem),
	    .interval = arena_printf(mem, "%s, %g %%: %s to %s%s", interval_of(r, rate), r->settings.level * 100,
	                             number(v->low, low), number(v->high, high),
	                             limit && !r->settings.plain && v->verdict != BIAS_TOO_FEW
	                                 ? "; judged by the wider one that holds for all groups at once (Sidak)"
	                                 : ""),
	    .convention = *about->agrees ? arena_printf(mem, "agrees with %s", about->agrees) : "",
	    .verdict = verdict_text(r, limit, v, mem),
	};
}

static const char *form(const struct bias_report *r, const struct bias_measure *m,
                        const struct measure_about *about)
{
	bool odds = about->kind == ODDS_DIFFERENCE || about->kind == ODDS_RATIO;
	if (about->kind == OTHER) {
		switch (about->form) {
		case BY_SHARE:
			return "Wilson's of the group's share of the two";
		case BY_LABELS:
		case BY_LABELS_SIZE:
			return "Newcombe's hybrid score of the two base rates";
		case BY_DECISIONS:
			return "Newcombe's hybrid score of the two shares";
		case BY_BOOTSTRAP_FROM_0:
			return "percentiles of a bootstrap of the cells, from 0 where the base rates may agree";
		case BY_BOOTSTRAP:
			break;
		}
		return "percentiles of a bootstrap of the cells";
	}
	if (odds && m->scope == BIAS_WORST && about->kind == ODDS_DIFFERENCE && r->settings.mean_odds)
		return "percentiles of a bootstrap of the cells";
	if (m->scope == BIAS_WORST)
		return "from the intervals of all pairs: the unfair end of any alone, the fair end of all together "
		       "(Sidak)";
	if (odds)
		return "from the intervals of both rates";
	if (about->kind == RATIO)
		return "log of the ratio (Katz)";
	return rate_is_share(about->rate) ? "Newcombe's hybrid score" : "square and add";
}

/* The two sides with their counts. */
static const char *sides(const struct bias_report *r, const struct bias_measure *m,
                         const struct measure_about *about, struct arena *mem)
{
	char text[NUM_TEXT];
	if (m->v.why)
		return arena_printf(mem, "cannot be computed: %s", m->v.why);
	if ((about->kind == DIFFERENCE || about->kind == RATIO) && m->a != BIAS_NONE && m->b != BIAS_NONE)
		return arena_printf(mem, "%s %s; %s %s: %s", r->groups[m->a].name,
		                    rate_counts(r, &r->groups[m->a], about->rate, mem), r->groups[m->b].name,
		                    rate_counts(r, &r->groups[m->b], about->rate, mem), number(m->v.value, text));
	struct str line;
	str_init(&line);
	for (size_t g = 0; g < r->group_count; g++)
		if (g == m->a || g == m->b)
			str_addf(&line, "%s TP %llu FP %llu FN %llu TN %llu; ", r->groups[g].name,
			         (unsigned long long)r->groups[g].tp, (unsigned long long)r->groups[g].fp,
			         (unsigned long long)r->groups[g].fn, (unsigned long long)r->groups[g].tn);
	if (m->a == BIAS_NONE)
		str_addf(&line, "%llu cases; ", (unsigned long long)r->n);
	str_adds(&line, number(m->v.value, text));
	const char *kept = arena_memdup0(mem, line.data, line.len);
	str_release(&line);
	return kept;
}

void bias_explain_measure(const struct bias_report *r, size_t measure, struct arena *mem,
                          struct bias_explanation *out)
{
	const struct bias_measure *m = &r->measures[measure];
	const struct measure_about *about = measure_about(r, m);
	char low[NUM_TEXT], high[NUM_TEXT], boot_low[NUM_TEXT], boot_high[NUM_TEXT], p[NUM_TEXT];
	struct str interval;
	str_init(&interval);
	str_addf(&interval, "%s, %.4g %%: %s to %s", form(r, m, about), measure_level(r, m) * 100,
	         number(m->v.low, low), number(m->v.high, high));
	if (m->left_out)
		str_addf(&interval, "; %zu %s left out", m->left_out,
		         m->left_out == 1 ? "group that is too few is" : "groups that are too few are");
	if (!isnan(m->boot_low))
		str_addf(&interval, "; bootstrap of the cells, %llu replicates, seed %llu: %s to %s",
		         (unsigned long long)r->replicates, (unsigned long long)r->seed,
		         number(m->boot_low, boot_low), number(m->boot_high, boot_high));
	if (!isnan(m->p))
		str_addf(&interval, "; if the groups did not differ, as large a gap in %s of permutations",
		         number(m->p, p));
	const char *of = m->by == BIAS_NONE ? "all cases" : r->partitions[m->by].name;
	*out = (struct bias_explanation){
	    .title = m->scope == BIAS_REST
	                 ? arena_printf(mem, "%s of %s against all others", m->name, r->groups[m->a].name)
	             : m->a == BIAS_NONE || m->b == BIAS_NONE
	                 ? arena_printf(mem, "%s by %s", m->name, of)
	                 : arena_printf(mem, "%s by %s: %s, %s", m->name, of, r->groups[m->a].name,
	                                r->groups[m->b].name),
	    .definition = about->definition,
	    .formula = about->formula,
	    .counts = sides(r, m, about, mem),
	    .interval = arena_memdup0(mem, interval.data, interval.len),
	    .convention = *about->agrees ? arena_printf(mem, "agrees with %s", about->agrees) : "",
	    .verdict = verdict_text(r, m->limit, &m->v, mem),
	};
	str_release(&interval);
}
