import { chain, isPromise, leave } from "../../../src/async/maybe-promise.ts";
import { ServiceError } from "../../../src/errors.ts";
import type { BodyText } from "../../../src/context.ts";
import type { RequestFacts } from "../../../src/triggers/facts.ts";
import { bodyForms } from "../../../src/http/body-views.ts";
import type { TriggerMatch } from "../../../src/triggers/matcher.ts";
import {
  type Action,
  type CancelAction,
  type Configuration,
  fieldNames,
  type QueueAction,
} from "../configuration/mod.ts";
import { decideCancel } from "./cancel.ts";
import type { Connector } from "./connector.ts";
import { type Validation, validationOf, type Visit } from "./visit.ts";
import { diagnose, noteAction, noteMatch, noteRequest } from "./diagnostics.ts";
import { decideQueue } from "./queue.ts";

/** Decides by a configuration. It is a value unless the body, the sessions or a service have to be waited for. */
export function validateByConfiguration(
  connector: Connector,
  configuration: Configuration,
  visit: Visit,
  facts: RequestFacts,
  body: () => BodyText | Promise<BodyText>,
): Validation | Promise<Validation> {
  const diagnosis = diagnose(connector, visit);
  if (diagnosis !== undefined) {
    if ("location" in diagnosis) return validationOf("diagnostics", diagnosis.location);
    visit.diagnostics = diagnosis.diagnostics;
    noteRequest(connector, visit, String(configuration.version));
  }
  const match = configuration.matcher.match(facts);
  if (match !== "needs-body") return follow(connector, configuration, visit, match);
  return chain(
    body(),
    (read) => follow(connector, configuration, visit, matchWith(configuration, facts, read)),
  );
}

/**
 * The match of a request with a body. What leads to the queue is found in any form of the body, everything else in the body
 * as it was sent, which is what the service's own connectors compare.
 */
function matchWith(
  { matcher, protects }: Configuration,
  facts: RequestFacts,
  { text, complete }: BodyText,
): TriggerMatch | undefined {
  let sent: TriggerMatch | undefined;
  // A body that is too long, too slow or compressed says nothing: a visitor could hide what leads to the queue.
  for (const form of complete ? bodyForms(text) : [undefined]) {
    const match = matcher.match(facts, form, protects);
    // There is nothing left to ask for.
    if (match === undefined || match === "needs-body") continue;
    if (protects(match.integration)) return match;
    if (form?.text === text || !complete) sent ??= match;
  }
  return sent;
}

/** Decides by an action that is fixed in code. */
export function validateByAction(
  connector: Connector,
  action: Action,
  visit: Visit,
): Validation | Promise<Validation> {
  const diagnosis = diagnose(connector, visit);
  if (diagnosis !== undefined) {
    if ("location" in diagnosis) return validationOf("diagnostics", diagnosis.location);
    visit.diagnostics = diagnosis.diagnostics;
    noteAction(connector, visit, action);
  }
  return act(connector, action, visit);
}

function follow(
  connector: Connector,
  configuration: Configuration,
  visit: Visit,
  match: TriggerMatch | undefined,
): Validation | Promise<Validation> {
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
  if (action === undefined) return validationOf("no-match", "");
  return act(connector, action, visit);
}

function act(connector: Connector, action: Action, visit: Visit): Validation | Promise<Validation> {
  visit.action = action;
  if (action.kind === "ignore") return validationOf("ignored", "");
  const cookies = cookiesOf(action.rooms, visit);
  return chain(cookies, (cookies) => judge(connector, action, visit, cookies));
}

function judge(
  connector: Connector,
  action: QueueAction | CancelAction,
  visit: Visit,
  cookies: readonly string[],
): Validation | Promise<Validation> {
  visit.cookies = cookies;
  return action.kind === "queue"
    ? decideQueue(connector, action, visit)
    : decideCancel(connector, action, visit);
}

/** Reads the session cookies of all rooms; it waits only for a store that makes it wait. */
export function cookiesOf(
  rooms: readonly { readonly cookieName: string }[],
  visit: Visit,
): readonly string[] | Promise<readonly string[]> {
  const values: string[] = new Array(rooms.length);
  for (let at = 0; at < rooms.length; at++) {
    const value = visit.read(rooms[at]?.cookieName ?? "");
    if (isPromise(value)) return laterCookies(rooms, visit, values.slice(0, at), value);
    values[at] = value ?? "";
  }
  return values;
}

async function laterCookies(
  rooms: readonly { readonly cookieName: string }[],
  visit: Visit,
  values: readonly string[],
  first: Promise<string | undefined>,
): Promise<readonly string[]> {
  // Should another one throw at once, nobody else would look after the first.
  leave(first);
  const others = rooms.slice(values.length + 1).map((room) => visit.read(room.cookieName));
  return [...values, ...(await Promise.all([first, ...others])).map((value) => value ?? "")];
}
