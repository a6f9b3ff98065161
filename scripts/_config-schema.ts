import { toJsonSchema } from "@valibot/to-json-schema";
import { fileURLToPath } from "node:url";
import { configSchema } from "../gateway/mod.ts";

/** The published JSON schema of the gateway's configuration. */
export const schemaFile: string = fileURLToPath(new URL("../stanchion.config.schema.json", import.meta.url));

/** Makes it of the schema by which configurations are checked. */
export function jsonSchema(): string {
  const { $schema: _, ...schema } = toJsonSchema(configSchema);
  const title = "The configuration of stanchion serve";
  return `${
    JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", title, ...schema }, null, 2)
  }\n`;
}
