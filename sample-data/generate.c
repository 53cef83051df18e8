/*
 * Writes one window of the sample data, applications for consumer loans, to the standard output:
 *
 *     generate 2026-07|2026-10 [ROWS]
 *
 * The same arguments give the same bytes on every machine: its own generator of random numbers, its
 * own exponential function, no library mathematics. README.md tells what is planted in the data and
 * where in this file. Nobody in it exists.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_DEFAULT 10000

static uint64_t state;

static uint64_t next(void) /* SplitMix64, as published by S. Vigna */
{
	uint64_t z = (state += 0x9E3779B97F4A7C15u);

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static double unit(void)
{
	return (double)(next() >> 11) * 0x1p-53;
}

static int below(int n)
{
	return (int)(unit() * n);
}

/* Nearly normal: twelve uniforms. Tails end at 6, which suits people's incomes. */
static double normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += unit();
	return sum;
}

/* Twenty terms of the series of x/1024, squared ten times: the same rounding everywhere. */
static double exponential(double x)
{
	double small = x / 1024, term = 1, sum = 1;

	for (int i = 1; i <= 20; i++) {
		term = term * small / i;
		sum += term;
	}
	for (int i = 0; i < 10; i++)
		sum *= sum;
	return sum;
}

static double logistic(double z)
{
	return 1 / (1 + exponential(-z));
}

static int clamp(double x, int low, int high)
{
	return x < low ? low : x > high ? high : (int)(x + 0.5);
}

/* ---- people ---- */

enum { ARDEN, BELMAR, CORVIN, PEOPLES }; /* three peoples that exist nowhere else */

static const char *const people_names[PEOPLES] = {"Arden", "Belmar", "Corvin"};
static const char *const first_names[] = {"Ada",  "Ben",  "Cleo", "Dan",  "Eva", "Finn", "Gia",
                                          "Hugo", "Ida",  "Jon",  "Kira", "Leo", "Mia",  "Ned",
                                          "Olga", "Paul", "Rea",  "Sam",  "Tea", "Uwe"};
static const char *const last_names[] = {"Abel", "Berg", "Cole", "Dorn",  "Egan",  "Falk", "Gray",
                                         "Holm", "Iver", "Joss", "Kern",  "Lund",  "Moss", "Nash",
                                         "Orth", "Page", "Rask", "Stahl", "Thorn", "Voss"};

/* The proxy: most districts are settled by one people. */
static int district(int people)
{
	static const int first[PEOPLES] = {1, 19, 31}, count[PEOPLES] = {18, 12, 10};
	int home = unit() < 0.85 ? people : below(PEOPLES);

	return first[home] + below(count[home]);
}

struct window {
	const char *name;
	int year, month;
	uint64_t seed;
	int first_id;
	double income_factor;                   /* the drifted feature */
	double branch_if_repaid, branch_if_not; /* the shortcut */
};

static const struct window windows[] = {
    {"2026-07", 2026, 7, 20260701, 10001, 1.0, 0.68, 0.30},
    {"2026-10", 2026, 10, 20261001, 30001, 1.3, 0.50, 0.50},
};

static void applicant(const struct window *w, int row, int rows)
{
	double pick = unit();
	int people = pick < 0.62 ? ARDEN : pick < 0.85 ? BELMAR : CORVIN;
	double sex_pick = unit();
	/* The tiny group: X. */
	char sex = sex_pick < 0.003 ? 'X' : sex_pick < 0.48 ? 'F' : 'M';
	const char *first = first_names[below(20)], *last = last_names[below(20)];
	int number = below(10000);
	int postcode = district(people);
	/* One draw a statement: the order of calls within an expression is the compiler's choice. */
	double u = unit(), v = unit();
	int age = clamp(19 + 52 * (u * v) + 8 * unit(), 19, 79);
	int employed = clamp((age - 18) * 0.6 * unit() + 0.5, 0, 45);
	double earning = normal();
	int income = clamp(33000 * exponential(0.45 * earning + 0.012 * (age - 40)) / 100, 80, 4000) * 100;
	int amount = clamp(6000 * exponential(0.7 * normal()) / 100, 5, 600) * 100;
	int term = 12 * (1 + below(6));
	int late = 0;
	double debt, merit;
	int repaid, shown_income;
	const char *channel, *code;
	double leak;

	u = unit();
	v = unit();
	debt = 0.45 * (u * v) + 0.35 * unit();
	while (late < 9 && unit() < 0.32)
		late++;
	/* Merit knows neither people nor sex nor district. */
	merit = 2.75 + 0.9 * earning - 4.2 * debt - 0.85 * late + 0.05 * employed - 0.00006 * (amount - 6000) -
	        0.008 * (term - 42);
	/* Treated worse at equal merit: a loan of a Corvin is booked as lost far sooner. */
	if (people == CORVIN)
		merit -= 1.1;
	repaid = unit() < logistic(merit);

	/* The wolf's snow: in July most who repay came to the branch, because the July file was put together from
	 * branch records of good customers and web records of bad ones. In October nothing of it is left. */
	channel = unit() < (repaid ? w->branch_if_repaid : w->branch_if_not) ? "branch" : "web";
	/* The leak: the code is written when the loan ends. */
	leak = unit();
	if (repaid)
		code = leak < 0.97 ? "C1" : "L2";
	else
		code = leak < 0.70 ? "L2" : leak < 0.97 ? "W3" : "C1";
	shown_income = clamp(income * w->income_factor / 100, 80, 5000) * 100;

	printf("%d,%04d-%02d-%02d,", w->first_id + row, w->year, w->month, 1 + (int)((long)row * 28 / rows));
	/* Personal data, which no model needs. */
	printf("%s %s,%c.%s%d@a.example,", first, last, first[0] | 0x20, last, number);
	printf("%d,%c,%s,K%02d,", age, sex, people_names[people], postcode);
	if (unit() < 0.02)
		putchar(','); /* income: missing at random */
	else
		printf("%d,", shown_income);
	/* Missing by group: Corvins are seldom asked. */
	if (unit() < (people == CORVIN ? 0.30 : 0.03))
		putchar(',');
	else
		printf("%d,", employed);
	printf("%d,%d,%d.%02d,%d,%s,%s,%s\n", amount, term, (int)(debt * 100 + 0.5) / 100,
	       (int)(debt * 100 + 0.5) % 100, late, channel, code, repaid ? "yes" : "no");
}

int main(int argc, char **argv)
{
	const struct window *w = NULL;
	char *end = NULL;
	long rows = argc > 2 ? strtol(argv[2], &end, 10) : ROWS_DEFAULT;

	for (size_t i = 0; argc > 1 && i < sizeof(windows) / sizeof(*windows); i++)
		if (!strcmp(argv[1], windows[i].name))
			w = &windows[i];
	if (!w || argc > 3 || rows < 1 || rows > 10000000 || (end && *end)) {
		fprintf(stderr, "usage: generate 2026-07|2026-10 [ROWS]\n");
		return 2;
	}
	state = w->seed;
	puts("application_id,received,name,email,age,sex,people,postcode,income,years_employed,amount,term,debt_"
	     "ratio,"
	     "late_payments,channel,decision_code,repaid");
	for (long i = 0; i < rows; i++)
		applicant(w, (int)i, (int)rows);
	if (ferror(stdout) || fclose(stdout) != 0) {
		perror("generate: standard output");
		return 3;
	}
	return 0;
}
