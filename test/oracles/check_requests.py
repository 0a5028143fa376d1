"""Validates recorded HTTP requests against botocore's models: python check_requests.py requests.json

Each is routed and parsed by moto (an implementation of AWS's protocols that is not ours), validated by botocore's own validator,
and serialized again by botocore: what botocore would send must say the same as what was sent. Prints how often each operation was asked.
"""

import base64
import collections
import json
import re
import sys
from urllib.parse import parse_qsl, unquote, urlencode
from xml.etree.ElementTree import canonicalize, fromstring, tostring

import botocore.session
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import ServiceOperationRouter
from moto.core.utils import get_service_model
from werkzeug.test import EnvironBuilder

session = botocore.session.get_session()
SERVICE = re.compile(r"Credential=[^/]+/\d{8}/[a-z0-9-]+/([a-z0-9-]+)/aws4_request")
# What the SDK for JavaScript adds to an address of S3, to say which call it was.
MARKS = {"x-id"}


def service_of(recorded):
    signed = SERVICE.search(recorded["headers"].get("authorization", ""))
    if signed is None:
        return None
    name = signed.group(1)
    if name == "sagemaker" and "x-amz-target" not in recorded["headers"]:
        return "sagemaker-runtime"
    return {"monitoring": "cloudwatch", "servicequotas": "service-quotas", "execute-api": None}.get(name, name)


def to_request(recorded, body):
    path, _, query = recorded["url"].partition("?")
    headers = [(name, value) for name, value in recorded["headers"].items() if isinstance(value, str)]
    # A path in bytes: an encoded slash in a key is no separator.
    builder = EnvironBuilder(path=unquote(path), query_string=query, method=recorded["method"], headers=headers, data=body)
    environ = builder.get_environ()
    environ["RAW_URI"] = environ["REQUEST_URI"] = recorded["url"]
    return Request(environ)


def check(recorded):
    """The operation, and what is wrong with it."""
    service = service_of(recorded)
    body = base64.b64decode(recorded["body"])
    request = to_request(recorded, body)
    found, uri_params = ServiceOperationRouter(get_service_model(service)).match(request)
    protocol = determine_request_protocol(found.service_model, request.content_type)
    values = {"method": request.method, "values": request.values, "headers": request.headers, "body": body, "url_path": request.path, "url_params": uri_params}
    params = PROTOCOL_PARSERS[protocol](found).parse(values)
    if service == "s3" and "Body" in params:
        params["Body"] = b""
    operation = session.get_service_model(service).operation_model(found.name)
    report = ParamValidator().validate(params, operation.input_shape) if operation.input_shape else None
    if report and report.has_errors():
        return f"{service}:{operation.name}", [report.generate_report()]
    again = create_serializer(operation.service_model.resolved_protocol if protocol is None else protocol).serialize_to_request(params, operation)
    problems = [f"{what}: sent {sent!r}, botocore sends {meant!r}" for what, sent, meant in differences(request, again, body, service) if sent != meant]
    return f"{service}:{operation.name}", problems


def differences(request, again, body, service):
    """What was said beside what botocore says: (what, sent, meant)."""
    yield "method", request.method, again["method"]
    query = {name: value for name, value in request.args.items() if name not in MARKS}
    meant_query = again.get("query_string", {})
    path, _, own = again["url_path"].partition("?")
    meant = {name: str(value) for name, value in ({**meant_query} if isinstance(meant_query, dict) else dict(parse_qsl(meant_query, keep_blank_values=True))).items()}
    meant.update(parse_qsl(own, keep_blank_values=True))
    yield "query", query, meant
    if service == "s3":
        # AWS: the bucket is in the host for botocore, in the path here.
        yield "path", True, unquote(request.path).rstrip("/").endswith(unquote(path).rstrip("/"))
    else:
        yield "path", unquote(request.path), unquote(path)
    # What S3 keeps is content, not a document; it may come in signed chunks.
    if service != "s3" or (request.content_type or "").endswith("xml"):
        yield "body", document(body, request.content_type), document(again["body"], request.content_type)


def document(body, content_type):
    if isinstance(body, dict):
        body = urlencode(body)
    text = body.decode() if isinstance(body, (bytes, bytearray)) else body
    if not text:
        return None
    if "json" in (content_type or ""):
        return json.loads(text)
    if "urlencoded" in (content_type or ""):
        return dict(parse_qsl(text, keep_blank_values=True))
    return canonicalize(tostring(ordered(fromstring(text)), encoding="unicode"), strip_text=True) if text.startswith("<") else text


def ordered(element):
    """Elements of one structure may come in any order; those of a list have one name, and keep theirs."""
    element[:] = sorted((ordered(child) for child in element), key=lambda child: child.tag)
    return element


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    asked, problems = collections.Counter(), []
    for recorded in requests:
        if service_of(recorded) is None:
            continue
        try:
            operation, wrong = check(recorded)
        except Exception as error:  # What cannot be routed or parsed is a finding, not a failure of this program.
            operation, wrong = f"{service_of(recorded)}:?", [f"{type(error).__name__}: {error}"]
        asked[operation] += 1
        problems += [f"{operation} ({recorded['method']} {recorded['url'].partition('?')[0]}): {problem}" for problem in wrong]
    print(json.dumps({"asked": asked, "problems": problems}))


main()
