/** Where each page stands in the navigation: by who reads it. */

/** A part of the navigation. */
export interface Group {
  readonly title: string;
  /** Pages by their file: from `docs/`, or from the root where it begins with a slash, or from `site/pages/` with `~/`. */
  readonly pages: readonly string[];
}

/** The pages by reader. Those of the plugins and of the API follow by themselves. */
export const navigation: readonly Group[] = [
  {
    title: "Start",
    pages: [
      "/README.md",
      "README.md",
      "concepts.md",
      "~/playground.md",
      "sandbox.md",
      "write-a-plugin.md",
      "write-a-provider.md",
      "troubleshooting.md",
    ],
  },
  {
    title: "Our own waiting room",
    pages: [
      "waiting-room.md",
      "~/simulation.md",
      "waiting-page.md",
      "board.md",
      "webhooks.md",
      "fairness.md",
      "lottery.md",
      "waiting-room-redis.md",
    ],
  },
  {
    title: "Hosted providers",
    pages: [
      "crowdhandler.md",
      "crowdhandler-requirements.md",
      "queue-it.md",
      "migration/crowdhandler-sdk.md",
      "migration/queue-it-javascript.md",
      "migration/queue-it-python.md",
    ],
  },
  {
    title: "In front of what you have",
    pages: [
      "gateway.md",
      "gateway-requirements.md",
      "frameworks.md",
      "frameworks-requirements.md",
      "proxies.md",
      "clients.md",
      "graphql.md",
      "never-comes-back.md",
      "urls.md",
    ],
  },
  {
    title: "Operations",
    pages: [
      "operations.md",
      "cli.md",
      "reliability.md",
      "security.md",
      "/bench/RESULTS.md",
    ],
  },
  {
    title: "The project",
    pages: [
      "architecture.md",
      "/CHANGELOG.md",
      "/CONTRIBUTING.md",
      "/SECURITY.md",
      "/bench/NOTES.md",
    ],
  },
];
