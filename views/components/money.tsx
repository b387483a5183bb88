import type { MoneyAmount } from "../../src/platform/i18n/index.ts";
import type { ViewContext } from "../context.ts";

/**
 * An amount given in minor units.
 * @internal the gallery of components shows it; the modules that sell will use it
 */
export function Money({ v, money }: { v: ViewContext; money: MoneyAmount }) {
  return (
    <data class="money" value={`${money.amount} ${money.currency}`}>
      {v.format.money(money)}
    </data>
  );
}
