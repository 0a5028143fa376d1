/** The columns of a widened row (see forest.ts), each made once. */
export class Columns {
  readonly features: number;
  width = 1;
  private readonly known = new Map<string, number>();
  private readonly numeric: { readonly feature: number; readonly column: number; readonly missing: number }[] = [];
  private readonly sets: {
    readonly feature: number;
    readonly column: number;
    readonly missing: number;
    readonly members: ReadonlySet<number>;
  }[] = [];

  constructor(features: number) {
    this.features = features;
  }

  number(feature: number, defaultLeft: boolean): number {
    return this.once(`${feature}${defaultLeft ? "<" : ">"}`, (column) => {
      this.numeric.push({ feature, column, missing: defaultLeft ? -Infinity : Infinity });
    });
  }

  /** XGBoost: a category in the node's set goes right. */
  member(feature: number, categories: readonly number[], defaultLeft: boolean): number {
    const sorted = [...new Set(categories)].sort((a, b) => a - b);
    return this.once(`${feature}${defaultLeft ? "<" : ">"}${sorted.join(",")}`, (column) => {
      this.sets.push({ feature, column, missing: defaultLeft ? 0 : 1, members: new Set(sorted) });
    });
  }

  compile(): (row: Float32Array, offset: number, widened: Float32Array) => void {
    const numbers = this.numeric;
    const from = Int32Array.from(numbers, ({ feature }) => feature);
    const to = Int32Array.from(numbers, ({ column }) => column);
    const missing = Float32Array.from(numbers, (one) => one.missing);
    const lookups = this.lookups();
    return (row, offset, widened) => {
      for (let i = 0; i < from.length; i++) {
        const value = row[offset + (from[i] as number)] as number;
        widened[to[i] as number] = value === value ? value : (missing[i] as number);
      }
      for (const { feature, columns, rows, size, outside } of lookups) {
        const value = row[offset + feature] as number;
        // A category that no tree has seen is in no set; a missing one goes each split's own way.
        const code = value === value ? (value >= 0 && value < size ? Math.trunc(value) : outside) : outside + 1;
        const start = code * columns.length;
        for (let i = 0; i < columns.length; i++) widened[columns[i] as number] = rows[start + i] as number;
      }
    };
  }

  /** For each feature with categories: a table of code → what its columns hold. */
  private lookups(): readonly Lookup[] {
    const features = [...new Set(this.sets.map(({ feature }) => feature))];
    return features.map((feature) => {
      const sets = this.sets.filter((one) => one.feature === feature);
      // Not spread into arguments: a large forest splits a long list of categories more often than a call takes them.
      let size = 1;
      for (const { members } of sets) for (const code of members) size = Math.max(size, code + 1);
      const columns = Int32Array.from(sets, ({ column }) => column);
      const rows = new Float32Array((size + 2) * sets.length);
      sets.forEach((one, i) => {
        for (const code of one.members) rows[code * sets.length + i] = 1;
        rows[(size + 1) * sets.length + i] = one.missing;
      });
      return { feature, columns, rows, size, outside: size };
    });
  }

  private once(key: string, make: (column: number) => void): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const column = this.width++;
    this.known.set(key, column);
    make(column);
    return column;
  }
}

interface Lookup {
  readonly feature: number;
  readonly columns: Int32Array;
  readonly rows: Float32Array;
  readonly size: number;
  readonly outside: number;
}
