export default defineNuxtConfig({
  compatibilityDate: "2026-11-01",
  devtools: { enabled: false },
  telemetry: false,
  routeRules: { "/about": { prerender: true } },
  app: { head: { link: [{ rel: "icon", href: "data:," }] } },
});
