/**
 * What the owner says of the connection, where the platform is none that the gate recognises.
 *
 * @module
 */

import type { Platform } from "./context.ts";
import { type PlatformOptions, SaidPlatform } from "./pipeline/said-platform.ts";

export type { PlatformOptions } from "./pipeline/said-platform.ts";

/**
 * Says where a request came from and what keeps the platform alive. Hand it to the gate as the last argument: it counts before
 * everything that the gate recognises by its shape, and nothing that a visitor sends can pass for it.
 *
 * Say only what the platform itself knows, such as the address of the socket. What stands in a header is for `clientIp()` to
 * read, which knows whom to trust.
 *
 * @param options What is known. What is left out is recognised as without this argument.
 * @returns The argument. It may be kept, if it holds for all requests.
 * @throws {TypeError} When the address is no string, `waitUntil` no function, or an option unknown.
 *
 * @example
 * ```ts
 * import { clientIp, createGate, failOpen, platform } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [clientIp(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 *
 * // What a server of your own calls for each request.
 * export function answer(request: Request, socket: { readonly address: string }, work: Promise<unknown>[]) {
 *   return gate(
 *     request,
 *     () => new Response("Welcome"),
 *     platform({ peerAddress: socket.address, waitUntil: (promise) => void work.push(promise) }),
 *   );
 * }
 * ```
 */
export function platform(options: PlatformOptions): Platform {
  return new SaidPlatform(options);
}
