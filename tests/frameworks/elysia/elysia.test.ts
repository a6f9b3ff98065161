import { tools } from "../../../scripts/_tools.ts";
import { goThrough } from "../_way.ts";

goThrough({ name: "elysia", program: "elysia.js", command: tools.bun });
