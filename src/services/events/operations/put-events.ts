import { isRecord, parseJson } from "#core";
import type { Context, Handlers, InputOf } from "#kernel";
import { requireDelivery } from "../delivery.ts";
import { invalid } from "../faults.ts";
import { store, toEventTime } from "../outbox.ts";
import { compilePattern, type Pattern } from "../pattern.ts";
import type { EventRow, EventsTables, RuleRow } from "../state.ts";
import { assertDefaultBus } from "./buses.ts";

type Entry = InputOf<"events", "PutEvents">["Entries"][number];
type Events = Context<EventsTables>;
type Refusal = { readonly ErrorCode: string; readonly ErrorMessage: string };

// AWS: EventBridge quotas, size of a PutEvents request.
const MAX_BYTES = 1_048_576;

export const putEvents = {
  PutEvents(input, ctx) {
    if (input.EndpointId !== undefined) throw invalid("EndpointId names a global endpoint; there are none here.");
    if (input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
      throw invalid("Total size of the entries in the request is over the limit.");
    }
    const outcomes = input.Entries.map((entry) => toEvent(entry, ctx));
    const events = outcomes.filter((outcome): outcome is EventRow => "id" in outcome);
    // Stored before it is answered: what was accepted is delivered, whatever happens next.
    const stored = ctx.kernel.transaction(() => storeAll(events, ctx));
    if (stored > 0) requireDelivery(ctx.kernel).wake();
    return {
      FailedEntryCount: outcomes.length - events.length,
      Entries: outcomes.map((outcome) => ("id" in outcome ? { EventId: outcome.id } : outcome)),
    };
  },
} satisfies Handlers<"events", EventsTables>;

// AWS: 14 bytes for the time, the rest as UTF-8. EventBridge user guide, "Calculating PutEvents event entry size".
function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), entry.Time ? 14 : 0);
}

function toEvent(entry: Entry, ctx: Events): EventRow | Refusal {
  for (const member of ["Source", "DetailType", "Detail"] as const) {
    if (!entry[member])
      return refuse("InvalidArgument", `Parameter ${member} is not valid. Reason: ${member} is a required argument.`);
  }
  const {
    Source: source,
    DetailType: type,
    Detail: text,
  } = entry as Required<Pick<Entry, "Source" | "DetailType" | "Detail">>;
  // AWS: only AWS's own services may say that they are.
  if (source!.startsWith("aws.") && ctx.principal.type !== "service") {
    return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  const detail = parseJson(text!);
  if (!isRecord(detail)) return refuse("MalformedDetail", "Detail is malformed.");
  assertDefaultBus(entry.EventBusName);
  return {
    version: "0",
    id: ctx.kernel.ids.uuid(),
    "detail-type": type!,
    source: source!,
    account: ctx.account,
    time: toEventTime(entry.Time ?? ctx.now()),
    region: ctx.region,
    resources: entry.Resources ?? [],
    detail,
  };
}

function refuse(ErrorCode: string, ErrorMessage: string): Refusal {
  return { ErrorCode, ErrorMessage };
}

function storeAll(events: readonly EventRow[], ctx: Events): number {
  const rules = ctx.tables.rules.list().filter(({ row }) => row.state !== "DISABLED" && row.pattern !== undefined);
  let stored = 0;
  for (const event of events) {
    for (const { row: rule } of rules) {
      if (patternOf(rule)(event)) stored += store(ctx, rule, event);
    }
  }
  return stored;
}

const compiled = new Map<string, Pattern>();
const MAX_COMPILED = 1000;

function patternOf(rule: RuleRow): Pattern {
  const source = rule.pattern!;
  const known = compiled.get(source);
  if (known) return known;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  const made = compilePattern(source);
  compiled.set(source, made);
  return made;
}
