import { Suspense } from "react";
import { Await } from "react-router";

export function loader() {
  return { late: new Promise((resolve) => setTimeout(() => resolve("late INSIDE"), 1500)) };
}

export default function Slow({ loaderData }) {
  return (
    <>
      <p>first</p>
      <Suspense fallback={<p>wait</p>}>
        <Await resolve={loaderData.late}>{(late) => <p>{late}</p>}</Await>
      </Suspense>
    </>
  );
}
