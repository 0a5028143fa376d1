"""Script mode: the user's program in training, the user's functions in serving."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from .conftest import Container, ask


def test_gives_the_script_variables_and_arguments(container: Container) -> None:
    script = "import json, os, sys\njson.dump({'argv': sys.argv[1:], 'env': dict(os.environ)}, open(os.environ['SM_MODEL_DIR'] + '/seen', 'w'))\n"
    container.write("input/data/code/train.py", script)
    source = container.folder / "input/data/code/source.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        archive.add(container.folder / "input/data/code/train.py", "train.py")
    container.configure(
        {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": "/opt/ml/input/data/code/source.tar.gz",
            "eta": "0.2",
            "n": "3",
            "flag": "true",
            "names": '["a", "b"]',
            "text": '"quoted"',
        },
        code="",
    )
    done = container.train()
    assert done.returncode == 0, done.stderr
    seen = json.loads((container.folder / "model" / "seen").read_text())
    assert seen["argv"] == ["--eta", "0.2", "--flag", "True", "-n", "3", "--names", '["a", "b"]', "--text", "quoted"]
    env = seen["env"]
    assert json.loads(env["SM_HPS"]) == {"eta": 0.2, "n": 3, "flag": True, "names": ["a", "b"], "text": "quoted"}
    assert json.loads(env["SM_USER_ARGS"]) == seen["argv"]
    assert env["SM_CHANNEL_CODE"].endswith("/input/data/code")
    assert json.loads(env["SM_TRAINING_ENV"])["module_name"] == "train"
    assert env["SM_MODULE_DIR"] == "/opt/ml/input/data/code/source.tar.gz"
    for name in (
        "SM_NUM_CPUS",
        "SM_OUTPUT_DIR",
        "SM_INPUT_CONFIG_DIR",
        "SM_HOSTS",
        "SM_RESOURCE_CONFIG",
        "SM_NETWORK_INTERFACE_NAME",
        "SM_LOG_LEVEL",
    ):
        assert name in env


def test_can_import_what_the_image_has(container: Container) -> None:
    script = """
from sagemaker_containers.beta.framework import encoders, worker
from sagemaker_xgboost_container.data_utils import get_dmatrix
import os
matrix = get_dmatrix(os.environ["SM_CHANNEL_TRAIN"], "csv")
assert (matrix.num_row(), matrix.num_col(), list(matrix.get_label())) == (2, 2, [1, 0])
"""
    container.write("code/train.py", script)
    container.write("input/data/train/a.csv", "1,2,3\n0,4,5\n")
    container.configure({"sagemaker_program": "train.py"}, train="text/csv")
    done = container.train()
    assert done.returncode == 0, done.stderr


def test_keeps_the_exit_code_and_the_error(container: Container) -> None:
    container.write("code/train.py", "import sys\nprint('no rows', file=sys.stderr)\nsys.exit(9)\n")
    container.configure({"sagemaker_program": "train.py"})
    assert container.train().returncode == 9
    assert container.failure().startswith('ExecuteUserScriptError:\nExitCode 9\nErrorMessage "no rows"\nCommand "')


def test_names_the_program_that_is_not_there(container: Container) -> None:
    container.configure({"sagemaker_program": "other.py"})
    assert container.train().returncode == 2
    assert container.failure() == "Customer Error: other.py is not in the code (sagemaker_submit_directory)."


SERVING = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


def test_serves_by_transform_fn(container: Container) -> None:
    container.write("model/weight", "2")
    script = """
import json, os
from sagemaker_containers.beta.framework import worker
from beside import twice
def model_fn(model_dir):
    return int(open(os.path.join(model_dir, "weight")).read())
def transform_fn(model, data, content_type, accept):
    if data == "null":
        return worker.Response(response='{"error": "empty"}', status=400, mimetype="application/json")
    if data == "raise":
        raise ValueError("secret")
    return json.dumps([twice(model), type(data).__name__, content_type, accept]), "application/json"
"""
    container.write("model/code/inference.py", script)
    container.write("model/code/beside.py", "def twice(number):\n    return number * 2\n")
    with container.serve(**SERVING) as connection:
        assert ask(connection, "{}") == (200, "application/json", '[4, "str", "application/json", "application/json"]')
        status, _, body = ask(connection, "{}", "application/json; charset=utf-8", "text/csv")
        assert (status, json.loads(body)) == (200, [4, "bytes", "application/json; charset=utf-8", "text/csv"])
        assert ask(connection, "null") == (400, "application/json", '{"error": "empty"}')
        status, kind, body = ask(connection, "raise")
        assert (status, kind) == (500, "text/html; charset=utf-8")
        assert "secret" not in body
        connection.request("GET", "/execution-parameters")
        response = connection.getresponse()
        assert (response.status, response.read()) == (404, b"Not Found")


def test_serves_by_parts_with_the_image_s_defaults(container: Container) -> None:
    container.write("model/code/inference.py", "def model_fn(d): return None\ndef predict_fn(data, model): return [data.num_row(), data.num_col()]\n")
    with container.serve(**SERVING) as connection:
        assert ask(connection, "1,2,3\n4,5,6", "text/csv") == (200, "application/json", "[2, 3]")
        assert ask(connection, "1,2,3", "text/csv", "text/csv") == (200, "text/csv; charset=utf-8", "1\n3\n")
        assert ask(connection, "1", "image/png")[0] == 415
        assert ask(connection, "1,2", "text/csv", "image/png")[0] == 406


def test_does_not_start_without_what_it_needs(container: Container) -> None:
    container.write("model/code/inference.py", "def transform_fn(m, d, c, a): return d\n")
    with pytest.raises(RuntimeError, match="Please provide a model_fn implementation"), container.serve(**SERVING):
        pass
    container.write("model/code/inference.py", "def model_fn(d): return 1\ndef transform_fn(m, d, c, a): return d\ndef input_fn(d, c): return d\n")
    with pytest.raises(RuntimeError, match="Cannot use transform_fn implementation in conjunction with input_fn"), container.serve(**SERVING):
        pass


def test_code_that_is_provided_again_replaces_files_and_writes_over_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "src"))
    from cauce_container.script_mode import replace

    source, target = tmp_path / "source.so", tmp_path / "target.so"
    source.write_bytes(b"library")
    replace(str(source), str(target))
    mapped = target.stat().st_ino
    with target.open("rb") as held:
        replace(str(source), str(target))
        assert os.fstat(held.fileno()).st_size == 7
    assert target.stat().st_ino != mapped
    assert sorted(one.name for one in tmp_path.iterdir()) == ["source.so", "target.so"]
