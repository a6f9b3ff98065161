/**
 * A GraphQL endpoint behind the gate, on Node, with GraphQL Yoga: `node examples/graphql.ts`.
 *
 * All of `/graphql` is gated, whatever the method, the body and the query. What visitors may see before they have a place is
 * served from addresses of its own, one for each document that is known to be harmless.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { createSchema, createYoga } from "graphql-yoga";
import { clientIp, cookieTokens, createGate, failOpen, problemAnswers } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { knownOperations } from "./known-operations.ts";

const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      type Query { concerts: [String!]! seats(concert: String!): Int! }
      type Mutation { reserveSeat(concert: String!): String! }
    `,
    resolvers: {
      Query: { concerts: () => ["opening night"], seats: () => 7 },
      Mutation: {
        reserveSeat: (_parent, { concert }: { readonly concert: string }) => `A seat for ${concert}`,
      },
    },
  }),
  logging: false,
});

const gate = createGate({
  plugins: [
    clientIp(),
    cookieTokens(),
    failOpen(),
    // Scripts are told of the waiting room in JSON.
    problemAnswers(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
      publicHosts: [process.env["PUBLIC_HOST"] ?? "localhost:8000"],
    }),
  ],
});

const open = knownOperations("/open", { concerts: "query { concerts }" }, (request) => yoga.fetch(request));
const gated = gate.wrap((request: Request, ..._platform: readonly unknown[]) => yoga.fetch(request));

serve({
  port: Number(process.env["PORT"] ?? 8000),
  fetch: (request, platform) => open(request) ?? gated(request, platform),
});
