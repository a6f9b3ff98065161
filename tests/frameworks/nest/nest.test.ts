import { goThrough } from "../_way.ts";

goThrough({ name: "nest", program: "nest-express.js" });
goThrough({ name: "nest", program: "nest-fastify.js" });
