import type { Vault } from "./vault/index.ts";

/** What the platform lends to every command and query, under these names in its context. */
export interface PlatformServices {
  vault: Vault;
  /** IANA zone of the mall's business days. */
  mallTimeZone: string;
}

declare module "../door/command.ts" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- that is how an interface is filled
  interface Services extends PlatformServices {}
}
