#include "awkward.h"

#include <stdlib.h>
#include <string.h>

uint64_t awkward_seed(void)
{
	const char *value = getenv("SEED");

	return value ? strtoull(value, NULL, 10) : 1;
}

static void cell(struct str *out, struct rng *r, enum kind kind, unsigned row)
{
	static const char *const missing[] = {"NA", "", "?", "nan"}, *const words[] = {
	                                                                 "a",        "b", "\"b, c\"", "\xc3\xa9",
	                                                                 "\xe2\x82", "B", "  x",      "\"\"\"\""};
	const unsigned n = (unsigned)rng_below(r, 1000);

	if (kind == GONE || (kind == ONE_VALUE && row != 7) ||
	    (kind != IDS && kind != CONSTANT && rng_below(r, 12) == 0)) {
		str_adds(out, missing[rng_below(r, COUNT_OF(missing))]);
		return;
	}
	switch (kind) {
	case CONSTANT:
		str_adds(out, "-0.10");
		break;
	case ONE_VALUE:
	case WHOLE:
		str_addf(out, "%d", (int)n - 500);
		break;
	case DECIMALS:
		str_addf(out, "%s%u.%02u", n % 2 ? "-" : "", n, (unsigned)rng_below(r, 100));
		break;
	case MIXED:
		str_addf(out, "%u.%0*u", n % 7, 1 + (int)rng_below(r, 9), n);
		break;
	case HUGE_VALUES:
		str_addf(out, "%s%u.%ue%d", n % 2 ? "-" : "", 1 + n % 8, n,
		         n % 3                ? 307
		         : (int)n - 500 > 307 ? 0
		                              : (int)n - 500);
		break;
	case DENORMAL:
		str_addf(out, "%s%ue-3%02u", n % 2 ? "-" : "", n, (unsigned)rng_below(r, 24));
		break;
	case INFINITE:
		str_addf(out, n % 3 == 0 ? "inf" : n % 3 == 1 ? "-inf" : "%u.5", n);
		break;
	case BEYOND:
		str_addf(out, "9007199254740%03u", n);
		break;
	case ZEROS:
		str_adds(out, n % 3 == 0 ? "0" : n % 3 == 1 ? "-0" : "-0.00");
		break;
	case FAR_OUT:
		str_adds(out, row == 11 ? "1e15" : n % 2 ? "1.5" : "1.25");
		break;
	case TIMES:
		str_addf(out, "20%02u-%02u-%02uT%02u:%02u:%02u.%03uZ", n % 40, 1 + n % 12, 1 + n % 28, n % 24, n % 60,
		         row % 60, n);
		break;
	case DAYS:
		str_addf(out, "2026-%02u-%02u", 1 + row / 28 % 12, 1 + row % 28);
		break;
	case FLAGS:
		str_adds(out, n % 2 ? "yes" : n % 4 ? "No" : "FALSE");
		break;
	case WORDS:
		str_adds(out, words[n % COUNT_OF(words)]);
		break;
	case TEXTS:
		str_addf(out, "\"%u said: \"\"%u\"\", \t%s\"", n, (unsigned)rng_below(r, 1000),
		         n % 5 ? "" : "\xc3\x96l \xff");
		break;
	case CODES:
		str_addf(out, "%04u", n);
		break;
	default:
		str_addf(out, "%u", 5000 + row * 3);
	}
}

void awkward_make(struct awkward *m, uint64_t number)
{
	struct rng r;

	rng_init(&r, awkward_seed(), number);
	m->columns = 1 + (unsigned)rng_below(&r, AWKWARD_COLUMNS);
	m->rows =
	    rng_below(&r, 9) ? 12 + (unsigned)rng_below(&r, AWKWARD_ROWS - 12) : 1 + (unsigned)rng_below(&r, 3);
	str_init(&m->header);
	for (unsigned i = 0; i < m->columns; i++) {
		m->kinds[i] = (enum kind)((number + i * 7) % KINDS);
		str_addf(&m->header, "%s%u,", m->kinds[i] == IDS ? "id" : "c", i);
	}
	str_adds(&m->header, "weight\n");
	for (unsigned row = 0; row < m->rows; row++) {
		str_init(&m->line[row]);
		for (unsigned i = 0; i < m->columns; i++) {
			cell(&m->line[row], &r, m->kinds[i], row);
			str_addc(&m->line[row], ',');
		}
		m->weight[row] = row ? (unsigned)rng_below(&r, 4) : 1;
	}
}

void awkward_release(struct awkward *m)
{
	str_release(&m->header);
	for (unsigned row = 0; row < m->rows; row++)
		str_release(&m->line[row]);
}

void awkward_rows(const struct awkward *m, const uint32_t *order, unsigned from, unsigned to,
                  const unsigned *times, double scale, struct str *out)
{
	str_clear(out);
	str_add(out, m->header.data, m->header.len);
	for (unsigned i = from; i < to; i++) {
		unsigned row = order ? order[i] : i;

		for (unsigned k = times ? times[row] : 1; k > 0; k--) {
			str_add(out, m->line[row].data, m->line[row].len);
			str_addf(out, "%.17g\n", m->weight[row] * scale);
		}
	}
}
