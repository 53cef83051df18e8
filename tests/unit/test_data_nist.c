/*
 * NIST StRD from file to profile: univariate sets and one-way analyses of variance reach their certified digits through
 * the reader, packed or not, kept, summed up in little memory and joined from parts. (test_stats_nist.c: the
 * functions alone.)
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/tally_rows.h"
#include "../lib/splits.h"

#define FOLDER       "../shared/data/nist/univariate"
#define ANOVA_FOLDER "../shared/data/nist/anova"

/* -log10 of the relative error, at most 15. */
static double digits(double got, double certified)
{
	double error = fabs(got - certified) / (certified != 0 ? fabs(certified) : 1);

	return error > 1e-15 ? -log10(error) : 15;
}

static void check(const struct profile *p, json_object *set, const char *name, const char *way)
{
	const struct column_profile *c = &p->columns[0];
	double mean = digits(c->mean, oracle_num(set, "mean")), sd = digits(c->sd, oracle_num(set, "sd")),
	       lag1 = digits(c->lag1, oracle_num(set, "r1"));

	assert_int_equal(p->rows, (uint64_t)oracle_num(set, "n"));
	assert_int_equal(c->missing, 0);
	if (!(mean >= 14 && sd >= 14 && lag1 >= 14))
		fail_msg("%s, %s: %.1f digits of the mean, %.1f of sd, %.1f of lag-1", name, way, mean, sd, lag1);
}

/* The lines behind the header that stand before `at`, or those from there on. */
static struct tally *part(const struct str *text, size_t at, bool second)
{
	const size_t head = (size_t)(strchr(text->data, '\n') - text->data) + 1;
	struct str one;
	struct tally *t;

	str_init(&one);
	str_add(&one, text->data, head);
	str_add(&one, text->data + (second ? at : head), second ? text->len - at : at - head);
	t = tally_of(tally_file("part.csv", one.data, one.len), &TALLY_LITTLE);
	str_release(&one);
	return t;
}

static void test_univariate(void **state)
{
	json_object *all = json_object_from_file(FOLDER "/certified.json");
	size_t sets = 0;

	(void)state;
	if (!all)
		skip();
	json_object_object_foreach(all, name, set)
	{
		char *path;
		struct str text;
		struct reading r;
		struct error err;
		struct profile p;
		struct table t;
		struct tally *whole, *rest;
		size_t at;

		if (name[0] == '_')
			continue; /* where the values come from */
		path = xasprintf(FOLDER "/%s.csv", name);
		reading_init(&r);
		for (int packed = 0; packed < 2; packed++) {
			if (table_read(&t, (const char *const[]){path}, 1, &r,
			               &(struct table_options){.threads = 2, .slice = 50, .packed = packed}, &err) < 0)
				fail_msg("%s", err.text);
			assert_int_equal(profile_table(&p, &t, NULL, &err), 0);
			check(&p, set, name, packed ? "packed" : "plain");
			profile_release(&p);
			table_release(&t);
		}
		whole = tally_of(path, &TALLY_LITTLE);
		tally_profile(whole, &p, NULL);
		check(&p, set, name, "summed up");
		profile_release(&p);
		tally_free(whole);

		str_init(&text);
		assert_int_equal(file_read(path, &text, (size_t)1 << 20, &err), 0);
		for (at = text.len / 3; text.data[at - 1] != '\n'; at++)
			;
		whole = part(&text, at, false);
		rest = part(&text, at, true);
		if (tally_merge(whole, rest, &err) < 0)
			fail_msg("%s: %s", name, err.text);
		tally_profile(whole, &p, NULL);
		check(&p, set, name, "joined");
		profile_release(&p);
		tally_free(whole);
		tally_free(rest);
		str_release(&text);
		reading_release(&r);
		free(path);
		sets++;
	}
	assert_true(sets >= 9);
	json_object_put(all);
}

/* The last number of a line. */
static double last_number(const char *line)
{
	double found = NAN;

	for (const char *p = line; *p && *p != '\n';) {
		size_t len = strcspn(p, " \r\n");
		double value;

		if (num_parse(p, len, &value))
			found = value;
		p += len;
		p += strspn(p, " \r");
	}
	return found;
}

static void test_anova(void **state)
{
	static const char *const sets[] = {"AtmWtAg", "SiRstv", "SmLs01", "SmLs02", "SmLs03", "SmLs04",
	                                   "SmLs05",  "SmLs06", "SmLs07", "SmLs08", "SmLs09"};

	(void)state;
	if (!file_exists(ANOVA_FOLDER "/SiRstv.dat"))
		skip();
	for (size_t i = 0; i < COUNT_OF(sets); i++) {
		char *path = xasprintf(ANOVA_FOLDER "/%s.dat", sets[i]);
		double f = NAN, r2 = NAN;
		struct str text, csv;
		struct reading r;
		struct error err;
		struct table t;
		struct split s;
		bool data = false;

		str_init(&text);
		str_init(&csv);
		assert_int_equal(file_read(path, &text, (size_t)4 << 20, &err), 0);
		str_adds(&csv, "y,group\n");
		for (const char *line = text.data; *line;
		     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
			if (!strncmp(line, "Between", 7))
				f = last_number(line);
			else if (memmem(line, strcspn(line, "\n"), "Certified R-Squared", 19))
				r2 = last_number(line);
			else if (!strncmp(line, "Data:", 5))
				data = true;
			else if (data && strspn(line, " 0123456789") > 1) {
				const char *group = line + strspn(line, " "), *y = group + strcspn(group, " ");

				y += strspn(y, " ");
				str_addf(&csv, "%.*s,g%.*s\n", (int)strcspn(y, " \r\n"), y, (int)strcspn(group, " "), group);
			}
		}
		reading_init(&r);
		for (int packed = 0; packed < 2; packed++) {
			if (table_read_bytes(&t, sets[i], csv.data, csv.len, &r,
			                     &(struct table_options){.packed = packed}, &err) < 0 ||
			    split_once(&s, &t, 0, 1, 0, &err) < 0)
				fail_msg("%s: %s", sets[i], err.text);
			if (!(digits(s.anova.f, f) >= 14))
				fail_msg("%s: F is %.16g, certified is %.16g", sets[i], s.anova.f, f);
			if (!(digits(s.anova.eta2, r2) >= 14))
				fail_msg("%s: eta2 is %.16g, certified is %.16g", sets[i], s.anova.eta2, r2);
			split_release(&s);
			table_release(&t);
		}
		reading_release(&r);
		str_release(&text);
		str_release(&csv);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_univariate), cmocka_unit_test(test_anova)};

	return cmocka_run_group_tests(tests, tally_folder, tally_folder_end);
}
