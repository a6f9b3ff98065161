import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isDataPath, pageOfData, pagesOfData, pathsOfData } from "../../../src/url/data-pages.ts";
import { readingsOf } from "../../../src/url/readings.ts";
import { growth } from "../../support/growth.ts";

/** Paths of data, and the pages that they may be of. */
const table: readonly (readonly [path: string, ...pages: string[]])[] = [
  ["/tickets.data", "/tickets"],
  ["/tickets/_.data", "/tickets"],
  ["/_root.data", "/"],
  ["/_.data", "/"],
  ["/TICKETS.Data", "/TICKETS"],
  ["/tickets.rsc", "/tickets"],
  ["/tickets.prefetch.rsc", "/tickets"],
  ["/index.rsc", "/"],
  ["/tickets.segments/_tree.segment.rsc", "/tickets"],
  ["/index.segments/a/b.segment.rsc", "/"],
  ["/_next/data/build/tickets.json", "/tickets"],
  ["/_next/data/build/index.json", "/"],
  ["/_next/data/build/en/tickets.json", "/en/tickets", "/tickets"],
  ["/_next/data/build/pt-BR.json", "/pt-BR", "/"],
  ["/shop/_next/data/build/tickets/a.json", "/shop/tickets/a"],
  // A letter that is longer in lower case.
  ["/\u0130/_next/data/build/tickets.json", "/\u0130/tickets"],
  ["/tickets/__data.json", "/tickets"],
  ["/__data.json", "/"],
  ["/tickets.html__data.json", "/tickets", "/tickets.html"],
  ["/tickets/__route.js", "/tickets"],
  ["/tickets/_payload.json", "/tickets"],
  ["/_payload.js", "/"],
  ["/tickets/q-data.json", "/tickets"],
  ["/tickets/q-loader-a1.json", "/tickets"],
  ["/page-data/tickets/page-data.json", "/tickets"],
  ["/page-data/index/page-data.json", "/"],
  ["/assets/data/tickets/index.json", "/tickets"],
  ["/assets/data/tickets.json", "/tickets"],
  ["/tickets/index.pageContext.json", "/tickets"],
  ["/tickets.turbo_stream", "/tickets"],
  ["/RSC/tickets.txt", "/tickets"],
  ["/RSC/R/tickets.txt", "/R/tickets", "/tickets"],
];

test("pathsOfData() knows the pages whose data the routers of frameworks ask for", () => {
  for (const [path, ...pages] of table) {
    assert.deepEqual(pathsOfData(path), pages, path);
    assert.ok(isDataPath(path), path);
  }
});

test("pathsOfData() takes nothing else for data of a page", () => {
  const others =
    "/ /tickets /tickets.json /tickets.html /data /a.b/tickets /.data/tickets /page-data/app-data.json " +
    "/_next/static/a.js /robots.txt /tickets.rsc.js /segments/a.rsc.png";
  for (const path of others.split(" ")) assert.deepEqual(pathsOfData(path), [], path);
});

test("pagesOfData() leaves host and query as they are, and is not misled by dots in them", () => {
  assert.deepEqual(pagesOfData("https://a.example/tickets.data?x=1.data"), [
    "https://a.example/tickets?x=1.data",
  ]);
  for (
    const url of [
      "https://a.data",
      "https://a.data/",
      "https://a.data/tickets",
      "https://a.example/t?u=/b.data",
    ]
  ) {
    assert.deepEqual(pagesOfData(url), [], url);
  }
});

test("pageOfData() is the page to come back to, without what only a router says", () => {
  const back = pageOfData("https://a.example/tickets.data?_routes=routes%2Ftickets&day=3");
  assert.equal(back, "https://a.example/tickets?day=3");
  assert.equal(pageOfData("https://a.example/tickets?_rsc=1"), "https://a.example/tickets?_rsc=1");
});

test("readingsOf() has the page among the forms of its data, and what was given last", () => {
  for (const [path, ...pages] of table) {
    const url = `https://a.example${path}`;
    const forms = readingsOf(url);
    assert.equal(forms.at(-1), url);
    for (const page of pages) assert.ok(forms.includes(`https://a.example${page}`), `${path} is ${page}`);
  }
  for (
    const odd of [
      "/tickets%2edata",
      "//tickets.data",
      "/a/../tickets.data",
      "/tickets.data;v=1",
      "/tickets.data/",
    ]
  ) {
    assert.ok(readingsOf(`https://a.example${odd}`).includes("https://a.example/tickets"), odd);
  }
});

test("pathsOfData() takes no longer than the path is long", () => {
  const units =
    "/rsc/ /_next/data/ .segments/ /page-data/ /assets/data/ /q-loader- /index /_root .html__data.json / a.prefetch";
  const ends = [".data", ".txt", ".rsc", ".segment.rsc", "/page-data.json", ".json"];
  const read = (length: number) => {
    for (const unit of units.split(" ")) {
      for (const end of ends) pathsOfData(`/tickets${unit.repeat(length / unit.length)}${end}`);
    }
  };
  assert.ok(growth(read, 20, 1000) < 20);
});
