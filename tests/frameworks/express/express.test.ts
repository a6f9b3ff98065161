import { goThrough } from "../_way.ts";

goThrough({ name: "express", program: "express.js" });
