/*
 * json-get [PATH…]: reads one JSON text from standard input, strictly, and prints the value at each
 * path on a line of its own ("columns.0.name"; "#" at the end counts members, "?" says the type).
 * Ends with 1 and a message if the text is not JSON or a path leads nowhere.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

/* One step down; a null that is there counts as there. */
static bool step(struct json_object *at, const char *key, size_t len, struct json_object **next)
{
	char word[256];
	if (len >= sizeof word)
		return false;
	memcpy(word, key, len);
	word[len] = 0;
	if (json_object_is_type(at, json_type_array)) {
		size_t i = strtoul(word, NULL, 10);
		*next = json_object_array_get_idx(at, i);
		return i < json_object_array_length(at);
	}
	return json_object_is_type(at, json_type_object) && json_object_object_get_ex(at, word, next);
}

static int show(struct json_object *root, const char *path)
{
	struct json_object *at = root;
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, ".");
		if (len == 1 && *p == '#') {
			size_t count = json_object_is_type(at, json_type_array) ? json_object_array_length(at)
			                                                        : (size_t)json_object_object_length(at);
			printf("%zu\n", count);
			return 0;
		}
		if (len == 1 && *p == '?') {
			printf("%s\n", json_type_to_name(json_object_get_type(at)));
			return 0;
		}
		struct json_object *next = NULL;
		if (!step(at, p, len, &next)) {
			fprintf(stderr, "json-get: nothing at %s\n", path);
			return 1;
		}
		at = next;
		p += len + (p[len] == '.');
	}
	puts(json_object_is_type(at, json_type_string)
	         ? json_object_get_string(at)
	         : json_object_to_json_string_ext(at, JSON_C_TO_STRING_PLAIN));
	return 0;
}

int main(int argc, char **argv)
{
	static char text[64 << 20];
	size_t len = fread(text, 1, sizeof text - 1, stdin);
	struct json_tokener *tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *root = json_tokener_parse_ex(tokener, text, (int)len);
	size_t used = json_tokener_get_parse_end(tokener);
	int status = 0;
	while (used < len && strchr(" \n\r\t", text[used]))
		used++;
	if (json_tokener_get_error(tokener) != json_tokener_success || used != len) {
		fprintf(stderr, "json-get: not one JSON text (at byte %zu of %zu): %s\n", used, len,
		        json_tokener_error_desc(json_tokener_get_error(tokener)));
		status = 1;
	}
	for (int i = 1; i < argc && status == 0; i++)
		status = show(root, argv[i]);
	json_object_put(root);
	json_tokener_free(tokener);
	return status;
}
