import type { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { Refusal } from "../../door/refusal.ts";
import type { Module, Route } from "../module.ts";
import { sameOrigin } from "./csrf.ts";
import type { HttpEnv } from "./env.ts";
import { handle } from "./handle.ts";
import type { HttpPorts } from "./ports.ts";
import type { Streams } from "./streams.ts";

/**
 * The routes of all modules in the order in which they are tried: a fixed segment before a parameter. Throws when two
 * modules claim one address.
 */
export function routeTable(modules: readonly Module[]): readonly Route[] {
  const routes = modules.flatMap((module) => module.routes);
  const seen = new Set<string>();
  for (const route of routes) {
    const address = `${route.method} ${shape(route.path)}`;
    if (seen.has(address)) throw new Error(`two routes claim ${route.method} ${route.path}`);
    seen.add(address);
  }
  return routes.toSorted((a, b) => compare(rank(a.path), rank(b.path)));
}

/** Puts the modules' routes on the application. Nobody else registers a handler for them. */
export function mount(app: Hono<HttpEnv>, ports: HttpPorts, streams: Streams): void {
  const ours = sameOrigin(ports.publicOrigin);
  for (const routes of byShape(routeTable(ports.modules))) {
    for (const route of routes) {
      if (route.method === "get") app.get(route.path, handle(ports, streams, route));
      else app.post(route.path, named(route.path), ours, handle(ports, streams, route));
    }
    const allowed = routes.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : ["POST"]));
    for (const path of new Set(routes.map((route) => route.path))) {
      app.all(path, (c) => {
        c.header("Allow", allowed.join(", "));
        throw new Refusal("invalid", "method_not_allowed");
      });
    }
  }
}

/** What is refused before its handler is named in the logs too. */
function named(path: string) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    c.set("route", path);
    await next();
  });
}

function byShape(routes: readonly Route[]): Route[][] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const key = shape(route.path);
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return [...groups.values()];
}

/** Two patterns that differ only in the names of their parameters are one address. */
function shape(path: string): string {
  return path.replaceAll(/:[^/]+/g, ":");
}

function rank(path: string): number[] {
  return path.split("/").map((segment) => (segment.startsWith(":") ? 1 : segment.includes("*") ? 2 : 0));
}

function compare(a: number[], b: number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (value !== other) return value - other;
  }
  return a.length - b.length;
}
