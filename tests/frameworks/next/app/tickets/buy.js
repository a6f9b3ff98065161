"use server";

import { revalidatePath } from "next/cache";

const shop = globalThis.shopOfTheTest ??= { bought: 0 };

// deno-lint-ignore require-await -- Next takes asynchronous functions only
export async function buy() {
  shop.bought++;
  // The test looks for this line.
  console.log("the application sold");
  revalidatePath("/tickets");
}
