/**
 * A reverse proxy on `node:http`, which hands on what came as it came.
 *
 * @module
 */

export type { Door, OriginFault, ProxyEvent, ProxyOptions } from "./options.ts";
export { createProxy, type Proxy, wantsWebSocket } from "./proxy.ts";
export { sendAnswer } from "./answer.ts";
export type { Target } from "./target.ts";
export { createListener, type Limits, type Listener } from "./listener.ts";
