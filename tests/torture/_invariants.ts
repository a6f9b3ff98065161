/** What holds of every answer, told without the gate's code. */

import type { Input } from "./_requests.ts";

/** The extensions that the gates under test take for static files. */
export const extensions = ["css", "js"];
/** The path that they exclude. */
export const excluded = "/payments/callback";

/** Hosts to which visitors may be sent, beside their own page. */
const rooms = [
  "wait.crowdhandler.com",
  "api.crowdhandler.com",
  "ticketania.queue-it.net",
  // Where broken debug tokens are explained.
  "ticketania.api2.queue-it.net",
  "shop.example.com",
];
const text = new TextDecoder();
/** What a header may consist of. */
const printable = /^[ -~]*$/;
/** The cookies that gates set, each with the attributes that it must have. */
const cookieLine = new RegExp(
  "^(?:" + [
    "crowdhandler=tok[\\w-]{1,124}; Path=/; Secure; HttpOnly; SameSite=Lax",
    "crowdhandler=%7B[!-:<-~]*; Path=/; Secure; SameSite=Lax",
    "crowdhandler=; Path=/; Secure(?:; HttpOnly)?; SameSite=Lax; Expires=[\\w ,:]+; Max-Age=0",
    "QueueITAccepted-SDFrts345E-V3_event1=[!-:<-~]*; Path=/(?:; Secure; HttpOnly)?; Expires=[\\w ,:]+(?:; Max-Age=0)?",
    "queueitdebug=[!-:<-~]*; Path=/; Expires=[\\w ,:]+",
    "__Host-stanchion=[\\w-]{22}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\\d+",
    "__Host-stanchion-grace=(?:[!-:<-~]+; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900|; Path=/; Secure; HttpOnly; SameSite=Lax; Expires=[\\w ,:]+; Max-Age=0)",
  ].join("|") + ")$",
);

/** Tells what is wrong with an answer of the gate itself. */
export function faultOf(input: Input, response: Response): string | undefined {
  const { status, headers } = response;
  if (!Number.isInteger(status) || status < 200 || status > 503) return `the status is ${status}`;
  if (status < 300 && !headers.has("x-queueit-redirect")) return `the answer is a ${status}`;
  if (!/no-store/.test(headers.get("cache-control") ?? "")) return "the answer may be stored";
  if (/html/i.test(headers.get("content-type") ?? "")) return "the answer is HTML";
  for (const [name, value] of headers) {
    if (!printable.test(value)) return `the header "${name}" is ${JSON.stringify(value)}`;
  }
  for (const line of headers.getSetCookie()) if (!cookieLine.test(line)) return `a cookie is ${line}`;
  const location = headers.get("location");
  if ((status === 302 || status === 303) !== (location !== null)) return `${status} goes to ${location}`;
  if (location !== null) return placeFault(input, location);
  const script = headers.get("x-queueit-redirect");
  return script === null ? undefined : placeFault(input, decodeURIComponent(script));
}

/** Tells what is wrong with a place to which a visitor is sent. */
function placeFault({ request }: Input, location: string): string | undefined {
  const place = URL.parse(location);
  if (place === null || !/^https?:\/\/[^/\\]+\//.test(location)) return `the location is ${location}`;
  const own = bare(URL.parse(request.url)?.host ?? "");
  const hosts = own === "" ? rooms : [...rooms, own];
  if (!hosts.includes(place.host)) return `the location is at ${place.host}: ${location}`;
  if (place.username !== "" || place.password !== "") return `the location has user info: ${location}`;
  // What the visitor's own page has in its query is the visitor's.
  if (!rooms.includes(place.host) || place.host.startsWith("shop")) return undefined;
  for (const name of ["url", "t", "r"]) {
    const back = place.searchParams.get(name) ?? "";
    if (back === "") continue;
    if (!hosts.includes(bare(URL.parse(back)?.host ?? ""))) return `visitors come back to ${back}`;
  }
  return undefined;
}

/** A host without the dots at its end: the same one. */
function bare(host: string): string {
  return host.replace(/\.+(?=$|:)/, "");
}

/** Tells what is wrong with the body of an answer: nothing of the visitor's may be read as anything but data. */
export function bodyFault({ method }: Input, response: Response, body: Uint8Array): string | undefined {
  const said = text.decode(body);
  if (said === "") return undefined;
  const type = response.headers.get("content-type") ?? "";
  if (method === "HEAD" && type.includes("problem")) return "a HEAD was answered with a body";
  if (type.startsWith("text/plain")) return /^[ -~\n]*$/.test(said) ? undefined : `the text is ${said}`;
  if (type !== "application/problem+json") return `the answer has the type ${type}`;
  // Parsed or thrown.
  const { waitingRoom } = JSON.parse(said) as { waitingRoom?: string };
  return waitingRoom === undefined || printable.test(waitingRoom) ? undefined : `the room is ${waitingRoom}`;
}

/** Whether a page may bypass the gate: whatever a server makes of its path, it is no protected page. */
export function mayBypass({ request }: Input): boolean {
  const { method } = request;
  const url = URL.parse(request.url);
  if (url === null) return false;
  if (method === "OPTIONS" && request.headers.get("cookie") === null) return true;
  const isFile = (path: string) =>
    extensions.some((extension) => path.toLowerCase().endsWith(`.${extension}`));
  const isBelow = (path: string) => path === excluded || path.startsWith(`${excluded}/`);
  const paths = readings(url.pathname);
  if (paths.every(isBelow)) return true;
  const asked = request.headers.get("sec-fetch-dest") ?? "";
  const isPage = asked === "document" || asked === "iframe" || asked === "frame";
  return !isPage && (method === "GET" || method === "HEAD") && paths.every(isFile);
}

/** A path as different servers read it. */
function readings(path: string): readonly string[] {
  const list = [path];
  try {
    list.push(decodeURIComponent(path));
  } catch {
    list.push(
      path.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    );
  }
  return list.flatMap((each) => {
    const slashed = each.replaceAll("\\", "/");
    const bare = slashed.replace(/;[^/]*/g, "");
    const path = bare.replace(/\/{2,}/g, "/").replace(/[?#].*$/s, "");
    const resolved = URL.parse(`http://a${path}`)?.pathname ?? path;
    return [each, slashed.replace(/[?#].*$/s, ""), bare, resolved, each.replace(/\0.*$/s, "")];
  });
}
