import { badRequest } from "../faults.ts";

export function assertStageName(name: string): void {
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) throw badRequest("Stage name only allows a-zA-Z0-9_-");
}

export function assertVariables(variables: Readonly<Record<string, string>> | undefined): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    if (!/^\w+$/.test(name))
      throw badRequest(`Stage variable name ${name} can only have alphanumeric characters and underscores`);
    if (!/^[A-Za-z0-9\-._~:/?#&=,]*$/.test(value)) {
      throw badRequest("Stage variable values must match the regular expression [A-Za-z0-9-._~:/?#&=,]+");
    }
  }
}
