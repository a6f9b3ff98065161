import { request } from "node:http";
import { request as encryptedRequest } from "node:https";
import { connect } from "node:net";

/** Makes what asks an origin whether it is there: by a connection, or by a page of its own that answers below 500. */
export function probeOf(origin: URL, path: string | undefined, timeoutMs: number): () => Promise<boolean> {
  const isEncrypted = origin.protocol === "https:";
  const host = origin.hostname.replace(/^\[|\]$/g, "");
  const port = origin.port === "" ? (isEncrypted ? 443 : 80) : Number(origin.port);
  return () =>
    new Promise((resolve) => {
      if (path === undefined) {
        const socket = connect({ host, port });
        const timer = setTimeout(() => done(false), timeoutMs);
        const done = (is: boolean) => {
          clearTimeout(timer);
          socket.destroy();
          resolve(is);
        };
        socket.once("connect", () => done(true));
        socket.on("error", () => done(false));
        return;
      }
      const ask = isEncrypted ? encryptedRequest : request;
      const sent = ask({ host, port, path, agent: false, headers: { host: origin.host } });
      const timer = setTimeout(() => done(false), timeoutMs);
      const done = (is: boolean) => {
        clearTimeout(timer);
        sent.destroy();
        resolve(is);
      };
      sent.once("response", ({ statusCode = 500 }) => done(statusCode < 500));
      sent.on("error", () => done(false));
      sent.end();
    });
}
