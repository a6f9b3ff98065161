// Where the project is.
import { fileURLToPath } from "node:url";

/** The project's root, with a slash at the end. */
export const root = fileURLToPath(new URL("..", import.meta.url));
