/* Event lines of any bytes: slices lie within the line or the event, and hold no NUL. */
#include <stddef.h>
#include <stdint.h>

#include "../../src/store/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice s)
{
	if (memchr(s.text, '\0', s.len))
		bug("event: a NUL in text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size;
	struct event e;

	event_init(&e);
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((newline ? newline : end) - line);

		if (event_parse(&e, line, len)) {
			check(e.subject);
			check(e.value);
			check(e.context);
			check(e.role);
			for (size_t i = 0; i < e.metric_count; i++)
				check(e.metrics[i].name);
		} else if (!e.why[0]) {
			bug("event: refused without a reason");
		}
		line += len + 1;
	}
	event_release(&e);
	return 0;
}
