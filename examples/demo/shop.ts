/**
 * The shop of the demo: three pages that know nothing of the gate in front of them.
 *
 * @module
 */

import { Hono } from "hono";
import { html } from "hono/html";

const concerts = [
  { id: "quartet", title: "The Night Quartet", date: "4 December, 20:00", price: "€ 32" },
  { id: "choir", title: "Winter Choir", date: "11 December, 19:30", price: "€ 24" },
  { id: "organ", title: "Organ at Midnight", date: "31 December, 23:00", price: "€ 40" },
] as const;

/**
 * Makes the shop's application.
 *
 * @param leavePath Where a form is sent by which visitors give their place back; without it no page has one.
 * @returns The application.
 */
export function createShop(leavePath?: string): Hono {
  const shop = new Hono();
  const page = (title: string, content: unknown) => pageOf(title, content, leavePath);

  shop.get("/favicon.ico", (c) => c.body(null, 204));

  shop.get("/assets/style.css", (c) => c.text(style, 200, { "content-type": "text/css; charset=utf-8" }));

  shop.get("/", (c) =>
    c.html(page(
      "Tickets",
      html`
        <h1>Tickets for the Queen Victoria Hall</h1>
        <ul>
          ${concerts.map(({ id, title, date }) =>
            html`<li><a href="/tickets/${id}">${title}</a> <span>${date}</span></li>`
          )}
        </ul>
      `,
    )));

  shop.get("/tickets/:id", (c) => {
    const concert = concerts.find(({ id }) => id === c.req.param("id"));
    if (concert === undefined) return c.notFound();
    return c.html(page(
      concert.title,
      html`
        <h1>${concert.title}</h1>
        <p>${concert.date}, ${concert.price}</p>
        <p>You are in, and you keep your place while you look around.</p>
        <form method="post" action="/order"><button name="concert" value="${concert
          .id}">Buy a ticket</button></form>
        <p><a href="/">All concerts</a></p>
      `,
    ));
  });

  shop.post("/order", (c) =>
    c.html(page(
      "Thank you",
      html`
        <h1>Thank you</h1>
        <p>Your ticket is on its way.</p>
        <p><a href="/">All concerts</a></p>
      `,
    )));

  shop.get("/leave", (c) =>
    c.html(page(
      "Goodbye",
      html`
        <h1>You have given your place back</h1>
        <p><a href="/">All concerts</a></p>
      `,
    )));

  shop.notFound((c) =>
    c.html(
      page(
        "Not found",
        html`
          <h1>There is no such page</h1>
          <p><a href="/">All concerts</a></p>
        `,
      ),
      404,
    )
  );
  return shop;
}

function pageOf(title: string, content: unknown, leavePath: string | undefined) {
  const leave = leavePath === undefined ? "" : html`
    <footer>
      <form method="post" action="${leavePath}"><button>Leave the shop</button></form>
    </footer>
  `;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Queen Victoria Hall</title>
    <link rel="stylesheet" href="/assets/style.css">
  </head>
  <body>
    <header><a href="/">Queen Victoria Hall</a></header>
    <main>${content}</main>
    ${leave}
  </body>
</html>`;
}

const style = `
:root { color-scheme: light dark; --ink: #1f1a1b; --paper: #fbf8f1; --red: #8f1d35; }
@media (prefers-color-scheme: dark) { :root { --ink: #f3ece2; --paper: #1c1718; --red: #f0899b; } }
body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 40rem; font: 1.1rem/1.6 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
header a { font-weight: 700; color: inherit; text-decoration: none; }
h1 { font: 400 2.4rem/1.2 Georgia, serif; }
a { color: var(--red); }
ul { padding: 0; list-style: none; }
li { padding: .75rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
li span { float: right; opacity: .75; }
button { font: inherit; font-weight: 700; padding: .6rem 1.4rem; border: 0; border-radius: 2rem;
  color: var(--paper); background: var(--red); cursor: pointer; }
footer button { color: inherit; background: none; border: 1px solid currentColor; font-weight: 400; }
footer { margin-top: 3rem; }
:focus-visible { outline: 3px solid var(--red); outline-offset: 3px; }
`;
