import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The Lambda Runtime API of one server: one listener on the loopback, and under it a secret path for each worker. */
export interface RuntimeApi {
  /** Lets a worker in; `address` is its `AWS_LAMBDA_RUNTIME_API`. */
  admit(worker: RuntimeListener): { readonly address: string; dismiss(): void };
  close(): Promise<void>;
}

/** What a worker's process says, as calls. */
export interface RuntimeListener {
  /** It waits for an invocation. `take` hands it one. */
  onNext(take: (invocation: NextInvocation) => void): void;
  onAnswer(answer: RuntimeAnswer): void;
  onInitError(answer: RuntimeAnswer): void;
  /** A spare process waits to be told which function it is. */
  onSpare?(assign: (assignment: Assignment) => void): void;
}

/** What makes a spare process a function's. */
export interface Assignment {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface NextInvocation {
  readonly requestId: string;
  readonly deadline: number;
  readonly functionArn: string;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
}

export interface RuntimeAnswer {
  readonly requestId: string;
  readonly body: Uint8Array;
  /** Undefined for a response. */
  readonly errorType: string | undefined;
  /** The most memory that the process has had, when it says. */
  readonly maxMemoryKb: number | undefined;
}

/** AWS: a response may have 6 MB and 100 bytes more; what is beyond is told apart by its size, so a little more is read. */
const MOST_READ = 6_291_556 + 1;
const TOKEN = /^\/([a-z0-9]+)\/2018-06-01\/runtime\/(.+)$/;

export async function openRuntimeApi(token: () => string): Promise<RuntimeApi> {
  const workers = new Map<string, RuntimeListener>();
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, noDelay: true }, (request, response) => {
    const [, id = "", path = ""] = TOKEN.exec(request.url ?? "") ?? [];
    const worker = workers.get(id);
    if (worker) serve(worker, path, { request, response });
    else refuse(response, 403, "Forbidden");
  });
  server.unref();
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    admit(worker) {
      const id = token();
      workers.set(id, worker);
      return { address: `127.0.0.1:${port}/${id}`, dismiss: () => void workers.delete(id) };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function serve(worker: RuntimeListener, path: string, { request, response }: Exchange): void {
  if (path === "invocation/next" && request.method === "GET") {
    worker.onNext((invocation) => give(response, invocation));
    return;
  }
  if (path === "cauce/assignment" && worker.onSpare) {
    worker.onSpare((assignment) => respond(response, 200, JSON.stringify(assignment)));
    return;
  }
  const [, requestId = "", kind = ""] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
  const init = path === "init/error";
  if (request.method !== "POST" || (kind === "" && !init)) {
    refuse(response, 404, "InvalidPath");
    return;
  }
  void readBody(request).then((body) => {
    const andNext = request.headers["cauce-and-next"] !== undefined;
    if (!andNext) respond(response, 202, '{"status":"OK"}');
    const type = header(request, "lambda-runtime-function-error-type") ?? "Unhandled";
    const memory = Number(header(request, "cauce-max-memory-kb"));
    const answer = {
      requestId,
      body,
      errorType: kind === "response" ? undefined : type,
      maxMemoryKb: memory > 0 ? memory : undefined,
    };
    if (init) worker.onInitError(answer);
    else worker.onAnswer(answer);
    if (andNext) worker.onNext((invocation) => give(response, invocation));
  });
}

function give(response: ServerResponse, invocation: NextInvocation): void {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": invocation.payload.length,
    "Lambda-Runtime-Aws-Request-Id": invocation.requestId,
    "Lambda-Runtime-Deadline-Ms": invocation.deadline,
    "Lambda-Runtime-Invoked-Function-Arn": invocation.functionArn,
    ...(invocation.clientContext !== undefined && { "Lambda-Runtime-Client-Context": invocation.clientContext }),
  });
  response.end(invocation.payload);
}

function refuse(response: ServerResponse, status: number, errorType: string): void {
  respond(response, status, JSON.stringify({ errorType, errorMessage: errorType }));
}

function respond(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      if (size < MOST_READ) chunks.push(chunk);
      size += chunk.length;
    });
    request.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  });
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}
