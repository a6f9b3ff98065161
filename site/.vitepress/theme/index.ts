import { type Theme, useRoute } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { h, nextTick, onMounted, watch } from "vue";
import { mendAccess } from "./access.ts";
import OwnPage from "./OwnPage.vue";
import { followTabs, restoreTabs } from "./tabs.ts";
import "./style.css";
import "./style-own.css";

/** What runs in a page, each loaded by its page alone. */
const own = {
  playground: async () => (await import("../../playground/playground.ts")).mountPlayground,
  simulation: async () => (await import("../../simulation/simulation.ts")).mountSimulation,
};

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Playground", () => h(OwnPage, { name: "playground", load: own.playground }));
    app.component("Simulation", () => h(OwnPage, { name: "simulation", load: own.simulation }));
  },
  setup() {
    const route = useRoute();
    onMounted(() => {
      followTabs();
      watch(() => route.data, () =>
        void nextTick(() => {
          restoreTabs();
          mendAccess();
        }), { immediate: true });
    });
  },
} satisfies Theme;
