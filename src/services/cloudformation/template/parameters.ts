import { notBuilt, validationError } from "../faults.ts";
import type { ParameterDeclaration, Template } from "./parse.ts";

/** The value of every declared parameter, as text: given, kept from before, or the default; checked against the declaration. */
export function resolveParameters(template: Template, given: Readonly<Record<string, string>>): Record<string, string> {
  const unknown = Object.keys(given).filter((name) => !(name in template.parameters));
  if (unknown.length > 0) {
    throw validationError(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  }
  const missing = Object.entries(template.parameters)
    .filter(([name, { Default }]) => given[name] === undefined && Default === undefined)
    .map(([name]) => name);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(", ")}] must have values`);
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, declaration]) => {
      const value = given[name] ?? String(declaration.Default);
      check(name, declaration, value);
      return [name, value];
    }),
  );
}

/** A parameter as a template's functions see it: lists are lists. */
export function parameterValue(declaration: ParameterDeclaration, text: string): unknown {
  const isList = declaration.Type === "CommaDelimitedList" || declaration.Type.startsWith("List<");
  return isList ? text.split(",").map((part) => part.trim()) : text;
}

const TYPES = /^(String|Number|CommaDelimitedList|List<(String|Number)>)$/;

function check(name: string, declaration: ParameterDeclaration, value: string): void {
  if (!TYPES.test(declaration.Type)) throw notBuilt(`the parameter type ${declaration.Type} (parameter ${name})`);
  if (declaration.Type === "Number" && (value.trim() === "" || Number.isNaN(Number(value)))) {
    throw validationError(`Parameter '${name}' must be a number.`);
  }
  if (declaration.AllowedValues && !declaration.AllowedValues.map(String).includes(value)) {
    throw failed(name, declaration, `must be one of AllowedValues`);
  }
  if (declaration.AllowedPattern !== undefined && !new RegExp(`^(?:${declaration.AllowedPattern})$`).test(value)) {
    throw failed(name, declaration, `must match pattern ${declaration.AllowedPattern}`);
  }
  checkBounds(name, declaration, value);
}

function checkBounds(name: string, declaration: ParameterDeclaration, value: string): void {
  const { MinLength, MaxLength, MinValue, MaxValue } = declaration;
  if (MinLength !== undefined && value.length < Number(MinLength)) {
    throw failed(name, declaration, `must contain at least ${MinLength} characters`);
  }
  if (MaxLength !== undefined && value.length > Number(MaxLength)) {
    throw failed(name, declaration, `must contain at most ${MaxLength} characters`);
  }
  if (MinValue !== undefined && Number(value) < Number(MinValue)) {
    throw failed(name, declaration, `must be a number not less than ${MinValue}`);
  }
  if (MaxValue !== undefined && Number(value) > Number(MaxValue)) {
    throw failed(name, declaration, `must be a number not greater than ${MaxValue}`);
  }
}

function failed(name: string, declaration: ParameterDeclaration, constraint: string) {
  const message = declaration.ConstraintDescription ?? constraint;
  return validationError(`Parameter '${name}' failed to satisfy constraint: ${message}`);
}
