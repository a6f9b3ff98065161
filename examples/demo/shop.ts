/**
 * The shop of the demo, from the doors to the receipt. It knows nothing of the gate in front of it, and keeps nothing.
 *
 * @module
 */

import { Hono } from "hono";
import { html } from "hono/html";
import { type Motif, posterOf, style } from "./shop-look.ts";

/** A concert, with its prices in euros. */
interface Concert {
  readonly id: string;
  readonly motif: Motif;
  readonly title: string;
  readonly date: string;
  readonly text: string;
  readonly prices: Readonly<Record<Area, number>>;
}

type Area = "Stalls" | "Balcony" | "Gallery";

const concerts: readonly Concert[] = [
  {
    id: "quartet",
    motif: "strings",
    title: "The Night Quartet",
    date: "4 December, 20:00",
    text: "Schubert and Shostakovich by candlelight, with an interval for those who need one.",
    prices: { Stalls: 48, Balcony: 32, Gallery: 18 },
  },
  {
    id: "choir",
    motif: "choir",
    title: "Winter Choir",
    date: "11 December, 19:30",
    text: "Eighty voices, five centuries of carols, and one encore that everybody sings.",
    prices: { Stalls: 36, Balcony: 24, Gallery: 12 },
  },
  {
    id: "organ",
    motif: "organ",
    title: "Organ at Midnight",
    date: "31 December, 23:00",
    text: "The year goes out on 4,012 pipes. The doors close at a quarter to twelve.",
    prices: { Stalls: 60, Balcony: 40, Gallery: 24 },
  },
];

const mostTickets = 4;

/** What somebody buys. */
interface Order {
  readonly concert: Concert;
  readonly area: Area;
  readonly count: number;
}

/**
 * Makes the shop's application.
 *
 * @param leavePath Where a form is sent by which visitors give their place back; without it no page has one.
 * @returns The application.
 */
export function createShop(leavePath?: string): Hono {
  const shop = new Hono();
  const page = (title: string, content: unknown) => pageOf(title, content, leavePath);
  const missing = () => page("Not found", html`<h1>There is no such page</h1>${toAll}`);

  shop.get("/favicon.ico", (c) => c.body(null, 204));

  shop.get("/assets/style.css", (c) => c.text(style, 200, { "content-type": "text/css; charset=utf-8" }));

  shop.get("/", (c) => c.html(page("Tickets", cards())));

  shop.get("/tickets/:id", (c) => {
    const concert = concerts.find(({ id }) => id === c.req.param("id"));
    return concert === undefined ? c.html(missing(), 404) : c.html(page(concert.title, seats(concert)));
  });

  shop.get("/checkout", (c) => {
    const order = orderOf(c.req.query());
    return order === undefined ? c.html(missing(), 404) : c.html(page("Checkout", checkout(order)));
  });

  shop.post("/order", async (c) => {
    const { name = "", ...sent }: Record<string, unknown> = await c.req.parseBody();
    const order = orderOf(sent);
    if (order === undefined) return c.html(missing(), 404);
    const { concert: { id: concert }, area, count } = order;
    // Whoever reloads the receipt does not buy again.
    const query = { concert, area, count: String(count), name: String(name).slice(0, 60), to: numberOf() };
    return c.redirect(`/receipt?${new URLSearchParams(query)}`, 303);
  });

  shop.get("/receipt", (c) => {
    const order = orderOf(c.req.query());
    if (order === undefined) return c.html(missing(), 404);
    const { name = "", to = "" } = c.req.query();
    return c.html(page("Your tickets", receipt(order, name, to)));
  });

  shop.get(
    "/leave",
    (c) => c.html(page("Goodbye", html`<h1>You have given your place back</h1>${toAll}`)),
  );

  shop.notFound((c) => c.html(missing(), 404));
  return shop;
}

const toAll = html`<p><a href="/">All concerts</a></p>`;

function orderOf({ concert: id, area, count }: Readonly<Record<string, unknown>>): Order | undefined {
  const concert = concerts.find((each) => each.id === id);
  const tickets = Number(count);
  if (concert === undefined || !isArea(area) || !(tickets >= 1 && tickets <= mostTickets)) return undefined;
  return Number.isInteger(tickets) ? { concert, area, count: tickets } : undefined;
}

function isArea(text: unknown): text is Area {
  return text === "Stalls" || text === "Balcony" || text === "Gallery";
}

function numberOf(): string {
  return crypto.randomUUID().slice(0, 8).toUpperCase();
}

function euros(amount: number): string {
  return `€ ${amount.toFixed(2)}`;
}

function ticketsOf(count: number): string {
  return count === 1 ? "1 ticket" : `${count} tickets`;
}

function cards() {
  return html`
    <h1>The winter season at the Queen Victoria Hall</h1>
    <p class="soft">Three evenings. Four tickets per person, as long as there are some.</p>
    <ul class="cards">
      ${concerts.map(({ id, title, date, motif, prices }) =>
        html`<li class="card">${posterOf(motif)}<div>
        <h2><a href="/tickets/${id}">${title}</a></h2>
        <p class="soft">${date}</p><p>from ${euros(prices.Gallery)}</p></div></li>`
      )}
    </ul>
  `;
}

function seats({ id, motif, title, date, text, prices }: Concert) {
  return html`
    <div class="split">
      ${posterOf(motif)}
      <div>
        <h1>${title}</h1>
        <p class="soft">${date}</p>
        <p>${text}</p>
        <p>You are in, and you keep your place while you look around.</p>
        <form method="get" action="/checkout">
          <input type="hidden" name="concert" value="${id}">
          <fieldset><legend>Where would you like to sit?</legend>
          ${Object.entries(prices).map(([area, price], at) =>
            html`
              <label
                class="choice"><span><input type="radio" name="area" value="${area}" ${at === 1
                  ? "checked"
                  : ""}> ${area}</span><span>${euros(price)}</span></label>
            `
          )}
          </fieldset>
          <label class="field">How many?<select name="count">
          ${Array.from(
            { length: mostTickets },
            (_, at) => html`<option value="${at + 1}">${ticketsOf(at + 1)}</option>`,
          )}
          </select></label>
          <button>Buy a ticket</button>
        </form>
        ${toAll}
      </div>
    </div>
  `;
}

function checkout({ concert, area, count }: Order) {
  const total = euros(count * concert.prices[area]);
  return html`
    <h1>Nearly there</h1>
    <table>
      <tbody>
        <tr>
          <td>${concert.title}, ${concert.date}</td>
          <td></td>
        </tr>
        <tr>
          <td>${area}, ${ticketsOf(count)}</td>
          <td>${total}</td>
        </tr>
      </tbody>
    </table>
    <form method="post" action="/order">
      <input type="hidden" name="concert" value="${concert.id}">
      <input type="hidden" name="area" value="${area}">
      <input type="hidden" name="count" value="${count}">
      <label
        class="field">Name on the tickets<input name="name" autocomplete="name" maxlength="60" required></label>
      <p class="soft">This is a demo: nothing is charged, and nothing that you type leaves this machine.</p>
      <button>Pay ${total}</button>
    </form>
    ${toAll}
  `;
}

function receipt({ concert, area, count }: Order, name: string, number: string) {
  return html`
    <h1>Thank you${name === "" ? "" : `, ${name}`}</h1>
    <p>Order ${number}: ${ticketsOf(count)}, ${euros(
      count * concert.prices[area],
    )}. They are yours; see you at the hall.</p>
    ${Array.from(
      { length: count },
      (_, at) =>
        html`<div class="ticket"><div><h2>${concert.title}</h2><p>${concert.date}</p>
        <p class="soft">${area}, ticket ${at + 1} of ${count}</p></div><span class="code"></span></div>`,
    )}
    ${toAll}
  `;
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
    <header><a href="/">Queen Victoria Hall</a><span>Concerts since 1897</span></header>
    <main>${content}</main>
    ${leave}
  </body>
</html>`;
}
