import { createSandbox, type RoomOptions, type Sandbox, type SandboxOptions } from "../../sandbox/mod.ts";

export const NOON: number = Date.parse("2030-01-15T12:00:00Z");
export const TICKETS = "https://shop.example.com/tickets?a=1&b=%20";

/** A sandbox with a clock that the test moves. */
export interface Bench {
  readonly sandbox: Sandbox;
  /** Moves the clock. */
  pass(seconds: number): void;
  /** Calls the API with the public key, and parses the answer. */
  api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; headers: Headers; json: Json }>;
  /** One check of a visitor. */
  check(token?: string, more?: Record<string, string>): Promise<Json>;
  /** Opens a waiting page. */
  page(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; text: string }>;
  /** A control endpoint. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }>;
}

// deno-lint-ignore no-explicit-any
export type Json = any;

export function bench(room: Partial<RoomOptions> = {}, options: Partial<SandboxOptions> = {}): Bench {
  const clock = { now: NOON };
  const sandbox = createSandbox({
    now: () => clock.now,
    rooms: [{ slug: "hall", title: "The hall", domain: "https://shop.example.com", ...room }],
    ...options,
  });
  async function send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Response> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return await sandbox.fetch(
      new Request(url, {
        method,
        headers,
        redirect: "manual",
        ...(body === undefined ? {} : { body: text }),
      }),
    );
  }
  const json = { "content-type": "application/json" };
  const self: Bench = {
    sandbox,
    pass(seconds): void {
      clock.now += seconds * 1000;
    },
    async api(method, path, body) {
      const headers = { "x-api-key": sandbox.publicKey, ...(body === undefined ? {} : json) };
      const response = await send(method, `https://api.test${path}`, headers, body);
      return {
        status: response.status,
        headers: response.headers,
        json: await response.json().catch(() => undefined),
      };
    },
    async check(token, more) {
      const fields = { url: TICKETS, ip: "198.51.100.23", agent: "test", ...more };
      const answer = token === undefined
        ? await self.api("POST", "/v1/requests", fields)
        : await self.api("GET", `/v1/requests/${encodeURIComponent(token)}?${new URLSearchParams(fields)}`);
      return answer.json.result;
    },
    async page(path, headers = {}) {
      const response = await send("GET", `https://wait.test${path}`, headers);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async control(method, path, body) {
      const response = await send(method, `https://wait.test/sandbox${path}`, json, body);
      return { status: response.status, json: await response.json() };
    },
  };
  return self;
}

export function waitPath(slug: string, query: Record<string, string>): string {
  return `/${slug}?${new URLSearchParams(query)}`;
}
