/* Evidence: what was found, bound to what it was found on. Keys are sorted; the bytes are the truth. */
#include "work.h"

void evidence_settings(const struct evidence *e, struct str *out)
{
	struct json_writer j;
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "label", e->label);
	jw_string(&j, "positive", e->positive);
	jw_string(&j, "split", e->split);
	jw_num(&j, "threshold", e->evaluation->threshold, NULL);
	jw_object_end(&j);
}

void evidence_json(const struct evidence *e, struct str *out)
{
	struct json_writer j;
	struct str settings;
	str_init(&settings);
	evidence_settings(e, &settings);
	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "data", e->data);
	jw_string(&j, "kind", "evaluation");
	jw_string(&j, "model", e->model);
	jw_string(&j, "predictions", e->predictions);
	jw_string(&j, "program", "assay " ASSAY_VERSION);
	jw_object(&j, "results");
	evaluation_json(e->evaluation, &j);
	jw_object_end(&j);
	jw_raw(&j, "settings", settings.data);
	jw_object_end(&j);
	str_release(&settings);
}
