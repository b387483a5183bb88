import { get, post, type Route } from "../../platform/module.ts";
import { LinkMadePage } from "../../../views/access/links.tsx";
import { SetupPage } from "../../../views/access/setup.tsx";
import { linkAddress } from "../links/address.ts";
import { inviteSecond, viewSetup } from "./commands.ts";

export const setupRoutes: readonly Route[] = [
  get("/setup", viewSetup, async (page) => {
    const setup = await page.ask(viewSetup, {});
    return setup.closed ? page.redirect("/") : await page.html(<SetupPage v={page.v} setup={setup} />);
  }),

  post("/setup/invite", inviteSecond, async (page) => {
    const form = await page.form();
    const seat = form.get("seat");
    const login = form.get("login");
    const name = form.get("name");
    const setup = await page.ask(viewSetup, {});
    const given = login === "" && name === "" ? {} : { login, name };
    return await page.submit(
      inviteSecond,
      { seat, ...given },
      {
        done: (made) =>
          page.html(
            <LinkMadePage
              v={page.v}
              login={made.login}
              address={linkAddress(page, made.token)}
              expiresAt={made.expiresAt}
              back="/setup"
            />,
          ),
        again: ({ errors }) => <SetupPage v={page.v} setup={setup} problem={{ seat, errors, login, name }} />,
      },
    );
  }),
];
