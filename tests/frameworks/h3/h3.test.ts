import { goThrough } from "../_way.ts";

goThrough({ name: "h3", program: "h3.js" });
