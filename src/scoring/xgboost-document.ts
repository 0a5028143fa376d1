import { CauceError, isRecord, messageOf } from "#core";

import { parseUbjson } from "./ubjson.ts";

type Numbers = ArrayLike<number>;

/** One tree as XGBoost saves it; a leaf has left child −1 and its value in `condition`. */
export interface Tree {
  readonly left: Numbers;
  readonly right: Numbers;
  readonly feature: Numbers;
  readonly condition: Numbers;
  readonly defaultLeft: Numbers;
  /** For nodes that split by a set of categories: those that go right. */
  readonly categories: ReadonlyMap<number, readonly number[]>;
}

/** The parts of a saved model that scoring needs. */
export interface Document {
  readonly features: number;
  readonly groups: number;
  readonly objective: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly baseScore: readonly number[];
  readonly trees: readonly Tree[];
  readonly group: Numbers;
  /** DART's weight of each tree; otherwise 1. */
  readonly weight: Numbers | undefined;
  /** Where each boosting round's trees begin; one more than there are rounds. */
  readonly rounds: Numbers;
  readonly bestIteration: number | undefined;
}

/** Reads a model that XGBoost 1.0 or later saved as JSON or UBJSON. */
export function readDocument(bytes: Uint8Array): Document {
  try {
    return toDocument(parse(bytes));
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw unusable(messageOf(error), error);
  }
}

export function unusable(why: string, cause?: unknown): CauceError {
  return new CauceError(
    {
      code: "ModelUnreadable",
      what: "The XGBoost model cannot be read.",
      why: `${why.charAt(0).toUpperCase()}${why.slice(1).replace(/\.$/, "")}.`,
      fix: 'Save it with XGBoost 1.7 or later: booster.save_model("model.ubj"), or "model.json".',
    },
    { cause },
  );
}

function parse(bytes: Uint8Array): unknown {
  // Both begin with "{"; what follows in UBJSON is the marker of a key's length, in JSON a quote or white space.
  if (bytes[0] !== 0x7b)
    throw unusable(
      bytes[0] === 0x80
        ? "it is a Python pickle, which is not read because it can run code"
        : "it is neither JSON nor UBJSON",
    );
  const second = bytes[1] ?? 0;
  const json = second === 0x22 || second === 0x20 || second === 0x0a || second === 0x0d || second === 0x09;
  return json ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown) : parseUbjson(bytes);
}

function toDocument(value: unknown): Document {
  const learner = member(value, "learner");
  const parameters = member(learner, "learner_model_param");
  const objective = member(learner, "objective");
  const booster = member(learner, "gradient_booster");
  const name = text(booster, "name");
  if (name !== "gbtree" && name !== "dart") throw unusable(`its booster is ${name}; gbtree and dart are scored`);
  const model = member(name === "dart" ? member(booster, "gbtree") : booster, "model");
  const trees = list(model, "trees").map(toTree);
  const classes = Math.max(
    1,
    number(parameters, "num_class"),
    parameters["num_target"] === undefined ? 1 : number(parameters, "num_target"),
  );
  const group = numbers(model, "tree_info");
  const attributes = isRecord(learner["attributes"]) ? learner["attributes"] : {};
  return {
    features: number(parameters, "num_feature"),
    groups: classes,
    objective: text(objective, "name"),
    parameters: objective,
    baseScore: toBaseScore(text(parameters, "base_score"), classes),
    trees,
    group,
    weight: name === "dart" ? numbers(booster, "weight_drop") : undefined,
    rounds: toRounds(model, trees.length, classes),
    bestIteration: attributes["best_iteration"] === undefined ? undefined : Number(attributes["best_iteration"]),
  };
}

/** A number as text until XGBoost 3.0, since 3.1 a JSON array as text with a number for each output. */
function toBaseScore(saved: string, outputs: number): readonly number[] {
  const parsed: unknown = JSON.parse(saved);
  const scores = (Array.isArray(parsed) ? parsed : [parsed]).map(Number);
  if (scores.some(Number.isNaN)) throw unusable(`its base_score is ${saved}`);
  return scores.length === outputs ? scores : Array.from({ length: outputs }, () => scores[0] ?? 0.5);
}

function toRounds(model: Record<string, unknown>, trees: number, groups: number): Numbers {
  if (model["iteration_indptr"] !== undefined) return numbers(model, "iteration_indptr");
  const parallel = Number(member(model, "gbtree_model_param")["num_parallel_tree"] ?? 1) || 1;
  return Array.from({ length: Math.floor(trees / (parallel * groups)) + 1 }, (_, round) => round * parallel * groups);
}

function toTree(value: unknown): Tree {
  if (!isRecord(value)) throw unusable("a tree is not an object");
  const vector = Number(member(value, "tree_param")["size_leaf_vector"] ?? 0);
  if (vector > 1) throw unusable('its leaves are vectors (multi_strategy "multi_output_tree"), which are not scored');
  return {
    left: numbers(value, "left_children"),
    right: numbers(value, "right_children"),
    feature: numbers(value, "split_indices"),
    condition: numbers(value, "split_conditions"),
    defaultLeft: numbers(value, "default_left"),
    categories: toCategories(value),
  };
}

function toCategories(tree: Record<string, unknown>): ReadonlyMap<number, readonly number[]> {
  if (tree["categories_nodes"] === undefined) return new Map();
  const nodes = numbers(tree, "categories_nodes");
  const segments = numbers(tree, "categories_segments");
  const sizes = numbers(tree, "categories_sizes");
  const categories = Array.from(numbers(tree, "categories"));
  return new Map(
    Array.from(nodes, (node, i) => [node, categories.slice(segments[i], (segments[i] ?? 0) + (sizes[i] ?? 0))]),
  );
}

function member(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined;
  if (!isRecord(inner)) throw unusable(`it has no "${key}"`);
  return inner;
}

function list(value: Record<string, unknown>, key: string): readonly unknown[] {
  const inner = value[key];
  if (!Array.isArray(inner)) throw unusable(`its "${key}" is not an array`);
  return inner;
}

/** Numbers, or the booleans of older versions, which read as 0 and 1. */
function numbers(value: Record<string, unknown>, key: string): Numbers {
  const inner = value[key];
  if (ArrayBuffer.isView(inner) && !(inner instanceof DataView)) return inner as unknown as Numbers;
  return list(value, key).map(Number);
}

function text(value: Record<string, unknown>, key: string): string {
  const inner = value[key];
  if (typeof inner !== "string") throw unusable(`its "${key}" is not text`);
  return inner;
}

function number(value: Record<string, unknown>, key: string): number {
  const inner = Number(value[key]);
  if (value[key] === undefined || !Number.isInteger(inner)) throw unusable(`its "${key}" is not a whole number`);
  return inner;
}
