export function loader() {
  throw new Error("broken");
}

export default function Fail() {
  return <p>never</p>;
}
