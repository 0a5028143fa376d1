/** Members that are numbers or booleans in the API; a template may write them as text. */
const NUMBERS = new Set([
  "InitialInstanceCount",
  "InitialVariantWeight",
  "VolumeSizeInGB",
  "ModelDataDownloadTimeoutInSeconds",
  "ContainerStartupHealthCheckTimeoutInSeconds",
  "InitialSamplingPercentage",
  "TerminationWaitInSeconds",
  "MaximumExecutionTimeoutInSeconds",
  "WaitIntervalInSeconds",
]);
const BOOLEANS = new Set(["EnableCapture", "EnableNetworkIsolation", "EnableSSMAccess"]);

/** A template's properties as the API takes them: the same names, with their own types. */
export function toApiInput(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return convert(properties, "") as Record<string, unknown>;
}

function convert(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, name));
  if (typeof value === "string" && NUMBERS.has(name)) return Number(value);
  if (typeof value === "string" && BOOLEANS.has(name)) return value === "true";
  // The environment's names are the user's own.
  if (typeof value !== "object" || value === null || name === "Environment")
    return name === "Environment" ? toTexts(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, convert(inner, key)]));
}

function toTexts(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, String(inner)]));
}
