import { csrfField } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { Menu } from "../components/menu.tsx";
import type { ViewContext } from "../context.ts";
import { navigationId } from "./navigation.tsx";
import { AppearanceForm, LanguageSwitch } from "./preferences.tsx";

/** Above every page: menu on narrow screens, search, language, appearance, the person. */
export function TopBar({ v }: { v: ViewContext }) {
  return (
    <header class="top-bar">
      <button
        type="button"
        class="button quiet icon-only menu-button"
        popovertarget={navigationId}
        aria-label={v.t("shell.menu")}
      >
        <Icon v={v} name="menu" />
      </button>
      <form
        class="global-search"
        action="/search"
        method="post"
        role="search"
        aria-label={v.t("shell.search")}
      >
        <input type="hidden" name={csrfField} value={v.csrf} />
        <label class="visually-hidden" for="global-search">
          {v.t("shell.search")}
        </label>
        <Icon v={v} name="search" />
        <input
          id="global-search"
          type="search"
          name="q"
          placeholder={v.t("shell.search.hint")}
          maxlength={200}
          autocomplete="off"
        />
      </form>
      <div class="top-bar-tools">
        <LanguageSwitch v={v} />
        <Menu v={v} id="appearance-menu" label={v.t("shell.theme")} icon="theme">
          <AppearanceForm v={v} />
        </Menu>
        {v.viewer && <PersonMenu v={v} name={v.viewer.name} roles={v.viewer.roles} />}
      </div>
    </header>
  );
}

function PersonMenu({ v, name, roles }: { v: ViewContext; name: string; roles: readonly string[] }) {
  const face = (
    <>
      <span class="avatar" aria-hidden="true">
        {String.fromCodePoint(name.codePointAt(0) ?? 0x2d)}
      </span>
      <span class="person-name">{name}</span>
      <Icon v={v} name="chevron-down" />
    </>
  );
  return (
    <Menu v={v} id="person-menu" label={v.t("shell.person-menu")} face={face}>
      <div class="person-card">
        <strong>{name}</strong>
        <span>{roles.join(" · ")}</span>
      </div>
      <a class="menu-item" href="/me">
        <Icon v={v} name="user" />
        {v.t("shell.me")}
      </a>
      <form method="post" action="/sign-out">
        <input type="hidden" name={csrfField} value={v.csrf} />
        <button class="menu-item" type="submit">
          <Icon v={v} name="sign-out" />
          {v.t("shell.sign-out")}
        </button>
      </form>
    </Menu>
  );
}
