import { templateInvalid } from "../faults.ts";
import { parseTemplate, TemplateError } from "../invoke/template.ts";

/** A template that does not parse is refused when it is put, not when a request needs it. */
export function assertTemplates(templates: Readonly<Record<string, string>> | undefined): void {
  for (const [type, source] of Object.entries(templates ?? {})) {
    try {
      parseTemplate(source);
    } catch (error) {
      if (error instanceof TemplateError) throw templateInvalid(type, error.message);
      throw error;
    }
  }
}
