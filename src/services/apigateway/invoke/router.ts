/** Finds what a path means: literal parts before variables, variables before greedy ones. */
export interface Router<Target> {
  find(path: string): Found<Target> | undefined;
}

interface Found<Target> {
  readonly target: Target;
  readonly parameters: Readonly<Record<string, string>> | undefined;
}

interface Node<Target> {
  target?: Target;
  readonly literals: Map<string, Node<Target>>;
  variable?: { readonly name: string; readonly node: Node<Target> };
  greedy?: { readonly name: string; readonly target: Target };
}

export function createRouter<Target>(targets: Iterable<readonly [path: string, target: Target]>): Router<Target> {
  const root: Node<Target> = { literals: new Map() };
  for (const [path, target] of targets) insert(root, partsOf(path), target);
  return {
    find(path) {
      const names: string[] = [];
      const target = descend(root, partsOf(path), 0, names);
      if (target === undefined) return undefined;
      return { target, parameters: names.length === 0 ? undefined : pairs(names) };
    },
  };
}

/** AWS: a slash at the end changes nothing. Recorded 2024-07-10. */
function partsOf(path: string): string[] {
  const parts = path.split("/");
  parts.shift();
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

function insert<Target>(root: Node<Target>, parts: readonly string[], target: Target): void {
  let node = root;
  for (const part of parts) {
    if (part.endsWith("+}")) {
      node.greedy = { name: part.slice(1, -2), target };
      return;
    }
    node = part.startsWith("{") ? variableOf(node, part.slice(1, -1)) : literalOf(node, part);
  }
  node.target = target;
}

function variableOf<Target>(node: Node<Target>, name: string): Node<Target> {
  node.variable ??= { name, node: { literals: new Map() } };
  return node.variable.node;
}

function literalOf<Target>(node: Node<Target>, part: string): Node<Target> {
  let next = node.literals.get(part);
  if (!next) node.literals.set(part, (next = { literals: new Map() }));
  return next;
}

/** `names` collects names and values in turn; what a way that leads nowhere has added is taken back. */
function descend<Target>(
  node: Node<Target>,
  parts: readonly string[],
  at: number,
  names: string[],
): Target | undefined {
  const part = parts[at];
  if (part === undefined) return node.target;
  const literal = node.literals.get(part);
  const byLiteral = literal && descend(literal, parts, at + 1, names);
  if (byLiteral !== undefined) return byLiteral;
  if (node.variable) {
    const before = names.length;
    names.push(node.variable.name, part);
    const byVariable = descend(node.variable.node, parts, at + 1, names);
    if (byVariable !== undefined) return byVariable;
    names.length = before;
  }
  if (!node.greedy) return undefined;
  names.push(node.greedy.name, parts.slice(at).join("/"));
  return node.greedy.target;
}

function pairs(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let i = 0; i < names.length; i += 2) found[names[i]!] = names[i + 1]!;
  return found;
}
