import type { Context } from "#kernel";

type Prefix = "i" | "r" | "vol" | "sg" | "sgr" | "key" | "eipalloc" | "eipassoc";

/** AWS: a prefix and 17 hexadecimal digits. */
export function makeId(ctx: Pick<Context, "kernel">, prefix: Prefix): string {
  return `${prefix}-0${ctx.kernel.ids.token(16, "0123456789abcdef")}`;
}
