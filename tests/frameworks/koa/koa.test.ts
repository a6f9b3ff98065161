import { goThrough } from "../_way.ts";

goThrough({ name: "koa", program: "koa.js" });
