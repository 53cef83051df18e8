/*
 * Memory that is not there ends the program, whoever asks for it. xmalloc does so for our own code; the
 * libraries that we use ask malloc themselves, and not all of them look at the answer (json-c goes on with a
 * key that is NULL, and so does getpwuid_r's caller with another name). What the store has acknowledged is
 * safe from that as it is from kill -9. The next malloc in line is libc's, or that of a library that was
 * preloaded; sanitizers bring their own and are left alone.
 */
#include "assay/base.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define OTHERS_ALLOCATE
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define OTHERS_ALLOCATE
#endif

#ifndef OTHERS_ALLOCATE

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	bool looking, ending;
} next;

/* dlsym may ask for memory itself, before there is anybody to ask: it can do without. */
static bool find_next(void)
{
	void *found[3];

	if (next.realloc)
		return true;
	if (next.looking)
		return false;
	next.looking = true;
	found[0] = dlsym(RTLD_NEXT, "malloc");
	found[1] = dlsym(RTLD_NEXT, "calloc");
	found[2] = dlsym(RTLD_NEXT, "realloc");
	memcpy(&next.malloc, &found[0], sizeof(found[0]));
	memcpy(&next.calloc, &found[1], sizeof(found[1]));
	memcpy(&next.realloc, &found[2], sizeof(found[2]));
	next.looking = false;
	return true;
}

static void end_program(void)
{
	static const char text[] = "assay: out of memory\n";

	if (next.ending)
		_exit(ERR_ENV);
	next.ending = true;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	exit(ERR_ENV);
}

void *malloc(size_t size)
{
	void *block = find_next() ? next.malloc(size) : NULL;

	if (!block && !next.looking)
		end_program();
	return block;
}

void *calloc(size_t count, size_t size)
{
	void *block = find_next() ? next.calloc(count, size) : NULL;

	if (!block && !next.looking)
		end_program();
	return block;
}

/* To nothing it frees, and NULL is the answer. */
void *realloc(void *old, size_t size)
{
	void *block = find_next() ? next.realloc(old, size) : NULL;

	if (!block && size && !next.looking)
		end_program();
	return block;
}

#endif
