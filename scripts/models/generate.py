"""Writes models/<service>.json: AWS's published service models without prose, pruned to the operations we know.

Source: the C2J models inside botocore (Apache-2.0). Run it with any Python that has the pinned version:

    python -m pip install botocore==1.44.5
    python scripts/models/generate.py

models/operations.json lists, per service, the operations that keep their shapes. Any other operation keeps only its
name and its HTTP line, so that a request for it can still be named. models/patches.json holds corrections to AWS's
models, each with its reason.
"""

import gzip
import json
import sys
from pathlib import Path

import botocore

BOTOCORE = "1.44.5"
MODELS = Path(__file__).resolve().parents[2] / "models"
PROSE = {"documentation", "documentationUrl", "deprecated", "deprecatedMessage", "deprecatedSince", "examples"}
# Only for clients: where to send a request and how to retry it.
CLIENT_ONLY = {"endpoint", "endpointdiscovery", "endpointoperation", "contextParam", "staticContextParams", "operationContextParams", "readonly", "idempotent", "retryable"}
METADATA = {
    "apiVersion", "endpointPrefix", "jsonVersion", "protocol", "protocols", "serviceAbbreviation", "serviceFullName", "serviceId",
    "signatureVersion", "signingName", "targetPrefix", "uid", "xmlNamespace", "awsQueryCompatible", "checksumFormat",
}


def main():
    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {BOTOCORE} is pinned, found {botocore.__version__}: python -m pip install botocore=={BOTOCORE}")
    patches = read(MODELS / "patches.json")
    for service, wanted in read(MODELS / "operations.json").items():
        model = prune(load(service), wanted, service)
        for patch in patches.get(service, []):
            apply(model, patch, service)
        write(MODELS / f"{service}.json", {"source": f"botocore {BOTOCORE}", **model})
    (MODELS / "NOTICE").write_text(
        "The service models in this folder are derived from botocore "
        f"{BOTOCORE} (https://github.com/boto/botocore),\n"
        "Copyright Amazon.com, Inc. or its affiliates, licensed under the Apache License 2.0.\n"
        "Documentation was removed and operations were pruned by scripts/models/generate.py.\n"
    )


def load(service):
    version = max((Path(botocore.__file__).parent / "data" / service).iterdir())
    plain = version / "service-2.json"
    return read(plain) if plain.exists() else json.loads(gzip.decompress((version / "service-2.json.gz").read_bytes()))


def prune(model, wanted, service):
    operations, shapes, queue = {}, {}, []
    unknown = set(wanted) - set(model["operations"])
    if unknown:
        sys.exit(f"models/operations.json: {service} has no operation {', '.join(sorted(unknown))}")
    for name in sorted(model["operations"]):
        operation = strip(model["operations"][name])
        if name in wanted:
            operations[name] = operation
            queue += [ref["shape"] for ref in (operation.get("input"), operation.get("output"), *operation.get("errors", [])) if ref]
        else:
            http = operation["http"]
            operations[name] = {"name": name, "http": {"method": http["method"], "requestUri": http["requestUri"]}}
            if telling := distinguishing(model, model["operations"][name]):
                operations[name]["requires"] = telling
    while queue:
        name = queue.pop()
        if name in shapes:
            continue
        shapes[name] = strip(model["shapes"][name])
        queue += references(shapes[name])
    metadata = {key: value for key, value in model["metadata"].items() if key in METADATA}
    return {"metadata": metadata, "operations": operations, "shapes": dict(sorted(shapes.items()))}


def distinguishing(model, operation):
    """Required header and query members: what tells a pruned operation from another with the same method and path."""
    shape = model["shapes"].get(operation.get("input", {}).get("shape"), {})
    members = [shape["members"][name] for name in shape.get("required", [])]
    return [f"{member['location']}:{member['locationName']}" for member in members if member.get("location") in ("header", "querystring")]


def strip(node):
    if isinstance(node, dict):
        # The keys of "members" are names of AWS's, not keywords of the model language.
        return {
            key: {name: strip(member) for name, member in value.items()} if key == "members" else strip(value)
            for key, value in node.items()
            if key not in PROSE and key not in CLIENT_ONLY
        }
    return [strip(item) for item in node] if isinstance(node, list) else node


def references(shape):
    refs = [*shape.get("members", {}).values(), *(shape[part] for part in ("member", "key", "value") if part in shape)]
    return [ref["shape"] for ref in refs]


def apply(model, patch, service):
    """A patch sets ("value") or removes (no "value") what is at "path"."""
    *parents, last = patch["path"]
    target = model
    for step in parents:
        if step not in target:
            sys.exit(f"models/patches.json: {service} has nothing at {'/'.join(patch['path'])}")
        target = target[step]
    if "value" in patch:
        target[last] = patch["value"]
    else:
        del target[last]


def read(path):
    return json.loads(path.read_text())


def write(path, model):
    """One operation or shape a line: compact, and a model update still shows as a readable diff."""
    parts = []
    for key, value in model.items():
        if key in ("operations", "shapes"):
            lines = ",\n".join(f"{json.dumps(name)}:{compact(item)}" for name, item in value.items())
            parts.append(f"{json.dumps(key)}:{{\n{lines}\n}}")
        else:
            parts.append(f"{json.dumps(key)}:{compact(value)}")
    path.write_text("{" + ",\n".join(parts) + "}\n")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
