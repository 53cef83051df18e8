/* How far a piece of work has come, for people: its rate, the time that is left. */
#include <math.h>
#include <string.h>

#include "assay/base_progress.h"

/* The rate is that of the last two to four seconds: steady enough to be read, and soon right when it changes. */
#define MARK_MS  2000
#define FIRST_MS 200

void progress_look(const struct progress *p, int64_t mono_ms, struct progress_seen *s)
{
	const char *what = p->what;
	uint64_t done = p->done, total = p->total;
	int64_t span;

	if (!what) {
		memset(s, 0, sizeof *s);
		return;
	}
	/* A stage that goes on from where it was is the same one; one of the same name that begins again is not. */
	if (s->what != what || done < s->done) {
		*s = (struct progress_seen){.what = what, .began = mono_ms};
		s->marks[0] = s->marks[1] = (struct progress_mark){mono_ms, done};
	}
	s->unit = p->unit;
	s->total = total;
	s->done = total && done > total ? total : done;
	if (mono_ms - s->marks[1].at >= MARK_MS) {
		s->marks[0] = s->marks[1];
		s->marks[1] = (struct progress_mark){mono_ms, s->done};
	}
	span = mono_ms - s->marks[0].at;
	s->share = total ? (double)s->done / (double)total : (double)NAN;
	s->rate = span >= FIRST_MS ? (double)(s->done - s->marks[0].done) * 1000 / (double)span : (double)NAN;
	s->left_ms = total && s->rate > 0 ? (int64_t)((double)(total - s->done) * 1000 / s->rate) : -1;
}

static const char *amount(const struct progress_seen *s, double value, char out[NUM_TEXT])
{
	return s->unit && strcmp(s->unit, "bytes") == 0 ? bytes_people((uint64_t)value, out)
	                                                : count_people((int64_t)value, out);
}

void progress_text(const struct progress_seen *s, struct str *out)
{
	const bool bytes = s->unit && strcmp(s->unit, "bytes") == 0;
	char text[NUM_TEXT], span[TIME_TEXT];

	str_adds(out, amount(s, (double)s->done, text));
	if (s->total)
		str_addf(out, " of %s", amount(s, (double)s->total, text));
	if (s->unit && !bytes)
		str_addf(out, " %s", s->unit);
	/* Of what comes in few pieces there is no rate to speak of. */
	if (s->rate >= 1)
		str_addf(out, ", %s/s", amount(s, s->rate, text));
	if (s->left_ms >= 60000)
		str_addf(out, ", %s left", time_span(s->left_ms, span));
	else if (s->left_ms >= 0)
		str_addf(out, ", %llds left", (long long)(s->left_ms + 999) / 1000);
}
