/* Reporting from inside a run, as any program may: lines of JSON in a file of our own. */
#include <fcntl.h>
#include <unistd.h>

#include "work.h"

int events_open(struct events *e, const char *writer, struct error *err)
{
	*e = (struct events){.fd = -1};
	str_init(&e->line);
	const char *folder = getenv("ASSAY_EVENTS");
	if (!folder || !*folder)
		return error_set(err, ERR_USAGE,
		                 "ASSAY_EVENTS is not set: this command is for runs, and started by assay itself");
	char *path = xasprintf("%s/events-%s.jsonl", folder, writer);
	e->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int status = e->fd < 0 ? error_errno(err, ERR_ENV, "%s", path) : 0;
	free(path);
	return status;
}

void events_close(struct events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	str_release(&e->line);
}

/* One write a line, so that a reader never sees two lines mixed. */
static int send(struct events *e, struct error *err)
{
	str_addc(&e->line, '\n');
	if (fd_write_all(e->fd, e->line.data, e->line.len) != 0)
		return error_errno(err, ERR_ENV, "the run's measurements could not be written");
	return 0;
}

int events_metric(struct events *e, const char *name, const char *context, int64_t step, double value,
                  struct error *err)
{
	struct json_writer j;
	str_clear(&e->line);
	jw_init(&j, &e->line);
	jw_object(&j, NULL);
	jw_string(&j, "metric", name);
	jw_measured(&j, "value", value);
	jw_int(&j, "step", step);
	jw_int(&j, "time", time_now_ms());
	if (context && *context)
		jw_string(&j, "context", context);
	jw_object_end(&j);
	return send(e, err);
}

int events_progress(struct events *e, double done, struct error *err)
{
	struct json_writer j;
	str_clear(&e->line);
	jw_init(&j, &e->line);
	jw_object(&j, NULL);
	jw_num(&j, "progress", done, NULL);
	jw_object_end(&j);
	return send(e, err);
}

int events_note(struct events *e, const char *text, struct error *err)
{
	struct json_writer j;
	str_clear(&e->line);
	jw_init(&j, &e->line);
	jw_object(&j, NULL);
	jw_string(&j, "note", text);
	jw_object_end(&j);
	return send(e, err);
}
