/** Queue-it configurations and session cookies, and a host for the reference connector. */

import { createHmac } from "node:crypto";

export const customerId = "customer";
export const secret = "4e1db821-a825-49da-acd0-5d376f2068db4e1db821-a825-49da-acd0-5d376f20";
export const address = "198.51.100.23";
export const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";

/**
 * A configuration with validators of four common kinds in equal parts, each of which matches its own page and no
 * other that is asked for here.
 */
export function configuration(size: number, isExtended = true): { readonly Integrations: readonly object[] } {
  const url = { ValidatorType: "UrlValidator", UrlPart: "PageUrl", Operator: "Contains" };
  const path = { ...url, UrlPart: "PagePath" };
  const host = { ...url, UrlPart: "HostName", Operator: "Equals", ValueToCompare: "shop.example.com" };
  const robot = { ValidatorType: "UserAgentValidator", Operator: "Contains", ValueToCompare: "googlebot" };
  const kinds = [
    (at: number) => [
      { ...url, ValueToCompare: `/event-${at}/`, IsIgnoreCase: true },
      { ...robot, IsNegative: true, IsIgnoreCase: true },
    ],
    (at: number) => [{
      ...path,
      Operator: "EqualsAny",
      ValuesToCompare: [`/tickets/${at}`, `/seats/${at}`],
    }],
    (at: number) => [host, { ...path, ValueToCompare: `/products/sale-${at}/` }],
    (at: number) => [
      { ...url, ValueToCompare: `campaign=${at}&` },
      { ValidatorType: "CookieValidator", CookieName: "staff", Operator: "Equals", ValueToCompare: "" },
    ],
  ];
  const Integrations = Array.from({ length: size }, (_, at) => ({
    Name: `integration ${at}`,
    ActionType: "Queue",
    EventId: `event${at}`,
    CookieDomain: "",
    LayoutName: null,
    Culture: "",
    ExtendCookieValidity: isExtended,
    CookieValidityMinute: 20,
    QueueDomain: "customer.queue-it.net",
    RedirectLogic: "AllowTParameter",
    ForcedTargetUrl: "",
    IsNormalizationEnabled: false,
    Triggers: [{ LogicalOperator: at % 4 === 1 ? "Or" : "And", TriggerParts: kinds[at % 4]?.(at) }],
  }));
  const whole = { Description: "", Integrations, CustomerId: customerId, AccountId: customerId, Version: 3 };
  return whole;
}

/** The page that the integration at a place protects. */
export function pageOf(at: number): string {
  const path = [`event-${at}/seats`, `tickets/${at}`, `products/sale-${at}/shoes`, "shoes/running"][at % 4];
  return `https://shop.example.com/${path}?campaign=${
    at % 4 === 3 ? at : "none"
  }&color=red&size=42&from=newsletter`;
}

/** The pages of 20 integrations, as one expression. */
export const rooms: RegExp = new RegExp(
  Array.from({ length: 5 }, (_, nth) => 4 * nth)
    .map((at) =>
      `/event-${at}/|/(?:tickets|seats)/${at + 1}\\b|/products/sale-${at + 2}/|campaign=${at + 3}&`
    )
    .join("|"),
);

/** HMAC-SHA256 in hexadecimal digits, by the platform. */
export function hmac(text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** What a session cookie says, beside the room. */
export interface SessionFields {
  readonly visitor: number;
  readonly issuedAt: number;
  readonly hip?: string;
}

/** The text that is signed, and the cookie's value as it is before percent-encoding. */
export function sessionOf(
  room: string,
  { visitor, issuedAt, hip = "" }: SessionFields,
): { readonly message: string; readonly hash: string; readonly value: string } {
  const queueId = `944c1f44-60dd-4e37-aabc-${visitor.toString(16).padStart(12, "0")}`;
  const message = `${room}${queueId}queue${issuedAt}${hip}`;
  const hash = hmac(message);
  const bound = hip === "" ? "" : `&Hip=${hip}`;
  const value =
    `EventId=${room}&QueueId=${queueId}&RedirectType=queue&IssueTime=${issuedAt}${bound}&Hash=${hash}`;
  return { message, hash, value };
}

/** Sessions of more visitors than are remembered. */
export function sessionsOf(
  room: string,
  more: Pick<SessionFields, "hip"> = {},
): Readonly<Record<"genuine" | "expired" | "forged", readonly ReturnType<typeof sessionOf>[]>> {
  const now = Math.floor(Date.now() / 1000);
  const many = (issuedAt: number) =>
    Array.from({ length: 4096 }, (_, visitor) => sessionOf(room, { visitor, issuedAt, ...more }));
  const genuine = many(now - 60);
  const forged = genuine.map(({ message, hash, value }) => {
    const other = (hash.startsWith("0") ? "1" : "0") + hash.slice(1);
    return { message, hash: other, value: value.replace(hash, other) };
  });
  return { genuine, expired: many(now - 7200), forged };
}

/** The name of a room's session cookie. */
export function cookieName(room: string): string {
  return `QueueITAccepted-SDFrts345E-V3_${room}`;
}

/** Reads what no gate can do without: the address of the page, the session and the visitor's address. Tells that there is something. */
export function readsVisitor({ url, headers }: Request): boolean {
  return url + headers.get("cookie") + headers.get("x-forwarded-for") !== "";
}

/** A request as a browser sends it, with cookies of the application around the session. */
export function requestOf(url: string, room: string, value: string): Request {
  const session = value === "" ? "" : ` ${cookieName(room)}=${encodeURIComponent(value)};`;
  return new Request(url, {
    headers: {
      "user-agent": userAgent,
      "accept-language": "en",
      "x-forwarded-for": address,
      cookie: `theme=dark;${session} basket=17`,
    },
  });
}

/** What the connector asks of its host. Its answers cost nothing here: cookies are read and decoded beforehand. */
export function connectorHost(url: string, cookies: Readonly<Record<string, string>>): object {
  const request = {
    getUserAgent: () => userAgent,
    getHeader: () => "",
    getAbsoluteUri: () => url,
    getUserHostAddress: () => address,
    getCookieValue: (name: string) => cookies[name] ?? "",
    getRequestBodyAsString: () => "",
  };
  return {
    getHttpRequest: () => request,
    getHttpResponse: () => ({ setCookie() {} }),
    getCryptoProvider: () => ({
      getSha256Hash: (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex"),
    }),
    getEnqueueTokenProvider: () => null,
  };
}
