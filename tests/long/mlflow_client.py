"""
What the unmodified MLflow client sees of a tracking server, as one JSON object: the same calls against two servers must
give the same. Ids, times and addresses, which differ, are named in the order in which they appear; so are orders that
neither server promises.

    mlflow_client.py record FILE     plays the flows against $MLFLOW_TRACKING_URI and writes what came
    mlflow_client.py compare A B     prints a table of the steps; status 1 if an answer differs
    mlflow_client.py worker N        one of several processes that log into one run
    mlflow_client.py in-run          what a program does that was started by `assay run`
"""

import json
import math
import os
import re
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

# What is not the same, and why.
KNOWN = {
    "search_runs by ['attributes.status']": "Assay has states in the order of a run's life, MLflow by their names",
}

steps = {}
names = {}


def plain(value):
    """Ids by the order of their appearance; no times."""
    if isinstance(value, float):
        # The reference server keeps no infinities: it has the greatest finite numbers in their place.
        return "nan" if math.isnan(value) else "inf" if value > 1.7e308 else "-inf" if value < -1.7e308 else value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, str):
        for pattern in (r"m-[0-9a-f]{32}", r"[0-9a-f]{32}"):
            value = re.sub(pattern, lambda m: names.setdefault(m.group(0), f"id{len(names)}"), value)
        return value
    return value


def step(name, call):
    from mlflow.exceptions import MlflowException

    try:
        steps[name] = plain(call())
    except MlflowException as e:
        steps[name] = {"error": e.error_code, "status": e.get_http_status_code()}


def in_words(name, call):
    """A refusal as people read it."""
    from mlflow.exceptions import MlflowException

    try:
        call()
        steps[name] = "nothing was refused"
    except MlflowException as e:
        steps[name] = [e.error_code, plain(e.message.split("\n")[0])]


def run_of(run):
    return {
        "name": run.info.run_name,
        "id": run.info.run_id,
        "status": run.info.status,
        "stage": run.info.lifecycle_stage,
        "user": run.info.user_id,
        "ended": run.info.end_time is not None,
        "artifact_uri": re.sub(r":/\d+/", ":/EXPERIMENT/", run.info.artifact_uri),
        "metrics": run.data.metrics,
        "params": run.data.params,
        "tags": run.data.tags,
        "inputs": sorted(
            [
                d.dataset.name,
                d.dataset.digest,
                d.dataset.source_type,
                d.dataset.source,
                d.dataset.schema,
                sorted([t.key, t.value] for t in d.tags),
            ]
            for d in run.inputs.dataset_inputs
        ),
    }


def experiment_of(e):
    return [e.name, e.lifecycle_stage, e.tags, e.artifact_location.startswith("mlflow-artifacts:/")]


def fluent(mlflow, client):
    first = mlflow.set_experiment("conformance")
    step("set_experiment", lambda: experiment_of(first))
    with mlflow.start_run(run_name="parent", tags={"team": "risk"}, description="a *note*") as run:
        step("log_param", lambda: mlflow.log_param("lr", 0.1))
        step("log_params", lambda: mlflow.log_params({"a": 1, "b": "x y", "empty": "", "nested/name": None}))
        for i in range(5):
            mlflow.log_metric("loss", 1 / (i + 1), step=i)
        step(
            "log_metrics",
            lambda: mlflow.log_metrics(
                {"acc": 0.5, "nan": float("nan"), "inf": float("inf"), "-inf": float("-inf"), "tiny": 5e-324}, step=1
            ),
        )
        step("set_tag", lambda: mlflow.set_tag("k", "v"))
        step("set_tags", lambda: mlflow.set_tags({"k2": "v2", "números": "ü"}))
        with mlflow.start_run(nested=True, run_name="child") as child:
            mlflow.log_metric("m", 2)
        import pandas

        data = mlflow.data.from_pandas(pandas.DataFrame({"x": [1, 2]}), name="data")
        step("log_input", lambda: mlflow.log_input(data, context="training", tags={"z": "1"}))
    step("parent", lambda: run_of(client.get_run(run.info.run_id)))
    step("child", lambda: run_of(client.get_run(child.info.run_id)))
    try:
        with mlflow.start_run(run_name="raises"):
            raise ValueError("the program's own")
    except ValueError:
        pass
    step("a run that raises", lambda: run_of(mlflow.last_active_run()))
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metric("loss", 0.1, step=9)
    step("taken up again", lambda: run_of(client.get_run(run.info.run_id)))
    return run.info.run_id


def artifacts(client, run_id):
    folder = tempfile.mkdtemp()
    os.makedirs(folder + "/sub/deep")
    for name, data in (("f.txt", b"hello"), ("sub/g.bin", bytes(range(256))), ("sub/deep/h ü.txt", b"")):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    def listing(path=None):
        return sorted([f.path, f.is_dir, f.file_size] for f in client.list_artifacts(run_id, path))

    def back():
        path = client.download_artifacts(run_id, "dir", tempfile.mkdtemp())
        return {
            os.path.relpath(os.path.join(d, f), path): open(os.path.join(d, f), "rb").read().hex()
            for d, _, files in os.walk(path)
            for f in files
        }

    step("log_artifact", lambda: client.log_artifact(run_id, folder + "/f.txt"))
    step("log_artifact again", lambda: client.log_artifact(run_id, folder + "/f.txt"))
    step("log_artifacts", lambda: client.log_artifacts(run_id, folder, "dir"))
    step("log_dict", lambda: client.log_dict(run_id, {"a": 1}, "d.json"))
    step("log_text", lambda: client.log_text(run_id, "text", "te xt/ü.txt"))
    step("list_artifacts", listing)
    step("list_artifacts dir", lambda: listing("dir"))
    step("list_artifacts dir/sub", lambda: listing("dir/sub"))
    step("list_artifacts of a file", lambda: listing("f.txt"))
    step("list_artifacts of nothing", lambda: listing("none"))
    step("download_artifacts", back)


def calls(mlflow, client, run_id):
    from mlflow.entities import Metric, Param, RunTag, ViewType
    from mlflow.tracking._tracking_service.utils import _get_store

    store = _get_store()
    first = client.get_experiment_by_name("conformance").experiment_id

    step("get_experiment_by_name of none", lambda: client.get_experiment_by_name("none"))
    step("get_experiment of none", lambda: client.get_experiment("987654"))
    step("get_run of none", lambda: client.get_run("0" * 32))
    step("create_experiment twice", lambda: client.create_experiment("conformance"))
    step("create_experiment without a name", lambda: client.create_experiment(""))
    second = client.create_experiment("second", tags={"a": "b"})
    step("set_experiment_tag", lambda: client.set_experiment_tag(second, "c", "d"))
    step("rename_experiment", lambda: client.rename_experiment(second, "renamed"))
    step("get_experiment", lambda: experiment_of(client.get_experiment(second)))
    step(
        "search_experiments",
        lambda: [e.name for e in client.search_experiments(filter_string="name LIKE 'r%' AND tags.c = 'd'")],
    )
    step("delete_experiment", lambda: client.delete_experiment(second))
    step("create_run in a deleted one", lambda: client.create_run(second))
    step("search_experiments deleted", lambda: [e.name for e in client.search_experiments(ViewType.DELETED_ONLY)])
    step("restore_experiment", lambda: client.restore_experiment(second))

    step("log_param again", lambda: str(client.log_param(run_id, "lr", "0.1")))
    step("log_param changed", lambda: client.log_param(run_id, "lr", "0.2"))
    in_words("log_param changed, in words", lambda: store.log_param(run_id, Param("lr", "0.2")))
    step("a long parameter", lambda: client.log_param(run_id, "long", "x" * 5999 + "üx") and None)
    step("a long tag", lambda: client.set_tag(run_id, "long", "ü" * 9000))
    step("delete_tag", lambda: client.delete_tag(run_id, "k2"))
    step("delete_tag of none", lambda: client.delete_tag(run_id, "k2"))
    step("log_batch", lambda: store.log_batch(run_id, [Metric("b", i, 1000 + i, i) for i in range(1000)], [], []))
    step(
        "log_batch with everything",
        lambda: store.log_batch(run_id, [Metric("c", 1, 5, 0)], [Param("p", "1")], [RunTag("t", "1")]),
    )
    step(
        "log_batch with a changed parameter",
        lambda: store.log_batch(run_id, [Metric("d", 1, 5, 0)], [Param("lr", "7")], [RunTag("t", "2")]),
    )
    step("what is left of it", lambda: run_of(client.get_run(run_id)))
    many = [Metric("e", 1, 5, i) for i in range(1001)]
    step("log_batch of too many metrics", lambda: store.log_batch(run_id, many, [], []))
    in_words("log_batch of too many metrics, in words", lambda: store.log_batch(run_id, many, [], []))
    step(
        "log_batch of too many parameters",
        lambda: store.log_batch(run_id, [], [Param(f"k{i}", "") for i in range(101)], []),
    )
    step(
        "log_batch of one parameter twice",
        lambda: store.log_batch(run_id, [], [Param("q", "1"), Param("q", "2")], []),
    )
    step("a metric with a bad name", lambda: store.log_metric(run_id, Metric("a$b", 1, 1, 1)))
    step("a metric named like a path", lambda: store.log_metric(run_id, Metric("../x", 1, 1, 1)))
    step("a metric of no run", lambda: store.log_metric("0" * 32, Metric("a", 1, 1, 1)))
    in_words("a metric of no run, in words", lambda: store.log_metric("0" * 32, Metric("a", 1, 1, 1)))
    step("a metric for an old step", lambda: store.log_metric(run_id, Metric("b", -1, 2000, 3)))
    step("a point twice", lambda: [store.log_metric(run_id, Metric("twice", 1, 7, 0)) for _ in range(2)])
    step("a point twice, read", lambda: len(client.get_metric_history(run_id, "twice")))

    step("get_metric_history", lambda: [[m.value, m.step] for m in client.get_metric_history(run_id, "loss")])
    step(
        "get_metric_history of 1001 points",
        lambda: sorted([m.value, m.step, m.timestamp] for m in client.get_metric_history(run_id, "b")),
    )
    step("get_metric_history of none", lambda: len(client.get_metric_history(run_id, "none")))

    def history_in_pages():
        out, token = [], None
        while True:
            page = store.get_metric_history(run_id, "b", max_results=400, page_token=token)
            out.append(len(page))
            token = page.token
            if not token:
                return out

    step("get_metric_history in pages", history_in_pages)
    step("the latest value", lambda: client.get_run(run_id).data.metrics["b"])

    with mlflow.start_run(experiment_id=first, run_name="to delete") as run:
        pass
    step("delete_run", lambda: client.delete_run(run.info.run_id))
    step("which is deleted", lambda: run_of(client.get_run(run.info.run_id)))
    step("a tag on a deleted run", lambda: client.set_tag(run.info.run_id, "a", "b"))
    step(
        "search_runs deleted",
        lambda: [r.info.run_name for r in client.search_runs([first], run_view_type=ViewType.DELETED_ONLY)],
    )
    step(
        "search_runs all",
        lambda: sorted(r.info.run_name for r in client.search_runs([first], run_view_type=ViewType.ALL)),
    )
    step("restore_run", lambda: client.restore_run(run.info.run_id))
    step("set_terminated", lambda: client.set_terminated(run.info.run_id, "KILLED", 99))
    step("which is killed", lambda: run_of(client.get_run(run.info.run_id)))
    step("update_run", lambda: client.update_run(run.info.run_id, "FAILED", "renamed"))
    step("which has failed", lambda: run_of(client.get_run(run.info.run_id)))


FILTERS = (
    "",
    "metrics.m < 0.5",
    "metrics.m >= 0.5 and params.depth = '1'",
    "metric.some > 3",
    "params.depth != '0'",
    "params.`kind of` = 'a'",
    "params.\"kind of\" LIKE 'A%'",
    "param.`kind of` ILIKE 'A'",
    "tags.parity = 'odd'",
    "tag.parity != 'odd' AND metrics.m != 0.7",
    "tags.none = 'x'",
    "tags.none IS NULL",
    "tags.parity IS NOT NULL",
    "params.depth IS NULL",
    "attributes.status = 'FINISHED'",
    "status != 'FINISHED'",
    "attr.start_time > 1005",
    "attribute.end_time <= 2003",
    "run_name LIKE 'r0%'",
    "attributes.run_name = 'r03'",
    "attributes.`run name` = 'r03'",
    "tags.mlflow.runName = 'r03'",
    "run_id IN ('x', 'y')",
    "metrics.m = 0.7 and metrics.some > 0 and tags.parity LIKE '%'",
    "metrics.m < 'a'",
    "params.depth > '1'",
    "params.depth = 1",
    "nothing = 'x'",
    "metrics.m <",
    "status > 'A'",
)


def searches(mlflow, client):
    from mlflow.entities import Metric, Param

    e = client.create_experiment("searches")
    for i in range(12):
        tags = {"parity": "odd" if i % 2 else "even"}
        run = client.create_run(e, start_time=1000 + i, run_name=f"r{i:02}", tags=tags)
        metrics = [Metric("m", (i * 7) % 12 / 10, 1, 0)] + ([Metric("some", i, 1, 0)] if i % 3 else [])
        params = [Param("depth", str(i // 4)), Param("kind of", "A" if i < 6 else "a")]
        client.log_batch(run.info.run_id, metrics, params)
        if i < 8:
            client.set_terminated(run.info.run_id, ["FINISHED", "FAILED", "KILLED"][i % 3], 2000 + i)

    def found(f, order):
        return [r.info.run_name for r in client.search_runs([e], f, order_by=order)]

    for f in FILTERS:
        step(f"search_runs {f}", lambda: found(f, None))
    for order in (
        ["metrics.m DESC"],
        ["metrics.some ASC", "params.depth DESC"],
        ["metrics.`some` DESC"],
        ["attributes.start_time ASC"],
        ["tags.parity", "metrics.m"],
        ["attributes.status"],
        ["run_name DESC"],
        ["metrics.m SIDEWAYS"],
    ):
        step(f"search_runs by {order}", lambda: found("metrics.m >= 0", order))

    def pages(order):
        out, token = [], None
        while True:
            page = client.search_runs([e], "metrics.m >= 0", max_results=5, order_by=order, page_token=token)
            out.append([r.info.run_name for r in page])
            token = page.token
            if not token:
                return out

    step("search_runs in pages", lambda: pages(None))
    step("search_runs in pages, ordered", lambda: pages(["metrics.m DESC"]))
    step("search_runs of no experiment", lambda: len(client.search_runs(["987654"])))
    step("search_runs, too many", lambda: client.search_runs([e], max_results=50001))
    step("search_runs as a table", lambda: sorted(mlflow.search_runs([e], "metrics.m > 1").columns))


def autolog(mlflow, client):
    import mlflow.sklearn
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    x, y = load_iris(return_X_y=True)
    mlflow.sklearn.autolog(max_tuning_runs=3)
    experiment = mlflow.set_experiment("autolog").experiment_id
    with mlflow.start_run(run_name="iris") as run:
        LogisticRegression(max_iter=200).fit(x, y)
    with mlflow.start_run(run_name="grid") as grid:
        GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1, 10]}, cv=3).fit(x, y)
    mlflow.sklearn.autolog(disable=True)
    got = client.get_run(run.info.run_id)
    step("autolog metrics", lambda: got.data.metrics)
    step("autolog params", lambda: got.data.params)
    step("autolog inputs and outputs", lambda: [len(got.inputs.dataset_inputs), len(got.outputs.model_outputs)])
    step("autolog artifacts", lambda: sorted(f.path for f in client.list_artifacts(run.info.run_id)))
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    step("autolog, the model read back", lambda: model.predict(x).tolist())
    step("autolog of a grid", lambda: client.get_run(grid.info.run_id).data.params)
    children = f"tags.mlflow.parentRunId = '{grid.info.run_id}'"
    step(
        "autolog of a grid, its children",
        lambda: sorted(r.data.params["C"] for r in client.search_runs([experiment], children)),
    )
    step(
        "search_logged_models",
        lambda: sorted(
            [m.name, str(m.status), str(m.params.get("C")), len(m.metrics)]
            for m in mlflow.search_logged_models([experiment], output_format="list")
        ),
    )


def record(path):
    import mlflow
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    run = fluent(mlflow, client)
    artifacts(client, run)
    calls(mlflow, client, run)
    searches(mlflow, client)
    autolog(mlflow, client)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(steps, out, indent=1, sort_keys=True)


def worker(n):
    import mlflow

    with mlflow.start_run():
        for i in range(200):
            mlflow.log_metric(f"w{n}", i, step=i)
        mlflow.log_param(f"p{n}", n)
        mlflow.log_text(str(n) * 1000, f"w{n}.txt")


def in_run():
    import mlflow

    mlflow.set_experiment("by the program")
    with mlflow.start_run() as run:
        if run.info.run_id != os.environ["ASSAY_RUN_ID"]:
            sys.exit("another run than that which was started")
        mlflow.log_metric("auc", 0.75, step=3)
        mlflow.log_text("x", "dir/f.txt")
        with mlflow.start_run(nested=True, run_name="nested"):
            mlflow.log_metric("auc", 0.5)
    with mlflow.start_run(run_name="second"):
        mlflow.log_metric("auc", 0.25)


def compare(a, b):
    with open(a, encoding="utf-8") as f, open(b, encoding="utf-8") as g:
        ours, theirs = json.load(f), json.load(g)
    different = 0
    for name in sorted({*theirs, *ours}):
        same = name in ours and name in theirs and ours[name] == theirs[name]
        known = not same and name in KNOWN
        different += not same and not known
        print(f"  {'same' if same else 'known' if known else 'DIFFERENT':9}  {name}{': ' + KNOWN[name] if known else ''}")
        if not same and not known:
            print(f"      assay:  {json.dumps(ours.get(name), ensure_ascii=False)[:1500]}")
            print(f"      mlflow: {json.dumps(theirs.get(name), ensure_ascii=False)[:1500]}")
    print(f"{len(theirs)} steps, {different} different, {len(KNOWN)} known to be")
    return 1 if different or len(theirs) < 100 else 0


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        sys.exit(compare(sys.argv[2], sys.argv[3]))
    elif sys.argv[1] == "record":
        record(sys.argv[2])
    elif sys.argv[1] == "worker":
        worker(int(sys.argv[2]))
    elif sys.argv[1] == "in-run":
        in_run()
