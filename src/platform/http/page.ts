import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Actor, Credential } from "../../door/actor.ts";
import type { Command, Query, Reveal } from "../../door/command.ts";
import type { Done } from "../../door/door.ts";
import type { RequestFacts } from "../../door/event.ts";
import type { Refusal } from "../../door/refusal.ts";
import type { HttpEnv } from "./env.ts";
import type { Form } from "./form.ts";
import type { Authenticated } from "./session.ts";
import type { Stream } from "./sse.ts";
import type { Upload, UploadOptions } from "./upload.ts";
import type { MessageKey, ViewContext } from "./view.ts";

/** What a component gives. */
export type Node = HtmlEscapedString | Promise<HtmlEscapedString>;

/** A message that may be shown after a redirect: its name says that it is a notice, and it takes no values. */
export type NoticeKey = Extract<MessageKey, `notice.${string}` | `${string}.notice.${string}`>;

/** One thing to correct, in the reader's language. Without a field it concerns the whole form. */
export interface FieldError {
  field?: string;
  message: string;
}

/** Why a form is shown again, with everything that was typed. */
export interface Problem {
  kind: "invalid" | "conflict";
  /** Beside the fields and on top of the form. Never empty. */
  errors: readonly FieldError[];
  /** As typed, to be filled in again. */
  values: Readonly<Record<string, string | string[]>>;
  form: Form;
  refusal: Refusal;
}

export interface Answers<R> {
  /** After the command: nearly always a redirect, so that reloading repeats nothing. */
  done(result: R): Promise<Response> | Response;
  /** The same form again. Sent as 422 (`invalid`) or 409 (`conflict`). */
  again(problem: Problem): Node;
}

/**
 * One request, as a route handler sees it: what came in, the door bound to who sent it, and the ways to answer.
 * Refusals that a handler does not catch are answered by the platform, in the person's language.
 */
export interface Page {
  c: Context<HttpEnv>;
  v: ViewContext;
  t: ViewContext["t"];
  credential: Credential;
  /** Null on public pages and between the factors. */
  viewer: Actor | null;
  request: RequestFacts;
  /** A parameter of the path, decoded once. */
  param(name: string): string;
  /** The query of the address. A field given twice is refused before the handler runs. */
  query: Readonly<Record<string, string>>;
  /** True when htmx asked for a part of a page. `Page` of the views obeys it by itself. */
  fragment: boolean;
  /** The fields of a post; of an upload those that stand before the file. Its token has been checked already. */
  form(): Promise<Form>;
  /** The file of a post, as a stream that is hashed while it is read. Refuses `invalid` when there is none. */
  upload(options?: UploadOptions): Promise<Upload>;

  /**
   * Passes a command under the form's hidden key: the same form sent twice acts once. A request that passes one command
   * several times (the pieces of a file) numbers them by `part`.
   */
  execute<I, R>(command: Command<I, R>, input: unknown, part?: number): Promise<Done<R>>;
  reveal<I, G, R>(reveal: Reveal<I, G, R>, input: unknown): Promise<Done<R>>;
  ask<I, R>(query: Query<I, R>, input: unknown): Promise<R>;
  /**
   * The whole of an ordinary form: passes the command, then `done`; shows the form again when the input is to be
   * corrected or somebody else was quicker. Every other refusal gets the platform's page.
   */
  submit<I, R>(command: Command<I, R>, input: unknown, answers: Answers<R>): Promise<Response>;

  html(node: Node, status?: ContentfulStatusCode): Promise<Response>;
  /** 303 to an address of our own; anything else leads to `/`. The notice is shown there once. */
  redirect(path: string, notice?: NoticeKey): Response;
  /** A file that is saved and never rendered here. `name` may be Chinese. */
  download(name: string, type: string, body: ReadableStream<Uint8Array> | Uint8Array | string): Response;
  /** Server-sent events; see `sse.ts`. */
  stream(stream: Stream): Response;

  /**
   * Fields typed into a form whose session had ended, sealed for the hidden field `_carry` of the sign-in forms;
   * null when nothing is carried. Every form on the way through sign-in repeats it.
   */
  carry: string | null;
  /**
   * The view context for a page that this request shows to a session it has just made: its forms carry that session's
   * token. For the page of the second factor, which follows the first without a redirect so that `carry` is kept.
   */
  viewFor(who: Authenticated): ViewContext;
  /** The end of sign-in: offers what was carried to be sent again, as the new session; null when nothing is carried. */
  resume(who: Authenticated): Promise<Response> | null;
  /** Tells the browser to forget what it holds of us, with a redirect. For sign-out (ASVS 14.3.1). */
  forget(path: string): Response;
}
