import { type Document, type Tree, unusable } from "./xgboost-document.ts";

/** Deeper trees would need too much padding (2^depth slots each); they are walked instead. */
const DEEPEST = 8;

/**
 * Trees laid out for speed. Every split becomes one comparison, `column >= threshold` goes right, over a row that is widened first:
 * a feature has a column where missing is −∞ (for splits whose default is left) and one where it is +∞; a split by categories has a
 * column that is 1 when the category is in its set. A tree is padded to a perfect binary tree: node i's children are 2i+1 and 2i+2,
 * so that a row takes exactly `depth` steps without a branch.
 */
export interface Forest {
  readonly features: number;
  /** Adds the leaves of rounds before `end` to `sums`, in 32-bit floats and in XGBoost's order, for the row at `offset`. */
  readonly add: (row: Float32Array, offset: number, sums: Float32Array, at: number) => void;
}

export function layOut(document: Document, trees: number): Forest {
  const columns = new Columns(document.features);
  const planned = document.trees.slice(0, trees).map((tree) => plan(tree, columns));
  const slots = planned.map(({ depth, tree }) => (depth <= DEEPEST ? 2 ** (depth + 1) - 1 : tree.left.length));
  const total = slots.reduce((sum, count) => sum + count, 0);
  const base = new Int32Array(trees);
  // Positive: padded to that depth. Negative: walked.
  const depths = new Int8Array(trees);
  const column = new Int32Array(total);
  const value = new Float32Array(total);
  const children = new Int32Array(total);
  const group = Int32Array.from({ length: trees }, (_, t) => document.group[t] ?? 0);
  let from = 0;
  planned.forEach((one, t) => {
    base[t] = from;
    const { tree, depth } = one;
    const weight = document.weight?.[t];
    const leaf = (node: number): number =>
      weight === undefined ? at(tree.condition, node) : Math.fround(weight * at(tree.condition, node));
    if (depth <= DEEPEST) {
      depths[t] = depth;
      pad(one, leaf, { column, value, from });
    } else {
      depths[t] = -1;
      compact(one, leaf, { column, value, children, from });
    }
    from += slots[t] ?? 0;
  });
  const widened = new Float32Array(columns.width);
  const widen = columns.compile();
  const add: Forest["add"] = (row, offset, sums, where) => {
    widen(row, offset, widened);
    for (let t = 0; t < base.length; t++) {
      const start = base[t] as number;
      const depth = depths[t] as number;
      let i = 0;
      if (depth >= 0) {
        for (let d = 0; d < depth; d++)
          i =
            2 * i +
            1 +
            (((widened[column[start + i] as number] as number) >= (value[start + i] as number) ? 1 : 0) | 0);
      } else {
        for (let next = children[start] as number; next > 0; next = children[start + i] as number)
          i = next + ((widened[column[start + i] as number] as number) >= (value[start + i] as number) ? 1 : 0);
      }
      const slot = where + (group[t] as number);
      sums[slot] = (sums[slot] as number) + (value[start + i] as number);
    }
  };
  return { features: document.features, add };
}

interface Planned {
  readonly tree: Tree;
  readonly depth: number;
  readonly column: Int32Array;
}

/** Which column each node compares, and how deep the tree is. Also finds a tree that is not one: a cycle, or a child outside. */
function plan(tree: Tree, columns: Columns): Planned {
  const nodes = tree.left.length;
  const column = new Int32Array(nodes);
  const stack: [node: number, depth: number][] = [[0, 0]];
  let deepest = 0;
  let seen = 0;
  while (stack.length > 0) {
    const [node, depth] = stack.pop() as [number, number];
    if (node < 0 || node >= nodes || ++seen > nodes) throw unusable("a tree's nodes do not form a tree");
    deepest = Math.max(deepest, depth);
    if (at(tree.left, node) === -1) continue;
    const feature = at(tree.feature, node);
    if (feature >= columns.features)
      throw unusable(`a tree splits by feature ${feature}, but the model has ${columns.features}`);
    const defaultLeft = at(tree.defaultLeft, node) === 1;
    const categories = tree.categories.get(node);
    column[node] = categories ? columns.member(feature, categories, defaultLeft) : columns.number(feature, defaultLeft);
    stack.push([at(tree.left, node), depth + 1], [at(tree.right, node), depth + 1]);
  }
  return { tree, depth: deepest, column };
}

interface Place {
  readonly column: Int32Array;
  readonly value: Float32Array;
  readonly from: number;
}

function pad({ tree, depth, column }: Planned, leaf: (node: number) => number, to: Place): void {
  const fill = (slot: number, node: number, level: number): void => {
    const isLeaf = at(tree.left, node) === -1;
    if (level === depth) {
      to.value[to.from + slot] = leaf(node);
      return;
    }
    to.column[to.from + slot] = isLeaf ? 0 : at(column, node);
    to.value[to.from + slot] = isLeaf ? Infinity : threshold(tree, node);
    fill(2 * slot + 1, isLeaf ? node : at(tree.left, node), level + 1);
    fill(2 * slot + 2, isLeaf ? node : at(tree.right, node), level + 1);
  };
  fill(0, 0, 0);
}

/** Nodes in an order where a node's children stand side by side; `children` is 0 for a leaf. */
function compact(
  { tree, column }: Planned,
  leaf: (node: number) => number,
  to: Place & { readonly children: Int32Array },
): void {
  const queue = [0];
  for (let slot = 0; slot < queue.length; slot++) {
    const node = queue[slot] as number;
    const isLeaf = at(tree.left, node) === -1;
    to.value[to.from + slot] = isLeaf ? leaf(node) : threshold(tree, node);
    if (isLeaf) continue;
    to.column[to.from + slot] = at(column, node);
    to.children[to.from + slot] = queue.length;
    queue.push(at(tree.left, node), at(tree.right, node));
  }
}

/** Being in the set of a split by categories is 0 or 1. */
function threshold(tree: Tree, node: number): number {
  return tree.categories.has(node) ? 0.5 : at(tree.condition, node);
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}

/** The columns of the widened row, each made once. */
class Columns {
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
      const size = Math.max(0, ...sets.flatMap(({ members }) => [...members])) + 1;
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
