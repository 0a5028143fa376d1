export interface DeploySettings {
  readonly endpoint: string;
  readonly group: string;
  readonly modelRole: string;
  readonly instanceType: string;
  readonly instances: number;
  /** Where what serves is described. */
  readonly servingUri: string;
}

export interface DeployAnswer {
  readonly state: "creating" | "updating" | "serving" | "described" | "ignored";
  readonly endpoint: string;
  readonly config?: string;
}
