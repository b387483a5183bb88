import { get, type Route } from "../../platform/module.ts";
import { PoliciesPage } from "../../../views/system/policies.tsx";
import { listPolicies } from "./queries.ts";

export const policyRoutes: readonly Route[] = [
  get("/policies", listPolicies, async (page) =>
    page.html(<PoliciesPage v={page.v} policies={await page.ask(listPolicies, {})} />),
  ),
];
