import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, sha256 } from "#core";
import type { AssetObject } from "./assets.ts";
import { type GatheredModel, type GivenModel, SERVING } from "./deploy-model-files.ts";
import type { PipelineDefinition } from "./definition.ts";
import { xgboostImage } from "./images.ts";
import { type Names, namesOf, type Place } from "./names.ts";
import { batch } from "./stages/batch/stage.ts";
import { deploy } from "./stages/deploy/stage.ts";
import { expose } from "./stages/expose/stage.ts";
import { inspect } from "./stages/inspect/stage.ts";
import type { StageContext } from "./stages/stage.ts";
import { assemble, type Bringable } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";
import { writeZip } from "./zip.ts";

/** From a model's file to CloudFormation and a pipeline of two steps: look at it, register it. */
export function synthModel(
  project: ResolvedProject,
  given: GivenModel,
  files: GatheredModel,
  place: Place,
): { readonly synth: Bringable; readonly objects: readonly AssetObject[] } {
  const names = namesOf(project.name, place);
  const { model, example, code } = files;
  const settings = settingsOf(given, files);
  const at: StageContext = {
    project,
    place,
    names,
    image: xgboostImage(place.region),
    functionKeys: functionKeysOf(names, files),
    sourceName: model.name,
    scriptsUri: undefined,
  };
  const prefixes: Prefixes = {
    model: names.key("given", model.digest, ""),
    code: names.key("code", code.digest, ""),
    settings: names.key("settings", sha256(settings), ""),
    functions: at.functionKeys,
    ...(example && { example: names.key("example", example.digest, "") }),
  };
  const stages = [inspect({ example: example !== undefined }), deploy, expose, batch];
  const parts = stages.map((stage) => stage.contribute(at));
  const parameter = (Name: string, key: string) => ({
    Name,
    Type: "String" as const,
    DefaultValue: `s3://${names.bucket}/${key}`,
  });
  const definition: PipelineDefinition = {
    Version: "2020-12-01",
    Metadata: { GeneratedBy: "cauce" },
    Parameters: [
      parameter("ModelUri", prefixes.model),
      parameter("CodeUri", prefixes.code),
      parameter("SettingsUri", prefixes.settings),
      ...(prefixes.example === undefined ? [] : [parameter("ExampleUri", prefixes.example)]),
    ],
    Steps: parts.flatMap((part) => part.steps ?? []),
  };
  const template = assemble(at, definition, parts, {
    jobRoles: ["InspectRole"],
    calls: [],
    description: `${project.name}: a model that was given, at a URL that predicts (made by Cauce)`,
  });
  return {
    synth: {
      names,
      template,
      definition,
      runFingerprint: sha256(canonicalJson(definition)).slice(0, 16),
      fingerprint: String(template.Outputs["Fingerprint"]?.Value),
    },
    objects: objectsOf(files, prefixes, settings),
  };
}

interface Prefixes {
  readonly model: string;
  readonly code: string;
  readonly settings: string;
  readonly functions: StageContext["functionKeys"];
  readonly example?: string;
}

/** What must lie in the bucket before the stack is made. */
function objectsOf(files: GatheredModel, prefixes: Prefixes, settings: string): readonly AssetObject[] {
  const { model, example, code } = files;
  const onDisk = (key: string, name: string, file: string): AssetObject => ({
    key,
    name,
    content: async () => ({ file }),
  });
  return [
    onDisk(`${prefixes.model}${model.name}`, model.name, model.path),
    ...(example && prefixes.example ? [onDisk(`${prefixes.example}${example.name}`, example.name, example.path)] : []),
    ...code.files.map(({ name, file }) => onDisk(`${prefixes.code}${name}`, name, file)),
    {
      key: `${prefixes.settings}settings.json`,
      name: "settings.json",
      content: async () => ({ text: settings }),
    },
    ...SERVING.map((name) => ({
      key: prefixes.functions[name],
      name: `${name}.zip`,
      content: () => zipped(files, name),
    })),
  ];
}

function functionKeysOf(names: Names, files: GatheredModel): StageContext["functionKeys"] {
  const [extract, predict, deploy] = SERVING.map((name) => functionKey(names, files, name)) as [string, string, string];
  return { extract, predict, deploy };
}

function functionKey(names: Names, files: GatheredModel, name: (typeof SERVING)[number]): string {
  return names.key("functions", `${files.functions[name]?.digest}.zip`);
}

/** `settings.json` of `inspect_given.py`. */
function settingsOf({ target, classes, requirements }: GivenModel, { model, example }: GatheredModel): string {
  const settings = { file: model.name, example: example?.name, target, classes, requirements };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

async function zipped(files: GatheredModel, name: (typeof SERVING)[number]): Promise<{ readonly file: string }> {
  await mkdir(files.cache, { recursive: true });
  const made = files.functions[name];
  const file = join(files.cache, `${name}-${made?.digest}.zip`);
  if (!(await stat(file).catch(() => undefined))) await writeZip(file, made?.files ?? []);
  return { file };
}
