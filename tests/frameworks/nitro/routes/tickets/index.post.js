export default async ({ req }) => `bought ${(await req.formData()).get("seat")}`;
