// Nuxt 4.5 builds with Vite 8, whose bundler stops (EXTERNAL_MODULES_CANNOT_BE_TRANSFORMED_TO_MODULES) because Nuxt's build for the server
// leaves `unctx` out of the bundle in one place and takes it in in others; 4.4, the same major, builds with Vite 7.
export default defineNuxtConfig({
  compatibilityDate: "2026-11-01",
  devtools: { enabled: false },
  telemetry: false,
  routeRules: { "/about": { prerender: true }, "/tickets/kept": { swr: true } },
  app: { head: { link: [{ rel: "icon", href: "data:," }] } },
});
