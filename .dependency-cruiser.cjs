// Who may enter whom: docs/architecture.md has the picture, this file has the proof.

// swc parses `using` declarations, its visitor (1.16) does not know them: for imports they are like `const`.
const { Visitor } = require("@swc/core/Visitor.js");
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== "UsingDeclaration") return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};

const may = {
  core: [],
  protocol: ["core"],
  kernel: ["core", "protocol"],
  scoring: ["core"],
  services: ["core", "protocol", "kernel", "scoring"],
  databases: ["core"],
  functions: ["core", "scoring", "aws", "databases"],
  server: ["core", "protocol", "kernel", "services"],
  aws: ["core"],
  pipeline: ["core", "aws", "databases"],
  app: ["core", "server", "aws", "pipeline"],
  cli: ["core", "app"],
};
const layer = (name) => `^src/${name}/`;

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    // An import that cannot be resolved would slip past every other rule in silence.
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...Object.entries(may).map(([from, to]) => ({
      name: `${from}-only-imports-${to.join("-") || "nothing"}`,
      severity: "error",
      from: { path: layer(from) },
      to: { path: "^src/", pathNot: [from, ...to].map(layer) },
    })),
    {
      name: "services-do-not-know-each-other",
      severity: "error",
      from: { path: "^src/services/([^/]+)/" },
      to: { path: "^src/services/[^/]+/", pathNot: "^src/services/$1/" },
    },
    {
      name: "enter-modules-by-their-index",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/.+", pathNot: ["^src/$1/", "^src/[^/]+/index\\.ts$"] },
    },
    {
      name: "cross-module-imports-use-hash",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/", pathNot: "^src/$1/", dependencyTypesNot: ["aliased-subpath-import"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    tsConfig: { fileName: "tsconfig.json" },
  },
};
