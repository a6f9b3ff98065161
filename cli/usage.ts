/** The text of `--help`. */
export const usage: string = `Usage: stanchion <command> [options]

  stanchion explain --config <file> --url <url> [options]
      Tells what a gate with Queue-it's integration configuration would do with a request, and why.
  stanchion check --config <file> [options]
      Finds faults of an integration configuration, and rules that do not do what they seem to.
  stanchion doctor <crowdhandler|queue-it> --url <url> [options]
      Asks the service with your keys: the way to it, keys, clock, which room or integration covers the page, and what visitors get.
  stanchion simulate [options]
      Tries an on-sale behind waitingRoom(): how long it takes, what the store has to do, and whether all that is promised holds.
  stanchion lottery verify --from <address or file> [options]
      Computes the order of a room's lottery again from what was published, and tells whether it is right.
  stanchion rooms [what] [room] [value] [options]
      Tells what the rooms of a board are like, and changes them: pause, resume, rate, capacity, open, note, drain, sold-out, close.
  stanchion serve --to <url> --rate <number> --capacity <number> [options]
      Puts a waiting room in front of any site, as a reverse proxy.

explain and check
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

doctor
      --url <url>              The page that visitors ask for
      --visit                  Asks what visitors would get, which opens places in line; without it none is opened
      --token <token>          A visitor's token (ch-id, queueittoken); better in a file: --token-file <file>
      --address <ip>           The address of the connection to your server
      --trusted-proxies <list> How many proxies stand before it, or their addresses and CIDRs with commas between
      --address-header <name>  The header that they write (default x-forwarded-for)
  -H, --header, -b, --cookie   As for explain
      --api-url <url>          Where the service is, such as that of a sandbox: http://127.0.0.1:4000
      --timeout-ms <number>    How long one answer may take (default 5000)
      --json                   Prints JSON
    crowdhandler
      --public-key <key>       The public key; or --public-key-file <file>, or STANCHION_PUBLIC_KEY
      --private-key-file <file> The private key of hybrid mode; or STANCHION_PRIVATE_KEY
      --auth <way>             How the public key is sent: x-api-key or basic (default x-api-key)
      --waiting-room-url <url> Where the rooms are (default https://wait.crowdhandler.com)
    queue-it
      --customer-id <id>       The customer's id
      --secret-key-file <file> The secret key that signs tokens; or STANCHION_SECRET_KEY
      --api-key-file <file>    The key of the configuration's endpoint; or STANCHION_API_KEY
  -c, --config <file|url>      The integration configuration, where the service is not to be asked for it, or to be compared
      --profile, --missing-action, --host-name-without-port   As for explain
    Keys are better taken from the environment or from files. --private-key, --secret-key and --api-key exist as well, with a
    warning: others see arguments in the list of processes, and the shell keeps them. No key and no token is ever printed.

simulate
      --people <number>        How many come (default 100000)
      --within <minutes>       Within which time they come (default 0: all of them are there at the opening)
      --rate <number>          How many are let in a minute (default 600, with --capacity the larger of that and 60)
      --capacity <number>      How many may be inside at once (default no limit)
      --stay <percent>         How many are still there at their turn (default 60)
      --hidden <percent>       How many of those have the page in a hidden tab (default 25)
      --suspended <percent>    How many of those have a device that sleeps (default 10)
      --inside <minutes>       How long people stay inside, on average (default 5)
      --session <minutes>      How long a pass is good without a request (default 15)
      --burst <seconds>        For how long admissions that nobody took are saved up (default 3)
      --nodes <number>         How many processes share the store (default 8)
      --minutes <number>       How much time is simulated at most (default 60); the rest is reckoned
      --scenario <name>        Tries what is promised instead, beside its bounds: a name, all, or list for the names
      --quick                  Tries a part of each scenario, in seconds
      --seed <number>          What is left to chance; the same seed brings the same (default 1)
      --json                   Prints JSON

lottery verify
      --from <address|file>    What the room publishes, such as https://shop.example.com/.stanchion/tickets/lottery
      --number <number>        A registered number whose place is wanted, repeatable
      --place <number>         The place that it is said to have
      --commitment <digits>    The commitment as it was published before; without --from it is needed
      --beacon <text>          The beacon as it was published where it comes from; empty for none
      --people <number>        How many registered
      --secret-file <file>     The secret, where the room does not tell it; or --secret, or STANCHION_LOTTERY_SECRET
      --timeout-ms <number>    How long the answer may take (default 5000)
      --json                   Prints JSON

rooms
      [status] [room]          What the rooms are like now; the exit code is 1 where one is not well
      pause, resume, drain, sold-out, close [room]
      open [room] [time]       Opens it now, or at a time such as 2027-03-01T09:00:00Z
      rate [room] <number>     How many are let in a minute; tuned or held for a rate that follows the application
      capacity [room] <number> How many may be inside at once; unlimited for any number
      note [room] <text>       What those who wait are told; "" for nothing. The room may be left out where there is one only
      --board <address>        The address of roomBoard(), such as https://shop.example.com/.stanchion-board; or STANCHION_BOARD
      --secret-file <file>     One of its secrets; or STANCHION_BOARD_SECRET, or --secret with a warning
      --by <name>              Who wants it, for the log of changes; or STANCHION_BY (default the user's name)
      --revision <number>      Changes nothing where the room was changed since this revision
  -y, --yes                    Asks nobody once more, for scripts
      --timeout-ms <number>    How long one answer may take (default 5000)
      --json                   Prints JSON

serve
      --to <url>               Where the site is, such as http://localhost:3000
      --rate <number>          How many people come in a minute
      --capacity <number>      How many are inside at once
      --protect <path>         What the room protects, with all that is below it, repeatable (default all)
      --bypass <path>          What nobody waits for, with all that is below it, repeatable
      --assets <path>          A folder of files, repeatable (default what browsers load as files)
      --session-minutes <number> How long somebody stays inside after the last request (default 15)
      --opens-at <time>        When the room opens, such as 2027-03-01T09:00:00Z
      --store <url>            A Redis or Valkey that several gateways share; with a password better STANCHION_STORE
      --prefix <word>          What the names of the rooms begin with there (default stanchion)
      --provider <word>        Who decides: waiting-room, crowdhandler or queue-it (default waiting-room)
      --on-failure <word>      Newcomers while that cannot be asked: closed or open (default closed)
      --mode <word>            enforce, report or off (default enforce)
      --port, --host           Where visitors are served (default 8080, all addresses)
      --admin-port, --admin-host  Where health, metrics and board are (default 8081, 127.0.0.1)
      --admin-secret-file <file> Opens the board; or STANCHION_ADMIN_SECRET
      --room-key-file <file>   Signs tickets and passes; or STANCHION_ROOM_KEY
      --public-host <host>     A host under which visitors know the site, repeatable
      --trusted-proxies <list> How many proxies stand before it, or their addresses and CIDRs with commas between
      --forwarded-host         Those proxies write X-Forwarded-Host and -Proto anew, so that they count
      --origin-host <word>     Whose Host the site gets: visitor or origin (default visitor)
      --keep-header <name>     A header that the site gets though a visitor could claim something by it, repeatable
      --health-path <path>     A page by which it is found out whether the site is there (default a connection)
      --public-key, --private-key-file  For crowdhandler; or STANCHION_PUBLIC_KEY, STANCHION_PRIVATE_KEY
      --customer-id, --secret-key-file, --api-key-file  For queue-it; or STANCHION_SECRET_KEY, STANCHION_API_KEY
      --api-url, --waiting-room-url <url>  Where those services are, such as a sandbox; the second for crowdhandler
      --max-connections <number>, --max-origin-connections <number>  (default 10000, 256)
      --answer-seconds, --tunnel-minutes, --drain-seconds <number>   (default 60, 60, 30)
  -c, --config <file>          The same in a file (default stanchion.config.json or .ts, where there is one)
    Each option has a variable of the environment, such as STANCHION_RATE for --rate.

  -h, --help                   This text
  -v, --version                The version

Exit codes: 0 all is well, 1 faults, findings, problems, a promise that did not hold, an order that is not right
  or a room that is not well or was not changed, 2 wrong use

  curl -H 'api-key: …' https://example.queue-it.net/status/integrationconfig/secure/example | stanchion check -c -
  stanchion explain -c integrationconfig.json --url 'https://shop.example.com/tickets' -b 'a=1'
  STANCHION_PUBLIC_KEY=… stanchion doctor crowdhandler --url https://shop.example.com/tickets
  stanchion simulate --people 1000000 --within 5 --rate 600 --stay 60
  stanchion lottery verify --from https://shop.example.com/.stanchion/tickets/lottery --number 17
  STANCHION_BOARD_SECRET=… stanchion rooms pause tickets --board https://shop.example.com/.stanchion-board
  stanchion serve --to http://localhost:3000 --rate 60 --capacity 200`;

/** The part of it that is about one command; all of it where there is no such command. */
export function usageOf(name: string | undefined): string {
  const [, list = "", ...blocks] = usage.split("\n\n");
  const lines = list.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`  stanchion ${name} `));
  if (at === -1) return usage;
  // What is said to be as for another command is told with it.
  const told = name === "doctor" ? [name, "explain"] : [name ?? ""];
  const sections = blocks.filter((block) => titleOf(block).some((word) => told.includes(word)));
  const [options = "", exitCodes = "", examples = ""] = blocks.slice(-3);
  const own = examples.split("\n").filter((line) => line.includes(`stanchion ${name} `));
  const head = `Usage: ${lines[at]?.trim()}\n\n${lines[at + 1]?.trim()}`;
  return [head, ...sections, options, exitCodes, own.join("\n")].join("\n\n");
}

/** The words above what is set in. */
function titleOf(block: string): readonly string[] {
  const [first = ""] = block.split("\n");
  return first.startsWith(" ") || first.startsWith("Exit codes") ? [] : first.split(" ");
}
