import { csrfField } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import type { Density, Theme, ViewContext } from "../context.ts";

/** Where language and appearance are posted. The answer leads back to `return_to`. */
export const preferencesPath = "/preferences";

const themes: readonly Theme[] = ["system", "light", "dark"];
const densities: readonly Density[] = ["comfortable", "compact"];

/** The other language, named in itself, one press away. */
export function LanguageSwitch({ v }: { v: ViewContext }) {
  const other = v.language === "en" ? "zh-CN" : "en";
  return (
    <form method="post" action={preferencesPath} class="language-switch">
      <Common v={v} />
      <button class="button quiet" type="submit" name="language" value={other} lang={other}>
        <Icon v={v} name="language" />
        <span class="wide">{v.t(`shell.language.${other}`)}</span>
        <span class="narrow">{v.t(`shell.language.${other}.short`)}</span>
      </button>
    </form>
  );
}

/** Light or dark, loose or tight. Kept with the person, so that every device agrees. */
export function AppearanceForm({ v }: { v: ViewContext }) {
  return (
    <form method="post" action={preferencesPath} class="appearance">
      <Common v={v} />
      <fieldset>
        <legend>{v.t("shell.theme")}</legend>
        {themes.map((theme) => (
          <label class="choice">
            <input type="radio" name="theme" value={theme} checked={theme === v.theme} />
            <span>{v.t(`shell.theme.${theme}`)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{v.t("shell.density")}</legend>
        {densities.map((density) => (
          <label class="choice">
            <input type="radio" name="density" value={density} checked={density === v.density} />
            <span>{v.t(`shell.density.${density}`)}</span>
          </label>
        ))}
      </fieldset>
      <button class="button" type="submit">
        {v.t("shell.preferences.save")}
      </button>
    </form>
  );
}

function Common({ v }: { v: ViewContext }) {
  return (
    <>
      <input type="hidden" name={csrfField} value={v.csrf} />
      <input type="hidden" name="return_to" value={v.path} />
    </>
  );
}
