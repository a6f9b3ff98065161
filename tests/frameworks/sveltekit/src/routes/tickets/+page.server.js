import { buy, count } from "./shop.js";

export function load({ url, setHeaders }) {
  setHeaders({ "cache-control": "public, s-maxage=60" });
  return { day: url.searchParams.get("day") ?? "1", bought: count() };
}

export const actions = {
  buy() {
    buy();
    return { bought: count() };
  },
};
