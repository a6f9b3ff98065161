import { clientIp } from "../plugins/client-ip.ts";
import { failClosed } from "../plugins/failure-policy/mod.ts";
import {
  type PlainExplanation,
  plainExplanation,
  withoutValues,
} from "../src/telemetry/plain-explanation.ts";
import { triggerFacts } from "../plugins/queue-it/configuration/mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import { createGate } from "../src/gate.ts";
import { factsOf, type RequestFacts } from "../src/triggers/facts.ts";
import { compileIntegrations } from "../src/triggers/integrations.ts";
import { UsageError } from "./arguments.ts";
import type { ExplainCommand, Reading } from "./command.ts";
import { customerOf, integrationsOf, memberOf } from "./findings.ts";

/** A part of a trigger, and whether it holds. */
export interface PartView {
  readonly says: string;
  readonly holds: boolean;
}

/** An integration, and what became of it. */
export interface IntegrationView {
  readonly integration: number;
  readonly name: string;
  readonly action: string;
  /** `matches`: it decides. `no`: none of its triggers holds. `later`: an earlier one decides. `skipped`: it has faults. */
  readonly outcome: "matches" | "no" | "later" | "skipped";
  readonly triggers: readonly {
    readonly operator: "And" | "Or";
    readonly holds: boolean;
    readonly parts: readonly PartView[];
  }[];
}

/** What would be done with a request, and why. */
export interface Explained extends PlainExplanation {
  readonly request: { readonly method: string; readonly url: string };
  readonly version: unknown;
  readonly integrations: readonly IntegrationView[];
  /** What the answer rests upon that may be otherwise in the real gate. */
  readonly remarks: readonly string[];
}

/** Which request is explained, and how the configuration is read. */
export type Asked =
  & Omit<Reading, "config" | "json">
  & Pick<ExplainCommand, "url" | "method" | "headers" | "address">;

/** What the files of an explanation hold. */
export interface ExplainFiles {
  readonly configuration: unknown;
  /** The places of the integrations that have faults, so that the provider passes them over. */
  readonly skipped: ReadonlySet<number>;
  readonly secretKey: string | undefined;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** The time in Unix milliseconds, where it is not that of the machine. */
  readonly now?: () => number;
}

/** Explains a request by a gate with Queue-it's provider alone. The request is not sent anywhere. */
export async function explain(command: Asked, files: ExplainFiles): Promise<Explained> {
  const { configuration, secretKey } = files;
  const { profile, hostNameWithoutPort, missingActionType, address } = command;
  const request = requestOf(command, files.body);
  const customerId = customerOf(configuration, command);
  const remarks: string[] = [];
  if (secretKey === undefined) {
    remarks.push("Without the secret key, tokens and sessions count as forged: give --secret-key-file");
  }
  if (customerId === undefined) {
    remarks.push('Without the customer\'s id, "c" in the location is made up: give --customer-id');
  }
  if ((files.body?.length ?? 0) > 65_536) {
    remarks.push("Of a body, 65536 bytes are read unless requestBody() says otherwise");
  }
  const gate = createGate({
    ...(files.now !== undefined && { now: files.now }),
    plugins: [
      clientIp(),
      failClosed(),
      queueIt({
        customerId: customerId ?? "customer",
        secretKeys: [secretKey ?? crypto.randomUUID()],
        // The compiler looked at its shape.
        integrationConfig: configuration as object,
        profile,
        hostNameWithoutPort,
        missingActionType,
        // Nobody is asked while a gate explains; without it the gate could not explain what it would ask for.
        verifyAction: () => true,
        onConfiguration: () => {},
      }),
    ],
  });
  const platform = address === undefined ? [] : [{ remoteAddr: { hostname: address } }];
  const explanation = await gate.explain(request.clone(), ...platform);
  const plain = plainExplanation(explanation, request);
  const facts = triggerFacts(request);
  const body = files.body === undefined ? "" : new TextDecoder().decode(files.body);
  const integrations = viewsOf(files, command, facts, body);
  const matched = integrations.find(({ outcome }) => outcome === "matches")?.integration ?? -1;
  if (memberOf(integrationsOf(configuration)[matched], "VerifyQueueIdEnabled") === true) {
    remarks.push(
      "The integration limits the use of queue ids: the gate needs verifyAction, or it fails for who has a token",
    );
  }
  return {
    request: { method: request.method, url: withoutValues(request.url) },
    version: memberOf(configuration, "Version"),
    integrations,
    ...plain,
    remarks,
  };
}

function requestOf({ url, method, headers }: Asked, body: ExplainFiles["body"]): Request {
  const name = method ?? (body === undefined ? "GET" : "POST");
  if (body !== undefined && /^(?:GET|HEAD)$/i.test(name)) {
    throw new UsageError(`There is no such request: ${name} has no body`);
  }
  try {
    const init = { method: name, headers: new Headers(headers.map(([...pair]) => pair)), body: body ?? null };
    const request = new Request(url, init);
    // Some platforms take a method that they do not know for GET.
    if (request.method.toUpperCase() === name.toUpperCase()) return request;
  } catch {
    // The same.
  }
  throw new UsageError(
    `There is no such request: nobody can ask with the method ${JSON.stringify(name)} here`,
  );
}

function viewsOf(
  { configuration, skipped }: ExplainFiles,
  { profile, hostNameWithoutPort, missingActionType }: Asked,
  facts: RequestFacts,
  body: string,
): readonly IntegrationView[] {
  const list = integrationsOf(configuration);
  const compile = (Integrations: readonly unknown[], protects: (integration: number) => boolean) =>
    compileIntegrations({ Integrations }, { normalization: profile === "v5", hostNameWithoutPort, protects });
  const isQueue = (integration: number) => {
    const action = textOf(memberOf(list[integration], "ActionType"));
    return action === "Queue" || (action === "" && missingActionType === "queue");
  };
  const whole = compile(list.map((entry, at) => skipped.has(at) ? { Triggers: [] } : entry), isQueue).match(
    facts,
    body,
  );
  const decided = typeof whole === "object" ? whole.integration : undefined;

  /** Whether a part of an integration holds: what protects by any form of the URL, what exempts by all. */
  function holds(integration: number, Triggers: readonly unknown[]): boolean {
    const protects = isQueue(integration);
    const alone = compile([{ ...Object(list[integration]), Triggers }], () => protects);
    const isMet = (each: RequestFacts) => typeof alone.match(each, body) === "object";
    return protects || integration === decided ? isMet(facts) : facts.readings.map(exactly).every(isMet);
  }

  /** The facts by one form of the URL alone. */
  function exactly(url: string): RequestFacts {
    const { source } = facts;
    return factsOf({ url, header: (name) => source.header(name), cookie: (name) => source.cookie(name) });
  }

  return list.map((entry, integration) => ({
    integration,
    name: textOf(memberOf(entry, "Name")),
    action: textOf(memberOf(entry, "ActionType")),
    outcome: outcomeOf(integration, decided, skipped),
    triggers: listOf(memberOf(entry, "Triggers")).map((trigger) => ({
      operator: memberOf(trigger, "LogicalOperator") === "Or" ? "Or" as const : "And" as const,
      holds: holds(integration, [trigger]),
      parts: listOf(memberOf(trigger, "TriggerParts")).map((part) => ({
        says: inWords(part),
        holds: holds(integration, [{ LogicalOperator: "And", TriggerParts: [part] }]),
      })),
    })),
  }));
}

function outcomeOf(
  integration: number,
  decided: number | undefined,
  skipped: ReadonlySet<number>,
): IntegrationView["outcome"] {
  if (skipped.has(integration)) return "skipped";
  if (integration === decided) return "matches";
  return decided === undefined || integration < decided ? "no" : "later";
}

function inWords(part: unknown): string {
  const text = (name: string) => textOf(memberOf(part, name));
  const validator = text("ValidatorType");
  const subject = [text("UrlPart"), text("CookieName"), text("HttpHeaderName")].find((name) => name !== "");
  const values = memberOf(part, "ValuesToCompare");
  const several = /Any$/.test(text("Operator"));
  const operand = several
    ? listOf(values).map((each) => JSON.stringify(each)).join(", ")
    : JSON.stringify(memberOf(part, "ValueToCompare") ?? "");
  return [
    validator || "(no validator)",
    subject,
    memberOf(part, "IsNegative") ? "not" : undefined,
    text("Operator") || "(no operator)",
    operand,
    memberOf(part, "IsIgnoreCase") ? "(in any case)" : undefined,
  ].filter((word) => word !== undefined).join(" ").slice(0, 300);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
