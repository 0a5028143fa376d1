export interface DeploySettings {
  readonly endpoint: string;
  readonly modelRole: string;
  readonly way: ServingWay;
  /** Where what serves is described, and laid out for the function behind the URL. */
  readonly servingUri: string;
  /** The Python modules that the native scorer stands for. */
  readonly modules: string;
}

/** How the model is served: the value of SERVING_WAY, docs/contracts/project.md. */
export type ServingWay =
  | {
      readonly on: "endpoint";
      readonly instances: number;
      readonly type: string;
      readonly scaling?: { readonly min: number; readonly max: number; readonly invocationsPerInstance: number };
      /** Minutes. */
      readonly maxIdle?: number;
    }
  | { readonly on: "serverless"; readonly memory: number; readonly concurrency: number }
  | { readonly on: "lambda"; readonly memory: number };

export interface DeployAnswer {
  readonly state: "creating" | "updating" | "serving" | "described" | "ignored" | "asleep" | "waking";
  readonly endpoint: string;
  readonly config?: string;
}
