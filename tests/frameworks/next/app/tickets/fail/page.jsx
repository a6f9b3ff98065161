export const dynamic = "force-dynamic";

export default function Fail() {
  throw new Error("broken");
}
