import { Form, Link } from "react-router";

let bought = 0;

export function loader({ url }) {
  return { day: url.searchParams.get("day") ?? "1", bought };
}

export function action() {
  bought++;
  return {};
}

export default function Tickets({ loaderData }) {
  return (
    <>
      <h1>Tickets of day {loaderData.day}: INSIDE</h1>
      <p>Bought: {loaderData.bought}</p>
      <Form method="post">
        <button type="submit" id="form">Buy</button>
      </Form>
      <Form method="post" reloadDocument>
        <button type="submit" id="plain">Buy plainly</button>
      </Form>
      <Link id="home" to="/">Home</Link>
    </>
  );
}
