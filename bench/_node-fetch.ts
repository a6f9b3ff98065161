/**
 * As much of `fetch` as the CrowdHandler provider needs, over `node:http`: on Node, `fetch` itself takes most of a
 * decision's time in full mode.
 */

import { Agent, type IncomingMessage, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";

/** Answers of the service are small. */
const maxBytes = 65_536;
const agent = new Agent({ keepAlive: true });
const secureAgent = new SecureAgent({ keepAlive: true });

/** Makes one call, given up when the signal says so, and reads the answer whole. */
export function nodeFetch(url: string, init: RequestInit): Promise<Response> {
  const { method = "GET", headers, body, signal } = init;
  const isSecure = url.startsWith("https:");
  return new Promise((resolve, reject) => {
    const call = (isSecure ? secureRequest : request)(url, {
      method,
      // The provider gives a record and a text.
      headers: headers as Record<string, string>,
      agent: isSecure ? secureAgent : agent,
      ...(signal ? { signal } : {}),
    }, (answer) => readAnswer(answer).then(resolve, reject));
    call.on("error", reject);
    call.end(body);
  });
}

function readAnswer(answer: IncomingMessage): Promise<Response> {
  return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    answer.on("data", (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size > maxBytes) answer.destroy(new Error("The answer is too long"));
    });
    answer.on("end", () => resolve(Buffer.concat(parts)));
    answer.on("error", reject);
    // An answer that ends before its time.
    answer.on("close", () => reject(new Error("The answer was cut off")));
  }).then((body) => {
    const { statusCode: status = 500, headers } = answer;
    const length = headers["content-length"];
    return new Response(body.length === 0 ? null : body, {
      status,
      headers: length === undefined ? {} : { "content-length": length },
    });
  });
}
