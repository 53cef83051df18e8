"""Writes event_files.json: event files that real writers wrote, and what TensorBoard's own reader reads in them.

    python3 -m venv V && V/bin/pip install tensorboard tensorboardX tensorflow-cpu torch
    V/bin/python tests/oracle/event_files.py tests/oracle/event_files.json [WRITER...]

With writers named, their files alone are written anew, and the rest of event_files.json stays.

Writers: tensorboardX's SummaryWriter (add_scalar, add_scalars, add_text, add_histogram, add_hparams); TensorBoard's
EventFileWriter with simple_value; torch.utils.tensorboard's SummaryWriter (add_scalar, and with new_style, add_scalars,
add_text, add_histogram, add_hparams, special values, a step that is not told); TensorFlow's tf.summary (scalars
of several types, text, histogram) and the callback keras.callbacks.TensorBoard. Read back by
tensorboard.backend.event_processing.event_accumulator.EventAccumulator, sizes unlimited: its scalars, and the
tensors of plugin "scalars" by make_ndarray.
"""
import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorboard
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util


def with_tensorboardx(folder):
    import tensorboardX

    versions["tensorboardX"] = tensorboardX.__version__
    w = tensorboardX.SummaryWriter(folder)
    for step in range(5):
        w.add_scalar("Loss/train", 1 / (step + 1), step)
        w.add_scalars("both", {"x": step, "y": -step}, step)
    w.add_scalar("odd", float("nan"), -3)
    w.add_scalar("odd", float("inf"), 1 << 40)
    w.add_text("words", "hello", 0)
    w.add_histogram("weights", np.arange(20) / 7, 1)
    w.add_hparams({"lr": 0.1, "batch": 32, "name": "a b", "flag": True}, {"hp/acc": 0.5})
    w.close()


def with_simple_values(folder):
    w = EventFileWriter(folder)
    for step in range(4):
        values = [Summary.Value(tag="loss", simple_value=0.1 * step), Summary.Value(tag="acc", simple_value=step)]
        w.add_event(Event(wall_time=1700000000.25 + step, step=step, summary=Summary(value=values)))
    w.close()


def with_torch(folder):
    import torch
    from torch.utils.tensorboard import SummaryWriter

    versions["torch"] = torch.__version__
    w = SummaryWriter(folder)
    for step in range(5):
        w.add_scalar("Loss/train", torch.tensor(1 / (step + 1)), step)
        w.add_scalar("val/acc", step / 7, step, walltime=1700000000.25 + step)
        w.add_scalar("styled", -step, step, new_style=True)
        w.add_scalar("double", 0.1 * step, step, double_precision=True)
    w.add_scalars("both", {"x": 1, "y": 2}, 3)
    w.add_scalar("odd", float("nan"), 0)
    w.add_scalar("odd", float("-inf"), 1 << 40)
    w.add_scalar("no step", 0.25)
    w.add_text("words", "hello", 0)
    w.add_histogram("weights", torch.arange(20) / 7, 1)
    w.add_hparams({"lr": 0.1, "batch": 32, "name": "a b", "flag": True}, {"hp/acc": 0.5})
    w.close()


def with_tensorflow(folder):
    import tensorflow as tf

    versions["tensorflow"] = tf.__version__
    w = tf.summary.create_file_writer(folder)
    with w.as_default():
        for step in range(3):
            tf.summary.scalar("float", 0.1 * step, step=step)
            tf.summary.scalar("double", tf.constant(0.1 * step, tf.float64), step=step)
            tf.summary.scalar("int", tf.constant(-step, tf.int32), step=step)
        tf.summary.text("words", "hello", step=0)
        tf.summary.histogram("weights", tf.range(20, dtype=tf.float32), step=1)
    w.close()


def with_keras(folder):
    import keras

    versions["keras"] = keras.__version__
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.linspace(0, 1, 20).reshape(10, 2)
    model.fit(x, x[:, :1], epochs=3, validation_data=(x, x[:, :1]), verbose=0,
              callbacks=[keras.callbacks.TensorBoard(folder, write_graph=False)])


def read(path):
    a = event_accumulator.EventAccumulator(
        path, size_guidance={event_accumulator.TENSORS: 0, event_accumulator.SCALARS: 0}, purge_orphaned_data=False)
    a.Reload()
    series = []
    for tag in sorted(a.Tags()["scalars"]):
        series.append({"name": tag, "points": [[e.step, int(e.wall_time * 1000), str(e.value)]
                                               for e in a.Scalars(tag)]})
    for tag in sorted(a.Tags()["tensors"]):
        if a.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
            continue
        points = [[e.step, int(e.wall_time * 1000), str(float(tensor_util.make_ndarray(e.tensor_proto)))]
                  for e in a.Tensors(tag)]
        series.append({"name": tag, "points": points})
    return series


writers = {"tensorboardX": with_tensorboardx, "tensorboard": with_simple_values, "torch": with_torch,
           "tensorflow": with_tensorflow, "keras": with_keras}
out, wanted = sys.argv[1], sys.argv[2:] or list(writers)
versions, files = {"tensorboard": tensorboard.__version__}, []
if len(sys.argv) > 2:
    with open(out) as f:
        before = json.load(f)
    versions = before["versions"] | versions
    files = [f for f in before["files"] if f["writer"] not in wanted]
for name in wanted:
    with tempfile.TemporaryDirectory() as folder:
        writers[name](folder)
        for place, _, names in sorted(os.walk(folder)):
            for file in sorted(names):
                path = os.path.join(place, file)
                with open(path, "rb") as f:
                    content = f.read()
                files.append({"writer": name, "path": os.path.relpath(path, folder), "series": read(path),
                              "bytes": content.hex()})
with open(out, "w") as f:
    json.dump({"versions": versions, "files": files}, f)
    f.write("\n")
