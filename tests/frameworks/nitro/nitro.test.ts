// Nitro 3 by itself; Nuxt 4 is on Nitro 2.
import { goThrough } from "../_way.ts";

goThrough({ name: "nitro", program: ".output/server/index.mjs" });
