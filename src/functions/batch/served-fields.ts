import { isRecord } from "#core";
import { compileRequests, type Features, type Field, InputError } from "#scoring";

/** What is known of the model that will answer. A model with a program of its own may say nothing. */
export interface Served {
  readonly fields: readonly Field[];
  readonly target: string | undefined;
  /** Columns of the training table that the model does not use. */
  readonly ignored: readonly string[];
  /** Why the model would refuse a record, or undefined. */
  readonly refusal: (records: readonly object[]) => readonly (string | undefined)[];
}

/** Reads a features.json (docs/contracts/features.md), of our models and of those that were given. */
export function readServed(document: unknown): Served {
  const features =
    isRecord(document) && Array.isArray(document["fields"]) ? (document as unknown as Features) : undefined;
  if (!features || features.fields.length === 0)
    return {
      fields: [],
      target: features?.target?.name,
      ignored: [],
      refusal: (records) => records.map(() => undefined),
    };
  return {
    fields: features.fields,
    target: features.target.name,
    ignored: features.ignored ?? [],
    refusal: refusals(features),
  };
}

/** Only what values are is looked at, so that no feature is computed. The model itself has the last word. */
function refusals(features: Features): Served["refusal"] {
  // A model that was given takes dates as texts.
  const given = "model" in features;
  const fields = features.fields.map((field) =>
    given && field.kind === "datetime" ? { ...field, kind: "text" as const } : field,
  );
  const reader = compileRequests({ ...features, fields, features: [] });
  const one = (record: object): string | undefined => {
    try {
      reader.encode([record], false);
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return allOf(error);
      throw error;
    }
  };
  return (records) => {
    try {
      // All at once costs a tenth, and nearly always there is nothing.
      reader.encode(records, true);
      return records.map(() => undefined);
    } catch (error) {
      if (error instanceof InputError) return records.map(one);
      throw error;
    }
  };
}

function allOf(error: InputError): string {
  const { errors } = JSON.parse(error.body) as { readonly errors?: readonly { readonly message: string }[] };
  return errors ? errors.map(({ message }) => message).join(" ") : error.message;
}
