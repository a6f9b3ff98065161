import { goThrough } from "../_way.ts";

goThrough({ name: "node-http", program: "node-http.js" });
