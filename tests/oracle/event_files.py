"""Writes event_files.json: event files that real writers wrote, and what TensorBoard's own reader reads in them.

    python3 -m venv V && V/bin/pip install tensorboard tensorboardX tensorflow-cpu
    V/bin/python tests/oracle/event_files.py > tests/oracle/event_files.json

Writers: tensorboardX's SummaryWriter (add_scalar, add_scalars, add_text, add_histogram, add_hparams); TensorBoard's
EventFileWriter with simple_value, which is what torch.utils.tensorboard writes with; TensorFlow's tf.summary (scalars
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

import keras
import numpy as np
import tensorboard
import tensorboardX
import tensorflow as tf
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util


def with_tensorboardx(folder):
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


def with_tensorflow(folder):
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


files = []
for name, write in [("tensorboardX", with_tensorboardx), ("tensorboard", with_simple_values),
                    ("tensorflow", with_tensorflow), ("keras", with_keras)]:
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        for place, _, names in sorted(os.walk(folder)):
            for file in sorted(names):
                path = os.path.join(place, file)
                with open(path, "rb") as f:
                    content = f.read()
                files.append({"writer": name, "path": os.path.relpath(path, folder), "series": read(path),
                              "bytes": content.hex()})
json.dump({"versions": {"tensorboard": tensorboard.__version__, "tensorboardX": tensorboardX.__version__,
                        "tensorflow": tf.__version__, "keras": keras.__version__}, "files": files},
          sys.stdout, indent=None)
print()
