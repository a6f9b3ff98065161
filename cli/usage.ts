/** The text of `--help`. */
export const usage: string = `Usage: stanchion <command> [options]

  stanchion explain --config <file> --url <url> [options]
      Tells what a gate with Queue-it's integration configuration would do with a request, and why.
  stanchion check --config <file> [options]
      Finds faults of an integration configuration, and rules that do not do what they seem to.

Both
  -c, --config <file>          The integration configuration, as JSON; - reads it from the standard input
      --customer-id <id>       The customer's id, where the configuration does not say it
      --profile <v5|v3>        Which connectors are followed where they differ (default v5)
      --missing-action <word>  What an integration without an ActionType does: ignore or queue (default ignore)
      --host-name-without-port Whether the HostName of triggers is the host alone
      --json                   Prints JSON

explain
      --url <url>              The page that is asked for, with its token if there is one
  -X, --method <method>        Its method (default GET, with --body POST)
  -H, --header <name: value>   A header, repeatable
  -b, --cookie <name=value>    A cookie, repeatable
      --body <file>            The body
      --address <ip>           The visitor's address
      --secret-key-file <file> The secret key that signs tokens and sessions; or STANCHION_SECRET_KEY in the environment

check
      --strict                 Fails for notes as well

  -h, --help                   This text
  -v, --version                The version

Exit codes: 0 all is well, 1 faults or findings, 2 wrong use

  curl -H 'api-key: …' https://example.queue-it.net/status/integrationconfig/secure/example | stanchion check -c -
  stanchion explain -c integrationconfig.json --url 'https://shop.example.com/tickets' -b 'a=1'`;
