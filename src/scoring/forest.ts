import { Columns } from "./columns.ts";
import { type Document, type Tree, unusable } from "./xgboost-document.ts";

/** Deeper trees would need too much padding (2^depth slots each); they are walked instead. */
const DEEPEST = 8;
/** Trees that are descended together: their steps do not wait for each other. */
const TOGETHER = 4;

/**
 * Trees laid out for speed. Every split becomes one comparison, `column >= threshold` goes right, over a row that is widened first:
 * a feature has a column where missing is −∞ (for splits whose default is left) and one where it is +∞; a split by categories has a
 * column that is 1 when the category is in its set. A tree is padded to a perfect binary tree: node i's children are 2i+1 and 2i+2,
 * so that a row takes exactly `depth` steps without a branch, in four trees at a time.
 */
export interface Forest {
  /** Adds the leaves to `sums`, in 32-bit floats and in XGBoost's order, for the row at `offset`. */
  readonly add: (row: Float32Array, offset: number, sums: Float32Array, at: number) => void;
}

export function layOut(document: Document, trees: number): Forest {
  const columns = new Columns(document.features);
  const planned = document.trees.slice(0, trees).map((tree, t) => plan(tree, columns, document.weight?.[t]));
  while (planned.length % TOGETHER !== 0) planned.push(NOTHING);
  const depths = Int32Array.from({ length: planned.length / TOGETHER }, (_, quad) => depthOf(planned, quad));
  const sizes = planned.map(({ tree }, t) => {
    const depth = depths[Math.floor(t / TOGETHER)] as number;
    return depth === WALKED ? tree.left.length : 2 ** (depth + 1) - 1;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const base = new Int32Array(planned.length);
  const nodes: Nodes = {
    column: new Int32Array(total),
    value: new Float32Array(total),
    children: new Int32Array(total),
  };
  let from = 0;
  planned.forEach((one, t) => {
    base[t] = from;
    const depth = depths[Math.floor(t / TOGETHER)] as number;
    if (depth === WALKED) compact(one, nodes, from);
    else pad(one, depth, nodes, from);
    from += sizes[t] as number;
  });
  const group = Int32Array.from({ length: planned.length }, (_, t) => document.group[t] ?? 0);
  const widened = new Float32Array(columns.width);
  const widen = columns.compile();
  const descend = document.groups === 1 ? descendOne : descendMany;
  const laid: Laid = { nodes, base, depths, group };
  return {
    add(row, offset, sums, at) {
      widen(row, offset, widened);
      descend(laid, widened, sums, at);
    },
  };
}

interface Nodes {
  /** The column that a split compares. */
  readonly column: Int32Array;
  /** Its threshold, or a leaf's value. */
  readonly value: Float32Array;
  /** In trees that are walked: where the left child stands, the right one after it; 0 for a leaf. */
  readonly children: Int32Array;
}

interface Laid {
  readonly nodes: Nodes;
  readonly base: Int32Array;
  readonly depths: Int32Array;
  readonly group: Int32Array;
}

const WALKED = -1;

/** `+(a >= b)` compiles to a comparison without a branch, which `a >= b ? 1 : 0` does not: three times as fast. */
function descendOne(laid: Laid, row: Float32Array, sums: Float32Array, at: number): void {
  const { nodes, base, depths } = laid;
  const { column, value } = nodes;
  const { fround } = Math;
  let sum = sums[at] as number;
  for (let quad = 0, t = 0; quad < depths.length; quad++, t += 4) {
    const depth = depths[quad] as number;
    const [a, b, c, d] = [base[t] as number, base[t + 1] as number, base[t + 2] as number, base[t + 3] as number];
    if (depth === WALKED) {
      for (let k = 0; k < TOGETHER; k++) sum = fround(sum + walk(nodes, base[t + k] as number, row));
      continue;
    }
    let [i, j, k, l] = [0, 0, 0, 0];
    for (let step = 0; step < depth; step++) {
      i = 2 * i + 1 + +((row[column[a + i] as number] as number) >= (value[a + i] as number));
      j = 2 * j + 1 + +((row[column[b + j] as number] as number) >= (value[b + j] as number));
      k = 2 * k + 1 + +((row[column[c + k] as number] as number) >= (value[c + k] as number));
      l = 2 * l + 1 + +((row[column[d + l] as number] as number) >= (value[d + l] as number));
    }
    sum = fround(sum + (value[a + i] as number));
    sum = fround(sum + (value[b + j] as number));
    sum = fround(sum + (value[c + k] as number));
    sum = fround(sum + (value[d + l] as number));
  }
  sums[at] = sum;
}

/** The same with a sum for each class. */
function descendMany(laid: Laid, row: Float32Array, sums: Float32Array, at: number): void {
  const { nodes, base, depths, group } = laid;
  const { column, value } = nodes;
  for (let quad = 0, t = 0; quad < depths.length; quad++, t += 4) {
    const depth = depths[quad] as number;
    const [a, b, c, d] = [base[t] as number, base[t + 1] as number, base[t + 2] as number, base[t + 3] as number];
    if (depth === WALKED) {
      for (let k = 0; k < TOGETHER; k++)
        gain(sums, at + (group[t + k] as number), walk(nodes, base[t + k] as number, row));
      continue;
    }
    let [i, j, k, l] = [0, 0, 0, 0];
    for (let step = 0; step < depth; step++) {
      i = 2 * i + 1 + +((row[column[a + i] as number] as number) >= (value[a + i] as number));
      j = 2 * j + 1 + +((row[column[b + j] as number] as number) >= (value[b + j] as number));
      k = 2 * k + 1 + +((row[column[c + k] as number] as number) >= (value[c + k] as number));
      l = 2 * l + 1 + +((row[column[d + l] as number] as number) >= (value[d + l] as number));
    }
    gain(sums, at + (group[t] as number), value[a + i] as number);
    gain(sums, at + (group[t + 1] as number), value[b + j] as number);
    gain(sums, at + (group[t + 2] as number), value[c + k] as number);
    gain(sums, at + (group[t + 3] as number), value[d + l] as number);
  }
}

function gain(sums: Float32Array, slot: number, leaf: number): void {
  sums[slot] = (sums[slot] as number) + leaf;
}

function walk({ column, value, children }: Nodes, start: number, row: Float32Array): number {
  let i = 0;
  for (let next = children[start] as number; next > 0; next = children[start + i] as number)
    i = next + ((row[column[start + i] as number] as number) >= (value[start + i] as number) ? 1 : 0);
  return value[start + i] as number;
}

interface Planned {
  readonly tree: Tree;
  readonly depth: number;
  readonly column: Int32Array;
  readonly weight: number | undefined;
}

/** A tree that adds nothing. */
const NOTHING: Planned = {
  tree: { left: [-1], right: [-1], feature: [0], condition: [0], defaultLeft: [0], categories: new Map() },
  depth: 0,
  column: new Int32Array(1),
  weight: undefined,
};

function depthOf(planned: readonly Planned[], quad: number): number {
  const deepest = Math.max(...planned.slice(quad * TOGETHER, (quad + 1) * TOGETHER).map(({ depth }) => depth));
  return deepest > DEEPEST ? WALKED : deepest;
}

/** Which column each node compares, and how deep the tree is. Also finds a tree that is not one: a cycle, or a child outside. */
function plan(tree: Tree, columns: Columns, weight: number | undefined): Planned {
  const nodes = tree.left.length;
  const column = new Int32Array(nodes);
  const stack: [node: number, depth: number][] = [[0, 0]];
  let deepest = 0;
  let seen = 0;
  while (stack.length > 0) {
    const [node, depth] = stack.pop() as [number, number];
    if (!(node >= 0 && node < nodes) || ++seen > nodes) throw unusable("a tree's nodes do not form a tree");
    deepest = Math.max(deepest, depth);
    if (read(tree.left, node) === -1) continue;
    const feature = read(tree.feature, node);
    if (!(feature < columns.features))
      throw unusable(`a tree splits by feature ${feature}, but the model has ${columns.features}`);
    const defaultLeft = read(tree.defaultLeft, node) === 1;
    const categories = tree.categories.get(node);
    column[node] = categories ? columns.member(feature, categories, defaultLeft) : columns.number(feature, defaultLeft);
    stack.push([read(tree.left, node), depth + 1], [read(tree.right, node), depth + 1]);
  }
  return { tree, depth: deepest, column, weight };
}

/** A leaf above the bottom stands behind a threshold below itself, once more on either side. */
function pad(planned: Planned, depth: number, to: Nodes, from: number): void {
  const { tree, column } = planned;
  const fill = (slot: number, node: number, level: number): void => {
    const isLeaf = read(tree.left, node) === -1;
    if (level === depth) {
      to.value[from + slot] = leafOf(planned, node);
      return;
    }
    to.column[from + slot] = isLeaf ? 0 : read(column, node);
    to.value[from + slot] = isLeaf ? Infinity : threshold(tree, node);
    fill(2 * slot + 1, isLeaf ? node : read(tree.left, node), level + 1);
    fill(2 * slot + 2, isLeaf ? node : read(tree.right, node), level + 1);
  };
  fill(0, 0, 0);
}

/** Nodes in an order where a node's children stand side by side. */
function compact(planned: Planned, to: Nodes, from: number): void {
  const { tree, column } = planned;
  const queue = [0];
  for (let slot = 0; slot < queue.length; slot++) {
    const node = queue[slot] as number;
    const isLeaf = read(tree.left, node) === -1;
    to.value[from + slot] = isLeaf ? leafOf(planned, node) : threshold(tree, node);
    if (isLeaf) continue;
    to.column[from + slot] = read(column, node);
    to.children[from + slot] = queue.length;
    queue.push(read(tree.left, node), read(tree.right, node));
  }
}

function leafOf({ tree, weight }: Planned, node: number): number {
  const value = read(tree.condition, node);
  return weight === undefined ? value : Math.fround(weight * value);
}

/** Being in the set of a split by categories is 0 or 1. */
function threshold(tree: Tree, node: number): number {
  return tree.categories.has(node) ? 0.5 : read(tree.condition, node);
}

function read(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
