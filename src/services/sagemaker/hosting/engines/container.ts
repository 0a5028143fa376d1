import type { Settings } from "#kernel";
import type { VariantRow } from "../state.ts";
import { type Engine, EngineFailure, type WriteLine } from "./engine.ts";

export interface ContainerOptions {
  readonly settings: Settings;
  readonly folder: string;
  readonly variant: VariantRow;
  readonly write: WriteLine;
  readonly signal: AbortSignal;
}

/** Python workers in the image's runtime. */
export async function createContainerEngine(options: ContainerOptions): Promise<Engine> {
  throw new EngineFailure(`Serving ${options.variant.image} by Python workers is being written.`);
}
