import type { Decision } from "../../../src/decision.ts";

/** What visitors are told who were redirected to a clean URL and did not keep the cookie. */
export function cookiesRequired(): Decision {
  return required("cookies", "which needs cookies. Please allow cookies and open the page again.");
}

/**
 * What visitors are told whom the service does not check without a user agent. The room, which would send them back to be refused again, round
 * and round, is not for them.
 */
export function agentRequired(): Decision {
  return required(
    "agent",
    "which needs to know your browser. Please let it send User-Agent, and open the page again.",
  );
}

function required(what: "cookies" | "agent", text: string): Decision {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return {
    action: "respond",
    reason: `crowdhandler/${what}-required`,
    response: { status: 403, headers, body: `This site has a waiting room, ${text}\n` },
  };
}
