import { goThrough } from "../_way.ts";

goThrough({ name: "fastify", program: "fastify.js" });
