// Writes the published JSON schema of the gateway's configuration, after gateway/config.ts was changed: npm run config-schema

import { writeFileSync } from "node:fs";
import { jsonSchema, schemaFile } from "./_config-schema.ts";

writeFileSync(schemaFile, jsonSchema());
