#!/usr/bin/env python3
"""Records what training tools print, through a pseudo-terminal and through a pipe, with what they know themselves.

    python3 record.py NAME…        in a virtual environment that has the tool; README.md has the versions

NAME.pty.txt and NAME.pipe.txt are the bytes as they came. NAME.known says what the tool itself holds of what it
printed (its history object, its callbacks), one value a line: name, step, value, how far the printed one may be off,
apart by tabs; made by the same process as the output beside it, so each has its own: NAME.pty.known, NAME.pipe.known.
"""
import json, os, pty, subprocess, sys

known = []


def know(name, step, value, within):
    known.append((name, step, float(value), within))


def half(text_digits, value):  # half a unit of the last of so many significant digits
    if value == 0 or value != value:
        return 1e-9
    import math
    return 0.51 * 10 ** (math.floor(math.log10(abs(value))) - text_digits + 1)


def data(n=200, d=4):
    import numpy as np
    r = np.random.default_rng(7)
    x = r.normal(size=(n, d)).astype("float32")
    y = (x[:, 0] + 0.5 * x[:, 1] + 0.3 * r.normal(size=n) > 0).astype("int64")
    return x, y


# ---- the programs ----

def keras(verbose):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import keras
    except ImportError:
        from tensorflow import keras
    keras.utils.set_random_seed(3)
    x, y = data()
    m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"),
                          keras.layers.Dense(1, activation="sigmoid")])
    m.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    h = m.fit(x, y, epochs=3, batch_size=16, validation_split=0.25, verbose=verbose)
    for name, values in h.history.items():
        for i, v in enumerate(values):
            know(name, i + 1, v, 0.00006)


def keras_bar():
    keras(1)


def keras_lines():
    keras(2)


def keras2_bar():
    keras(1)


def keras2_lines():
    keras(2)


def lightning(rich):
    import logging, warnings
    warnings.filterwarnings("ignore")
    import torch
    import pytorch_lightning as pl
    from pytorch_lightning.callbacks import RichProgressBar, TQDMProgressBar
    pl.seed_everything(3)
    x, y = data(128)
    x, y = torch.tensor(x), torch.tensor(y).float()

    class Model(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def loss(self, batch):
            return torch.nn.functional.binary_cross_entropy_with_logits(self.layer(batch[0])[:, 0], batch[1])

        def training_step(self, batch, i):
            loss = self.loss(batch)
            self.log("train_loss", loss, prog_bar=True)
            return loss

        def validation_step(self, batch, i):
            self.log("val_loss", self.loss(batch), prog_bar=True)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    class Keep(pl.Callback):
        def on_train_epoch_end(self, trainer, module):
            for name, value in trainer.progress_bar_metrics.items():
                know(name, trainer.current_epoch, value, half(3, value))

    part = torch.utils.data.TensorDataset
    load = torch.utils.data.DataLoader
    bar = RichProgressBar(refresh_rate=1) if rich else TQDMProgressBar(refresh_rate=1)
    pl.Trainer(max_epochs=3, callbacks=[bar, Keep()], logger=pl.loggers.CSVLogger("/tmp/lightning-logs"),
               enable_checkpointing=False, enable_model_summary=False, accelerator="cpu").fit(
        Model(), load(part(x[:96], y[:96]), batch_size=16), load(part(x[96:], y[96:]), batch_size=16))


def lightning_tqdm():
    lightning(False)


def lightning_rich():
    lightning(True)


def tqdm_alone():
    from tqdm import tqdm
    import time
    with tqdm(range(8), desc="train", mininterval=0, ncols=90) as bar:
        for i in bar:
            time.sleep(0.002)
            loss = 1 / (i + 1.5)
            bar.set_postfix(loss=loss, refresh=False)
            # The next position is drawn with what was set at this one; the bar is called "train".
            know("train_loss", i + 1, loss, half(3, loss))


def tqdm_nested():
    from tqdm import tqdm
    import time
    for i in tqdm(range(3), desc="outer", mininterval=0, ncols=70):
        for j in tqdm(range(4), desc="inner", mininterval=0, leave=False, ncols=70):
            time.sleep(0.002)


def xgboost_train():
    import xgboost as xgb
    x, y = data()
    train, test = xgb.DMatrix(x[:150], y[:150]), xgb.DMatrix(x[150:], y[150:])
    result = {}
    xgb.train({"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "max_depth": 2, "nthread": 1}, train,
              12, evals=[(train, "train"), (test, "test")], evals_result=result)
    for part, metrics in result.items():
        for name, values in metrics.items():
            for i, v in enumerate(values):
                know(f"{part}-{name}", i, v, 0.000006)


def xgboost_sklearn():
    import xgboost as xgb
    x, y = data()
    m = xgb.XGBRegressor(n_estimators=30, max_depth=2, n_jobs=1, early_stopping_rounds=5)
    m.fit(x[:150], y[:150], eval_set=[(x[:150], y[:150]), (x[150:], y[150:])], verbose=5)
    last = m.get_booster().num_boosted_rounds() - 1
    for part, metrics in m.evals_result().items():
        for name, values in metrics.items():
            for i, v in enumerate(values):
                if i % 5 == 0 or i == last:
                    know(f"{part}-{name}", i, v, 0.000006)


def lightgbm_train():
    import lightgbm as lgb
    x, y = data()
    result = {}
    train = lgb.Dataset(x[:150], y[:150])
    lgb.train({"objective": "binary", "metric": ["auc", "binary_logloss"], "num_leaves": 4, "num_threads": 1,
               "deterministic": True}, train, 20, valid_sets=[train, lgb.Dataset(x[150:], y[150:])],
              callbacks=[lgb.log_evaluation(5), lgb.record_evaluation(result), lgb.early_stopping(50)])
    for part, metrics in result.items():
        for name, values in metrics.items():
            for i, v in enumerate(values):
                if (i + 1) % 5 == 0:
                    know(f"{part}_{name}", i + 1, v, half(6, v))


def catboost_train():
    import catboost
    x, y = data()
    m = catboost.CatBoostClassifier(iterations=12, depth=3, thread_count=1, random_seed=1, allow_writing_files=False,
                                    verbose=True)
    m.fit(x[:150], y[:150], eval_set=(x[150:], y[150:]))
    learn, test = m.get_evals_result()["learn"]["Logloss"], m.get_evals_result()["validation"]["Logloss"]
    for i, (l, t) in enumerate(zip(learn, test)):
        know("learn", i, l, 0.0000006)
        know("test", i, t, 0.0000006)
        know("best", i, min(test[:i + 1]), 0.0000006)


def sklearn_mlp():
    import warnings
    warnings.filterwarnings("ignore")
    from sklearn.neural_network import MLPClassifier
    x, y = data()
    m = MLPClassifier((8,), max_iter=10, random_state=1, verbose=True).fit(x, y)
    for i, v in enumerate(m.loss_curve_):
        know("loss", i + 1, v, 0.000000006)


def sklearn_hist():
    from sklearn.ensemble import HistGradientBoostingClassifier
    x, y = data()
    m = HistGradientBoostingClassifier(max_iter=6, max_leaf_nodes=4, early_stopping=True, scoring="loss",
                                       random_state=1, verbose=2).fit(x, y)
    for i in range(1, len(m.train_score_)):
        know("train_loss", i, -m.train_score_[i], 0.000006)
        know("val_loss", i, -m.validation_score_[i], 0.000006)


def sklearn_boost():
    from sklearn.ensemble import GradientBoostingClassifier
    x, y = data()
    m = GradientBoostingClassifier(n_estimators=20, max_depth=2, random_state=1, verbose=1).fit(x, y)
    for i, v in enumerate(m.train_score_):
        if i < 10 or (i + 1) % 10 == 0:
            know("train_loss", i + 1, v, 0.00006)


def sklearn_grid():
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    x, y = data()
    g = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=3, verbose=3, return_train_score=True).fit(x, y)
    for c in range(3):
        for k in range(3):
            know("test_score", c * 3 + k, g.cv_results_[f"split{k}_test_score"][c], 0.0006)
            know("train_score", c * 3 + k, g.cv_results_[f"split{k}_train_score"][c], 0.0006)


def sklearn_forest():
    from sklearn.ensemble import RandomForestClassifier
    x, y = data()
    RandomForestClassifier(12, random_state=1, verbose=2).fit(x, y)


def trainer():
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import warnings
    warnings.filterwarnings("ignore")
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainingArguments
    x, y = data(96)

    class Config(PretrainedConfig):
        model_type = "linear"

    class Model(PreTrainedModel):
        config_class = Config

        def __init__(self, config):
            super().__init__(config)
            self.layer = torch.nn.Linear(4, 2)

        def forward(self, x=None, labels=None):
            out = self.layer(x)
            return {"loss": torch.nn.functional.cross_entropy(out, labels), "logits": out}

    rows = [{"x": torch.tensor(a), "labels": int(b)} for a, b in zip(x, y)]
    torch.manual_seed(3)
    t = Trainer(Model(Config()), TrainingArguments("/tmp/trainer-out", num_train_epochs=3, logging_steps=2,
                                                   per_device_train_batch_size=16, eval_strategy="epoch",
                                                   save_strategy="no", report_to=[], use_cpu=True, seed=3),
                train_dataset=rows[:64], eval_dataset=rows[64:])
    t.train()
    count = {}
    for log in t.state.log_history:
        for name, v in log.items():
            if name in ("epoch", "step", "total_flos") or name.endswith(("_runtime", "_per_second")):
                continue
            know(name, count.get(name, 0), v, half(4, v))
            count[name] = count.get(name, 0) + 1


def key_value():
    import math
    for i in range(5):
        loss = math.exp(-i / 3)
        print(f"step={10 * i} loss={loss:.4f} lr={0.1 * 0.5 ** i:g} time=0.{i}2s")
        know("loss", 10 * i, loss, 0.00006)
        know("lr", 10 * i, 0.1 * 0.5 ** i, 1e-9)


def logging_lines():
    import logging
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s:%(lineno)d: %(message)s",
                        stream=sys.stdout)
    log = logging.getLogger("train")
    for e in range(3):
        log.info("epoch %d: loss: %.4f, val accuracy: %.3f", e, 1 / (e + 1), 0.5 + e / 10)
        know("loss", e, 1 / (e + 1), 0.00006)
        know("val_accuracy", e, 0.5 + e / 10, 0.0006)


def json_lines():
    for i in range(4):
        print(json.dumps({"time": 1763888000.5 + i, "level": "info", "step": 5 * i, "train": {"loss": 1 / (i + 1)},
                          "val auc": 0.5 + i / 10, "lr": 1e-3, "host": "a1", "eta_s": 3.5}))
        know("train.loss", 5 * i, 1 / (i + 1), 1e-12)
        know("val auc", 5 * i, 0.5 + i / 10, 1e-12)
        know("lr", 5 * i, 1e-3, 1e-12)


# ---- recording ----

def play(name, out):
    globals()[name]()
    with open(out, "w") as f:
        for k in known:
            f.write("%s\t%d\t%.17g\t%.3g\n" % k)


def record(name):
    for way in ("pty", "pipe"):
        here = os.path.dirname(os.path.abspath(__file__))
        file = os.path.join(here, f"{name}.{way}.txt")
        argv = [sys.executable, os.path.abspath(__file__), "--play", name, os.path.join(here, f"{name}.{way}.known")]
        env = dict(os.environ, TERM="xterm-256color", PYTHONWARNINGS="ignore", COLUMNS="")
        del env["COLUMNS"]
        got = bytearray()
        if way == "pipe":
            got += subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/tmp").stdout
        else:
            pid, fd = pty.fork()
            if pid == 0:
                import fcntl, struct, termios
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
                os.chdir("/tmp")
                os.execve(sys.executable, argv, env)
            while True:
                try:
                    piece = os.read(fd, 65536)
                except OSError:
                    break
                if not piece:
                    break
                got += piece
            os.waitpid(pid, 0)
        with open(file, "wb") as f:
            f.write(got)
        print(name, way, len(got), "bytes")


if __name__ == "__main__":
    if sys.argv[1] == "--play":
        play(sys.argv[2], sys.argv[3])
    else:
        for each in sys.argv[1:]:
            record(each)
