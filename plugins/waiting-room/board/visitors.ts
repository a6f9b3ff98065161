import { withDeadline } from "../../../src/async/deadline.ts";
import { isPrintableName } from "../../../src/options/printable-name.ts";
import { requestUrl } from "../../../src/url/request-url.ts";
import { isOwnPost } from "../tickets/mod.ts";
import type { BoardAuth, BoardEvent, BoardOptions } from "./options.ts";
import { createSignIn, type Known, type SignIn } from "./sign-in.ts";
import { createTries } from "./tries.ts";

/** How long a function of the owner may take to tell who asks, in milliseconds. */
const askMs = 5000;

/** Why somebody is refused, and the status that says so. */
export interface Refused {
  readonly status: 401 | 403 | 429;
  readonly why: NonNullable<BoardEvent["why"]>;
}

/** A request, and from where it comes. */
export interface Call {
  readonly request: Request;
  readonly address: string | undefined;
}

/** Tells who comes to the board. */
export interface Visitors {
  /** Who asks, or why nobody who may. `undefined` where they have yet to say who they are. */
  know(call: Call): Known | Refused | undefined | Promise<Known | Refused | undefined>;
  /** Whether a call that changes something comes from the board itself, or from a program. */
  isOwn(call: Call, known: Known | undefined): boolean;
  /** Signs somebody in: the cookie. */
  enter(call: Call, name: string, secret: string): string | Refused;
  /** Whether people sign in here. */
  readonly signsIn: boolean;
}

/** Makes what tells who comes. */
export function createVisitors(
  { auth, now = Date.now, sessionHours = 12 }: BoardOptions,
  path: string,
): Visitors {
  const signIn = typeof auth === "function" ? undefined : createSignIn(auth, path, sessionHours * 3_600_000);
  const tries = createTries(now);

  function bySecret({ request, address }: Call, signIn: SignIn): Known | Refused | undefined {
    const session = signIn.session(request, now());
    if (session !== undefined) return session;
    // Whoever tried too often is not told whether this one would have been right.
    if (request.headers.has("authorization") && !tries.mayTry(address)) return tooMany;
    const program = signIn.program(request);
    if (program === "wrong") {
      tries.failed(address);
      return wrongSecret;
    }
    if (program !== undefined) tries.succeeded(address);
    return program;
  }

  return {
    signsIn: signIn !== undefined,
    know: (call) => signIn === undefined ? askOwner(auth, call.request) : bySecret(call, signIn),
    isOwn: ({ request }, known) =>
      known?.isProgram === true || isOwnPost({ request, href: requestUrl(request) ?? "" }),
    enter({ request, address }, name, secret) {
      if (!tries.mayTry(address)) return tooMany;
      const entered = signIn?.enter(name, secret, isSecure(request), now());
      if (entered === undefined) tries.failed(address);
      else tries.succeeded(address);
      return entered ?? wrongSecret;
    },
  };
}

const tooMany: Refused = { status: 429, why: "too-many-tries" };
const wrongSecret: Refused = { status: 401, why: "wrong-secret" };

/** Whether the browser sees the page encrypted: it says so itself, whatever stands between. */
export function isSecure(request: Request): boolean {
  return /^https:/i.test(request.headers.get("origin") ?? "") || /^https:/i.test(request.url);
}

async function askOwner(auth: BoardAuth, request: Request): Promise<Known | Refused | undefined> {
  if (typeof auth !== "function") return undefined;
  try {
    const told = await withDeadline((async () => await auth(request))(), askMs, "auth");
    if (told === undefined) return undefined;
    const { name, mayChange } = typeof told === "string" ? { name: told, mayChange: true } : told;
    if (typeof name !== "string" || !isPrintableName(name)) return authFailed;
    return { name, mayChange: mayChange === true, isProgram: false };
  } catch {
    return authFailed;
  }
}

const authFailed: Refused = { status: 403, why: "auth-failed" };
