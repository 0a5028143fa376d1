import type { Destination, Summary } from "#app";
import type { Output } from "./output.ts";

/** The end of `up`: what to know, the URL, a call that works when pasted, how to stop. */
export function saySummary(
  output: Output,
  summary: Summary,
  { profile, certificate }: Pick<Destination, "profile" | "certificate">,
): void {
  for (const { message } of summary.warnings) output.note(`  ! ${message}`);
  const { url, approval, version } = summary;
  output.say("");
  if (summary.unchanged) output.say("  Nothing has changed: the data, the code and the settings are as they were.\n");
  if (approval === "PendingManualApproval") {
    output.say(`  Version ${version} waits for approval. Approved, it is deployed by itself.\n`);
  }
  if (url === undefined) return;
  output.say(`  POST ${url}`);
  output.say(`  ${curlFor(url, summary.example, certificate)}`);
  const rehearsed = profile.name === "ec2" && !profile.confirms ? " --rehearse" : "";
  const to = profile.name === "embedded" ? "" : ` --to ${profile.name}${rehearsed}`;
  const stops = profile.credentials === "own" ? "`cauce down` stops the server, " : "";
  output.say(`\n  ${stops}\`cauce destroy${to}\` removes what was made.`);
}

/** INTERFACE.md: the keys that `up --json` ends with, and what else is known. */
export function toJson(
  summary: Summary,
  { certificate }: Pick<Destination, "certificate"> = {},
): Record<string, unknown> {
  const { url, project, task, target, metrics, rows, features, setAside, warnings, seconds, steps, ...more } = summary;
  const trust = certificate === undefined ? {} : { certificate };
  return { url, project, task, target, metrics, rows, features, setAside, warnings, seconds, steps, ...more, ...trust };
}

/** Quoted for a POSIX shell, whatever the values hold. */
export function curlFor(url: string, example: unknown, certificate?: string): string {
  const trust = certificate === undefined ? "" : `--cacert ${quoted(certificate)} `;
  return `curl -s ${trust}${quoted(url)} -H 'content-type: application/json' -d ${quoted(JSON.stringify(example))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
