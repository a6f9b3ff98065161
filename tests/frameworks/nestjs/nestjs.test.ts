import { goThrough } from "../_way.ts";

goThrough({ name: "nestjs", program: "nest-express.js" });
goThrough({ name: "nestjs", program: "nest-fastify.js" });
