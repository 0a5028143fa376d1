"""The steps, the model and the scripts in what the XGBoost image 3.2-0 has: its packages, its toolkit, /opt/ml, and no network.

As root: unshare --mount --net python image_contract.py spec.json   Prints what happened as JSON.

The image's own train and serve programs are not on any index; what they ask of the toolkit is done here: run_module for training,
import_module, a Transformer and a Worker for serving (aws/sagemaker-xgboost-container, training.py and serving.py).
"""

import collections
import collections.abc
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

# AWS: the toolkit was written for Python 3.6; the image runs it on 3.12.
collections.Mapping = collections.abc.Mapping

ML = Path("/opt/ml")
PROCESSING = ML / "processing"
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    "HOME": "/root",
    # What pip installs stays in this mount namespace.
    "PIP_TARGET": "/opt/site",
    "PYTHONPATH": "/opt/site",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "0",
    "SAGEMAKER_BASE_DIR": str(ML),
}


def ran(command, **variables):
    done = subprocess.run(command, env=ENVIRONMENT | variables, capture_output=True, text=True, timeout=240, check=False)
    return {"code": done.returncode, "said": (done.stdout + done.stderr)[-6000:]}


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def main(spec):
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/opt"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    story = {"prepare": prepare(spec), "train": train_ours(spec, {"seed": "0", "rounds": "40"})}
    story["served"] = serve(spec["requests"])
    story["refusedTraining"] = train_ours(spec, {"eta": "fast"}) | {"failure": read(ML / "output/failure")}
    story["script"] = train_script(spec, {"n-estimators": "20", "min-samples-leaf": "2"})
    story["scriptServed"] = serve(spec["requests"])
    story["brokenScript"] = train_script(spec, {"n-estimators": "many"})
    print(json.dumps(story))


def prepare(spec):
    """As a processing job: every input and output is a folder below /opt/ml/processing."""
    inputs = PROCESSING / "input"
    shutil.copytree(spec["code"], inputs / "code")
    for name, files in {"data": [spec["parquet"], spec["profile"]], "settings": [spec["settings"]]}.items():
        (inputs / name).mkdir()
        for file in files:
            shutil.copy(file, inputs / name)
    for name in spec["outputs"]:
        (PROCESSING / "output" / name).mkdir(parents=True)
    return ran(["python3", str(inputs / "code/prepare.py")])


def configure(hyperparameters, channels):
    """What SageMaker lays into a training container."""
    for name in ("input", "model", "output", "code"):
        empty(ML / name)
    (ML / "output/data").mkdir()
    data = {name: {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"} for name in channels}
    host = {"current_host": "localhost", "hosts": ["localhost"], "network_interface_name": "lo", "current_instance_type": "ml.m5.large"}
    config = empty(ML / "input/config")
    for name, value in {"hyperparameters": hyperparameters, "inputdataconfig": data, "resourceconfig": host}.items():
        (config / f"{name}.json").write_text(json.dumps(value))
    for name, source in channels.items():
        shutil.copytree(source, ML / "input/data" / name)


def train_ours(spec, hyperparameters):
    """With ContainerEntrypoint: no toolkit has a part in it."""
    output = PROCESSING / "output"
    configure(hyperparameters, {"code": spec["code"], **{name: output / name for name in ("train", "validation", "features")}})
    return ran(["python3", "/opt/ml/input/data/code/train.py"]) | {"model": listing(ML / "model")}


def train_script(spec, hyperparameters):
    """A project's own script, in script mode."""
    output = PROCESSING / "output"
    channels = {"train": output / "train-table", "validation": output / "validation-table", "features": output / "features", "cauce": spec["code"], "scripts": empty(Path("/opt/scripts"))}
    with tarfile.open("/opt/scripts/sourcedir.tar.gz", "w:gz") as archive:
        for name, file in spec["scripts"].items():
            archive.add(file, name)
    own = {"sagemaker_program": "cauce_run_script.py", "sagemaker_submit_directory": "/opt/ml/input/data/scripts/sourcedir.tar.gz"}
    configure(hyperparameters | own, channels)
    empty(Path("/opt/site"))
    return ran([sys.executable, __file__, "--train"], CAUCE_SCRIPT="train.py") | {"model": listing(ML / "model")}


def serve(requests):
    """The model as an endpoint gets it: out of a tar, into a container that has nothing else."""
    with tarfile.open("/opt/model.tar.gz", "w:gz") as archive:
        for path in sorted((ML / "model").iterdir()):
            archive.add(path, path.name)
    for name in ("input", "model", "output", "code"):
        empty(ML / name)
    with tarfile.open("/opt/model.tar.gz") as archive:
        archive.extractall(ML / "model", filter="data")
    empty(Path("/opt/site"))
    file = Path("/opt/requests.json")
    file.write_text(json.dumps(requests))
    done = ran([sys.executable, __file__, "--serve", str(file)], SAGEMAKER_PROGRAM="inference.py", SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code")
    _, _, answers = done["said"].partition("ANSWERS ")
    return json.loads(answers.splitlines()[0]) if answers else done


def train_in_container():
    from sagemaker_containers.beta import framework

    env = framework.training_env()
    framework.modules.run_module(env.module_dir, env.to_cmd_args(), env.to_env_vars(), env.module_name, capture_error=False)


def serve_in_container(file):
    from sagemaker_containers.beta.framework import env, modules, transformer, worker

    serving = env.ServingEnv()
    module = modules.import_module(serving.module_dir, serving.module_name)
    functions = {name: getattr(module, name, None) for name in ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")}
    served = transformer.Transformer(**functions)
    served.initialize()
    client = worker.Worker(transform_fn=served.transform, module_name=serving.module_name).test_client()
    answers = [{"status": client.get("/ping").status_code}]
    for request in json.loads(Path(file).read_text()):
        answer = client.post("/invocations", data=request["body"], headers=request["headers"])
        answers.append({"status": answer.status_code, "type": answer.headers["Content-Type"], "body": answer.get_data(as_text=True)})
    print("ANSWERS " + json.dumps(answers))


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def read(file):
    return file.read_text() if file.exists() else None


if sys.argv[1] == "--train":
    train_in_container()
elif sys.argv[1] == "--serve":
    serve_in_container(sys.argv[2])
else:
    main(json.loads(Path(sys.argv[1]).read_text()))
