import { uuidv7 } from "../../src/door/ids.ts";
import type { Route } from "../../src/platform/module.ts";

/** An id that nothing has. */
export const NOBODY = uuidv7();

const values: Record<string, string> = {
  idx: "999999999",
  type: "member",
  field: "phone",
  token: "a".repeat(43),
};

/** An address of this route at which there is nothing, where it takes parameters at all. */
export function emptyAddress(path: string): string {
  return path
    .replaceAll(/:(\w+)(\{[^/]*\}+)?/g, (_, name: string) => values[name] ?? NOBODY)
    .replace("*", "0/000");
}

export const hasParameter = (path: string): boolean => /[:*]/.test(path);

export const nameOf = (route: Route): string => `${route.method.toUpperCase()} ${route.path}`;

/** The permission a route asks for; null where it is open to whoever is signed in, or to everybody. */
export function permissionOf({ access }: Route): string | null {
  return typeof access === "string" ? null : access.name;
}
