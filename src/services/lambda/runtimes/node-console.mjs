// AWS: every console call is one event, with the time, the request and the level in front. Its line breaks travel as carriage returns.
import { writeSync } from "node:fs";
import { formatWithOptions } from "node:util";

const LEVELS = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR" };

export function patchConsole() {
  const current = { requestId: undefined, done: true };
  const write = (level, parts) => {
    const text = formatWithOptions({}, ...parts).replaceAll("\n", "\r");
    put(`${new Date().toISOString()}\t${current.requestId ?? "undefined"}\t${level}\t${text}\n`);
  };
  for (const [method, level] of Object.entries(LEVELS)) console[method] = (...parts) => write(level, parts);
  return current;
}

function put(text) {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") return;
    }
  }
}
