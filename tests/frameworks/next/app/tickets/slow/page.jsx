import { Suspense } from "react";

export const dynamic = "force-dynamic";

async function Late() {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return <p>late INSIDE</p>;
}

export default function Slow() {
  return (
    <>
      <p>first</p>
      <Suspense fallback={<p>wait</p>}>
        <Late />
      </Suspense>
    </>
  );
}
