import { Refusal } from "../../door/refusal.ts";
import { get, type Route } from "../../platform/module.ts";
import { PoliciesPage } from "../../../views/system/policies.tsx";
import { PolicyPage } from "../../../views/system/policy.tsx";
import { listPolicies } from "./queries.ts";

export const policyRoutes: readonly Route[] = [
  get("/policies", listPolicies, async (page) =>
    page.html(<PoliciesPage v={page.v} policies={await page.ask(listPolicies, {})} />),
  ),

  get("/policies/:document", listPolicies, async (page) => {
    const { text } = await page.ask(listPolicies, { document: page.param("document") });
    if (text === null) throw new Refusal("not-found", "not_found");
    return await page.html(<PolicyPage v={page.v} policy={text} />);
  }),
];
