/* The model file, written: see learn.h for its layout. The header's keys are sorted; model_read.c refuses
 * a header that this file would not have written. */
#include <inttypes.h>
#include <math.h>

#include "assay/learn.h"
#include "inside.h"
#include "model_file.h"

/* Bytes that are no UTF-8 as {"hex":"…"}: a category must come back exactly as it was. */
static void write_bytes(struct json_writer *j, const struct level *l)
{
	if (utf8_is_valid(l->bytes, l->len)) {
		jw_string_n(j, NULL, l->bytes, l->len);
		return;
	}
	struct str hex;
	str_init(&hex);
	for (size_t i = 0; i < l->len; i++)
		str_addf(&hex, "%02x", (unsigned char)l->bytes[i]);
	jw_object(j, NULL);
	jw_string(j, "hex", hex.data);
	jw_object_end(j);
	str_release(&hex);
}

static void write_column(struct json_writer *j, const char *name, unsigned roles, enum column_type type)
{
	struct str text;
	str_init(&text);
	jw_string(j, "name", name);
	jw_string(j, "roles", column_roles_text(roles, &text));
	jw_string(j, "type", column_type_name(type));
	str_release(&text);
}

static void write_feature(struct json_writer *j, const struct feature *f)
{
	jw_object(j, NULL);
	if (f->categorical) {
		jw_array(j, "levels");
		for (size_t i = 0; i < f->level_count; i++)
			write_bytes(j, &f->levels[i]);
		jw_array_end(j);
		jw_bool(j, "missing_level", f->missing);
	} else {
		jw_num(j, "fill", f->fill, NULL);
		jw_bool(j, "indicator", f->indicator);
	}
	if (f->categorical)
		jw_bool(j, "other_level", f->other);
	write_column(j, f->name, f->roles, f->type);
	jw_object_end(j);
}

static void write_terms(struct json_writer *j, const struct model_info *info)
{
	jw_array(j, "terms");
	for (size_t i = 0; i < info->term_count; i++) {
		jw_object(j, NULL);
		/* + 0: no negative zero, which JSON readers take for a whole number */
		jw_num(j, "coefficient", info->terms[i].coefficient + 0.0, NULL);
		jw_string(j, "name", info->terms[i].name);
		jw_num(j, "se", info->terms[i].se, NULL);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void write_params(struct json_writer *j, const struct learn_recipe *r, const double *params)
{
	jw_object(j, "params");
	/* In the recipe's order: it is part of the format as the names are. */
	for (size_t i = 0; i < r->param_count; i++)
		if (r->params[i].type == LEARN_BOOL)
			jw_bool(j, r->params[i].name, params[i] != 0);
		else
			jw_num(j, r->params[i].name, params[i], NULL);
	jw_object_end(j);
}

static void write_rows(struct json_writer *j, const struct model_info *info)
{
	jw_object(j, "rows");
	jw_int(j, "positives", (int64_t)info->positives);
	jw_int(j, "train", (int64_t)info->rows);
	jw_int(j, "validation", (int64_t)info->validation_rows);
	jw_object_end(j);
}

void model_write_header(const struct model *m, struct str *out)
{
	const struct model_info *info = &m->info;
	struct json_writer j;
	char seed[NUM_TEXT];
	str_clear(out);
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_object(&j, "data");
	jw_string(&j, "test", info->test_version);
	jw_string(&j, "train", info->data_version);
	jw_object_end(&j);
	if (m->evaluation)
		jw_raw(&j, "evaluation", m->evaluation);
	else
		jw_null(&j, "evaluation");
	jw_array(&j, "features");
	for (size_t i = 0; i < m->encoder.feature_count; i++)
		write_feature(&j, &m->encoder.features[i]);
	jw_array_end(&j);
	jw_string(&j, "label", info->label);
	jw_array(&j, "left_out");
	for (size_t i = 0; i < info->left_out_count; i++) {
		jw_object(&j, NULL);
		write_column(&j, info->left_out[i].name, info->left_out[i].roles, info->left_out[i].type);
		jw_string(&j, "why", info->left_out[i].why);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "notes");
	for (size_t i = 0; i < info->note_count; i++)
		jw_string(&j, NULL, info->notes[i]);
	jw_array_end(&j);
	write_params(&j, info->recipe, m->params);
	jw_string(&j, "positive", info->positive);
	jw_string(&j, "program", m->program);
	jw_string(&j, "reading", info->reading);
	jw_string(&j, "recipe", info->recipe->name);
	jw_int(&j, "rounds", (int64_t)info->rounds);
	write_rows(&j, info);
	/* As text: it has 64 bits, a JSON reader's numbers 53. */
	snprintf(seed, sizeof seed, "%" PRIu64, info->seed);
	jw_string(&j, "seed", seed);
	write_terms(&j, info);
	jw_object_end(&j);
}

static void add_length(struct str *out, uint64_t n)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(n >> (8 * i));
	str_add(out, bytes, sizeof bytes);
}

void model_file_digest(const void *body, size_t len, unsigned char out[MODEL_DIGEST])
{
	char hex[SHA256_TEXT];
	sha256_hex(body, len, hex);
	for (int i = 0; i < MODEL_DIGEST; i++) {
		int high = hex[2 * i], low = hex[2 * i + 1];
		out[i] = (unsigned char)((high > '9' ? high - 'a' + 10 : high - '0') << 4 |
		                         (low > '9' ? low - 'a' + 10 : low - '0'));
	}
}

void model_bytes(const struct model *m, struct str *out)
{
	const char start[MODEL_BODY] = {'A', 'S', 'S', 'A', 'Y', 'M', 'D', 'L', MODEL_FORMAT};
	unsigned char digest[MODEL_DIGEST];
	str_clear(out);
	str_add(out, start, sizeof start);
	add_length(out, m->header.len);
	str_add(out, m->header.data, m->header.len);
	add_length(out, m->payload.len);
	str_add(out, m->payload.data, m->payload.len);
	model_file_digest(out->data + MODEL_BODY, out->len - MODEL_BODY, digest);
	memcpy(out->data + MODEL_START, digest, sizeof digest);
}

int model_save(const struct model *m, const char *path, struct error *err)
{
	struct str bytes;
	str_init(&bytes);
	model_bytes(m, &bytes);
	int rc = file_write_atomic(path, bytes.data, bytes.len, 0644, err);
	str_release(&bytes);
	return rc;
}
