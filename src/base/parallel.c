/* The parallel loop: chunks are handed out by a counter, results are the caller's to keep by chunk. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "assay/base.h"

struct loop {
	atomic_size_t next;
	size_t count;
	void (*fn)(void *user, size_t chunk);
	void *user;
};

static void *work_off(void *arg)
{
	struct loop *l = arg;
	size_t chunk;

	while ((chunk = atomic_fetch_add(&l->next, 1)) < l->count)
		l->fn(l->user, chunk);
	return NULL;
}

int cpu_count(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	n = CPU_COUNT(&set);
	return n < 1 ? 1 : n;
}

void parallel_chunks(size_t count, int threads, void (*fn)(void *user, size_t chunk), void *user)
{
	struct loop l = {.count = count, .fn = fn, .user = user};
	pthread_t helpers[63];
	int started = 0, want = threads > 0 ? threads : cpu_count();

	atomic_init(&l.next, 0);
	if ((size_t)want > count)
		want = (int)count;
	if (want > (int)COUNT_OF(helpers) + 1)
		want = (int)COUNT_OF(helpers) + 1;
	/* A thread that cannot be had costs time, not the result: the caller's own thread does the rest. */
	while (started < want - 1 && !pthread_create(&helpers[started], NULL, work_off, &l))
		started++;
	work_off(&l);
	for (int i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
}
