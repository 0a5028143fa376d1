"""Runs a Python function: asks the Runtime API for invocations, calls the handler, posts what it answers.

Imports as little as it can: everything here is part of the cold start. docs/contracts/lambda-runtime.md is the contract.
"""

import json
import os
import socket
import sys
import time

env = os.environ
VERSION = "/2018-06-01/runtime"
REQUEST_ID = "lambda-runtime-aws-request-id"


class RuntimeApi:
    """The Runtime API over one connection that stays."""

    def __init__(self, address):
        authority, _, prefix = address.partition("/")
        host, port = authority.rsplit(":", 1)
        self.authority = authority
        self.prefix = ("/" + prefix if prefix else "") + VERSION
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def next(self):
        self.socket.sendall(self._get("/invocation/next"))
        headers, body = self._read()
        if REQUEST_ID not in headers:
            # The server no longer knows this worker.
            os._exit(1)
        return headers, body

    def answer(self, request_id, body, error_type=None):
        """Posts an answer, which is the question for the next invocation too."""
        path = "/invocation/%s/%s" % (request_id, "response" if error_type is None else "error")
        self.socket.sendall(self._post(path, body, error_type, "Cauce-And-Next: true\r\n"))
        headers, body = self._read()
        # A server that runs since before an update answers 202, as AWS does, and wants to be asked.
        return (headers, body) if REQUEST_ID in headers else self.next()

    def init_error(self, body, error_type):
        self.socket.sendall(self._post("/init/error", body, error_type))
        self._read()

    def _get(self, path):
        return ("GET %s%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (self.prefix, path, self.authority)).encode()

    def _post(self, path, body, error_type, more=""):
        head = "POST %s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nCauce-Max-Memory-Kb: %d\r\n" % (
            self.prefix, path, self.authority, max_memory_kb())
        if error_type is not None:
            head += "Lambda-Runtime-Function-Error-Type: %s\r\n" % error_type.encode("ascii", "replace").decode()
        return (head + more + "Content-Length: %d\r\n\r\n" % len(body)).encode() + body

    def _read(self):
        line = self.reader.readline()
        if not line:
            # The server is gone: nobody waits for an answer.
            os._exit(0)
        headers = {}
        while True:
            line = self.reader.readline().strip()
            if not line:
                break
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        return headers, self.reader.read(int(headers.get("content-length", "0")))


def max_memory_kb():
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class ClientContext:
    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = type("Client", (), values.get("client") or {})()


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers[REQUEST_ID]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.identity = Identity()
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Failure(Exception):
    """What AWS names `Runtime.…`: the runtime's own word for what went wrong, without a trace of ours."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


def load_handler(handler):
    module_name, dot, function_name = handler.rpartition(".")
    if not dot:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % handler)
    name = module_name.replace("/", ".")
    try:
        import importlib

        module = importlib.import_module(name)
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").rstrip())]
        raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    if not hasattr(module, function_name):
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))
    return getattr(module, function_name)


def describe(error, request_id, skip):
    """The type, the body and the log line of an error. `skip` leaves out the frames that are the runtime's."""
    if isinstance(error, Failure):
        error_type, trace = error.error_type, error.trace
    else:
        import traceback

        frames = traceback.extract_tb(error.__traceback__)
        error_type, trace = type(error).__name__, traceback.format_list([frame for frame in frames if frame.filename != __file__][skip:])
    told = {"errorMessage": str(error), "errorType": error_type, "requestId": request_id, "stackTrace": trace}
    sys.stdout.flush()
    lines = "[ERROR] %s: %s\n%s" % (error_type, error, "Traceback (most recent call last):\n" + "".join(trace) if trace else "")
    sys.stdout.write(lines.rstrip("\n").replace("\n", "\r") + "\n")
    sys.stdout.flush()
    return error_type, json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def set_up_logging():
    """AWS: the root logger writes level, time and request in front of each message."""
    # `logging` is only imported when the function does: this waits for it instead of paying for it.
    state = {"request_id": ""}

    def attach(logging):
        class Handler(logging.Handler):
            def emit(self, record):
                try:
                    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
                    text = "[%s]\t%s.%03dZ\t%s\t%s" % (record.levelname, stamp, record.msecs, state["request_id"], self.format(record))
                    sys.stdout.write(text.replace("\n", "\r") + "\n")
                except Exception:
                    self.handleError(record)

        root = logging.getLogger()
        if not root.handlers:
            root.addHandler(Handler())

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "logging":
                return None
            sys.meta_path.remove(Finder)
            import importlib.util

            spec = importlib.util.find_spec("logging")
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                attach(module)

            spec.loader.exec_module = exec_module
            return spec

    if "logging" in sys.modules:
        attach(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, Finder)
    return state


def dump(result):
    try:
        return json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def main():
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    api = RuntimeApi(env["AWS_LAMBDA_RUNTIME_API"])
    state = set_up_logging()
    root = env["LAMBDA_TASK_ROOT"]
    sys.path[0] = root
    try:
        handler = load_handler(env["_HANDLER"])
    except Exception as error:
        error_type, body = describe(error, "", 0)
        api.init_error(body, error_type)
        sys.exit(1)
    headers, payload = api.next()
    while True:
        request_id = state["request_id"] = headers[REQUEST_ID]
        if "lambda-runtime-trace-id" in headers:
            env["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
        try:
            body, error_type = dump(handler(json.loads(payload), LambdaContext(headers))), None
        except Exception as error:
            error_type, body = describe(error, request_id, 0)
        sys.stdout.flush()
        sys.stderr.flush()
        headers, payload = api.answer(request_id, body, error_type)


main()
