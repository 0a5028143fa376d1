import type { LogShipper } from "./log-shipper.ts";

/** The lines around a function's own: INIT_START, START, END, REPORT. AWS: their text as CloudWatch Logs shows it. */
export interface Report {
  line(text: string): void;
  /** A line of the process, as it came: a carriage return stands for a line break within one event. */
  output(line: string): void;
  initDone(): void;
  initFailed(errorType: string): void;
  start(requestId: string, tail: boolean): void;
  /** Answers the last 4 KB, in base64, when the invocation asked for them. */
  end(requestId: string, measured: Measured): string | undefined;
}

export interface Measured {
  /** Milliseconds. */
  readonly duration: number;
  readonly status: "ok" | "error" | "timeout";
  readonly maxMemoryKb: number | undefined;
}

export interface ReportOptions {
  readonly runtime: string;
  readonly memorySize: number;
  readonly logs: LogShipper;
  now(): number;
}

const TAIL = 4096;

export function createReport({ runtime, memorySize, logs, now }: ReportOptions): Report {
  const begun = performance.now();
  let initDuration: number | undefined;
  let tail: string[] | undefined;
  let maxMemoryKb = 0;
  const line = (text: string) => {
    logs.line(now(), text);
    tail?.push(text);
  };
  line(`INIT_START Runtime Version: ${runtime.replace(/(\d)/, ":$1")}.cauce\n`);
  return {
    line,
    output: (text) => line(`${text.includes("\r") ? text.replaceAll("\r", "\n") : text}\n`),
    initDone() {
      initDuration = performance.now() - begun;
    },
    initFailed(errorType) {
      const duration = (performance.now() - begun).toFixed(2);
      line(`INIT_REPORT Init Duration: ${duration} ms\tPhase: init\tStatus: error\tError Type: ${errorType}\n`);
    },
    start(requestId, wanted) {
      tail = wanted ? [] : undefined;
      line(`START RequestId: ${requestId} Version: $LATEST\n`);
    },
    end(requestId, { duration, status, maxMemoryKb: kb = 0 }) {
      maxMemoryKb = Math.max(maxMemoryKb, kb);
      line(`END RequestId: ${requestId}\n`);
      const parts = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${duration.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(duration)} ms`,
        `Memory Size: ${memorySize} MB`,
      ];
      if (maxMemoryKb > 0) parts.push(`Max Memory Used: ${Math.ceil(maxMemoryKb / 1024)} MB`);
      if (initDuration !== undefined) parts.push(`Init Duration: ${initDuration.toFixed(2)} ms`);
      if (status === "timeout") parts.push("Status: timeout");
      initDuration = undefined;
      line(`${parts.join("\t")}\t\n`);
      const collected = tail && Buffer.from(tail.join("")).subarray(-TAIL).toString("base64");
      tail = undefined;
      return collected;
    },
  };
}
