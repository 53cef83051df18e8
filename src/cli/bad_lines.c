/* Event lines that could not be understood: the first hundred of a run, and how many there were. */
#include "assay/store_capture.h"
#include "cli_run.h"

int bad_lines_print(struct cli *c, struct store *store, const struct run_row *run, struct arena *mem)
{
	struct bad_line *bad;
	size_t count;
	struct listing g;
	char number[NUM_TEXT];
	if (store_bad_lines(store, run->id, mem, &bad, &count, &c->err) != 0)
		return -1;
	listing_init(&g);
	listing_column(&g, "file", "", GRID_LEFT);
	listing_column(&g, "offset", "", GRID_RIGHT);
	listing_column(&g, "why", "", GRID_LEFT);
	listing_column(&g, "text", "", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		snprintf(number, sizeof number, "%lld", (long long)bad[i].offset);
		listing_text(&g, bad[i].file, GRID_PLAIN);
		listing_text(&g, number, GRID_PLAIN);
		listing_text(&g, bad[i].why, GRID_PLAIN);
		listing_text(&g, bad[i].text, GRID_MUTED);
	}
	if (count)
		listing_print(&g, c, stdout);
	listing_release(&g);
	if (run->bad_lines > (int64_t)count && !c->quiet)
		safe_fprintf(stderr, "%s lines could not be understood; these are the first %zu\n",
		             count_people(run->bad_lines, number), count);
	return 0;
}

int bad_lines_json(struct cli *c, struct store *store, const struct run_row *run, struct json_writer *j,
                   struct arena *mem)
{
	struct bad_line *bad;
	size_t count;
	if (store_bad_lines(store, run->id, mem, &bad, &count, &c->err) != 0)
		return -1;
	jw_int(j, "bad_lines", run->bad_lines);
	jw_array(j, "bad_lines_kept");
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		jw_string(j, "file", bad[i].file);
		jw_int(j, "offset", bad[i].offset);
		jw_string(j, "why", bad[i].why);
		jw_string(j, "text", bad[i].text);
		jw_object_end(j);
	}
	jw_array_end(j);
	return 0;
}
