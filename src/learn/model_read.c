/* The model file, read: strictly. What was read is written again and compared with the header that came: a
 * header that this program would not have written is refused, whatever is wrong with it. */
#include <errno.h>
#include <math.h>

#include <json-c/json.h>

#include "assay/learn.h"
#include "inside.h"
#include "model_file.h"

/* The first thing that is wrong stops the reading; the rest then goes by in silence. */
struct reader {
	struct model *model;
	struct error *err;
	bool failed;
};

static void wrong(struct reader *r, const char *format, ...) PRINTF_LIKE(2, 3);
static void wrong(struct reader *r, const char *format, ...)
{
	char text[256];
	va_list args;
	if (r->failed)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(r->err, ERR_USAGE, "not a model of this program: %s", text);
	r->failed = true;
}

static struct json_object *member(struct reader *r, struct json_object *o, const char *key,
                                  enum json_type type)
{
	struct json_object *value = NULL;
	if (r->failed)
		return NULL;
	if (!json_object_object_get_ex(o, key, &value))
		wrong(r, "its header has no \"%s\"", key);
	else if (!json_object_is_type(value, type))
		wrong(r, "\"%s\" in its header is of another kind", key);
	else
		return value;
	return NULL;
}

static const char *text(struct reader *r, struct json_object *o, const char *key)
{
	struct json_object *value = member(r, o, key, json_type_string);
	if (!value)
		return "";
	const char *bytes = json_object_get_string(value);
	if (strlen(bytes) != (size_t)json_object_get_string_len(value))
		wrong(r, "\"%s\" in its header holds a NUL", key);
	return arena_strdup(r->model->arena, bytes);
}

static const char *text_or_null(struct reader *r, struct json_object *o, const char *key)
{
	struct json_object *value = NULL;
	if (!r->failed && json_object_object_get_ex(o, key, &value) && !value)
		return NULL;
	return text(r, o, key);
}

static bool truth(struct reader *r, struct json_object *o, const char *key)
{
	struct json_object *value = member(r, o, key, json_type_boolean);
	return value && json_object_get_boolean(value);
}

/* null is NaN if allowed. */
static double number(struct reader *r, struct json_object *o, const char *key, bool may_be_null)
{
	struct json_object *value = NULL;
	if (r->failed || !json_object_object_get_ex(o, key, &value)) {
		wrong(r, "its header has no \"%s\"", key);
		return 0;
	}
	if (!value && may_be_null)
		return NAN;
	if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int)) {
		wrong(r, "\"%s\" in its header is no number", key);
		return 0;
	}
	double x = json_object_get_double(value);
	if (!isfinite(x))
		wrong(r, "\"%s\" in its header is not finite", key);
	return x;
}

static size_t count(struct reader *r, struct json_object *o, const char *key)
{
	double x = number(r, o, key, false);
	if (!(x >= 0 && x <= 0x1p53 && x == floor(x))) {
		wrong(r, "\"%s\" in its header is no count", key);
		return 0;
	}
	return (size_t)x;
}

static size_t length(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

static struct json_object *object_at(struct reader *r, struct json_object *list, size_t at)
{
	struct json_object *o = json_object_array_get_idx(list, at);
	if (!json_object_is_type(o, json_type_object))
		wrong(r, "an entry in a list of its header is no object");
	return r->failed ? NULL : o;
}

static unsigned read_roles(struct reader *r, struct json_object *o)
{
	const char *words = text(r, o, "roles");
	unsigned roles = 0;
	struct str name;
	str_init(&name);
	for (unsigned role = ROLE_LABEL; role <= ROLE_ID; role <<= 1) {
		str_clear(&name);
		column_roles_text(role, &name);
		const char *found = strstr(words, name.data);
		roles |= found ? role : 0;
	}
	str_release(&name);
	return roles; /* other words are lost and found out by the comparison */
}

static enum column_type read_type(struct reader *r, struct json_object *o)
{
	enum column_type type = COLUMN_TEXT;
	const char *name = text(r, o, "type");
	if (!r->failed && !column_type_parse(name, &type))
		wrong(r, "it has a column of the unknown type \"%.40s\"", name);
	return type;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct level read_level(struct reader *r, struct json_object *o)
{
	if (json_object_is_type(o, json_type_string)) {
		size_t len = (size_t)json_object_get_string_len(o);
		return (struct level){arena_memdup0(r->model->arena, json_object_get_string(o), len), len};
	}
	if (!json_object_is_type(o, json_type_object)) {
		wrong(r, "a level of a category is no text");
		return (struct level){"", 0};
	}
	const char *hex = text(r, o, "hex");
	size_t len = strlen(hex) / 2;
	char *bytes = arena_memdup0(r->model->arena, hex, len);
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			wrong(r, "a level of a category is no hexadecimal text");
		else
			bytes[i] = (char)(high << 4 | low);
	}
	return (struct level){bytes, len};
}

static void read_levels(struct reader *r, struct json_object *o, struct feature *f)
{
	struct json_object *list = member(r, o, "levels", json_type_array);
	struct level *levels = arena_array(r->model->arena, length(list) + 1, sizeof *levels);
	struct intern seen;
	intern_init(&seen);
	f->level_count = length(list);
	for (size_t i = 0; i < f->level_count && !r->failed; i++) {
		levels[i] = read_level(r, json_object_array_get_idx(list, i));
		if (intern_add(&seen, levels[i].bytes, levels[i].len) != i)
			wrong(r, "column \"%.80s\" has a level twice", f->name);
	}
	intern_release(&seen);
	f->levels = levels;
	f->categorical = true;
	f->missing = truth(r, o, "missing_level");
	f->other = truth(r, o, "other_level");
}

static void read_features(struct reader *r, struct json_object *root)
{
	struct model *m = r->model;
	struct encoder *e = &m->encoder;
	struct json_object *list = member(r, root, "features", json_type_array), *levels;
	bool trees = !r->failed && m->info.recipe->needs_xgboost;
	e->features = arena_array(m->arena, length(list) + 1, sizeof *e->features);
	for (size_t i = 0; i < length(list) && !r->failed; i++) {
		struct json_object *o = object_at(r, list, i);
		struct feature *f = &e->features[e->feature_count++];
		f->name = text(r, o, "name");
		f->roles = read_roles(r, o);
		f->type = read_type(r, o);
		if (!r->failed && json_object_object_get_ex(o, "levels", &levels)) {
			read_levels(r, o, f);
			f->reference = !trees;
			f->width = feature_levels(f) - (feature_levels(f) ? f->reference : 0);
		} else {
			f->fill = number(r, o, "fill", trees);
			f->indicator = truth(r, o, "indicator");
			f->width = 1 + f->indicator;
			if (!r->failed && trees && (f->indicator || !isnan(f->fill)))
				wrong(r, "trees have no fill for \"%.80s\"", f->name);
		}
		if (!r->failed && f->width == 0)
			wrong(r, "column \"%.80s\" has too few levels", f->name);
		f->first = e->width;
		e->width += f->width;
	}
	if (!r->failed && !e->feature_count)
		wrong(r, "it has no features");
}

static void read_left_out(struct reader *r, struct json_object *root)
{
	struct encoder *e = &r->model->encoder;
	struct json_object *list = member(r, root, "left_out", json_type_array);
	e->left_out = arena_array(r->model->arena, length(list) + 1, sizeof *e->left_out);
	for (size_t i = 0; i < length(list) && !r->failed; i++) {
		struct json_object *o = object_at(r, list, i);
		struct model_feature *f = &e->left_out[e->left_out_count++];
		f->name = text(r, o, "name");
		f->roles = read_roles(r, o);
		f->type = read_type(r, o);
		f->why = text(r, o, "why");
	}
}

static void read_notes(struct reader *r, struct json_object *root)
{
	struct json_object *list = member(r, root, "notes", json_type_array);
	const char **notes = arena_array(r->model->arena, length(list) + 1, sizeof *notes);
	for (size_t i = 0; i < length(list) && !r->failed; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		if (!json_object_is_type(o, json_type_string))
			wrong(r, "a note is no text");
		else
			notes[r->model->info.note_count++] = arena_strdup(r->model->arena, json_object_get_string(o));
	}
	r->model->info.notes = notes;
}

static void read_recipe(struct reader *r, struct json_object *root)
{
	struct model_info *info = &r->model->info;
	const char *name = text(r, root, "recipe");
	if (r->failed)
		return;
	info->recipe = learn_recipe_find(name, NULL);
	if (!info->recipe) {
		wrong(r, "it is of the unknown recipe \"%.80s\"", name);
		return;
	}
	struct json_object *params = member(r, root, "params", json_type_object);
	for (size_t i = 0; i < info->recipe->param_count && !r->failed; i++) {
		const struct learn_param *p = &info->recipe->params[i];
		double x = p->type == LEARN_BOOL ? truth(r, params, p->name) : number(r, params, p->name, false);
		if (!r->failed && p->type != LEARN_BOOL && !(x >= p->low && x <= p->high))
			wrong(r, "its %s is out of range", p->name);
		r->model->params[i] = x;
	}
}

static void read_terms(struct reader *r, struct json_object *root)
{
	struct model *m = r->model;
	struct json_object *list = member(r, root, "terms", json_type_array);
	size_t n = length(list);
	if (r->failed)
		return;
	if (n != (m->info.recipe->needs_xgboost ? 0 : m->encoder.width + 1)) {
		wrong(r, "it has %zu coefficients for %zu columns", n, m->encoder.width);
		return;
	}
	struct model_term *terms = arena_array(m->arena, n + 1, sizeof *terms);
	for (size_t i = 0; i < n && !r->failed; i++) {
		struct json_object *o = object_at(r, list, i);
		terms[i].name = i ? encoder_term(&m->encoder, i - 1, m->arena) : "(intercept)";
		terms[i].coefficient = number(r, o, "coefficient", false);
		terms[i].se = number(r, o, "se", true);
	}
	m->info.terms = n ? terms : NULL;
	m->info.term_count = n;
}

static void read_seed(struct reader *r, struct json_object *root)
{
	const char *digits = text(r, root, "seed");
	char *end = NULL;
	errno = 0;
	r->model->info.seed = strtoull(digits, &end, 10);
	if (!r->failed && (errno || *end || !digits[0]))
		wrong(r, "its seed is no number");
}

static void read_header(struct reader *r, struct json_object *root)
{
	struct model *m = r->model;
	struct model_info *info = &m->info;
	struct json_object *data = member(r, root, "data", json_type_object), *rows, *evaluation = NULL;
	read_recipe(r, root);
	if (r->failed)
		return;
	info->data_version = text_or_null(r, data, "train");
	info->test_version = text_or_null(r, data, "test");
	info->label = text(r, root, "label");
	info->positive = text(r, root, "positive");
	info->reading = text(r, root, "reading");
	m->program = text(r, root, "program");
	info->rounds = count(r, root, "rounds");
	rows = member(r, root, "rows", json_type_object);
	info->rows = count(r, rows, "train");
	info->positives = count(r, rows, "positives");
	info->validation_rows = count(r, rows, "validation");
	read_seed(r, root);
	if (!r->failed && json_object_object_get_ex(root, "evaluation", &evaluation) && evaluation)
		m->evaluation =
		    arena_strdup(m->arena, json_object_to_json_string_ext(
		                               evaluation, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	read_features(r, root);
	read_left_out(r, root);
	read_notes(r, root);
	read_terms(r, root);
	if (!r->failed)
		model_list_features(m);
}

static uint64_t length_at(const unsigned char *bytes)
{
	uint64_t n = 0;
	for (int i = 0; i < 8; i++)
		n |= (uint64_t)bytes[i] << (8 * i);
	return n;
}

/* Cuts the file into header and payload; -1 if anything does not add up. */
static int cut(const unsigned char *bytes, size_t len, struct model *m, struct error *err)
{
	static const unsigned char zeros[7];
	unsigned char digest[MODEL_DIGEST];
	if (len < MODEL_START || memcmp(bytes, "ASSAYMDL", 8) != 0)
		return error_set(err, ERR_USAGE, "not a model file (it does not begin with ASSAYMDL)");
	if (bytes[8] != MODEL_FORMAT)
		return error_set(err, ERR_USAGE, "model file of format %u: this program knows format %d", bytes[8],
		                 MODEL_FORMAT);
	if (len < MODEL_BODY + 16 || memcmp(bytes + 9, zeros, sizeof zeros) != 0)
		return error_set(err, ERR_USAGE, "model file cut short or damaged (%zu bytes)", len);
	const unsigned char *body = bytes + MODEL_BODY;
	size_t room = len - MODEL_BODY - 16;
	model_file_digest(body, len - MODEL_BODY, digest);
	if (memcmp(digest, bytes + MODEL_START, sizeof digest) != 0)
		return error_set(err, ERR_USAGE, "model file cut short or damaged: its digest does not hold");
	uint64_t header = length_at(body);
	if (header > MODEL_HEADER_MOST || header > room || length_at(body + 8 + header) != room - header)
		return error_set(err, ERR_USAGE,
		                 "not a model of this program: its lengths do not add up to the file's");
	str_add(&m->header, body + 8, header);
	str_add(&m->payload, body + 16 + header, room - header);
	return 0;
}

static int parse(struct model *m, struct error *err)
{
	struct reader r = {m, err, false};
	struct json_tokener *tokener = json_tokener_new();
	struct str again;
	if (!tokener)
		bug("out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *root = json_tokener_parse_ex(tokener, m->header.data, (int)m->header.len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !json_object_is_type(root, json_type_object))
		wrong(&r, "its header is no JSON object (%s at byte %zu)",
		      json_tokener_error_desc(json_tokener_get_error(tokener)), json_tokener_get_parse_end(tokener));
	else
		read_header(&r, root);
	str_init(&again);
	if (!r.failed) {
		model_write_header(m, &again);
		size_t same = 0;
		while (same < again.len && same < m->header.len && again.data[same] == m->header.data[same])
			same++;
		if (same < again.len || same < m->header.len)
			wrong(&r, "its header is not as this program writes it (from byte %zu)", same);
		else if (!m->info.recipe->needs_xgboost != !m->payload.len)
			wrong(&r, m->payload.len ? "it has a payload that %s does not use" : "it has no trees (%s)",
			      m->info.recipe->name);
	}
	str_release(&again);
	if (root)
		json_object_put(root);
	json_tokener_free(tokener);
	return r.failed ? -1 : 0;
}

int model_load_bytes(const void *bytes, size_t len, struct model **out, struct error *err)
{
	struct model *m = model_new();
	*out = NULL;
	if (cut(bytes, len, m, err) < 0 || parse(m, err) < 0) {
		model_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

int model_load(const char *path, struct model **out, struct error *err)
{
	struct str bytes;
	str_init(&bytes);
	*out = NULL;
	int rc = file_read(path, &bytes, 0, err);
	if (rc == 0 && model_load_bytes(bytes.data, bytes.len, out, err) < 0)
		rc = error_prefix(err, "%s", path);
	str_release(&bytes);
	return rc;
}
