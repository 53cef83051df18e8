/* One thread that does what it is asked, in order, with a context of its own. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

struct worker {
	struct ui_worker ops;
	int wake_fd;
	pthread_t thread;
	bool started, stop, finish;
	pthread_mutex_t lock;
	pthread_cond_t more;
	/* under the lock */
	struct request *queue, *running, *done;
	int64_t since; /* when running began, monotonic ms */
	void *context;
	bool open;
};

void request_free(struct request *r)
{
	arena_free(r->result.arena);
	arena_free(r->keep);
	free(r->arg);
	free(r);
}

static void append(struct request **list, struct request *r)
{
	while (*list)
		list = &(*list)->next;
	r->next = NULL;
	*list = r;
}

/* On the worker's thread, without the lock. */
static void work(struct worker *w, struct request *r)
{
	struct ui_result *result = &r->result;

	result->arena = arena_new();
	if (!w->open) {
		void *context = NULL;

		if (w->ops.open && w->ops.open(w->ops.user, &context, &result->err)) {
			result->status = -1;
			return;
		}
		pthread_mutex_lock(&w->lock);
		w->context = context;
		w->open = true;
		pthread_mutex_unlock(&w->lock);
	}
	if (w->ops.watch)
		w->ops.watch(w->context, &r->progress);
	result->status = r->fn(w->context, result->arena, r->arg, &result->data, &result->err);
	if (w->ops.watch)
		w->ops.watch(w->context, NULL);
	result->cancelled = result->status != 0 && r->progress.stop;
}

static void *run(void *user)
{
	struct worker *w = user;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct request *r = w->queue;

		if (w->stop && (!r || !w->finish))
			break;
		if (!r) {
			pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		w->queue = r->next;
		w->running = r;
		w->since = time_mono_ms();
		pthread_mutex_unlock(&w->lock);
		work(w, r);
		pthread_mutex_lock(&w->lock);
		w->running = NULL;
		append(&w->done, r);
		if (write(w->wake_fd, "", 1) < 0) {
			/* full: the screen's thread will wake anyway */
		}
	}
	pthread_mutex_unlock(&w->lock);
	if (w->open && w->ops.close)
		w->ops.close(w->context);
	return NULL;
}

struct worker *worker_new(const struct ui_worker *ops, int wake_fd)
{
	struct worker *w = xcalloc(1, sizeof *w);

	w->ops = *ops;
	w->wake_fd = wake_fd;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	return w;
}

static void free_list(struct request *r)
{
	while (r) {
		struct request *next = r->next;

		request_free(r);
		r = next;
	}
}

/* What is running. Under the lock it still is, so that no other is hit. */
static void give_up(struct worker *w)
{
	w->running->progress.stop = true;
	if (w->open && w->ops.interrupt)
		w->ops.interrupt(w->context);
}

void worker_free(struct worker *w, bool finish)
{
	if (!w)
		return;
	if (w->started) {
		pthread_mutex_lock(&w->lock);
		w->stop = true;
		w->finish = finish;
		for (struct request **at = &w->queue; *at;) {
			struct request *r = *at;

			if (!r->chore) {
				at = &r->next;
				continue;
			}
			*at = r->next;
			request_free(r);
		}
		if (w->running && (!finish || w->running->chore))
			give_up(w);
		pthread_cond_signal(&w->more);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	free_list(w->queue);
	free_list(w->done);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	free(w);
}

void worker_add(struct worker *w, struct request *r, bool front)
{
	pthread_mutex_lock(&w->lock);
	if (front) {
		r->next = w->queue;
		w->queue = r;
	} else {
		append(&w->queue, r);
	}
	if (!w->started) {
		if (pthread_create(&w->thread, NULL, run, w))
			bug("cannot start a thread");
		w->started = true;
	}
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

static bool is_for(const struct request *r, const struct view *owner, int tag)
{
	return r && !r->stale && r->owner == owner && (tag < 0 || r->tag == tag);
}

void worker_forget(struct worker *w, struct view *owner, int tag, bool drop)
{
	pthread_mutex_lock(&w->lock);
	for (struct request **at = &w->queue; *at;) {
		struct request *r = *at;

		if (!is_for(r, owner, tag)) {
			at = &r->next;
		} else if (drop) {
			*at = r->next;
			request_free(r);
		} else {
			r->owner = NULL;
			at = &r->next;
		}
	}
	if (is_for(w->running, owner, tag)) {
		if (drop) {
			w->running->stale = true;
			give_up(w);
		} else {
			w->running->owner = NULL;
		}
	}
	for (struct request *r = w->done; r; r = r->next)
		if (is_for(r, owner, tag)) {
			r->stale = drop;
			r->owner = drop ? r->owner : NULL;
		}
	pthread_mutex_unlock(&w->lock);
}

bool worker_has(struct worker *w, const struct view *owner, int tag)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = is_for(w->running, owner, tag);
	for (struct request *r = w->queue; r && !found; r = r->next)
		found = is_for(r, owner, tag);
	for (struct request *r = w->done; r && !found; r = r->next)
		found = is_for(r, owner, tag);
	pthread_mutex_unlock(&w->lock);
	return found;
}

bool worker_idle(struct worker *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = !w->queue && !w->running && !w->done;
	pthread_mutex_unlock(&w->lock);
	return idle;
}

int64_t worker_busy_ms(struct worker *w)
{
	int64_t ms;

	pthread_mutex_lock(&w->lock);
	ms = w->running ? time_mono_ms() - w->since : 0;
	pthread_mutex_unlock(&w->lock);
	return ms;
}

bool worker_progress(struct worker *w, const struct view *owner, struct progress_seen *out)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = is_for(w->running, owner, -1) && time_mono_ms() - w->since >= PROGRESS_FROM_MS;
	if (found) {
		progress_look(&w->running->progress, time_mono_ms(), &w->running->seen);
		*out = w->running->seen;
		found = out->what != NULL;
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

void worker_stop(struct worker *w, const struct view *owner, bool interrupt)
{
	pthread_mutex_lock(&w->lock);
	if (is_for(w->running, owner, -1) && w->running->progress.what) {
		if (interrupt)
			give_up(w);
		else
			w->running->progress.stop = true;
	}
	pthread_mutex_unlock(&w->lock);
}

struct request *worker_take(struct worker *w)
{
	struct request *r;

	pthread_mutex_lock(&w->lock);
	r = w->done;
	if (r)
		w->done = r->next;
	pthread_mutex_unlock(&w->lock);
	return r;
}
