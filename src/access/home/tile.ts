import type { AnyQuery } from "../../door/command.ts";
import type { Page } from "../../platform/http/page.ts";
import type { HomeKind } from "../../../views/access/home.tsx";
import type { Figure } from "../../../views/components/index.ts";

/** One number on the first screen. Other modules' tiles are handed in by the composition root. */
export interface HomeTile {
  /** Shown to those who may ask it. */
  query: AnyQuery;
  /** The first screens that it stands on. */
  on: readonly HomeKind[];
  /** Asks, and says it in one figure; null when there is nothing to say. */
  figure(page: Page): Promise<Figure | null>;
}
