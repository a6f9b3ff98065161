import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { bodyForms, needleForms } from "../../../src/http/body-views.ts";

/** Whether an owner who looks for a text finds it in a body, or the body cannot be told. */
function finds(needle: string, body: string): boolean {
  const needles = needleForms(needle);
  return [...bodyForms(body)].some((form) =>
    form === undefined || needles.some((text) => form.text.includes(text))
  );
}

function isTold(body: string): boolean {
  return [...bodyForms(body)].every((form) => form !== undefined);
}

const head = 'Content-Disposition: form-data; name="action"';
const multipart = (headers: string, value = "checkout", end = "\r\n") =>
  `--x${end}${headers}${end}${end}${value}${end}--x--${end}`;

describe("bodyForms()", () => {
  const bodies: readonly (readonly [body: string, needles: readonly string[]])[] = [
    ["action[]=checkout", [
      "action=checkout",
      '"action":"checkout"',
      '"action":["checkout"]',
      "action[0]=checkout",
    ]],
    ["action%5B%5D=checkout", ["action=checkout", '"action":"checkout"', "action%5B%5D=checkout"]],
    ["action[7]=checkout", ["action[]=checkout", "action[0]=checkout", "action=checkout"]],
    ["order[action]=checkout", ["order.action=checkout", "action=checkout", '"order":{"action":"checkout"}']],
    ["order.action=checkout", [
      "order[action]=checkout",
      '"order":{"action":"checkout"}',
      "order_action=checkout",
    ]],
    ["order['action']=checkout", ["order[action]=checkout", '"action":"checkout"']],
    ["[action]=checkout", ["action=checkout", '"action":"checkout"']],
    [" action[]x=checkout", ["action=checkout", '"action":"checkout"']],
    ["action%00x=checkout", ["action=checkout", '"action":"checkout"']],
    ["action:string=checkout", ["action=checkout", '"action":"checkout"']],
    ["!action=checkout", ['"action":"checkout"']],
    ["my action=checkout", ["my_action=checkout", '"my_action":"checkout"']],
    ["my[action=checkout", ["my_action=checkout"]],
    ["my.action[]=checkout", [
      '"my_action":"checkout"',
      '"my.action":"checkout"',
      '"my.action":["checkout"]',
    ]],
    ["[my][action]x=checkout", ['"my":{"action":"checkout"}']],
    [`${"a".repeat(300)}[action]=checkout`, ["action=checkout", '"action":"checkout"']],
    [`action[${"a".repeat(300)}=checkout`, ["action=checkout", '"action":"checkout"']],
    ["x=1;action=checkout;y=2", ['"action":"checkout"']],
    ["x=1&action=a;b&y=2", ['"action":"a;b"']],
    ["qty=12&ok=true&none=null&name=a", [
      '"qty":12,',
      '"qty":"12"',
      '"ok":true',
      '"none":null',
      '"name":"a"',
    ]],
    ["qty=1.20e1", ["qty=12", '"qty":12}']],
    ['{"order":{"lines":[{"sku":"a"},{"sku":"b"}]}}', [
      "sku=b",
      "order.lines.sku=b",
      "order[lines][0][sku]=b",
    ]],
    ['{"a":"{\\"action\\":\\"checkout\\"}"}', ["action=checkout"]],
    ['payload={"action":1.0}', ["action=1", "action.0=1", "payload.action=1"].slice(0, 1)],
    ['{"action":"x","action":"checkout","action":"y"}', ["action=checkout"]],
    ['{"a":{"b":1},"c":2,"d":[3,{"e":4}]', ["a.b=1", "c=2", "d=3", "d.e=4", "d[][e]=4"]],
    [multipart(head), ["action=checkout", '"action":"checkout"']],
    [multipart(`content-disposition:form-data;filename="a;b.txt"; name=action;`), ["action=checkout"]],
    [multipart(`Content-Type: text/plain\r\n${head}; filename="a.txt"`), ['"action":"checkout"']],
    [multipart('Content-Disposition: form-data; name="order[action]"'), ['"order":{"action":"checkout"}']],
    [multipart('Content-Disposition: form-data; name="%61ction"'), ["action=checkout"]],
    [multipart(head, "checkout", "\n"), ['"action":"checkout"']],
    [multipart(head, '{"deep":{"sku":1}}'), ["deep.sku=1"]],
    [multipart(head, "checkout\r\n--y\r\n"), ['"action":"checkout"']],
    [`\r\n${multipart(head)}`, ['"action":"checkout"']],
    ["a=[action]=checkout", ['"action":"checkout"']],
  ];
  for (const [body, needles] of bodies) {
    test(`bodyForms() has the fields of ${JSON.stringify(body.slice(0, 60))} in every notation`, () => {
      assert.ok(isTold(body));
      for (const needle of needles) assert.ok(finds(needle, body), needle);
    });
  }

  test("bodyForms() keeps each field by itself as it is, so that expressions and equality find it", () => {
    const texts = (body: string) => [...bodyForms(body)].map((form) => form?.text);
    assert.ok(texts(multipart(head)).includes("action=checkout"));
    assert.ok(texts(multipart(head)).includes('{"action":"checkout"}'));
    assert.ok(texts("a[b]=1&c=2").includes("a.b=1&c=2"));
    assert.ok(texts("a=1&c=x").includes('{"a":"1","c":"x"}'));
    assert.ok(texts("a=1&c=x").includes('{"a":1,"c":"x"}'));
    assert.ok(texts('{"a":{"b":[1]},"c":2}').includes("a.b=1&c=2"));
    assert.ok(texts('{"a":{"b":[1]},"c":2}').includes("a[b][]=1&c=2"));
  });

  test("bodyForms() tells which forms are of the whole body", () => {
    assert.deepEqual([...bodyForms("a=%31")].map((form) => [form?.text, form?.sent, form?.isReading]), [
      ["a=%31", "a=%31", true],
      ["a=1", "a=%31", true],
      ["a=1", "a=%31", false],
      ['{"a":"1"}', "a=%31", false],
      ['{"a":1}', "a=%31", false],
    ]);
  });

  const untold: readonly string[] = [
    multipart("Content-Disposition: form-data; name*=utf-8''action"),
    multipart('Content-Disposition: form-data; name*0="act"; name*1="ion"'),
    multipart('Content-Disposition: form-data; name="a"; name="action"'),
    multipart('Content-Disposition: form-data; name="a\\ction"'),
    multipart("Content-Disposition: form-data; name='action'"),
    multipart('Content-Disposition: form-data; name="action;a"'),
    multipart('Content-Disposition: form-data; filename="a; name=action"; name="b"'),
    multipart('Content-Disposition: form-data; name="=?utf-8?q?action?="'),
    multipart('Content-Disposition: form-data;\r\n name="action"'),
    multipart('Content-Disposition: form-data; name ="action"'),
    multipart("Content-Disposition: form-data"),
    multipart(`${head}\r\n${head}`),
    multipart(`${head}\r\nnonsense`),
    `--x\r\n${head}\r\n\r\ncheckout\r\n`,
    `--x${head}\r\n\r\ncheckout\r\n--x--`,
    `preamble\r\n${multipart(head)}`,
    `--y\r\n\r\n${multipart(head)}`,
    `--y\r\n${head}\r\n\r\n${multipart(head)}\r\n--y--`,
    `${multipart(head)}\r\n--y\r\n${head}\r\n\r\nz`,
    `--x\r\n${head}\r\n\r\na\r\n--xy\r\n${head}\r\n\r\nb\r\n--x--`,
    `--\r\n${head}\r\n\r\na\r\n----`,
    multipart(head).replaceAll("\r\n", "\r"),
    '{"n":1e400}',
    `[${"9".repeat(310)}]`,
    `[${"1e308,".repeat(2000)}1]`,
    `{"a":`.repeat(5000) + "1" + ',"a":1}'.repeat(3000),
    "a[]=1&".repeat(3000),
    Array.from(
      { length: 600 },
      (_, at) => `a${at}[b]=1`.replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? ""),
    ).join("&"),
  ];
  for (const body of untold) {
    test(`bodyForms() has one that cannot be had for ${JSON.stringify(body.slice(0, 90))}`, () => {
      assert.ok(!isTold(body));
    });
  }

  test("bodyForms() can tell what browsers and usual clients send", async () => {
    const form = new FormData();
    form.append("title", "a Content-Disposition: x\r\n-- \r\n--a");
    form.append("größe[]", "ä\"'");
    form.append("a b", "1");
    form.append("file", new File(["--\r\nbinary \u0001"], "a;b.txt", { type: "text/plain" }));
    const usual = [
      await new Response(form).text(),
      "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=a; filename=x; filename*=utf-8''x%20\r\n\r\n\r\n--b--\r\n",
      JSON.stringify({ list: Array.from({ length: 4000 }, (_, at) => at / 8) }),
      JSON.stringify({ html: '<a href="?a=1&amp;b=2">x</a>'.repeat(1500) }),
      Array.from({ length: 900 }, (_, at) => `items[${at}][qty]=1`).join("&"),
      Array.from({ length: 3000 }, (_, at) => `item${at}=1`).join("&"),
      JSON.stringify({ n: [1e21, 5e-324, 1.7976931348623157e308, 12345678901234567890n.toString()] }),
    ];
    for (const body of usual) assert.ok(isTold(body), body.slice(0, 90));
    assert.ok(
      !finds("action=checkout", usual.join("\n").slice(0, 9000)) || !isTold(usual.join("\n").slice(0, 9000)),
    );
  });
});

test("needleForms() has the text as it is first, then without its own escapes, blanks and places in lists", () => {
  assert.deepEqual(needleForms("action=checkout"), ["action=checkout"]);
  assert.deepEqual(needleForms("a%5B0%5D=x+y"), ["a%5B0%5D=x+y", "a[0]=x y", "a[]=x y"]);
  assert.deepEqual(needleForms('"a" : 1.0'), ['"a" : 1.0', '"a":1']);
  assert.deepEqual(needleForms('"a":1e999'), ['"a":1e999']);
  assert.deepEqual(needleForms(" "), [" "]);
});
