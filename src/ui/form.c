/* A form: fields one below the other, each with help and the reason why it does not hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { LABEL_MOST = 24, HELP_ROWS = 3, PAGE_FIELDS = 8 };

struct field {
	struct ui_field spec; /* strings in form->text */
	struct ui_editor value;
	bool touched;
	char *complaint;
};

struct ui_form {
	struct view *view;
	void (*changed)(void *user, const char *name);
	void *user;
	struct arena *text;
	struct field *fields;
	size_t count, at, top;
	char fault[UI_CHECK_TEXT];
};

struct ui_form *ui_form_new(struct view *v, void (*changed)(void *user, const char *name), void *user)
{
	struct ui_form *f = xcalloc(1, sizeof *f);

	f->view = v;
	f->changed = changed;
	f->user = user;
	return f;
}

static void free_fields(struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ui_editor_release(&fields[i].value);
		free(fields[i].complaint);
	}
	free(fields);
}

void ui_form_free(struct ui_form *f)
{
	if (!f)
		return;
	free_fields(f->fields, f->count);
	arena_free(f->text);
	free(f);
}

static bool editable(const struct field *x)
{
	return x->spec.kind != UI_HEADING && x->spec.kind != UI_NOTE;
}

static struct field *find(const struct ui_form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (editable(&f->fields[i]) && !strcmp(f->fields[i].spec.name, name))
			return &f->fields[i];
	return NULL;
}

static void copy_spec(struct arena *a, struct ui_field *to, const struct ui_field *from)
{
	const char **choices = arena_array(a, from->choice_count + 1, sizeof *choices);

	*to = *from;
	to->name = from->name ? arena_strdup(a, from->name) : "";
	to->label = from->label ? arena_strdup(a, from->label) : "";
	to->help = from->help ? arena_strdup(a, from->help) : "";
	to->value = from->value ? arena_strdup(a, from->value) : "";
	to->empty_means = arena_strdup(a, from->empty_means);
	for (size_t i = 0; i < from->choice_count; i++)
		choices[i] = arena_strdup(a, from->choices[i]);
	to->choices = choices;
}

void ui_form_fields(struct ui_form *f, const struct ui_field *fields, size_t count)
{
	struct arena *text = arena_new();
	struct field *fresh = xcalloc(count + 1, sizeof *fresh);
	const char *current = f->count ? f->fields[f->at].spec.name : NULL;
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		const struct field *old;

		copy_spec(text, &fresh[i].spec, &fields[i]);
		old = find(f, fresh[i].spec.name);
		if (old && (old->spec.kind != fields[i].kind || !old->touched))
			old = NULL;
		ui_editor_init(&fresh[i].value, old ? old->value.text.data : fresh[i].spec.value);
		fresh[i].touched = old != NULL;
		if (editable(&fresh[i]) && (at == SIZE_MAX || (current && !strcmp(current, fresh[i].spec.name))))
			at = i;
	}
	free_fields(f->fields, f->count);
	arena_free(f->text);
	f->text = text;
	f->fields = fresh;
	f->count = count;
	f->at = at == SIZE_MAX ? 0 : at;
}

/* ---- values ---- */

const char *ui_form_at(const struct ui_form *f)
{
	return f->count ? f->fields[f->at].spec.name : "";
}

const char *ui_form_get(const struct ui_form *f, const char *name)
{
	const struct field *x = find(f, name);

	return x ? x->value.text.data : "";
}

bool ui_form_is_default(const struct ui_form *f, const char *name)
{
	const struct field *x = find(f, name);

	return !x || !strcmp(x->value.text.data, x->spec.value);
}

void ui_form_set(struct ui_form *f, const char *name, const char *value)
{
	struct field *x = find(f, name);

	if (!x)
		return;
	ui_editor_set(&x->value, value);
	x->touched = true;
}

void ui_form_complain(struct ui_form *f, const char *name, const char *text)
{
	struct field *x = find(f, name);

	if (!x)
		return;
	free(x->complaint);
	x->complaint = text ? xstrdup(text) : NULL;
}

static bool is_choice(const struct field *x, const char *text, size_t len)
{
	for (size_t i = 0; i < x->spec.choice_count; i++)
		if (strlen(x->spec.choices[i]) == len && !memcmp(x->spec.choices[i], text, len))
			return true;
	return false;
}

static const char *number_fault(const struct field *x, char out[UI_CHECK_TEXT])
{
	const char *text = x->value.text.data;
	char low[NUM_TEXT], high[NUM_TEXT];
	int64_t whole;
	double v;

	if (!num_parse(text, x->value.text.len, &v))
		return "is not a number";
	if (x->spec.kind == UI_INTEGER && !int_parse(text, x->value.text.len, &whole))
		return "must be a whole number";
	if ((x->spec.low == 0 && x->spec.high == 0) || (v >= x->spec.low && v <= x->spec.high))
		return NULL;
	if (isinf(x->spec.high))
		snprintf(out, UI_CHECK_TEXT, "must be at least %s", num_shortest(x->spec.low, low));
	else
		snprintf(out, UI_CHECK_TEXT, "must lie from %s to %s", num_shortest(x->spec.low, low),
		         num_shortest(x->spec.high, high));
	return out;
}

/* Why the field does not hold, or NULL. */
static const char *field_fault(const struct field *x, char out[UI_CHECK_TEXT])
{
	const char *text = x->value.text.data;

	if (!editable(x))
		return NULL;
	if (x->complaint)
		return x->complaint;
	if (!*text)
		return x->spec.required ? "must be given" : NULL;
	switch (x->spec.kind) {
	case UI_NUMBER:
	case UI_INTEGER:
		return number_fault(x, out);
	case UI_CHOICE:
		return is_choice(x, text, strlen(text)) ? NULL : "is not one of the choices";
	case UI_MULTI:
		for (const char *p = text; *p; p += *p == ',') {
			size_t n = strcspn(p, ",");

			if (!is_choice(x, p, n))
				return "names something that is not among the choices";
			p += n;
		}
		return NULL;
	default:
		return NULL;
	}
}

const char *ui_form_fault(struct ui_form *f)
{
	char own[UI_CHECK_TEXT];

	for (size_t i = 0; i < f->count; i++) {
		const char *fault = field_fault(&f->fields[i], own);

		if (!fault)
			continue;
		f->at = i;
		snprintf(f->fault, sizeof f->fault, "%s %.200s", f->fields[i].spec.label, fault);
		return f->fault;
	}
	return NULL;
}

/* ---- input ---- */

static void tell(struct ui_form *f, struct field *x)
{
	x->touched = true;
	free(x->complaint);
	x->complaint = NULL;
	if (f->changed)
		f->changed(f->user, x->spec.name);
}

static void step(struct ui_form *f, int by)
{
	size_t at = f->at;

	for (size_t tries = 0; tries < f->count; tries++) {
		at = by > 0 ? (at + 1) % f->count : (at + f->count - 1) % f->count;
		if (editable(&f->fields[at]))
			break;
	}
	f->at = at;
}

static void cycle(struct ui_form *f, struct field *x, int by)
{
	size_t n = x->spec.choice_count, at = 0;

	if (!n)
		return;
	while (at < n && strcmp(x->spec.choices[at], x->value.text.data) != 0)
		at++;
	at = at == n ? 0 : by > 0 ? (at + 1) % n : (at + n - 1) % n;
	ui_editor_set(&x->value, x->spec.choices[at]);
	tell(f, x);
}

static void toggle(struct ui_form *f, struct field *x)
{
	ui_editor_set(&x->value, strcmp(x->value.text.data, "yes") ? "yes" : "no");
	tell(f, x);
}

static void choose_one(void *user, int64_t id)
{
	struct ui_form *f = user;
	struct field *x = &f->fields[f->at];

	ui_editor_set(&x->value, x->spec.choices[id - 1]);
	tell(f, x);
}

static void choose_many(void *user, const int64_t *ids, size_t count)
{
	struct ui_form *f = user;
	struct field *x = &f->fields[f->at];
	struct str text;

	str_init(&text);
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "%s%s", i ? "," : "", x->spec.choices[ids[i] - 1]);
	ui_editor_set(&x->value, text.data);
	str_release(&text);
	tell(f, x);
}

static bool among(const char *list, const char *word)
{
	for (const char *p = list; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");

		if (n == strlen(word) && !memcmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

static void open_choices(struct ui_form *f, const struct field *x)
{
	size_t n = x->spec.choice_count;
	struct ui_menu_item *items = xcalloc(n + 1, sizeof *items);
	struct ui_menu menu = {.title = x->spec.label,
	                       .items = items,
	                       .count = n,
	                       .multiple = x->spec.kind == UI_MULTI,
	                       .user = f,
	                       .accept = choose_one,
	                       .accept_many = choose_many};

	for (size_t i = 0; i < n; i++) {
		items[i] = (struct ui_menu_item){.text = x->spec.choices[i], .id = (int64_t)i + 1};
		items[i].checked = among(x->value.text.data, x->spec.choices[i]);
		if (!strcmp(x->spec.choices[i], x->value.text.data))
			menu.current = items[i].id;
	}
	ui_menu(f->view, &menu);
	free(items);
}

static bool own_key(struct ui_form *f, struct field *x, const struct term_event *e)
{
	enum ui_field_kind kind = x->spec.kind;
	bool side = e->key == TERM_KEY_LEFT || e->key == TERM_KEY_RIGHT;

	if (e->mods)
		return false;
	if (kind == UI_CHOICE && (side || e->key == ' ')) {
		cycle(f, x, e->key == TERM_KEY_LEFT ? -1 : 1);
		return true;
	}
	if ((kind == UI_CHOICE || kind == UI_MULTI) && (e->key == TERM_KEY_ENTER || e->key == ' ')) {
		open_choices(f, x);
		return true;
	}
	if (kind == UI_TOGGLE && (side || e->key == ' ' || e->key == TERM_KEY_ENTER)) {
		toggle(f, x);
		return true;
	}
	return false;
}

static bool moving_key(struct ui_form *f, const struct term_event *e)
{
	switch (e->key) {
	case TERM_KEY_UP:
		step(f, -1);
		return true;
	case TERM_KEY_TAB:
		step(f, e->mods & TERM_SHIFT ? -1 : 1);
		return true;
	case TERM_KEY_DOWN:
	case TERM_KEY_ENTER:
		step(f, 1);
		return true;
	case TERM_KEY_PAGE_UP:
	case TERM_KEY_PAGE_DOWN:
		for (int i = 0; i < PAGE_FIELDS; i++)
			step(f, e->key == TERM_KEY_PAGE_UP ? -1 : 1);
		return true;
	default:
		return false;
	}
}

static bool has_editor(const struct field *x)
{
	return x->spec.kind == UI_TEXT || x->spec.kind == UI_NUMBER || x->spec.kind == UI_INTEGER;
}

bool ui_form_event(struct ui_form *f, const struct term_event *e)
{
	struct field *x = f->count ? &f->fields[f->at] : NULL;
	char *before;

	if (!x || !editable(x) || (e->kind != TERM_EVENT_KEY && e->kind != TERM_EVENT_PASTE))
		return false;
	if (e->kind == TERM_EVENT_KEY && (own_key(f, x, e) || moving_key(f, e)))
		return true;
	if (!has_editor(x))
		return false;
	before = xstrdup(x->value.text.data);
	if (!ui_editor_event(&x->value, e)) {
		free(before);
		return false;
	}
	if (strcmp(before, x->value.text.data) != 0)
		tell(f, x);
	free(before);
	return true;
}

bool ui_form_action(struct ui_form *f, enum action action)
{
	struct field *x = f->count ? &f->fields[f->at] : NULL;

	if (!x || action != ACTION_FORM_RESET || !editable(x))
		return false;
	ui_editor_set(&x->value, x->spec.value);
	tell(f, x);
	/* Whoever was told may have put other fields in their place. */
	if (f->at < f->count)
		f->fields[f->at].touched = false;
	return true;
}

/* ---- drawing ---- */

static void draw_value(struct ui_form *f, struct surface *s, int x, int y, int width, struct field *field,
                       bool current)
{
	const char *text = field->value.text.data;
	char own[UI_CHECK_TEXT];
	style_id style = current ? STYLE_FIELD_ACTIVE : field_fault(field, own) ? STYLE_FIELD_BAD : STYLE_FIELD;
	int used;

	(void)f;
	if (field->spec.kind == UI_TOGGLE) {
		surface_put(s, x, y, style, "[ ]");
		if (!strcmp(text, "yes"))
			surface_glyph(s, x + 1, y, style, GLYPH_CHECK_ON);
	} else if (has_editor(field) && current) {
		ui_editor_draw(&field->value, s, x, y, width, STYLE_FIELD | STYLE_UNDERLINE, true);
		if (*text)
			return;
	} else {
		used = surface_put_cut(s, x, y, width, style, text, strlen(text));
		if (field->spec.kind == UI_CHOICE && current && used + 3 < width)
			surface_printf(s, x + used + 1, y, STYLE_MUTED, "%s%s",
			               term_glyph(surface_charset(s), GLYPH_LEFT),
			               term_glyph(surface_charset(s), GLYPH_RIGHT));
	}
	if (!*text && field->spec.empty_means)
		surface_put_cut(s, x + (current ? 1 : 0), y, width - 1, STYLE_MUTED, field->spec.empty_means,
		                strlen(field->spec.empty_means));
	if (current && !has_editor(field))
		surface_cursor(s, x, y, false);
}

static void draw_field(struct ui_form *f, struct surface *s, int y, size_t at, int label, bool focused)
{
	struct field *x = &f->fields[at];
	bool current = focused && at == f->at;
	int room = s->w - label - 4, half = room > 50 ? room / 2 : room;
	char own[UI_CHECK_TEXT];
	const char *fault = field_fault(x, own);

	if (x->spec.kind == UI_HEADING || x->spec.kind == UI_NOTE) {
		surface_put(s, 2, y, x->spec.kind == UI_HEADING ? STYLE_HEADING : STYLE_MUTED, x->spec.label);
		return;
	}
	if (current)
		surface_glyph(s, 0, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
	surface_put_cut(s, 2, y, label, current ? STYLE_ACCENT : STYLE_LABEL, x->spec.label,
	                strlen(x->spec.label));
	/* An empty required field is not yet a fault while the form is being filled in: it says so quietly. */
	if (fault && (x->touched || x->complaint))
		surface_put_cut(s, 3 + label + half, y, room - half, STYLE_FIELD_BAD, fault, strlen(fault));
	draw_value(f, s, 3 + label, y, half - 1, x, current);
}

static void draw_help(const struct ui_form *f, struct surface *s, int y)
{
	const struct field *x = &f->fields[f->at];
	char own[UI_CHECK_TEXT], low[NUM_TEXT], high[NUM_TEXT];
	const char *fault = field_fault(x, own);
	struct surface part = surface_part(s, 2, y, s->w - 3, HELP_ROWS);
	struct str text;

	surface_hline(s, 0, y, s->w - 1, STYLE_BORDER);
	str_init(&text);
	str_adds(&text, x->spec.help);
	if ((x->spec.kind == UI_NUMBER || x->spec.kind == UI_INTEGER) && (x->spec.low != 0 || x->spec.high != 0))
		str_addf(&text, " (%s to %s)", num_shortest(x->spec.low, low),
		         isinf(x->spec.high) ? "any" : num_shortest(x->spec.high, high));
	if (*x->spec.value)
		str_addf(&text, "  default: %s", x->spec.value);
	ui_paragraph(&part, 0, 1, STYLE_MUTED, text.data);
	if (fault) {
		surface_fill(&part, 0, 2, part.w, 1, STYLE_TEXT);
		/* A complaint from outside is a sentence of its own. */
		surface_printf(&part, 0, 2, STYLE_FIELD_BAD, "%s%s%s", fault == x->complaint ? "" : x->spec.label,
		               fault == x->complaint ? "" : " ", fault);
	}
	str_release(&text);
}

void ui_form_draw(struct ui_form *f, struct surface *s, bool focused)
{
	int label = 9, rows = s->h > HELP_ROWS + 2 ? s->h - HELP_ROWS : s->h, parts = 0, y = 0;
	bool apart;

	if (!f->count || rows < 1)
		return;
	for (size_t i = 0; i < f->count; i++) {
		int w = surface_width(s, f->fields[i].spec.label, strlen(f->fields[i].spec.label));

		if (editable(&f->fields[i]) && w + 1 > label)
			label = (w > LABEL_MOST ? LABEL_MOST : w) + 1;
	}
	if (f->at < f->top)
		f->top = f->at;
	/* the heading above the first field stays in sight */
	if (f->top == 1 || (f->top && f->at == f->top && !editable(&f->fields[f->top - 1])))
		f->top--;
	if (f->at >= f->top + (size_t)rows)
		f->top = f->at - (size_t)rows + 1;
	/* With room for all of it, parts stand apart. */
	for (size_t i = 1; i < f->count; i++)
		parts += f->fields[i].spec.kind == UI_HEADING;
	apart = (int)f->count + parts <= rows;
	for (size_t at = f->top; at < f->count && y < rows; at++, y++) {
		y += apart && at > 0 && f->fields[at].spec.kind == UI_HEADING;
		draw_field(f, s, y, at, label, focused);
	}
	if (rows < s->h)
		draw_help(f, s, rows);
}
