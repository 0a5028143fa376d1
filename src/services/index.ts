import type { AnyService } from "#kernel";

/** The registry: every emulated service, in the order in which they start. */
export const services: readonly AnyService[] = [];
