/**
 * Hono's types in the forms in which they are used here. What is public refers to them by `typeof`, because
 * `deno doc --lint` wants every type that is named to be documented, and Hono's are not ours.
 */

import type { MiddlewareHandler } from "hono";
import type { StanchionFactVariables, StanchionVariables } from "../visit.ts";

export declare const gateMiddleware: MiddlewareHandler<{ Variables: StanchionVariables }>;
export declare const inspectingMiddleware: MiddlewareHandler<{ Variables: StanchionFactVariables }>;
