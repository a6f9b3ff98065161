import { type Theme, useRoute } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { nextTick, onMounted, watch } from "vue";
import { mendAccess } from "./access.ts";
import { followTabs, restoreTabs } from "./tabs.ts";
import "./style.css";

export default {
  extends: DefaultTheme,
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
