export type { Crumb } from "./breadcrumbs.tsx";
export { Page, type PageProps } from "./page.tsx";
export { preferencesPath } from "./preferences.tsx";
export { Seal } from "./seal.tsx";
export { SignedOutPage, type SignedOutPageProps } from "./signed-out-page.tsx";
