/** What is used of workerd's own modules. */

declare module "cloudflare:workers" {
  export const env: Readonly<Record<string, unknown>>;
  export abstract class DurableObject {
    constructor(ctx: unknown, env: unknown);
  }
  export const WorkerEntrypoint: unknown;
}
