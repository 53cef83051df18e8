#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tally_rows.h"

static char folder[64];

const char *tally_file(const char *name, const char *text, size_t len)
{
	static char path[8][96];
	static unsigned next;
	struct error err;

	snprintf(path[next % 8], sizeof(path[0]), "%s/%s", folder, name);
	if (file_write_atomic(path[next % 8], text, len, 0600, &err) < 0)
		fail_msg("%s", err.text);
	return path[next++ % 8];
}

const struct profile_options TALLY_LITTLE = {.threads = 2, .memory = 1000},
                             TALLY_MUCH = {.threads = 2, .memory = 1 << 26};

/* ---- a file with columns of all kinds ---- */

static const char HEADER[] = "row_id,x,tenth,few,flag,when,day,word,words,gone,whole,edge,weight\n";

static void add_row(struct str *out, struct rng *r, unsigned i)
{
	static const char *const missing[] = {"", "NA", "?"},
	                         *const cats[] = {"north", "south", "overseas", "K\xc3\xb6ln"},
	                         *const truth[] = {"yes", "No", "TRUE", "false"};
	const double x = rng_normal(r) * 3;

	str_addf(out, "%u,", 1000 + i * 3);
	str_addf(out, rng_below(r, 8) ? "%.3f," : "NA,", x);
	str_addf(out, "%.1f,", (double)rng_below(r, 400) / 10);
	str_addf(out, "%u,", (unsigned)rng_below(r, 5));
	str_addf(out, "%s,", rng_below(r, 9) ? truth[rng_below(r, 4)] : missing[rng_below(r, 3)]);
	str_addf(out, "2026-%02u-%02uT%02u:%02u:00Z,", 1 + i / 28 % 12, 1 + i % 28, (unsigned)rng_below(r, 24),
	         (unsigned)rng_below(r, 60));
	str_addf(out, "2025-01-%02u,", 1 + i / 2);
	str_addf(out, "%s,", rng_below(r, 6) ? cats[rng_below(r, 4)] : missing[rng_below(r, 3)]);
	str_addf(out, "\"note %u, of %s\",", (unsigned)rng_below(r, 1000), cats[rng_below(r, 4)]);
	str_adds(out, ",");
	str_addf(out, "%d,", (int)rng_below(r, 2000) - 1000);
	str_addf(out, "%s,", rng_below(r, 10) ? "1e300" : rng_below(r, 2) ? "inf" : "-inf");
	str_addf(out, "%u\n", (unsigned)rng_below(r, 4));
}

void tally_make_rows(struct rows *out, uint64_t seed)
{
	struct rng r;

	rng_init(&r, seed, 1);
	str_init(&out->text);
	for (unsigned i = 0; i < ROWS; i++) {
		out->at[i] = out->text.len;
		add_row(&out->text, &r, i);
	}
	out->at[ROWS] = out->text.len;
}

/* Rows [from, to) as a file. */
const char *tally_cut(const struct rows *r, size_t from, size_t to, const char *name)
{
	struct str text;
	const char *path;

	str_init(&text);
	str_adds(&text, HEADER);
	str_add(&text, r->text.data + r->at[from], r->at[to] - r->at[from]);
	path = tally_file(name, text.data, text.len);
	str_release(&text);
	return path;
}

static void read_as(struct reading *r, const char *weight)
{
	reading_init(r);
	if (weight)
		reading_set(r, "weight", weight, NULL);
}

struct tally *tally_of(const char *path, const struct profile_options *how)
{
	struct reading r;
	struct table about;
	struct error err;
	struct tally *t;

	read_as(&r, how->weights ? "weight" : NULL);
	t = tally_files(&about, &path, 1, &r, how, &err);
	if (!t)
		fail_msg("%s", err.text);
	reading_release(&r);
	table_release(&about);
	return t;
}

/* What is said of it; frees it. */
char *tally_said(struct tally *t)
{
	struct profile p;
	struct str json;

	str_init(&json);
	tally_profile(t, &p, NULL);
	profile_json(&p, &json);
	profile_release(&p);
	tally_free(t);
	return str_take(&json);
}

char *tally_table_says(const char *path, const struct profile_options *how)
{
	struct reading r;
	struct table t;
	struct error err;
	struct profile p;
	struct str json;

	str_init(&json);
	read_as(&r, how->weights ? "weight" : NULL);
	if (table_read(&t, &path, 1, &r, &(struct table_options){.spellings = true}, &err) < 0 ||
	    profile_table(&p, &t, how, &err) < 0)
		fail_msg("%s", err.text);
	profile_json(&p, &json);
	profile_release(&p);
	table_release(&t);
	reading_release(&r);
	return str_take(&json);
}

void tally_same(char *got, char *want, const char *what)
{
	size_t at = 0;

	while (got[at] && got[at] == want[at])
		at++;
	if (got[at] || want[at])
		fail_msg("%s: …%.160s… and not …%.160s…", what, got + (at < 80 ? 0 : at - 80),
		         want + (at < 80 ? 0 : at - 80));
	free(got);
	free(want);
}

struct tally *tally_of_text(const char *text, const char *option, const char *value)
{
	const char *path = tally_file("text.csv", text, strlen(text));
	struct reading r;
	struct table about;
	struct error err;
	struct tally *t;

	reading_init(&r);
	if (option && reading_set(&r, option, value, &err) < 0)
		fail_msg("%s", err.text);
	t = tally_files(&about, &path, 1, &r, &TALLY_MUCH, &err);
	if (!t)
		fail_msg("%s", err.text);
	reading_release(&r);
	table_release(&about);
	return t;
}

void tally_written(const struct tally *t, struct str *out)
{
	str_init(out);
	tally_write(t, out);
}

int tally_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/assay-tally-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

int tally_folder_end(void **state)
{
	static const char *const names[] = {"all.csv",  "part.csv", "a.csv",     "b.csv",
	                                    "text.csv", "out.csv",  "other.csv", "weighted.csv"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = xasprintf("%s/%s", folder, names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(folder);
}
