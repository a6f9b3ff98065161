/**
 * Whether the platform ends timers and calls together with the request that began them, as Workers and what is built on them do: then nothing
 * that one request needs may be the work of another one.
 */
export const endsWithRequest: boolean = ["WebSocketPair", "EdgeRuntime"].some((name) => name in globalThis);
