import type { ViewContext } from "../../platform/http/view.ts";
import type { HomeKind } from "../../../views/access/home.tsx";
import type { Figure } from "../../../views/components/index.ts";

/**
 * One number on the first screen. It names its query, which may be another module's: where no module offers it, the
 * tile is not there. The result is read by a schema of the tile's own.
 */
export interface HomeTile {
  query: string;
  input: Record<string, unknown>;
  /** Shown only to those who may act on the number as well: to the others it always says nothing. */
  acts?: string;
  /** The first screens that it stands on. */
  on: readonly HomeKind[];
  figure(result: unknown, v: ViewContext): Figure;
}
