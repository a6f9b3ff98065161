import type { Platform } from "../context.ts";
import { quietly } from "./quietly.ts";

/**
 * Asks the platform to keep work alive that goes on behind a request. It is everybody's work, so a platform that will not, or whose
 * function was torn off its object, must not become the fault of one request.
 */
export function keepAlive(platform: Platform, work: Promise<unknown>): void {
  quietly(() => platform.waitUntil?.(work));
}
