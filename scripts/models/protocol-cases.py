"""Vendors AWS's protocol and signature test cases, compactly, into test/protocol/cases.

Source: tests/unit of botocore's source distribution (Apache-2.0):

    python scripts/models/protocol-cases.py botocore-1.44.5/tests/unit
"""

import json
import sys
from pathlib import Path

CASES = Path(__file__).resolve().parents[2] / "test" / "protocol" / "cases"


def main(source):
    for direction in ("input", "output"):
        (CASES / direction).mkdir(parents=True, exist_ok=True)
        for path in sorted((Path(source) / "protocols" / direction).glob("*.json")):
            suites = json.loads(path.read_text())
            if not suites:
                continue  # Empty: nothing to vendor.
            lines = ",\n".join(json.dumps(strip(suite), separators=(",", ":"), ensure_ascii=False) for suite in suites)
            (CASES / direction / path.name).write_text(f"[\n{lines}\n]\n")
    requests = sorted((Path(source) / "auth" / "aws4_testsuite").rglob("*.req"))
    lines = ",\n".join(json.dumps(signature_case(path), separators=(",", ":"), ensure_ascii=False) for path in requests)
    (CASES / "sigv4.json").write_text(f"[\n{lines}\n]\n")
    (CASES / "NOTICE").write_text(
        "The protocol test cases in this folder are derived from botocore 1.44.5 (https://github.com/boto/botocore),\n"
        "Copyright Amazon.com, Inc. or its affiliates, licensed under the Apache License 2.0.\n"
        "sigv4.json is the AWS Signature Version 4 test suite that it ships, of the same owner and licence.\n"
        "They were compacted by scripts/models/protocol-cases.py.\n"
    )


def signature_case(path):
    """A request as its text, the canonical request and the Authorization header that belong to it."""
    return {
        "name": path.stem,
        "request": path.read_text(),
        "canonical": path.with_suffix(".creq").read_text(),
        "authorization": path.with_suffix(".authz").read_text(),
    }


def strip(node):
    if isinstance(node, dict):
        return {key: strip(value) for key, value in node.items() if key != "documentation"}
    return [strip(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    main(*sys.argv[1:])
