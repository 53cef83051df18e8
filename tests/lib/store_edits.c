#include "store_edits.h"

int64_t make_run(struct store_place *p, const char *name, bool over)
{
	struct run_new new = {.name = name, .experiment = "lending"};
	struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	char uuid[ID_TEXT];
	int64_t id;

	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	if (over)
		must(p, store_run_end(p->store, id, &ending, &p->err));
	return id;
}

const char *tags_of(struct store_place *p, int64_t run)
{
	struct store_pair *tags;
	struct str out;
	const char *text;
	size_t count;

	str_init(&out);
	must(p, store_tags(p->store, run, p->mem, &tags, &count, &p->err));
	for (size_t i = 0; i < count; i++)
		str_addf(&out, "%s%s=%s", i ? " " : "", tags[i].key, tags[i].value);
	text = arena_memdup0(p->mem, out.data, out.len);
	str_release(&out);
	return text;
}

const char *undo(struct store_place *p, const char *who)
{
	struct store_edit edit;

	must(p, store_undo(p->store, who, p->mem, &edit, &p->err));
	assert_true(!edit.id || edit.undone);
	return edit.id ? edit.text : "";
}

const char *redo(struct store_place *p, const char *who)
{
	struct store_edit edit;

	must(p, store_redo(p->store, who, p->mem, &edit, &p->err));
	assert_false(edit.undone);
	return edit.id ? edit.text : "";
}

void refused(struct store_place *p, bool taking_back, const char *who, const char *says)
{
	struct store_edit edit;

	assert_int_equal(taking_back ? store_undo(p->store, who, p->mem, &edit, &p->err)
	                             : store_redo(p->store, who, p->mem, &edit, &p->err),
	                 -1);
	assert_int_equal(p->err.code, ERR_STALE);
	if (!strstr(p->err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", p->err.text, says);
}

struct run_row run_of(struct store_place *p, int64_t id)
{
	struct run_row run;

	must(p, store_run_get(p->store, id, p->mem, &run, &p->err));
	return run;
}

const char *notes_of(struct store_place *p, int64_t run)
{
	struct store_pair *notes;
	struct str out;
	const char *text;
	size_t count;

	str_init(&out);
	must(p, store_notes(p->store, run, p->mem, &notes, &count, &p->err));
	for (size_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "|" : "", notes[i].value);
	text = arena_memdup0(p->mem, out.data, out.len);
	str_release(&out);
	return text;
}

const char *saved_of(struct store_place *p, const char *kind, const char *experiment)
{
	struct store_saved *all;
	struct str out;
	const char *text;
	size_t count;

	str_init(&out);
	must(p, store_saved_list(p->store, kind, experiment, p->mem, &all, &count, &p->err));
	for (size_t i = 0; i < count; i++)
		str_addf(&out, "%s%s/%s=%s", i ? " " : "", all[i].experiment, all[i].name, all[i].text);
	text = arena_memdup0(p->mem, out.data, out.len);
	str_release(&out);
	return text;
}
