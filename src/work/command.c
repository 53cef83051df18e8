/* The command line that does what a form or a call asks for. */
#include <math.h>

#include <json-c/json.h>

#include "assay/work.h"

void work_train_init(struct work_train *t)
{
	*t = (struct work_train){.split = NAN, .seed = -1};
}

struct words {
	struct arena *mem;
	const char **items;
	size_t count, cap;
};

static void word(struct words *w, const char *text)
{
	w->items = vec_reserve(w->items, &w->cap, w->count + 2, sizeof *w->items);
	w->items[w->count++] = arena_strdup(w->mem, text);
	w->items[w->count] = NULL;
}

static void option(struct words *w, const char *name, const char *value)
{
	if (!value)
		return;
	word(w, name);
	word(w, value);
}

/* The words, moved into their arena. */
static const char *const *taken(struct words *w)
{
	const char **kept = arena_array(w->mem, w->count + 1, sizeof *kept);
	memcpy(kept, w->items, w->count * sizeof *kept);
	free(w->items);
	return kept;
}

const char *const *work_train_argv(const struct work_train *t, struct arena *mem)
{
	struct words w = {.mem = mem};
	char number[NUM_TEXT];
	word(&w, "assay");
	word(&w, "train");
	if (t->recipe)
		word(&w, t->recipe);
	option(&w, "--data", t->data);
	option(&w, "--test", t->test);
	if (!isnan(t->split))
		option(&w, "--split", num_shortest(t->split, number));
	option(&w, "--label", t->label);
	option(&w, "--positive", t->positive);
	if (t->drop_count) {
		struct str list;
		str_init(&list);
		for (size_t i = 0; i < t->drop_count; i++) {
			if (i)
				str_addc(&list, ',');
			/* A name that the list's own grammar would cut is quoted as in CSV. */
			csv_field(&list, t->drop[i], strlen(t->drop[i]), ',', false);
		}
		option(&w, "--drop", list.data);
		str_release(&list);
	}
	for (size_t i = 0; i < t->set_count; i++)
		option(&w, "--set", arena_printf(mem, "%s=%s", t->set[i].key, t->set[i].value));
	if (t->seed >= 0)
		option(&w, "--seed", arena_printf(mem, "%lld", (long long)t->seed));
	if (t->threads > 0)
		option(&w, "--threads", arena_printf(mem, "%d", t->threads));
	option(&w, "-e", t->experiment);
	option(&w, "-n", t->name);
	return taken(&w);
}

const char *const *work_run_argv(const struct work_run *r, struct arena *mem)
{
	struct words w = {.mem = mem};
	word(&w, "assay");
	word(&w, "run");
	option(&w, "-e", r->experiment);
	option(&w, "-n", r->name);
	for (size_t i = 0; i < r->param_count; i++)
		option(&w, "-p", arena_printf(mem, "%s=%s", r->params[i].key, r->params[i].value));
	for (size_t i = 0; i < r->tag_count; i++)
		option(&w, "--tag", arena_printf(mem, "%s=%s", r->tags[i].key, r->tags[i].value));
	for (size_t i = 0; i < r->data_count; i++)
		option(&w, "--data", r->data[i]);
	if (r->pipe)
		word(&w, "--pipe");
	option(&w, "--orphans", r->orphans);
	option(&w, "--no-recognise", r->unrecognised);
	word(&w, "--");
	for (size_t i = 0; r->argv[i]; i++)
		word(&w, r->argv[i]);
	return taken(&w);
}

/* Characters that no shell gives a meaning to, wherever they stand in a word. */
static bool is_plain(const char *text)
{
	if (!*text)
		return false;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (!(*p >= 0x80 || (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= 'a' && *p <= 'z') || strchr("%+,-./:=@_", *p)))
			return false;
	return text[0] != '=';
}

void work_shell_line(const char *const *argv, struct str *out)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			str_addc(out, ' ');
		if (is_plain(argv[i])) {
			str_adds(out, argv[i]);
			continue;
		}
		str_addc(out, '\'');
		for (const char *p = argv[i]; *p; p++) {
			if (*p == '\'')
				str_adds(out, "'\\''");
			else
				str_addc(out, *p);
		}
		str_addc(out, '\'');
	}
}

const char **work_command_words(const char *json, struct arena *mem, size_t *count)
{
	struct json_object *argv = json ? json_tokener_parse(json) : NULL;
	const char **words = NULL;
	*count = 0;
	if (json_object_is_type(argv, json_type_array)) {
		*count = json_object_array_length(argv);
		words = arena_array(mem, *count + 1, sizeof *words);
	}
	for (size_t i = 0; i < *count; i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(argv, i));
		words[i] = arena_strdup(mem, word ? word : "");
	}
	json_object_put(argv);
	return words;
}
