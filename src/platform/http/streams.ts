import { setTimeout } from "node:timers/promises";
import { Refusal } from "../../door/refusal.ts";
import type { Door } from "../../door/door.ts";
import type { Log } from "../log.ts";
import type { RouteAccess } from "../module.ts";
import type { Authenticated } from "./session.ts";
import type { Stream, StreamMessage } from "./sse.ts";

export interface StreamLimits {
  /** Open streams of one session; a browser has six connections for an address. */
  perSession: number;
  inAll: number;
  /** Milliseconds without a word before a comment keeps the proxies on the way from hanging up. */
  heartbeat: number;
  /** Milliseconds after which a stream ends and the browser comes again. */
  lifetime: number;
}

export const streamLimits: StreamLimits = {
  perSession: 4,
  inAll: 200,
  heartbeat: 15_000,
  lifetime: 10 * 60_000,
};

export interface Streams {
  /** Opens a stream for whoever may use the route. Refuses `throttled` beyond the caps. */
  open(who: Authenticated, access: RouteAccess, stream: Stream): Response;
  /** How many are open. */
  count(): number;
  /** Ends all of them: the console stops. */
  end(): void;
}

/**
 * The open server-sent event streams of this process. Every tick asks the door who the session still is, so that an
 * ended session or a withdrawn right ends its streams within one tick.
 */
export function openStreams(
  door: Pick<Door, "whoIs">,
  log: Log,
  limits: StreamLimits = streamLimits,
): Streams {
  const stops = new Set<AbortController>();
  const perSession = new Map<string, number>();

  const may = async (who: Authenticated, access: RouteAccess) => {
    try {
      const actor = await door.whoIs(who.credential);
      return typeof access === "string" || actor.permissions.has(access.name);
    } catch (error) {
      if (error instanceof Refusal && error.kind === "denied") return false;
      throw error;
    }
  };

  return {
    open(who, access, stream) {
      const owner = who.credential.type === "session" ? who.credential.session : "";
      const own = perSession.get(owner) ?? 0;
      if (own >= limits.perSession || stops.size >= limits.inAll)
        throw new Refusal("throttled", "streams", { retryAfter: 30 });
      const stop = new AbortController();
      stops.add(stop);
      perSession.set(owner, own + 1);
      const leave = () => {
        if (!stops.delete(stop)) return;
        const others = (perSession.get(owner) ?? 1) - 1;
        if (others > 0) perSession.set(owner, others);
        else perSession.delete(owner);
      };
      let left = false;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          // not awaited: the stream goes on after the response has begun
          void talk({ stream, limits, stop: stop.signal, may: () => may(who, access), controller })
            .catch((error: unknown) => log.error("unexpected_error", { error }))
            .finally(() => {
              leave();
              if (!left) controller.close();
            });
        },
        cancel() {
          left = true;
          stop.abort();
        },
      });
      return new Response(body, {
        headers: {
          "Content-Type": "text/event-stream; charset=UTF-8",
          "Cache-Control": "no-store, no-transform",
          "X-Accel-Buffering": "no",
        },
      });
    },
    count: () => stops.size,
    end() {
      for (const stop of stops) stop.abort();
    },
  };
}

interface Talk {
  stream: Stream;
  limits: StreamLimits;
  stop: AbortSignal;
  may: () => Promise<boolean>;
  controller: ReadableStreamDefaultController<Uint8Array>;
}

async function talk({ stream, limits, stop, may, controller }: Talk): Promise<void> {
  const encoder = new TextEncoder();
  const begun = performance.now();
  let spoken = begun;
  const say = (text: string) => {
    controller.enqueue(encoder.encode(text));
    spoken = performance.now();
  };
  say("retry: 3000\n\n");
  while (!stop.aborted && performance.now() - begun < limits.lifetime) {
    if (!(await may())) return;
    // a reader that does not keep up gets the next state, not every state
    const message = (controller.desiredSize ?? 1) > -20 ? await stream.look() : null;
    if (stop.aborted) return;
    if (message !== null) say(wire(message));
    if (message?.last === true) return;
    else if (performance.now() - spoken >= limits.heartbeat) say(":\n\n");
    await pause(Math.min(stream.every, limits.heartbeat), stop);
  }
}

/** One message in the wire format; a line break in an id or event name would begin another field, so it is dropped. */
export function wire({ data, event, id }: StreamMessage): string {
  const line = (name: string, value: string | undefined) =>
    value === undefined ? "" : `${name}: ${value.replaceAll(/[\r\n]/g, " ")}\n`;
  const lines = data.split(/\r\n|\r|\n/).map((part) => `data: ${part}\n`);
  return `${line("event", event)}${line("id", id)}${lines.join("")}\n`;
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal: stop });
  } catch (error) {
    // ended while waiting: the loop sees it
    if (!stop.aborted) throw error;
  }
}
