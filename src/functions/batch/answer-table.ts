import { type DuckDBAppender, type DuckDBConnection, type DuckDBInstance, DOUBLE, LIST } from "@duckdb/node-api";
import type { RowAnswer } from "./answers.ts";

/** A column behind those of the table. `a` is the table `answers`. */
export interface AddedColumn {
  readonly name: string;
  readonly sql: string;
}

const DOUBLES = LIST(DOUBLE);
const TYPES: Readonly<Record<string, string>> = { number: "DOUBLE", integer: "BIGINT", boolean: "BOOLEAN" };

/** Answers as rows of a database's table, so that a million of them need no more memory than a thousand. */
export class AnswerTable {
  rows = 0;
  errors = 0;
  firstError: string | undefined;
  private readonly connection: DuckDBConnection;
  private readonly appender: DuckDBAppender;
  private classes: readonly string[] | undefined;
  private readonly types = new Set<string>();

  static async open(instance: DuckDBInstance): Promise<AnswerTable> {
    const connection = await instance.connect();
    await connection.run(
      "CREATE TABLE answers (prediction VARCHAR, probability DOUBLE, shares DOUBLE[], error VARCHAR)",
    );
    return new AnswerTable(connection, await connection.createAppender("answers"));
  }

  private constructor(connection: DuckDBConnection, appender: DuckDBAppender) {
    this.connection = connection;
    this.appender = appender;
  }

  add({ prediction, probabilities, error }: RowAnswer): void {
    const { appender } = this;
    if (prediction === null) appender.appendNull();
    else {
      // Classes that are numbers are written as they are called: 3, not 3.0.
      const whole = probabilities !== undefined && Number.isSafeInteger(prediction);
      this.types.add(whole ? "integer" : typeof prediction);
      appender.appendVarchar(String(prediction));
    }
    if (probabilities) {
      this.classes ??= Object.keys(probabilities);
      const shares = this.classes.map((name) => probabilities[name] ?? 0);
      const own = probabilities[String(prediction)];
      if (own === undefined) appender.appendNull();
      else appender.appendDouble(own);
      appender.appendList(shares, DOUBLES);
    } else {
      appender.appendNull();
      appender.appendNull();
    }
    if (error === undefined) appender.appendNull();
    else {
      this.errors++;
      this.firstError ??= `Row ${this.rows + 1}: ${error}`;
      appender.appendVarchar(error);
    }
    appender.endRow();
    this.rows++;
  }

  get ofClasses(): boolean {
    return this.classes !== undefined;
  }

  close(): void {
    this.appender.closeSync();
    this.connection.closeSync();
  }

  /** Names that the table has already get a number behind them. */
  columns(taken: readonly string[]): readonly AddedColumn[] {
    const known = new Set(taken.map((name) => name.toLowerCase()));
    const named = (name: string): string => {
      let free = name;
      for (let i = 2; known.has(free.toLowerCase()); i++) free = `${name}_${i}`;
      known.add(free.toLowerCase());
      return free;
    };
    const shares = (this.classes ?? []).map((label, i) => ({
      name: named(`probability_${label}`),
      sql: `a.shares[${i + 1}]`,
    }));
    return [
      { name: named("prediction"), sql: `a.prediction::${this.type()}` },
      ...(this.classes ? [{ name: named("probability"), sql: "a.probability" }] : []),
      ...shares,
      ...(this.errors > 0 ? [{ name: named("error"), sql: "a.error" }] : []),
    ];
  }

  private type(): string {
    const [only, ...others] = this.types;
    if (others.length > 0) return "VARCHAR";
    return TYPES[only ?? ""] ?? "VARCHAR";
  }
}
