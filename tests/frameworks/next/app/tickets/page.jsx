import Link from "next/link";
import { buy } from "./buy.js";
import { Buyer } from "./buyer.jsx";

const shop = globalThis.shopOfTheTest ??= { bought: 0 };

export default async function Tickets({ searchParams }) {
  const { day = "1" } = await searchParams;
  return (
    <>
      <h1>Tickets of day {day}: INSIDE</h1>
      <p>Bought: {shop.bought}</p>
      <form action={buy}>
        <button type="submit" id="form">Buy</button>
      </form>
      <Buyer buy={buy} />
      <Link id="home" href="/">Home</Link>
    </>
  );
}
