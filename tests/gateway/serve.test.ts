import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromEnvironment, unknownVariables } from "../../cli/serve/options.ts";
import { open, page } from "./_gateway.ts";
import { answering, startOrigin } from "./_wire.ts";

const shop = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nshop";
const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** The command as a process of its own, with what it wrote. */
interface Served {
  readonly signal: (name: "SIGTERM" | "SIGINT" | "SIGHUP") => void;
  readonly text: () => string;
  /** Waits until what it wrote matches, and gives the first group. */
  readonly until: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<number | null>;
}

function serve(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Served {
  const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const child = spawn(process.execPath, [...runtime, main, "serve", ...args], {
    cwd,
    env: { ...process.env, STANCHION_ADMIN_SECRET: "a-secret-of-the-tests", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (piece) => {
      text += piece;
      for (const look of waiting) look();
    });
  }
  const ended = once(child, "close").then(([code]) => {
    for (const look of waiting) look();
    // Node tells the code, or null where a signal ended it.
    return code as number | null;
  });
  return {
    // Deno takes a child that it was told to kill for one that a signal ended.
    signal: (name) => void process.kill(child.pid ?? 0, name),
    text: () => text,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(text);
          if (found === null && child.exitCode === null) return;
          waiting.delete(look);
          if (found === null) reject(new Error(`It ended without ${pattern}: ${text}`));
          else resolve(found[1] ?? "");
        };
        waiting.add(look);
        look();
      }),
  };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-serve-"));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(address: string, text: string): Promise<string> {
  const { closed, got } = await open(address, text);
  await closed;
  return got();
}

const ports = ["--port", "0", "--admin-port", "0", "--host", "127.0.0.1"];

test("stanchion serve lets people in, tells where it is, and ends in order with what is under way", async () => {
  const origin = await startOrigin();
  await inFolder(async (folder) => {
    const served = serve(["--to", `http://127.0.0.1:${origin.port}`, "--rate", "600", ...ports], folder);
    const address = await served.until(/served at http:\/\/(\S+), by waiting-room\./);
    const admin = await served.until(/The board is at http:\/\/(\S+)\/board\./);
    assert.match(
      await ask(admin, `GET /readyz HTTP/1.1\r\nHost: ${admin}\r\nConnection: close\r\n\r\n`),
      / 200 /,
    );
    const client = await open(address, page("/"));
    const { until, socket } = await origin.next();
    await until("\r\n\r\n");
    served.signal("SIGTERM");
    await served.until(/It stops/);
    socket.write(shop);
    await client.closed;
    assert.match(client.got(), /shop$/);
    assert.equal(await served.ended, 0, served.text());
  });
  await origin.close();
});

test("stanchion serve ends at once when it is told twice", async () => {
  const origin = await startOrigin();
  await inFolder(async (folder) => {
    const served = serve(["--to", `http://127.0.0.1:${origin.port}`, "--rate", "600", ...ports], folder);
    const address = await served.until(/served at http:\/\/(\S+),/);
    const client = await open(address, page("/"));
    await (await origin.next()).until("\r\n\r\n");
    served.signal("SIGINT");
    await served.until(/It stops/);
    served.signal("SIGINT");
    assert.equal(await served.ended, 130, served.text());
    await client.closed;
  });
  await origin.close();
});

test("stanchion serve takes a changed file, by itself and at SIGHUP, and keeps the last good one", async () => {
  const origin = await startOrigin(answering(shop));
  await inFolder(async (folder) => {
    const file = join(folder, "stanchion.config.json");
    const write = (config: object) => {
      writeFileSync(
        `${file}.new`,
        JSON.stringify({ to: `http://127.0.0.1:${origin.port}`, port: 0, adminPort: 0, ...config }),
      );
      renameSync(`${file}.new`, file);
    };
    write({ rate: 0, mode: "off" });
    const served = serve(["--host", "127.0.0.1"], folder);
    const address = await served.until(/served at http:\/\/(\S+),/);
    assert.match(await ask(address, page("/")), /shop$/);
    write({ rate: "many" });
    await served.until(/the last good one stays in force\. stanchion\.config\.json: "rate" must be a number/);
    assert.match(await ask(address, page("/")), /shop$/);
    write({ rate: 0 });
    await served.until(/(The new configuration is in force)/);
    assert.match(await ask(address, page("/")), /^HTTP\/1\.1 503 /);
    served.signal("SIGHUP");
    await served.until(/in force[\s\S]*in force\.\n/);
    served.signal("SIGTERM");
    assert.equal(await served.ended, 0, served.text());
  });
  await origin.close();
});

test("stanchion serve takes a configuration in TypeScript, and the environment before it", async () => {
  const origin = await startOrigin(answering(shop));
  await inFolder(async (folder) => {
    writeFileSync(
      join(folder, "stanchion.config.ts"),
      `const rate: number = 600;\nexport default { to: "http://127.0.0.1:${origin.port}", port: 0, adminPort: 0, rate, mode: "off" as const };\n`,
    );
    const served = serve([], folder, {
      STANCHION_MODE: "enforce",
      STANCHION_PROTECT: "/a,/b",
      STANCHION_RATE: "0",
    });
    const address = await served.until(/served at http:\/\/(\S+),/);
    assert.match(await ask(address, page("/b/c")), /^HTTP\/1\.1 503 /);
    assert.match(await ask(address, page("/c")), /shop$/);
    served.signal("SIGTERM");
    assert.equal(await served.ended, 0, served.text());
  });
  await origin.close();
});

/** Wrong uses, with what is said. */
const wrong: readonly (readonly [args: string, said: RegExp])[] = [
  ["", /Where is the site\? --to http:\/\/localhost:3000/],
  ["--to x --rate 1", /--to: "to" must be the address of the site without a path, .* received "x"/],
  ["--to http://a", /"rate" or "capacity" is needed/],
  ["--to http://a --rate -5", /--rate: "rate" must be a number from 0 to 600000, received "-5"/],
  [
    "--to http://a --rate 1 --port 9 --admin-port 9",
    /"adminPort" must be another one than "port", .* both are 9/,
  ],
  [
    "--to http://localhost:8080 --rate 1",
    /^--to: "to" must be where the site is, .* "port" is 8080\..* received "http:\/\/localhost:8080"/m,
  ],
  ["--to http://127.0.0.1:8081/ --rate 1", /^--to: "to" must be where the site is, .* "adminPort" is 8081/m],
  [
    "--to http://a --rate 1 --room-key short",
    /^The room key must have 32 .*, and --room-key has a text of 5 /m,
  ],
  ["--to http://a --rate many", /--rate: "rate" must be a number from 0 to 600000, received "many"/],
  [
    "--to http://a --rate 1 --keep-header X:Y",
    /--keep-header: "keepHeaders.0" must be the name of a header, .* received "X:Y"/,
  ],
  ["--to http://a --rate 1 --mode on", /--mode: "mode" must be enforce or report or off, received "on"/],
  ["--to http://a --rate 1 --prot 1", /serve has no option --prot; did you mean --port\?/],
  ["http://a", /What is "http:\/\/a"\? did you mean --to http:\/\/a\?/],
  ["--to http://a --provider queue-it", /"customerId" is needed for Queue-it/],
  ["--config nowhere.json", /^nowhere\.json cannot be read: there is no such file$/m],
  ["--config nowhere.ts", /^nowhere\.ts cannot be read: there is no such file$/m],
  [
    "--to http://a --rate 1 --forwarded-host",
    /^--forwarded-host, or .* must be given together with --trusted-proxies/m,
  ],
  ["--to http://ann:hidden@a --rate 1", /^--to: "to" must be (?!.*hidden).* received "…@a"$/m],
  [
    "--to http://a:99999 --rate 1",
    /--to: "to" must be an address .* port up to 65535, received "http:\/\/a:99999"/,
  ],
  ["--to http://a --rate 1 --store redis://:hidden@a:99999", /^--store: "store" must be (?!.*hidden)/m],
  [
    "--to http://a --rate 1 --store redis://:hidden@a/shop",
    /^--store: "store" must end with the number of a database, (?!.*hidden)/m,
  ],
  [
    "--to http://a --rate 1 --host 192.0.2.1",
    /This machine has no such address .* choose one of its own by --host/,
  ],
];

test("fromEnvironment() lets a variable switch off what a file switches on", () => {
  const env = (value: string) => (name: string) => name === "STANCHION_FORWARDED_HOST" ? value : undefined;
  assert.deepEqual(fromEnvironment(env("false")).values, { forwardedHost: false });
  assert.deepEqual(fromEnvironment(env("true")).values, { forwardedHost: true });
});

test("stanchion serve says what is wrong, with the value and what to do", async () => {
  await inFolder(async (folder) => {
    const all = wrong.map(async ([args, said]) => {
      const served = serve(args.split(" ").filter((word) => word !== ""), folder);
      assert.equal(await served.ended, 2, served.text());
      assert.match(served.text(), said);
    });
    await Promise.all(all);
  });
});

test("stanchion serve says that a site speaks no TLS, and what its address would be", async () => {
  const site = createServer((_, response) => void response.end("shop"));
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  // Only a server of a socket file has a text.
  const { port } = site.address() as AddressInfo;
  try {
    await inFolder(async (folder) => {
      const served = serve(["--to", `https://127.0.0.1:${port}`, "--rate", "600", ...ports], folder);
      const address = await served.until(/served at http:\/\/(\S+), by waiting-room\./);
      assert.match(await ask(address, page("/")), / 502 /);
      const why = await served.until(/gave no answer: (.*)\.\n/);
      assert.match(
        why,
        new RegExp(`^no TLS comes about \\(.+\\); without TLS its address is http://127.0.0.1:${port}$`),
      );
      served.signal("SIGINT");
      assert.equal(await served.ended, 0);
    });
  } finally {
    site.close();
  }
});

test("stanchion serve says which configuration it reads where there are two", async () => {
  await inFolder(async (folder) => {
    for (const name of ["stanchion.config.json", "stanchion.config.js"]) {
      writeFileSync(join(folder, name), "{}");
    }
    const served = serve([], folder);
    assert.equal(await served.ended, 2, served.text());
    assert.match(
      served.text(),
      /^stanchion\.config\.json is read, and not stanchion\.config\.js; --config names another one$/m,
    );
  });
});

test("unknownVariables() says which variable was meant, and nothing of those that are known or not ours", () => {
  const known = ["STANCHION_RATE", "STANCHION_ADMIN_SECRET", "STANCHION_BOARD", "PATH", "STANCHIONS"];
  assert.deepEqual(unknownVariables(known), []);
  assert.deepEqual(unknownVariables(["STANCHION_CAPACTIY", "STANCHION_ROOMKEY", "STANCHION_SERVICE_HOST"]), [
    "No option has the variable STANCHION_CAPACTIY, which changes nothing; did you mean STANCHION_CAPACITY?",
    "No option has the variable STANCHION_ROOMKEY, which changes nothing; did you mean STANCHION_ROOM_KEY?",
    "No option has the variable STANCHION_SERVICE_HOST, which changes nothing; stanchion serve --help has all options",
  ]);
});

test("stanchion serve says which variable holds a secret that cannot be used", async () => {
  await inFolder(async (folder) => {
    for (
      const [value, said] of [["abc", /STANCHION_ADMIN_SECRET has a text of 3 characters/], [
        "",
        /STANCHION_ADMIN_SECRET/,
      ]] as const
    ) {
      const served = serve(["--to", "http://127.0.0.1:9", "--rate", "1"], folder, {
        STANCHION_ADMIN_SECRET: value,
      });
      assert.equal(await served.ended, 2);
      assert.match(served.text(), said);
    }
  });
});

test("stanchion serve points out a misspelt variable, and not its value", async () => {
  await inFolder(async (folder) => {
    const served = serve(["--to", "http://127.0.0.1:9"], folder, { STANCHION_RAET: "hidden" });
    assert.equal(await served.ended, 2);
    assert.match(served.text(), /the variable STANCHION_RAET, .*did you mean STANCHION_RATE\?/);
    assert.doesNotMatch(served.text(), /hidden/);
  });
});
