/** What is asked of a database server. */
export interface Question {
  /** `postgres://…` or `mysql://…`. */
  readonly source: string;
  readonly table?: string | undefined;
  readonly query?: string | undefined;
  /** When the source has none. */
  readonly password?: string | undefined;
}
