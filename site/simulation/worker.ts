/** Simulates beside the page, which goes on meanwhile. */

import { filmOf } from "./film.ts";
import type { Plan } from "./settings.ts";

self.addEventListener("message", ({ data }: MessageEvent<Plan>) => self.postMessage(filmOf(data)));
