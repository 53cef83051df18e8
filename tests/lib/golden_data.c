#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/work.h"
#include "assay/work_data.h"

#include "golden_data.h"
#include "store_fixture.h"

static int write_file(const char *path, void (*write)(struct str *out), struct error *err)
{
	struct str csv;
	int status;

	str_init(&csv);
	write(&csv);
	status = file_write_atomic(path, csv.data, csv.len, 0644, err);
	str_release(&csv);
	return status;
}

static int set_options(struct reading *r, const char *options, struct error *err)
{
	int status = 0;

	for (const char *p = options; p && *p && status == 0; p += strspn(p, " ")) {
		size_t len = strcspn(p, " "), name = strcspn(p, "=");
		char *key = xmemdup0(p, name), *value = xmemdup0(p + name + 1, len - name - 1);

		status = reading_set(r, key, value, err) < 0 ? -1 : 0;
		free(key);
		free(value);
		p += len;
	}
	return status;
}

static int add(struct store *s, const char *dir, const struct golden_data *d, struct error *err)
{
	struct work_data_added added = {0};
	struct reading reading;
	char *first = xasprintf("%s/%s.csv", dir, d->name), *second = path_join(dir, "second.csv");
	const char *paths[] = {first, second};
	int status;

	reading_init(&reading);
	status = set_options(&reading, d->options, err);
	if (status == 0)
		status = write_file(first, d->write, err);
	if (status == 0 && d->also)
		status = write_file(second, d->also, err);
	if (status == 0)
		status = work_data_add(s, d->name, paths, d->also ? 2 : 1, &reading, NULL, &added, err);
	if (status == 0 && d->then)
		status = write_file(first, d->then, err);
	if (status == 0 && d->gone && unlink(first) != 0)
		status = error_set(err, ERR_ENV, "%s stays", first);
	str_release(&added.notes);
	reading_release(&reading);
	free(first);
	free(second);
	return status;
}

int golden_data(const char *dir, const struct golden_data *all, size_t count, char **path, struct error *err)
{
	struct store *s;
	int status = 0;

	if (store_fixture_empty(dir, path, err) != 0 || work_open(*path, STORE_WRITE, &s, err) != 0)
		return -1;
	for (size_t i = 0; i < count && status == 0; i++)
		status = add(s, dir, &all[i], err);
	store_close(s);
	return status;
}
