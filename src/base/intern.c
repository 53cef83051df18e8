/* Distinct byte strings to dense ids: open addressing over an array of entries. */
#include <stdlib.h>

#include "assay/base.h"

/* FNV-1a over eight-byte words and then bytes, with a final mix: read little-endian, so that the
 * value is the same on every machine. */
uint64_t hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)len;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word = 0;

		for (int i = 7; i >= 0; i--)
			word = word << 8 | p[i];
		h = (h ^ word) * 0x9E3779B97F4A7C15u;
		h ^= h >> 29;
	}
	for (; len; p++, len--)
		h = (h ^ *p) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xD6E8FEB86659FD93u;
	return h ^ h >> 32;
}

void intern_init(struct intern *t)
{
	*t = (struct intern){.text = arena_new()};
}

void intern_release(struct intern *t)
{
	arena_free(t->text);
	free(t->entries);
	free(t->slots);
	*t = (struct intern){0};
}

/* The slot that holds the string, or the free one where it belongs. */
static size_t find_slot(const struct intern *t, const void *bytes, size_t len, uint64_t hash)
{
	size_t mask = t->slot_count - 1, at = (size_t)hash & mask;

	for (;; at = (at + 1) & mask) {
		uint32_t id = t->slots[at];
		const struct intern_entry *e;

		if (id == INTERN_NONE)
			return at;
		e = &t->entries[id];
		if (e->hash == hash && e->len == len && (!len || !memcmp(e->bytes, bytes, len)))
			return at;
	}
}

static void grow_slots(struct intern *t)
{
	size_t count = t->slot_count ? t->slot_count * 2 : 64;

	free(t->slots);
	t->slots = xmalloc(size_mul(count, sizeof(*t->slots)));
	memset(t->slots, 0xFF, count * sizeof(*t->slots));
	t->slot_count = count;
	for (size_t i = 0; i < t->count; i++) {
		size_t mask = count - 1, at = (size_t)t->entries[i].hash & mask;

		while (t->slots[at] != INTERN_NONE)
			at = (at + 1) & mask;
		t->slots[at] = (uint32_t)i;
	}
}

uint32_t intern_add(struct intern *t, const void *bytes, size_t len)
{
	uint64_t hash = hash_bytes(bytes, len);
	size_t slot;

	if (t->count * 3 >= t->slot_count * 2)
		grow_slots(t);
	slot = find_slot(t, bytes, len, hash);
	if (t->slots[slot] != INTERN_NONE)
		return t->slots[slot];
	if (t->count >= INTERN_NONE - 1)
		bug("more than 4 billion distinct strings");
	t->entries = vec_reserve(t->entries, &t->cap, t->count + 1, sizeof(*t->entries));
	t->entries[t->count] = (struct intern_entry){arena_memdup0(t->text, bytes, len), len, hash};
	t->slots[slot] = (uint32_t)t->count;
	return (uint32_t)t->count++;
}

uint32_t intern_find(const struct intern *t, const void *bytes, size_t len)
{
	if (!t->slot_count)
		return INTERN_NONE;
	return t->slots[find_slot(t, bytes, len, hash_bytes(bytes, len))];
}

const char *intern_text(const struct intern *t, uint32_t id)
{
	if (id >= t->count)
		bug("interned id %u of %zu", id, t->count);
	return t->entries[id].bytes;
}
