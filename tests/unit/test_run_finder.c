/* The metric finder on lines as programs really print them, and on lines that are traps. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/run.h"

static void note(void *user, const struct run_found *f)
{
	struct str *s = user;
	char num[NUM_TEXT];

	if (f->kind != RUN_FOUND_METRIC)
		return;
	str_addf(s, "%s%s=%s@%lld", s->len ? " " : "", f->name, num_shortest(f->value, num), (long long)f->step);
}

static void expect(const char *text, const char *wanted)
{
	struct str got, split;
	struct run_finder *f;

	str_init(&got);
	str_init(&split);
	f = run_finder_new(NULL, note, &got);
	run_finder_feed(f, text, strlen(text));
	run_finder_end(f);
	run_finder_free(f);
	if (strcmp(got.data, wanted) != 0)
		fail_msg("%s\n   found  %s\n   wanted %s", text, got.data, wanted);
	/* Cut anywhere, the same comes out. */
	f = run_finder_new(NULL, note, &split);
	for (const char *p = text; *p; p++)
		run_finder_feed(f, p, 1);
	run_finder_end(f);
	run_finder_free(f);
	assert_string_equal(got.data, split.data);
	str_release(&got);
	str_release(&split);
}

struct line {
	const char *text, *wanted;
};

static const struct line plain[] = {
    {"loss=0.31", "loss=0.31@0"},
    {"loss: 0.2", "loss=0.2@0"},
    {"loss = 0.31", "loss=0.31@0"},
    {"loss=0.5\nloss=0.4\nloss=0.3\n", "loss=0.5@0 loss=0.4@1 loss=0.3@2"},
    {"step=120 loss=0.31 lr=1e-3", "loss=0.31@120 lr=0.001@120"},
    {"iter 10: loss 3.9456, time 45.45ms, mfu 2.10%", "loss=3.9456@10"},
    {"step 0: train loss 4.2874, val loss 4.2823", "train_loss=4.2874@0 val_loss=4.2823@0"},
    {"[120] train-auc:0.81", "train-auc=0.81@120"},
    {"[0]\tvalidation_0-logloss:0.58921\tvalidation_1-logloss:0.60012",
     "validation_0-logloss=0.58921@0 validation_1-logloss=0.60012@0"},
    {"[1]\ttraining's binary_logloss: 0.680298\tvalid_1's binary_logloss: 0.681265",
     "training_binary_logloss=0.680298@1 valid_1_binary_logloss=0.681265@1"},
    {"Iteration 5, loss = 0.69314718", "loss=0.69314718@5"},
    {"7:\tlearn: 0.6743\ttest: 0.675\tbest: 0.675 (0)\ttotal: 52ms\tremaining: 52s",
     "learn=0.6743@7 test=0.675@7 best=0.675@7"},
    {"Epoch 3/50 - loss: 0.21 - val_loss: 0.2", "loss=0.21@3 val_loss=0.2@3"},
    {"Epoch 3/50\n782/782 [==============================] - 5s 6ms/step - loss: 0.2134 - accuracy: 0.9251 - "
     "val_loss: 0.3012 - val_accuracy: 0.9\n",
     "loss=0.2134@3 accuracy=0.9251@3 val_loss=0.3012@3 val_accuracy=0.9@3"},
    {"Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300039", "Train_Loss=2.300039@60640"},
    {"Test set: Average loss: 0.0276, Accuracy: 9914/10000 (99%)", "Test_Average_loss=0.0276@0"},
    {"Epoch [1/5], Step [100/600], Loss: 2.1", "Loss=2.1@700"},
    {"Epoch: [0][10/391]\tTime  0.134 ( 0.532)\tLoss 6.9e+00 (7.1e+00)\tAcc@1   0.50 (  0.10)",
     "Loss=6.9@10 Acc@1=0.5@10"},
    {"Epoch [1][50/7330]\tlr: 1.978e-03, eta: 1 day, 3:16:00, time: 0.520, data_time: 0.05, memory: 3000, "
     "loss_rpn_cls: 0.41, loss: 1.52",
     "lr=0.001978@7380 loss_rpn_cls=0.41@7380 loss=1.52@7380"},
    {"{'loss': 0.3241, 'learning_rate': 5e-05, 'epoch': 0.1}", "loss=0.3241@0 learning_rate=5e-05@0"},
    {"{\"epoch\": 4, \"train_loss\": \"8.91\", \"acc\": 1}", "train_loss=8.91@4 acc=1@4"},
    {"2026-11-23 12:00:00,123 INFO train: loss=0.31", "train_loss=0.31@0"},
    {"INFO:root:val_auc=0.93", "val_auc=0.93@0"},
    {"[2026-11-23 12:00:00] WARNING loss: 0.3", "loss=0.3@0"},
    {"Best val AUC = 0.912 at epoch 12", "Best_val_AUC=0.912@12"},
    {"Accuracy: 0.93 (+/- 0.02)", "Accuracy=0.93@0"},
    {"accuracy: 0.93.", "accuracy=0.93@0"},
    {"mAP@0.5: 0.61", "mAP@0.5=0.61@0"},
    {"R2 score: 0.81", "R2_score=0.81@0"},
    {"step=3 reward=-12.5", "reward=-12.5@3"},
    {"loss: nan", "loss=nan@0"},
    {"step 4 loss=-inf", "loss=-inf@4"},
    {"score=3", "score=3@0"},
    {"Epoch 2: correct=45", "correct=45@2"},
    {"Epoch 1\ntrain loss: 0.5\nval loss: 0.6\nEpoch 2\ntrain loss: 0.4\n",
     "train_loss=0.5@1 val_loss=0.6@1 train_loss=0.4@2"},
    {"\033[1mEpoch 2/9\033[0m \033[32mloss=0.5\033[K", "loss=0.5@2"},
    {"\033]0;title loss=0.9\007loss=0.5", "loss=0.5@0"},
    {"loss=0.5\r\nloss=0.4\r\n", "loss=0.5@0 loss=0.4@1"},
    {"\r 10%|#         | 10/100 [00:01<00:09, 9.5it/s, loss=0.9]\r 20%|##        | 20/100 [00:02<00:08, "
     "9.5it/s, "
     "loss=0.8]\r100%|##########| 100/100 [00:10<00:00, 9.5it/s, loss=0.3]\n",
     "loss=0.9@10 loss=0.8@20 loss=0.3@100"},
    {"Epoch 3:  50%|##   | 10/20 [00:01<00:01, 18.0it/s, v_num=0, train_loss=0.4]\rEpoch 3: 100%|#####| "
     "20/20 "
     "[00:01<00:00, 18.0it/s, v_num=0, train_loss=0.31]\n",
     "train_loss=0.31@3"},
    {"[LightGBM] [Info] Iteration:5, training auc : 0.9", "training_auc=0.9@5"},
    {"Epoch 3/9:  45%|####    | 12/27 [00:01<00:02, 7.9it/s, v_num=0, train_loss=0.31]", "train_loss=0.31@3"},
    {"{\"step\": 3, \"x\": [1, {\"loss\": 0.1}], \"a\": {\"b\": {\"loss\": NaN}}, \"ok\": true}",
     "a.b.loss=nan@3"},
    {"{\"level\": \"info\", \"latency\": 0.25, \"rows\": 12}", ""},
    {"{'loss': '0.31', 'epoch': 2}", "loss=0.31@2"},
    {"loss=0.9\b\b\b\b\b\b\b\bloss=0.5\n", "loss=0.5@0"},
    {"loss=0.95\b7\n", "loss=0.97@0"},
    {"Epoch 1/2\n 1/10 [>....] - ETA: 3s - loss: 2.3\r10/10 [=====] - 5s 6ms/step - loss: 0.2\n",
     "loss=0.2@1"},
    {"2026/11/27 10:00:00 loss=0.5\n2026/11/27 10:00:01 loss=0.4\n", "loss=0.5@0 loss=0.4@1"},
    {"Namespace(epochs=10, seed=4)\nepochs: 10\n{\"epochs\": 10}\nloss=0.5\nloss=0.4\n",
     "loss=0.5@0 loss=0.4@1"},
    {"epochs 3/10 loss=0.5", "loss=0.5@3"},
};

static const struct line traps[] = {
    {"", ""},
    {"| N/A   34C    P0    68W / 400W |   1234MiB / 40960MiB |     45%      Default |", ""},
    {"|   0  NVIDIA A100-SXM4-40GB          On  | 00000000:07:00.0 Off |                    0 |", ""},
    {"| NVIDIA-SMI 535.104.05   Driver Version: 535.104.05   CUDA Version: 12.2     |", ""},
    {"temperature of the room: 21.5", ""},
    {"load average: 0.52, 0.58, 0.59", ""},
    {"ValueError: loss: 0.5", ""},
    {"  File \"train.py\", line 3, in f\n    return g(loss=0.5)\n", ""},
    {"   12 |     printf(\"loss=0.5\");", ""},
    {"{\"accuracy_time\": 0.5}", ""},
    {"time: 12.5", ""},
    {"Time: 12:30:45", ""},
    {"elapsed=3.25 eta: 1.5", ""},
    {"took: 3.5 s", ""},
    {"speed: 12.3 it/s", ""},
    {"memory: 1.5 GB", ""},
    {"memory=1.5GB", ""},
    {"progress: 50%", ""},
    {"accuracy: 93.2 %", ""},
    {"http://127.0.0.1:8080/loss=0.3", ""},
    {"listening on localhost:8080", ""},
    {"port: 8080", ""},
    {"/data/run/loss:0.3", ""},
    {"reading ./x/loss=0.3.csv", ""},
    {"C:\\temp\\loss=0.3x", ""},
    {"train.py:42: UserWarning: something", ""},
    {"train.py:42.5", ""},
    {"date: 2026-11-23", ""},
    {"torch==1.13", ""},
    {"version: 1.5.2", ""},
    {"version=2.1", ""},
    {"loss>=0.3", ""},
    {"if x != 0.5: y", ""},
    {"loss: 1,234.5", ""},
    {"loss: 0,31", ""},
    {"shape=(1,2)", ""},
    {"losses: [0.3, 0.4]", ""},
    {"coef: 0.1 0.2 0.3", ""},
    {"loss: tensor(0.3)", ""},
    {"loss: 0x1F", ""},
    {"loss: 0.3-0.5", ""},
    {"batch_size=32 num_workers=4 seed: 42", ""},
    {"n=20000", ""},
    {"exit code: 3.0", ""},
    {"The final value of my own loss: 0.3", ""},
    {"val_loss improved from 0.31234 to 0.29876, saving model to best.h5", ""},
    {"P(y=1)=0.3", ""},
    {"2026/11/27 10:00:00 [notice] 1#1: start worker process 29", ""},
    {"fe80::1", ""},
    {"00:1a:2b:3c:4d:5e", ""},
    {"12:30:45", ""},
    {"pid=1234", ""},
    {"step=120", ""},
    {"Epoch 3/50", ""},
    {"x: nan", ""},
    {"1/3 files", ""},
    {"loss=", ""},
    {"=0.3", ""},
    {": 0.3", ""},
    {"loss: 999999999999999999999999999999999999999999 files", ""},
};

static void test_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		expect(plain[i].text, plain[i].wanted);
}

static void test_traps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(traps); i++)
		expect(traps[i].text, traps[i].wanted);
}

struct counts {
	size_t metrics, full;
	int64_t last_step;
};

static void count_found(void *user, const struct run_found *f)
{
	struct counts *c = user;

	c->metrics += f->kind == RUN_FOUND_METRIC;
	c->full += f->kind == RUN_FOUND_FULL;
	if (f->kind == RUN_FOUND_METRIC)
		c->last_step = f->step;
}

/* A line without an end and a million names: bounded, and said once. */
static void test_bounded(void **state)
{
	struct counts c = {0};
	struct run_finder *f = run_finder_new(NULL, count_found, &c);
	struct run_recognised one;
	char line[64], *block = xmalloc(1 << 20);

	(void)state;
	memset(block, 'x', 1 << 20);
	memcpy(block, "loss=0.5 ", 9);
	for (int i = 0; i < 256; i++) /* a quarter of a GiB */
		run_finder_feed(f, block, 1 << 20);
	run_finder_feed(f, "\n", 1);
	assert_int_equal(c.metrics, 0);
	for (int i = 0; i < 1000000; i++) {
		int n = snprintf(line, sizeof line, "m%d=0.5\n", i);
		run_finder_feed(f, line, (size_t)n);
	}
	assert_int_equal(c.metrics, RUN_FINDER_NAMES);
	assert_int_equal(c.full, 1);
	run_finder_feed(f, "m7=0.25\n", 8);
	assert_int_equal(c.metrics, RUN_FINDER_NAMES + 1);
	assert_int_equal(run_finder_recognised(f), RUN_FINDER_NAMES);
	run_finder_recognised_at(f, 7, &one);
	assert_string_equal(one.name, "m7");
	assert_string_equal(one.recogniser, "key_value");
	assert_string_equal(one.example, "m7=0.5");
	assert_int_equal(one.lines, 2);
	run_finder_free(f);
	free(block);
}

/* Bytes that no program should print, among some that it may. */
static void test_hostile(void **state)
{
	struct counts c = {0};
	struct run_finder *f = run_finder_new(NULL, count_found, &c);
	struct run_recognised one;
	static const char nul[] = "loss=0.5\0\0 \n";
	static const char jump[] =
	    "step=1 loss=0.5\nstep=2000000000000 loss=0.25\nstep=99999999999999999999 loss=0.1\n";
	static const char coloured[] = "step=2000000000000 \x1b[31mloss=0.125\x1b[0m \xff\xfe\n";
	char wild[4096];
	unsigned r = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof wild; k++) {
			r = r * 1664525u + 1013904223u;
			wild[k] = (char)(r >> 24);
		}
		run_finder_feed(f, wild, sizeof wild);
	}
	run_finder_feed(f, "\n", 1);
	c = (struct counts){0};
	/* A jump by billions is a step like any other; what is none is no step. */
	run_finder_feed(f, jump, sizeof jump - 1);
	assert_int_equal(c.metrics, 3);
	run_finder_feed(f, coloured, sizeof coloured - 1);
	assert_int_equal(c.last_step, 2000000000000);
	c = (struct counts){0};
	run_finder_feed(f, nul, sizeof nul - 1);
	assert_int_equal(c.metrics, 1);
	/* No example holds a control character that began a sequence. */
	for (size_t i = 0; i < run_finder_recognised(f); i++) {
		run_finder_recognised_at(f, i, &one);
		assert_null(strchr(one.example, 0x1b));
	}
	run_finder_free(f);
}

static void on_progress(void *user, const struct run_found *f)
{
	struct str *s = user;
	if (f->kind == RUN_FOUND_PROGRESS)
		str_addf(s, "%s%.3g", s->len ? " " : "", f->value);
}

static void test_progress(void **state)
{
	static const struct line lines[] = {
	    {"Epoch 1/4\nEpoch 2/4\nloss: 0.5\nEpoch 3/4\n", "0 0.25 0.5"},
	    {"Epoch 1/4 - loss: 0.5\nEpoch 2/4 - loss: 0.4\n", "0.25 0.5"},
	    {"Epoch [1/5], Step [100/200], Loss: 2.1\nEpoch [1/5], Step [200/200], Loss: 2.0\n", "0.1 0.2"},
	    {"Epoch 0/3 loss: 0.5\nEpoch 3/3 loss: 0.4\n", "0.333 1"},
	    {"Epoch 1\nEpoch 2\n", ""},
	    {"\r 50%|##  | 5/10 [00:01<00:01, 5it/s]\r100%|####| 10/10 [00:02<00:00, 5it/s]\n", "0.5 1"},
	    /* A bar that begins anew is part of something: how long that is, nobody knows. */
	    {"\r 50%|##  | 5/10 [00:01<00:01, 5it/s]\r 10%|#   | 1/10 [00:00<00:09, 5it/s]\r 50%|##  | 5/10 "
	     "[00:00<00:09, "
	     "5it/s]\n",
	     "0.5 nan"},
	    {"12:30\n3/4 of it\nratio 1/2\n", "0.75"},
	    {"2026/11/27 10:00:00 [notice] 1#1: start worker process 29\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct str got;
		struct run_finder *f;

		str_init(&got);
		f = run_finder_new(NULL, on_progress, &got);
		run_finder_feed(f, lines[i].text, strlen(lines[i].text));
		run_finder_end(f);
		run_finder_free(f);
		if (strcmp(got.data, lines[i].wanted) != 0)
			fail_msg("%s\n   found  %s\n   wanted %s", lines[i].text, got.data, lines[i].wanted);
		str_release(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),   cmocka_unit_test(test_traps),    cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_hostile), cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests_name("run: metric finder", tests, NULL, NULL);
}
