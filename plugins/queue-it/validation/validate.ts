import { chain } from "../../../src/async/maybe-promise.ts";
import { ServiceError } from "../../../src/errors.ts";
import type { BodyText } from "../../request-body.ts";
import type { Facts } from "../../../src/triggers/facts.ts";
import type { TriggerMatch } from "../../../src/triggers/matcher.ts";
import {
  type Action,
  type CancelAction,
  type Configuration,
  fieldNames,
  type QueueAction,
} from "../configuration/mod.ts";
import { decideCancel } from "./cancel.ts";
import type { Core, Request, Verdict, Visit } from "./connector.ts";
import { diagnose, noteAction, noteMatch, noteRequest } from "./diagnostics.ts";
import { decideQueue } from "./queue.ts";

/** Decides by a configuration. It is a value unless the body, the sessions or a service have to be waited for. */
export function consultConfiguration(
  core: Core,
  configuration: Configuration,
  visit: Visit,
  facts: Facts,
  body: () => BodyText | Promise<BodyText>,
): Verdict | Promise<Verdict> {
  const diagnosis = diagnose(core, visit);
  if (diagnosis !== undefined) {
    if ("location" in diagnosis) return outcome("diagnostics", diagnosis.location);
    visit.findings = diagnosis.findings;
    noteRequest(core, visit, String(configuration.version));
  }
  const match = configuration.matcher.match(facts);
  if (match !== "needs-body") return follow(core, configuration, visit, match);
  const { matcher, actions } = configuration;
  return chain(body(), ({ text, complete }) => {
    // A body that is too long, too slow or compressed says nothing: a visitor could hide what leads to the queue.
    const found = complete
      ? matcher.match(facts, text)
      : matcher.match(facts, undefined, (integration) => actions[integration]?.kind === "queue");
    // There is nothing left to ask for.
    return follow(core, configuration, visit, found === "needs-body" ? undefined : found);
  });
}

/** Decides by an action that is fixed in code. */
export function consultAction(core: Core, action: Action, visit: Visit): Verdict | Promise<Verdict> {
  const diagnosis = diagnose(core, visit);
  if (diagnosis !== undefined) {
    if ("location" in diagnosis) return outcome("diagnostics", diagnosis.location);
    visit.findings = diagnosis.findings;
    noteAction(core, visit, action);
  }
  return act(core, action, visit);
}

function follow(
  core: Core,
  configuration: Configuration,
  visit: Visit,
  match: TriggerMatch | undefined,
): Verdict | Promise<Verdict> {
  visit.match = match;
  const action = match === undefined ? undefined : configuration.actions[match.integration];
  if (action?.kind === "unusable") {
    const { name, fault } = action;
    throw new ServiceError(
      "malformed",
      `The integration ${JSON.stringify(name)} cannot be used: ${
        fieldNames[fault.field]
      } must be ${fault.must}`,
    );
  }
  noteMatch(visit, action);
  if (action === undefined) return outcome("no-match", "");
  return act(core, action, visit);
}

function act(core: Core, action: Action, visit: Visit): Verdict | Promise<Verdict> {
  visit.action = action;
  if (action.kind === "ignore") return outcome("ignored", "");
  const cookies = cookiesOf(action.rooms, visit);
  if (cookies instanceof Promise) return cookies.then((cookies) => judge(core, action, visit, cookies));
  return judge(core, action, visit, cookies);
}

function judge(
  core: Core,
  action: QueueAction | CancelAction,
  visit: Visit,
  cookies: readonly string[],
): Verdict | Promise<Verdict> {
  visit.cookies = cookies;
  return action.kind === "queue" ? decideQueue(core, action, visit) : decideCancel(core, action, visit);
}

/** Reads the session cookies of all rooms; it waits only for a store that makes it wait. */
export function cookiesOf(
  rooms: readonly { readonly cookieName: string }[],
  visit: Request,
): readonly string[] | Promise<readonly string[]> {
  const values: string[] = [];
  for (let at = 0; at < rooms.length; at++) {
    const value = visit.read(rooms[at]?.cookieName ?? "");
    if (value instanceof Promise) return laterCookies(rooms, visit, values, value);
    values.push(value ?? "");
  }
  return values;
}

async function laterCookies(
  rooms: readonly { readonly cookieName: string }[],
  visit: Request,
  values: readonly string[],
  first: Promise<string | undefined>,
): Promise<readonly string[]> {
  const others = rooms.slice(values.length + 1).map((room) => visit.read(room.cookieName));
  return [...values, ...(await Promise.all([first, ...others])).map((value) => value ?? "")];
}

function outcome(word: Verdict["word"], location: string): Verdict {
  return { word, queueId: undefined, redirectType: undefined, location };
}
