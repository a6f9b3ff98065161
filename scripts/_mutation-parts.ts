/** What `npm run mutate` changes, part by part, and the tests that must notice. */

/** Sources that belong together, and the test files that are to notice each change of them. */
export interface MutationPart {
  /** The word by which `npm run mutate -- <word>` chooses the part. */
  readonly name: string;
  /** Paths or globs of the sources that are changed. */
  readonly sources: readonly string[];
  /** Test files, the quick and telling ones first: the first that fails ends the run of a mutant. */
  readonly tests: readonly string[];
}

/**
 * The parts, in the order in which they matter. Left out of the tests are those that start servers, other runtimes or
 * the browser, and those that take more than some seconds.
 */
export const mutationParts: readonly MutationPart[] = [
  {
    name: "cookies",
    sources: [
      "src/http/{cookies,cookie-name}.ts",
      "src/cookie-options.ts",
      "src/tokens/cookie-lines.ts",
    ],
    tests: ["tests/src/http/cookies.test.ts", "tests/plugins/cookie-tokens.test.ts"],
  },
  {
    name: "cookie-tokens",
    sources: [
      "plugins/cookie-tokens.ts",
      "src/tokens/{cookie-store,cookie-watch}.ts",
      "src/options/cookie-scope.ts",
      "src/crypto/constant-time.ts",
      "src/crypto/memo.ts",
    ],
    tests: [
      "tests/src/options/cookie-scope.test.ts",
      "tests/src/tokens/cookie-watch.test.ts",
      "tests/src/crypto/memo.test.ts",
      "tests/src/crypto/constant-time.test.ts",
      "tests/plugins/cookie-tokens.test.ts",
      "tests/plugins/scoped-cookies.test.ts",
      "tests/plugins/queue-it/vectors.test.ts",
      "tests/plugins/crowdhandler/vectors.test.ts",
    ],
  },
  {
    name: "storage-tokens",
    sources: ["plugins/storage-tokens/{storage-tokens,items,ask-storage,options}.ts"],
    tests: [
      "tests/plugins/storage-tokens.test.ts",
      "tests/plugins/storage-tokens-faults.test.ts",
      "tests/security/sessions.test.ts",
    ],
  },
  {
    name: "queue-it-tokens",
    sources: [
      "plugins/queue-it/protocol/*.ts",
      "plugins/queue-it/validation/{check-token,cancel}.ts",
      "plugins/queue-it/{queue-tokens,application-sessions}.ts",
      "src/crypto/{signer,hmac}.ts",
    ],
    tests: [
      "tests/plugins/queue-it/session-fields.test.ts",
      "tests/plugins/queue-it/session-cookie.test.ts",
      "tests/plugins/queue-it/encode.test.ts",
      "tests/plugins/queue-it/queue-tokens.test.ts",
      "tests/plugins/queue-it/token-in-url.test.ts",
      "tests/plugins/queue-it/vectors.test.ts",
      "tests/plugins/queue-it/application-sessions.test.ts",
      "tests/plugins/queue-it/queue-it.test.ts",
      "tests/plugins/queue-it/options.test.ts",
      "tests/plugins/queue-it/queue-it-event.test.ts",
      "tests/plugins/queue-it/forgery.test.ts",
    ],
  },
  {
    name: "crowdhandler-signatures",
    sources: [
      "plugins/crowdhandler/session/*.ts",
      "plugins/crowdhandler/{modes/hybrid,modes/standings,api/check-result,values}.ts",
    ],
    tests: [
      "tests/plugins/crowdhandler/session.test.ts",
      "tests/plugins/crowdhandler/signature.test.ts",
      "tests/plugins/crowdhandler/check-result.test.ts",
      "tests/plugins/crowdhandler/standings.test.ts",
      "tests/plugins/crowdhandler/values.test.ts",
      "tests/plugins/crowdhandler/vectors.test.ts",
      "tests/plugins/crowdhandler/full.test.ts",
      "tests/plugins/crowdhandler/hybrid.test.ts",
      "tests/plugins/crowdhandler/links.test.ts",
      "tests/plugins/crowdhandler/refusal.test.ts",
      "tests/plugins/crowdhandler/hybrid-sessions.test.ts",
      "tests/plugins/crowdhandler/hybrid-sessions.test.ts",
      "tests/plugins/crowdhandler/links.test.ts",
      "tests/plugins/crowdhandler/rooms.test.ts",
      "tests/plugins/crowdhandler/lite.test.ts",
      "tests/plugins/crowdhandler/passive.test.ts",
      "tests/plugins/crowdhandler/checkout.test.ts",
      "tests/plugins/crowdhandler/performance.test.ts",
      "tests/plugins/crowdhandler/failure.test.ts",
      "tests/plugins/crowdhandler/hostile.test.ts",
    ],
  },
  {
    name: "urls",
    sources: [
      "src/url/*.ts",
      "src/http/file-request.ts",
      "plugins/{static-files,client-ip}.ts",
      "src/pipeline/request-context.ts",
    ],
    tests: [
      "tests/src/url/plain-path.test.ts",
      "tests/src/url/public-hosts.test.ts",
      "tests/src/url/host-name.test.ts",
      "tests/src/url/ip-address.test.ts",
      "tests/src/url/readings.test.ts",
      "tests/src/url/request-url.test.ts",
      "tests/src/url/forwarded-origin.test.ts",
      "tests/src/http/file-request.test.ts",
      "tests/src/gate-url.test.ts",
      "tests/src/context.test.ts",
      "tests/plugins/static-files.test.ts",
      "tests/plugins/client-ip.test.ts",
      "tests/plugins/decision-log.test.ts",
    ],
  },
  {
    name: "grace",
    sources: ["plugins/grace/grace.ts", "plugins/grace/cookie.ts", "plugins/grace/options.ts"],
    tests: ["tests/plugins/grace.test.ts"],
  },
  {
    name: "triggers-matching",
    sources: [
      "src/triggers/{strict,engine,compile,condition,operand-forms,facts,request-source,target}.ts",
    ],
    tests: [
      "tests/src/triggers/spellings.test.ts",
      "tests/src/triggers/operand-forms.test.ts",
      "tests/src/triggers/facts.test.ts",
      "tests/src/triggers/matcher.test.ts",
      "tests/src/triggers/vectors.test.ts",
      "tests/src/triggers/rules.test.ts",
      "tests/plugins/triggers.test.ts",
      "tests/src/triggers/strict.test.ts",
      "tests/src/triggers/pages.test.ts",
      "tests/src/triggers/index.test.ts",
    ],
  },
  {
    name: "triggers-index",
    sources: ["src/triggers/{automaton,build-index,probe,page-memo}.ts"],
    tests: [
      "tests/src/triggers/matcher.test.ts",
      "tests/src/triggers/pages.test.ts",
      "tests/src/triggers/vectors.test.ts",
      "tests/src/triggers/reports.test.ts",
      "tests/src/triggers/index.test.ts",
    ],
  },
  {
    name: "triggers-reading",
    sources: ["src/triggers/*.ts", "plugins/triggers.ts"],
    tests: [
      "tests/src/triggers/rules.test.ts",
      "tests/src/triggers/integrations.test.ts",
      "tests/src/triggers/matcher.test.ts",
      "tests/src/triggers/reports.test.ts",
      "tests/src/triggers/vectors.test.ts",
      "tests/src/triggers/spellings.test.ts",
      "tests/plugins/triggers.test.ts",
    ],
  },
  {
    name: "patterns",
    sources: ["src/patterns/*.ts"],
    tests: ["tests/src/patterns/syntax.test.ts", "tests/src/patterns/linear-pattern.test.ts"],
  },
  {
    name: "body-views",
    sources: [
      "src/http/{body-views,json-view,byte-writer,charset,form-encoding}.ts",
      "src/http/{field-names,field-notations,json-fields,json-number,multipart}.ts",
    ],
    tests: [
      "tests/src/http/body-views.test.ts",
      "tests/src/http/body-forms.test.ts",
      "tests/src/http/body-oracles.test.ts",
      "tests/src/http/byte-writer.test.ts",
      "tests/src/http/charset.test.ts",
      "tests/src/http/json-view.test.ts",
      "tests/plugins/body-trigger.test.ts",
    ],
  },
  {
    name: "async",
    sources: ["src/async/{deadline,loop,traffic,maybe-promise}.ts", "src/pipeline/hook-time.ts"],
    tests: [
      "tests/src/async/deadline.test.ts",
      "tests/src/gate-hook-time.test.ts",
      "tests/plugins/time-limits.test.ts",
      "tests/plugins/bulkhead.test.ts",
      "tests/plugins/circuit-breaker.test.ts",
    ],
  },
  {
    name: "pipeline",
    sources: [
      "src/*.ts",
      "src/pipeline/*.ts",
      "src/options/{check,check-provider,edit-distance,printable-name}.ts",
    ],
    tests: [
      "tests/src/gate-pipeline.test.ts",
      "tests/src/gate-options.test.ts",
      "tests/src/gate-failures.test.ts",
      "tests/src/gate-headers.test.ts",
      "tests/src/gate-mode.test.ts",
      "tests/src/gate-next.test.ts",
      "tests/src/gate-sync.test.ts",
      "tests/src/answer.test.ts",
      "tests/src/gate-application.test.ts",
      "tests/src/gate-settled.test.ts",
      "tests/src/context.test.ts",
      "tests/src/outcome.test.ts",
      "tests/src/errors.test.ts",
      "tests/src/explain.test.ts",
      "tests/src/platform.test.ts",
      "tests/src/report.test.ts",
      "tests/src/options/check.test.ts",
      "tests/plugins/storage-tokens-faults.test.ts",
      "tests/plugins/failure-policy.test.ts",
      "tests/plugins/circuit-breaker.test.ts",
      "tests/plugins/mode-switch.test.ts",
    ],
  },
  {
    name: "refresher",
    sources: ["src/async/refresher.ts", "src/async/schedule.ts"],
    tests: [
      "tests/src/async/refresher.test.ts",
      "tests/plugins/mode-switch.test.ts",
      "tests/plugins/queue-it/sources.test.ts",
    ],
  },
  {
    name: "texts",
    sources: ["src/http/{read-text,body,json-body}.ts"],
    tests: [
      "tests/src/http/read-text.test.ts",
      "tests/plugins/request-body.test.ts",
      "tests/plugins/operations.test.ts",
    ],
  },
  {
    name: "bearer",
    sources: ["plugins/operations/bearer.ts"],
    tests: ["tests/plugins/operations/bearer.test.ts", "tests/plugins/operations.test.ts"],
  },
  {
    name: "guards",
    sources: [
      "plugins/{bulkhead,failover}.ts",
      "plugins/circuit-breaker/{circuit-breaker,breaker}.ts",
      "plugins/failure-policy/{failure-policy,outages}.ts",
      "src/options/check-codes.ts",
    ],
    tests: [
      "tests/plugins/failure-policy.test.ts",
      "tests/plugins/outages.test.ts",
      "tests/plugins/circuit-breaker.test.ts",
      "tests/plugins/bulkhead.test.ts",
      "tests/plugins/failover.test.ts",
      "tests/plugins/crowd.test.ts",
      "tests/plugins/time-limits.test.ts",
    ],
  },
  {
    name: "queue-it-provider",
    sources: [
      "plugins/queue-it/{queue-it,queue-it-event,provider,page-visit,check-options}.ts",
      "plugins/queue-it/validation/{validate,queue,session-state,diagnostics,locations,connector,visit}.ts",
      "plugins/queue-it/configuration/{action,settings,describe-action}.ts",
      "src/options/check-secrets.ts",
    ],
    tests: [
      "tests/plugins/queue-it/queue-it.test.ts",
      "tests/plugins/queue-it/vectors.test.ts",
      "tests/plugins/queue-it/options.test.ts",
      "tests/plugins/queue-it/configuration.test.ts",
      "tests/plugins/queue-it/queue-it-event.test.ts",
      "tests/plugins/queue-it/foreign-tokens.test.ts",
    ],
  },
  {
    name: "queue-it-sources",
    sources: [
      "plugins/queue-it/sources/*.ts",
      "plugins/queue-it/configuration/{configuration,read-integration,check-settings}.ts",
      "src/async/{refresher,schedule}.ts",
    ],
    tests: [
      "tests/plugins/queue-it/sources.test.ts",
      "tests/plugins/queue-it/configuration.test.ts",
      "tests/plugins/queue-it/push-endpoint.test.ts",
      "tests/plugins/queue-it/options.test.ts",
    ],
  },
  {
    name: "crowdhandler-provider",
    sources: [
      "plugins/crowdhandler/{crowdhandler,check-options,page-url,visit}.ts",
      "plugins/crowdhandler/modes/{check,full,page-request,stored-token,locations}.ts",
      "plugins/crowdhandler/api/{client,refusal,visitor-facts}.ts",
      "plugins/crowdhandler/rooms/*.ts",
      "src/http/fetch-service.ts",
      "src/options/{warn-once,check-hosts}.ts",
    ],
    tests: [
      "tests/plugins/crowdhandler/page-url.test.ts",
      "tests/plugins/crowdhandler/feed.test.ts",
      "tests/plugins/crowdhandler/client.test.ts",
      "tests/plugins/crowdhandler/refusal-kinds.test.ts",
      "tests/src/http/fetch-service.test.ts",
      "tests/plugins/crowdhandler/full.test.ts",
      "tests/plugins/crowdhandler/rooms.test.ts",
      "tests/plugins/crowdhandler/lite.test.ts",
      "tests/plugins/crowdhandler/options.test.ts",
      "tests/plugins/crowdhandler/links.test.ts",
      "tests/plugins/crowdhandler/refusal.test.ts",
      "tests/plugins/crowdhandler/passive.test.ts",
      "tests/plugins/crowdhandler/checkout.test.ts",
      "tests/plugins/crowdhandler/performance.test.ts",
      "tests/plugins/crowdhandler/vectors.test.ts",
      "tests/plugins/crowdhandler/guards.test.ts",
      "tests/plugins/crowdhandler/failure.test.ts",
      "tests/plugins/crowdhandler/foreign-tokens.test.ts",
    ],
  },
];
