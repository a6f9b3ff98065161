export function GET() {
  const headers = { "cache-control": "public, max-age=60", "set-cookie": "own=1" };
  return new Response("protected page", { headers });
}

export async function POST({ request }) {
  return new Response(`bought ${(await request.formData()).get("seat")}`);
}
