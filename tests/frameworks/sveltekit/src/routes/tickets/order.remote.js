import { form } from "$app/server";
import { buy, count } from "./shop.js";

export const order = form("unchecked", () => {
  buy();
  return { bought: count() };
});
