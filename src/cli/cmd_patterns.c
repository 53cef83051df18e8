/* assay patterns: what is recognised in output, switching it, trying it on a file. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "assay/work_patterns.h"
#include "cli_run.h"
#include "commands.h"

static void list_json(const struct run_patterns *p)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_array(&j, "recognisers");
	for (size_t i = 0; i < RUN_RECOGNISER_COUNT; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "name", RUN_RECOGNISERS[i].name);
		jw_string(&j, "takes", RUN_RECOGNISERS[i].takes);
		jw_bool(&j, "off", run_patterns_is_off(p, RUN_RECOGNISERS[i].name, NULL));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "own");
	for (size_t i = 0; i < run_patterns_count(p); i++) {
		const char *expression, *name = run_patterns_name(p, i, &expression);
		jw_object(&j, NULL);
		jw_string(&j, "name", name);
		jw_string(&j, "expression", expression);
		jw_bool(&j, "off", run_patterns_is_off(p, "own", name));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "off");
	for (size_t i = 0; i < run_patterns_off_count(p); i++)
		jw_string(&j, NULL, run_patterns_off_at(p, i));
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void add_row(struct listing *g, const char *recogniser, const char *name, bool off, const char *takes)
{
	listing_text(g, recogniser, GRID_PLAIN);
	listing_text(g, name, GRID_PLAIN);
	listing_text(g, off ? "off" : "on", off ? GRID_WARN : GRID_GOOD);
	listing_text(g, takes, GRID_MUTED);
}

int cmd_patterns(struct cli *c)
{
	struct store *store = NULL;
	struct run_patterns *p = NULL;
	struct listing g;
	int status = -1;
	listing_init(&g);
	if (work_open(c->store, STORE_READ, &store, &c->err) != 0 ||
	    work_patterns_read(store, cli_get(c, "experiment"), &p, &c->err) != 0)
		goto out;
	status = 0;
	if (c->json) {
		list_json(p);
		goto out;
	}
	listing_column(&g, "recogniser", "recogniser", GRID_LEFT);
	listing_column(&g, "name", "name", GRID_LEFT);
	listing_column(&g, "is", "is", GRID_LEFT);
	listing_column(&g, "takes", "takes", GRID_LEFT);
	for (size_t i = 0; i < run_patterns_count(p); i++) {
		const char *expression, *name = run_patterns_name(p, i, &expression);
		add_row(&g, "own", name, run_patterns_is_off(p, "own", name), expression);
	}
	for (size_t i = 0; i < RUN_RECOGNISER_COUNT; i++)
		if (strcmp(RUN_RECOGNISERS[i].name, "own") != 0 || run_patterns_count(p) == 0)
			add_row(&g, RUN_RECOGNISERS[i].name, "", run_patterns_is_off(p, RUN_RECOGNISERS[i].name, NULL),
			        RUN_RECOGNISERS[i].takes);
	for (size_t i = 0; i < run_patterns_off_count(p); i++) {
		const char *word = run_patterns_off_at(p, i), *colon = strchr(word, ':');
		if (!colon)
			continue;
		char *recogniser = xmemdup0(word, (size_t)(colon - word));
		add_row(&g, recogniser, colon + 1, true, "");
		free(recogniser);
	}
	listing_print(&g, c, stdout);
out:
	listing_release(&g);
	run_patterns_free(p);
	store_close(store);
	return status;
}

static int switch_all(struct cli *c, bool off)
{
	struct store *store = NULL;
	int status = work_open(c->store, STORE_WRITE, &store, &c->err);
	const char *experiment = cli_get(c, "experiment");
	for (size_t i = 0; status == 0 && i < c->arg_count; i++) {
		bool changed;
		status = work_patterns_switch(store, experiment, c->args[i], off, &changed, &c->err);
		if (status == 0 && !c->quiet)
			safe_fprintf(stdout, "%s is %s%s%s%s\n", c->args[i], off ? "off" : "on",
			             changed ? " for the runs to come" : " already", experiment ? " of " : "",
			             experiment ? experiment : "");
	}
	store_close(store);
	return status;
}

int cmd_patterns_off(struct cli *c)
{
	return switch_all(c, true);
}

int cmd_patterns_on(struct cli *c)
{
	return switch_all(c, false);
}

/* ---- trying ---- */

struct last { /* by name: what was found last */
	struct intern names;
	struct run_found *found;
	size_t cap;
};

static void on_found(void *user, const struct run_found *f)
{
	struct last *l = user;
	char key[160];
	uint32_t id;
	snprintf(key, sizeof key, "%s:%s", f->recogniser, f->kind == RUN_FOUND_PROGRESS ? "(progress)" : f->name);
	if (f->kind == RUN_FOUND_FULL)
		return;
	id = intern_add(&l->names, key, strlen(key));
	l->found = vec_reserve(l->found, &l->cap, (size_t)id + 1, sizeof *l->found);
	l->found[id] = *f;
}

static int feed_file(struct cli *c, struct run_finder *f)
{
	static char buffer[1 << 16];
	const char *path = c->arg_count ? c->args[0] : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	ssize_t n = 0;
	if (fd < 0)
		return error_errno(&c->err, ERR_ENV, "cannot read %s", path);
	while ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			run_finder_feed(f, buffer, (size_t)n);
	if (n < 0)
		error_errno(&c->err, ERR_ENV, "cannot read %s", path ? path : "standard input");
	if (path)
		close(fd);
	run_finder_end(f);
	return n < 0 ? -1 : 0;
}

static void try_print(struct cli *c, const struct run_finder *f, const struct last *l)
{
	struct listing g;
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	listing_init(&g);
	listing_column(&g, "recogniser", "recogniser", GRID_LEFT);
	listing_column(&g, "name", "name", GRID_LEFT);
	listing_column(&g, "lines", "lines", GRID_RIGHT);
	listing_column(&g, "last", "last", GRID_POINT);
	listing_column(&g, "step", "step", GRID_RIGHT);
	listing_column(&g, "example", "example", GRID_LEFT);
	for (size_t i = 0; i < run_finder_recognised(f); i++) {
		struct run_recognised r;
		char key[160], people[NUM_TEXT], number[NUM_TEXT];
		run_finder_recognised_at(f, i, &r);
		snprintf(key, sizeof key, "%s:%s", r.recogniser, r.name);
		const struct run_found *last = &l->found[intern_find(&l->names, key, strlen(key))];
		bool metric = last->kind == RUN_FOUND_METRIC;
		listing_text(&g, r.recogniser, GRID_PLAIN);
		listing_text(&g, r.name, GRID_PLAIN);
		listing_int(&g, r.lines);
		listing_both(&g, isnan(last->value) ? "nan" : num_people(last->value, 4, people),
		             num_shortest(last->value, number), true, GRID_PLAIN);
		if (metric)
			listing_int(&g, last->step);
		else
			listing_none(&g);
		listing_text(&g, r.example, GRID_MUTED);
		jw_object(&j, NULL);
		jw_string(&j, "recogniser", r.recogniser);
		jw_string(&j, "name", r.name);
		jw_int(&j, "lines", r.lines);
		jw_num(&j, "last", last->value, "not finite");
		if (metric)
			jw_int(&j, "step", last->step);
		jw_string(&j, "example", r.example);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	if (c->json)
		json_print(&json, stdout);
	else if (run_finder_recognised(f) || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		fprintf(stderr, "nothing was recognised; `assay patterns ls` tells what is\n");
	listing_release(&g);
	str_release(&json);
}

int cmd_patterns_try(struct cli *c)
{
	struct store *store = NULL;
	struct run_patterns *p = NULL;
	struct last last = {.cap = 0};
	struct error none;
	char *path = store_find(c->store, &none);
	int status = 0;
	intern_init(&last.names);
	/* A store is not needed, but one that was asked for must be there. */
	if (c->store || path)
		status = work_open(c->store, STORE_READ, &store, &c->err) != 0 ||
		                 work_patterns_read(store, cli_get(c, "experiment"), &p, &c->err) != 0
		             ? -1
		             : 0;
	if (status == 0) {
		struct run_finder *f = run_finder_new(p, on_found, &last);
		status = feed_file(c, f);
		if (status == 0)
			try_print(c, f, &last);
		run_finder_free(f);
	}
	free(path);
	free(last.found);
	intern_release(&last.names);
	run_patterns_free(p);
	store_close(store);
	return status;
}
