import type { Caller } from "#aws";
import { putText } from "./objects.ts";

/** A request of the job: so many records, in the order of the table. */
export interface Part {
  readonly name: string;
  readonly rows: number;
}

/** Small enough that answering one does not keep a server from others for long; AWS's own limit is 6 MB where nothing is said. */
const MOST_BYTES = 2 ** 20;
const MOST_ROWS = 2048;
const AT_ONCE = 4;

/** Collects records into arrays of JSON, each an object below `<run>/in/`. The names carry the counts, for whoever watches. */
export class PartWriter {
  readonly parts: Part[] = [];
  private readonly aws: Caller;
  private readonly runUri: string;
  private texts: string[] = [];
  private bytes = 0;
  private readonly running = new Set<Promise<void>>();
  private failure: unknown;

  constructor(aws: Caller, runUri: string) {
    this.aws = aws;
    this.runUri = runUri;
  }

  /** A record as JSON. */
  async add(text: string): Promise<void> {
    if (this.texts.length >= MOST_ROWS || (this.texts.length > 0 && this.bytes + text.length > MOST_BYTES))
      await this.flush();
    this.texts.push(text);
    this.bytes += text.length;
  }

  async end(): Promise<void> {
    if (this.texts.length > 0) await this.flush();
    await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure;
  }

  private async flush(): Promise<void> {
    const part = { name: partName(this.parts.length, this.texts.length), rows: this.texts.length };
    const body = `[${this.texts.join(",\n")}]`;
    this.parts.push(part);
    this.texts = [];
    this.bytes = 0;
    const put: Promise<void> = putText(this.aws, `${this.runUri}/in/${part.name}`, body, "application/json")
      .catch((error: unknown) => void (this.failure ??= error))
      .finally(() => this.running.delete(put));
    this.running.add(put);
    if (this.running.size >= AT_ONCE) await Promise.race(this.running);
    if (this.failure !== undefined) throw this.failure;
  }
}

/** `000012-2048.json`: the pipeline counts rows by it. */
function partName(number: number, rows: number): string {
  return `${String(number).padStart(6, "0")}-${rows}.json`;
}
