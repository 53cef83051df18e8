/* Partitions: by one column, by two, by three; small intersections are left out. */
#include "inside.h"

struct member {
	uint32_t code[BIAS_DEPTH_MAX];
	size_t cell;
	uint64_t n;
};

static int by_code(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	for (int d = 0; d < BIAS_DEPTH_MAX; d++)
		if (x->code[d] != y->code[d])
			return x->code[d] < y->code[d] ? -1 : 1;
	return (x->cell > y->cell) - (x->cell < y->cell);
}

static bool same_code(const struct member *a, const struct member *b)
{
	return memcmp(a->code, b->code, sizeof a->code) == 0;
}

static uint64_t cell_n(const struct bias_table *t, const struct cell *c)
{
	return t->has_scores ? c->end[0] - c->first[0] + c->end[1] - c->first[1] : counts_n(&c->decided);
}

/* "Female & under 25". */
static const char *group_name(const struct bias_table *t, const struct bias_partition *p,
                              const struct member *m)
{
	struct str name;
	str_init(&name);
	for (int d = 0; d < p->depth; d++)
		str_addf(&name, "%s%s", d ? " & " : "", t->columns[p->column[d]].group[m->code[d]]);
	const char *kept = arena_memdup0(t->mem, name.data, name.len);
	str_release(&name);
	return kept;
}

static const char *partition_name(const struct bias_table *t, const struct bias_partition *p)
{
	struct str name;
	str_init(&name);
	for (int d = 0; d < p->depth; d++)
		str_addf(&name, "%s%s", d ? "," : "", t->columns[p->column[d]].name);
	const char *kept = arena_memdup0(t->mem, name.data, name.len);
	str_release(&name);
	return kept;
}

/* member[cell_count] is room to work in. */
static void fill(struct bias_table *t, struct partition *p, size_t support, struct member *member)
{
	struct bias_partition *about = &p->about;
	size_t count = t->cell_count, groups = 0;
	for (size_t i = 0; i < count; i++) {
		member[i] = (struct member){.cell = i, .n = cell_n(t, &t->cells[i])};
		for (int d = 0; d < about->depth; d++)
			member[i].code[d] = t->code[i * t->column_count + about->column[d]];
	}
	qsort(member, count, sizeof *member, by_code);
	const char **names = arena_array(t->mem, count, sizeof *names);
	uint64_t *sizes = arena_array(t->mem, count, sizeof *sizes);
	p->group_of = arena_array(t->mem, count, sizeof *p->group_of);
	for (size_t i = 0, end; i < count; i = end) {
		uint64_t n = 0;
		for (end = i; end < count && same_code(&member[i], &member[end]); end++)
			n += member[end].n;
		bool kept = about->depth == 1 || n >= support;
		for (size_t k = i; k < end; k++)
			p->group_of[member[k].cell] = kept ? groups : BIAS_NONE;
		if (kept) {
			names[groups] = group_name(t, about, &member[i]);
			sizes[groups++] = n;
		} else {
			about->pruned++;
			about->pruned_cases += n;
		}
	}
	about->name = partition_name(t, about);
	about->group = names;
	about->n = sizes;
	about->group_count = groups;
}

void partitions_make(struct bias_table *t, int depth, size_t support)
{
	size_t columns = t->column_count - (t->stratum != BIAS_NONE), most = 0;
	for (size_t d = 1, ways = columns; d <= BIAS_DEPTH_MAX; d++) {
		most += ways;
		ways = ways * (columns > d ? columns - d : 0) / (d + 1);
	}
	t->partitions = arena_array(t->mem, most, sizeof *t->partitions);
	struct member *member = xreallocarray(NULL, t->cell_count, sizeof *member);
	for (int d = 1; d <= depth && d <= BIAS_DEPTH_MAX; d++) {
		/* Rising indexes, the last one turning fastest. */
		size_t at[BIAS_DEPTH_MAX] = {0, 1, 2};
		while ((size_t)d <= columns) {
			struct partition *p = &t->partitions[t->partition_count++];
			p->about.depth = d;
			memcpy(p->about.column, at, sizeof at);
			fill(t, p, support, member);
			int turn = d - 1;
			while (turn >= 0 && at[turn] == columns - (size_t)(d - turn))
				turn--;
			if (turn < 0)
				break;
			at[turn]++;
			for (int k = turn + 1; k < d; k++)
				at[k] = at[k - 1] + 1;
		}
	}
	free(member);
	t->about = arena_array(t->mem, t->partition_count, sizeof *t->about);
	for (size_t i = 0; i < t->partition_count; i++)
		t->about[i] = t->partitions[i].about;
}

size_t bias_partitions(const struct bias_table *t, const struct bias_partition **out)
{
	*out = t->about;
	return t->partition_count;
}
