import type { CallAnswer, Caller } from "#aws";
import { parseJson } from "#core";
import { createModel, type Model, readFeatures, readXgboost } from "#scoring";
import { type Door, problem, type Said } from "./answer.ts";

/** The model that `serving/model.json` points to, for a function that scores by itself. */
export interface OwnModel extends Door {
  /** The answer, when this function serves for the endpoint while there is none, or with `anyway` whenever it can. */
  meanwhile(request: Asked, anyway: boolean): Promise<Said | undefined>;
  /** Loads what there is, so that the first request finds it. */
  warm(): void;
}

export interface Asked {
  readonly body: string;
  readonly type: "application/json" | "text/csv";
}

export interface OwnModelSettings {
  readonly endpoint: string;
  readonly servingUri: string;
  /** How long what was found is taken to be still so. */
  readonly freshMilliseconds?: number;
}

interface Found {
  readonly etag: string;
  readonly description: string;
  readonly config: string;
  /** Whether this function shall answer. */
  readonly inside: boolean;
}

export function ownModel(aws: Caller, settings: OwnModelSettings): OwnModel {
  const { endpoint, servingUri, freshMilliseconds = 3000 } = settings;
  const folder = servingUri.slice("s3:/".length);
  const pointer = pointerReader(aws, folder, freshMilliseconds);
  const load = modelLoader(aws, folder);
  const notDeployed = () => problem(503, "NotDeployed", `No model has been deployed as "${endpoint}" yet.`);
  const score = async (config: string, body: string, type: string): Promise<Said> => {
    const { status, body: text } = (await load(config)).reply(body, type);
    return { status, body: text };
  };

  return {
    async predict(body, type) {
      try {
        const now = await pointer.look();
        return now?.config ? await score(now.config, body, type) : notDeployed();
      } catch (error) {
        console.error("The model could not be asked", error);
        return problem(502, "ModelFailed", "The model failed to answer. Its log says why.");
      }
    },
    async meanwhile({ body, type }, anyway) {
      try {
        const now = await pointer.look();
        return now?.config && (now.inside || anyway) ? await score(now.config, body, type) : undefined;
      } catch (error) {
        console.error("The model could not be asked", error);
        return undefined;
      }
    },
    async describe() {
      try {
        // Who asks this wants to know what is so now.
        const now = await pointer.ask();
        return now ? { status: 200, body: now.description } : notDeployed();
      } catch (error) {
        console.error("The description could not be read", error);
        const message = "The model's description could not be read. Try again in a moment.";
        return problem(502, "DescriptionUnreachable", message);
      }
    },
    warm() {
      pointer
        .look()
        .then((now) => (now?.config ? load(now.config) : undefined))
        .catch(() => {});
    },
  };
}

/** A new version, or an earlier one again, is a new pointer: it is looked at again every few seconds, and costs little when it is the same. */
function pointerReader(aws: Caller, folder: string, freshMilliseconds: number) {
  let found: Found | undefined;
  let fresh = 0;
  let looking: Promise<Found | undefined> | undefined;
  const ask = async (): Promise<Found | undefined> => {
    const known = found && { headers: { "if-none-match": found.etag } };
    const answer = await aws.request({ host: "s3", method: "GET", path: `${folder}/model.json`, ...known });
    // AWS: without the permission to list, what is not there is forbidden.
    if (answer.status === 404 || answer.status === 403) found = undefined;
    else if (answer.status === 200) found = toFound(answer);
    else if (answer.status !== 304) throw new Error(`The description answered ${answer.status}: ${said(answer)}`);
    fresh = performance.now() + freshMilliseconds;
    return found;
  };
  const look = async (): Promise<Found | undefined> => {
    if (performance.now() < fresh) return found;
    try {
      return await (looking ??= ask().finally(() => (looking = undefined)));
    } catch (error) {
      // What is known answers on when S3 does not.
      if (!found) throw error;
      console.error("The pointer could not be read", error);
      return found;
    }
  };
  return { ask, look };
}

/** The newest model that was asked for stays in memory. */
function modelLoader(aws: Caller, folder: string): (config: string) => Promise<Model> {
  let newest: { readonly config: string; readonly model: Promise<Model> } | undefined;
  const file = async (path: string): Promise<Buffer> => {
    const answer = await aws.request({ host: "s3", method: "GET", path: `${folder}/${path}` });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${said(answer)}`);
    return answer.body;
  };
  const load = async (config: string): Promise<Model> => {
    const [features, booster] = await Promise.all([file(`${config}/features.json`), file(`${config}/model.ubj`)]);
    return createModel(readFeatures(parseJson(features.toString())), readXgboost(booster));
  };
  return async (config) => {
    if (newest?.config === config) return newest.model;
    const model = load(config);
    newest = { config, model };
    try {
      return await model;
    } catch (error) {
      if (newest.model === model) newest = undefined;
      throw error;
    }
  };
}

function toFound({ headers, body }: CallAnswer): Found {
  return {
    etag: String(headers["etag"] ?? ""),
    description: body.toString(),
    config: String(headers["x-amz-meta-config"] ?? ""),
    inside: headers["x-amz-meta-by"] === "lambda",
  };
}

function said({ body }: CallAnswer): string {
  return body.toString().slice(0, 300);
}
